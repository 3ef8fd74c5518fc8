"""A search for parameters carried out: towards published figures, or towards less harm."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from glasscity.errors import GlassCityError
from glasscity.jobs.carried import Carried, Counted
from glasscity.jobs.ensemble import Ensemble
from glasscity.jobs.executors import Staff, staff_of
from glasscity.jobs.machine import COMPILING, StopSignal, compile_kernels
from glasscity.jobs.session import Progress, Watcher, silent
from glasscity.jobs.small_cells import check_groups
from glasscity.jobs.studies import File, as_dtype, check_paths, dtype_of, scheme_of
from glasscity.store.folder import CALIBRATION, DONE

if TYPE_CHECKING:
    import polars as pl

    from glasscity.study.calibrate import Fit, Setting
    from glasscity.study.orders import Order, Outcome

ORDER = ("trial", "setting", "replicate")
BEFORE, BEST = "before", "best"  # trials of the scheme as it is, and of the best point, with all figures
Answers = dict[str, float | None]
Tried = tuple[str, dict[str, Any], float | None, Answers]  # trial, point, distance, answers


@dataclass(frozen=True)
class Calibrated:
    """A finished search as it lies in its folder."""

    out: Path
    info: dict[str, Any]
    trials: pl.DataFrame  # trial, a column a path, distance, a column a question

    @property
    def best(self) -> dict[str, Any]:
        """The values found, by path."""
        return dict(self.info["best"])

    @property
    def plain(self) -> dict[str, Any]:
        """As plain data."""
        keys = ("title", "scenario", "goal", "best", "distance", "distance_before", "figures", "worlds", "failed", "wall_s")
        return {key: self.info[key] for key in keys} | {"out": str(self.out)}


@dataclass(kw_only=True)
class Seeking(Carried):
    """One process's work on one search."""

    fit: Fit
    kept: set[str] = field(default_factory=set)
    progress: Counted = field(init=False)

    @property
    def n_worlds(self) -> int:
        from glasscity.study import calibrate

        tried = self.fit.trials * len(calibrate.settings(self.fit))
        return self.fit.seeds * (tried + 2 * len(self.last_settings))

    @property
    def last_settings(self) -> list[Setting]:
        """The worlds that judge: with all figures of the scenario, those that were not fitted included."""
        from glasscity.study import calibrate

        return calibrate.settings(self.fit, list(calibrate.published(self.fit.scenario)))

    @property
    def identity(self) -> dict[str, Any]:
        """Another optuna may seek elsewhere."""
        from glasscity.rules.resolve import hash_of

        told = {"documents": self.scheme.documents, "fit": self.fit.model_dump(exclude={"title"}), "optuna": version("optuna")}
        return {"hash": hash_of(told)}

    @property
    def described(self) -> dict[str, Any]:
        return {"title": self.fit.title, "goal": self.fit.goal.model_dump(), "fit": self.fit.model_dump(mode="json")}

    # --- worlds ------------------------------------------------------------------------------------

    def seek(self, staff: Staff, stop: StopSignal) -> Calibrated:
        """Try point after point; then judge the best. Worlds that are kept already are not lived again."""
        from glasscity.study import calibrate

        search = calibrate.Search(self.fit)
        rows: list[Tried] = []
        self.kept = self.folder.kept()
        settings = calibrate.settings(self.fit)
        size = sum(s.citizens * s.days for s in settings) // len(settings)
        self.progress = Counted(self.tell, self.n_worlds, len(self.kept), size)
        self.progress.say()
        for batch in search.batches():
            numbers = range(len(rows), len(rows) + len(batch))
            names = [f"{number:05d}" for number in numbers]
            found = self.answers(dict(zip(names, (point for _, point in batch), strict=True)), settings, staff, stop)
            for name, (trial, point) in zip(names, batch, strict=True):
                distance = calibrate.distance(self.fit, found[name])
                search.tell(trial, distance)
                rows.append((name, point, distance, found[name]))
        return self.finish(rows, staff, stop)

    def answers(
        self, points: dict[str, dict[str, Any]], settings: list[Setting], staff: Staff, stop: StopSignal
    ) -> dict[str, Answers]:
        """Live what is missing of some points' worlds; each question's mean over seeds, by point."""
        orders = [order for name, point in points.items() for order in self.orders(name, point, settings)]
        missing = [order for order in orders if order.key not in self.kept]
        Ensemble(staff, self.keep, lambda: stop.is_asked).carry_out(missing)
        if stop.is_asked and not {order.key for order in missing} <= self.kept:
            raise KeyboardInterrupt
        return {name: self.means(name, settings) for name in points}

    def orders(self, name: str, point: dict[str, Any], settings: list[Setting]) -> list[Order]:
        """The worlds of one point."""
        from glasscity.study.orders import Order, packed

        scheme = packed(self.scheme)
        return [
            Order(key_of(name, k, replicate), scheme, point | setting.given, setting.citizens, setting.days, seed, setting.questions)
            for k, setting in enumerate(settings) for replicate, seed in enumerate(self.fit.world_seeds)
        ]  # fmt: skip

    def keep(self, order: Order, outcome: Outcome) -> None:
        """Keep a world, with the values at its point."""
        import polars as pl

        trial, setting, replicate = order.key.rsplit("-", 2)
        n = len(order.questions)
        told: dict[str, Any] = {"trial": [trial] * n, "setting": [int(setting)] * n, "replicate": [int(replicate)] * n, "seed": [order.seed] * n}
        for path in self.fit.vary:
            value = order.changes.get(path)
            told[path] = pl.Series([None if value is None else as_dtype(value, self.dtypes[path])] * n, dtype=self.dtypes[path])
        frame = pl.DataFrame(told | {
            "metric": [question.name for question in order.questions], "group": [question.group for question in order.questions],
            "value": pl.Series(outcome.values, dtype=pl.Float64), "error": pl.Series([outcome.error] * n, dtype=pl.String),
        })  # fmt: skip
        self.folder.keep(order.key, frame, {"version": self.info["version"], "hash": self.info["hash"]})
        self.kept.add(order.key)
        self.progress.one(outcome.error is not None)

    @property
    def dtypes(self) -> dict[str, Any]:
        """A column's type for each path."""
        ends = {path: range_ if isinstance(range_, list) else [range_.low, range_.high] for path, range_ in self.fit.vary.items()}
        return {path: dtype_of(values) for path, values in ends.items()}

    def means(self, name: str, settings: list[Setting]) -> Answers:
        """The answers of one point: None where a world failed or has none."""
        found: dict[str, list[float | None]] = {}
        for k in range(len(settings)):
            for replicate in range(self.fit.seeds):
                frame = self.folder.world(key_of(name, k, replicate))
                for metric, value in frame.select("metric", "value").iter_rows():
                    found.setdefault(metric, []).append(value)
        return {key: mean_of(values) for key, values in found.items()}

    # --- the end -----------------------------------------------------------------------------------

    def finish(self, rows: list[Tried], staff: Staff, stop: StopSignal) -> Calibrated:
        """Judge the best point beside the scheme as it is, by all figures; write the tables."""
        from glasscity.study import calibrate

        known = [row for row in rows if row[2] is not None]
        if not known:
            error = self.folder.table(ORDER)["error"].drop_nulls()
            raise GlassCityError(f"{self.folder.path}: no trial came to anything" + (f"; the first error: {error[0]}" if len(error) else ""))
        best = min(known, key=lambda row: (row[2], row[0]))
        settings = self.last_settings
        found = self.answers({BEFORE: {}, BEST: best[1]}, settings, staff, stop)
        worlds = self.folder.put_together(ORDER, {key: self.info[key] for key in ("version", "scenario", "hash", "engine", "fit")})
        self.info |= {
            "best": best[1], "distance": best[2], "distance_before": calibrate.distance(self.fit, found[BEFORE]),
            "figures": judged(self.fit, found), "failed": failed_worlds(worlds),
        }  # fmt: skip
        self.write(DONE)
        return Calibrated(self.folder.path, self.info, trials_of(rows, self.dtypes))


def judged(fit: Fit, found: dict[str, Answers]) -> list[dict[str, Any]]:
    """Each figure, or the harm, before and at the best point; figures that were not fitted judge the fit."""
    from glasscity.study import calibrate

    if fit.goal.minimise is not None:
        return [{"id": fit.goal.minimise, "fitted": True, "before": found[BEFORE][fit.goal.minimise], "best": found[BEST][fit.goal.minimise]}]
    told = []
    for key, figure in calibrate.published(fit.scenario).items():
        before, best = found[BEFORE][key], found[BEST][key]
        told.append({
            "id": key, "name": figure.name.en, "fitted": key in fit.goal.figures, "value": figure.value, "low": figure.low,
            "high": figure.high, "before": before, "best": best, "inside": best is not None and figure.low <= best <= figure.high,
        })  # fmt: skip
    return told


def trials_of(rows: list[Tried], dtypes: dict[str, Any]) -> pl.DataFrame:
    """A row a trial: its point, its distance, its answers."""
    import polars as pl

    told: dict[str, Any] = {"trial": [row[0] for row in rows]}
    told |= {path: pl.Series([as_dtype(row[1][path], dtype) for row in rows], dtype=dtype) for path, dtype in dtypes.items()}
    told["distance"] = pl.Series([row[2] for row in rows], dtype=pl.Float64)
    told |= {key: pl.Series([row[3][key] for row in rows], dtype=pl.Float64) for key in rows[0][3]}
    return pl.DataFrame(told)


def failed_worlds(worlds: pl.DataFrame) -> int:
    """How many worlds failed."""
    return int(worlds.filter(worlds["error"].is_not_null()).n_unique(subset=list(ORDER)))


def mean_of(values: list[float | None]) -> float | None:
    """The mean, if all are known."""
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None


def key_of(name: str, setting: int, replicate: int) -> str:
    """The name of a world's file."""
    return f"{name}-{setting}-{replicate}"


def calibrate(
    file: File,
    *,
    out: File | None = None,
    executor: str = "local",
    workers: int | None = None,
    resume: bool = False,
    progress: Watcher | None = None,
) -> Calibrated | None:
    """Seek the parameters of a file's [vary] that come closest to published figures, or that do least harm.

    These are all the goals there are (`study.calibrate`): Problems for any other. `executor`, `workers`, `out`, `resume`: see
    `run_study`. None in an MPI rank that was a worker. Figures that were not fitted are judged as well, at the best point
    and before.
    """
    with staff_of(executor, workers) as staff:
        if staff is None:
            return None
        work = planned(file, out, progress or silent)
        work.folder.check_free()
        with work.folder.claim():
            words = ["glasscity", "calibrate", os.fspath(file), "--out", str(work.folder.path)]
            words += [] if executor == "local" else ["--executor", executor]
            work.take_up(resume, shlex.join(words))
            with StopSignal() as stop, work.kept_to_resume():
                return work.seek(staff, stop)


def planned(file: File, out: File | None, tell: Watcher) -> Seeking:
    """A file, checked: goal, paths."""
    from glasscity.store.studies import StudyFolder
    from glasscity.study import calibrate as study

    path = Path(file)
    fit = study.read(path)
    scheme = scheme_of(fit, path)
    first = {key: range_[0] if isinstance(range_, list) else range_.low for key, range_ in fit.vary.items()}
    check_paths(scheme, first, path)
    study.refuse_people(fit, scheme, str(path))
    study.need_optuna()
    compile_kernels(lambda: tell(Progress("compile", 0, 1, 1, date.today(), COMPILING)))
    check_groups(scheme, [fit.goal.group], fit.citizens or 20_000, fit.seed, str(path), "goal.group")
    folder = StudyFolder(out if out is not None else Path("runs") / f"calibrate-{path.stem}", CALIBRATION)
    return Seeking(fit=fit, scheme=scheme, folder=folder, tell=tell)
