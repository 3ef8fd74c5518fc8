"""CUDA kernels: a thread of the device is a worker with a share of one district's neighbourhoods, and runs the loops that a
processor's thread runs, compiled from the same functions.

What a worker writes is its own: room for entries and event rows, and counts, which are added up on the device when somebody asks
for them. So nothing is shared between threads, nothing is locked, and no result depends on how threads are cut into blocks.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import cuda

from glasscity.engine import accounts, loops, stock
from glasscity.kernels.bundles import Out
from glasscity.kernels.jit import IS_SIMULATED

if IS_SIMULATED:  # draws wrap around on purpose, and NumPy's word for it is set thread by thread
    warnings.filterwarnings("ignore", "overflow encountered", RuntimeWarning)


part = cuda.jit(device=True, inline="always")  # a function that returns arrays must be written into its caller


class Shares(NamedTuple):
    """Who does what; T workers in the order of districts, each with pages of one district only."""

    district: np.ndarray  # int64[T]
    first: np.ndarray  # int64[T]  first page
    last: np.ndarray  # int64[T]  last page + 1
    rows: np.ndarray  # int64[T]  place in `Buffers.rows`; -1 where nobody is watched


class Buffers(NamedTuple):
    """What workers write; see `bundles.Out` for one worker's. D districts, R workers with somebody watched.

    Counts begin with D rows that nobody uses: cut off in the right place, they make a worker's own row that of its district.
    """

    entries: np.ndarray  # uint64[T, room]
    late: np.ndarray  # uint64[T, room]
    late_day: np.ndarray  # int32[T, room]
    rows: np.ndarray  # int64[R, room, 8]
    counts: np.ndarray  # int64[T, 3]
    tally: np.ndarray  # int64[D + T, N_GROUPS, N_FLOWS]
    truth: np.ndarray  # int64[D + T, B, N_TRUTH]
    firm_tally: np.ndarray  # int64[D + T, N_SECTORS, N_FIRM_FLOWS]
    watch: np.ndarray  # int32[..], see `panel.watch_table`; one word when nobody is watched
    words: np.ndarray  # uint64[T, PAGE / 4]
    lanes: np.ndarray  # uint16[T, PAGE]    the same memory
    chosen: np.ndarray  # int64[T, PAGE]
    likely: np.ndarray  # int64[T, PAGE]


@part
def own_row(shares, counts, t):
    """Counts of all workers, cut so that the row of the worker's district is the worker's own."""
    return counts[len(counts) - len(shares.district) + t - shares.district[t] :]


@part
def out_of(shares, buffers, t):
    """What worker `t` writes; a worker with nobody to watch has an empty watch."""
    place = shares.rows[t]
    n_watch = len(buffers.watch) if place >= 0 else 0
    return Out(
        buffers.entries[t],
        buffers.late[t],
        buffers.late_day[t],
        buffers.rows[max(place, 0)],
        buffers.counts[t],
        own_row(shares, buffers.tally, t),
        own_row(shares, buffers.truth, t),
        buffers.watch[:n_watch],
        buffers.words[t],
        buffers.lanes[t],
        buffers.chosen[t],
        buffers.likely[t],
    )


# --- loops, one thread a worker ------------------------------------------------------------------------


@cuda.jit
def births(world, rules, draws, household, scratch, shares):
    """Draw the citizens. scratch: int64[T, 3, PAGE]."""
    t = cuda.grid(1)
    if t < len(shares.first):
        loops.births(world, rules, draws, household, scratch[t], shares.first[t], shares.last[t])


@cache
def over_pages(loop: Callable[..., int]) -> Any:
    """The kernel of a page loop: from the pages in `reached` on, and notes there how far each worker came."""

    @cuda.jit
    def run(rules, world, shares, buffers, day, reached):
        t = cuda.grid(1)
        if t < len(reached) and reached[t] < shares.last[t]:
            reached[t] = loop(rules, world, out_of(shares, buffers, t), day, reached[t], shares.last[t])

    return run


@cuda.jit
def settle_entries(rules, world, shares, buffers, day, entries, cuts):
    """Record and stand; worker t for entries cuts[t] .. cuts[t + 1] - 1."""
    t = cuda.grid(1)
    if t < len(shares.first) and cuts[t] < cuts[t + 1]:
        accounts.settle_entries(rules, world, out_of(shares, buffers, t), day, entries, cuts[t], cuts[t + 1])


@cuda.jit
def firm_weeks(rules, world, shares, buffers, firm_rules, firms, day, reached, ends):
    """A week of firms; worker t for firms reached[t] .. ends[t] - 1 of its district. Notes how far it came."""
    t = cuda.grid(1)
    if t < len(reached) and reached[t] < ends[t]:
        out, tally = out_of(shares, buffers, t), own_row(shares, buffers.firm_tally, t)
        reached[t] = loops.firm_weeks(rules, world, out, firm_rules, firms, tally, day, reached[t], ends[t])


@cuda.jit
def take_stock(rules, world, shares, buffers, counts, bins):
    """Count how things stand: counts int64[D + T, N_GROUPS, N_BYTE_COUNTS], bins int64[D + T, 2, N_BINS]."""
    t = cuda.grid(1)
    if t < len(shares.first):
        own_counts, own_bins = own_row(shares, counts, t), own_row(shares, bins, t)
        stock.take_stock(rules, world, out_of(shares, buffers, t), own_counts, own_bins, shares.first[t], shares.last[t])


@cuda.jit
def survey(rules, world, shares, buffers, counts):
    """Count accounts, the private score's users and opinion: counts int64[D + T, N_GROUPS, N_BYTE_COUNTS]."""
    t = cuda.grid(1)
    if t < len(shares.first):
        own_counts = own_row(shares, counts, t)
        stock.survey(rules, world, out_of(shares, buffers, t), own_counts, shares.first[t], shares.last[t])


@cuda.jit
def glance(rules, world, shares, buffers, totals):
    """Sum of standings and number of the sanctioned, worker by worker: totals int64[D + T, 2]."""
    t = cuda.grid(1)
    if t < len(shares.first):
        own = totals[len(totals) - len(shares.first) + t]
        stock.glance(rules, world, out_of(shares, buffers, t), own, shares.first[t], shares.last[t])


COUNTING = {stock.take_stock: take_stock, stock.survey: survey, stock.glance: glance}


# --- moving and adding up ------------------------------------------------------------------------------


@cuda.jit
def clear(numbers):
    """Set int64[n] to 0."""
    for k in range(cuda.grid(1), len(numbers), cuda.gridsize(1)):
        numbers[k] = 0


@cuda.jit
def add_up(parts, first_share, totals):
    """Counts by worker, int64[D + T, n], added up by district: totals int64[D, n].

    first_share: int64[D + 1], first worker of each district.
    """
    for d in range(len(totals)):
        first, last = len(totals) + first_share[d], len(totals) + first_share[d + 1]
        for k in range(cuda.grid(1), totals.shape[1], cuda.gridsize(1)):
            total = np.int64(0)
            for t in range(first, last):
                total += parts[t, k]
            totals[d, k] = total


@cuda.jit
def collect(parts, places, counts, which, starts, found):
    """Put what workers wrote side by side, one thread a worker.

    parts: [.., room, n], worker t's at places[t]; counts[t, which] of them go to found[starts[t]] and after, [.., n].
    """
    t = cuda.grid(1)
    if t < len(starts):
        for k in range(counts[t, which]):
            for j in range(parts.shape[2]):
                found[starts[t] + k, j] = parts[places[t], k, j]


@cuda.jit
def empty(counts, which):
    """Note that nothing is left of what workers wrote, one thread a worker."""
    t = cuda.grid(1)
    if t < len(counts):
        counts[t, which] = 0


@cuda.jit
def pick(column, slots, found):
    """The values of a state column of some citizens."""
    for k in range(cuda.grid(1), len(slots), cuda.gridsize(1)):
        found[k] = column[slots[k]]
