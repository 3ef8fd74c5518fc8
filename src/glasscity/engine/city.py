"""A city: its scheme, its citizens, the entries on their way, and what has been counted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

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

TALLIES = ("tally", "truth")  # what workers add up over the whole run


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
        counted = len(self.layout.sizes), len(self.scheme.acts)
        self.team = Team(self.layout.pages, threads, counted, self.watch_mask(watch), block)
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
        """Whether the scheme begins, or an article comes or goes, today."""
        return self.day == 0 or self.day in self.changes

    def open_day(self) -> None:
        """The day's rules and keys."""
        self.rules = self.rules_of(self.day)

    def close_day(self) -> None:
        """Read the city at a week's end and on the last day; then the next day."""
        is_week_end = (self.day + 1) % days.WEEK == 0
        if is_week_end or self.day + 1 == self.n_days:
            reading = self.read()
            if is_week_end:
                sanctioned = reading.stocks_by_district[:, c.K_SANCTIONED]
                self.public = sanctioned * 65536 // np.maximum(1, self.layout.sizes)
            self.readings.append(reading)
        self.day += 1

    def live(self) -> None:
        """Live one day."""
        days.live(self)

    def glance(self) -> tuple[float, int]:
        """Mean standing and number of the sanctioned, told quickly: a reading of every day."""
        counted: list[np.ndarray] = []

        def add(worker) -> None:
            totals = np.zeros(2, np.int64)
            loops.glance(self.rules, self.world, totals, worker.first, worker.last)
            counted.append(totals)

        self.team.each(add)
        points, sanctioned = np.sum(counted, axis=0).tolist()
        return points / self.layout.citizens, sanctioned

    def read(self) -> Reading:
        """How things stand, and all that has happened so far."""
        n = len(self.layout.sizes)
        counted: list[tuple[np.ndarray, np.ndarray]] = []

        def count(worker) -> None:
            counts = np.zeros((n, c.N_GROUPS, c.N_BYTE_COUNTS), np.int64)
            bins = np.zeros((n, 2, c.N_BINS), np.int64)
            loops.take_stock(self.rules, self.world, counts, bins, worker.first, worker.last)
            counted.append((counts, bins))

        self.team.each(count)
        counts, bins = (np.sum(part, axis=0) for part in zip(*counted, strict=True))
        flows, classes = self.team.total("tally"), int(self.rules.p[c.P_SANCTIONED_CLASSES])
        return Reading(
            day=self.day,
            flows_by_district=flows.sum(axis=1),
            flows_by_group=flows.sum(axis=0),
            stocks_by_district=stocks_of(counts.sum(axis=1), classes),
            stocks_by_group=stocks_of(counts.sum(axis=0), classes),
            bins=bins,
        )

    def snapshot(self) -> dict[str, np.ndarray]:
        """All that the coming days and the results depend on. Says nothing of threads; state arrays are not copied."""
        late = [(day, entries) for day in sorted(self.calendar) for entries in self.calendar[day]]
        return {
            "day": np.array([self.day], np.int64),
            **{f"state.{column.name}": getattr(self.world, column.name) for column in c.STATE},
            **{name: self.team.total(name) for name in TALLIES},
            "public": self.public,
            "late": np.concatenate([np.empty(0, np.uint64), *(entries for _, entries in late)]),
            "late_day": np.repeat(*np.array([(day, len(e)) for day, e in late], np.int64).reshape(-1, 2).T),
            "rows": np.concatenate([np.empty((0, len(c.EVENT_FIELDS)), np.int64), *self.rows]),
            **{f"reading.{f.name}": np.array([getattr(r, f.name) for r in self.readings], np.int64) for f in fields(Reading)},
        }

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Go on from a snapshot of the same run, taken by a city with any number of threads."""
        self.day = int(arrays["day"][0])
        self.world = self.world._replace(**{column.name: arrays[f"state.{column.name}"] for column in c.STATE})
        for worker in self.team.workers:
            for name in TALLIES:
                getattr(worker.out, name)[:] = arrays[name] if worker is self.team.workers[0] else 0
        self.public = arrays["public"]
        late_days = arrays["late_day"]
        self.calendar = {day: [arrays["late"][late_days == day]] for day in np.unique(late_days).tolist()}
        self.rows = [arrays["rows"]]
        values = [arrays[f"reading.{f.name}"] for f in fields(Reading)]
        self.readings = [Reading(int(day), *tables) for day, *tables in zip(*values, strict=True)]
        self.tables = None
        self.rules = self.rules_of(max(0, self.day - 1))

    def digest(self) -> str:
        """SHA-256 of the state of all citizens, district by district, and of all counts."""
        total = hashlib.sha256()
        for column in c.STATE:
            for part in self.layout.parts(getattr(self.world, column.name)):
                total.update(hashlib.sha256(np.ascontiguousarray(part).data).digest())
        total.update(self.team.total("tally").tobytes())
        total.update(self.team.total("truth").tobytes())
        return total.hexdigest()


def stocks_of(counts: np.ndarray, sanctioned_classes: int) -> np.ndarray:
    """Stocks int64[.., N_STOCKS] from counts by byte, int64[.., N_BYTE_COUNTS]."""
    byte = np.arange(256)
    status, note, inner = (counts[..., first : first + 256] for first in (c.B_STATUS, c.B_NOTE, c.B_INNER))
    stocks = np.zeros((*counts.shape[:-1], c.N_STOCKS), np.int64)
    stocks[..., c.K_CITIZENS] = status.sum(-1)
    stocks[..., c.K_STANDING], stocks[..., c.K_RISK] = counts[..., c.B_STANDING], counts[..., c.B_RISK]
    stocks[..., c.K_WRONGLY_NOW] = counts[..., c.B_WRONGLY]
    stocks[..., c.K_BY_ASSOCIATION_NOW] = counts[..., c.B_BY_ASSOCIATION]
    flags = {c.BLACK: c.K_BLACK, c.COURT: c.K_COURT, c.RED: c.K_RED, c.SHUNNED: c.K_SHUNNED, c.JOBLESS: c.K_JOBLESS}
    for bit, place in flags.items():
        stocks[..., place] = status[..., byte & bit != 0].sum(-1)
    for k in range(c.N_CLASSES):
        stocks[..., c.K_CLASS + k] = status[..., byte & c.CLASS_BITS == k].sum(-1)
    is_sanctioned = ((sanctioned_classes >> (byte & c.CLASS_BITS)) & 1 != 0) | (byte & (c.BLACK | c.COURT) != 0)
    stocks[..., c.K_SANCTIONED] = status[..., is_sanctioned].sum(-1)
    for k in range(8):
        stocks[..., c.K_NOTE + k] = note[..., byte >> k & 1 != 0].sum(-1)
    stocks[..., c.K_INNOCENT] = note[..., byte & c.VIOLATED == 0].sum(-1)
    innocent_sanctioned = (byte & c.VIOLATED == 0) & (byte & c.SANCTIONED != 0)
    stocks[..., c.K_INNOCENT_SANCTIONED] = note[..., innocent_sanctioned].sum(-1)
    stocks[..., c.K_EXPRESSION] = inner @ (byte & 15)
    stocks[..., c.K_MOTIVATION] = inner @ (byte >> 4)
    return stocks
