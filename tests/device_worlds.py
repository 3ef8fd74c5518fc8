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

from glasscity.engine.city import City
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Scenario
from glasscity.rules.resolve import Resolved, from_documents, resolve

DISTRICTS = 2


@dataclass(frozen=True)
class World:
    """A scheme, how many live under it and how long, and how the device's threads are cut."""

    build: Callable[[], Resolved]
    citizens: int = 120
    days: int = 8  # a week's end, and a day that comes after it
    options: dict[str, Any] = field(default_factory=dict)  # of `City`
    device: dict[str, Any] = field(default_factory=lambda: {"block": 2})  # of `DeviceCity`, besides

    def lived(self, kind: type[City], seed: int = 5, **more: Any) -> City:
        """A city of that kind after so many days."""
        city = kind(self.build(), self.citizens, self.days, seed, **self.options, **more)
        city.populate()
        for _ in range(self.days):
            city.live()
        return city


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


def one_district(name: str) -> Callable[[], Resolved]:
    return lambda: few_districts(VARIANTS[name].build(), 1)


SCENARIOS = {name: World(scenario(name), options={"panel": 30}) for name in built_in_names(Scenario)}
MECHANISMS = {
    "harsh, some safeguards": World(one_district("harsh, some safeguards"), 150, 15, {"watch": (0, 7)}),
    "study app, all hours": World(one_district("study app, all hours"), 40, 29),
    "two scorings": World(one_district("two scorings"), 60),
    "firms": World(one_district("firms"), 300, 9),
    "removal and debt": World(one_district("removal and debt"), 60, 15),
    "crowd": World(one_district("crowd"), 60),
    "secret formula": World(one_district("secret formula"), 60),
    "accounts for some": World(one_district("accounts for some"), 60),
    "private score": World(one_district("private score"), 60),
}
BUSY = scenario_of_variant = lambda: few_districts(VARIANTS["several neighbourhoods"].build())
SHAPES = {}
GROUPS = {"scenarios": SCENARIOS, "mechanisms": MECHANISMS, "shapes": SHAPES}


def told(city: City) -> dict[str, str]:
    """Everything that a run leaves, by name, as digests: the state, counts, readings, entries on their way, rows of events."""
    arrays = city.snapshot()
    order = np.lexsort((arrays["late"], arrays["late_day"]))
    arrays |= {name: arrays[name][order] for name in ("late", "late_day")}
    arrays["rows"] = np.array(event_rows(city) if city.rows else [], np.int64)
    found = {name: hashlib.sha256(np.ascontiguousarray(array)).hexdigest()[:16] for name, array in arrays.items()}
    return found | {"digest": city.digest()}
