"""RESULTS.md from results/*.json: every figure with its command, machine and range.

python benchmarks/report.py [FOLDER]     FOLDER: of a rehearsal; RESULTS.md is then written there
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median

import machine
import numpy as np
import plots
import report_ensembles
import report_ranks
from shown import GIB, OURS, Row, gib, origin, pick, rate, seconds, spread, table, values

# --- the aims ---------------------------------------------------------------------------------------


def year_of_china(row: Row) -> float:
    """Seconds for a year, from a week: set-up once, and 365 / 7 weeks."""
    return row["since_start_s"] + row["days_s"] * 365 / row["days"]


def aims(
    speed: Row | None, china: Row | None, whole: Row | None, peers: Row | None, twins: Row | None
) -> Iterable[tuple[str, str, list[float], float | tuple[float, float], Callable]]:
    """What was aimed at: text, aim as text, values found, limit (negative: at least) or aim and limit, how to show."""
    beijing, inside = pick(speed, "beijing, command"), pick(speed, "beijing, inside")
    yield (
        "Beijing, 21.9 million x 365 days, report included",
        "30 s, at most 60 s",
        values(beijing, "process_s"),
        (30, 60),
        seconds,
    )
    yield "- its memory", "2 GiB", values(beijing, "process_peak_bytes"), 2 * GIB, gib
    yield "- its set-up, from the start of the process", "5 s", values(inside, "since_start_s"), 5, seconds
    yield (
        "China, 1.41 billion x 3 days, memory",
        "20 GiB",
        values(pick(china, "china, command"), "process_peak_bytes"),
        20 * GIB,
        gib,
    )
    yield "China, 1.41 billion x 365 days, report included", "30 min, at most 60 min", values(pick(whole, "whole"), "wall_s"), (1800, 3600), seconds
    yield "- its memory", "20 GiB", values(pick(whole, "whole"), "peak_rss_bytes"), 20 * GIB, gib
    yield (
        "- the same at the rate of a week",
        "30 min, at most 60 min",
        [year_of_china(r) for r in pick(china, "china, inside")],
        (1800, 3600),
        seconds,
    )
    yield (
        "100,000 x 365 days, warm, in Python",
        "2 s",
        values(pick(speed, "100,000, Python interface"), "again_s"),
        2,
        seconds,
    )
    yield (
        "100,000 x 365 days by the command, to the report",
        "5 s",
        values(pick(speed, "100,000, command"), "process_s"),
        5,
        seconds,
    )
    yield (
        "- the first run ever, compiling",
        "30 s",
        values(pick(speed, "100,000, first run ever"), "process_s"),
        30,
        seconds,
    )
    yield (
        "Twins of 1,000,000 x 365 days, their page included",
        "30 s",
        values(pick(twins, "twins, command"), "process_s"),
        30,
        seconds,
    )
    ours = [row["citizen_days_per_s"] for row in pick(peers, "workload") if row["peer"] == OURS and row["size"] >= 1e6]
    yield "Common workload, a million agents and more", "1,000 M/s", ours, -1e9, rate
    ratios = [ratio for size in sizes(peers) for ratio in ratios_at(peers, size, fastest_framework(peers, size))]
    yield "- against the fastest framework, all sizes", "10 times", ratios, -10, lambda x: f"{x:.3g} times"


def verdict(found: list[float], limit: float | tuple[float, float]) -> str:
    """Whether all, some or none are within a limit; a negative one is to be exceeded. Of an aim and a limit: within which."""
    if not found:
        return "not measured"
    if isinstance(limit, tuple):
        aimed, limited = (verdict(found, one) for one in limit)
        return aimed if aimed == "met" else f"aim {aimed.strip('*')}, limit {limited}"
    within = [value <= limit if limit > 0 else value >= -limit for value in found]
    return "met" if all(within) else "in part" if any(within) else "**missed**"


def verdicts(*measured: Row | None) -> str:
    """Aim, found, met or missed."""
    rows = [
        [what, aim, spread(found, show), verdict(found, limit)]
        for what, aim, found, limit, show in aims(*measured)
    ]
    return table(["what", "aim", "found: median (lowest .. highest)", ""], rows)


# --- parts ------------------------------------------------------------------------------------------


def beijing(speed: Row) -> Iterable[str]:
    """The main job, and where its time goes."""
    yield "## A year of Beijing\n"
    yield origin(speed)
    runs, inside = pick(speed, "beijing, command"), pick(speed, "beijing, inside")
    if runs:
        yield table(["`glasscity run beijing-2020`, all residents, 365 days", "median (lowest .. highest)"], [
            ["wall time of the process", spread(values(runs, "process_s"), seconds)],
            ["processor time", spread(values(runs, "process_cpu_s"), seconds)],
            ["peak memory", spread(values(runs, "process_peak_bytes"), gib)],
            ["citizen-days a second, all included", spread(values(runs, "citizen_days_per_s"), rate)],
            ["its folder", spread(values(runs, "folder_bytes"), lambda x: f"{x / 1e6:.1f} MB")],
        ])  # fmt: skip
    for row in inside:
        yield "The same year, timed from inside, without the report:\n"
        lived = row["citizens"] * row["days"]
        phases = sorted(row["phases_s"].items(), key=lambda item: -item[1])
        yield table(["phase", "seconds", "share", "ns a citizen-day"], [
            [name.replace("_", " "), f"{spent:.2f}", f"{spent / row['days_s']:.0%}", f"{spent / lived * 1e9:.2f}"]
            for name, spent in [*phases, ("all days", row["days_s"])]
        ])  # fmt: skip
        yield (
            f"Set-up {seconds(row['since_start_s'])} from the start of the process, of which drawing the citizens "
            f"{seconds(row['populate_s'])}. Per citizen-day {row['candidates_per_citizen_day']:.3f} candidates are drawn; they become "
            f"{row['acts_per_citizen_day']:.4f} acts, {row['records_per_citizen_day']:.4f} records and "
            f"{row['wishes_per_citizen_day']:.4f} wishes. State: {row['state_bytes_per_citizen']} bytes a citizen; "
            f"peak memory {row['peak_rss_bytes'] / row['citizens']:.1f} bytes a citizen, the program itself included.\n"
        )


def hundred_thousand(speed: Row) -> Iterable[str]:
    """A year of a small city in its four settings."""
    settings = (
        ("the command, from start to report", "100,000, command", "process_s"),
        ("Python interface, first call of a process", "100,000, Python interface", "first_s"),
        ("Python interface, second call", "100,000, Python interface", "again_s"),
        ("the days alone", "100,000, engine", "days_s"),
        ("the command, nothing compiled yet", "100,000, first run ever", "process_s"),
    )
    yield "## A year of 100,000\n"
    yield origin(speed)
    yield table(
        ["", "median (lowest .. highest)"],
        [[name, spread(values(pick(speed, what), key), seconds)] for name, what, key in settings],
    )


def whole_country(china: Row) -> Iterable[str]:
    """1.41 billion."""
    yield "## China\n"
    yield origin(china)
    for row in pick(china, "china, command"):
        yield (
            f"`glasscity run china`, {row['citizens']:,} citizens, {row['days']} days: {seconds(row['process_s'])}, "
            f"peak memory {gib(row['process_peak_bytes'])}, report included.\n"
        )
    for row in pick(china, "china, inside"):
        yield (
            f"A week from inside: set-up {seconds(row['since_start_s'])}, seven days {seconds(row['days_s'])} "
            f"({rate(row['citizen_days_per_s'])}), peak memory {gib(row['peak_rss_bytes'])}. At this rate a year takes "
            f"{seconds(year_of_china(row))}. The week holds one weekly phase, as every week does.\n"
        )


def whole_year(whole: Row) -> Iterable[str]:
    """The country for a whole year, once, from its documents to its report."""
    yield "## China for a year\n"
    yield origin(whole)
    [row] = pick(whole, "whole")
    lived = row["citizens"] * row["days"]
    yield (
        f"`glasscity run {row['scenario']}`, {row['citizens']:,} citizens, {row['days']} days, on {row['threads']} cores: "
        f"{seconds(row['wall_s'])} ({seconds(row['cpu_s'])} of processor time), peak memory {gib(row['peak_rss_bytes'])}, "
        f"its folder {row['folder_bytes'] / 1e6:.1f} MB. Digest `{row['digest']}`.\n"
    )
    phases = sorted(row["phases_s"].items(), key=lambda item: -item[1])
    rest = row["wall_s"] - sum(row["phases_s"].values())
    yield table(["phase", "seconds", "share", "ns a citizen-day"], [
        [name.replace("_", " "), f"{spent:.1f}", f"{spent / row['wall_s']:.1%}", f"{spent / lived * 1e9:.2f}"]
        for name, spent in [*phases, ("all else", rest), ("all", row["wall_s"])]
    ])  # fmt: skip


def sizes(peers: Row | None) -> list[int]:
    """Sizes at which ours and some framework ran."""
    rows = pick(peers, "workload")
    return sorted(
        {r["size"] for r in rows if r["peer"] == OURS}
        & {r["size"] for r in rows if r["is_framework"] and r["peer"] != OURS}
    )


def rates_at(peers: Row | None, size: int, peer: str) -> dict[int, float]:
    """Rate by round."""
    rows = pick(peers, "workload")
    return {row["rep"]: row["citizen_days_per_s"] for row in rows if row["size"] == size and row["peer"] == peer}


def ratios_at(peers: Row | None, size: int, peer: str) -> list[float]:
    """Ours over another's, taken within each round."""
    ours, theirs = rates_at(peers, size, OURS), rates_at(peers, size, peer)
    return [ours[rep] / theirs[rep] for rep in sorted(ours.keys() & theirs.keys())]


def fastest_framework(peers: Row | None, size: int) -> str:
    """The framework with the highest median rate at a size."""
    names = {row["peer"] for row in pick(peers, "workload") if row["is_framework"] and row["size"] == size} - {OURS}
    return max(names, key=lambda name: median(rates_at(peers, size, name).values()))


def workload(peers: Row) -> Iterable[str]:
    """The common workload."""
    rows = pick(peers, "workload")
    names = list(dict.fromkeys(row["peer"] for row in rows))
    every = sorted({row["size"] for row in rows})
    yield "## The common workload, against other simulators\n"
    yield origin(peers)
    yield (
        "Versions: "
        + ", ".join(f"{name} {next(r['version'] for r in rows if r['peer'] == name)}" for name in names)
        + ".\n"
    )
    yield "Agent-days a second, days only, median (lowest .. highest) of the rounds:\n"
    yield table(["", *(f"{n:,}" for n in every)], [
        [name, *(spread(rates_at(peers, n, name).values(), rate) for n in every)] for name in names
    ])  # fmt: skip
    yield "Glass City's rate over theirs, each ratio taken within one round:\n"
    yield table(["", *(f"{n:,}" for n in every)], [
        [name, *(spread(ratios_at(peers, n, name), lambda x: f"{x:.3g}") for n in every)] for name in names if not name.startswith(OURS)
    ])  # fmt: skip
    largest = {name: max(row["size"] for row in rows if row["peer"] == name) for name in names}
    yield "At the largest size of each:\n"
    yield table(["", "agents", "set-up", "peak memory", "warm-up"], [
        large_row(name, [row for row in rows if row["peer"] == name and row["size"] == largest[name]]) for name in names
    ])  # fmt: skip
    yield "After 365 days, where all should agree (see *What differs*):\n"
    yield table(["", "agents", "mean score", "flagged"], [
        [row["peer"], f"{row['citizens']:,}", f"{row['mean_score']:.2f}", f"{row['flagged_share']:.2%}"]
        for row in pick(peers, "workload, year")
    ])  # fmt: skip
    command = pick(peers, "workload, command")
    if command:
        yield (
            f"The same rulebook by `glasscity run`, {command[0]['citizens']:,} citizens x {command[0]['days']} days, read once a "
            f"week, set-up and report included: {spread(values(command, 'process_s'), seconds)}, "
            f"{spread(values(command, 'citizen_days_per_s'), rate)}.\n"
        )
    yield from losses(peers, names, every)
    yield DIFFERENCES


def large_row(name: str, rows: list[Row]) -> list[str]:
    """One peer at its largest size."""
    return [
        name, f"{rows[0]['citizens']:,}", spread(values(rows, "set_up_s"), seconds),
        spread(values(rows, "process_peak_bytes"), gib), spread(values(rows, "warm_s"), seconds),
    ]  # fmt: skip


def losses(peers: Row, names: Sequence[str], every: Sequence[int]) -> Iterable[str]:
    """Where somebody else is faster, or ours is not ten times as fast."""
    faster, close = [], []
    for n in every:
        for name in names:
            found = ratios_at(peers, n, name) if not name.startswith(OURS) else []
            if found and median(found) < 1:
                faster.append(f"{name} at {n:,} agents ({median(found):.2f})")
            elif found and median(found) < 10:
                close.append(f"{name} at {n:,} ({median(found):.3g})")
    yield "**Where we lose.** " + ("; ".join(faster) + "." if faster else "Nowhere in this table.") + "\n"
    if close:
        yield "Faster, but by less than ten times: " + "; ".join(close) + ".\n"


DIFFERENCES = """\
**What differs.** The peers run the workload as written, on a random graph with mean degree 10 that is
ready as an edge list; their set-up turns it into their own structure. Glass City runs it through a
rulebook (`workload/glasscity/`), without a kernel of its own, and so

- its ties are circles of eleven, ten neighbours each, that follow from the seed: no edge list is built
  or stored, which is cheaper, and neighbours live side by side in memory, which is cheaper too. Four of
  the 4,096 in a neighbourhood have three neighbours;
- a tenth of the friends' mean change is held as a tenth of the mean of their accounts' deviations from
  the start: the same sum over time, but rounded once and not once a day. Unrounded, the mean after a
  year is 1000 - 365 x 0.02 x 14 x 1.1 = 887.58; rounding once moves that by -0.05, rounding every day
  by +0.7 to +1.1;
- it draws traits, and runs the weekly phase, the classes, the notes and the tallies by district and group,
  which the workload does not ask for;
- it is read every day by going over everybody's account, friends' points, cap and class, where the peers take a
  mean and a count of one array. Runs of the product are read once a week, which is the second row; all ratios are of the first.

**Why not a billion.** A kernel written for this workload alone does one thing at an event. Here an event
is an entry: it is packed, sorted to the person whom it names, looked up in the rulebook of the day, added to an
account, counted by district, group and channel, and then the whole circle stands anew, class and lists
included: about 150 ns. At two events in a hundred citizen-days that alone is 1.5 ns on two threads; a pass
over everybody to find who may act is 0.3 ns, the daily reading about 1 ns.

Days are counted after a warm-up and without set-up, the loading of the graph file and imports. Numbers
of days differ so that slow peers end; ours are whole weeks. LASER's results depend on the number of
threads; ours do not. Mesa was not tried beyond 100,000. Each peer is written as its own
documentation recommends (`workload/`); corrections are welcome.
"""


def growth(scaling: Row) -> Iterable[str]:
    """Cost against citizens, days, events and threads."""
    yield "## What a run costs, and what it grows with\n"
    yield origin(scaling)
    citizens, events, threads = (pick(scaling, what) for what in ("citizens", "events", "threads"))
    yield "Days only, `beijing-2020`, compiled code loaded.\n"
    by_size = sorted({row["citizens"] for row in citizens})
    yield table(["citizens", "ns a citizen-day", "citizen-days a second"], [
        [f"{n:,}", *(spread([r[key] for r in citizens if r["citizens"] == n], show) for key, show in
          (("ns_per_citizen_day", lambda x: f"{x:.3g}"), ("citizen_days_per_s", rate)))] for n in by_size
    ])  # fmt: skip
    x, y = values(events, "candidates_per_citizen_day"), values(events, "ns_per_citizen_day")
    slope, base = np.polyfit(x, y, 1)
    records = median(row["records_per_citizen_day"] / row["candidates_per_citizen_day"] for row in events)
    yield (
        f"Cost in events, a straight line through the rates from a quarter to fourfold: "
        f"**{base:.2f} + {slope:.1f} x lambda ns a citizen-day**, lambda candidates a citizen-day; of these one in "
        f"{1 / records:.0f} becomes a record.\n"
    )
    one = [row["citizen_days_per_s"] for row in threads if row["threads"] == 1]
    for count in sorted({row["threads"] for row in threads} - {1}):
        many = [row["citizen_days_per_s"] for row in threads if row["threads"] == count]
        yield f"{count} threads: {spread([b / a for a, b in zip(one, many, strict=True)], lambda v: f'{v:.2f}')} times the rate of one.\n"
    yield "\n".join(f"![{name}](plots/{name}.svg)" for name in ("citizens", "days", "events", "threads")) + "\n"


INTRODUCTION = """\
# Measurements

Written by `python benchmarks/report.py` from `benchmarks/results/`; do not edit. Every figure is from the
machine named beside it. Ranges are the lowest and highest of the rounds, on a machine that other work
may share: differences within the range mean nothing.

To take them again: `bash benchmarks/workload/setup.sh` (once, for the peers), then
`python benchmarks/run.py all`. To see whether a change made things slower: `python benchmarks/run.py --check --commit REV`, in
turns with that commit, or without `--commit` against `results/small.json`.
"""


def costs(mechanisms: Row) -> Iterable[str]:
    """What each mechanism costs."""
    yield "## What each mechanism costs\n"
    yield origin(mechanisms)
    first = mechanisms["rows"][0]
    yield (
        f"`beijing-2020`, {first['citizens']:,} citizens x {first['days']} days, days only: the city with the mechanism on and with "
        "its articles out of force, in turn. People and candidates are the same in both; what is paid is what follows from them. "
        "Processor seconds of all threads; shares overlap, since one mechanism feeds another.\n"
    )
    lived = first["citizens"] * first["days"]

    def nanoseconds(value: float) -> str:
        return f"{value / lived * 1e9:+.2f}"

    rows = []
    for row in mechanisms["rows"]:
        paired = [on - off for on, off in zip(row["on_cpu_s"], row["off_cpu_s"], strict=True)]
        ratios = [on / off for on, off in zip(row["on_cpu_s"], row["off_cpu_s"], strict=True)]
        rows.append([row["name"], str(row["articles"]), spread(ratios, "{:.3f}".format), spread(paired, nanoseconds)])
    rows.sort(key=lambda cells: -float(cells[2].split()[0]))
    yield table(["mechanism", "articles", "on / off", "ns a citizen-day"], rows)


def pairs(twins: Row) -> Iterable[str]:
    """Twin worlds with their page, beside one run."""
    yield "## Twin worlds\n"
    yield origin(twins)
    first, load = twins["rows"][0], max(row["load_before"] for row in twins["rows"])
    yield (
        f"`glasscity compare beijing-2020 --without friends`, {first['citizens']:,} citizens x {first['days']} days, one pair, its page included. "
        f"The machine was shared: up to {load:.1f} processes of others waited for its {twins['machine']['cores']} cores, so wall times are high, and "
        "processor time is the fairer measure.\n"
    )
    names = {"one run, command": "one run, its page included", "twins, command": "twins", "twins from July, command": "twins that share their past up to 2 July"}
    rows = [
        [text, *(spread(values(pick(twins, what), key), show) for key, show in (("process_s", seconds), ("process_cpu_s", seconds), ("process_peak_bytes", gib)))]
        for what, text in names.items()
    ]
    yield table(["", "wall time", "processor time", "peak memory"], rows)


def on_device(device: Row | None) -> Iterable[str]:
    """Figures of a CUDA device, or that there was none."""
    yield "## On a CUDA device\n"
    if device is None:
        yield "`python benchmarks/run.py device` measures it. **No CUDA device was at hand: there are no figures.**\n"
        return
    yield origin(device)
    names = sorted({row["what"] for row in device["rows"]})
    yield table(
        ["a year, by the command", "device", "process", "citizen-days a second"],
        ([name, pick(device, name)[0]["device"], spread(values(pick(device, name), "process_s"), seconds),
          spread(values(pick(device, name), "citizen_days_per_s"), rate)] for name in names),
    )  # fmt: skip


def in_turns(earlier: Row) -> Iterable[str]:
    """This tree and an earlier one, in turns on one machine."""
    yield "## Against an earlier tree\n"
    yield origin(earlier)
    found = {name: [row for row in earlier["rows"] if row["tree"] == name] for name in ("this", "earlier")}
    commit = earlier["rows"][0]["commit"]
    yield "A year of Beijing by the command, the two in turns: what the changes since cost, whatever the machine's own pace.\n"
    rows = [
        [text, spread(values(found[name], "process_s"), seconds), spread(values(found[name], "process_cpu_s"), seconds)]
        for name, text in (("this", "this tree"), ("earlier", f"commit {commit}"))
    ]
    ratios = [[a[key] / b[key] for a, b in zip(found["this"], found["earlier"], strict=True)] for key in ("process_s", "process_cpu_s")]
    rows.append(["ratio", *(spread(each, lambda x: f"{x:.2f}") for each in ratios)])
    yield table(["", "wall time", "processor time"], rows)


def page(measured: Row) -> Iterable[str]:
    """The page in a browser, and a class in front of it."""
    yield "## The page\n"
    yield origin(measured)
    yield "Headless Chromium draws in software, on the two cores on which the city is lived too. A class is thirty clients at once.\n"
    alone = [row for row in measured["rows"] if "first_picture_s" in row]
    yield table(
        ["one browser", "citizens", "first picture", "days drawn a second"],
        [[row["what"], f"{row['citizens']:,}", f"{row['first_picture_s']:.1f} s", f"{row['pictures_per_s']:.0f}"] for row in alone],
    )
    together = [row for row in measured["rows"] if "clients" in row]
    yield table(
        ["a class", "clients", "citizens of each city", "days a second, least and median client", "days lost", "memory of the server and its workers"],
        [
            [row["what"], str(row["clients"]), f"{row['citizens']:,}", f"{row['pictures_per_s_least']} and {row['pictures_per_s_median']}",
             str(row["days_lost"]), f"{row['resident_gib']:.2f} GiB"]
            for row in together
        ],
    )  # fmt: skip


def main() -> None:
    rehearsal = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    home = rehearsal or machine.HERE
    speed, china, whole, peers, scaling, mechanisms, earlier, ranks, ensembles, twins = (
        machine.saved(part, rehearsal or machine.RESULTS)
        for part in ("speed", "china", "whole", "peers", "scaling", "mechanisms", "against", "ranks", "ensembles", "twins")
    )
    drawn = plots.draw(scaling, peers, home / "plots")
    parts = [INTRODUCTION, "## Aims\n", verdicts(speed, china, whole, peers, twins)]
    if speed:
        parts += [*beijing(speed), *hundred_thousand(speed)]
    if earlier:
        parts += in_turns(earlier)
    if china:
        parts += whole_country(china)
    if whole:
        parts += whole_year(whole)
    if ranks:
        parts += report_ranks.section(ranks)
    if peers:
        parts += workload(peers)
        parts += ["![peers](plots/peers.svg)\n"] if "peers" in drawn else []
    if ensembles:
        parts += report_ensembles.section(ensembles)
    if scaling:
        parts += growth(scaling)
    if mechanisms:
        parts += costs(mechanisms)
    if twins:
        parts += pairs(twins)
    if measured := machine.saved("page", rehearsal or machine.RESULTS):
        parts += page(measured)
    parts += on_device(machine.saved("device", rehearsal or machine.RESULTS))
    (home / "RESULTS.md").write_text("\n".join(parts))
    print(f"RESULTS.md and {len(drawn)} figures")


if __name__ == "__main__":
    main()
