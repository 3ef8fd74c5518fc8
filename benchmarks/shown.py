"""Numbers and rows of results as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

Row = dict[str, Any]
OURS = "Glass City"
GIB = 2**30


# --- numbers as text --------------------------------------------------------------------------------


def seconds(value: float) -> str:
    """Seconds, or minutes when there are many."""
    return f"{value / 60:.1f} min" if value >= 300 else f"{value:.3g} s"


def rate(value: float) -> str:
    """Citizen-days a second, in millions."""
    return f"{value / 1e6:,.3g} M/s" if value < 1e9 else f"{value / 1e6:,.0f} M/s"


def gib(value: float) -> str:
    """Memory."""
    return f"{value / GIB:.2f} GiB"


def spread(values: Iterable[float], show: Callable[[float], str]) -> str:
    """The median, with lowest and highest if there are several."""
    found = sorted(values)
    if not found:
        return "-"
    return show(median(found)) + (f" ({show(found[0])} .. {show(found[-1])})" if len(found) > 1 else "")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def origin(result: Row) -> str:
    """Where figures come from."""
    on, used = result["machine"], result["versions"]
    hardware = f"{on['cpu']}, {on['cores']} cores, {on['memory_gib']} GiB, {on['system']}"
    software = ", ".join(f"{name} {value}" for name, value in used.items() if value)
    pace = f" Its pace then: ten million in {result['pace_s']} s." if "pace_s" in result else ""
    return f"`{result['command']}`, {result['date'][:10]}. {hardware}.{pace} {software}.\n"


def pick(result: Row | None, what: str) -> list[Row]:
    """Rows of one kind."""
    return [row for row in (result or {"rows": []})["rows"] if row["what"] == what]


def values(rows: Iterable[Row], key: str) -> list[float]:
    """One field of some rows."""
    return [row[key] for row in rows]
