"""Robustness: what is varied, how it is told apart from chance, and that nothing else differs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from glasscity import jobs
from glasscity.errors import Problems
from glasscity.jobs import proposals
from glasscity.rules.resolve import resolve
from glasscity.study import robust
from glasscity.study.robust import Parameter, Row, Table

NAMES = resolve("court-list").rulebook.name


@pytest.fixture(scope="module")
def table() -> Table:
    with ThreadPoolExecutor(2) as pool:
        return robust.robustness(resolve("court-list"), 3000, 100, 1, pool)


def test_parameters__are_the_assumed_ones_and_no_others():
    resolved = resolve("court-list")
    paths = {parameter.path for parameter in robust.parameters(resolved)}
    for key, article in resolved.rulebook.articles.items():
        is_varied = article.grade == "assumed" and article.enabled and bool(article.value)
        assert (f"articles.{key}.value" in paths) == is_varied, key
    assert "conduct.unpaid_debt.rate" in paths and "wishes.flight.rate" in paths


@pytest.mark.parametrize(
    ("value", "origin", "expected"),
    [(0.3, 0, (0.15, 0.6)), (0.8, 0, (0.4, 1.0)), (-20, 0, (-10, -40)), (950, 1000, (975, 900)), (104, 0, (52, 208))],
)
def test_scaled__keeps_shares_within_one_and_counts_limits_from_the_start(value, origin, expected):
    assert robust.scaled(value, origin) == expected


@pytest.mark.lengthy
def test_table__finds_what_moves_the_list_and_leaves_the_rest_alone(table):
    """Twice the coverage of the court's records means more people listed; how many posts are written moves no list."""
    [records] = [row for row in table.rows if row.parameter.path == "articles.court_records.value"]
    half, double = records.moves(table.base, "sanctioned_share")
    assert half is not None and double is not None and half <= 0 < double
    assert records in table.ranked("sanctioned_share")
    [posts] = [row for row in table.rows if row.parameter.path == "wishes.post.rate"]
    assert posts not in table.ranked("sanctioned_share")


def test_table__says_why_there_is_no_such_world(table):
    [scan] = [row for row in table.rows if row.parameter.path == "alarms.street_scan.rate"]
    assert isinstance(scan.doubled, str) and "400" in scan.doubled and scan.moves(table.base, "innocent_risk")[1] is None


def test_row__within_two_standard_deviations_between_seeds_is_within_chance():
    parameter = Parameter("articles.x.value", NAMES, 1.0, {}, {})
    made = Table("x", {"innocent_risk": 0.10}, {"innocent_risk": 0.02}, [])
    assert not made.is_beyond_chance(Row(parameter, {"innocent_risk": 0.07}, {"innocent_risk": 0.13}), "innocent_risk")
    assert made.is_beyond_chance(Row(parameter, {"innocent_risk": 0.10}, {"innocent_risk": 0.15}), "innocent_risk")


def test_job__refuses_sizes_out_of_range_and_says_which():
    with pytest.raises(Problems, match="--citizens"):
        jobs.robustness("court-list", citizens=0)
    with pytest.raises(Problems, match="no_such_scheme"):
        jobs.robustness("no_such_scheme")


@pytest.mark.lengthy
def test_plain__is_the_whole_table(table):
    plain = table.plain
    assert len(plain["parameters"]) == len(table.rows) and set(plain["base"]) == set(table.base)


EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.mark.parametrize("name", ["court-debtors", "bonus-card", "benefits-risk"])
def test_room__is_made_for_numbers_of_a_proposed_scheme(name):
    """A catalogue whose bounds nearly fill the day's lottery: some are doubled, and the scheme stays possible."""
    scheme = proposals.scheme_of(proposals.read_answers(EXAMPLES / f"{name}.answers.toml"), name)
    room = robust.roomy(scheme)
    slots = {f"{root}.{key}.bound" for root, table in robust.slots_of(scheme).items() for key in table}
    assert len(slots) / 2 < len(room) < len(slots)
    found = robust.headlines(robust.packed(scheme), room, 200, 2, 1)
    assert isinstance(found, dict), found


def test_robustness__of_a_scheme_that_cannot_be_varied_says_why(monkeypatch):
    monkeypatch.setattr(robust, "roomy", lambda _: {"conduct.unpaid_debt.bound": 400.0})
    with ThreadPoolExecutor(1) as pool, pytest.raises(Problems, match=r"at most 0\.9 a day"):
        robust.robustness(resolve("court-list"), 100, 1, 1, pool)
