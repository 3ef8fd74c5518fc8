"""Runs held against published figures: inside or outside, fitted or predicted."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from glasscity.errors import Problem, Problems
from glasscity.metrics import registry
from glasscity.rules.resolve import Resolved, resolve
from glasscity.study import worlds
from glasscity.study.chance import half_width
from glasscity.study.figures import FILE, Figure, Measure, days_of

Tick = Callable[[str, int], None]  # told the scenario, and how many citizen-days have passed


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
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the mean over seeds (Student's t); None for a single seed."""
        if len(self.values) < 2:
            return None
        half = half_width(statistics.stdev(self.values), len(self.values))
        return self.mean - half, self.mean + half

    @property
    def is_inside(self) -> bool:
        """Whether the mean lies within the figure's limits."""
        return self.figure.low <= self.mean <= self.figure.high

    @property
    def plain(self) -> dict[str, Any]:
        """The verdict as plain data; numbers that are none (nought over nought) become None."""
        kept = ("scenario", "role", "value", "low", "high", "reason", "unit", "source", "locator", "grade", "seen", "note")
        told = {"id": self.key, "name": self.figure.name.en} | {key: getattr(self.figure, key) for key in kept}
        return told | {
            "values": [finite(value) for value in self.values],
            "mean": finite(self.mean),
            "interval": None if self.interval is None else [finite(end) for end in self.interval],
            "inside": self.is_inside,
        }


def summary(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int]]:
    """Of each role how many are inside, and of how many; claims of the sources, which no authority made, apart."""
    found: dict[str, tuple[int, int]] = {}
    for verdict in verdicts:
        kind = "claimed by the sources" if verdict.figure.grade == "reported" else verdict.figure.role
        inside, every = found.get(kind, (0, 0))
        found[kind] = inside + verdict.is_inside, every + 1
    return found


def finite(value: float) -> float | None:
    """A number, or None for what is none."""
    return value if math.isfinite(value) else None


def validate(
    figures: dict[str, Figure],
    seeds: Iterable[int],
    threads: int = 1,
    tick: Tick = lambda *_: None,
    file: Path = FILE,
) -> list[Verdict]:
    """Every figure against as many runs as there are seeds; runs that figures share are lived once.

    Problems if a figure of `file` reads a metric that its run has not.
    """
    seeds, found = tuple(seeds), {key: list[float]() for key in figures}
    for keys in shared_runs(figures):
        figure = figures[keys[0]]
        resolved = resolve(figure.scenario, figure.given)
        for seed in seeds:
            frame = worlds.lived(resolved, figure.citizens, days_of(figure), seed, threads, partial(tick, figure.scenario))
            refuse_missing({key: figures[key].measure for key in keys}, frame, file)
            for key in keys:
                found[key].append(read(frame, figures[key].measure, resolved, figure.citizens))
    return [Verdict(key, figure, tuple(found[key])) for key, figure in figures.items()]


def shared_runs(figures: dict[str, Figure]) -> list[list[str]]:
    """Figures that are read off the same run, together."""
    groups: dict[str, list[str]] = {}
    for key, figure in figures.items():
        setting = worlds.setting(
            scenario=figure.scenario, given=sorted(figure.given.items()), n=figure.citizens, days=days_of(figure)
        )
        groups.setdefault(setting, []).append(key)
    return list(groups.values())


def work(figures: dict[str, Figure], n_seeds: int) -> int:
    """Citizen-days that `validate` will live through."""
    firsts = [figures[keys[0]] for keys in shared_runs(figures)]
    return n_seeds * sum(figure.citizens * days_of(figure) for figure in firsts)


def refuse_missing(measures: dict[str, Measure], frame: pl.DataFrame, file: Path) -> None:
    """Problems for metrics that a run has not: a channel, wish or class that its rulebook does not know."""
    names = set(frame["metric"].unique())
    problems = [
        Problem(str(file), f"figures.{key}.measure.{side}", repr(name), "a metric of this scenario's runs")
        for key, measure in measures.items()
        for side in ("above", "below")
        for name in getattr(measure, side) if name not in names
    ]  # fmt: skip
    if problems:
        raise Problems(problems)


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
