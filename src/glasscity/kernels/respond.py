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
def risk_from_friends(p, risk, sanctioned, friends):
    """Perceived risk once a week's sanctions among `friends` > 0 others are known.

    Updating from personal and vicarious experience as in Anwar & Loughran (2011), Criminology 49(3),
    https://doi.org/10.1111/j.1745-9125.2011.00233.x, in integer steps.
    """
    return risk + ((255 - risk) * p[c.P_FRIENDS] * sanctioned) // (256 * friends)


@kernel
def settled_risk(risk, base, public, forgetting, u):
    """Perceived risk after what the district's sanctions add (public, of 2^24), fading towards `base` (of 256).

    Fractions of a step are rounded by the 32-bit draw `u`, so that small effects hold on average.
    """
    risk += ((255 - risk) * public + (u >> 8)) >> 24
    return risk - ((max(risk - base, 0) * forgetting + (u & 255)) >> 8)


@kernel
def expression_step(expression, risk, boldness, censorship):
    """Expression moves one step a week towards what perceived risk leaves of it; the bold give up half as much."""
    target = 15 - (censorship * (risk >> 4) * (14 - boldness)) // (256 * 14)
    return expression + (expression < target) - (expression > target)


@kernel
def shun(rules, world, flows, i, address, sanctioned, friends):
    """Friends keep away from the sanctioned, and come back when it is over."""
    status = np.int64(world.status[i])
    if rules.p[c.P_SHUN] == 0 or bool(status & c.SHUNNED) == bool(sanctioned):
        return
    if hi(draw(rules.keys[c.S_SHUNNING], address)) < rules.p[c.P_SHUN]:
        world.status[i] = status ^ c.SHUNNED
        flows[c.F_TIES_LOST if sanctioned else c.F_TIES_REGAINED] += friends
