"""Texts of the page of figures of a run: whole in every language, none in English elsewhere, and the same figures in all."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest

import glasscity
from glasscity import jobs
from glasscity.errors import Problems
from glasscity.report import figures, page, plots
from glasscity.report.stored import TOPIC, Stored, headline_name
from glasscity.rules.language import LANGUAGES, gaps, language

OTHERS = [lang for lang in LANGUAGES if lang != "en"]
ALIKE = {"version", "head.name", "axis.median", "says.classes_part"}  # the same words in English and another language
# words that neither German nor Dutch has; a source keeps its title, a command its words
ENGLISH = re.compile(r"\b(the|which|who|are|were|by|with|for|to|citizens?|records?|acts?|wishes|among|share|since|ever)\b", re.IGNORECASE)
TITLES = re.compile(r"<code>.*?</code>|<style>.*?</style>|<[^>]+>", re.DOTALL)
NUMBER = re.compile(r"\d[\d.,]*")


def own(lang: str) -> dict[str, str]:
    """The page's own texts."""
    return language(lang, TOPIC).texts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("runs") / "beijing"
    glasscity.run("beijing-2020", citizens=6000, days=60, seed=1, out=place, report=False)
    return place


def shown(folder: Path, lang: str) -> str:
    """The page's text without code and titles of sources."""
    html = jobs.report(folder, lang, figures=True).read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in html
    documents = json.loads((folder / "run.json").read_text())["documents"]
    text = re.sub(r"\s+", " ", unescape(TITLES.sub(" ", html)))
    for source in {documents["population"]["source"], *(article["source"] for article in documents["rulebook"]["articles"].values())}:
        text = text.replace(source, "") if " " in source else text
    return text


@pytest.mark.parametrize("lang", OTHERS)
def test_texts__have_the_keys_and_gaps_of_english(lang: str) -> None:
    english, other = own("en"), own(lang)
    assert list(other) == list(english)
    assert {key: gaps(text) for key, text in other.items()} == {key: gaps(text) for key, text in english.items()}


@pytest.mark.parametrize("lang", OTHERS)
def test_texts__leave_no_english_in_other_languages(lang: str) -> None:
    words = {key for key, text in own("en").items() if re.search("[a-z]{2}", re.sub(r"\{\w+\}", "", text))}
    assert {key for key in words if own(lang)[key].casefold() == own("en")[key].casefold()} <= ALIKE
    assert {key: text for key, text in own(lang).items() if ENGLISH.search(re.sub(r"\{\w+\}|metrics.parquet", "", text))} == {}


@pytest.mark.parametrize("lang", OTHERS)
def test_page__leaves_no_english_in_other_languages(folder: Path, lang: str) -> None:
    text = shown(folder, lang)
    assert [text[max(0, m.start() - 30) : m.end() + 30] for m in ENGLISH.finditer(text)] == []
    assert ENGLISH.search(shown(folder, "en"))


@pytest.mark.parametrize("lang", OTHERS)
@pytest.mark.parametrize("name", page.ON_PAGE)
def test_figures__tell_the_same_numbers_in_every_language(folder: Path, name: str, lang: str) -> None:
    def digits(code: str) -> list[list[str]]:
        stored = Stored.read(folder, code)
        figure = figures.FIGURES[name]
        data = figure.data(stored)
        cells = [*figure.table(data, stored)[1], [figure.sentence(data, stored)]]
        return [sorted(re.sub("[.,]", "", number) for number in NUMBER.findall(" ".join(row[first(row) :]))) for row in cells]

    def first(row: list[str]) -> int:
        return min(1, len(row) - 1)  # the first cell is a name or a date

    assert digits(lang) == digits("en")


def test_figures__write_numbers_and_dates_as_the_language_does(folder: Path) -> None:
    text = shown(folder, "de")
    assert "6.000" in text and "1. Januar 2021 bis 1. März 2021" in text and "unter 100" in text
    assert re.search(r"\d,\d+\N{NO-BREAK SPACE}?\s?%", text) and not re.search(r"\d\.\d{1,2}\s?%", text)


def test_plot__is_told_in_the_language_asked_for(folder: Path) -> None:
    spec = glasscity.load(folder).plot("groups", lang="nl").to_dict()
    assert spec["title"]["text"] == own("nl")["figure.groups"] and spec["config"]["locale"]["number"]["decimal"] == ","
    assert glasscity.load(folder).plot("groups").to_dict()["title"]["text"] == "By group"
    with pytest.raises(Problems, match="found 'fr'"):
        plots.chart("groups", folder, "fr")


def test_report__of_figures_in_an_unknown_language_is_refused(folder: Path) -> None:
    with pytest.raises(Problems, match="found 'fr'; allowed: en, de, nl"):
        jobs.report(folder, "fr", figures=True)


def test_headlines__have_words_in_every_language(folder: Path) -> None:
    for key in json.loads((folder / "run.json").read_text())["headline"]:
        assert len({headline_name(key, lang) for lang in LANGUAGES}) == len(LANGUAGES)
