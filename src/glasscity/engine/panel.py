"""The panel: whole circles of friends, spread evenly over the city, of whom more is kept than counts.

Some outcomes need to know, of one person, what was done and what followed from it. Of the panel's members a run keeps
the events and how they stood at each reading; `metrics.outcomes` makes figures of that. In a city no larger than the
panel everybody is in it, and these figures are exact. Keeping all this changes no state and draws nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glasscity import columns as c

if TYPE_CHECKING:
    from glasscity.engine.city import City
    from glasscity.kernels.bundles import World
    from glasscity.world.state import Layout

PANEL = 5_000  # citizens, and up to a circle of friends more
SEEN = ("own", "false_points", "association", "status", "note", "listed_weeks", "is_sanctioned")  # at each reading


def circles_of(world: World, layout: Layout, slots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First slot and size of the circles of friends of some citizens: two int64 arrays like `slots`."""
    district = world.page_district[slots >> c.PAGE_BITS]
    page = slots >> c.PAGE_BITS << c.PAGE_BITS
    n = np.minimum(c.PAGE, layout.sizes[district] - (page - layout.first_slot[district]))
    place = (slots - page) % int(world.friends[0])
    start = slots - place + world.friends[1 + 2 * place]
    return start, np.minimum(world.friends[2 + 2 * place], n - (start - page))


def members(world: World, layout: Layout, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Slots of about `n` citizens in whole circles of friends, in rising order, and the first slot of each one's circle."""
    if n == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    if layout.citizens <= n:
        slots = layout.slots_of(np.arange(layout.citizens, dtype=np.int64))
        return slots, circles_of(world, layout, slots)[0]
    n_circles = max(1, round(n / float(np.mean(world.friends[2::2]))))
    numbers = np.arange(n_circles, dtype=np.int64) * layout.citizens // n_circles
    first, size = circles_of(world, layout, layout.slots_of(numbers))
    first, which = np.unique(first, return_index=True)
    size = size[which]
    return np.concatenate([np.arange(a, a + k) for a, k in zip(first, size, strict=True)]), np.repeat(first, size)


def mask(n_slots: int, watched: np.ndarray, in_panel: np.ndarray) -> np.ndarray:
    """Why events of each slot are written down, two bits each (`kernels.note.watched`): uint8[slots / 4], or empty if nobody's are."""
    if not len(watched) and not len(in_panel):
        return np.empty(0, np.uint8)
    found = np.zeros(n_slots // 4, np.uint8)
    for slots, bit in ((watched, c.WATCHED), (in_panel, c.IN_PANEL)):
        np.bitwise_or.at(found, slots >> 2, (bit << 2 * (slots & 3)).astype(np.uint8))
    return found


def slots_of(mask: np.ndarray, bits: int = c.WATCHED | c.IN_PANEL) -> np.ndarray:
    """Slots that have any of some bits in such a mask, int64, in rising order."""
    fours = np.flatnonzero(mask)
    each = mask[fours, None] >> np.array([0, 2, 4, 6], np.uint8) & np.uint8(bits)
    return (4 * fours[:, None] + np.arange(4))[each != 0]


def look(city: City) -> np.ndarray:
    """How the panel's members here stand, int16[members, SEEN]."""
    here = city.state_here(city.panel_here)
    state = [here[name].astype(np.int16) for name in SEEN[:-1]]
    status = state[SEEN.index("status")]
    classes = int(city.rules.p[c.P_SANCTIONED_CLASSES])
    is_sanctioned = (classes >> (status & c.CLASS_BITS) & 1 != 0) | (status & (c.BLACK | c.COURT) != 0)
    return np.stack([*state, is_sanctioned.astype(np.int16)], axis=1)
