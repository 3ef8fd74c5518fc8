"""Studies: many worlds by a design, what their metrics are sensitive to, and parameters fitted to published figures."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glasscity.cli.bar import shown_progress
from glasscity.cli.twins import interval, number, show_grid

if TYPE_CHECKING:
    import polars as pl

    from glasscity.jobs import Progress
    from glasscity.jobs.calibration import Calibrated

File = Annotated[str, typer.Argument(metavar="FILE", help="A study (TOML); see docs/studies.md.")]
Out = Annotated[str | None, typer.Option(metavar="DIR", help="Its folder (default: one under runs/ named after the file).")]
Who = Annotated[str, typer.Option("--executor", metavar="local|dask://HOST:PORT|mpi", help="Who lives the worlds. Results do not depend on it.")]
Workers = Annotated[int | None, typer.Option(metavar="N", help="Processes of this machine (default: one a processor).")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what is missing.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object alone on stdout.")]
SAID_EVERY = 10.0  # seconds, where there is no screen


class shown_worlds(shown_progress):
    """A progress bar; in a file or a pipe, now and then a line with the time left."""

    def __enter__(self) -> Any:
        self.began, self.first, self.last = time.monotonic(), -1, -SAID_EVERY
        return super().__enter__()

    def in_lines(self, progress: Progress) -> None:
        if progress.phase != "days":
            return super().in_lines(progress)
        now = time.monotonic() - self.began
        if self.first < 0:
            self.first, self.began, now = progress.day, time.monotonic(), 0.0
        lived, is_last = progress.day - self.first, progress.day >= progress.days
        if now - self.last < SAID_EVERY and not is_last:
            return None
        self.last = now
        left = f", {readable_time(now / lived * (progress.days - progress.day))} left" if lived and not is_last else ""
        print(f"{progress.message}{left}", file=sys.stderr, flush=True)
        return None


def readable_time(seconds: float) -> str:
    """3 h 20 min, 12 min, 40 s."""
    if seconds >= 3600:
        return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def study(
    file: File,
    out: Out = None,
    executor: Who = "local",
    workers: Workers = None,
    resume: Resume = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Worlds that failed count as missing.")] = False,
    as_json: Json = False,
) -> None:
    """Live many worlds by a design: grid, lhs, sobol or morris.

    One table of all worlds, kept world by world. A world that fails is told in it and does not stop the others.
    """
    from glasscity import jobs

    with shown_worlds() as progress:
        done = jobs.run_study(
            file, out=out, executor=executor, workers=workers, resume=resume, retry_failed=retry_failed, progress=progress
        )
    if done is None:  # a rank that lived worlds for another
        return
    told = {"out": str(done.out), "worlds": done.info["worlds"], "failed": done.failed, "rows": done.results.height,
            "wall_s": done.info["wall_s"]}  # fmt: skip
    if as_json:
        print(json.dumps(told))
        return
    print(f"\n{done.info['title']}: {told['worlds']:,} worlds at {len(done.info['design']['points']):,} points, {told['wall_s']:.1f} s"
          + (f"; {told['failed']:,} failed, see the column error" if told["failed"] else ""))  # fmt: skip
    print(f"table    {done.out}/results.parquet\nreport   {done.out}/report.html")


def sensitivity(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a finished study.")],
    lang: Annotated[str, typer.Option(metavar="en|de|nl", help="Language of the page.")] = "en",
    as_json: Json = False,
) -> None:
    """What a study's metrics hang on.

    Sobol's and Morris's indices, with intervals. They are computed from the study's table, which stays as it is; its page is drawn anew.
    """
    from glasscity import jobs

    found = jobs.sensitivity(folder, lang)
    if as_json:
        print(json.dumps({"out": folder, "indices": found.to_dicts()}))
        return
    for rows in found.partition_by("metric", "group", maintain_order=True):
        show_indices(f"{rows['metric'][0]} of {rows['group'][0]}", rows)
    print(f"report   {folder}/report.html")


def show_indices(title: str, rows: pl.DataFrame) -> None:
    """A row a path, a column an index with its interval."""
    names = rows["index"].unique(maintain_order=True).to_list()
    found = {(row["path"], row["index"]): row for row in rows.iter_rows(named=True)}
    grid = [["", *names]]
    for path in rows["path"].unique(maintain_order=True):
        cells = [found.get((path, name)) for name in names]
        grid.append([path, *("" if cell is None else with_interval(cell) for cell in cells)])
    left_out = max(rows["left_out"].to_list())
    show_grid(title + (f" ({left_out} samples left out)" if left_out else ""), grid)


def with_interval(row: dict[str, Any]) -> str:
    """0.42 (0.3 to 0.54)."""
    told = interval(row["low"], row["high"])
    return number(row["value"]) + (f" ({told})" if told else "")


def calibrate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What is varied and sought (TOML); see docs/studies.md.")],
    out: Out = None,
    executor: Who = "local",
    workers: Workers = None,
    resume: Resume = False,
    as_json: Json = False,
) -> None:
    """Fit parameters to figures, or seek least harm.

    Published figures, and harm by the registry's word. There is no other goal: nothing is maximised, and neither obedience nor the cost of control is sought.
    """
    from glasscity import jobs

    with shown_worlds() as progress:
        found = jobs.calibrate(file, out=out, executor=executor, workers=workers, resume=resume, progress=progress)
    if found is None:
        return
    if as_json:
        print(json.dumps(found.plain))
        return
    show_calibration(found)


def show_calibration(found: Calibrated) -> None:
    """The values found, and each figure before and after."""
    from glasscity.jobs.plan import written

    info = found.info
    told = f"{info['title']}: {info['fit']['trials']} trials, {info['wall_s']:.1f} s" + (f"; {info['failed']:,} worlds failed" if info["failed"] else "")
    show_grid(told, [["path", "found"], *([path, written(value)] for path, value in found.best.items())])
    rows = [["", "published", "agrees", "before", "found", "was", "is"]]
    for told in info["figures"]:
        is_figure = "value" in told
        rows.append([
            told["id"], number(told["value"]) if is_figure else "", interval(told["low"], told["high"]) if is_figure else "",
            number(told["before"]), number(told["best"]), "fitted" if told["fitted"] else "held out",
            ("inside" if told["inside"] else "outside") if is_figure else "",
        ])  # fmt: skip
    show_grid("Before and after", rows)
    print(f"distance {number(info['distance_before'])} before, {number(info['distance'])} found\ntable    {found.out}/results.parquet")
