"""Who is hurt by what, and which rights would help: many small worlds of one scheme."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glasscity.errors import Problem, Problems
from glasscity.jobs.machine import all_threads
from glasscity.jobs.plan import Overlay, Plan, within
from glasscity.jobs.session import Watcher, silent, ticking
from glasscity.jobs.small_cells import check_groups
from glasscity.jobs.twins import Names, check, listed

if TYPE_CHECKING:
    from glasscity.study.cascade import Cascade
    from glasscity.study.safeguards import Ranking
    from glasscity.study.shapley import Attribution

CITIZENS, DAYS = 20_000, 180  # of each world, if nothing else is said
NAMED = ("sensor_error", "rule", "friends", "cap", "informers", "no_appeal")  # mechanisms, if nothing else is said


def plan_of(scenario: str | os.PathLike[str], overlay: Overlay | None, citizens: int, days: int, seed: int, seeds: int,
            threads: int | None) -> Plan:  # fmt: skip
    """The plan of each of the worlds, checked."""
    plan = Plan.of(scenario, citizens, days, seed, (), overlay)
    check(seeds, threads, plan)
    return plan


def about(plan: Plan, seeds: int) -> dict[str, Any]:
    """What was lived through."""
    return {
        "scenario": plan.resolved.scenario.id, "overlay": plan.overlay, "citizens": plan.citizens, "days": plan.days,
        "seed": plan.seed, "seeds": seeds,
    }  # fmt: skip


def check_flows(names: Names) -> None:
    """Problems for names that are no counts of events."""
    from glasscity.metrics.registry import about as told

    for name in names:
        try:
            is_flow = told(name).kind == "flow"
        except KeyError:
            is_flow = False
        if not is_flow:
            raise Problems([Problem("--harms", "harms", repr(name), "counts of events, such as refused_wrongly,shamed")])


def attribute(
    scenario: str | os.PathLike[str],
    metric: str = "wrongful_sanction_share",
    mechanisms: Names = (),
    *,
    group: str = "all",
    overlay: Overlay | None = None,
    citizens: int = CITIZENS,
    days: int = DAYS,
    seed: int = 1,
    seeds: int = 3,
    orders: int = 50,
    threads: int | None = None,
    progress: Watcher | None = None,
) -> Attribution:
    """A metric at the end of a run, shared out among mechanisms whatever their order (Shapley).

    `mechanisms`: names of `rules.levers.MECHANISMS`, kinds of article or ids of articles; if none are named, `NAMED`, as far
    as the scheme has them. Exact for up to 8 of them; for more over `orders` random orders. A group ratio such as
    'share_ever.sanctioned.ratio' wants a `group`: minority, party or income_1. Problems for whatever is wrong.
    """
    from glasscity.metrics.registry import GROUPS
    from glasscity.metrics.registry import about as told
    from glasscity.rules import levers
    from glasscity.study import shapley

    plan = plan_of(scenario, overlay, citizens, days, seed, seeds, threads)
    names = listed(mechanisms) or tuple(name for name in NAMED if name in levers.mechanisms_of(plan.resolved))
    problems = [] if group in GROUPS else [Problem("--group", "group", repr(group), f"one of {', '.join(GROUPS)}")]
    problems += within("--orders", orders, 2, 10_000)
    try:
        told(metric)
    except KeyError:
        problems.append(Problem("attribute", "metric", repr(metric), "a metric of a run, such as wrongful_sanction_share"))
    if not names:
        problems.append(Problem("attribute", "mechanisms", "none in this scheme", "a scheme with a mechanism that does harm"))
    if problems:
        raise Problems(problems)
    for name in names:
        levers.without(plan.resolved, name)  # tells what is wrong with it, if anything is
    check_groups(plan.resolved, [group], plan.citizens, plan.seed, "--group", "group")
    tick = ticking(progress or silent, shapley.work(len(names), seeds, orders) * plan.citizens * plan.days)
    numbers = range(plan.seed, plan.seed + seeds)
    try:
        found = shapley.attribute(
            plan.resolved, metric, names, plan.citizens, plan.days, numbers, threads or all_threads(), group, orders, tick
        )
    except KeyError as error:
        raise Problems([Problem(plan.resolved.scenario.id, "metric", str(error.args[0]), "a metric that every world has")]) from None
    return replace(found, about=about(plan, seeds) | {"group": group})


def cascade(
    scenario: str | os.PathLike[str],
    *,
    after: int | None = None,
    overlay: Overlay | None = None,
    citizens: int = CITIZENS,
    days: int = DAYS,
    seed: int = 1,
    seeds: int = 3,
    threads: int | None = None,
    progress: Watcher | None = None,
) -> Cascade:
    """How many friends fall with somebody who loses all points on day `after` (half-way, if nothing is said).

    Problems for sizes out of range, and for a scheme in which no class is a sanction: nobody can fall into one.
    """
    from glasscity.rules.model import Class
    from glasscity.study import cascade as study

    plan = plan_of(scenario, overlay, citizens, days, seed, seeds, threads)
    after = max(1, plan.days // 2) if after is None else after
    problems = within("--day", after, 1, plan.days - 1)
    if not any(isinstance(article, Class) and article.enabled and article.sanctioned for article in plan.resolved.rulebook.articles.values()):
        problems.append(Problem("cascade", "scenario", plan.resolved.scenario.id, "a scheme with a class that is a sanction"))
    if problems:
        raise Problems(problems)
    tick = ticking(progress or silent, 2 * seeds * plan.citizens * plan.days)
    numbers = range(plan.seed, plan.seed + seeds)
    found = study.cascade(plan.resolved, plan.citizens, plan.days, after, numbers, threads or all_threads(), tick)
    return replace(found, about=about(plan, seeds) | {"day": after})


def safeguards(
    scenario: str | os.PathLike[str],
    *,
    harms: Names = (),
    pairs: bool = True,
    overlay: Overlay | None = None,
    citizens: int = CITIZENS,
    days: int = DAYS,
    seed: int = 1,
    seeds: int = 3,
    threads: int | None = None,
    progress: Watcher | None = None,
) -> Ranking:
    """The safeguards that a scheme does not grant, alone and in pairs, by the harm that each would avoid.

    `harms`: flows of a run that are counted as harm; if none are named, wrongful events. Problems for sizes out of range,
    for what is no flow, and for a scheme that grants all safeguards.
    """
    from glasscity.study import safeguards as study

    plan, counted = plan_of(scenario, overlay, citizens, days, seed, seeds, threads), listed(harms) or study.HARMS
    check_flows(counted)
    n_worlds = seeds * len(study.bundles(plan.resolved, pairs))
    if n_worlds == seeds:
        raise Problems([Problem("safeguards", "scenario", plan.resolved.scenario.id, "a scheme that lacks a safeguard")])
    tick = ticking(progress or silent, n_worlds * plan.citizens * plan.days)
    numbers = range(plan.seed, plan.seed + seeds)
    found = study.rank(plan.resolved, plan.citizens, plan.days, numbers, threads or all_threads(), pairs, counted, tick)
    return replace(found, about=about(plan, seeds) | {"harms": list(counted)})
