"""The legal checklist: every article has its words, and what no metric tells is asked of the rulebook itself."""

from __future__ import annotations

import pytest

from glasscity.metrics.registry import METRICS
from glasscity.report import yardsticks
from glasscity.rules.language import LANGUAGES, language
from glasscity.rules.resolve import resolve
from glasscity.study.worlds import changed

BEIJING = resolve("beijing-2020")
REVIEWED = changed(BEIJING, {"articles.review.enabled": True, "articles.emotion_recognition.enabled": False})
SIZE = {"citizens": 1234, "days": 30}


def rows(lang: str, *schemes: object) -> dict[str, list[str]]:
    texts = language(lang, "impact")
    section = yardsticks.section(texts, lambda metric: f"<{metric}>", [yardsticks.facts_of(s) for s in schemes], SIZE)
    return dict(zip(yardsticks.YARDSTICKS, section.blocks[1].rows, strict=True))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_checklist__answers_every_article(lang):
    found = rows(lang, BEIJING)
    assert all(law and question and answer for law, question, answer in found.values())
    assert {metric for metrics in yardsticks.YARDSTICKS.values() for metric in metrics} <= set(METRICS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_checklist__names_the_machines_of_the_rulebook(lang):
    names = BEIJING.rulebook.articles
    emotion, street = (getattr(names[key].name, lang) for key in ("emotion_recognition", "street_camera"))
    found = rows(lang, BEIJING)
    assert emotion in found["ai_act_5_1_f"][2] and emotion not in found["ai_act_5_1_e"][2]
    assert street in found["ai_act_5_1_e"][2] and "<residual_disparity>" in found["ai_act_5_1_g"][2]


def test_checklist__of_a_scheme_without_machines_says_so():
    found = rows("en", resolve("court-list"))
    assert found["ai_act_5_1_e"][2] == found["ai_act_5_1_g"][2] == "No machine compares people"
    assert "30 days" in found["ai_act_27"][2] and "1,234 people" in found["ai_act_27"][2]


def test_checklist__of_twin_worlds_tells_what_the_other_grants():
    found = rows("en", BEIJING, REVIEWED)
    assert "oversight: not granted → granted; (f) complaint: not granted" in found["ai_act_27"][2]
    assert found["ai_act_5_1_f"][2].endswith("→ No machine infers anything at school or at work")
