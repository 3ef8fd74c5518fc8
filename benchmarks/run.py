#!/usr/bin/env python
"""Measure Glass City and its peers; results go to results/*.json, and report.py writes RESULTS.md from them.

    python benchmarks/run.py [small|speed|scaling|mechanisms|peers|china|device|all] [--reps N] [--quick]
    python benchmarks/run.py against --commit REV   a year of Beijing by this tree and by an earlier one, in turns
    python benchmarks/run.py --check      a small run against the recorded one; exit 1 if 1.5 times slower

Nothing else should run meanwhile. `peers` wants the environments that workload/setup.sh makes; `china`
wants 20 GiB. `--quick` takes a hundredth of the citizens and writes to a temporary folder: a rehearsal.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import machine
from machine import HERE, child

PYTHON = sys.executable
GLASSCITY = str(Path(PYTHON).parent / "glasscity")
WORKLOAD = HERE / "workload"
PEERS = Path(os.environ.get("PEER_HOME") or Path(tempfile.gettempdir()) / "peers")
BEIJING, CHINA, MILLION = 21_893_095, 1_411_778_724, 1_000_000
SLOWER = 1.5


@dataclass(frozen=True)
class Peer:
    """An implementation of the common workload, and the (agents, days, warm-up days) at which it is run."""

    name: str
    environment: str
    script: str
    sizes: tuple[tuple[int, int, int], ...]
    is_framework: bool = True
    year_size: int = 200_000
    options: tuple[str, ...] = ()


OURS = "Glass City"
BIG = 22_000_000
# Days of ours are whole weeks, so that the slow phases count in full.
OUR_SIZES = ((10_000, 364, 7), (MILLION, 112, 7), (10 * MILLION, 28, 7), (BIG, 28, 7))
PEER_LIST = (
    Peer(OURS, "", "glasscity_peer.py", OUR_SIZES),
    Peer(f"{OURS}, read weekly", "", "glasscity_peer.py", OUR_SIZES, False, 0, ("weekly",)),
    Peer("NumPy, plain", "main", "numpy_plain.py", ((10_000, 200, 5), (MILLION, 15, 2), (10 * MILLION, 4, 1), (BIG, 3, 1)), False),
    Peer("NumPy, event-driven", "main", "numpy_events.py", ((10_000, 200, 5), (MILLION, 60, 2), (10 * MILLION, 12, 1), (BIG, 8, 1)), False),
    Peer("LASER", "laser", "laser_peer.py", ((10_000, 200, 5), (MILLION, 60, 3), (10 * MILLION, 12, 2), (BIG, 8, 2))),
    Peer("Starsim", "starsim", "starsim_peer.py", ((10_000, 100, 5), (MILLION, 15, 2), (10 * MILLION, 4, 1), (BIG, 3, 1))),
    Peer("mesa-frames", "frames", "frames_peer.py", ((10_000, 100, 5), (MILLION, 12, 2), (10 * MILLION, 3, 1), (BIG, 2, 1))),
    Peer("Mesa", "main", "mesa_peer.py", ((10_000, 20, 2), (100_000, 4, 1)), year_size=10_000),
)  # fmt: skip


@dataclass
class Session:
    """How this round of measurements is taken."""

    reps: int
    scale: float
    folder: Path
    command: str
    commit: str = ""

    def size(self, citizens: int) -> int:
        """Citizens, fewer in a rehearsal."""
        return max(1_000, int(citizens * self.scale))

    def save(self, part: str, rows: Iterator[dict[str, Any]]) -> None:
        """Take the measurements of a part and record them, also those before one that failed."""
        taken: list[dict[str, Any]] = []
        try:
            for row in rows:
                print(f"  {described(row)}", flush=True)
                taken.append(row)
        finally:
            if taken:
                print(f"{part} -> {machine.save(machine.record(part, self.command, taken), self.folder)}")


def described(row: dict[str, Any]) -> str:
    """A row on one line of the terminal."""
    shown = (
        "what",
        "peer",
        "citizens",
        "days",
        "threads",
        "rate",
        "process_s",
        "days_s",
        "citizen_days_per_s",
        "ratio",
    )
    parts = [f"{row[key]:,.4g}" if isinstance(row[key], float) else f"{row[key]}" for key in shown if key in row]
    return " | ".join(parts)


def probe(citizens: int, days: int, threads: int, *options: str, scenario: str = "beijing-2020") -> dict[str, Any]:
    """One city timed from inside."""
    return child([PYTHON, "probe.py", scenario, str(citizens), str(days), "--threads", str(threads), *options])


def command_line(
    scenario: str, citizens: int, days: int, threads: int, env: dict[str, str] | None = None, device: str = "cpu"
) -> dict[str, Any]:
    """`glasscity run` as a user starts it, to the end of its report; its folder is thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="glasscity-benchmark-"))
    words = ["--citizens", str(citizens), "--days", str(days), "--threads", str(threads), "--seed", "1", "--json", "--device", device]
    try:
        result = child([GLASSCITY, "run", scenario, *words, "--out", str(folder / "run")], cwd=folder, env=env)
        size = sum(file.stat().st_size for file in (folder / "run").rglob("*") if file.is_file())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    kept = {
        key: result[key] for key in ("scenario", "citizens", "days", "threads", "digest", "wall_s", "peak_rss_bytes")
    }
    process = {key: value for key, value in result.items() if key.startswith("process_")}
    lived = result["citizens"] * result["days"]
    return {**kept, **process, "citizen_days_per_s": lived / result["process_s"], "folder_bytes": size}


def python_interface(citizens: int, days: int) -> dict[str, Any]:
    """`glasscity.run` twice in one process, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="glasscity-benchmark-") as folder:
        return child([PYTHON, str(HERE / "year_again.py"), str(citizens), str(days)], cwd=Path(folder))


# --- parts ------------------------------------------------------------------------------------------


def speed(session: Session) -> Iterator[dict[str, Any]]:
    """A year of Beijing and a year of 100,000, by the command and from inside."""
    threads = machine.cores()
    beijing, small = session.size(BEIJING), session.size(100_000)
    command_line("beijing-2020", 1_000, 14, threads)
    for _ in range(session.reps):
        yield {"what": "beijing, command", **command_line("beijing-2020", beijing, 365, threads)}
    yield {"what": "beijing, inside", **probe(beijing, 365, threads, "--cold")}
    for _ in range(session.reps):
        yield {"what": "100,000, command", **command_line("beijing-2020", small, 365, threads)}
    for _ in range(session.reps):
        yield {"what": "100,000, Python interface", **python_interface(small, 365)}
    for _ in range(session.reps):
        yield {"what": "100,000, engine", **probe(small, 365, threads)}
    with tempfile.TemporaryDirectory(prefix="glasscity-cache-") as empty:
        yield {
            "what": "100,000, first run ever",
            **command_line("beijing-2020", small, 365, threads, {"NUMBA_CACHE_DIR": empty}),
        }


def peers(session: Session) -> Iterator[dict[str, Any]]:
    """The common workload: in each round, each size, one peer after the other; then a year of each, to compare outcomes."""
    sizes = sorted({n for peer in PEER_LIST for n, _, _ in peer.sizes})
    for rep in range(session.reps):
        for n in sizes:
            for peer in PEER_LIST:
                for _, days, warm in (size for size in peer.sizes if size[0] == n):
                    row = run_peer(peer, session.size(n), days, warm)
                    if row:
                        yield {"what": "workload", "rep": rep, "size": n, "is_framework": peer.is_framework, **row}
    for peer in PEER_LIST:
        row = run_peer(peer, session.size(peer.year_size), 364, 1) if peer.year_size else None
        if row:
            yield {"what": "workload, year", **row}
    for rep in range(session.reps):
        row = command_line(str(WORKLOAD / "glasscity" / "scenario.toml"), session.size(BIG), 365, machine.cores())
        yield {"what": "workload, command", "rep": rep, "peer": OURS, **row}


def run_peer(peer: Peer, n: int, days: int, warm: int) -> dict[str, Any] | None:
    """One peer at one size; None, with a word, if it could not be run."""
    python = PEERS / "venvs" / peer.environment / "bin" / "python" if peer.environment else Path(PYTHON)
    if not python.is_file():
        print(f"  {peer.name}: no environment; run benchmarks/workload/setup.sh")
        return None
    # The graph is made beforehand, in a process of its own, so that no peer's memory holds its making.
    child([PYTHON, "-c", f"import common; common.graph({n}); print('{{}}')"], cwd=WORKLOAD)
    try:
        result = child([str(python), peer.script, str(n), str(days), str(warm), *peer.options], cwd=WORKLOAD)
    except machine.Failed as failure:
        print(f"  {peer.name} at {n:,}: {failure}")
        return None
    return {**result, "peer": peer.name, "citizens": n, "citizen_days_per_s": result["agent_days_per_s"]}


def scaling(session: Session) -> Iterator[dict[str, Any]]:
    """What a run costs against citizens, days, events and threads."""
    threads = machine.cores()
    for _ in range(session.reps):
        for citizens in (10_000, 100_000, MILLION, 4 * MILLION, 10 * MILLION, BEIJING):
            yield {"what": "citizens", **probe(session.size(citizens), 28, threads)}
        for days in (28, 91, 182, 364, 728):
            yield {"what": "days", **probe(session.size(MILLION), days, threads)}
        for rate in ("0.25", "0.5", "1", "2", "4"):
            yield {"what": "events", **probe(session.size(4 * MILLION), 28, threads, "--rate", rate)}
        for count in sorted({1, 2, 4, 8, threads}):
            if count <= threads:
                yield {"what": "threads", **probe(session.size(4 * MILLION), 28, count)}


def against(session: Session) -> Iterator[dict[str, Any]]:
    """A year of Beijing by this tree and by an earlier commit, in turns: what changes cost on one machine, in one hour."""
    threads, citizens = machine.cores(), session.size(BEIJING)
    with tempfile.TemporaryDirectory(prefix="glasscity-earlier-") as place:
        earlier = Path(place) / "tree"
        machine.git("worktree", "add", "--detach", str(earlier), session.commit or "HEAD")
        try:
            for _ in range(session.reps):
                for name, tree in (("this", HERE.parent), ("earlier", earlier)):
                    env = {"PYTHONPATH": str(tree / "src")}
                    words = ["--citizens", str(citizens), "--days", "365", "--threads", str(threads), "--seed", "1", "--json"]
                    with tempfile.TemporaryDirectory(prefix="glasscity-benchmark-") as folder:
                        start = [PYTHON, "-m", "glasscity", "run", "beijing-2020"]
                        child([*start, "--citizens", "1000", "--days", "14", "--json", "--out", f"{folder}/first"], cwd=Path(folder), env=env)
                        row = child([*start, *words, "--out", f"{folder}/run"], cwd=Path(folder), env=env)
                    kept = {key: row[key] for key in ("citizens", "days", "threads", "process_s", "process_cpu_s")}
                    yield {"what": "against", "tree": name, "commit": session.commit, **kept}
        finally:
            machine.git("worktree", "remove", "--force", str(earlier))


def mechanisms(session: Session) -> Iterator[dict[str, Any]]:
    """What each mechanism of Beijing costs, on against off."""
    n, threads = session.size(MILLION), machine.cores()
    found = child([PYTHON, "mechanisms.py", "beijing-2020", str(n), "84", str(session.reps), "--threads", str(threads)])
    yield from found["rows"]


def china(session: Session) -> Iterator[dict[str, Any]]:
    """The whole country: three days by the command, and a week from inside for the rate of a year."""
    threads, citizens = machine.cores(), session.size(CHINA)
    yield {"what": "china, command", **command_line("china", citizens, 3, threads)}
    yield {"what": "china, inside", **probe(citizens, 7, threads, "--cold", scenario="china")}


def device(session: Session) -> Iterator[dict[str, Any]]:
    """Beijing for a year and the country for a year on a CUDA device, by the command; nothing, with a word, where there is none."""
    from numba import cuda

    if not cuda.is_available():
        print("  no CUDA device on this machine: nothing is measured")
        return
    name = cuda.get_current_device().name
    for scenario, citizens in (("beijing-2020", BEIJING), ("china", CHINA)):
        for _ in range(session.reps):
            row = command_line(scenario, session.size(citizens), 365, machine.cores(), device="cuda")
            yield {"what": f"{scenario}, device", "device": name.decode() if isinstance(name, bytes) else name, **row}


def small(session: Session) -> Iterator[dict[str, Any]]:
    """What `--check` repeats: the best of some short runs."""
    threads, n = machine.cores(), session.size(MILLION)
    runs: dict[str, Callable[[], float]] = {
        "beijing, ns a citizen-day": lambda: probe(n, 28, threads)["ns_per_citizen_day"],
        "workload, ns a citizen-day": lambda: 1e9 / child([PYTHON, "glasscity_peer.py", str(n), "28", "7"], cwd=WORKLOAD)["agent_days_per_s"],
        "set-up of a million, s": lambda: probe(n, 1, threads)["populate_s"],
        "100,000 for a year by the command, s": lambda: command_line("beijing-2020", n // 10, 365, threads)["process_s"],
    }  # fmt: skip
    for name, run in runs.items():
        values = sorted(run() for _ in range(max(3, session.reps)))
        yield {"what": name, "best": values[0], "worst": values[-1]}


def check(session: Session) -> int:
    """Compare a fresh small run with the recorded one; 1 if anything is 1.5 times slower."""
    before = machine.saved("small", session.folder)
    if before is None:
        print("nothing recorded yet: python benchmarks/run.py small", file=sys.stderr)
        return 2
    recorded = {row["what"]: row["best"] for row in before["rows"]}
    slower = []
    for row in small(session):
        name, now = row["what"], row["best"]
        if name in recorded:
            ratio = now / recorded[name]
            slower += [name] if ratio > SLOWER else []
            print(f"{name:40} {now:9.3f} against {recorded[name]:9.3f} recorded: {ratio:.2f} times")
    if before["machine"] != machine.machine():
        print(f"recorded on another machine ({before['machine']}): no verdict")
        return 0
    print(f"slower than {SLOWER} times: {', '.join(slower)}" if slower else f"nothing is {SLOWER} times slower")
    return 1 if slower else 0


PARTS: dict[str, Callable[[Session], Iterator[dict[str, Any]]]] = {
    "small": small,
    "speed": speed,
    "scaling": scaling,
    "mechanisms": mechanisms,
    "against": against,
    "peers": peers,
    "china": china,
    "device": device,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all"], default="all")
    parser.add_argument("--reps", type=int, default=3, help="rounds of each measurement (default 3)")
    parser.add_argument("--commit", default="", help="for 'against': the earlier commit")
    parser.add_argument("--quick", action="store_true", help="a rehearsal with a hundredth of the citizens")
    parser.add_argument("--check", action="store_true", help="compare a small run with the recorded one")
    asked = parser.parse_args()
    scale, folder = (
        (0.01, Path(tempfile.gettempdir()) / "glasscity-rehearsal") if asked.quick else (1.0, machine.RESULTS)
    )
    session = Session(asked.reps, scale, folder, " ".join(["python", "benchmarks/run.py", *sys.argv[1:]]), asked.commit)
    try:
        if asked.check:
            return check(session)
        for part in [name for name in PARTS if name != "against"] if asked.part == "all" else [asked.part]:
            session.save(part, PARTS[part](session))
    except machine.Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
