"""Circles are permutations cut into cells: symmetric, complete, and never beyond their range."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.people import cells
from reference.people import permute as slow_permute
from worlds import lived, scheme

from glasscity import columns as c
from glasscity.kernels import circles
from glasscity.kernels.draws import address
from glasscity.world.population import pattern

WORDS = st.integers(0, 2**64 - 1)
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=8).map(tuple)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 9, 100, 1000, 4095, 4096, 4097])
def test_permute__is_a_bijection_with_an_inverse(n):
    word = np.uint64(0x1234_5678_9ABC_DEF0)
    image = [int(circles.permute(word, n, x)) for x in range(n)]
    assert sorted(image) == list(range(n))
    assert [int(circles.unpermute(word, n, y)) for y in image] == list(range(n))


@given(WORDS, st.integers(1, 2**31), st.integers(0, 2**31))
def test_permute__is_undone_by_its_inverse_in_any_range(word, n, x):
    with np.errstate(over="ignore"):
        y = int(circles.permute(np.uint64(word), n, x % n))
        assert 0 <= y < n
        assert int(circles.unpermute(np.uint64(word), n, y)) == x % n


@given(WORDS, st.integers(1, 300), st.integers(0, 299))
def test_permute__agrees_with_unbounded_integers(word, n, x):
    with np.errstate(over="ignore"):
        assert int(circles.permute(np.uint64(word), n, x % n)) == slow_permute(word, n, x % n)


@given(SIZES, st.integers(1, 300))
def test_cell__cuts_the_range_as_the_pattern_says(sizes, n):
    found = [tuple(map(int, circles.cell(pattern(sizes), position, n))) for position in range(n)]
    assert found == cells(sizes, n)


@pytest.mark.parametrize("circle", [c.HOUSEHOLD, c.STREET, c.WORK, c.CHAT, c.PARTY_CELL])
def test_mate__is_somebody_else_of_the_same_circle_and_role(circle):
    """All members of a cell of the same role are reached, and nobody else: ties are symmetric."""
    city = lived(scheme(), 3000, 0)
    shape = pattern(getattr(city.resolved.population.circles, c.CIRCLES[circle]).sizes)
    key, d, n = city.set_up_keys[c.S_CIRCLE], 2, int(city.layout.sizes[2])
    first, traits = int(city.layout.first_slot[2]), city.world.traits
    page = 0 if circle in (c.HOUSEHOLD, c.STREET) else c.WHOLE_DISTRICT
    word = np.uint64(circles.circle_word(key, d, page, circle))
    cell_of = [int(circles.cell(shape, int(circles.permute(word, n, rank)), n)[0]) for rank in range(n)]
    role_of = [int(circles.role(np.int64(traits[first + rank]), circle)) for rank in range(n)]
    met = {
        rank: {
            int(circles.mate(key, circle, shape, d, first, n, rank, traits, v)) - first
            for v in range(0, 2**32, 2**32 // 256)
        }
        for rank in range(0, n, 7)
    }
    for rank, mates in met.items():
        same = {x for x in range(n) if x != rank and cell_of[x] == cell_of[rank] and role_of[x] == role_of[rank]}
        assert mates == ({-1 - first} if not same or role_of[rank] == 0 else same)


def test_circles__are_keyed_by_district_page_and_kind():
    key = np.uint64(99)
    words = [int(circles.circle_word(key, d, page, k)) for d in range(3) for page in range(3) for k in range(5)]
    assert len(set(words)) == len(words)
    assert int(address(1, 2)) != int(address(2, 1))


def test_permute__spreads_neighbours_over_the_range():
    """Mean distance of the images of neighbours is a third of the range: n/3 +- 5 * 0.24 n / sqrt(n)."""
    n, word = 4096, np.uint64(7)
    image = np.array([int(circles.permute(word, n, x)) for x in range(n)])
    mean = np.abs(np.diff(image)).mean()
    assert abs(mean - n / 3) < 5 * 0.24 * n / np.sqrt(n)
    assert Counter(np.diff(image).tolist()).most_common(1)[0][1] < n / 20
