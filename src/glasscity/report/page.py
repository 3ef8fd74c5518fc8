"""The report of one run: a single HTML file that needs no network and no script."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from glasscity.metrics import registry
from glasscity.metrics.registry import Metric
from glasscity.report import figures
from glasscity.report.figures import FIGURES, Figure, Table
from glasscity.report.numbers import NONE, by_unit, count
from glasscity.report.specs import FAINT, INK, PAPER, WIDER, sized, spec_of
from glasscity.report.stored import Stored
from glasscity.report.texts import HEADLINE_LABELS, PAGE
from glasscity.store.folder import DONE, REPORT, write_whole

ON_PAGE = ("score", "classes", "lists", "refusals", "expression", "records", "groups", "districts")
WIDE = {"score", "records", "groups", "districts"}
GRADES = ("documented", "reported", "assumed")
PAGE_COLOURS = {INK: "currentColor", FAINT: "var(--grid)", PAPER: "var(--card)"}  # follow light and dark
FEWEST_CASES = 20  # a ratio of two groups needs so many cases in both together


@dataclass(frozen=True)
class Section:
    """One figure as the page shows it."""

    name: str
    title: str
    unit: str
    svg: Markup
    sentence: str
    none: str
    definitions: list[Metric]
    table: Table
    is_wide: bool


@dataclass(frozen=True)
class Card:
    """One headline figure."""

    value: str
    label: str
    definition: str
    is_worse: bool
    over_seeds: str  # its mean over seeds with the interval, or nothing


def build(folder: Path, language: str = "en") -> Path:
    """Write the report of the run in `folder`; returns its path."""
    folder = Path(folder)
    stored = Stored.read(folder, language)
    html = environment().get_template("report.html.j2").render(
        lang=language, t=PAGE[language], run=stored.run, stored=stored, facts=facts(stored), cards=cards(stored), lead=lead(stored),
        sections=sections(stored), rests=rests(stored), smallest=registry.SMALLEST_CELL,
        title=stored.text("scenario", "name"), summary=stored.text("scenario", "summary"), overlay=overlay(stored), command=command(stored.run), is_done=stored.run["status"] == DONE,
    )  # fmt: skip
    path = folder / REPORT
    write_whole(path, [html.encode()])
    return path


def environment() -> Environment:
    """Templates, with every inserted text escaped: rulebooks are users' input."""
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


# --- header ----------------------------------------------------------------------------------------


def facts(stored: Stored) -> list[tuple[str, str]]:
    """What was run: label and value."""
    run, t = stored.run, PAGE[stored.language]
    start = date.fromisoformat(str(stored.documents["scenario"]["start"])[:10])
    last = start + timedelta(days=stored.last_day)
    found = [
        (t["citizens"], count(run["citizens"])),
        (t["days"], count(run["days"])),
        (t["period"], f"{start.isoformat()} to {last.isoformat()}"),
        (t["seed"], str(run["seed"])),
        (t["rulebook"], stored.text("rulebook", "name")),
        (t["population"], stored.text("population", "name")),
        (t["version"], str(run.get("version", NONE))),
    ]
    if run.get("wall_s"):
        found.append((t["wall"], f"{run['wall_s']:.1f} s"))
    return found


def overlay(stored: Stored) -> list[tuple[str, str]]:
    """Dotted paths changed in this run, with their values."""
    return [(path, json.dumps(value, ensure_ascii=False)) for path, value in (stored.run.get("overlay") or {}).items()]


def command(run: dict[str, Any]) -> str:
    """The command as one would type it."""
    given = run.get("command", "")
    return shlex.join(given) if isinstance(given, list) else str(given)


def cards(stored: Stored) -> list[Card]:
    """Headline figures that this scheme has."""
    labels, found = HEADLINE_LABELS[stored.language], []
    for key, value in (stored.run.get("headline") or {}).items():
        if value is None or key not in registry.HEADLINES:
            continue
        about = registry.about(figures.headline_metric(key, stored))
        if about.unit == "ratio" and is_chancy(key, stored):
            continue
        told = by_unit(value, about.unit) + (" ×" if about.unit == "ratio" else "")
        found.append(Card(told, labels[key], about.definition, about.is_worse is True and value > 0, over_seeds(key, about.unit, stored)))
    return found


def lead(stored: Stored) -> str:
    """What the headline figures are of: one seed, or one beside others."""
    t = PAGE[stored.language]
    return t["headline_seeds"].format(**stored.run) if stored.run.get("intervals") else t["headline_text"]


def over_seeds(key: str, unit: str, stored: Stored) -> str:
    """A headline's mean over seeds and its interval; nothing where one seed alone has it."""
    found = (stored.run.get("intervals") or {}).get(key)
    if not found or found["low"] is None:
        return ""
    told = {name: by_unit(value, unit) for name, value in found.items()}
    return PAGE[stored.language]["over_seeds"].format(seeds=stored.run["seeds"], **told)


def is_chancy(key: str, stored: Stored) -> bool:
    """Whether a ratio of two groups rests on too few citizens or cases to be told."""
    name, group = registry.HEADLINES[key]
    pair, cases = [group, registry.REFERENCES[group]], name.removesuffix(".ratio").replace("share_ever.", "ever.")
    rows = stored.final.filter(pl.col("district") == "all", pl.col("group").is_in(pair))
    citizens = rows.filter(pl.col("metric") == "citizens")["value"].to_list()
    found = rows.filter(pl.col("metric") == cases)["value"].to_list()
    return min(citizens) < registry.SMALLEST_CELL or sum(found) < FEWEST_CASES


# --- figures ---------------------------------------------------------------------------------------


def sections(stored: Stored) -> list[Section]:
    """All figures in their order, those that do not apply last; a narrow one left alone is made wide."""
    found = sorted((section(FIGURES[name], stored) for name in ON_PAGE), key=lambda s: bool(s.none))
    narrow = [k for k, s in enumerate(found) if not s.is_wide and not s.none]
    if len(narrow) % 2:
        found[narrow[-1]] = replace(found[narrow[-1]], is_wide=True)
    return found


def section(figure: Figure, stored: Stored) -> Section:
    """One figure: picture, sentence, definitions and table; or why it does not apply."""
    definitions = [registry.METRICS[name] for name in figure.metrics]
    heading = (figure.name, figure.title(stored), figure.unit(stored))
    if not figure.applies(stored):
        return Section(*heading, Markup(), "", figure.none(stored), definitions, ([], []), False)
    data = figure.data(stored)
    sentence = figure.sentence(data, stored)
    svg = inline_svg(spec_of(figure, data, stored), figure.name, sentence)
    return Section(*heading, svg, sentence, "", definitions, figure.table(data, stored), figure.name in WIDE)


def inline_svg(spec: dict[str, Any], name: str, alt: str) -> Markup:
    """A chart as SVG within the page: light, alone with its ids, in the page's own ink, with room for wide letters."""
    svg = vl_convert.vegalite_to_svg(sized(spec, WIDER))
    body = svg[svg.index(">") + 1 :]
    size = re.search(r'viewBox="([^"]+)"', svg)
    body = re.sub(r' (?:aria-[a-z]+|role|class|pointer-events)="[^"]*"', "", body)
    body = re.sub(r'font-size="([\d.]+)px"', lambda size: f'font-size="{float(size[1]) / WIDER:g}px"', body)
    body = re.sub(r"<[^>]+>", lambda tag: re.sub(r"\d+\.\d{3,}", shorter, tag[0]), body)  # places, not texts
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", body)
    for colour, name_ in PAGE_COLOURS.items():
        body = re.sub(colour, name_, body, flags=re.IGNORECASE)
    width = size[1].split()[2] if size else "600"
    opening = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{}" role="img" aria-label="{}" style="max-width:{}px">'
    )
    return opening.format(size[1] if size else "0 0 600 300", alt, width) + Markup(body)  # noqa: S704  made by vl-convert


def shorter(number: re.Match[str]) -> str:
    """A coordinate to a hundredth of a pixel."""
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


# --- what it rests on ------------------------------------------------------------------------------


def rests(stored: Stored) -> dict[str, Any]:
    """The rulebook's articles, their grades and sources, and the population's tables."""
    articles = [
        {
            "id": key,
            "what": article.get("what", ""),
            "name": stored.named(stored.articles, key),
            "value": value_of(article),
            "unit": article.get("unit", ""),
            "source": article.get("source", ""),
            "locator": article.get("locator", ""),
            "grade": article.get("grade", ""),
            "note": article.get("note", ""),
        }
        for key, article in stored.articles.items()
    ]
    grades = Counter(article["grade"] for article in articles)
    slots = [
        {"name": stored.named(table, key), "id": key, "rate": table[key].get("rate", ""), **graded(table[key])}
        for table in (stored.documents["catalogue"][kind] for kind in ("conduct", "wishes", "alarms"))
        for key in table
    ]
    return {
        "articles": articles,
        "grades": [(grade, grades.get(grade, 0)) for grade in GRADES],
        "assumed": [article["name"] for article in articles if article["grade"] == "assumed"],
        "sources": Counter(article["source"] for article in articles).most_common(),
        "population": sorted(stored.documents["population"].get("sources", {}).items()),
        "population_source": graded(stored.documents["population"]),
        "slots": slots,
    }


def graded(entry: dict[str, Any]) -> dict[str, str]:
    return {key: str(entry.get(key, "")) for key in ("source", "locator", "grade", "note")}


def value_of(article: dict[str, Any]) -> str:
    """An article's value; switched-off ones say so."""
    value = article.get("value", "")
    told = f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    is_on = article.get("enabled", article.get("what") != "safeguard")
    return told if is_on else f"{told} (off)"
