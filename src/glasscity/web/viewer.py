"""One browser tab on the websocket: its orders checked and carried out, its pictures at the pace at which it can draw them."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from contextlib import suppress
from typing import Any

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from glasscity.errors import GlassCityError, InputError
from glasscity.web import messages as m
from glasscity.web import recipes
from glasscity.web.guard import PUPIL, Visitor
from glasscity.web.problems import told_of, unlike
from glasscity.web.shelf import Shelf
from glasscity.web.worlds import PICTURES_AHEAD, World, Worlds

MOST_WAITING = 256  # messages that a tab has not taken yet
BURST, A_SECOND = 120, 90  # orders at once, and in the long run
MOST_OF_ONE = {PUPIL: 4}  # worlds of one visitor
TOO_SLOW = "too slow: some of what happened was not sent"
POLICY = 1008  # code with which the websocket protocol closes on whoever breaks its rules


class Viewer:
    """A tab, its world, and what waits to be sent to it."""

    def __init__(self, socket: WebSocket, worlds: Worlds, shelf: Shelf, visitor: Visitor):
        self.socket, self.worlds, self.shelf, self.visitor = socket, worlds, shelf, visitor
        self.world: World | None = None
        self.said: deque[str] = deque()
        self.blobs: deque[bytes] = deque()
        self.pictures: dict[int, bytes] = {}
        self.coming: dict[int, bytes] = {}
        self.credit = PICTURES_AHEAD
        self.something = asyncio.Event()
        self.allowance, self.counted_at = float(BURST), time.monotonic()
        self.questions: set[asyncio.Task[None]] = set()

    # --- out ---

    def say(self, what: str, /, **told: Any) -> None:
        """Put a message in line; a tab that takes none for long is let go."""
        if len(self.said) >= MOST_WAITING:
            self.said.clear()
            told, what = {"problems": told_of(TOO_SLOW)}, "failed"
        self.said.append(json.dumps({"what": what, **told}, ensure_ascii=False))
        self.something.set()

    def picture(self, side: int, packet: bytes, is_last: bool) -> None:
        """A day's pictures are sent together; the newest take the place of those that were not sent yet."""
        self.coming[side] = packet
        if is_last:
            self.pictures, self.coming = self.coming, {}
            self.something.set()

    def traits(self, packet: bytes) -> None:
        self.blobs.append(packet)
        self.something.set()

    async def send(self) -> None:
        """Send what waits, as long as the tab is there."""
        while True:
            await self.something.wait()
            self.something.clear()
            while self.said or self.blobs or (self.pictures and self.credit > 0):
                while self.said:
                    await self.socket.send_text(self.said.popleft())
                while self.blobs:
                    await self.socket.send_bytes(self.blobs.popleft())
                if self.pictures and self.credit > 0:
                    self.credit -= 1
                    sides, self.pictures = sorted(self.pictures.items()), {}
                    for _, packet in sides:
                        await self.socket.send_bytes(packet)

    # --- in ---

    async def serve(self) -> None:
        """Until the tab is closed."""
        sender = asyncio.create_task(self.send())
        try:
            while not sender.done():
                text = await self.socket.receive_text()
                if not self.is_within_allowance():
                    await self.socket.close(POLICY, "too many messages")
                    return
                self.take(text)
        except (WebSocketDisconnect, KeyError):  # KeyError: bytes where text was due
            return
        finally:
            sender.cancel()
            for task in self.questions:
                task.cancel()
            self.leave()
            with suppress(asyncio.CancelledError, Exception):
                await sender

    def is_within_allowance(self) -> bool:
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + A_SECOND * (now - self.counted_at)) - 1
        self.counted_at = now
        return self.allowance > 0

    def take(self, text: str) -> None:
        """Check an order and carry it out; say what is wrong with it."""
        try:
            if len(text) > m.MOST_BYTES:
                raise InputError(f"a message of {len(text)} characters; allowed: at most {m.MOST_BYTES}")
            order = m.ORDER.validate_json(text)
            if isinstance(order, m.Asking):
                self.ask(order.op, order.number, order.given)
            else:
                getattr(self, f"do_{order.op}")(order)
        except ValidationError as error:
            self.say("failed", problems=unlike(error, "message", 5))
        except GlassCityError as error:
            self.say("failed", problems=told_of(error))

    def leave(self) -> None:
        if self.world is not None:
            self.worlds.leave(self.world, self)
        self.world, self.pictures, self.coming = None, {}, {}
        self.blobs.clear()

    @property
    def own(self) -> World:
        """The world watched, if it is the visitor's to move; InputError otherwise."""
        if self.world is None:
            raise InputError("no world is open")
        if self.visitor.role == PUPIL and self.world.owner != self.visitor.id:
            raise InputError("this world is shown to all; only the teacher can move it")
        return self.world

    def join(self, world: World) -> None:
        self.leave()
        self.credit = PICTURES_AHEAD
        self.worlds.join(world, self)
        self.world = world
        self.tell("credit", PICTURES_AHEAD)

    def tell(self, what: str, *given: Any) -> None:
        if self.world is not None:
            self.worlds.staff.tell(what, self.world.id, *given)

    # --- orders ---

    def do_open(self, order: m.Open) -> None:
        recipe = recipes.wanted(order.recipe, self.shelf, self.visitor.role)
        mine = list(self.worlds.of(self.visitor.id))
        for old in mine[: len(mine) + 1 - MOST_OF_ONE.get(self.visitor.role, 10**6)]:
            self.worlds.forget(old)
        if order.twin is not None:
            recipe = recipes.with_twin(recipe, recipes.change_of(order.twin, self.shelf), order.since)
        self.join(self.worlds.new(recipe, self.visitor.id, max(order.day, order.since if order.twin else 0)))

    def do_watch(self, order: m.Watch) -> None:
        world = self.worlds.worlds.get(order.world)
        is_allowed = world is not None and (self.visitor.role != PUPIL or world.owner == self.visitor.id or world.id == self.worlds.broadcast)
        if world is None or not is_allowed:
            raise InputError("there is no such world")
        self.join(world)

    def do_play(self, order: m.Play) -> None:
        self.worlds.staff.tell("play", self.own.id, order.speed)
        self.tell("credit", PICTURES_AHEAD)

    def do_pause(self, order: m.Plain) -> None:
        self.worlds.staff.tell("pause", self.own.id)

    def do_ack(self, order: m.Plain) -> None:
        self.credit = min(PICTURES_AHEAD, self.credit + 1)
        self.something.set()
        if self.world is not None and self.world.owner == self.visitor.id:
            self.tell("credit", 1)

    def do_leave(self, order: m.Plain) -> None:
        self.leave()

    def do_step(self, order: m.Step) -> None:
        self.worlds.staff.tell("step", self.own.id, order.days)

    def do_show(self, order: m.Show) -> None:
        self.worlds.staff.tell("show", self.own.id, order.day)

    def do_layer(self, order: m.Layer) -> None:
        self.worlds.staff.tell("layer", self.own.id, order.layer)

    def do_twin(self, order: m.Twin) -> None:
        self.worlds.part(self.own, recipes.change_of(order.change, self.shelf), order.day)

    def do_rejoin(self, order: m.Plain) -> None:
        self.worlds.rejoin(self.own)

    def ask(self, what: Any, number: int, given: dict[str, Any]) -> None:
        """Ask the world something; the answer carries the tab's own number."""
        if self.world is None:
            raise InputError("no world is open")
        if len(self.questions) >= 8:
            raise InputError("eight questions wait for an answer already")
        world = self.world.id

        async def answered() -> None:
            try:
                is_right, found = await self.worlds.staff.ask(world, what, given)
            except GlassCityError as error:
                is_right, found = False, told_of(error)
            self.say("answer", number=number, **({"found": found} if is_right else {"problems": found}))

        task = asyncio.create_task(answered())
        self.questions.add(task)
        task.add_done_callback(self.questions.discard)
