"""A city: its scheme, its citizens, the entries on their way, and what has been counted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise

import numpy as np

from glasscity import columns as c
from glasscity.engine import accounts, loops, stock
from glasscity.engine import day as days
from glasscity.engine import panel as panels
from glasscity.engine.team import Team, Worker, Written
from glasscity.errors import Problem, Problems
from glasscity.kernels.bundles import FirmRules, Firms, Rules
from glasscity.rules.compile import Scheme, change_days
from glasscity.rules.resolve import Resolved
from glasscity.world.population import Draws, pattern, trait_draws
from glasscity.world.state import empty_firms, empty_world, layout

# stocks that only a survey counts; readings in between repeat the last one
SURVEYED = [c.K_ENROLLED, c.K_APPROVING, c.K_SAYING, c.K_USERS, c.K_PRIVATE, *range(c.K_BAND, c.K_BAND + c.N_CLASSES)]
Arrays = dict[str, np.ndarray]
Snapshot = Mapping[str, np.ndarray | list[np.ndarray]]  # arrays by name, or the pieces of one
TALLIES = ("tally", "truth", "firm_tally")  # what workers add up over the whole run


@dataclass(frozen=True)
class Reading:
    """How things stood and what had happened at the end of a day; D districts, G groups."""

    day: int
    flows_by_district: np.ndarray  # int64[D, N_FLOWS]  since the start
    flows_by_group: np.ndarray  # int64[G, N_FLOWS]  since the start
    stocks_by_district: np.ndarray  # int64[D, N_STOCKS]
    stocks_by_group: np.ndarray  # int64[G, N_STOCKS]
    bins: np.ndarray  # int64[D, 2, N_BINS]  citizens by standing, majority and minority
    firm_flows: np.ndarray  # int64[D, N_SECTORS, N_FIRM_FLOWS]  since the start
    firm_stocks: np.ndarray  # int64[D, N_FIRM_STOCKS]
    district_state: np.ndarray  # int64[D, 3]  public, turnout and climate, of 65536, as the next week sees them


def day_keys(seed: int, day: int) -> np.ndarray:
    """Keys of all streams on a day, uint64[N_STREAMS]."""
    keys = np.empty(c.N_STREAMS, np.uint64)
    with np.errstate(over="ignore"):
        loops.stream_keys(np.uint64(seed), np.uint64(day), keys)
    return keys


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
        panel: int = 0,
    ):
        """watch: numbers of citizens whose events are kept. panel: about how many belong to the panel (`engine.panel`)."""
        self.resolved, self.seed, self.n_days = resolved, seed, n_days
        self.scheme = Scheme(resolved.rulebook, resolved.catalogue, resolved.population, resolved.scenario.start)
        self.layout = layout(resolved.population, citizens)
        self.world = empty_world(resolved.population, self.layout)
        self.firms = empty_firms(resolved.population, self.layout, self.scheme.has_firms)
        counted = len(self.layout.sizes), len(self.scheme.acts)
        self.panel, self.panel_circles = panels.members(self.world, self.layout, panel)
        self.panel_seen: list[np.ndarray] = []  # int16[members, panels.SEEN] at each reading
        self.team = self.new_team(threads, counted, self.watch_table(watch), block)
        self.set_up_keys = day_keys(seed, 0)
        self.public, self.turnout = np.zeros((2, len(self.layout.sizes)), np.int64)
        self.climate = np.full(len(self.layout.sizes), 65536, np.int64)
        self.changes = set(change_days(resolved.rulebook, resolved.scenario.start, n_days))
        self.calendar: dict[int, list[np.ndarray]] = {}
        self.named_from_afar = np.zeros((self.layout.pages, -(-n_days // 8)), np.uint8)  # a bit a day, see `mark`
        self.readings: list[Reading] = []
        self.rows: list[np.ndarray] = []
        self.tables: Rules | None = None
        self.day = 0
        self.rules: Rules
        self.firm_rules: FirmRules

    def new_team(self, threads: int, counted: tuple[int, int], watch: np.ndarray, block: int) -> Team:
        """Who runs the loops."""
        return Team(self.pages, threads, counted, watch, block)

    def watch_table(self, watch: Sequence[int]) -> np.ndarray:
        """Who is watched or in the panel (`panel.watch_table`)."""
        numbers = np.array(watch, np.int64)
        wrong = numbers[(numbers < 0) | (numbers >= self.layout.citizens)]
        if len(wrong):
            raise Problems([Problem("--watch", "citizen", str(wrong[0]), f"0 to {self.layout.citizens - 1}")])
        return panels.watch_table(self.layout.pages, self.layout.slots_of(numbers), self.panel)

    # --- what is lived here: all of the city, but for a shard (`engine.shards`) ---

    @property
    def pages(self) -> range:
        """Neighbourhoods whose citizens are lived here."""
        return range(self.layout.pages)

    @property
    def own_firms(self) -> range:
        """Firms that are lived here."""
        return range(len(self.firms.firm_score))

    @property
    def panel_here(self) -> np.ndarray:
        """Slots of the panel's members who are lived here, int64, in rising order."""
        return self.panel

    def deliver(self, today: Written, late: Written) -> tuple[Written, Written]:
        """Entries written here for those written for citizens here: today's; late ones, and the days on which these arrive."""
        return today, late

    def summed(self, *counts: np.ndarray) -> Sequence[np.ndarray]:
        """Counts of the citizens here as counts of all."""
        return counts

    def state_at(self, slots: np.ndarray) -> dict[str, np.ndarray]:
        """State of some citizens, by column."""
        return self.state_here(slots)

    def state_here(self, slots: np.ndarray) -> dict[str, np.ndarray]:
        """State of some citizens who are lived here, by column."""
        return {column.name: getattr(self.world, column.name)[slots] for column in c.STATE}

    @property
    def is_watching(self) -> bool:
        """Whether any citizen is watched, or in the panel."""
        return len(self.watch) > 0

    @property
    def watch(self) -> np.ndarray:
        """Who is watched or in the panel (`panel.watch_table`)."""
        return self.team.watch

    @cached_property
    def watched(self) -> np.ndarray:
        """Slots of all whose events are written down, int64, in rising order."""
        return self.watched_for(c.WATCHED | c.IN_PANEL)

    def watched_for(self, why: int) -> np.ndarray:
        """Slots of those watched (WATCHED), or in the panel (IN_PANEL), int64, in rising order."""
        return panels.slots_of(self.watch, self.layout.pages, why)

    def populate(self) -> None:
        """Draw the citizens."""
        self.draw_citizens(self.team.each)

    def draw_citizens(self, each: Callable[[Callable[[Worker], None]], None]) -> None:
        """Draw the citizens of all the pages that `each` gives to workers."""
        drawn_from = self.drawn_from()

        def draw(worker: Worker) -> None:
            loops.births(self.world, *drawn_from, np.empty((3, c.PAGE), np.int64), worker.first, worker.last)

        each(draw)
        self.open_firms()

    def drawn_from(self) -> tuple[Rules, Draws, np.ndarray]:
        """What citizens are drawn from: the rules of the first day, thresholds of traits, the pattern of households."""
        population = self.resolved.population
        return self.rules_of(0), trait_draws(population), pattern(population.circles.household.sizes)

    def open_firms(self) -> None:
        """The firms' first day."""
        self.firms.firm_score[self.own_firms.start : self.own_firms.stop] = self.firm_rules.p[c.FP_START]

    def rules_of(self, day: int) -> Rules:
        """The scheme's tables with the day's keys; compiled anew only when an article comes or goes."""
        if self.tables is None or day in self.changes:
            self.tables, self.firm_rules = self.scheme.on(day), self.scheme.firms_on(day)
        keys = day_keys(self.seed, day)
        keys[c.S_COMPOSITE] = day_keys(self.seed, self.scheme.period_start(day))[c.S_COMPOSITE]
        return self.tables._replace(
            keys=keys, set_up_keys=self.set_up_keys, public=self.public, turnout=self.turnout, climate=self.climate
        )

    @property
    def rules_changed(self) -> bool:
        """Whether the scheme begins, an article comes or goes, or the composite is computed anew, today."""
        return self.day in self.changes or self.day == self.scheme.period_start(self.day)

    def open_day(self) -> None:
        """The day's rules and keys."""
        self.rules = self.rules_of(self.day)

    def close_day(self) -> None:
        """Read the city at a week's end and on the last day; then the next day."""
        is_week_end = (self.day + 1) % days.WEEK == 0
        if is_week_end or self.day + 1 == self.n_days:
            self.readings.append(self.read())
            if len(self.panel):
                self.panel_seen.append(panels.look(self))
            if is_week_end:
                self.public, self.turnout, self.climate = self.readings[-1].district_state.T.copy()
        self.day += 1

    def mark(self, entries: np.ndarray) -> None:
        """Note the neighbourhoods of those whom a channel with a wider gallery named wrongly today.

        It decides nothing. A replay of one life need look through the city on these days alone. Days beyond the planned
        end are not noted: nothing replays them.
        """
        if self.day >= self.n_days:
            return
        accounts.mark_afar(self.rules.channels, entries, self.day, self.named_from_afar)

    def live(self) -> None:
        """Live one day."""
        days.live(self)

    def glance(self) -> tuple[float, int]:
        """Mean standing and number of the sanctioned, told quickly: a reading of every day."""
        totals = self.team.counted(stock.glance, [(2,)], self.rules, self.world)
        points, sanctioned = self.summed(*totals)[0].tolist()
        return points / self.layout.citizens, sanctioned

    def read(self) -> Reading:
        """How things stand, and all that has happened so far."""
        n = len(self.layout.sizes)
        shapes = (n, c.N_GROUPS, c.N_BYTE_COUNTS), (n, 2, c.N_BINS)
        counts, bins = self.team.counted(stock.take_stock, shapes, self.rules, self.world)
        if self.is_surveyed:
            counts += self.team.counted(stock.survey, shapes[:1], self.rules, self.world)[0]
        flows, classes = self.team.total("tally"), int(self.rules.p[c.P_SANCTIONED_CLASSES])
        if self.is_surveyed and not self.rules.p[c.P_ENROLMENT]:
            counts[..., c.B_ENROLLED] = counts[..., c.B_STATUS : c.B_NOTE].sum(-1)
        by_district, by_group, bins, flows_by_district, flows_by_group, firm_flows, firms_now = self.summed(
            stocks_of(counts.sum(axis=1), classes), stocks_of(counts.sum(axis=0), classes), bins, flows.sum(axis=1), flows.sum(axis=0),
            self.team.total("firm_tally"), firm_stocks(self.firms, self.own_firms),
        )  # fmt: skip
        if self.readings and not self.is_surveyed:
            by_district[:, SURVEYED] = self.readings[-1].stocks_by_district[:, SURVEYED]
            by_group[:, SURVEYED] = self.readings[-1].stocks_by_group[:, SURVEYED]
        return Reading(
            day=self.day,
            flows_by_district=flows_by_district,
            flows_by_group=flows_by_group,
            stocks_by_district=by_district,
            stocks_by_group=by_group,
            bins=bins,
            firm_flows=firm_flows,
            firm_stocks=firms_now,
            district_state=self.seen_by_all(by_district),
        )

    @property
    def is_surveyed(self) -> bool:
        """Whether accounts, the private score and opinion are counted today: every fourth week, and on the last day."""
        return (self.day + 1) % (4 * days.WEEK) == 0 or self.day + 1 == self.n_days

    def seen_by_all(self, stocks: np.ndarray) -> np.ndarray:
        """What a district sees of itself, int64[D, 3] of 65536: share sanctioned, share that joins, mean expression."""
        n = np.maximum(1, self.layout.sizes)
        joiners = np.minimum(65535, 65536 * stocks[:, c.K_JOINERS] // n)
        return np.stack([65536 * stocks[:, c.K_SANCTIONED] // n, joiners, 65536 * stocks[:, c.K_EXPRESSION] // (15 * n)], axis=1)

    def snapshot(self) -> Snapshot:
        """All that the coming days and the results depend on. Says nothing of threads; neither state nor calendar is copied."""
        late = [(day, entries) for day in sorted(self.calendar) for entries in self.calendar[day]]
        return {
            "day": np.array([self.day], np.int64),
            **{f"state.{column.name}": getattr(self.world, column.name) for column in c.STATE},
            **{f"state.{column.name}": getattr(self.firms, column.name) for column in c.FIRM_STATE},
            **{name: self.team.total(name) for name in TALLIES},
            "district_state": np.stack([self.public, self.turnout, self.climate], axis=1),
            "late": [np.empty(0, np.uint64), *(entries for _, entries in late)],
            "late_days": np.array([(day, len(entries)) for day, entries in late], np.int64).reshape(-1, 2),
            "named_from_afar": self.named_from_afar,
            "rows": np.concatenate([np.empty((0, len(c.EVENT_FIELDS)), np.int64), *self.rows]),
            "panel_seen": np.array(self.panel_seen, np.int16),
            **{f"reading.{f.name}": np.array([getattr(r, f.name) for r in self.readings], np.int64) for f in fields(Reading)},
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot of the same run, taken by a city with any number of threads. State arrays are not copied."""
        arrays = {name: in_one(array) for name, array in snapshot.items()}
        self.day = int(arrays["day"][0])
        self.hold(arrays)
        for name in TALLIES:
            self.team.begin_from(name, arrays[name])
        self.public, self.turnout, self.climate = arrays["district_state"].T.copy()
        self.calendar = {}
        ends = np.cumsum(arrays["late_days"][:, 1])
        for day, n, end in zip(*arrays["late_days"].T.tolist(), ends.tolist(), strict=True):
            self.calendar.setdefault(day, []).append(days.apart(arrays["late"][end - n : end]))
        self.rows = [arrays["rows"]]
        self.panel_seen = list(arrays["panel_seen"])
        values = [arrays[f"reading.{f.name}"] for f in fields(Reading)]
        self.readings = [Reading(int(day), *tables) for day, *tables in zip(*values, strict=True)]
        self.tables = None
        self.rules = self.rules_of(max(0, self.day - 1))

    def hold(self, arrays: Arrays) -> None:
        """Take the state out of a snapshot."""
        self.world = self.world._replace(**{column.name: arrays[f"state.{column.name}"] for column in c.STATE})
        self.firms = self.firms._replace(**{column.name: arrays[f"state.{column.name}"] for column in c.FIRM_STATE})
        self.named_from_afar = arrays["named_from_afar"]

    def digest(self) -> str:
        """SHA-256 of the state of all citizens, district by district, and of all counts."""
        total = hashlib.sha256()
        for column in c.STATE:
            for part in self.layout.parts(getattr(self.world, column.name)):
                total.update(hashlib.sha256(np.ascontiguousarray(part).data).digest())
        for column in c.FIRM_STATE:
            total.update(np.ascontiguousarray(getattr(self.firms, column.name)).data)
        for name in TALLIES:
            total.update(self.team.total(name).tobytes())
        return total.hexdigest()


def in_one(array: np.ndarray | list[np.ndarray]) -> np.ndarray:
    """An array of a snapshot, its pieces put together."""
    return np.concatenate(array) if isinstance(array, list) else array


def copied(snapshot: Snapshot) -> Snapshot:
    """A snapshot from which a city can go on beside the one that it is of. Fixed traits are shared."""
    return {name: array if name == "state.traits" else deepcopy(array) for name, array in snapshot.items()}


def firm_stocks(firms: Firms, counted: range) -> np.ndarray:
    """How some firms stand, int64[D, N_FIRM_STOCKS]."""
    stocks = np.zeros((len(firms.first) - 1, c.N_FIRM_STOCKS), np.int64)
    for d, (first, last) in enumerate(pairwise(np.clip(firms.first, counted.start, counted.stop).tolist())):
        note = firms.firm_note[first:last]
        stocks[d] = (
            last - first, firms.firm_score[first:last].sum(dtype=np.int64), np.count_nonzero(firms.firm_weeks[first:last]),
            np.count_nonzero(note & c.FIRM_VIOLATED), np.count_nonzero(note & c.FIRM_LISTED),
        )  # fmt: skip
    return stocks


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
    for bit, place in ((c.SANCTIONED, c.K_INNOCENT_SANCTIONED), (c.BY_ASSOCIATION, c.K_INNOCENT_BY_ASSOCIATION)):
        stocks[..., place] = note[..., (byte & c.VIOLATED == 0) & (byte & bit != 0)].sum(-1)
    stocks[..., c.K_EXPRESSION] = inner @ (byte & 15)
    stocks[..., c.K_MOTIVATION] = inner @ (byte >> 4)
    fate, debt = counts[..., c.B_FATE : c.B_STANDING], np.arange(32) & c.DEBT_BITS
    stocks[..., c.K_REMOVED] = fate[..., np.arange(32) & c.REMOVED != 0].sum(-1)
    stocks[..., c.K_INDEBTED], stocks[..., c.K_DEBT] = fate[..., debt > 0].sum(-1), fate @ debt
    sums = {
        c.K_BY_OPAQUE_NOW: c.B_BY_OPAQUE, c.K_ENROLLED: c.B_ENROLLED, c.K_JOINERS: c.B_JOINERS,
        c.K_APPROVING: c.B_APPROVING, c.K_SAYING: c.B_SAYING, c.K_USERS: c.B_USERS, c.K_PRIVATE: c.B_PRIVATE,
    }  # fmt: skip
    for place, count in sums.items():
        stocks[..., place] = counts[..., count]
    stocks[..., c.K_BAND : c.K_BAND + c.N_CLASSES] = counts[..., c.B_BAND : c.B_BAND + c.N_CLASSES]
    return stocks
