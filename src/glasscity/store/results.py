"""The tables a run leaves: Parquet files with units, definitions and the watermark in their metadata.

    metrics.parquet    metric, day, date, group, district, value
    intervals.parquet  mean of each metric over seeds and its interval, where the run has other seeds beside its own
    citizens.parquet   final state, one row a citizen; of more than a million citizens every n-th
    events.parquet     what happened to watched citizens
    panel_*.parquet    the panel: members, how they stood at each reading, what happened to them
    afar.parquet       neighbourhoods and days on which somebody was named wrongly from afar, for replays

Metadata keys: `SYNTHETIC` (the notice), `glasscity` (JSON: version, digest, columns, and for the metrics
their definitions). DuckDB shows them with `select * from parquet_kv_metadata('metrics.parquet')`.
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import polars as pl

from glasscity import columns as c
from glasscity.engine.city import City
from glasscity.metrics import panel, people, tables
from glasscity.metrics.registry import descriptions
from glasscity.store.folder import (
    AFAR,
    CITIZENS,
    EVENTS,
    METRICS,
    PANEL_EVENTS,
    PANEL_MEMBERS,
    PANEL_WEEKS,
    SYNTHETIC,
    RunFolder,
    write_whole,
)

MOST_CITIZENS = 1_000_000
Columns = dict[str, tuple[str, str]]  # name -> unit, meaning

METRICS_COLUMNS: Columns = {
    "metric": ("", "name of the metric, see `metrics`"),
    "day": ("days", "day of the run at whose end it was read, from 0"),
    "date": ("date", "that day in the calendar"),
    "group": ("", "group of citizens that it is about"),
    "district": ("", "district that it is about"),
    "value": ("", "value in the metric's unit; null where it is undefined"),
}

OVER = "mean over seeds of the value; null where it is undefined in all"
CHANGED = "mean over seeds of the change since the last reading of the year before, in the same world; a flow's is what came about since"
INTERVALS_COLUMNS: Columns = {
    **METRICS_COLUMNS,
    "value": ("", f"{OVER}; flows since the start"), "value_low": ("", "lower end of its 95 % interval"), "value_high": ("", "upper end"),
    "change": ("", CHANGED), "change_low": ("", "lower end of its 95 % interval"), "change_high": ("", "upper end"),
}  # fmt: skip


def sample(citizens: int) -> np.ndarray:
    """Numbers of the citizens that are written down: all, or a million spread evenly over the numbers."""
    if citizens <= MOST_CITIZENS:
        return np.arange(citizens, dtype=np.int64)
    return np.arange(MOST_CITIZENS, dtype=np.int64) * citizens // MOST_CITIZENS


def write(folder: RunFolder, city: City, about: dict[str, Any]) -> dict[str, float | None]:
    """Write a finished city's tables; returns its headline figures."""
    metrics = tables.metrics_frame(city)
    names = metrics["metric"].unique(maintain_order=True).to_list()
    save(folder, METRICS, metrics, METRICS_COLUMNS, about | {"metrics": descriptions(names)})
    numbers = sample(city.layout.citizens)
    share = {"citizens": city.layout.citizens, "rows": len(numbers)}
    save(folder, CITIZENS, people.citizens_frame(city, numbers), people.CITIZEN_COLUMNS, about | share)
    save(folder, AFAR, people.afar_frame(city), people.AFAR_COLUMNS, about)
    if len(city.watched_for(c.WATCHED)):
        save(folder, EVENTS, people.events_frame(city), people.EVENT_COLUMNS, about)
    else:
        (folder / EVENTS).unlink(missing_ok=True)
    save_panel(folder, city, about)
    return tables.headline(metrics)


def save_panel(folder: RunFolder, city: City, about: dict[str, Any]) -> None:
    """The panel's members, their weekly states and their events."""
    if len(city.panel):
        found, circle = panel.seen(city), {"circle": ("number", "first slot of the circle of friends: the same number, the same circle")}
        save(folder, PANEL_MEMBERS, found.members, people.CITIZEN_COLUMNS | circle, about)
        save(folder, PANEL_WEEKS, found.weeks, panel.WEEK_COLUMNS, about)
        save(folder, PANEL_EVENTS, found.events, people.EVENT_COLUMNS, about)


def save(folder: RunFolder, name: str, frame: pl.DataFrame, columns: Columns, about: dict[str, Any]) -> None:
    """One table as Parquet, whole or not at all."""
    described = {column: {"unit": unit, "meaning": meaning} for column, (unit, meaning) in columns.items()}
    metadata = {"SYNTHETIC": SYNTHETIC, "glasscity": json.dumps(about | {"columns": described}, default=str)}
    buffer = io.BytesIO()
    frame.write_parquet(buffer, metadata=metadata)
    write_whole(folder / name, [buffer.getbuffer()])


def about(folder: RunFolder, name: str) -> dict[str, Any]:
    """What a table's metadata say of it."""
    return dict(json.loads(pl.read_parquet_metadata(folder / name)["glasscity"]))
