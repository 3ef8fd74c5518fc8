"""What is counted at the end of a week: stocks of a reading, and of the last survey (E17, E19)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .speech import approves, says_so

if TYPE_CHECKING:
    from .day import Day

Reading = Counter[tuple[str | int, ...]]  # (name, district, group, place ..)
SURVEYED = ("enrolled", "users", "private", "approving", "saying", "band")


def read(day: Day, last: Reading, survey: bool) -> Reading:
    """E19: the stocks at the end of a day; those of a survey are kept from the last one where none is taken."""
    reading = Counter({key: n for key, n in last.items() if key[0] in SURVEYED and not survey})
    for i, person in enumerate(day.people.persons):
        place = (person.district, person.traits() & 31)
        state = day.state[i]
        reading["removed", *place] += state.removed
        reading["debt", *place] += state.debt
        reading["indebted", *place] += state.debt > 0
        reading["joiners", *place] += day.scheme.turnout and not state.removed and day.joins(i)
        if survey:
            ask(day, i, place, reading)
    return reading


def joiners(reading: Reading, districts: int) -> list[int]:
    """E17: the number in each district who join."""
    return [sum(n for (name, *at), n in reading.items() if name == "joiners" and at[0] == d) for d in range(districts)]


def ask(day: Day, i: int, place: tuple[int, int], reading: Reading) -> None:
    """E19: one citizen in a survey."""
    person, state, scheme = day.people.persons[i], day.state[i], day.scheme
    reading["enrolled", *place] += day.enrolled(i)
    if scheme.private is not None and day.is_user(i):
        reading["users", *place] += 1
        standing = day.private_standing(i)
        reading["private", *place] += standing
        band = scheme.band_of(standing)
        if band is not None:
            reading["band", *place, band] += 1
    if scheme.approval is not None:
        reading["approving", *place] += approves(scheme.approval, person, state.note)
        reading["saying", *place] += says_so(scheme.approval, person, state.risk, state.note)
