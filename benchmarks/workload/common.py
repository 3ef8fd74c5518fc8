"""The common workload: its numbers, its graph, and the clock around each implementation of it.

State: a score of 1000. Every day each agent has an event with chance 0.02, worth -60, -30, -10, 10 or
20 points with equal chance; the score takes the change, and round(0.10 * mean of the neighbours'
changes of that day). Below 600 is flagged. Mean score and number flagged are read every day.

An implementation is a class: `World(n, first_end, second_end)` sets up from an edge list in memory,
`day()` runs one day and reads it, `reading()` returns (mean score, number flagged).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CHANCE = 0.02
CHANGES = np.array([-60, -30, -10, 10, 20], np.int32)
START, FLAGGED_BELOW, SHARE = 1000, 600, 0.10
MEAN_DEGREE = 10
GRAPHS = Path(os.environ.get("PEER_GRAPHS") or Path(tempfile.gettempdir()) / "peer-graphs")


def graph(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the 5 n undirected ties of a random graph, int32 each; kept on disk between runs."""
    file = GRAPHS / f"random-{n}.npy"
    if not file.exists():
        GRAPHS.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(11)
        ends = np.empty((2, n * MEAN_DEGREE // 2), np.int32)
        ends[0] = rng.integers(0, n, ends.shape[1])
        ends[1] = (ends[0] + rng.integers(1, n, ends.shape[1])) % n
        np.save(file, ends)
    first, second = np.load(file)
    return first, second


def neighbours(n: int, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compressed rows of the symmetric graph: where each agent's neighbours begin, and who they are."""
    from scipy.sparse import coo_array

    ends = np.concatenate([first, second]), np.concatenate([second, first])
    rows = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(n, n)).tocsr()
    return rows.indptr.astype(np.int64), rows.indices.astype(np.int32, copy=False)


def peak_rss() -> int:
    """Bytes; the system counts in KiB on Linux and in bytes on macOS."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def clock(peer: str, version: str, set_up) -> None:
    """Run `script N DAYS WARM`: set up, warm up, time each day, print one line of JSON."""
    n, days, warm = (int(float(word)) for word in sys.argv[1:4])
    first, second = graph(n)
    started = time.perf_counter()
    world = set_up(n, first, second)
    set_up_s = time.perf_counter() - started
    del first, second
    started = time.perf_counter()
    for _ in range(warm):
        world.day()
    warm_s = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(days):
        world.day()
    wall_s = time.perf_counter() - started
    mean, flagged = world.reading()
    result = {
        "peer": peer, "version": version, "n": n, "days": days, "warm": warm, "wall_s": wall_s, "set_up_s": set_up_s,
        "warm_s": warm_s, "agent_days_per_s": n * days / wall_s, "peak_rss_bytes": peak_rss(),
        "mean_score": float(mean), "flagged_share": int(flagged) / n,
    }  # fmt: skip
    print("RESULT " + json.dumps(result), flush=True)
