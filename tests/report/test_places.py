"""Where rules are from, told in each language."""

from __future__ import annotations

import pytest

from glasscity.report.places import place_of
from glasscity.rules.language import LANGUAGES, language
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Rulebook, Scenario
from glasscity.rules.resolve import resolve

ARTICLE = next(iter(resolve("court-list").rulebook.articles.values()))
CASES = {
    ("004", "section 7; 000 paragraph 3"): {"en": "004, section 7; 000 paragraph 3", "de": "004, Abschnitt 7; 000 Absatz 3", "nl": "004, paragraaf 7; 000 alinea 3"},
    ("model", ""): {"en": "model", "de": "Modell", "nl": "model"},
    ("questionnaire", ""): {"en": "questionnaire", "de": "Fragebogen", "nl": "vragenlijst"},
    ("Measures and sections (2016)", "articles 3 and 5"): {"en": "Measures and sections (2016), articles 3 and 5", "de": "Measures and sections (2016), Artikel 3 und 5",
                                                          "nl": "Measures and sections (2016), artikelen 3 en 5"},
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("source", "locator"), CASES)
def test_place__is_told_in_words_of_the_language_and_titles_stay(source, locator, lang):
    article = ARTICLE.model_copy(update={"source": source, "locator": locator})
    assert place_of(article, language(lang)) == CASES[source, locator][lang]


def test_words__of_places_are_those_that_are_looked_for():
    from glasscity.report.places import OURS, WORDS

    keys = {key.removeprefix("place.") for key in language("en").texts if key.startswith("place.")}
    assert {key for key in keys if key not in OURS} == {key for key in keys if WORDS.fullmatch(key)} and set(OURS) <= keys


def test_places__in_english_are_as_written():
    for name in built_in_names(Scenario):
        rulebook: Rulebook = resolve(name).rulebook
        for article in rulebook.articles.values():
            assert place_of(article, language("en")) == ", ".join(filter(None, (article.source, article.locator)))
