"""A city on a CUDA device: its state stays there, its loops run there, and what is counted is added up there.

The processor keeps the calendar of entries on their way and puts each day's in order; it gets counts once a week, and the state
when a checkpoint or the digest is made. Digests are those of the processor, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import cuda as driver

from glasscity import columns as c
from glasscity.engine import cuda
from glasscity.engine.city import City, Reading, Snapshot
from glasscity.engine.pages import ENTRIES_A_PAGE, ROWS_A_PAGE
from glasscity.engine.panel import watched_pages
from glasscity.engine.team import BUFFERS, Written, in_order
from glasscity.kernels.bundles import N_LATE, N_ROWS, Firms, World
from glasscity.kernels.jit import IS_SIMULATED

BLOCK = 2 if IS_SIMULATED else 128  # threads of a block, if nothing is said; the simulator's are Python's, the fewer the faster
MOST_WORKERS = 1 << 16
ROOM = ENTRIES_A_PAGE * 3 // 2  # entries that a worker can keep at first: those of any one page, and some
HELPERS = 1 if IS_SIMULATED else 8  # threads that move and add up, for each worker
MEMORY_SHARE = 4  # workers take at most one part in so many of the memory that is free
TALLIES = {"tally": (c.N_GROUPS, c.N_FLOWS), "truth": (c.N_TRUTH,), "firm_tally": (c.N_SECTORS, c.N_FIRM_FLOWS)}
NOWHERE: tuple[Any, Any] = (None, None)


def zeros(shape: Sequence[int], threads: tuple[int, int]) -> Any:
    """int64 zeros on the device, set by so many blocks of so many threads."""
    found = driver.device_array(tuple(shape), np.int64)
    cuda.clear[threads](flat(found))
    return found


def flat(array: Any) -> Any:
    """A device's array in one dimension."""
    return array.reshape(int(np.prod(array.shape)))


def at_home(array: Any) -> np.ndarray:
    """A copy of a device's array."""
    copy: np.ndarray = array.copy_to_host()
    return copy


def bytes_of_worker(acts: int) -> int:
    """Memory that one worker takes, but for event rows: entries, scratch, counts."""
    counts = sum(int(np.prod(shape)) for shape in TALLIES.values()) + acts * c.N_TRUTH + c.N_GROUPS * c.N_BYTE_COUNTS + 2 * c.N_BINS
    return ROOM * (8 + 8 + 4) + c.PAGE * (2 + 8 + 8 + 3 * 8) + 8 * counts


def workers_that_fit(acts: int) -> int:
    """How many workers there may be."""
    free = driver.current_context().get_memory_info().free
    return int(max(1, min(MOST_WORKERS, free / MEMORY_SHARE / bytes_of_worker(acts))))


def shared_out(district_pages: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Pages cut into shares of one district each, as even as can be: first page of each share and the end; first share of each
    district and the end. At most about `most` shares, but one for each district that has pages."""
    each = max(1, -(-int(district_pages.sum()) // most))
    n_shares = -(-district_pages // each)
    first_page = np.cumsum(district_pages) - district_pages
    cuts = [
        page + n * k // shares
        for page, n, shares in zip(first_page.tolist(), district_pages.tolist(), n_shares.tolist(), strict=True)
        for k in range(shares)
    ]
    return np.array([*cuts, int(district_pages.sum())], np.int64), np.concatenate([[0], np.cumsum(n_shares)]).astype(np.int64)


class Resident:
    """Copies on the device of arrays that the processor has; sent when the processor's array is another one than before."""

    def __init__(self) -> None:
        self.known: dict[tuple[type, str], tuple[np.ndarray, Any]] = {}

    def __call__(self, bundle: Any) -> Any:
        """A bundle of arrays as the same bundle on the device."""
        found = {}
        for name, array in zip(bundle._fields, bundle, strict=True):
            here, there = self.known.get((type(bundle), name), NOWHERE)
            if here is not array:
                there = driver.to_device(np.ascontiguousarray(array))
                self.known[type(bundle), name] = array, there
            found[name] = there
        return type(bundle)(**found)

    def bring_home(self, bundle: Any, names: Sequence[str]) -> None:
        """Copy some arrays of a bundle back into the processor's own."""
        for name in names:
            here, there = self.known.get((type(bundle), name), NOWHERE)
            if here is not None and here is getattr(bundle, name) and len(here):
                there.copy_to_host(here)

    def column(self, bundle: Any, name: str) -> Any:
        """One array of a bundle, on the device."""
        return getattr(self(bundle), name)


class DeviceTeam:
    """Threads of the device; offers what `team.Team` offers."""

    def __init__(
        self, district_pages: np.ndarray, counted: tuple[int, int], watch: np.ndarray, block: int = 0, most: int = 0, room: int = ROOM
    ):
        """district_pages: int64[D]. counted: districts, act slots. block: threads of a block. most: workers. room: entries of each."""
        self.districts, self.acts = counted
        self.block, self.watch, self.resident = block or BLOCK, watch, Resident()
        self.cuts, self.first_share = shared_out(district_pages, most or workers_that_fit(self.acts))
        self.threads = len(self.cuts) - 1
        self.aside: dict[int, Written] = {which: [] for which in BUFFERS}
        self.base = {name: np.zeros((self.districts, *self.shape_of(name)), np.int64) for name in TALLIES}
        self.shares = self.new_shares()
        self.buffers = self.new_buffers(room)
        self.all = driver.to_device(np.arange(self.threads, dtype=np.int64))

    @property
    def one_each(self) -> tuple[int, int]:
        """Blocks for a thread for each worker, and threads of a block."""
        return -(-self.threads // self.block), self.block

    @property
    def many(self) -> tuple[int, int]:
        """Blocks for moving and adding up, which any number of threads may do, and threads of a block."""
        return HELPERS * self.one_each[0], self.block

    def shape_of(self, name: str) -> tuple[int, ...]:
        """Shape of a tally, without districts."""
        return (self.acts, *TALLIES[name]) if name == "truth" else TALLIES[name]

    # --- memory ---

    @property
    def watching(self) -> np.ndarray:
        """Workers with somebody watched among their citizens, in rising order."""
        if not len(self.watch):
            return np.empty(0, np.int64)
        return np.unique(np.searchsorted(self.cuts, watched_pages(self.watch, int(self.cuts[-1])), side="right") - 1)

    def new_shares(self) -> cuda.Shares:
        """Who does what."""
        rows = np.full(self.threads, -1, np.int64)
        rows[self.watching] = np.arange(len(self.watching))
        district = np.repeat(np.arange(self.districts), np.diff(self.first_share))
        self.rows_of = rows
        arrays = district, self.cuts[:-1], self.cuts[1:], rows
        return cuda.Shares(*(driver.to_device(np.ascontiguousarray(array, np.int64)) for array in arrays))

    def new_buffers(self, room: int) -> cuda.Buffers:
        """Room for what workers write."""
        n, words = self.threads, driver.device_array((self.threads, c.PAGE // 4), np.uint64)
        n_rows = len(self.watching)
        return cuda.Buffers(
            **self.room_for_entries(room),
            rows=driver.device_array((max(1, n_rows), ROWS_A_PAGE * 3 // 2 if n_rows else 1, 8), np.int64),
            counts=zeros((n, 3), self.many),
            **{name: zeros((self.districts + n, *self.shape_of(name)), self.many) for name in TALLIES},
            watch=driver.to_device(self.watch if len(self.watch) else np.zeros(1, np.int32)),
            words=words,
            lanes=words.view(np.uint16),
            chosen=driver.device_array((n, c.PAGE), np.int64),
            likely=driver.device_array((n, c.PAGE), np.int64),
        )

    def room_for_entries(self, room: int) -> dict[str, Any]:
        """Buffers for so many entries of each worker."""
        shapes = {"entries": np.uint64, "late": np.uint64, "late_day": np.int32}
        return {name: driver.device_array((self.threads, room), dtype) for name, dtype in shapes.items()}

    def let_go(self) -> None:
        """Take everything that workers wrote from them, so that they have all their room again."""
        for which, aside in self.aside.items():
            aside.append(self.collected(which))

    def collected(self, which: int) -> list[np.ndarray]:
        """What workers wrote to some buffers, in their order; the buffers are then empty."""
        counts = at_home(self.buffers.counts)[:, which]
        starts, n, found = driver.to_device(np.cumsum(counts) - counts), int(counts.sum()), []
        for name in BUFFERS[which]:
            parts = getattr(self.buffers, name)
            width = parts.shape[2] if which == N_ROWS else 1
            side_by_side = driver.device_array((n, width), parts.dtype)
            if n:
                places = self.shares.rows if which == N_ROWS else self.all
                parts = parts if which == N_ROWS else parts.reshape(*parts.shape, 1)
                cuda.collect[self.one_each](parts, places, self.buffers.counts, which, starts, side_by_side)
            home = at_home(side_by_side) if n else np.empty((0, width), parts.dtype)
            found.append(home if which == N_ROWS else home[:, 0])
        if n:
            cuda.empty[self.one_each](self.buffers.counts, which)
        return found

    # --- loops ---

    def launched(self, kernel: Any, *args: Any) -> None:
        """Run a kernel with a thread for each worker."""
        kernel[self.one_each](*args)

    def births(self, world: World, rules: Any, draws: Any, household: np.ndarray) -> None:
        """Draw the citizens."""
        scratch = driver.device_array((self.threads, 3, c.PAGE), np.int64)
        there, rules, draws = self.resident(world), self.resident(rules), self.resident(draws)
        self.launched(cuda.births, there, rules, draws, driver.to_device(household), scratch, self.shares)

    def pages(self, loop: Callable[..., int], rules: Any, world: World, day: int) -> None:
        """Run a page loop over all pages."""
        self.until_done(
            self.cuts[:-1], self.cuts[1:],
            lambda reached: self.launched(cuda.over_pages(loop), self.resident(rules), self.resident(world), self.shares, self.buffers, day, reached),
        )  # fmt: skip

    def until_done(self, begins: np.ndarray, ends: np.ndarray, launch: Callable[[Any], None]) -> None:
        """Launch a loop again until every worker has come from its begin to its end; workers stop when they have no room left."""
        reached = begins
        while (reached < ends).any():
            there = driver.to_device(np.ascontiguousarray(reached))
            launch(there)
            reached = at_home(there)
            if (reached < ends).any():
                self.let_go()

    def entries(self, loop: Callable[..., None], pieces: list[np.ndarray], rows_of: Callable[[np.ndarray], int], rules: Any, world: World, day: int) -> None:
        """Record and stand for entries, each worker over those that name the own citizens."""
        entries = in_order(pieces)
        slots = self.cuts.astype(np.uint64) << np.uint64(c.PAGE_BITS + c.ENTRY_SLOT_SHIFT)
        cuts = np.searchsorted(entries, slots)
        if not len(entries):
            return
        self.reserve(late=int(np.diff(cuts).max()), rows=self.most_rows(entries, cuts, rows_of))
        self.launched(
            cuda.settle_entries, self.resident(rules), self.resident(world), self.shares, self.buffers, day,
            driver.to_device(entries), driver.to_device(cuts),
        )  # fmt: skip

    def most_rows(self, entries: np.ndarray, cuts: np.ndarray, rows_of: Callable[[np.ndarray], int]) -> int:
        """At most so many event rows come of any worker's entries."""
        return max((rows_of(entries[cuts[t] : cuts[t + 1]]) for t in self.watching.tolist()), default=0)

    def reserve(self, late: int, rows: int) -> None:
        """Make room for so many more late entries and event rows of each worker."""
        counts = at_home(self.buffers.counts).max(axis=0)
        if counts[N_LATE] + late <= self.buffers.late.shape[1] and counts[N_ROWS] + rows <= self.buffers.rows.shape[1]:
            return
        self.let_go()
        if late > self.buffers.late.shape[1]:
            self.buffers = self.buffers._replace(**self.room_for_entries(2 * late))
        if rows > self.buffers.rows.shape[1]:
            self.buffers = self.buffers._replace(rows=driver.device_array((self.buffers.rows.shape[0], 2 * rows, 8), np.int64))

    def firms(self, loop: Callable[..., int], own: range, rules: Any, world: World, firm_rules: Any, firms: Firms, day: int) -> None:
        """A week of all firms, those of a district by its workers."""
        cuts = self.firm_cuts(firms.first)
        args = self.resident(rules), self.resident(world), self.shares, self.buffers, self.resident(firm_rules), self.resident(firms), day
        ends = driver.to_device(np.ascontiguousarray(cuts[:, 1]))
        self.until_done(cuts[:, 0], cuts[:, 1], lambda reached: self.launched(cuda.firm_weeks, *args, reached, ends))

    def firm_cuts(self, first: np.ndarray) -> np.ndarray:
        """First firm of each worker, and last + 1: int64[T, 2]. first: int64[D + 1], of each district."""
        district = np.repeat(np.arange(self.districts), np.diff(self.first_share))
        place, n = np.arange(self.threads) - self.first_share[district], np.diff(self.first_share)[district]
        begins, firms = first[district], np.diff(first)[district]
        return np.stack([begins + firms * place // n, begins + firms * (place + 1) // n], axis=1)

    def counted(self, loop: Callable[..., None], shapes: Sequence[tuple[int, ...]], rules: Any, world: World) -> list[np.ndarray]:
        """What a loop over all pages adds to int64 counts of such shapes: by district, but for sums over the whole city."""
        of_worker = [shape[1:] if len(shape) > 1 else shape for shape in shapes]
        parts = [zeros((self.districts + self.threads, *shape), self.many) for shape in of_worker]
        self.launched(cuda.COUNTING[loop], self.resident(rules), self.resident(world), self.shares, self.buffers, *parts)
        totals = [self.added_up(part) for part in parts]
        return [total if len(shape) > 1 else total.sum(axis=0) for total, shape in zip(totals, shapes, strict=True)]

    def added_up(self, parts: Any) -> np.ndarray:
        """Counts by worker, int64[D + T, ..], added up by district on the device: int64[D, ..]."""
        n = int(np.prod(parts.shape[1:]))
        totals = driver.device_array((self.districts, n), np.int64)
        cuda.add_up[self.many](parts.reshape(parts.shape[0], n), driver.to_device(self.first_share), totals)
        return at_home(totals).reshape(self.districts, *parts.shape[1:])

    # --- what they wrote and counted ---

    def take(self, which: int) -> Written:
        """All that workers wrote to some buffers, which are then empty."""
        aside, self.aside[which] = self.aside[which], []
        return [*aside, self.collected(which)]

    def total(self, name: str) -> np.ndarray:
        """The sum of a tally over the workers."""
        return self.base[name] + self.added_up(getattr(self.buffers, name))

    def begin_from(self, name: str, total: np.ndarray) -> None:
        """Go on counting from a total of a tally."""
        cuda.clear[self.many](flat(getattr(self.buffers, name)))
        self.base[name] = np.array(total)

    def close(self) -> None:
        """Nothing is to be let go of: memory on the device goes with the arrays."""


class DeviceCity(City):
    """One world under one scheme, lived on a CUDA device."""

    team: DeviceTeam  # type: ignore[assignment]

    def __init__(self, *world: Any, workers: int = 0, room: int = ROOM, **options: Any):
        """world, options: those of `City`; `block` is threads of a block here.

        workers: at most about so many threads in all, 0 for as many as there is memory for. room: for entries of each.
        """
        self.most_workers, self.room = workers, room
        super().__init__(*world, **options)

    def new_team(self, threads: int, counted: tuple[int, int], watch: np.ndarray, block: int) -> Any:
        pages = -(-self.layout.sizes // c.PAGE)
        return DeviceTeam(pages, counted, watch, block, self.most_workers, self.room)

    def populate(self) -> None:
        self.team.births(self.world, *self.drawn_from())
        self.open_firms()

    def state_here(self, slots: np.ndarray) -> dict[str, np.ndarray]:
        if not len(slots):
            return super().state_here(slots)
        there, state = driver.to_device(slots), {}
        for column in c.STATE:
            found = driver.device_array(len(slots), column.dtype)
            cuda.pick[self.team.many](self.team.resident.column(self.world, column.name), there, found)
            state[column.name] = at_home(found)
        return state

    def bring_home(self) -> None:
        """Copy the state of citizens and firms to the processor's arrays."""
        self.team.resident.bring_home(self.world, [column.name for column in c.STATE])
        self.bring_firms_home()

    def bring_firms_home(self) -> None:
        """Copy the state of firms to the processor's arrays."""
        self.team.resident.bring_home(self.firms, [column.name for column in c.FIRM_STATE])

    def read(self) -> Reading:
        self.bring_firms_home()
        return super().read()

    def snapshot(self) -> Snapshot:
        self.bring_home()
        return super().snapshot()

    def digest(self) -> str:
        self.bring_home()
        return super().digest()

