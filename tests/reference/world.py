"""A world of citizens under a rulebook, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from glasscity.rules.model import Catalogue, Population, Rulebook

from .day import Day, Entry, first_state
from .lottery import Lottery
from .people import People
from .scheme import Scheme, in_force

Event = tuple[int, int, int, int, int, int, int, int]


class ReferenceWorld:
    """The model, slowly. `events` has rows (day, phase, number, what, channel, kind, points, other)."""

    def __init__(
        self, rulebook: Rulebook, catalogue: Catalogue, population: Population, start: date, citizens: int, seed: int
    ) -> None:
        self.rulebook, self.catalogue, self.population = rulebook, catalogue, population
        self.start, self.seed, self.t = start, seed, 0
        self.people = People(population, citizens, seed)
        self.lottery = Lottery(catalogue)
        self.scheme = Scheme(rulebook, catalogue, population, start)
        self.citizens = [first_state(self.scheme, p.minority, p.trust, p.solidarity) for p in self.people.persons]
        self.arrivals: dict[int, list[Entry]] = {}
        self.sanctioned = [0] * len(self.people.sizes)
        self.events: list[Event] = []
        self.counts: Counter[tuple[str | int, ...]] = Counter()  # (name, district, group, place ..)

    def run(self, days: int) -> None:
        """The next days."""
        for _ in range(days):
            changed = self._new_articles()
            Day(self, self.t).run(changed)
            self.t += 1

    def _new_articles(self) -> bool:
        """E10: whether an article comes or goes today; if so, the values are compiled anew."""
        today = self.start + timedelta(days=self.t)
        if in_force(self.rulebook, today) == self.scheme.ids:
            return False
        self.scheme = Scheme(self.rulebook, self.catalogue, self.population, today)
        return True

    def state(self) -> dict[str, list[int]]:
        """Traits and state by citizen number."""
        names = ("own", "false_points", "association", "status", "note", "listed_weeks", "risk")
        columns = {name: [getattr(c, name) for c in self.citizens] for name in names}
        columns["traits"] = [p.traits() for p in self.people.persons]
        columns["inner"] = [c.inner() for c in self.citizens]
        return columns
