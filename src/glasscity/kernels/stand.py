"""Standing: the account, friends, cap, class and lists. Model description: E7."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import quarter
from glasscity.kernels.jit import kernel
from glasscity.kernels.places import index


@kernel
def association_line(p, total, members):
    """Points through friends as a fraction, from the circle's sum and size: its top for an offset of nought, what each point of
    one's own offset takes off it, and its bottom.

    The fixed point x_i = o_i + w * mean of the others' x_j on a complete graph (Friedkin & Johnsen 1990,
    https://doi.org/10.1080/0022250X.1990.9990069), less o_i; or its first step if the reach is direct.
    """
    weight = p[c.P_WEIGHT]
    if p[c.P_TRANSITIVE]:
        return weight * 1000 * total, weight * (1000 - weight), (1000 - weight) * (1000 * (members - 1) + weight)
    return weight * total, weight, 1000 * (members - 1)


@kernel
def association_points(p, offset, total, members):
    """Points through friends, rounded half away from zero and within the limit."""
    if p[c.P_WEIGHT] == 0 or members < 2:
        return np.int64(0)
    at_nought, slope, bottom = association_line(p, total, members)
    top = at_nought - slope * offset
    magnitude = min((2 * abs(top) + bottom) // (2 * bottom), p[c.P_LIMIT])
    return magnitude if top >= 0 else -magnitude


@kernel
def keeps_association(line, limit, points, offset):
    """Whether `association_points` would still give `points`, told without dividing (but may say no at the limit).

    line: of the circle, for two members or more under a scheme with points through friends.
    """
    at_nought, slope, bottom = line
    rest = 2 * (at_nought - slope * offset - points * bottom)
    return (-bottom < rest) & (rest < bottom) & (abs(points) < limit)


@kernel
def association_anew(p, points, offset, total, members):
    """`association_points` of somebody who had `points` so far: divides only if these are no longer right."""
    if p[c.P_WEIGHT] == 0 or members < 2:
        return np.int64(0)
    if keeps_association(association_line(p, total, members), p[c.P_LIMIT], points, offset):
        return points
    return association_points(p, offset, total, members)


@kernel
def opaque_points(rules, traits, who):
    """What the composite adds to a citizen; nothing where there is none."""
    if not rules.p[c.P_COMPOSITE]:
        return np.int64(0)
    return secret_points(rules.p, traits, quarter(rules.keys[c.S_COMPOSITE], who))


@kernel
def secret_points(p, traits, luck):
    """Noise of the period, by 16 bits of luck, and weights on income, online life and age that nobody explains."""
    points = ((luck * (2 * p[c.P_NOISE] + 1)) >> 16) - p[c.P_NOISE] + p[c.P_OPAQUE_INCOME + ((traits >> c.INCOME_SHIFT) & 7)]
    points += p[c.P_OPAQUE_ONLINE + ((traits >> c.ONLINE_SHIFT) & 3)]
    return points + p[c.P_OPAQUE_AGE + ((traits >> c.AGE_SHIFT) & 7)]


@kernel
def standing_of(p, points, minority):
    """Standing that counts: within floor and ceiling, at most the cap for the minority."""
    standing = min(max(points, p[c.P_FLOOR]), p[c.P_CEILING])
    return min(standing, p[c.P_CAP]) if minority else standing


@kernel
def steps_below(p, first, n, value):
    """How many of the first n - 1 of N_CLASSES falling limits, from p[first] on, are above a value. Without a branch."""
    k = np.int64(0)
    for i in range(c.N_CLASSES - 1):
        k += np.int64((value < p[first + i]) & (i < n - 1))
    return k


@kernel
def class_of(p, standing):
    """Index of the class, 0 the best."""
    return steps_below(p, c.P_CLASS_FROM, p[c.P_N_CLASSES], standing)


@kernel
def is_in(classes, k):
    """Whether class k is in the bit set `classes`."""
    return (classes >> k) & 1


@kernel
def is_sanctioned(p, status):
    """In a sanctioned class, or on the black or court list."""
    return is_in(p[c.P_SANCTIONED_CLASSES], status & c.CLASS_BITS) | ((status >> 3) & 1) | ((status >> 4) & 1)


@kernel
def listed(p, status, weeks, k):
    """Flags and weeks on the lists once the class is k."""
    if p[c.P_BLACK_ON] and is_in(p[c.P_BLACK_CLASSES], k) and not status & c.BLACK:
        status, weeks = status | c.BLACK, max(weeks, p[c.P_BLACK_WEEKS])
    if p[c.P_COURT_ON] and is_in(p[c.P_COURT_CLASSES], k) and not status & c.COURT:
        status, weeks = status | c.COURT, max(weeks, p[c.P_COURT_WEEKS])
    if p[c.P_RED_ON] and is_in(p[c.P_RED_CLASSES], k):
        status |= c.RED
    else:
        status &= ~c.RED
    return status, weeks


@kernel
def bring_into_range(p, own, i):
    """An account is never below the floor or above the ceiling."""
    own[i] = min(max(np.int64(own[i]), p[c.P_FLOOR]), p[c.P_CEILING])


@kernel
def stands_as_before(p, status, standing):
    """Whether somebody of this status and standing surely keeps class, lists and notes; told without a branch.

    Those who are sanctioned, listed, shunned, or in a class that leads onto a list, are left to `stand`.
    """
    k = class_of(p, standing)
    grave = p[c.P_SANCTIONED_CLASSES] | p[c.P_BLACK_CLASSES] | p[c.P_COURT_CLASSES]
    red = c.RED * np.int64((p[c.P_RED_ON] != 0) & (is_in(p[c.P_RED_CLASSES], k) != 0))
    return (status & ~c.JOBLESS == k | red) & (is_in(grave, k) == 0)


@kernel
def circle_sum(p, own, status, first, size):
    """Number of members not shunned and the sum of their offsets. Accounts are in range."""
    members, total = np.int64(0), np.int64(0)
    for k in range(size):
        i = index(first + k)
        is_member = np.int64(status[i] & c.SHUNNED == 0)
        members += is_member
        total += is_member * np.int64(own[i])
    return members, total - members * p[c.P_START]


@kernel
def settled_sum(p, own, status, first, size):
    """`circle_sum` of a circle whose accounts are first brought into range."""
    for k in range(size):
        bring_into_range(p, own, index(first + k))
    return circle_sum(p, own, status, first, size)


@kernel
def tally_stand(p, flows, before, status, wrongly, by_association):
    """Count what changed in a standing."""
    k = status & c.CLASS_BITS
    if k != before & c.CLASS_BITS:
        flows[c.F_CLASS_ENTERED + k] += 1
        if is_in(p[c.P_SANCTIONED_CLASSES], k) and not is_in(p[c.P_SANCTIONED_CLASSES], before & c.CLASS_BITS):
            flows[c.F_SANCTIONS] += 1
            flows[c.F_SANCTIONS_WRONG] += wrongly
            flows[c.F_SANCTIONS_BY_ASSOCIATION] += by_association
    flows[c.F_BLACK_ENTERED] += 1 if status & ~before & c.BLACK else 0
    flows[c.F_RED_ENTERED] += 1 if status & ~before & c.RED else 0


@kernel
def stand(rules, world, flows, i, who, members, total):
    """Bring citizen `i` up to date: association, class, lists, notes. Returns the standing."""
    p = rules.p
    traits, before = np.int64(world.traits[i]), np.int64(world.status[i])
    own, minority = np.int64(world.own[i]), traits & c.MINORITY
    points = np.int64(0)
    if not before & c.SHUNNED:
        points = association_anew(p, np.int64(world.association[i]), own - p[c.P_START], total, members)
    world.association[i] = points
    opaque = opaque_points(rules, traits, who)
    standing = standing_of(p, own + points + opaque, minority)
    k = class_of(p, standing)
    status, weeks = listed(p, (before & ~c.CLASS_BITS) | k, np.int64(world.listed_weeks[i]), k)
    wrongly, by_association = 0, 0
    note = np.int64(world.note[i])
    if is_in(p[c.P_SANCTIONED_CLASSES], k):
        honest = class_of(p, standing_of(p, own - np.int64(world.false_points[i]) + points + opaque, minority))
        alone = class_of(p, standing_of(p, own + opaque, minority))
        wrongly = 0 if is_in(p[c.P_SANCTIONED_CLASSES], honest) else 1
        by_association = 0 if is_in(p[c.P_SANCTIONED_CLASSES], alone) else 1
        note |= c.SANCTIONED | (c.WRONGLY if wrongly else 0) | (c.BY_ASSOCIATION if by_association else 0)
    if status & (c.BLACK | c.COURT):
        note |= c.SANCTIONED
    world.note[i] = note
    if status != before:
        world.status[i], world.listed_weeks[i] = status, weeks
        tally_stand(p, flows[traits & 31], before, status, wrongly, by_association)
    return standing
