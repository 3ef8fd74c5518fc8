"""A world of citizens under a rulebook, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from glasscity.rules.model import Catalogue, Population, Rulebook

from .day import Day, Entry, first_state
from .firms import firms_of
from .lottery import Lottery
from .people import People
from .scheme import Scheme, first_of, in_force, known_gains
from .survey import Reading, joiners, read

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
        self.citizens = [first_state(self.scheme, seed, person) for person in self.people.persons]
        self.arrivals: dict[int, list[Entry]] = {}
        self.sanctioned = [0] * len(self.people.sizes)  # by district, like the next two
        self.climate = [65536] * len(self.people.sizes)
        self.turnout = [0] * len(self.people.sizes)
        scoring = first_of(rulebook, "firm_scoring", start)
        self.firms = firms_of(self.people, population.circles.firm.sizes, scoring.value) if scoring else []
        self.firm_counts: Counter[tuple[str | int, ...]] = Counter()  # (name, district, sector)
        self.readings: dict[int, Reading] = {}  # by day
        self.events: list[Event] = []
        self.counts: Counter[tuple[str | int, ...]] = Counter()  # (name, district, group, place ..)

    def run(self, days: int) -> None:
        """The next days."""
        for left in reversed(range(days)):
            changed = self._new_articles()
            day = Day(self, self.t)
            day.run(changed)
            if left == 0 or (self.t + 1) % 7 == 0:
                last = next(reversed(self.readings.values()), Counter())
                self.readings[self.t] = read(day, last, survey=left == 0 or (self.t + 1) % 28 == 0)
            if (self.t + 1) % 7 == 0:
                day.take_turnout(joiners(self.readings[self.t], len(self.people.sizes)))
            self.t += 1

    def _new_articles(self) -> bool:
        """E10: whether an article comes or goes today; if so, the values are compiled anew."""
        today = self.start + timedelta(days=self.t)
        before, same_known = self.scheme.ids, known_gains(self.rulebook, today) == self.scheme.known
        if in_force(self.rulebook, today) == before and same_known:
            return False
        self.scheme = Scheme(self.rulebook, self.catalogue, self.population, today)
        return self.scheme.ids != before

    def state(self) -> dict[str, list[int]]:
        """Traits and state by citizen number; that of firms by district and cell."""
        names = ("own", "false_points", "association", "status", "note", "listed_weeks", "risk", "private")
        columns = {name: [getattr(c, name) for c in self.citizens] for name in names}
        columns["traits"] = [p.traits() for p in self.people.persons]
        columns["inner"] = [c.inner() for c in self.citizens]
        columns["fate"] = [c.fate() for c in self.citizens]
        columns["firm_score"] = [firm.score for firm in self.firms]
        columns["firm_weeks"] = [firm.weeks for firm in self.firms]
        columns["firm_note"] = [firm.note for firm in self.firms]
        return columns
