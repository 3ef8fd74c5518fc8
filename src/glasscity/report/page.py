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
from glasscity.report import figures
from glasscity.report.figures import FIGURES, Figure, Table
from glasscity.report.names import definition, family_name, unit
from glasscity.report.numbers import NONE, by_unit, count
from glasscity.report.places import OURS, place_of
from glasscity.report.specs import FAINT, INK, PAPER, WIDER, sized, spec_of
from glasscity.report.stored import Stored
from glasscity.rules import words
from glasscity.rules.resolve import from_documents
from glasscity.store.folder import DONE, REPORT, write_whole

ON_PAGE = ("score", "classes", "lists", "refusals", "expression", "records", "groups", "districts")
WIDE = {"score", "records", "groups", "districts"}
GRADES = ("documented", "reported", "assumed")
PAGE_COLOURS = {INK: "currentColor", FAINT: "var(--grid)", PAPER: "var(--card)"}  # follow light and dark
FEWEST_CASES = 20  # a ratio of two groups needs so many cases in both together


@dataclass(frozen=True)
class Term:
    """What one metric of a figure counts."""

    label: str
    definition: str
    unit: str
    formula: str


@dataclass(frozen=True)
class Section:
    """One figure as the page shows it."""

    name: str
    title: str
    unit: str
    svg: Markup
    sentence: str
    none: str
    definitions: list[Term]
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
    """Write the report of the run in `folder`, in en, de or nl; returns its path."""
    folder = Path(folder)
    stored = Stored.read(folder, language)
    html = environment().get_template("report.html.j2").render(
        lang=language, t=stored.texts.texts, run=stored.run, facts=facts(stored), cards=cards(stored), lead=lead(stored),
        sections=sections(stored), rests=rests(stored), cannot=cannot(stored),
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
    run, t, lang = stored.run, stored.texts.texts, stored.words
    start = date.fromisoformat(str(stored.documents["scenario"]["start"])[:10])
    last = start + timedelta(days=stored.last_day)
    found = [
        (t["citizens"], lang.number(run["citizens"])),
        (t["days"], lang.number(run["days"])),
        (t["period"], stored.say("span", first=lang.date(start), last=lang.date(last))),
        (t["seed"], str(run["seed"])),
        (t["rulebook"], stored.text("rulebook", "name")),
        (t["population"], stored.text("population", "name")),
        (t["version"], str(run.get("version", NONE))),
    ]
    if run.get("wall_s"):
        found.append((t["wall"], f"{lang.number(round(run['wall_s'], 1))} s"))
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
    labels, found = stored.table("headline"), []
    for key, value in (stored.run.get("headline") or {}).items():
        if value is None or key not in registry.HEADLINES:
            continue
        metric = figures.headline_metric(key, stored)
        about = registry.about(metric)
        if about.unit == "ratio" and is_chancy(key, stored):
            continue
        told = by_unit(value, about.unit, stored.language) + (" ×" if about.unit == "ratio" else "")
        found.append(Card(told, labels[key], definition(metric, stored.language), about.is_worse is True and value > 0, over_seeds(key, about.unit, stored)))
    return found


def lead(stored: Stored) -> str:
    """What the headline figures are of: one seed, or one beside others."""
    run = stored.run
    return stored.say("beside_seeds", seed=run["seed"], seeds=run["seeds"]) if run.get("intervals") else stored.say("one_seed")


def over_seeds(key: str, in_unit: str, stored: Stored) -> str:
    """A headline's mean over seeds and its interval; nothing where one seed alone has it."""
    found = (stored.run.get("intervals") or {}).get(key)
    if not found or found["low"] is None:
        return ""
    told = {name: by_unit(value, in_unit, stored.language) for name, value in found.items()}
    return stored.say("over_seeds", seeds=stored.run["seeds"], **told)


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
    definitions = [term(name, stored.language) for name in figure.metrics]
    heading = (figure.name, figure.title(stored), figure.unit(stored))
    if not figure.applies(stored):
        return Section(*heading, Markup(), "", figure.none(stored), definitions, ([], []), False)
    data = figure.data(stored)
    sentence = figure.sentence(data, stored)
    svg = inline_svg(spec_of(figure, data, stored), figure.name, sentence)
    return Section(*heading, svg, sentence, "", definitions, figure.table(data, stored), figure.name in WIDE)


def term(name: str, lang: str) -> Term:
    """A metric or family as a figure explains it. Formulas have English words in them, and stand in docs/metrics.md too."""
    formula = registry.METRICS[name].formula if lang == "en" else ""
    return Term(family_name(name, lang), definition(name, lang), unit(name, lang), formula)


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
    articles = list(stored.articles.values())
    grades = Counter(article.get("grade", "") for article in articles)
    population = stored.documents["population"]
    return {
        "articles": articles_table(stored) if stored.language == "en" else described(stored),
        "grades": [(grade, grade_name(grade, stored), grades.get(grade, 0)) for grade in GRADES],
        "assumed": [stored.named(stored.articles, key) for key, article in stored.articles.items() if article.get("grade") == "assumed"],
        "sources": Counter(source_of(article, stored) for article in articles).most_common(),
        "population": sorted(population.get("sources", {}).items()) if stored.language == "en" else [],
        "population_source": [told for told in (source_of(population, stored), noted(population, stored)) if told],
        "slots": slots(stored),
    }


def articles_table(stored: Stored) -> Table:
    """The articles as they stand in the rulebook, whose units, places and notes are in English."""
    rows = [
        [key, stored.named(stored.articles, key), value_of(article, stored), *(article.get(part, "") for part in ("unit", "source", "locator", "grade", "note"))]
        for key, article in stored.articles.items()
    ]
    return figures.head(stored, "id", "name", "value", "unit", "source", "locator", "grade", "note"), rows


def described(stored: Stored) -> Table:
    """The articles in words of another language, told from their values."""
    resolved, lang = from_documents(stored.documents), stored.language
    rows = [
        [key, stored.words.name(article.name), words.describe(key, resolved.rulebook, resolved.catalogue, lang, resolved.population),
         place_of(article, stored.words), grade_name(article.grade, stored)]
        for key, article in resolved.rulebook.articles.items()
    ]  # fmt: skip
    return figures.head(stored, "id", "name", "says", "source", "grade"), rows


def slots(stored: Stored) -> Table:
    """The catalogue: rates with their sources; notes where they are in the page's language."""
    tables = [stored.documents["catalogue"][kind] for kind in ("conduct", "wishes", "alarms")]
    rows = [
        [key, stored.named(table, key), stored.words.number(entry["rate"]) if "rate" in entry else "", source_of(entry, stored),
         grade_name(entry.get("grade", ""), stored), noted(entry, stored)]
        for table in tables for key, entry in table.items()
    ]  # fmt: skip
    heads = figures.head(stored, "id", "name", "value", "source", "grade", "note")
    return (heads, rows) if stored.language == "en" else (heads[:-1], [row[:-1] for row in rows])


def source_of(entry: dict[str, Any], stored: Stored) -> str:
    """A source by its title; the model and a questionnaire in words."""
    source = str(entry.get("source", ""))
    return stored.words.text(f"place.{source}") if source in OURS else source


def noted(entry: dict[str, Any], stored: Stored) -> str:
    """A note, which documents give in English alone."""
    return str(entry.get("note", "")) if stored.language == "en" else ""


def grade_name(grade: str, stored: Stored) -> str:
    return stored.words.text(f"state.{grade}") if grade in GRADES else grade


def value_of(article: dict[str, Any], stored: Stored) -> str:
    """An article's value; switched-off ones say so."""
    value = article.get("value", "")
    told = f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    is_on = article.get("enabled", article.get("what") != "safeguard")
    return told if is_on else stored.say("switched_off", value=told)


def cannot(stored: Stored) -> list[str]:
    """What the page cannot show."""
    sizes = {"smallest": count(registry.SMALLEST_CELL, stored.language), "cases": FEWEST_CASES}
    return [stored.say(f"cannot_{k}", **sizes) for k in range(1, 8)]
