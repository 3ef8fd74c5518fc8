"""Candidates and acceptance: the part of E4 that no rule can move."""

from __future__ import annotations

from typing import Any

from glasscity.rules.model import Catalogue

from .draws import draw, f8, first_below, lo
from .people import Person


class Slots:
    """E4: the slots of one lottery, in order."""

    def __init__(self, slots: list[Any]) -> None:
        self.slots = slots
        self.sums = []
        total = 0
        for slot in slots:
            total += round(slot.bound / 365 * 2**32)
            self.sums.append(total)
        self.base32 = [round(s.rate / s.bound * 2**32) for s in slots]
        self.base16 = [round(s.rate / s.bound * 65536) for s in slots]

    def candidate(self, shared: int, own: int, address: int) -> tuple[int | None, int]:
        """E4: the candidate slot of the day, if any, and the number that decides."""
        y = draw(shared, address >> 2)
        z = draw(own, address)
        h = ((y >> (16 * (address & 3)) & 0xFFFF) << 16) | (z >> 48)
        return first_below(h, self.sums), lo(z)

    def has_needs(self, b: int, person: Person) -> bool:
        """E4: a citizen who lacks one of the needs is not accepted."""
        return all(getattr(person, need) for need in self.slots[b].needs)

    def factor(self, b: int, person: Person, state: int) -> int:
        """E4: F = (A * B * D * S) >> 24."""
        slot = self.slots[b]
        a = f8(slot.age[person.age] * slot.occupation[person.occupation])
        i = f8(slot.income[person.income] * slot.online[person.online])
        d = 256
        if slot.disposition != "none":
            d = f8(1 + slot.slope * (getattr(person, slot.disposition) - 3.5) / 3.5)
        return (a * i * d * state) >> 24

    def accepted(self, b: int, person: Person, state: int, v: int) -> bool:
        """E4: whether a candidate for conduct or a wish is accepted."""
        return self.has_needs(b, person) and v < (self.base32[b] * self.factor(b, person, state)) >> 8

    def alarm_accepted(self, b: int, person: Person, cov16: int, m32: int, v: int) -> bool:
        """E5: whether a scan or a report is accepted and false."""
        reach = (((self.base16[b] * self.factor(b, person, 256)) >> 8) * cov16) >> 16
        return self.has_needs(b, person) and v < (reach * m32) >> 16


class Lottery:
    """E4: act slots are the conduct, then the alarms; wish slots the wishes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.conduct = list(catalogue.conduct.values())
        self.acts = Slots([*self.conduct, *catalogue.alarms.values()])
        self.wishes = Slots(list(catalogue.wishes.values()))
