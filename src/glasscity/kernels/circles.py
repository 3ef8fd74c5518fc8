"""Circles derived from the generator: nothing about ties is stored. Model description: E3."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import ONE, TWO, address, draw
from glasscity.kernels.jit import kernel


@kernel
def bits_for(n):
    """The least k >= 1 with 2^k >= n."""
    k = 1
    while (1 << k) < n:
        k += 1
    return k


@kernel
def permute(word, n, x):
    """Where `x` (0 .. n-1) goes under the permutation that `word` keys; cycle walking keeps it in range."""
    k = bits_for(n)
    mask = (ONE << np.uint64(k)) - ONE
    h = np.uint64((k + 1) // 2)
    a0, a1, a2 = draw(word, np.uint64(0)) | ONE, draw(word, np.uint64(2)) | ONE, draw(word, np.uint64(4)) | ONE
    b0, b1, b2 = draw(word, np.uint64(1)), draw(word, np.uint64(3)), draw(word, np.uint64(5))
    y = np.uint64(x)
    while True:
        y = (y * a0 + b0) & mask
        y ^= y >> h
        y = (y * a1 + b1) & mask
        y ^= y >> h
        y = (y * a2 + b2) & mask
        if np.int64(y) < n:
            return np.int64(y)


@kernel
def inverse(odd):
    """Multiplicative inverse of an odd number modulo 2^64 (Newton)."""
    x = odd
    for _ in range(6):
        x = x * (TWO - odd * x)
    return x


@kernel
def unpermute(word, n, y):
    """The inverse of `permute`."""
    k = bits_for(n)
    mask = (ONE << np.uint64(k)) - ONE
    h = np.uint64((k + 1) // 2)
    a0, a1, a2 = draw(word, np.uint64(0)) | ONE, draw(word, np.uint64(2)) | ONE, draw(word, np.uint64(4)) | ONE
    b0, b1, b2 = draw(word, np.uint64(1)), draw(word, np.uint64(3)), draw(word, np.uint64(5))
    i0, i1, i2 = inverse(a0), inverse(a1), inverse(a2)
    x = np.uint64(y)
    while True:
        x = ((x - b2) * i2) & mask
        x ^= x >> h
        x = ((x - b1) * i1) & mask
        x ^= x >> h
        x = ((x - b0) * i0) & mask
        if np.int64(x) < n:
            return np.int64(x)


@kernel
def circle_word(key, district, page, circle):
    """The word that keys a circle's permutation; `page` is WHOLE_DISTRICT for district-wide circles."""
    return draw(draw(key, address(district, page)), np.uint64(circle))


@kernel
def cell(pattern, position, n):
    """Start and size of the cell that holds `position` of 0 .. n-1.

    pattern: int32[1 + 2 L] = period L, then start and size of the cell for each place in the period.
    """
    period = np.int64(pattern[0])
    place = position % period
    start = position - place + np.int64(pattern[1 + 2 * place])
    return start, min(np.int64(pattern[2 + 2 * place]), n - start)


@kernel
def cells_in(pattern):
    """Number of cells in one period of a pattern."""
    n, place = 0, np.int64(0)
    while place < pattern[0]:
        n += 1
        place += np.int64(pattern[2 + 2 * place])
    return n


@kernel
def cell_start(pattern, k):
    """Where the k-th cell of a period begins."""
    place = np.int64(0)
    for _ in range(k):
        place += np.int64(pattern[2 + 2 * place])
    return place


@kernel
def role(traits, circle):
    """The role in a circle; only those of the same, non-zero role are tied (E3)."""
    if circle == c.WORK:
        occupation = (traits >> c.OCCUPATION_SHIFT) & 7
        if occupation == 1:
            return 1
        return 2 if 2 <= occupation <= 5 else 0
    if circle == c.CHAT:
        return 1 if (traits >> c.ONLINE_SHIFT) & 3 else 0
    if circle == c.PARTY_CELL:
        return 1 if traits & c.PARTY else 0
    return 1


@kernel
def mate(key, circle, pattern, district, district_slot, n_district, rank, traits, v):
    """The slot of a fellow member of a circle, picked by the 32-bit number `v`; -1 if there is none.

    key: of the stream CIRCLE; district_slot: first slot of the district; traits: uint32 over slots.
    """
    own_role = role(np.int64(traits[district_slot + rank]), circle)
    first, n, page = np.int64(0), np.int64(n_district), np.int64(c.WHOLE_DISTRICT)
    if circle == c.STREET or circle == c.HOUSEHOLD:
        page = rank >> c.PAGE_BITS
        first = page << c.PAGE_BITS
        n = min(np.int64(c.PAGE), n_district - first)
    word = circle_word(key, district, page, circle)
    position = permute(word, n, rank - first)
    start, size = cell(pattern, position, n)
    if size < 2 or own_role == 0:
        return np.int64(-1)
    offset = position - start + 1 + ((v * (size - 1)) >> 32)
    for step in range(size):
        other = start + (offset + step) % size
        if other != position:
            slot = district_slot + first + unpermute(word, n, other)
            if role(np.int64(traits[slot]), circle) == own_role:
                return slot
    return np.int64(-1)
