"""Rights against an entry that takes no points but leads straight onto a list: review before effect, notice, appeal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from glasscity.jobs import proposals
from glasscity.rules import levers
from glasscity.study.worlds import at_end, changed, lived

ANSWERS = Path(__file__).parents[2] / "docs" / "examples" / "court-debtors.answers.toml"
ERRING = {"articles.own_files.true_match": 0.5, "articles.own_files.wrong_match": 0.5, "articles.notice.enabled": False, "conduct.unpaid_debt.rate": 0.13}
COURT = changed(proposals.scheme_of(proposals.read_answers(ANSWERS)), ERRING)


def world(*rights: str, **changes: Any) -> pl.DataFrame:
    """Three months of a list without points, with some rights granted."""
    scheme = COURT
    for right in rights:
        scheme = changed(scheme, levers.granted(scheme, right))
    return lived(changed(scheme, changes), 4000, 91, 2, 2)


@pytest.fixture(scope="module")
def bare() -> pl.DataFrame:
    return world()


def test_list__without_rights_holds_many_wrongly_and_tells_nobody(bare):
    assert all(article.value == 0 and article.lists for article in COURT.rulebook.articles.values() if article.what == "behaviour")
    assert at_end(bare, "straight_listed_wrongly") > 20 and at_end(bare, "notified") == at_end(bare, "struck_out.false") == 0


def test_review__keeps_those_named_wrongly_off_the_list(bare):
    found = world("review", **{"articles.review.value": 1.0, "articles.review.slip": 0.0})
    assert at_end(found, "straight_listed_wrongly") == 0 and at_end(found, "struck_out.true") == 0
    assert at_end(found, "struck_out.false") == at_end(bare, "straight_listed_wrongly")
    assert at_end(found, "straight_listed") == at_end(bare, "straight_listed") - at_end(bare, "straight_listed_wrongly")


def test_notice__tells_everybody_who_is_listed(bare):
    found = world("notice", **{"articles.notice.value": 1.0})
    assert at_end(found, "notified") == at_end(found, "straight_listed") == at_end(bare, "straight_listed")


def test_appeal__takes_those_named_wrongly_off_the_list_again(bare):
    changes = {"articles.notice.value": 1.0, "articles.appeal.value": 1.0, "articles.appeal.slip": 0.0, "articles.appeal.filed": 1.0, "articles.appeal.days": 1}
    found = world("notice", "appeal", **changes)
    assert at_end(found, "restored.false") > 20 and at_end(found, "restored.true") == 0
    assert at_end(found, "court") < at_end(bare, "court") - 0.8 * at_end(bare, "straight_listed_wrongly")
