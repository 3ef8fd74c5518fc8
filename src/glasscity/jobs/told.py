"""A scheme in plain words."""

from __future__ import annotations

from typing import Any

from glasscity.jobs.plan import Overlay, plain_overlay
from glasscity.rules import words
from glasscity.rules.language import Language, language
from glasscity.rules.model import Article
from glasscity.rules.resolve import Resolved, resolve


def describe(scenario: str, lang: str = "en", overlay: Overlay | None = None) -> dict[str, Any]:
    """The scheme of a scenario (a built-in name or a file) in plain words, grouped, with changes by dotted path.

    `lang`: en, de or nl. Each article has id, kind, name, description, source, locator, grade and whether it is
    enabled. Problems if the scenario, the overlay or the language cannot be used.
    """
    tongue = language(lang)
    found = resolve(scenario, plain_overlay(overlay or {}))
    groups = [
        {"group": group, "title": tongue.text(f"group.{group}"), "articles": articles}
        for group in words.GROUPS
        if (articles := told_articles(found, group, tongue))
    ]
    return {
        "scenario": found.scenario.id,
        "lang": lang,
        "name": tongue.name(found.scenario.name),
        "summary": tongue.name(found.scenario.summary),
        "groups": groups,
    }


def told_articles(found: Resolved, group: str, tongue: Language) -> list[dict[str, Any]]:
    """The articles of one group, kind by kind, in the rulebook's order."""
    kinds = words.GROUPS[group]
    chosen = [(key, article) for key, article in found.rulebook.articles.items() if words.group_of(article) == group]
    chosen.sort(key=lambda item: kinds.index(type(item[1])))
    return [told_article(key, article, found, tongue) for key, article in chosen]


def told_article(key: str, article: Article, found: Resolved, tongue: Language) -> dict[str, Any]:
    place = ", ".join(filter(None, (article.source, article.locator)))
    return {
        "id": key,
        "kind": getattr(article, "what"),  # noqa: B009  each kind of article has it, their base does not
        "name": tongue.name(article.name),
        "description": words.describe(key, found.rulebook, found.catalogue, tongue.code, found.population),
        "source": article.source,
        "locator": article.locator,
        "grade": article.grade,
        "enabled": article.enabled,
        "state": tongue.text("state.on" if article.enabled else "state.off"),
        "origin": tongue.say("state.source", id=key, place=place, grade=tongue.text(f"state.{article.grade}")),
    }
