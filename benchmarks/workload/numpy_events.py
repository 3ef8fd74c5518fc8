"""NumPy as one writes it with care: only those with an event, and their neighbours, are touched."""

import numpy as np
from common import CHANCE, CHANGES, FLAGGED_BELOW, SHARE, START, clock, neighbours


class World:
    def __init__(self, n, first, second):
        self.begin_with(n, *neighbours(n, first, second))

    def begin_with(self, n, begin, who, share=SHARE, seed=1):
        self.n, self.begin, self.who, self.share = n, begin, who, share
        self.degree = np.diff(self.begin)
        self.score = np.full(n, START, np.int32)
        self.rng = np.random.default_rng(seed)

    def day(self):
        actors = np.flatnonzero(self.rng.random(self.n, dtype=np.float32) < CHANCE)
        change = CHANGES[self.rng.integers(0, len(CHANGES), len(actors))]
        degree = self.degree[actors]
        before = np.cumsum(degree) - degree  # neighbours listed before each actor's own
        ties = np.arange(degree.sum()) + np.repeat(self.begin[actors] - before, degree)
        around = np.bincount(self.who[ties], weights=np.repeat(change, degree), minlength=self.n)
        touched = np.flatnonzero(around)
        self.score[touched] += np.rint(self.share * around[touched] / self.degree[touched]).astype(np.int32)
        self.score[actors] += change
        self.mean, self.flagged = self.score.mean(), np.count_nonzero(self.score < FLAGGED_BELOW)

    def reading(self):
        return self.mean, self.flagged


if __name__ == "__main__":
    clock("NumPy, event-driven", np.__version__, World)
