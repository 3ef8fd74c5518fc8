"""Safeguards ranked by the harm that they avoid, and by what they cost in decisions and days: alone and in pairs.

Harm is counted in wrongful events, if nothing else is said: falls, listings, refusals, pillories and fines that befell somebody
for what that person did not do (METRICS 1 and 4). All worlds share citizens and draws, so that a difference is the safeguard's doing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from glasscity.rules import levers
from glasscity.rules.model import Safeguard
from glasscity.rules.resolve import Resolved
from glasscity.study import worlds
from glasscity.study.chance import ends
from glasscity.study.worlds import Tick, at_end, changed

HARMS = ("sanctions_wrongly", "straight_listed_wrongly", "refused_wrongly", "shamed_wrongly", "fined_wrongly")
Levers = tuple[str, ...]


@dataclass(frozen=True)
class Ranked:
    """What one safeguard, or a pair of them, comes to; per 1,000 citizens, means over seeds."""

    levers: Levers
    avoided: float  # harmful events avoided
    low: float | None  # 95 % interval of that over seeds
    high: float | None
    share: float | None  # of all harmful events
    decisions: float  # that somebody has to take
    days: float  # that people wait for them
    by_seed: tuple[float, ...] = ()  # harmful events avoided in the worlds of each seed

    @property
    def per_decision(self) -> float | None:
        """Harmful events avoided for each decision; None where nothing has to be decided."""
        return self.avoided / self.decisions if self.decisions else None

    @property
    def plain(self) -> dict[str, object]:
        """As plain data."""
        return {**vars(self), "levers": list(self.levers), "by_seed": list(self.by_seed), "per_decision": self.per_decision}


@dataclass(frozen=True)
class Ranking:
    """Safeguards of one scheme by harm avoided, the best first."""

    harm: float  # harmful events per 1,000 citizens without any further safeguard
    rows: list[Ranked]
    about: dict[str, object] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, object]:
        """As plain data, the best first."""
        return {**self.about, "harm": self.harm, "safeguards": [*self.told(1), *self.told(2)]}

    def told(self, size: int) -> list[dict[str, object]]:
        """Single safeguards or pairs as plain data, each with whether seeds settle that it comes before the next."""
        rows = self.ranked(size)
        return [{**row.plain, "leads": leads(row, after)} for row, after in zip(rows, [*rows[1:], None], strict=True)]

    def ranked(self, size: int, by_decision: bool = False) -> list[Ranked]:
        """Single safeguards or pairs; by harm avoided per decision those for which nobody decides come first."""

        def worth(row: Ranked) -> tuple[float, float]:
            each = row.per_decision
            return (float("inf") if each is None and row.avoided > 0 else each or 0.0, row.avoided) if by_decision else (row.avoided, 0.0)

        return sorted((row for row in self.rows if len(row.levers) == size), key=worth, reverse=True)


def leads(row: Ranked, after: Ranked | None) -> bool | None:
    """Whether the 95 % interval of the difference in harm avoided lies above nought, seed by seed; None if there is none."""
    low, _ = ends(0.0, np.array(row.by_seed) - np.array(after.by_seed)) if after else (None, None)
    return None if low is None or after is None else row.avoided - after.avoided + low > 0


def unsettled(told: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Runs of neighbours in a ranking as plain data whose order seeds do not settle."""
    found: list[list[Mapping[str, Any]]] = [[]]
    for row in told:
        found[-1].append(row)
        if row.get("leads") is not False:
            found.append([])
    return [run for run in found if len(run) > 1]


# --- what they cost --------------------------------------------------------------------------------


def letters(frame: pl.DataFrame, *_: float) -> float:
    """One notification for each record of which the person named is told."""
    return at_end(frame, "notified") or 0.0


def reviews(frame: pl.DataFrame, *_: float) -> float:
    """One look at each record, whether it is struck out or takes effect."""
    return sum(at_end(frame, name) or 0.0 for name in ("records", "struck_out.false", "struck_out.true"))


def appeals(frame: pl.DataFrame, *_: float) -> float:
    """One decision for each appeal."""
    return at_end(frame, "appeals") or 0.0


def repairs(frame: pl.DataFrame, *_: float) -> float:
    """One decision for each early exit."""
    return at_end(frame, "repaired") or 0.0


def audits(frame: pl.DataFrame, value: float, citizens: int, days: int) -> float:
    """The share of all accounts that is looked into each week."""
    return value * citizens * (days // 7)


def exits(frame: pl.DataFrame, value: float, citizens: int, days: int) -> float:
    """One decision for each citizen who leaves."""
    return value * citizens


# whoever a safeguard makes decide; the others work by rule
DECISIONS: dict[str, Callable[..., float]] = {
    "notice": letters, "reasons": letters, "review": reviews, "appeal": appeals, "repair": repairs, "error_audit": audits, "opt_out": exits,
}  # fmt: skip


def article_of(scheme: Resolved, lever: str) -> Safeguard:
    """The article by which a scheme grants a safeguard."""
    return next(a for a in scheme.rulebook.articles.values() if isinstance(a, Safeguard) and a.lever == lever)


def costs(scheme: Resolved, granted: Levers, frame: pl.DataFrame, citizens: int, days: int) -> tuple[float, float]:
    """Decisions, and days waited for them, that safeguards take in a world."""
    decisions = waited = 0.0
    for lever in granted:
        article = article_of(scheme, lever)
        taken = DECISIONS[lever](frame, article.value, citizens, days) if lever in DECISIONS else 0.0
        decisions += taken
        waited += taken * article.days if lever == "appeal" else 0.0
    return decisions, waited


# --- the ranking -----------------------------------------------------------------------------------


def open_levers(resolved: Resolved) -> list[str]:
    """Safeguards that the scheme does not grant."""
    return [lever for lever in levers.LEVERS if not levers.is_granted(resolved, lever)]


def bundles(resolved: Resolved, are_paired: bool) -> list[Levers]:
    """None, each, and each two of the safeguards that the scheme does not grant."""
    names = open_levers(resolved)
    pairs = list(combinations(names, 2)) if are_paired else []
    return [(), *((name,) for name in names), *pairs]


def granting(resolved: Resolved, granted: Levers) -> Resolved:
    """The scheme with some safeguards."""
    for lever in granted:
        resolved = changed(resolved, levers.granted(resolved, lever))
    return resolved


def rank(
    resolved: Resolved, citizens: int, days: int, seeds: Sequence[int], threads: int, are_paired: bool = True,
    harms: Sequence[str] = HARMS, tick: Tick = lambda _: None,
) -> Ranking:  # fmt: skip
    """Safeguards of a scheme by the harmful events that they avoid; harms: flows that are counted as such."""
    every = bundles(resolved, are_paired)
    schemes = {granted: granting(resolved, granted) for granted in every}

    def live(key: tuple[Levers, int]) -> tuple[float, float, float]:
        granted, seed = key
        frame = worlds.lived(schemes[granted], citizens, days, seed, 1, tick)
        return (harm_of(frame, harms), *costs(schemes[granted], granted, frame, citizens, days))

    keys = [(granted, seed) for granted in every for seed in seeds]
    with ThreadPoolExecutor(threads) as pool:
        found = dict(zip(keys, pool.map(live, keys), strict=True))
    per = 1000 / citizens
    table = {granted: per * np.array([found[granted, seed] for seed in seeds]) for granted in every}
    base = table[()][:, 0]
    return Ranking(float(base.mean()), [row_of(granted, base, table[granted]) for granted in every if granted])


def harm_of(frame: pl.DataFrame, harms: Sequence[str]) -> float:
    """Harmful events since the start."""
    return sum(at_end(frame, name) or 0.0 for name in harms)


def row_of(granted: Levers, base: np.ndarray, world: np.ndarray) -> Ranked:
    """One line of the ranking from worlds without and with the safeguards; world: float64[seeds, 3]."""
    avoided = base - world[:, 0]
    mean = float(avoided.mean())
    low, high = ends(mean, avoided)
    share = mean / float(base.mean()) if base.mean() else None
    return Ranked(granted, mean, low, high, share, float(world[:, 1].mean()), float(world[:, 2].mean()), tuple(avoided.tolist()))
