"""Worlds lived through in memory, for their metrics alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from glasscity.engine.city import City
from glasscity.engine.panel import PANEL
from glasscity.metrics import registry, tables
from glasscity.metrics.outcomes import OUTCOMES
from glasscity.rules.overlay import apply
from glasscity.rules.resolve import Resolved, from_documents

CELL = ("metric", "day", "date", "group", "district")
Tick = Callable[[int], None]  # told how many citizen-days have passed


def lived(
    resolved: Resolved, citizens: int, days: int, seed: int, threads: int, tick: Tick = lambda _: None,
    wanted: Iterable[str] = (), is_end_only: bool = False, kind: type[City] = City,
) -> pl.DataFrame:  # fmt: skip
    """The metrics of one world after so many days (`metrics.tables.metrics_frame`).

    Those of the panel only if one of them is wanted: they take time. `is_end_only`: at the end alone, as one period.
    `kind`: of city, which decides where it is lived and changes nothing.
    """
    panel = PANEL if OUTCOMES.keys() & set(wanted) else 0
    city = kind(resolved, citizens, days, seed, threads, panel=panel)
    try:
        city.populate()
        for _ in range(days):
            city.live()
            tick(citizens)
        if is_end_only:
            del city.readings[:-1]
        return tables.metrics_frame(city)
    finally:
        city.team.close()


def kept_metrics(frame: pl.DataFrame) -> pl.DataFrame:
    """Flows since the start; all cells on the last day, and all days of all citizens."""
    flows = [name for name in frame["metric"].unique() if registry.about(name).kind == "flow"]
    total = pl.col("value").cum_sum().over("metric", "group", "district")
    is_kept = (pl.col("day") == pl.col("day").max()) | (pl.col("group") == "all") & (pl.col("district") == "all")
    return frame.with_columns(value=pl.when(pl.col("metric").is_in(flows)).then(total).otherwise("value")).filter(is_kept)


def at_end(frame: pl.DataFrame, metric: str, group: str = "all") -> float | None:
    """A metric over all districts at the end, a flow since the start; None where it is undefined, KeyError if there is none."""
    rows = frame.filter((pl.col("metric") == metric) & (pl.col("group") == group) & (pl.col("district") == "all"))
    if rows.is_empty():
        raise KeyError(f"no metric '{metric}' of {group} in this scheme")
    value = rows["value"].sum() if registry.about(metric).kind == "flow" else rows.sort("day")["value"][-1]
    return None if value is None or math.isnan(value) else float(value)


def changed(resolved: Resolved, changes: Mapping[str, Any]) -> Resolved:
    """A scheme with further changes by dotted path; its files are not read again."""
    return changed_documents(resolved.documents, changes)


def changed_documents(documents: Mapping[str, dict[str, Any]], changes: Mapping[str, Any]) -> Resolved:
    """The scheme of documents in their plain form, with further changes by dotted path."""
    others = {kind: table for kind, table in documents.items() if kind != "scenario"}
    return from_documents({"scenario": documents["scenario"], **apply(others, changes)})


def setting(**values: Any) -> str:
    """Settings as a key: the same settings, the same key."""
    return repr(sorted((name, repr(value)) for name, value in values.items()))
