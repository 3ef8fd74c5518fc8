"""Small worlds for tests: a built-in scheme, changed, lived through by the engine or by the slow reference."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

import numpy as np

from glasscity import columns as c
from glasscity.engine.city import City
from glasscity.rules.model import AnyArticle
from glasscity.rules.overlay import apply
from glasscity.rules.resolve import Resolved, from_documents, resolve

Row = tuple[int, ...]


def scheme(
    name: str = "beijing-2020",
    changes: Mapping[str, Any] | None = None,
    articles: Mapping[str, dict[str, Any]] | None = None,
    without: tuple[str, ...] = (),
) -> Resolved:
    """A built-in scheme with an overlay, further articles, and without some kinds of article."""
    documents = copy.deepcopy(resolve(name).documents)
    written = documents["rulebook"]["articles"]
    for key in [key for key, article in written.items() if article["what"] in without]:
        del written[key]
    for key, article in (articles or {}).items():
        written[key] = {"source": "model", "grade": "assumed", "name": NAME, **article}
    scenario = documents.pop("scenario")
    return from_documents({"scenario": scenario, **apply(documents, changes or {})})


KINDS = {get_args(get_type_hints(kind)["what"])[0] for kind in get_args(get_args(AnyArticle)[0])}
EVERYTHING_BUT = tuple(KINDS - {"scoring", "class"})
SIGMAS = 5  # 1 in 1.7 million to fail by chance


def bare(articles: Mapping[str, dict[str, Any]], changes: Mapping[str, Any] | None = None, **rates: float) -> Resolved:
    """A scheme of account, classes and the given articles, over a world of the given conduct alone."""
    quiet = only(resolve("beijing-2020"), **rates) | dict(changes or {})
    return scheme(changes=quiet, articles=articles, without=EVERYTHING_BUT)


def assert_binomial(found: float, n: int, p: float, what: str) -> None:
    """A count out of n lies within five standard errors of n p."""
    error = math.sqrt(n * p * (1 - p))
    assert abs(found - n * p) <= SIGMAS * error, f"{what}: {found} of {n}, expected {n * p:.1f} +- {error:.1f}"


NAME = {"en": "Made up", "de": "Erfunden", "nl": "Verzonnen"}


def lived(resolved: Resolved, citizens: int, days: int, seed: int = 1, **options: Any) -> City:
    """A city after so many days."""
    city = City(resolved, citizens, days, seed, **options)
    city.populate()
    for _ in range(days):
        city.live()
    return city


def event_rows(city: City) -> list[Row]:
    """All event rows, sorted, with citizens by number instead of by place."""
    rows = np.concatenate(city.rows)
    rows[:, 2] = city.layout.numbers_of(rows[:, 2])
    names_another = rows[:, 1] == c.EV_OBSERVE
    rows[names_another, 7] = city.layout.numbers_of(rows[names_another, 7])
    return sorted(map(tuple, rows.tolist()))


def column(city: City, name: str) -> np.ndarray:
    """One state column of all citizens, by number."""
    return np.concatenate(city.layout.parts(getattr(city.world, name)))


def tally(city: City) -> np.ndarray:
    """Everything counted since the start, over all districts and groups."""
    return city.team.total("tally").sum(axis=(0, 1))


def only(resolved: Resolved, **rates: float) -> dict[str, Any]:
    """Changes that leave of all conduct only those named, each at a yearly rate equal for everybody."""
    changes: dict[str, Any] = {}
    for name in resolved.catalogue.conduct:
        changes[f"conduct.{name}.rate"] = 0.0
    for name in resolved.catalogue.alarms:
        changes[f"alarms.{name}.rate"] = 0.0
    for name in resolved.catalogue.wishes:
        changes[f"wishes.{name}.rate"] = 0.0
    for name, rate in rates.items():
        changes |= {f"conduct.{name}.{field}": value for field, value in plain(rate).items()}
    return changes


def plain(rate: float) -> dict[str, Any]:
    """A slot that is the same for everybody."""
    even = {"age": [1.0] * 8, "occupation": [1.0] * 8, "income": [1.0] * 5, "online": [1.0] * 4}
    return {"rate": rate, "bound": rate, **even, "disposition": "none", "slope": 0.0, "needs": []}
