"""All watched worlds of a server: who watches which, what was last seen of each, and the file from which each can be lived again."""

from __future__ import annotations

import json
import secrets
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from glasscity.errors import GlassCityError, InputError
from glasscity.jobs.living import Recipe
from glasscity.jobs.twins import Change
from glasscity.store.folder import write_whole
from glasscity.web import recipes
from glasscity.web.problems import Told, told_of
from glasscity.web.staff import Staff

MOST_AWAKE = 64  # worlds that are lived at a time
MOST_KEPT = 500  # worlds of which the recipe is kept
SLEEP_AFTER = 60.0  # seconds without anybody watching
WRITE_EVERY = 5.0  # seconds between writings of the day while a world goes on
PICTURES_AHEAD = 3
MOST_DEATHS = 3  # of a world's process within a minute
DIES = "the process in which this world is lived dies again and again; the world is kept, and is tried again when it is next opened"
FRAME, TRAITS = 1, 2  # first byte of what is sent in binary
HEAD = struct.Struct("<BBBBII")  # kind, side, layer, 0, day, bytes that follow


class Watcher(Protocol):
    """Somebody who watches a world."""

    def say(self, what: str, /, **told: Any) -> None: ...
    def picture(self, side: int, packet: bytes, is_last: bool) -> None: ...
    def traits(self, packet: bytes) -> None: ...


@dataclass(eq=False)
class World:
    """One world, lived in a worker or asleep."""

    id: str
    recipe: Recipe
    owner: str
    day: int = 0
    is_awake: bool = False
    watchers: set[Watcher] = field(default_factory=set)
    told: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    traits: bytes = b""
    frames: dict[int, bytes] = field(default_factory=dict)
    left: float = 0.0
    deaths: list[float] = field(default_factory=list)  # when its process died lately
    written: float = 0.0

    @property
    def sides(self) -> int:
        """One, or two with a twin."""
        return 2 if self.told.get("twin") else 1

    @property
    def plain(self) -> dict[str, Any]:
        """As kept in its file."""
        recipe, change = self.recipe, self.recipe.change
        return {
            "id": self.id, "owner": self.owner, "day": self.day, "scenario": recipe.scenario, "citizens": recipe.citizens,
            "days": recipe.days, "seed": recipe.seed, "overlay": dict(recipe.overlay), "branch": recipe.branch,
            "change": None if change is None else plain_change(change),
        }  # fmt: skip


def plain_change(change: Change) -> dict[str, Any]:
    """A change as plain data."""
    return {
        "without": list(change.without), "set": dict(change.overlay), "with": list(change.safeguards), "against": change.against
    }  # fmt: skip


def change_of(plain: dict[str, Any]) -> Change:
    return Change.of(plain["without"], plain["set"], plain["with"], plain["against"])


class Worlds:
    """The worlds of one server. Used from the event loop alone."""

    def __init__(self, folder: Path, processes: int, threads: int):
        self.folder = folder
        self.worlds: dict[str, World] = {}
        self.staff = Staff(processes, threads, self.heard, self.lost)
        self.broadcast: str | None = None

    def begin(self) -> None:
        """Start the workers, and know the worlds that were kept."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.glob("*.json")):
            with suppress(OSError, ValueError, KeyError, TypeError, GlassCityError):  # a file that somebody altered is no world
                plain = json.loads(path.read_text())
                change = None if plain["change"] is None else change_of(plain["change"])
                made = {key: plain[key] for key in ("scenario", "citizens", "days", "seed", "overlay", "branch")}
                recipe = Recipe(**made, change=change)
                self.worlds[path.stem] = World(path.stem, recipe, plain["owner"], plain["day"])
        self.staff.begin()

    def end(self) -> None:
        for world in self.worlds.values():
            if world.is_awake:
                self.write(world)
        self.staff.end()

    # --- coming and going ---

    def new(self, recipe: Recipe, owner: str, day: int = 0) -> World:
        """A new world; InputError if there are too many."""
        if len(self.worlds) >= MOST_KEPT:
            raise InputError(f"{MOST_KEPT} worlds are kept already; let one go first")
        world = World(secrets.token_hex(8), recipe, owner, day)
        self.worlds[world.id] = world
        self.write(world)
        return world

    def join(self, world: World, watcher: Watcher) -> None:
        """Somebody begins to watch; InputError if too many worlds are being lived."""
        world.watchers.add(watcher)
        if world.is_awake:
            self.tell_all(world, watcher)
        else:
            self.wake(world)

    def tell_all(self, world: World, watcher: Watcher) -> None:
        """What was last seen of a world."""
        for what, told in (("told", world.told), ("state", world.state)):
            if told:
                watcher.say(what, world=world.id, **{what: told})
        if world.traits:
            watcher.traits(world.traits)
        for side, packet in sorted(world.frames.items()):
            watcher.picture(side, packet, side == max(world.frames))
        if world.figures:
            watcher.say("figures", figures=world.figures)

    def wake(self, world: World) -> None:
        """Have a world lived up to the day on which it was left."""
        if sum(w.is_awake for w in self.worlds.values()) >= MOST_AWAKE and not self.put_to_sleep(0):
            world.watchers.clear()
            raise InputError(f"{MOST_AWAKE} worlds are being lived already; close one first")
        world.is_awake = True
        self.staff.open(world.id, world.recipe, world.day)
        self.staff.tell("credit", world.id, PICTURES_AHEAD)

    def leave(self, world: World, watcher: Watcher) -> None:
        """Somebody stops watching; a world that nobody watches pauses, and is kept."""
        world.watchers.discard(watcher)
        if not world.watchers:
            world.left = time.monotonic()
            self.staff.tell("pause", world.id)
            self.write(world)

    def put_to_sleep(self, after: float = SLEEP_AFTER) -> int:
        """Let go of worlds that nobody has watched for a while; they can be lived again. Returns how many."""
        idle = [w for w in self.worlds.values() if w.is_awake and not w.watchers and time.monotonic() - w.left >= after]
        for world in idle:
            self.write(world)
            self.staff.close(world.id)
            self.asleep(world)
        return len(idle)

    def asleep(self, world: World) -> None:
        world.is_awake = False
        world.told, world.state, world.figures, world.traits, world.frames = {}, {}, {}, b"", {}

    def forget(self, world: World) -> None:
        """Let a world go for good."""
        if world.is_awake:
            self.staff.close(world.id)
        for watcher in list(world.watchers):
            watcher.say("gone")
        del self.worlds[world.id]
        (self.folder / f"{world.id}.json").unlink(missing_ok=True)

    def write(self, world: World) -> None:
        """Keep how far a world is. A full disk is said to those who watch, and costs nothing but that."""
        world.written = time.monotonic()
        try:
            write_whole(self.folder / f"{world.id}.json", [json.dumps(world.plain).encode()])
        except (OSError, GlassCityError) as error:
            self.say(world, "failed", problems=told_of(error))

    # --- what workers say ---

    def heard(self, what: str, name: str, rest: tuple[Any, ...]) -> None:
        """Hand on what a worker sends to all who watch that world; what is about no world, to all who watch any."""
        if not name:
            for watched in self.worlds.values():
                self.say(watched, what, day=rest[0])
        elif world := self.worlds.get(name):
            getattr(self, f"heard_{what}")(world, *rest)

    def heard_frame(self, world: World, side: int, layer: int, day: int, picture: bytes) -> None:
        packet = HEAD.pack(FRAME, side, layer, 0, day, len(picture)) + picture
        world.frames[side] = packet
        is_last = side == world.sides - 1
        for watcher in world.watchers:
            watcher.picture(side, packet, is_last)
        if time.monotonic() - world.written > WRITE_EVERY:
            self.write(world)

    def heard_traits(self, world: World, traits: bytes) -> None:
        world.traits = HEAD.pack(TRAITS, 0, 0, 0, 0, len(traits)) + traits
        for watcher in world.watchers:
            watcher.traits(world.traits)

    def heard_told(self, world: World, told: dict[str, Any]) -> None:
        """The world has another shape: opened, or parted, or one again."""
        world.told = told
        world.frames = {side: frame for side, frame in world.frames.items() if side < world.sides}
        self.say(world, "told", world=world.id, told=told)

    def heard_state(self, world: World, state: dict[str, Any]) -> None:
        world.state, world.day = state, state["shown"]
        self.say(world, "state", world=world.id, state=state)
        if not state["playing"]:
            self.write(world)

    def heard_figures(self, world: World, figures: dict[str, Any]) -> None:
        world.day = figures["day"]
        world.figures |= figures
        self.say(world, "figures", figures=figures)

    def heard_busy(self, world: World, day: int) -> None:
        self.say(world, "busy", day=day)

    def heard_failed(self, world: World, problems: list[Told]) -> None:
        self.say(world, "failed", problems=problems)

    def say(self, world: World, what: str, /, **told: Any) -> None:
        for watcher in world.watchers:
            watcher.say(what, **told)

    async def lost(self, name: str) -> None:
        """A world whose process died is lived again, if anybody watches."""
        world = self.worlds.get(name)
        if world is None:
            return
        self.asleep(world)
        world.deaths = [at for at in world.deaths if time.monotonic() - at < SLEEP_AFTER] + [time.monotonic()]
        if len(world.deaths) > MOST_DEATHS:
            self.say(world, "failed", problems=told_of(DIES))
        elif world.watchers:
            self.say(world, "lost")
            self.wake(world)

    # --- orders ---

    def part(self, world: World, change: Change, day: int | None) -> None:
        """Begin a twin. Problems before anything is done if it cannot be."""
        day = world.day if day is None else day
        world.recipe = recipes.with_twin(world.recipe, change, day)
        self.staff.tell("twin", world.id, change, world.recipe.branch)
        self.write(world)

    def rejoin(self, world: World) -> None:
        world.recipe = replace(world.recipe, change=None, branch=0)
        self.staff.tell("rejoin", world.id)
        self.write(world)

    def of(self, owner: str) -> Iterator[World]:
        """Somebody's worlds."""
        return (world for world in self.worlds.values() if world.owner == owner)
