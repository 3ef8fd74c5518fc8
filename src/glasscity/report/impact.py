"""The impact report of one run: what a scheme did, to whom, how surely, which rights would help, and what all this rests on."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from glasscity.metrics import registry
from glasscity.report import yardsticks
from glasscity.report.document import Block, Bullets, Document, Picture, Rows, Section, Table, Text, drawn, html, pdf
from glasscity.report.meanings import meanings
from glasscity.report.page import command
from glasscity.report.places import place_of
from glasscity.report.specs import BLUE, Spec, category, quantity, values
from glasscity.report.stored import Stored
from glasscity.rules import words
from glasscity.rules.language import language
from glasscity.rules.resolve import Resolved, from_documents
from glasscity.store.folder import ASSESSMENT, write_whole

TOPIC = "impact"
NONE = "–"
FIVE = ("000", "001", "002", "003", "004")  # the articles
GROUPS = ("all", "minority", "majority", "income_1", "income_2", "income_3", "income_4", "income_5", "party", "no_party",
          "minority_income_1", "majority_income_1", "minority_income_5", "majority_income_5")  # fmt: skip
OF_GROUPS = ("share_ever.sanctioned", "share_ever.wrongly_sanctioned", "innocent_risk", "refused_per_1000")
WIDTH = 820


def build(folder: Path, lang: str = "en", as_pdf: bool = False) -> Path:
    """Write the impact report of the run in `folder`, in en, de or nl, as HTML or PDF; returns its path.

    Reads the run and, if there is one, its assessment (`study.impact`).
    """
    report = Impact(Stored.read(folder, lang), assessment_of(folder), lang)
    path = folder / file_name(lang, as_pdf)
    document = report.document()
    write_whole(path, [pdf(document) if as_pdf else html(document)])
    return path


def file_name(lang: str, as_pdf: bool) -> str:
    """Where a report is written within its run's folder."""
    return f"impact{'' if lang == 'en' else '.' + lang}.{'pdf' if as_pdf else 'html'}"


def assessment_of(folder: Path) -> dict[str, Any]:
    """The run's assessment as plain data; empty if there is none."""
    path = folder / ASSESSMENT
    return dict(json.loads(path.read_bytes())) if path.is_file() else {}


class Impact:
    """Everything that the report says, in one language."""

    def __init__(self, stored: Stored, assessment: dict[str, Any], lang: str):
        self.stored, self.found, self.texts, self.lang = stored, assessment, language(lang, TOPIC), language(lang)
        self.groups = language(lang, "twins")
        self.resolved: Resolved = from_documents(stored.documents)
        rows = stored.final.filter(pl.col("district") == "all")
        self.values = {(m, g): v for m, g, v in rows.select("metric", "group", "value").iter_rows()}
        self.luck = {(row["metric"], row["group"]): row for row in assessment.get("luck", [])}

    def say(self, key: str, **gaps: object) -> str:
        return self.texts.say(key, **gaps)

    def head(self, *keys: str) -> list[str]:
        return [self.say(f"head.{key}") for key in keys]

    def document(self) -> Document:
        """All sections in their order."""
        name, run = self.lang.name(self.resolved.scenario.name), self.stored.run
        return Document(
            lang=self.lang.code, title=self.say("title", name=name), badge=self.say("synthetic"), kicker=self.say("kicker"),
            lead=self.say("lead", citizens=self.lang.number(run["citizens"]), days=self.lang.number(run["days"])),
            notice=self.say("synthetic_long"), facts=self.facts(), contents=self.say("contents"), sections=self.sections(),
            footer=f"{self.say('footer')} {self.say('version')} {run['version']}. {self.say('digest')} {run['digest']}",
        )  # fmt: skip

    def sections(self) -> list[Section]:
        made = (self.summary, self.scheme, self.affected, self.harms, self.yardsticks, self.safeguards, self.sensitivity,
                self.cannot, self.sources, self.again)  # fmt: skip
        return [make() for make in made]

    def section(self, name: str, *blocks: Block) -> Section:
        return Section(name, self.say(name), [*blocks])

    def facts(self) -> list[tuple[str, str]]:
        """Sizes and names."""
        start = self.resolved.scenario.start
        last = start + timedelta(days=self.stored.last_day)
        run = self.stored.run
        told = {
            "citizens": self.lang.number(run["citizens"]), "period": f"{self.day(start)} – {self.day(last)}", "seed": str(run["seed"]),
            "rulebook": self.lang.name(self.resolved.rulebook.name),
        }  # fmt: skip
        return [(self.say(f"head.{key}"), value) for key, value in told.items()]

    def day(self, when: date) -> str:
        return self.lang.date(when)

    # --- numbers -----------------------------------------------------------------------------------

    def number(self, value: float | None, metric: str = "") -> str:
        """A value with about three digits, in percent if its metric is a share; a dash where there is none."""
        if value is None:
            return NONE
        is_share = metric in registry.METRICS and registry.about(metric).unit.startswith(("share", "difference of shares"))
        told = value * 100 if is_share else value
        size = abs(told)
        rounded = round(told) if size >= 100 else round(told, 1) if size >= 10 else float(f"{told:.2g}")
        n = self.lang.number(rounded)
        return self.lang.say("form.percent", n=n) if is_share else n

    def told(self, metric: str, group: str = "all") -> str:
        """A figure of the run."""
        return self.number(self.values.get((metric, group)), metric)

    def interval(self, metric: str, group: str = "all") -> tuple[str, str]:
        """Mean over worlds of other luck, and its interval."""
        row = self.luck.get((metric, group))
        if row is None:
            return NONE, NONE
        ends = [self.number(row[end], metric) for end in ("low", "high")]
        return self.number(row["mean"], metric), NONE if row["low"] is None else " … ".join(ends)

    def label(self, metric: str) -> str:
        return self.texts.text(f"metric.{metric}")

    def group(self, name: str) -> str:
        """A group's name; of two traits at once, both."""
        for first in ("minority", "majority"):
            if name.startswith(f"{first}_"):
                return f"{self.group(first)}, {self.group(name.removeprefix(f'{first}_'))}"
        return self.groups.text(f"group.{name}")

    # --- sections ----------------------------------------------------------------------------------

    def summary(self) -> Section:
        """One page: what was found, what would help most, what it cannot say."""
        sanctioned = self.values.get(("share_ever.sanctioned", "all"))
        says = self.say(
            "summary_says", sanctioned=self.number(None if sanctioned is None else 1000 * sanctioned),
            wrongful=self.told("wrongful_sanction_share"), innocent=self.told("innocent_risk"),
        )  # fmt: skip
        ranked = (self.found.get("safeguards") or {"rows": []})["rows"]
        if ranked and ranked[0]["avoided"] > 0:
            share = ranked[0]["share"]
            best = self.say("summary_best", name=self.lang.quoted(self.lever(ranked[0])), share=self.number(share, "wrongful_sanction_share"))
        else:
            best = self.say("summary_none")
        key = ("share_ever.sanctioned", "innocent_risk", "residual_disparity", "chilled_share", "context_transfer", "never_told_share")
        rows = [[self.label(m), self.told(m), *self.interval(m)] for m in key if (m, "all") in self.values]
        table = Table(self.head("outcome", "run", "mean", "interval"), rows)
        return Section("summary", self.say("summary"), [Text(says), table, Text(best), Text(self.say("summary_cannot"))], ends_page=True)

    def scheme(self) -> Section:
        """The rulebook in plain words."""
        articles = {key: a for key, a in self.resolved.rulebook.articles.items() if a.enabled}
        grades = Counter(a.grade for a in articles.values())
        counts = {grade: self.lang.number(grades[grade]) for grade in ("documented", "reported", "assumed")}
        titled: list[tuple[str, list[Block]]] = []
        for group in words.GROUPS:
            keys = [key for key, article in articles.items() if words.group_of(article) == group]
            told = [words.describe(key, self.resolved.rulebook, self.resolved.catalogue, self.lang.code, self.resolved.population) for key in keys]
            if told:
                names = [self.lang.name(articles[key].name) for key in keys]
                titled.append((f"{self.lang.text(f'group.{group}')} ({self.lang.number(len(keys))})", [Bullets(told, names)]))
        return Section("scheme", self.say("scheme"), [Text(self.say("scheme_says", n=len(articles), **counts))], titled)

    def affected(self) -> Section:
        """Groups and some intersections of groups."""
        rows = []
        for group in GROUPS:
            n = self.values.get(("citizens", group)) or 0
            cells = [self.told(m, group) if n >= registry.SMALLEST_CELL else NONE for m in OF_GROUPS]
            rows.append([self.group(group), self.lang.number(n), *cells])
        head = [*self.head("group", "people"), *(self.label(m) for m in OF_GROUPS)]
        shares = {
            g: 100 * v for g in GROUPS
            if (v := self.values.get(("share_ever.sanctioned", g))) is not None and (self.values.get(("citizens", g)) or 0) >= registry.SMALLEST_CELL
        }  # fmt: skip
        most = max(shares, key=lambda g: shares[g], default="all")
        alt = self.say("affected_alt", group=self.group(most), value=self.told("share_ever.sanctioned", most))
        data = pl.DataFrame({"name": [self.group(g) for g in shares], "value": list(shares.values())})
        title = f"{self.label('share_ever.sanctioned')} (%)"
        picture = self.picture("groups", bars(data, title), alt)
        return self.section("affected", Text(self.say("affected_says", smallest=registry.SMALLEST_CELL)), picture, Table(head, rows))

    def harms(self) -> Section:
        """Every harm of the run beside its mean and interval over other luck, and what each counts."""
        metrics = [m for m in self.texts_of("metric") if self.values.get((m, "all")) is not None]
        rows = [[self.label(m), self.told(m), *self.interval(m)] for m in metrics]
        counted = meanings(self.texts, [(m, self.label(m)) for m in metrics])
        if not self.luck:
            return self.section("harms", Text(self.say("harms_none")), Table(self.head("outcome", "run"), [row[:2] for row in rows]), counted)
        n = self.lang.number(self.found["sizes"]["luck"])
        says = self.say("harms_says", seeds=self.found["seeds"], citizens=n)
        return self.section("harms", Text(says), Table(self.head("outcome", "run", "mean", "interval"), rows), counted)

    def texts_of(self, table: str) -> list[str]:
        """Keys of one table of the language's file, in its order."""
        return [key.partition(".")[2] for key in self.texts.texts if key.startswith(f"{table}.")]

    def yardsticks(self) -> Section:
        return yardsticks.section(self.texts, self.told, [yardsticks.facts_of(self.resolved)], self.stored.run)

    def lever(self, row: dict[str, Any]) -> str:
        """A safeguard's name."""
        return str(self.found["safeguards"]["names"][row["levers"][0]][self.lang.code])

    def safeguards(self) -> Section:
        """Rights that the scheme does not grant, by the harm that each avoids."""
        ranked = self.found.get("safeguards")
        if not ranked or not ranked["rows"]:
            return self.section("safeguards", Text(self.say("safeguards_none")))
        rows = [
            [self.lever(r), self.number(r["avoided"]), NONE if r["low"] is None else f"{self.number(r['low'])} … {self.number(r['high'])}",
             self.number(r["share"], "wrongful_sanction_share"), self.number(r["decisions"]), self.number(r["days"])]
            for r in ranked["rows"]
        ]  # fmt: skip
        says = self.say("safeguards_says", citizens=self.lang.number(self.found["sizes"]["safeguards"]), harm=self.number(ranked["harm"]))
        first = ranked["rows"][0]
        alt = self.say("safeguards_alt", name=self.lever(first), value=self.number(first["avoided"]))
        data = pl.DataFrame({"name": [self.lever(r) for r in ranked["rows"]], "value": [float(r["avoided"]) for r in ranked["rows"]]})
        head = self.head("safeguard", "avoided", "interval", "share", "decisions", "days")
        runs = "; ".join(" – ".join(self.lever(row) for row in run) for run in ranked.get("unsettled", []))
        doubts = [Text(self.say("safeguards_unsettled", names=runs))] if runs else []
        return self.section("safeguards", Text(says), self.picture("levers", bars(data, self.say("head.avoided")), alt), Table(head, rows), *doubts)

    def sensitivity(self) -> Section:
        """Assumed numbers that move a headline beyond chance."""
        found = self.found.get("sensitivity")
        if not found or not found["rows"]:
            return self.section("sensitivity", Text(self.say("sensitivity_none")))
        metrics = {h: registry.HEADLINES[h][0] for h in found["headlines"]}
        head = [*self.head("parameter", "value"), *(f"{self.label(m)} ({self.number(found['base'][h], m)})" for h, m in metrics.items())]
        rows: Rows = []
        for row in found["rows"]:
            cells = [self.moved(row["moved"][h], metric) for h, metric in metrics.items()]
            rows.append([f"{row['names'][self.lang.code]} ({row['path']})", self.value(row["value"]), *cells])
        says = self.say("sensitivity_says", citizens=self.lang.number(self.found["sizes"]["sensitivity"]), days=self.found["days"])
        return self.section("sensitivity", Text(says), Table(head, rows))

    def value(self, value: Any) -> str:
        """A number as it stands in the rulebook; of a row or table of numbers, that it is one."""
        return self.lang.number(value) if isinstance(value, int | float) else self.say("several")

    def moved(self, cell: dict[str, Any], metric: str) -> str:
        """A headline with a number halved and doubled."""
        told = f"{self.number(cell['halved'], metric)} / {self.number(cell['doubled'], metric)}"
        return told + (" *" if cell["certain"] else "")

    def cannot(self) -> Section:
        return self.section("cannot", Bullets([self.say(f"cannot_{k}") for k in range(1, 7)]))

    def sources(self) -> Section:
        """Every rule with its source and grade."""
        rows = [
            [self.lang.name(a.name), place_of(a, self.lang), self.say(f"grade.{a.grade}")]
            for a in self.resolved.rulebook.articles.values() if a.enabled
        ]  # fmt: skip
        table = Table(self.head("rule", "source", "grade"), rows, is_wordy=True, folded=self.say("sources"))
        articles = [(key, self.say(f"source.{key}")) for key in FIVE]
        five: tuple[str, list[Block]] = (self.say("sources_five"), [Bullets([told for _, told in articles], [key for key, _ in articles])])
        return Section("sources", self.say("sources"), [Text(self.say("sources_says")), table], [five])

    def again(self) -> Section:
        return self.section("again", Text(self.say("again_says")), Text(command(self.stored.run), is_code=True))

    def picture(self, name: str, spec: Spec, alt: str) -> Picture:
        return drawn(self.lang, name, spec, alt)


def bars(data: pl.DataFrame, title: str) -> Spec:
    """A bar a name, with its number."""
    order = data["name"].to_list()
    encoding = {"y": category("name", order), "x": quantity("value", title, axis={"tickCount": 6})}
    number = {"mark": {"type": "text", "align": "left", "dx": 4}, "encoding": encoding | {"text": {"field": "value", "format": ",.3~g"}}}
    return {"width": WIDTH, "height": {"step": 24}, "data": values(data), "layer": [{"mark": {"type": "bar", "color": BLUE}, "encoding": encoding}, number]}
