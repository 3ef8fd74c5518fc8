"""What a metric is sensitive to: indices of each path, by the design that a study was drawn with.

    sobol    S1, ST (and S2 of pairs): shares of the variance between points (Saltelli et al. 2010), by SALib
    morris   mu_star, mu, sigma: mean size, mean and spread of the effect of one step (Campolongo et al. 2007), by SALib
    lhs      S1 by RBD-FAST (Tarantola et al. 2006), by SALib
    grid     S1, ST of the grid's own values, in closed form: all combinations are there

Every point counts with its mean over seeds. Intervals are of 95 %: SALib's bootstrap over samples; on a grid, where
nothing is sampled, the jackknife over seeds.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from glasscity.study.chance import half_width
from glasscity.study.designs import Design, need_salib, problem_of

SCHEMA = {
    "metric": pl.String, "group": pl.String, "path": pl.String, "index": pl.String, "value": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "samples": pl.Int64, "left_out": pl.Int64,
}  # fmt: skip
RESAMPLES, SEED = 200, 1
FEWEST = 2  # blocks of samples
NOUGHT = 1e-12  # less than this is rounding
Row = tuple[str, str, float, float | None, float | None]  # path, index, value, low, high


def indices(results: pl.DataFrame, design: Design, kind: str, second_order: bool = False, levels: int = 4) -> pl.DataFrame:
    """All indices of a study's table: metric, group, path, index, value, low, high; how many samples they rest on.

    Samples at which a world failed or the metric is undefined are left out, with the samples that belong to them. A metric
    that never varies, or of which too few samples are left, has no indices: value is null.
    """
    rows = []
    for metric, group in results.select("metric", "group").unique(maintain_order=True).iter_rows():
        answers = by_point(results.filter((pl.col("metric") == metric) & (pl.col("group") == group)), len(design.points))
        kept = usable(answers.mean(axis=1)[design.point_of], block_of(kind, len(design.paths), second_order))
        found = list(of(kind, design, answers, kept, second_order, levels)) if kept.any() else []
        told = found or [(path, index, np.nan, None, None) for path in design.paths for index in NAMES[kind]]
        counts = (int(kept.sum()), int((~kept).sum()))
        rows += [(metric, group, *row, *counts) for row in told]
    numbers = pl.col("value", "low", "high").fill_nan(None)
    return pl.DataFrame(rows, SCHEMA, orient="row").with_columns(pl.when(numbers.abs() < NOUGHT).then(0.0).otherwise(numbers).name.keep())


NAMES = {"sobol": ("S1", "ST"), "morris": ("mu_star", "mu", "sigma"), "lhs": ("S1",), "grid": ("S1", "ST")}


def by_point(rows: pl.DataFrame, n_points: int) -> np.ndarray:
    """Answers, shape [point, replicate]; nan where there is none."""
    answers = np.full((n_points, rows["replicate"].n_unique()), np.nan)
    answers[rows["point"].to_numpy(), rows["replicate"].to_numpy()] = rows["value"].fill_null(np.nan).to_numpy()
    return answers


def block_of(kind: str, n_paths: int, second_order: bool) -> int | None:
    """How many samples in a row belong together; None: all of them."""
    return {"sobol": (2 if second_order else 1) * n_paths + 2, "morris": n_paths + 1, "lhs": 1}.get(kind)


def usable(y: np.ndarray, block: int | None) -> np.ndarray:
    """Which samples can be used: whole blocks, shape [sample]; none if there are too few, or if all of them are equal."""
    size = block or len(y)
    is_known = np.isfinite(y).reshape(-1, size).all(axis=1)
    kept = np.repeat(is_known, size)
    is_enough = is_known.sum() >= (FEWEST if block else 1) and kept.any() and np.ptp(y[kept]) > 0
    return kept if is_enough else np.zeros(len(y), bool)


def of(kind: str, design: Design, answers: np.ndarray, kept: np.ndarray, second_order: bool, levels: int) -> Iterator[Row]:
    """The indices of one metric."""
    if kind == "grid":
        yield from of_grid(design, answers)
        return
    salib, problem = need_salib(), problem_of(design.paths)
    x, y = np.array(design.samples)[kept], answers.mean(axis=1)[design.point_of][kept]
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        if kind == "sobol":
            found = salib.analyze.sobol.analyze(problem, y, calc_second_order=second_order, num_resamples=RESAMPLES, seed=SEED)
            yield from with_ends(design.paths, found, ("S1", "ST"))
            yield from of_pairs(design.paths, found)
        elif kind == "morris":
            found = salib.analyze.morris.analyze(problem, x, y, num_levels=levels, num_resamples=RESAMPLES, seed=SEED)
            yield from with_ends(design.paths, found, ("mu_star", "mu", "sigma"))
        else:
            found = salib.analyze.rbd_fast.analyze(problem, x, y, M=min(10, max(1, len(y) // 6)), num_resamples=RESAMPLES, seed=SEED)
            yield from with_ends(design.paths, found, ("S1",))


def with_ends(paths: list[str], found: Any, names: tuple[str, ...]) -> Iterator[Row]:
    """Indices of each path with the ends of their intervals, where SALib tells them."""
    for name in names:
        for k, path in enumerate(paths):
            value = float(found[name][k])
            half = float(found[f"{name}_conf"][k]) if f"{name}_conf" in found else None
            yield path, name, value, None if half is None else value - half, None if half is None else value + half


def of_pairs(paths: list[str], found: Any) -> Iterator[Row]:
    """What two paths do together and neither alone."""
    if "S2" not in found:
        return
    for k, path in enumerate(paths):
        for m in range(k + 1, len(paths)):
            value, half = float(found["S2"][k, m]), float(found["S2_conf"][k, m])
            yield f"{path} × {paths[m]}", "S2", value, value - half, value + half


def of_grid(design: Design, answers: np.ndarray) -> Iterator[Row]:
    """First-order and total shares of the variance over a full grid (Sobol 2001), with the jackknife over seeds."""
    shape = tuple(len({repr(point[k]) for point in design.points}) for k in range(len(design.paths)))
    whole, n = shares(answers.mean(axis=1).reshape(shape)), answers.shape[1]
    parts = [shares(np.delete(answers, k, axis=1).mean(axis=1).reshape(shape)) for k in range(n)] if n > 1 else []
    for index in ("S1", "ST"):
        for k, path in enumerate(design.paths):
            value = whole[index][k]
            left = np.array([part[index][k] for part in parts])
            if len(left) < 2 or not np.isfinite(left).all():
                yield path, index, value, None, None
            else:
                half = half_width(float(left.std()) * (n * (n - 1)) ** 0.5, n)
                yield path, index, value, value - half, value + half


def shares(y: np.ndarray) -> dict[str, list[float]]:
    """S1 and ST of each axis of an array that holds a value for each combination."""
    whole = float(y.var())
    axes = range(y.ndim)
    if not whole:
        return {"S1": [np.nan] * y.ndim, "ST": [np.nan] * y.ndim}
    first = [float(y.mean(axis=tuple(a for a in axes if a != axis)).var()) / whole for axis in axes]
    total = [float(y.var(axis=axis).mean()) / whole for axis in axes]
    return {"S1": first, "ST": total}
