"""Figures of two worlds: what the same people no longer do under a scheme. From both worlds' panels, member by member.

Each function of the first part is one figure: of every world it gives, for each member, how much there is of something
(acts, friendships). The figure is the loss, 1 less the sum in the scheme's world over that in the other; below nought where
the scheme's world has more. The docstring is the definition that users read. Where a third world was changed from the first
day on, `persistence` tells how much of the loss outlasts the change. In a city no larger than the panel all this is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from glasscity.metrics import outcomes
from glasscity.metrics.outcomes import Seen

Amounts = list[np.ndarray]  # of each world, float64[members]


def tie_loss(worlds: Sequence[Seen], since: int) -> Amounts:
    """Share of friendships that stand in the other world at the end and not in this one, less those that stand in this one alone.

    A friendship is cut if either of the two is shunned; each is counted with both.
    """
    return [standing_ties(seen) for seen in worlds]


def chilling(worlds: Sequence[Seen], since: int) -> Amounts:
    """Share of lawful expression (acts and posts) of the other world that is missing in this one, since the worlds part."""
    return [said_lawfully(seen, since) for seen in worlds]


def chilling_never_sanctioned(worlds: Sequence[Seen], since: int) -> Amounts:
    """Share of lawful expression of the other world that is missing in this one, among those who were sanctioned in none of the worlds:
    what the mere existence of sanctions silences."""
    never = ~np.logical_or.reduce([seen.column("sanctioned") for seen in worlds])
    return [said * never for said in chilling(worlds, since)]


def crowding_out(worlds: Sequence[Seen], since: int) -> Amounts:
    """Share of unseen acts for others of the other world that are missing in this one, since the worlds part.

    In all worlds an act counts by the share of its kind that no channel of this world sees: otherwise watching alone
    would pass for crowding out.
    """
    unseen = unseen_shares(worlds[0])
    weight = pl.col("what").replace_strict(unseen, default=1.0, return_dtype=pl.Float64)
    return [seen.total(seen.acts.filter(pl.col("conduct_kind") == "prosocial", pl.col("day") >= since), weight) for seen in worlds]


# --- what they are made of -------------------------------------------------------------------------


def standing_ties(seen: Seen) -> np.ndarray:
    """Friends with whom neither has fallen out, a member. In a circle everybody is tied to all others."""
    shunned = seen.column("shunned").astype(bool)
    _, circle = np.unique(seen.column("circle"), return_inverse=True)
    free = np.bincount(circle, ~shunned)[circle]
    return np.where(shunned, 0.0, free - 1.0)


def said_lawfully(seen: Seen, since: int) -> np.ndarray:
    """Lawful acts of expression and posts from a day on, a member."""
    acts = seen.acts.filter(pl.col("conduct_kind") == "expression", pl.col("what").is_in(list(seen.facts.lawful)), pl.col("day") >= since)
    return seen.total(acts) + seen.total(outcomes.posts(seen).filter(pl.col("day") >= since))


def unseen_shares(seen: Seen) -> dict[str, float]:
    """Of each kind of act for others, the share that no channel put down to anybody."""
    done = seen.acts.filter(conduct_kind="prosocial").group_by("what").len("acts")
    named = seen.events.filter(pl.col("phase") == "observe", pl.col("kind").is_in(["right", "wrong_person"])).group_by("what").len("seen")
    found = done.join(named, on="what", how="left").with_columns(pl.col("seen").fill_null(0))
    return {what: max(0.0, 1 - n / acts) for what, acts, n in found.iter_rows()}


def loss(this: np.ndarray, other: np.ndarray) -> float:
    """1 - sum in this world / sum in the other; NaN where the other has nothing."""
    return 1 - float(this.sum() / other.sum()) if other.sum() > 0 else np.nan


def persistence(this: np.ndarray, ended: np.ndarray, never: np.ndarray) -> float:
    """What is lost still in the world that the change came to late, over what is lost without it; NaN where nothing is lost."""
    return outcomes.quotient(never - ended, never - this)


# --- the list --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paired:
    """One figure: label, formula, METRICS number, and the amounts that it is made of."""

    label: str
    formula: str
    source: str
    amounts: Callable[[Sequence[Seen], int], Amounts]

    @property
    def definition(self) -> str:
        """The docstring of `amounts` as one line."""
        return " ".join((self.amounts.__doc__ or "").split())


PAIRED: dict[str, Paired] = {
    "tie_loss_paired": Paired("Ties lost to the scheme", "1 - ties that stand / ties that stand in the other world", "13", tie_loss),
    "chilling_paired": Paired("Chilling", "1 - lawful expression / lawful expression in the other world", "14", chilling),
    "chilling_paired_never_sanctioned": Paired("Chilling of the never sanctioned", "the same over those never sanctioned in any of the worlds", "14", chilling_never_sanctioned),
    "crowding_out_paired": Paired("Crowding out", "1 - unseen acts for others / the same in the other world", "16", crowding_out),
}  # fmt: skip


def figures(worlds: Sequence[Seen], since: int, cells: np.ndarray, smallest: int) -> dict[str, np.ndarray]:
    """Every figure of every cell, float64[cells]; NaN where it is undefined, and in cells of fewer members than `smallest`.

    worlds: the scheme's and the other; with a third one, changed from the first day on, also `persistence.<figure>`. All have
    the same members. since: the day on which the first two part. cells: bool[cells, members].
    """
    found = {}
    for name, figure in PAIRED.items():
        amounts = figure.amounts(worlds[:2], since)
        found[name] = [loss(*cut(amounts, cell)) for cell in cells]
        if len(worlds) > 2:
            amounts = figure.amounts(worlds, since)
            found[f"persistence.{name}"] = [persistence(*cut(amounts, cell)) for cell in cells]
    is_told = cells.sum(axis=1) >= smallest
    return {name: np.where(is_told, values, np.nan) for name, values in found.items()}


def cut(amounts: Amounts, cell: np.ndarray) -> Amounts:
    """The amounts of a cell's members."""
    return [amount[cell] for amount in amounts]
