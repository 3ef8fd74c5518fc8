"""A world of citizens under a rulebook, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from glasscity.rules.model import Catalogue, Population, Rulebook

from . import draws
from .day import KNOWS, REFUSED, SANCTIONED, Day, Entry, first_state, opaque_points
from .draws import Keys, draw, hi, lo, p32
from .firms import Firm
from .lottery import Lottery
from .minds import approves, feigns
from .people import People, Person
from .scheme import Scheme, in_force, known_prizes

Event = tuple[int, int, int, int, int, int, int, int]


class ReferenceWorld:
    """The model, slowly. `events` has rows (day, phase, number, what, channel, kind, points, other)."""

    def __init__(
        self, rulebook: Rulebook, catalogue: Catalogue, population: Population, start: date, citizens: int, seed: int
    ) -> None:
        self.rulebook, self.catalogue, self.population = rulebook, catalogue, population
        self.start, self.seed, self.t = start, seed, 0
        self.start_keys = Keys(seed, 0)
        self.people = People(population, citizens, seed)
        self.lottery = Lottery(catalogue)
        self._compile(start)
        private = self.scheme.private_start if self.scheme.private is not None else 0
        self.citizens = [
            first_state(self.scheme, person, opaque, private)
            for person, opaque in zip(self.people.persons, self.opaque(), strict=True)
        ]
        self.firms = self._firms()
        self.arrivals: dict[int, list[Entry]] = {}
        districts = len(self.people.sizes)
        self.sanctioned, self.climate, self.turnout = [0] * districts, [65536] * districts, [0] * districts
        self.events: list[Event] = []
        self.counts: Counter[tuple[str | int, ...]] = Counter()  # (name, district, group, place ..)
        self.firm_counts: Counter[tuple[str | int, ...]] = Counter()  # (name, district, sector, effect ..)
        self.surveys: dict[int, dict[str, int]] = {}  # by day

    def run(self, days: int) -> None:
        """The next days, the last of them ending with a survey."""
        for _ in range(days):
            changed = self._new_articles()
            if self.scheme.turnout is None:
                self.turnout = [0] * len(self.people.sizes)
            Day(self, self.t).run(changed)
            if (self.t + 1) % 28 == 0:
                self.surveys[self.t] = self.survey()
            self.t += 1
        self.surveys[self.t - 1] = self.survey()

    def _new_articles(self) -> bool:
        """E10: whether an article comes or goes today; if so, the values are compiled anew."""
        today = self.start + timedelta(days=self.t)
        self.prizes = {b for b, name in enumerate(self.catalogue.conduct) if name in known_prizes(self.rulebook, today)}
        if in_force(self.rulebook, today) == self.scheme.ids:
            return False
        self._compile(today)
        return True

    def _compile(self, today: date) -> None:
        """E10, E11, E13: what is in force, who has an account, who uses the private score."""
        self.scheme = Scheme(self.rulebook, self.catalogue, self.population, today)
        self.enrolled = [self._is_enrolled(person) for person in self.people.persons]
        self.user = [self._is_user(person) for person in self.people.persons]

    def _is_enrolled(self, person: Person) -> bool:
        """E11: whether a citizen has an account."""
        if self.scheme.enrols_all:
            return True
        article = self.scheme.enrolment_in(list(self.population.districts)[person.district])
        if article is None:
            return False
        chance = p32(article.value * (1 + article.leaning * (person.trust - 3.5) / 3.5))
        pilot = hi(draw(self.start_keys[draws.PILOT], person.page)) < p32(article.places)
        return pilot and hi(draw(self.start_keys[draws.ENROLMENT], person.address)) < chance

    def _is_user(self, person: Person) -> bool:
        """E13: whether a citizen uses the private score."""
        if self.scheme.private is None or person.online < 1:
            return False
        return lo(draw(self.start_keys[draws.ENROLMENT], person.address)) < p32(self.scheme.private.users)

    def opaque(self) -> list[int]:
        """E14: the points that the composite adds to each citizen's standing today."""
        composite: Any = self.scheme.composite
        if composite is None:
            return [0] * len(self.people.persons)
        key = Keys(self.seed, self.t - self.t % (7 * composite.period))[draws.COMPOSITE]
        return [opaque_points(composite, key, person) for person in self.people.persons]

    def _firms(self) -> list[Firm]:
        """E18: firms before the first day; none if nothing scores them."""
        scoring = [a for a in self.rulebook.articles.values() if a.what == "firm_scoring" and a.enabled]
        return [
            Firm(d, d << 32 | g, employees, scoring[0].value)
            for d, firms in enumerate(self.people.firms) if scoring
            for g, employees in enumerate(firms)
        ]  # fmt: skip

    def survey(self) -> dict[str, int]:
        """E17, E19, E11, E13: what a survey on the evening of the last day finds."""
        approval, day = self.scheme.approval, Day(self, self.t)
        found = Counter(enrolled=sum(self.enrolled), users=sum(self.user), joiners=0, approving=0, saying=0)
        for person, state in zip(self.people.persons, self.citizens, strict=True):
            if self.scheme.turnout is not None:
                found["joiners"] += not state.removed and day.joins(person.number)
            if approval is not None:
                grievances = [bool(state.note & bit) for bit in (SANCTIONED, REFUSED, KNOWS)]
                approving = approves(approval, person.trust, *grievances)
                found["approving"] += approving
                found["saying"] += approving or feigns(approval, state.risk, person.boldness)
        return dict(found)

    def state(self) -> dict[str, list[int]]:
        """Traits and state by citizen number; of firms, district by district."""
        names = ("own", "false_points", "association", "status", "note", "listed_weeks", "risk", "private")
        columns = {name: [getattr(c, name) for c in self.citizens] for name in names}
        columns["traits"] = [p.traits() for p in self.people.persons]
        columns["inner"] = [c.inner() for c in self.citizens]
        columns["fate"] = [c.fate() for c in self.citizens]
        for name in ("score", "weeks", "note") if self.firms else ():
            columns[f"firm_{name}"] = [getattr(firm, name) for firm in self.firms]
        return columns
