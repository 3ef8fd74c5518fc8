"""A process in which watched worlds are lived. It is told what to do through a pipe, and sends pictures and figures back.

In come tuples (what, world, ...), out go tuples too; both ends are ours. What goes wrong with a world is sent, not raised.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from glasscity.errors import GlassCityError, Problem, Problems
from glasscity.jobs.again import again
from glasscity.jobs.executors import stay_until_parent_ends
from glasscity.jobs.living import LAYERS, Living, Recipe
from glasscity.jobs.machine import COMPILING, compile_kernels
from glasscity.web.problems import told_of

ASLEEP = "this world is not being lived"
FASTEST = 1000.0  # days a second
TELL_EVERY = 0.25  # seconds between words on a long way
GROUPS_EVERY = 28  # days between figures by group while a world plays: they cost as much as several days


@dataclass
class Seat:
    """A world and how it is watched."""

    living: Living
    shown: int
    layer: str = LAYERS[0]
    is_playing: bool = False
    speed: float = 20.0  # days a second
    credit: int = 0  # pictures that may still be sent
    due: float = 0.0
    told_at: tuple[int, int] = (-1, 0)  # day and sides of the figures by group sent last

    @property
    def is_over(self) -> bool:
        return self.shown >= self.living.recipe.days

    @property
    def wants_to_go_on(self) -> bool:
        return self.is_playing and self.credit > 0 and not self.is_over


def main(pipe: Connection, threads: int) -> None:
    """Serve until the pipe is closed."""
    stay_until_parent_ends()
    try:
        Hall(pipe, threads).serve()
    except (EOFError, BrokenPipeError, OSError):
        return


class Hall:
    """All the worlds of one process."""

    def __init__(self, pipe: Connection, threads: int):
        self.pipe, self.threads = pipe, threads
        self.seats: dict[str, Seat] = {}
        self.orders: dict[str, Callable[..., None]] = {
            "open": self.open, "close": self.close, "play": self.play, "pause": self.pause, "step": self.step, "show": self.show,
            "layer": self.layer, "credit": self.credit, "twin": self.twin, "rejoin": self.rejoin, "ask": self.ask,
        }  # fmt: skip

    def serve(self) -> None:
        """Do as told; in between, live days."""
        compile_kernels(lambda: self.pipe.send(("busy", "", COMPILING)))
        self.pipe.send(("ready",))
        while True:
            while self.pipe.poll(self.patience()):
                what, *given = self.pipe.recv()
                self.guarded(given[0], self.orders[what], *given)
            now = time.monotonic()
            for world, seat in list(self.seats.items()):
                if seat.wants_to_go_on and seat.due <= now:
                    self.guarded(world, self.go_on, world)

    def patience(self) -> float | None:
        """Seconds to wait for orders; None if there is nothing else to do."""
        dues = [seat.due for seat in self.seats.values() if seat.wants_to_go_on]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def guarded(self, world: str, task: Callable[..., None], *given: Any) -> None:
        """Do something; what goes wrong is sent to whoever watches the world."""
        try:
            task(*given)
        except KeyError:
            if world in self.seats:
                raise
        except GlassCityError as error:
            self.pipe.send(("failed", world, told_of(error)))

    # --- orders ---

    def open(self, world: str, recipe: Recipe, day: int) -> None:
        """Bring a world into being, and live on to a day."""
        self.seats[world] = seat = Seat(Living(recipe, self.threads), 0)
        self.way_to(world, day)
        seat.shown = seat.living.day
        self.told(world)
        self.pipe.send(("traits", world, seat.living.traits().tobytes()))
        self.frame(world)
        self.figures(world, is_full=True)

    def close(self, world: str) -> None:
        self.seats.pop(world).living.close()

    def play(self, world: str, speed: float) -> None:
        seat = self.seats[world]
        seat.speed, seat.is_playing, seat.due = min(FASTEST, max(0.1, speed)), not seat.is_over, time.monotonic()
        self.state(world)

    def pause(self, world: str) -> None:
        self.seats[world].is_playing = False
        self.state(world)
        self.figures(world, is_full=True)

    def step(self, world: str, days: int) -> None:
        """Go on by some days at once."""
        seat = self.seats[world]
        seat.is_playing = False
        self.show(world, seat.shown + max(1, days))

    def show(self, world: str, day: int) -> None:
        """Show a day: from the stored pictures, or by living on to it."""
        seat = self.seats[world]
        seat.is_playing = False
        day = min(max(0, day), seat.living.recipe.days)
        self.way_to(world, day)
        seat.shown = day
        self.state(world)
        self.frame(world)
        self.figures(world, is_full=True)

    def layer(self, world: str, layer: str) -> None:
        self.seats[world].layer = layer if layer in LAYERS else LAYERS[0]
        self.frame(world)

    def credit(self, world: str, pictures: int) -> None:
        seat = self.seats[world]
        seat.credit = min(4, seat.credit + pictures)

    def twin(self, world: str, change: Any, day: int | None) -> None:
        """Begin a twin from the day shown, or another."""
        seat = self.seats[world]
        seat.is_playing = False
        day = seat.shown if day is None else day
        seat.living.part_ways(change, day, self.way(world))
        seat.shown = min(seat.shown, seat.living.day)
        self.parted(world)

    def rejoin(self, world: str) -> None:
        self.seats[world].living.rejoin()
        self.parted(world)

    def parted(self, world: str) -> None:
        """Tell that there are other sides than before."""
        self.seats[world].told_at = (-1, 0)
        self.told(world)
        self.frame(world)
        self.figures(world, is_full=True)

    def ask(self, world: str, number: int, what: str, given: dict[str, Any]) -> None:
        """Answer a question of one watcher."""
        seat = self.seats.get(world)
        try:
            found = (False, told_of(ASLEEP)) if seat is None else (True, ANSWERS[what](seat.living, **given))
        except GlassCityError as error:
            found = (False, told_of(error))
        self.pipe.send(("answer", world, number, *found))

    # --- what is sent ---

    def go_on(self, world: str) -> None:
        """The next day, lived or from the stored pictures."""
        seat = self.seats[world]
        seat.due = max(seat.due + 1 / seat.speed, time.monotonic() - 0.2)
        if seat.shown == seat.living.day:
            seat.living.live()
        seat.shown += 1
        seat.credit -= 1
        self.frame(world)
        is_due = seat.shown == seat.living.day and seat.shown % GROUPS_EVERY == 0
        self.figures(world, is_full=is_due or seat.is_over)
        if seat.is_over:
            seat.is_playing = False
            self.state(world)

    def way(self, world: str) -> Callable[[int], None]:
        """Tells now and then how far it is."""
        last = time.monotonic()

        def tell(day: int) -> None:
            nonlocal last
            if time.monotonic() - last > TELL_EVERY:
                last = time.monotonic()
                self.pipe.send(("busy", world, day))

        return tell

    def way_to(self, world: str, day: int) -> None:
        self.seats[world].living.live_until(day, self.way(world))

    def told(self, world: str) -> None:
        self.pipe.send(("told", world, self.seats[world].living.told()))
        self.state(world)

    def state(self, world: str) -> None:
        """How it is watched."""
        seat = self.seats[world]
        state = {"playing": seat.is_playing, "speed": seat.speed, "shown": seat.shown, "lived": seat.living.day, "layer": seat.layer}
        if seat.living.is_over:
            state["digests"] = [seat.living.digest(side) for side in range(len(seat.living.sides))]
        self.pipe.send(("state", world, state))

    def frame(self, world: str) -> None:
        """The day shown, as a picture of each side."""
        seat = self.seats[world]
        for side, films in enumerate(seat.living.films):
            self.pipe.send(("frame", world, side, LAYERS.index(seat.layer), seat.shown, films[seat.layer].at(seat.shown).tobytes()))

    def figures(self, world: str, is_full: bool) -> None:
        """Mean standing and number of the sanctioned on the day shown; with `is_full`, figures by group, of the day lived last."""
        seat = self.seats[world]
        living = seat.living
        found: dict[str, Any] = {"day": seat.shown, "sides": [glances[seat.shown] for glances in living.glances]}
        if is_full and living.sides[0].readings and seat.told_at != (living.day, len(living.sides)):
            seat.told_at = (living.day, len(living.sides))
            reading = living.sides[0].readings[-1].day + 1
            found |= {"reading": reading, "groups": [living.by_group(side) for side in range(len(living.sides))]}
        self.pipe.send(("figures", world, found))


# --- questions ---------------------------------------------------------------------------------------


def file_of(living: Living, citizen: int, side: int, lang: str) -> dict[str, Any]:
    """One synthetic citizen's file, told in a language."""
    from glasscity.report.dossier import told

    found = living.dossier(citizen, side_of(living, side))
    return told(found.plain, found.resolved, lang) | {"side": side, "day": living.day}


def page_of(living: Living, citizen: int, side: int, lang: str) -> str:
    """The same as a page of its own."""
    return living.dossier(citizen, side_of(living, side)).page(lang)


def lives_of(living: Living, story: str, side: int) -> list[dict[str, Any]]:
    return living.find(story, 5, side_of(living, side))


def glances_of(living: Living) -> list[list[tuple[float, int]]]:
    """Mean standing and number of the sanctioned on every day."""
    return living.glances


def menu_of(living: Living, lang: str) -> list[dict[str, str]]:
    """Every metric with its name."""
    from glasscity.report.explore import menu

    return menu(living.metrics(), living.recipe.plan.resolved, lang)


def charts_of(living: Living, metric: str, lang: str) -> dict[str, Any]:
    """One metric's charts and tables."""
    from glasscity.report.explore import charts

    frames = [living.metrics(side) for side in range(len(living.sides))]
    try:
        return charts(frames, metric, living.recipe.plan.resolved, lang)
    except KeyError:
        raise Problems([Problem("page", "metric", ascii(metric)[:80], "a metric of this world")]) from None


def values_of(living: Living, wanted: list[tuple[str, str]]) -> list[list[float | None]]:
    """Some figures, side by side."""
    return [living.values(wanted, side) for side in range(len(living.sides))]


def again_of(living: Living) -> dict[str, str]:
    """How to have the same figures again."""
    return again(living.recipe, max(1, living.day))


def side_of(living: Living, side: int) -> int:
    """A side that there is."""
    if not 0 <= side < len(living.sides):
        raise Problems([Problem("page", "side", str(side), f"0 to {len(living.sides) - 1}")])
    return side


ANSWERS: dict[str, Callable[..., Any]] = {
    "file": file_of, "page": page_of, "lives": lives_of, "glances": glances_of, "menu": menu_of, "charts": charts_of, "values": values_of,
    "again": again_of,
}  # fmt: skip
