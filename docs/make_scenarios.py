"""Writes into docs/scenarios/*.md and docs/scenarios.md what the documents say of each scenario; the rest is written by hand.

python docs/make_scenarios.py            writes between the marks of each page
python docs/make_scenarios.py --check    exit 1 if a committed page is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import make_scenario_pictures as pictures
import make_sources

from glasscity.rules import load
from glasscity.rules.checklist import is_ever_in_force
from glasscity.rules.model import Safeguard, Scenario
from glasscity.rules.resolve import Resolved, resolve

DOCS = Path(__file__).parent
BEGIN = "<!-- Made by docs/make_scenarios.py from the documents; change those, not this part. -->"
END = "<!-- End of what is made. -->"
GRADES = ("documented", "reported", "assumed")

# what articles are about -> their kinds
PARTS: dict[str, tuple[str, ...]] = {
    "account and classes": ("scoring", "class", "association", "cap", "composite", "retention"),
    "who has an account": ("enrolment",),
    "conduct that counts": ("behaviour",),
    "channels": ("channel", "discretion", "error_rates"),
    "private score": ("private_score", "band"),
    "records handed over": ("sharing",),
    "study app": ("study_app",),
    "lists": ("list",),
    "sanctions": ("sanction",),
    "rewards": ("reward",),
    "responses": ("response", "turnout", "approval"),
    "firms": ("firm_scoring", "firm_conduct", "firm_list", "firm_sanction"),
    "safeguards": ("safeguard",),
}
row = make_sources.row


def names() -> list[str]:
    """The built-in scenarios that have a page."""
    return [name for name in load.built_in_names(Scenario) if name in pictures.ALL]


def facts(resolved: Resolved) -> Iterator[str]:
    """What is run: documents, time and size."""
    told, population = resolved.scenario, resolved.population
    size = f"{told.citizens:,} of {population.residents:,}" if told.citizens else f"all {population.residents:,}"
    yield row("rulebook", "population", "catalogue", "from", "days", "citizens")
    yield "|---|---|---|---|---:|---:|"
    yield row(f"`{told.rulebook}`", f"`{told.population}`", f"`{told.catalogue}`", str(told.start), f"{told.days:,}", size)
    if told.set:
        yield "\nChanged for this scenario: " + ", ".join(f"`{path}`" for path in told.set) + "."


def grades(resolved: Resolved) -> Iterator[str]:
    """Articles by what they are about and by grade."""
    articles = resolved.rulebook.articles.values()
    yield row("articles", *GRADES, "all")
    yield "|---|---:|---:|---:|---:|"
    for part, kinds in {**PARTS, "**all**": sum(PARTS.values(), ())}.items():
        found: list[str] = [article.grade for article in articles if article.what in kinds]
        if found:
            yield row(part, *(str(found.count(grade)) for grade in GRADES), str(len(found)))
    on = [key for key, a in resolved.rulebook.articles.items() if isinstance(a, Safeguard) and is_ever_in_force(a, resolved.scenario)]
    if any(isinstance(article, Safeguard) for article in articles):
        yield "\nSafeguards that are on: " + (", ".join(f"`{key}`" for key in on) or "none") + "."


def known(resolved: Resolved) -> Iterator[str]:
    """Articles that are not assumed, with their values."""
    found = {key: a for key, a in resolved.rulebook.articles.items() if a.grade != "assumed"}
    if not found:
        return
    yield row("not assumed", "value", "source", "grade")
    yield "|---|---|---|---|"
    for key, article in found.items():
        place = f"{article.source}, {article.locator}" if article.locator else article.source
        yield row(f"`{key}`", value(article), place, article.grade)


def value(article: Any) -> str:
    """An article's value; a set of rates is named and not counted."""
    return article.value if isinstance(article.value, str) else make_sources.amount(article)


def block(name: str) -> str:
    """The made part of a scenario's page."""
    resolved, picture = resolve(name), pictures.ALL[name]
    ids = sorted({id for a in resolved.rulebook.articles.values() for id in a.covers}, key=lambda id: (id[0], int(id[1:])))
    lines = [f"![{picture.alt}](../images/scenarios/{name}.svg)\n", *facts(resolved), "", *grades(resolved), "", *known(resolved)]
    if ids:
        lines.append(f"\nOf the [mechanisms](../mechanisms.md): {', '.join(ids)}.")
    return "\n".join(lines).strip()


def overview() -> str:
    """The made part of docs/scenarios.md: a table of all, and one of those without a page, if there are any."""
    others = [name for name in load.built_in_names(Scenario) if name not in names()]
    told = ["\nWithout pages of their own:\n", *table(others)] if others else []
    return "\n".join([*table(names()), *told])


def table(scenarios: list[str]) -> Iterator[str]:
    """Scenarios, with a link for those that have a page."""
    yield row("scenario", "rulebook", "population", "from", "days", "in a sentence")
    yield "|---|---|---|---|---:|---|"
    for name in scenarios:
        resolved = resolve(name)
        told, population = resolved.scenario, resolved.population
        book = f"`{told.rulebook}`, {len(resolved.rulebook.articles)} articles"
        link = f"[`{name}`](scenarios/{name}.md)" if name in pictures.ALL else f"`{name}`"
        people = f"`{told.population}`, {population.residents:,}"
        yield row(link, book, people, str(told.start), f"{told.days:,}", told.summary.en)


def between(text: str, made: str, file: str) -> str:
    """A page with its made part anew."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{file}: lacks the lines {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{made}\n\n{END}{tail}"


def pages() -> Iterator[tuple[Path, str]]:
    """Every page and what it should be."""
    for path, made in [(DOCS / "scenarios.md", overview()), *((DOCS / "scenarios" / f"{n}.md", block(n)) for n in names())]:
        yield path, between(path.read_text(encoding="utf-8"), made, path.name)


def main() -> int:
    stale = []
    for path, text in pages():
        if "--check" in sys.argv[1:]:
            if path.read_text(encoding="utf-8") != text:
                stale.append(path.name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"not up to date: {', '.join(stale)}; run python docs/make_scenarios.py")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
