"""What a wish meets: granted, refused, or granted with advantage. Model description: E8."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import hi, lo
from glasscity.kernels.jit import kernel
from glasscity.kernels.stand import class_of, opaque_points, standing_of


@kernel
def refusal_chance(wish, q, status):
    """The largest refusal chance that fits the class and the lists, of 2^32."""
    limit = wish[q, c.WISH_REFUSE + (status & c.CLASS_BITS)]
    if status & c.BLACK:
        limit = max(limit, wish[q, c.WISH_REFUSE_BLACK])
    if status & c.COURT:
        limit = max(limit, wish[q, c.WISH_REFUSE_COURT])
    return limit


@kernel
def is_refused_wrongly(rules, world, i, who, q, h):
    """Refused, but not on the class that one's true records would give (and on no list, or wrongly listed)."""
    note, status = np.int64(world.note[i]), np.int64(world.status[i])
    traits = np.int64(world.traits[i])
    points = np.int64(world.own[i]) - np.int64(world.false_points[i]) + np.int64(world.association[i])
    points += opaque_points(rules, traits, who)
    honest = class_of(rules.p, standing_of(rules.p, points, traits & c.MINORITY))
    if h < rules.wish[q, c.WISH_REFUSE + honest]:
        return False
    by_list = h < refusal_chance(rules.wish, q, (status & ~c.CLASS_BITS) | honest)
    return not by_list or note & c.WRONGLY != 0


@kernel
def answer(rules, world, flows, i, who, q, z, has_account, band):
    """Answer a wish by the decision draw `z`, count it, and note what the citizen learns.

    band: of the private score, -1 for those who do not use it.
    """
    status, note = np.int64(world.status[i]), np.int64(world.note[i])
    flows[c.F_ASKED + q] += 1
    limit, other, gain = rules.wish[q, c.WISH_REFUSE_OUTSIDE], np.int64(0), np.int64(0)
    if has_account:
        limit, gain = refusal_chance(rules.wish, q, status), rules.wish[q, c.WISH_REWARD + (status & c.CLASS_BITS)]
    if band >= 0:
        other = rules.wish[q, c.WISH_REFUSE_BAND + band]
        gain = max(gain, rules.wish[q, c.WISH_REWARD_BAND + band])
    if hi(z) < max(limit, other):
        flows[c.F_REFUSED + q] += 1
        flows[c.F_REFUSED_INNOCENT + q] += 0 if note & c.VIOLATED else 1
        is_by_class = has_account and hi(z) >= other
        flows[c.F_REFUSED_WRONGLY + q] += 1 if is_by_class and is_refused_wrongly(rules, world, i, who, q, hi(z)) else 0
        flows[c.F_LEARNED_BY_REFUSAL] += 0 if note & c.KNOWS else 1
        world.note[i] = note | c.REFUSED | c.KNOWS
        return c.REFUSAL
    if lo(z) < gain:
        flows[c.F_ADVANTAGE + q] += 1
        return c.ADVANTAGE
    return c.GRANTED
