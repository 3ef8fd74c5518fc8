"""The figures of RESULTS.md, from recorded results: small SVG files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

WIDTH, HEIGHT = 460, 260
INK, OURS = "#5b6770", "#b3261e"


def medians(rows: list[dict[str, Any]], by: str, value: str) -> pl.DataFrame:
    """Median, lowest and highest of a value for each `by`."""
    frame = pl.DataFrame([{by: row[by], value: row[value]} for row in rows])
    spread = [pl.col(value).median(), pl.col(value).min().alias("low"), pl.col(value).max().alias("high")]
    return frame.group_by(by).agg(spread).sort(by)


def line(frame: pl.DataFrame, x: alt.X, value: str, title: str, scale: str = "linear") -> alt.LayerChart:
    """Medians as a line with their ranges."""
    base = alt.Chart(frame).encode(x=x)
    shape = alt.Scale(type="log") if scale == "log" else alt.Scale(zero=True)
    ranges = base.mark_rule(color=OURS).encode(y=alt.Y("low", title=title, scale=shape), y2="high")
    return (
        base.mark_line(point=alt.OverlayMarkDef(color=OURS), color=OURS).encode(
            y=alt.Y(value, title=title, scale=shape)
        )
        + ranges
    )


def styled(chart: alt.LayerChart | alt.Chart, title: str) -> alt.LayerChart | alt.Chart:
    """A figure that reads on light and dark pages alike."""
    titled = chart.properties(width=WIDTH, height=HEIGHT, title=title)
    axes = titled.configure(background="white").configure_axis(gridColor="#e8eaec", labelColor=INK, titleColor=INK)
    return axes.configure_view(stroke=None)


def log(name: str, title: str) -> alt.X:
    """A logarithmic axis of counts."""
    return alt.X(name, title=title, scale=alt.Scale(type="log"), axis=alt.Axis(format="~s", tickCount=6))


def scaling(rows: list[dict[str, Any]]) -> dict[str, alt.LayerChart | alt.Chart]:
    """Cost against citizens, days, events and threads."""
    of = {what: [row for row in rows if row["what"] == what] for what in ("citizens", "days", "events", "threads")}
    cost, per_day, per_second = "nanoseconds a citizen-day", "ns_per_citizen_day", "citizen_days_per_s"
    events = [{**row, "events": row["candidates_per_citizen_day"]} for row in of["events"]]
    by_citizens = medians(of["citizens"], "citizens", "days_s")
    by_days = medians(of["days"], "days", "days_s")
    by_events = medians(events, "events", per_day)
    by_threads = medians(of["threads"], "threads", per_second)
    days = alt.X("days", title="days")
    candidates = alt.X("events", title="candidate events a citizen-day (all rates times 1/4 to 4)")
    threads = alt.X("threads:O", title="threads", axis=alt.Axis(labelAngle=0))
    return {
        "citizens": styled(
            line(by_citizens, log("citizens", "citizens"), "days_s", "seconds", "log"),
            "Time against citizens (28 days)",
        ),
        "days": styled(line(by_days, days, "days_s", "seconds"), "Time against days (a million citizens)"),
        "events": styled(line(by_events, candidates, per_day, cost), "Cost against events (4 million citizens)"),
        "threads": styled(
            line(by_threads, threads, per_second, "citizen-days a second"), "Rate against threads (4 million citizens)"
        ),
    }


def peers(rows: list[dict[str, Any]]) -> dict[str, alt.LayerChart | alt.Chart]:
    """Rates of all implementations of the common workload against size."""
    frame = pl.DataFrame([{key: row[key] for key in ("peer", "size", "citizen_days_per_s")} for row in rows])
    frame = frame.group_by("peer", "size").agg(pl.col("citizen_days_per_s").median()).sort("peer", "size")
    fastest_first = (
        frame.group_by("peer").agg(pl.col("citizen_days_per_s").max()).sort("citizen_days_per_s", descending=True)
    )
    rate = alt.Y(
        "citizen_days_per_s", title="agent-days a second", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s")
    )
    colour = alt.Color("peer", title=None, sort=fastest_first["peer"].to_list(), scale=alt.Scale(scheme="dark2"))
    width = alt.condition(alt.datum.peer == "Glass City", alt.value(3.5), alt.value(1.5))
    lines = (
        alt.Chart(frame).mark_line(point=True).encode(x=log("size", "agents"), y=rate, color=colour, strokeWidth=width)
    )
    return {"peers": styled(lines, "The common workload")}


def draw(scaled: dict[str, Any] | None, compared: dict[str, Any] | None, folder: Path) -> list[str]:
    """Every figure for which there are results; their names."""
    charts = scaling(scaled["rows"]) if scaled else {}
    if compared:
        charts |= peers([row for row in compared["rows"] if row["what"] == "workload"])
    folder.mkdir(exist_ok=True)
    for name, chart in charts.items():
        chart.save(folder / f"{name}.svg")
    return list(charts)
