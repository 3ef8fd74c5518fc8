"""Documents a user writes: checked with every problem at once, described as JSON Schema, begun from a template."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from glasscity.errors import InputError, Problem, Problems
from glasscity.rules import check as checks
from glasscity.rules import load, overlay
from glasscity.rules.model import Catalogue, Population, Rulebook, Scenario
from glasscity.rules.resolve import Resolved, from_documents

MODELS: dict[str, type[BaseModel]] = {
    "scenario": Scenario,
    "rulebook": Rulebook,
    "population": Population,
    "catalogue": Catalogue,
}
KINDS = tuple(MODELS)
# top-level keys by which a document is recognised, the first kind that has one
SIGNS: dict[str, tuple[str, ...]] = {
    "cases": ("case",),
    "rulebook": ("articles",),
    "catalogue": ("conduct", "wishes", "alarms"),
    "population": ("districts", "circles", "enclave_share"),
    "scenario": ("rulebook", "population", "start", "days", "set"),
}
CASE_WORLD = {"scenario": "beijing-2020", "population": "beijing", "catalogue": "everyday"}
TEMPLATE = load.BUILT_IN / "scenarios" / "_new.toml"


@dataclass(frozen=True)
class Checked:
    """A document without a problem: what it is, and in a few words what it holds."""

    kind: str
    holds: str


def check(file: str | os.PathLike[str]) -> Checked:
    """Check a scenario, rulebook, population, catalogue or file of worked cases; Problems with all that is wrong."""
    path = load.find(Scenario, os.fspath(file))
    data = load.read_toml(path)
    kind = kind_of(data, str(path))
    found: dict[str, Callable[[dict[str, Any], Path], tuple[list[Problem], str]]] = {
        "cases": check_cases,
        "rulebook": check_rulebook,
        "catalogue": check_catalogue,
        "population": check_population,
        "scenario": check_scenario,
    }
    problems, holds = found[kind](data, path)
    if problems:
        raise Problems(problems)
    return Checked(kind, holds)


def kind_of(data: dict[str, Any], file: str) -> str:
    """What a document is, by its keys."""
    for kind, signs in SIGNS.items():
        if any(sign in data for sign in signs):
            return kind
    keys = ", ".join(list(data)[:8]) or "nothing"
    allowed = "; ".join(f"{' or '.join(signs)} ({kind})" for kind, signs in SIGNS.items())
    raise Problems([Problem(file, "(whole document)", f"keys: {load.shown(keys)}", allowed)])


def parsed(kind: str, data: Any, file: str, problems: list[Problem]) -> Any:
    """The document as a model; None, and its problems added to the others, if it is not one."""
    try:
        return load.validate(MODELS[kind], data, file)
    except Problems as error:
        problems += error.problems
        return None


def check_rulebook(data: dict[str, Any], path: Path) -> tuple[list[Problem], str]:
    problems: list[Problem] = []
    rulebook = parsed("rulebook", data, str(path), problems)
    catalogue = load.validate(Catalogue, load.read_toml(load.find(Catalogue, "everyday")), "everyday")
    if rulebook:
        problems += checks.check_rulebook(rulebook, catalogue, str(path))
        problems += checks.check_alarms(rulebook, catalogue, str(path))
    return problems, f"{len(rulebook.articles)} articles" if rulebook else ""


def check_catalogue(data: dict[str, Any], path: Path) -> tuple[list[Problem], str]:
    problems: list[Problem] = []
    catalogue = parsed("catalogue", data, str(path), problems)
    if catalogue:
        problems += checks.check_catalogue(catalogue, None, str(path))
    return problems, f"{len(catalogue.conduct)} kinds of conduct, {len(catalogue.wishes)} wishes" if catalogue else ""


def check_population(data: dict[str, Any], path: Path) -> tuple[list[Problem], str]:
    problems: list[Problem] = []
    population = parsed("population", data, str(path), problems)
    if population:
        problems += checks.check_population(population, str(path))
    return problems, f"{len(population.districts)} districts, {population.residents:,} residents" if population else ""


def check_cases(data: dict[str, Any], path: Path) -> tuple[list[Problem], str]:
    """Worked cases, and whether they come out under the rulebook beside them."""
    from glasscity.engine.cases import read_cases, run_cases

    beside = path.with_name("rulebook.toml")
    try:
        cases = read_cases(path)
        if not cases:
            return [Problem(str(path), "case", "no case", "tables [[case]]")], ""
        if not beside.is_file():
            return [], f"{len(cases)} worked cases, and no rulebook beside them to hold them against"
        return run_cases(in_beijing(beside), cases, str(path)), f"{len(cases)} worked cases, which all come out"
    except Problems as error:
        return error.problems, ""


def in_beijing(rulebook: Path) -> Resolved:
    """A rulebook over the built-in population and catalogue: cases need some citizens to be tried on."""
    paths = {kind: load.find(MODELS[kind], name) for kind, name in CASE_WORLD.items()} | {"rulebook": rulebook}
    return from_documents({kind: load.read_toml(path) for kind, path in paths.items()}, {k: str(p) for k, p in paths.items()})


def check_scenario(data: dict[str, Any], path: Path) -> tuple[list[Problem], str]:
    """A scenario and every document that it names."""
    problems: list[Problem] = []
    scenario = parsed("scenario", data, str(path), problems)
    documents, files = {}, {}
    for kind in ("rulebook", "catalogue", "population"):
        name = data.get(kind, "everyday" if kind == "catalogue" else None)
        try:
            if isinstance(name, str):
                files[kind] = str(load.find(MODELS[kind], name, path.parent))
                documents[kind] = load.read_toml(Path(files[kind]))
        except Problems as error:
            problems += error.problems
        except InputError as error:
            problems.append(Problem(str(path), kind, repr(name), str(error)))
    if len(documents) == 3:
        try:
            documents = overlay.apply(documents, scenario.set if scenario else {})
            from_documents({"scenario": data, **documents}, {"scenario": str(path), **files})
        except Problems as error:
            problems += [problem for problem in error.problems if problem not in problems]
    return problems, f"{scenario.rulebook} over {scenario.population}, {scenario.days} days" if scenario else ""


def schema(kind: str | None = None) -> dict[str, Any]:
    """JSON Schema of one kind of document, or of all by kind."""
    if kind is None:
        return {name: schema(name) for name in KINDS}
    if kind not in MODELS:
        raise Problems([Problem("schema", "kind", repr(kind), ", ".join(KINDS))])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **MODELS[kind].model_json_schema(by_alias=True)}


def new(file: str | os.PathLike[str]) -> Path:
    """Write a commented scenario to start from; an existing file is left alone."""
    path = Path(file)
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:40].rstrip("-")
    name = name if name[:1].isalpha() else "my-scenario"
    text = TEMPLATE.read_text(encoding="utf-8").replace("@ID@", name)
    try:
        with open(path, "x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        raise InputError(f"{path}: is already there and is left as it is; choose another name") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{ascii(str(path))[1:-1]}: cannot be written: {getattr(error, 'strerror', None) or error}") from None
    return path
