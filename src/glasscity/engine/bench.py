"""A world of a few citizens under a scheme, in which a worked case is tried.

Of all responses, safeguards and secret formulas only the article of the case is in force, and what it rests on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from glasscity import columns as c
from glasscity.kernels import record, stand
from glasscity.kernels.bundles import Rules, World
from glasscity.rules.check import subject
from glasscity.rules.compile import Compiler, Scheme, is_in_force
from glasscity.rules.model import Article, Behaviour, Composite, ErrorRates, Response, Rulebook, Safeguard
from glasscity.rules.resolve import Resolved

if TYPE_CHECKING:
    from glasscity.engine.cases import Case

Values = dict[str, Any]
WHOLE = 2**32
RESTS_ON = {"reasons": ("appeal",), "appeal": ("notice",)}  # levers without which another does nothing


class CannotRun(Exception):
    """A case names something that the scheme lacks."""


class Bench:
    """A world of a few citizens under a scheme, for one case."""

    def __init__(self, resolved: Resolved, case: Case, article: Article):
        self.article, self.key, self.given = article, case.article, case.given
        self.catalogue = resolved.catalogue
        population = resolved.population
        if "density" in case.given:
            [first, *_] = population.districts.items()
            district = first[1].model_copy(update={"cameras": float(case.given["density"])})
            population = population.model_copy(update={"districts": {first[0]: district}})
        rulebook = isolated(resolved.rulebook, case.article, bool(case.given.get("points", True)))
        if case.given.get("claimed"):
            rulebook = as_claimed(rulebook)
        start = resolved.scenario.start
        if not is_in_force(rulebook.articles[case.article], start):
            start = article.start or (article.until or start) - timedelta(days=1)
        self.scheme = Scheme(rulebook, resolved.catalogue, population, start)
        self.rules: Rules = Compiler(self.scheme, start).rules()
        self.p = self.rules.p
        friends = case.given.get("friends")
        self.world = empty(1 + len(friends) if isinstance(friends, list) else 1)
        self.world.own[:] = self.p[c.P_START]
        self.flows = np.zeros((c.N_GROUPS, c.N_FLOWS), np.int64)

    def act(self, name: str) -> int:
        """The slot of a conduct."""
        if name not in self.catalogue.conduct:
            raise KeyError(name)
        return self.scheme.acts.index(name)

    def channel(self, key: str) -> int:
        """The number of a channel."""
        if key not in self.scheme.channels:
            raise KeyError(key)
        return self.scheme.channels.index(key)

    def letter(self, letter: str) -> int:
        """The number of a class."""
        if letter not in self.scheme.letters:
            raise KeyError(letter)
        return self.scheme.letters.index(letter)

    def band(self, letter: str) -> int:
        """The number of a band of the private score."""
        if letter not in self.scheme.bands:
            raise KeyError(letter)
        return self.scheme.bands.index(letter)

    def status(self) -> int:
        """The status byte of somebody in the class, or on the list, that the case gives."""
        if "list" in self.given:
            return c.LIST_BITS[self.given["list"]] | int(stand.class_of(self.p, self.p[c.P_START]))
        return self.letter(self.given["class"])

    def stand(self) -> int:
        """All stand; the standing of the first."""
        n = len(self.world.own)
        members, total = stand.settled_sum(self.p, self.world.own, self.world.status, 0, n)
        return [int(stand.stand(self.rules, self.world, self.flows, i, np.uint64(i), members, total)) for i in range(n)][0]

    def enter(self, b: int, channel: int) -> None:
        """A right record of conduct b reaches the first citizen, who then stands."""
        value = self.rules.act[b, c.ACT_POINTS]
        record.enter(self.rules, self.world, self.flows[0], 0, np.uint64(0), b, channel, c.RIGHT, value)
        self.stand()

    def lists(self) -> Values:
        """The lists on which the first citizen is, and the weeks left."""
        status = int(self.world.status[0])
        names = [colour for colour, bit in c.LIST_BITS.items() if status & bit]
        return {"lists": names, "weeks": int(self.world.listed_weeks[0])}

    def slot_of_kind(self, kind: str) -> int:
        """The first conduct of a kind, one with an article in force if there is any."""
        slots = [name for name, slot in self.catalogue.conduct.items() if slot.kind == kind]
        if not slots:
            raise CannotRun(f"the catalogue has no conduct of kind {kind}")
        recorded = [name for name in slots if self.rules.act[self.act(name), c.ACT_POINTS] > 0]
        return self.act((recorded or slots)[0])


def isolated(rulebook: Rulebook, key: str, with_points: bool) -> Rulebook:
    """The rulebook with one article switched on, no rival to it, and of responses and safeguards only what it rests on."""
    article = rulebook.articles[key]
    levers = RESTS_ON.get(article.lever, ()) if isinstance(article, Safeguard) else ()
    articles = {}
    for name, other in rulebook.articles.items():
        on = name == key or other.enabled
        if name != key and isinstance(other, (Response, Safeguard)):
            on = isinstance(other, Safeguard) and other.lever in levers
        if name != key and isinstance(other, Composite):
            on = False
        if name != key and subject(key, article) is not None and subject(name, other) == subject(key, article):
            on = False  # another reading of the same thing
        if isinstance(other, Behaviour) and other.value > 0 and not with_points:
            on = False
        articles[name] = other.model_copy(update={"enabled": on})
    return rulebook.model_copy(update={"articles": articles})


def as_claimed(rulebook: Rulebook) -> Rulebook:
    """The rulebook with the rates that makers claim."""
    rates = {
        name: article.model_copy(update={"value": "claimed"})
        for name, article in rulebook.articles.items() if isinstance(article, ErrorRates)
    }  # fmt: skip
    return rulebook.model_copy(update={"articles": rulebook.articles | rates})


def empty(n: int) -> World:
    """n citizens of one circle of friends, of no traits."""
    arrays: dict[str, np.ndarray] = {column.name: np.zeros(n, column.dtype) for column in c.STATE}
    arrays |= {name: np.array([n, 0, n], np.int32) for name in World._fields if name in c.CIRCLES}
    arrays |= {"page_district": np.zeros(1, np.int32), "district_slot": np.zeros(1, np.int64)}
    return World(**arrays, district_n=np.full(1, n, np.int64))


def share(threshold: int) -> float:
    """A threshold for 32-bit draws as a chance."""
    return int(threshold) / WHOLE
