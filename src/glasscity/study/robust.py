"""What rests on a guess: each headline with every assumed parameter halved and doubled.

All worlds of a table share citizens and candidates, so that a difference is the parameter's doing: the bounds of the
catalogue are doubled for all of them, the untouched world included.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any

from glasscity.errors import Problem, Problems
from glasscity.metrics import tables
from glasscity.rules.check import MOST_A_DAY
from glasscity.rules.model import Article, Class, Names, Rulebook, Scoring, Slot
from glasscity.rules.resolve import Resolved
from glasscity.study import worlds
from glasscity.study.orders import packed, unpacked
from glasscity.study.worlds import changed_documents

Headlines = dict[str, float | None]
Value = Any  # a number, a row of numbers, or numbers by name
SEEDS_OF_CHANCE = 5  # worlds of other seeds, to tell a parameter's doing from chance


@dataclass(frozen=True)
class Parameter:
    """An assumed number, or a row or table of them: where it stands, and its half and double as overlays."""

    path: str
    name: Names
    value: Value
    halved: dict[str, Any]
    doubled: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A parameter and the headlines at its half and its double; a text instead says why there is no such world."""

    parameter: Parameter
    halved: Headlines | str
    doubled: Headlines | str

    def moves(self, base: Headlines, headline: str) -> tuple[float | None, float | None]:
        """By how much the headline differs from the untouched world at half and at double."""
        found = []
        for world in (self.halved, self.doubled):
            value, before = (world.get(headline) if isinstance(world, dict) else None), base[headline]
            found.append(None if value is None or before is None else value - before)
        return found[0], found[1]


@dataclass(frozen=True)
class Table:
    """Robustness of one scenario."""

    scenario: str
    base: Headlines
    chance: Headlines  # standard deviation between seeds
    rows: list[Row]

    def ranked(self, headline: str) -> list[Row]:
        """Rows by how far they move a headline, the farthest first; those that do not move it are left out."""

        def reach(row: Row) -> float:
            return max((abs(move) for move in row.moves(self.base, headline) if move is not None), default=0.0)

        return sorted((row for row in self.rows if reach(row) > 0), key=lambda row: (-reach(row), row.parameter.path))

    @property
    def plain(self) -> dict[str, Any]:
        """The table as plain data: for each parameter its value, and each headline at half and at double."""
        rows = [
            {"path": row.parameter.path, "value": row.parameter.value, "halved": row.halved, "doubled": row.doubled}
            for row in self.rows
        ]
        return {"scenario": self.scenario, "base": self.base, "chance": self.chance, "parameters": rows}

    def is_beyond_chance(self, row: Row, headline: str) -> bool:
        """Whether half or double moves the headline by more than two standard deviations between seeds."""
        spread = self.chance[headline] or 0.0
        return any(move is not None and abs(move) > 2 * spread for move in row.moves(self.base, headline))


def parameters(resolved: Resolved) -> Iterator[Parameter]:
    """Every assumed number of the rulebook that is in use, and every assumed rate of the catalogue."""
    start = start_of(resolved.rulebook)
    for key, article in resolved.rulebook.articles.items():
        if article.grade != "assumed" or not article.enabled:
            continue
        for field, value in numbers_of(article).items():
            path = f"articles.{key}.{field}"
            half, double = scaled_all(value, start if isinstance(article, Class) and field == "value" else 0)
            yield Parameter(path, article.name, value, {path: half}, {path: double})
    for root, table in slots_of(resolved).items():
        for key, slot in table.items():
            if slot.grade == "assumed" and slot.rate:
                path = f"{root}.{key}.rate"
                yield Parameter(path, slot.name, slot.rate, {path: slot.rate / 2}, {path: slot.rate * 2})


def numbers_of(article: Article) -> dict[str, Value]:
    """The numbers, or rows or tables of numbers, that an article states, by field; nought is left out."""
    stated = {field: getattr(article, field) for field in type(article).model_fields if field in article.model_fields_set}
    return {field: value for field, value in stated.items() if leaves(value) and any(leaves(value))}


def leaves(value: Any) -> list[float]:
    """The numbers in a value; none if it holds anything else."""
    parts = list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, tuple | list) else [value]
    are_numbers = all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts)
    return parts if are_numbers else []


def scaled_all(value: Value, origin: int) -> tuple[Value, Value]:
    """Half and double of a number, or of all numbers of a row or table at once."""
    if isinstance(value, dict):
        halves = {key: scaled(part, origin) for key, part in value.items()}
        return {key: half for key, (half, _) in halves.items()}, {key: double for key, (_, double) in halves.items()}
    if isinstance(value, tuple | list):
        pairs = [scaled(part, origin) for part in value]
        return [half for half, _ in pairs], [double for _, double in pairs]
    return scaled(value, origin)


def start_of(rulebook: Rulebook) -> int:
    """Points at the start."""
    return next((article.value for article in rulebook.articles.values() if isinstance(article, Scoring)), 0)


def scaled(value: float, origin: int) -> tuple[float, float]:
    """Half and double of a number, counted from `origin`; whole numbers stay whole, shares stay within 1."""
    if isinstance(value, int):
        return origin + round((value - origin) / 2), origin + 2 * (value - origin)
    return value / 2, min(value * 2, 1.0) if value <= 1 else value * 2


def roomy(resolved: Resolved) -> dict[str, float]:
    """An overlay that doubles the bounds of the catalogue: all, or the smallest as far as a day's lottery has room for them."""
    slots, found = slots_of(resolved), {}
    for roots in (("conduct", "alarms"), ("wishes",)):
        bounds = {f"{root}.{key}.bound": slot.bound for root in roots for key, slot in slots[root].items()}
        room = MOST_A_DAY * 365 - sum(bounds.values()) - 1e-6
        for path, bound in sorted(bounds.items(), key=lambda item: item[1]):
            if bound <= room:
                found[path], room = 2 * bound, room - bound
    return found


def slots_of(resolved: Resolved) -> dict[str, dict[str, Slot]]:
    """The catalogue's tables by the root of their paths."""
    catalogue = resolved.catalogue
    return {"conduct": {**catalogue.conduct}, "wishes": {**catalogue.wishes}, "alarms": {**catalogue.alarms}}


def robustness(
    resolved: Resolved, citizens: int, days: int, seed: int, pool: Executor, tick: worlds.Tick = lambda _: None
) -> Table:
    """Headlines of a scheme with each assumed parameter halved and doubled; `pool` lives the worlds."""
    room, scheme = roomy(resolved), packed(resolved)

    def world(changes: dict[str, Any], seed: int) -> Future[Headlines | str]:
        future = pool.submit(headlines, scheme, room | changes, citizens, days, seed)
        future.add_done_callback(lambda _: tick(citizens * days))
        return future

    others = [world({}, seed + k) for k in range(SEEDS_OF_CHANCE)]
    pairs = [(p, world(p.halved, seed), world(p.doubled, seed)) for p in parameters(resolved)]
    rows = [Row(p, half.result(), double.result()) for p, half, double in pairs]
    seeds = [lived for future in others if isinstance(lived := future.result(), dict)]
    if not seeds:
        raise Problems([Problem(resolved.scenario.id, "catalogue", str(others[0].result()), "a scheme with room for a number to be varied")])
    chance = {key: spread([lived[key] for lived in seeds]) for key in seeds[0]}
    return Table(resolved.scenario.id, seeds[0], chance, rows)


def headlines(scheme: bytes, changes: dict[str, Any], citizens: int, days: int, seed: int) -> Headlines | str:
    """Headlines of one world, or why there is none. `scheme`: see `orders.packed`."""
    try:
        world = changed_documents(unpacked(scheme), changes)
    except Problems as error:
        return f"{error.problems[0].path}: {error.problems[0].allowed}"
    return tables.headline(worlds.lived(world, citizens, days, seed, 1, is_end_only=True))


def spread(values: list[float | None]) -> float | None:
    """Standard deviation of those that are defined; None if fewer than two are."""
    known = [value for value in values if value is not None]
    return statistics.stdev(known) if len(known) > 1 else None


def worlds_of(resolved: Resolved) -> int:
    """How many worlds `robustness` will live through."""
    return SEEDS_OF_CHANCE + 2 * len(list(parameters(resolved)))
