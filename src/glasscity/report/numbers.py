"""Numbers as readers see them."""

from __future__ import annotations

from math import floor, log10

NONE = "–"


def count(value: float | None) -> str:
    """A whole number with thousands marked."""
    return NONE if value is None else f"{value:,.0f}"


def decimal(value: float | None) -> str:
    """Two or three significant figures, thousands marked."""
    if value is None:
        return NONE
    size = abs(value)
    places = 0 if size >= 100 or size < 1e-6 else 1 if size >= 10 else 2 if size >= 0.1 else 1 - floor(log10(size))
    return f"{value:,.{places}f}"


def percent(value: float | None) -> str:
    """A share in percent, with as many places as it needs."""
    return NONE if value is None else f"{decimal(100 * value)}%"


def by_unit(value: float | None, unit: str) -> str:
    """A value in the form that its unit asks for."""
    if unit.startswith(("share", "difference of shares")):
        return percent(value)
    return decimal(value) if unit in ("points", "ratio") or unit.startswith(("per", "steps")) else count(value)
