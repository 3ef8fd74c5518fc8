"""Dispositions: not stored, but read from one draw of the citizen whenever they are needed. Model description: E3."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import draw
from glasscity.kernels.jit import kernel


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
