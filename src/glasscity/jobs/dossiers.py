"""One synthetic citizen's file, from a finished run lived again; and lives worth opening one for."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasscity.errors import Problem, Problems, RunFolderError, TornFile
from glasscity.jobs.machine import COMPILING, all_threads, compile_kernels
from glasscity.jobs.plan import MOST_THREADS, Plan, engine_id, resume_command, within
from glasscity.jobs.session import Progress, Watcher, silent
from glasscity.jobs.stored import Run
from glasscity.rules.resolve import Resolved
from glasscity.store.folder import CITIZENS, DONE, METRICS, RUN, SYNTHETIC, write_whole

if TYPE_CHECKING:
    from glasscity.study.replay import Part

CHECKED = ("own", "false_points", "association", "listed_weeks", "risk", "expression", "motivation", "class", "debt")


@dataclass(frozen=True)
class Dossier:
    """One synthetic citizen's file. `plain` holds all of it, without words."""

    citizen: int
    plain: dict[str, Any]
    resolved: Resolved

    def __repr__(self) -> str:
        return f"<Dossier of synthetic citizen {self.citizen}: {len(self.plain['entries'])} entries>"

    def page(self, lang: str = "en") -> str:
        """The file as one HTML page, in en, de or nl."""
        from glasscity.report.dossier import page

        return page(self.plain, self.resolved, lang)

    def save(self, path: str | os.PathLike[str], lang: str = "en") -> Path:
        """Write the page; returns its path."""
        place = Path(path)
        write_whole(place, [self.page(lang).encode()])
        return place


def dossier(
    folder: str | os.PathLike[str], citizen: int, threads: int | None = None, progress: Watcher | None = None
) -> Dossier:
    """The file of one synthetic citizen of a finished run: what the system holds beside what really happened.

    The run's stored plan is lived again, but only as far as it reaches this citizen. Problems if there is no such
    citizen; RunFolderError if the run has not ended, was made by another engine, or does not agree with the replay.
    """
    from glasscity.study import dossier as study

    run = replayable(folder)
    plan = Plan.stored(run.info, run.out / RUN)
    problems = within("CITIZEN", citizen, 0, plan.citizens - 1) + ([] if threads is None else within("--threads", threads, 1, MOST_THREADS))
    if problems:
        raise Problems([Problem(p.file, "citizen" if p.file == "CITIZEN" else p.path, p.found, p.allowed) for p in problems])
    plain = study.tell(lived_again(run, plan, citizen, threads or all_threads(), progress or silent), citizen)
    agree(run, plain)
    facts = {key: run.info[key] for key in ("scenario", "seed", "citizens", "days", "digest", "version", "command")}
    facts["start"] = plan.resolved.scenario.start.isoformat()
    facts["again"] = shlex.join(["glasscity", "dossier", os.fspath(folder), str(citizen)])
    return Dossier(citizen, {"synthetic": SYNTHETIC, "run": facts, **json.loads(json.dumps(plain))}, plan.resolved)


def replayable(folder: str | os.PathLike[str]) -> Run:
    """A finished run of this very engine; RunFolderError otherwise."""
    run = Run(folder)
    if run.info["status"] != DONE:
        raise RunFolderError(f"{run.out}: the run has not ended; go on with: {resume_command(run.out)}")
    if run.info["engine"] != engine_id():
        made = f"made with version {run.info['version']} (engine {run.info['engine']}), not with this engine ({engine_id()})"
        raise RunFolderError(f"{run.out}: {made}, which would live other lives; begin anew with: {run.info['command']}")
    return run


def lived_again(run: Run, plan: Plan, citizen: int, threads: int, watcher: Watcher) -> Part:
    """The part of the run's city that reaches a citizen, after the last day; TornFile if its metrics lack a week."""
    from glasscity.study import replay

    start = plan.resolved.scenario.start

    def tell(phase: str, day: int, message: str = "") -> None:
        watcher(Progress(phase, day, plan.days, plan.citizens, start + timedelta(days=day), message))

    compile_kernels(lambda: tell("compile", 0, COMPILING))
    try:
        seen = replay.seen_by_all(run.metrics, plan.resolved, plan.citizens, plan.days)
    except ValueError as error:
        raise TornFile(f"{run.out / METRICS}: {error}") from None
    tell("set_up", 0, "looking back for all who reach this citizen")
    part, _ = replay.live_again(
        plan.resolved, plan.citizens, plan.days, plan.seed, seen, afar_of(run), citizen, threads,
        lambda phase, day: tell("days", day) if phase == "live" else None,
    )  # fmt: skip
    return part


def afar_of(run: Run) -> dict[int, set[int]]:
    """Page -> days on which somebody there was named wrongly from afar; TornFile if the table is missing."""
    rows = run.afar.group_by("page").agg("day")
    return {page: set(days) for page, days in rows.iter_rows()}


def agree(run: Run, plain: dict[str, Any]) -> None:
    """RunFolderError if the run wrote down another last state of this citizen than the replay has."""
    import polars as pl

    rows = run.citizens.filter(pl.col("citizen") == plain["citizen"]).to_dicts()
    differing = [key for row in rows for key in CHECKED if row[key] != plain["now"][key]]
    if differing:
        raise RunFolderError(f"{run.out / CITIZENS}: does not agree with the replay of citizen {plain['citizen']}: {', '.join(differing)}")


def find(
    folder: str | os.PathLike[str], story: str | None = None, most: int = 3, threads: int | None = None,
    progress: Watcher | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Lives of a finished run that show something: the story, the citizen, the figures, and the command that opens the file.

    `story`: one of `study.find.STORIES`; all if None. `most`: lives of each. Above a million citizens the stored even
    sample of a million is searched, and `searched` says so. Problems if there is no such story.
    """
    from glasscity.study.find import STORIES, lives

    names: Sequence[str] = list(STORIES) if story is None else [story]
    if names[0] not in STORIES:
        raise Problems([Problem("--story", "story", ascii(story)[:80], ", ".join(STORIES))])
    run = replayable(folder)
    resolved = Plan.stored(run.info, run.out / RUN).resolved

    def learned(citizen: int) -> str | None:
        how = dossier(folder, citizen, threads, progress).plain["learned"]
        return how and how["by"]

    found = [
        {"story": name, **life, "command": shlex.join(["glasscity", "dossier", os.fspath(folder), str(life["citizen"])])}
        for name in names
        for life in lives(run.citizens, name, most, resolved.rulebook, learned)
    ]
    return {"synthetic": SYNTHETIC, "citizens": run.info["citizens"], "searched": len(run.citizens), "stories": list(names), "lives": found}
