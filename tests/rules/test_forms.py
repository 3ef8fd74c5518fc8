"""Published forms of response, each against the published result or against brute force."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from statistics import NormalDist

import numpy as np
import pytest

from glasscity.kernels.record import shaken
from glasscity.rules import forms
from glasscity.rules.fixed import f8

GRID = [Fraction(k, 200) for k in range(201)]


def utility(action, boldness, surveillance, tolerance, severity, punishment):
    """What dissent is worth to somebody, less the punishment to be expected (Daymude, Axelrod & Forrest 2025)."""
    observed = surveillance + (1 - surveillance) * action
    size = 0 if action <= tolerance else severity * (1 if punishment == "uniform" else action - tolerance)
    return boldness * action - observed * size


PARAMETERS = list(product((1, 2, 5), (0, 1, 2), (0, 1, 3), (1, 2, 6)))


@pytest.mark.parametrize("punishment", ["uniform", "proportional"])
@pytest.mark.parametrize(("boldness", "surveillance", "tolerance", "severity"), PARAMETERS)
def test_optimal_dissent__is_the_best_of_a_fine_grid(punishment, boldness, surveillance, tolerance, severity):
    """No action on a grid of 1/200 has a higher utility, and the optimum lies within the desire."""
    b, nu, tau, psi = Fraction(boldness, 2), Fraction(surveillance, 2), Fraction(tolerance, 10), Fraction(severity, 2)
    for desire in (Fraction(1, 20), Fraction(2, 5), Fraction(1)):
        found = forms.optimal_dissent(desire, b, nu, tau, psi, punishment)
        assert 0 <= found <= desire
        best = max(utility(a, b, nu, tau, psi, punishment) for a in GRID if a <= desire)
        assert utility(found, b, nu, tau, psi, punishment) >= best


def test_optimal_dissent__has_the_three_published_regimes():
    """Within tolerance people comply; the bold defy; in between they keep some of it to themselves."""
    weak, strong = Fraction(1, 2), Fraction(5)
    assert forms.optimal_dissent(Fraction(1, 10), weak, Fraction(1, 2), Fraction(1, 5), strong) == Fraction(1, 10)
    assert forms.optimal_dissent(Fraction(1), strong, Fraction(1, 2), Fraction(0), weak) == 1
    partly = forms.optimal_dissent(Fraction(1), Fraction(3), Fraction(1, 2), Fraction(0), Fraction(3))
    assert partly == (Fraction(3) / 3 - Fraction(1, 2)) / (2 * Fraction(1, 2)) == Fraction(1, 2)
    assert forms.optimal_dissent(Fraction(1), weak, Fraction(1), Fraction(1, 5), strong) == Fraction(1, 5)


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.6, 1.0])
def test_expression_target__falls_with_risk_and_rises_with_boldness(weight):
    table = np.array(
        [[[forms.expression_target(s, b, x, weight) for x in range(8)] for b in range(8)] for s in range(16)]
    )
    assert (np.diff(table, axis=0) <= 0).all() and (np.diff(table, axis=1) >= 0).all()
    assert (table[0] == 15).all() and table.min() >= 0
    assert (table == 15).all() == (weight == 0)


def test_linear_target__is_full_without_risk_and_the_bold_give_up_half_as_much():
    assert [forms.linear_target(0, b, 1.0) for b in (0, 7)] == [15, 15]
    assert 15 - forms.linear_target(14, 0, 1.0) == 2 * (15 - forms.linear_target(14, 7, 1.0)) == 14


@pytest.mark.parametrize(("thresholds", "final"), [(list(range(100)), 100), ([0, 2, *range(2, 100)], 1)])
def test_cascade__is_granovetters(thresholds, final):
    """Thresholds 0 to 99: all 100 riot. The same crowd with the 1 replaced by a 2: one person does."""
    assert forms.cascade(thresholds) == final


@pytest.mark.parametrize(("deviation", "least", "most"), [(12.0, 0.03, 0.06), (12.5, 0.999, 1.0)])
def test_cascade__of_a_normal_crowd_jumps_at_the_published_spread(deviation, least, most):
    """Mean 25 in a hundred: up to 6 take part below a standard deviation of 12.2, nearly all above (Granovetter 1978)."""
    size = 5_000
    spread = NormalDist(0.25 * size, deviation / 100 * size)
    final = forms.cascade([spread.inv_cdf((k + 0.5) / size) for k in range(size)])
    assert least <= final / size <= most


@pytest.mark.parametrize(("second", "final"), [(2, 1), (1, 9)])
def test_cascade__is_kurans_revolution_nobody_foresaw(second, final):
    """Thresholds 0, 20, 20, 30 ... 80, 100 % of ten people: one opponent; with one 20 lowered to 10, nine (Kuran 1991)."""
    assert forms.cascade([0, second, 2, 3, 4, 5, 6, 7, 8, 10]) == final


@pytest.mark.parametrize(("meant", "conceal"), [(0.5, 4 / 5), (0.7, 2 / 3), (0.9, 0.0)])
def test_concealing_share__explains_the_gap_between_said_and_meant(meant, conceal):
    assert forms.concealing_share(0.9, meant) == pytest.approx(conceal)
    assert meant + (1 - meant) * conceal == pytest.approx(0.9)


def test_turnout__reaches_everybody_or_nobody():
    assert forms.turnout_after(20, 0.1, 0.02) == 1
    assert forms.turnout_after(20, 0.02, 0.1) == 0
    assert forms.turnout_after(20, 0.1, 0.1) == 0, "initiative that fear just cancels starts nothing"
    assert forms.turnout_after(3, 0.1, 0.0) == pytest.approx(0.3)


@pytest.mark.parametrize("d", [-0.40, -0.36, -0.28])
def test_susceptible_share__gives_the_published_effect_size(d):
    """Cohen's d of 400,000 made-up people of whom that share has lost a step: within 0.01 (pooled sd; seed 1)."""
    dice = np.random.default_rng(1)
    before = 4 + dice.binomial(7, 0.5, 400_000)
    after = 4 + dice.binomial(7, 0.5, 400_000) - (dice.random(400_000) < forms.susceptible_share(d))
    pooled = math.sqrt((before.var() + after.var()) / 2)
    expected = d * forms.MOTIVATION_SD / pooled  # losing a step by chance widens the spread a little
    assert (after.mean() - before.mean()) / pooled == pytest.approx(expected, abs=0.01)
    assert abs(expected - d) < 0.03


def test_updated_risk__raises_the_published_share_and_the_kernel_does_the_same():
    """An arrest raises perceived risk by 6.3 % (Anwar & Loughran 2011): at a prior of a half, a weight of 0.063."""
    weight = forms.weight_of(0.063, 0.5)
    assert forms.updated_risk(0.5, 1.0, weight) == pytest.approx(0.5 * 1.063)
    risk = 128
    found = int(shaken(risk, f8(weight)))
    assert found - risk == pytest.approx(0.063 * risk, abs=1.5), "weight and risk are both rounded down to whole steps"


@pytest.mark.parametrize("prior", [0.1, 0.5, 0.9])
def test_updated_risk__parts_the_arrested_from_the_others_by_the_weight(prior):
    """Whatever people believed before: the second reading of the figure."""
    assert forms.updated_risk(prior, 1.0, 0.063) - forms.updated_risk(prior, 0.0, 0.063) == pytest.approx(0.063)


@pytest.mark.parametrize(("base", "weight"), [(0.9, 0.0), (0.9, 0.5), (0.6, 0.5), (0.4, 0.7), (1.0, 1.0), (0.9, 1.0)])
def test_silence__iterates_to_its_fixed_point(base, weight):
    e = 1.0
    for _ in range(2000):
        e = max(0.0, base - weight * (1 - e))
    assert forms.silence_fixed_point(base, weight) == pytest.approx(e, abs=1e-6)


def test_silence__correlates_expression_and_climate_as_the_meta_analysis_finds():
    """r = 0.10 (Matthes, Knoll & von Sikorski 2018): the weight at which districts' climates give it, by simulation.

    Expression = base - weight (1 - climate) + what else varies (sd 0.3), climates of sd 0.1; bound 0.01, seed 2.
    """
    weight = forms.weight_for_correlation(0.10, 0.3, 0.1)
    dice = np.random.default_rng(2)
    climate, rest = dice.normal(0.7, 0.1, 400_000), dice.normal(0, 0.3, 400_000)
    expression = 0.9 - weight * (1 - climate) + rest
    assert np.corrcoef(climate, expression)[0, 1] == pytest.approx(0.10, abs=0.01)
