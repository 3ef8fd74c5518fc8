"""The checklist of what the five articles describe, and what of it the rulebooks and scenarios cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from glasscity.rules import load
from glasscity.rules.model import Article, Document, Rulebook, Safeguard, Scenario
from glasscity.rules.resolve import Resolved, resolve

FILE = Path(str(load.BUILT_IN)) / "checklist.toml"
Id = Annotated[str, Field(pattern=r"^[A-Z][1-9][0-9]?$")]
Changes = dict[str, bool | int | float | str]


class Place(Document):
    """Where one of the five articles says it."""

    source: Literal["000", "001", "002", "003", "004"]
    locator: str = Field(pattern=r"^(section|paragraph) [1-9][0-9]?$")

    def __str__(self) -> str:
        return f"{self.source} {self.locator}"


class Item(Document):
    """One thing that the articles describe."""

    title: str = Field(min_length=1)
    text: str = Field(min_length=1, description="What is said, with the numbers that are given")
    kind: Literal["mechanism", "parameter", "figure"]
    sources: tuple[Place, ...] = Field(min_length=1)
    functions: tuple[str, ...] = Field((), description="Dotted names below glasscity")
    shown_in: str = Field("", description="Scenario in which the metrics show it")
    given: Changes = Field(default_factory=dict, description="Changes to that scenario, with and without it")
    switch: Changes = Field(default_factory=dict, description="Changes that take it away; default: its articles off")
    population: str = Field("", description="Another population: it is the scenario over that one, and no article")
    metrics: tuple[str, ...] = Field((), description="Metrics that differ with and without it")
    tests: tuple[str, ...] = Field((), description="Tests that show it, as pytest names them")


class Checklist(Document):
    """All of it, in parts named by the first letter of their ids."""

    parts: dict[Annotated[str, Field(pattern=r"^[A-Z]$")], str]
    ids: dict[Id, Item] = Field(min_length=1)

    @model_validator(mode="after")
    def ids_have_their_part(self) -> Checklist:
        for id in self.ids:
            if id[0] not in self.parts:
                raise ValueError(f"{id} belongs to no part; parts are {', '.join(self.parts)}")
        return self


def checklist() -> Checklist:
    """The checklist that comes with the program."""
    return load.validate(Checklist, load.read_toml(FILE), FILE.name)


@dataclass(frozen=True)
class Coverage:
    """What covers each id: in each rulebook the articles, and the scenarios in which any of them holds."""

    articles: Mapping[str, Mapping[str, Mapping[str, Article]]]  # id -> rulebook -> articles by key
    scenarios: Mapping[str, tuple[str, ...]]  # id -> scenarios

    def is_right(self, id: str) -> bool:
        """Whether safeguards alone cover an id: it is then a right that is missing until it is granted."""
        return all(isinstance(a, Safeguard) for book in self.articles[id].values() for a in book.values())

    def switch(self, id: str, item: Item, rulebook: str) -> Changes:
        """Changes that take away from a scenario of this rulebook what the id describes."""
        if item.switch:
            return item.switch
        granted, articles = self.is_right(id), self.articles[id].get(rulebook, {})
        return {
            f"articles.{key}.enabled": granted for key, a in articles.items() if granted or not isinstance(a, Safeguard)
        }


def rulebook(name: str) -> Rulebook:
    """A built-in rulebook as it is written, without a scenario's changes."""
    return load.validate(Rulebook, load.read_toml(load.find(Rulebook, name)), name)


def covering(book: Rulebook, id: str) -> dict[str, Article]:
    """The articles of a rulebook that model an id."""
    return {key: article for key, article in book.articles.items() if id in article.covers}


def is_ever_in_force(article: Article, scenario: Scenario) -> bool:
    """Whether an article holds on any day of a scenario."""
    first, end = scenario.start, scenario.start + timedelta(days=scenario.days)
    return article.enabled and (article.start or first) < end and first < (article.until or end)


def coverage(known: Checklist) -> Coverage:
    """Read from the built-in rulebooks and scenarios."""
    books = {name: rulebook(name) for name in load.built_in_names(Rulebook)}
    articles = {
        id: {name: found for name, book in books.items() if (found := covering(book, id))} for id in known.ids
    }
    covered = Coverage(articles, {})
    built_in = [resolve(name) for name in load.built_in_names(Scenario)]
    scenarios = {id: tuple(s.scenario.id for s in built_in if is_on(s, id, covered.is_right(id))) for id in known.ids}
    moved = {id: (item.shown_in,) for id, item in known.ids.items() if item.population}
    return Coverage(articles, scenarios | moved)


def is_on(resolved: Resolved, id: str, is_right: bool) -> bool:
    """Whether a scenario has what an id describes: an article in force, or a right not granted."""
    scenario, articles = resolved.scenario, covering(resolved.rulebook, id).values()
    if is_right:
        return any(not is_ever_in_force(article, scenario) for article in articles)
    return any(is_ever_in_force(a, scenario) for a in articles if not isinstance(a, Safeguard))
