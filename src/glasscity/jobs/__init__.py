"""What one can do with Glass City: the use cases that command line, Python and page share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from glasscity.errors import DigestDiffers, RunFolderError
from glasscity.jobs import devices
from glasscity.jobs.calibration import calibrate
from glasscity.jobs.coverage import sources
from glasscity.jobs.documents import KINDS, check, new, schema
from glasscity.jobs.dossiers import Dossier, dossier, find
from glasscity.jobs.effects import attribute, cascade, safeguards
from glasscity.jobs.impact import impact
from glasscity.jobs.machine import COMPILING, all_threads, check_memory, compile_kernels
from glasscity.jobs.plan import Overlay, Plan, engine_id, resume_command
from glasscity.jobs.robustness import robustness
from glasscity.jobs.seeds import check_ranks
from glasscity.jobs.session import CHECKPOINT_EVERY, Options, Progress, Session, Watcher, build_report, city_on, silent
from glasscity.jobs.stored import Run
from glasscity.jobs.studies import load_study, run_study, sensitivity
from glasscity.jobs.sweeps import sweep
from glasscity.jobs.told import describe
from glasscity.jobs.twins import compare, load_twin
from glasscity.jobs.validation import validate
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Scenario
from glasscity.rules.resolve import resolve
from glasscity.store.folder import DONE, REPORT, RUN, STUDY, TWIN, RunFolder, remove_folder

if TYPE_CHECKING:
    from glasscity.jobs.ranks import Ranks

Begun = Callable[[ExitStack], Session | RunFolder]  # claims the folder until the end; the folder itself if there is nothing to do

__all__ = [
    "KINDS", "Dossier", "Overlay", "Progress", "Run", "attribute", "calibrate", "cascade", "check", "compare", "describe", "dossier", "find", "load",
    "load_study", "load_twin", "new", "report", "resume", "robustness", "run", "run_study", "safeguards", "scenarios", "schema", "sensitivity", "sources", "sweep",
    "validate", "verify", "warmup",
]  # fmt: skip


def run(
    scenario: str | os.PathLike[str],
    citizens: int | Literal["all"] | None = None,
    days: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    overlay: Overlay | None = None,
    out: str | os.PathLike[str] | None = None,
    watch: Sequence[int] = (),
    progress: Watcher | None = None,
    checkpoint_every: float = CHECKPOINT_EVERY,
    report: bool = True,
    population: str | os.PathLike[str] | None = None,
    ranks: Ranks | None = None,
    device: str = devices.CPU,
    seeds: int = 1,
) -> Run:
    """Simulate a scenario (a built-in name or a file) over synthetic citizens and leave a folder of results.

    `citizens`: how many, or "all" residents of the population; by default what the scenario says.
    `overlay`: changes by dotted path, {"articles.friends.value": 0}. `watch`: numbers of synthetic citizens
    whose every event is written down. `checkpoint_every`: seconds; 0 is after every day. `population`: another
    one than the scenario's, a built-in name or a file. `ranks`: of MPI, all of which call this, to live the world together.
    `device`: cpu, or cuda for a CUDA device; results do not depend on it. `seeds`: worlds, with seeds `seed`, `seed` + 1, ...; the
    folder holds the first, and of the metrics of all of them means and intervals.
    """
    options = options_of(ranks, threads, progress, checkpoint_every, report, device)

    def begun(stack: ExitStack) -> Session:
        plan = Plan.of(scenario, citizens, days, seed, watch, overlay, population, seeds)
        check_ranks(plan, ranks)
        folder = RunFolder(out if out is not None else default_folder(plan))
        if ranks is None:
            check_memory(plan)
        if device == devices.CUDA:
            devices.check_memory(plan)
        if not folder.has_run and not folder.is_free:
            raise RunFolderError(f"{folder.path}: is not empty and holds no run; choose another --out")
        stack.enter_context(folder.claim())
        session = Session(plan, folder, options)
        session.open()
        return session

    return carried_out(ranks, options, begun)


def options_of(
    ranks: Ranks | None, threads: int | None, progress: Watcher | None, checkpoint_every: float, report: bool, device: str | None
) -> Options:
    """Options, checked, for this process or for every rank. `device`: None, for the time being, leaves that to be found out."""

    def found() -> Options:
        most = all_threads if ranks is None else ranks.threads
        return Options.of(threads, progress, checkpoint_every, report, most, devices.ready(device or devices.CPU, ranks is not None))

    return found() if ranks is None else ranks.together(found)


def carried_out(ranks: Ranks | None, options: Options, begun: Begun) -> Run:
    """What is begun, carried out by this process or by all ranks."""
    if ranks is not None:
        from glasscity.jobs import shards

        return shards.carry_out(ranks, options, begun)
    with ExitStack() as stack:
        found = begun(stack)
        return found.carry_out() if isinstance(found, Session) else Run(found.path)


def resume(
    folder: str | os.PathLike[str],
    threads: int | None = None,
    progress: Watcher | None = None,
    checkpoint_every: float = CHECKPOINT_EVERY,
    report: bool = True,
    ranks: Ranks | None = None,
    device: str | None = None,
) -> Run:
    """Go on with a run that was stopped or killed, from its last checkpoint. A finished run is left as it is.

    `ranks`: of MPI, all of which call this, to live the world together; as many as before, or another number.
    `device`: cpu or cuda; the one of before if nothing is said, but cpu with ranks.
    """
    options = options_of(ranks, threads, progress, checkpoint_every, report, device)
    place = RunFolder(folder)

    def begun(stack: ExitStack) -> Session | RunFolder:
        place.read()
        stack.enter_context(place.claim())
        info = place.read()
        if info["status"] == DONE:
            complete(place, info, options)
            return place
        check_engine(place, info)
        plan = Plan.stored(info, place / RUN)
        if ranks is None:
            check_memory(plan)
        on = options.device if device or ranks else devices.ready(info.get("device", devices.CPU))
        session = Session(plan, place, replace(options, device=on))
        session.go_on(info)
        return session

    return carried_out(ranks, options, begun)


def check_engine(folder: RunFolder, info: dict[str, Any]) -> None:
    """RunFolderError if a run was begun by another engine than this one."""
    if info["engine"] != engine_id():
        which = f"begun with version {info['version']} (engine {info['engine']}), not with this engine ({engine_id()})"
        raise RunFolderError(f"{folder.path}: {which}; begin anew with: {info['command']}")


def complete(folder: RunFolder, info: dict[str, Any], options: Options) -> None:
    """What a run still lacks that was stopped after its own last day: other seeds, its report."""
    remove_folder(folder.checkpoints)
    session = Session(Plan.stored(info, folder / RUN), folder, options)
    session.take_up(info)
    if session.lacks_others:
        check_engine(folder, info)
    elif not options.makes_report or (folder / REPORT).exists():
        return
    try:
        session.complete()
    except KeyboardInterrupt:
        session.stop_at_once()


def verify(
    folder: str | os.PathLike[str], threads: int | None = None, progress: Watcher | None = None, device: str = devices.CPU
) -> str:
    """Repeat a finished run from its stored documents and compare; returns the digest, or raises DigestDiffers.

    `device`: cpu or cuda, whichever the run was lived on.
    """
    options = options_of(None, threads, progress, CHECKPOINT_EVERY, False, device)
    info = finished(folder).info
    place = RunFolder(folder)
    plan = Plan.stored(info, place / RUN)
    check_memory(plan)
    session = Session(plan, place, options)
    session.compile()
    city = city_on(device)(plan.resolved, plan.citizens, plan.days, plan.seed, options.threads)
    session.tell("set_up", "drawing the citizens")
    city.populate()
    while city.day < plan.days:
        city.live()
        session.tell("days", day=city.day)
    city.team.close()
    found = city.digest()
    if found != info["digest"]:
        raise DigestDiffers(f"{place.path}: recorded digest {info['digest']}, repeated {found}")
    return found


def load(folder: str | os.PathLike[str]) -> Run:
    """A run from its folder."""
    return Run(folder)


def finished(folder: str | os.PathLike[str]) -> Run:
    """A run from its folder; RunFolderError if it has not ended."""
    found = Run(folder)
    if found.info["status"] != DONE:
        raise RunFolderError(f"{found.out}: the run has not ended; go on with: {resume_command(found.out)}")
    return found


def report(
    folder: str | os.PathLike[str],
    lang: str = "en",
    pdf: bool = False,
    quick: bool = False,
    figures: bool = False,
    threads: int | None = None,
    progress: Watcher | None = None,
) -> Path:
    """Write the impact report of a finished run, or the page of a study or of twin worlds; returns its path.

    `lang`: en, de or nl. `pdf`: as tagged PDF. `quick`: without ranking safeguards and without varying what is assumed, which take
    a minute the first time. `figures`: the run's page of figures instead.
    """
    if (Path(folder) / STUDY).is_file():
        sensitivity(folder, lang)
        return Path(folder) / REPORT
    if (Path(folder) / TWIN).is_file():
        from glasscity.report import twins

        return twins.build(Path(folder), lang, pdf)
    run = finished(folder)
    return build_report(run.out, lang) if figures else impact(run, lang, pdf, not quick, threads, progress)


def scenarios() -> list[dict[str, Any]]:
    """The built-in scenarios."""
    found = []
    for name in built_in_names(Scenario):
        resolved = resolve(name)
        told = resolved.scenario
        found.append({
            "id": told.id, "name": told.name.en, "summary": told.summary.en,
            "rulebook": told.rulebook, "population": told.population, "articles": len(resolved.rulebook.articles),
            "start": told.start.isoformat(), "days": told.days,
            "citizens": told.citizens or resolved.population.residents, "residents": resolved.population.residents,
        })  # fmt: skip
    return found


def warmup(progress: Watcher | None = None) -> bool:
    """Compile all kernels ahead; whether there was anything to do."""
    tell = progress or silent
    return compile_kernels(lambda: tell(Progress("compile", 0, 8, 500, date.min, COMPILING)))


def default_folder(plan: Plan) -> Path:
    """A new folder under runs/."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    name = f"{plan.resolved.scenario.id}-{plan.citizens}-{plan.seed}-{stamp}"
    names = [name, *(f"{name}-{k}" for k in range(2, 1000))]
    return next(path for path in (Path("runs") / name for name in names) if not path.exists())
