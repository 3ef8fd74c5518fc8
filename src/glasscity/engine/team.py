"""Who runs the loops: a team of threads, each with its own run of neighbourhoods and its own outputs.

Results do not depend on the team: workers write disjoint citizens, and what they add up are integers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np

from glasscity import columns as c
from glasscity.engine.pages import ENTRIES_A_PAGE, ROWS_A_PAGE
from glasscity.kernels.bundles import N_ENTRIES, N_LATE, N_ROWS, Out
from glasscity.kernels.jit import IS_COMPILED

EMPTY = np.empty(0, np.uint8)
AT_ONCE = 1 << 20  # entries that a worker puts in order at a time, about
ROOM = 1 << 18  # entries that a worker can keep at first
BUFFERS = {N_ENTRIES: ("entries",), N_LATE: ("late", "late_day"), N_ROWS: ("rows",)}  # by what counts them
Written = list[list[np.ndarray]]  # what was written to such buffers, part by part


def in_order(pieces: Sequence[np.ndarray]) -> np.ndarray:
    """Entries of several arrays in one, in rising order: by the person named."""
    entries = np.concatenate(pieces)
    entries.sort()
    return entries


def stretches(pieces: Sequence[np.ndarray], first: int, last: int, at_once: int) -> Iterator[np.ndarray]:
    """Entries that name citizens of pages first .. last-1, about so many at a time, those of a neighbourhood together, in rising order.

    pieces: entries in rising order each. Of a country's day a full copy would be most of what a day needs besides the state.
    """
    ends = np.array([first, last], np.uint64) << np.uint64(c.ENTRY_SLOT_SHIFT + c.PAGE_BITS)
    n = sum(int(np.diff(np.searchsorted(piece, ends))[0]) for piece in pieces)
    pages = np.linspace(first, last, 1 + max(1, min(last - first, -(-n // at_once)))).astype(np.uint64)
    cuts = [np.searchsorted(piece, pages << np.uint64(c.ENTRY_SLOT_SHIFT + c.PAGE_BITS)).tolist() for piece in pieces]
    for k in range(len(pages) - 1):
        yield in_order([piece[cut[k] : cut[k + 1]] for piece, cut in zip(pieces, cuts, strict=True)])


class Worker:
    """One thread's share of the city: pages first .. last-1, taken `block` pages at a time."""

    def __init__(self, first: int, last: int, block: int, counted: tuple[int, int], watch: np.ndarray):
        (districts, acts), watching = counted, len(watch) > 0
        words = np.empty(c.PAGE // 4, "<u8")
        self.first, self.last, self.block = first, last, block
        self.aside: dict[int, Written] = {place: [] for place in BUFFERS}
        self.firm_tally = np.zeros((districts, c.N_SECTORS, c.N_FIRM_FLOWS), np.int64)
        self.out = Out(
            entries=np.empty(ROOM, np.uint64),
            late=np.empty(ROOM, np.uint64),
            late_day=np.empty(ROOM, np.int32),
            rows=np.empty((2 * ROWS_A_PAGE if watching else 0, 8), np.int64),
            counts=np.zeros(3, np.int64),
            tally=np.zeros((districts, c.N_GROUPS, c.N_FLOWS), np.int64),
            truth=np.zeros((districts, acts, c.N_TRUTH), np.int64),
            watch=watch,
            words=words,
            lanes=words.view("<u2"),
            chosen=np.empty(c.PAGE, np.int64),
            likely=np.empty(c.PAGE, np.int64),
        )

    def tally(self, name: str) -> np.ndarray:
        """One of the worker's tallies, by name."""
        return self.firm_tally if name == "firm_tally" else getattr(self.out, name)

    def reserve(self, entries: int = 0, late: int = 0, rows: int = 0) -> None:
        """Make room for so many more of each; what does not leave that room is put aside."""
        for place, more in ((N_ENTRIES, entries), (N_LATE, late), (N_ROWS, rows)):
            buffers = {name: getattr(self.out, name) for name in BUFFERS[place]}
            room = len(buffers[BUFFERS[place][0]])
            if self.out.counts[place] + more <= room:
                continue
            if self.out.counts[place]:
                self.aside[place].append([written.copy() for written in self.written(place)])
            if more > room:
                bigger = {name: np.empty((5 * more // 4, *array.shape[1:]), array.dtype) for name, array in buffers.items()}
                self.out = self.out._replace(**bigger)

    def written(self, place: int) -> list[np.ndarray]:
        """What was written to some buffers, which are then empty: their own memory, until the worker writes again."""
        n = int(self.out.counts[place])
        self.out.counts[place] = 0
        return [getattr(self.out, name)[:n] for name in BUFFERS[place]]

    def over_pages(self, loop: Callable[..., int], *args: Any) -> None:
        """Run a page loop over the worker's pages, making room when it asks for it."""
        page = self.first
        while page < self.last:
            until = min(page + self.block, self.last)
            page = loop(*args[:2], self.out, *args[2:], page, until)
            if page < until:
                rows = ROWS_A_PAGE if len(self.out.watch) else 0
                self.reserve(ENTRIES_A_PAGE, ENTRIES_A_PAGE, rows)

    def over_firms(self, loop: Callable[..., int], first: int, last: int, *args: Any) -> None:
        """Run a loop over firms first .. last-1, making room when it asks for it."""
        while first < last:
            first = loop(*args[:2], self.out, *args[2:-1], self.firm_tally, args[-1], first, last)
            if first < last:
                self.reserve(late=ENTRIES_A_PAGE)

    def take(self, place: int) -> Written:
        """All that was written to some buffers: what was put aside, and their own memory until the worker writes again."""
        aside, self.aside[place] = self.aside[place], []
        return [*aside, self.written(place)]


class Team:
    """Workers and the threads they run on."""

    def __init__(self, pages: range, threads: int, counted: tuple[int, int], watch: np.ndarray = EMPTY, block: int = 0):
        n = len(pages)
        self.threads = max(1, min(threads, n))
        cuts = [pages.start + n * w // self.threads for w in range(self.threads + 1)]
        block = block or max(1, n)
        self.workers = [Worker(a, b, block, counted, watch) for a, b in zip(cuts, cuts[1:], strict=False)]
        self.pool = ThreadPoolExecutor(self.threads) if self.threads > 1 else None

    def each(self, task: Callable[[Worker], None]) -> None:
        """Run a task for every worker at once and wait for all."""
        with np.errstate(over="ignore"):
            if self.pool is None or not IS_COMPILED:
                for worker in self.workers:
                    task(worker)
                return
            for future in [self.pool.submit(task, worker) for worker in self.workers]:
                future.result()

    def pages(self, loop: Callable[..., int], *args: Any) -> None:
        """Run a page loop over all pages."""
        self.each(lambda worker: worker.over_pages(loop, *args))

    def firms(self, loop: Callable[..., int], firms: range, *args: Any) -> None:
        """Run a loop over some firms."""
        cuts = [firms.start + len(firms) * w // self.threads for w in range(self.threads + 1)]
        share = {worker: cut for worker, cut in zip(self.workers, zip(cuts, cuts[1:], strict=False), strict=True)}
        self.each(lambda worker: worker.over_firms(loop, *share[worker], *args))

    def entries(self, loop: Callable[..., None], pieces: list[np.ndarray], rows_of: Callable[[np.ndarray], int], *args: Any) -> None:
        """Run a loop over entries, arrays of uint64, each worker over those that name the own citizens, in rising order.

        pieces: put in order here. rows_of: at most so many event rows come of some entries.
        """
        waiting = deque(pieces)

        def sort(worker: Worker) -> None:
            with suppress(IndexError):  # another worker took the last one
                while True:
                    waiting.pop().sort()

        def settle(worker: Worker) -> None:
            for entries in stretches(pieces, worker.first, worker.last, AT_ONCE):
                worker.reserve(late=len(entries), rows=rows_of(entries))
                loop(*args[:2], worker.out, *args[2:], entries, 0, len(entries))

        self.each(sort)
        self.each(settle)

    def counted(self, loop: Callable[..., None], shapes: Sequence[tuple[int, ...]], *args: Any) -> list[np.ndarray]:
        """What a loop over all pages adds to int64 counts of such shapes."""
        parts: list[list[np.ndarray]] = []

        def count(worker: Worker) -> None:
            counts = [np.zeros(shape, np.int64) for shape in shapes]
            loop(*args, worker.out, *counts, worker.first, worker.last)
            parts.append(counts)

        self.each(count)
        return [np.sum(counts, axis=0) for counts in zip(*parts, strict=True)]

    def take(self, place: int) -> Written:
        """All that workers wrote to some buffers, in their order; to be used before they write again."""
        return [part for worker in self.workers for part in worker.take(place)]

    def total(self, name: str) -> np.ndarray:
        """The sum of a tally over the workers."""
        return np.sum([worker.tally(name) for worker in self.workers], axis=0)

    def begin_from(self, name: str, total: np.ndarray) -> None:
        """Go on counting from a total of a tally."""
        for worker in self.workers:
            worker.tally(name)[:] = total if worker is self.workers[0] else 0

    @property
    def watch(self) -> np.ndarray:
        """Who is watched or in the panel (`panel.watch_table`)."""
        return self.workers[0].out.watch

    def close(self) -> None:
        """Let the threads go."""
        if self.pool is not None:
            self.pool.shutdown()
