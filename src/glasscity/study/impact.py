"""What an impact report needs beside the run itself: other luck, safeguards ranked, and what rests on a guess."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np

from glasscity.metrics.registry import GROUPS, about
from glasscity.rules.resolve import Resolved
from glasscity.study import robust, safeguards, worlds
from glasscity.study.chance import ends
from glasscity.study.worlds import Tick

SEEDS, SAFEGUARD_SEEDS = 5, 3
MOST_CITIZENS = {"luck": 50_000, "safeguards": 10_000, "sensitivity": 2_000}  # of the worlds of each part
MOST_DAYS = 120  # of the many worlds that tell what rests on a guess
GUESSED = ("sanctioned_share", "wrongful_sanction_share", "innocent_risk", "refused_per_1000", "chilled_share")
MOST_GUESSES = 12  # numbers told
HARMS = (
    "share_ever.sanctioned", "wrongful_sanction_share", "share_ever.wrongly_sanctioned", "innocent_risk",
    "misattribution_of_penalties", "false_report_share", "innocent_by_association_share", "points_through_others_share",
    "residual_disparity", "refused_per_1000", "refused_wrongly_share", "context_transfer", "proportionality_inversions",
    "goodhart_gap", "chilled_share", "ties_lost_per_1000", "never_told_share", "learned_by_refusal_share", "reason_coverage",
    "appeal_upheld_share", "errors_mended_share", "error_left", "trap.26", "no_way_back", "exposure_hours", "spillover_children",
    "falsification_gap",
)  # fmt: skip
Plain = dict[str, Any]


def sizes(citizens: int) -> dict[str, int]:
    """How many citizens the worlds of each part have, for a run of so many."""
    return {part: min(citizens, most) for part, most in MOST_CITIZENS.items()}


def work(resolved: Resolved, citizens: int, days: int, is_whole: bool) -> int:
    """Citizen-days that `assess` will live through."""
    n = sizes(citizens)
    total = SEEDS * n["luck"]
    if is_whole:
        total += SAFEGUARD_SEEDS * len(safeguards.bundles(resolved, False)) * n["safeguards"]
    total *= days
    if is_whole:
        total += robust.worlds_of(resolved) * n["sensitivity"] * min(days, MOST_DAYS)
    return total


def assess(resolved: Resolved, citizens: int, days: int, seed: int, threads: int, pool: Executor | None, tick: Tick) -> Plain:
    """Plain data: luck (a row a metric and group), safeguards and sensitivity (None without a pool), sizes, days and seeds."""
    n = sizes(citizens)
    found: Plain = {"sizes": n, "seeds": SEEDS, "days": min(days, MOST_DAYS), "safeguards": None, "sensitivity": None}
    found["luck"] = luck(resolved, n["luck"], days, seed, threads, tick)
    if pool:
        numbers = range(seed, seed + SAFEGUARD_SEEDS)
        ranking = safeguards.rank(resolved, n["safeguards"], days, numbers, threads, are_paired=False, tick=tick)
        names = {row.levers[0]: lever_names(resolved, row.levers) for row in ranking.rows}
        rows = ranking.told(1)
        found["safeguards"] = {"harm": ranking.harm, "rows": rows, "unsettled": safeguards.unsettled(rows), "names": names}
        found["sensitivity"] = guesses(robust.robustness(resolved, n["sensitivity"], found["days"], seed, pool, tick))
    return found


def luck(resolved: Resolved, citizens: int, days: int, seed: int, threads: int, tick: Tick) -> list[Plain]:
    """Each harm of each group over worlds of the seeds after the run's: metric, group, mean, low, high."""

    def live(other: int) -> dict[tuple[str, str], float | None]:
        frame = worlds.lived(resolved, citizens, days, other, 1, tick, HARMS)
        known = set(frame["metric"].unique())
        return {(m, g): worlds.at_end(frame, m, g) for m in HARMS if m in known for g in groups_of(frame, m)}

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(live, range(seed + 1, seed + 1 + SEEDS)))
    rows = []
    for metric, group in found[0]:
        values = np.array([value for world in found if (value := world.get((metric, group))) is not None])
        if len(values):
            mean = float(values.mean())
            low, high = ends(mean, values)
            is_signed = about(metric).unit.startswith("difference")
            rows.append({"metric": metric, "group": group, "mean": mean, "low": low if low is None or is_signed else max(0.0, low), "high": high})
    return rows


def groups_of(frame: Any, metric: str) -> list[str]:
    """The groups of which a metric is told."""
    told = frame.filter((frame["metric"] == metric) & (frame["district"] == "all"))["group"].unique().to_list()
    return [group for group in GROUPS if group in told]


def lever_names(resolved: Resolved, levers: tuple[str, ...]) -> dict[str, str]:
    """A safeguard's name in all languages."""
    return safeguards.article_of(safeguards.granting(resolved, levers), levers[0]).name.model_dump()


def guesses(table: robust.Table) -> Plain:
    """The numbers that move some headline furthest, relative to it: path, names, value, and each headline halved and doubled."""

    def reach(row: robust.Row) -> float:
        moves = [abs(move) / abs(table.base[h] or 1) for h in told for move in row.moves(table.base, h) if move is not None]
        return max(moves, default=0.0)

    told = [headline for headline in GUESSED if table.base.get(headline) is not None]
    certain: Callable[[robust.Row], bool] = lambda row: any(table.is_beyond_chance(row, h) for h in told)  # noqa: E731
    rows = sorted((row for row in table.rows if certain(row)), key=reach, reverse=True)[:MOST_GUESSES]
    return {
        "headlines": told, "base": {h: table.base[h] for h in told},
        "rows": [
            {
                "path": row.parameter.path, "names": row.parameter.name.model_dump(), "value": row.parameter.value,
                "moved": {h: {"halved": at(row.halved, h), "doubled": at(row.doubled, h), "certain": table.is_beyond_chance(row, h)} for h in told},
            }
            for row in rows
        ],
    }  # fmt: skip


def at(world: robust.Headlines | str, headline: str) -> float | None:
    """A headline of a world; None if there is no such world."""
    return world.get(headline) if isinstance(world, dict) else None
