"""Four weeks of the party's study app: points by text, share and hour. Model description: E15."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import draw
from glasscity.kernels.jit import kernel, part
from glasscity.kernels.record import shaken


@kernel
def bits(z, first, n):
    """n bits of a word from bit `first`, as a number."""
    return np.int64((z >> np.uint64(first)) & np.uint64((1 << n) - 1))


@kernel
def per_text(p):
    """What to multiply minutes (0 to 63) by, and shift by 16, for the texts that they suffice for: no division a day."""
    return 65536 // p[c.P_APP_MINUTES] + 1


@kernel
def day_points(p, inverse, z):
    """Points of one day on which the app was opened, by the day's word; inverse: of the minutes per text."""
    texts, minutes, passed_on = 1 + bits(z, 16, 3), bits(z, 19, 6), bits(z, 25, 2)
    half_hour = 12 + ((bits(z, 32, 16) * 36) >> 16)
    read = min(texts, (minutes * inverse) >> 16, p[c.P_APP_READ_CAP])
    points = read * p[c.P_APP_VALUE] + min(passed_on, p[c.P_APP_SHARE_CAP]) * p[c.P_APP_SHARE]
    times = p[c.P_APP_INSIDE] if (p[c.P_APP_HOURS] >> half_hour) & 1 else p[c.P_APP_OUTSIDE]
    return min(p[c.P_APP_DAILY_CAP], points * times)


@kernel
def month_points(rules, who, risk):
    """Points of the last 28 days: fear of being seen to neglect it opens the app more often."""
    p = rules.p
    limit = p[c.P_APP_OPENS] + (((65535 - p[c.P_APP_OPENS]) * p[c.P_APP_FEAR] * risk) >> 16)
    word, inverse, total = draw(rules.keys[c.S_APP], who), per_text(p), np.int64(0)
    for k in range(28):
        z = draw(word, np.uint64(k))
        total += day_points(p, inverse, z) * np.int64(bits(z, 0, 16) < limit)
    return total


@part
def settle(rules, world, flows, i, total):
    """What four weeks' points bring a member: a gift, the pillory."""
    p = rules.p
    flows[c.F_APP_POINTS] += total
    if p[c.P_APP_GIFT] and total >= p[c.P_APP_GIFT]:
        flows[c.F_GIFTS] += 1
    if total < p[c.P_APP_PILLORY]:
        flows[c.F_PILLORIED] += 1
        world.risk[i] = shaken(np.int64(world.risk[i]), p[c.P_OWN_SANCTION])


@part
def settle_month(rules, world, flows, i, who, has_account):
    """Gift, pillory and credit of a member. Returns whether the account has moved."""
    p = rules.p
    total = month_points(rules, who, np.int64(world.risk[i]))
    settle(rules, world, flows, i, total)
    if not p[c.P_APP_CREDIT] or not has_account:
        return False
    world.own[i] = min(max(np.int64(world.own[i]) + ((total * p[c.P_APP_CREDIT]) >> 8), p[c.P_FLOOR]), p[c.P_CEILING])
    return True
