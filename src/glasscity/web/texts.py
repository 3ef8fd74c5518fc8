"""Texts of the page by language: its own, and names that reports use too."""

from __future__ import annotations

from functools import cache
from typing import Any

from glasscity.rules.language import LANGUAGES, language
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Scenario
from glasscity.rules.resolve import resolve

__all__ = ["LANGUAGES", "page", "scenarios"]
PAGE, TWINS = "page", "twins"
SHARED = ("metric.", "group.", "outcome.")


@cache
def page(lang: str) -> dict[str, str]:
    """Every text by dotted key."""
    shared = {key: text for key, text in language(lang, TWINS).texts.items() if key.startswith(SHARED)}
    forms = {key: text for key, text in language(lang).texts.items() if key.startswith(("form.", "state."))}
    return {**forms, **shared, **language(lang, PAGE).texts}


@cache
def scenarios(lang: str) -> list[dict[str, Any]]:
    """Built-in scenarios: id, name, summary, start, days, citizens, residents; those with points first."""
    found = []
    for name in built_in_names(Scenario):
        resolved = resolve(name)
        told = resolved.scenario
        found.append({
            "id": told.id, "name": getattr(told.name, lang), "summary": getattr(told.summary, lang), "start": told.start.isoformat(),
            "days": told.days, "citizens": min(told.citizens or 100_000, resolved.population.residents), "residents": resolved.population.residents,
        })  # fmt: skip
    first = ("beijing-2020", "rongcheng", "court-list")
    return sorted(found, key=lambda s: (first.index(s["id"]) if s["id"] in first else len(first), s["id"]))
