#!/usr/bin/env python
"""Measure Glass City and its peers; results go to results/*.json, and report.py writes RESULTS.md from them.

    python benchmarks/run.py [small|speed|scaling|mechanisms|twins|peers|ensembles|china|ranks|device|all] [--reps N] [--quick]
    python benchmarks/run.py against --commit REV   a year of Beijing by this tree and by an earlier one, in turns
    python benchmarks/run.py --check [--bound X]                a small run against the recorded one of this machine
    python benchmarks/run.py --check --commit REV [--bound X]   the same by this tree and an earlier one, in turns

A check ends with 1 if anything is slower by more than the bound (1.5 times; in turns 1.2), and with 2 if there is no verdict.

Nothing else should run meanwhile. `peers` and `ensembles` want the environments that workload/setup.sh makes; `china`
wants 20 GiB. `--quick` takes a hundredth of the citizens and writes to a temporary folder: a rehearsal.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import check as checks
import machine
from machine import HERE, child

PYTHON = sys.executable
WORKLOAD = HERE / "workload"
PEERS = Path(os.environ.get("PEER_HOME") or Path(tempfile.gettempdir()) / "peers")
BEIJING, CHINA, MILLION = 21_893_095, 1_411_778_724, 1_000_000


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
ENSEMBLE_LIST = (
    Peer(OURS, "", "glasscity_ensemble.py", ()),
    Peer("NumPy, event-driven", "main", "numpy_ensemble.py", ()),
    Peer("Starsim", "starsim", "starsim_ensemble.py", ()),
    Peer("Mesa", "main", "mesa_ensemble.py", ()),
)
FAST = (OURS, "NumPy, event-driven", "Starsim")
# agents, days, seeds at each of two weights, and who; Mesa would take hours for the larger ones
ENSEMBLES = ((5_000, 91, 4, (*FAST, "Mesa")), (100_000, 364, 4, FAST), (MILLION, 28, 4, FAST))


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


def probe(
    citizens: int, days: int, threads: int, *options: str, scenario: str = "beijing-2020", env: dict[str, str] | None = None
) -> dict[str, Any]:
    """One city timed from inside."""
    return child([PYTHON, "probe.py", scenario, str(citizens), str(days), "--threads", str(threads), *options], env=env)


def command_line(
    scenario: str, citizens: int, days: int, threads: int, env: dict[str, str] | None = None, device: str = "cpu"
) -> dict[str, Any]:
    """`glasscity run` as a user starts it, to the end of its report; its folder is thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="glasscity-benchmark-"))
    words = ["--citizens", str(citizens), "--days", str(days), "--threads", str(threads), "--seed", "1", "--json"]
    words += [] if device == "cpu" else ["--device", device]  # an earlier tree has no such option
    try:
        result = child([PYTHON, "-m", "glasscity", "run", scenario, *words, "--out", str(folder / "run")], cwd=folder, env=env)
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
    result = run_script(peer, n, [str(n), str(days), str(warm), *peer.options])
    return result and {**result, "peer": peer.name, "citizens": n, "citizen_days_per_s": result["agent_days_per_s"]}


def run_script(peer: Peer, n: int, words: list[str]) -> dict[str, Any] | None:
    """What a peer's script prints; None, with a word, if it could not be run."""
    python = PEERS / "venvs" / peer.environment / "bin" / "python" if peer.environment else Path(PYTHON)
    if not python.is_file():
        print(f"  {peer.name}: no environment; run benchmarks/workload/setup.sh")
        return None
    # The graph is made beforehand, in a process of its own, so that no peer's memory holds its making.
    child([PYTHON, "-c", f"import common; common.graph({n}); print('{{}}')"], cwd=WORKLOAD)
    try:
        return child([str(python), peer.script, *words], cwd=WORKLOAD)
    except machine.Failed as failure:
        print(f"  {peer.name} at {n:,}: {failure}")
        return None


def ensembles(session: Session) -> Iterator[dict[str, Any]]:
    """Many worlds of the common workload on all processors, each in the way of its framework: in turns, imports and table included."""
    for rep in range(session.reps):
        for n, days, seeds, names in ENSEMBLES:
            for peer in (peer for peer in ENSEMBLE_LIST if peer.name in names):
                row = run_ensemble(peer, session.size(n), days, seeds)
                if row:
                    yield {"what": "ensemble", "rep": rep, "size": n, **row}


def run_ensemble(peer: Peer, n: int, days: int, seeds: int) -> dict[str, Any] | None:
    """An ensemble by one peer; None, with a word, if it could not be run."""
    found = run_script(peer, n, [str(n), str(days), str(seeds)])
    if found is None:
        return None
    lived = n * days * found["worlds"]
    return {**found, "peer": peer.name, "citizens": n, "days": days, "citizen_days_per_s": lived / found["process_s"]}


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
    with earlier_tree(session.commit) as earlier:
        for _ in range(session.reps):
            for name, tree in (("this", HERE.parent), ("earlier", earlier)):
                env = {"PYTHONPATH": str(tree / "src")}
                command_line("beijing-2020", 1_000, 14, threads, env)
                row = command_line("beijing-2020", citizens, 365, threads, env)
                kept = {key: row[key] for key in ("citizens", "days", "threads", "process_s", "process_cpu_s")}
                yield {"what": "against", "tree": name, "commit": session.commit, **kept}


@contextmanager
def earlier_tree(commit: str) -> Iterator[Path]:
    """The tree of an earlier commit, checked out beside this one for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="glasscity-earlier-") as place:
        earlier = Path(place) / "tree"
        machine.git("worktree", "add", "--detach", str(earlier), commit or "HEAD")
        try:
            yield earlier
        finally:
            machine.git("worktree", "remove", "--force", str(earlier))


def mechanisms(session: Session) -> Iterator[dict[str, Any]]:
    """What each mechanism of Beijing costs, on against off."""
    n, threads = session.size(MILLION), machine.cores()
    found = child([PYTHON, "mechanisms.py", "beijing-2020", str(n), "84", str(session.reps), "--threads", str(threads)])
    yield from found["rows"]


def twins(session: Session) -> Iterator[dict[str, Any]]:
    """A pair of worlds of a million over a year with its page, beside one run of the same and a pair that shares half a year."""
    n, threads = session.size(MILLION), machine.cores()
    for _ in range(session.reps):
        load = {"load_before": os.getloadavg()[0]}
        yield {"what": "one run, command", **load, **command_line("beijing-2020", n, 365, threads)}
        yield {"what": "twins, command", **load, **pair(n, 365, threads)}
        yield {"what": "twins from July, command", **load, **pair(n, 365, threads, "--from", "2021-07-02")}


def pair(citizens: int, days: int, threads: int, *options: str) -> dict[str, Any]:
    """`glasscity compare` of one pair as a user starts it, to the end of its page; its folder is thrown away."""
    with tempfile.TemporaryDirectory(prefix="glasscity-benchmark-") as folder:
        words = ["--citizens", str(citizens), "--days", str(days), "--threads", str(threads), "--seed", "1", "--seeds", "1", "--json"]
        result = child([PYTHON, "-m", "glasscity", "compare", "beijing-2020", "--without", "friends", *options, *words, "--out", f"{folder}/twin"], cwd=Path(folder))
    process = {key: value for key, value in result.items() if key.startswith("process_")}
    return {"citizens": citizens, "days": days, "threads": threads, "wall_s": result["wall_s"], **process}


def china(session: Session) -> Iterator[dict[str, Any]]:
    """The whole country: three days by the command, and a week from inside for the rate of a year."""
    threads, citizens = machine.cores(), session.size(CHINA)
    yield {"what": "china, command", **command_line("china", citizens, 3, threads)}
    yield {"what": "china, inside", **probe(citizens, 7, threads, "--cold", scenario="china")}


# What `--check` repeats. All runs are short; each function takes the environment that leads to a tree.
Quantity = Callable[[dict[str, str] | None], float]


def small_runs(n: int, threads: int) -> dict[str, Quantity]:
    """Seconds by the clock, or nanoseconds a citizen-day, of cities of n."""
    return {
        "beijing, ns a citizen-day": lambda env: probe(n, 28, threads, env=env)["ns_per_citizen_day"],
        "workload, ns a citizen-day": lambda env: 1e9 / workload_of(n, env)["agent_days_per_s"],
        "set-up of a million, s": lambda env: probe(n, 1, threads, env=env)["populate_s"],
        "100,000 for a year by the command, s": lambda env: command_line("beijing-2020", n // 10, 365, threads, env)["process_s"],
    }


def small_loads(n: int, threads: int) -> dict[str, Quantity]:
    """The same in seconds of the processor, which other work on the machine moves less."""
    return {
        "beijing, days": lambda env: probe(n, 56, threads, env=env)["days_cpu_s"],
        "workload, process": lambda env: workload_of(n, env)["process_cpu_s"],
        "set-up of four million": lambda env: probe(4 * n, 1, threads, env=env)["populate_cpu_s"],
        "100,000 for a year by the command, process": lambda env: command_line("beijing-2020", n // 10, 365, threads, env)["process_cpu_s"],
    }


def workload_of(n: int, env: dict[str, str] | None) -> dict[str, Any]:
    """The common workload by ours, four weeks."""
    return child([PYTHON, "glasscity_peer.py", str(n), "28", "7"], cwd=WORKLOAD, env=env)


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
    """What `--check` compares with: the best of some short runs."""
    for name, run in small_runs(session.size(MILLION), machine.cores()).items():
        values = sorted(run(None) for _ in range(max(3, session.reps)))
        yield {"what": name, "best": values[0], "worst": values[-1]}


def paired(session: Session) -> Iterator[dict[str, Any]]:
    """Short runs by this tree and by an earlier one, in turns, and in another order each round."""
    with earlier_tree(session.commit) as earlier:
        trees = {"this": {"PYTHONPATH": str(HERE.parent / "src")}, "earlier": {"PYTHONPATH": str(earlier / "src")}}
        for env in trees.values():
            command_line("beijing-2020", 1_000, 14, machine.cores(), env)  # compiles
        for rep in range(max(3, session.reps)):
            for name, run in small_loads(session.size(MILLION), machine.cores()).items():
                order = ["this", "earlier"] if rep % 2 == 0 else ["earlier", "this"]
                yield {"what": name, "rep": rep, **{tree: run(trees[tree]) for tree in order}}


def check_recorded(session: Session, bound: float) -> int:
    """A fresh small run over the recorded one; no verdict if that is of another machine, or not there."""
    before = machine.saved("small", session.folder)
    if before is None:
        print("nothing recorded yet: python benchmarks/run.py small", file=sys.stderr)
        return checks.NO_VERDICT
    compared = checks.with_recorded(small(session), before["rows"])
    print(checks.told(compared, bound))
    if before["machine"] != machine.machine():
        print(f"no verdict: recorded on another machine ({before['machine']}); compare with a commit: --check --commit REV")
        return checks.NO_VERDICT
    return checks.verdict(compared, bound)


def check_paired(session: Session, bound: float) -> int:
    """This tree over an earlier one."""
    rounds = []
    for row in paired(session):
        print(f"  round {row['rep'] + 1} | {row['what']} | {row['this']:.3g} s | earlier {row['earlier']:.3g} s", flush=True)
        rounds.append(row)
    compared = checks.in_pairs(rounds)
    print(checks.told(compared, bound))
    return checks.verdict(compared, bound)


def ranks(session: Session) -> Iterator[dict[str, Any]]:
    """One world over MPI ranks of this machine: what crosses, how long it takes, and what that means for many ranks."""
    import ranks

    yield from ranks.measured(session.size(8 * MILLION), 56, session.reps)


PARTS: dict[str, Callable[[Session], Iterator[dict[str, Any]]]] = {
    "small": small,
    "speed": speed,
    "scaling": scaling,
    "mechanisms": mechanisms,
    "twins": twins,
    "against": against,
    "peers": peers,
    "ensembles": ensembles,
    "china": china,
    "ranks": ranks,
    "device": device,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all"], default="all")
    parser.add_argument("--reps", type=int, default=3, help="rounds of each measurement (default 3)")
    parser.add_argument("--commit", default="", help="for 'against' and '--check': the earlier commit")
    parser.add_argument("--quick", action="store_true", help="a rehearsal with a hundredth of the citizens")
    parser.add_argument("--check", action="store_true", help="compare a small run with the recorded one, or with an earlier commit")
    parser.add_argument("--bound", type=float, help="for '--check': how many times slower is too slow (default 1.5; with --commit 1.2)")
    asked = parser.parse_args()
    scale, folder = (
        (0.01, Path(tempfile.gettempdir()) / "glasscity-rehearsal") if asked.quick else (1.0, machine.RESULTS)
    )
    session = Session(asked.reps, scale, folder, " ".join(["python", "benchmarks/run.py", *sys.argv[1:]]), asked.commit)
    try:
        if asked.check:
            if asked.commit:
                return check_paired(session, asked.bound or checks.SLOWER_THAN_EARLIER)
            return check_recorded(session, asked.bound or checks.SLOWER_THAN_RECORDED)
        for part in [name for name in PARTS if name != "against"] if asked.part == "all" else [asked.part]:
            session.save(part, PARTS[part](session))
    except machine.Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
