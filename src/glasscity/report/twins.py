"""The page of twin worlds: what differs, whom it met in one world alone, and who gains or loses. One HTML file, no script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from glasscity.metrics import registry
from glasscity.report.page import environment, inline_svg
from glasscity.report.specs import BLUE, DASHES, LOOK, ORANGE, SQUARES, Spec, category, quantity, values
from glasscity.rules.language import Language, language
from glasscity.store import twins as store
from glasscity.store.folder import REPORT, write_whole

TOPIC = "twins"
WORLDS = ("factual", "counterfactual")
NONE = "–"
WIDTH, FEW = 820, {"tickCount": 8}
Rows = list[list[str]]


@dataclass(frozen=True)
class Section:
    """One picture with its sentence and its table."""

    name: str
    title: str
    unit: str
    sentence: str
    svg: Markup
    table: Rows


def build(folder: Path, lang: str = "en") -> Path:
    """Write the page of the twin worlds in `folder`, in en, de or nl; returns its path."""
    about, tables = store.read(folder)
    sheet = Sheet(about, tables, lang)
    html = environment().get_template("twins.html.j2").render(
        lang=lang, t=sheet.words.texts, about=about, title=sheet.title, lead=sheet.lead, facts=sheet.facts, certain=sheet.certain,
        effects=sheet.effect_rows(), sections=[sheet.over_time(), sheet.lives(), sheet.groups()],
    )  # fmt: skip
    path = folder / REPORT
    write_whole(path, [html.encode()])
    return path


class Sheet:
    """Everything that the page shows, in one language."""

    def __init__(self, about: dict[str, Any], tables: dict[str, pl.DataFrame], lang: str):
        self.about, self.words, self.lang = about, language(lang, TOPIC), language(lang)
        self.effects = tables["effects"].filter(pl.col("district") == "all")
        self.last = self.effects.filter(pl.col("day") == pl.col("day").max())
        self.rows = tables["lives"].filter(pl.col("district") == "all")

    def say(self, key: str, **gaps: object) -> str:
        return self.words.say(key, **gaps)

    # --- header ------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The scheme and the change: 'A scored city without informers'."""
        return f"{self.named(self.about['scenario'])}: {self.change}"

    def named(self, key: str) -> str:
        """A scenario or an article by its name; a kind of article by its word."""
        names = self.about["names"].get(key)
        return names[self.lang.code] if names else key.replace("_", " ")

    @property
    def change(self) -> str:
        """What makes the other world another, in words."""
        change, texts = self.about["options"], self.words.texts
        names = {
            "without": [texts.get(f"mechanism.{name}") or self.named(name) for name in change["--without"]],
            "with": [texts[f"safeguard.{lever}"] for lever in change["--with"]],
            "set": change["--set"],
        }
        parts = [self.say(key, names=self.lang.all_of(found)) for key, found in names.items() if found]
        if change["--against"]:
            parts.append(self.say("against", name=self.lang.quoted(self.named(self.about["other"]))))
        return ", ".join(parts)

    @property
    def lead(self) -> str:
        """Who lived how long under what."""
        about = self.about
        told = self.say("lead", citizens=self.lang.number(about["citizens"]), days=self.lang.number(about["days"]), change=self.change)
        if about["from"]:
            told += " " + self.say("lead_from", day=self.lang.date(date.fromisoformat(about["from"])))
        return told

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Sizes: label and value."""
        numbers = {"citizens": self.about["citizens"], "days": self.about["days"], "seeds": self.about["seeds"]}
        found = [(self.say(key), self.lang.number(value)) for key, value in numbers.items()]
        return [*found, (self.say("wall"), f"{self.lang.number(round(self.about['wall_s'], 1))} s")]

    @property
    def certain(self) -> str:
        """How many pairs of worlds the figures rest on."""
        n = self.about["seeds"]
        told = self.say("one_seed") if n == 1 else self.say("over_seeds", seeds=self.lang.number(n))
        return told[0].upper() + told[1:]

    # --- numbers -----------------------------------------------------------------------------------

    def number(self, value: float | None, unit: str = "") -> str:
        """A value with about three digits, in percent if it is a share."""
        if value is None:
            return NONE
        share = unit.startswith(("share", "difference of shares"))
        told = value * 100 if share else value
        size = abs(told)
        rounded = round(told) if size >= 100 else round(told, 1) if size >= 10 else float(f"{told:.3g}")
        return self.lang.number(rounded) + (" %" if share else "")

    def span(self, low: float | None, high: float | None, unit: str = "") -> str:
        """Two ends of an interval; nothing where there is none."""
        return "" if low is None or high is None else f"{self.number(low, unit)} … {self.number(high, unit)}"

    def at_end(self, metric: str, group: str = "all") -> dict[str, Any] | None:
        """The effect on a metric at the end."""
        found = self.last.filter((pl.col("metric") == metric) & (pl.col("group") == group))
        return found.row(0, named=True) if found.height else None

    # --- what is shown -----------------------------------------------------------------------------

    def effect_rows(self) -> Rows:
        """Metric, both worlds, difference, interval."""
        rows = [["", *(self.say(key) for key in ("as_it_is", "changed", "difference", "interval"))]]
        for metric, label in named(self.words, "metric"):
            row = self.at_end(metric)
            if row is not None and row["difference"] is not None:
                unit = registry.about(metric).unit
                cells = [self.number(row[name], unit) for name in (*WORLDS, "difference")]
                rows.append([label, *cells, self.span(row["low"], row["high"], unit)])
        return rows

    def over_time(self) -> Section:
        """Who is sanctioned in each world, week by week."""
        people = self.about["citizens"] / 1000
        frame = self.effects.filter((pl.col("metric") == "sanctioned_now") & (pl.col("group") == "all")).sort("day")
        labels = {"factual": self.say("as_it_is"), "counterfactual": self.say("changed")}
        long = pl.concat([
            frame.select("date", world=pl.lit(label), value=pl.col(name) / people) for name, label in labels.items()
        ])  # fmt: skip
        ends = {name: self.number(frame[name][-1] / people) for name in WORLDS}
        sentence = self.say("over_time_says", **ends)
        spec = self.drawn(two_lines(long, list(labels.values())), sentence)
        table = [["", *labels.values()], *([str(r["date"]), *(self.number(r[w] / people) for w in WORLDS)] for r in frame.iter_rows(named=True))]
        return self.section("over_time", sentence, spec, table)

    def lives(self) -> Section:
        """Whom an outcome met in one world alone."""
        rows = [(label, row) for key, label in named(self.words, "outcome") for row in self.rows.filter(outcome=key, group="all").to_dicts()]
        alone = {"only_factual": self.say("as_it_is"), "only_counterfactual": self.say("changed")}
        wrong = next(row for key, _ in named(self.words, "outcome") if key == "wrongly_sanctioned"
                     for row in self.rows.filter(outcome=key, group="all").to_dicts())  # fmt: skip
        sentence = self.say("lives_says", **{gap: self.number(round(wrong[k])) for gap, k in (("n", "only_factual"), ("m", "only_counterfactual"))})
        long = pl.DataFrame([
            {"outcome": label, "world": told, "value": row[key]}
            for label, row in rows if row["outcome"] != "misnamed" for key, told in alone.items()
        ])  # fmt: skip  (of records there are so many that they would dwarf what follows from them)
        spec = self.drawn(two_bars(long, [label for label, _ in rows[:-1]], list(alone.values())), sentence)
        table = [["", *(part for told in alone.values() for part in (told, self.say("interval")))]]
        table += [[label, *(c for k in alone for c in (self.number(row[k]), self.span(row[f"{k}_low"], row[f"{k}_high"])))] for label, row in rows]
        return self.section("lives", sentence, spec, table)

    def groups(self) -> Section:
        """The difference in being sanctioned, group by group, with intervals."""
        metric = "share_ever.sanctioned"
        rows = [(label, row) for group, label in named(self.words, "group") if (row := self.at_end(metric, group)) and row["difference"] is not None]
        long = pl.DataFrame(
            [{"group": label, "value": 100 * row["difference"], "low": percent(row["low"]), "high": percent(row["high"])} for label, row in rows],
            schema={"group": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
        )  # fmt: skip
        most = max(rows[1:], key=lambda pair: pair[1]["difference"], default=None)
        sentence = "" if most is None else self.say("groups_says", group=most[0], value=self.number(100 * most[1]["difference"]))
        spec = self.drawn(dots(long, [label for label, _ in rows]), sentence)
        table = [["", *(self.say(key) for key in ("as_it_is", "changed", "difference", "interval"))]]
        table += [[label, *(self.number(row[n], "share") for n in (*WORLDS, "difference")), self.span(row["low"], row["high"], "share")] for label, row in rows]
        return self.section("groups", sentence, spec, table)

    def section(self, name: str, sentence: str, spec: Spec, table: Rows) -> Section:
        return Section(name, self.say(name), self.say(f"{name}_unit"), sentence, inline_svg(spec, name, sentence), table)

    def drawn(self, drawing: Spec, sentence: str) -> Spec:
        """A whole chart, with numbers as the language writes them."""
        schema = "https://vega.github.io/schema/vega-lite/v6.json"
        marks = {"decimal": self.lang.text("form.decimal"), "thousands": self.lang.text("form.thousands"), "grouping": [3], "currency": ["", ""]}
        return {"$schema": schema, "config": LOOK | {"padding": {"left": 28, "right": 28, "top": 4, "bottom": 4}, "locale": {"number": marks}}, "description": sentence} | drawing


def named(words: Language, table: str) -> list[tuple[str, str]]:
    """Keys and texts of one table of a language's file."""
    return [(key.partition(".")[2], text) for key, text in words.texts.items() if key.startswith(f"{table}.")]


def percent(value: float | None) -> float | None:
    """A share in percent."""
    return None if value is None else 100 * value


# --- charts ----------------------------------------------------------------------------------------


def two_lines(data: pl.DataFrame, worlds: list[str]) -> Spec:
    """A line for each world over the calendar."""
    style = {"color": [BLUE, ORANGE], "strokeDash": list(DASHES[:2])}
    encoding = {
        "x": {"field": "date", "type": "temporal", "title": None, "axis": {"format": "%Y-%m", "tickCount": 6}},
        "y": quantity("value", None),
        **{key: {"field": "world", "type": "nominal", "sort": worlds, "scale": {"domain": worlds, "range": range_}} for key, range_ in style.items()},
    }
    return {"width": WIDTH, "height": 220, "data": values(data), "mark": {"type": "line", "strokeWidth": 2.5}, "encoding": encoding}


def two_bars(data: pl.DataFrame, order: list[str], worlds: list[str]) -> Spec:
    """A bar for each world under each outcome, with its number."""
    encoding = {
        "y": category("outcome", order),
        "yOffset": {"field": "world", "sort": worlds},
        "x": quantity("value", None, axis=FEW),
        "color": {"field": "world", "type": "nominal", "sort": worlds, "scale": {"domain": worlds, "range": [BLUE, ORANGE]}, "legend": SQUARES},
    }
    text = {"mark": {"type": "text", "align": "left", "dx": 4}, "encoding": {k: encoding[k] for k in ("y", "yOffset", "x")} | {"text": {"field": "value", "format": ",.0f"}}}
    return {"width": WIDTH, "height": {"step": 20}, "data": values(data), "layer": [{"mark": "bar", "encoding": encoding}, text]}


def dots(data: pl.DataFrame, order: list[str]) -> Spec:
    """A dot a group, with its interval and a line at nought."""
    y = category("group", order)
    layers: list[Spec] = [{"data": {"values": [{"nought": 0}]}, "mark": {"type": "rule", "strokeDash": [4, 4]}, "encoding": {"x": quantity("nought", None, axis=FEW)}}]
    if data["low"].null_count() < data.height:
        layers.append({"mark": {"type": "rule", "strokeWidth": 2, "color": BLUE}, "encoding": {"y": y, "x": quantity("low", None), "x2": {"field": "high"}}})
    layers.append({"mark": {"type": "point", "filled": True, "size": 90, "color": BLUE}, "encoding": {"y": y, "x": quantity("value", None)}})
    return {"width": WIDTH, "height": {"step": 26}, "data": values(data), "layer": layers}
