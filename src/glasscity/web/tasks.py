"""Work that takes more than a moment: a run kept, worlds compared, a report made. One at a time, in a process of its own."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glasscity import jobs
from glasscity.errors import GlassCityError, InputError
from glasscity.jobs.again import shown_name
from glasscity.jobs.executors import stay_until_parent_ends
from glasscity.jobs.living import TOLD
from glasscity.jobs.session import Progress
from glasscity.web.problems import Told, told_of

MOST_WAITING, MOST_OF_ONE, MOST_REMEMBERED = 16, 3, 200
DIED = "the process that did this has died; nothing that was kept is lost: try again"


@dataclass
class Task:
    """Something begun, and how far it is."""

    number: int
    owner: str
    kind: str
    state: str = "waiting"  # waiting, working, done, failed
    phase: str = ""
    done: int = 0
    of: int = 0
    result: Any = None
    problems: list[Told] = field(default_factory=list)

    @property
    def plain(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "owner"}


class Tasks:
    """All tasks of a server. Used from the event loop alone, but for `listen`."""

    def __init__(self) -> None:
        self.tasks: dict[int, Task] = {}
        self.numbers = itertools.count(1)
        self.context = multiprocessing.get_context("spawn")
        self.words: Any = None
        self.pool: ProcessPoolExecutor | None = None

    def begun(self) -> ProcessPoolExecutor:
        """The process, begun when first needed."""
        if self.pool is None:
            self.words = self.context.SimpleQueue()
            self.pool = ProcessPoolExecutor(1, self.context, prepare, (self.words,))
            threading.Thread(target=self.listen, args=(self.words,), daemon=True).start()
        return self.pool

    def listen(self, words: Any) -> None:
        """Hear how far the process is."""
        while True:
            try:
                number, phase, done, of = words.get()
            except (EOFError, OSError, TypeError):
                return
            if number < 0:
                return
            if task := self.tasks.get(number):
                task.state, task.phase, task.done, task.of = "working", phase, done, of

    def start(self, owner: str, kind: str, given: dict[str, Any]) -> Task:
        """Begin something; InputError if too much waits already."""
        open_tasks = [t for t in self.tasks.values() if t.state in ("waiting", "working")]
        if len(open_tasks) >= MOST_WAITING or sum(t.owner == owner for t in open_tasks) >= MOST_OF_ONE:
            raise InputError("too much waits to be done already; try again in a while")
        for old in list(self.tasks)[: max(0, len(self.tasks) - MOST_REMEMBERED)]:
            if self.tasks[old].state in ("done", "failed"):
                del self.tasks[old]
        task = Task(next(self.numbers), owner, kind)
        self.tasks[task.number] = task
        asyncio.get_running_loop().create_task(self.carried_out(task, given))  # noqa: RUF006
        return task

    async def carried_out(self, task: Task, given: dict[str, Any]) -> None:
        """Have the process do it, and keep what comes of it."""
        pool = self.begun()
        try:
            is_right, found = await asyncio.get_running_loop().run_in_executor(pool, do, task.number, task.kind, given)
        except BrokenExecutor:
            if self.pool is pool:
                self.pool = None
            is_right, found = False, told_of(DIED)
        if is_right:
            task.state, task.result = "done", found
        else:
            task.state, task.problems = "failed", found

    def of(self, owner: str, number: int) -> Task:
        """Somebody's task; InputError if it is another's, or none."""
        task = self.tasks.get(number)
        if task is None or task.owner != owner:
            raise InputError("there is no such task")
        return task

    def end(self) -> None:
        """Let the process go."""
        if self.pool is not None:
            for process in (self.pool._processes or {}).values():
                process.terminate()
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.words.put((-1, "", 0, 0))


# --- in the process ------------------------------------------------------------------------------------

WORDS: list[Any] = []


def prepare(words: Any) -> None:
    stay_until_parent_ends()
    WORDS[:] = [words]


def do(number: int, kind: str, given: dict[str, Any]) -> tuple[bool, Any]:
    """Do one thing; whether it went well, and what came of it or what was wrong."""
    seen = ("", -1)

    def tell(progress: Progress) -> None:
        nonlocal seen
        percent = (progress.phase, 100 * progress.day // max(1, progress.days))
        if percent != seen:
            seen = percent
            WORDS[0].put((number, progress.phase, progress.day, progress.days))

    WORDS[0].put((number, "begin", 0, 0))
    try:
        return True, KINDS[kind](tell, **given)
    except GlassCityError as error:
        return False, told_of(error)


def compare(tell: Callable[[Progress], None], out: str, name: str, change: dict[str, Any], recipe: dict[str, Any], since: str | None, seeds: int) -> dict[str, Any]:
    """Twin worlds over some seeds; effects by group with intervals, lives that differ, and where they are kept."""
    import polars as pl

    twin = jobs.compare(
        recipe["scenario"], without=change["without"], overlay=change["set"], safeguards=change["with"], against=change["against"], since=since,
        citizens=recipe["citizens"], days=recipe["days"], seed=recipe["seed"], seeds=seeds, out=out, progress=tell,
    )  # fmt: skip
    last = twin.effects.filter((pl.col("day") == pl.col("day").max()) & (pl.col("district") == "all") & pl.col("metric").is_in(TOLD))
    lives = twin.lives.filter(pl.col("district") == "all").drop("district")
    return {
        "id": name, "command": twin.about["command"].replace(recipe["scenario"], shown_name(recipe["scenario"])), "digests": twin.digests, "seeds": seeds,
        "effects": last.drop("day", "date", "district").to_dicts(), "lives": lives.to_dicts(),
    }  # fmt: skip


def keep(tell: Callable[[Progress], None], out: str, name: str, recipe: dict[str, Any]) -> dict[str, Any]:
    """A run, kept in a folder."""
    run = jobs.run(
        recipe["scenario"], recipe["citizens"], recipe["days"], recipe["seed"], overlay=recipe["overlay"], out=out, progress=tell, report=False
    )
    return {"id": name, "digest": run.digest, "headline": run.headline, "command": run.info["command"]}


def report(tell: Callable[[Progress], None], folder: str, name: str, lang: str, pdf: bool, quick: bool) -> dict[str, Any]:
    """The impact report of a run, or the page of twins."""
    path = jobs.report(Path(folder), lang, pdf, quick, progress=tell)
    return {"id": name, "file": path.name}


KINDS: dict[str, Callable[..., dict[str, Any]]] = {"compare": compare, "keep": keep, "report": report}
