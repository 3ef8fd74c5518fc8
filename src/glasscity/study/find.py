"""Lives that show something, looked for in the last state of a run's citizens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from glasscity.rules.model import Rulebook, Safeguard

LISTS = pl.any_horizontal("black", "court")


@dataclass(frozen=True)
class Story:
    """What to look for: who qualifies, who comes first, and the columns whose figures are told."""

    who: pl.Expr
    order: tuple[tuple[pl.Expr, bool], ...]  # expression, whether the largest comes first
    told: tuple[str, ...]
    learns_by_refusal: bool = False  # how they learned of it must be checked by a replay


def depth() -> pl.Expr:
    """In how many ways a life is stuck: lists, no work, no friends, removed; and debt, which only grows without work."""
    stuck = pl.sum_horizontal(pl.col(name).cast(pl.Int32) for name in ("black", "court", "jobless", "shunned", "removed"))
    return stuck + pl.col("debt") / 15


STORIES: dict[str, Story] = {
    "wrongly_accused": Story(
        pl.col("misnamed") & (pl.col("false_points") <= 0),
        ((pl.col("false_points"), False),),
        ("false_points", "own", "class", "violated", "knows"),
    ),
    "trap": Story(
        pl.col("sanctioned") & (LISTS | pl.any_horizontal("jobless", "shunned", "removed")),
        ((depth(), True), (pl.col("standing"), False)),
        ("class", "standing", "black", "court", "jobless", "shunned", "removed", "debt", "listed_weeks"),
    ),
    "by_association": Story(
        pl.col("sanctioned_by_association"),
        ((pl.col("violated"), False), (pl.col("association"), False), (pl.col("standing"), False)),
        ("violated", "association", "own", "standing", "class"),
    ),
    "never_notified": Story(
        pl.col("sanctioned") & ~pl.col("knows"),
        ((LISTS, True), (pl.col("standing"), False)),
        ("class", "standing", "black", "court", "listed_weeks", "wrongly_sanctioned"),
    ),
    # source 004: a journalist on the court's list, who learned of it by being refused and found no file and no order
    "journalist": Story(
        pl.col("court") & pl.col("refused") & (pl.col("occupation") == "professional") & (pl.col("online") > 0),
        ((pl.col("dissent"), True), (pl.col("online"), True), (pl.col("expression"), False)),
        ("occupation", "online", "dissent", "court", "listed_weeks", "expression", "class"),
        learns_by_refusal=True,
    ),
}
REPLAYED = 5  # at most so many lives are lived again to find one that fits


def lives(
    citizens: pl.DataFrame, name: str, most: int, rulebook: Rulebook, learned: Callable[[int], str | None]
) -> list[dict[str, Any]]:
    """The first lives of a story: citizen and figures. learned: how a citizen learned of being recorded, by replay."""
    story = STORIES[name]
    keys, descending = zip(*story.order, strict=True)
    found = citizens.filter(story.who).sort(*keys, "citizen", descending=[*descending, False])
    must_check = story.learns_by_refusal and has_notice(rulebook)
    chosen: list[dict[str, Any]] = []
    for tried, row in enumerate(found.iter_rows(named=True)):
        if len(chosen) == most or must_check and tried == REPLAYED:
            break
        if not must_check or learned(row["citizen"]) == "refusal":
            chosen.append({"citizen": row["citizen"], "figures": {key: row[key] for key in story.told}})
    return chosen


def has_notice(rulebook: Rulebook) -> bool:
    """Whether anybody may be told of an entry; where nobody is, one can only learn of it by being refused."""
    return any(isinstance(a, Safeguard) and a.lever == "notice" and a.enabled for a in rulebook.articles.values())
