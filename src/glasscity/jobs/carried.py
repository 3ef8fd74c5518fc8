"""What studies and calibrations share: a folder that is begun, gone on with, and never half-lost."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from glasscity.errors import DiskFull, Interrupted, RunFolderError, WorkersLost
from glasscity.jobs.plan import engine_id
from glasscity.jobs.session import Progress, Watcher
from glasscity.store.folder import INTERRUPTED, RUNNING

if TYPE_CHECKING:
    from glasscity.rules.resolve import Resolved
    from glasscity.store.studies import StudyFolder


@dataclass(kw_only=True)
class Carried:
    """One process's work on one folder of worlds."""

    scheme: Resolved
    folder: StudyFolder
    tell: Watcher
    info: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    spent_before: float = 0.0

    @property
    def n_worlds(self) -> int:
        """How many worlds there will be."""
        raise NotImplementedError

    @property
    def identity(self) -> dict[str, Any]:
        """What makes two of them the same."""
        raise NotImplementedError

    @property
    def described(self) -> dict[str, Any]:
        """What is written down besides when it is begun."""
        raise NotImplementedError

    def begin(self, command: str) -> None:
        """Write down what is about to be done."""
        self.info = {
            "status": RUNNING, "scenario": self.scheme.scenario.id, **self.identity, "version": version("glasscity"),
            "versions": {"python": platform.python_version(), "polars": version("polars")}, "engine": engine_id(),
            "command": command, "created": datetime.now(UTC).isoformat(timespec="seconds"), "worlds": self.n_worlds,
            "failed": 0, "wall_s": 0.0, **self.described,
        }  # fmt: skip
        self.folder.open_worlds()
        self.write(RUNNING)

    def go_on(self, info: dict[str, Any]) -> None:
        """Take up what was begun before."""
        self.info, self.spent_before = info, float(info["wall_s"])
        self.folder.open_worlds()
        self.write(RUNNING)

    def write(self, status: str) -> None:
        """Bring the description up to date."""
        self.info |= {"status": status, "wall_s": round(self.spent_before + time.monotonic() - self.began, 3)}
        self.folder.describe(self.info)

    def take_up(self, resume: bool, command: str) -> None:
        """Begin, or go on; RunFolderError if the folder holds another, or was begun and nobody said to go on."""
        folder = self.folder
        if not folder.is_begun:
            return self.begin(command)
        info = folder.described()
        if info.get("hash") != self.identity["hash"]:
            raise RunFolderError(f"{folder.path}: holds another one, or this one before its file or scheme was changed; choose another --out")
        if not resume:
            have = f"{len(folder.kept()):,} of {info['worlds']:,} worlds"
            raise RunFolderError(f"{folder.path}: was begun before and has {have}; go on with --resume, or choose another --out")
        if info["engine"] != engine_id():
            begun = f"begun with version {info['version']} (engine {info['engine']}), not with this engine ({engine_id()})"
            raise RunFolderError(f"{folder.path}: {begun}; choose another --out")
        return self.go_on(info)

    @contextmanager
    def kept_to_resume(self) -> Iterator[None]:
        """Whatever stops the work: what was lived is kept, and one is told how to go on."""
        again = f"go on with: {self.info['command']} --resume"
        try:
            yield
        except KeyboardInterrupt:
            self.write(INTERRUPTED)
            have = f"{len(self.folder.kept()):,} of {self.n_worlds:,} worlds"
            raise Interrupted(f"stopped with {have}, and kept; {again}") from None
        except DiskFull as error:
            raise DiskFull(f"{error}; {again}") from None
        except WorkersLost as error:
            self.write(INTERRUPTED)
            raise WorkersLost(f"{error}; {again}") from None


class Counted:
    """How many worlds are there, told with the share of all citizen-days. `size`: citizen-days of a world."""

    def __init__(self, tell: Watcher, total: int, done: int, size: int, failed: int = 0):
        self.tell, self.total, self.done, self.size, self.failed, self.lock = tell, total, done, size, failed, threading.Lock()

    def one(self, has_failed: bool) -> None:
        """One more."""
        with self.lock:
            self.done, self.failed = self.done + 1, self.failed + has_failed
            self.say()

    def say(self) -> None:
        """Tell the watcher."""
        told = f"{self.done:,} of {self.total:,} worlds" + (f", {self.failed:,} failed" if self.failed else "")
        self.tell(Progress("days", self.done * self.size, self.total * self.size, 1, date.today(), told))
