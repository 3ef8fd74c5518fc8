"""Worker processes as the server sees them: worlds shared out, a dead process replaced and its worlds lived again."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import queue
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from glasscity.errors import GlassCityError
from glasscity.web import worker

Heard = Callable[[str, str, tuple[Any, ...]], None]  # what, world, the rest
MOST_QUESTIONS = 64  # that wait for an answer, in all
MOST_ORDERS = 4096  # that wait for one process


class WorkerLost(GlassCityError):
    """The process in which a world was lived has died; it is begun again."""


@dataclass(eq=False)
class Place:
    """A process with its pipe and the worlds that are lived there."""

    process: Any
    pipe: Connection
    worlds: set[str] = field(default_factory=set)
    outbox: queue.Queue[tuple[Any, ...] | None] = field(default_factory=lambda: queue.Queue(MOST_ORDERS))

    def write(self) -> None:
        """Send orders one by one, so that nobody waits for a busy worker but this thread."""
        with suppress(OSError):
            while (order := self.outbox.get()) is not None:
                self.pipe.send(order)


class Staff:
    """All worker processes. To be used from the event loop alone."""

    def __init__(self, processes: int, threads: int, heard: Heard, lost: Callable[[str], Coroutine[Any, Any, None]]):
        """heard: told whatever a worker sends. lost: told the worlds of a worker that died, once a new one is there."""
        self.n, self.threads, self.heard, self.lost = processes, threads, heard, lost
        self.context = multiprocessing.get_context("spawn")
        self.places: list[Place] = []
        self.where: dict[str, Place] = {}
        self.waiting: dict[int, tuple[str, asyncio.Future[Any]]] = {}
        self.numbers = itertools.count()
        self.is_closing = False
        self.loop: asyncio.AbstractEventLoop

    def begin(self) -> None:
        """Start the processes."""
        self.loop = asyncio.get_running_loop()
        self.places = [self.hired() for _ in range(self.n)]

    def hired(self) -> Place:
        """A new process, listened to by a thread of its own."""
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=worker.main, args=(theirs, self.threads), daemon=True)
        process.start()
        theirs.close()
        place = Place(process, ours)
        for task in (lambda: self.listen(place), place.write):
            threading.Thread(target=task, daemon=True).start()
        return place

    def listen(self, place: Place) -> None:
        """Hand on what a worker sends, until it is gone."""
        with suppress(EOFError, OSError):
            while True:
                message = place.pipe.recv()
                self.loop.call_soon_threadsafe(self.hear, message)
        with suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(self.bury, place)

    def hear(self, message: tuple[Any, ...]) -> None:
        what, *rest = message
        if what == "answer":
            _, number, is_right, found = rest
            _, future = self.waiting.pop(number, ("", None))
            if future and not future.done():
                future.set_result((is_right, found))
        elif rest:
            self.heard(what, rest[0], tuple(rest[1:]))

    def bury(self, place: Place) -> None:
        """Replace a process that has died; its questions fail, its worlds are begun again elsewhere."""
        if self.is_closing or place not in self.places:
            return
        self.places[self.places.index(place)] = self.hired()
        with suppress(queue.Full):
            place.outbox.put_nowait(None)
        for world in place.worlds:
            self.where.pop(world, None)
        for number, (world, future) in list(self.waiting.items()):
            if world in place.worlds:
                del self.waiting[number]
                if not future.done():
                    future.set_exception(WorkerLost("the process in which this world is lived has died; it is begun again"))
        for world in place.worlds:
            self.loop.create_task(self.lost(world))  # noqa: RUF006

    # --- orders ---

    def open(self, world: str, recipe: Any, day: int) -> None:
        """Have a world lived by the process that has fewest."""
        place = min(self.places, key=lambda p: len(p.worlds))
        place.worlds.add(world)
        self.where[world] = place
        self.tell("open", world, recipe, day)

    def close(self, world: str) -> None:
        """Let a world go."""
        self.tell("close", world)
        if place := self.where.pop(world, None):
            place.worlds.discard(world)

    def tell(self, what: str, world: str, *given: Any) -> None:
        """Give an order; nothing happens if the world's process has just died, or has more orders than it can do."""
        if place := self.where.get(world):
            with suppress(queue.Full):
                place.outbox.put_nowait((what, world, *given))

    async def ask(self, world: str, what: str, given: dict[str, Any]) -> tuple[bool, Any]:
        """A question's answer: whether it could be given, and the answer or the problems. WorkerLost if the process dies."""
        if len(self.waiting) >= MOST_QUESTIONS:
            raise WorkerLost("too many questions wait for an answer; try again")
        if world not in self.where:
            raise WorkerLost(worker.ASLEEP)
        number = next(self.numbers)
        future: asyncio.Future[Any] = self.loop.create_future()
        self.waiting[number] = (world, future)
        self.tell("ask", world, number, what, given)
        return await future

    def end(self) -> None:
        """Let all processes go."""
        self.is_closing = True
        for place in self.places:
            place.process.terminate()
        for place in self.places:
            place.process.join(5)
