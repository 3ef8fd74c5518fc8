"""What people dare to express, and what they say of the scheme when asked (E9.7, E19, docs/forms.md)."""

from __future__ import annotations

from fractions import Fraction

from glasscity.rules.model import Approval

from .draws import f8
from .people import Person

NOTE_SANCTIONED, NOTE_REFUSED, NOTE_KNOWS = 2, 4, 64


def linear_expression(value: float, risk: int, boldness: int) -> int:
    """E9.7: the expression aimed at, in the linear form."""
    return 15 - (f8(value) * (risk >> 4) * (14 - boldness)) // (256 * 14)


def strategic_expression(value: float, risk: int, boldness: int, dissent: int) -> int:
    """Forms, Self-censorship: the level out of 0 to 15 whose act has the greatest utility, the higher of two alike.

    Utility is a parabola over the acts from nothing to what is desired, so that the level nearest to its summit is
    the best of the sixteen: the summit rounded to a level, halves up, as the form says.
    """
    if dissent == 0:
        return 15
    desired, boldness_of_form = Fraction(dissent, 7), Fraction(1 + boldness, 4)
    surveillance, psi = Fraction(1, 2), 4 * Fraction(value) * Fraction(risk >> 4, 15)

    def utility(level: int) -> Fraction:
        act = desired * level / 15
        return boldness_of_form * act - (surveillance + (1 - surveillance) * act) * psi * act

    return max(range(16), key=lambda level: (utility(level), level))


def approves(approval: Approval, person: Person, note: int) -> bool:
    """E19: approval in private."""
    grievance = approval.sanctioned if note & NOTE_SANCTIONED else 0
    grievance += approval.refused if note & NOTE_REFUSED else 0
    grievance += approval.informed if note & NOTE_KNOWS else 0
    grievance -= approval.fellows if person.solidarity < person.trust else 0
    return person.trust >= approval.value + grievance


def says_so(approval: Approval, person: Person, risk: int, note: int) -> bool:
    """E19: approval when asked."""
    feigns = (risk * (14 - person.boldness)) // 14 >= 256 - round(256 * approval.falsify)
    return approves(approval, person, note) or feigns
