"""Runs held against published figures: inside or outside, fitted or predicted."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from glasscity.metrics import registry
from glasscity.rules.resolve import Resolved, resolve
from glasscity.study import worlds
from glasscity.study.figures import Figure, Measure

# two-sided 95 % quantiles of Student's t by degrees of freedom, 1 to 30 (any table of it)
T_95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """A figure, and what the runs say of it."""

    key: str
    figure: Figure
    values: tuple[float, ...]  # one a seed

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return statistics.fmean(self.values)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the mean over seeds (Student's t); the value itself for a single seed."""
        if len(self.values) < 2:
            return self.mean, self.mean
        t = T_95[min(len(self.values) - 1, len(T_95)) - 1]
        half = t * statistics.stdev(self.values) / math.sqrt(len(self.values))
        return self.mean - half, self.mean + half

    @property
    def is_inside(self) -> bool:
        """Whether the mean lies within the figure's limits."""
        return self.figure.low <= self.mean <= self.figure.high


def validate(
    figures: dict[str, Figure], seeds: Iterable[int], threads: int = 1, tick: worlds.Tick = lambda _: None
) -> list[Verdict]:
    """Every figure against as many runs as there are seeds; runs that figures share are lived once."""
    found: dict[str, list[float]] = {key: [] for key in figures}
    groups: dict[str, list[str]] = {}
    for key, figure in figures.items():
        groups.setdefault(run_key(figure), []).append(key)
    for keys in groups.values():
        figure = figures[keys[0]]
        resolved, days = resolve(figure.scenario, figure.given), days_of(figure)
        for seed in seeds:
            frame = worlds.lived(resolved, figure.citizens, days, seed, threads, tick)
            for key in keys:
                found[key].append(read(frame, figures[key].measure, resolved, figure.citizens))
    return [Verdict(key, figure, tuple(found[key])) for key, figure in figures.items()]


def run_key(figure: Figure) -> str:
    """What two figures must have in common to be read off the same run."""
    return worlds.setting(scenario=figure.scenario, given=sorted(figure.given.items()), n=figure.citizens, days=figure.days)


def days_of(figure: Figure) -> int:
    """Days that a figure's run lasts."""
    return figure.days or resolve(figure.scenario).scenario.days


def work(figures: dict[str, Figure], n_seeds: int) -> int:
    """Citizen-days that `validate` will live through."""
    runs = {run_key(figure): figure.citizens * days_of(figure) for figure in figures.values()}
    return n_seeds * sum(runs.values())


def read(frame: pl.DataFrame, measure: Measure, resolved: Resolved, citizens: int) -> float:
    """The measure's value in a run; nan where it would divide by nought."""
    scale = resolved.population.residents / citizens if measure.residents else 1.0
    above = sum(told(frame, name, measure, resolved) for name in measure.above)
    if not measure.below:
        return measure.times * scale * above
    below = sum(told(frame, name, measure, resolved) for name in measure.below)
    return measure.times * above / below if below else math.nan


def told(frame: pl.DataFrame, name: str, measure: Measure, resolved: Resolved) -> float:
    """One metric: summed over the days of a flow, else at the last reading."""
    first = measure.since or resolved.scenario.start
    last = measure.until or frame["date"].max() or first
    rows = frame.filter(
        pl.col("metric") == name, pl.col("group") == measure.group, pl.col("district") == "all", pl.col("date") <= last
    )
    if registry.about(name).kind == "flow":
        return float(rows.filter(pl.col("date") >= first)["value"].sum())
    value = rows.sort("date")["value"].to_list()
    return math.nan if not value or value[-1] is None else float(value[-1])

