"""The page of twin worlds: what differs, whom it met in one world alone, and who gains or loses. One HTML file, no script."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from glasscity.metrics import registry
from glasscity.report import yardsticks
from glasscity.report.document import Block, Document, Rows, Section, Table, Text, drawn, html, pdf
from glasscity.report.locale import MONTH, date_form
from glasscity.report.meanings import meanings
from glasscity.report.specs import BLUE, DASHES, ORANGE, SQUARES, Spec, category, quantity, values
from glasscity.rules.language import Language, language
from glasscity.store import twins as store
from glasscity.store.folder import REPORT, REPORT_PDF, write_whole

TOPIC = "twins"
WORLDS = ("factual", "counterfactual")
NONE = "–"
HALF_A_YEAR = 26  # weeks
WIDTH, FEW = 820, {"tickCount": 8}
GROUPS = ("all", "minority", "majority", "party", "no_party", "income_1", "income_2", "income_3", "income_4", "income_5",
          "minority_income_1", "majority_income_1", "minority_income_5", "majority_income_5")  # fmt: skip
LOSS_GROUPS = ("minority", "majority", "income_1", "income_5")


def build(folder: Path, lang: str = "en", as_pdf: bool = False) -> Path:
    """Write the page of the twin worlds in `folder`, in en, de or nl, as HTML or tagged PDF; returns its path."""
    about, tables = store.read(folder)
    document = Sheet(about, tables, lang).document()
    path = folder / (REPORT_PDF if as_pdf else REPORT)
    write_whole(path, [pdf(document) if as_pdf else html(document)])
    return path


class Sheet:
    """Everything that the page shows, in one language."""

    def __init__(self, about: dict[str, Any], tables: dict[str, pl.DataFrame], lang: str):
        self.about, self.words, self.lang, self.law = about, language(lang, TOPIC), language(lang), language(lang, "impact")
        self.effects = tables["effects"].filter(pl.col("district") == "all")
        self.last = self.effects.filter(pl.col("day") == pl.col("day").max())
        self.rows = tables["lives"].filter(pl.col("district") == "all")
        self.spreads = tables["spread"].drop_nulls("share").to_dicts()
        self.losses = {(r["metric"], r["group"]): r for r in tables["paired"].filter(district="all").iter_rows(named=True)}

    def say(self, key: str, **gaps: object) -> str:
        return self.words.say(key, **gaps)

    def document(self) -> Document:
        """All sections in their order."""
        sections = [self.differs(), self.over_time(), self.lives(), self.groups(), self.lost(), *self.spread(), self.yardsticks(), self.cannot(), self.again()]
        return Document(
            lang=self.lang.code, title=self.title, badge=self.say("synthetic"), kicker=self.say("kicker"), lead=self.lead,
            notice=self.say("synthetic_long"), facts=self.facts, contents=self.law.say("contents"), sections=sections,
            footer=f"{self.say('footer')} {self.say('version')} {self.about['version']}.",
        )  # fmt: skip

    # --- header ------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The scheme and the change: 'A scored city without informers'."""
        return f"{self.named(self.about['scenario'])}: {self.change}"

    def named(self, key: str) -> str:
        """A scenario or an article by its name."""
        names = self.about["names"].get(key)
        return names[self.lang.code] if names else key.replace("_", " ")

    def taken_out(self, name: str) -> str:
        """A mechanism, a kind of article or an article, in words."""
        texts = self.words.texts
        return texts.get(f"mechanism.{name}") or texts.get(f"kind.{name}") or self.named(name)

    def group(self, name: str) -> str:
        """A group's name; of two traits at once, both."""
        for first in ("minority", "majority"):
            if name.startswith(f"{first}_"):
                return f"{self.group(first)}, {self.group(name.removeprefix(f'{first}_'))}"
        return self.words.text(f"group.{name}")

    @property
    def change(self) -> str:
        """What makes the other world another, in words."""
        change, texts = self.about["options"], self.words.texts
        names = {
            "without": [self.taken_out(name) for name in change["--without"]],
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
        n = self.lang.number(rounded)
        return self.lang.say("form.percent", n=n) if share else n

    def span(self, low: float | None, high: float | None, unit: str = "") -> str:
        """Two ends of an interval; nothing where there is none."""
        return "" if low is None or high is None else f"{self.number(low, unit)} … {self.number(high, unit)}"

    def at_end(self, metric: str, group: str = "all") -> dict[str, Any] | None:
        """The effect on a metric at the end."""
        found = self.last.filter((pl.col("metric") == metric) & (pl.col("group") == group))
        return found.row(0, named=True) if found.height else None

    def is_told(self, group: str) -> bool:
        """Whether a group is so large that its rates and means are told."""
        row = self.at_end("citizens", group)
        return row is not None and row["factual"] >= registry.SMALLEST_CELL

    @property
    def too_few(self) -> str:
        """That small groups are left out."""
        return self.say("too_few", smallest=self.lang.number(registry.SMALLEST_CELL))

    # --- what is shown -----------------------------------------------------------------------------

    @property
    def both(self) -> list[str]:
        """Heads of a table of both worlds."""
        return ["", *(self.say(key) for key in ("as_it_is", "changed", "difference", "interval"))]

    def cells(self, row: dict[str, Any], unit: str) -> list[str]:
        """Both worlds, their difference and its interval."""
        return [*(self.number(row[name], unit) for name in (*WORLDS, "difference")), self.span(row["low"], row["high"], unit)]

    def differs(self) -> Section:
        """Metric, both worlds, difference, interval; and what each metric counts."""
        rows: Rows = []
        told: list[tuple[str, str]] = []
        for metric, label in named(self.words, "metric"):
            row = self.at_end(metric)
            if row is not None and row["difference"] is not None:
                unit = registry.about(metric).unit
                rows.append([label, *self.cells(row, unit)])
                told.append((metric, label))
        text = Text(f"{self.say('effects_text')} {self.certain}.")
        return Section("effects", self.say("effects"), [text, Table(self.both, rows), meanings(self.law, told)])

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
        rows = [[self.lang.date(r["date"]), *(self.number(r[w] / people) for w in WORLDS)] for r in frame.iter_rows(named=True)]
        return self.section("over_time", sentence, two_lines(long, list(labels.values()), date_form(self.lang)), ["", *labels.values()], rows)

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
        spec = two_bars(long, [label for label, _ in rows[:-1]], list(alone.values()))
        head = ["", *(part for told in alone.values() for part in (told, self.say("interval")))]
        table = [[label, *(c for k in alone for c in (self.number(row[k]), self.span(row[f"{k}_low"], row[f"{k}_high"])))] for label, row in rows]
        return self.section("lives", sentence, spec, head, table)

    def groups(self) -> Section:
        """The difference in being sanctioned, group by group, with intervals."""
        metric = "share_ever.sanctioned"
        found = [(self.group(group), self.at_end(metric, group) if self.is_told(group) else None) for group in GROUPS]
        rows = [(label, row) for label, row in found if row is not None and row["difference"] is not None]
        long = pl.DataFrame(
            [{"group": label, "value": 100 * row["difference"], "low": percent(row["low"]), "high": percent(row["high"])} for label, row in rows],
            schema={"group": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
        )  # fmt: skip
        most = max(rows[1:], key=lambda pair: pair[1]["difference"], default=None)
        is_harder = most is not None and most[1]["difference"] > 0
        sentence = self.say("groups_says", group=most[0], value=self.number(100 * most[1]["difference"])) if most and is_harder else self.say("groups_none")
        table = [[label, *([NONE] * 4 if row is None else self.cells(row, "share"))] for label, row in found]
        told = self.section("groups", sentence, dots(long, [label for label, _ in rows]), self.both, table)
        return replace(told, blocks=[told.blocks[0], Text(self.too_few), *told.blocks[1:]]) if len(rows) < len(found) else told

    def lost(self) -> Section:
        """What the same people no longer do or have under the scheme, and what of it outlasts a change that came late."""
        blocks: list[Block] = [Text(f"{self.say('lost_text')} {self.certain}. {self.too_few}"), self.losses_of(""), meanings(self.law, named(self.words, "lost_figure"))]
        if any(metric.startswith("persistence.") for metric, _ in self.losses):
            return Section("lost", self.say("lost"), blocks, [(self.say("lasting"), [Text(self.say("lasting_text")), self.losses_of("persistence.")])])
        return Section("lost", self.say("lost"), blocks)

    def losses_of(self, prefix: str) -> Table:
        """Paired figures: of everybody with an interval, and of some groups."""
        rows: Rows = []
        for metric, label in named(self.words, "lost_figure"):
            every = self.losses[prefix + metric, "all"]
            groups = [self.losses[prefix + metric, g]["value"] if self.is_told(g) else None for g in LOSS_GROUPS]
            rows.append([label, self.number(every["value"], "share"), self.span(every["low"], every["high"], "share"), *(self.number(v, "share") for v in groups)])
        return Table(["", self.group("all"), self.say("interval"), *map(self.group, LOSS_GROUPS)], rows)

    def spread(self) -> list[Section]:
        """How far accounts lie apart, with the share of the variance; no section where all accounts are alike."""
        rows: Rows = []
        for row in self.spreads:
            pairs = [(self.number(row[k], u), self.span(row[f"{k}_low"], row[f"{k}_high"], u)) for k, u in ((*((w, "") for w in WORLDS), ("share", "share")))]
            rows.append([self.say(f"spread_{row['among']}"), *(cell for pair in pairs for cell in pair)])
        names = (self.say("as_it_is"), self.say("changed"), self.say("spread_share"))
        head = ["", *(cell for name in names for cell in (name, self.say("interval")))]
        return [Section("spread", self.say("spread"), [Text(f"{self.say('spread_text')} {self.certain}."), Table(head, rows)])] if rows else []

    def yardsticks(self) -> Section:
        """The legal checklist with the figures of both worlds."""

        def told(metric: str) -> str:
            row, unit = self.at_end(metric), registry.about(metric).unit
            return NONE if row is None else f"{self.number(row['factual'], unit)} → {self.number(row['counterfactual'], unit)}"

        return yardsticks.section(self.law, told, self.about["schemes"], self.about)

    def cannot(self) -> Section:
        return Section("cannot", self.say("cannot"), [Text(self.say("cannot_text"))])

    def again(self) -> Section:
        return Section("again", self.law.say("again"), [Text(f"{self.say('command')}:"), Text(self.about["command"], is_code=True)])

    def section(self, name: str, sentence: str, spec: Spec, head: list[str], rows: Rows) -> Section:
        """A picture with its unit, its sentence and its table."""
        picture, table = drawn(self.lang, name, spec, sentence), Table(head, rows, folded=self.say("data"))
        return Section(name, self.say(name), [Text(f"{sentence} ({self.say(f'{name}_unit')})"), picture, table])


def named(words: Language, table: str) -> list[tuple[str, str]]:
    """Keys and texts of one table of a language's file."""
    return [(key.partition(".")[2], text) for key, text in words.texts.items() if key.startswith(f"{table}.")]


def percent(value: float | None) -> float | None:
    """A share in percent."""
    return None if value is None else 100 * value


# --- charts ----------------------------------------------------------------------------------------


def two_lines(data: pl.DataFrame, worlds: list[str], day: str) -> Spec:
    """A line for each world over the calendar. day: how a date is written; of a long time the months are told."""
    form = MONTH if data["date"].n_unique() > HALF_A_YEAR else day
    style = {"color": [BLUE, ORANGE], "strokeDash": list(DASHES[:2])}
    encoding = {
        "x": {"field": "date", "type": "temporal", "title": None, "axis": {"format": form, "tickCount": 6, "labelOverlap": True}},
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
