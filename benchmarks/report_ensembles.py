"""The section of RESULTS.md on ensembles of the common workload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from shown import OURS, Row, origin, pick, rate, seconds, spread, table, values

Job = tuple[int, int, int]  # agents, days, worlds


def section(result: Row) -> list[str]:
    """All of it."""
    rows = pick(result, "ensemble")
    jobs = sorted({(row["citizens"], row["days"], row["worlds"]) for row in rows})
    names = list(dict.fromkeys(row["peer"] for row in rows))
    versions = ", ".join(f"{name} {next(row['version'] for row in rows if row['peer'] == name)}" for name in names)
    return [
        "## Ensembles of the common workload\n",
        origin(result),
        f"Versions: {versions}.\n",
        INTRODUCTION,
        *(text for job in jobs for text in of_job(job, [row for row in rows if (row["citizens"], row["days"], row["worlds"]) == job], names)),
        losses(rows, jobs, names),
        DIFFERENCES,
    ]


def of_job(job: Job, rows: list[Row], names: Sequence[str]) -> Iterator[str]:
    """One ensemble by all who lived it."""
    n, days, worlds = job
    yield f"{worlds} worlds of {n:,} agents x {days} days:\n"
    body = []
    for name in names:
        found = [row for row in rows if row["peer"] == name]
        if found:
            body.append([
                name, spread(values(found, "process_s"), seconds), spread(values(found, "process_cpu_s"), seconds),
                spread(values(found, "citizen_days_per_s"), rate), *(spread(ratios(rows, name, key), "{:.2f}".format) for key in KEYS),
                *(f"{found[0]['outcomes'][share]['mean_score']:.2f}" for share in found[0]["outcomes"]),
            ])  # fmt: skip
    shares = list(rows[0]["outcomes"])
    head = ["", "by the clock", "processor time", "agent-days a second", "clock: theirs / ours", "processor: theirs / ours"]
    yield table([*head, *(f"mean score, weight {float(share):g}" for share in shares)], body)


KEYS = ("process_s", "process_cpu_s")


def ratios(rows: list[Row], name: str, key: str) -> list[float]:
    """Theirs over ours, within each round."""
    taken = {(row["rep"], row["peer"]): row[key] for row in rows}
    return [taken[rep, name] / taken[rep, OURS] for rep, peer in taken if peer == name and (rep, OURS) in taken]


def losses(rows: list[Row], jobs: list[Job], names: Sequence[str]) -> str:
    """Where somebody else is faster, by the processor time of the whole process."""
    found = []
    for job in jobs:
        of_one = [row for row in rows if (row["citizens"], row["days"], row["worlds"]) == job]
        for name in names:
            taken = ratios(of_one, name, "process_cpu_s")
            if taken and median(taken) < 1:
                found.append(f"{name}, {job[2]} worlds of {job[0]:,} agents: we take {1 / median(taken):.1f} times its processor time")
    return "**Where we lose.** " + ("; ".join(found) + "." if found else "Nowhere in these tables.") + "\n"


INTRODUCTION = """\
What a study of that model would be: two weights of the neighbours, so many seeds of each, on all processors of the machine, from the start of the
process to the table of outcomes. Each as its own documentation has it: `glasscity study` with a grid; Mesa's `batch_run` with a
process for each processor; Starsim's `ss.parallel` over a list of simulations; NumPy with the standard library's pool of processes, each of which
builds the ties once. Whole processes are timed, imports, ties and tables included. In turns within a round; two cores, which other work shared
meanwhile, so that ratios within a round and processor time say more than the clock.
"""

DIFFERENCES = """\
What differs, beside what differs above: ours writes a Parquet file a world, a table and a page with its charts, and is read at each week's end; the others
keep a mean and a count of each day and print. About ten of our processor seconds are the beginnings of three processes, each of which loads
compiled code, whatever the size: two worlds of 100 agents took 10.5 s, by hand. With a weight of 0.2 rounding once and rounding each day part by
three points in a year; unrounded, the mean is 877.36. Mesa was asked for the smallest ensemble alone. LASER and mesa-frames document no way to run
ensembles. FLAME GPU 2 runs ensembles on a graphics card (`CUDAEnsemble`); there was no card at hand, and it is neither run nor compared here.
"""
