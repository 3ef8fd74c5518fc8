"""Shares of mechanisms: known games, orders, and worlds lived one by one."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

import glasscity
from glasscity import cli
from glasscity.errors import Problems
from glasscity.rules import levers
from glasscity.rules.resolve import resolve
from glasscity.study import shapley, worlds
from glasscity.study.worlds import changed

BEIJING = resolve("beijing-2020")


def gloves(at_work: frozenset[str]) -> float:
    """Shapley's market: one has a left glove, two have a right one; a pair is worth 1."""
    return float("left" in at_work and len(at_work) > 1)


def airport(at_work: frozenset[str]) -> float:
    """Littlechild & Owen (1973): a runway costs what the longest plane needs."""
    return max(({"a": 1.0, "b": 2.0, "c": 4.0}[name] for name in at_work), default=0.0)


@pytest.mark.parametrize(
    ("game", "shares"),
    [
        (gloves, {"left": 2 / 3, "one": 1 / 6, "other": 1 / 6}),
        (airport, {"a": 1 / 3, "b": 1 / 3 + 1 / 2, "c": 1 / 3 + 1 / 2 + 2}),
        (lambda some: 3.0 * len(some), {"x": 3.0, "y": 3.0, "z": 3.0, "w": 3.0}),
    ],
)
def test_shares__are_those_published_for_known_games(game, shares):
    assert shapley.exact_shares(list(shares), game) == pytest.approx(shares)


def test_samples__over_all_orders_are_the_exact_shares():
    names = ["a", "b", "c"]
    found = shapley.sampled_shares([list(order) for order in permutations(names)], airport)
    assert {name: sample.mean() for name, sample in found.items()} == pytest.approx(shapley.exact_shares(names, airport))


def test_samples__add_up_in_every_order():
    orders = shapley.random_orders(["a", "b", "c"], 40, 1)
    found = shapley.sampled_shares(orders, airport)
    assert np.sum(list(found.values()), axis=0) == pytest.approx(np.full(40, airport(frozenset("abc"))))
    assert len({tuple(order) for order in orders}) == 6


NAMES = ("sensor_error", "informers")
SIZE = {"citizens": 3000, "days": 42}


def test_shares__of_two_mechanisms_are_half_of_what_four_worlds_say():
    """By hand from four separate worlds: (v(a) - v() + v(ab) - v(b)) / 2."""
    found = shapley.attribute(BEIJING, "misattribution", NAMES, **SIZE, seeds=[7], threads=2)

    def value(*gone: str) -> float:
        scheme = BEIJING
        for name in gone:
            scheme = changed(scheme, levers.without(BEIJING, name))
        value = worlds.at_end(worlds.lived(scheme, *SIZE.values(), 7, 1), "misattribution")
        assert value is not None
        return value

    a, b = NAMES
    by_hand = (value(b) - value(a, b) + value() - value(a)) / 2
    assert {share.name: share.value for share in found.shares}[a] == pytest.approx(by_hand)
    assert (found.whole, found.rest, found.worlds, found.is_exact) == (pytest.approx(value()), pytest.approx(value(*NAMES)), 4, True)


def test_shares__add_up_to_the_total():
    found = glasscity.attribute("beijing-2020", "share_ever.misnamed", citizens=2000, days=28, seeds=2)
    assert found.worlds == 2 * 2 ** len(found.shares)
    assert sum(share.value for share in found.shares) == pytest.approx(found.whole - found.rest, abs=1e-12)
    assert found.whole - found.rest > 0.01
    assert found.shares[0].name == "sensor_error"


@pytest.mark.lengthy
def test_shares__of_many_mechanisms_are_sampled_and_add_up_all_the_same():
    names = [key for key, a in BEIJING.rulebook.articles.items() if a.what == "channel" and a.enabled][:9]
    found = shapley.attribute(BEIJING, "records", names, 300, 14, [1, 2], 2, orders=6)
    assert not found.is_exact and found.worlds <= shapley.work(9, 2, 6)
    assert sum(share.value for share in found.shares) == pytest.approx(found.whole - found.rest)
    assert all(share.low <= share.value <= share.high for share in found.shares)


WRONG = {
    "no such metric": (["happiness"], "a metric of a run"),
    "a metric that the scheme has not": (["firms_listed_share"], "a metric that every world has"),
    "no such group": (["records", "--group", "cats"], "one of all, minority"),
    "no such mechanism": (["records", "--among", "friendz"], "friends"),
    "one order": (["records", "--orders", "1"], "2 to 10000"),
}


@pytest.mark.parametrize("case", WRONG)
def test_command__says_what_is_wrong(case, capsys):
    arguments, said = WRONG[case]
    scenario = "rongcheng" if "firms_listed_share" in arguments else "beijing-2020"
    assert cli.perform(["attribute", scenario, *arguments, "--citizens", "50", "--days", "7", "--seeds", "1"]) == 2
    assert said in capsys.readouterr().err


def test_command__shows_the_shares_and_their_sum(capsys):
    assert cli.perform(["attribute", "court-list", "records", "--citizens", "500", "--days", "14", "--seeds", "2"]) == 0
    told = capsys.readouterr().out
    assert "together" in told and "the scheme as it is" in told and "sensor_error" in told


def test_scheme__without_a_mechanism_to_share_among_is_refused():
    with pytest.raises(Problems, match="a mechanism that does harm"):
        glasscity.attribute("no-scoring", "records", citizens=50, days=7, seeds=1)
