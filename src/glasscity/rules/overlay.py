"""Overlays: changes to a scheme by dotted path, `articles.friends.value = 0`.

Roots: `articles` (rulebook), `conduct`, `wishes`, `alarms` (catalogue), `population`.
"""

from __future__ import annotations

import copy
import difflib
import tomllib
from collections.abc import Mapping
from typing import Any

from glasscity.errors import Problem, Problems

ROOTS = {"articles": "rulebook", "conduct": "catalogue", "wishes": "catalogue", "alarms": "catalogue"}
OPTIONAL = {"enabled", "from", "until", "note", "locator", "shared", "density", "delay", "repair", "limit", "reach"}
PLACE = "--set"


def parse(items: list[str]) -> dict[str, Any]:
    """`path=value` strings as an overlay; values are TOML, and bare words count as text."""
    overlay: dict[str, Any] = {}
    problems = []
    for item in items:
        path, equals, text = item.partition("=")
        if not equals or not path.strip():
            problems.append(Problem(PLACE, item, "no 'path=value'", "for example articles.friends.value=0"))
            continue
        try:
            overlay[path.strip()] = tomllib.loads(f"value = {text.strip()}")["value"]
        except (tomllib.TOMLDecodeError, RecursionError):
            overlay[path.strip()] = text.strip()
    if problems:
        raise Problems(problems)
    return overlay


def apply(documents: Mapping[str, dict[str, Any]], overlay: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Copies of the documents with the overlay's values in place; Problems for paths that lead nowhere."""
    changed = {kind: copy.deepcopy(data) for kind, data in documents.items()}
    problems = []
    for path, value in overlay.items():
        steps = path.split(".")
        root = "population" if steps[0] == "population" else ROOTS.get(steps[0])
        if root is None or len(steps) < 2:
            allowed = f"a path beginning with {', '.join(ROOTS)} or population"
            problems.append(Problem(PLACE, path, repr(value), allowed))
            continue
        problem = put(changed[root], steps[1:] if root == "population" else steps, value, path)
        if problem:
            problems.append(problem)
    if problems:
        raise Problems(problems)
    return changed


def put(data: Any, steps: list[str], value: Any, path: str) -> Problem | None:
    """Set one value in place; a problem if a step of the path does not exist."""
    for depth, step in enumerate(steps):
        is_last = depth == len(steps) - 1
        if isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            if is_last:
                data[int(step)] = value
            else:
                data = data[int(step)]
            continue
        if not isinstance(data, dict) or (step not in data and not (is_last and may_be_added(data, step, value))):
            return missing(data, step, path)
        if is_last:
            data[step] = value
        else:
            data = data[step]
    return None


def may_be_added(data: dict[str, Any], step: str, value: Any) -> bool:
    """Whether a key that is not written down may be added, a whole article included: the schema checks it afterwards."""
    is_article = isinstance(value, dict) and "what" in value
    return "what" in data or "rate" in data or step in OPTIONAL or is_article


def missing(data: Any, step: str, path: str) -> Problem:
    """The problem of a path whose `step` does not exist, with the nearest names that do."""
    names = list(data) if isinstance(data, dict) else []
    near = difflib.get_close_matches(step, names, n=5, cutoff=0.4) or names[:12]
    return Problem(PLACE, path, f"no '{step}' here", f"one of {', '.join(near)}" if near else "nothing below this")
