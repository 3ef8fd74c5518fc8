"""What can be moved on the page: every number of every scheme, within bounds that the schema has, in three languages."""

from __future__ import annotations

import pytest

from glasscity.errors import Problems
from glasscity.jobs.levers import levers
from glasscity.rules.levers import LEVERS
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Scenario
from glasscity.rules.resolve import resolve


def numbers(name: str) -> list[dict]:
    return [number for group in levers(name)["groups"] for article in group["articles"] for number in article["numbers"]]


@pytest.mark.parametrize("name", built_in_names(Scenario))
def test_numbers__of_a_scheme_lie_within_their_bounds_and_can_be_set(name):
    found, scheme = numbers(name), resolve(name)
    assert all(number["low"] <= number["value"] <= number["high"] for number in found)
    assert resolve(name, {number["path"]: number["value"] for number in found}).rulebook == scheme.rulebook
    valued = {key for key, article in scheme.rulebook.articles.items() if article.enabled and isinstance(getattr(article, "value", None), int | float)}
    assert {number["path"].split(".")[1] for number in found} == valued


def test_numbers__beyond_their_bounds_are_refused():
    for number in numbers("beijing-2020")[:30]:
        for value in (number["low"] - 1, number["high"] + 1):
            with pytest.raises(Problems):
                resolve("beijing-2020", {number["path"]: value})


def test_rights__are_all_there_and_say_whether_they_are_granted():
    rights = levers("beijing-2020")["safeguards"]
    assert [right["id"] for right in rights] == list(LEVERS) and not any(right["granted"] for right in rights)
    [notice] = [r for r in levers("beijing-2020", "en", {"articles.notice.enabled": True})["safeguards"] if r["id"] == "notice"]
    assert notice["granted"]


def test_articles__are_told_in_the_language_asked_for():
    english, german = (levers("rongcheng", lang)["groups"] for lang in ("en", "de"))
    assert [a["id"] for g in english for a in g["articles"]] == [a["id"] for g in german for a in g["articles"]]
    assert all(a["description"] != b["description"] for g, h in zip(english, german, strict=True) for a, b in zip(g["articles"], h["articles"], strict=True))
