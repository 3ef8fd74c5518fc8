"""What the pages point at is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from glasscity.errors import Problems
from glasscity.rules import load
from glasscity.rules.model import Scenario
from glasscity.rules.overlay import parse
from glasscity.rules.resolve import resolve

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/scenarios").glob("*.md"))]
TEXT = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
SCENARIOS = [page.stem for page in PAGES if page.parent == ROOT / "docs/scenarios"]


@pytest.mark.parametrize("page", TEXT)
def test_page__names_tests_that_exist(page: str) -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", TEXT[page])) - {"test_score__unlisted_citizen_keeps_points"}
    assert not {name for name in named if f"def {name}(" not in sources}


@pytest.mark.parametrize("page", TEXT)
def test_page__names_files_that_exist(page: str) -> None:
    named = set(re.findall(r"(?<![\w/.])((?:src|tests|docs|benchmarks)/[\w./-]*\w/?)", TEXT[page]))
    missing = {name for name in named if not (ROOT / name).exists() and not name.startswith("docs/_build")}
    assert not missing


@pytest.mark.parametrize("page", TEXT)
def test_page__names_commands_that_exist(page: str) -> None:
    from glasscity.cli import app

    commands = {command.callback.__name__ for command in app.registered_commands if command.callback}
    named = set(re.findall(r"(?:^\s*(?:\$ )?(?:\.venv/bin/)?|`)glasscity ([a-z]+)", TEXT[page], re.MULTILINE))
    assert named <= commands


@pytest.mark.parametrize("page", TEXT)
def test_page__shows_overlays_that_work(page: str) -> None:
    """Each change is one of the scenario that its command runs; of beijing-2020 where it stands alone."""
    found = [
        (re.findall(r"glasscity (?:run|sweep|compare) ([a-z0-9-]+)", line) or ["beijing-2020"], items)
        for line in TEXT[page].splitlines()
        if (items := re.findall(r"--set ([a-z0-9_.]+=[\w.]+)", line))
    ]
    try:
        for [named, *_], items in found:
            resolve(named, parse(items))
    except Problems as error:
        pytest.fail(str(error))


def test_scenarios__have_a_page_each_unless_they_serve_a_published_figure() -> None:
    figures = (ROOT / "src/glasscity/data/figures.toml").read_text(encoding="utf-8")
    others = set(load.built_in_names(Scenario)) - set(SCENARIOS)
    assert not {name for name in others if f'scenario = "{name}"' not in figures}
    assert set(SCENARIOS) <= set(load.built_in_names(Scenario))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario__has_a_page_with_its_picture_and_how_to_run_it(scenario: str) -> None:
    text = TEXT[f"{scenario}.md"]
    for part in ("## Sources", "## What is assumed", "## Held against", "## Running and varying it"):
        assert f"\n{part}\n" in text
    assert f"glasscity run {scenario}\n" in text
    [(told, picture)] = re.findall(r"!\[([^]]*)\]\(\.\./([^)]*)\)", text)
    assert len(told) > 60 and picture == f"images/scenarios/{scenario}.svg"
    assert 1000 < (ROOT / "docs" / picture).stat().st_size < 60_000
    assert f"\nscenarios/{scenario}\n" in TEXT["scenarios.md"]


def test_citation__has_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
