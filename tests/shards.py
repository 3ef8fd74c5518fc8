"""Shards of one world for tests: threads of this process that talk as MPI ranks do."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import numpy as np

from glasscity.engine.shards import Shard
from glasscity.rules.resolve import Resolved


class Room:
    """Where so many shards meet."""

    def __init__(self, size: int):
        self.size, self.barrier, self.table = size, threading.Barrier(size, timeout=120), [None] * size
        self.post = {(a, b): SimpleQueue[np.ndarray]() for a in range(size) for b in range(size)}


class Together:
    """An `Exchange` between threads. `sent`: bytes handed to others, by what for."""

    def __init__(self, room: Room, rank: int):
        self.room, self.rank, self.size, self.sent = room, rank, room.size, Counter[str]()

    def everybody(self, mine: Any) -> list[Any]:
        """What each shard has put on the table."""
        self.room.table[self.rank] = mine
        self.room.barrier.wait()
        found = list(self.room.table)
        self.room.barrier.wait()
        return found

    def swap(self, items: np.ndarray, counts: np.ndarray) -> np.ndarray:
        self.sent["entries"] += items.nbytes
        ends = np.cumsum(counts)
        parts = self.everybody([items[end - n : end] for end, n in zip(ends, counts, strict=True)])
        return np.concatenate([part[self.rank] for part in parts])

    def total(self, counts: np.ndarray) -> np.ndarray:
        self.sent["sums"] += counts.nbytes
        return np.sum(self.everybody(counts), axis=0)

    def gather(self, array: np.ndarray) -> list[np.ndarray]:
        found = self.everybody(array.copy())
        return [] if self.rank else found

    def send(self, array: np.ndarray, to: int) -> None:
        self.room.post[self.rank, to].put(array.copy())

    def receive(self, source: int, n: int) -> np.ndarray:
        found = self.room.post[source, self.rank].get(timeout=120)
        assert len(found) == n
        return found


def in_threads(size: int, live: Callable[[Together], Any]) -> list[Any]:
    """What so many shards, each in a thread, give back."""

    def guarded(exchange: Together) -> Any:
        with np.errstate(over="ignore"):
            try:
                return live(exchange)
            except BaseException:
                exchange.room.barrier.abort()
                raise

    room = Room(size)
    with ThreadPoolExecutor(size) as pool:
        futures = [pool.submit(guarded, Together(room, rank)) for rank in range(size)]
        errors = [error for future in futures if (error := future.exception())]
        real = [error for error in errors if not isinstance(error, threading.BrokenBarrierError)]
        for error in real or errors:
            raise error
        return [future.result() for future in futures]


def lived_by(size: int, resolved: Resolved, citizens: int, days: int, seed: int = 1, n_days: int | None = None, **options: Any) -> list[Shard]:
    """The shards of a city after so many days."""

    def live(exchange: Together) -> Shard:
        shard = Shard(exchange, resolved, citizens, days if n_days is None else n_days, seed, **options)
        shard.populate()
        for _ in range(days):
            shard.live()
        return shard

    return in_threads(size, live)
