"""Makes docs/articles.en.md, articles.de.md and articles.nl.md: every article of the built-in rulebooks in plain words.

python docs/make_articles.py            writes the pages
python docs/make_articles.py --check    exit 1 if a committed page is not what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

from glasscity.rules import load
from glasscity.rules.language import LANGUAGES, Language, language
from glasscity.rules.model import Rulebook, Scenario
from glasscity.rules.resolve import Resolved, resolve
from glasscity.rules.words import GROUPS, describe, group_of

DOCS = Path(__file__).parent
MADE = "<!-- Made by docs/make_articles.py from the rulebooks; change those, not this page. -->"


def schemes() -> dict[str, tuple[Rulebook, Resolved]]:
    """Each built-in rulebook as it is written, with the catalogue and population of a scenario that uses it."""
    found: dict[str, tuple[Rulebook, Resolved]] = {}
    for name in load.built_in_names(Scenario):
        resolved = resolve(name)
        book = resolved.scenario.rulebook
        if book not in found:
            written = load.validate(Rulebook, load.read_toml(load.find(Rulebook, book)), book)
            found[book] = written, resolved
    return found


def told(lang: Language) -> dict[str, dict[tuple[str, str], list[str]]]:
    """Group -> (name, description) -> the rulebooks that have that article."""
    groups: dict[str, dict[tuple[str, str], list[str]]] = {group: {} for group in GROUPS}
    for book, (rulebook, resolved) in schemes().items():
        for key, article in rulebook.articles.items():
            text = describe(key, rulebook, resolved.catalogue, lang.code, resolved.population)
            groups[group_of(article)].setdefault((lang.name(article.name), text), []).append(book)
    return groups


def page(code: str) -> str:
    """docs/articles.CODE.md."""
    lang = language(code)
    lines = [MADE, f"# {lang.text('page.title')}", "", lang.text("page.intro"), ""]
    for group, articles in told(lang).items():
        lines += [f"## {lang.text(f'group.{group}')}", ""]
        lines += [f"- **{name}.** {text} ({', '.join(books)})" for (name, text), books in articles.items()]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


PAGES = {f"articles.{code}.md": code for code in LANGUAGES}


def main() -> int:
    stale = []
    for name, code in PAGES.items():
        path, text = DOCS / name, page(code)
        if "--check" in sys.argv[1:]:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"not up to date: {', '.join(stale)}; run python docs/make_articles.py")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
