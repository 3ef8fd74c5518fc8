"""From a scenario's name to everything a run needs, checked: the one way in for command line, API and page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from glasscity.errors import Problem, Problems
from glasscity.rules import check, load, overlay
from glasscity.rules.model import Catalogue, Population, Rulebook, Scenario


@dataclass(frozen=True)
class Resolved:
    """A scenario with its documents, overlay applied. `documents` is their plain form, as stored with a run."""

    scenario: Scenario
    rulebook: Rulebook
    catalogue: Catalogue
    population: Population
    documents: dict[str, dict[str, Any]]

    @property
    def hash(self) -> str:
        """SHA-256 of the resolved documents."""
        return hash_of(self.documents)


def hash_of(documents: Mapping[str, Any]) -> str:
    """SHA-256 of documents in their plain form; dates count as text."""
    text = json.dumps(documents, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def resolve(name: str, changes: Mapping[str, Any] | None = None, population: str | None = None) -> Resolved:
    """Read, change and check a scenario, over another population (a built-in name or a file) if one is given.

    Problems with everything that is wrong.
    """
    file = load.find(Scenario, name)
    data = load.read_toml(file) | ({} if population is None else {"population": population})
    scenario = load.validate(Scenario, data, str(file))
    beside = file.parent
    files = {
        "rulebook": load.find(Rulebook, scenario.rulebook, beside),
        "catalogue": load.find(Catalogue, scenario.catalogue, beside),
        "population": load.find(Population, scenario.population, beside if population is None else None),
    }
    documents = {kind: load.read_toml(path) for kind, path in files.items()}
    documents = overlay.apply(documents, {**scenario.set, **(changes or {})})
    return from_documents({"scenario": data, **documents}, {kind: str(path) for kind, path in files.items()})


def from_documents(documents: dict[str, dict[str, Any]], files: Mapping[str, str] | None = None) -> Resolved:
    """Validate and check documents in their plain form (as read, or as stored with a run)."""
    names = {kind: (files or {}).get(kind, kind) for kind in documents}
    models: dict[str, type[BaseModel]] = {"scenario": Scenario, "rulebook": Rulebook, "catalogue": Catalogue, "population": Population}
    problems: list[Problem] = []
    parsed: dict[str, Any] = {}
    for kind, model in models.items():
        try:
            parsed[kind] = load.validate(model, documents[kind], names[kind])
        except Problems as error:
            problems += error.problems
    if not problems:
        problems += check.check_rulebook(parsed["rulebook"], parsed["catalogue"], names["rulebook"])
        problems += check.check_places(parsed["rulebook"], parsed["population"], names["rulebook"])
        problems += check.check_catalogue(parsed["catalogue"], parsed["rulebook"], names["catalogue"])
        problems += check.check_alarms(parsed["rulebook"], parsed["catalogue"], names["rulebook"])
        problems += check.check_population(parsed["population"], names["population"])
    if problems:
        raise Problems(problems)
    return Resolved(**parsed, documents=documents)
