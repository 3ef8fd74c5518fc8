"""Loops that ask, without living a day, whose act could put an entry on somebody's account.

Most of what decides an act is drawn from (seed, stream, citizen, day) and the day's rules alone: the candidate, who
sees him, whom that channel names. What is left to the author's state is a factor between bounds. So a look at draws
tells who could name a given citizen on a given day, and whether that hangs on how the author then stood.
"""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.engine.loops import find_mate, lottery
from glasscity.engine.pages import page_size, place_of
from glasscity.kernels import conduct, enrol, observe
from glasscity.kernels.birth import band, household_traits, personal_traits
from glasscity.kernels.circles import cell, circle_word, permute, unpermute
from glasscity.kernels.dispositions import disposition, temper
from glasscity.kernels.draws import GOLDEN, M1, M2, ONE, R27, R30, address, draw, hi, lo, quarter
from glasscity.kernels.jit import loop

BLOCK = 1024
IMPOSSIBLE, UNDECIDED, CERTAIN = range(3)


@loop
def drawn_near(key, district, first_rank, n, lows, shift, scratch, found):
    """Which of `n` neighbours in rank draw a number near one of `lows`, as offsets into `found`.

    Near: less than 2^shift above it. lows: uint64[K], multiples of 2^33, which is why the last step of the draw, that
    leaves its uppermost 31 bits alone, can be left out; scratch: uint64[BLOCK]. Returns how many there are, which may
    be more than fit into `found`: int64. One who is near two of them is told twice. The first loops vectorise.
    """
    m = 0
    base = key + (address(district, first_rank) + ONE) * GOLDEN
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        step = base + np.uint64(start) * GOLDEN
        for j in range(size):
            z = (step ^ (step >> R30)) * M1
            step += GOLDEN
            scratch[j] = (z ^ (z >> R27)) * M2
        for k in range(len(lows)):
            low, hits = lows[k], np.int64(0)
            for j in range(size):
                hits += np.int64((scratch[j] - low) >> shift == np.uint64(0))
            if hits == 0:
                continue
            for j in range(size):
                if (scratch[j] - low) >> shift == np.uint64(0):
                    if m < len(found):
                        found[m] = start + j
                    m += 1
    return m


@loop
def traits_of(keys, draws, household, district, rank, n):
    """The traits of one citizen of a neighbourhood of `n`, drawn alone: all of them but parenthood."""
    page, who = rank >> c.PAGE_BITS, address(district, rank)
    word = circle_word(keys[c.S_CIRCLE], district, page, c.HOUSEHOLD)
    position = permute(word, n, rank & (c.PAGE - 1))
    home, _ = cell(household, position, n)
    sums = draws.age_head if position == home else draws.age_other
    shared = household_traits(keys, draws, district, page, home)
    return personal_traits(keys, draws, who, band(sums, hi(draw(keys[c.S_AGE], who))), shared)


@loop
def fellows(keys, world, circle, district, rank, found):
    """Slots of a citizen's cell of the street, work or chat circle, oneself included, into `found`; returns how many."""
    pattern = world.street
    if circle == c.WORK:
        pattern = world.work
    elif circle == c.CHAT:
        pattern = world.chat
    first, n, page = np.int64(0), world.district_n[district], np.int64(c.WHOLE_DISTRICT)
    if circle == c.STREET:
        page = rank >> c.PAGE_BITS
        first, n = page << c.PAGE_BITS, page_size(world, district, rank)
    word = circle_word(keys[c.S_CIRCLE], district, page, circle)
    start, size = cell(pattern, permute(word, n, rank - first), n)
    for k in range(size):
        found[k] = world.district_slot[district] + first + unpermute(word, n, start + k)
    return size


@loop
def mates(keys, world, slots, scratch, found):
    """Slots of all who share a street, work or chat cell with one of `slots`, with repetitions; returns how many.

    scratch: int64[MAX_PATTERN]; found: int64, with room for all.
    """
    m = 0
    for k in range(len(slots)):
        district, rank = place_of(world, slots[k])
        for circle in range(c.STREET, c.CHAT + 1):
            size = fellows(keys, world, circle, district, rank, scratch)
            for member in range(size):
                found[m + member] = scratch[member]
            m += size
    return m


@loop
def picks(rules, world, draws, household, is_wanted, circle, district, rank, v, scratch):
    """Whether the mate that a citizen picks by the number `v` is one of those wanted; settles the traits of the cell."""
    keys = rules.set_up_keys
    size, is_near = fellows(keys, world, circle, district, rank, scratch), False
    for k in range(size):
        is_near |= is_wanted[scratch[k]] != 0
    if not is_near:
        return False
    for k in range(size):
        if world.traits[scratch[k]] == 0:
            d, other = place_of(world, scratch[k])
            world.traits[scratch[k]] = traits_of(keys, draws, household, d, other, page_size(world, d, other))
    named = find_mate(rules, world, circle, district, rank, v)
    return named >= 0 and is_wanted[named] != 0


@loop
def weighed(rules, b, kind, factor, solidarity, v):
    """Whether candidate number `v` acts: for certain, never, or depending on his state."""
    first, last = np.int64(0), np.int64(15)
    if kind == c.PROSOCIAL:  # motivation begins at 4 + solidarity and loses one step at most
        first, last = 3 + solidarity, 4 + solidarity
    least, most = np.int64(1 << 40), np.int64(0)
    for level in range(first, last + 1):
        state = np.int64(rules.act_factors[b, c.FACTOR_STATE + level])
        least, most = min(least, state), max(most, state)
    accept = rules.act[b, c.ACT_ACCEPT]
    if v >= conduct.chance(accept, factor, most):
        return IMPOSSIBLE
    is_certain = v < conduct.chance(accept, factor, least) and not rules.act[b, c.ACT_ASSEMBLY]
    return CERTAIN if is_certain and not rules.p[c.P_REMOVAL] else UNDECIDED


@loop
def could_report(rules, world, draws, household, is_wanted, district, rank, who, b, factor, v, scratch):
    """Whether a false report, which hangs on no state but REMOVED, would name somebody wanted."""
    if rules.act[b, c.ACT_CHANNEL] < 0:
        return IMPOSSIBLE
    minority = world.traits[world.district_slot[district] + rank] & c.MINORITY
    match = rules.act[b, c.ACT_MATCH_MINORITY] if minority else rules.act[b, c.ACT_MATCH]
    if v >= conduct.alarm_chance(rules.act[b, c.ACT_ACCEPT], factor, np.int64(65536), match):
        return IMPOSSIBLE
    z = draw(rules.keys[c.S_REPORT], who)
    circle = 1 + ((hi(z) * 3) >> 32)
    if not picks(rules, world, draws, household, is_wanted, circle, district, rank, lo(z), scratch):
        return IMPOSSIBLE
    return UNDECIDED if rules.p[c.P_REMOVAL] else CERTAIN


@loop
def would_reach(rules, world, draws, household, is_wanted, district, rank, who, b, scratch):
    """Whether an act, once done, puts an entry on the account of somebody wanted: another, or an informer."""
    slot = world.district_slot[district] + rank
    minority = np.int64(world.traits[slot]) & c.MINORITY
    channel, kind = observe.observer(rules.act, rules.channels, rules.coverage, rules.keys, b, district, minority, who)
    if channel < 0:
        return False
    if kind == c.WRONG:
        u = hi(draw(rules.keys[c.S_WRONG], who))
        gallery = rules.channels[channel, c.CH_GALLERY]
        named = observe.somebody_else(u, gallery, district, rank, world.district_slot, world.district_n)
        if named < 0:
            return False
        if is_wanted[named]:
            return True
    if not rules.channels[channel, c.CH_INFORMER] or rules.p[c.P_DENOUNCING] < 0:
        return False
    z = draw(rules.keys[c.S_INFORMER], who)
    circle = 1 + ((hi(z) * 3) >> 32)
    return picks(rules, world, draws, household, is_wanted, circle, district, rank, lo(z), scratch)


@loop
def sift(rules, world, draws, household, is_wanted, actors, scratch, verdicts):
    """Which of some citizens could put an entry on the account of somebody wanted today: a verdict each.

    is_wanted: uint8 over slots; actors: int64[n] slots; scratch: int64[MAX_PATTERN]; verdicts: uint8[n].
    """
    keys = rules.set_up_keys
    for k in range(len(actors)):
        verdicts[k] = IMPOSSIBLE
        d, rank = place_of(world, actors[k])
        who = address(d, rank)
        z = draw(rules.keys[c.S_ACT_CHOICE], who)
        b, is_candidate = lottery(rules.act_bounds, rules.act_guide, quarter(rules.keys[c.S_CONDUCT], who), z)
        kind = rules.act[b, c.ACT_KIND]
        if not is_candidate or kind == c.SCAN:
            continue
        traits = traits_of(keys, draws, household, d, rank, page_size(world, d, rank))
        world.traits[actors[k]] = traits
        may_be = traits | c.PARENT if 3 <= (traits >> c.AGE_SHIFT) & 7 <= 5 else traits
        if may_be & rules.act[b, c.ACT_NEEDS] != rules.act[b, c.ACT_NEEDS]:
            continue
        word = temper(keys, who)
        factor = conduct.trait_factor(rules.act_factors, b, traits, disposition(word, rules.act[b, c.ACT_DISPOSITION]))
        if kind == c.FALSE_REPORT:
            verdicts[k] = could_report(rules, world, draws, household, is_wanted, d, rank, who, b, factor, lo(z), scratch)
            continue
        verdict = weighed(rules, b, kind, factor, disposition(word, c.SOLIDARITY_BIT), lo(z))
        if verdict != IMPOSSIBLE and would_reach(rules, world, draws, household, is_wanted, d, rank, who, b, scratch):
            verdicts[k] = verdict


@loop
def work_places(keys, world, slots, found):
    """Positions of some citizens in the work circle of their district, from which firms are cut, into found int64[n]."""
    for k in range(len(slots)):
        d, rank = place_of(world, slots[k])
        word = circle_word(keys[c.S_CIRCLE], d, np.int64(c.WHOLE_DISTRICT), c.WORK)
        found[k] = permute(word, world.district_n[d], rank)


@loop
def reached(rules, world, channel, slot):
    """Whether what a channel saw of a citizen that day was passed on to any scorer."""
    d, rank = place_of(world, slot)
    return observe.scorers(rules.channels, channel, draw(rules.keys[c.S_SHARING], address(d, rank))) != 0


@loop
def membership(rules, world, slot):
    """Whether a citizen has an account with the state, and whether he uses the private score."""
    d, rank = place_of(world, slot)
    who = address(d, rank)
    return enrol.is_enrolled(rules, d, rank, who), enrol.is_user(rules, np.int64(world.traits[slot]), who)
