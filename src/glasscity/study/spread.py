"""How far accounts lie apart in both worlds of a pair, and what share of that is the doing of what differs."""

from __future__ import annotations

import numpy as np
import polars as pl

from glasscity.engine.city import City

AMONG = "among"  # citizens: all of them; districts: the means of districts
MEASURES = ("factual", "counterfactual", "share")  # standard deviations in points; 1 less the other world's variance over the scheme's


def spread_of(first: City, second: City) -> pl.DataFrame:
    """A row for the accounts of all citizens and one for the means of districts: AMONG and MEASURES; null where there is no spread."""
    rows = [
        {AMONG: among, "factual": one, "counterfactual": other, "share": share_of(one, other)}
        for among, one, other in zip(("citizens", "districts"), deviations(first), deviations(second), strict=True)
    ]
    return pl.DataFrame(rows, schema={AMONG: pl.String, **dict.fromkeys(MEASURES, pl.Float64)})


def share_of(factual: float | None, counterfactual: float | None) -> float | None:
    """The share of the scheme's variance that is not in the other world; below nought if there is more there."""
    return None if not factual or counterfactual is None else 1 - (counterfactual / factual) ** 2


def deviations(city: City) -> tuple[float | None, float | None]:
    """Standard deviations of accounts, in points: over all citizens, and of the means of districts in which somebody lives."""
    parts = [part.astype(np.int64) for part in city.layout.parts(city.world.own) if len(part)]
    n, total, squares = (int(sum(found)) for found in (map(len, parts), (part.sum() for part in parts), (part @ part for part in parts)))
    means = np.array([part.mean() for part in parts])
    within = ((n * squares - total**2) / (n * (n - 1))) ** 0.5 if n > 1 else None
    return within, float(means.std(ddof=1)) if len(means) > 1 else None
