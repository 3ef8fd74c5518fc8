"""Tiny worlds that are lived by the processor and, in CUDA's simulator or on a CUDA device, by device threads."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from variants import VARIANTS
from worlds import event_rows

from glasscity.engine.city import City, copied, in_one
from glasscity.engine.pages import ENTRIES_A_PAGE
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Scenario
from glasscity.rules.resolve import Resolved, from_documents, resolve

DISTRICTS = 2
LARGE = 1 << 14  # more entries or rows than workers have room for at first


@dataclass(frozen=True)
class World:
    """A scheme, how many live under it and how long, and how the device's threads are cut."""

    build: Callable[[], Resolved]
    citizens: int = 120
    days: int = 8  # with a week's end, and a day that comes after it
    options: dict[str, Any] = field(default_factory=dict)  # of `City`
    device: dict[str, Any] = field(default_factory=lambda: {"block": 2})  # of `DeviceCity`, besides
    on_processor: range = range(0)  # days that the processor lives in between, going on from a snapshot, as the device after it
    grows: int = -1  # the day on which workers get more room
    begins: int = 0  # the day with which life begins
    is_tight: bool = False  # whether workers are to run out of room

    def new(self, kind: type[City], **more: Any) -> City:
        return kind(self.build(), self.citizens, self.days, 5, **self.options, **more)

    def begun(self, kind: type[City], **more: Any) -> City:
        city = self.new(kind, **more)
        city.populate()
        city.day = self.begins
        return city

    def by_processor(self) -> City:
        """The city after its days, lived by the processor."""
        city = self.begun(City)
        while city.day < self.days:
            city.live()
        return city

    def by_device(self) -> City:
        """The city after its days, lived by device threads, but for days that the processor takes over."""
        from glasscity.engine.device import DeviceCity

        city = self.begun(DeviceCity, **self.device)
        emptied, let_go = [], city.team.let_go
        city.team.let_go = lambda: (emptied.append(city.day), let_go())
        for day in range(self.begins, self.days):
            if day == self.on_processor.start < self.on_processor.stop:
                city = self.carried_over(city, City)
            if day == self.on_processor.stop > self.on_processor.start:
                city = self.carried_over(city, DeviceCity, **self.device)
            if day == self.grows:
                city.team.reserve(late=3 * LARGE, rows=2 * LARGE)
            city.live()
        assert bool(emptied) == (self.is_tight or self.grows >= 0), emptied
        return city

    def carried_over(self, city: City, kind: type[City], **more: Any) -> City:
        """A city that goes on where another has got to."""
        found = self.new(kind, **more)
        found.restore(copied(city.snapshot()))
        return found


def few_districts(resolved: Resolved, n: int = DISTRICTS) -> Resolved:
    """The same scheme over the first districts of its population, without articles that hold elsewhere alone."""
    documents = copy.deepcopy(resolved.documents)
    districts = documents["population"]["districts"]
    kept = documents["population"]["districts"] = {name: districts[name] for name in list(districts)[:n]}
    articles = documents["rulebook"]["articles"]
    for key, article in list(articles.items()):
        if "districts" in article:
            article["districts"] = [name for name in article["districts"] if name in kept]
            if not article["districts"]:
                del articles[key]
    return from_documents(documents)


def scenario(name: str) -> Callable[[], Resolved]:
    return lambda: few_districts(resolve(name))


def variant(name: str) -> Callable[[], Resolved]:
    return lambda: few_districts(VARIANTS[name].build())


def one_district(name: str) -> Callable[[], Resolved]:
    return lambda: few_districts(VARIANTS[name].build(), 1)


def beijing_district() -> Resolved:
    return few_districts(resolve("beijing-2020"), 1)


SCENARIOS = {name: World(scenario(name), days=7, options={"panel": 30}) for name in built_in_names(Scenario)}
MECHANISMS = {
    "harsh, some safeguards": World(one_district("harsh, some safeguards"), 60, 16, {"watch": (0, 7)}),
    "study app, all hours": World(one_district("study app, all hours"), 40, 29),
    "two scorings": World(one_district("two scorings"), 60, 7),
    "firms": World(one_district("firms"), 300, 9, device={"block": 3}),
    "removal and debt": World(one_district("removal and debt"), 60, 15),
    "crowd": World(one_district("crowd"), 60, 7, device={"block": 1}),
    "secret formula": World(one_district("secret formula"), 60, 7),
    "accounts for some": World(one_district("accounts for some"), 60, 7),
    "private score": World(variant("private score"), 60, 7, device={"block": 32}),
}
HARSH = "harsh, some safeguards"
SHAPES = {
    "a thread a block": World(variant(HARSH), 60, 3, device={"block": 1}),
    "three threads a block": World(variant(HARSH), 60, 3, device={"block": 3}),
    "threads of one block": World(variant(HARSH), 60, 3, device={"block": 32}),
    "room for one neighbourhood, and nothing over": World(variant(HARSH), 60, 4, device={"block": 2, "room": ENTRIES_A_PAGE}, is_tight=True),
    "two workers of one district": World(beijing_district, 4100, 7, {"watch": (0, 4098)}, {"block": 2, "workers": 2}, begins=6),
    "more room from the third day on": World(variant(HARSH), 60, 4, {"panel": 10}, grows=2),
    "two days by the processor": World(variant(HARSH), 40, 5, {"panel": 10}, on_processor=range(1, 3)),
}  # fmt: skip
WORLDS = SCENARIOS | MECHANISMS | SHAPES
SIMULATED = MECHANISMS


def told(city: City) -> dict[str, str]:
    """Everything that a run leaves, by name, as digests: the state, counts, readings, entries on their way, rows of events."""
    arrays = {name: in_one(array) for name, array in city.snapshot().items()}
    days = np.repeat(*arrays["late_days"].T)
    order = np.lexsort((arrays["late"], days))
    arrays |= {"late": arrays["late"][order], "late_days": days[order]}
    arrays["rows"] = np.array(event_rows(city) if city.rows else [], np.int64)
    found = {name: hashlib.sha256(np.ascontiguousarray(array)).hexdigest()[:16] for name, array in arrays.items()}
    return found | {"glance": str(city.glance()), "digest": city.digest()}
