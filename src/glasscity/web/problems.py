"""What is wrong, as the page tells it: in English, as the command line does, and beside it in every other language.

The checks make English sentences. `data/problems` says the same sentences in the other languages: `{names}` in braces stand for
what was found and what is allowed, which stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from glasscity.errors import Problem, Problems
from glasscity.rules import questions
from glasscity.rules.language import LANGUAGES, gaps, language
from glasscity.rules.load import allowed_by

TOPIC = "problems"
OTHERS = tuple(lang for lang in LANGUAGES if lang != "en")
AGAIN = "sentence"  # the gap in which another sentence of the table stands
VALUE = re.compile(r"""'([^'\\]|\\.)*'|"([^"\\]|\\.)*"|[\[({].*""", re.DOTALL)  # something that somebody wrote: never a sentence
GAP = re.compile(r"\{(\w+)\}")
MOST_REMEMBERED = 4096
Told = dict[str, Any]


@dataclass(frozen=True)
class Sentence:
    """An English sentence with gaps, and what it is in another language."""

    english: str
    other: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = GAP.split(self.english)  # text and names of gaps in turns
        return re.compile("".join(f"(?P<{part}>.*?)" if k % 2 else re.escape(part) for k, part in enumerate(parts)), re.DOTALL)

    @property
    def rank(self) -> tuple[int, bool]:
        """Those come first that say most themselves."""
        return -len(GAP.sub("", self.english)), AGAIN not in gaps(self.english)


@dataclass(frozen=True)
class Table:
    """All sentences in one language, with the names of places where something may be wrong."""

    places: dict[str, dict[str, str]]
    sentences: tuple[Sentence, ...]

    def told(self, text: str) -> str | None:
        """A sentence of the checks in this language; None if it is no such sentence."""
        if VALUE.fullmatch(text):
            return None
        for sentence in self.sentences:
            if found := sentence.pattern.fullmatch(text):
                values = found.groupdict()
                again = self.told(values[AGAIN]) if AGAIN in values else ""
                if again is not None:
                    return sentence.other.format(**values | {AGAIN: again})
        return None


@cache
def table(lang: str) -> Table:
    """The table of a language."""
    places: dict[str, dict[str, str]] = {"file": {}, "path": {}, AGAIN: answers(lang)}
    for key, text in language(lang, TOPIC).texts.items():
        part, _, english = key.partition(".")
        places[part][english] = text
    sentences = [Sentence(english, other) for english, other in places.pop(AGAIN).items()]
    return Table(places, tuple(sorted(sentences, key=lambda sentence: sentence.rank)))


def answers(lang: str) -> dict[str, str]:
    """What may be answered about a proposed scheme, as the questions say it."""
    english, other = language("en", questions.TOPIC).texts, language(lang, questions.TOPIC).texts
    return {text: other[key] for key, text in english.items() if key.startswith("allowed.")}


@lru_cache(MOST_REMEMBERED)
def tell(text: str, lang: str) -> str:
    """A sentence of the checks in a language; any other text as it is."""
    return (table(lang).told(text) if lang in OTHERS else None) or text


def told(problem: Problem) -> Told:
    """A problem as plain data: file, path, found, allowed, and `told`: the same in every other language.

    Of a file its name alone, since where it lies is nobody's business but the server's.
    """
    plain = {"file": Path(problem.file).name, "path": problem.path, "found": problem.found, "allowed": problem.allowed}
    return plain | {"told": {lang: spoken(plain, lang) for lang in OTHERS}}


def spoken(plain: Told, lang: str) -> Told:
    """A problem in another language, with all that can be told of it."""
    places = {part: table(lang).places[part].get(plain[part], plain[part]) for part in ("file", "path")}
    return places | {part: tell(plain[part], lang) for part in ("found", "allowed")}


def told_of(error: Exception | str) -> list[Told]:
    """All that an error, or a sentence of one's own, says is wrong."""
    found = error.problems if isinstance(error, Problems) else [Problem("", "", str(error), "")]
    return [told(problem) for problem in found]


def unlike(error: ValidationError, file: str, most: int) -> list[Told]:
    """What is wrong with a message that is not as it should be."""
    return [
        told(Problem(file, ".".join(map(str, e["loc"]))[:200], ascii(e["input"])[:80], allowed_by(e["type"], e["msg"])[:200]))
        for e in error.errors(include_url=False)[:most]
    ]
