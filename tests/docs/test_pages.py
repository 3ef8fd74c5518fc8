"""What the pages point at is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from glasscity.errors import Problems
from glasscity.rules import load
from glasscity.rules.model import Rulebook, Scenario
from glasscity.rules.overlay import parse
from glasscity.rules.resolve import resolve

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {page.name: page.read_text(encoding="utf-8") for page in PAGES}


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
    found = re.findall(r"--set ([a-z_.]+=[\w.]+)", TEXT[page])
    try:
        for item in found:
            resolve("beijing-2020", parse([item]))
    except Problems as error:
        pytest.fail(str(error))


def test_scenarios__are_all_described() -> None:
    missing = [name for name in load.built_in_names(Scenario) if f"\n## {name}\n" not in TEXT["scenarios.md"]]
    assert not missing


def test_scenarios__have_as_many_articles_as_the_page_says() -> None:
    told = dict(re.findall(r"`([a-z0-9-]+)`, (\d+) articles", TEXT["scenarios.md"]))
    assert told
    for name, count in told.items():
        assert len(load.read_toml(load.find(Rulebook, name))["articles"]) == int(count)


def test_citation__has_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
