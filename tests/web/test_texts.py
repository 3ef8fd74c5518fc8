"""Texts of the page: the same keys and gaps in every language, no English left, and every key that the page asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from glasscity.jobs.levers import RATES
from glasscity.rules.language import LANGUAGES, gaps, language
from glasscity.rules.levers import LEVERS, MECHANISMS
from glasscity.study import find
from glasscity.web.texts import PAGE, page

SOURCES = Path(__file__).parents[2] / "page" / "src"
OTHERS = [lang for lang in LANGUAGES if lang != "en"]
ALIKE = {"find.side", "runs.run"}  # texts that are the same words in English and another language
LITERAL = re.compile(r"""\b(?:t|has|counted)\(\s*(['"])([\w.]+)\1""")
CHOICE = re.compile(r"""\bt\([^'"`()]*\?\s*'([\w.]+)'\s*:\s*'([\w.]+)'""")  # t(one ? 'this' : 'that')
TEMPLATE = re.compile(r"""\bt\(\s*`([\w.]*)\$\{""")
ENDING = re.compile(r"""\bt\(\s*`[\w.]*\$\{[^}]*\}([\w.]+)`""")  # t(`tale.${id}_title`)


def own(lang: str) -> dict[str, str]:
    """The page's own texts."""
    return language(lang, PAGE).texts


def told(pattern: re.Pattern[str]) -> dict[str, str]:
    """Every match of a pattern in the page's sources, with the file in which it stands."""
    files = sorted([*SOURCES.rglob("*.svelte"), *SOURCES.rglob("*.ts")])
    return {m.groups()[-1]: file.name for file in files for m in pattern.finditer(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("lang", OTHERS)
def test_texts__have_the_keys_and_gaps_of_english(lang: str) -> None:
    english, other = own("en"), own(lang)
    assert set(other) == set(english)
    assert {key: gaps(text) for key, text in other.items()} == {key: gaps(text) for key, text in english.items()}


@pytest.mark.parametrize("lang", OTHERS)
def test_texts__leave_no_english_in_other_languages(lang: str) -> None:
    words = {key for key, text in own("en").items() if re.search("[a-z]{2}", re.sub(r"\{\w+\}", "", text))}
    assert {key for key in words if own(lang)[key].casefold() == own("en")[key].casefold()} <= ALIKE


def test_texts__include_every_key_that_the_page_names() -> None:
    literal, texts = told(LITERAL), page("en")
    assert len(literal) > 100, "the pattern no longer finds the page's keys"
    assert {key: file for key, file in literal.items() if key not in texts} == {}
    chosen = [key for file in SOURCES.rglob("*.svelte") for pair in CHOICE.findall(file.read_text(encoding="utf-8")) for key in pair]
    assert set(chosen) <= set(texts)


def test_texts__include_the_families_that_the_page_names() -> None:
    starts, texts = told(TEMPLATE), page("en")
    assert {"nav.", "tale.", "life.", "field."} <= set(starts), "the pattern no longer finds the page's families"
    assert {start: file for start, file in starts.items() if not any(key.startswith(start) for key in texts)} == {}


def test_texts__are_told_for_every_member_of_a_family() -> None:
    source = (SOURCES / "lib" / "stories.ts").read_text(encoding="utf-8")
    tales, endings = re.findall(r"\bid: '(\w+)'", source), told(ENDING)
    assert len(tales) == 6 and "_ask" in endings
    wanted = {f"tale.{tale}{ending}" for tale in tales for ending in endings}
    wanted |= {f"story.{name}" for name in find.STORIES} | {f"field.{name}" for name in ("value", *RATES)}
    assert wanted <= set(page("en"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts__in_the_singular_stand_beside_a_plural_that_differs(lang: str) -> None:
    texts = own(lang)
    singular = {key for key in texts if key.endswith("_one")}
    assert {"stories.dots_one", "life.listed_weeks_one"} <= singular
    assert all(texts[key] != texts[key.removesuffix("_one")] for key in singular)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts__name_every_lever_and_right_as_a_label(lang: str) -> None:
    names = {key: text for key, text in own(lang).items() if key.startswith(("lever.", "right."))}
    assert set(names) == {f"lever.{name}" for name in MECHANISMS} | {f"right.{name}" for name in LEVERS}
    assert all(text[0].isupper() for text in names.values())
