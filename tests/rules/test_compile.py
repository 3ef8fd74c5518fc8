"""From articles to integers: dates, classes, lists, lotteries; and what is refused because it contradicts itself."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import scheme

from glasscity import columns as c
from glasscity.errors import Problems
from glasscity.rules.compile import Compiler, Scheme, change_days, f8, guide, is_in_force, p32
from glasscity.rules.resolve import Resolved, resolve

START = resolve("beijing-2020").scenario.start


def tables(resolved: Resolved, day: int = 0):
    """The compiled tables of a day, and the scheme."""
    compiled = Scheme(resolved.rulebook, resolved.catalogue, resolved.population, START)
    return compiled.on(day), compiled


def day(n: int) -> date:
    return START + timedelta(days=n)


@given(st.floats(0, 1))
def test_p32__is_the_nearest_threshold_halves_to_even(share):
    exact = Fraction(share) * 2**32
    assert abs(p32(share) - exact) <= Fraction(1, 2)
    assert p32(share) == round(exact)


def test_p32__keeps_within_a_chance():
    assert (p32(-0.1), p32(0.0), p32(1.0), p32(7.0)) == (0, 0, 2**32, 2**32)
    assert (f8(0.0), f8(1.0), f8(0.501953125)) == (0, 256, 128)


@given(st.lists(st.integers(1, 2**26), min_size=1, max_size=60), st.data())
def test_guide__leads_to_the_slot_of_every_draw(widths, data):
    bounds = np.cumsum(np.array(widths, np.int64))
    table = guide(bounds)
    for h in data.draw(st.lists(st.integers(0, int(bounds[-1]) - 1), max_size=20)):
        b = int(table[h >> c.GUIDE_SHIFT])
        while h >= bounds[b]:
            b += 1
        assert b == np.searchsorted(bounds, h, side="right")
        assert b == 0 or h >= bounds[b - 1], "the guide never begins too late"


def test_article__is_in_force_from_its_first_day_until_its_last():
    resolved = scheme(changes={"articles.protest.from": day(3), "articles.protest.until": day(5)})
    article = resolved.rulebook.articles["protest"]
    assert [is_in_force(article, day(n)) for n in range(2, 7)] == [False, True, True, False, False]
    others = change_days(scheme().rulebook, START, 100)
    assert change_days(resolved.rulebook, START, 100) == sorted([3, 5, *others])
    assert change_days(resolved.rulebook, START, 5) == [3]
    b = list(resolved.catalogue.conduct).index("protest")
    recorded = [int(tables(resolved, n)[0].act[b, c.ACT_RECORDED]) for n in range(2, 7)]
    assert recorded == [0, 1, 1, 0, 0]


def test_change_days__leave_out_articles_that_are_switched_off():
    changes = {"articles.protest.from": day(3), "articles.protest.enabled": False}
    assert change_days(scheme(changes=changes).rulebook, START, 100) == change_days(scheme().rulebook, START, 100)


def test_classes__are_numbered_from_the_top_over_all_articles_and_skip_those_not_in_force():
    rules, compiled = tables(scheme(changes={"articles.class_b.until": day(10)}), 20)
    assert compiled.letters == ["AAA", "AA", "A", "B", "C", "D"]
    levels = rules.p[c.P_CLASS_FROM : c.P_CLASS_FROM + 6].tolist()
    assert levels == [1300, 1150, 950, 950, 600, 0]  # nobody who is not in A reaches the level of B
    assert rules.p[c.P_SANCTIONED_CLASSES] == 1 << 5


def test_list__not_in_force_is_as_if_not_named():
    """Neither a way onto it, nor refusals, nor loss of work."""
    changes = {"articles.court_list.until": day(10), "articles.blacklist.until": day(10)}
    before, compiled = tables(scheme(changes=changes), 9)
    after, _ = tables(scheme(changes=changes), 10)
    b = compiled.acts.index("unpaid_debt")
    assert before.act[b, c.ACT_LIST] == c.COURT and after.act[b, c.ACT_LIST] == 0
    assert before.wish[:, c.WISH_REFUSE_COURT].any() and not after.wish[:, c.WISH_REFUSE_COURT].any()
    assert before.wish[:, c.WISH_REFUSE_BLACK].any() and not after.wish[:, c.WISH_REFUSE_BLACK].any()
    assert before.p[c.P_JOB_LISTS] == c.BLACK and after.p[c.P_JOB_LISTS] == 0
    assert before.p[c.P_COURT_ON] and not after.p[c.P_COURT_ON] and not after.p[c.P_BLACK_ON]


def test_refusals__of_several_articles_combine_by_the_largest():
    less = {"what": "sanction", "value": 0.3, "unit": "chance per wish", "effect": "refuse", "wish": "flight", "classes": ["C"]}
    rules, compiled = tables(scheme(articles={"flight_c_too": less}))
    q, k = compiled.wishes.index("flight"), compiled.letters.index("C")
    assert rules.wish[q, c.WISH_REFUSE + k] == p32(0.3)


def test_safeguards__change_the_numbers_they_name():
    on = {f"articles.{key}.enabled": True for key in ("equal_treatment", "match_threshold", "purpose_limitation")}
    rules, compiled = tables(scheme(changes=on))
    number = compiled.channels.index("street_camera")
    row = rules.channels[number]
    assert row[c.CH_RIGHT] == row[c.CH_RIGHT_MINORITY] == p32(0.9 * 0.9)
    assert row[c.CH_WRONG] == row[c.CH_WRONG_MINORITY] == p32(0.001)
    assert row[c.CH_TO_STATE] == 0 and rules.channels[compiled.channels.index("tax_records"), c.CH_TO_STATE] == 2**32
    assert rules.p[c.P_CAP] > 4000


def test_expiry__takes_a_week_at_least():
    changes = {"articles.expiry.enabled": True, "articles.expiry.value": 0.4}
    assert tables(scheme(changes=changes))[0].p[c.P_EXPIRY_DAYS] == 7


def test_lottery__has_the_width_of_each_bound_and_nothing_else_moves_it():
    plain, _ = tables(resolve("beijing-2020"))
    court, _ = tables(resolve("court-list"))
    assert np.array_equal(plain.act_bounds, court.act_bounds) and np.array_equal(plain.wish_bounds, court.wish_bounds)
    widths = np.diff(plain.act_bounds, prepend=0)
    slots = [*resolve("beijing-2020").catalogue.conduct.values(), *resolve("beijing-2020").catalogue.alarms.values()]
    assert widths.tolist() == [round(slot.bound / 365 * 2**32) for slot in slots]


@pytest.mark.parametrize("name", ["beijing-2020", "china", "court-list"])
def test_acceptance__is_never_above_its_bound(name):
    """The largest factors of any citizen in any state keep below the whole, up to the rounding of 1/256."""
    rules, compiled = tables(resolve(name))
    for b in range(len(compiled.catalogue.conduct)):
        groups = ((c.FACTOR_AGE, c.FACTOR_INCOME), (c.FACTOR_INCOME, c.FACTOR_DISPOSITION), (c.FACTOR_DISPOSITION, c.FACTOR_STATE))
        top = np.prod([int(rules.act_factors[b, first:last].max()) for first, last in groups])
        kind = rules.act[b, c.ACT_KIND]
        states = rules.act_factors[b, c.FACTOR_STATE : c.FACTOR_STATE + (12 if kind == c.PROSOCIAL else 16)]
        limit = (int(rules.act[b, c.ACT_ACCEPT]) * ((int(top) * int(states.max())) >> 24)) >> 8
        assert limit <= 2**32 * 1.01, compiled.acts[b]


# --- what is refused -------------------------------------------------------------------------------------------

NINE_CHANNELS = (
    "street_camera", "crossing_camera", "station_gate", "traffic_camera", "gait_camera", "distant_face", "online_monitor",
    "payments", "portal_ratings",
)  # fmt: skip
TWICE = {"what": "behaviour", "conduct": "protest", "value": -1}


@pytest.mark.parametrize(
    ("changes", "articles", "says"),
    [
        ({"articles.protest.conduct": "flying"}, {}, "articles.protest.conduct"),
        ({"articles.flight_d.classes": ["Z"]}, {}, "articles.flight_d.classes"),
        ({}, {"again": TWICE}, "articles.again.from"),
        ({"conduct.protest.rate": 0.2}, {}, "conduct.protest.bound"),
        ({"conduct.protest.bound": 400.0}, {}, "at most 0.9 a day"),
        ({"alarms.street_scan.bound": 400.0}, {}, "at most 0.9 a day"),
        ({"articles.street_camera.false_match": 0.5}, {}, "articles.street_camera.false_match"),
        ({"articles.class_d.value": 10}, {}, "articles.class_d.value"),
        ({f"articles.{key}.sees": {"tax_offence": 0.5} for key in NINE_CHANNELS}, {}, "the 12th channel"),
        ({"articles.gait_camera.scans": "street_scan", "articles.gait_camera.alarm": "protest"}, {}, "articles.gait_camera.scans"),
        ({"population.age": [0.5] * 8}, {}, "adds up to 4"),
        ({"population.enclave_share": 0}, {}, "enclave_share"),
        ({"population.circles.friends.sizes": [128] * 9}, {}, "circles.friends.sizes"),
    ],
)
def test_check__refuses_contradictions_and_says_where(changes, articles, says):
    with pytest.raises(Problems) as error:
        scheme(changes=changes, articles=articles)
    assert says in str(error.value)


def test_check__tells_all_problems_at_once():
    changes = {"articles.protest.conduct": "flying", "articles.flight_d.classes": ["Z"], "conduct.jaywalking.rate": 99.0}
    with pytest.raises(Problems) as error:
        scheme(changes=changes)
    assert len(error.value.problems) >= 3


def test_compiler__of_articles_in_turn_takes_the_one_in_force():
    first, second = {"until": day(10)}, {"what": "behaviour", "conduct": "protest", "value": -7, "from": day(10)}
    resolved = scheme(changes={"articles.protest.until": first["until"]}, articles={"protest_2": second})
    b = list(resolved.catalogue.conduct).index("protest")
    compiled = Scheme(resolved.rulebook, resolved.catalogue, resolved.population, START)
    assert [int(Compiler(compiled, day(n)).rules().act[b, c.ACT_POINTS]) for n in (9, 10)] == [-400, -7]
