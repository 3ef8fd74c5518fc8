"""What each figure shows: small frames, their definitions, and a sentence for those who cannot see the chart.

A frame of a figure holds the numbers of both its chart and its data table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from glasscity import columns as c
from glasscity.metrics import registry
from glasscity.report.numbers import NONE, count, decimal, in_percent, percent
from glasscity.report.stored import Stored
from glasscity.rules.language import language

MOST_WEEKS = 60  # readings drawn in a heat map
TABLE_ROWS = 14  # readings told in a table over time
LISTED = ("black", "court", "red", "shunned", "jobless", "sanctioned_now")
FALSE_KINDS = c.ENTRY_KINDS[1:]
BIN = 1 << c.BIN_SHIFT

# measure -> metric, metric that counts whom it is a share of, factor to reach "per 1,000"
MEASURES = {
    "sanctioned": ("share_ever.sanctioned", "citizens", 1000),
    "wrongly_sanctioned": ("share_ever.wrongly_sanctioned", "citizens", 1000),
    "misnamed": ("share_ever.misnamed", "citizens", 1000),
    "innocent_risk": ("innocent_risk", "innocent", 1000),
    "refused": ("refused_per_1000", "citizens", 1),
}
GROUP_MEASURES = ("sanctioned", "wrongly_sanctioned", "misnamed", "innocent_risk")
DISTRICT_MEASURES = ("sanctioned", "misnamed", "refused")

Table = tuple[list[str], list[list[str]]]


@dataclass(frozen=True)
class Figure:
    """One figure: its numbers, their definitions, its sentence and its table."""

    name: str
    metrics: tuple[str, ...]  # whose definitions stand below it
    data: Callable[[Stored], pl.DataFrame]
    sentence: Callable[[pl.DataFrame, Stored], str]
    table: Callable[[pl.DataFrame, Stored], Table]
    applies: Callable[[Stored], bool] = field(default=lambda stored: True)

    def title(self, stored: Stored) -> str:
        return stored.say(f"figure.{self.name}")

    def unit(self, stored: Stored) -> str:
        return stored.say(f"unit.{self.name}")

    def none(self, stored: Stored) -> str:
        """Why a figure does not apply to this run."""
        return stored.table("none").get(self.name, "")


def thinned(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most so many rows, evenly spaced, the last among them."""
    step = -(-len(frame) // most)
    return frame[::-1].gather_every(step)[::-1] if step > 1 else frame


def added(column: pl.Series) -> float:
    return float(sum(column.to_list()))


def dates(frame: pl.DataFrame, stored: Stored) -> list[str]:
    return [stored.words.date(day) for day in frame["date"]]


def head(stored: Stored, *keys: str) -> list[str]:
    """Headings of a table."""
    return [stored.say(f"head.{key}") for key in keys]


def small(stored: Stored) -> str:
    """What stands for a rate of too few citizens."""
    return stored.say("axis.small", smallest=count(registry.SMALLEST_CELL, stored.language))


# --- score -----------------------------------------------------------------------------------------


def score_data(stored: Stored) -> pl.DataFrame:
    """Share of citizens by bin of standing: date, from, share; bins that nobody is in are left out."""
    names = {f"standing_bin.{edge}": edge for edge in stored.bin_edges}
    wide = thinned(stored.over_time([*names, "citizens"]), MOST_WEEKS)
    long = wide.unpivot(list(names), index=["day", "date", "citizens"], variable_name="bin", value_name="n")
    return long.select(
        "day", "date", pl.col("bin").replace_strict(names, return_dtype=pl.Int64).alias("from"),
        (pl.col("n") / pl.col("citizens")).alias("share"),
    ).filter(pl.col("share") > 0).sort("day", "from")  # fmt: skip


def quantiles(score: pl.DataFrame, at: tuple[float, ...]) -> list[int]:
    """Bins (their lower edges) in which quantiles of one day's standings lie."""
    running = score["share"].cum_sum().to_list()
    edges = score["from"].to_list()
    return [next((e for e, r in zip(edges, running, strict=True) if r >= q - 1e-9), edges[-1]) for q in at]


def median_line(data: pl.DataFrame) -> pl.DataFrame:
    """Middle of the bin that holds the median, by date."""
    days = data.partition_by("day", maintain_order=True)
    return pl.DataFrame(
        {"date": [day["date"][0] for day in days], "median": [quantiles(day, (0.5,))[0] + BIN / 2 for day in days]}
    )


def score_sentence(data: pl.DataFrame, stored: Stored) -> str:
    last = data.filter(pl.col("day") == pl.col("day").max())
    low, middle, high = quantiles(last, (0.05, 0.5, 0.95))

    def told(*edges: int) -> list[str]:
        return [count(edge, stored.language) for edge in edges]

    first, end = told(middle, middle + BIN - 1)
    if low == high:
        return stored.say("says.score_alike", low=first, high=end)
    below, above = told(low + BIN, high)
    return stored.say("says.score", low=first, high=end, below=below, above=above)


def score_table(data: pl.DataFrame, stored: Stored) -> Table:
    days, lang = data["day"].unique().sort(), stored.language
    chosen = thinned(days.to_frame(), 5)["day"]
    rows = data.filter(pl.col("day").is_in(chosen.to_list()))
    shown = rows.select("day", "date").unique().sort("day")
    wide = rows.pivot("date", index="from", values="share").sort("from", descending=True)

    def points(low: int) -> str:
        return stored.say("says.score_bin", low=count(low, lang), high=count(low + BIN - 1, lang))

    return [*head(stored, "points"), *dates(shown, stored)], [
        [points(row["from"]), *(percent(row[str(day)] or 0, lang) for day in shown["date"])] for row in wide.iter_rows(named=True)
    ]


# --- classes and lists -----------------------------------------------------------------------------


def series(stored: Stored, names: dict[str, str], times: float = 1, below: str = "") -> pl.DataFrame:
    """Metrics over time in long form: date, day, series (label), value; per `below` if it is given."""
    wide = stored.over_time([*names, *([below] if below else [])])
    divisor = pl.col(below) if below else pl.lit(1.0)
    long = wide.unpivot(list(names), index=[k for k in wide.columns if k not in names], variable_name="key")
    return long.select(
        "day", "date", "key", pl.col("key").replace_strict(names).alias("series"),
        (pl.col("value") / divisor * times).alias("value"),
    )  # fmt: skip


def classes_data(stored: Stored) -> pl.DataFrame:
    return series(stored, {f"class_share.{letter}": letter for letter in stored.letters})


def last_values(data: pl.DataFrame) -> list[tuple[str, float]]:
    """Each series with its last value."""
    last = data.filter(pl.col("day") == pl.col("day").max())
    return list(zip(last["series"], last["value"], strict=True))


def classes_sentence(data: pl.DataFrame, stored: Stored) -> str:
    parts = [stored.say("says.classes_part", share=percent(value, stored.language), letter=letter) for letter, value in last_values(data)]
    return stored.say("says.classes", parts=", ".join(parts))


def time_table(form: Callable[[float | None, str], str]) -> Callable[[pl.DataFrame, Stored], Table]:
    """A table of series over time."""

    def table(data: pl.DataFrame, stored: Stored) -> Table:
        labels = data["series"].unique(maintain_order=True).to_list()
        wide = thinned(data.pivot("series", index=["day", "date"], values="value").sort("day"), TABLE_ROWS)
        rows = [[day, *(form(row[k], stored.language) for k in labels)] for day, row in zip(dates(wide, stored), wide.to_dicts(), strict=True)]
        return [stored.say("axis.date"), *labels], rows

    return table


def lists_data(stored: Stored) -> pl.DataFrame:
    """Citizens on lists and shut out, per 1,000; lists that stay empty are left out, if any fills."""
    data = series(stored, {name: stored.say(f"series.{name}") for name in LISTED}, 1000, "citizens")
    filled = data.filter(pl.col("value").max().over("key") > 0)
    return filled if len(filled) else data.filter(pl.col("key") == "sanctioned_now")


def lists_sentence(data: pl.DataFrame, stored: Stored) -> str:
    return stored.say("says.lists", parts=", ".join(f"{label} {decimal(v, stored.language)}" for label, v in last_values(data)))


# --- refusals --------------------------------------------------------------------------------------


def refusals_data(stored: Stored) -> pl.DataFrame:
    """By wish: asked, refused, wrongly, innocent, advantage; most refused first."""
    totals, table = stored.totals, stored.documents["catalogue"]["wishes"]
    rows = [
        {
            "wish": stored.named(table, key),
            **{flow: totals[f"{flow}.{key}"] for flow in registry.WISH_FLOWS},
        }
        for key in stored.family("asked.")
        if key in table
    ]
    frame = pl.DataFrame(rows, schema={"wish": pl.String} | {flow: pl.Float64 for flow in registry.WISH_FLOWS})
    frame = frame.with_columns(pl.col("wish").cast(pl.String), otherwise=pl.col("refused") - pl.col("refused_wrongly"))
    return frame.sort("refused", descending=True, maintain_order=True)


def refusals_sentence(data: pl.DataFrame, stored: Stored) -> str:
    lang, (refused, asked, wrongly) = stored.language, (added(data[k]) for k in ("refused", "asked", "refused_wrongly"))
    if not refused:
        return stored.say("says.refusals_no", asked=count(asked, lang))
    return stored.say(
        "says.refusals", refused=count(refused, lang), asked=count(asked, lang), share=percent(refused / asked, lang),
        wrongly=count(wrongly, lang), wrongly_share=percent(wrongly / refused, lang), wish=stored.words.quoted(data["wish"][0]),
    )  # fmt: skip


def refusals_table(data: pl.DataFrame, stored: Stored) -> Table:
    lang = stored.language
    return head(stored, "wish", "asked", "refused", "refused_share", "refused_wrongly", "refused_innocent", "advantage"), [
        [
            row["wish"], count(row["asked"], lang), count(row["refused"], lang),
            percent(row["refused"] / row["asked"], lang) if row["asked"] else NONE,
            *(count(row[k], lang) for k in ("refused_wrongly", "refused_innocent", "advantage")),
        ]
        for row in data.iter_rows(named=True)
    ]  # fmt: skip


# --- records ---------------------------------------------------------------------------------------


def records_data(stored: Stored) -> pl.DataFrame:
    """By channel: rightful records, wrongful ones by kind, share wrongful, recall; worst first."""
    totals = stored.totals
    rows = [
        {
            "channel": stored.named(stored.articles, key),
            **{kind: totals[f"records.{key}.{kind}"] for kind in c.ENTRY_KINDS},
            "recall": totals.get(f"recall.{key}"),
        }
        for key in stored.family("precision.")
    ]
    schema = {"channel": pl.String, **{kind: pl.Float64 for kind in c.ENTRY_KINDS}, "recall": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema).with_columns(wrongful=pl.sum_horizontal(FALSE_KINDS))
    frame = frame.with_columns(records=pl.col("right") + pl.col("wrongful")).filter(pl.col("records") > 0)
    return frame.with_columns(wrong_share=pl.col("wrongful") / pl.col("records")).sort("wrong_share", descending=True)


def records_sentence(data: pl.DataFrame, stored: Stored) -> str:
    lang, worst = stored.language, data.row(0, named=True)
    records, wrongful = added(data["records"]), added(data["wrongful"])
    return stored.say(
        "says.records", wrongful=count(wrongful, lang), records=count(records, lang), share=percent(wrongful / records, lang),
        channel=stored.words.quoted(worst["channel"]), worst=percent(worst["wrong_share"], lang),
    )  # fmt: skip


def records_table(data: pl.DataFrame, stored: Stored) -> Table:
    lang = stored.language
    return head(stored, "channel", *c.ENTRY_KINDS, "wrong_share", "recall"), [
        [row["channel"], *(count(row[kind], lang) for kind in c.ENTRY_KINDS), percent(row["wrong_share"], lang), percent(row["recall"], lang)]
        for row in data.iter_rows(named=True)
    ]


# --- groups and districts --------------------------------------------------------------------------


def measured(stored: Stored, by: str, labels: dict[str, str], measures: tuple[str, ...]) -> pl.DataFrame:
    """Rates of groups or districts: key, label, measure, value (per 1,000; null where n is too small), n."""
    other = "district" if by == "group" else "group"
    cells = stored.final.filter(pl.col(other) == "all")
    known = {(m, k): v for m, k, v in cells.select("metric", by, "value").iter_rows()}
    rows = []
    for key, label in labels.items():
        for measure in measures:
            metric, below, times = MEASURES[measure]
            n, value = known.get((below, key)) or 0, known.get((metric, key))
            shown = value * times if value is not None and n >= registry.SMALLEST_CELL else None
            rows.append({"key": key, "label": label, "measure": stored.say(f"measure.{measure}"), "value": shown, "n": n})
    schema = {"key": pl.String, "label": pl.String, "measure": pl.String, "value": pl.Float64, "n": pl.Float64}
    return pl.DataFrame(rows, schema=schema)


def group_names(stored: Stored) -> dict[str, str]:
    """The groups as all reports call them."""
    names = {key.removeprefix("group."): text for key, text in language(stored.language, "twins").texts.items() if key.startswith("group.")}
    return {key: text[0].upper() + text[1:] for key, text in names.items()}


def groups_data(stored: Stored) -> pl.DataFrame:
    return measured(stored, "group", group_names(stored), GROUP_MEASURES)


def districts_data(stored: Stored) -> pl.DataFrame:
    """Districts by the first measure, highest first, too small ones last; everybody on top."""
    everybody = {"all": group_names(stored)["all"]}
    data = measured(stored, "district", everybody | stored.districts, DISTRICT_MEASURES)
    first = data.filter(pl.col("measure") == data["measure"][0]).sort(
        pl.col("key") != "all", -pl.col("value"), nulls_last=True, maintain_order=True
    )
    order = {key: k for k, key in enumerate(first["key"])}
    return data.sort(pl.col("key").replace_strict(order, return_dtype=pl.Int32), maintain_order=True)


def groups_sentence(data: pl.DataFrame, stored: Stored) -> str:
    rates = {(row["key"], row["measure"]): row["value"] for row in data.iter_rows(named=True)}
    parts = []
    for measure in ("sanctioned", "wrongly_sanctioned", "misnamed"):
        name = stored.say(f"measure.{measure}")
        ours, theirs = rates["minority", name], rates["majority", name]
        if ours is not None and theirs is not None:
            found = {"ours": decimal(ours, stored.language), "theirs": decimal(theirs, stored.language)}
            parts.append(stored.say("says.groups_part", measure=name[0].lower() + name[1:], **found))
    return stored.say("says.groups", parts="; ".join(parts)) if parts else stored.say("says.groups_small")


def districts_sentence(data: pl.DataFrame, stored: Stored) -> str:
    rows = data.filter(pl.col("measure") == data["measure"][0], pl.col("key") != "all", pl.col("value").is_not_null())
    if not len(rows):
        return stored.say("says.districts_small")
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    most, least = (decimal(row["value"], stored.language) for row in (first, last))
    return stored.say("says.districts", most=most, first=first["label"], least=least, last=last["label"])


def cells_table(data: pl.DataFrame, stored: Stored) -> Table:
    measures = data["measure"].unique(maintain_order=True).to_list()
    lang, rows = stored.language, []
    for cell in data.partition_by("key", maintain_order=True):
        values = dict(zip(cell["measure"], cell["value"], strict=True))
        sizes = dict(zip(cell["measure"], cell["n"], strict=True))
        told = [small(stored) if sizes[m] < registry.SMALLEST_CELL else decimal(values[m], lang) for m in measures]
        rows.append([cell["label"][0], count(max(cell["n"].to_list()), lang), *told])
    return ["", stored.say("citizens"), *measures], rows


# --- expression and headline -----------------------------------------------------------------------


def expression_data(stored: Stored) -> pl.DataFrame:
    """In percent by week: expression withheld, expression given up, perceived risk."""
    wide = stored.over_full_weeks(
        ["chilled.acts", "chilled.posts", "acts.expression", "asked.expression", "risk", "expression"]
    )
    chilled = pl.col("chilled.acts") + pl.col("chilled.posts")
    every = chilled + pl.col("acts.expression") + pl.col("asked.expression")
    told = wide.select(
        "day", "date", risk=100 * pl.col("risk"),
        chilled=pl.when(every > 0).then(100 * chilled / every), silence=100 * (1 - pl.col("expression") / 15),
    )  # fmt: skip
    long = told.unpivot(["risk", "silence", "chilled"], index=["day", "date"], variable_name="key").drop_nulls("value")
    return long.with_columns(series=pl.col("key").replace_strict({k: stored.say(f"series.{k}") for k in ("risk", "silence", "chilled")}))


def expression_sentence(data: pl.DataFrame, stored: Stored) -> str:
    ends = (
        data.sort("day")
        .group_by("series", maintain_order=True)
        .agg(first=pl.col("value").first(), last=pl.col("value").last())
    )
    ends = ends.drop_nulls()
    lang = stored.language
    parts = [stored.say("says.expression_part", label=label, first=decimal(a, lang), last=in_percent(b, lang)) for label, a, b in ends.iter_rows()]
    return stored.say("says.expression", parts=", ".join(parts))


def headline_data(stored: Stored) -> pl.DataFrame:
    """Headline figures that are shares, in percent."""
    labels = stored.table("headline")
    rows = [
        {"key": key, "label": labels[key], "value": 100 * value}
        for key, value in stored.run.get("headline", {}).items()
        if value is not None and key in registry.HEADLINES and headline_unit(key, stored).startswith("share")
    ]
    return pl.DataFrame(rows, schema={"key": pl.String, "label": pl.String, "value": pl.Float64})


def headline_metric(key: str, stored: Stored) -> str:
    """The metric behind a headline figure."""
    name = registry.HEADLINES[key][0]
    ends = {"<top>": stored.letters[0], "<bottom>": stored.letters[-1]} if stored.letters else {}
    for mark, letter in ends.items():
        name = name.replace(mark, letter)
    return name


def headline_unit(key: str, stored: Stored) -> str:
    return registry.about(headline_metric(key, stored)).unit


def headline_sentence(data: pl.DataFrame, stored: Stored) -> str:
    return "; ".join(f"{in_percent(row['value'], stored.language)} {row['label']}" for row in data.iter_rows(named=True)) + "."


def headline_table(data: pl.DataFrame, stored: Stored) -> Table:
    return ["", stored.say("axis.percent")], [[row["label"], decimal(row["value"], stored.language)] for row in data.iter_rows(named=True)]


FIGURES: dict[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure("score", ("standing_bin.<points>", "standing"), score_data, score_sentence, score_table, lambda s: s.has_score),
        Figure("classes", ("class_share.<letter>",), classes_data, classes_sentence, time_table(percent), lambda s: s.has_classes),
        Figure("lists", ("sanctioned_now", "black", "court", "red", "shunned", "jobless"), lists_data, lists_sentence, time_table(decimal)),
        Figure("refusals", ("refused", "refused_wrongly", "refused_innocent", "advantage"), refusals_data, refusals_sentence, refusals_table),
        Figure("records", ("records.<kind>", "precision.<channel>", "recall.<channel>"), records_data, records_sentence, records_table, lambda s: bool(s.totals.get("records"))),
        Figure("groups", ("share_ever.sanctioned", "share_ever.wrongly_sanctioned", "share_ever.misnamed", "innocent_risk"), groups_data, groups_sentence, cells_table),
        Figure("districts", ("share_ever.sanctioned", "share_ever.misnamed", "refused_per_1000"), districts_data, districts_sentence, cells_table),
        Figure("expression", ("chilled_share", "risk", "expression"), expression_data, expression_sentence, time_table(decimal)),
        Figure("headline", (), headline_data, headline_sentence, headline_table),
    )
}  # fmt: skip
