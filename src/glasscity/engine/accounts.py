"""Loops over accounts: entries reach those whom they name, and circles of friends stand.

A worker owns a run of whole neighbourhoods and writes the state of its own citizens only.
"""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.engine.pages import has_room, page_place, place_of
from glasscity.kernels import circles, enrol, note, record
from glasscity.kernels import stand as standing
from glasscity.kernels.draws import address, quarters
from glasscity.kernels.jit import kernel, loop
from glasscity.kernels.places import index


@loop
def mark_afar(channels, entries, day, marks):
    """Set the bit of a day for each neighbourhood in which a channel with a wider gallery names somebody wrongly.

    marks: uint8[pages, days / 8].
    """
    for k in range(len(entries)):
        slot, _, channel, kind, _ = note.unpack(entries[k])
        if kind == c.WRONG and channels[channel, c.CH_GALLERY] != c.GALLERY_NEIGHBOURHOOD:
            marks[slot >> c.PAGE_BITS, day >> 3] |= np.uint8(1 << (day & 7))


@kernel
def restore(rules, world, out, day, watched, flows, slot, b, channel, kind, points):
    """An entry that is taken back after an appeal."""
    record.take_back(rules, world, flows, slot, b, kind, points)
    if watched:
        note.event(out.rows, out.counts, day, c.EV_RECORD, slot, b, channel, kind, -points, -1)


@kernel
def followed(flows):
    """What has followed entries so far, as one number: the difference over one entry has a bit for each, see FOLLOWED."""
    return flows[c.F_NOTIFIED] + 2 * flows[c.F_APPEALS] + 4 * flows[c.F_SHAMED] + 8 * flows[c.F_FINED]


@kernel
def charge(rules, world, out, day, watched, flows, slot, district, rank, who, b, channel, kind):
    """An entry that has reached the state's scorer, of somebody with an account."""
    value = rules.act[b, c.ACT_POINTS]
    if rules.p[c.P_DISCRETION] and rules.channels[channel, c.CH_LOCAL]:
        value = record.by_discretion(rules, district, rank, value)
    if record.is_struck_out(rules, who, b, kind, value):
        flows[c.F_STRUCK_FALSE if record.is_false(kind) else c.F_STRUCK_TRUE] += 1
        if watched:
            note.event(out.rows, out.counts, day, c.EV_RECORD, slot, b, channel, kind + c.STRUCK, 0, -1)
        return
    before = followed(flows)
    flows[c.F_DISCRETION] += abs(value - rules.act[b, c.ACT_POINTS])
    flows[c.F_HANDED_OVER] += rules.channels[channel, c.CH_IS_PRIVATE] if kind != c.REWARD else 0
    delay = record.enter(rules, world, flows, slot, who, b, channel, kind, value)
    if watched:
        note.event(out.rows, out.counts, day, c.EV_RECORD, slot, b, channel, kind, value, followed(flows) - before)
    if delay:
        back = c.RESTORE_FALSE if record.is_false(kind) else c.RESTORE_TRUE
        note.send(out.entries, out.late, out.late_day, out.counts, note.pack(slot, b, channel, back, value), day, delay)


@kernel
def apply_entry(rules, world, out, day, watched, entry):
    """Apply one entry to the accounts that it reaches."""
    slot, b, channel, kind, points = note.unpack(entry)
    d, rank = place_of(world, slot)
    flows = out.tally[d, np.int64(world.traits[slot]) & 31]
    if kind == c.RESTORE_FALSE or kind == c.RESTORE_TRUE:
        restore(rules, world, out, day, watched, flows, slot, b, channel, kind, points)
        return
    who = address(d, rank)
    if kind == c.EMPLOYER:
        has_account = enrol.is_enrolled(rules, d, rank, who)
        counted = record.hit_by_employer(rules, world, flows, slot, who, points, has_account)
        if watched:
            note.event(out.rows, out.counts, day, c.EV_RECORD, slot, -1, -1, kind, counted, -1)
        return
    if points & c.TO_PRIVATE and rules.p[c.P_PRIVATE_ON]:
        record.enter_privately(rules, world, flows, slot, who, b, kind)
    if not points & c.TO_STATE or not rules.act[b, c.ACT_RECORDED]:
        return
    if not enrol.is_enrolled(rules, d, rank, who):
        flows[c.F_OUTSIDE] += 1
        return
    if not record.has_left(rules, who):
        charge(rules, world, out, day, watched, flows, slot, d, rank, who, b, channel, kind)


@kernel
def stand_and_note(rules, world, out, day, slot, district, members, total):
    """Stand, with an event row if a watched citizen's status changes."""
    before = np.int64(world.status[slot])
    flows = out.tally[district]
    who = address(district, slot - world.district_slot[district])
    points = standing.stand(rules, world, flows, slot, who, members, total)
    after = np.int64(world.status[slot])
    if after != before and note.watched(out.watch, slot):
        now, then = after & c.CLASS_BITS, before & c.CLASS_BITS
        note.event(out.rows, out.counts, day, c.EV_STAND, slot, now, then, after >> 3, points, -1)


@kernel
def stand_circle(rules, world, out, day, district, first, size):
    """Stand for all members of one circle of friends, whose accounts are brought into range."""
    members, total = standing.settled_sum(rules.p, world.own, world.status, first, size)
    for k in range(size):
        stand_and_note(rules, world, out, day, index(first + k), district, members, total)


@kernel
def opaque_page(rules, world, out, district, rank, first, n):
    """What the composite adds to the citizens of a neighbourhood, into out.chosen. Vectorises."""
    if rules.p[c.P_COMPOSITE]:
        quarters(rules.keys[c.S_COMPOSITE], address(district, rank), n, out.words)
        traits = world.traits[first : first + n]
        for j in range(n):
            out.chosen[j] = standing.secret_points(rules.p, np.int64(traits[j]), np.int64(out.lanes[j]))
    else:
        out.chosen[:n] = 0


@kernel
def stand_anew(rules, world, out, day, district, first, size, opaque):
    """Stand for all members of one circle of friends, of whom most will stand as before; opaque: points of the composite."""
    p = rules.p
    members, total = standing.settled_sum(p, world.own, world.status, first, size)
    line, start, limit = standing.association_line(p, total, members), p[c.P_START], p[c.P_LIMIT]
    is_tied = (p[c.P_WEIGHT] != 0) & (members > 1)
    for k in range(size):
        i = index(first + k)
        points, own, status = np.int64(world.association[i]), np.int64(world.own[i]), np.int64(world.status[i])
        keeps = standing.keeps_association(line, limit, points, own - start) if is_tied else points == 0
        level = standing.standing_of(p, own + points + opaque[k], np.int64(world.traits[i]) & c.MINORITY)
        if not (keeps & standing.stands_as_before(p, status, level)):
            stand_and_note(rules, world, out, day, i, district, members, total)


@kernel
def stand_named(rules, world, out, day, district, first, size, named):
    """Stand for one named member and those whom the change reaches through the circle.

    A member who was not named, and whose points through friends stay as they are, stands as before.
    """
    p = rules.p
    members, total = standing.circle_sum(p, world.own, world.status, first, size)
    if p[c.P_WEIGHT] == 0 or members < 2:
        stand_and_note(rules, world, out, day, index(named), district, members, total)
        return
    line, start, limit = standing.association_line(p, total, members), p[c.P_START], p[c.P_LIMIT]
    for k in range(size):
        i = index(first + k)
        points, offset = np.int64(world.association[i]), np.int64(world.own[i]) - start
        stays = (world.status[i] & c.SHUNNED != 0) | standing.keeps_association(line, limit, points, offset)
        if i == named or not stays:
            stand_and_note(rules, world, out, day, i, district, members, total)


@kernel
def fetch_named(world, entries, first, last):
    """Read the state of those named once, all at a time, so that waiting for memory overlaps. Returns a sum without meaning."""
    total = np.int64(0)
    for k in range(first, last):
        i = note.slot_named(entries[k])
        total += np.int64(world.own[i]) + np.int64(world.false_points[i]) + np.int64(world.association[i])
        total += np.int64(world.status[i]) + np.int64(world.note[i]) + np.int64(world.risk[i])
        total += np.int64(world.traits[i]) + np.int64(world.inner[i]) + np.int64(world.listed_weeks[i])
    return total


@kernel
def settle_page(rules, world, out, day, entries, first, last):
    """Record and stand for entries first .. last-1, all of one neighbourhood.

    Passes, so that the order of entries is immaterial: take back, enter, bring into range, stand.
    """
    watching = len(out.watch) > 0
    d, _, page_first, n = page_place(world, note.slot_named(entries[first]) >> c.PAGE_BITS)
    out.chosen[0] = fetch_named(world, entries, first, last)  # kept, so that the compiler keeps the reading
    for is_entering in range(2):
        for k in range(first, last):
            kind = note.kind_of(entries[k])
            if (kind != c.RESTORE_FALSE and kind != c.RESTORE_TRUE) == (is_entering == 1):
                watched = watching and note.watched(out.watch, note.slot_named(entries[k])) != 0
                apply_entry(rules, world, out, day, watched, entries[k])
    for k in range(first, last):
        record.limit_false_points(rules.p, world, note.slot_named(entries[k]))
        standing.bring_into_range(rules.p, world.own, note.slot_named(entries[k]))
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
        d, rank, first, n = page_place(world, page)
        opaque_page(rules, world, out, d, rank, first, n)
        j = np.int64(0)
        while j < n:
            start, size = circles.cell(world.friends, j, n)
            stand_anew(rules, world, out, day, d, first + start, size, out.chosen[start : start + size])
            j = start + size
    return last_page
