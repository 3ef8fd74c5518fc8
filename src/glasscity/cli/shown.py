"""What the command line prints: figures, tables, sentences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glasscity.jobs import Run
    from glasscity.study.robust import Table
    from glasscity.study.validate import Verdict

ONE_SEED = "one seed: no interval"
TOO_FEW = "too few"  # instead of a rate or mean of fewer citizens than registry.SMALLEST_CELL
SUMMARY = ("scenario", "citizens", "days", "seed", "threads", "digest", "wall_s", "peak_rss_bytes", "headline", "seeds", "intervals")


def show(done: Run, as_json: bool) -> None:
    """What a run came to."""
    info = done.info
    if as_json:
        print(json.dumps({key: info.get(key) for key in SUMMARY} | {"out": str(done.out)}))
        return
    from glasscity.report.stored import headline_name

    print(f"\n{info['scenario']}: {info['citizens']:,} synthetic citizens, {info['days']} days, {info['wall_s']:.1f} s\n")
    if intervals := info.get("intervals"):
        print(f"  {'seed ' + str(info['seed']):>12}  {'mean':>12}  {'95 % interval, ' + str(info['seeds']) + ' seeds':>24}")
    for key, value in done.headline.items():
        told = figure(key, value) if is_told(key, done) else TOO_FEW
        over = over_seeds(key, intervals[key], told) if intervals else ""
        print(f"  {told:>12}  {over}{headline_name(key)}")
    print("" if intervals else f"\n{ONE_SEED} (--seeds 5 gives one)\n")
    print(f"digest   {done.digest}")
    print(f"folder   {done.out}")
    if (done.out / "report.html").exists():
        print(f"report   {done.out / 'report.html'}")
    if info["citizens"] < info.get("residents", 0):
        whole = info["command"].replace(f"--citizens {info['citizens']} ", "--citizens all ", 1)
        print(f"all {info['residents']:,} residents: {whole}")


def over_seeds(key: str, found: dict[str, float | None], told: str) -> str:
    """A headline's mean over seeds and its interval, in columns."""
    if told == TOO_FEW:
        return f"{TOO_FEW:>12}  {'':>24}  "
    ends = "" if found["low"] is None else f"{figure(key, found['low'])} to {figure(key, found['high'])}"
    return f"{figure(key, found['mean']):>12}  {ends:>24}  "


def is_told(key: str, done: Run) -> bool:
    """Whether the groups that a headline is about are so large that their rates are told."""
    import polars as pl

    from glasscity.metrics.registry import HEADLINES, REFERENCES, SMALLEST_CELL

    group = HEADLINES[key][1]
    if group == "all":
        return True
    sizes = done.metrics.filter(pl.col("group").is_in([group, REFERENCES[group]]), metric="citizens", district="all", day=done.metrics["day"].max())["value"]
    return bool((sizes >= SMALLEST_CELL).all())


def figure(key: str, value: float | None) -> str:
    """A headline figure with as many digits as one reads."""
    from glasscity.metrics.registry import HEADLINES, about

    if value is None:
        return "none"
    is_share = about(HEADLINES[key][0]).unit.startswith("share")
    return f"{100 * value:.2f} %" if is_share else f"{value:,.2f}"


def show_in_words(found: dict[str, Any]) -> None:
    """A scheme, group by group, wrapped for the terminal."""
    from shutil import get_terminal_size
    from textwrap import fill

    width = min(get_terminal_size((100, 24)).columns, 100)
    print(f"{found['name']}\n{fill(found['summary'], width)}")
    for group in found["groups"]:
        print(f"\n{group['title'].upper()}")
        for article in group["articles"]:
            state = f" [{article['state']}]" if group["group"] == "safeguards" else ""
            print(f"\n{article['name']}{state}")
            print(fill(article["description"], width, initial_indent="  ", subsequent_indent="  "))
            print(fill(article["origin"], width, initial_indent="  ", subsequent_indent="    "))


def show_table(found: dict[str, Any]) -> None:
    """The checklist, a line or two each, part by part."""
    from rich.box import SIMPLE
    from rich.table import Table

    for letter, part in found["parts"].items():
        table = Table(box=SIMPLE, title=part, title_justify="left", title_style="bold", pad_edge=False, expand=True)
        for column, ratio in (("id", 2), ("described", 16), ("articles", 13), ("scenarios", 9), ("shows in", 13)):
            table.add_column(column, ratio=ratio, overflow="fold")
        for item in found["ids"]:
            if item["part"] == letter:
                articles = dict.fromkeys(key for keys in item["articles"].values() for key in keys)
                cells = articles or ["not yet"], item["scenarios"] or ["none"], item["metrics"]
                table.add_row(item["id"], item["title"], *(", ".join(cell) for cell in cells))
        wide_console().print(table)


def show_verdicts(verdicts: list[Verdict], seeds: int) -> None:
    """Published figures beside what the runs say, scenario by scenario."""
    from rich.box import SIMPLE
    from rich.table import Table

    from glasscity.study.validate import summary

    interval = f"95 % interval of the mean over {seeds} seeds" if seeds > 1 else ONE_SEED
    columns = {
        "figure": "left", "published": "right", "agrees": "right", "simulated": "right", interval: "right",
        "is": "left", "was": "left", "grade": "left", "source": "left",
    }  # fmt: skip
    for scenario in dict.fromkeys(verdict.figure.scenario for verdict in verdicts):
        table = Table(box=SIMPLE, title=scenario, title_justify="left", title_style="bold", pad_edge=False)
        for column, side in columns.items():
            table.add_column(column, justify=side, overflow="fold")  # type: ignore[arg-type]
        for verdict in verdicts:
            if verdict.figure.scenario == scenario:
                table.add_row(*cells_of(verdict))
        wide_console().print(table)
    for kind, (inside, every) in summary(verdicts).items():
        print(f"{kind}: {inside} of {every} inside")


def show_robustness(found: Table, most: int) -> None:
    """For each headline the assumed numbers that move it farthest; those within chance are told so."""
    from rich.table import Table as Grid

    console = wide_console()
    for key, base in found.base.items():
        rows = found.ranked(key)[:most] if base is not None else []
        if not rows:
            continue
        spread = found.chance[key]
        told = "" if spread is None else f", standard deviation between seeds {readable(spread)}"
        grid = Grid(title=f"{key.replace('_', ' ')}: {readable(base or 0.0)}{told}", title_justify="left")
        for heading in ("assumed number", "value", "at half", "at double", ""):
            grid.add_column(heading, justify="right" if heading not in ("", "assumed number") else "left")
        for row in rows:
            half, double = (
                readable(world[key] or 0.0) if isinstance(world, dict) else "no such world" for world in (row.halved, row.doubled)
            )
            mark = "" if found.is_beyond_chance(row, key) else "within chance"
            grid.add_row(row.parameter.path, ends(row.parameter.value), half, double, mark)
        console.print(grid)


def ends(value: Any) -> str:
    """A number; of a row or table of them the least and the most."""
    parts = list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list | tuple) else [value]
    return readable(parts[0]) if len(parts) == 1 else span(min(parts), max(parts))


def cells_of(verdict: Verdict) -> list[str]:
    """A figure's row."""
    from rich.markup import escape

    told, ends = verdict.figure, verdict.interval
    limits, simulated = span(told.low, told.high), span(*ends) if ends else ""
    is_inside = "inside" if verdict.is_inside else "[bold]outside[/bold]"
    grade = f"{told.grade}, {'seen' if told.seen else 'recalled'}"
    source = ", ".join(part for part in (told.source, told.locator) if part)
    return [
        escape(f"{told.name.en} ({told.unit})"), readable(told.value), limits, readable(verdict.mean), simulated,
        is_inside, told.role, grade, escape(source),
    ]  # fmt: skip


def span(low: float, high: float) -> str:
    """Two numbers as a range."""
    return f"{readable(low)} to {readable(high)}"


def readable(value: float) -> str:
    """A number with about three digits."""
    if not -1e18 < value < 1e18:  # nought over nought
        return "none"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def show_in_full(found: dict[str, Any]) -> None:
    """Each entry with all that is known of it."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = wide_console()
    for item in found["ids"]:
        console.print(f"{item['id']}  {item['title']} ({item['kind']})", markup=False, style="bold")
        table = Table.grid(padding=(0, 2))
        for label, lines in lines_of(item).items():
            table.add_row(label, Text("\n".join(lines) or "none yet"))
        console.print(Padding(table, (0, 0, 1, 4)))


def lines_of(item: dict[str, Any]) -> dict[str, list[str]]:
    """What is known of an entry, by label."""
    over = f", run with --population {item['population']} and without" if item["population"] else ""
    metrics = f"{', '.join(item['metrics'])}; in {item['shown_in']}{over}"
    given, switch = ([f"--set {p}={json.dumps(v)}" for p, v in item[key].items()] for key in ("given", "switch"))
    return {
        "said": [item["text"]],
        "in": [", ".join(f"{place['source']} {place['locator']}" for place in item["sources"])],
        "articles": [f"{name}: {', '.join(keys)}" for name, keys in item["articles"].items()],
        "functions": item["functions"],
        "scenarios": [", ".join(item["scenarios"])] if item["scenarios"] else [],
        "shows in": [metrics] if item["metrics"] else [],
        **({"given": given} if given else {}),
        **({} if over else {"without it": switch}),
        "tests": item["tests"],
    }


def wide_console() -> Any:
    """Standard output; in a file or a pipe wide enough for a table."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)


def show_lives(found: dict[str, Any], lang: str) -> None:
    """Lives that show something, story by story: figures, and the command that opens the file."""
    from glasscity.rules.language import DOSSIER, language

    tongue, numbers = language(lang, DOSSIER), language(lang)

    def told(key: str, value: Any) -> str:
        if isinstance(value, bool):
            return tongue.text("figure.yes" if value else "figure.no")
        if key == "occupation":
            return tongue.text(f"occupation.{value}")
        return numbers.number(value) if isinstance(value, int | float) else str(value)

    for story in found["stories"]:
        print(tongue.text(f"find.{story}"))
        lives = [life for life in found["lives"] if life["story"] == story]
        for life in lives:
            figures = "; ".join(f"{tongue.text(f'figure.{k}')}: {told(k, v)}" for k, v in life["figures"].items())
            print(f"  {tongue.text('page.synthetic').upper()} {life['citizen']}  {figures}")
            print(f"    {life['command']} --lang {lang}")
        if not lives:
            print(f"  {tongue.text('find.none')}")
    print(tongue.say("find.searched", n=numbers.number(found["searched"]), all=numbers.number(found["citizens"])))
