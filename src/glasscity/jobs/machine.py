"""The machine a run finds itself on: processors, memory, Ctrl-C, compiled kernels."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glasscity.errors import Problem, Problems
from glasscity.jobs.plan import Plan
from glasscity.kernels import cache

COMPILING = "compiling the kernels, once: half a minute or so"


def all_threads() -> int:
    """The processors this process may use."""
    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def peak_memory() -> int:
    """The most memory this process ever held, in bytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (1 if sys.platform == "darwin" else 1024)


def free_memory() -> int | None:
    """Bytes that can still be had without swapping; None where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        group = Path("/sys/fs/cgroup")
        limit = (group / "memory.max").read_text().strip() if (group / "memory.max").exists() else "max"
        if limit != "max":
            free = min(free, int(limit) - int((group / "memory.current").read_text()))
        return free
    except (OSError, ValueError, StopIteration, IndexError):
        return None


def check_memory(plan: Plan) -> None:
    """InputError if the machine has not the memory for so many citizens."""
    from glasscity import columns as c
    from glasscity.world.state import layout

    needed, free = layout(plan.resolved.population, plan.citizens).slots * c.BYTES_PER_CITIZEN, free_memory()
    if free is not None and needed > free:
        allowed = f"as many as fit into {free / 2**30:.1f} GiB of free memory (this many need {needed / 2**30:.1f} GiB)"
        raise Problems([Problem("--citizens", "citizens", str(plan.citizens), allowed)])


class StopSignal:
    """Within it, Ctrl-C or a polite kill asks the run to stop after the day; a second one stops it at once."""

    def __init__(self) -> None:
        self.is_asked = False
        self.before: dict[int, Any] = {}

    def __enter__(self) -> StopSignal:
        if threading.current_thread() is threading.main_thread():
            self.before = {s: signal.signal(s, self.ask) for s in (signal.SIGINT, signal.SIGTERM)}
        return self

    def ask(self, *_: object) -> None:
        self.is_asked = True
        self.give_back()

    def give_back(self) -> None:
        for which, handler in self.before.items():
            signal.signal(which, handler)
        self.before = {}

    def __exit__(self, *_: object) -> None:
        self.give_back()


def compile_kernels(announce: Callable[[], None]) -> bool:
    """Compile all kernels, if that has not been done for these sources; whether there was anything to do."""
    from glasscity.kernels.jit import IS_COMPILED

    if not IS_COMPILED or cache.mark().exists():
        return False
    announce()
    from glasscity.engine.warm import compile_all

    compile_all()
    cache.mark().touch()
    return True
