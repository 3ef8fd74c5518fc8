"""Book-keeping: entries on their way, and event rows of watched citizens. Changes no state and draws nothing."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.bundles import N_ENTRIES, N_LATE, N_ROWS
from glasscity.kernels.jit import kernel


@kernel
def watched(watch, slot):
    """Why events of a citizen are written down: WATCHED, IN_PANEL, both, or 0. `watch`: see `engine.panel.watch_table`."""
    if len(watch) == 0:
        return np.int64(0)
    row, place = np.int64(watch[slot >> c.PAGE_BITS]), slot & (c.PAGE - 1)
    return (np.int64(watch[row + place // c.WATCHED_A_WORD]) >> 2 * (place % c.WATCHED_A_WORD)) & 3


@kernel
def event(rows, counts, day, phase, slot, what, channel, kind, points, other):
    """Append one event row."""
    n = counts[N_ROWS]
    rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3] = day, phase, slot, what
    rows[n, 4], rows[n, 5], rows[n, 6], rows[n, 7] = channel, kind, points, other
    counts[N_ROWS] = n + 1


@kernel
def pack(slot, conduct, channel, kind, points):
    """An entry as one word: whom it names, for what, by which channel, how it came about."""
    return (
        np.uint64(slot) << np.uint64(c.ENTRY_SLOT_SHIFT)
        | np.uint64(points + c.POINTS_OFFSET) << np.uint64(c.ENTRY_POINTS_SHIFT)
        | np.uint64(kind) << np.uint64(c.ENTRY_KIND_SHIFT)
        | np.uint64(channel) << np.uint64(c.ENTRY_CHANNEL_SHIFT)
        | np.uint64(conduct)
    )


@kernel
def slot_named(entry):
    """The slot of the person whom an entry names."""
    return np.int64(entry >> np.uint64(c.ENTRY_SLOT_SHIFT))


@kernel
def kind_of(entry):
    """The kind of an entry."""
    return np.int64((entry >> np.uint64(c.ENTRY_KIND_SHIFT)) & np.uint64(7))


@kernel
def unpack(entry):
    """slot, conduct, channel, kind, points of an entry; all int64."""
    conduct = np.int64(entry & np.uint64(127))
    channel = np.int64((entry >> np.uint64(c.ENTRY_CHANNEL_SHIFT)) & np.uint64(31))
    points = np.int64((entry >> np.uint64(c.ENTRY_POINTS_SHIFT)) & np.uint64(0xFFFF)) - c.POINTS_OFFSET
    return slot_named(entry), conduct, channel, kind_of(entry), points


@kernel
def send(entries, late, late_day, counts, entry, day, delay):
    """Put an entry on its way: today's go to `entries`, delayed ones to `late`."""
    if delay == 0:
        entries[counts[N_ENTRIES]] = entry
        counts[N_ENTRIES] += 1
    else:
        late[counts[N_LATE]] = entry
        late_day[counts[N_LATE]] = day + delay
        counts[N_LATE] += 1
