"""Many worlds given out to workers and taken in, each exactly once, whatever befalls a worker."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait

from glasscity.errors import WorkersLost
from glasscity.jobs.executors import Staff
from glasscity.study.orders import Order, Outcome, failed

MOST_DEATHS = 3  # of workers over one world, before it is given up
DIED = "the worker died over it {n} times: killed, or out of memory"
LOOK = 0.5  # seconds between looks at whether one is asked to stop
Keep = Callable[[Order, Outcome], None]


class Ensemble:
    """Worlds on their way."""

    def __init__(self, staff: Staff, keep: Keep, is_stopped: Callable[[], bool] = lambda: False):
        self.staff, self.keep, self.is_stopped = staff, keep, is_stopped
        self.waiting: deque[Order] = deque()
        self.suspects: deque[Order] = deque()  # given out when a worker died; they go one at a time, to tell whose doing it was
        self.flying: dict[Future[Outcome], Order] = {}
        self.deaths: Counter[str] = Counter()

    def carry_out(self, orders: Iterable[Order]) -> None:
        """Live all worlds and keep each as soon as it is there; returns early, with those on their way kept, if asked to stop."""
        self.waiting.extend(orders)
        try:
            while self.waiting or self.suspects or self.flying:
                if self.is_stopped():
                    self.recall()
                self.give_out()
                self.take_in()
        finally:
            self.recall()

    def recall(self) -> None:
        """Take back all worlds that nobody is living yet."""
        self.waiting.clear()
        self.suspects.clear()
        self.flying = {future: order for future, order in self.flying.items() if not future.cancel()}

    def give_out(self) -> None:
        """Hand out as many worlds as the workers have room for."""
        while self.waiting and len(self.flying) < self.staff.window and not self.suspects:
            if not self.hand_out(self.waiting):
                return
        if self.suspects and not self.flying:
            self.hand_out(self.suspects)

    def hand_out(self, queue: deque[Order]) -> bool:
        """Hand out the first of a queue; whether there was anybody to take it."""
        order = queue.popleft()
        try:
            self.flying[self.staff.hand_out(order)] = order
        except BrokenExecutor as error:  # a worker died since the last look
            queue.appendleft(order)
            if not self.flying:
                self.replace_workers(error)
            return False
        return True

    def take_in(self) -> None:
        """Keep the worlds that are done."""
        done, _ = wait(self.flying, LOOK, FIRST_COMPLETED)
        broken: BaseException | None = None
        for future in done:
            order = self.flying.pop(future)
            error = CancelledError() if future.cancelled() else future.exception()
            if error is None:
                self.keep(order, future.result())
            elif isinstance(error, BrokenExecutor | CancelledError):
                broken = error
                self.blame(order)
            else:
                self.judge(order, error)
        if broken is not None and not self.flying:
            self.replace_workers(broken)

    def blame(self, order: Order) -> None:
        """A worker died when this world was given out: it is tried again, alone, and given up after some deaths."""
        self.deaths[order.key] += 1
        if self.deaths[order.key] < MOST_DEATHS:
            self.suspects.append(order)
        else:
            self.keep(order, failed(order, DIED.format(n=MOST_DEATHS)))

    def judge(self, order: Order, error: BaseException) -> None:
        """An error of the cluster: its own word that a world kills workers is taken, anything else ends the ensemble."""
        if type(error).__name__ != "KilledWorker":
            raise WorkersLost(f"the workers cannot be reached any more ({type(error).__name__}: {error})") from error
        self.keep(order, failed(order, DIED.format(n="several")))

    def replace_workers(self, error: BaseException) -> None:
        if not self.staff.renew():
            raise WorkersLost(f"the workers are gone ({type(error).__name__}: {error})") from None
