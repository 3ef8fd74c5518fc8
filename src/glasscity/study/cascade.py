"""How far one person's fall reaches: friends who cross a threshold because somebody they know lost the account's points.

Twin worlds share their past; then, in one of them, one person in every so many circles of friends loses all points of the
account at once. Whoever else is sanctioned in that world alone, within the circle, fell through the shock: the size of the
cascade (Watts 2002, PNAS 99(9), https://doi.org/10.1073/pnas.082090499, for the notion). Circles are far apart and small
against the city, so that many shocks are looked at in one pair of worlds; what happens elsewhere is told beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glasscity import columns as c
from glasscity.engine import panel
from glasscity.engine.city import City
from glasscity.rules.resolve import Resolved
from glasscity.study.chance import ends
from glasscity.study.twins import lived_pair
from glasscity.study.worlds import Tick

EVERY = 40  # one citizen in so many is shocked, at most one a circle


@dataclass(frozen=True)
class Cascade:
    """Cascades of one scheme. `sizes`: of each shock, further people sanctioned in the circle; `afar`: net, per shock, elsewhere."""

    sizes: np.ndarray  # int64[shocks]
    afar: float
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """Further threshold crossings per shock."""
        return float(self.sizes.mean()) if len(self.sizes) else float("nan")

    @property
    def plain(self) -> dict[str, Any]:
        """As plain data, with the 95 % interval of the mean over circles and the share of shocks that drew nobody else along."""
        low, high = ends(self.mean, self.sizes)
        alone = float((self.sizes == 0).mean()) if len(self.sizes) else None
        most = int(self.sizes.max(initial=0))
        return {**self.about, "shocks": len(self.sizes), "mean": self.mean, "low": low, "high": high, "alone": alone, "most": most, "afar": self.afar}


def cascade(
    resolved: Resolved, citizens: int, days: int, after: int, seeds: Sequence[int], threads: int, tick: Tick = lambda _: None
) -> Cascade:
    """Cascades of shocks on day `after`, looked at on the last day, over all seeds together."""
    sizes, elsewhere = [], 0
    for seed in seeds:
        shocked: list[np.ndarray] = []

        def shock(city: City, shocked: list[np.ndarray] = shocked) -> None:
            shocked.append(take_points(city))

        one, other = lived_pair((resolved, resolved), citizens, days, seed, threads, after, tick, shock)
        found, outside = fallen(one, other, shocked[0])
        sizes.append(found)
        elsewhere += outside
    every = np.concatenate(sizes)
    return Cascade(every, elsewhere / len(every) if len(every) else 0.0)


def take_points(city: City) -> np.ndarray:
    """Take all points from one enrolled citizen, not yet sanctioned, in each of a spread of circles; returns their slots."""
    world, numbers = city.world, np.arange(0, city.layout.citizens, EVERY, dtype=np.int64)
    slots = city.layout.slots_of(numbers)
    first, _ = panel.circles_of(world, city.layout, slots)
    slots = slots[np.unique(first, return_index=True)[1]]
    slots = slots[world.note[slots] & c.SANCTIONED == 0]
    world.own[slots] = city.scheme.on(city.day).p[c.P_FLOOR]
    return slots


def fallen(one: City, other: City, shocked: np.ndarray) -> tuple[np.ndarray, int]:
    """Of each shock, citizens of its circle sanctioned in the shocked world alone; and, elsewhere, those less the ones spared."""
    before, after = (city.world.note & c.SANCTIONED != 0 for city in (one, other))
    only = after & ~before
    first, size = panel.circles_of(other.world, other.layout, shocked)
    inside = np.zeros(len(only), bool)
    found = np.zeros(len(shocked), np.int64)
    for place in range(int(size.max(initial=0))):
        slots = (first + place)[place < size]
        inside[slots] = True
        found[place < size] += only[slots] & (slots != shocked[place < size])
    return found, int((only & ~inside).sum() - (before & ~after & ~inside).sum())
