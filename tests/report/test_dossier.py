"""The page about one synthetic citizen: complete in three languages, every entry with its article, nothing loaded."""

from __future__ import annotations

import re
from html import unescape

import pytest

import glasscity
from glasscity.errors import Problems
from glasscity.jobs import Dossier
from glasscity.report import dossier
from glasscity.report.places import place_of
from glasscity.rules.language import DOSSIER, LANGUAGES, gaps, language


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> Dossier:
    """The file of somebody who was wrongly accused."""
    place = tmp_path_factory.mktemp("runs") / "run"
    changes = {"articles.informers.false_reports": 0.9, "articles.friends.value": 0.5}
    glasscity.run("beijing-2020", citizens=12_000, days=120, seed=5, out=place, report=False, overlay=changes)
    [life] = glasscity.find(place, "wrongly_accused", most=1)["lives"]
    return glasscity.dossier(place, life["citizen"])


@pytest.fixture(scope="module", params=LANGUAGES)
def lang(request) -> str:
    return request.param


def test_words__are_complete_in_every_language():
    texts = {code: language(code, DOSSIER).texts for code in LANGUAGES}
    for code in LANGUAGES:
        assert set(texts[code]) == set(texts["en"]), code
        for key, text in texts[code].items():
            assert gaps(text) == gaps(texts["en"][key]), (code, key)
            assert text.strip()


def test_words__are_all_used():
    """A text that no page shows would be translated for nothing."""
    code = "\n".join(
        path.read_text() for folder in ("report", "report/templates", "cli") for path in sorted((dossier_folder() / folder).glob("*")) if path.is_file()
    )
    built = {"trait", "occupation", "circle", "truth", "acts", "standing", "wish", "told", "count", "entry", "find", "friends", "figure"}  # chosen by a value
    for key in language("en", DOSSIER).texts:
        table, _, name = key.partition(".")
        assert table in built or f"{key}\"" in code or f"t.{name}" in code or "glance.{name}" in code and name in ("jobless", "shunned", "removed"), key


def dossier_folder():
    from pathlib import Path

    return Path(glasscity.__file__).parent


def test_page__says_synthetic_and_loads_nothing(found, lang):
    html = found.page(lang)
    assert html.count("SYNTHETIC") >= 2 and f'<html lang="{lang}">' in html
    assert not re.findall(r"(?:src|href)=\"(?!#)", html) and "<script" not in html and "url(" not in html
    assert "Undefined" not in html and "None" not in html and not re.search(r"\{\w+\}", html)


def test_page__leads_from_every_entry_to_its_article_with_source_and_grade(found, lang):
    html = found.page(lang)
    targets = set(re.findall(r'id="article-(\w+)"', html))
    assert set(re.findall(r'href="#article-(\w+)"', html)) == targets
    for entry in found.plain["entries"]:
        assert {entry["article"], entry["channel"]} - {None} <= targets
    for key in targets:
        article = found.resolved.rulebook.articles[key]
        place = html[html.index(f'id="article-{key}"') :]
        assert place_of(article, language(lang)) in unescape(place[: place.index("</article>")])


def test_page__tells_the_figures_of_the_file(found, lang):
    html, now, honest = found.page(lang), found.plain["now"], found.plain["honest"]
    number = language(lang).number
    assert number(now["own"]) in html and number(honest["honest_own"]) in html
    for entry in found.plain["entries"]:
        if "by" in entry["truth"]:
            assert str(entry["truth"]["by"]) in html
    assert honest["false_points"] < 0 and number(honest["false_points"]) in html


def test_page__has_two_sides_and_a_chart_with_a_text_and_a_table(found, lang):
    html, words = found.page(lang), language(lang, DOSSIER)
    assert words.text("page.system") in html and words.text("page.truth") in html
    [alt] = re.findall(r'<svg[^>]*role="img" aria-label="([^"]+)"', html)
    assert language(lang).number(found.plain["honest"]["honest_own"]) in alt and "<table>" in html


def test_page__escapes_what_a_rulebook_says(found):
    key = found.plain["entries"][0]["channel"]
    bad = found.resolved.rulebook.articles[key].name.model_copy(update={"en": "<script>alert(1)</script>"})
    article = found.resolved.rulebook.articles[key].model_copy(update={"name": bad})
    rulebook = found.resolved.rulebook.model_copy(update={"articles": {**found.resolved.rulebook.articles, key: article}})
    from dataclasses import replace

    html = dossier.page(found.plain, replace(found.resolved, rulebook=rulebook), "en")
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_page__in_no_such_language_is_told(found):
    with pytest.raises(Problems, match="en, de, nl"):
        found.page("fr")
