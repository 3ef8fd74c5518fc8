"""One city, timed from inside: set-up, each phase, what happened. Prints one line of JSON.

    python probe.py SCENARIO CITIZENS DAYS [--threads N] [--rate X] [--cold]

It drives the engine directly, so that phases can be told apart and nothing but the days is in the
days' time. A small city runs first, so that loading compiled code is not counted; `--cold` leaves it
out, and set-up is then counted from the start of the process. `--rate` multiplies every rate of
conduct, wishes and alarms.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from glasscity import columns as c
from glasscity.engine import day as days
from glasscity.engine.city import City
from glasscity.rules.resolve import Resolved, resolve

PROCESS_STARTED = float(os.environ.get("GLASSCITY_STARTED", "0")) or time.monotonic()
IMPORTED = time.monotonic()


def changes(scenario: str, factor: float) -> dict[str, Any]:
    """The overlay that multiplies every rate of the scenario's catalogue, with its bound."""
    if factor == 1:
        return {}
    catalogue = resolve(scenario).catalogue
    overlay: dict[str, Any] = {}
    for kind, slots in (("conduct", catalogue.conduct), ("wishes", catalogue.wishes), ("alarms", catalogue.alarms)):
        for name, slot in slots.items():
            applied = min(factor, 400 / slot.rate) if slot.rate else 1.0
            overlay[f"{kind}.{name}.rate"] = slot.rate * applied
            overlay[f"{kind}.{name}.bound"] = slot.bound * factor
    return overlay


def timed(act: Callable[[], Any]) -> float:
    """Seconds that `act` took."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def live(city: City, n_days: int) -> dict[str, float]:
    """Live some days; seconds by phase."""
    spent = dict.fromkeys(["open", *(phase.__name__ for phase in days.PHASES), "read"], 0.0)
    for _ in range(n_days):
        spent["open"] += timed(city.open_day)
        for phase in days.PHASES:
            spent[phase.__name__] += timed(lambda: phase(city))  # noqa: B023 - called at once
        spent["read"] += timed(city.close_day)
    return spent


def run(resolved: Resolved, citizens: int, n_days: int, threads: int) -> dict[str, Any]:
    """A city from its documents to its last day."""
    started, cpu = time.perf_counter(), time.process_time()
    city = City(resolved, citizens, n_days, 1, threads)
    city.populate()
    populate_s, populate_cpu_s = time.perf_counter() - started, time.process_time() - cpu
    since_start_s = time.monotonic() - PROCESS_STARTED
    cpu = time.process_time()
    phases = live(city, n_days)
    days_cpu_s = time.process_time() - cpu
    days_s = sum(phases.values())
    flows = city.team.total("tally").sum(axis=(0, 1))
    happened = {
        "acts": int(flows[c.F_VIOLATIONS : c.F_EXPRESSION + 1].sum()),
        "records": int(flows[c.F_RECORDS : c.F_ASKED].sum()),
        "wishes": int(flows[c.F_ASKED : c.F_ASKED + c.N_WISHES].sum()),
    }
    candidates = (int(city.rules.p[c.P_ACT_TOTAL]) + int(city.rules.p[c.P_WISH_TOTAL])) / 2**32
    lived = citizens * n_days
    return {
        "citizens": citizens, "days": n_days, "threads": threads, "import_s": IMPORTED - PROCESS_STARTED,
        "populate_s": populate_s, "populate_cpu_s": populate_cpu_s, "days_cpu_s": days_cpu_s,
        "since_start_s": since_start_s, "days_s": days_s, "phases_s": phases,
        "citizen_days_per_s": lived / days_s, "ns_per_citizen_day": days_s / lived * 1e9,
        "candidates_per_citizen_day": candidates,
        **{f"{name}_per_citizen_day": count / lived for name, count in happened.items()},
        "state_bytes_per_citizen": c.BYTES_PER_CITIZEN,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenario")
    parser.add_argument("citizens", type=float)
    parser.add_argument("days", type=int)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--cold", action="store_true")
    asked = parser.parse_args()
    resolved = resolve(asked.scenario, changes(asked.scenario, asked.rate))
    if not asked.cold:
        run(resolved, 20_000, 7, asked.threads)
    result = run(resolved, int(asked.citizens), asked.days, asked.threads)
    print("RESULT " + json.dumps({"scenario": resolved.scenario.id, "rate": asked.rate, "cold": asked.cold, **result}))


if __name__ == "__main__":
    main()
