"""Makes docs/sources.md and docs/mechanisms.md from the rulebooks, the catalogue, the populations and the checklist.

python docs/make_sources.py            writes both pages
python docs/make_sources.py --check    exit 1 if a committed page is not what would be written
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from glasscity.rules import load
from glasscity.rules.checklist import Coverage, checklist, coverage
from glasscity.rules.model import Catalogue, Population, Rulebook

DOCS = Path(__file__).parent
MADE = "<!-- Made by docs/make_sources.py from the rulebooks; change those, not this page. -->\n"


@dataclass(frozen=True)
class Text:
    """One of the five articles, described in our words."""

    title: str
    who: str
    written: str
    stance: str
    sections: str


TEXTS = {
    "000": Text(
        title="„Social Scoring“ in China: Das Sozial-Kredit-System (German)",
        who="A German association for digital rights; its page carries a petition against state trojans",
        written="2018, looking ahead to 2020",
        stance="Critical campaigners' text. Speaks of total control, from reports and plans; little of it at first hand.",
        sections="1 opening, with the picture of a screen in Shenzhen; 2 total control; 3 life as a game; "
        "4 sanctions; 5 data protection",
    ),
    "001": Text(
        title="Niemand kann sich entziehen (German)",
        who="Felix Lee, journalist of the taz and for years its correspondent in China",
        written="2019",
        stance="Critical reporting, with interviews in Beijing and a visit to a maker of cameras; the nearest to first hand.",
        sections="1 the study app; 2 what is scored; 3 model citizens; 4 forerunners and cameras, under the same "
        "heading; 5 little resistance",
    ),
    "002": Text(
        title="Das Social Credit System: Dressur-Werkzeug für Chinas Bevölkerung (German)",
        who="The same association as 000",
        written="2018",
        stance="Critical campaigners' text about the technology. Most figures are what makers say of their own products.",
        sections="1 opening; 2 tools; 3 faces in daily life; 4 police; 5 start-ups that profit",
    ),
    "003": Text(
        title="Kommunistisches „Sozialkredit“-System in China ermöglicht totale Kontrolle (German)",
        who="A statement of the International Society for Human Rights (IGFM), on a blog",
        written="February 2022, during the Winter Olympics",
        stance="Advocacy for the persecuted; states as accomplished much that others call planned.",
        sections="paragraphs of the statement, from 1; the readers' comments are not used",
    ),
    "004": Text(
        title="China's sociale kredietsysteem als toekomstig model voor Europa? (Dutch)",
        who="The text of a video by the channel ZentralPlus, which draws on the Epoch Times; reposted",
        written="2021",
        stance="Partisan; mixes the scheme with campaigns against measures of the pandemic. Its figures are "
        "secondhand, so they are used only where another record can be set beside them or as a claim to be tested.",
        sections="1 opening, then one for each heading: 2 what it is; 3 the attempt at control; 4 all areas of "
        "life; 5 in a vacuum; 6 lists; 7 cameras; 8 firms; 9 dictatorship; 10 Germany",
    ),
}
HEAD = """# Sources

Every number in a rulebook and in the catalogue of conduct names its source, a place in it and a grade
(population files do so table by table, see [populations](populations.md)):

- **documented**: a public record or a study says so;
- **reported**: one of the five articles says so;
- **assumed**: ours; the note says why.

Most numbers are *assumed*. The articles say *that* something counts and rarely how much: an article
whose fact is reported and whose number is ours is graded by the number. Change any of them with an
overlay, `--set articles.friends.value=0`, and see what depends on it.

| document | numbers | documented | reported | assumed |
|---|---:|---:|---:|---:|
"""


@dataclass(frozen=True)
class Entry:
    """One sourced item of a document."""

    document: str
    id: str
    value: str
    item: Any

    @property
    def citations(self) -> list[tuple[str, str]]:
        """(source, place) for each source that the item names; later ones stand in the locator."""
        found, source = [], self.item.source
        for part in filter(None, re.split(r";\s*", self.item.locator)):
            named = re.match(r"(00[0-4])\b\s*(.*)", part)
            source, place = named.groups() if named else (source, part)
            found.append((source, place))
        if self.item.source not in [name for name, _ in found]:
            found.insert(0, (self.item.source, ""))
        return found


def number(value: float) -> str:
    """A number as a reader writes it."""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:g}"
    return f"{int(value):,}"


def amount(article: Any) -> str:
    """An article's value with its unit."""
    if isinstance(article.value, str):
        return article.value
    return "on" if article.unit == "1 = on" else f"{number(article.value)} {article.unit}"


def documents(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """All built-in documents of one kind."""
    for name in load.built_in_names(model):
        path = load.find(model, name)
        yield name, load.validate(model, load.read_toml(path), name)


def entries() -> list[Entry]:
    """Every sourced item of the built-in documents."""
    found = []
    for name, book in documents(Rulebook):
        for id, article in book.articles.items():
            found.append(Entry(name, id, amount(article), article))
    for name, catalogue in documents(Catalogue):
        for id, slot in {**catalogue.conduct, **catalogue.wishes, **catalogue.alarms}.items():
            found.append(Entry(name, id, f"{number(slot.rate)} a year", slot))
    return found


def row(*cells: str) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") or "–" for cell in cells) + " |"


def counts(found: list[Entry]) -> Iterator[str]:
    """How the numbers of each document are graded."""
    for document in dict.fromkeys(entry.document for entry in found):
        grades = [entry.item.grade for entry in found if entry.document == document]
        cells = [str(grades.count(grade)) for grade in ("documented", "reported", "assumed")]
        yield row(f"`{document}`", str(len(grades)), *cells)


def cited(found: Iterable[Entry], source: str) -> Iterator[str]:
    """A table of what rests on one source, or names it."""
    yield row("document", "entry", "value", "place", "grade")
    yield "|---|---|---|---|---|"
    for entry in found:
        places = [place for name, place in entry.citations if name == source]
        if places:
            place = "; ".join(filter(None, places))
            yield row(f"`{entry.document}`", f"`{entry.id}`", entry.value, place, entry.item.grade)


def text_section(found: list[Entry], source: str) -> Iterator[str]:
    """One of the five articles and all that cites it."""
    text = TEXTS[source]
    yield f"## {source} {text.title}\n"
    yield f"{text.who}. Written: {text.written}. {text.stance}\n"
    yield f"Places are counted so: {text.sections}.\n"
    yield from cited(found, source)
    yield ""


def references(found: list[Entry]) -> Iterator[str]:
    """Public records and studies."""
    yield "## Public records\n"
    yield "Not read through one of the five articles. What a note quotes from them stands with the entry.\n"
    known = {*TEXTS, "model"}
    for source in sorted({name for entry in found for name, _ in entry.citations} - known):
        yield f"### {source}\n"
        yield from cited(found, source)
        yield ""
    for name, population in documents(Population):
        yield f"### Tables of the population `{name}`\n"
        yield row("table", "where it comes from")
        yield "|---|---|"
        yield from (row(f"`{table}`", origin) for table, origin in population.sources.items())
        yield ""


def assumed(found: list[Entry]) -> Iterator[str]:
    """Everything that is ours."""
    yield "## What is assumed\n"
    yield "Every number graded *assumed*, with its reason as the file gives it.\n"
    for document in dict.fromkeys(entry.document for entry in found):
        yield f"### In `{document}`\n"
        yield row("entry", "value", "why")
        yield "|---|---|---|"
        for entry in found:
            if entry.document == document and entry.item.grade == "assumed":
                yield row(f"`{entry.id}`", entry.value, entry.item.note)
        yield ""


def sources_page() -> str:
    """docs/sources.md."""
    found = entries()
    lines = [MADE + HEAD.rstrip("\n"), *counts(found), ""]
    for source in TEXTS:
        lines += text_section(found, source)
    lines += [*references(found), *assumed(found)]
    return "\n".join(lines).rstrip() + "\n"


def covering(covered: Coverage, id: str, population: str) -> str:
    """The articles that model an id, rulebook by rulebook, and the population that it takes, if any."""
    found = [f"{name}: {', '.join(f'`{key}`' for key in keys)}" for name, keys in covered.articles[id].items()]
    return "; ".join(found + ([f"any rulebook, with `--population {population}`"] if population else []))


def modelled(number: int, total: int) -> str:
    """How many of the checklist some scenario has."""
    return f"All {total} are modelled." if number == total else f"{number} of {total} are modelled; the others are marked *not yet*."


def mechanisms_page() -> str:
    """docs/mechanisms.md."""
    known = checklist()
    covered = coverage(known)
    lines = [
        MADE.replace("rulebooks", "checklist and the rulebooks") + "# Mechanisms\n",
        "What the five articles describe, each with the place where they do, the rulebook articles that model it,",
        "and the metrics in which its effect shows; over synthetic citizens only, and none is a working sensor or",
        "register. `glasscity sources S3` tells one in full: what is said, in which numbers, the functions, the",
        "scenarios, the tests, and the changes that take it away. A test makes each of these changes and fails if one",
        "of the metrics stays what it was. The draws of everything else stay the same.",
        modelled(sum(map(bool, covered.scenarios.values())), len(known.ids)) + "\n",
    ]
    for letter, part in known.parts.items():
        lines += [f"## {part}\n", row("id", "described", "place", "articles", "shows in"), "|---|---|---|---|---|"]
        for id, item in known.ids.items():
            if id[0] == letter:
                places, metrics = "; ".join(map(str, item.sources)), ", ".join(f"`{name}`" for name in item.metrics)
                lines.append(row(id, item.title, places, covering(covered, id, item.population) or "*not yet*", metrics))
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


PAGES = {"sources.md": sources_page, "mechanisms.md": mechanisms_page}


def main() -> int:
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make()
        if "--check" in sys.argv[1:]:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"not up to date: {', '.join(stale)}; run python docs/make_sources.py")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
