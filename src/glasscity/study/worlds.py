"""Worlds lived through in memory, for their metrics alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from glasscity.engine.city import City
from glasscity.metrics import tables
from glasscity.rules.overlay import apply
from glasscity.rules.resolve import Resolved, from_documents

Tick = Callable[[int], None]  # told how many citizen-days have passed


def lived(resolved: Resolved, citizens: int, days: int, seed: int, threads: int, tick: Tick = lambda _: None) -> pl.DataFrame:
    """The metrics of one world after so many days (`metrics.tables.metrics_frame`)."""
    city = City(resolved, citizens, days, seed, threads)
    try:
        city.populate()
        for _ in range(days):
            city.live()
            tick(citizens)
        return tables.metrics_frame(city)
    finally:
        city.team.close()


def changed(resolved: Resolved, changes: Mapping[str, Any]) -> Resolved:
    """A scheme with further changes by dotted path; its files are not read again."""
    documents = {kind: table for kind, table in resolved.documents.items() if kind != "scenario"}
    return from_documents({"scenario": resolved.documents["scenario"], **apply(documents, changes)})


def setting(**values: Any) -> str:
    """Settings as a key: the same settings, the same key."""
    return repr(sorted((name, repr(value)) for name, value in values.items()))
