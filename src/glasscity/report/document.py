"""A report as a list of sections made of a few kinds of block, written out as one HTML file or as a tagged PDF.

Whoever makes a report says what is in it; how it looks is here alone, so that both forms hold the same words and figures.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import vl_convert
from markupsafe import Markup

from glasscity.report.locale import locale
from glasscity.report.page import environment, inline_svg
from glasscity.report.specs import LOOK, Spec, sized
from glasscity.rules.language import Language

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
ROOM = {"left": 30, "right": 28, "top": 5, "bottom": 5}  # a browser's letters may be wider than those that were measured
PRINT = 1.35  # larger letters in a file, which is printed at half its size: about as large as those of tables
Rows = list[list[str]]


@dataclass(frozen=True)
class Text:
    """A paragraph; code if it is to be typed."""

    text: str
    is_code: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list; if `names` are given, each item follows its name."""

    items: list[str]
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """Headings, then rows; the first column names the row. In HTML folded away if it only repeats a picture."""

    head: list[str]
    rows: Rows
    is_wordy: bool = False
    folded: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart, with the words for those who cannot see it."""

    name: str
    svg: Markup  # for a page: in the page's own ink
    file: str  # the same as a file of its own
    alt: str


Block = Text | Bullets | Table | Picture


@dataclass(frozen=True)
class Section:
    """One section: id, title, blocks; `titled` blocks come under headings of their own, in HTML folded away but for the first."""

    name: str
    title: str
    blocks: list[Block] = field(default_factory=list)
    titled: list[tuple[str, list[Block]]] = field(default_factory=list)
    ends_page: bool = False  # in print the next section begins a page


@dataclass(frozen=True)
class Document:
    """A whole report in one language."""

    lang: str
    title: str
    badge: str
    kicker: str
    lead: str
    notice: str
    facts: list[tuple[str, str]]
    contents: str
    sections: list[Section]
    footer: str


def drawn(lang: Language, name: str, spec: Spec, alt: str) -> Picture:
    """A chart for the page and for the file, with numbers and dates as the language writes them."""
    whole = {"$schema": SCHEMA, "config": LOOK | {"padding": ROOM, "locale": locale(lang)}, "description": alt} | spec
    return Picture(name, inline_svg(whole, name, alt), vl_convert.vegalite_to_svg(sized(whole, PRINT)), alt)


def html(document: Document) -> bytes:
    """The document as one HTML file without script."""
    return environment().get_template("document.html.j2").render(d=document).encode()


# --- as PDF ----------------------------------------------------------------------------------------

PREAMBLE = """#set document(title: {title}, author: "Glass City", date: none)
#set text(lang: "{lang}", size: 10pt, font: ("Libertinus Serif", "New Computer Modern"), hyphenate: true)
#set page(paper: "a4", margin: (x: 2cm, y: 2.2cm), numbering: "1", header: text(8pt)[{badge} · {kicker}])
#set par(justify: false)
#set table(stroke: (x: none, y: 0.4pt + luma(180)), inset: 4pt)
#show table: set text(8pt)
#show table.cell.where(y: 0): strong
#show heading.where(level: 1): set block(above: 1.6em, below: 0.8em)
#title()
"""


def pdf(document: Document) -> bytes:
    """The document as a tagged PDF (PDF/UA-1): headings, tables, lists, and pictures with their words."""
    import typst

    return typst.compile(source(document).encode(), format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True)


def source(document: Document) -> str:
    """The document in Typst's language. Every text is a string literal: nothing in it is taken for markup."""
    preamble = PREAMBLE.format(title=quoted(document.title), lang=document.lang, badge=shown(document.badge), kicker=shown(document.kicker))
    parts = [preamble, paragraph(document.lead), paragraph(document.notice, "strong")]
    parts.append(table([], [[label, value] for label, value in document.facts]))
    for section in document.sections:
        parts += [f"= {shown(section.title)}\n", *(written(block) for block in section.blocks)]
        for title, blocks in section.titled:
            parts += [f"== {shown(title)}\n", *(written(block) for block in blocks)]
        if section.ends_page:
            parts.append("#pagebreak(weak: true)\n")
    return "\n".join([*parts, paragraph(document.footer)])


def written(block: Block) -> str:
    """A block in Typst's language."""
    if isinstance(block, Text):
        return f"#raw({quoted(block.text)}, block: true)\n" if block.is_code else paragraph(block.text)
    if isinstance(block, Bullets):
        named = [*(f"#strong[{shown(name)}]. " for name in block.names)] or [""] * len(block.items)
        return "#[\n#set text(9pt)\n" + "".join(f"- {name}{shown(item)}\n" for name, item in zip(named, block.items, strict=True)) + "]\n"
    if isinstance(block, Picture):
        alt = quoted(block.alt)
        return f"#figure(image(bytes({quoted(block.file)}), format: {quoted('svg')}, width: 100%, alt: {alt}), alt: {alt})\n"
    return table(block.head, block.rows, block.is_wordy)


def table(head: list[str], rows: Rows, is_wordy: bool = False) -> str:
    """A table; the first column is wide, figures stand to the right. Columns of words are as wide as what stands in them asks for."""
    n = len(head or rows[0])
    shares = [sum(len(row[k]) for row in rows) ** 0.5 for k in range(n)] if is_wordy and rows else [2] + [1] * (n - 1)
    widths = ", ".join(f"{share:.3g}fr" for share in shares)
    align = "left" if is_wordy or not head else "(x, y) => if x == 0 { left } else { right }"
    heading = "table.header(" + ", ".join(f"[{shown(cell)}]" for cell in head) + ")," if head else ""
    cells = "".join("  " + ", ".join(f"[{shown(cell)}]" for cell in row) + ",\n" for row in rows)
    return f"#table(columns: ({widths}), align: {align}, {heading}\n{cells})\n"


def paragraph(text: str, style: str = "") -> str:
    """A paragraph, in a style or none."""
    return f"#{style}[{shown(text)}]\n\n" if style else f"{shown(text)}\n\n"


def shown(text: str) -> str:
    """A text as content."""
    return f"#{quoted(text)}" if text else "#sym.zws"


def quoted(text: str) -> str:
    """A text as a string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "")
    return f'"{escaped}"'
