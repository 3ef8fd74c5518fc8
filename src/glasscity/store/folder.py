"""A run's folder: one writer at a time, files that are there whole or not at all, and `run.json`."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glasscity.errors import DiskFull, FolderBusy, RunFolderError, TornFile

SYNTHETIC = "SYNTHETIC: every citizen is made up from aggregate figures; there is no record about a real person"
TWIN, STUDY, CALIBRATION = "twin.json", "study.json", "calibration.json"
RUN, LOCK, CHECKPOINTS = "run.json", ".lock", "checkpoints"
METRICS, CITIZENS, EVENTS, REPORT = "metrics.parquet", "citizens.parquet", "events.parquet", "report.html"
REPORT_PDF = "report.pdf"
AFAR = "afar.parquet"
INTERVALS = "intervals.parquet"  # of a run with other seeds beside its own
ASSESSMENT = "assessment.json"  # what an impact report needs beside the run
PANEL_MEMBERS, PANEL_WEEKS, PANEL_EVENTS = "panel_members.parquet", "panel_weeks.parquet", "panel_events.parquet"
UNFINISHED = ".tmp-"  # begins the names of files and folders that are being written or removed
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

# what must stand in run.json for a run to be repeated
NEEDED: dict[str, type] = {
    "status": str, "scenario": str, "citizens": int, "days": int, "seed": int, "watch": list, "overlay": dict,
    "documents": dict, "hash": str, "engine": str, "version": str, "command": str,
}  # fmt: skip
RUNNING, INTERRUPTED, DONE = "running", "interrupted", "done"


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn the system's errors on a file into ours, with the file's name."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(f"{path}: no room left on the disk; what was safely written before is kept") from None
        raise RunFolderError(f"{path}: {error.strerror or error}") from None


def sync_folder(path: Path) -> None:
    """Make renames in a folder last; nothing to do where folders cannot be synced."""
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_whole(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Write a file so that it is there whole or, if anything goes wrong, as it was before."""
    unfinished = path.with_name(UNFINISHED + path.name)
    try:
        with naming(path):
            with open(unfinished, "wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
            sync_folder(path.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def remove_folder(path: Path) -> None:
    """Remove a folder so that nobody ever sees half of it under its name."""
    if path.exists():
        leaving = path.with_name(f"{UNFINISHED}old-{path.name}")
        shutil.rmtree(leaving, ignore_errors=True)
        with naming(path):
            os.replace(path, leaving)
        shutil.rmtree(leaving, ignore_errors=True)


class RunFolder:
    """The folder of one run."""

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints."""
        return self / CHECKPOINTS

    @property
    def has_run(self) -> bool:
        """Whether a run was ever begun here."""
        return (self / RUN).is_file()

    @property
    def is_free(self) -> bool:
        """Whether a new run may begin here: the folder is not there, or empty."""
        with naming(self.path):
            if not self.path.exists():
                return True
            if not self.path.is_dir():
                return False
            return all(entry.name == LOCK or entry.name.startswith(UNFINISHED) for entry in self.path.iterdir())

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Be the folder's only writer. The system takes the lock back when the process ends, however it ends."""
        from filelock import FileLock, Timeout

        with naming(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self / LOCK)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise FolderBusy(f"{self.path}: another process is writing there; wait for it or use another folder") from None
        try:
            self.sweep()
            yield
        finally:
            lock.release()

    def sweep(self) -> None:
        """Remove what a killed writer left unfinished."""
        for place in (self.path, self.checkpoints):
            for left in place.glob(f"{UNFINISHED}*"):
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink(missing_ok=True)

    def write(self, info: dict[str, Any]) -> None:
        """Write `run.json`."""
        text = json.dumps({"synthetic": SYNTHETIC, **info}, indent=1, default=str)
        write_whole(self / RUN, [text.encode()])

    def read(self) -> dict[str, Any]:
        """`run.json`, checked; TornFile if it cannot be relied upon."""
        path = self / RUN
        try:
            info = json.loads(path.read_bytes())
        except FileNotFoundError:
            raise RunFolderError(f"{self.path}: holds no run (there is no {RUN})") from None
        except NotADirectoryError:
            raise RunFolderError(f"{self.path}: is a file; a run is a folder") from None
        except (ValueError, RecursionError) as error:
            raise TornFile(f"{path}: cut short or altered: {error}") from None
        except OSError as error:
            raise RunFolderError(f"{path}: {error.strerror or error}") from None
        if not isinstance(info, dict):
            raise TornFile(f"{path}: found {type(info).__name__}; allowed: an object")
        for key, kind in NEEDED.items():
            if not isinstance(info.get(key), kind) or isinstance(info[key], bool):
                found = repr(info[key])[:60] if key in info else "nothing"
                raise TornFile(f"{path}: {key}: found {found}; allowed: {kind.__name__}")
        return info
