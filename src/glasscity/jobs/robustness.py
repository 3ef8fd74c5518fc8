"""What rests on a guess: the headlines of a scenario with each assumed number halved and doubled."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from glasscity.errors import Problems
from glasscity.jobs.executors import pool_of
from glasscity.jobs.machine import all_threads
from glasscity.jobs.plan import MOST_THREADS, within
from glasscity.jobs.session import Watcher, silent, ticking

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
    from glasscity.rules.resolve import resolve
    from glasscity.study import robust

    problems = within("--citizens", citizens, 1, MOST_CITIZENS) + within("--days", days, 1, 3660)
    problems += [] if threads is None else within("--threads", threads, 1, MOST_THREADS)
    if problems:
        raise Problems(problems)
    resolved = resolve(os.fspath(scenario))
    tick = ticking(progress or silent, robust.worlds_of(resolved) * citizens * days)
    with pool_of(threads or all_threads()) as pool:
        return robust.robustness(resolved, citizens, days, seed, pool, tick)
