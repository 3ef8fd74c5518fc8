"""What outcome metrics are called in charts and menus, and what they count: name, unit and definition in every language.

English names, units and definitions are the registry's; the file of English holds what fills the gaps of names, and those few
labels of families that read badly with a whole name in the gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from glasscity.metrics import registry
from glasscity.rules.language import Language, gaps, language
from glasscity.rules.model import Band, Class
from glasscity.rules.resolve import Resolved

METRICS = "metrics"
DEFINITION = "definition"
ASKED_FOR = ("name", "unit", "kind", "effect")  # tables of the file that are asked for as they stand
LIKE_ITS_OUTCOME = "as the outcome"  # the unit of half-widths


def metric_names(names: Iterable[str], resolved: Resolved, lang: str, units: bool = True) -> dict[str, str]:
    """A readable name for each metric of a run's table, in en, de or nl, with its unit in brackets where the name does not say it.

    With `units` false, without it: a count and its share may then have the same name. KeyError for what no run of this scheme tells.
    """
    found = _Names(resolved, lang)
    told = {name: found.of(name) for name in names}
    return {name: with_unit(text, unit(name, lang)) for name, text in told.items()} if units else told


def family_name(name: str, lang: str) -> str:
    """The name of an entry of the registry, with dots for what differs within its family."""
    text = texts(lang).text(f"name.{name}")
    return text.format(**dict.fromkeys(gaps(text), "…"))


def with_unit(name: str, told: str) -> str:
    """'Jobs lost', but 'Jobs lost (share of citizens)'."""
    says_it = re.search(rf"\b{re.escape(told)}\b", name, re.IGNORECASE)
    return name if says_it else f"{name} ({told})"


def unit(name: str, lang: str) -> str:
    """The unit of a metric in words; KeyError if there is no such metric."""
    metric, gap = entry(name)
    if metric.unit == LIKE_ITS_OUTCOME and gap:
        return unit(gap["outcome"], lang)
    return texts(lang).text(f"unit.{metric.unit}")


def definition(name: str, lang: str) -> str:
    """What a metric counts, in a sentence or a few; of a family, of any of its metrics. KeyError if there is no such metric."""
    return texts(lang).text(f"{DEFINITION}.{entry(name)[0].name}")


def entry(name: str) -> tuple[registry.Metric, dict[str, str]]:
    """The registry's entry of a metric of one world or of two, and what fills its gaps; KeyError if there is no such metric."""
    return (registry.PAIRED[name], {}) if name in registry.PAIRED else registry.family(name)


@cache
def texts(lang: str) -> Language:
    """The texts of a language: `name.` and `definition.` and a metric or family, `unit.` and the registry's unit, and what fills gaps."""
    told = language(lang, METRICS)
    if lang == "en":
        return replace(told, texts={**english(), **told.texts})
    kept = {key: text for key, text in told.texts.items() if key.startswith(ASKED_FOR)}
    return replace(told, texts={**kept, **{f"{DEFINITION}.{key}": text for key, text in spelt(told.texts, DEFINITION).items()}})


def english() -> dict[str, str]:
    """The registry's own labels, units and definitions."""
    labels = {f"name.{key}": re.sub(r"<(\w+)>", r"{\1}", metric.label) for key, metric in registry.METRICS.items()}
    every = registry.METRICS | registry.PAIRED
    units = {f"unit.{metric.unit}": metric.unit for metric in every.values()}
    return {**labels, **units, **{f"{DEFINITION}.{key}": metric.definition for key, metric in every.items()}}


def spelt(told: Mapping[str, str], table: str) -> dict[str, str]:
    """The texts of a table by name. A name with a gap stands for one text for each member of the table that the gap names."""
    found: dict[str, str] = {}
    for name, text in ((key.partition(".")[2], text) for key, text in told.items() if key.startswith(f"{table}.")):
        if not gaps(name):
            found[name] = text
        for gap in gaps(name):
            found |= {name.format(**{gap: member}): text.format(**{gap: part}) for member, part in spelt(told, gap).items()}
    return found


class _Names:
    """Names of the metrics of one scheme in one language."""

    def __init__(self, resolved: Resolved, lang: str):
        self.texts, self.words = texts(lang), language(lang)
        self.articles, self.catalogue = resolved.rulebook.articles, resolved.catalogue

    def of(self, name: str) -> str:
        """The name of a metric, with the gaps of its family filled."""
        metric, gaps = registry.family(name)
        return self.texts.say(f"name.{metric.name}", **{gap: self.fill(metric.name, gap, value) for gap, value in gaps.items()})

    def fill(self, family: str, gap: str, value: str) -> str:
        """What stands in a gap."""
        match gap:
            case "channel":
                return self.words.name(self.articles[value].name)
            case "wish":
                return self.words.name(self.catalogue.wishes[value].name)
            case "id":
                return self.words.name(self.catalogue.conduct[value].name)
            case "letter":
                return self.step(Band if family.startswith("band.") else Class, value)
            case "points":
                return self.words.number(float(value))
            case "risk" | "outcome":
                return self.of(value)
            case "sector":
                return self.words.text(f"sector.{value}")
            case _:  # the kind of a record, the effect of a low score of a firm
                return self.texts.text(f"{gap}.{value}")

    def step(self, kind: type[Class | Band], letter: str) -> str:
        """A class or band within a name that says which it is: its bare letter, or its own name in quotes."""
        article = next((a for a in self.articles.values() if isinstance(a, kind) and a.letter == letter), None)
        if article is None:
            raise KeyError(f"no {kind.__name__.lower()} '{letter}'")
        name, prefix = self.words.name(article.name), self.words.text("who.class_prefix" if kind is Class else "who.band_prefix")
        return name.removeprefix(prefix) if name.startswith(prefix) else self.words.quoted(name)
