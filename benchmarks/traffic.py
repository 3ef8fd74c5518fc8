"""What the shards of one world hand to each other: counted in a city of one process, and worked out for any number of shards.

Bytes are those given to MPI by all ranks together, as `run.json` tells them under `exchange`; what a network carries
depends on how the library carries it out. All but the entries is arithmetic on sizes. Entries are counted once, in a small city of one
process (`profile`), as draws of somebody out of a whole district or the whole city; how many of these cross follows
from who lives where. `python traffic.py SCENARIO CITIZENS DAYS` prints such a profile as a line of JSON.

Not worked out: tables (once, at the end), and checkpoints, which go to a disk.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscity import columns as c
from glasscity.engine.city import City
from glasscity.engine.shards import MESSAGE
from glasscity.engine.team import Team, Written
from glasscity.kernels.bundles import N_ENTRIES, N_LATE
from glasscity.rules.resolve import Resolved, resolve
from glasscity.world.state import Layout, firms_of

NUMBER = 8  # bytes of a count
HASH = 32  # numbers of 8 bytes that a hash travels as
FIRM_BYTES = sum(np.dtype(column.dtype).itemsize for column in c.FIRM_STATE)
WEEK = 7


# --- who lives where --------------------------------------------------------------------------------


def matrix(sizes: Sequence[int] | np.ndarray, cuts: Sequence[int] | np.ndarray) -> np.ndarray:
    """Citizens by district and shard: int64[D, K]. sizes: of the districts; cuts: first page of each shard, and the end."""
    n = np.asarray(sizes, np.int64)
    pages = -(-n // c.PAGE)
    first = (np.cumsum(pages) - pages)[:, None]
    ends = np.clip(np.asarray(cuts)[None, :] - first, 0, pages[:, None]) * c.PAGE
    return np.diff(np.minimum(ends, n[:, None]), axis=1)


def firms_by_shard(first: np.ndarray, sizes: np.ndarray, cuts: Sequence[int] | np.ndarray) -> np.ndarray:
    """Firms of each shard, int64[K]. first: first firm of each district, and the end, int64[D + 1]; a district's firms lie as its pages do."""
    pages = -(-np.asarray(sizes, np.int64) // c.PAGE)
    before = np.clip(np.asarray(cuts)[None, :] - (np.cumsum(pages) - pages)[:, None], 0, pages[:, None])
    ends = first[:-1, None] + np.diff(first)[:, None] * before // np.maximum(1, pages[:, None])
    return np.diff(ends, axis=1).sum(axis=0)


def crossing_city(people: np.ndarray) -> np.ndarray:
    """Chance that somebody else of the whole city is of another shard, by the author's district: float64[D]. people: int64[D, K]."""
    here, n = people / np.maximum(1, people.sum(axis=1, keepdims=True)), people.sum()
    return (here * (n - people.sum(axis=0)) / max(1, n - 1)).sum(axis=1)


def crossing_district(people: np.ndarray) -> np.ndarray:
    """Chance that somebody else of one's own district is of another shard, by district: float64[D]. people: int64[D, K]."""
    n = people.sum(axis=1, keepdims=True)
    return (people / np.maximum(1, n) * (n - people) / np.maximum(1, n - 1)).sum(axis=1)


# --- what is written about people elsewhere ---------------------------------------------------------


@dataclass(frozen=True)
class Profile:
    """Entries a citizen and day about somebody drawn from the whole city, and from the author's district: float64[D] each."""

    city: np.ndarray
    district: np.ndarray

    def crossing(self, people: np.ndarray) -> float:
        """Entries that cross in a day. people: int64[D, K]."""
        n = people.sum(axis=1)
        return float((n * (self.city * crossing_city(people) + self.district * crossing_district(people))).sum())


class Counter:
    """Looks at the entries that parts of districts write, each a worker of its own: how many went how far, by the author's district.

    An entry does not say how its author came upon the person named, where a mate is reported or rewarded: in the street, which is
    near, or at work or in a chat group, which are spread over the district. Those that left the part tell how many were
    of the second kind.
    """

    def __init__(self, city: City):
        self.city, self.team = city, city.team
        self.far = np.zeros(len(city.layout.sizes), np.int64)  # named wrongly, by a channel that knows the whole city
        self.wide = np.zeros(len(city.layout.sizes), np.int64)  # named wrongly in the district, or employed by a listed firm
        self.left = np.zeros(len(city.layout.sizes), np.int64)  # mates of another part

    def take(self, place: int) -> Written:
        """`Team.take`, with a look at what is taken."""
        parts = [(worker, part) for worker in self.team.workers for part in worker.take(place)]
        if place in (N_ENTRIES, N_LATE):
            for worker, (entries, *_) in parts:
                self.look(range(worker.first, worker.last), entries)
        return [part for _, part in parts]

    def look(self, own: range, entries: np.ndarray) -> None:
        """Count what the pages of one part wrote; an employer's word is counted where it goes."""
        named = (entries >> np.uint64(c.ENTRY_SLOT_SHIFT + c.PAGE_BITS)).astype(np.int64)
        kind = (entries >> np.uint64(c.ENTRY_KIND_SHIFT)) & np.uint64(7)
        gallery = self.city.rules.channels[(entries >> np.uint64(c.ENTRY_CHANNEL_SHIFT)) & np.uint64(31), c.CH_GALLERY]
        is_elsewhere = (named < own.start) | (named >= own.stop)
        d = self.city.world.page_district[own.start]
        self.far[d] += np.count_nonzero((kind == c.WRONG) & (gallery == c.GALLERY_CITY))
        self.wide[d] += np.count_nonzero((kind == c.WRONG) & (gallery == c.GALLERY_DISTRICT))
        self.left[d] += np.count_nonzero(np.isin(kind, (c.REPORT, c.REWARD)) & is_elsewhere)
        np.add.at(self.wide, self.city.world.page_district[named[kind == c.EMPLOYER]], 1)


def parts_of(layout: Layout, most: int = 8) -> np.ndarray:
    """Where districts are cut into so many parts, or into single pages: first page of each part, and the end."""
    pages = -(-layout.sizes // c.PAGE)
    first = layout.first_slot // c.PAGE
    parts = [begin + n * np.arange(min(n, most)) // min(n, most) for begin, n in zip(first.tolist(), pages.tolist(), strict=True) if n]
    return np.append(np.concatenate(parts), layout.pages)


def profile(resolved: Resolved, citizens: int, days: int, seed: int = 1) -> Profile:
    """Live a city and count. It wants districts of several neighbourhoods: within one nothing can be told of mates."""
    city = City(resolved, citizens, days, seed)
    cuts = parts_of(city.layout)
    city.team = Team(city.pages, len(cuts) - 1, (len(city.layout.sizes), len(city.scheme.acts)))
    for worker, first, last in zip(city.team.workers, cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        worker.first, worker.last = first, last
    counter = Counter(city)
    city.team.take = counter.take  # type: ignore[method-assign]
    city.populate()
    for _ in range(days):
        city.live()
    city.team.close()
    sizes = city.layout.sizes
    leaves = crossing_district(matrix(sizes, cuts))
    mates = np.divide(counter.left, leaves, out=np.zeros(len(sizes)), where=leaves > 0)
    lived = np.maximum(1, sizes * days)
    return Profile(counter.far / lived, (counter.wide + mates) / lived)


# --- bytes ------------------------------------------------------------------------------------------


def entries(crossing: float) -> float:
    """Bytes of so many entries that cross."""
    return crossing * MESSAGE.itemsize


def counts(shards: int, swaps: int) -> int:
    """Bytes of how many entries come: a number from each shard to each other, at every swap."""
    return shards * (shards - 1) * NUMBER * swaps


def swaps(days: int, has_firms: bool) -> int:
    """Swaps of entries: one a day, and one after each week's trade where firms are scored."""
    return days + has_firms * (days // WEEK)


def agreeing(shards: int, days: int) -> int:
    """Bytes of agreeing, twice a day, whether to stop and whether to keep a checkpoint."""
    return shards * 2 * days * NUMBER


def readings(days: int) -> int:
    """Readings of the city: at each week's end and on the last day."""
    return -(-days // WEEK)


def reading(shards: int, districts: int) -> int:
    """Bytes of the sums of one reading."""
    by_district = c.N_STOCKS + 2 * c.N_BINS + c.N_FLOWS + c.N_SECTORS * c.N_FIRM_FLOWS + c.N_FIRM_STOCKS
    by_group = c.N_STOCKS + c.N_FLOWS
    return shards * NUMBER * (districts * by_district + c.N_GROUPS * by_group)


def ending(shards: int, districts: int, acts: int) -> int:
    """Bytes of the sums at the end: all counts twice, for the digest and for the tables; hashes of districts; the digest."""
    counted = districts * (c.N_GROUPS * c.N_FLOWS + acts * c.N_TRUTH + c.N_SECTORS * c.N_FIRM_FLOWS)
    return shards * NUMBER * (2 * counted + HASH * (len(c.STATE) * districts + 1))


def sums(shards: int, days: int, districts: int, acts: int) -> int:
    """Bytes of all sums of a run that writes no checkpoint."""
    return readings(days) * reading(shards, districts) + ending(shards, districts, acts)


def digest(people: np.ndarray, firms: np.ndarray) -> int:
    """Bytes of the state that goes to where a district begins, where it is hashed; that of firms goes to shard 0. people: int64[D, K]."""
    keeper = (people > 0).argmax(axis=1)
    elsewhere = people.sum(axis=1) - people[np.arange(len(people)), keeper]
    return int(elsewhere.sum()) * c.BYTES_PER_CITIZEN + int(firms[1:].sum()) * FIRM_BYTES


def bytes_of(resolved: Resolved, layout: Layout, cuts: np.ndarray, days: int, seen: Profile, has_firms: bool) -> dict[str, float]:
    """Bytes of a whole run by what for, as in `run.json`, but for `tables`; `entries` as expected."""
    people, shards, districts = matrix(layout.sizes, cuts), len(cuts) - 1, len(layout.sizes)
    first = firms_of(resolved.population, layout) * has_firms
    acts = len(resolved.catalogue.conduct) + len(resolved.catalogue.alarms)
    return {
        "agreeing": agreeing(shards, days),
        "counts": counts(shards, swaps(days, has_firms)),
        "digest": digest(people, firms_by_shard(first, layout.sizes, cuts)),
        "entries": entries(seen.crossing(people) * days),
        "sums": sums(shards, days, districts, acts),
    }


def main() -> None:
    scenario, citizens, days = sys.argv[1], int(float(sys.argv[2])), int(sys.argv[3])
    found = profile(resolve(scenario), citizens, days)
    print("RESULT " + json.dumps({"city": found.city.tolist(), "district": found.district.tolist()}))


if __name__ == "__main__":
    main()
