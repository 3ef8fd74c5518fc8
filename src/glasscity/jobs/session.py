"""One run, carried out: from its start, or from a checkpoint, to its end or to Ctrl-C."""

from __future__ import annotations

import json
import math
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasscity.errors import DiskFull, Interrupted, Problem, Problems, RunFolderError
from glasscity.jobs import devices
from glasscity.jobs.machine import COMPILING, StopSignal, all_threads, compile_kernels, peak_memory
from glasscity.jobs.plan import MOST_THREADS, Plan, engine_id, resume_command, within
from glasscity.jobs.stored import Run
from glasscity.store.folder import DONE, INTERRUPTED, INTERVALS, RUNNING, RunFolder, remove_folder

if TYPE_CHECKING:
    from glasscity.engine.city import City

CHECKPOINT_EVERY = 30.0  # seconds
CHECKPOINT_SHARE = 10  # a run spends at most about one part in so many on checkpoints


@dataclass(frozen=True)
class Progress:
    """How far a run is. `phase` is one of compile, set_up, days, results, report."""

    phase: str
    day: int
    days: int
    citizens: int
    today: date
    message: str


Watcher = Callable[[Progress], None]


def ticking(tell: Watcher, total: int) -> Callable[[int], None]:
    """Compiles what is to be compiled; then counts citizen-days of many worlds, from whichever thread, and tells how far it is."""
    today = date.today()
    compile_kernels(lambda: tell(Progress("compile", 0, total, 1, today, COMPILING)))
    lived, lock = 0, threading.Lock()

    def tick(citizen_days: int) -> None:
        nonlocal lived
        with lock:
            lived += citizen_days
            tell(Progress("days", lived, total, 1, today, "worlds"))

    return tick


def silent(progress: Progress) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Options:
    """What never changes a result."""

    threads: int
    watcher: Watcher
    checkpoint_every: float
    makes_report: bool
    device: str = devices.CPU

    @classmethod
    def of(
        cls, threads: int | None, watcher: Watcher | None, checkpoint_every: float, makes_report: bool, most: Callable[[], int] = all_threads,
        device: str = devices.CPU,
    ) -> Options:  # fmt: skip
        """Options, checked. `most`: how many threads there are if nothing is said."""
        problems = [] if threads is None else within("--threads", threads, 1, MOST_THREADS)
        is_number = isinstance(checkpoint_every, (int, float)) and not isinstance(checkpoint_every, bool)
        if not is_number or not 0 <= checkpoint_every < math.inf:
            allowed = "seconds, 0 (after every day) or more"
            problems = [*problems, Problem("--checkpoint-every", "checkpoint-every", repr(checkpoint_every), allowed)]
        if problems:
            raise Problems(problems)
        return cls(threads or most(), watcher or silent, float(checkpoint_every), makes_report, device)


@dataclass
class Session:
    """One process's work on one run. The folder has been claimed."""

    plan: Plan
    folder: RunFolder
    options: Options
    info: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    spent_before: float = 0.0

    # --- what run.json says ---

    def begin(self) -> None:
        """Write down what is about to be run."""
        resolved = self.plan.resolved
        self.info = {
            "status": RUNNING,
            "version": version("glasscity"),
            "versions": {"python": platform.python_version(), **{n: version(n) for n in ("numpy", "numba", "polars")}},
            "engine": engine_id(),
            "scenario": resolved.scenario.id,
            "start": resolved.scenario.start.isoformat(),
            "residents": resolved.population.residents,
            **self.plan.identity,
            "overlay": self.plan.overlay,
            "population": self.plan.population,
            "seeds": self.plan.seeds,
            "command": self.plan.command,
            "threads": self.options.threads,
            "device": self.options.device,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "checkpoint_day": None,
            "digest": None,
            "headline": None,
            "intervals": None,
            "wall_s": 0.0,
            "timings": {},
            "peak_rss_bytes": 0,
            "documents": json.loads(json.dumps(resolved.documents, default=str)),
        }
        (self.folder / INTERVALS).unlink(missing_ok=True)
        self.write(RUNNING)

    def open(self) -> None:
        """Begin in an empty folder, or take up what lies in it; RunFolderError if that is another run."""
        info = self.folder.read() if self.folder.has_run else None
        if info:
            self.refuse_another(info)
        if info and info["status"] != DONE and info["engine"] == engine_id():
            self.go_on(info)
        else:
            remove_folder(self.folder.checkpoints)
            self.begin()

    def refuse_another(self, info: dict[str, Any]) -> None:
        """RunFolderError if the folder's run is not the planned one."""
        for key, value in self.plan.identity.items():
            if info.get(key) != value:
                found = f"{key} {str(info.get(key))[:16]}, not {str(value)[:16]}"
                raise RunFolderError(f"{self.folder.path}: holds another run ({found}); choose another --out")

    def go_on(self, info: dict[str, Any]) -> None:
        """Take up a run that was begun before."""
        self.take_up(info)
        self.info |= {"threads": self.options.threads, "device": self.options.device, "seeds": self.plan.seeds, "command": self.plan.command}
        self.write(RUNNING)

    def take_up(self, info: dict[str, Any]) -> None:
        """What was written down and spent before."""
        self.info = info
        self.spent_before = float(info.get("wall_s") or 0.0)

    def write(self, status: str) -> None:
        """Bring `run.json` up to date."""
        self.info["status"] = status
        self.info["wall_s"] = round(self.spent_before + time.monotonic() - self.began, 3)
        self.info["peak_rss_bytes"] = max(peak_memory(), int(self.info.get("peak_rss_bytes") or 0))
        self.folder.write(self.info)

    @property
    def checkpoint_identity(self) -> dict[str, Any]:
        """What a checkpoint must have been written by, to be used by this run."""
        return self.plan.identity | {"engine": self.info["engine"]}

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Add the time spent within to the phase's."""
        start = time.monotonic()
        try:
            yield
        finally:
            timings = self.info["timings"]
            timings[phase] = round(timings.get(phase, 0.0) + time.monotonic() - start, 3)

    def tell(self, phase: str, message: str = "", day: int = 0) -> None:
        """Tell the watcher how far the run is."""
        today = self.plan.resolved.scenario.start + timedelta(days=day)
        self.options.watcher(Progress(phase, day, self.plan.days, self.plan.citizens, today, message))

    # --- what is done ---

    def carry_out(self) -> Run:
        """The whole of it."""
        try:
            with StopSignal() as stop:
                city = self.lived(stop)
            self.finish(city)
            del city  # others are lived in its room
            self.complete()
        except KeyboardInterrupt:
            self.stop_at_once()
        except DiskFull as error:
            with suppress(RunFolderError):
                self.write(INTERRUPTED)
            raise DiskFull(f"{error}; make room, then go on with: {resume_command(self.folder.path)}") from None
        return Run(self.folder.path)

    def lived(self, stop: StopSignal) -> City:
        """The city after the last day."""
        with self.timed("compile"):
            self.compile()
        city = self.new_city()
        try:
            with self.timed("set_up"):
                self.settle(city)
            self.live(city, stop)
        finally:
            city.team.close()
        city.calendar.clear()  # nothing arrives any more: room for what the tables take
        return city

    def compile(self) -> None:
        """Compile the kernels, if need be."""
        if self.options.device == devices.CUDA:
            self.tell("compile", devices.COMPILING)
            return
        compile_kernels(lambda: self.tell("compile", COMPILING))

    def new_city(self) -> City:
        """The city of the plan, before its citizens are drawn."""
        from glasscity.engine.panel import PANEL

        plan, options = self.plan, self.options
        return city_on(options.device)(plan.resolved, plan.citizens, plan.days, plan.seed, options.threads, plan.watch, panel=PANEL)

    def settle(self, city: City) -> None:
        """Bring the city to the last checkpoint, or its citizens into being."""
        found = self.found(city)
        if found is None:
            self.tell("set_up", "drawing the citizens")
            city.populate()
        else:
            day, arrays = found
            self.tell("set_up", f"going on from day {day}", day)
            city.restore(arrays)

    def found(self, city: City) -> tuple[int, dict[str, Any]] | None:
        """Day and arrays of the last checkpoint that can be used."""
        from glasscity.store import checkpoint

        return checkpoint.latest(self.folder.checkpoints, self.checkpoint_identity, self.info.get("checkpoint_day"))

    def live(self, city: City, stop: StopSignal) -> None:
        """Live the days that are left, with a checkpoint now and then."""
        saved, pause = time.monotonic(), self.options.checkpoint_every
        while city.day < city.n_days and not self.agree(stop.is_asked):
            self.tell("days", day=city.day)
            with self.timed("days"):
                city.live()
            if city.day < city.n_days and self.agree(time.monotonic() - saved >= pause):
                cost = self.save(city)
                saved = time.monotonic()
                pause = max(pause, CHECKPOINT_SHARE * cost) if pause else 0.0
        self.tell("days", day=city.day)
        if self.agree(stop.is_asked):
            self.put_by(city)

    def agree(self, is_so: bool) -> bool:
        """What all who carry out the run make of what this process says."""
        return is_so

    def save(self, city: City) -> float:
        """Write a checkpoint; returns the seconds it took."""
        start = time.monotonic()
        with self.timed("checkpoints"):
            self.keep(city)
            self.info["checkpoint_day"] = city.day
            self.write(RUNNING)
        return time.monotonic() - start

    def keep(self, city: City) -> None:
        """Write a checkpoint's files."""
        from glasscity.store import checkpoint

        checkpoint.write(self.folder.checkpoints, city.day, city.snapshot(), self.checkpoint_identity)

    def put_by(self, city: City) -> None:
        """Stop after a whole day, to be resumed."""
        self.save(city)
        self.write(INTERRUPTED)
        where = f"stopped after day {city.day} of {city.n_days}, and kept"
        raise Interrupted(f"{where}; go on with: {resume_command(self.folder.path)}")

    def stop_at_once(self) -> None:
        """Stop in the middle of whatever was being done; what was safely written before is kept."""
        if self.info["status"] == DONE:
            if self.lacks_others:
                raise Interrupted(f"the run is done, its other seeds are not; go on with: {resume_command(self.folder.path)}")
            raise Interrupted(f"the run is done, its report is not; draw it with: glasscity report {self.folder.path}")
        self.write(INTERRUPTED)
        day = self.info["checkpoint_day"] or 0
        raise Interrupted(f"stopped at once; go on from day {day} with: {resume_command(self.folder.path)}")

    def finish(self, city: City) -> None:
        """Digest and tables; then checkpoints are no longer needed."""
        from glasscity.store import results

        with self.timed("results"):
            self.tell("results", "writing the tables", city.day)
            if self.options.makes_report:
                threading.Thread(target=wake_charts, daemon=True).start()
            self.info["digest"] = self.closed(city)
            keys = ("version", "scenario", "hash", "citizens", "days", "seed", "digest")
            headline = results.write(self.folder, city, {key: self.info[key] for key in keys})
            finite = {key: value if value is None or math.isfinite(value) else None for key, value in headline.items()}
            self.info |= {"headline": finite, "checkpoint_day": None}
        self.write(DONE)
        remove_folder(self.folder.checkpoints)

    @property
    def lacks_others(self) -> bool:
        """Whether there are other seeds whose intervals are not there."""
        return self.plan.seeds > 1 and self.info.get("intervals") is None

    def complete(self) -> None:
        """What comes on top of a run that is done: intervals over its other seeds, if they are not there, and its report."""
        if self.lacks_others:
            from glasscity.jobs import seeds

            with self.timed("seeds"):
                keys = ("version", "scenario", "hash", "citizens", "days", "seed", "digest")
                self.info["intervals"] = seeds.live_others(self.plan, self.folder, self.options, {key: self.info[key] for key in keys})
            self.write(DONE)
        if self.options.makes_report:
            with self.timed("report"):
                self.tell("report", "drawing the report", self.plan.days)
                build_report(self.folder.path)
            self.write(DONE)

    def closed(self, city: City) -> str:
        """The digest of a city that is now looked at."""
        return city.digest()


def city_on(device: str) -> type[City]:
    """The kind of city that is lived on a device."""
    if device == devices.CUDA:
        from glasscity.engine.device import DeviceCity

        return DeviceCity
    from glasscity.engine.city import City

    return City


def wake_charts() -> None:
    """Start what draws charts: it takes most of a second, in which tables can be written."""
    import vl_convert

    vl_convert.vegalite_to_svg({"data": {"values": []}, "mark": "point"})


def build_report(path: Path, lang: str = "en") -> Path:
    """Write a finished run's page of figures, in en, de or nl; returns its path."""
    from glasscity.report import page

    return page.build(path, lang)
