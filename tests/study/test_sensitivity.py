"""Indices of sensitivity, of functions for which they are known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from glasscity.study import designs, sensitivity
from glasscity.study.designs import Design
from glasscity.study.plans import Study

PATHS = ["articles.a.value", "articles.b.value", "articles.c.value"]


def drawn(kind: str, samples: int | None = None, steps: int = 5, **fields) -> Design:
    """A design over three paths from 0 to 1."""
    vary = {path: {"low": 0.0, "high": 1.0, **({"steps": steps} if kind == "grid" else {})} for path in PATHS}
    return designs.design(Study(scenario="x", design=kind, samples=samples, metrics=["risk"], vary=vary, **fields))


def table(design: Design, function, seeds: int = 2, noise: float = 0.0) -> pl.DataFrame:
    """A study's table in which a function of the point stands for the metric."""
    draw = np.random.default_rng(3)
    rows = [
        {"point": k, "replicate": r, "metric": "risk", "group": "all", "value": function(*point) + noise * draw.normal()}
        for k, point in enumerate(design.points) for r in range(seeds)
    ]  # fmt: skip
    return pl.DataFrame(rows, {"point": pl.Int32, "replicate": pl.Int32, "metric": pl.String, "group": pl.String, "value": pl.Float64})


def found(frame: pl.DataFrame, index: str) -> dict[str, tuple[float, float, float]]:
    """Value and interval of each path."""
    return {row["path"]: (row["value"], row["low"], row["high"]) for row in frame.filter(index=index).to_dicts()}


def product(a: float, b: float, c: float) -> float:
    """a, and b with c together: S1 is 6/13, 3/13, 3/13; ST is 6/13, 4/13, 4/13."""
    return np.sqrt(2) / 2 * a + b * c


def test_sobol__finds_the_shares_of_a_known_function_within_its_intervals():
    design = drawn("sobol", 512, second_order=True)
    told = sensitivity.indices(table(design, product), design, "sobol", second_order=True)
    first, total, pairs = (found(told, index) for index in ("S1", "ST", "S2"))
    for path, expected in zip(PATHS, (6 / 13, 3 / 13, 3 / 13), strict=True):
        assert first[path][0] == pytest.approx(expected, abs=0.05)
        assert first[path][1] < expected < first[path][2]
    for path, expected in zip(PATHS, (6 / 13, 4 / 13, 4 / 13), strict=True):
        assert total[path][0] == pytest.approx(expected, abs=0.05)
    assert pairs[f"{PATHS[1]} × {PATHS[2]}"][0] == pytest.approx(1 / 13, abs=0.05)
    assert abs(pairs[f"{PATHS[0]} × {PATHS[1]}"][0]) < 0.05


def test_grid__of_a_sum_gives_the_exact_shares_and_nothing_together():
    design = drawn("grid")
    told = sensitivity.indices(table(design, lambda a, b, c: 2 * a + b), design, "grid")
    for index in ("S1", "ST"):
        values = [value for value, _, _ in found(told, index).values()]
        assert values == pytest.approx([0.8, 0.2, 0.0])


def test_grid__intervals_widen_with_chance_between_seeds():
    design = drawn("grid", steps=3)
    narrow, wide = (
        found(sensitivity.indices(table(design, product, 6, noise), design, "grid"), "S1")[PATHS[0]] for noise in (0.01, 0.1)
    )
    assert narrow[2] - narrow[1] < wide[2] - wide[1]
    assert narrow[1] <= narrow[0] <= narrow[2]


def test_grid__with_one_seed_has_no_intervals():
    design = drawn("grid")
    told = sensitivity.indices(table(design, product, seeds=1), design, "grid")
    assert told["low"].null_count() == told.height


def test_morris__of_a_linear_function_is_its_slopes_without_spread():
    design = drawn("morris", 20)
    told = sensitivity.indices(table(design, lambda a, b, c: 3 * a - 2 * b), design, "morris")
    assert [value for value, _, _ in found(told, "mu_star").values()] == pytest.approx([3, 2, 0])
    assert [value for value, _, _ in found(told, "mu").values()] == pytest.approx([3, -2, 0])
    assert [value for value, _, _ in found(told, "sigma").values()] == pytest.approx([0, 0, 0])


def test_latin_hypercube__ranks_paths_as_they_weigh():
    design = drawn("lhs", 300)
    told = found(sensitivity.indices(table(design, lambda a, b, c: 3 * a + b), design, "lhs"), "S1")
    assert told[PATHS[0]][0] == pytest.approx(0.9, abs=0.05)
    assert told[PATHS[0]][1] > told[PATHS[1]][2]


@pytest.mark.parametrize(("kind", "samples", "block"), [("sobol", 64, 5), ("morris", 20, 4), ("lhs", 64, 1)])
def test_failed_world__takes_its_block_of_samples_along_and_no_other(kind, samples, block):
    design = drawn(kind, samples)
    frame = table(design, product)
    broken = frame.with_columns(pl.when((pl.col("point") == design.point_of[0]) & (pl.col("replicate") == 1)).then(None).otherwise("value").alias("value"))
    told = sensitivity.indices(broken, design, kind)
    first_sample_has_twins = design.point_of.count(design.point_of[0]) > 1
    assert not first_sample_has_twins
    assert set(told["left_out"]) == {block} and set(told["samples"]) == {len(design.samples) - block}
    assert told["value"].null_count() == 0


@pytest.mark.parametrize(("kind", "samples"), [("sobol", 8), ("morris", 4), ("lhs", 16), ("grid", None)])
def test_metric__that_never_varies_has_no_indices(kind, samples):
    design = drawn(kind, samples)
    told = sensitivity.indices(table(design, lambda *_: 1.0), design, kind)
    assert told["value"].null_count() == told.height > 0
