"""A city: its scheme, its citizens, the entries on their way, and what has been counted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscity import columns as c
from glasscity.engine import day as days
from glasscity.engine import loops
from glasscity.engine.team import EMPTY, Team
from glasscity.errors import Problem, Problems
from glasscity.kernels.bundles import Rules
from glasscity.kernels.draws import stream_key
from glasscity.rules.compile import Scheme, change_days
from glasscity.rules.resolve import Resolved
from glasscity.world.population import pattern, trait_draws
from glasscity.world.state import empty_world, layout


@dataclass(frozen=True)
class Reading:
    """How things stood and what had happened at the end of a day; D districts, G groups."""

    day: int
    flows_by_district: np.ndarray  # int64[D, N_FLOWS]  since the start
    flows_by_group: np.ndarray  # int64[G, N_FLOWS]  since the start
    stocks_by_district: np.ndarray  # int64[D, N_STOCKS]
    stocks_by_group: np.ndarray  # int64[G, N_STOCKS]
    bins: np.ndarray  # int64[D, 2, N_BINS]  citizens by standing, majority and minority


def day_keys(seed: int, day: int) -> np.ndarray:
    """Keys of all streams on a day, uint64[N_STREAMS]."""
    with np.errstate(over="ignore"):
        values = [stream_key(np.uint64(seed), np.uint64(s), np.uint64(day)) for s in range(c.N_STREAMS)]
    return np.array(values, np.uint64)


class City:
    """One world under one scheme."""

    def __init__(
        self,
        resolved: Resolved,
        citizens: int,
        n_days: int,
        seed: int,
        threads: int = 1,
        watch: Sequence[int] = (),
        block: int = 0,
    ):
        self.resolved, self.seed, self.n_days = resolved, seed, n_days
        self.scheme = Scheme(resolved.rulebook, resolved.catalogue, resolved.population, resolved.scenario.start)
        self.layout = layout(resolved.population, citizens)
        self.world = empty_world(resolved.population, self.layout)
        self.shape = (len(self.layout.sizes), len(self.scheme.acts), 0)
        self.team = Team(self.layout.pages, threads, self.shape, self.watch_mask(watch), block)
        self.set_up_keys = day_keys(seed, 0)
        self.public = np.zeros(len(self.layout.sizes), np.int64)
        self.changes = set(change_days(resolved.rulebook, resolved.scenario.start, n_days))
        self.calendar: dict[int, list[np.ndarray]] = {}
        self.readings: list[Reading] = []
        self.rows: list[np.ndarray] = []
        self.tables: Rules | None = None
        self.day = 0
        self.rules: Rules

    def watch_mask(self, watch: Sequence[int]) -> np.ndarray:
        """One byte a slot, 1 for the watched; empty if nobody is."""
        if not len(watch):
            return EMPTY
        numbers = np.array(watch, np.int64)
        wrong = numbers[(numbers < 0) | (numbers >= self.layout.citizens)]
        if len(wrong):
            raise Problems([Problem("--watch", "citizen", str(wrong[0]), f"0 to {self.layout.citizens - 1}")])
        mask = np.zeros(self.layout.slots, np.uint8)
        mask[self.layout.slots_of(numbers)] = 1
        return mask

    @property
    def is_watching(self) -> bool:
        """Whether any citizen is watched."""
        return len(self.team.workers[0].out.watch) > 0

    def populate(self) -> None:
        """Draw the citizens."""
        rules = self.rules_of(0)
        draws = trait_draws(self.resolved.population)
        household = pattern(self.resolved.population.circles.household.sizes)


        def draw_citizens(worker) -> None:
            scratch = np.empty((3, c.PAGE), np.int64)
            loops.births(self.world, rules, draws, household, scratch, worker.first, worker.last)

        self.team.each(draw_citizens)

    def rules_of(self, day: int) -> Rules:
        """The scheme's tables with the day's keys; compiled anew only when an article comes or goes."""
        if self.tables is None or day in self.changes:
            self.tables = self.scheme.on(day)
        return self.tables._replace(
            keys=day_keys(self.seed, day), set_up_keys=self.set_up_keys, public=self.public
        )

    @property
    def rules_changed(self) -> bool:
        """Whether an article comes or goes today."""
        return self.day in self.changes

    def open_day(self) -> None:
        """The day's rules and keys."""
        self.rules = self.rules_of(self.day)

    def close_day(self) -> None:
        """Read the city at a week's end and on the last day; then the next day."""
        is_week_end = (self.day + 1) % days.WEEK == 0
        if is_week_end or self.day + 1 == self.n_days:
            stocks, bins = self.stock()
            if is_week_end:
                self.public = stocks[:, :, c.K_SANCTIONED].sum(axis=1) * 65536 // np.maximum(1, self.layout.sizes)
            self.readings.append(self.reading(stocks, bins))
        self.day += 1

    def live(self) -> None:
        """Live one day."""
        days.live(self)

    def stock(self) -> tuple[np.ndarray, np.ndarray]:
        """How things stand: int64[D, G, N_STOCKS] and int64[D, 2, N_BINS]."""
        n = len(self.layout.sizes)
        counts = {w: np.zeros((n, c.N_GROUPS, c.N_STOCKS), np.int64) for w in range(len(self.team.workers))}
        bins = {w: np.zeros((n, 2, c.N_BINS), np.int64) for w in counts}
        numbers = {id(worker): w for w, worker in enumerate(self.team.workers)}

        def count(worker) -> None:
            w = numbers[id(worker)]
            loops.take_stock(self.rules, self.world, counts[w], bins[w], worker.first, worker.last)

        self.team.each(count)
        return np.sum(list(counts.values()), axis=0), np.sum(list(bins.values()), axis=0)

    def reading(self, stocks: np.ndarray, bins: np.ndarray) -> Reading:
        """The reading of today."""
        flows = self.team.total("tally")
        return Reading(
            self.day, flows.sum(axis=1), flows.sum(axis=0), stocks.sum(axis=1), stocks.sum(axis=0), bins
        )  # fmt: skip

    def digest(self) -> str:
        """SHA-256 of the state of all citizens, district by district, and of all counts."""
        total = hashlib.sha256()
        for column in c.STATE:
            for part in self.layout.parts(getattr(self.world, column.name)):
                total.update(hashlib.sha256(np.ascontiguousarray(part).data).digest())
        total.update(self.team.total("tally").tobytes())
        total.update(self.team.total("truth").tobytes())
        return total.hexdigest()
