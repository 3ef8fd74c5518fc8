"""Numbers as readers see them, in their language."""

from __future__ import annotations

from math import floor, log10

from glasscity.rules.language import language

NONE = "–"


def count(value: float | None, lang: str = "en") -> str:
    """A whole number with thousands marked."""
    return NONE if value is None else marked(f"{value:,.0f}", lang)


def decimal(value: float | None, lang: str = "en") -> str:
    """Two or three significant figures, thousands marked."""
    if value is None:
        return NONE
    size = abs(value)
    places = 0 if size >= 100 or size < 1e-6 else 1 if size >= 10 else 2 if size >= 0.1 else 1 - floor(log10(size))
    return marked(f"{value:,.{places}f}", lang)


def percent(value: float | None, lang: str = "en") -> str:
    """A share in percent, with as many places as it needs."""
    return NONE if value is None else in_percent(100 * value, lang)


def in_percent(value: float, lang: str = "en") -> str:
    """A number of percent."""
    return language(lang).say("form.percent", n=decimal(value, lang))


def by_unit(value: float | None, unit: str, lang: str = "en") -> str:
    """A value in the form that its unit asks for."""
    if unit.startswith(("share", "difference of shares")):
        return percent(value, lang)
    return (decimal if unit in ("points", "ratio") or unit.startswith(("per", "steps")) else count)(value, lang)


def marked(number: str, lang: str) -> str:
    """A number as Python writes it, with the marks of a language."""
    words = language(lang)
    return number.translate({ord(","): words.text("form.thousands"), ord("."): words.text("form.decimal")})
