"""From a study to its points: full grids, and Latin hypercubes, Sobol's and Morris's samples by SALib.

A sample is a place in the unit cube, one coordinate a path; a point is the values there. Samples that fall on the same
values, as with switches and whole numbers, share a point, so that no world is lived twice.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from glasscity.errors import InputError, Problem, Problems
from glasscity.study.plans import MOST_WORLDS, Range, Study


@dataclass(frozen=True)
class Design:
    """Points, and which of them each sample is at."""

    paths: list[str]
    points: list[list[Any]]  # [point][path]
    samples: list[list[float]]  # [sample][path], 0 to 1
    point_of: list[int]  # [sample]

    @property
    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return vars(self)

    def changes(self, point: int) -> dict[str, Any]:
        """A point as an overlay."""
        return dict(zip(self.paths, self.points[point], strict=True))


def problem_of(paths: list[str]) -> dict[str, Any]:
    """A unit cube in SALib's words."""
    return {"num_vars": len(paths), "names": paths, "bounds": [[0.0, 1.0]] * len(paths)}


def design(study: Study, file: str = "study") -> Design:
    """The points of a study; Problems if they are too many."""
    found = on_grid(study) if study.design == "grid" else sampled(study, drawn(study))
    n_worlds = len(found.points) * study.seeds
    if n_worlds > MOST_WORLDS:
        raise Problems([Problem(file, "vary", f"{n_worlds:,} worlds", f"at most {MOST_WORLDS:,}")])
    return found


def on_grid(study: Study) -> Design:
    """All combinations of values, the last path's changing fastest."""
    values = [range_.spread if isinstance(range_, Range) else list(range_) for range_ in study.vary.values()]
    if np.prod([float(len(listed)) for listed in values]) > MOST_WORLDS:
        raise Problems([Problem("study", "vary", "too many combinations", f"at most {MOST_WORLDS:,}")])
    points = [list(point) for point in itertools.product(*values)]
    places = itertools.product(*(np.linspace(0, 1, len(listed)).tolist() for listed in values))
    return Design(study.paths, points, [list(place) for place in places], list(range(len(points))))


def drawn(study: Study) -> np.ndarray:
    """SALib's samples in the unit cube, shape [sample, path]."""
    salib = need_salib()
    problem, n, seed = problem_of(study.paths), study.samples or 0, study.design_seed
    if study.design == "lhs":
        return np.asarray(salib.sample.latin.sample(problem, n, seed=seed))
    if study.design == "morris":
        return np.asarray(salib.sample.morris.sample(problem, n, num_levels=study.levels, seed=seed))
    return np.asarray(salib.sample.sobol.sample(problem, n, calc_second_order=study.second_order, seed=seed))


def sampled(study: Study, places: np.ndarray) -> Design:
    """The points at some places of the unit cube."""
    numbers: dict[str, int] = {}
    points: list[list[Any]] = []
    point_of: list[int] = []
    for place in places:
        values = [value_at(range_, share) for range_, share in zip(study.vary.values(), place.tolist(), strict=True)]
        number = numbers.setdefault(repr(values), len(points))
        if number == len(points):
            points.append(values)
        point_of.append(number)
    return Design(study.paths, points, places.tolist(), point_of)


def value_at(range_: Range | list[Any], share: float) -> Any:
    """The value at a coordinate: of a list, each has an equal part."""
    if isinstance(range_, Range):
        return range_.at(share)
    return range_[min(int(share * len(range_)), len(range_) - 1)]


def need_salib() -> Any:
    """SALib with its samplers and analyses; InputError if it is not installed."""
    try:
        import SALib
        import SALib.analyze.morris
        import SALib.analyze.rbd_fast
        import SALib.analyze.sobol
        import SALib.sample.latin
        import SALib.sample.morris
        import SALib.sample.sobol
    except ImportError as error:
        raise InputError(f"{error.name} is missing; install it with: pip install 'glasscity[study]'") from None
    return SALib
