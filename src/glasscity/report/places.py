"""Where a rule is from, in words of a language: its source and the place in it."""

from __future__ import annotations

import re

from glasscity.rules.language import Language
from glasscity.rules.model import Article

OURS = ("model", "questionnaire")  # sources that are no text; every other keeps its title
WORDS = re.compile(r"\b(sections?|paragraphs?|articles?|and)\b")


def place_of(article: Article, lang: Language) -> str:
    """'000, Abschnitt 5', 'Modell'."""
    source = lang.text(f"place.{article.source}") if article.source in OURS else article.source
    locator = WORDS.sub(lambda found: lang.text(f"place.{found[1]}"), article.locator)
    return ", ".join(filter(None, (source, locator)))
