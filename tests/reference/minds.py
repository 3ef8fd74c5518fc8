"""What people hold back, join and say (E9.7, E17, E19, and the strategic form of docs/forms.md)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .draws import f8

STEPS = 15


def linear_target(s: int, boldness: int, weight: float) -> int:
    """E9.7, the form 'linear'."""
    return STEPS - (f8(weight) * s * (14 - boldness)) // (256 * 14)


def strategic_target(s: int, boldness: int, dissent: int, weight: float) -> int:
    """E9.7, the form 'strategic': the step whose share of the desired dissent is worth most, of two alike the higher.

    The worth of a dissent is a parabola, so that the best of the sixteen steps is the one next to its top.
    """
    if dissent == 0:
        return STEPS
    desired, bold, punishment = Fraction(dissent, 7), Fraction(1 + boldness, 4), 4 * Fraction(weight) * s / STEPS

    def worth(step: int) -> Fraction:
        a = desired * step / STEPS
        return bold * a - (Fraction(1, 2) + a / 2) * punishment * a

    return max(range(STEPS + 1), key=lambda step: (worth(step), step))


def joins(turnout: Any, preempt: float, theta: int, risk: int, boldness: int, seen: int) -> bool:
    """E17: whether somebody joins who sees a share of `seen` / 65536 of his district take part."""
    fear = ((risk * 257) * f8(turnout.caution) * (14 - boldness)) // (256 * 14)
    begin = round(65536 * turnout.value * (1 - preempt))
    return theta + fear - begin <= seen


def approves(approval: Any, trust: int, sanctioned: bool, refused: bool, informed: bool) -> bool:
    """E19: in private."""
    needed = approval.value + approval.sanctioned * sanctioned + approval.refused * refused
    return trust >= needed + approval.informed * informed


def feigns(approval: Any, risk: int, boldness: int) -> bool:
    """E19: whether somebody would say so against his view."""
    return (risk * (14 - boldness)) // 14 >= 256 - round(256 * approval.falsify)
