"""The pictures of docs/questions.md, one a question, drawn from docs/questions.json by docs/make_questions.py.

Of a fixed size, on paper of their own, so that they read alike on white and on dark pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import vl_convert

from glasscity.metrics.registry import PAIRED, about
from glasscity.report.specs import BLUE, DASHES, GREEN, LOOK, ORANGE, PAPER, PURPLE

PICTURES = Path(__file__).parent / "images" / "questions"
WIDTH, HEIGHT = 640, 200
Spec = dict[str, Any]
Row = dict[str, Any]
WORLDS = {"factual": "as it is", "counterfactual": "changed"}
COLOURS = [BLUE, ORANGE, GREEN, PURPLE]


def times(metric: str) -> float:
    """100 for shares, which are told in percent."""
    return 100 if (PAIRED.get(metric) or about(metric)).unit.startswith(("share", "difference of shares")) else 1


def label(metric: str, group: str = "all") -> str:
    """A metric with its unit and, if it is about a group, whom."""
    unit = "%" if times(metric) == 100 else about(metric).unit
    return f"{about(metric).label}{'' if group == 'all' else ', ' + group.replace('_', ' ')} ({unit})"


def scaled(row: Row, names: Iterable[str], metric: str) -> Row:
    """Some values of a row, shares in percent."""
    return {name: None if row[name] is None else row[name] * times(metric) for name in names}


# --- kinds of picture ------------------------------------------------------------------------------


def rights(said: Row) -> Spec:
    """A bar a right, alone, with its interval."""
    rows = [{"name": r["levers"][0].replace("_", " "), **{k: r[k] for k in ("avoided", "low", "high")}} for r in said["safeguards"] if len(r["levers"]) == 1]
    y = {"field": "name", "type": "nominal", "sort": [row["name"] for row in rows], "title": None}
    bar = {"mark": {"type": "bar", "color": BLUE}, "encoding": {"y": y, "x": quantity("avoided", "wrongful events avoided per 1,000 citizens, and 95 % interval")}}
    return {"width": WIDTH, "height": {"step": 22}, "data": {"values": rows}, "layer": [bar, whisker(y)]}


def whisker(y: Spec) -> Spec:
    """The interval of a bar."""
    return {"mark": {"type": "rule", "strokeWidth": 1.5}, "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}}


def quantity(field: str, title: str | None) -> Spec:
    return {"field": field, "type": "quantitative", "title": title}


def sweep(said: Row, is_log: bool = False) -> Spec:
    """A small picture a metric: what it does over the values of one number."""
    metrics = list(dict.fromkeys(point["metric"] for point in said["points"]))
    rows = [{"what": label(p["metric"]), "value": p["value"], **scaled(p, ("mean", "low", "high"), p["metric"])} for p in said["points"]]
    x = {"field": "value", "type": "quantitative", "title": said["path"], "scale": {"type": "log"} if is_log else {"zero": True}}
    y = {"type": "quantitative", "title": None, "scale": {"zero": True}}
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 2, "color": BLUE}, "encoding": {"x": x, "y": {"field": "low"} | y, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "point": {"filled": True, "size": 50, "color": BLUE}, "color": BLUE}, "encoding": {"x": x, "y": {"field": "mean"} | y}},
    ]
    one = len(metrics) == 1
    return faceted(rows, [label(m) for m in metrics], {"width": WIDTH if one else WIDTH // 2 - 40, "height": HEIGHT if one else 130, "layer": layers}, 1 if one else 2)


def faceted(rows: list[Row], order: list[str], inner: Spec, columns: int) -> Spec:
    """Small pictures side by side, each with an axis of its own."""
    head = {"labelFontSize": 12, "labelAnchor": "start", "title": None, "labelLimit": WIDTH // columns}
    return {
        "data": {"values": rows}, "facet": {"field": "what", "sort": order, "header": head}, "columns": columns, "spec": inner,
        "resolve": {"scale": {"x": "shared" if columns == 2 else "independent", "y": "independent"}}, "spacing": 18,
    }  # fmt: skip


def effects(said: Row) -> Spec:
    """A pair of bars a metric, each pair on a scale of its own, with the interval of the difference between them."""
    order = [label(row["metric"], row["group"]) for row in said["effects"]]
    rows = [row for what, effect in zip(order, said["effects"], strict=True) for row in pair(what, effect)]
    y = {"field": "world", "type": "nominal", "sort": list(WORLDS.values()), "title": None}
    x = quantity("value", None) | {"axis": {"labels": False, "ticks": False, "grid": False, "domain": False}}
    colour = {"field": "world", "type": "nominal", "sort": list(WORLDS.values()), "scale": {"range": COLOURS[:2]}, "legend": None}
    text = {"mark": {"type": "text", "align": "left", "dx": 4}, "encoding": {"y": y, "x": x | {"field": "high"}, "text": {"field": "value", "format": ",.3~r"}}}
    bar = {"mark": "bar", "encoding": {"y": y, "x": x, "color": colour}}
    picture = faceted(rows, order, {"width": WIDTH - 140, "height": {"step": 16}, "layer": [bar, whisker(y), text]}, 1)
    return picture | {"resolve": {"scale": {"x": "independent"}}, "spacing": 6}


def pair(what: str, effect: Row) -> Iterable[Row]:
    """Both worlds of an effect; of the changed one, or of the other if there is nothing in that, ends as far from its pair as the interval says."""
    as_it_is, changed, low, high = ((effect[name] or 0) * times(effect["metric"]) for name in (*WORLDS, "low", "high"))
    ends = {"as it is": (low, high), "changed": (changed, changed)} if changed == 0 else {"as it is": (as_it_is, as_it_is), "changed": (as_it_is - high, as_it_is - low)}
    for world, value in zip(WORLDS.values(), (as_it_is, changed), strict=True):
        yield {"what": what, "world": world, "value": value, "low": max(min(0, value), ends[world][0]), "high": ends[world][1]}


def abolition(said: Row) -> Spec:
    """Expression in both worlds over time; beside it how much of each loss outlasts abolition."""
    weeks = [{"date": row["date"], "world": world, "value": row[name]} for row in said["time"]["expression"] for name, world in WORLDS.items()]
    colour = {"field": "world", "type": "nominal", "sort": list(WORLDS.values()), "scale": {"range": COLOURS[:2]}}
    line = {
        "title": {"text": "Expression (15 is full)", "fontSize": 12}, "width": WIDTH // 2 - 90, "height": HEIGHT, "data": {"values": weeks},
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {"x": {"field": "date", "type": "temporal", "title": None, "axis": {"format": "%b", "tickCount": 5}}, "y": quantity("value", None) | {"scale": {"zero": False}}, "color": colour},
    }  # fmt: skip
    lasting = {row["metric"].removeprefix("persistence."): row for row in said["paired"] if row["metric"].startswith("persistence.")}
    rows = [{"name": PAIRED[m].label, **scaled(row, ("value", "low", "high"), f"persistence.{m}")} for m, row in lasting.items()]
    y = {"field": "name", "type": "nominal", "sort": [row["name"] for row in rows], "title": None, "axis": {"labelLimit": 170}}
    bar = {"mark": {"type": "bar", "color": BLUE}, "encoding": {"y": y, "x": quantity("value", None) | {"scale": {"domain": [0, 100]}}}}
    bars = {"title": {"text": "Of what is missing, outlasts abolition (%)", "fontSize": 12}, "width": WIDTH // 2 - 150, "height": HEIGHT, "data": {"values": rows}, "layer": [bar, whisker(y)]}
    return {"hconcat": [line, bars], "spacing": 56}


def years(said: Row) -> Spec:
    """Above, a line a metric over years with its interval; below, by how much both approvals have changed in each year."""
    order = [about(m).label for m in said]
    colour = {"field": "what", "type": "nominal", "sort": order, "scale": {"domain": order, "range": COLOURS}}
    x = {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}}
    line = colour | {"legend": {"symbolType": "stroke", "symbolSize": 500, "symbolOpacity": 1}}
    dash = {"strokeDash": line | {"scale": {"domain": order, "range": list(DASHES[:4])}}}
    levels = {
        "width": WIDTH, "height": HEIGHT, "data": {"values": yearly(said, "value")},
        "layer": [
            {"mark": {"type": "area", "opacity": 0.25}, "encoding": {"x": x, "y": quantity("low", "%"), "y2": {"field": "high"}, "color": line}},
            {"mark": {"type": "line", "strokeWidth": 2.5}, "encoding": {"x": x, "y": quantity("value", "%"), "color": line, **dash}},
        ],
    }  # fmt: skip
    y = {"type": "quantitative", "title": "change in the year (percentage points)", "scale": {"type": "symlog", "constant": 0.02, "domain": [-5, 40]}, "axis": {"values": STEPS, "labelExpr": "datum.value", "tickCount": len(STEPS)}}
    at = {"x": x | {"scale": {"paddingInner": 0.7, "paddingOuter": 0.35}}, "xOffset": {"field": "what", "sort": order}, "color": colour | {"legend": None}}
    changes = {
        "width": WIDTH, "height": HEIGHT, "data": {"values": yearly({m: said[m] for m in ("approval_private", "approval_stated")}, "change")},
        "layer": [
            {"data": {"values": [{"value": 0}]}, "mark": {"type": "rule", "strokeDash": [4, 4]}, "encoding": {"y": {"field": "value", **y}}},
            {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": {**at, "y": {"field": "low", **y}, "y2": {"field": "high"}}},
            {"mark": {"type": "point", "filled": True, "size": 60}, "encoding": {**at, "y": {"field": "value", **y}}},
        ],
    }  # fmt: skip
    return {"vconcat": [levels, changes], "spacing": 24, "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}}}


STEPS = [-1, -0.1, 0, 0.1, 1, 10]  # of an axis whose steps are factors, on both sides of nought


def yearly(said: Row, name: str) -> list[Row]:
    """A value or change of each metric and year, and the ends of its interval, in percent."""
    return [
        {"year": str(row["year"]), "what": about(m).label, **{k: row[found] * times(m) for k, found in ends(name).items()}}
        for m, rows in said.items() for row in rows if row[name] is not None
    ]  # fmt: skip


def ends(name: str) -> dict[str, str]:
    """Where a value and the ends of its interval stand in a row."""
    return {"value": name, "low": f"{name}_low", "high": f"{name}_high"}


def spreads(said: Row) -> Spec:
    """How far accounts lie apart in both worlds, with intervals."""
    words = {"citizens": "over all citizens", "districts": "between the means of districts"}
    worlds = {"factual": "as it is", "counterfactual": "without discretion"}
    rows = [
        {"what": words[row["among"]], "world": world, **{k: row[found] for k, found in ends(name).items()}}
        for row in said["spread"] for name, world in worlds.items()
    ]  # fmt: skip
    order = list(worlds.values())
    y = {"field": "what", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 240}}
    offset = {"field": "world", "type": "nominal", "sort": order}
    colour = {"field": "world", "type": "nominal", "sort": order, "scale": {"domain": order, "range": COLOURS[:2]}}
    x = quantity("value", "standard deviation of accounts (points), and 95 % interval")
    bar = {"mark": "bar", "encoding": {"y": y, "yOffset": offset, "x": x, "color": colour}}
    whiskers = whisker(y)
    whiskers["encoding"]["yOffset"] = offset
    return {"width": WIDTH - 120, "height": {"step": 24}, "data": {"values": rows}, "layer": [bar, whiskers]}


def by_bayes(said: Row) -> Spec:
    """Q2: over a scale in which each step is a factor."""
    return sweep(said, is_log=True)


# question -> its picture, and the words for those who cannot see it
DRAWN: dict[str, tuple[Callable[[Row], Spec], str]] = {
    "Q1": (rights, "Bars: wrongful events avoided per 1,000 citizens by each right alone, with intervals; the table below has the numbers."),
    "Q2": (by_bayes, "A line that rises: the share of alerts that are right, over how often wanted people pass; it crosses one half where one passage in a hundred is a wanted person's."),
    "Q3": (sweep, "Four small pictures over the friends' weight: sanctions, sanctions through friends, innocent people sanctioned, ties lost."),
    "Q4": (effects, "Pairs of bars with the interval of the difference: each harm under the court list and under the universal score."),
    "Q5": (effects, "Pairs of bars by group with the interval of the difference, with and without unequal cameras and the cap: next to nothing differs but the share of the minority in the best class."),
    "Q6": (abolition, "Left, two lines: expression sinks on where the scheme goes on, and stays where it was where it ends in April. Right, bars: the share of each loss that outlasts abolition."),
    "Q7": (years, "Above, lines over years with intervals: approval when asked, risk and enrolment leap in 2020; approval in private sinks a little. Below, the change in each year with intervals: approval when asked above nought, approval in private below, by far the most in 2020."),
    "Q8": (effects, "Pairs of bars with the interval of the difference: records handed over, points and steps lost falsely, people wrongly sanctioned and refusals, with and without sharing."),
    "Q9": (effects, "Pairs of bars with the interval of the difference: sanctions, refusals, advantages, acts for others, motivation, silence and fear, with and without sanctions and lists."),
    "Q10": (spreads, "Pairs of bars with intervals: how far accounts lie apart. Over all citizens as far with discretion as without; between districts several times as far with it."),
}  # fmt: skip


def place(name: str) -> Path:
    """Where a question's picture lies."""
    return PICTURES / f"{name}.svg"


def draw(kept: Row) -> None:
    """Draw all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, (spec, alt) in DRAWN.items():
        whole = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "description": alt, "config": LOOK | {"background": PAPER, "padding": 14}}
        place(name).write_text(vl_convert.vegalite_to_svg(whole | spec(kept[name]["said"])), encoding="utf-8")
