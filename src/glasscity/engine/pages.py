"""Neighbourhoods: where one lies, and how much it can write."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.bundles import N_ENTRIES, N_LATE, N_ROWS
from glasscity.kernels.jit import kernel
from glasscity.kernels.places import index

# What one neighbourhood can write at most in a phase: an act (record and informer's reward, or report and
# reporter's reward), and its rows (act, observation, reward).
ENTRIES_A_PAGE = 2 * c.PAGE
ROWS_A_PAGE = 4 * c.PAGE


@kernel
def page_place(world, page):
    """District, rank of the first citizen, first slot and number of citizens of a page."""
    d = index(world.page_district[page])
    slot = index(page << c.PAGE_BITS)
    rank = slot - world.district_slot[d]
    return d, rank, slot, min(np.int64(c.PAGE), world.district_n[d] - rank)


@kernel
def page_size(world, district, rank):
    """Number of citizens in the neighbourhood of a rank."""
    return min(np.int64(c.PAGE), world.district_n[district] - ((rank >> c.PAGE_BITS) << c.PAGE_BITS))


@kernel
def place_of(world, slot):
    """District and rank of a slot."""
    d = np.int64(world.page_district[slot >> c.PAGE_BITS])
    return d, slot - world.district_slot[d]


@kernel
def has_room(out, needs_rows):
    """Whether the buffers can take whatever one more page may write."""
    n = out.counts
    if n[N_ENTRIES] + ENTRIES_A_PAGE > len(out.entries) or n[N_LATE] + ENTRIES_A_PAGE > len(out.late):
        return False
    return not needs_rows or n[N_ROWS] + ROWS_A_PAGE <= len(out.rows)
