"""One world over MPI ranks of this machine: what crossed and how long it took, beside what the models say of it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paper
import traffic
from machine import HERE, Failed, child

from glasscity import columns as c
from glasscity.rules.model import FirmScoring
from glasscity.rules.resolve import Resolved, resolve

SCENARIO = "china"
RANKS = (1, 2, 3, 4)
PAPER_RANKS = [1, 2, 16, 128, 1024]
PROFILED = 400_000  # citizens of the city in which entries are counted
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


def measured(citizens: int, days: int, reps: int) -> Iterator[dict[str, Any]]:
    """Costs of a core; worlds of several ranks, with what was expected of them; then the same on paper for many more."""
    resolved, firms = resolve(SCENARIO), has_firms(resolve(SCENARIO))
    seen = traffic.profile(resolved, min(PROFILED, citizens), days)
    lived(1, 1_000, 7)
    found = child([sys.executable, "rank_costs.py", SCENARIO, str(citizens // 2), "28"], cwd=HERE)
    alone = [lived(1, citizens, days) for _ in range(reps)]
    costs = {key: value for key, value in found.items() if not key.startswith("process_")}
    tables = min(row["results_s"] for row in alone) - found["hashed_byte"] * citizens * c.BYTES_PER_CITIZEN
    costs |= {"tables": tables, "process_bytes": min(row["process_peak_bytes"] for row in alone) - citizens * c.BYTES_PER_CITIZEN}
    yield {"what": "costs", "scenario": SCENARIO, "citizens": citizens // 2, **costs}
    yield from alone
    for ranks in RANKS[1:]:
        world = paper.World(resolved, citizens, ranks)
        expected = traffic.bytes_of(resolved, world.layout, world.cuts, days, seen, firms)
        for _ in range(reps):
            yield lived(ranks, citizens, days) | {"expected": expected, "largest": world.largest}
    yield from paper.on_paper(resolved, paper.Costs.of(costs), seen, firms, [resolved.population.residents, 8 * BILLION], PAPER_RANKS)
