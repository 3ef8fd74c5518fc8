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
WORDS = c.PAGE // c.WATCHED_A_WORD  # of a neighbourhood's row in the table of the watched
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


def watch_table(n_pages: int, watched: np.ndarray, in_panel: np.ndarray) -> np.ndarray:
    """Why events of each slot are written down (`kernels.note.watched`): int32[..], or empty if nobody's are.

    First, for each neighbourhood, where its row begins; then the rows, a word for WATCHED_A_WORD citizens, two bits each. The
    first row is empty and serves all neighbourhoods in which there is nobody: of a country nearly all.
    """
    pages = np.unique(np.concatenate([watched, in_panel]) >> c.PAGE_BITS)
    if not len(pages):
        return np.empty(0, np.int32)
    found = np.zeros(n_pages + (1 + len(pages)) * WORDS, np.uint32)
    found[:n_pages] = n_pages
    found[pages] = n_pages + WORDS * (1 + np.arange(len(pages)))
    for slots, bit in ((watched, c.WATCHED), (in_panel, c.IN_PANEL)):
        place = slots & (c.PAGE - 1)
        words = found[slots >> c.PAGE_BITS] + place // c.WATCHED_A_WORD
        np.bitwise_or.at(found, words, (bit << 2 * (place % c.WATCHED_A_WORD)).astype(np.uint32))
    return found.view(np.int32)


def watched_pages(table: np.ndarray, n_pages: int) -> np.ndarray:
    """Neighbourhoods with somebody in such a table, int64, in rising order."""
    return np.flatnonzero(table[:n_pages] != n_pages)


def slots_of(table: np.ndarray, n_pages: int, bits: int) -> np.ndarray:
    """Slots that have any of some bits in such a table, int64, in rising order."""
    pages = watched_pages(table, n_pages)
    words = table[table[pages, None] + np.arange(WORDS)]
    each = words[:, :, None] >> 2 * np.arange(c.WATCHED_A_WORD, dtype=np.int32) & bits
    slots = (pages << c.PAGE_BITS)[:, None] + np.arange(c.PAGE)
    return slots[each.reshape(slots.shape) != 0]


def look(city: City) -> np.ndarray:
    """How the panel's members here stand, int16[members, SEEN]."""
    here = city.state_here(city.panel_here)
    state = [here[name].astype(np.int16) for name in SEEN[:-1]]
    status = state[SEEN.index("status")]
    classes = int(city.rules.p[c.P_SANCTIONED_CLASSES])
    is_sanctioned = (classes >> (status & c.CLASS_BITS) & 1 != 0) | (status & (c.BLACK | c.COURT) != 0)
    return np.stack([*state, is_sanctioned.astype(np.int16)], axis=1)
