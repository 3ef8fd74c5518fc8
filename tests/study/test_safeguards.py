"""Safeguards ranked: what they avoid is what separate worlds say, what they cost is what was decided in them."""

from __future__ import annotations

import pytest

import glasscity
from glasscity import cli
from glasscity.errors import Problems
from glasscity.rules import levers
from glasscity.rules.resolve import resolve
from glasscity.study import safeguards, worlds
from glasscity.study.safeguards import HARMS, Ranked, Ranking

BEIJING = resolve("beijing-2020")
N, DAYS, SEEDS = 4000, 56, [2, 3]


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    return safeguards.rank(BEIJING, N, DAYS, SEEDS, 2, are_paired=False)


def row(ranking: Ranking, *names: str) -> Ranked:
    return next(row for row in ranking.rows if row.levers == names)


def harm(frame) -> float:
    return sum(worlds.at_end(frame, name) or 0 for name in HARMS)


@pytest.mark.parametrize("lever", ["match_threshold", "review"])
def test_avoided__is_the_difference_between_separate_worlds(ranking, lever):
    without = [harm(worlds.lived(BEIJING, N, DAYS, seed, 1)) for seed in SEEDS]
    scheme = worlds.changed(BEIJING, levers.granted(BEIJING, lever))
    granted = [harm(worlds.lived(scheme, N, DAYS, seed, 1)) for seed in SEEDS]
    found = row(ranking, lever)
    assert found.avoided == pytest.approx((sum(without) - sum(granted)) / len(SEEDS) * 1000 / N)
    assert found.avoided > 0 and ranking.harm == pytest.approx(sum(without) / len(SEEDS) * 1000 / N)
    assert found.share == pytest.approx(found.avoided / ranking.harm)


def test_ranking__tries_each_safeguard_that_is_not_granted_and_each_two():
    assert {row.levers for row in safeguards.rank(BEIJING, 50, 7, [1], 2).rows} == set(safeguards.bundles(BEIJING, True)) - {()}
    n = len(levers.LEVERS)
    assert len(safeguards.bundles(BEIJING, True)) == 1 + n + n * (n - 1) // 2
    granted = worlds.changed(BEIJING, levers.granted(BEIJING, "notice"))
    assert "notice" not in safeguards.open_levers(granted)


def test_costs__are_what_was_decided(ranking):
    scheme = worlds.changed(BEIJING, levers.granted(BEIJING, "notice"))
    letters = [worlds.at_end(worlds.lived(scheme, N, DAYS, seed, 1), "notified") or 0 for seed in SEEDS]
    assert row(ranking, "notice").decisions == pytest.approx(sum(letters) / len(SEEDS) * 1000 / N)
    assert row(ranking, "opt_out").decisions == pytest.approx(100)  # a tenth of a thousand leave
    assert row(ranking, "error_audit").decisions == pytest.approx(1000 * 0.02 * DAYS // 7)
    for lever in ("match_threshold", "no_association", "equal_treatment", "purpose_limitation", "expiry"):
        assert row(ranking, lever).decisions == 0 and row(ranking, lever).per_decision is None


@pytest.mark.lengthy
def test_appeal__takes_notice_to_be_filed_and_thirty_days_each():
    found = safeguards.rank(BEIJING, N, DAYS, SEEDS[:1], 2)
    assert row(found, "appeal").decisions == 0  # nobody knows
    both, notice = row(found, "notice", "appeal"), row(found, "notice")
    assert both.decisions > notice.decisions
    assert both.days == pytest.approx(30 * (both.decisions - notice.decisions), rel=0.2)  # some letters are fewer once points are restored


def test_ranked__puts_the_most_harm_avoided_first_or_the_most_for_each_decision():
    def made(name: str, avoided: float, decisions: float) -> Ranked:
        return Ranked((name,), avoided, None, None, None, decisions, 0.0)

    found = Ranking(10.0, [made("a", 3, 300), made("b", 2, 10), made("c", 1, 0), made("d", 0, 0)])
    assert [row.levers[0] for row in found.ranked(1)] == ["a", "b", "c", "d"]
    assert [row.levers[0] for row in found.ranked(1, by_decision=True)] == ["c", "b", "a", "d"]


def test_leads__says_whether_seeds_settle_the_order_of_neighbours():
    """Paired by seed: b leads c in each of three, though their own intervals overlap; c and d differ by luck, d and e not at all."""
    by_seed = {"a": (9.0, 11.1, 13.2), "b": (3.0, 5.0, 7.0), "c": (2.5, 4.5, 6.4), "d": (6.4, 2.5, 4.4), "e": (6.4, 2.5, 4.4)}
    made = [Ranked((name,), sum(found) / 3, None, None, None, 0.0, 0.0, found) for name, found in by_seed.items()]
    told = Ranking(10.0, made).told(1)
    assert [row["leads"] for row in told] == [True, True, False, False, None]
    assert [[row["levers"][0] for row in run] for run in safeguards.unsettled(told)] == [["c", "d", "e"]]
    alone = Ranking(10.0, [Ranked((name,), 1.0, None, None, None, 0.0, 0.0, (1.0,)) for name in "ab"]).told(1)
    assert [row["leads"] for row in alone] == [None, None] and not safeguards.unsettled(alone)


def test_harms__can_be_others():
    found = glasscity.safeguards("rongcheng", harms="points_lost", pairs=False, citizens=1000, days=28, seeds=1)
    assert found.harm > 0 and found.about["harms"] == ["points_lost"]
    with pytest.raises(Problems, match="counts of events"):
        glasscity.safeguards("rongcheng", harms="standing", pairs=False, citizens=100, days=7, seeds=1)


def test_command__shows_what_is_avoided_and_what_it_costs(capsys):
    where = ["--citizens", "1000", "--days", "28", "--seeds", "2"]
    assert cli.perform(["safeguards", "beijing-2020", "--no-pairs", *where]) == 0
    told = capsys.readouterr().out
    assert "harmful events per 1,000 citizens" in told and "match_threshold" in told and "by rule" in told
    assert cli.perform(["safeguards", "no-scoring", "--no-pairs", "--citizens", "100", "--days", "7", "--seeds", "1"]) == 0
    assert "nothing to avoid" in capsys.readouterr().out
