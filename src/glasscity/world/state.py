"""The state arrays of a world, laid out in whole neighbourhoods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscity import columns as c
from glasscity.errors import InputError, Problem, Problems
from glasscity.kernels.bundles import Firms, World
from glasscity.rules.model import Population
from glasscity.world.population import district_sizes, pattern

MOST_SLOTS = 2**31


@dataclass(frozen=True)
class Layout:
    """Where citizens live in the arrays: each district begins on a whole page."""

    sizes: np.ndarray  # int64[D] citizens
    first_slot: np.ndarray  # int64[D]
    pages: int

    @classmethod
    def of(cls, sizes: list[int]) -> Layout:
        n_pages = [-(-size // c.PAGE) for size in sizes]
        first = np.concatenate([[0], np.cumsum(n_pages)[:-1]]).astype(np.int64) * c.PAGE
        return cls(np.array(sizes, np.int64), first, int(sum(n_pages)))

    @property
    def citizens(self) -> int:
        return int(self.sizes.sum())

    @property
    def slots(self) -> int:
        return self.pages * c.PAGE

    def slots_of(self, numbers: np.ndarray) -> np.ndarray:
        """Slots of citizens by number."""
        ends = np.cumsum(self.sizes)
        d = np.searchsorted(ends, numbers, side="right")
        return self.first_slot[d] + (numbers - (ends - self.sizes)[d])

    def numbers_of(self, slots: np.ndarray) -> np.ndarray:
        """Numbers of citizens by slot."""
        d = np.searchsorted(self.first_slot, slots, side="right") - 1
        while len(d) and (empty := self.sizes[d] == 0).any():
            d = d - empty
        return (np.cumsum(self.sizes) - self.sizes)[d] + slots - self.first_slot[d]

    def parts(self, column: np.ndarray) -> list[np.ndarray]:
        """A column's citizens, district by district, without the gaps."""
        return [column[s : s + n] for s, n in zip(self.first_slot.tolist(), self.sizes.tolist(), strict=True)]


def layout(population: Population, citizens: int) -> Layout:
    """The layout of so many citizens; InputError if they cannot be addressed."""
    result = Layout.of(district_sizes(population, citizens))
    if result.slots >= MOST_SLOTS:
        raise Problems([Problem("--citizens", "citizens", str(citizens), f"fewer than {MOST_SLOTS}")])
    return result


def firms_of(population: Population, places: Layout) -> np.ndarray:
    """First firm of each district, and how many there are in all: int64[D + 1]."""
    sizes = population.circles.firm.sizes
    starts = np.cumsum([0, *sizes[:-1]])
    whole, rest = np.divmod(places.sizes, sum(sizes))
    n_firms = whole * len(sizes) + np.searchsorted(starts, rest, side="left")
    return np.concatenate([[0], np.cumsum(n_firms)]).astype(np.int64)


def empty_firms(population: Population, places: Layout, are_scored: bool) -> Firms:
    """The firms of a world, before their first day; none where no rulebook scores them."""
    first = firms_of(population, places) * are_scored
    state: dict[str, np.ndarray] = {column.name: np.zeros(int(first[-1]), column.dtype) for column in c.FIRM_STATE}
    return Firms(**state, first=first, pattern=pattern(population.circles.firm.sizes))


def empty_world(population: Population, places: Layout) -> World:
    """A world whose citizens are yet to be drawn; InputError if the machine has not the memory."""
    try:
        state: dict[str, np.ndarray] = {column.name: np.zeros(places.slots, column.dtype) for column in c.STATE}
    except MemoryError:
        needed = places.slots * c.BYTES_PER_CITIZEN / 2**30
        raise InputError(f"{places.citizens} citizens need {needed:.1f} GiB of memory for their state") from None
    n_pages = -(-places.sizes // c.PAGE)
    shapes = population.circles
    return World(
        **state,
        page_district=np.repeat(np.arange(len(n_pages), dtype=np.int32), n_pages),
        district_slot=places.first_slot,
        district_n=places.sizes,
        friends=pattern(shapes.friends.sizes),
        street=pattern(shapes.street.sizes),
        work=pattern(shapes.work.sizes),
        chat=pattern(shapes.chat.sizes),
    )
