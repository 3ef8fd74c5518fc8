"""Commands that live through more than one world: what a scheme does to people, mechanism by mechanism, right by right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from glasscity.cli.bar import shown_progress
from glasscity.cli.shown import readable, span, wide_console

if TYPE_CHECKING:
    from glasscity.study.twins import Twin

Scenario = Annotated[str, typer.Argument(metavar="SCENARIO", help="A built-in name (see `scenarios`) or a file.")]
Threads = Annotated[int | None, typer.Option(help="Threads (default: all processors). Results do not depend on it.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object alone on stdout.")]
GROUPS_SHOWN = ("all", "minority", "majority", "income_1", "income_5")
OUTCOMES_SHOWN = ("sanctioned", "wrongly_sanctioned", "misnamed", "refused", "sanctioned_by_association")


def compare(
    scenario: Scenario,
    without: Annotated[list[str] | None, typer.Option("--without", metavar="MECHANISM", help="Take a mechanism out: friends, cap, informers, sensor_error ..., a kind of article, or an article's id. May be repeated.")] = None,
    changes: Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a value by dotted path. May be repeated.")] = None,
    safeguards: Annotated[list[str] | None, typer.Option("--with", metavar="SAFEGUARD", help="Grant a safeguard: notice, appeal, review ... May be repeated.")] = None,
    against: Annotated[str | None, typer.Option(metavar="SCENARIO", help="Another scenario over the same population.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The worlds share their past up to this day; it is lived once.")] = None,
    citizens: Annotated[int | None, typer.Option(metavar="N", help="Citizens of each world.")] = None,
    days: Annotated[int | None, typer.Option(help="Days of each world.")] = None,
    seed: Annotated[int | None, typer.Option(help="First seed.")] = None,
    seeds: Annotated[int, typer.Option(metavar="K", help="Pairs of worlds, each with a seed of its own.")] = 3,
    threads: Threads = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Folder for the tables (default: a new one under runs/).")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Two worlds, same citizens, same luck: what a change does to whom.

    Differences are the scheme as it is less the changed one, with intervals over seeds. Citizens are synthetic.
    """
    from glasscity.jobs import twins
    from glasscity.rules.overlay import parse

    folder = out or str(twins.default_folder(scenario))
    with shown_progress() as progress:
        twin = twins.compare(
            scenario, without=without or (), overlay=parse(changes or []), safeguards=safeguards or (), against=against,
            since=since, citizens=citizens, days=days, seed=seed, seeds=seeds, threads=threads, out=folder, progress=progress,
        )  # fmt: skip
    if as_json:
        print(json.dumps(twin.plain | {"out": folder}))
        return
    show_twin(twin)
    print(f"\nfolder   {folder}\nagain    {twin.about['command']}")


def show_twin(twin: Twin) -> None:
    """Headlines of both worlds and their difference, by group; then who met what in one world alone."""
    from rich.box import SIMPLE
    from rich.table import Table

    about, console = twin.about, wide_console()
    print(f"\n{about['scenario']} against itself {about['change']}: {about['citizens']:,} synthetic citizens, {about['days']} days, "
          f"{about['seeds']} seed{'s' if about['seeds'] > 1 else ''}, {about['wall_s']:.1f} s")  # fmt: skip
    for title, rows in (("What differs", effect_rows(twin)), ("By group", group_rows(twin)), ("Who met it in one world alone", life_rows(twin))):
        grid = Table(box=SIMPLE, title=title, title_justify="left", title_style="bold", pad_edge=False)
        for k, heading in enumerate(rows[0]):
            grid.add_column(heading, justify="left" if k == 0 else "right", overflow="fold")
        for row in rows[1:]:
            grid.add_row(*row)
        console.print(grid)


def effect_rows(twin: Twin) -> list[list[str]]:
    """Each headline in both worlds, with what pairing gains: by how much unpaired worlds would widen the interval."""
    from glasscity.metrics.registry import HEADLINES, about
    from glasscity.report.texts import HEADLINE_LABELS

    rows = [["", "as it is", "changed", "difference", "95 % interval", "pairing gains"]]
    for key, (metric, group) in HEADLINES.items():
        try:
            found = twin.effect(metric, group)
        except KeyError:
            continue
        times = 100 if about(metric).unit.startswith(("share", "difference of shares")) else 1
        unit = " (%)" if times == 100 else ""
        cells = [number(found[name], times) for name in ("factual", "counterfactual", "difference")]
        gain = "" if found["gain"] is None else f"x {found['gain']:.1f}"
        rows.append([HEADLINE_LABELS["en"].get(key, key) + unit, *cells, interval(found["low"], found["high"], times), gain])
    return rows


def group_rows(twin: Twin) -> list[list[str]]:
    """The difference in being sanctioned, wrongly sanctioned and refused, group by group."""
    metrics = {"share_ever.sanctioned": "ever sanctioned (%)", "share_ever.wrongly_sanctioned": "wrongly sanctioned (%)",
               "refused_per_1000": "refused per 1,000", "standing": "mean standing"}  # fmt: skip
    rows = [["difference", *metrics.values()]]
    for group in GROUPS_SHOWN:
        cells = []
        for metric in metrics:
            try:
                cells.append(number(twin.effect(metric, group)["difference"], 100 if metric.startswith("share") else 1))
            except KeyError:
                cells.append("none")
        rows.append([group.replace("_", " "), *cells])
    return rows


def life_rows(twin: Twin) -> list[list[str]]:
    """Citizens whom an outcome met in both worlds, in one alone, in neither."""
    rows = [["ever", "as it is alone", "95 % interval", "changed alone", "95 % interval", "in both"]]
    for row in twin.lives.filter(district="all", group="all").iter_rows(named=True):
        if row["outcome"] in OUTCOMES_SHOWN:
            one, other = ("only_factual", "only_counterfactual")
            cells = [cell for k in (one, other) for cell in (number(row[k]), interval(row[f"{k}_low"], row[f"{k}_high"]))]
            rows.append([row["outcome"].replace("_", " "), *cells, number(row["both"])])
    return rows


def number(value: float | None, times: float = 1) -> str:
    """A number with about three digits, or none."""
    return "none" if value is None or value != value else readable(value * times) if abs(value * times) < 100 else f"{value * times:,.0f}"


def interval(low: float | None, high: float | None, times: float = 1) -> str:
    """Two ends, or nothing for a single seed."""
    return "" if low is None or high is None else span(low * times, high * times)
