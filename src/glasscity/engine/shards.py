"""One world over many machines: a shard lives a run of neighbourhoods, and tells the others what crosses.

Circles of friends, households and streets lie within a neighbourhood. What crosses is little: entries against people elsewhere
(named wrongly in a wide gallery; reported or rewarded as a mate at work or in a chat group; employed by a listed firm), once a
day; and sums over districts and groups, once a week. Fixed traits of the other citizens of a district that is shared do not
cross, they are drawn again: two bytes a citizen.

Every shard has the arrays of the whole world and touches only its own part of them, so that a place means the same
everywhere and the kernels know nothing of shards. Memory that is never touched costs addresses alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from glasscity import columns as c
from glasscity.engine.city import TALLIES, Arrays, City, Snapshot, in_one
from glasscity.engine.pages import page_place
from glasscity.engine.panel import SEEN
from glasscity.engine.team import Written
from glasscity.kernels import birth
from glasscity.kernels.jit import loop
from glasscity.world.population import pattern, trait_draws
from glasscity.world.state import Layout

SLACK = 16  # a cut moves to the border of a district that is nearer than one part in so many of a shard
CHUNK = 8 * 1024 * 1024  # bytes that travel at a time when the digest is made
MESSAGE = np.dtype([("entry", "<u8"), ("day", "<i4")])  # an entry and the day on which it arrives


class Exchange(Protocol):
    """How shards talk to each other. Each of these but `send` and `receive` is called by all shards, in the same order."""

    rank: int
    size: int

    def swap(self, items: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Items in the order of the shards that they are for, so many for each: those that are for this shard."""
        ...

    def total(self, counts: np.ndarray) -> np.ndarray:
        """The sum over all shards of int64 counts of one shape."""
        ...

    def gather(self, array: np.ndarray) -> list[np.ndarray]:
        """Everybody's arrays, in the order of shards, at shard 0; elsewhere nothing."""
        ...

    def send(self, array: np.ndarray, to: int) -> None:
        """Send bytes to a shard that receives them."""
        ...

    def receive(self, source: int, n: int) -> np.ndarray:
        """So many bytes from a shard that sends them."""
        ...


def cuts_of(layout: Layout, n: int) -> np.ndarray:
    """Where the world is cut into n shards: pages, int64[n + 1].

    Shards are as large as each other, but for a cut that is near the border of a district: that is where it is made then.
    """
    cuts = np.array([layout.pages * r // n for r in range(n + 1)], np.int64)
    borders = np.append(layout.first_slot // c.PAGE, layout.pages)
    nearest = borders[np.abs(borders[None, :] - cuts[:, None]).argmin(axis=1)]
    is_near = np.abs(nearest - cuts) * SLACK * n <= layout.pages
    return np.where(is_near, nearest, cuts)


@loop
def settle_traits(world, keys, draws, household, scratch, first_page, last_page):
    """Draw the fixed traits of some pages, and nothing else of them. scratch: int64[3, PAGE]."""
    for page in range(first_page, last_page):
        d, rank, slot, n = page_place(world, page)
        birth.settle_page(keys, draws, household, d, rank >> c.PAGE_BITS, n, world.traits, slot, scratch)


@dataclass(frozen=True)
class Place:
    """A run of neighbourhoods, and what lies in it of everything that is kept: first and last + 1 of each."""

    pages: range
    firms: range
    members: range  # of the panel

    @property
    def slots(self) -> range:
        return range(self.pages.start * c.PAGE, self.pages.stop * c.PAGE)

    @property
    def pieces(self) -> dict[str, range]:
        """The same by kind of array."""
        return {SLOTS: self.slots, FIRMS: self.firms, PAGES: self.pages, MEMBERS: self.members}


def place_of(city: City, pages: range) -> Place:
    """What lies in a run of a city's neighbourhoods."""
    members = np.searchsorted(city.panel, [pages.start * c.PAGE, pages.stop * c.PAGE]).tolist()
    return Place(pages, range(first_firm(city, pages.start), first_firm(city, pages.stop)), range(*members))


def first_firm(city: City, page: int) -> int:
    """The first firm of those that go with the neighbourhoods from `page` on: a district's firms are shared as its pages are."""
    if page == city.layout.pages:
        return int(city.firms.first[-1])
    d = int(city.world.page_district[page])
    first, last = city.firms.first[d : d + 2].tolist()
    n_pages = -(-int(city.layout.sizes[d]) // c.PAGE)
    return int(first + (last - first) * (page - int(city.layout.first_slot[d]) // c.PAGE) // n_pages)


class Shard(City):
    """What one of several machines lives of a world."""

    def __init__(self, exchange: Exchange, *world: Any, **options: Any):
        """world, options: those of `City`."""
        self.exchange = exchange
        self.told: tuple[np.ndarray, Arrays] = np.empty(0, np.int64), {}
        super().__init__(*world, **options)

    # --- what is lived here ---

    @cached_property
    def cuts(self) -> np.ndarray:
        """First page of each shard, and the end: int64[shards + 1]."""
        return cuts_of(self.layout, self.exchange.size)

    @property
    def pages(self) -> range:
        first, last = self.cuts[self.exchange.rank : self.exchange.rank + 2].tolist()
        return range(first, last)

    @cached_property
    def place(self) -> Place:
        """What lies in this shard."""
        return place_of(self, self.pages)

    @property
    def everything(self) -> Place:
        """The place that is the whole world."""
        return place_of(self, range(self.layout.pages))

    @property
    def own_firms(self) -> range:
        return self.place.firms

    @property
    def panel_here(self) -> np.ndarray:
        return self.panel[self.place.members.start : self.place.members.stop]

    @property
    def neighbours(self) -> list[range]:
        """Pages of other shards, in districts that are shared with them."""
        if not len(self.pages):
            return []
        borders = np.append(self.layout.first_slot // c.PAGE, self.layout.pages)
        before = int(borders[self.world.page_district[self.pages.start]])
        after = int(borders[self.world.page_district[self.pages.stop - 1] + 1])
        return [part for part in (range(before, self.pages.start), range(self.pages.stop, after)) if len(part)]

    def populate(self) -> None:
        super().populate()
        self.draw_neighbours()

    def draw_neighbours(self) -> None:
        """Draw the fixed traits of those with whom citizens here may work or chat."""
        draws, household = trait_draws(self.resolved.population), pattern(self.resolved.population.circles.household.sizes)
        with np.errstate(over="ignore"):
            for part in self.neighbours:
                scratch = np.empty((3, c.PAGE), np.int64)
                settle_traits(self.world, self.set_up_keys, draws, household, scratch, part.start, part.stop)

    # --- what crosses ---

    def deliver(self, today: Written, late: Written) -> tuple[Written, Written]:
        parts = [(entries, self.day) for [entries] in today] + [(entries, days) for entries, days in late]
        written = np.empty(sum(len(entries) for entries, _ in parts), MESSAGE)
        end = 0
        for entries, days in parts:
            begin, end = end, end + len(entries)
            written["entry"][begin:end], written["day"][begin:end] = entries, days
        ends = self.cuts[1:-1].astype(np.uint64) << np.uint64(c.ENTRY_SLOT_SHIFT + c.PAGE_BITS)
        shard = np.searchsorted(ends, written["entry"], side="right")
        is_here = shard == self.exchange.rank
        order = np.argsort(shard[~is_here], kind="stable")
        counts = np.bincount(shard[~is_here], minlength=self.exchange.size)
        arrived = np.concatenate([written[is_here], self.exchange.swap(written[~is_here][order], counts)])
        is_today = arrived["day"] == self.day
        return [[arrived["entry"][is_today]]], [[arrived[name][~is_today] for name in ("entry", "day")]]

    def summed(self, *counts: np.ndarray) -> Sequence[np.ndarray]:
        total = self.exchange.total(np.concatenate([count.ravel() for count in counts]))
        ends = np.cumsum([count.size for count in counts])
        return [part.reshape(count.shape) for part, count in zip(np.split(total, ends[:-1]), counts, strict=True)]

    # --- checkpoints ---

    def snapshot(self) -> Snapshot:
        """What this shard alone keeps. The rest is `shared`; together they are what `City.snapshot` has."""
        looks = np.array(self.panel_seen, np.int16).reshape(len(self.panel_seen), len(self.panel_here), len(SEEN))
        arrays, pieces = {**super().snapshot(), "panel_seen": looks}, self.place.pieces
        return {
            name: array[slice_of(pieces[kind])] if kind in pieces and kind != MEMBERS else array
            for name, array in arrays.items()
            if (kind := kind_of(name)) != SHARED
        }

    def shared(self) -> Arrays:
        """What all shards have in common, with counts summed up over them."""
        arrays = {name: in_one(array) for name, array in super().snapshot().items() if kind_of(name) == SHARED}
        return arrays | dict(zip(TALLIES, self.summed(*(arrays[name] for name in TALLIES)), strict=True))

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from what this shard keeps and what all have in common."""
        counted = {name: in_one(snapshot[name]) * (self.exchange.rank == 0) for name in TALLIES}
        super().restore({**snapshot, **counted})
        self.draw_neighbours()

    def hold(self, arrays: Arrays) -> None:
        pieces = self.place.pieces
        for name in arrays:
            if name.startswith("state."):
                state = self.firms if kind_of(name) == FIRMS else self.world
                getattr(state, name.removeprefix("state."))[slice_of(pieces[kind_of(name)])] = arrays[name]
        self.named_from_afar[slice_of(pieces[PAGES])] = arrays["named_from_afar"]

    # --- the end ---

    def digest(self) -> str:
        """As of the city lived by one process; districts that are shared are hashed where they begin."""
        hashes = np.zeros((len(c.STATE), len(self.layout.sizes), 32), np.int64)
        ends = (self.cuts * c.PAGE).tolist()
        for d, (first, n) in enumerate(zip(self.layout.first_slot.tolist(), self.layout.sizes.tolist(), strict=True)):
            keeper = int(np.searchsorted(self.cuts, first // c.PAGE, side="right")) - 1 if n else 0
            for k, column in enumerate(c.STATE):
                total = hashlib.sha256()
                for part in self.passed_on(getattr(self.world, column.name), range(first, first + n), ends, keeper):
                    total.update(part.data)
                if self.exchange.rank == keeper:
                    hashes[k, d] = np.frombuffer(total.digest(), np.uint8)
        total = hashlib.sha256(self.exchange.total(hashes).astype(np.uint8).tobytes())
        ends = [first_firm(self, page) for page in self.cuts.tolist()]
        for column in c.FIRM_STATE:
            for part in self.passed_on(getattr(self.firms, column.name), range(ends[-1]), ends, 0):
                total.update(part.data)
        for counts in self.summed(*(self.team.total(name) for name in TALLIES)):
            total.update(counts.tobytes())
        found = np.frombuffer(total.digest(), np.uint8).astype(np.int64)
        return bytes(self.exchange.total(found * (self.exchange.rank == 0)).astype(np.uint8)).hex()

    def passed_on(self, column: np.ndarray, places: range, ends: Sequence[int], keeper: int) -> Iterator[np.ndarray]:
        """Some places of a column, piece by piece, at the shard that keeps them; the others send theirs. ends: where shards begin."""
        step = CHUNK // column.itemsize
        for rank in range(self.exchange.size):
            first, last = max(places.start, ends[rank]), min(places.stop, ends[rank + 1])
            for start in range(first, last, step):
                stop = min(start + step, last)
                if rank == self.exchange.rank:
                    part = column[start:stop].view(np.uint8)
                    if rank == keeper:
                        yield part
                    else:
                        self.exchange.send(part, keeper)
                elif self.exchange.rank == keeper:
                    yield self.exchange.receive(rank, (stop - start) * column.itemsize)

    def tell(self, slots: np.ndarray) -> None:
        """Bring to shard 0 what tables are made of: all counts, rows and marks, the panel, the state of some citizens.

        Afterwards the city is there to be looked at, not to be lived on.
        """
        slots = np.union1d(slots, self.panel)
        here = slots[(slots >= self.place.slots.start) & (slots < self.place.slots.stop)]
        parts = {column.name: self.exchange.gather(getattr(self.world, column.name)[here]) for column in c.STATE}
        own = self.snapshot()
        kept = {name: self.exchange.gather(in_one(own[name])) for name in ("rows", "panel_seen", "named_from_afar")}
        totals = self.summed(*(self.team.total(name) for name in TALLIES))
        if self.exchange.rank:
            return
        self.told = slots, {name: np.concatenate(part) for name, part in parts.items()}
        found = {name: np.concatenate(part, axis=axis_of(name)) for name, part in kept.items()}
        self.rows, self.panel_seen, self.named_from_afar = [found["rows"]], list(found["panel_seen"]), found["named_from_afar"]
        for name, total in zip(TALLIES, totals, strict=True):
            self.team.begin_from(name, total)

    def state_at(self, slots: np.ndarray) -> Arrays:
        known, columns = self.told
        places = np.searchsorted(known, slots)
        return {name: column[places] for name, column in columns.items()}


# --- pieces of snapshots -----------------------------------------------------------------------------


SLOTS, FIRMS, PAGES, MEMBERS, NAMED, ACTORS, SHARED = "slots", "firms", "pages", "members", "named", "actors", "shared"
DAYS = "days"  # how many entries, one after the other, arrive on a day
KINDS = {f"state.{column.name}": SLOTS for column in c.STATE} | {f"state.{column.name}": FIRMS for column in c.FIRM_STATE}
KINDS |= {"named_from_afar": PAGES, "panel_seen": MEMBERS, "late": NAMED, "late_days": DAYS, "rows": ACTORS}


def kind_of(name: str) -> str:
    """What an array of a snapshot goes by: places, or whom its items are about; SHARED if it is about the whole world."""
    return KINDS.get(name, SHARED)


def axis_of(name: str) -> int:
    """The axis of an array along which shards lie side by side."""
    return 1 if kind_of(name) == MEMBERS else 0


def slice_of(piece: range) -> slice:
    return slice(piece.start, piece.stop)


def cut(snapshot: Snapshot, have: Place, want: Place) -> Arrays:
    """What lies in one place, out of arrays of another."""
    arrays = {name: in_one(array) for name, array in snapshot.items()}
    named = (arrays["late"] >> np.uint64(c.ENTRY_SLOT_SHIFT)).astype(np.int64)
    about = {NAMED: named, ACTORS: arrays["rows"][:, 2]}
    keep: dict[str, Any] = {kind: (slots >= want.slots.start) & (slots < want.slots.stop) for kind, slots in about.items()}
    for kind, piece in have.pieces.items():
        first = max(0, want.pieces[kind].start - piece.start)
        keep[kind] = slice(first, max(first, want.pieces[kind].stop - piece.start))
    looks = arrays["panel_seen"].reshape(len(arrays["panel_seen"]), len(have.members), len(SEEN))
    days, n = arrays["late_days"].T
    left = np.diff(np.append(0, np.cumsum(keep[NAMED]))[np.append(0, np.cumsum(n))])
    found = {name: array[keep[kind_of(name)]] for name, array in arrays.items() if kind_of(name) not in (SHARED, MEMBERS, DAYS)}
    return found | {"panel_seen": looks[:, keep[MEMBERS]], "late_days": np.stack([days, left], axis=1)}


def join(parts: Sequence[Mapping[str, np.ndarray]]) -> Arrays:
    """Arrays of places that lie side by side, as one."""
    return {name: np.concatenate([part[name] for part in parts], axis=axis_of(name)) for name in parts[0]}
