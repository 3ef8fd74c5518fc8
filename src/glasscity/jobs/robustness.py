"""What rests on a guess: the headlines of a scenario with each assumed number halved and doubled."""

from __future__ import annotations

import os
import threading
from datetime import date
from typing import TYPE_CHECKING

from glasscity.errors import Problems
from glasscity.jobs.machine import COMPILING, all_threads, compile_kernels
from glasscity.jobs.plan import MOST_THREADS, within
from glasscity.jobs.session import Progress, Watcher, silent

if TYPE_CHECKING:
    from glasscity.study.robust import Table

MOST_CITIZENS = 1_000_000  # each of some hundred worlds


def robustness(
    scenario: str | os.PathLike[str],
    citizens: int = 20_000,
    days: int = 180,
    seed: int = 1,
    threads: int | None = None,
    progress: Watcher | None = None,
) -> Table:
    """Headlines of a scenario with every assumed number of its rulebook and catalogue halved and doubled.

    Hundreds of small worlds are lived through in memory; nothing is written down. Problems for sizes out of range.
    """
    from glasscity.study import robust

    problems = within("--citizens", citizens, 1, MOST_CITIZENS) + within("--days", days, 1, 3660)
    problems += [] if threads is None else within("--threads", threads, 1, MOST_THREADS)
    if problems:
        raise Problems(problems)
    tell, total, today = progress or silent, robust.work(str(scenario), citizens, days), date.today()
    compile_kernels(lambda: tell(Progress("compile", 0, total, 1, today, COMPILING)))
    lived, lock = 0, threading.Lock()

    def tick(citizen_days: int) -> None:
        nonlocal lived
        with lock:
            lived += citizen_days
            tell(Progress("days", lived, total, 1, today, "worlds"))

    return robust.robustness(str(scenario), citizens, days, seed, threads or all_threads(), tick)
