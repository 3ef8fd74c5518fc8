"""One citizen's life lived again, without the city: only the neighbourhoods that reach that life.

A citizen's state hangs on the circle of friends, on what the district sees of itself (which a run's metrics tell), and
on the entries that others put on these accounts. Going backwards from the last day, draws alone tell who could have
sent one, and whether that hung on how the sender then stood; if it did, the sender's own circle joins, up to the day
before. What is found this way is lived forwards by the engine itself, whole neighbourhoods at a time, so that all rows
and states of those concerned are those of the run, to the bit. Everybody else in these neighbourhoods lives a life
that is not the run's, and is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from glasscity import columns as c
from glasscity.engine import day as days
from glasscity.engine import loops
from glasscity.engine import panel as panels
from glasscity.engine.city import City
from glasscity.engine.team import Team, Written
from glasscity.kernels.bundles import N_ENTRIES, N_LATE, FirmRules, Rules
from glasscity.rules.compile import Scheme, change_days
from glasscity.rules.resolve import Resolved
from glasscity.study import reach
from glasscity.world.population import pattern, trait_draws
from glasscity.world.state import layout

CHUNK = 1 << 20  # ranks that one task looks through
Afar = Mapping[int, Collection[int]]  # page -> days on which somebody there was named wrongly from afar
Past = tuple[Resolved, int]  # the scheme before a day, and that day
Tick = Callable[[str, int], None]  # told the phase ("trace" or "live") and the day


class Branched(Scheme):
    """A scheme that took another's place on some day, as a twin's with a shared past does. Both have one shape."""

    def __init__(self, now: Scheme, past: Past):
        resolved, self.branch = past
        self.__dict__.update(now.__dict__)
        self.schemes = Scheme(resolved.rulebook, resolved.catalogue, resolved.population, resolved.scenario.start), now

    def in_force(self, day: int) -> Scheme:
        """The scheme of a day."""
        return self.schemes[day >= self.branch]

    def on(self, day: int) -> Rules:
        return self.in_force(day).on(day)

    def firms_on(self, day: int) -> FirmRules:
        return self.in_force(day).firms_on(day)

    def period_start(self, day: int) -> int:
        return self.in_force(day).period_start(day)


@dataclass
class Cone:
    """Who reaches one circle of friends, and until when: what is to be lived again."""

    horizon: dict[int, int] = field(default_factory=dict)  # first slot of a circle of friends -> last day that counts
    size: dict[int, int] = field(default_factory=dict)
    pages: set[int] = field(default_factory=set)
    senders: set[int] = field(default_factory=set)  # slots of those who may have put an entry on such an account

    def slots(self) -> np.ndarray:
        """All members of the circles, int64."""
        parts = [np.arange(first, first + size, dtype=np.int64) for first, size in sorted(self.size.items())]
        return np.concatenate(parts)


class Part(City):
    """Some neighbourhoods of a city, with entries for some of its citizens only."""

    def __init__(
        self, resolved: Resolved, citizens: int, n_days: int, seed: int, district_state: np.ndarray, watch: Sequence[int] = (),
        past: Past | None = None,
    ):  # fmt: skip
        """district_state: int64[weeks, D, 3], public, turnout and climate after each weekly phase, as in `Reading`."""
        super().__init__(resolved, citizens, n_days, seed, 1, watch)
        if past is not None:
            self.scheme = Branched(self.scheme, past)
            self.changes |= {past[1], *change_days(past[0].rulebook, past[0].scenario.start, past[1])}
        self.district_state = district_state
        self.is_wanted = np.zeros(self.layout.slots, np.uint8)
        self.every_day = [self.rules_of(day) for day in range(n_days)]
        self.tables = None
        self.history: list[dict[str, np.ndarray]] = []
        self.followed = np.empty(0, np.int64)

    def settle(self, cone: Cone, watched: Iterable[int]) -> None:
        """Bring the neighbourhoods of a cone into being; `watched`: slots whose events are written down."""
        watch = panels.watch_table(self.layout.pages, np.array([*watched], np.int64), np.empty(0, np.int64))
        counted = len(self.layout.sizes), len(self.scheme.acts)
        firms = firms_of(self, cone.slots()) if self.scheme.has_firms else []
        self.team = PartTeam(self, sorted(cone.pages), firms, counted, watch)
        self.draw_citizens(self.team.each_page)

    def close_day(self) -> None:
        """As in a whole city, but what a district sees of itself is taken from the run."""
        today = {column.name: getattr(self.world, column.name)[self.followed].astype(np.int64) for column in c.STATE}
        opaque = np.empty(len(self.followed), np.int64)
        with np.errstate(over="ignore"):
            loops.opaque(self.rules, self.world, self.followed, self.world.traits[self.followed], opaque)
        self.history.append(today | {"opaque": opaque, "p": self.rules.p})
        if (self.day + 1) % days.WEEK == 0:
            self.public, self.turnout, self.climate = self.district_state[self.day // days.WEEK].T.copy()
        self.day += 1


class PartTeam(Team):
    """One worker for the pages of a part, who lets go of entries for anybody who does not matter."""

    def __init__(self, part: Part, pages: list[int], firms: list[int], counted: tuple[int, int], watch: np.ndarray):
        super().__init__(part.pages, 1, counted, watch)
        self.is_wanted, self.chosen, self.chosen_firms = part.is_wanted, pages, firms
        [self.worker] = self.workers

    def each(self, task: Callable[[Any], None]) -> None:
        """Run a task for the worker, all pages being the worker's."""
        with np.errstate(over="ignore"):
            task(self.worker)

    def each_page(self, task: Callable[[Any], None]) -> None:
        """Run a task for the worker once a page of the part, with that page alone."""
        first, last = self.worker.first, self.worker.last
        for page in self.chosen:
            self.worker.first, self.worker.last = page, page + 1
            self.each(task)
        self.worker.first, self.worker.last = first, last

    def pages(self, loop: Callable[..., int], *args: Any) -> None:
        """Run a page loop over the part's pages."""
        self.each_page(lambda worker: worker.over_pages(loop, *args))

    def firms(self, loop: Callable[..., int], firms: range, *args: Any) -> None:
        """Run a loop over the firms that employ somebody who matters."""
        with np.errstate(over="ignore"):
            for g in self.chosen_firms:
                self.worker.over_firms(loop, g, g + 1, *args)

    def take(self, place: int) -> Written:
        """What was written to some buffers, without the entries for anybody else."""
        found = super().take(place)
        if place not in (N_ENTRIES, N_LATE):
            return found
        wanted = [self.is_wanted[(part[0] >> np.uint64(c.ENTRY_SLOT_SHIFT)).astype(np.int64)] != 0 for part in found]
        return [[column[keep] for column in part] for part, keep in zip(found, wanted, strict=True)]


def firms_of(city: City, slots: np.ndarray) -> list[int]:
    """The firms whose positions in the work circle some citizens hold."""
    places = np.empty(len(slots), np.int64)
    with np.errstate(over="ignore"):
        reach.work_places(city.set_up_keys, city.world, slots, places)
    period, table = int(city.firms.pattern[0]), city.firms.pattern[1::2]
    starts = np.unique(table)
    within = np.searchsorted(starts, table[places % period])
    districts = city.world.page_district[slots >> c.PAGE_BITS]
    return np.unique(city.firms.first[districts] + places // period * len(starts) + within).tolist()


class Tracer:
    """Goes back from the last day and finds whoever may have reached a circle of friends."""

    def __init__(self, part: Part, afar: Afar, threads: int = 1, tick: Tick = lambda phase, day: None):
        self.part, self.afar, self.tick, self.threads = part, afar, tick, max(1, threads)
        self.cone = Cone()
        self.draws = trait_draws(part.resolved.population)
        self.household = pattern(part.resolved.population.circles.household.sizes)
        self.scratch = np.empty(c.MAX_PATTERN, np.int64)
        self.mates = np.empty(0, np.int64)
        self.pool = ThreadPoolExecutor(self.threads) if self.threads > 1 else None
        self.buffers = [(np.empty(reach.BLOCK, np.uint64), np.empty(4096, np.int64)) for _ in range(self.threads)]

    def trace(self, slot: int) -> Cone:
        """The cone of one citizen, over the whole run."""
        rules = self.part.every_day
        self.join(np.array([slot]), self.part.n_days - 1)
        with np.errstate(over="ignore"):
            for day in reversed(range(self.part.n_days)):
                self.tick("trace", day)
                self.look_back(rules[day], day)
        if self.pool:
            self.pool.shutdown()
        return self.cone

    def join(self, slots: np.ndarray, horizon: int) -> None:
        """The circles of friends of some citizens matter, up to a day."""
        fresh = []
        for slot in slots.tolist():
            first, size = circle_of(self.part, slot)
            if first not in self.cone.horizon:
                self.cone.horizon[first], self.cone.size[first] = horizon, size
                self.cone.pages.add(first >> c.PAGE_BITS)
                fresh.append(np.arange(first, first + size, dtype=np.int64))
        if fresh:
            members = np.concatenate(fresh)
            self.part.is_wanted[members] = 1
            world = self.part.world
            room = np.empty(len(members) * sum(int(p[2::2].max()) for p in (world.street, world.work, world.chat)), np.int64)
            with np.errstate(over="ignore"):
                n = reach.mates(self.part.set_up_keys, world, members, self.scratch, room)
            self.mates = np.union1d(self.mates, room[:n])

    def look_back(self, rules: Rules, day: int) -> None:
        """Find those who may have put an entry on an account that matters, on one day."""
        if rules.p[c.P_ACT_TOTAL] == 0:
            return
        actors = np.union1d(self.mates, self.gallery(rules, day))
        verdicts = np.empty(len(actors), np.uint8)
        part = self.part
        reach.sift(rules, part.world, self.draws, self.household, part.is_wanted, actors, self.scratch, verdicts)
        found = actors[verdicts != reach.IMPOSSIBLE]
        self.cone.senders.update(found.tolist())
        self.cone.pages.update((found >> c.PAGE_BITS).tolist())
        self.join(actors[verdicts == reach.UNDECIDED], day - 1)

    def gallery(self, rules: Rules, day: int) -> np.ndarray:
        """Slots of those whose draw of a wrong person falls on somebody who matters, in any gallery of the day."""
        found, kinds, ranges = [np.empty(0, np.int64)], galleries(rules), self.ranges(day)
        everywhere = ranges[c.GALLERY_CITY] if c.GALLERY_CITY in kinds else []
        for d, n in enumerate(self.part.layout.sizes.tolist()):
            near = ranges[c.GALLERY_DISTRICT].get(d, []) if c.GALLERY_DISTRICT in kinds else []
            found.append(self.look_through(rules, d, 0, n, everywhere + near))
        if c.GALLERY_NEIGHBOURHOOD in kinds:
            for (d, first, n), wanted in ranges[c.GALLERY_NEIGHBOURHOOD].items():
                found.append(self.look_through(rules, d, first, n, wanted))
        return np.concatenate(found)

    def ranges(self, day: int) -> dict[int, Any]:
        """Where a draw must fall to name somebody who matters, by gallery: (low, width) of 2^32.

        For the wide galleries, only those in whose neighbourhood the run saw somebody named from afar that day.
        """
        layout = self.part.layout
        starts = np.cumsum(layout.sizes) - layout.sizes
        city: list[tuple[int, int]] = []
        districts: dict[int, list[tuple[int, int]]] = {}
        pages: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
        for first, size in self.cone.size.items():
            d, rank = place_of(self.part, first)
            n, page = int(layout.sizes[d]), rank >> c.PAGE_BITS << c.PAGE_BITS
            n_page = min(c.PAGE, n - page)
            if day in self.afar.get(first >> c.PAGE_BITS, ()):
                city += range_of(int(starts[d]) + rank, size, layout.citizens)
                districts.setdefault(d, []).extend(range_of(rank, size, n))
            pages.setdefault((d, page, n_page), []).extend(range_of(rank - page, size, n_page))
        return {c.GALLERY_CITY: city, c.GALLERY_DISTRICT: districts, c.GALLERY_NEIGHBOURHOOD: pages}

    def look_through(self, rules: Rules, district: int, first: int, n: int, wanted: list[tuple[int, int]]) -> np.ndarray:
        """Slots of those of `n` neighbours in rank whose draw of a wrong person falls into a range, and of some others."""
        if not wanted:
            return np.empty(0, np.int64)
        lows = np.array([low & ~1 for low, _ in wanted], np.uint64) << np.uint64(32)
        shift = np.uint64(max(low % 2 + width - 1 for low, width in wanted).bit_length() + 32)
        base, key = int(self.part.layout.first_slot[district]), rules.keys[c.S_WRONG]

        def part_of(start: int, stop: int, place: int) -> np.ndarray:
            scratch, found = self.buffers[place]
            m = reach.drawn_near(key, district, start, stop - start, lows, shift, scratch, found)
            if m > len(found):
                self.buffers[place] = (scratch, np.empty(2 * m, np.int64))
                return part_of(start, stop, place)
            return base + start + found[:m]

        if self.pool is None or n < CHUNK:
            return part_of(first, first + n, 0)
        cuts = [first + n * k // self.threads for k in range(self.threads + 1)]
        tasks = [self.pool.submit(part_of, a, b, k) for k, (a, b) in enumerate(zip(cuts, cuts[1:], strict=False))]
        return np.concatenate([task.result() for task in tasks])


def galleries(rules: Rules) -> set[int]:
    """The galleries in which some channel of the day may name a wrong person."""
    asked = np.unique(rules.act[:, c.ACT_OBSERVERS :: 2])
    channels = rules.channels[asked[asked >= 0]]
    errs = (channels[:, c.CH_WRONG] > 0) | (channels[:, c.CH_WRONG_MINORITY] > 0)
    return set(channels[errs, c.CH_GALLERY].tolist())


def range_of(first: int, size: int, gallery: int) -> list[tuple[int, int]]:
    """Where the draw of a wrong person among so many must fall to name one of `size` from number `first` (E5)."""
    if gallery < 2:
        return []
    low, high = (-(-(k << 32) // (gallery - 1)) for k in (max(0, first - 1), min(gallery - 1, first + size)))
    return [(low, high - low)]


def place_of(city: City, slot: int) -> tuple[int, int]:
    """District and rank of a slot."""
    d = int(city.world.page_district[slot >> c.PAGE_BITS])
    return d, slot - int(city.layout.first_slot[d])


def circle_of(city: City, slot: int) -> tuple[int, int]:
    """First slot and size of a citizen's circle of friends."""
    first, size = panels.circles_of(city.world, city.layout, np.array([slot]))
    return int(first[0]), int(size[0])


def seen_by_all(metrics: pl.DataFrame, resolved: Resolved, citizens: int, n_days: int) -> np.ndarray:
    """What districts saw of themselves after each weekly phase, int64[weeks, D, 3], from a run's metrics.

    The metrics hold the very counts, as floats; a mean that was divided is multiplied and rounded. Raises ValueError
    if a week or a district is missing.
    """
    names, sizes = list(resolved.population.districts), layout(resolved.population, citizens).sizes
    weeks = n_days // days.WEEK
    is_week = (pl.col("group") == "all") & (pl.col("district") != "all") & ((pl.col("day") + 1) % days.WEEK == 0)
    rows = metrics.filter(is_week & pl.col("metric").is_in(["sanctioned_now", "joiners", "expression"]))

    def table(name: str) -> np.ndarray:
        found = rows.filter(pl.col("metric") == name)
        if name == "joiners" and found.is_empty():
            return np.zeros((weeks, len(names)))  # nobody joins where no article is about it
        if len(found) != weeks * len(names):
            raise ValueError(f"{name}: {len(found)} values where {weeks} weeks of {len(names)} districts have {weeks * len(names)}")
        if weeks == 0:
            return np.zeros((0, len(names)))
        return np.nan_to_num(found.pivot("district", index="day", values="value").sort("day").select(names).to_numpy())

    counts = {"sanctioned": table("sanctioned_now"), "joiners": table("joiners"), "expression": table("expression") * sizes}
    sanctioned, joiners, expression = (np.rint(counts[k]).astype(np.int64) for k in ("sanctioned", "joiners", "expression"))
    n = np.maximum(1, sizes)
    return np.stack([65536 * sanctioned // n, np.minimum(65535, 65536 * joiners // n), 65536 * expression // (15 * n)], axis=2)


def live_again(
    resolved: Resolved, citizens: int, n_days: int, seed: int, district_state: np.ndarray, afar: Afar, citizen: int,
    threads: int = 1, tick: Tick = lambda phase, day: None, past: Past | None = None,
) -> tuple[Part, Cone]:  # fmt: skip
    """The part of a city that reaches one citizen, after the last day, with the rows of all concerned.

    past: the scheme before some day and that day, of a twin that began then; `resolved` is the scheme since.

    district_state: int64[weeks, D, 3]; afar: of the same run. `Part.history` has the state of the circle of friends after every day.
    """
    part = Part(resolved, citizens, n_days, seed, district_state, past=past)
    [slot] = part.layout.slots_of(np.array([citizen])).tolist()
    cone = Tracer(part, afar, threads, tick).trace(slot)
    first, size = circle_of(part, slot)
    part.followed = np.arange(first, first + size, dtype=np.int64)
    part.settle(cone, [*cone.senders, *part.followed.tolist()])
    for day in range(n_days):
        tick("live", day)
        part.live()
    return part, cone
