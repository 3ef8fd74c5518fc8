"""Published figures held against runs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from glasscity.errors import Problem, Problems
from glasscity.jobs.machine import COMPILING, all_threads, compile_kernels
from glasscity.jobs.plan import MOST_THREADS, within
from glasscity.jobs.session import Progress, Watcher, silent

if TYPE_CHECKING:
    from glasscity.study.figures import Figure
    from glasscity.study.validate import Verdict

MOST_SEEDS = 1000


def validate(
    scenario: str | None = None, seeds: int = 3, threads: int | None = None, progress: Watcher | None = None
) -> list[Verdict]:
    """Hold published figures against runs with seeds 1 to `seeds`: those of one scenario, or all of them.

    Problems if the scenario has no figures. Nothing is written down.
    """
    from glasscity.study import validate as study

    problems = within("--seeds", seeds, 1, MOST_SEEDS)
    problems += [] if threads is None else within("--threads", threads, 1, MOST_THREADS)
    if problems:
        raise Problems(problems)
    chosen, tell = figures_of(scenario), progress or silent
    total, today = study.work(chosen, seeds), date.today()
    compile_kernels(lambda: tell(Progress("compile", 0, total, 1, today, COMPILING)))
    lived = 0

    def tick(name: str, citizen_days: int) -> None:
        nonlocal lived
        lived += citizen_days
        tell(Progress("days", lived, total, 1, today, name))

    return study.validate(chosen, range(1, seeds + 1), threads or all_threads(), tick)


def figures_of(scenario: str | None) -> dict[str, Figure]:
    """The published figures of a scenario, or of all; Problems if there are none."""
    from glasscity.study import figures

    every = figures.read()
    chosen = {key: figure for key, figure in every.items() if scenario in (None, figure.scenario)}
    if not chosen:
        allowed = "a scenario with published figures: " + ", ".join(dict.fromkeys(f.scenario for f in every.values()))
        raise Problems([Problem("validate", "scenario", repr(scenario), allowed)])
    return chosen
