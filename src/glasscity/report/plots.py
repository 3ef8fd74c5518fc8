"""Charts of a stored run, for notebook and report alike. What they show: `figures`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import altair as alt
import polars as pl

from glasscity.errors import InputError
from glasscity.report.figures import BIN, FALSE_KINDS, FIGURES, Figure, last_values, median_line
from glasscity.report.numbers import count, decimal, percent
from glasscity.report.stored import Stored
from glasscity.report.texts import TEXTS

# Okabe & Ito (2008), https://jfly.uni-koeln.de/color/: told apart by colour-blind readers
BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
INK, FAINT, GREY = "#1f2933", "#c9d1d9", "#8a97a3"
FALSE_COLOURS = {"wrong_person": VERMILION, "false_alarm": ORANGE, "false_report": PURPLE}
CLASS_COLOURS = ("#00507d", BLUE, SKY, "#b7c9d6", "#efd9a7", ORANGE, VERMILION, "#8f2f00")  # best to worst
LIST_COLOURS = {
    "black": INK, "court": BLUE, "red": VERMILION, "shunned": PURPLE, "jobless": ORANGE, "sanctioned_now": GREEN,
}  # fmt: skip
FEAR_COLOURS = {"risk": VERMILION, "silence": PURPLE, "chilled": BLUE}
WIDTH = 430


def chart(name: str, folder: Path) -> alt.Chart:
    """A chart of the run in `folder`; InputError for a name that is none, or a chart that the run has no data for."""
    if name not in FIGURES:
        raise InputError(f"no chart '{name}'; charts: {', '.join(FIGURES)}")
    figure, stored = FIGURES[name], Stored.read(Path(folder))
    if not figure.applies(stored):
        raise InputError(f"chart '{name}': {figure.none(stored)}")
    data = figure.data(stored)
    title = alt.TitleParams(figure.title(stored), subtitle=figure.unit(stored))
    return styled(draw(figure, data, stored)).properties(title=title, description=figure.sentence(data, stored))


def draw(figure: Figure, data: pl.DataFrame, stored: Stored) -> alt.Chart:
    """The marks of a figure, without title and style."""
    return DRAWINGS[figure.name](data, stored)


def styled(drawing: alt.Chart) -> alt.Chart:
    """The look that all charts share; no background, so that they stand on light and dark."""
    return (
        drawing.configure(background="transparent", font="system-ui, sans-serif", padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=INK, labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelLimit=230,
            gridColor=FAINT, gridOpacity=0.6, domainColor=FAINT, tickColor=FAINT, titlePadding=8,
        )
        .configure_legend(
            labelColor=INK, labelFontSize=12, title=None, orient="top", direction="horizontal", columns=2, labelLimit=320,
            symbolStrokeWidth=3, offset=8,
        )
        .configure_title(color=INK, subtitleColor=GREY, anchor="start", fontSize=15, subtitleFontSize=12, offset=12)
        .configure_header(labelColor=INK, labelFontSize=12, labelFontWeight="bold", title=None, labelAnchor="start")
        .configure_mark(aria=False)
    )  # fmt: skip


def time_axis(stored: Stored, texts: dict[str, str]) -> alt.X:
    """Dates along the bottom, as many as fit."""
    form = "%b %Y" if stored.last_day > 250 else "%-d %b"
    return alt.X("date:T", title=texts["date"], axis=alt.Axis(format=form, tickCount=5, grid=False, labelOverlap=True))


# --- one drawing a figure --------------------------------------------------------------------------


def score(data: pl.DataFrame, stored: Stored) -> alt.Chart:
    """A heat map of standings by week, the median and the limits of the classes."""
    texts = TEXTS[stored.language]
    low, high = int(data["from"].min()), int(data["from"].max()) + BIN  # type: ignore[arg-type, call-overload]
    days = data["day"].unique().sort()
    step = int(days[-1] - days[-2]) if len(days) > 1 else 1
    step = max(step, int(days[1] - days[0]) if len(days) > 2 else 1)
    cells = data.with_columns(
        start=pl.col("date") - pl.duration(days=step), to=pl.col("from") + BIN, percent=100 * pl.col("share")
    )
    y = alt.Scale(domain=[low, high], nice=False, zero=False)
    heat = alt.Chart(cells).mark_rect(color=BLUE).encode(
        x=alt.X("start:T", title=texts["date"], axis=alt.Axis(format="%b %Y" if stored.last_day > 250 else "%-d %b", tickCount=8, grid=False)),
        x2="date:T",
        y=alt.Y("from:Q", title=texts["standing"], scale=y, axis=alt.Axis(grid=False)),
        y2="to:Q",
        opacity=alt.Opacity(
            "percent:Q", scale=alt.Scale(type="log", domain=[0.001, 100], range=[0.06, 1], clamp=True),
            legend=alt.Legend(
                title=texts["share"], orient="right", direction="vertical", columns=1, values=[100, 10, 1, 0.1, 0.01],
                labelExpr="datum.value + ' %'", symbolType="square", symbolFillColor=BLUE, symbolStrokeWidth=0,
                symbolSize=160, titleColor=INK, titleFontWeight="normal", titleLimit=130,
            ),
        ),
    )  # fmt: skip
    line = alt.Chart(median_line(data)).mark_line(color=VERMILION, strokeWidth=2.5, interpolate="monotone").encode(
        x="date:T", y=alt.Y("median:Q", scale=y)
    )
    note = alt.Chart(median_line(data).head(1).with_columns(text=pl.lit(texts["median"]))).mark_text(
        color=VERMILION, align="left", dx=5, dy=-9, fontSize=12, fontWeight="bold"
    ).encode(x="date:T", y="median:Q", text="text:N")  # fmt: skip
    limits = pl.DataFrame(
        [{"limit": at, "letter": letter, "date": data["date"].max()} for letter, at in stored.limits if low < at < high],
        schema={"limit": pl.Int64, "letter": pl.String, "date": pl.Date},
    )
    rules = alt.Chart(limits).mark_rule(color=GREY, strokeDash=[3, 3]).encode(y="limit:Q")
    letters = alt.Chart(limits).mark_text(align="right", dx=-4, dy=-7, fontSize=12, fontWeight="bold", color=INK).encode(
        x="date:T", y="limit:Q", text="letter:N"
    )
    return alt.layer(heat, rules, line, note, letters).properties(width=800, height=360)


def legend_of(data: pl.DataFrame, form: Callable[[float], str]) -> pl.DataFrame:
    """Series named with their last value, so that the legend tells it."""
    told = {label: f"{label}: {form(value)}" for label, value in last_values(data)}
    return data.with_columns(series=pl.col("series").replace_strict(told))


def classes(data: pl.DataFrame, stored: Stored) -> alt.Chart:
    """Shares of the classes, stacked from the worst at the bottom to the best on top."""
    texts, n = TEXTS[stored.language], len(stored.letters)
    data = legend_of(data, percent).with_columns(order=pl.col("key").replace_strict({k: i for i, k in enumerate(data["key"].unique(maintain_order=True))}, return_dtype=pl.Int32))
    domain = data["series"].unique(maintain_order=True).to_list()
    last = len(CLASS_COLOURS) - 1
    colours = [CLASS_COLOURS[round(k * last / max(1, n - 1))] for k in range(n)]
    is_one_day = data["day"].n_unique() == 1
    marks = alt.Chart(data).mark_bar(size=60) if is_one_day else alt.Chart(data).mark_area(line=False)
    return marks.encode(
        x=time_axis(stored, texts),
        y=alt.Y("value:Q", title=texts["share"], stack="zero", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        color=alt.Color("series:N", scale=alt.Scale(domain=domain, range=colours), legend=alt.Legend(columns=3, symbolType="square", symbolStrokeWidth=0, symbolSize=140)),
        order=alt.Order("order:Q", sort="descending"),
    ).properties(width=WIDTH, height=250)  # fmt: skip


def lines(data: pl.DataFrame, stored: Stored, colours: dict[str, str], title: str, form: Callable[[float], str]) -> alt.Chart:
    """Lines over time, each with its own colour and dash, last values in the legend."""
    keys = data["key"].unique(maintain_order=True).to_list()
    told = legend_of(data, form)
    domain = told["series"].unique(maintain_order=True).to_list()
    dashes = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [12, 4]]
    encoded = alt.Chart(told).encode(
        x=time_axis(stored, TEXTS[stored.language]),
        y=alt.Y("value:Q", title=title, axis=alt.Axis(tickCount=6)),
        color=alt.Color("series:N", scale=alt.Scale(domain=domain, range=[colours[key] for key in keys]), legend=alt.Legend(columns=2, symbolType="stroke", symbolSize=300)),
        strokeDash=alt.StrokeDash("series:N", scale=alt.Scale(domain=domain, range=dashes[: len(domain)])),
    )  # fmt: skip
    marks = encoded.mark_point(filled=True, size=60) if data["day"].n_unique() == 1 else encoded.mark_line(strokeWidth=2.5)
    return marks.properties(width=WIDTH, height=250)


def lists(data: pl.DataFrame, stored: Stored) -> alt.Chart:
    return lines(data, stored, LIST_COLOURS, TEXTS[stored.language]["per_1000"], decimal)


def expression(data: pl.DataFrame, stored: Stored) -> alt.Chart:
    return lines(data, stored, FEAR_COLOURS, TEXTS[stored.language]["percent"], lambda v: f"{decimal(v)} %")


def refusals(data: pl.DataFrame, stored: Stored) -> alt.Chart:
    """Bars of refused wishes, those that rest on false records apart."""
    texts = TEXTS[stored.language]
    wishes = data["wish"].to_list()
    long = data.select("wish", otherwise="otherwise", wrongly="refused_wrongly").unpivot(["wrongly", "otherwise"], index="wish")
    long = long.with_columns(
        kind=pl.col("variable").replace_strict({k: texts[k] for k in ("wrongly", "otherwise")}),
        order=(pl.col("variable") == "otherwise").cast(pl.Int32),
    )
    y = alt.Y("wish:N", sort=wishes, title=None, axis=alt.Axis(grid=False, ticks=False, domain=False))
    most = float(data["refused"].max() or 1)  # type: ignore[arg-type]
    x = alt.X("value:Q", title=texts["wishes"], scale=alt.Scale(domain=[0, most * 1.18], nice=False), axis=alt.Axis(tickCount=5, format=",d", tickMinStep=1))
    bars = alt.Chart(long).mark_bar(size=17).encode(
        y=y, x=x, order="order:Q",
        color=alt.Color("kind:N", scale=alt.Scale(domain=[texts["wrongly"], texts["otherwise"]], range=[VERMILION, SKY]), legend=alt.Legend(columns=1, symbolType="square", symbolStrokeWidth=0, symbolSize=140)),
    )  # fmt: skip
    told = data.with_columns(text=pl.Series([count(v) for v in data["refused"]], dtype=pl.String))
    labels = alt.Chart(told).mark_text(align="left", dx=5, fontSize=12, color=INK).encode(y=y, x=alt.X("refused:Q"), text="text:N")
    return alt.layer(bars, labels).properties(width=WIDTH - 90, height=alt.Step(27))


def records(data: pl.DataFrame, stored: Stored) -> alt.Chart:
    """Left: rightful against wrongful records on a log scale. Right: share wrongful, by kind."""
    texts, channels = TEXTS[stored.language], data["channel"].to_list()
    y = alt.Y("channel:N", sort=channels, title=None, axis=alt.Axis(grid=True, ticks=False, domain=False))
    bare = alt.Y("channel:N", sort=channels, title=None, axis=None)
    dots = data.unpivot(["right", "wrongful"], index="channel").filter(pl.col("value") > 0)
    dots = dots.with_columns(kind=pl.col("variable").replace_strict({k: texts[k] for k in ("right", "wrongful")}))
    scale = alt.Scale(type="log", domainMin=0.8, nice=False)
    pair = data.filter(pl.min_horizontal("right", "wrongful") > 0)
    left = alt.layer(
        alt.Chart(pair).mark_rule(color=FAINT, strokeWidth=2).encode(y=y, x=alt.X("wrongful:Q", scale=scale), x2="right:Q"),
        alt.Chart(dots).mark_point(filled=True, size=95, opacity=1).encode(
            y=y, x=alt.X("value:Q", title=texts["count_log"], scale=scale, axis=alt.Axis(format="~s", tickCount=5)),
            color=alt.Color("kind:N", scale=alt.Scale(domain=[texts["right"], texts["wrongful"]], range=[BLUE, VERMILION]), legend=alt.Legend(symbolSize=95, symbolStrokeWidth=0)),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=[texts["right"], texts["wrongful"]], range=["circle", "diamond"]), legend=None),
        ),
    ).properties(width=300, height=alt.Step(25))  # fmt: skip
    parts = data.select("channel", *((100 * pl.col(kind) / pl.col("records")).alias(kind) for kind in FALSE_KINDS))
    parts = parts.unpivot(FALSE_KINDS, index="channel").with_columns(kind=pl.col("variable").replace_strict({k: texts[k] for k in FALSE_KINDS}))
    top = float(100 * (data["wrong_share"].max() or 0)) or 1.0  # type: ignore[operator, arg-type]
    x = alt.X("value:Q", title=texts["share_wrong"], scale=alt.Scale(domain=[0, 1.2 * top], nice=False), axis=alt.Axis(tickCount=5))
    bars = alt.Chart(parts).mark_bar(size=14).encode(
        y=bare, x=x,
        color=alt.Color("kind:N", scale=alt.Scale(domain=[texts[k] for k in FALSE_KINDS], range=list(FALSE_COLOURS.values())), legend=alt.Legend(columns=3, symbolType="square", symbolStrokeWidth=0, symbolSize=140)),
    )  # fmt: skip
    told = data.select("channel", value=100 * pl.col("wrong_share")).with_columns(
        text=pl.Series([percent(v) for v in data["wrong_share"]], dtype=pl.String)
    )
    labels = alt.Chart(told).mark_text(align="left", dx=5, fontSize=12, color=INK).encode(y=bare, x="value:Q", text="text:N")
    right = alt.layer(bars, labels).properties(width=300, height=alt.Step(25))
    return alt.hconcat(left, right, spacing=24).resolve_scale(color="independent", shape="independent")


def panels(data: pl.DataFrame, stored: Stored, width: int, step: int) -> alt.Chart:
    """Dots, a panel a measure with its own scale; a line marks everybody; too small cells say so."""
    small, order = TEXTS[stored.language]["small"], data["label"].unique(maintain_order=True).to_list()
    columns = []
    for k, part in enumerate(data.partition_by("measure", maintain_order=True)):
        axis = alt.Axis(ticks=False, domain=False, grid=True) if k == 0 else None
        y = alt.Y("label:N", sort=order, title=None, axis=axis)
        most = float(part["value"].max() or 1)  # type: ignore[arg-type]
        scale = alt.Scale(domain=[0, 1.32 * most], nice=False)
        x = alt.X("value:Q", title=None, scale=scale, axis=alt.Axis(tickCount=4))
        told = part.with_columns(
            text=pl.Series([decimal(v) if v is not None else small for v in part["value"]], dtype=pl.String),
            at=pl.col("value").fill_null(0), zero=pl.lit(0), is_all=pl.col("key") == "all", is_small=pl.col("value").is_null(),
        )  # fmt: skip
        base = alt.Chart(told)
        whole = told.filter("is_all", ~pl.col("is_small"))
        rule = alt.Chart(whole).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=x)
        stems = base.mark_rule(color=FAINT, strokeWidth=2).encode(y=y, x=alt.X("zero:Q", scale=scale, title=None), x2="at:Q")
        dots = alt.Chart(told.filter(~pl.col("is_small"))).mark_point(filled=True, size=85, opacity=1).encode(
            y=y, x=x, color=alt.Color("is_all:N", scale=alt.Scale(domain=[False, True], range=[BLUE, VERMILION]), legend=None),
        )  # fmt: skip
        labels = base.mark_text(align="left", dx=8, fontSize=11, color=INK).encode(y=y, x="at:Q", text="text:N")
        title = alt.TitleParams(wrapped(part["measure"][0]), fontSize=12, anchor="start", frame="group", offset=6)
        columns.append(alt.layer(stems, rule, dots, labels).properties(width=width, height=alt.Step(step), title=title))
    return alt.hconcat(*columns, spacing=16)


def wrapped(text: str, width: int = 24) -> list[str]:
    """A title in lines that fit a panel."""
    lines_, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines_.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines_, line]


def groups(data: pl.DataFrame, stored: Stored) -> alt.Chart:
    return panels(data, stored, 165, 25)


def districts(data: pl.DataFrame, stored: Stored) -> alt.Chart:
    return panels(data, stored, 225, 21)


def headline(data: pl.DataFrame, stored: Stored) -> alt.Chart:
    """Bars of the headline figures that are shares."""
    y = alt.Y("label:N", sort=data["label"].to_list(), title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=400))
    most = float(data["value"].max() or 1)  # type: ignore[arg-type]
    x = alt.X("value:Q", title=TEXTS[stored.language]["percent"], scale=alt.Scale(domain=[0, 1.2 * most], nice=False))
    told = data.with_columns(text=pl.Series([f"{decimal(v)} %" for v in data["value"]], dtype=pl.String))
    bars = alt.Chart(told).mark_bar(color=BLUE, size=17).encode(y=y, x=x)
    labels = alt.Chart(told).mark_text(align="left", dx=5, fontSize=12, color=INK).encode(y=y, x=x, text="text:N")
    return alt.layer(bars, labels).properties(width=WIDTH, height=alt.Step(28))


DRAWINGS: dict[str, Callable[[pl.DataFrame, Stored], alt.Chart]] = {
    "score": score, "classes": classes, "lists": lists, "refusals": refusals, "records": records,
    "groups": groups, "districts": districts, "expression": expression, "headline": headline,
}  # fmt: skip
