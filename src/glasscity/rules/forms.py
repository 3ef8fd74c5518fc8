"""Published forms of how people respond, as functions that tables and tests are made from. What the engine does: docs/forms.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from glasscity.rules.fixed import f8

MOST = 15  # steps of expression
MOTIVATION_SD = math.sqrt(7) / 2  # of 4 + Binomial(7, 1/2), in steps
DISCOVERY = Fraction(1, 2)  # surveillance of what is hardly expressed at all
SEVERITY = 4  # punishment that is certain, at weight 1, in units of the boldness of the middle


# --- self-censorship -------------------------------------------------------------------------------------


def linear_target(s: int, boldness: int, weight: float) -> int:
    """Steps of expression (0 to 15) left at level `s` (0 to 15) of perceived risk; the bold (7) give up half as much."""
    return MOST - (f8(weight) * s * (14 - boldness)) // (256 * 14)


def optimal_dissent(
    desire: Fraction, boldness: Fraction, surveillance: Fraction, tolerance: Fraction, severity: Fraction,
    punishment: str = "proportional",
) -> Fraction:  # fmt: skip
    """The dissent that somebody expresses who weighs it against its punishment, from 0 to `desire`.

    It maximises boldness * a - P(observed) * punishment, with P(observed) = surveillance + (1 - surveillance) * a and, above
    the tolerance, a punishment of severity ("uniform") or severity * (a - tolerance) ("proportional"). Daymude, Axelrod &
    Forrest (2025), Strategic analysis of dissent and self-censorship, https://doi.org/10.48550/arXiv.2509.03731.
    """
    if desire <= tolerance or severity == 0:
        return desire
    if punishment == "uniform":
        gain = boldness - (1 - surveillance) * severity
        is_defiant = gain > 0 and desire * gain > boldness * tolerance + surveillance * severity
        return desire if is_defiant else tolerance
    if surveillance == 1:
        return desire if boldness >= severity else tolerance
    turning = (tolerance + (boldness / severity - surveillance) / (1 - surveillance)) / 2
    return min(max(turning, tolerance), desire)


def expression_target(s: int, boldness: int, dissent: int, weight: float) -> int:
    """Steps of expression that the optimum leaves: 15 * optimal / desired dissent, rounded half up.

    s: perceived risk, 0 to 15; boldness, dissent: 0 to 7; weight: of the article, 0 to 1.
    """
    if dissent == 0:
        return MOST
    desire, severity = Fraction(dissent, 7), SEVERITY * Fraction(weight) * Fraction(s, MOST)
    action = optimal_dissent(desire, Fraction(1 + boldness, 4), DISCOVERY, Fraction(0), severity)
    return math.floor(MOST * action / desire + Fraction(1, 2))


# --- protest and approval ---------------------------------------------------------------------------------


def cascade(thresholds: Sequence[float]) -> int:
    """How many end up taking part when each joins once so many others do. Granovetter (1978), https://doi.org/10.1086/226707."""
    count, before = 0, -1
    while count != before:
        before, count = count, sum(threshold <= count for threshold in thresholds)
    return count


def turnout_after(weeks: int, initiators: float, caution: float) -> float:
    """Share that joins after so many weeks when thresholds are uniform on 0 to 1, raised by fear and lowered by initiative.

    The map x' = x + initiators - caution within 0 and 1: all, or nobody, depending on which is larger.
    """
    share = 0.0
    for _ in range(weeks):
        share = min(max(share + initiators - caution, 0.0), 1.0)
    return share


def concealing_share(said: float, meant: float) -> float:
    """Share of those who do not approve that must say they do, where a share `said` says so and only `meant` means it.

    Carter, Carter & Schick (2024), China Quarterly: more than 90 % asked directly, 50 to 70 % in list experiments.
    """
    return (said - meant) / (1 - meant)


# --- motives and risk ---------------------------------------------------------------------------------------


def susceptible_share(d: float) -> float:
    """Share of people whose loss of one step of motivation makes a mean shift of `d` standard deviations.

    Deci, Koestner & Ryan (1999), https://doi.org/10.1037/0033-2909.125.6.627: d = -0.40 for rewards that are tied to
    engaging in a task, -0.36 to completing it, -0.28 to doing it well.
    """
    return -d * MOTIVATION_SD


def updated_risk(prior: float, signal: float, weight: float) -> float:
    """Perceived risk once a signal is known: a step of `weight` towards it.

    Anwar & Loughran (2011), https://doi.org/10.1111/j.1745-9125.2011.00233.x.
    """
    return prior + weight * (signal - prior)


def weight_of(effect: float, prior: float) -> float:
    """The weight at which a sanction (signal 1) raises a prior risk by `effect`, in units of the prior's own size."""
    return effect * prior / (1 - prior)


def silence_fixed_point(base: float, weight: float) -> float:
    """Mean expression (0 to 1) at which e = base - weight * (1 - e).

    A mean field of Noelle-Neumann (1974), https://doi.org/10.1111/j.1460-2466.1974.tb00367.x.
    """
    return min(max((base - weight) / (1 - weight), 0.0), 1.0) if weight < 1 else (1.0 if base >= 1 else 0.0)


def weight_for_correlation(r: float, sd_rest: float, sd_climate: float) -> float:
    """The weight of silence at which climate and expression correlate by `r`, when all else varies by `sd_rest`.

    Matthes, Knoll & von Sikorski (2018), https://doi.org/10.1177/0093650217745429, find r = 0.10 over 66 studies.
    """
    return r * sd_rest / (sd_climate * math.sqrt(1 - r * r))
