"""Drawing synthetic citizens, one neighbourhood at a time. Model description: E3."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.circles import cell, circle_word, permute
from glasscity.kernels.dispositions import disposition, temper
from glasscity.kernels.draws import address, draw, hi, lo
from glasscity.kernels.jit import kernel
from glasscity.kernels.respond import base_risk
from glasscity.kernels.stand import class_of, opaque_points, standing_of


@kernel
def band(sums, u):
    """The first index whose running sum lies above u."""
    k = 0
    while u >= sums[k]:
        k += 1
    return np.int64(k)


@kernel
def household_traits(keys, draws, district, page, head_position):
    """Minority and income fifth, which a household shares."""
    place = draw(keys[c.S_NEIGHBOURHOOD], address(district, page))
    home = address(district, (page << c.PAGE_BITS) + head_position)
    is_enclave = hi(place) < draws.enclave[district, 0]
    share = draws.enclave[district, 1] if is_enclave else draws.enclave[district, 2]
    minority = 1 if hi(draw(keys[c.S_HOUSEHOLD_MINORITY], home)) < share else 0
    z = draw(keys[c.S_HOUSEHOLD_INCOME], home)
    income = (lo(place) * 5) >> 32 if hi(z) < draws.sorting[0] else (lo(z) * 5) >> 32
    return minority | income << c.INCOME_SHIFT


@kernel
def personal_traits(keys, draws, who, age, shared):
    """All traits of a citizen at address `who`, of a given age, but parenthood."""
    occupation = band(draws.occupation[age], hi(draw(keys[c.S_OCCUPATION], who)))
    traits = shared | age << c.AGE_SHIFT | occupation << c.OCCUPATION_SHIFT
    if age >= 2 and hi(draw(keys[c.S_PARTY], who)) < draws.party[occupation]:
        traits |= c.PARTY
    if age >= 3 and hi(draw(keys[c.S_DRIVES], who)) < draws.drives[(shared >> c.INCOME_SHIFT) & 7]:
        traits |= c.DRIVES
    if age >= 2 and hi(draw(keys[c.S_DISFAVOURED], who)) < draws.disfavoured[0]:
        traits |= c.DISFAVOURED
    return traits | band(draws.online[age], hi(draw(keys[c.S_ONLINE], who))) << c.ONLINE_SHIFT


@kernel
def settle_page(keys, draws, household, district, page, n, traits, first, scratch):
    """Draw the traits of one neighbourhood into traits[first : first + n].

    scratch: int64[3, PAGE].
    """
    ages, homes, with_child = scratch[0], scratch[1], scratch[2]
    word = circle_word(keys[c.S_CIRCLE], district, page, c.HOUSEHOLD)
    rank = page << c.PAGE_BITS
    for j in range(n):
        with_child[j] = 0
    for j in range(n):
        position = permute(word, n, j)
        home, _ = cell(household, position, n)
        u = hi(draw(keys[c.S_AGE], address(district, rank + j)))
        ages[j] = band(draws.age_head if position == home else draws.age_other, u)
        homes[j] = home
        if ages[j] <= 1:
            with_child[home] = 1
    for j in range(n):
        shared = household_traits(keys, draws, district, page, homes[j])
        person = personal_traits(keys, draws, address(district, rank + j), ages[j], shared)
        if 3 <= ages[j] <= 5 and with_child[homes[j]]:
            person |= c.PARENT
        traits[first + j] = person


@kernel
def begin(rules, world, i, who):
    """The state of citizen `i` on the first morning."""
    p, traits, word = rules.p, np.int64(world.traits[i]), temper(rules.set_up_keys, who)
    world.own[i] = p[c.P_START]
    world.risk[i] = base_risk(disposition(word, c.TRUST_BIT))
    world.inner[i] = 15 | (4 + disposition(word, c.SOLIDARITY_BIT)) << 4
    points = p[c.P_START] + opaque_points(rules, traits, who)
    world.status[i] = class_of(p, standing_of(p, points, traits & c.MINORITY))
    world.private[i] = p[c.P_PRIVATE_START]
