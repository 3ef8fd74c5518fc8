"""Which channel saw an act, and whom it named. Model description: E5."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import draw, hi, lo
from glasscity.kernels.jit import kernel

UNSEEN = -1


@kernel
def observer(act, channels, coverage, keys, b, district, minority, address):
    """The channel that put a name down, and whether the name is right: (channel, RIGHT | WRONG), or (-1, -1).

    Channels are asked in turn, each with its own draw; one that identifies nobody passes the act on.
    """
    for k in range(c.MAX_OBSERVERS):
        channel = act[b, c.ACT_OBSERVERS + 2 * k]
        if channel < 0:
            break
        z = draw(keys[c.S_OBSERVE + channel], address)
        if hi(z) < (act[b, c.ACT_OBSERVERS + 2 * k + 1] * coverage[district, channel]) >> 16:
            right = channels[channel, c.CH_RIGHT + 2 * minority]
            wrong = channels[channel, c.CH_WRONG + 2 * minority]
            if lo(z) < right:
                return channel, c.RIGHT
            if lo(z) < right + wrong:
                return channel, c.WRONG
    return UNSEEN, UNSEEN


@kernel
def scorers(channels, channel, z):
    """The scorers that a record of a channel reaches, as bits TO_STATE and TO_PRIVATE, by the sharing draw `z`."""
    reach = c.TO_STATE if hi(z) < channels[channel, c.CH_TO_STATE] else 0
    return reach | (c.TO_PRIVATE if lo(z) < channels[channel, c.CH_TO_PRIVATE] else 0)


@kernel
def somebody_else(u, gallery, district, rank, district_slot, district_n):
    """The slot of the person wrongly named: uniform over the gallery without the author; -1 if it holds no other."""
    if gallery == c.GALLERY_NEIGHBOURHOOD:
        first = (rank >> c.PAGE_BITS) << c.PAGE_BITS
        n = min(np.int64(c.PAGE), district_n[district] - first)
        other = (u * (n - 1)) >> 32
        other += 1 if other >= rank - first else 0
        return district_slot[district] + first + other if n > 1 else np.int64(-1)
    if gallery == c.GALLERY_DISTRICT:
        n = district_n[district]
        other = (u * (n - 1)) >> 32
        other += 1 if other >= rank else 0
        return district_slot[district] + other if n > 1 else np.int64(-1)
    own = np.int64(rank)
    n = np.int64(0)
    for d in range(len(district_n)):
        own += district_n[d] if d < district else 0
        n += district_n[d]
    other = (u * (n - 1)) >> 32
    other += 1 if other >= own else 0
    if n < 2:
        return np.int64(-1)
    d = 0
    while other >= district_n[d]:
        other -= district_n[d]
        d += 1
    return district_slot[d] + other
