"""Who has an account, and who uses the private score. Model description: E11, E13."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.dispositions import disposition, temper
from glasscity.kernels.draws import address, draw, hi, lo
from glasscity.kernels.jit import kernel
from glasscity.kernels.places import index
from glasscity.kernels.stand import steps_below


@kernel
def is_enrolled(rules, district, rank, who):
    """Whether a citizen has an account; everybody has where the rulebook says nothing of it."""
    if not rules.p[c.P_ENROLMENT]:
        return True
    place = address(district, rank >> c.PAGE_BITS)
    if hi(draw(rules.set_up_keys[c.S_PILOT], place)) >= rules.enrolment[district, 0]:
        return False
    trust = disposition(temper(rules.set_up_keys, who), c.TRUST_BIT)
    return hi(draw(rules.set_up_keys[c.S_ENROLMENT], who)) < rules.enrolment[district, 1 + trust]


@kernel
def is_user(rules, traits, who):
    """Whether a citizen uses the private score; told without a branch."""
    is_online = ((traits >> c.ONLINE_SHIFT) & 3 != 0) & (rules.p[c.P_PRIVATE_ON] != 0)
    return is_online & (lo(draw(rules.set_up_keys[c.S_ENROLMENT], who)) < rules.p[c.P_USERS])


@kernel
def band_of(p, steps):
    """Index of the band of the private score, 0 the best; steps: from its floor."""
    return steps_below(p, c.P_BAND_FROM, p[c.P_N_BANDS], steps)


@kernel
def private_sum(p, private, first, size):
    """Steps beyond the start of a whole circle of friends; private: uint8 over slots."""
    total = np.int64(0)
    for k in range(size):
        total += np.int64(private[index(first + k)]) - p[c.P_PRIVATE_START]
    return total


@kernel
def private_standing(p, private, i, total, size):
    """Steps of the private score that count: one's own and a part of what friends have beyond the start.

    total, size: of the circle of friends, oneself included.
    """
    own = np.int64(private[i]) - p[c.P_PRIVATE_START]
    added = np.int64(0)
    if p[c.P_PRIVATE_WEIGHT] and size > 1:
        top, bottom = p[c.P_PRIVATE_WEIGHT] * (total - own), 1000 * (size - 1)
        if 2 * abs(top) >= bottom:
            added = (2 * abs(top) + bottom) // (2 * bottom) * (1 if top >= 0 else -1)
    return min(max(own + added + p[c.P_PRIVATE_START], 0), p[c.P_PRIVATE_TOP])
