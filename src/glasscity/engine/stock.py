"""How things stand: loops that count citizens at a week's end, and ask them now and then.

Where a count needs arithmetic, a first loop over the neighbourhood does it for all (and vectorises, since it writes to scratch
alone and reads parameters beforehand), and a second one counts.
"""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.engine.accounts import opaque_page
from glasscity.engine.pages import page_place
from glasscity.kernels import circles, crowd, enrol
from glasscity.kernels import stand as standing
from glasscity.kernels.dispositions import levels_of
from glasscity.kernels.draws import address, draw
from glasscity.kernels.jit import kernel, loop
from glasscity.kernels.places import index


@kernel
def standing_page(p, world, first, n, opaque, levels):
    """Standing of the citizens of a neighbourhood, into levels; opaque: points of the composite. Vectorises."""
    floor, ceiling, cap = p[c.P_FLOOR], p[c.P_CEILING], p[c.P_CAP]
    own, association, traits = (
        world.own[first : first + n], world.association[first : first + n], world.traits[first : first + n]
    )  # fmt: skip
    for j in range(n):
        level = min(max(np.int64(own[j]) + np.int64(association[j]) + opaque[j], floor), ceiling)
        limit = cap if np.int64(traits[j]) & c.MINORITY else ceiling
        levels[j] = min(level, limit)


@loop
def glance(rules, world, out, totals, first_page, last_page):
    """Add the sum of standings and the number of the sanctioned to totals int64[2]. Vectorises."""
    classes = rules.p[c.P_SANCTIONED_CLASSES]
    points, sanctioned = np.int64(0), np.int64(0)
    for page in range(first_page, last_page):
        d, rank, first, n = page_place(world, page)
        opaque_page(rules, world, out, d, rank, first, n)
        standing_page(rules.p, world, first, n, out.chosen, out.likely)
        statuses = world.status[first : first + n]
        for j in range(n):
            status = np.int64(statuses[j])
            points += out.likely[j]
            sanctioned += ((classes >> (status & c.CLASS_BITS)) | (status >> 3) | (status >> 4)) & 1
    totals[0] += points
    totals[1] += sanctioned


@kernel
def count_page(p, world, counts, bins, first, n, opaque, levels):
    """Count a neighbourhood by group: counts int64[N_GROUPS, N_BYTE_COUNTS], bins int64[2, N_BINS]."""
    classes, floor = p[c.P_SANCTIONED_CLASSES], p[c.P_FLOOR]
    for j in range(n):
        i = index(first + j)
        traits, status, level = np.int64(world.traits[i]), np.int64(world.status[i]), levels[j]
        count = counts[traits & 31]
        count[c.B_STATUS + status] += 1
        count[c.B_NOTE + np.int64(world.note[i])] += 1
        count[c.B_INNER + np.int64(world.inner[i])] += 1
        count[c.B_FATE + np.int64(world.fate[i])] += 1
        count[c.B_STANDING] += level
        count[c.B_RISK] += np.int64(world.risk[i])
        bins[traits & c.MINORITY, min(max((level - floor) >> c.BIN_SHIFT, 0), c.N_BINS - 1)] += 1
        if standing.is_in(classes, status & c.CLASS_BITS):
            count_sanctioned(p, world, count, i, traits & c.MINORITY, opaque[j])


@kernel
def count_sanctioned(p, world, count, i, minority, opaque):
    """Count whether somebody in a sanctioned class would be there without false records, friends, the composite."""
    classes, own, points = p[c.P_SANCTIONED_CLASSES], np.int64(world.own[i]), np.int64(world.association[i])
    honest = standing.standing_of(p, own - np.int64(world.false_points[i]) + points + opaque, minority)
    alone = standing.standing_of(p, own + opaque, minority)
    plain = standing.standing_of(p, own + points, minority)
    count[c.B_WRONGLY] += 1 - standing.is_in(classes, standing.class_of(p, honest))
    count[c.B_BY_ASSOCIATION] += 1 - standing.is_in(classes, standing.class_of(p, alone))
    count[c.B_BY_OPAQUE] += 1 - standing.is_in(classes, standing.class_of(p, plain))


@kernel
def ready(key, share, district, rank, n, words, chosen):
    """Places of those who wait for no larger share (of 65536) before they join a protest, into `chosen`; returns how many.

    Leaves everybody's dispositions in words, int64[PAGE]. The first loop vectorises; the second has no branch to mispredict.
    """
    for j in range(n):
        words[j] = np.int64(draw(key, address(district, rank + j)))
    m = 0
    for j in range(n):
        chosen[m] = j
        m += np.int64(crowd.threshold(np.uint64(words[j])) <= share)
    return m


@kernel
def count_joiners(rules, world, counts, district, rank, first, n, words, chosen):
    """Count who would join a protest in a neighbourhood; words, chosen: scratch int64[PAGE].

    Dread only lifts thresholds, so that those who are not `ready` without it need not be asked.
    """
    caution, share = rules.p[c.P_CAUTION], rules.turnout[district] + rules.p[c.P_INITIATORS]
    for k in range(ready(rules.set_up_keys[c.S_DISPOSITIONS], share, district, rank, n, words, chosen)):
        j = index(chosen[k])
        i = index(first + j)
        is_here = np.int64(world.fate[i]) & c.REMOVED == 0
        if is_here and crowd.joins(caution, share, np.uint64(words[j]), np.int64(world.risk[i])):
            counts[np.int64(world.traits[i]) & 31, c.B_JOINERS] += 1


@loop
def take_stock(rules, world, out, counts, bins, first_page, last_page):
    """Count how things stand: counts int64[D, N_GROUPS, N_BYTE_COUNTS], bins int64[D, 2, N_BINS]."""
    for page in range(first_page, last_page):
        d, rank, first, n = page_place(world, page)
        opaque_page(rules, world, out, d, rank, first, n)
        standing_page(rules.p, world, first, n, out.chosen, out.likely)
        count_page(rules.p, world, counts[d], bins[d], first, n, out.chosen, out.likely)
        if rules.p[c.P_TURNOUT]:
            count_joiners(rules, world, counts[d], d, rank, first, n, out.chosen, out.likely)


# --- surveys ---------------------------------------------------------------------------------------


@kernel
def count_membership(rules, world, count, i, district, rank, total, size):
    """Count who has an account, and how the users of the private score stand, in a circle of so many steps in all."""
    p, who, traits = rules.p, address(district, rank), np.int64(world.traits[i])
    if p[c.P_ENROLMENT]:
        count[c.B_ENROLLED] += 1 if enrol.is_enrolled(rules, district, rank, who) else 0
    uses = np.int64(enrol.is_user(rules, traits, who))  # about half do: counting for all costs less than guessing wrong
    steps = enrol.private_standing(p, world.private, i, total, size)
    count[c.B_USERS] += uses
    count[c.B_PRIVATE] += uses * steps
    count[c.B_BAND + enrol.band_of(p, steps)] += uses


@kernel
def survey_members(rules, world, counts, district, rank, first, n):
    """Count accounts and users of a neighbourhood, circle by circle."""
    j = np.int64(0)
    while j < n:
        start, size = circles.cell(world.friends, j, n)
        total = enrol.private_sum(rules.p, world.private, first + start, size)
        for k in range(start, start + size):
            i = index(first + k)
            count_membership(rules, world, counts[np.int64(world.traits[i]) & 31], i, district, rank + k, total, size)
        j = start + size


@kernel
def survey_opinion(rules, world, counts, district, rank, first, n, opinions):
    """Count who approves of the scheme in a neighbourhood, and who says so; opinions: scratch int64[PAGE]."""
    stance, limit = crowd.stance(rules.p), 14 * rules.p[c.P_FALSIFY]
    key, notes, risks = rules.set_up_keys[c.S_DISPOSITIONS], world.note[first : first + n], world.risk[first : first + n]
    for j in range(n):
        levels = levels_of(draw(key, address(district, rank + j)))
        approving = crowd.approves(stance, levels, np.int64(notes[j]))
        opinions[j] = approving | crowd.says_so(limit, levels, np.int64(risks[j]), approving) << 1
    traits = world.traits[first : first + n]
    for j in range(n):
        group = np.int64(traits[j]) & 31
        counts[group, c.B_APPROVING] += opinions[j] & 1
        counts[group, c.B_SAYING] += opinions[j] >> 1


@loop
def survey(rules, world, out, counts, first_page, last_page):
    """Count accounts, the private score's users and opinion: counts int64[D, N_GROUPS, N_BYTE_COUNTS]."""
    p = rules.p
    for page in range(first_page, last_page):
        d, rank, first, n = page_place(world, page)
        if p[c.P_ENROLMENT] | p[c.P_PRIVATE_ON]:
            survey_members(rules, world, counts[d], d, rank, first, n)
        if p[c.P_APPROVAL]:
            survey_opinion(rules, world, counts[d], d, rank, first, n, out.likely)
