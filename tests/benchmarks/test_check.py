"""`benchmarks/run.py --check`: what its ratios are of, and when it says no."""

from __future__ import annotations

import check
import pytest


def test_recorded__is_compared_by_the_best_of_each():
    now = [{"what": "days", "best": 3.0, "worst": 9.0}, {"what": "new", "best": 1.0, "worst": 1.0}]
    before = [{"what": "days", "best": 2.0, "worst": 2.1}, {"what": "gone", "best": 5.0, "worst": 5.0}]
    [compared] = check.with_recorded(now, before)
    assert (compared.what, compared.ratio) == ("days", 1.5)


def test_pairs__are_compared_within_each_round():
    """The machine is eight times slower in the last round; that is nobody's fault."""
    rounds = [{"what": "days", "this": 2.2, "earlier": 2.0}, {"what": "days", "this": 1.0, "earlier": 1.0}, {"what": "days", "this": 8.4, "earlier": 8.0}]
    [compared] = check.in_pairs(rounds)
    assert compared.ratios == pytest.approx([1.1, 1.0, 1.05])
    assert (compared.ratio, compared.best) == pytest.approx((1.0, 1.0))


def test_pairs__are_slower_only_if_median_and_best_rounds_agree():
    disturbed = [{"what": "days", "this": now, "earlier": before} for now, before in ((2.0, 2.0), (3.0, 2.1), (2.6, 2.0))]
    slower = [{"what": "days", "this": now, "earlier": before} for now, before in ((2.6, 2.0), (3.0, 2.1), (2.0, 2.0), (2.6, 2.0))]
    [once], [twice] = check.in_pairs(disturbed), check.in_pairs([row for row in slower if row["this"] > 2.0])
    assert max(once.ratios) > 1.4 and once.ratio == 1.0 and not once.is_slower(1.2)
    assert twice.ratio == pytest.approx(1.3) and twice.is_slower(1.2)


def test_pairs__of_several_quantities_are_kept_apart():
    rounds = [{"what": what, "this": now, "earlier": 2.0} for now in (2.0, 4.0, 6.0) for what in ("days", "set-up")]
    assert {one.what: (one.ratios, one.best) for one in check.in_pairs(rounds)} == {what: ([1.0, 2.0, 3.0], 1.0) for what in ("days", "set-up")}


@pytest.mark.parametrize(
    ("ratios", "code"),
    [
        ([[1.0]], check.FINE),
        ([[1.2]], check.FINE),
        ([[1.21]], check.SLOWER),
        ([[0.5], [1.3]], check.SLOWER),
        ([[1.0, 9.0, 1.1]], check.FINE),  # one bad round of three
        ([[1.0, 1.3, 1.4]], check.SLOWER),
        ([], check.NO_VERDICT),
        ([[float("nan")]], check.NO_VERDICT),
    ],
)
def test_verdict__is_by_the_median_beyond_the_bound(ratios, code):
    compared = [check.Compared(f"quantity {k}", found, best=9.0) for k, found in enumerate(ratios)]
    assert check.verdict(compared, 1.2) == code


def test_words__name_what_is_slower():
    compared = [check.Compared("days", [1.3, 1.5, 1.4], 1.35), check.Compared("set-up", [1.0], 1.0)]
    lines = check.told(compared, 1.2).splitlines()
    assert "1.40 times (1.30 .. 1.50), the best rounds 1.35" in lines[0] and lines[0].endswith("SLOWER")
    assert not lines[1].endswith("SLOWER")
    assert lines[2] == "more than 1.2 times: days"
    assert check.told(compared, 1.5).splitlines()[-1] == "nothing takes more than 1.5 times as long"
