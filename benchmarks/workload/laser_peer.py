"""LASER: properties of a LaserFrame, and components whose inner loops are parallel Numba functions."""

from importlib.metadata import version

import numba
import numpy as np
from common import CHANCE, CHANGES, FLAGGED_BELOW, SHARE, START, clock, neighbours
from laser.core import LaserFrame
from laser.core.random import seed


@numba.njit(parallel=True, nogil=True, cache=True)
def draw_changes(change, changes, chance):
    for i in numba.prange(len(change)):
        change[i] = changes[np.random.randint(0, len(changes))] if np.random.rand() < chance else 0


@numba.njit(parallel=True, nogil=True, cache=True)
def apply_changes(score, change, begin, who, share, limit, totals, flagged):
    for i in numba.prange(len(score)):
        degree = begin[i + 1] - begin[i]
        around = 0
        for k in range(begin[i], begin[i + 1]):
            around += change[who[k]]
        now = score[i] + change[i]
        if degree > 0:
            now += np.int32(np.rint(share * around / degree))
        score[i] = now
        thread = numba.get_thread_id()
        totals[thread, 0] += now
        flagged[thread, 0] += now < limit


class Conduct:
    def __init__(self, model):
        self.people = model.people
        self.people.add_scalar_property("score", dtype=np.int32, default=START)
        self.people.add_scalar_property("change", dtype=np.int32, default=0)

    def step(self, tick):
        draw_changes(self.people.change, CHANGES, CHANCE)


class Spread:
    def __init__(self, model, first, second):
        self.people, self.model = model.people, model
        self.begin, self.who = neighbours(model.people.count, first, second)

    def step(self, tick):
        by_thread = (numba.get_num_threads(), 8)  # one cache line each
        totals, flagged = np.zeros(by_thread, np.int64), np.zeros(by_thread, np.int64)
        people = self.people
        apply_changes(people.score, people.change, self.begin, self.who, SHARE, FLAGGED_BELOW, totals, flagged)
        self.model.latest = totals.sum() / people.count, flagged.sum()


class World:
    def __init__(self, n, first, second):
        seed(1)
        self.people = LaserFrame(n)
        self.components = [Conduct(self), Spread(self, first, second)]
        self.tick = 0

    def day(self):
        for component in self.components:
            component.step(self.tick)
        self.tick += 1

    def reading(self):
        return self.latest


if __name__ == "__main__":
    clock("LASER", version("laser-core"), World)
