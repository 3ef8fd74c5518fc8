"""Twin worlds: the same synthetic citizens, with the same draws, under two schemes, and what the difference does to whom.

Draws are functions of seed, stream, citizen and day alone, so that whatever differs between the worlds is the scheme's
doing. Differences are told as the scheme's world less the other. Intervals: Student's t over seeds; because both worlds of
a pair have the same luck, few seeds suffice (common random numbers: Kahn & Marshall 1953, Methods of reducing sample size
in Monte Carlo computations, https://doi.org/10.1287/opre.1.5.263).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from glasscity import columns as c
from glasscity.engine.city import City, Snapshot, copied
from glasscity.engine.panel import PANEL
from glasscity.errors import Problem, Problems
from glasscity.metrics import paired, panel, people, registry, tables
from glasscity.metrics.cells import Cells, over_cells
from glasscity.metrics.outcomes import Seen
from glasscity.rules.compile import Scheme
from glasscity.rules.resolve import Resolved
from glasscity.study.chance import over_seeds
from glasscity.study.spread import AMONG, MEASURES, spread_of
from glasscity.study.worlds import CELL, Tick, kept_metrics

IN_COMMON = ("citizen", "district", "neighbourhood", *c.TRAITS, *c.DISPOSITIONS)  # columns that both lives share
FATES = ("neither", "only_counterfactual", "only_factual", "both")  # by 2 * factual + counterfactual
MOST_CITIZENS = 100_000  # rows of `Twin.citizens`; of more, every n-th


@dataclass(frozen=True)
class Twin:
    """What pairs of worlds came to, over seeds."""

    effects: pl.DataFrame  # CELL, factual, counterfactual, difference, low, high, gain; flows since the start
    paired: pl.DataFrame  # metric (`registry.PAIRED`), group, district, value, low, high
    lives: pl.DataFrame  # outcome, group, district and FATES in citizens, with an interval for each of the two that differ
    spread: pl.DataFrame  # how far accounts lie apart: among (`spread.AMONG`) and `spread.MEASURES`, each with its interval
    citizens: pl.DataFrame  # both lives of each citizen, of the first seed; the other world's columns end in _twin
    digests: list[tuple[str, str]]  # of the scheme's world and the other, seed by seed
    about: dict[str, Any] = field(default_factory=dict)  # scenario, change, sizes, seeds, the command that repeats it

    @property
    def plain(self) -> dict[str, Any]:
        """As plain data: the headlines' effects by group, and lives that differ, over all districts."""
        last = self.effects.filter((pl.col("day") == pl.col("day").max()) & (pl.col("district") == "all"))
        told = last.filter(pl.col("metric").is_in([name for name, _ in registry.HEADLINES.values()]))
        lives = self.lives.filter(pl.col("district") == "all").drop("district")
        paired = self.paired.filter(pl.col("district") == "all").drop("district")
        return {
            **self.about, "effects": told.drop("day", "date", "district").to_dicts(), "paired": paired.to_dicts(), "lives": lives.to_dicts(),
            "spread": self.spread.to_dicts(),
        }  # fmt: skip

    def effect(self, metric: str, group: str = "all", district: str = "all") -> dict[str, float | None]:
        """The effect on a metric at the end: factual, counterfactual, difference, low, high, gain; KeyError if there is none."""
        is_here = (pl.col("metric") == metric) & (pl.col("group") == group) & (pl.col("district") == district)
        found = self.effects.filter(is_here).sort("day").tail(1)
        if found.is_empty():
            raise KeyError(f"no metric '{metric}' of {group}, {district} in both worlds")
        return found.drop(CELL).row(0, named=True)

    def is_told(self, group: str) -> bool:
        """Whether a group is so large that its rates and means are told."""
        return (self.effect("citizens", group)["factual"] or 0) >= registry.SMALLEST_CELL

    def loss(self, metric: str, group: str = "all", district: str = "all") -> dict[str, float | None]:
        """A paired figure: value, low, high (all None of fewer than SMALLEST_CELL members); KeyError if there is none."""
        found = self.paired.filter(metric=metric, group=group, district=district)
        if found.is_empty():
            raise KeyError(f"no paired figure '{metric}' of {group}, {district}; there are {', '.join(self.paired['metric'].unique(maintain_order=True))}")
        return found.drop("metric", "group", "district").row(0, named=True)


# --- two worlds ------------------------------------------------------------------------------------


def check_alike(factual: Resolved, other: Resolved, branch: int) -> None:
    """Problems if the schemes have no citizens in common or, after a shared past, no state."""
    unlike = []
    if factual.documents["population"] != other.documents["population"]:
        unlike.append(("population", "another population", "the same one: twins are the same citizens"))
    if branch and factual.scenario.start != other.scenario.start:
        unlike.append(("start", str(other.scenario.start), f"the same first day, {factual.scenario.start}: their past is shared"))
    if branch and shape_of(factual) != shape_of(other):
        what = "the same conduct, wishes, channels, classes and firms in the same order: their past is shared"
        unlike.append(("--from", "a scheme of another shape", what))
    if unlike:
        raise Problems([Problem(other.scenario.id, *problem) for problem in unlike])


def shape_of(resolved: Resolved) -> tuple[object, ...]:
    """What the numbers in a world's state stand for."""
    scheme = Scheme(resolved.rulebook, resolved.catalogue, resolved.population, resolved.scenario.start)
    return scheme.acts, scheme.wishes, scheme.channels, scheme.letters, scheme.bands, scheme.has_firms


def lived_pair(
    schemes: tuple[Resolved, Resolved], citizens: int, days: int, seed: int, threads: int, branch: int = 0,
    tick: Tick = lambda _: None, shock: Callable[[City], None] | None = None,
) -> tuple[City, City]:  # fmt: skip
    """The two worlds after so many days, of which they shared the first `branch`. Their teams have been let go.

    `shock` does something to the second world after the shared past.
    """
    first, second = (City(scheme, citizens, days, seed, max(1, threads // 2), panel=PANEL) for scheme in schemes)
    past = shared_past(schemes[0], citizens, days, seed, threads, branch, tick) if branch else None

    if past is not None:  # copied before either goes on: what one lives must not reach the other
        second.restore(copied(past))
        second.changes.add(branch)
        first.restore(past)
        if shock:
            shock(second)

    def live(city: City) -> None:
        if past is None:
            city.populate()
        for _ in range(city.day, days):
            city.live()
            tick(citizens)

    try:
        at_once(threads, lambda: live(first), lambda: live(second))
    finally:
        for city in (first, second):
            city.team.close()
    second.world = second.world._replace(traits=first.world.traits)
    return first, second


def shared_past(
    scheme: Resolved, citizens: int, days: int, seed: int, threads: int, branch: int, tick: Tick
) -> Snapshot:
    """The state after the days that both worlds have in common, computed once."""
    city = City(scheme, citizens, days, seed, threads, panel=PANEL)
    try:
        city.populate()
        for _ in range(branch):
            city.live()
            tick(2 * citizens)
        return city.snapshot()
    finally:
        city.team.close()


def lived_alone(scheme: Resolved, citizens: int, days: int, seed: int, threads: int, tick: Tick) -> Seen:
    """What is seen of a world's panel that lives by itself."""
    city = City(scheme, citizens, days, seed, threads, panel=PANEL)
    try:
        city.populate()
        for _ in range(days):
            city.live()
            tick(citizens)
    finally:
        city.team.close()
    return panel.seen(city)


def at_once(threads: int, *tasks: Callable[[], None]) -> None:
    """Carry out tasks side by side, or one after the other where there is one thread."""
    with ThreadPoolExecutor(min(threads, len(tasks))) as pool:
        for future in [pool.submit(task) for task in tasks]:
            future.result()


def compared(
    schemes: tuple[Resolved, Resolved], citizens: int, days: int, seeds: Sequence[int], threads: int, branch: int = 0,
    tick: Tick = lambda _: None, has_third: bool = False,
) -> Twin:  # fmt: skip
    """Pairs of worlds, one a seed, and what they differ in.

    `has_third`: beside each pair a world under the other scheme from the first day on, which tells what outlasts the change.
    """
    check_alike(*schemes, branch)
    metrics, losses, lives, spreads, digests, both = [], [], [], [], [], pl.DataFrame()
    for seed in seeds:
        third = [lived_alone(schemes[1], citizens, days, seed, threads, tick)] if has_third else []
        pair = lived_pair(schemes, citizens, days, seed, threads, branch, tick)
        metrics.append(joined(*(kept_metrics(tables.metrics_frame(city)) for city in pair)))
        losses.append(losses_of([*map(panel.seen, pair), *third], list(pair[0].resolved.population.districts), branch))
        lives.append(lives_of(*pair))
        spreads.append(spread_of(*pair))
        digests.append((pair[0].digest(), pair[1].digest()))
        both = both_lives(*pair) if both.is_empty() else both
    lost = over_seeds(losses, ("metric", "group", "district"), ("value",)).drop("value_sd")
    return Twin(
        effects_of(metrics), lost.rename({"value_low": "low", "value_high": "high"}),
        over_seeds(lives, ("outcome", "group", "district"), FATES), over_seeds(spreads, [AMONG], MEASURES).drop(f"{name}_sd" for name in MEASURES), both, digests,
    )  # fmt: skip


# --- what they differ in ---------------------------------------------------------------------------


def joined(factual: pl.DataFrame, counterfactual: pl.DataFrame) -> pl.DataFrame:
    """The values of both worlds side by side, and their difference; none of the three where one of the worlds has none."""
    pair = factual.rename({"value": "factual"}).join(
        counterfactual.drop("date").rename({"value": "counterfactual"}), on=[name for name in CELL if name != "date"],
        how="inner", maintain_order="left",
    )  # fmt: skip
    pair = pair.with_columns(difference=pl.col("factual") - pl.col("counterfactual"))
    return pair.with_columns(
        pl.when(pl.col("difference").is_finite()).then(pl.col(name)) for name in ("factual", "counterfactual", "difference")
    )


def effects_of(pairs: list[pl.DataFrame]) -> pl.DataFrame:
    """Means over seeds, the interval of the difference, and by what unpaired worlds would have made it wider."""
    found = over_seeds(pairs, CELL, ("factual", "counterfactual", "difference"))
    variance = pl.col("factual_sd").pow(2) + pl.col("counterfactual_sd").pow(2)
    gain = pl.when(pl.col("difference_sd") > 0).then(variance.sqrt() / pl.col("difference_sd"))
    return found.select(
        *CELL, "factual", "counterfactual", "difference", low="difference_low", high="difference_high", gain=gain
    )


def losses_of(worlds: Sequence[Seen], districts: list[str], branch: int) -> pl.DataFrame:
    """The paired figures of every cell: metric, group, district, value (null where it is not told)."""
    cells = Cells.of(districts)
    found = paired.figures(worlds, branch, panel.masks(worlds[0], cells), registry.SMALLEST_CELL)
    return pl.DataFrame({
        "metric": [name for name in found for _ in cells.groups],
        "group": cells.groups * len(found), "district": cells.districts * len(found),
        "value": np.concatenate(list(found.values())),
    }).with_columns(pl.col("value").fill_nan(None))  # fmt: skip


def lives_of(first: City, second: City) -> pl.DataFrame:
    """How many citizens met each outcome in both worlds, in one, in neither: outcome, group, district, FATES."""
    cells = Cells.of(list(first.resolved.population.districts))
    n_districts, parts = len(first.layout.sizes), []
    for bit, _ in c.NOTES.values():
        counts = np.zeros((n_districts, c.N_GROUPS, 4), np.int64)
        columns = (first.world.traits, first.world.note, second.world.note)
        for d, (traits, one, other) in enumerate(zip(*map(first.layout.parts, columns), strict=True)):
            fate = 2 * (one & bit != 0) + (other & bit != 0)
            keys = (traits & 31).astype(np.int64) * 4 + fate
            counts[d] = np.bincount(keys, minlength=4 * c.N_GROUPS).reshape(c.N_GROUPS, 4)
        parts.append(over_cells(counts.sum(axis=1)[None], counts.sum(axis=0)[None])[0])
    n = len(cells.groups)
    table = np.concatenate(parts)
    return pl.DataFrame({
        "outcome": [name for name in c.NOTES for _ in range(n)],
        "group": cells.groups * len(c.NOTES), "district": cells.districts * len(c.NOTES),
        **{fate: table[:, k] for k, fate in enumerate(FATES)},
    })  # fmt: skip


def both_lives(first: City, second: City) -> pl.DataFrame:
    """One row a citizen with both lives, of all or of an even sample."""
    n = first.layout.citizens
    numbers = np.arange(min(n, MOST_CITIZENS), dtype=np.int64) * n // min(n, MOST_CITIZENS)
    one, other = (people.citizens_frame(city, numbers) for city in (first, second))
    return pl.concat([one, other.drop(IN_COMMON).rename(lambda name: f"{name}_twin")], how="horizontal")
