"""The day of a city. Model description: section 3."""

from __future__ import annotations

from functools import partial
from mmap import mmap
from typing import TYPE_CHECKING

import numpy as np

from glasscity import columns as c
from glasscity.engine import accounts, loops
from glasscity.kernels.bundles import N_ENTRIES, N_LATE, N_ROWS

if TYPE_CHECKING:
    from glasscity.engine.city import City
    from glasscity.engine.team import Written

WEEK = 7
APART = 1 << 20  # bytes


def live(city: City) -> None:
    """One day: what people do and who sees it, what is recorded and how they stand, what it means, what they make of it."""
    city.open_day()
    for phase in PHASES:
        phase(city)
    city.close_day()


def conduct_and_observe(city: City) -> None:
    """What each citizen did, which channel saw it, and whom it named."""
    city.team.pages(loops.act_pages, city.rules, city.world, city.day)


def record_and_stand(city: City) -> None:
    """Entries reach the accounts they name; class, friends and lists follow."""
    entries = arrivals(city)
    if city.rules_changed:
        city.team.pages(accounts.stand_pages, city.rules, city.world, city.day)
    city.team.entries(accounts.settle_entries, entries, partial(rows_of, city), city.rules, city.world, city.day)


def rows_of(city: City, entries: np.ndarray) -> int:
    """At most so many rows come of entries: one for each that names somebody watched, and one for each who stands."""
    first = np.uint64(1) << np.uint64(c.ENTRY_SLOT_SHIFT)
    begins = city.watched.astype(np.uint64) * first
    return int((np.searchsorted(entries, begins + first) - np.searchsorted(entries, begins)).sum()) + len(begins)


def arrivals(city: City) -> list[np.ndarray]:
    """Today's entries and those that were on their way, in several arrays; later ones go to the calendar."""
    today, late = city.deliver(city.team.take(N_ENTRIES), city.team.take(N_LATE))
    post(city, late)
    for [entries] in today:
        city.mark(entries)
    return [*city.calendar.pop(city.day, []), *(entries for [entries] in today)]


def post(city: City, late: Written) -> None:
    """Put entries that arrive later, and the days on which they do, into the calendar."""
    for entries, days in late:
        city.mark(entries)
        for days_on in np.flatnonzero(np.bincount(days - city.day)).tolist():
            waiting = apart(entries[days == city.day + days_on])
            city.calendar.setdefault(city.day + days_on, []).append(waiting)


def apart(entries: np.ndarray) -> np.ndarray:
    """A copy of entries; of many in memory of its own, which goes back when they are let go, and leaves no holes in what is left."""
    found = np.empty_like(entries) if entries.nbytes < APART else np.frombuffer(mmap(-1, entries.nbytes), entries.dtype)
    found[:] = entries
    return found


def consequence(city: City) -> None:
    """What people ask for that day is granted or refused."""
    if city.rules.p[c.P_WISH_TOTAL] == 0:
        return
    city.team.pages(loops.wish_pages, city.rules, city.world, city.day)


def remedy_and_respond(city: City) -> None:
    """At a week's end: lists run out, errors are mended, people react, and all stand anew."""
    if (city.day + 1) % WEEK == 0:
        city.team.pages(loops.week_pages, city.rules, city.world, city.day)


def trade(city: City) -> None:
    """At a week's end: what firms do, their score, their list, and what it costs them and their employees."""
    if (city.day + 1) % WEEK == 0 and city.firm_rules.p[c.FP_ON]:
        city.team.firms(loops.firm_weeks, city.own_firms, city.rules, city.world, city.firm_rules, city.firms, city.day)
        _, late = city.deliver([], city.team.take(N_LATE))
        post(city, late)


def collect(city: City) -> None:
    """What the day leaves for later: entries on their way to those whom they named before, and rows of watched citizens."""
    post(city, city.team.take(N_LATE))
    if city.is_watching:
        city.rows.append(np.concatenate([rows for [rows] in city.team.take(N_ROWS)]))


PHASES = (conduct_and_observe, record_and_stand, consequence, remedy_and_respond, trade, collect)
