"""Loops of the kernels over neighbourhoods: what one worker does in a phase. Those over accounts are in `accounts`.

A worker owns a run of whole neighbourhoods. It reads everybody's traits, writes the state of its own
citizens only, and returns the page at which it ran out of room (`pages.has_room`), or the end.
"""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.engine.accounts import stand_circle
from glasscity.engine.pages import has_room, page_place, page_size, place_of
from glasscity.kernels import app, birth, circles, conduct, consequence, crowd, enrol, note, observe, remedy, respond
from glasscity.kernels import firms as trade
from glasscity.kernels import stand as standing
from glasscity.kernels.bundles import N_LATE
from glasscity.kernels.dispositions import disposition, levels_of, one_of, temper
from glasscity.kernels.draws import address, draw, hi, lo, quarters, stream_key
from glasscity.kernels.jit import kernel, loop
from glasscity.kernels.places import index

SLOT_BITS = 7  # of a lottery slot, in a candidate packed into one number


@kernel
def gate(key, district, rank, n, total, words, lanes, chosen):
    """Places whose 16 bits of the shared word leave them a chance of h < total, into `chosen`; returns how many.

    The first loop vectorises; the second has no branch to mispredict.
    """
    quarters(key, address(district, rank), n, words)
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
def sieve(key, set_up_keys, district, rank, first, bounds, guide, factors, fields, world, n, lanes, chosen, likely):
    """Those of the `n` chosen places that can be accepted at all, into `likely` as `unpacked` reads them; returns how many."""
    m = 0
    for k in range(n):
        j = index(chosen[k])
        who, i = address(district, rank + j), index(first + j)
        z = draw(key, who)
        b, is_candidate = lottery(bounds, guide, lanes[j], z)
        traits, word = np.int64(world.traits[i]), temper(set_up_keys, who)
        risk, inner, fate = np.int64(world.risk[i]), np.int64(world.inner[i]), np.int64(world.fate[i])
        likely[m] = (lo(z) << SLOT_BITS | b) << c.PAGE_BITS | j
        may_be = conduct.is_possible(factors, fields, b, traits, word, risk, inner, fate, lo(z))
        m += np.int64(is_candidate & may_be & (fate & c.REMOVED == 0))
    return m


@kernel
def unpacked(likely):
    """Place, lottery slot and the 32 bits that decide, of a candidate who can be accepted."""
    b = (likely >> c.PAGE_BITS) & ((1 << SLOT_BITS) - 1)
    return index(likely & (c.PAGE - 1)), index(b), likely >> (c.PAGE_BITS + SLOT_BITS)


@kernel
def candidates(rules, world, out, keys, district, rank, first, n):
    """Places of a neighbourhood whose citizens may act today, into out.likely; returns how many."""
    m = gate(keys[c.S_CONDUCT], district, rank, n, rules.p[c.P_ACT_TOTAL], out.words, out.lanes, out.chosen)
    return sieve(
        keys[c.S_ACT_CHOICE], rules.set_up_keys, district, rank, first, rules.act_bounds, rules.act_guide, rules.act_factors,
        rules.act, world, m, out.lanes, out.chosen, out.likely,
    )  # fmt: skip


@kernel
def wishers(rules, world, out, keys, district, rank, first, n):
    """Places of a neighbourhood whose citizens may wish for something today, into out.likely; returns how many."""
    m = gate(keys[c.S_WISH], district, rank, n, rules.p[c.P_WISH_TOTAL], out.words, out.lanes, out.chosen)
    return sieve(
        keys[c.S_WISH_CHOICE], rules.set_up_keys, district, rank, first, rules.wish_bounds, rules.wish_guide,
        rules.wish_factors, rules.wish, world, m, out.lanes, out.chosen, out.likely,
    )  # fmt: skip


@loop
def stream_keys(seed, day, keys):
    """Keys of all streams on a day into keys, uint64[N_STREAMS]."""
    for stream in range(len(keys)):
        keys[stream] = stream_key(seed, np.uint64(stream), day)


@loop
def births(world, rules, draws, household, scratch, first_page, last_page):
    """Draw the citizens of some pages and put them in their first morning's state. scratch: int64[3, PAGE]."""
    for page in range(first_page, last_page):
        d, rank, slot, n = page_place(world, page)
        birth.settle_page(
            rules.set_up_keys, draws, household, d, rank >> c.PAGE_BITS, n, world.traits, slot, scratch
        )
        for i in range(slot, slot + n):
            birth.begin(rules, world, i, address(d, rank + i - slot))


@kernel
def reward(rules, world, out, day, watched, slot, district, rank, who, channel, z):
    """The informer's own reward, if the channel rewards: an entry for `denouncing`, to a mate of the actor."""
    circle = 1 + ((hi(z) * 3) >> 32)
    fellow = find_mate(rules, world, circle, district, rank, lo(z))
    if fellow >= 0:
        send(rules, out, day, watched, slot, who, rules.p[c.P_DENOUNCING], channel, c.REWARD, fellow)


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
def send(rules, out, day, watched, actor, who, b, channel, kind, named):
    """Note who was named, and put the entry on its way if the channel's records reach a scorer. who: the actor's address."""
    if watched:
        note.event(out.rows, out.counts, day, c.EV_OBSERVE, actor, b, channel, kind, 0, named)
    reach = observe.scorers(rules.channels, channel, draw(rules.keys[c.S_SHARING], who))
    if reach:
        entry = note.pack(named, b, channel, kind, reach)
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
    send(rules, out, day, watched, slot, who, b, channel, kind, named)
    if rules.channels[channel, c.CH_INFORMER] and rules.p[c.P_DENOUNCING] >= 0:
        z = draw(rules.keys[c.S_INFORMER], who)
        reward(rules, world, out, day, watched, slot, district, rank, who, channel, z)


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
    send(rules, out, day, watched, slot, who, target, channel, kind, named)
    if is_report and rules.channels[channel, c.CH_INFORMER] and rules.p[c.P_DENOUNCING] >= 0:
        send(rules, out, day, watched, slot, who, rules.p[c.P_DENOUNCING], channel, c.REWARD, slot)


@kernel
def act(rules, world, out, day, watched, b, district, rank, slot, who, v):
    """Candidate `who` for act slot b: do they do it, is it seen, whom is it put down to?"""
    traits = np.int64(world.traits[slot])
    if traits & rules.act[b, c.ACT_NEEDS] != rules.act[b, c.ACT_NEEDS]:
        return
    kind, word = rules.act[b, c.ACT_KIND], temper(rules.set_up_keys, who)
    level = disposition(word, rules.act[b, c.ACT_DISPOSITION])
    factor = conduct.trait_factor(rules.act_factors, b, traits, level)
    minority = traits & c.MINORITY
    if kind >= c.SCAN:
        alarm(rules, world, out, day, watched, b, district, rank, slot, minority, who, factor, v)
        return
    risk = np.int64(world.risk[slot])
    state = conduct.state_factor(
        rules.act_factors, b, kind, risk, np.int64(world.inner[slot]), np.int64(world.fate[slot])
    )
    accept = rules.act[b, c.ACT_ACCEPT]
    flows = out.tally[district, traits & 31]
    if v >= conduct.chance(accept, factor, state):
        if kind == c.EXPRESSION and v < conduct.chance(accept, factor, 256):
            flows[c.F_CHILLED] += 1
        return
    if rules.act[b, c.ACT_ASSEMBLY]:
        share = rules.turnout[district] + rules.p[c.P_INITIATORS]
        if not crowd.joins(rules.p[c.P_CAUTION], share, word, risk):
            flows[c.F_FORGONE] += 1
            return
    flows[c.F_VIOLATIONS if kind == c.HARDSHIP else c.F_VIOLATIONS + kind] += 1
    flows[c.F_HARDSHIP] += 1 if kind == c.HARDSHIP else 0
    out.truth[district, b, c.T_ACTS] += 1
    if watched:
        note.event(out.rows, out.counts, day, c.EV_ACT, slot, b, -1, -1, 0, -1)
    counts_against = rules.act[b, c.ACT_RECORDED] and (rules.act[b, c.ACT_POINTS] < 0 or rules.act[b, c.ACT_LIST])
    if counts_against or rules.act[b, c.ACT_PRIVATE] < 0:
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
            j, b, v = unpacked(out.likely[k])
            who, i = address(d, rank + j), index(first + j)
            watched = watching and note.watched(out.watch, i) != 0
            act(rules, world, out, day, watched, b, d, rank + j, i, who, v)
    return last_page


@kernel
def wish(rules, world, out, day, watched, q, district, rank, slot, who, v):
    """Candidate `who` for wish q: do they ask, and what is the answer?"""
    traits = np.int64(world.traits[slot])
    if traits & rules.wish[q, c.WISH_NEEDS] != rules.wish[q, c.WISH_NEEDS]:
        return
    level = disposition(temper(rules.set_up_keys, who), rules.wish[q, c.WISH_DISPOSITION])
    factor = conduct.trait_factor(rules.wish_factors, q, traits, level)
    accept = rules.wish[q, c.WISH_ACCEPT]
    flows = out.tally[district, traits & 31]
    if rules.wish[q, c.WISH_KIND] == c.EXPRESSION:
        state = rules.wish_factors[q, c.FACTOR_STATE + (np.int64(world.inner[slot]) & 15)]
        if v >= conduct.chance(accept, factor, state):
            flows[c.F_CHILLED_POSTS] += 1 if v < conduct.chance(accept, factor, 256) else 0
            return
    elif v >= conduct.chance(accept, factor, 256):
        return
    band = np.int64(-1)
    if rules.wish[q, c.WISH_HAS_BANDS] and enrol.is_user(rules, traits, who):
        start, size = circles.cell(world.friends, rank & (c.PAGE - 1), page_size(world, district, rank))
        total = enrol.private_sum(rules.p, world.private, slot - (rank & (c.PAGE - 1)) + start, size)
        steps = enrol.private_standing(rules.p, world.private, slot, total, size)
        band = enrol.band_of(rules.p, steps)
    has_account = enrol.is_enrolled(rules, district, rank, who)
    z = draw(rules.keys[c.S_DECISION], who)
    outcome = consequence.answer(rules, world, flows, slot, who, q, z, has_account, band)
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
            j, q, v = unpacked(out.likely[k])
            who, i = address(d, rank + j), index(first + j)
            watched = watching and note.watched(out.watch, i) != 0
            wish(rules, world, out, day, watched, q, d, rank + j, i, who, v)
    return last_page


@kernel
def week_risk(rules, world, district, rank, first, n, minds, lost):
    """Perceived risk of a neighbourhood, but for what friends' sanctions add. Vectorises.

    Leaves boldness and dissent (8 * boldness + dissent) in minds, and the steps that silence takes in lost: int64[PAGE].
    """
    public, forgetting = rules.p[c.P_PUBLIC] * rules.public[district], rules.p[c.P_FORGETTING]
    silence, climate = rules.p[c.P_SILENCE], rules.climate[district]
    key, temper_key = rules.keys[c.S_FADING], rules.set_up_keys[c.S_DISPOSITIONS]
    risks = world.risk[first : first + n]
    for j in range(n):
        who = address(district, rank + j)
        z, word = draw(key, who), draw(temper_key, who)
        levels = levels_of(word)
        base = respond.base_risk(one_of(levels, c.TRUST_BIT))
        risks[j] = respond.settled_risk(np.int64(risks[j]), base, public, forgetting, lo(z))
        minds[j] = one_of(levels, c.BOLDNESS_BIT) << 3 | one_of(levels, c.DISSENT_BIT)
        lost[j] = respond.silenced(silence, climate, hi(z) >> 8)


@kernel
def week_page(rules, world, district, rank, first, n, minds, lost):
    """Perceived risk and expression of a neighbourhood."""
    week_risk(rules, world, district, rank, first, n, minds, lost)
    inners, risks = world.inner[first : first + n], world.risk[first : first + n]
    for j in range(n):
        inner, risk = np.int64(inners[j]), np.int64(risks[j])
        step = respond.expression_step(rules.targets, inner & 15, risk, minds[j], lost[j])
        inners[j] = (inner & 0xF0) | step


@kernel
def week_circle(rules, world, out, district, rank, first, size):
    """Friends' sanctions, remedy and shunning in one circle, all seen as they were before. Has anybody changed?"""
    p = rules.p
    classes = p[c.P_JOB_CLASSES] | p[c.P_REMOVAL_CLASSES]
    changed = False
    for k in range(size):
        i = index(first + k)
        before, fate = np.int64(world.status[i]), np.int64(world.fate[i])
        own, false = world.own[i], world.false_points[i]
        flows = out.tally[district, np.int64(world.traits[i]) & 31]
        who = address(district, rank + k)
        if before & (c.BLACK | c.COURT):
            remedy.leave_lists(rules, world, flows, i, who)
        remedy.expire(rules, world, i, who)
        remedy.audit(rules, world, flows, i, who)
        if before >> 3 | fate | standing.is_in(classes, before & c.CLASS_BITS):
            remedy.work(rules, world, flows, i, who, before)
            remedy.remove(rules, world, flows, i, who, before)
            remedy.owe(rules, world, i, who, before)
        respond.shun(rules, world, flows, i, who, standing.is_sanctioned(p, before), size - 1)
        changed |= world.status[i] != before or world.own[i] != own or world.false_points[i] != false
    return changed


@kernel
def alarm_friends(p, world, first, size):
    """What friends' sanctions add to perceived risk, in one circle."""
    sanctioned = 0
    for k in range(size):
        sanctioned += standing.is_sanctioned(p, np.int64(world.status[index(first + k)]))
    if sanctioned == 0 or size < 2:
        return
    for k in range(size):
        i = index(first + k)
        others = sanctioned - standing.is_sanctioned(p, np.int64(world.status[i]))
        world.risk[i] = respond.risk_from_friends(p, np.int64(world.risk[i]), others, size - 1)


@kernel
def concerned(p, world, first, n, is_month, chosen):
    """Places of those whom lists, class, fate or a lever concern at a week's end, into `chosen`; returns how many."""
    everybody = p[c.P_EXPIRY_DAYS] | p[c.P_AUDIT]
    members = c.PARTY * np.int64(is_month * p[c.P_APP_CREDIT] != 0)
    classes = p[c.P_SANCTIONED_CLASSES] | p[c.P_JOB_CLASSES] | p[c.P_REMOVAL_CLASSES]
    statuses, fates, traits = world.status[first : first + n], world.fate[first : first + n], world.traits[first : first + n]
    m = 0
    for j in range(n):
        status, fate, credited = np.int64(statuses[j]), np.int64(fates[j]), np.int64(traits[j]) & members
        chosen[m] = j
        m += np.int64(status >> 3 | fate | credited | standing.is_in(classes, status & c.CLASS_BITS) | everybody != 0)
    return m


@kernel
def app_page(rules, world, out, district, rank, first, n):
    """Four weeks of the study app for the party's members of a neighbourhood."""
    for j in range(n):
        i, who = index(first + j), address(district, rank + j)
        traits = np.int64(world.traits[i])
        if traits & c.PARTY and not world.fate[i] & c.REMOVED:
            has_account = enrol.is_enrolled(rules, district, rank + j, who)
            app.settle_month(rules, world, out.tally[district, traits & 31], i, who, has_account)


@loop
def week_pages(rules, world, out, day, first_page, last_page):
    """Remedy, respond and stand at a week's end for some pages; returns the page reached.

    Circles of friends in which nobody is concerned are as before, but for risk and expression.
    """
    watching = len(out.watch) > 0
    is_month = np.int64(rules.p[c.P_APP_ON] and (day + 1) % 28 == 0)
    for page in range(first_page, last_page):
        if not has_room(out, watching):
            return page
        d, rank, first, n = page_place(world, page)
        if is_month:
            app_page(rules, world, out, d, rank, first, n)
        done = np.int64(0)
        for k in range(concerned(rules.p, world, first, n, is_month, out.chosen)):
            if out.chosen[k] < done:
                continue
            start, size = circles.cell(world.friends, out.chosen[k], n)
            alarm_friends(rules.p, world, first + start, size)
            changed = week_circle(rules, world, out, d, rank + start, first + start, size)
            if changed or is_month and rules.p[c.P_APP_CREDIT]:
                stand_circle(rules, world, out, day, d, first + start, size)
            done = start + size
        week_page(rules, world, d, rank, first, n, out.chosen, out.likely)
        if watching:
            week_rows(world, out, day, first, n)
    return last_page


@kernel
def week_rows(world, out, day, first, size):
    """The weekly row of each watched citizen of a neighbourhood."""
    row = np.int64(out.watch[first >> c.PAGE_BITS])
    for begin in range(0, size, c.WATCHED_A_WORD):
        if out.watch[row + begin // c.WATCHED_A_WORD] == 0:
            continue
        for i in range(first + begin, first + min(begin + c.WATCHED_A_WORD, size)):
            if note.watched(out.watch, i) & c.WATCHED:
                note.event(
                    out.rows, out.counts, day, c.EV_RESPOND, i, np.int64(world.status[i]), np.int64(world.listed_weeks[i]),
                    np.int64(world.risk[i]), np.int64(world.own[i]), np.int64(world.inner[i]),
                )  # fmt: skip


# --- firms -----------------------------------------------------------------------------------------


@kernel
def dismiss(rules, world, out, day, district, start, size):
    """Send word to the employees of a firm that was put on the list; returns how many they are."""
    word = circles.circle_word(rules.set_up_keys[c.S_CIRCLE], district, c.WHOLE_DISTRICT, c.WORK)
    n, first, hit = world.district_n[district], world.district_slot[district], 0
    for position in range(start, start + size):
        slot = first + circles.unpermute(word, n, position)
        if remedy.is_working(np.int64(world.traits[slot])):
            entry = note.pack(slot, 0, 0, c.EMPLOYER, rules.p[c.P_EMPLOYEE_POINTS])
            note.send(out.entries, out.late, out.late_day, out.counts, entry, day, 1)
            hit += 1
    return hit


@loop
def firm_weeks(rules, world, out, firm_rules, firms, tally, day, first_firm, last_firm):
    """A week of some firms; returns the firm reached. Firms of a district are cells of its work circle's positions.

    tally: int64[D, N_SECTORS, N_FIRM_FLOWS].
    """
    d = np.int64(0)
    period, in_period = np.int64(firms.pattern[0]), circles.cells_in(firms.pattern)
    for g in range(first_firm, last_firm):
        if out.counts[N_LATE] + c.MAX_PATTERN > len(out.late):
            return g
        while g >= firms.first[d + 1]:
            d += 1
        k = g - firms.first[d]
        who = address(d, k)
        z = draw(rules.set_up_keys[c.S_FIRM], who)
        if trade.firm_week(firm_rules, rules.keys, firms, tally[d], g, who, z):
            position = (k // in_period) * period + circles.cell_start(firms.pattern, k % in_period)
            start, size = circles.cell(firms.pattern, position, world.district_n[d])
            hit = dismiss(rules, world, out, day, d, start, size)
            tally[d, trade.sector_of(firm_rules.p, z), c.FF_EMPLOYEES_HIT] += hit
    return last_firm


@loop
def dispositions(set_up_keys, world, slots, words):
    """The words that hold the dispositions of some citizens: words uint64[len(slots)]."""
    for k in range(len(slots)):
        d, rank = place_of(world, slots[k])
        words[k] = temper(set_up_keys, address(d, rank))


@loop
def opaque(rules, world, slots, traits, points):
    """What the composite adds to some citizens of these traits: points int64[len(slots)]."""
    for k in range(len(slots)):
        d, rank = place_of(world, slots[k])
        points[k] = standing.opaque_points(rules, np.int64(traits[k]), address(d, rank))
