"""What the five articles describe, and where it is: articles, functions, scenarios, metrics, tests."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from glasscity.errors import Problem, Problems
from glasscity.rules.checklist import Checklist, Coverage, Item, checklist, coverage
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Scenario
from glasscity.rules.resolve import resolve


def sources(ids: Sequence[str] = ()) -> dict[str, Any]:
    """The checklist, whole or those ids (or parts, by their letter) alone, as plain data.

    `parts`: letter -> name; `ids`: one entry each, with what models it; `modelled` and `total`: how many
    of the whole checklist some scenario has, and how many there are. Problems for an id that is not in it.
    """
    known = checklist()
    wanted, covered = chosen(known, ids), coverage(known)
    rulebooks = {name: resolve(name).scenario.rulebook for name in built_in_names(Scenario)}
    return {
        "parts": known.parts,
        "ids": [
            told(id, known.ids[id], covered, rulebooks.get(known.ids[id].shown_in, "")) for id in known.ids if id in wanted
        ],
        "modelled": sum(bool(covered.scenarios[id]) for id in known.ids),
        "total": len(known.ids),
    }


def chosen(known: Checklist, ids: Sequence[str]) -> set[str]:
    """The ids asked for, all if none is; a letter stands for its part."""
    found: set[str] = set()
    problems = []
    for asked in ids:
        id = asked.upper()
        here = {one for one in known.ids if one == id or one[0] == id}
        if not here:
            near = difflib.get_close_matches(id, known.ids, n=5, cutoff=0.4) or list(known.ids)[:5]
            allowed = f"an id, as {', '.join(near)}, or a part: {', '.join(known.parts)}"
            problems.append(Problem("sources", "id", ascii(asked)[:80], allowed))
        found |= here
    if problems:
        raise Problems(problems)
    return found or set(known.ids)


def told(id: str, item: Item, covered: Coverage, rulebook: str) -> dict[str, Any]:
    """One id with all that is known of it."""
    return {
        "id": id,
        "part": id[0],
        **item.model_dump(mode="json", exclude={"switch"}),
        "articles": {name: list(found) for name, found in covered.articles[id].items()},
        "scenarios": list(covered.scenarios[id]),
        "switch": covered.switch(id, item, rulebook),
    }
