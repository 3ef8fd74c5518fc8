"""One number of a scheme varied."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glasscity.errors import Problem, Problems
from glasscity.jobs.effects import CITIZENS, DAYS, about, plan_of
from glasscity.jobs.machine import all_threads
from glasscity.jobs.plan import Overlay
from glasscity.jobs.session import Watcher, silent, ticking
from glasscity.jobs.small_cells import check_groups
from glasscity.jobs.twins import Names, listed

if TYPE_CHECKING:
    from glasscity.study.sweeps import Sweep

METRICS = ("share_ever.sanctioned", "wrongful_sanction_share", "innocent_risk", "refused_per_1000")  # if none are named


def sweep(
    scenario: str | os.PathLike[str],
    path: str,
    values: Sequence[Any],
    metrics: Names = (),
    *,
    group: str = "all",
    overlay: Overlay | None = None,
    citizens: int = CITIZENS,
    days: int = DAYS,
    seed: int = 1,
    seeds: int = 3,
    threads: int | None = None,
    progress: Watcher | None = None,
) -> Sweep:
    """Metrics at the end of a run at each of some values of a dotted path, with intervals over seeds.

    All worlds share citizens and draws. Problems for a path, value, metric or size that cannot be.
    """
    from glasscity.metrics.registry import GROUPS
    from glasscity.metrics.registry import about as told
    from glasscity.study import sweeps

    plan, names = plan_of(scenario, overlay, citizens, days, seed, seeds, threads), listed(metrics) or METRICS
    problems = [] if group in GROUPS else [Problem("--group", "group", repr(group), f"one of {', '.join(GROUPS)}")]
    problems += [] if len(values) > 1 else [Problem("sweep", path, f"{len(values)} values", "two or more, with commas between")]
    for name in names:
        try:
            told(name)
        except KeyError:
            problems.append(Problem("--metrics", "metrics", repr(name), "metrics of a run, such as innocent_risk"))
    if problems:
        raise Problems(problems)
    check_groups(plan.resolved, [group], plan.citizens, plan.seed, "--group", "group")
    tick = ticking(progress or silent, seeds * len(values) * plan.citizens * plan.days)
    numbers = range(plan.seed, plan.seed + seeds)
    try:
        found = sweeps.sweep(
            plan.resolved, path, values, names, group, plan.citizens, plan.days, numbers, threads or all_threads(), tick
        )
    except KeyError as error:
        raise Problems([Problem(plan.resolved.scenario.id, "metric", str(error.args[0]), "a metric that every world has")]) from None
    return replace(found, about=about(plan, seeds) | {"group": group})
