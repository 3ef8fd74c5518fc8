"""One language of the product: its sentences with gaps, and how it writes numbers, shares, dates and lists."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from glasscity.errors import Problem, Problems
from glasscity.rules import load
from glasscity.rules.model import Names

LANGUAGES = tuple(Names.model_fields)
WORDS, DOSSIER = "words", "dossier"  # folders of sentences: about articles, and about one synthetic citizen
PLACES = 2  # decimal places of a number that is not whole; below 1, that many behind the first digit


@dataclass(frozen=True)
class Language:
    """The sentences of one file, by dotted key."""

    code: str
    file: str
    texts: dict[str, str]

    def text(self, key: str) -> str:
        """A sentence with its gaps; Problems naming file and key if there is none."""
        try:
            return self.texts[key]
        except KeyError:
            raise Problems([Problem(self.file, key, "nothing", "a text, as in the files of the other languages")]) from None

    def say(self, key: str, **values: object) -> str:
        """A sentence with its gaps filled; Problems if it has a gap for which there is no value."""
        text = self.text(key)
        try:
            return text.format(**values)
        except (KeyError, IndexError, ValueError):
            known = ", ".join(f"{{{name}}}" for name in values) or "no gap"
            raise Problems([Problem(self.file, key, load.shown(text), f"a text with {known}")]) from None

    def name(self, names: Names) -> str:
        """The name of something in this language."""
        return str(getattr(names, self.code))

    def quoted(self, names: Names | str) -> str:
        """A name within a sentence."""
        return self.say("form.quote", name=names if isinstance(names, str) else self.name(names))

    def number(self, value: float) -> str:
        """1,000 or 1.000; fractions as exactly as one reads."""
        size = abs(value)
        places = 0 if float(value).is_integer() else PLACES if size >= 1 else PLACES + leading(size)
        whole, _, fraction = f"{size:,.{places}f}".partition(".")
        fraction = fraction.rstrip("0")
        told = whole.replace(",", self.text("form.thousands")) + (self.text("form.decimal") + fraction if fraction else "")
        return f"−{told}" if value < 0 and told.strip("0.,") else told

    def percent(self, share: float) -> str:
        """A share (0 to 1) in percent."""
        return self.say("form.percent", n=self.number(round(100 * share, 10)))

    def count(self, unit: str, value: float) -> str:
        """A number with its unit, singular or plural: '1 week', '104 weeks'."""
        return self.say(f"unit.{unit}_{'one' if abs(value) == 1 else 'other'}", n=self.number(value))

    def date(self, day: date) -> str:
        """1 January 2021."""
        month = self.text("form.months").split()[day.month - 1]
        return self.say("form.date", day=day.day, month=month, year=day.year)

    def clock(self, hour: float) -> str:
        """8.5 as a time of day."""
        return self.say("form.time", hour=int(hour), minute=f"{round(hour % 1 * 60):02d}")

    def all_of(self, items: Iterable[str]) -> str:
        """'a, b and c'."""
        return joined(list(items), self.text("form.and"))

    def any_of(self, items: Iterable[str]) -> str:
        """'a, b or c'."""
        return joined(list(items), self.text("form.or"))


def leading(size: float) -> int:
    """The decimal place of the first digit of a number between 0 and 1."""
    return -int(f"{size:e}".partition("e")[2])


def joined(items: list[str], word: str) -> str:
    return f"{', '.join(items[:-1])} {word} {items[-1]}" if len(items) > 1 else "".join(items)


def flat(data: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of nested tables with its dotted key."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def gaps(text: str) -> set[str]:
    """Names of the gaps of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@cache
def language(code: str, topic: str = WORDS) -> Language:
    """The language of a code: en, de or nl, on one topic. Read once; Problems if there is none, or its file is broken."""
    if code not in LANGUAGES:
        raise Problems([Problem("--lang", "lang", load.shown(code), ", ".join(LANGUAGES))])
    file = Path(str(load.BUILT_IN)) / topic / f"{code}.toml"
    texts = dict(flat(load.read_toml(file)))
    problems = [
        Problem(str(file), key, load.shown(text), "a text") for key, text in texts.items() if not isinstance(text, str)
    ]
    if problems:
        raise Problems(problems)
    return Language(code, str(file), texts)
