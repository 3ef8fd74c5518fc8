"""Loops of the kernels over neighbourhoods and entries: what one worker does in a phase.

A worker owns a run of whole neighbourhoods. It reads everybody's traits, writes the state of its own
citizens only, and returns the page at which it ran out of room (see `Room`), or the end.
"""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels import birth, circles, conduct, consequence, note, observe, record, remedy, respond
from glasscity.kernels import stand as standing
from glasscity.kernels.bundles import N_ENTRIES, N_LATE, N_ROWS
from glasscity.kernels.draws import GOLDEN, ONE, address, draw, hi, lo, mix
from glasscity.kernels.jit import kernel, loop

# What one neighbourhood can write at most in a phase: an act (record and informer's reward, or report and
# reporter's reward), and its rows (act, observation, reward).
ENTRIES_A_PAGE = 2 * c.PAGE
ROWS_A_PAGE = 4 * c.PAGE


@kernel
def page_place(world, page):
    """District, rank of the first citizen, first slot and number of citizens of a page."""
    d = np.int64(world.page_district[page])
    slot = np.int64(page) << c.PAGE_BITS
    rank = slot - world.district_slot[d]
    return d, rank, slot, min(np.int64(c.PAGE), world.district_n[d] - rank)


@kernel
def has_room(out, needs_rows):
    """Whether the buffers can take whatever one more page may write."""
    n = out.counts
    if n[N_ENTRIES] + ENTRIES_A_PAGE > len(out.entries) or n[N_LATE] + ENTRIES_A_PAGE > len(out.late):
        return False
    return not needs_rows or n[N_ROWS] + ROWS_A_PAGE <= len(out.rows)


@kernel
def gate(key, district, rank, n, total, words, lanes, chosen):
    """Places whose 16 bits of the shared word leave them a chance of h < total, into `chosen`; returns how many.

    The first loop vectorises; the second has no branch to mispredict.
    """
    base = key + ((address(district, rank) >> np.uint64(2)) + ONE) * GOLDEN
    for w in range((n + 3) >> 2):
        words[w] = mix(base + np.uint64(w) * GOLDEN)
    limit = (total + 0xFFFF) >> 16
    m = 0
    for j in range(n):
        chosen[m] = j
        m += np.int64(lanes[j] < limit)
    return m


@kernel
def lottery(bounds, guide, lane, z):
    """The slot that a citizen's bits lead to, and whether they lead to any (E4)."""
    h = np.int64(lane) << 16 | np.int64(z >> np.uint64(48))
    total = bounds[len(bounds) - 1]
    return conduct.slot_of(bounds, guide, min(h, total - 1)), h < total


@kernel
def sieve(key, district, rank, first, bounds, guide, factors, fields, world, n, lanes, chosen, likely):
    """Those of the `n` chosen places that can be accepted at all, into `likely`; returns how many."""
    m = 0
    for k in range(n):
        j = chosen[k]
        z = draw(key, address(district, rank + j))
        b, is_candidate = lottery(bounds, guide, lanes[j], z)
        i = first + j
        traits, risk, inner = np.int64(world.traits[i]), np.int64(world.risk[i]), np.int64(world.inner[i])
        likely[m] = j
        m += np.int64(is_candidate & conduct.is_possible(factors, fields, b, traits, risk, inner, lo(z)))
    return m


@kernel
def candidates(rules, world, out, keys, district, rank, first, n):
    """Places of a neighbourhood whose citizens may act today, into out.likely; returns how many."""
    m = gate(keys[c.S_CONDUCT], district, rank, n, rules.p[c.P_ACT_TOTAL], out.words, out.lanes, out.chosen)
    return sieve(
        keys[c.S_ACT_CHOICE], district, rank, first, rules.act_bounds, rules.act_guide, rules.act_factors, rules.act,
        world, m, out.lanes, out.chosen, out.likely,
    )  # fmt: skip


@kernel
def wishers(rules, world, out, keys, district, rank, first, n):
    """Places of a neighbourhood whose citizens may wish for something today, into out.likely; returns how many."""
    m = gate(keys[c.S_WISH], district, rank, n, rules.p[c.P_WISH_TOTAL], out.words, out.lanes, out.chosen)
    return sieve(
        keys[c.S_WISH_CHOICE], district, rank, first, rules.wish_bounds, rules.wish_guide, rules.wish_factors,
        rules.wish, world, m, out.lanes, out.chosen, out.likely,
    )  # fmt: skip


@loop
def births(world, rules, draws, household, scratch, first_page, last_page):
    """Draw the citizens of some pages and put them in their first morning's state. scratch: int64[3, PAGE]."""
    for page in range(first_page, last_page):
        d, rank, slot, n = page_place(world, page)
        birth.settle_page(
            rules.set_up_keys, draws, household, d, rank >> c.PAGE_BITS, n, world.traits, slot, scratch
        )
        for i in range(slot, slot + n):
            birth.begin(rules.p, world, i)


@kernel
def reward(rules, world, out, day, watched, slot, district, rank, channel, z):
    """The informer's own reward, if the channel rewards: an entry for `denouncing`, to a mate of the actor."""
    circle = 1 + ((hi(z) * 3) >> 32)
    fellow = find_mate(rules, world, circle, district, rank, lo(z))
    if fellow >= 0:
        send(rules, out, day, watched, slot, rules.p[c.P_DENOUNCING], channel, c.REWARD, fellow)


@kernel
def find_mate(rules, world, circle, district, rank, v):
    """A mate in the street, work or chat circle."""
    pattern = world.street
    if circle == c.WORK:
        pattern = world.work
    elif circle == c.CHAT:
        pattern = world.chat
    return circles.mate(
        rules.set_up_keys[c.S_CIRCLE], circle, pattern, district,
        world.district_slot[district], world.district_n[district], rank, world.traits, v,
    )  # fmt: skip


@kernel
def send(rules, out, day, watched, actor, b, channel, kind, named):
    """Note who was named, and put the entry on its way if the channel's records reach the scorer."""
    if watched:
        note.event(out.rows, out.counts, day, c.EV_OBSERVE, actor, b, channel, kind, 0, named)
    if rules.channels[channel, c.CH_SHARED]:
        entry = note.pack(named, b, channel, kind, 0)
        delay = rules.channels[channel, c.CH_DELAY]
        note.send(out.entries, out.late, out.late_day, out.counts, entry, day, delay)


@kernel
def seen(rules, world, out, day, watched, b, district, rank, slot, minority, who):
    """What becomes of an act: nobody sees it, it is put down to its author, or to somebody else."""
    channel, kind = observe.observer(
        rules.act, rules.channels, rules.coverage, rules.keys, b, district, minority, who
    )
    if channel < 0:
        return
    named = np.int64(slot)
    if kind == c.WRONG:
        u = hi(draw(rules.keys[c.S_WRONG], who))
        gallery = rules.channels[channel, c.CH_GALLERY]
        named = observe.somebody_else(u, gallery, district, rank, world.district_slot, world.district_n)
        if named < 0:
            return
        world.note[slot] = np.int64(world.note[slot]) | c.WENT_FREE
        out.tally[district, np.int64(world.traits[slot]) & 31, c.F_WENT_FREE] += 1
    out.truth[district, b, c.T_RIGHT if kind == c.RIGHT else c.T_WRONG] += 1
    send(rules, out, day, watched, slot, b, channel, kind, named)
    if rules.channels[channel, c.CH_INFORMER] and rules.p[c.P_DENOUNCING] >= 0:
        z = draw(rules.keys[c.S_INFORMER], who)
        reward(rules, world, out, day, watched, slot, district, rank, channel, z)


@kernel
def alarm(rules, world, out, day, watched, b, district, rank, slot, minority, who, factor, v):
    """A scan that names a passer-by, or a false report against a mate."""
    channel = rules.act[b, c.ACT_CHANNEL]
    if channel < 0:
        return
    is_report = rules.act[b, c.ACT_KIND] == c.FALSE_REPORT
    coverage = np.int64(65536) if is_report else rules.coverage[district, channel]
    match = rules.act[b, c.ACT_MATCH_MINORITY] if minority else rules.act[b, c.ACT_MATCH]
    if v >= conduct.alarm_chance(rules.act[b, c.ACT_ACCEPT], factor, coverage, match):
        return
    target, named, kind = rules.act[b, c.ACT_TARGET], np.int64(slot), c.ALARM
    if is_report:
        z = draw(rules.keys[c.S_REPORT], who)
        named, kind = find_mate(rules, world, 1 + ((hi(z) * 3) >> 32), district, rank, lo(z)), c.REPORT
        if named < 0:
            return
    out.truth[district, target, c.T_INVENTED] += 1
    send(rules, out, day, watched, slot, target, channel, kind, named)
    if is_report and rules.channels[channel, c.CH_INFORMER] and rules.p[c.P_DENOUNCING] >= 0:
        send(rules, out, day, watched, slot, rules.p[c.P_DENOUNCING], channel, c.REWARD, slot)


@kernel
def act(rules, world, out, day, watched, b, district, rank, slot, who, v):
    """Candidate `who` for act slot b: do they do it, is it seen, whom is it put down to?"""
    traits = np.int64(world.traits[slot])
    if traits & rules.act[b, c.ACT_NEEDS] != rules.act[b, c.ACT_NEEDS]:
        return
    kind = rules.act[b, c.ACT_KIND]
    factor = conduct.trait_factor(rules.act_factors, b, traits, rules.act[b, c.ACT_DISPOSITION])
    minority = traits & c.MINORITY
    if kind >= c.SCAN:
        alarm(rules, world, out, day, watched, b, district, rank, slot, minority, who, factor, v)
        return
    state = conduct.state_factor(
        rules.act_factors, b, kind, np.int64(world.risk[slot]), np.int64(world.inner[slot])
    )
    accept = rules.act[b, c.ACT_ACCEPT]
    flows = out.tally[district, traits & 31]
    if v >= conduct.chance(accept, factor, state):
        if kind == c.EXPRESSION and v < conduct.chance(accept, factor, 256):
            flows[c.F_CHILLED] += 1
        return
    flows[c.F_VIOLATIONS + kind] += 1
    out.truth[district, b, c.T_ACTS] += 1
    if watched:
        note.event(out.rows, out.counts, day, c.EV_ACT, slot, b, -1, -1, 0, -1)
    if rules.act[b, c.ACT_RECORDED] and (rules.act[b, c.ACT_POINTS] < 0 or rules.act[b, c.ACT_LIST]):
        world.note[slot] = np.int64(world.note[slot]) | c.VIOLATED
    seen(rules, world, out, day, watched, b, district, rank, slot, minority, who)


@loop
def act_pages(rules, world, out, day, first_page, last_page):
    """Conduct and observe for some pages; returns the page reached."""
    watching = len(out.watch) > 0
    for page in range(first_page, last_page):
        if not has_room(out, watching):
            return page
        d, rank, first, n = page_place(world, page)
        for k in range(candidates(rules, world, out, rules.keys, d, rank, first, n)):
            j = out.likely[k]
            who = address(d, rank + j)
            z = draw(rules.keys[c.S_ACT_CHOICE], who)
            b, _ = lottery(rules.act_bounds, rules.act_guide, out.lanes[j], z)
            watched = watching and out.watch[first + j] != 0
            act(rules, world, out, day, watched, b, d, rank + j, first + j, who, lo(z))
    return last_page


@kernel
def place_of(world, slot):
    """District and rank of a slot."""
    d = np.int64(world.page_district[slot >> c.PAGE_BITS])
    return d, slot - world.district_slot[d]


@kernel
def apply_entry(rules, world, out, day, watched, entry):
    """Apply one entry to the account it names."""
    slot, b, channel, kind, points = note.unpack(entry)
    d, rank = place_of(world, slot)
    flows = out.tally[d, np.int64(world.traits[slot]) & 31]
    if kind >= c.RESTORE_FALSE:
        record.take_back(rules, world, flows, slot, b, kind, points)
        if watched:
            note.event(out.rows, out.counts, day, c.EV_RECORD, slot, b, channel, kind, -points, -1)
        return
    who = address(d, rank)
    if record.is_void(rules, who, b):
        return
    if record.is_struck_out(rules, who, b, kind):
        flows[c.F_STRUCK_FALSE if record.is_false(kind) else c.F_STRUCK_TRUE] += 1
        if watched:
            note.event(out.rows, out.counts, day, c.EV_RECORD, slot, b, channel, kind + c.STRUCK, 0, -1)
        return
    value = rules.act[b, c.ACT_POINTS]
    if watched:
        note.event(out.rows, out.counts, day, c.EV_RECORD, slot, b, channel, kind, value, -1)
    delay = record.enter(rules, world, flows, slot, who, b, channel, kind)
    if delay:
        back = c.RESTORE_FALSE if record.is_false(kind) else c.RESTORE_TRUE
        note.send(out.entries, out.late, out.late_day, out.counts, note.pack(slot, b, channel, back, value), day, delay)


@kernel
def stand_and_note(rules, world, out, day, slot, district, members, total):
    """Stand, with an event row if a watched citizen's status changes."""
    before = np.int64(world.status[slot])
    flows = out.tally[district]
    points = standing.stand(rules.p, world, flows, slot, members, total)
    after = np.int64(world.status[slot])
    if after != before and len(out.watch) > 0 and out.watch[slot] != 0:
        now, then = after & c.CLASS_BITS, before & c.CLASS_BITS
        note.event(out.rows, out.counts, day, c.EV_STAND, slot, now, then, after >> 3, points, -1)


@kernel
def stand_circle(rules, world, out, day, district, first, size):
    """Stand for all members of one circle of friends."""
    members, total = standing.circle_sum(rules.p, world.own, world.status, first, size)
    for i in range(first, first + size):
        stand_and_note(rules, world, out, day, i, district, members, total)


@kernel
def stand_named(rules, world, out, day, district, first, size, named):
    """Stand for one named member and those whom the change reaches through the circle.

    A member who was not named, and whose points through friends stay as they are, stands as before.
    """
    p = rules.p
    members, total = standing.circle_sum(p, world.own, world.status, first, size)
    for i in range(first, first + size):
        if i != named:
            offset, points = np.int64(world.own[i]) - p[c.P_START], np.int64(world.association[i])
            if world.status[i] & c.SHUNNED or standing.keeps_association(p, points, offset, total, members):
                continue
        stand_and_note(rules, world, out, day, i, district, members, total)


@kernel
def settle_page(rules, world, out, day, entries, first, last):
    """Record and stand for entries first .. last-1, all of one neighbourhood.

    Passes, so that the order of entries is immaterial: take back, enter, bring into range, stand.
    """
    watching = len(out.watch) > 0
    for is_entering in range(2):
        for k in range(first, last):
            if (note.kind_of(entries[k]) < c.RESTORE_FALSE) == (is_entering == 1):
                watched = watching and out.watch[note.slot_named(entries[k])] != 0
                apply_entry(rules, world, out, day, watched, entries[k])
    for k in range(first, last):
        record.limit_false_points(rules.p, world, note.slot_named(entries[k]))
    d, _, page_first, n = page_place(world, note.slot_named(entries[first]) >> c.PAGE_BITS)
    for k in range(first, last):
        slot = note.slot_named(entries[k])
        start, size = circles.cell(world.friends, slot - page_first, n)
        stand_named(rules, world, out, day, d, page_first + start, size, slot)


@loop
def settle_entries(rules, world, out, day, entries, first, last):
    """Record and stand for entries first .. last-1, sorted by the person named, page by page."""
    while first < last:
        page = note.slot_named(entries[first]) >> c.PAGE_BITS
        until = first + 1
        while until < last and note.slot_named(entries[until]) >> c.PAGE_BITS == page:
            until += 1
        settle_page(rules, world, out, day, entries, first, until)
        first = until


@loop
def stand_pages(rules, world, out, day, first_page, last_page):
    """Stand for everybody of some pages; returns the page reached."""
    watching = len(out.watch) > 0
    for page in range(first_page, last_page):
        if not has_room(out, watching):
            return page
        d, _, first, n = page_place(world, page)
        j = np.int64(0)
        while j < n:
            start, size = circles.cell(world.friends, j, n)
            stand_circle(rules, world, out, day, d, first + start, size)
            j = start + size
    return last_page


@kernel
def wish(rules, world, out, day, watched, q, district, slot, who, v):
    """Candidate `who` for wish q: do they ask, and what is the answer?"""
    traits = np.int64(world.traits[slot])
    if traits & rules.wish[q, c.WISH_NEEDS] != rules.wish[q, c.WISH_NEEDS]:
        return
    factor = conduct.trait_factor(rules.wish_factors, q, traits, rules.wish[q, c.WISH_DISPOSITION])
    accept = rules.wish[q, c.WISH_ACCEPT]
    flows = out.tally[district, traits & 31]
    if rules.wish[q, c.WISH_KIND] == c.EXPRESSION:
        state = rules.wish_factors[q, c.FACTOR_STATE + (np.int64(world.inner[slot]) & 15)]
        if v >= conduct.chance(accept, factor, state):
            flows[c.F_CHILLED_POSTS] += 1 if v < conduct.chance(accept, factor, 256) else 0
            return
    elif v >= conduct.chance(accept, factor, 256):
        return
    outcome = consequence.answer(rules, world, flows, slot, q, draw(rules.keys[c.S_DECISION], who))
    if watched:
        note.event(out.rows, out.counts, day, c.EV_CONSEQUENCE, slot, q, -1, outcome, 0, -1)


@loop
def wish_pages(rules, world, out, day, first_page, last_page):
    """Consequence for some pages; returns the page reached."""
    watching = len(out.watch) > 0
    for page in range(first_page, last_page):
        if not has_room(out, watching):
            return page
        d, rank, first, n = page_place(world, page)
        for k in range(wishers(rules, world, out, rules.keys, d, rank, first, n)):
            j = out.likely[k]
            who = address(d, rank + j)
            z = draw(rules.keys[c.S_WISH_CHOICE], who)
            q, _ = lottery(rules.wish_bounds, rules.wish_guide, out.lanes[j], z)
            watched = watching and out.watch[first + j] != 0
            wish(rules, world, out, day, watched, q, d, first + j, who, lo(z))
    return last_page


@kernel
def week_page(rules, world, district, rank, first, n):
    """Perceived risk and expression of a neighbourhood, but for what friends' sanctions add. Vectorises."""
    public = rules.p[c.P_PUBLIC] * rules.public[district]
    forgetting, censorship = rules.p[c.P_FORGETTING], rules.p[c.P_CENSOR]
    key = rules.keys[c.S_FADING]
    for i in range(first, first + n):
        traits, inner = np.int64(world.traits[i]), np.int64(world.inner[i])
        u = lo(draw(key, address(district, rank + i - first)))
        risk = respond.settled_risk(np.int64(world.risk[i]), respond.base_risk(traits), public, forgetting, u)
        boldness = (traits >> c.BOLDNESS_SHIFT) & 7
        world.risk[i] = risk
        world.inner[i] = (inner & 0xF0) | respond.expression_step(inner & 15, risk, boldness, censorship)


@kernel
def week_circle(rules, world, out, district, rank, first, size):
    """Friends' sanctions, remedy and shunning in one circle, all seen as they were before. Has anybody changed?"""
    p = rules.p
    changed = False
    for i in range(first, first + size):
        before = np.int64(world.status[i])
        own, false = world.own[i], world.false_points[i]
        flows = out.tally[district, np.int64(world.traits[i]) & 31]
        who = address(district, rank + i - first)
        if before & (c.BLACK | c.COURT):
            remedy.leave_lists(rules, world, flows, i, who)
        remedy.expire(rules, world, i, who)
        remedy.audit(rules, world, flows, i, who)
        remedy.work(rules, world, flows, i, who, before)
        respond.shun(rules, world, flows, i, who, standing.is_sanctioned(p, before), size - 1)
        changed |= world.status[i] != before or world.own[i] != own or world.false_points[i] != false
    return changed


@kernel
def alarm_friends(p, world, first, size):
    """What friends' sanctions add to perceived risk, in one circle."""
    sanctioned = 0
    for i in range(first, first + size):
        sanctioned += standing.is_sanctioned(p, np.int64(world.status[i]))
    if sanctioned == 0 or size < 2:
        return
    for i in range(first, first + size):
        others = sanctioned - standing.is_sanctioned(p, np.int64(world.status[i]))
        world.risk[i] = respond.risk_from_friends(p, np.int64(world.risk[i]), others, size - 1)


@kernel
def concerned(p, world, first, n, chosen):
    """Places of those whom lists, class or a lever concern at a week's end, into `chosen`; returns how many."""
    everybody = p[c.P_EXPIRY_DAYS] | p[c.P_AUDIT]
    m = 0
    for j in range(n):
        status = np.int64(world.status[first + j])
        chosen[m] = j
        m += np.int64(status >> 3 | standing.is_in(p[c.P_SANCTIONED_CLASSES], status & c.CLASS_BITS) | everybody != 0)
    return m


@loop
def week_pages(rules, world, out, day, first_page, last_page):
    """Remedy, respond and stand at a week's end for some pages; returns the page reached.

    Circles of friends in which nobody is concerned are as before, but for risk and expression.
    """
    watching = len(out.watch) > 0
    for page in range(first_page, last_page):
        if not has_room(out, watching):
            return page
        d, rank, first, n = page_place(world, page)
        done = np.int64(0)
        for k in range(concerned(rules.p, world, first, n, out.chosen)):
            if out.chosen[k] < done:
                continue
            start, size = circles.cell(world.friends, out.chosen[k], n)
            alarm_friends(rules.p, world, first + start, size)
            if week_circle(rules, world, out, d, rank + start, first + start, size):
                stand_circle(rules, world, out, day, d, first + start, size)
            done = start + size
        week_page(rules, world, d, rank, first, n)
        if watching:
            week_rows(world, out, day, first, n)
    return last_page


@kernel
def week_rows(world, out, day, first, size):
    """The weekly row of each watched citizen of a neighbourhood."""
    for i in range(first, first + size):
        if out.watch[i] != 0:
            note.event(
                out.rows, out.counts, day, c.EV_RESPOND, i, np.int64(world.status[i]), np.int64(world.listed_weeks[i]),
                np.int64(world.risk[i]), np.int64(world.own[i]), np.int64(world.inner[i]),
            )  # fmt: skip


@loop
def glance(rules, world, totals, first_page, last_page):
    """Add the sum of standings and the number of the sanctioned to totals int64[2]. Vectorises."""
    p = rules.p
    classes, floor, ceiling, cap = p[c.P_SANCTIONED_CLASSES], p[c.P_FLOOR], p[c.P_CEILING], p[c.P_CAP]
    points, sanctioned = np.int64(0), np.int64(0)
    for page in range(first_page, last_page):
        _, _, first, n = page_place(world, page)
        for i in range(first, first + n):
            standing_now = min(max(np.int64(world.own[i]) + np.int64(world.association[i]), floor), ceiling)
            limit = cap if np.int64(world.traits[i]) & c.MINORITY else ceiling
            points += min(standing_now, limit)
            status = np.int64(world.status[i])
            sanctioned += ((classes >> (status & c.CLASS_BITS)) | (status >> 3) | (status >> 4)) & 1
    totals[0] += points
    totals[1] += sanctioned


@loop
def take_stock(rules, world, counts, bins, first_page, last_page):
    """Count how things stand: counts int64[D, N_GROUPS, N_BYTE_COUNTS], bins int64[D, 2, N_BINS]."""
    p = rules.p
    classes = p[c.P_SANCTIONED_CLASSES]
    for page in range(first_page, last_page):
        d, _, first, n = page_place(world, page)
        for i in range(first, first + n):
            traits, status = np.int64(world.traits[i]), np.int64(world.status[i])
            minority, own, points = traits & c.MINORITY, np.int64(world.own[i]), np.int64(world.association[i])
            level = standing.standing_of(p, own + points, minority)
            count = counts[d, traits & 31]
            count[c.B_STATUS + status] += 1
            count[c.B_NOTE + np.int64(world.note[i])] += 1
            count[c.B_INNER + np.int64(world.inner[i])] += 1
            count[c.B_STANDING] += level
            count[c.B_RISK] += np.int64(world.risk[i])
            place = (level - p[c.P_FLOOR]) >> c.BIN_SHIFT
            bins[d, minority, min(max(place, 0), c.N_BINS - 1)] += 1
            if standing.is_in(classes, status & c.CLASS_BITS):
                honest = standing.standing_of(p, own - np.int64(world.false_points[i]) + points, minority)
                alone = standing.standing_of(p, own, minority)
                count[c.B_WRONGLY] += 1 - standing.is_in(classes, standing.class_of(p, honest))
                count[c.B_BY_ASSOCIATION] += 1 - standing.is_in(classes, standing.class_of(p, alone))
