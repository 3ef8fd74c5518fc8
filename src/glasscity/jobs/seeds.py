"""A run's other seeds: the same scheme with other luck, lived for its metrics alone, and the intervals that come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glasscity.errors import Problem, Problems
from glasscity.jobs.plan import Plan
from glasscity.store.folder import INTERVALS, METRICS, RunFolder

if TYPE_CHECKING:
    import polars as pl

    from glasscity.jobs.ranks import Ranks
    from glasscity.jobs.session import Options


def check_ranks(plan: Plan, ranks: Ranks | None) -> None:
    """Problems if ranks that live one world together are asked for several."""
    if ranks is not None and plan.seeds > 1:
        raise Problems([Problem("--seeds", "seeds", str(plan.seeds), "1, where several ranks live one world")])


def live_others(plan: Plan, folder: RunFolder, options: Options, about: dict[str, Any]) -> dict[str, Any]:
    """Live the seeds after a run's own, write intervals of its metrics into its folder, and give those of its headlines."""
    import polars as pl

    from glasscity.jobs.session import city_on, ticking
    from glasscity.metrics.outcomes import OUTCOMES
    from glasscity.store import results
    from glasscity.study import seeds, worlds

    tick = ticking(options.watcher, (plan.seeds - 1) * plan.citizens * plan.days)
    kind, size = city_on(options.device), (plan.citizens, plan.days)
    frames = [worlds.kept_metrics(pl.read_parquet(folder / METRICS))]
    for seed in range(plan.seed + 1, plan.seed + plan.seeds):
        lived = worlds.lived(plan.resolved, *size, seed, options.threads, tick, OUTCOMES, kind=kind)
        frames.append(worlds.kept_metrics(lived))
    found = seeds.intervals(frames)
    results.save(folder, INTERVALS, found, results.INTERVALS_COLUMNS, about | {"seeds": plan.seeds})
    return headlines(found)


def headlines(found: pl.DataFrame) -> dict[str, Any]:
    """Mean, low and high of each headline at the end."""
    from glasscity.metrics import tables

    columns = {"mean": "value", "low": "value_low", "high": "value_high"}
    ends = {name: tables.headline(found.select("metric", "day", "group", "district", value=column)) for name, column in columns.items()}
    return {key: {name: ends[name][key] for name in columns} for key in ends["mean"]}
