"""How charts write numbers and dates in a language: what Vega asks for, made of the language's own forms."""

from __future__ import annotations

from typing import Any

from glasscity.rules.language import Language

MONTH = "%b %Y"
LEAST = 4  # digits that every number may have


def locale(lang: Language) -> dict[str, Any]:
    """Numbers and dates as the language writes them, for a chart's configuration. No chart names a weekday or a half of the day."""
    number = {
        "decimal": lang.text("form.decimal"), "thousands": lang.text("form.thousands"), "grouping": [3], "currency": ["", ""],
        "percent": lang.say("form.percent", n=""),
    }  # fmt: skip
    time = {
        "months": lang.text("form.months").split(), "shortMonths": lang.text("chart.months").split(),
        "days": [""] * 7, "shortDays": [""] * 7, "periods": ["", ""], "dateTime": date_form(lang), "date": date_form(lang), "time": "%H:%M",
    }  # fmt: skip
    return {"number": number, "time": time}


def date_form(lang: Language) -> str:
    """1 Jan 2021."""
    return lang.say("form.date", day="%-d", month="%b", year="%Y")


def day_form(lang: Language) -> str:
    """1 Jan."""
    return lang.say("form.date", day="%-d", month="%b", year="").strip()


def number_form(unit: str, largest: float) -> str:
    """Shares in percent with three digits. All else with four, or with as many more as it takes not to round what is whole."""
    return ".3~%" if unit.startswith("share") else f",.{max(LEAST, len(f'{largest:.0f}') + 1)}~r"
