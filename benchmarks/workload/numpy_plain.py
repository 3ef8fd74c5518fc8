"""NumPy as one writes it first: everybody draws, and every tie is visited every day."""

import numpy as np
from common import CHANCE, CHANGES, FLAGGED_BELOW, SHARE, START, clock


class World:
    def __init__(self, n, first, second):
        self.n = n
        self.source, self.target = np.concatenate([first, second]), np.concatenate([second, first])
        self.degree = np.maximum(np.bincount(self.target, minlength=n), 1)
        self.score = np.full(n, START, np.int32)
        self.rng = np.random.default_rng(1)

    def day(self):
        has_event = self.rng.random(self.n) < CHANCE
        change = np.where(has_event, self.rng.choice(CHANGES, self.n), 0)
        around = np.bincount(self.target, weights=change[self.source], minlength=self.n)
        self.score += change + np.rint(SHARE * around / self.degree).astype(np.int32)
        self.mean, self.flagged = self.score.mean(), np.count_nonzero(self.score < FLAGGED_BELOW)

    def reading(self):
        return self.mean, self.flagged


if __name__ == "__main__":
    clock("NumPy, plain", np.__version__, World)
