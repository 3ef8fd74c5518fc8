"""Stories: each finds the life that was put there for it, and no other."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from glasscity.cli.shown import show_lives
from glasscity.rules.language import DOSSIER, LANGUAGES, language
from glasscity.rules.resolve import resolve
from glasscity.study.find import REPLAYED, STORIES, lives

RULEBOOK = resolve("beijing-2020").rulebook
PLAIN: dict[str, Any] = {
    "false_points": 0, "own": 1000, "association": 0, "standing": 1000, "class": "A", "black": False, "court": False,
    "jobless": False, "shunned": False, "removed": False, "debt": 0, "listed_weeks": 0, "violated": False, "misnamed": False,
    "sanctioned": False, "wrongly_sanctioned": False, "sanctioned_by_association": False, "refused": False, "knows": False,
    "occupation": "worker", "online": 1, "dissent": 3, "expression": 15,
}  # fmt: skip
COURT = {"court": True, "refused": True, "occupation": "professional", "online": 3, "sanctioned": True, "knows": True}
CASES: dict[str, tuple[list[dict[str, Any]], list[int]]] = {
    "wrongly_accused": ([{}, {"misnamed": True, "false_points": -10}, {"misnamed": True, "false_points": -90}, {"misnamed": True, "false_points": 5}], [2, 1]),
    "trap": ([{"sanctioned": True, "black": True}, {"sanctioned": True, "black": True, "jobless": True, "debt": 3}, {"jobless": True}], [1, 0]),
    "by_association": ([{"sanctioned_by_association": True, "violated": True, "association": -90}, {"sanctioned_by_association": True, "association": -5}], [1, 0]),
    "never_notified": ([{"sanctioned": True, "knows": True}, {"sanctioned": True, "standing": 200}, {"sanctioned": True, "standing": 300, "court": True}], [2, 1]),
    "journalist": ([COURT | {"occupation": "worker"}, COURT, COURT | {"dissent": 7}, COURT | {"refused": False}], [2, 1]),
}  # fmt: skip


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([PLAIN | {"citizen": k} | row for k, row in enumerate(rows)])


@pytest.mark.parametrize("story", STORIES)
def test_story__finds_its_lives_the_clearest_first(story):
    rows, expected = CASES[story]
    found = lives(frame(rows), story, 5, RULEBOOK, lambda _: "refusal")
    assert [life["citizen"] for life in found] == expected
    assert all(set(life["figures"]) == set(STORIES[story].told) for life in found)


def test_story__has_as_many_lives_as_asked_for():
    rows, expected = CASES["wrongly_accused"]
    assert [life["citizen"] for life in lives(frame(rows), "wrongly_accused", 1, RULEBOOK, lambda _: None)] == expected[:1]


def test_journalist__who_was_given_notice_is_none_where_there_is_notice():
    key = next(key for key, a in RULEBOOK.articles.items() if getattr(a, "lever", "") == "notice")
    told = RULEBOOK.articles[key].model_copy(update={"enabled": True})
    with_notice = RULEBOOK.model_copy(update={"articles": {**RULEBOOK.articles, key: told}})
    asked: list[int] = []

    def learned(citizen: int) -> str:
        asked.append(citizen)
        return "refusal" if citizen == 1 else "notice"

    many = frame([COURT | {"dissent": 7 - k // 4} for k in range(12)])
    assert [life["citizen"] for life in lives(many, "journalist", 3, with_notice, learned)] == [1]
    assert len(asked) == REPLAYED


def test_stories__are_told_in_words_of_every_language(capsys):
    """Each column that a story tells has a name, flags are yes or no, occupations are words."""
    figures = {"false_points": -1257, "violated": False, "occupation": "at_home", "class": "D"}
    shown = [{"story": "trap", "citizen": 7, "figures": figures, "command": "glasscity dossier runs/a 7"}]
    found = {"stories": ["trap"], "lives": shown, "searched": 10, "citizens": 10}
    for lang, said in (("en", "SYNTHETIC 7  points by false entries: −1,257; ever broke a rule: no; occupation: at home; class: D"), ("nl", "SYNTHETISCH 7  punten uit onware vermeldingen: −1.257; ooit een regel overtreden: nee; beroep")):
        show_lives(found, lang)
        assert said in capsys.readouterr().out
    names = {name for story in STORIES.values() for name in story.told}
    for lang in LANGUAGES:
        assert {key.removeprefix("figure.") for key in language(lang, DOSSIER).texts if key.startswith("figure.")} == {*names, "yes", "no"}
