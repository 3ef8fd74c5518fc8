"""The pages of articles in plain words are what the rulebooks say today."""

from __future__ import annotations

from types import ModuleType

import pytest
from makers import DOCS, maker_of

from glasscity.rules import load
from glasscity.rules.language import LANGUAGES, language
from glasscity.rules.model import Rulebook


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return maker_of("make_articles")


@pytest.mark.parametrize("code", LANGUAGES)
def test_page__is_what_the_rulebooks_say(maker: ModuleType, code: str) -> None:
    name = f"articles.{code}.md"
    assert (DOCS / name).read_text(encoding="utf-8") == maker.page(code), "run: python docs/make_articles.py"


@pytest.mark.parametrize("code", LANGUAGES)
def test_page__names_every_article_of_every_rulebook(maker: ModuleType, code: str) -> None:
    page = maker.page(code)
    for book in load.built_in_names(Rulebook):
        rulebook = load.validate(Rulebook, load.read_toml(load.find(Rulebook, book)), book)
        missing = [key for key, article in rulebook.articles.items() if f"**{language(code).name(article.name)}.**" not in page]
        assert not missing, book
