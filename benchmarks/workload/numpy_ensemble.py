"""NumPy: a pool of processes from the standard library. The ties are the same in all worlds, so each process builds them once."""

from concurrent.futures import ProcessPoolExecutor
from functools import cache

import numpy as np
from common import graph, neighbours
from ensemble import SHARES, asked, tell
from numpy_events import World


@cache
def ties(n):
    return neighbours(n, *graph(n))


def live(n, days, share, seed):
    world = World.__new__(World)
    world.begin_with(n, *ties(n), share, seed)
    for _ in range(days):
        world.day()
    mean, flagged = world.reading()
    return share, float(mean), int(flagged) / n


if __name__ == "__main__":
    n, days, seeds = asked()
    with ProcessPoolExecutor() as pool:
        worlds = [pool.submit(live, n, days, share, seed) for share in SHARES for seed in seeds]
        tell(np.__version__, [world.result() for world in worlds])
