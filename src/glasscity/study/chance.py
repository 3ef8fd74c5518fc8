"""How surely a mean over seeds is known: Student's t."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

# two-sided 95 % quantiles of Student's t by degrees of freedom, 1 to 30 (any table of it)
T_95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


def ends(mean: float, sample: np.ndarray) -> tuple[float | None, float | None]:
    """The 95 % interval of a sample's mean; none for a single value."""
    if len(sample) < 2:
        return None, None
    half = half_width(float(sample.std(ddof=1)), len(sample))
    return mean - half, mean + half


def half_width(deviation: float, n: int) -> float:
    """Half the 95 % interval of the mean of `n` >= 2 values with this standard deviation."""
    return float(T_95[min(n - 1, len(T_95)) - 1] * deviation / n**0.5)


def over_seeds(frames: Sequence[pl.DataFrame], cell: Sequence[str], values: Sequence[str]) -> pl.DataFrame:
    """Mean, standard deviation and 95 % interval of the mean of some columns over frames, one a seed; nulls are left out."""
    parts = [part for v in values for part in (pl.col(v).mean(), pl.col(v).std().alias(f"{v}_sd"), pl.col(v).count().alias(f"{v}_n"))]
    table = pl.concat(frames).group_by(cell, maintain_order=True).agg(*parts)
    widths = {k: half_width(1.0, k) for k in range(2, len(frames) + 1)}
    half = {v: pl.col(f"{v}_n").replace_strict(widths, default=None, return_dtype=pl.Float64) * pl.col(f"{v}_sd") for v in values}
    ends = [(pl.col(v) + sign * half[v]).alias(f"{v}_{end}") for v in values for end, sign in (("low", -1), ("high", 1))]
    return table.with_columns(*ends).drop(f"{v}_n" for v in values)
