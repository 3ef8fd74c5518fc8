"""Ten questions: the page is what the commands said, the commands can be given, and what they say is told."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from types import ModuleType

import pytest
from makers import maker_of


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return maker_of("make_questions")


def test_page__answers_all_ten_as_the_commands_did(maker: ModuleType) -> None:
    assert maker.main(["--check"]) == 0
    assert list(maker.QUESTIONS) == list(json.loads(maker.KEPT.read_text(encoding="utf-8"))) == [f"Q{k}" for k in range(1, 11)]


def test_check__finds_a_command_that_was_changed(maker: ModuleType, monkeypatch, capsys) -> None:
    other = replace(maker.QUESTIONS["Q3"], command=maker.QUESTIONS["Q3"].command + " --seed 2")
    monkeypatch.setitem(maker.QUESTIONS, "Q3", other)
    assert maker.main(["--check"]) == 1 and "Q3" in capsys.readouterr().out


def test_page__tells_an_interval_for_every_question(maker: ModuleType) -> None:
    kept = json.loads(maker.KEPT.read_text(encoding="utf-8"))
    for name, question in maker.QUESTIONS.items():
        rows = [line for line in question.tells(kept[name]["said"]) if line.startswith("|")]
        assert any(re.search(r"\d to -?\d", row) for row in rows), name


def approvals(private: tuple[float, float], stated: tuple[float, float], year: int = 2020) -> dict[str, list[dict[str, float]]]:
    """A year's changes of both, by the ends of their intervals."""
    pairs = {"approval_private": private, "approval_stated": stated}
    return {metric: [{"year": year, "change_low": low, "change_high": high}] for metric, (low, high) in pairs.items()}


@pytest.mark.parametrize(("private", "stated", "said"), [
    ((-2, -1), (1, 2), ("2020", "none")), ((-2, 1), (1, 2), ("none", "2020")), ((-2, -1), (-1, 2), ("none", "2020")),
    ((1, 2), (1, 2), ("none", "none")), ((-2, -1), (-2, -1), ("none", "none")), ((None, None), (None, None), ("none", "none")),
])  # fmt: skip
def test_years__are_told_only_where_the_seeds_settle_both_signs(maker: ModuleType, private, stated, said) -> None:
    assert maker.years_apart(approvals(private, stated)) == f"{maker.APART}: {said[0]}. {maker.UNSETTLED}: {said[1]}."


def test_doubts__are_of_shares_whose_interval_holds_nought(maker: ModuleType) -> None:
    def rows(low, high):
        return [{"among": "citizens", "share_low": low, "share_high": high}]

    words = {"citizens": "over all citizens"}
    assert maker.doubts(rows(0.1, 0.2), words) == maker.doubts(rows(-0.2, -0.1), words) == []
    assert "over all citizens" in maker.doubts(rows(-0.1, 0.2), words)[0] and maker.doubts(rows(None, None), words)


SMALL = {"--citizens": "300", "--days": "28", "--seeds": "2"}


@pytest.mark.parametrize("name", [f"Q{k}" for k in range(1, 11)])
def test_command__can_be_given_and_its_answer_told(maker: ModuleType, name: str) -> None:
    """Each command, in a small world; the branch of Q6 is moved into it."""
    words = shlex.split(maker.QUESTIONS[name].command)
    for option, value in SMALL.items():
        if option in words:
            words[words.index(option) + 1] = value
        else:
            words += [option, value]
    words = [re.sub("2021-04-01", "2021-01-15", word) for word in words]
    question = replace(maker.QUESTIONS[name], command=shlex.join(words))
    lines = question.tells(maker.given(question))
    assert any(line.startswith("|---") for line in lines) and len(lines) >= 3
