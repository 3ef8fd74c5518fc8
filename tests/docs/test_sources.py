"""The pages made from the rulebooks are what the rulebooks say today."""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from makers import DOCS, maker_of


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return maker_of("make_sources")


def test_scenario_pages__say_what_the_documents_say() -> None:
    stale = [path.name for path, text in maker_of("make_scenarios").pages() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run: python docs/make_scenarios.py"


@pytest.mark.parametrize("page", ["sources.md", "mechanisms.md"])
def test_page__is_what_the_rulebooks_say(maker: ModuleType, page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == maker.PAGES[page](), "run: python docs/make_sources.py"


def test_sources__name_every_entry_of_every_rulebook_and_the_catalogue(maker: ModuleType) -> None:
    page = (DOCS / "sources.md").read_text(encoding="utf-8")
    missing = [entry.id for entry in maker.entries() if f"`{entry.id}`" not in page]
    assert not missing


def test_locators__cite_only_the_five_articles_by_number(maker: ModuleType) -> None:
    numbered = {source for entry in maker.entries() for source, _ in entry.citations if re.match(r"\d", source)}
    assert numbered == set(maker.TEXTS)


def test_assumed_rules__say_why(maker: ModuleType) -> None:
    silent = [
        f"{entry.document}.{entry.id}"
        for entry in maker.entries()
        if entry.item.grade == "assumed" and not entry.item.note and entry.document != "everyday"
    ]
    assert not silent


def test_readme__counts_the_mechanisms_that_are_modelled(maker: ModuleType) -> None:
    readme = " ".join((DOCS.parent / "README.md").read_text(encoding="utf-8").split())
    found = re.search(r"All (\d+) are modelled\.", maker.mechanisms_page())
    assert found and f"All {found[1]} mechanisms in the articles are [modelled]" in readme
