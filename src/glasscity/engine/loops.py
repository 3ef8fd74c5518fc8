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
from glasscity.kernels.jit import kernel

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
def gate(key, district, rank, n, total, flags, chosen):
    """Places j with hi(draw(key, address)) < total, into `chosen`; returns how many. flags: uint8[PAGE]."""
    base = key + (address(district, rank) + ONE) * GOLDEN
    limit = np.uint64(total) << np.uint64(32)
    for j in range(n):
        flags[j] = mix(base + np.uint64(j) * GOLDEN) < limit
    m = 0
    for j in range(n):
        if flags[j]:
            chosen[m] = j
            m += 1
    return m


@kernel
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


@kernel
def act_pages(rules, world, out, day, first_page, last_page):
    """Conduct and observe for some pages; returns the page reached."""
    total, key = rules.p[c.P_ACT_TOTAL], rules.keys[c.S_CONDUCT]
    watching = len(out.watch) > 0
    for page in range(first_page, last_page):
        if not has_room(out, watching):
            return page
        d, rank, first, n = page_place(world, page)
        for k in range(gate(key, d, rank, n, total, out.flags, out.chosen)):
            j = out.chosen[k]
            who = address(d, rank + j)
            z = draw(key, who)
            b = conduct.slot_of(rules.act_bounds, hi(z))
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
def stand_circle(rules, world, out, day, district, page_first, start, size):
    """Stand for all members of one circle of friends."""
    first = page_first + start
    members, total = standing.circle_sum(rules.p, world.own, world.status, first, size)
    for i in range(first, first + size):
        stand_and_note(rules, world, out, day, i, district, members, total)


@kernel
def settle_entries(rules, world, out, day, entries, first_slot, last_slot):
    """Record and stand for those of `entries` that name citizens of slots first_slot .. last_slot-1.

    Three passes, so that the order of entries is immaterial: take back, enter, stand.
    """
    watching = len(out.watch) > 0
    restore = np.uint64(c.RESTORE_FALSE)
    for is_entering in range(2):
        for k in range(len(entries)):
            slot = np.int64(entries[k] & np.uint64(0xFFFFFFFF))
            if first_slot <= slot < last_slot:
                kind = (entries[k] >> np.uint64(c.ENTRY_KIND_SHIFT)) & np.uint64(7)
                if (kind < restore) == (is_entering == 1):
                    watched = watching and out.watch[slot] != 0
                    apply_entry(rules, world, out, day, watched, entries[k])
    for k in range(len(entries)):
        slot = np.int64(entries[k] & np.uint64(0xFFFFFFFF))
        if first_slot <= slot < last_slot:
            d, _, page_first, n = page_place(world, slot >> c.PAGE_BITS)
            start, size = circles.cell(world.friends, slot - page_first, n)
            stand_circle(rules, world, out, day, d, page_first, start, size)


@kernel
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
            stand_circle(rules, world, out, day, d, first, start, size)
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
    if rules.wish[q, c.WISH_EXPRESSION]:
        state = rules.wish_factors[q, c.FACTOR_STATE + (np.int64(world.inner[slot]) & 15)]
        if v >= conduct.chance(accept, factor, state):
            flows[c.F_CHILLED_POSTS] += 1 if v < conduct.chance(accept, factor, 256) else 0
            return
    elif v >= conduct.chance(accept, factor, 256):
        return
    outcome = consequence.answer(rules, world, flows, slot, q, draw(rules.keys[c.S_DECISION], who))
    if watched:
        note.event(out.rows, out.counts, day, c.EV_CONSEQUENCE, slot, q, -1, outcome, 0, -1)


@kernel
def wish_pages(rules, world, out, day, first_page, last_page):
    """Consequence for some pages; returns the page reached."""
    total, key = rules.p[c.P_WISH_TOTAL], rules.keys[c.S_WISH]
    watching = len(out.watch) > 0
    for page in range(first_page, last_page):
        if not has_room(out, watching):
            return page
        d, rank, first, n = page_place(world, page)
        for k in range(gate(key, d, rank, n, total, out.flags, out.chosen)):
            j = out.chosen[k]
            who = address(d, rank + j)
            z = draw(key, who)
            q = conduct.slot_of(rules.wish_bounds, hi(z))
            watched = watching and out.watch[first + j] != 0
            wish(rules, world, out, day, watched, q, d, first + j, who, lo(z))
    return last_page


@kernel
def week_citizen(rules, world, out, i, district, rank, sanctioned_in_circle, size):
    """Remedy and respond for one citizen; friends are seen as they were before."""
    flows = out.tally[district, np.int64(world.traits[i]) & 31]
    who = address(district, rank)
    before = np.int64(world.status[i])
    sanctioned = standing.is_sanctioned(rules.p, before)
    if before & (c.BLACK | c.COURT):
        remedy.leave_lists(rules, world, flows, i, who)
    remedy.expire(rules.p, world, i)
    remedy.audit(rules, world, flows, i, who)
    remedy.work(rules, world, flows, i, who, before)
    friends = sanctioned_in_circle - sanctioned
    respond.respond(rules, world, flows, i, who, district, sanctioned, friends, size - 1)


@kernel
def week_pages(rules, world, out, day, first_page, last_page):
    """Remedy, respond and stand at a week's end for some pages; returns the page reached."""
    watching = len(out.watch) > 0
    for page in range(first_page, last_page):
        if not has_room(out, watching):
            return page
        d, rank, first, n = page_place(world, page)
        j = np.int64(0)
        while j < n:
            start, size = circles.cell(world.friends, j, n)
            sanctioned = 0
            for i in range(first + start, first + start + size):
                sanctioned += standing.is_sanctioned(rules.p, np.int64(world.status[i]))
            for k in range(start, start + size):
                week_citizen(rules, world, out, first + k, d, rank + k, sanctioned, size)
            stand_circle(rules, world, out, day, d, first, start, size)
            if watching:
                week_rows(world, out, day, first + start, size)
            j = start + size
    return last_page


@kernel
def week_rows(world, out, day, first, size):
    """The weekly row of each watched member of a circle."""
    for i in range(first, first + size):
        if out.watch[i] != 0:
            note.event(
                out.rows, out.counts, day, c.EV_RESPOND, i, np.int64(world.status[i]), np.int64(world.listed_weeks[i]),
                np.int64(world.risk[i]), np.int64(world.own[i]), np.int64(world.inner[i]),
            )  # fmt: skip


@kernel
def take_stock(rules, world, stocks, bins, first_page, last_page):
    """Count how things stand: stocks int64[D, N_GROUPS, N_STOCKS], bins int64[D, 2, N_BINS]."""
    p = rules.p
    for page in range(first_page, last_page):
        d, _, first, n = page_place(world, page)
        for i in range(first, first + n):
            traits, status, mark = np.int64(world.traits[i]), np.int64(world.status[i]), np.int64(world.note[i])
            minority, own, points = traits & c.MINORITY, np.int64(world.own[i]), np.int64(world.association[i])
            inner = np.int64(world.inner[i])
            s = stocks[d, traits & 31]
            level = standing.standing_of(p, own + points, minority)
            s[c.K_CITIZENS] += 1
            s[c.K_STANDING] += level
            s[c.K_RISK] += np.int64(world.risk[i])
            s[c.K_EXPRESSION] += inner & 15
            s[c.K_MOTIVATION] += inner >> 4
            s[c.K_CLASS + (status & c.CLASS_BITS)] += 1
            for k in range(8):
                s[c.K_NOTE + k] += (mark >> k) & 1
            if status >> 3:
                s[c.K_BLACK] += (status >> 3) & 1
                s[c.K_COURT] += (status >> 4) & 1
                s[c.K_RED] += (status >> 5) & 1
                s[c.K_SHUNNED] += (status >> 6) & 1
                s[c.K_JOBLESS] += status >> 7
            if not mark & c.VIOLATED:
                s[c.K_INNOCENT] += 1
                s[c.K_INNOCENT_SANCTIONED] += (mark >> 1) & 1
            s[c.K_SANCTIONED] += standing.is_sanctioned(p, status)
            if standing.is_in(p[c.P_SANCTIONED_CLASSES], status & c.CLASS_BITS):
                honest = standing.standing_of(p, own - np.int64(world.false_points[i]) + points, minority)
                alone = standing.standing_of(p, own, minority)
                classes = p[c.P_SANCTIONED_CLASSES]
                s[c.K_WRONGLY_NOW] += 1 - standing.is_in(classes, standing.class_of(p, honest))
                s[c.K_BY_ASSOCIATION_NOW] += 1 - standing.is_in(classes, standing.class_of(p, alone))
            place = (level - p[c.P_FLOOR]) >> c.BIN_SHIFT
            bins[d, minority, min(max(place, 0), c.N_BINS - 1)] += 1
