"""The page of a study: what each metric does along each path, and what it hangs on. One HTML file, no script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from glasscity.metrics import registry
from glasscity.metrics.registry import Metric
from glasscity.report.locale import locale
from glasscity.report.names import definition
from glasscity.report.names import unit as in_words
from glasscity.report.page import environment, inline_svg
from glasscity.report.specs import BLUE, GREY, LOOK, ORANGE, Spec, category, quantity, values, wrapped
from glasscity.rules.language import Language, language
from glasscity.store.folder import REPORT, write_whole
from glasscity.store.studies import INDICES, StudyFolder

TOPIC = "studies"
NONE = "–"
MOST_SECTIONS, MOST_PANELS, MOST_FAILURES, FEW_VALUES, BINS = 16, 12, 20, 12, 8
FIRST = {"sobol": "ST", "grid": "ST", "morris": "mu_star", "lhs": "S1"}  # the index that ranks
DRAWN = {"sobol": ("S1", "ST"), "grid": ("S1", "ST"), "morris": ("mu_star",), "lhs": ("S1",)}
Rows = list[list[str]]
Row = dict[str, Any]


@dataclass(frozen=True)
class Picture:
    """A picture with its sentence and its table; without a picture the sentence says why."""

    name: str
    title: str
    unit: str
    sentence: str
    svg: Markup
    table: Rows


@dataclass(frozen=True)
class Section:
    """One metric of one group."""

    title: str
    definition: str
    pictures: list[Picture]


def build(folder: Path, lang: str = "en") -> Path:
    """Write the page of the finished study in `folder`, in en, de or nl; returns its path."""
    place = StudyFolder(folder)
    sheet = Sheet(place.described(), place.results(("point", "replicate")), pl.read_parquet(place / INDICES), lang)
    html = environment().get_template("study.html.j2").render(
        lang=lang, t=sheet.words.texts, about=sheet.about, title=sheet.about["title"], lead=sheet.lead, facts=sheet.facts,
        varied=sheet.varied, sections=list(sheet.sections()), has_more=len(sheet.asked) > MOST_SECTIONS, failures=sheet.failures,
    )  # fmt: skip
    path = folder / REPORT
    write_whole(path, [html.encode()])
    return path


class Sheet:
    """Everything that the page shows, in one language."""

    def __init__(self, about: dict[str, Any], results: pl.DataFrame, indices: pl.DataFrame, lang: str):
        self.about, self.results, self.indices = about, results, indices
        self.words, self.lang = language(lang, TOPIC), language(lang)
        self.kind: str = about["study"]["design"]
        self.paths: list[str] = about["design"]["paths"]
        self.asked = list(results.select("metric", "group").unique(maintain_order=True).iter_rows())

    def say(self, key: str, **gaps: object) -> str:
        return self.words.say(key, **gaps)

    # --- header ------------------------------------------------------------------------------------

    @property
    def lead(self) -> str:
        study, number = self.about["study"], self.lang.number
        return self.say("lead", worlds=number(self.about["worlds"]), citizens=number(study["citizens"]), days=number(study["days"]))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Label and value."""
        study, number = self.about["study"], self.lang.number
        numbers = {"points": len(self.about["design"]["points"]), "worlds": self.about["worlds"], "seeds": study["seeds"],
                   "citizens": study["citizens"], "days": study["days"], "failed": self.about["failed"]}  # fmt: skip
        found = [(self.say("design"), self.say(self.kind)), *((self.say(key), number(value)) for key, value in numbers.items())]
        return [*found, (self.say("wall"), f"{number(round(self.about['wall_s'], 1))} s")]

    @property
    def varied(self) -> Rows:
        """Paths, what they are, the values taken."""
        rows = [[self.say("path"), self.say("name"), self.say("values")]]
        for path in self.paths:
            limits, found = self.about["study"]["vary"][path], sorted_values(self.results[path])
            if isinstance(limits, dict) and self.kind != "grid":
                told = self.say("between", low=self.value(limits["low"]), high=self.value(limits["high"]))
            else:
                told = ", ".join(self.value(value) for value in found)
            rows.append([path, self.named(path), told])
        return rows

    @property
    def failures(self) -> Rows:
        """Errors and how many worlds they befell."""
        worlds = self.results.filter(pl.col("error").is_not_null()).unique(subset=["point", "replicate"])
        found = worlds.group_by("error").len().sort("len", "error", descending=[True, False])
        return [[error, self.lang.number(n)] for error, n in found.head(MOST_FAILURES).iter_rows()]

    # --- words -------------------------------------------------------------------------------------

    def named(self, path: str) -> str:
        """A path by the name of what it belongs to; pairs of paths by both."""
        if " × " in path:
            return " × ".join(self.named(part) for part in path.split(" × "))
        names = self.about["names"].get(path)
        if names is None:
            return path
        field = path.split(".", 2)[2]
        return str(names[self.lang.code]) + ("" if field == "value" else f" ({field})")

    def metric_name(self, about: Metric, group: str) -> str:
        """A metric in words, with its group if it is not everybody."""
        twins, told = language(self.lang.code, "twins").texts, self.about.get("metrics", {}).get(about.name, {})
        name = twins.get(f"metric.{about.name}") or told.get(self.lang.code, about.label)
        return name if group == "all" else f"{name}: {twins[f'group.{group}']}"

    def value(self, value: Any) -> str:
        """A value of a path as one reads it."""
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        return self.lang.number(value) if isinstance(value, int | float) else str(value)

    def number(self, value: float | None, unit: str = "") -> str:
        """A metric's value with about three digits, in percent if it is a share."""
        if value is None:
            return NONE
        is_share = is_percent(unit)
        told = 100 * value if is_share else value
        size = abs(told)
        rounded = round(told) if size >= 100 else round(told, 1) if size >= 10 else float(f"{told:.3g}")
        return self.lang.number(rounded) + (" %" if is_share else "")

    # --- sections ----------------------------------------------------------------------------------

    def sections(self) -> Iterator[Section]:
        """A section for each metric and group."""
        for number, (metric, group) in enumerate(self.asked[:MOST_SECTIONS]):
            about = registry.about(metric)
            rows = self.results.filter((pl.col("metric") == metric) & (pl.col("group") == group) & pl.col("value").is_not_null())
            found = self.indices.filter((pl.col("metric") == metric) & (pl.col("group") == group))
            pictures = [self.effects(f"effects-{number}", about, rows), self.hangs_on(f"indices-{number}", about, found)]
            yield Section(self.metric_name(about, group), definition(metric, self.lang.code), pictures)

    def effects(self, name: str, about: Metric, rows: pl.DataFrame) -> Picture:
        """What the metric does along each path: a panel a path."""
        curves = {path: curve(rows, path) for path in self.paths}
        reach = {path: span(found["mean"]) for path, found in curves.items()}
        most = max(reach, key=lambda path: reach[path])
        title, is_few = self.say("effects"), all(rows[path].n_unique() <= FEW_VALUES for path in self.paths)
        unit = self.say("effects_unit_few" if is_few else "effects_unit", unit=told_unit(about, self.lang))
        if not reach[most]:
            return Picture(name, title, unit, self.say("effects_none"), Markup(), [])
        ends = curves[most].row(0, named=True), curves[most].row(-1, named=True)
        sentence = self.say(
            "effects_says", name=self.named(most), low=self.value(ends[0]["at"]), high=self.value(ends[1]["at"]),
            first=self.number(ends[0]["mean"], about.unit), last=self.number(ends[1]["mean"], about.unit),
        )  # fmt: skip
        ranked = sorted(self.paths, key=lambda path: -reach[path])[:MOST_PANELS]
        panels = [self.panel(path, curves[path], rows, about) for path in ranked]
        spec = self.drawn({"concat": panels, "columns": 3, "spacing": 26, "resolve": {"scale": {"y": "shared"}}}, sentence)
        return Picture(name, title, unit, sentence, inline_svg(spec, name, sentence), self.curve_table(ranked, curves, about.unit))

    def curve_table(self, paths: list[str], curves: dict[str, pl.DataFrame], unit: str) -> Rows:
        """The means of all panels, one under another."""
        table = [["", *(self.say(key) for key in ("value", "mean", "lowest", "highest"))]]
        for path in paths:
            for row in curves[path].iter_rows(named=True):
                cells = [self.number(row[key], unit) for key in ("mean", "low", "high")]
                table.append([self.named(path), self.value(row["at"]), *cells])
        return table

    def panel(self, path: str, line: pl.DataFrame, rows: pl.DataFrame, about: Metric) -> Spec:
        """One path: a line with a band, or dots with a line through their means."""
        times = 100 if is_percent(about.unit) else 1
        is_numeric = line["at"].dtype.is_numeric()
        shown = line.with_columns(pl.col("mean", "low", "high") * times)
        if not is_numeric:
            shown = shown.with_columns(pl.Series("at", [self.value(value) for value in line["at"]], dtype=pl.String))
        x: Spec = quantity("at", None, {"zero": False, "nice": False}, {"tickCount": 4, "grid": False}) if is_numeric else {
            "field": "at", "type": "nominal", "title": None, "sort": None, "axis": {"labelAngle": 0}}  # fmt: skip
        y = quantity("mean", None, {"zero": False}, {"tickCount": 5})
        layers: list[Spec] = []
        if rows[path].n_unique() > FEW_VALUES:
            dots = rows.group_by("point", maintain_order=True).agg(pl.col(path).first().alias("at"), pl.col("value").mean().alias("mean") * times)
            dots = dots.with_columns(pl.col("mean") * 1.0)
            layers.append({"data": values(dots), "mark": {"type": "point", "filled": True, "size": 14, "opacity": 0.55, "color": GREY}, "encoding": {"x": x, "y": y}})
        else:
            mark = {"type": "area", "opacity": 0.2, "color": BLUE} if is_numeric else {"type": "rule", "color": BLUE, "strokeWidth": 2}
            layers.append({"mark": mark, "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}}})
        line_mark = {"type": "line", "strokeWidth": 2.5, "color": BLUE, "point": {"filled": True, "size": 45, "color": BLUE}}
        layers.append({"mark": line_mark, "encoding": {"x": x, "y": y}})
        title = {"text": wrapped(self.named(path), 34), "fontSize": 12, "frame": "group", "offset": 8}
        return {"width": 215, "height": 150, "title": title, "data": values(shown), "layer": layers}

    def hangs_on(self, name: str, about: Metric, found: pl.DataFrame) -> Picture:
        """The indices of each path, with their intervals."""
        title, unit = self.say("indices"), self.say(f"indices_unit_{self.kind}")
        known = found.filter(pl.col("value").is_not_null())
        if known.is_empty():
            return Picture(name, title, unit, self.say("indices_none"), Markup(), [])
        first = known.filter(pl.col("index") == FIRST[self.kind]).sort("value", descending=True, maintain_order=True)
        sentence = self.ranked(first, about)
        in_unit = about.unit if self.kind == "morris" else ""
        table = [["", *(self.say(key) for key in ("index", "value", "interval"))]]
        for row in known.iter_rows(named=True):
            cells = self.say(row["index"]), self.number(row["value"], in_unit), self.interval(row, in_unit)
            table.append([self.named(row["path"]), *cells])
        drawn = known.filter(pl.col("index").is_in(DRAWN[self.kind]))
        spec = self.drawn(self.bars(drawn, [self.named(path) for path in first["path"]], 100 if is_percent(in_unit) else 1), sentence)
        return Picture(name, title, unit, sentence, inline_svg(spec, name, sentence), table)

    def ranked(self, first: pl.DataFrame, about: Metric) -> str:
        """Which path comes first, whether that is sure, and what was left out."""
        top = first.row(0, named=True)
        unit = about.unit if self.kind == "morris" else ""
        ends = "" if top["low"] is None else self.say(
            "interval_says", low=self.number(top["low"], unit), high=self.number(top["high"], unit))  # fmt: skip
        second = first.row(1, named=True) if first.height > 1 else None
        is_sure = second is None or top["low"] is None or top["low"] > second["high"]
        told = self.say("indices_says" if is_sure else "indices_says_unsure", name=self.named(top["path"]),
                        index=self.say(top["index"]), value=self.number(top["value"], unit), interval=ends)  # fmt: skip
        if not top["left_out"]:
            return told
        everything = top["samples"] + top["left_out"]
        return f"{told} {self.say('indices_left_out', n=self.lang.number(top['left_out']), all=self.lang.number(everything))}"

    def interval(self, row: Row, unit: str) -> str:
        """The ends of an interval; nothing where there is none."""
        return "" if row["low"] is None else f"{self.number(row['low'], unit)} … {self.number(row['high'], unit)}"

    def bars(self, found: pl.DataFrame, order: list[str], times: float) -> Spec:
        """A dot for each index of each path, with its interval."""
        told = found.with_columns(
            pl.col("value", "low", "high") * times,
            label=pl.Series([self.named(path) for path in found["path"]], dtype=pl.String),
            told=pl.Series([self.say(index) for index in found["index"]], dtype=pl.String),
        )  # fmt: skip
        kinds = [self.say(index) for index in DRAWN[self.kind]]
        y = category("label", list(dict.fromkeys(order)), labelLimit=330)
        colour = {"field": "told", "type": "nominal", "sort": kinds, "scale": {"domain": kinds, "range": [BLUE, ORANGE][: len(kinds)]}}
        shape = {"field": "told", "type": "nominal", "sort": kinds, "scale": {"domain": kinds, "range": ["circle", "diamond"][: len(kinds)]}}
        both: Spec = {"y": y, "yOffset": {"field": "told", "sort": kinds}, "color": colour}
        layers: list[Spec] = [{"data": {"values": [{"nought": 0}]}, "mark": {"type": "rule", "strokeDash": [4, 4]}, "encoding": {"x": quantity("nought", None)}}]
        if found["low"].null_count() < found.height:
            layers.append({"mark": {"type": "rule", "strokeWidth": 2}, "encoding": both | {"x": quantity("low", None), "x2": {"field": "high"}}})
        layers.append({"mark": {"type": "point", "filled": True, "size": 90, "opacity": 1}, "encoding": both | {"x": quantity("value", None), "shape": shape}})
        return {"width": 560, "height": {"step": 20 if len(kinds) > 1 else 28}, "data": values(told), "layer": layers}

    def drawn(self, drawing: Spec, sentence: str) -> Spec:
        """A whole chart, with numbers as the language writes them."""
        schema = "https://vega.github.io/schema/vega-lite/v6.json"
        look = LOOK | {"padding": {"left": 28, "right": 28, "top": 4, "bottom": 4}, "locale": locale(self.lang)}
        return {"$schema": schema, "config": look, "description": sentence} | drawing


# --- numbers ---------------------------------------------------------------------------------------


def is_percent(unit: str) -> bool:
    """Whether a unit is told in percent."""
    return unit.startswith(("share", "difference of shares"))


def told_unit(about: Metric, lang: Language) -> str:
    """A metric's unit in words; of shares, percent."""
    return "%" if is_percent(about.unit) else in_words(about.name, lang.code)


def sorted_values(column: pl.Series) -> list[Any]:
    """The values of a path: numbers by size, others as they come."""
    found = column.unique(maintain_order=True)
    return (found if found.dtype == pl.String else found.sort()).to_list()


def curve(rows: pl.DataFrame, path: str) -> pl.DataFrame:
    """At each value of a path, or in equal parts of many values: at, mean over all points, lowest and highest seed's mean."""
    column = rows[path]
    told = rows.with_columns(at=column)
    if column.n_unique() > FEW_VALUES:
        edges = [float(column.min()), *(float(column.quantile(k / BINS) or 0) for k in range(1, BINS)), float(column.max())]  # type: ignore[arg-type]
        middles = [(low + high) / 2 for low, high in pairwise(edges)]
        numbers = sum((column > edge).cast(pl.Int32) for edge in edges[1:-1])
        told = rows.with_columns(at=pl.Series([middles[k] for k in numbers], dtype=pl.Float64))  # type: ignore[union-attr]
    by_seed = told.group_by("at", "replicate", maintain_order=True).agg(pl.col("value").mean())
    found = by_seed.group_by("at", maintain_order=True).agg(
        mean=pl.col("value").mean(), low=pl.col("value").min(), high=pl.col("value").max()
    )
    return found if found["at"].dtype == pl.String else found.sort("at")


def span(column: pl.Series) -> float:
    """From the lowest to the highest; nought of nothing."""
    low, high = column.min(), column.max()
    return 0.0 if low is None or high is None else float(high) - float(low)  # type: ignore[arg-type]


