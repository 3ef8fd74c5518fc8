"""The worked examples are what their answers and the stored worlds say."""

from __future__ import annotations

import pytest
from makers import maker_of

from glasscity.jobs import proposals
from glasscity.study import impact


@pytest.fixture(scope="module")
def maker():
    return maker_of("make_examples")


def test_pages__are_what_the_stored_worlds_say(maker) -> None:
    assert maker.main(["--check"]) == 0


def test_check__finds_a_page_that_was_changed(maker, tmp_path, monkeypatch) -> None:
    for file in maker.FOLDER.iterdir():
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "bonus-card.md").write_text("else", encoding="utf-8")
    monkeypatch.setattr(maker, "FOLDER", tmp_path)
    assert maker.main(["--check"]) == 1


@pytest.mark.parametrize("name", ["court-debtors", "bonus-card", "benefits-risk"])
def test_example__can_be_lived(maker, name) -> None:
    scheme = proposals.scheme_of(proposals.read_answers(maker.FOLDER / f"{name}.answers.toml"), name)
    rows = impact.luck(scheme, 400, 30, 1, 2, lambda _: None)
    assert {row["metric"] for row in rows} >= {"share_ever.sanctioned", "innocent_risk"}


def test_profile__looks_for_the_conduct_that_was_named_first(maker) -> None:
    scheme = proposals.scheme_of(proposals.read_answers(maker.FOLDER / "benefits-risk.answers.toml"))
    profile = scheme.rulebook.articles["profile"]
    assert profile.alarm == "benefit_error" and set(profile.sees) == {"benefit_error"}
