"""One number varied: what some metrics do at each of its values, in worlds that share citizens and draws."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glasscity.rules.resolve import Resolved
from glasscity.study import worlds
from glasscity.study.chance import ends
from glasscity.study.worlds import Tick, at_end, changed


@dataclass(frozen=True)
class Point:
    """A metric at one value: its mean over seeds and the 95 % interval; None where it is undefined in every world."""

    value: Any
    metric: str
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Sweep:
    """Metrics at each value of a path."""

    path: str
    points: list[Point]
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return {**self.about, "path": self.path, "points": [vars(point) for point in self.points]}

    def at(self, value: Any, metric: str) -> Point:
        """The point of a value and a metric; KeyError if it was not asked for."""
        for point in self.points:
            if point.value == value and point.metric == metric:
                return point
        raise KeyError(f"{metric} at {value!r} was not asked for")


def sweep(
    resolved: Resolved, path: str, values: Sequence[Any], metrics: Sequence[str], group: str, citizens: int, days: int,
    seeds: Sequence[int], threads: int, tick: Tick = lambda _: None,
) -> Sweep:  # fmt: skip
    """Metrics of a group at the end of a run, at each value of a dotted path. KeyError if a world has no such metric."""
    schemes = [changed(resolved, {path: value}) for value in values]

    def live(key: tuple[int, int]) -> list[float | None]:
        frame = worlds.lived(schemes[key[0]], citizens, days, key[1], 1, tick, metrics)
        return [at_end(frame, metric, group) for metric in metrics]

    keys = [(k, seed) for k in range(len(values)) for seed in seeds]
    with ThreadPoolExecutor(threads) as pool:
        found = dict(zip(keys, pool.map(live, keys), strict=True))
    points = [
        point_of(value, metric, [found[k, seed][m] for seed in seeds])
        for k, value in enumerate(values) for m, metric in enumerate(metrics)
    ]  # fmt: skip
    return Sweep(path, points)


def point_of(value: Any, metric: str, found: list[float | None]) -> Point:
    """Mean and interval of the worlds in which the metric is defined."""
    known = np.array([number for number in found if number is not None])
    if not len(known):
        return Point(value, metric, None, None, None)
    mean = float(known.mean())
    return Point(value, metric, mean, *ends(mean, known))
