"""One world over MPI ranks of this machine: what crossed and how long it took, beside what the models say of it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import paper
import traffic
from machine import HERE, Failed, child

from glasscity import columns as c
from glasscity.rules.model import FirmScoring
from glasscity.rules.resolve import Resolved, resolve

SCENARIO = "china"
RANKS = (1, 2, 3, 4)
PAPER_RANKS = [1, 2, 16, 128, 1024]
PROFILED = 4_000_000  # citizens of the city in which entries are counted
FEW, YEAR = 1_000, 364  # a year of hardly anybody: what is paid for each day, whatever its citizens
BILLION = 1_000_000_000


def has_firms(resolved: Resolved) -> bool:
    """Whether firms are scored, and trade each week."""
    return any(isinstance(article, FirmScoring) and article.enabled for article in resolved.rulebook.articles.values())


def launcher() -> str:
    """mpiexec of this environment, or of the system; Failed if there is none."""
    found = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
    if found is None:
        raise Failed("mpiexec: none found; install the extra 'cluster' and an MPI library (pip install mpich)")
    return found


def lived(ranks: int, citizens: int, days: int) -> dict[str, Any]:
    """`glasscity run` by so many ranks of one thread each, without a report; what run.json says of it."""
    with tempfile.TemporaryDirectory(prefix="glasscity-benchmark-") as folder:
        start = [launcher(), "-n", str(ranks)] if ranks > 1 else []
        words = ["run", SCENARIO, "--citizens", str(citizens), "--days", str(days), "--threads", "1", "--seed", "1"]
        command = [*start, sys.executable, "-m", "glasscity", *words, "--no-report", "--checkpoint-every", "1e9", "--json", "--out", f"{folder}/run"]
        process = child(command, cwd=Path(folder))
        info = json.loads((Path(folder) / "run" / "run.json").read_text())
    exchange = info.get("exchange", {"bytes": {}, "seconds": {}})
    return {
        "what": "ranks", "ranks": ranks, "citizens": citizens, "days": days, "digest": info["digest"], "process_s": process["process_s"],
        "process_cpu_s": process["process_cpu_s"], "process_peak_bytes": process["process_peak_bytes"], "lived_s": info["timings"]["days"], "results_s": info["timings"]["results"], **exchange,
    }  # fmt: skip


def profiled(citizens: int, days: int) -> traffic.Profile:
    """What a city of one process tells of its entries; lived in a process of its own, whose memory is then gone."""
    found = child([sys.executable, "traffic.py", SCENARIO, str(citizens), str(days)], cwd=HERE)
    return traffic.Profile(np.array(found["city"]), np.array(found["district"]))


def costs_of_a_core(citizens: int, alone: dict[str, Any]) -> dict[str, float]:
    """What one rank pays. alone: a run of one process."""
    found = child([sys.executable, "rank_costs.py", SCENARIO, str(citizens), "28"], cwd=HERE)
    state = alone["citizens"] * c.BYTES_PER_CITIZEN
    paid = {key: value for key, value in found.items() if not key.startswith("process_")}
    return paid | {"tables": alone["results_s"] - found["hashed_byte"] * state, "process_bytes": float(alone["process_peak_bytes"] - state)}


def measured(citizens: int, days: int, reps: int) -> Iterator[dict[str, Any]]:
    """Worlds of several ranks, with what was expected of them, in turns; what a core costs; the same on paper for many more."""
    resolved = resolve(SCENARIO)
    firms, seen = has_firms(resolved), profiled(min(PROFILED, citizens), days)
    lived(1, FEW, 7)
    alone = []
    for n, n_days in ((citizens, days), (FEW, YEAR)):
        for _ in range(reps):
            for ranks in RANKS:
                world = paper.World(resolved, n, ranks)
                row = lived(ranks, n, n_days) | {"largest": world.largest}
                alone += [row] if ranks == 1 and n == citizens else []
                yield row | {"expected": traffic.bytes_of(resolved, world.layout, world.cuts, n_days, seen, firms)}
    costs = costs_of_a_core(citizens // 2, min(alone, key=lambda row: row["results_s"]))
    yield {"what": "costs", "scenario": SCENARIO, "citizens": citizens // 2, **costs}
    yield from paper.on_paper(resolved, paper.Costs.of(costs), seen, firms, [resolved.population.residents, 8 * BILLION], PAPER_RANKS)
