"""How people react: perceived risk, self-censorship, shunning. Model description: E9, 6 to 8."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import draw, hi
from glasscity.kernels.jit import kernel


@kernel
def base_risk(trust):
    """Perceived risk before any experience: lower with trust in the authorities, 0 to 7."""
    return 24 + 8 * (7 - trust)


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
def silenced(silence, climate, u):
    """Steps of expression that a silent surrounding takes: fractions are rounded by the 24-bit draw `u`.

    Noelle-Neumann (1974), The spiral of silence, https://doi.org/10.1111/j.1460-2466.1974.tb00367.x, as a mean field.
    """
    return (silence * 15 * (65536 - climate) + u) >> 24


@kernel
def expression_step(targets, expression, risk, mind, lost):
    """Expression moves one step a week towards what perceived risk and a silent surrounding (`lost` steps) leave of it.

    mind: 8 * boldness + dissent.
    """
    target = max(targets[(risk >> 4) << 6 | mind] - lost, 0)
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
