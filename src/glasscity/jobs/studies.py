"""A study carried out: its worlds lived by whatever workers there are, kept one by one, put together and shown."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasscity.errors import Problem, Problems, RunFolderError
from glasscity.jobs.carried import Carried, Counted
from glasscity.jobs.ensemble import Ensemble
from glasscity.jobs.executors import Staff, staff_of
from glasscity.jobs.machine import COMPILING, StopSignal, compile_kernels
from glasscity.jobs.session import Progress, Watcher, silent
from glasscity.jobs.small_cells import check_groups
from glasscity.store.folder import DONE, RUNNING

if TYPE_CHECKING:
    import polars as pl

    from glasscity.rules.resolve import Resolved
    from glasscity.store.studies import StudyFolder
    from glasscity.study.calibrate import Fit
    from glasscity.study.designs import Design
    from glasscity.study.orders import Order, Outcome
    from glasscity.study.plans import Study

ORDER = ("point", "replicate")
File = str | os.PathLike[str]


@dataclass(frozen=True)
class Studied:
    """A study as it lies in its folder."""

    out: Path
    info: dict[str, Any]
    results: pl.DataFrame  # see `store.studies.COLUMNS`, and a column for each path varied

    @property
    def failed(self) -> int:
        """How many worlds failed."""
        return int(self.results.filter(self.results["error"].is_not_null()).n_unique(subset=["point", "replicate"]))


@dataclass(kw_only=True)
class Work(Carried):
    """One process's work on one study."""

    study: Study
    design: Design

    @property
    def n_worlds(self) -> int:
        return len(self.design.points) * self.study.seeds

    @property
    def identity(self) -> dict[str, Any]:
        from glasscity.rules.resolve import hash_of

        return {"hash": hash_of({"documents": self.scheme.documents, "study": self.study.model_dump(exclude={"title"})})}

    @property
    def described(self) -> dict[str, Any]:
        study = self.study
        return {
            "title": study.title, "executor": "", "seeds": study.world_seeds, "names": names_of(self.scheme, study.paths),
            "metrics": metrics_of(self.scheme, study.metrics), "study": study.model_dump(mode="json"), "design": self.design.plain,
        }  # fmt: skip

    def go_on(self, info: dict[str, Any]) -> None:
        """Take up a study with the points that it was begun with."""
        from glasscity.study.designs import Design

        self.design = Design(**info["design"])
        super().go_on(info)

    # --- worlds ------------------------------------------------------------------------------------

    def orders(self, kept: set[str]) -> Iterator[Order]:
        """The worlds that are missing: all points with the first seed, then all with the second, ..."""
        from glasscity.study.orders import Order, Question, packed

        scheme = packed(self.scheme)
        questions = tuple(Question(metric, group) for metric in self.study.metrics for group in self.study.groups)
        for replicate, seed in enumerate(self.study.world_seeds):
            for point in range(len(self.design.points)):
                if key_of(point, replicate) not in kept:
                    changes = self.design.changes(point)
                    yield Order(key_of(point, replicate), scheme, changes, self.study.citizens, self.study.days, seed, questions)

    def live(self, staff: Staff, stop: StopSignal) -> None:
        """Live the missing worlds and keep each."""
        kept = self.folder.kept()
        progress = Counted(self.tell, self.n_worlds, len(kept), self.study.citizens * self.study.days, self.info["failed"])

        def keep(order: Order, outcome: Outcome) -> None:
            self.folder.keep(order.key, self.frame(order, outcome), {"version": self.info["version"], "hash": self.info["hash"]})
            progress.one(outcome.error is not None)

        progress.say()
        try:
            Ensemble(staff, keep, lambda: stop.is_asked).carry_out(self.orders(kept))
        finally:
            self.info["failed"] = progress.failed

    def frame(self, order: Order, outcome: Outcome) -> pl.DataFrame:
        """A world as rows: point, values of the paths, answers."""
        import polars as pl

        point, replicate = (int(part) for part in order.key.split("-"))
        n = len(order.questions)
        told = {
            "point": pl.Series([point] * n, dtype=pl.Int32), "replicate": pl.Series([replicate] * n, dtype=pl.Int32),
            "seed": pl.Series([order.seed] * n, dtype=pl.Int64),
        }  # fmt: skip
        for path, dtype in self.dtypes.items():
            told[path] = pl.Series([as_dtype(order.changes[path], dtype)] * n, dtype=dtype)
        return pl.DataFrame(told | {
            "metric": [question.name for question in order.questions], "group": [question.group for question in order.questions],
            "value": pl.Series(outcome.values, dtype=pl.Float64), "error": pl.Series([outcome.error] * n, dtype=pl.String),
        })  # fmt: skip

    @property
    def dtypes(self) -> dict[str, Any]:
        """A column's type for each path: that of its values, or text if they are of several kinds."""
        return {path: dtype_of([point[k] for point in self.design.points]) for k, path in enumerate(self.design.paths)}

    def finish(self) -> Studied:
        """Put the worlds together and draw the page."""
        from glasscity.metrics.registry import descriptions
        from glasscity.report import studies as page

        about = {key: self.info[key] for key in ("version", "scenario", "hash", "engine", "seeds", "study")}
        results = self.folder.put_together(ORDER, about | {"metrics": descriptions(self.study.metrics)})
        self.info["failed"] = Studied(self.folder.path, self.info, results).failed
        self.write(DONE)
        analysed(self.folder, self.info, results)
        page.build(self.folder.path)
        return Studied(self.folder.path, self.info, results)


def key_of(point: int, replicate: int) -> str:
    """The name of a world's file."""
    return f"{point:06d}-{replicate}"


def dtype_of(values: list[Any]) -> Any:
    """The type that holds all these values."""
    import polars as pl

    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return pl.Boolean
    if kinds == {int}:
        return pl.Int64
    return pl.Float64 if kinds <= {int, float} else pl.String


def as_dtype(value: Any, dtype: Any) -> Any:
    """A value as its column holds it: in a column of text, as in TOML."""
    import polars as pl

    from glasscity.jobs.plan import written

    return written(value) if dtype == pl.String and not isinstance(value, str) else float(value) if dtype == pl.Float64 else value


def run_study(
    file: File,
    *,
    out: File | None = None,
    executor: str = "local",
    workers: int | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    progress: Watcher | None = None,
) -> Studied | None:
    """Carry out the study of a file, or with `resume` what is missing of it.

    `executor`: 'local' (processes of this machine, as many as `workers`), 'dask://HOST:PORT' or 'mpi'. `out`: its folder, by
    default one under runs/ named after the file. `retry_failed`: worlds that failed count as missing. Results do not depend
    on who lives the worlds. None in an MPI rank that was a worker. Problems for whatever is wrong with file and scheme.
    """
    with staff_of(executor, workers) as staff:
        if staff is None:
            return None
        work = planned(file, out, progress or silent)
        work.folder.check_free()
        with work.folder.claim():
            words = ["glasscity", "study", os.fspath(file), "--out", str(work.folder.path)]
            words += [] if executor == "local" else ["--executor", executor]
            work.take_up(resume, shlex.join(words))
            work.info["executor"] = executor
            if retry_failed:
                forget_failed(work.folder)
            return carried_out(work, staff)


def planned(file: File, out: File | None, tell: Watcher) -> Work:
    """A study's file, checked: points, paths and metrics."""
    from glasscity.store.studies import StudyFolder
    from glasscity.study import designs, plans

    path = Path(file)
    study = plans.read(path)
    scheme = scheme_of(study, path)
    design = designs.design(study, str(path))
    check_paths(scheme, design.changes(0), path)
    compile_kernels(lambda: tell(Progress("compile", 0, 1, 1, date.today(), COMPILING)))
    check_metrics(scheme, study, path)
    folder = StudyFolder(out if out is not None else Path("runs") / f"study-{path.stem}")
    return Work(study=study, scheme=scheme, design=design, folder=folder, tell=tell)


def scheme_of(told: Study | Fit, file: Path) -> Resolved:
    """The scheme that a file names: built in, or in a file beside it."""
    from glasscity.rules.resolve import resolve

    beside = file.parent / told.scenario
    return resolve(str(beside) if beside.is_file() else told.scenario, told.set, told.population)


def check_paths(scheme: Resolved, changes: dict[str, Any], file: Path) -> None:
    """Problems for paths that lead nowhere; a value that cannot be is found out in its world."""
    from glasscity.rules.overlay import apply

    documents = {kind: table for kind, table in scheme.documents.items() if kind != "scenario"}
    try:
        apply(documents, changes)
    except Problems as error:
        raise Problems([Problem(str(file), f"vary.{p.path}", p.found, p.allowed) for p in error.problems]) from None


def check_metrics(scheme: Resolved, study: Study, file: Path) -> None:
    """Problems for metrics and groups that a small world of this scheme does not have."""
    import difflib

    from glasscity.study import worlds

    frame = worlds.lived(scheme, min(study.citizens, 500), 1, study.seed, 1)
    found = set(frame.select("metric", "group").unique().iter_rows())
    names = sorted({metric for metric, _ in found})
    problems = [
        Problem(str(file), "metrics", f"{metric!r} of {group}",
                "a metric of this scheme" + "".join(f", {near}" for near in difflib.get_close_matches(metric, names, 4)))
        for metric in study.metrics for group in study.groups if (metric, group) not in found
    ]  # fmt: skip
    if problems:
        raise Problems(problems)
    check_groups(scheme, study.groups, study.citizens, study.seed, str(file), "groups")


def forget_failed(folder: StudyFolder) -> None:
    """Remove worlds that failed, so that they are missing."""
    import polars as pl

    if not folder.kept():
        return
    worlds = folder.table(ORDER).filter(pl.col("error").is_not_null()).select(ORDER).unique()
    for point, replicate in worlds.iter_rows():
        folder.forget(key_of(point, replicate))


def carried_out(work: Work, staff: Staff) -> Studied:
    """Live what is missing, and put it together."""
    work.write(RUNNING)
    with StopSignal() as stop, work.kept_to_resume():
        work.live(staff, stop)
        if stop.is_asked and len(work.folder.kept()) < work.n_worlds:
            raise KeyboardInterrupt
        return work.finish()


def analysed(folder: StudyFolder, info: dict[str, Any], results: pl.DataFrame) -> pl.DataFrame:
    """Compute and keep a study's sensitivity indices."""
    from glasscity.store.results import save
    from glasscity.store.studies import INDEX_COLUMNS, INDICES
    from glasscity.study import sensitivity
    from glasscity.study.designs import Design

    study = info["study"]
    found = sensitivity.indices(results, Design(**info["design"]), study["design"], study["second_order"], study["levels"])
    save(folder, INDICES, found, INDEX_COLUMNS, {key: info[key] for key in ("version", "scenario", "hash")})
    return found


def sensitivity(folder: File, lang: str = "en") -> pl.DataFrame:
    """What the metrics of a finished study are sensitive to; its page is drawn anew in en, de or nl.

    Columns: metric, group, path, index, value, low, high, samples, left_out. See `study.sensitivity`.
    """
    from glasscity.report import studies as page
    from glasscity.store.studies import StudyFolder

    place = StudyFolder(folder)
    info = place.described()
    if info["status"] != DONE:
        raise RunFolderError(f"{place.path}: the study has not ended; go on with: {info['command']} --resume")
    with place.claim():
        found = analysed(place, info, place.results(ORDER))
        page.build(place.path, lang)
    return found


def names_of(scheme: Resolved, paths: list[str]) -> dict[str, dict[str, str]]:
    """Names in all languages of the articles and slots that paths belong to."""
    tables: dict[str, Any] = {"articles": scheme.rulebook.articles}
    tables |= {root: getattr(scheme.catalogue, root) for root in ("conduct", "wishes", "alarms")}
    found = {}
    for path in paths:
        root, key, *_ = [*path.split("."), ""]
        if key in tables.get(root, {}):
            found[path] = tables[root][key].name.model_dump()
    return found


def metrics_of(scheme: Resolved, metrics: list[str]) -> dict[str, dict[str, str]]:
    """Names in all languages of the metrics that a study asks for."""
    from glasscity.report.names import metric_names
    from glasscity.rules.language import LANGUAGES

    told = {lang: metric_names(metrics, scheme, lang, units=False) for lang in LANGUAGES}
    return {metric: {lang: names[metric] for lang, names in told.items()} for metric in metrics}


def load_study(folder: File) -> pl.DataFrame:
    """A study's worlds as one tidy table: point, replicate, seed, a column a path, metric, group, value, error.

    Of a study that is still going on: the worlds lived so far.
    """
    from glasscity.store.studies import StudyFolder

    return StudyFolder(folder).results(ORDER)
