"""Workers for tests of studies: in this process, or such as die of a world."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from glasscity.jobs.executors import Processes
from glasscity.study.orders import Order, Outcome, live


class Here:
    """A worker that is this process; it remembers what it has lived."""

    window = 2

    def __init__(self, pool: ThreadPoolExecutor):
        self.pool, self.lived = pool, list[str]()

    def hand_out(self, order: Order) -> Future[Outcome]:
        self.lived.append(order.key)
        return self.pool.submit(live, order)

    def renew(self) -> bool:
        return False


class Mortal(Processes):
    """Processes that die of some worlds, every time."""

    def hand_out(self, order: Order) -> Future[Outcome]:
        return self.pool.submit(die_or_answer, order)


def die_or_answer(order: Order) -> Outcome:
    """An answer, or death by the hand of whoever kills what takes too much memory."""
    if order.changes.get("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome((float(order.seed),))


def order(key: str, seed: int = 1, **changes: Any) -> Order:
    """An order that only the workers above can carry out."""
    return Order(key, b"", changes, 1, 1, seed, ())


@contextmanager
def here() -> Iterator[Here]:
    """A worker in this process."""
    with ThreadPoolExecutor(1) as pool:
        yield Here(pool)
