"""How people react: perceived risk, self-censorship, shunning. Model description: E9, 6 to 8."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import draw, hi
from glasscity.kernels.jit import kernel


@kernel
def base_risk(traits):
    """Perceived risk before any experience: lower with trust in the authorities."""
    return 24 + 8 * (7 - ((traits >> c.TRUST_SHIFT) & 7))


@kernel
def perceived_risk(p, risk, base, sanctioned_friends, friends, public):
    """Perceived risk after a week: raised by friends' and the district's sanctions, fading towards `base`.

    Updating from personal and vicarious experience as in Anwar & Loughran (2011), Criminology 49(3),
    https://doi.org/10.1111/j.1745-9125.2011.00233.x, in integer steps.
    """
    if friends > 0:
        risk += ((255 - risk) * p[c.P_FRIENDS] * sanctioned_friends) // (256 * friends)
    risk += ((255 - risk) * p[c.P_PUBLIC] * public) >> 24
    if risk > base:
        risk -= ((risk - base) * p[c.P_FORGETTING]) >> 8
    return risk


@kernel
def expression_step(p, expression, risk, boldness):
    """Expression moves one step a week towards what perceived risk leaves of it; the bold give up half as much."""
    target = 15 - (p[c.P_CENSOR] * (risk >> 4) * (14 - boldness)) // (256 * 14)
    if expression < target:
        return expression + 1
    return expression - 1 if expression > target else expression


@kernel
def shun(rules, world, flows, i, address, sanctioned, friends):
    """Friends keep away from the sanctioned, and come back when it is over."""
    status = np.int64(world.status[i])
    if rules.p[c.P_SHUN] == 0 or bool(status & c.SHUNNED) == bool(sanctioned):
        return
    if hi(draw(rules.keys[c.S_SHUNNING], address)) < rules.p[c.P_SHUN]:
        world.status[i] = status ^ c.SHUNNED
        flows[c.F_TIES_LOST if sanctioned else c.F_TIES_REGAINED] += friends


@kernel
def respond(rules, world, flows, i, address, district, sanctioned, sanctioned_friends, friends):
    """One week's reaction of citizen `i`."""
    p, traits = rules.p, np.int64(world.traits[i])
    risk, inner = np.int64(world.risk[i]), np.int64(world.inner[i])
    public = rules.public[district]
    risk = perceived_risk(p, risk, base_risk(traits), sanctioned_friends, friends, public)
    world.risk[i] = risk
    expression = expression_step(p, inner & 15, risk, (traits >> c.BOLDNESS_SHIFT) & 7)
    world.inner[i] = (inner & 0xF0) | expression
    shun(rules, world, flows, i, address, sanctioned, friends)
