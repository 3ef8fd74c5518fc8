"""A whole run as `glasscity run` makes it, its phases timed from inside; writes results/whole.json.

    python whole.py SCENARIO DIR [--citizens N] [--days N] [--checkpoint-every SECONDS]

Stopped or killed, it goes on from the last checkpoint when it is started again with the same folder; what is told is then
the last stretch. The folder stays, with its report.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import machine

from glasscity import jobs
from glasscity.engine import day as days
from glasscity.engine.city import City
from glasscity.jobs import Progress
from glasscity.report import page
from glasscity.store import checkpoint
from glasscity.store.folder import RunFolder

spent: dict[str, float] = defaultdict(float)


def timed(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, its seconds added up under a name."""

    @wraps(act)
    def timing(*args: Any, **options: Any) -> Any:
        started = time.perf_counter()
        try:
            return act(*args, **options)
        finally:
            spent[name] += time.perf_counter() - started

    return timing


def watch() -> None:
    """Time each phase, the readings, the drawing of citizens, checkpoints, the digest and the report."""
    days.PHASES = tuple(timed(phase.__name__, phase) for phase in days.PHASES)
    for name, place, key in (
        ("open", City, "open_day"), ("read", City, "close_day"), ("draw citizens", City, "populate"),
        ("checkpoints", checkpoint, "write"), ("digest", City, "digest"), ("report", page, "build"),
    ):  # fmt: skip
        setattr(place, key, timed(name, getattr(place, key)))


def tell(progress: Progress) -> None:
    """A line for every week, and for whatever else is done."""
    if progress.message or progress.day % days.WEEK == 0:
        print(f"{time.perf_counter():8.0f} s  {progress.message or progress.today}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenario")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--citizens", type=int)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--checkpoint-every", type=float, default=1500.0)
    args = parser.parse_args()
    watch()
    options = {"threads": machine.cores(), "checkpoint_every": args.checkpoint_every, "progress": tell}
    started, cpu = time.perf_counter(), time.process_time()
    if RunFolder(args.folder).has_run:
        run = jobs.resume(args.folder, **options)
    else:
        run = jobs.run(args.scenario, citizens=args.citizens or "all", days=args.days, seed=1, out=args.folder, **options)
    told = json.loads((args.folder / "run.json").read_text())
    row = {
        "what": "whole", "scenario": args.scenario, "citizens": told["citizens"], "days": args.days, "threads": options["threads"],
        "wall_s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu, "phases_s": dict(spent), "timings_s": told["timings"], "digest": run.digest,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "folder_bytes": sum(file.stat().st_size for file in args.folder.rglob("*") if file.is_file()),
    }  # fmt: skip
    print(machine.save(machine.record("whole", f"python benchmarks/whole.py {args.scenario} DIR", [row])))


if __name__ == "__main__":
    main()
