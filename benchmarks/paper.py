"""How long a year takes that many ranks live together, on paper: costs measured on one machine, sizes, and an assumed network.

A rank is one core. Collective operations cost what Thakur, Rabenseifner and Gropp (2005), Optimization of collective communication
operations in MPICH, https://doi.org/10.1177/1094342005051521, give for them: a latency for each message and a time for each byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2
from typing import Any

import numpy as np
import traffic

from glasscity import columns as c
from glasscity.engine.shards import cuts_of
from glasscity.rules.resolve import Resolved
from glasscity.world.population import district_sizes
from glasscity.world.state import MOST_SLOTS, Layout, firms_of

YEAR = 365
WAITING_BYTES = 0.6  # a citizen, entries on their way and firms; as a year of China had them (`results/whole.json`)
TRAITS_BYTES = np.dtype(c.STATE[0].dtype).itemsize
SHORT = 2048  # bytes up to which a sum goes by recursive doubling


@dataclass(frozen=True)
class Network:
    """What is assumed, not measured: 100 Gbit/s for a machine of 64 ranks, and 3 microseconds from one rank's call to another's."""

    latency_s: float = 3e-6
    bytes_per_s: float = 12.5e9 / 64  # of one rank

    def total(self, ranks: int, n: int) -> float:
        """Seconds for a sum over all ranks of n bytes, known to all afterwards."""
        steps = ceil(log2(ranks))
        if n <= SHORT:
            return steps * (self.latency_s + n / self.bytes_per_s)
        return 2 * steps * self.latency_s + 2 * (ranks - 1) / ranks * n / self.bytes_per_s

    def tell_each(self, ranks: int, n: int) -> float:
        """Seconds for a message of n bytes, few, from each rank to each other: Bruck's way."""
        steps = ceil(log2(ranks))
        return steps * (self.latency_s + n * ranks / 2 / self.bytes_per_s)

    def hand_each(self, ranks: int, n: float) -> float:
        """Seconds for n bytes from a rank to all others, of any size to each: one message to each, also an empty one."""
        return (ranks - 1) * self.latency_s + n / self.bytes_per_s


@dataclass(frozen=True)
class Costs:
    """What was measured on one core; see `rank_costs.py`. Seconds, but for bytes of memory."""

    citizen_day: float
    day: float  # a day of a rank with next to no citizens
    birth: float  # drawing a citizen
    trait: float  # drawing the fixed traits of a citizen of another shard
    hashed_byte: float
    begin: float  # from the start of a process to the drawing of citizens
    tables: float  # tables of a run, at rank 0
    process_bytes: float

    @classmethod
    def of(cls, row: dict[str, Any]) -> Costs:
        """Of a row of results."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class World:
    """A population of so many, cut into shards. It need not fit into any machine, nor be one that the program accepts."""

    resolved: Resolved
    citizens: int
    ranks: int

    @cached_property
    def layout(self) -> Layout:
        return Layout.of(district_sizes(self.resolved.population, self.citizens))

    @property
    def is_accepted(self) -> bool:
        """Whether the program takes so many citizens."""
        return self.layout.slots < MOST_SLOTS

    @cached_property
    def cuts(self) -> np.ndarray:
        return cuts_of(self.layout, self.ranks)

    @cached_property
    def people(self) -> np.ndarray:
        """Citizens by district and shard, int64[D, K]."""
        return traffic.matrix(self.layout.sizes, self.cuts)

    @property
    def largest(self) -> int:
        """Citizens of the largest shard."""
        return int(self.people.sum(axis=0).max())

    @property
    def neighbours(self) -> int:
        """Most citizens of other shards, in districts that are shared, whose traits a shard draws."""
        elsewhere = self.layout.sizes[:, None] - self.people
        return int((elsewhere * (self.people > 0)).sum(axis=0).max())

    @property
    def hashed(self) -> int:
        """Bytes that the busiest shard hashes: whole districts that begin in it."""
        keepers = (self.people > 0).argmax(axis=1)
        return int(np.bincount(keepers, self.layout.sizes, self.ranks).max()) * c.BYTES_PER_CITIZEN


def memory(world: World, costs: Costs) -> float:
    """Bytes that the largest rank touches."""
    return world.largest * (c.BYTES_PER_CITIZEN + WAITING_BYTES) + world.neighbours * TRAITS_BYTES + costs.process_bytes


def exchange(world: World, network: Network, seen: traffic.Profile, has_firms: bool) -> float:
    """Seconds a day that the exchange itself takes, a seventh of what is done once a week included; waiting for slower ranks is not in it."""
    k, numbers = world.ranks, traffic.NUMBER
    if k == 1:
        return 0.0
    agree = 2 * network.total(k, numbers)
    sent = traffic.entries(seen.crossing(world.people)) / k
    swap = network.tell_each(k, numbers) + network.hand_each(k, sent)
    weekly = network.total(k, traffic.reading(1, len(world.layout.sizes))) + has_firms * swap
    return agree + swap + weekly / traffic.WEEK


def year(world: World, costs: Costs, network: Network, seen: traffic.Profile, has_firms: bool) -> dict[str, float]:
    """Seconds of a year by what takes them."""
    moved = max(0, world.hashed - world.largest * c.BYTES_PER_CITIZEN)
    return {
        "start and tables": costs.begin + costs.tables,
        "drawing citizens": costs.birth * world.largest,
        "drawing neighbours": costs.trait * world.neighbours,
        "living": YEAR * costs.citizen_day * world.largest,
        "calls of each day": YEAR * costs.day,
        "exchange": YEAR * exchange(world, network, seen, has_firms),
        "digest": world.hashed * costs.hashed_byte + moved / network.bytes_per_s,
    }


def crossing_a_day(world: World, seen: traffic.Profile, has_firms: bool) -> dict[str, float]:
    """Bytes a day of all ranks together, by what for, a seventh of what is done once a week included."""
    k = world.ranks
    weekly = traffic.reading(k, len(world.layout.sizes)) / traffic.WEEK
    return {
        "entries": traffic.entries(seen.crossing(world.people)),
        "counts": traffic.counts(k, 1) * (1 + has_firms / traffic.WEEK),
        "agreeing": traffic.agreeing(k, 1),
        "sums": weekly,
    }


def on_paper(resolved: Resolved, costs: Costs, seen: traffic.Profile, has_firms: bool, sizes: list[int], ranks: list[int]) -> Iterator[dict[str, Any]]:
    """A row for each size and number of ranks."""
    for citizens in sizes:
        for k in ranks:
            world = World(resolved, citizens, k)
            parts = year(world, costs, Network(), seen, has_firms)
            yield {
                "what": "paper", "citizens": citizens, "ranks": k, "is_accepted": world.is_accepted, "largest": world.largest,
                "memory_bytes": memory(world, costs), "crossing": crossing_a_day(world, seen, has_firms),
                "digest_bytes": traffic.digest(world.people, firms_of_shards(world, has_firms)),
                "exchange_s": parts["exchange"] / YEAR, "day_s": (parts["living"] + parts["calls of each day"] + parts["exchange"]) / YEAR,
                "year_s": sum(parts.values()), "parts": parts,
            }  # fmt: skip


def firms_of_shards(world: World, has_firms: bool) -> np.ndarray:
    """Firms by shard, int64[K]; none where they are not scored."""
    return traffic.firms_by_shard(firms_of(world.resolved.population, world.layout) * has_firms, world.layout.sizes, world.cuts)
