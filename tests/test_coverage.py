"""Coverage is shown, not claimed: everything that the five articles describe changes an outcome when it is taken away."""

from __future__ import annotations

import ast
import importlib
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from worlds import lived

from glasscity.errors import Problems
from glasscity.metrics import registry
from glasscity.metrics.tables import metrics_frame
from glasscity.rules import load
from glasscity.rules.checklist import FILE, Checklist, checklist, coverage, is_on
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Scenario
from glasscity.rules.resolve import resolve

ROOT = Path(__file__).parent.parent
CITIZENS, DAYS, SEED = 30_000, 98, 1
KNOWN = checklist()
COVERED = coverage(KNOWN)
SCENARIOS = built_in_names(Scenario)

each_id = pytest.mark.parametrize("id", KNOWN.ids)


# --- each id has everything that shows it ----------------------------------------------------------


def test_checklist__has_all_that_the_articles_describe():
    numbers = {part: [int(id[1:]) for id in KNOWN.ids if id[0] == part] for part in KNOWN.parts}
    assert {part: len(found) for part, found in numbers.items()} == {
        "G": 8, "C": 33, "O": 25, "S": 8, "P": 15, "F": 8, "B": 5, "E": 3, "D": 4,
    }  # fmt: skip
    assert numbers["C"] == [*range(1, 25), *range(30, 39)] and numbers["P"] == [*range(1, 13), 20, 21, 22]
    assert len(KNOWN.ids) == 109


LAST = {"000": "section 5", "001": "section 5", "002": "section 5", "003": "paragraph 15", "004": "section 10"}


def test_places__lie_within_the_articles():
    """Sections are counted by headings, those of 003 by paragraphs, as docs/sources.md says."""
    for id, item in KNOWN.ids.items():
        assert len(set(item.sources)) == len(item.sources), id
        for place in item.sources:
            unit, last = LAST[place.source].split()
            assert place.locator.split()[0] == unit and int(place.locator.split()[1]) <= int(last), f"{id}: {place}"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"kind": "rumour"}, "ids.S3.kind"),
        ({"sources": []}, "ids.S3.sources"),
        ({"sources": [{"source": "005", "locator": "section 1"}]}, "ids.S3.sources.0.source"),
        ({"sources": [{"source": "000", "locator": "somewhere"}]}, "ids.S3.sources.0.locator"),
        ({"person": "somebody"}, "ids.S3.person"),
    ],
)
def test_checklist__with_a_mistake_is_refused_and_says_where(changes, path):
    data = load.read_toml(FILE)
    data["ids"]["S3"] |= changes
    with pytest.raises(Problems) as error:
        load.validate(Checklist, data, FILE.name)
    assert path in [problem.path for problem in error.value.problems]


def test_right__is_missing_where_it_is_not_granted_and_is_switched_by_granting_it():
    assert {id for id in KNOWN.ids if COVERED.articles[id] and COVERED.is_right(id)} == {"D1", "D2", "D3", "D4"}
    assert COVERED.switch("D3", KNOWN.ids["D3"], "beijing-2020") == {"articles.opt_out.enabled": True}
    assert COVERED.switch("S3", KNOWN.ids["S3"], "beijing-2020") == {"articles.friends.enabled": False}
    assert "court-list" in COVERED.scenarios["D1"] and "court-list" not in COVERED.scenarios["S3"]
    assert "no-scoring" not in {name for names in COVERED.scenarios.values() for name in names}
    granted = {f"articles.{key}.enabled": True for key in COVERED.articles["D3"]["beijing-2020"]}
    assert is_on(resolve("beijing-2020"), "D3", True) and not is_on(resolve("beijing-2020", granted), "D3", True)


def test_article__out_of_force_during_the_scenario_switches_nothing_on():
    before, after = {"articles.friends.until": date(2021, 1, 1)}, {"articles.friends.from": date(2022, 1, 1)}
    for changes in (before, after, {"articles.friends.enabled": False}):
        assert not is_on(resolve("beijing-2020", changes), "S3", False)
    assert is_on(resolve("beijing-2020", {"articles.friends.from": date(2021, 12, 31)}), "S3", False)


def test_articles__cover_nothing_that_is_not_in_the_checklist():
    unknown = {
        id for name in SCENARIOS for article in resolve(name).rulebook.articles.values() for id in article.covers
    } - set(KNOWN.ids)
    assert not unknown


@each_id
def test_id__has_an_article(id):
    assert COVERED.articles[id]


@each_id
def test_id__is_switched_on_by_a_scenario_and_shown_in_one_of_them(id):
    assert COVERED.scenarios[id]
    assert KNOWN.ids[id].shown_in in COVERED.scenarios[id]


@each_id
def test_id__names_functions_that_there_are(id):
    assert KNOWN.ids[id].functions
    for name in KNOWN.ids[id].functions:
        assert callable(named(name)), name


def named(dotted: str) -> Any:
    """What a dotted name below glasscity stands for."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["glasscity", *parts[:n]]))
        except ModuleNotFoundError:
            continue
        for part in parts[n:]:
            found = getattr(found, part, None)
        return found
    return None


@each_id
def test_id__names_metrics_of_the_registry(id):
    assert KNOWN.ids[id].metrics
    for name in KNOWN.ids[id].metrics:
        assert registry.about(name).name == name


@each_id
def test_id__names_tests_that_there_are(id):
    assert KNOWN.ids[id].tests
    for test in KNOWN.ids[id].tests:
        assert is_there(test, articles_of(id)), test


def articles_of(id: str) -> set[str]:
    """Keys of the articles that cover an id."""
    return {key for articles in COVERED.articles[id].values() for key in articles}


def is_there(test: str, articles: set[str]) -> bool:
    """Whether a node id names a test; one in brackets must be of an article that covers the id."""
    match = re.fullmatch(r"(tests/[\w/]+\.py)::(test_\w+)(?:\[(\w+)\])?", test)
    if not match:
        return False
    file, function, key = match.groups()
    return function in functions_of(file) and (key is None or (key in articles and functions_of(file)[function]))


@cache
def functions_of(file: str) -> dict[str, bool]:
    """Tests of a file, and whether each is parametrized."""
    path = ROOT / file
    nodes = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    return {
        node.name: any("parametrize" in ast.unparse(mark) for mark in node.decorator_list)
        for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }  # fmt: skip


# --- the heart: each switch changes what is said to change ------------------------------------------


@cache
def figures(scenario: str, changes: tuple[tuple[str, Any], ...], population: str | None = None) -> pl.DataFrame:
    """Metrics of a scenario, shrunk; run once for the same changes and population."""
    return metrics_frame(lived(resolve(scenario, dict(changes), population), CITIZENS, DAYS, SEED))


@cache
def without(id: str) -> pl.DataFrame:
    """The same, without what the id describes."""
    item = KNOWN.ids[id]
    switch = COVERED.switch(id, item, resolve(item.shown_in).scenario.rulebook)
    assert switch or item.population, f"{id}: nothing to switch"
    return metrics_frame(lived(resolve(item.shown_in, item.given | switch), CITIZENS, DAYS, SEED))


def values(frame: pl.DataFrame, metric: str) -> dict[tuple[Any, ...], float]:
    """Values of a metric by day, group and district; what is nought or undefined is left out."""
    rows = frame.filter((pl.col("metric") == metric) & (pl.col("value").fill_null(0) != 0))
    return {row[:3]: row[3] for row in rows.select("day", "group", "district", "value").iter_rows()}


@each_id
def test_switch__changes_every_metric_that_is_said_to_show_it(id):
    item = KNOWN.ids[id]
    assert item.shown_in and item.metrics
    whole = figures(item.shown_in, tuple(item.given.items()), item.population or None)
    for metric in item.metrics:
        assert values(whole, metric) or values(without(id), metric), f"{metric} is nought with and without it"
        assert values(whole, metric) != values(without(id), metric), f"{metric} is the same without it"


def test_switch__that_does_nothing_is_found():
    """An empty change, and a change of another article, leave a metric as it is."""
    whole = figures("beijing-2020", ())
    same = metrics_frame(lived(resolve("beijing-2020"), CITIZENS, DAYS, SEED))
    assert values(whole, "points_lost") == values(same, "points_lost") != {}
    other = metrics_frame(lived(resolve("beijing-2020", {"articles.flight_voucher.enabled": False}), CITIZENS, DAYS, SEED))
    assert values(whole, "records.street_camera.right") == values(other, "records.street_camera.right") != {}
    assert values(whole, "no_such_metric") == {}
