"""Any metric of a world, or of twins, as charts with their tables: through time, by group, by district."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from glasscity.metrics import registry
from glasscity.report.document import SCHEMA
from glasscity.report.locale import date_form, locale, number_form
from glasscity.report.names import definition, metric_names, unit
from glasscity.report.specs import LOOK, SQUARES, Spec
from glasscity.report.twins import two_bars, two_lines
from glasscity.rules.language import Language, language
from glasscity.rules.resolve import Resolved

TOPIC = "page"  # the texts in which groups and worlds are named
TWINS = "twins"
UNSPOKEN = {part: LOOK[part] | {"aria": False} for part in ("axis", "legend")}  # what Vega says of these is English; the page says it all
A_DIGIT = 0.16  # of the longest bar, on a phone: room for the number at its end
PLAIN_GROUPS = tuple(name for name in registry.GROUPS if "_income_" not in name)


def menu(frame: pl.DataFrame, resolved: Resolved, lang: str) -> list[dict[str, str]]:
    """Every metric of a table with its name, in the table's order; half-widths aside, which are shown with what they belong to."""
    names = [name for name in frame["metric"].unique(maintain_order=True) if not name.startswith("half_width.")]
    told = metric_names(names, resolved, lang)
    return [{"id": name, "name": told[name]} for name in names]


def charts(frames: Sequence[pl.DataFrame], metric: str, resolved: Resolved, lang: str) -> dict[str, Any]:
    """A metric's charts: name, unit, what it counts, and for each chart id, title, Vega-Lite spec, head and rows.

    frames: the metrics of one world, or of a scheme's world and its twin's. KeyError if the world has no such metric.
    """
    words, texts = language(lang, TOPIC), language(lang, TWINS)
    worlds = [words.text("side.scheme"), words.text("side.twin")][: len(frames)]
    rows = pl.concat(f.filter(pl.col("metric") == metric).with_columns(world=pl.lit(w)) for f, w in zip(frames, worlds, strict=True))
    if rows.is_empty():
        raise KeyError(metric)
    about = registry.about(metric)
    last = rows.filter(pl.col("day") == pl.col("day").max())
    if about.kind == "flow":
        last = rows.group_by("metric", "group", "district", "world", maintain_order=True).agg(pl.col("value").sum())
    everybody = (pl.col("group") == "all") & (pl.col("district") == "all")
    over_time = rows.filter(everybody).select("date", "world", "value")
    by_group = last.filter((pl.col("district") == "all") & pl.col("group").is_in(PLAIN_GROUPS)).select("world", "value", outcome=named(texts, "group", "group"))
    districts = {key: words_of(lang, district.name) for key, district in resolved.population.districts.items()}
    by_district = last.filter((pl.col("group") == "all") & (pl.col("district") != "all")).select(
        "world", "value", outcome=pl.col("district").replace_strict(districts, default=None)
    )
    number = number_form(about.unit, max((abs(v) for part in (over_time, by_group, by_district) for v in part["value"].drop_nulls()), default=0))
    found = {"group": (by_group, bars(by_group, worlds, number), "outcome"), "district": (by_district, bars(by_district, worlds, number), "outcome")}
    if over_time["date"].n_unique() > 1:
        found = {"time": (over_time, lines(over_time, worlds, number, date_form(language(lang))), "date"), **found}
    return {
        "metric": metric, "name": metric_names([metric], resolved, lang, units=False)[metric], "unit": unit(metric, lang), "kind": about.kind,
        "definition": definition(metric, lang),
        "charts": [chart(key, words, *parts, worlds) for key, parts in found.items() if len(parts[0])],
    }  # fmt: skip


def words_of(lang: str, names: Any) -> str:
    return str(getattr(names, lang))


def named(texts: Language, table: str, column: str) -> pl.Expr:
    """Ids of a column as names in a language."""
    names = {key.partition(".")[2]: text for key, text in texts.texts.items() if key.startswith(f"{table}.")}
    return pl.col(column).replace_strict(names, default=None)


def lines(data: pl.DataFrame, worlds: list[str], number: str, day: str) -> Spec:
    """A line a world."""
    spec = two_lines(data, worlds, day)
    spec["encoding"]["x"]["axis"] |= {"format": day, "tickCount": 4, "grid": False}
    spec["encoding"]["y"]["axis"] = {"format": number}
    return alone(spec, spec["encoding"], worlds)


def bars(data: pl.DataFrame, worlds: list[str], number: str) -> Spec:
    """Bars of each world, by what the rows are called, with their numbers."""
    known = data.filter(pl.col("value").is_not_null())
    spec = two_bars(known, known["outcome"].unique(maintain_order=True).to_list(), worlds)
    encoding = spec["layer"][0]["encoding"]
    low, high = (float(end or 0) for end in (known["value"].min(), known["value"].max()))  # type: ignore[arg-type]
    room = max(1.3, A_DIGIT * len(f"{max(high, -low):,.0f}"))
    encoding["x"] |= {"axis": {"format": number, "tickCount": 4}, "scale": {"domain": [min(0.0, room * low), max(room * high, 0.0) or 1.0], "nice": False}}
    encoding["color"]["legend"] = SQUARES | {"columns": 1}  # beside each other they would not fit on a phone
    spec["layer"][1]["encoding"] |= {"x": encoding["x"], "text": {"field": "value", "format": number}}
    return alone(spec, encoding, worlds)


def alone(spec: Spec, encoding: Spec, worlds: list[str]) -> Spec:
    """No legend where there is one world."""
    if len(worlds) == 1:
        for channel in ("color", "strokeDash"):
            if channel in encoding:
                encoding[channel]["legend"] = None
    return spec


def chart(key: str, words: Language, data: pl.DataFrame, spec: Spec, by: str, worlds: list[str]) -> dict[str, Any]:
    """One chart with its title, its spec and its table."""
    table = data.pivot("world", index=by, values="value", maintain_order=True)
    title = words.text(f"explore.{key}")
    return {
        "id": key, "title": title, "head": [words.text(f"explore.by_{by}"), *worlds], "rows": table.with_columns(pl.col(by).cast(pl.String)).rows(),
        "spec": {"$schema": SCHEMA, "config": LOOK | UNSPOKEN | {"locale": locale(language(words.code))}, "description": title} | spec,
    }  # fmt: skip
