"""Charts as Vega-Lite 6 specifications. What they show: `figures`; in a notebook: `plots`.

Written as plain data because the report draws nine charts in the time that Altair's builders take for one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from glasscity.report.figures import BIN, FALSE_KINDS, Figure, last_values, median_line, small
from glasscity.report.locale import MONTH, day_form, locale
from glasscity.report.numbers import count, decimal, in_percent, percent
from glasscity.report.stored import Stored

Spec = dict[str, Any]

# Okabe & Ito (2008), https://jfly.uni-koeln.de/color/: told apart by colour-blind readers
BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
INK, FAINT, GREY, PAPER = "#1f2933", "#c9d1d9", "#8a97a3", "#fefefe"
FALSE_COLOURS = {"wrong_person": VERMILION, "false_alarm": ORANGE, "false_report": PURPLE}
CLASS_COLOURS = ("#00507d", BLUE, SKY, "#b7c9d6", "#efd9a7", ORANGE, VERMILION, "#8f2f00")  # best to worst
LIST_COLOURS = {
    "black": INK,
    "court": BLUE,
    "red": VERMILION,
    "shunned": PURPLE,
    "jobless": ORANGE,
    "sanctioned_now": GREEN,
}
FEAR_COLOURS = {"risk": VERMILION, "silence": PURPLE, "chilled": BLUE}
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [12, 4])
NARROW, WIDE = 430, 820
HALF, WHOLE = 480, 990  # with the names beside the plot

# Places are worked out in Vega's letters. A reader's may be wider, and print is small: such charts are laid out for larger ones.
WIDER = 1.2  # DejaVu Sans beside the letters that Vega measures
LETTER, BOLD, SYMBOL = 6.6, 8, 42  # pixels that a letter of a wide font takes, a bold one, and what stands around a text in a legend
LONGEST, MARGIN = 60, 26  # letters of a name beside a plot, and pixels around it

# the look that all charts share; no background, so that they stand on light and dark
LOOK: Spec = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "padding": {"left": 16, "right": 10, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "mark": {"aria": False},
    "text": {"fontSize": 11},
    "axis": {
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 230,
        "titleColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "gridColor": FAINT,
        "gridOpacity": 0.6,
        "domainColor": FAINT,
        "tickColor": FAINT,
    },
    "legend": {
        "title": None,
        "orient": "top",
        "direction": "horizontal",
        "offset": 8,
        "titleFontSize": 12,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 320,
        "columnPadding": 22,
        "rowPadding": 4,
        "symbolStrokeWidth": 3,
    },
    "title": {
        "color": INK,
        "subtitleColor": GREY,
        "anchor": "start",
        "fontSize": 15,
        "subtitleFontSize": 12,
        "offset": 12,
    },
}
SIZES = ("fontsize", "labellimit", "titlelimit")
SQUARES: Spec = {"symbolType": "square", "symbolStrokeWidth": 0, "symbolSize": 140}


def spec_of(figure: Figure, data: pl.DataFrame, stored: Stored) -> Spec:
    """A whole chart: marks, look, and the sentence that describes it."""
    schema = "https://vega.github.io/schema/vega-lite/v6.json"
    drawing = DRAWINGS[figure.name](data, stored)
    return {"$schema": schema, "config": LOOK | {"locale": locale(stored.words)}, "description": figure.sentence(data, stored)} | drawing


def sized(spec: Any, factor: float) -> Any:
    """A chart with larger letters, and room for them; its data as they are."""
    if isinstance(spec, list):
        return [sized(part, factor) for part in spec]
    if not isinstance(spec, dict):
        return spec
    larger = {key: value * factor if key.lower().endswith(SIZES) else sized(value, factor) for key, value in spec.items() if key != "values"}
    return spec | larger


# --- parts -----------------------------------------------------------------------------------------


def values(frame: pl.DataFrame) -> Spec:
    """Rows as inline data; dates as midnight, local time."""
    dates = [name for name, kind in frame.schema.items() if kind == pl.Date]
    told = frame.with_columns(pl.col(name).cast(pl.String) + "T00:00:00" for name in dates)
    return {"values": told.to_dicts()}


def with_text(frame: pl.DataFrame, texts: Sequence[str]) -> pl.DataFrame:
    return frame.with_columns(text=pl.Series(texts, dtype=pl.String))


def category(field: str, order: list[str], **axis: Any) -> Spec:
    """Categories down the side, in the order given."""
    return {
        "field": field,
        "type": "nominal",
        "sort": order,
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelLimit": room_for(order) + LETTER} | axis,
    }


def room_for(names: Sequence[str]) -> float:
    """Pixels that names beside a plot take; longer ones than any that is built in are cut."""
    return LETTER * min(LONGEST, max(map(len, names), default=0))


def beside(names: Sequence[str], whole: int, panels: int = 1, spacing: int = 0) -> int:
    """How wide each plot is when the names stand beside the first."""
    return round((whole - room_for(names) - MARGIN - spacing * (panels - 1)) / panels)


def quantity(field: str, title: str | None, scale: Spec | None = None, axis: Spec | None = None) -> Spec:
    found: Spec = {"field": field, "type": "quantitative", "title": title}
    return found | ({"scale": scale} if scale else {}) | ({"axis": axis} if axis is not None else {})


def dates(stored: Stored, field: str = "date", ticks: int = 5) -> Spec:
    """Dates along the bottom."""
    every: Any = {"interval": "day", "step": 1} if stored.last_day < ticks else ticks
    form = MONTH if stored.last_day > 250 else day_form(stored.words)
    axis = {"format": form, "tickCount": every, "grid": False, "labelOverlap": True}
    return {"field": field, "type": "temporal", "title": stored.say("axis.date"), "axis": axis}


def columns(series: list[str], most: int, width: int) -> int:
    """Into how many columns a legend goes, so that no text touches the next."""
    for n in range(most, 1, -1):
        if sum(SYMBOL + LETTER * max(map(len, series[k::n]), default=0) for k in range(n)) <= width:
            return n
    return 1


def colours(field: str, domain: list[str], range_: Sequence[str], legend: Spec | None) -> Spec:
    return {"field": field, "type": "nominal", "scale": {"domain": domain, "range": list(range_)}, "legend": legend}


def labels(encoding: Spec, color: str = INK, **text: Any) -> list[Spec]:
    """Text with a halo, so that it stays readable on top of marks."""
    encoding = encoding | {"text": {"field": "text", "type": "nominal"}}
    base = {"type": "text", "fontSize": 12, "align": "left", "dx": 5} | text
    halo = base | {"color": PAPER, "stroke": PAPER, "strokeWidth": 4, "strokeJoin": "round"}
    return [{"mark": halo, "encoding": encoding}, {"mark": base | {"color": color}, "encoding": encoding}]


def head_room(top: float | None, factor: float) -> Spec:
    """A scale from nought with room for labels beyond the largest value."""
    return {"domain": [0, factor * (top or 1)], "nice": False}


# --- one drawing a figure --------------------------------------------------------------------------


def score(data: pl.DataFrame, stored: Stored) -> Spec:
    """A heat map of standings by week, the median and the limits of the classes."""
    texts = stored.table("axis")
    low, high = min(data["from"].to_list()), max(data["from"].to_list()) + BIN
    scale = {"domain": [low, high], "nice": False, "zero": False}
    legend = {
        "title": texts["share"], "orient": "right", "direction": "vertical", "columns": 1, "offset": 52,
        "values": [30, 10, 1, 0.1, 0.01], "labelExpr": "format(datum.value / 100, '.3~%')", "symbolType": "square", "symbolFillColor": BLUE,
        "symbolStrokeWidth": 0, "symbolSize": 160, "titleColor": INK, "titleFontWeight": "normal", "titleLimit": 130,
    }  # fmt: skip
    heat = {
        "data": values(score_cells(data)),
        "mark": {"type": "rect", "color": BLUE},
        "encoding": {
            "x": dates(stored, "start", 8),
            "x2": {"field": "date"},
            "y": quantity("from", texts["standing"], scale, {"grid": False}),
            "y2": {"field": "to"},
            "opacity": quantity("percent", None)
            | {"scale": {"type": "log", "domain": [0.001, 30], "range": [0.05, 1], "clamp": True}, "legend": legend},
        },
    }
    at_median = {"x": {"field": "date", "type": "temporal"}, "y": quantity("median", texts["standing"], scale)}
    median = {
        "data": values(median_line(data)),
        "mark": {"type": "line", "color": VERMILION, "strokeWidth": 2.5, "interpolate": "monotone"},
        "encoding": at_median,
    }
    note = {
        "data": values(median_line(data).head(1).with_columns(text=pl.lit(texts["median"]))),
        "layer": labels(at_median, VERMILION, dy=-10, fontWeight="bold"),
    }
    return {"width": WIDE, "height": 350, "layer": [heat, *limits(data, stored, low, high), median, note]}


def score_cells(data: pl.DataFrame) -> pl.DataFrame:
    """Cells of the heat map: each from the reading before to its own."""
    days = data.select("day").unique().sort("day")
    days = days.with_columns(days=pl.col("day").diff().fill_null(days["day"][0] + 1))
    return data.join(days, on="day", maintain_order="left").select(
        "from", "date", start=pl.col("date") - pl.duration(days=pl.col("days")),
        to=pl.col("from") + BIN, percent=(100 * pl.col("share")).round_sig_figs(4),
    )  # fmt: skip


def limits(data: pl.DataFrame, stored: Stored, low: int, high: int) -> list[Spec]:
    """Where the classes begin, with their letters beside the plot."""
    last = max(data["date"].to_list()).isoformat()
    lowest = max((at for _, at in stored.limits if at <= low), default=low)
    rows = [
        {"limit": max(at, low), "text": letter, "date": f"{last}T00:00:00"}
        for letter, at in stored.limits
        if lowest <= at < high
    ]
    y = quantity("limit", stored.say("axis.standing"))
    place = {"x": {"field": "date", "type": "temporal"}, "y": y}
    rule = {
        "mark": {"type": "rule", "color": GREY, "strokeDash": [3, 3]},
        "encoding": {"y": y},
        "transform": [{"filter": f"datum.limit > {low}"}],
    }
    texts = labels(place, dx=8, dy=-8, fontWeight="bold")
    return [{"data": {"values": rows}, "layer": [rule, *texts]}] if rows else []


def told_in_legend(data: pl.DataFrame, form: Callable[[float, str], str], lang: str) -> tuple[pl.DataFrame, list[str]]:
    """Series named with their last value, so that the legend tells it; and these names in order."""
    told = {label: f"{label}: {form(value, lang)}" for label, value in last_values(data)}
    named = data.with_columns(series=pl.col("series").replace_strict(told, return_dtype=pl.String))
    return named, named["series"].unique(maintain_order=True).to_list()


def classes(data: pl.DataFrame, stored: Stored) -> Spec:
    """Shares of the classes, stacked from the worst at the bottom to the best on top."""
    named, domain = told_in_legend(data, percent, stored.language)
    last, n = len(CLASS_COLOURS) - 1, len(domain)
    range_ = [CLASS_COLOURS[round(k * last / max(1, n - 1))] for k in range(n)]
    order = {series: k for k, series in enumerate(domain)}
    rows = named.select(
        "date", "series", "value", order=pl.col("series").replace_strict(order, return_dtype=pl.Int32)
    )  # fmt: skip
    is_one_day = data["day"].n_unique() == 1
    return {
        "width": NARROW, "height": 250, "data": values(rows),
        "mark": {"type": "bar", "size": 60} if is_one_day else {"type": "area"},
        "encoding": {
            "x": dates(stored),
            "y": quantity("value", stored.say("axis.share"), {"domain": [0, 1]}, {"format": "%"}) | {"stack": "zero"},
            "color": colours("series", domain, range_, SQUARES | {"columns": columns(domain, 3, NARROW)}),
            "order": {"field": "order", "type": "quantitative", "sort": "descending"},
        },
    }  # fmt: skip


def lines(
    data: pl.DataFrame, stored: Stored, palette: dict[str, str], title: str, form: Callable[[float, str], str]
) -> Spec:
    """Lines over time, each with its own colour and dash, last values in the legend."""
    keys = data["key"].unique(maintain_order=True).to_list()
    named, domain = told_in_legend(data, form, stored.language)
    dash = {"field": "series", "type": "nominal", "scale": {"domain": domain, "range": list(DASHES[: len(domain)])}}
    is_one_day = data["day"].n_unique() == 1
    legend = {
        "columns": columns(domain, 2, NARROW),
        "symbolType": "circle" if is_one_day else "stroke",
        "symbolSize": 100 if is_one_day else 300,
    }
    encoding = {
        "x": dates(stored),
        "y": quantity("value", title, axis={"tickCount": 6}),
        "color": colours("series", domain, [palette[key] for key in keys], legend),
    }
    mark: Spec = {"type": "point", "filled": True, "size": 60} if is_one_day else {"type": "line", "strokeWidth": 2.5}
    return {
        "width": NARROW, "height": 250, "data": values(named.select("date", "series", "value")), "mark": mark,
        "encoding": encoding if is_one_day else encoding | {"strokeDash": dash},
    }  # fmt: skip


def lists(data: pl.DataFrame, stored: Stored) -> Spec:
    return lines(data, stored, LIST_COLOURS, stored.say("axis.per_1000"), decimal)


def expression(data: pl.DataFrame, stored: Stored) -> Spec:
    return lines(data, stored, FEAR_COLOURS, stored.say("axis.percent"), in_percent)


def refusals(data: pl.DataFrame, stored: Stored) -> Spec:
    """Bars of refused wishes, those that rest on false records apart."""
    wishes, title = data["wish"].to_list(), stored.say("axis.wishes")
    kinds = {"refused_wrongly": stored.say("series.wrongly"), "otherwise": stored.say("series.otherwise")}
    rows = data.unpivot(list(kinds), index="wish", variable_name="key").with_columns(
        kind=pl.col("key").replace_strict(kinds), order=(pl.col("key") == "otherwise").cast(pl.Int32)
    )
    y = category("wish", wishes, grid=False)
    most = max(data["refused"].to_list(), default=0)
    x = quantity("value", title, head_room(most, 1.18), {"tickCount": 5, "format": ",d", "tickMinStep": 1})
    bars = {
        "data": values(rows),
        "mark": {"type": "bar", "size": 17},
        "encoding": {
            "y": y,
            "x": x,
            "order": {"field": "order", "type": "quantitative"},
            "color": colours("kind", list(kinds.values()), (VERMILION, SKY), SQUARES | {"columns": 1}),
        },
    }
    told = with_text(data.select("wish", "refused"), [count(value, stored.language) for value in data["refused"]])
    ends = {"data": values(told), "layer": labels({"y": y, "x": quantity("refused", title)})}
    return {"width": beside(wishes, HALF), "height": {"step": 27}, "layer": [bars, ends]}


def records(data: pl.DataFrame, stored: Stored) -> Spec:
    """Left: rightful against wrongful records on a log scale. Right: share wrongful, by kind."""
    independent = {"resolve": {"scale": {"color": "independent", "shape": "independent"}}}
    spacing = 24
    width = beside(data["channel"].to_list(), WHOLE, 2, spacing)
    return {"spacing": spacing, "hconcat": [record_counts(data, stored, width), record_shares(data, stored, width)]} | independent


def record_counts(data: pl.DataFrame, stored: Stored, width: int) -> Spec:
    kinds, title = {kind: stored.say(f"series.{kind}") for kind in ("right", "wrongful")}, stored.say("axis.count_log")
    y, scale = (
        category("channel", data["channel"].to_list(), grid=True),
        {"type": "log", "domainMin": 0.8, "nice": False},
    )
    dots = data.unpivot(list(kinds), index="channel", variable_name="key").filter(pl.col("value") > 0)
    dots = dots.with_columns(kind=pl.col("key").replace_strict(kinds))
    pair = data.filter(pl.min_horizontal("right", "wrongful") > 0).select("channel", "right", "wrongful")
    between = {
        "data": values(pair),
        "mark": {"type": "rule", "color": FAINT, "strokeWidth": 2},
        "encoding": {"y": y, "x": quantity("wrongful", title, scale), "x2": {"field": "right"}},
    }
    shapes = {"domain": list(kinds.values()), "range": ["circle", "diamond"]}
    points = {
        "data": values(dots),
        "mark": {"type": "point", "filled": True, "size": 95, "opacity": 1},
        "encoding": {
            "y": y,
            "x": quantity("value", title, scale, {"format": ",d", "tickCount": 5}),
            "color": colours(
                "kind", list(kinds.values()), (BLUE, VERMILION), {"symbolSize": 95, "symbolStrokeWidth": 0}
            ),
            "shape": {"field": "kind", "type": "nominal", "scale": shapes},
        },
    }
    return {"width": width, "height": {"step": 26}, "layer": [between, points] if len(pair) else [points]}


def record_shares(data: pl.DataFrame, stored: Stored, width: int) -> Spec:
    y = category("channel", data["channel"].to_list()) | {"axis": None}
    kinds = {kind: stored.say(f"series.{kind}") for kind in FALSE_KINDS}
    parts = data.select("channel", *((100 * pl.col(kind) / pl.col("records")).alias(kind) for kind in FALSE_KINDS))
    parts = parts.unpivot(FALSE_KINDS, index="channel", variable_name="key")
    scale = head_room(100 * max(data["wrong_share"].to_list()), 1.2)
    x = quantity("value", stored.say("axis.share_wrong"), scale, {"tickCount": 5})
    bars = {
        "data": values(parts.with_columns(kind=pl.col("key").replace_strict(kinds))),
        "mark": {"type": "bar", "size": 14},
        "encoding": {
            "y": y,
            "x": x,
            "color": colours("kind", list(kinds.values()), list(FALSE_COLOURS.values()), SQUARES | {"columns": columns(list(kinds.values()), 3, width)}),
        },
    }
    told = data.select("channel", value=100 * pl.col("wrong_share"))
    ends = {
        "data": values(with_text(told, [percent(v, stored.language) for v in data["wrong_share"]])),
        "layer": labels({"y": y, "x": x}),
    }
    return {"width": width, "height": {"step": 26}, "layer": [bars, ends]}


def panels(data: pl.DataFrame, stored: Stored, step: int) -> Spec:
    """Dots, a panel a measure with its own scale; a line marks everybody; too small cells say so."""
    order = data["label"].unique(maintain_order=True).to_list()
    parts, spacing = data.partition_by("measure", maintain_order=True), 16
    width = beside(order, WHOLE, len(parts), spacing)
    return {"spacing": spacing, "hconcat": [panel(part, k == 0, order, stored, width, step) for k, part in enumerate(parts)]}


def panel(part: pl.DataFrame, is_first: bool, order: list[str], stored: Stored, width: int, step: int) -> Spec:
    y = category("label", order, grid=True) | ({} if is_first else {"axis": None})
    scale = head_room(max((value for value in part["value"] if value is not None), default=None), 1.32)
    x = quantity("at", None, scale, {"tickCount": 4})
    rows = with_text(part, [small(stored) if value is None else decimal(value, stored.language) for value in part["value"]]).select(
        "label", "text", at=pl.col("value").fill_null(0), zero=pl.lit(0), is_all=pl.col("key") == "all",
        is_small=pl.col("value").is_null(),
    )  # fmt: skip
    known = {"transform": [{"filter": "!datum.is_small"}]}
    everybody = {"transform": [{"filter": "datum.is_all && !datum.is_small"}]}
    colour = {"condition": {"test": "datum.is_all", "value": VERMILION}, "value": BLUE}
    stems = {
        "mark": {"type": "rule", "color": FAINT, "strokeWidth": 2},
        "encoding": {"y": y, "x": quantity("zero", None, scale), "x2": {"field": "at"}},
    }
    rule = {"mark": {"type": "rule", "color": GREY, "strokeDash": [3, 3]}, "encoding": {"x": x}}
    dots = {
        "mark": {"type": "point", "filled": True, "size": 85, "opacity": 1},
        "encoding": {"y": y, "x": x, "color": colour},
    }
    title = {"text": wrapped(part["measure"][0], round(width / BOLD)), "fontSize": 12, "frame": "group", "offset": 6}
    layer = [stems, everybody | rule, known | dots, *labels({"y": y, "x": x}, dx=8, fontSize=11)]
    return {"width": width, "height": {"step": step}, "title": title, "data": values(rows), "layer": layer}


def wrapped(text: str, width: int = 24) -> list[str]:
    """A title in lines that fit a panel."""
    found: list[str] = [""]
    for word in text.split():
        if found[-1] and len(found[-1]) + 1 + len(word) > width:
            found.append(word)
        else:
            found[-1] = f"{found[-1]} {word}".strip()
    return found


def groups(data: pl.DataFrame, stored: Stored) -> Spec:
    return panels(data, stored, 26)


def districts(data: pl.DataFrame, stored: Stored) -> Spec:
    return panels(data, stored, 22)


def headline(data: pl.DataFrame, stored: Stored) -> Spec:
    """Bars of the headline figures that are shares."""
    y = category("label", data["label"].to_list(), labelLimit=400)
    x = quantity("value", stored.say("axis.percent"), head_room(max(data["value"].to_list(), default=0), 1.2))
    told = with_text(data, [in_percent(value, stored.language) for value in data["value"]])
    bars = {"mark": {"type": "bar", "color": BLUE, "size": 17}, "encoding": {"y": y, "x": x}}
    layer = [bars, *labels({"y": y, "x": x})]
    return {"width": NARROW, "height": {"step": 28}, "data": values(told), "layer": layer}


DRAWINGS: dict[str, Callable[[pl.DataFrame, Stored], Spec]] = {
    "score": score,
    "classes": classes,
    "lists": lists,
    "refusals": refusals,
    "records": records,
    "groups": groups,
    "districts": districts,
    "expression": expression,
    "headline": headline,
}
