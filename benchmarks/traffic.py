"""What shards of one world hand to each other, worked out on paper. A test holds it against what they do hand over.

Bytes are those given to MPI by all ranks together; what a network carries depends on how the library carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glasscity import columns as c
from glasscity.engine.shards import MESSAGE

NUMBER = 8  # bytes of a count


def matrix(sizes: Sequence[int], cuts: Sequence[int]) -> np.ndarray:
    """Citizens by district and shard: int64[D, K]. sizes: of the districts; cuts: first page of each shard, and the end."""
    n = np.asarray(sizes, np.int64)
    pages = -(-n // c.PAGE)
    first = (np.cumsum(pages) - pages)[:, None]
    begins, ends = np.asarray(cuts[:-1])[None, :], np.asarray(cuts[1:])[None, :]
    before = np.clip(begins - first, 0, pages[:, None]) * c.PAGE
    until = np.clip(ends - first, 0, pages[:, None]) * c.PAGE
    return np.minimum(until, n[:, None]) - np.minimum(before, n[:, None])


def crossing_city(people: np.ndarray) -> float:
    """Chance that somebody else, drawn from the whole city, is of another shard. people: int64[D, K]."""
    here, n = people.sum(axis=0).astype(float), float(people.sum())
    return float((here * (n - here)).sum() / (n * max(1.0, n - 1)))


def crossing_district(people: np.ndarray) -> float:
    """Chance that somebody else, drawn from the same district, is of another shard. people: int64[D, K]."""
    here, n = people.astype(float), people.sum(axis=1, keepdims=True).astype(float)
    pairs = (here * (n - here) / np.maximum(1.0, n - 1)).sum()
    return float(pairs / n.sum())


def entries(crossing: int) -> int:
    """Bytes of so many entries that cross."""
    return crossing * MESSAGE.itemsize


def counts(shards: int, swaps: int) -> int:
    """Bytes of how many entries come: one number from each shard to each other, at every swap."""
    return shards * (shards - 1) * NUMBER * swaps


def swaps(days: int, trading_weeks: int) -> int:
    """Swaps of entries: one a day, and one after each week's trade of firms that are scored."""
    return days + trading_weeks


def agreements(shards: int, days: int) -> int:
    """Bytes of agreeing twice a day whether to stop and whether to keep a checkpoint."""
    return shards * 2 * days * NUMBER


def reading(shards: int, districts: int) -> int:
    """Bytes of the sums of one reading, once a week and on the last day."""
    by_district = c.N_STOCKS + 2 * c.N_BINS + c.N_FLOWS + c.N_SECTORS * c.N_FIRM_FLOWS + c.N_FIRM_STOCKS
    by_group = c.N_STOCKS + c.N_FLOWS
    return shards * NUMBER * (districts * by_district + c.N_GROUPS * by_group)
