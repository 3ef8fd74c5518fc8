"""The section of RESULTS.md on one world over many ranks."""

from __future__ import annotations

from collections.abc import Iterator

import paper
from shown import Row, gib, origin, pick, seconds, spread, table, values

EXACT = ("sums", "digest", "counts", "agreeing")
FEW = 10_000  # a world with fewer citizens is there to tell what a day costs without any


def section(result: Row) -> list[str]:
    """All of it."""
    rows = pick(result, "ranks")
    large, small = ([row for row in rows if (row["citizens"] >= FEW) == is_large] for is_large in (True, False))
    return [
        "## One world over many ranks\n",
        origin(result),
        "All ranks of this section ran on two cores, which they shared with each other and with other work on the machine. Bytes do not mind; "
        "times by the clock do, so that two ranks are at best twice as fast as one here, and more than two no faster.\n",
        *volume(large),
        *times(large, small, pick(result, "costs")[0]),
        *on_paper(pick(result, "costs")[0], pick(result, "paper")),
    ]


def by_ranks(rows: list[Row]) -> dict[int, list[Row]]:
    """Rows of each number of ranks."""
    return {k: [row for row in rows if row["ranks"] == k] for k in sorted({row["ranks"] for row in rows})}


def volume(rows: list[Row]) -> Iterator[str]:
    """Bytes handed over, and what they were worked out to be."""
    first = rows[0]
    yield (
        f"`mpiexec -n K glasscity run china`, {first['citizens']:,} citizens, {first['days']} days, one thread a rank. Bytes handed over in "
        "the whole run by all ranks together, as `run.json` has them, and in brackets over what `traffic.py` works out beforehand:\n"
    )
    found = {k: group[0] for k, group in by_ranks(rows).items() if k > 1}
    body = []
    for what in ("entries", *EXACT, "tables"):
        cells = []
        for row in found.values():
            sent, expected = row["bytes"][what], row["expected"].get(what)
            cells.append(f"{sent:,}" + (f" ({sent / expected:.3f})" if expected else ""))
        body.append([NAMES[what], *cells])
    yield table(["", *(f"{k} ranks" for k in found)], body)
    digests = {row["digest"] for row in rows}
    yield (
        f"{'One digest' if len(digests) == 1 else '**Several digests**'} for all numbers of ranks, one process included. Everything but entries is "
        "arithmetic on sizes and is met to the byte. Entries are expected from what a city of four million in one process wrote: how many cross is "
        "a matter of chance. Tests hold them within 5 % where more than a thousand cross.\n"
    )


NAMES = {
    "entries": "entries about citizens elsewhere", "sums": "sums of counts, weekly and at the end", "digest": "state of shared districts, hashed",
    "counts": "how many entries come, daily", "agreeing": "whether to stop or to keep, daily", "tables": "rows of tables, at the end",
}  # fmt: skip


def times(large: list[Row], small: list[Row], costs: Row) -> Iterator[str]:
    """Seconds of the days, and what a day costs that hardly anybody lives."""
    first = small[0]
    yield (
        "The days alone, by the clock at rank 0; how long they would take with a free core for each rank, by the costs below; and what of "
        f"them was spent in MPI, waiting for other ranks included. Beside it, milliseconds a day of a world of {first['citizens']:,} citizens over "
        f"{first['days']} days, where next to nothing is lived, and the time in MPI of that run, its end included:\n"
    )
    few, body = by_ranks(small), []
    for k, rows in by_ranks(large).items():
        body.append([
            str(k), spread(values(rows, "lived_s"), seconds), seconds(with_free_cores(rows[0], costs)),
            spread([in_days(row) for row in rows], seconds) if k > 1 else "-",
            spread([1e3 * row["lived_s"] / row["days"] for row in few[k]], "{:.2f}".format),
            spread([1e3 * in_days(row) / row["days"] for row in few[k]], "{:.2f}".format) if k > 1 else "-",
        ])  # fmt: skip
    yield table(["ranks", "days", "with free cores", "in MPI", "few citizens: ms a day", "in MPI"], body)


def with_free_cores(row: Row, costs: Row) -> float:
    """Seconds of the days if no rank waited for a core or for the network."""
    return row["days"] * (row["largest"] * costs["citizen_day"] + costs["day"])


def in_days(row: Row) -> float:
    """Seconds spent in MPI on the days, nearly: what only the end does is left out."""
    return sum(spent for what, spent in row["seconds"].items() if what not in ("digest", "tables"))


def on_paper(costs: Row, rows: list[Row]) -> Iterator[str]:
    """A year of many ranks, and what bounds it."""
    yield (
        f"**On paper.** Costs of one core, measured here by processor time: {1e9 * costs['citizen_day']:.1f} ns a citizen-day, "
        f"{1e3 * costs['day']:.1f} ms a day whoever lives it, {1e9 * costs['birth']:.0f} ns to draw a citizen and {1e9 * costs['trait']:.0f} ns the "
        f"traits of one elsewhere, {1 / costs['hashed_byte'] / 1e9:.1f} GB/s to hash, {seconds(costs['begin'])} to begin, {seconds(costs['tables'])} for "
        f"the tables, {gib(costs['process_bytes'])} of memory for the program, and "
        f"{paper.WAITING_BYTES} bytes a citizen beside the state. Assumed, not measured: a rank a core, 64 ranks on a machine with "
        "100 Gbit/s, 3 microseconds a message, collective operations as Thakur, Rabenseifner and Gropp (2005) describe them, and no "
        "rank slower than another. `paper.py` has the formulas.\n"
    )
    alone = {row["citizens"]: row["year_s"] for row in rows if row["ranks"] == 1}
    yield table(
        ["citizens", "ranks", "largest shard", "memory of it", "crosses in a day", "exchange a day", "a day", "a year", "of K-fold speed", "what takes longest"],
        [paper_row(row, alone[row["citizens"]]) for row in rows],
    )
    yield BOUNDS


def paper_row(row: Row, alone_s: float) -> list[str]:
    """One size and number of ranks."""
    crossing = sum(row["crossing"].values()) if row["ranks"] > 1 else 0
    parts = sorted(row["parts"].items(), key=lambda part: -part[1])[:2]
    return [
        f"{row['citizens'] / 1e9:.2f} bn" + ("" if row["is_accepted"] else " *"), f"{row['ranks']:,}", f"{row['largest'] / 1e6:,.1f} M",
        gib(row["memory_bytes"]), f"{crossing / 1e6:,.2f} MB" if crossing else "-", f"{1e3 * row['exchange_s']:.2f} ms" if crossing else "-",
        seconds(row["day_s"]), duration(row["year_s"]), f"{alone_s / row['year_s'] / row['ranks']:.0%}",
        ", ".join(f"{name} {spent / row['year_s']:.0%}" for name, spent in parts),
    ]  # fmt: skip


def duration(s: float) -> str:
    """Seconds, minutes or hours."""
    return f"{s / 3600:.1f} h" if s >= 7200 else seconds(s)


BOUNDS = """\
\\* Not possible today: an entry names a citizen by 32 bits, a wrong name is drawn by 32 bits, and the program takes fewer than
2,147,483,648 places. Eight billion want an entry of two words, which would cross in 20 bytes and not in 12. The population is China's, scaled up.

**What would bound it.** Not what crosses. A year's exchange stays below two seconds for every number of ranks here, and among many ranks most of its
bytes are not about people: sums of counts grow with ranks times districts, the numbers of entries with the square of the ranks, while entries about citizens
elsewhere stay below six megabytes a day. Living bounds up to a hundred ranks or so. Beyond, two things bound that do not get
smaller with more ranks, since both go by the largest district, 9 % of all: a shard draws the traits of everybody in the districts
that it shares, and the state of a district is hashed in one piece by the shard in which it begins. Both would go with smaller districts
(prefectures for provinces), or with a digest of pages and traits drawn when asked for. Beginning and tables come next: seconds whatever
the size. What is not in the model: ranks that are slower than others, all of which wait for the slowest twice a day; the reading of checkpoints;
an address space of the whole world in every rank (14 bytes a citizen, untouched but for the shard's own), which machines that do
not overcommit memory refuse.
"""
