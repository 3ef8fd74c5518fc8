"""What can be moved in a scheme: mechanisms to take out, rights to grant, numbers to change, each with where it comes from."""

from __future__ import annotations

from typing import Any

from annotated_types import Ge, Le

from glasscity.jobs.plan import Overlay, plain_overlay
from glasscity.jobs.told import told_article
from glasscity.rules import levers as named
from glasscity.rules import words
from glasscity.rules.language import language
from glasscity.rules.model import Article, Channel
from glasscity.rules.resolve import resolve

RATES = ("true_match", "wrong_match", "false_match", "minority_wrong_match")  # of a channel, beside its coverage


def levers(scenario: str, lang: str = "en", overlay: Overlay | None = None) -> dict[str, Any]:
    """Everything that can be moved in a scenario: mechanisms, safeguards (and whether they are granted), and numbers by group.

    A number has its dotted path, value, least and greatest, and what its article says of it. Problems as of `describe`.
    """
    found = resolve(scenario, plain_overlay(overlay or {}))
    tongue = language(lang)
    groups = []
    for group, kinds in words.GROUPS.items():
        chosen = [(key, a) for key, a in found.rulebook.articles.items() if words.group_of(a) == group and a.enabled]
        chosen.sort(key=lambda item: kinds.index(type(item[1])))
        articles = [told_article(key, a, found, tongue) | {"numbers": numbers(key, a)} for key, a in chosen]
        if articles:
            groups.append({"group": group, "title": tongue.text(f"group.{group}"), "articles": articles})
    return {
        "scenario": found.scenario.id,
        "name": tongue.name(found.scenario.name),
        "summary": tongue.name(found.scenario.summary),
        "mechanisms": [{"id": name} for name in named.mechanisms_of(found)],
        "safeguards": [{"id": name, "granted": named.is_granted(found, name)} for name in named.LEVERS],
        "groups": groups,
    }


def numbers(key: str, article: Article) -> list[dict[str, Any]]:
    """The numbers of an article that can be moved: path, field, value, low, high, whether whole and whether a share."""
    fields = ["value", *(rate for rate in RATES if isinstance(article, Channel) and getattr(article, rate))]
    found = []
    for field in fields:
        value = getattr(article, field)
        if isinstance(value, int | float) and not isinstance(value, bool):
            low, high = bounds(type(article), field)
            is_whole = type(article).model_fields[field].annotation is int
            found.append({
                "path": f"articles.{key}.{field}", "field": field, "value": value, "low": low, "high": high,
                "whole": is_whole, "share": not is_whole and (low, high) == (0, 1),
            })  # fmt: skip
    return found


def bounds(kind: type[Article], field: str) -> tuple[float, float]:
    """Least and greatest value of a field, from the schema."""
    limits = kind.model_fields[field].metadata
    low = next((float(str(limit.ge)) for limit in limits if isinstance(limit, Ge)), 0.0)
    high = next((float(str(limit.le)) for limit in limits if isinstance(limit, Le)), 1.0)
    return low, high
