"""Dispositions: not stored, but read from one draw of the citizen whenever they are needed. Model description: E3."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import ONE, draw
from glasscity.kernels.jit import kernel

EACH = sum(1 << bit for bit, _ in c.DISPOSITIONS.values())  # the lowest bit of each disposition
SEVENS = np.uint64(0x7F * EACH)


@kernel
def temper(set_up_keys, who):
    """The word that holds a citizen's dispositions."""
    return draw(set_up_keys[c.S_DISPOSITIONS], who)


@kernel
def disposition(word, first_bit):
    """A disposition, 0 to 7: the number of ones among seven bits, added up in parallel."""
    x = np.int64((word >> np.uint64(first_bit)) & np.uint64(127))
    x -= (x >> 1) & 0x55
    x = (x & 0x33) + ((x >> 2) & 0x33)
    return (x + (x >> 4)) & 15


@kernel
def levels_of(word):
    """All dispositions of a word at once, each in the lowest bits of its seven."""
    x = word & SEVENS
    x -= (x >> ONE) & np.uint64(0x15 * EACH)
    x = (x & np.uint64(0x33 * EACH)) + ((x >> np.uint64(2)) & np.uint64(0x13 * EACH))
    return (x & np.uint64(0x0F * EACH)) + ((x >> np.uint64(4)) & np.uint64(0x03 * EACH))


@kernel
def one_of(levels, first_bit):
    """One disposition out of `levels_of`, 0 to 7."""
    return np.int64((levels >> np.uint64(first_bit)) & np.uint64(7))


@kernel
def threshold(word):
    """The 16 bits above the dispositions: the share of others that a citizen waits for before joining a protest."""
    return np.int64(word >> np.uint64(48))
