"""The generator against its published outputs, and the addresses of draws against committed values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.draws import draw as slow_draw
from reference.draws import stream_key as slow_key

from glasscity import columns as c
from glasscity.engine.city import day_keys
from glasscity.kernels import dispositions, draws

# Outputs of the authors' program for this seed, as repeated by many independent implementations.
PUBLISHED = {
    1234567: (
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
    ),
}  # fmt: skip
KEYS = {
    (0, 0, 0): 0x238275BC38FCBE91,
    (1, c.S_CONDUCT, 0): 0xE1BB1AF4C40C4FEC,
    (1, c.S_CONDUCT, 364): 0x33C001B59D78C4B2,
    (2**63 - 1, 47, 3659): 0xC27EE0F64DE5B774,
}
WORDS = st.integers(0, 2**64 - 1)


def word(x):
    return np.uint64(x)


@pytest.mark.parametrize("seed", PUBLISHED)
def test_draw__gives_the_published_outputs_of_splitmix64(seed):
    found = tuple(int(draws.draw(word(seed), word(i))) for i in range(5))
    assert found == PUBLISHED[seed]


@pytest.mark.parametrize("place", KEYS)
def test_stream_key__is_the_committed_one(place):
    seed, stream, day = place
    assert int(draws.stream_key(word(seed), word(stream), word(day))) == KEYS[place]
    assert int(day_keys(seed, day)[stream]) == KEYS[place]


@given(WORDS, WORDS, st.integers(0, 2**32), st.integers(0, 2**32))
def test_draw_and_key__agree_with_unbounded_integers(key, counter, stream, day):
    with np.errstate(over="ignore"):
        assert int(draws.draw(word(key), word(counter))) == slow_draw(key, counter)
        assert int(draws.stream_key(word(key), word(stream), word(day))) == slow_key(key, stream, day)


@given(WORDS)
def test_halves__make_up_the_word(z):
    assert (int(draws.hi(word(z))) << 32) + int(draws.lo(word(z))) == z


def test_address__is_district_above_rank():
    assert int(draws.address(3, 70_000)) == 3 << 32 | 70_000
    assert int(draws.address(63, c.WHOLE_DISTRICT)) == 63 << 32 | 0xFFFFFFFF


def test_keys__differ_between_streams_and_days():
    keys = np.concatenate([day_keys(1, day) for day in range(400)])
    assert len(np.unique(keys)) == 400 * c.N_STREAMS


def test_streams__have_numbers_of_their_own():
    numbers = [value for name, value in vars(c).items() if name.startswith("S_")]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) == c.N_STREAMS - 1
    assert not set(numbers) & set(range(c.S_OBSERVE + 1, c.S_OBSERVE + c.MAX_CHANNELS))


@given(WORDS, st.integers(0, 63), st.integers(0, 4095), st.integers(1, 64))
def test_quarters__are_those_of_the_word_that_four_neighbours_share(key, district, page, n):
    words = np.empty(16, np.uint64)
    with np.errstate(over="ignore"):
        first = district << 32 | page << c.PAGE_BITS
        draws.quarters(word(key), word(first), n, words)
        alone = [int(draws.quarter(word(key), word(first + j))) for j in range(n)]
    shared = [slow_draw(key, first + j >> 2) for j in range(n)]
    assert alone == [z >> 16 * (j & 3) & 0xFFFF for j, z in enumerate(shared)] == words.view(np.uint16)[:n].tolist()


@given(WORDS)
def test_levels__hold_each_disposition_and_leave_the_threshold_to_the_rest(z):
    ones = {name: (z >> first & 127).bit_count() for name, (first, _) in c.DISPOSITIONS.items()}
    levels = dispositions.levels_of(word(z))
    assert {name: int(dispositions.one_of(levels, first)) for name, (first, _) in c.DISPOSITIONS.items()} == ones
    assert {name: int(dispositions.disposition(word(z), first)) for name, (first, _) in c.DISPOSITIONS.items()} == ones
    assert int(dispositions.threshold(word(z))) == z >> 48
