"""Commands that live through more than one world: what a scheme does to people, mechanism by mechanism, right by right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from glasscity.cli.bar import shown_progress
from glasscity.cli.shown import ONE_SEED, TOO_FEW, readable, span, wide_console

if TYPE_CHECKING:
    from glasscity.study.safeguards import Ranking
    from glasscity.study.shapley import Attribution
    from glasscity.study.sweeps import Sweep
    from glasscity.study.twins import Twin

Scenario = Annotated[str, typer.Argument(metavar="SCENARIO", help="A built-in name (see `scenarios`) or a file.")]
Threads = Annotated[int | None, typer.Option(help="Threads (default: all processors). Results do not depend on it.")]
Changes = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a value by dotted path. May be repeated.")]  # fmt: skip
Citizens = Annotated[int, typer.Option(metavar="N", help="Citizens of each world.")]
Days = Annotated[int, typer.Option(help="Days of each world.")]
Seed = Annotated[int, typer.Option(help="First seed.")]
Seeds = Annotated[int, typer.Option(metavar="K", help="Worlds of each kind, each with a seed of its own.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object alone on stdout.")]
GROUPS_SHOWN = ("all", "minority", "majority", "income_1", "income_5")
MOST_PAIRS = 15
SPREAD_AMONG = {"citizens": "over all citizens", "districts": "between the means of districts"}
OUTCOMES_SHOWN = ("sanctioned", "wrongly_sanctioned", "misnamed", "refused", "sanctioned_by_association")


def compare(
    scenario: Scenario,
    without: Annotated[list[str] | None, typer.Option("--without", metavar="MECHANISM", help="Take a mechanism out: friends, cap, informers, sensor_error ..., a kind of article, or an article's id. May be repeated.")] = None,
    changes: Changes = None,
    safeguards: Annotated[list[str] | None, typer.Option("--with", metavar="SAFEGUARD", help="Grant a safeguard: notice, appeal, review ... May be repeated.")] = None,
    against: Annotated[str | None, typer.Option(metavar="SCENARIO", help="Another scenario over the same population.")] = None,
    population: Annotated[str | None, typer.Option(metavar="NAME|FILE", help="Another population than the scenario's, for both worlds.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The worlds share their past up to this day; it is lived once.")] = None,
    citizens: Annotated[int | None, typer.Option(metavar="N", help="Citizens of each world.")] = None,
    days: Annotated[int | None, typer.Option(help="Days of each world.")] = None,
    seed: Annotated[int | None, typer.Option(help="First seed.")] = None,
    seeds: Annotated[int, typer.Option(metavar="K", help="Pairs of worlds, each with a seed of its own.")] = 3,
    persistence: Annotated[bool, typer.Option("--persistence", help="With --from: live a third world, changed from the first day on, and tell what outlasts the change.")] = False,
    threads: Threads = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Folder for the tables (default: a new one under runs/).")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Twin worlds: what a change does to whom.

    Same citizens, same luck. Differences are the scheme as it is less the changed one, with intervals over seeds. Citizens are synthetic.
    """
    from glasscity.jobs import twins
    from glasscity.rules.overlay import parse

    folder = out or str(twins.default_folder(scenario))
    with shown_progress() as progress:
        twin = twins.compare(
            scenario, without=without or (), overlay=parse(changes or []), safeguards=safeguards or (), against=against,
            population=population, since=since, citizens=citizens, days=days, seed=seed, seeds=seeds, persistence=persistence,
            threads=threads, out=folder, progress=progress,
        )  # fmt: skip
    if as_json:
        print(json.dumps(twin.plain | {"out": folder}))
        return
    show_twin(twin)
    print(f"\nfolder   {folder}\nreport   {folder}/report.html\nagain    {twin.about['command']}")


def attribute(
    scenario: Scenario,
    metric: Annotated[str, typer.Argument(metavar="[METRIC]", help="A metric of a run.")] = "wrongful_sanction_share",
    mechanisms: Annotated[str, typer.Option("--among", metavar="NAME,NAME", help="Mechanisms (default: sensor_error, rule, friends, cap, informers and no_appeal, where there are such).")] = "",
    group: Annotated[str, typer.Option(help="Group that the metric is about.")] = "all",
    changes: Changes = None,
    citizens: Citizens = 20_000,
    days: Days = 180,
    seed: Seed = 1,
    seeds: Seeds = 3,
    orders: Annotated[int, typer.Option(help="Random orders, for more than 8 mechanisms.")] = 50,
    threads: Threads = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Share a metric out among mechanisms.

    Shapley shares: what each mechanism adds on average over all orders. They add up to what all of them do together.
    """
    from glasscity import jobs
    from glasscity.rules.overlay import parse

    with shown_progress() as progress:
        found = jobs.attribute(
            scenario, metric, mechanisms, group=group, overlay=parse(changes or []), citizens=citizens, days=days, seed=seed,
            seeds=seeds, orders=orders, threads=threads, progress=progress,
        )  # fmt: skip
    if as_json:
        print(json.dumps(found.plain))
        return
    show_attribution(found)


def safeguards(
    scenario: Scenario,
    harms: Annotated[str, typer.Option(metavar="METRIC,METRIC", help="Counts of events that are harm (default: wrongful falls, listings, refusals, pillories and fines).")] = "",
    pairs: Annotated[bool, typer.Option("--pairs/--no-pairs", help="Whether two at a time are tried as well.")] = True,
    changes: Changes = None,
    citizens: Citizens = 20_000,
    days: Days = 180,
    seed: Seed = 1,
    seeds: Seeds = 3,
    threads: Threads = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Rank the safeguards that a scheme lacks.

    Harm is counted in wrongful events, if nothing else is said: what befell people for what they did not do.
    """
    from glasscity import jobs
    from glasscity.rules.overlay import parse

    with shown_progress() as progress:
        found = jobs.safeguards(
            scenario, harms=harms, pairs=pairs, overlay=parse(changes or []), citizens=citizens, days=days, seed=seed, seeds=seeds,
            threads=threads, progress=progress,
        )  # fmt: skip
    if as_json:
        print(json.dumps(found.plain))
        return
    show_ranking(found)


def cascade(
    scenario: Scenario,
    day: Annotated[int | None, typer.Option(help="Day of the shock (default: half-way).")] = None,
    changes: Changes = None,
    citizens: Citizens = 20_000,
    days: Days = 180,
    seed: Seed = 1,
    seeds: Seeds = 3,
    threads: Threads = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """How many friends fall with one who loses all points.

    Twin worlds: in one of them, one person in a circle of friends, here and there, loses the account's points on a day.
    """
    from glasscity import jobs
    from glasscity.rules.overlay import parse

    with shown_progress() as progress:
        found = jobs.cascade(
            scenario, after=day, overlay=parse(changes or []), citizens=citizens, days=days, seed=seed, seeds=seeds,
            threads=threads, progress=progress,
        ).plain  # fmt: skip
    if as_json:
        print(json.dumps(found))
        return
    print(f"\n{found['scenario']}: {found['shocks']:,} people lost all points on day {found['day']}")
    print(f"  further people sanctioned per shock   {number(found['mean'])}   (95 % interval {interval(found['low'], found['high'])})")
    print(f"  shocks that drew nobody else along    {number(found['alone'], 100)} %")
    print(f"  the largest cascade                   {found['most']}")
    print(f"  elsewhere, net, per shock             {number(found['afar'])}")


def sweep(
    scenario: Scenario,
    values: Annotated[str, typer.Argument(metavar="PATH=VALUE,VALUE,...", help="A dotted path and the values that it takes: articles.friends.value=0,0.05,0.2")],
    metrics: Annotated[str, typer.Option(metavar="METRIC,METRIC", help="What to tell at each value (default: shares sanctioned, wrongly, innocent; refusals).")] = "",
    group: Annotated[str, typer.Option(help="Group that the metrics are about.")] = "all",
    changes: Changes = None,
    citizens: Citizens = 20_000,
    days: Days = 180,
    seed: Seed = 1,
    seeds: Seeds = 3,
    threads: Threads = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Vary one number; tell what metrics do.

    All worlds share citizens and luck, so that what differs is the number's doing.
    """
    from glasscity import jobs
    from glasscity.rules.overlay import parse

    path, _, several = values.partition("=")
    listed = [parse([f"{path}={value}"])[path.strip()] for value in several.split(",")] if several else []
    with shown_progress() as progress:
        found = jobs.sweep(
            scenario, path.strip(), listed, metrics, group=group, overlay=parse(changes or []), citizens=citizens, days=days,
            seed=seed, seeds=seeds, threads=threads, progress=progress,
        )  # fmt: skip
    if as_json:
        print(json.dumps(found.plain))
        return
    show_sweep(found)


def show_sweep(found: Sweep) -> None:
    """A row a value, a column a metric with its interval."""
    from glasscity.metrics.registry import about

    metrics, values = (list(dict.fromkeys(getattr(point, part) for point in found.points)) for part in ("metric", "value"))
    times = {m: 100 if about(m).unit.startswith(("share", "difference of shares")) else 1 for m in metrics}
    rows = [[found.path, *(f"{about(m).label} ({'%' if times[m] == 100 else about(m).unit})" for m in metrics)]]
    for value in values:
        points = [found.at(value, metric) for metric in metrics]
        cells = [(number(p.mean, times[p.metric]), interval(p.low, p.high, times[p.metric])) for p in points]
        rows.append([str(value), *(f"{mean} ({span})" if span else mean for mean, span in cells)])
    show_grid(f"{found.about['scenario']}, {found.about['group']}: mean over seeds (95 % interval)", rows)


def show_attribution(found: Attribution) -> None:
    """The shares, the largest first, and what they add up to."""
    from glasscity.metrics.registry import about

    told = about(found.metric)
    times, unit = (100, "%") if told.unit.startswith(("share", "difference of shares")) else (1, told.unit)
    how = "all orders" if found.is_exact else "random orders"
    rows = [[f"{told.label} ({unit})", "share", "95 % interval"]]
    rows += [[s.name, number(s.value, times), interval(s.low, s.high, times)] for s in found.shares]
    rows += [["together", number(found.whole - found.rest, times), ""], ["without any of them", number(found.rest, times), ""],
             ["the scheme as it is", number(found.whole, times), ""]]  # fmt: skip
    show_grid(f"{found.about['scenario']}: {found.worlds} worlds, {how}", rows)


def show_ranking(found: Ranking) -> None:
    """Safeguards alone, then in pairs, the most harm avoided first; and what seeds do not settle."""
    from glasscity.study.safeguards import unsettled

    heads = ["harm avoided per 1,000 citizens", "95 % interval", "% of all", "decisions per 1,000", "avoided per 100 decisions", "days waited"]
    print(f"\n{found.about['scenario']}: {found.harm:.1f} harmful events per 1,000 citizens in {found.about['days']} days")
    if not found.harm:
        print("nothing to avoid in these worlds: take more citizens or days, or name other --harms")
    for size, title in ((1, "One safeguard"), (2, "Two safeguards")):
        rows = [["", *heads]]
        for row in found.ranked(size):
            each = row.per_decision
            rows.append([
                " + ".join(row.levers), number(row.avoided), interval(row.low, row.high), number(row.share, 100),
                number(row.decisions), "by rule" if each is None else number(each, 100), number(row.days),
            ])  # fmt: skip
        if len(rows) > 1:
            show_grid(title, rows[: 1 + MOST_PAIRS] if size == 2 else rows)
    runs = [", ".join(" + ".join(row["levers"]) for row in run) for run in unsettled(found.told(1))]
    if runs:
        print(f"chance alone could put these neighbours in another order: {'; '.join(runs)}")


def show_grid(title: str, rows: list[list[str]]) -> None:
    """Rows under their headings, the first."""
    from rich.box import SIMPLE
    from rich.table import Table

    grid = Table(box=SIMPLE, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for k, heading in enumerate(rows[0]):
        grid.add_column(heading, justify="left" if k == 0 else "right", overflow="fold")
    for row in rows[1:]:
        grid.add_row(*row)
    wide_console().print(grid)


def show_twin(twin: Twin) -> None:
    """Headlines of both worlds and their difference, by group; then who met what in one world alone."""
    about = twin.about
    certain = f"{about['seeds']} seeds" if about["seeds"] > 1 else ONE_SEED
    print(f"\n{about['scenario']} as it is and {about['change'].replace('--against', 'against')}: {about['citizens']:,} synthetic citizens, {about['days']} days, "
          f"{certain}, {about['wall_s']:.1f} s")  # fmt: skip
    for title, rows in (("What differs", effect_rows(twin)), ("By group", group_rows(twin)), ("What is lost to the scheme", loss_rows(twin)), ("How far accounts lie apart", spread_rows(twin)), ("Who met it in one world alone", life_rows(twin))):
        if len(rows) > 1:
            show_grid(title, rows)


def effect_rows(twin: Twin) -> list[list[str]]:
    """Each headline in both worlds, with what pairing gains: by how much unpaired worlds would widen the interval."""
    from glasscity.metrics.registry import HEADLINES, about
    from glasscity.report.stored import headline_name

    rows = [["", "as it is", "changed", "difference", "95 % interval", "pairing gains"]]
    for key, (metric, group) in HEADLINES.items():
        try:
            found = twin.effect(metric, group)
        except KeyError:
            continue
        if not twin.is_told(group):
            rows.append([headline_name(key), *[TOO_FEW] * 3, "", ""])
            continue
        times = 100 if about(metric).unit.startswith(("share", "difference of shares")) else 1
        unit = " (%)" if times == 100 else ""
        cells = [number(found[name], times) for name in ("factual", "counterfactual", "difference")]
        gain = "" if found["gain"] is None else f"x {found['gain']:.1f}"
        rows.append([headline_name(key) + unit, *cells, interval(found["low"], found["high"], times), gain])
    return rows


def group_rows(twin: Twin) -> list[list[str]]:
    """The difference in being sanctioned, wrongly sanctioned and refused, group by group."""
    metrics = {"share_ever.sanctioned": "ever sanctioned (%)", "share_ever.wrongly_sanctioned": "wrongly sanctioned (%)",
               "refused_per_1000": "refused per 1,000", "standing": "mean standing"}  # fmt: skip
    rows = [["difference", *metrics.values()]]
    for group in GROUPS_SHOWN:
        cells = [] if twin.is_told(group) else [TOO_FEW] * len(metrics)
        for metric in metrics if not cells else ():
            try:
                cells.append(number(twin.effect(metric, group)["difference"], 100 if metric.startswith("share") else 1))
            except KeyError:
                cells.append("none")
        rows.append([group.replace("_", " "), *cells])
    return rows


def loss_rows(twin: Twin) -> list[list[str]]:
    """Paired figures of everybody with their interval, and of some groups."""
    from glasscity.metrics.registry import PAIRED

    rows = [["%", "all", "95 % interval", *(group.replace("_", " ") for group in GROUPS_SHOWN[1:])]]
    for metric in twin.paired["metric"].unique(maintain_order=True):
        every = twin.loss(metric)
        cells = [number(twin.loss(metric, group)["value"], 100) if twin.is_told(group) else TOO_FEW for group in GROUPS_SHOWN[1:]]
        rows.append([PAIRED[metric].label, number(every["value"], 100), interval(every["low"], every["high"], 100), *cells])
    return rows


def spread_rows(twin: Twin) -> list[list[str]]:
    """Standard deviations of accounts in both worlds, and the share of the variance that is the doing of what was changed."""
    heads = {"factual": ("as it is", 1), "counterfactual": ("changed", 1), "share": ("share of the variance (%)", 100)}
    rows = [["points", *(cell for head, _ in heads.values() for cell in (head, "95 % interval"))]]
    for row in twin.spread.drop_nulls("share").iter_rows(named=True):
        pairs = [(number(row[k], times), interval(row[f"{k}_low"], row[f"{k}_high"], times)) for k, (_, times) in heads.items()]
        rows.append([SPREAD_AMONG[row["among"]], *(cell for pair in pairs for cell in pair)])
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
