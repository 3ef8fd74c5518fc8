"""One scheme under several seeds: what a run's metrics come to on average, and how surely that is known."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from glasscity.study.chance import over_seeds
from glasscity.study.worlds import CELL

PLACE = ("metric", "group", "district")
MEASURES = ("value", "change")


def intervals(worlds: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """CELL and MEASURES, each with the ends of its 95 % interval over worlds (`worlds.kept_metrics`), one a seed.

    `change`: since the last reading of the year before, world by world, so that the luck of both readings falls out; null where
    there is none.
    """
    found = over_seeds([with_change(frame) for frame in worlds], CELL, MEASURES)
    return found.select(*CELL, *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")))


def with_change(frame: pl.DataFrame) -> pl.DataFrame:
    """One world's metrics, with what each has changed by since the last reading of the year before."""
    year = pl.col("date").dt.year()
    ends = frame.group_by(*PLACE, year=year + 1).agg(before=pl.col("value").sort_by("day").last())
    told = frame.with_columns(year=year).join(ends, on=[*PLACE, "year"], how="left", maintain_order="left")
    return told.select(*CELL, "value", change=pl.col("value") - pl.col("before"))
