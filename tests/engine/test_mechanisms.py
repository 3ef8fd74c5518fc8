"""Enrolment, sharing, private score, composite, app, discretion, firms, fate, minds: each against its closed form.

Seeds are fixed; bounds are five standard errors unless a test says otherwise.
"""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest
from worlds import SIGMAS, City, assert_binomial, bare, column, lived

from glasscity import columns as c
from glasscity.kernels import crowd
from glasscity.metrics import people
from glasscity.rules.resolve import resolve

CITIZENS = 20_000
START = resolve("beijing-2020").scenario.start
ACT: dict[str, Any] = {"what": "behaviour", "conduct": "jaywalking", "value": -20}
CAMERA: dict[str, Any] = {"what": "channel", "value": 1.0, "sees": {"jaywalking": 1.0}}
FLIGHTS: dict[str, Any] = {
    "rate": 73.0, "bound": 73.0, "age": [1.0] * 8, "occupation": [1.0] * 8, "income": [1.0] * 5, "disposition": "none",
}  # fmt: skip


def flows(city: City) -> np.ndarray:
    """All tallies of the citizens, summed over groups and districts."""
    return city.team.total("tally").sum(axis=(0, 1))


def stocks(city: City) -> np.ndarray:
    """The last reading's stocks, summed over districts."""
    return city.readings[-1].stocks_by_district.sum(axis=0)


def dispositions(city: City) -> dict[str, np.ndarray]:
    found = people.dispositions(city, city.layout.slots_of(np.arange(city.layout.citizens)))
    return {name: series.to_numpy().astype(int) for name, series in found.items()}


def flying(**more: Any) -> dict[str, Any]:
    return {f"wishes.flight.{key}": value for key, value in FLIGHTS.items()} | more


# --- enrolment -----------------------------------------------------------------------------------------


def enrolment(value: float, **more: Any) -> dict[str, Any]:
    return {"what": "enrolment", "value": value, "mode": "voluntary"} | more


def test_enrolment__only_records_of_those_with_an_account_count():
    city = lived(bare({"act": ACT, "camera": CAMERA, "enrol": enrolment(0.3)}, jaywalking=36.5), CITIZENS, 28, 1)
    found = flows(city)
    records, void = found[c.F_RECORDS], found[c.F_OUTSIDE]
    assert records + void == found[c.F_VIOLATIONS]
    assert_binomial(stocks(city)[c.K_ENROLLED], CITIZENS, 0.3, "enrolled")
    share = stocks(city)[c.K_ENROLLED] / CITIZENS
    assert abs(records / (records + void) - share) < 0.02


def test_enrolment__leans_towards_those_who_trust():
    city = lived(bare({"act": ACT, "camera": CAMERA, "enrol": enrolment(0.4, leaning=0.8)}, jaywalking=180.0), CITIZENS, 28, 2)
    moved = column(city, "own") < 1000
    trust = dispositions(city)["trust"]
    missed = (1 - 180 / 365) ** 28  # enrolled, but nothing recorded
    for x in range(1, 7):
        p = 0.4 * (1 + 0.8 * (x - 3.5) / 3.5) * (1 - missed)
        assert_binomial(moved[trust == x].sum(), int((trust == x).sum()), p, f"trust {x}")


def test_enrolment__grows_by_newcomers_alone():
    """Whoever has an account at 20 % has it at 60 %."""
    worlds = [
        lived(bare({"act": ACT, "camera": CAMERA, "enrol": enrolment(v)}, jaywalking=180.0), 3000, 28, 3) for v in (0.2, 0.6)
    ]  # fmt: skip
    few, many = (set(np.flatnonzero(column(city, "own") < 1000)) for city in worlds)
    assert few < many


def test_enrolment__in_pilot_neighbourhoods_of_named_districts_only():
    """Two in three neighbourhoods of one district; the other districts have no scheme."""
    [first, *others] = resolve("beijing-2020").population.districts
    article = enrolment(1.0, places=0.6, districts=[others[0], others[2]])
    city = lived(bare({"act": ACT, "camera": CAMERA, "enrol": article}, jaywalking=180.0), 300_000, 14, 4)
    moved = np.split(column(city, "own") < 1000, np.cumsum(city.layout.sizes)[:-1])
    touched = [d for d, part in enumerate(moved) if part.any()]
    assert set(touched) <= {1, 3}
    for d in touched:
        pages = [part.mean() for part in np.split(moved[d], range(c.PAGE, len(moved[d]), c.PAGE))]
        assert {share > 0.9 for share in pages} <= {True, False} and all(share == 0 or share > 0.9 for share in pages)


def test_outside__those_without_an_account_are_refused_by_their_own_chance():
    refusal = {
        "what": "sanction", "value": 0.25, "unit": "chance per wish", "effect": "refuse", "wish": "flight", "outside": True,
    }  # fmt: skip
    scheme = bare({"enrol": enrolment(0.5), "no": refusal}, flying())
    city = lived(scheme, CITIZENS, 28, 5)
    share = 1 - stocks(city)[c.K_ENROLLED] / CITIZENS
    found = flows(city)
    assert_binomial(found[c.F_REFUSED], int(found[c.F_ASKED]), 0.25 * share, "refused")


# --- sharing and the private score ------------------------------------------------------------------------

SCORE: dict[str, Any] = {"what": "private_score", "value": 600, "floor": 350, "ceiling": 950, "step": 5}
PRIVATE: dict[str, Any] = {"what": "behaviour", "conduct": "jaywalking", "value": -10, "scorer": "private"}


def test_sharing__hands_over_its_share_of_a_private_channels_records():
    sharing = {"what": "sharing", "value": 0.4, "channels": ["camera"]}
    articles = {"act": ACT, "camera": CAMERA | {"holder": "private"}, "sharing": sharing, "score": SCORE, "private": PRIVATE}
    city = lived(bare(articles, jaywalking=36.5), CITIZENS, 28, 6)
    found = flows(city)
    assert_binomial(found[c.F_RECORDS], int(found[c.F_VIOLATIONS]), 0.4, "records that reach the state")
    assert found[c.F_HANDED_OVER] == found[c.F_RECORDS]


def test_sharing__begins_on_its_date_and_nothing_is_shared_before():
    sharing = {"what": "sharing", "value": 1.0, "channels": ["camera"], "from": START + timedelta(days=14)}
    articles = {"act": ACT, "camera": CAMERA | {"holder": "private"}, "sharing": sharing}
    city = lived(bare(articles, jaywalking=36.5), 5000, 28, 7)
    by_week = [reading.flows_by_district[:, c.F_RECORDS].sum() for reading in city.readings]
    assert by_week[0] == by_week[1] == 0 < by_week[2] < by_week[3]


def test_private_score__moves_by_steps_for_users_and_leaves_the_states_account_alone():
    articles = {"act": ACT, "camera": CAMERA | {"holder": "private"}, "score": SCORE | {"users": 0.5}, "private": PRIVATE}
    city = lived(bare(articles, jaywalking=36.5), CITIZENS, 28, 8, watch=range(CITIZENS))
    online = column(city, "traits") >> c.ONLINE_SHIFT & 3 > 0
    moved = column(city, "private") != 50
    assert not moved[~online].any() and (column(city, "own") == 1000).all()
    assert_binomial(stocks(city)[c.K_USERS], int(online.sum()), 0.5, "users")
    found = flows(city)
    assert found[c.F_PRIVATE_LOST] == 2 * (50 - column(city, "private").astype(int)).sum() / 2
    expected = found[c.F_VIOLATIONS] * stocks(city)[c.K_USERS] / CITIZENS * 2
    assert abs(found[c.F_PRIVATE_LOST] - expected) < 0.03 * expected


def test_bands__refuse_by_the_score_with_friends_worked_out_by_hand():
    """Bands and private standings recomputed from the state, circle by circle."""
    bands = {f"band_{value}": {"what": "band", "value": value, "letter": f"B{value}"} for value in (350, 550, 600)}
    articles = {
        "act": ACT, "camera": CAMERA | {"holder": "private"}, "private": PRIVATE,
        "score": SCORE | {"friends": 0.2}, **bands,
    }  # fmt: skip
    city = lived(bare(articles, jaywalking=25.0), 3000, 28, 9)
    online = column(city, "traits") >> c.ONLINE_SHIFT & 3 > 0
    private = np.split(column(city, "private").astype(int), np.cumsum(city.layout.sizes)[:-1])
    sizes = city.resolved.population.circles.friends.sizes
    counted = {"B350": 0, "B550": 0, "B600": 0}
    for d, part in enumerate(np.split(online, np.cumsum(city.layout.sizes)[:-1])):
        first, k = 0, 0
        while first < len(part):
            size = min(sizes[k % len(sizes)], len(part) - first)
            offsets = private[d][first : first + size] - 50
            for j in range(size):
                rest = 200 * (offsets.sum() - offsets[j])
                friends = 0 if size < 2 else int(math.copysign((2 * abs(rest) + 1000 * (size - 1)) // (2000 * (size - 1)), rest))
                points = 350 + 5 * min(max(50 + offsets[j] + friends, 0), 120)
                if part[first + j]:
                    counted["B600" if points >= 600 else "B550" if points >= 550 else "B350"] += 1
            first, k = first + size, k + 1
    found = stocks(city)
    assert {x: int(found[c.K_BAND + i]) for i, x in enumerate(city.scheme.bands)} == counted
    assert min(counted.values()) > 0


# --- composite, discretion, retention, rates, secrecy -------------------------------------------------------


def standings(city: City) -> np.ndarray:
    return people.citizens_frame(city, np.arange(city.layout.citizens))["standing"].to_numpy()


def test_composite__adds_uniform_noise_and_secret_weights_until_it_is_computed_anew():
    composite = {"what": "composite", "value": 20, "period": 2, "income": [-30, -10, 0, 10, 30]}
    city = lived(bare({"formula": composite}), CITIZENS, 7, 10)
    income = (column(city, "traits") >> c.INCOME_SHIFT & 7).astype(int)
    noise = standings(city) - 1000 - np.array([-30, -10, 0, 10, 30])[income]
    for k in range(-20, 21):
        assert_binomial((noise == k).sum(), CITIZENS, 1 / 41, f"noise {k}")
    before = standings(city)
    for _ in range(7):
        city.live()
    assert np.array_equal(standings(city), before), "the period is two weeks"
    city.live()
    assert (standings(city) != before).mean() > 0.9


def test_discretion__multiplies_by_neighbourhood_within_its_spread():
    articles = {"act": ACT | {"value": -100}, "camera": CAMERA, "local": {"what": "discretion", "value": 0.5, "channels": ["camera"]}}
    city = lived(bare(articles, jaywalking=60.0), 200_000, 7, 11)
    by_page: list[int] = []
    for part in city.layout.parts(city.world.own):
        for page in np.split(part, range(c.PAGE, len(part), c.PAGE)):
            single = 1000 - page[(page < 1000) & (page > 840)].max()
            by_page.append(int(single))
    assert 50 <= min(by_page) < 70 and 130 < max(by_page) <= 150
    spread = 100 * 0.5 * math.sqrt(1 / 3)
    assert abs(np.mean(by_page) - 100) < SIGMAS * spread / math.sqrt(len(by_page))


def test_retention__fades_points_and_never_does_not():
    worlds = []
    for days in (0, 70):
        articles = {"act": ACT, "camera": CAMERA, "kept": {"what": "retention", "value": days}}
        city = lived(bare(articles, jaywalking=36.5), 5000, 0, 12)
        city.world.own[:] = 500
        for _ in range(7):
            city.live()
        worlds.append(column(city, "own").astype(int))
    kept, fading = worlds
    assert np.mean(fading - kept) == pytest.approx((1000 - kept.mean()) / 10, rel=0.02)


@pytest.mark.parametrize(("rates", "right"), [("measured", 0.5), ("claimed", 0.99)])
def test_error_rates__are_the_measured_or_the_claimed(rates, right):
    claimed = {"true_match": 0.99, "source": "002"}
    camera = CAMERA | {"true_match": 0.5, "wrong_match": 0.3, "claimed": claimed}
    city = lived(bare({"act": ACT, "camera": camera, "set": {"what": "error_rates", "value": rates}}, jaywalking=36.5), CITIZENS, 28, 13)
    found = flows(city)
    assert_binomial(found[c.F_RECORDS], int(found[c.F_VIOLATIONS]), right, "right")
    assert (found[c.F_RECORDS + 1] == 0) == (rates == "claimed")


def test_secret_article__does_not_deter():
    deterrence = {"what": "response", "value": 1.0, "unit": "share", "effect": "deterrence"}
    counted = []
    for secret in (False, True):
        city = lived(bare({"act": ACT | {"secret": secret}, "deterrence": deterrence}, jaywalking=36.5), CITIZENS, 0, 14)
        city.world.risk[:] = 128
        for _ in range(6):
            city.live()
        counted.append(flows(city)[c.F_VIOLATIONS])
    assert_binomial(counted[0], CITIZENS * 6, 0.1 * (1 - 8 / 15), "deterred")
    assert_binomial(counted[1], CITIZENS * 6, 0.1, "not deterred")


def test_announced_article__is_played_for_before_it_is_in_force():
    seeking = {"what": "response", "value": 0.5, "unit": "share", "effect": "points_seeking"}
    praise = {
        "what": "behaviour", "conduct": "sweeping", "value": 20, "announced": START + timedelta(days=7),
        "from": START + timedelta(days=21),
    }  # fmt: skip
    changes = {"conduct.sweeping.age": [1.0] * 8, "conduct.sweeping.disposition": "none", "conduct.sweeping.bound": 200.0}
    changes |= {f"conduct.sweeping.{key}": [1.0] * n for key, n in (("occupation", 8), ("income", 5), ("online", 4))}
    city = lived(bare({"praise": praise, "seeking": seeking}, changes, sweeping=36.5), CITIZENS, 28, 15)
    weekly = np.diff([0, *(reading.flows_by_district[:, c.F_PROSOCIAL].sum() for reading in city.readings)])
    motivation = (4 + dispositions(city)["solidarity"]).mean() / 8
    for week, factor in ((0, motivation), (1, motivation + 0.5), (3, motivation + 0.5)):
        assert_binomial(weekly[week], CITIZENS * 7, 0.1 * factor, f"week {week}")


# --- study app ----------------------------------------------------------------------------------------------


def test_study_app__points_of_four_weeks_are_those_of_the_hours_texts_and_shares():
    """Expected points of a day by enumeration of texts, minutes, shares and half-hours; half of the days opened."""
    app = {
        "what": "study_app", "value": 1, "opens": 0.5, "fear": 0.0, "gift_at": 100, "pillory_below": 50, "credit": 0.0,
        "hours": [[6, 8.5], [12, 14], [20, 24]],
    }  # fmt: skip
    city = lived(bare({"app": app}), 100_000, 28, 16)
    members = int((column(city, "traits") & c.PARTY > 0).sum())
    a_day = [min(t, m // 4, 6) + min(p, 3) for t, m, p in product(range(1, 9), range(64), range(4))]
    inside = (5 + 4 + 8) / 36
    mean = 0.5 * np.mean(a_day) * (1 + inside)
    second = 0.5 * np.mean(np.square(a_day)) * (1 + 3 * inside)
    found, error = flows(city), math.sqrt(28 * members * (second - mean**2))
    assert abs(found[c.F_APP_POINTS] - 28 * members * mean) < SIGMAS * error
    spread = math.sqrt(28 * (second - mean**2))
    below = 0.5 * (1 + math.erf((49.5 - 28 * mean) / spread / math.sqrt(2)))
    above = 0.5 * (1 - math.erf((99.5 - 28 * mean) / spread / math.sqrt(2)))
    for count, share in ((c.F_PILLORIED, below), (c.F_GIFTS, above)):  # 0.03: 28 skewed days are nearly normal only
        assert found[count] / members == pytest.approx(share, abs=0.03)


def test_study_app__credits_the_account_and_fear_opens_it():
    app = {"what": "study_app", "value": 1, "opens": 0.3, "fear": 1.0, "credit": 1.0}
    worlds = []
    for risk in (0, 255):
        city = lived(bare({"app": app}), CITIZENS, 0, 17)
        city.world.risk[:] = risk
        for _ in range(28):
            city.live()
        party = column(city, "traits") & c.PARTY > 0
        assert (column(city, "own")[~party] == 1000).all()
        worlds.append((column(city, "own")[party].astype(int) - 1000).sum())
        assert worlds[-1] == flows(city)[c.F_APP_POINTS]
    assert worlds[1] / worlds[0] == pytest.approx(1 / 0.3, rel=0.05)


# --- removal, debt -------------------------------------------------------------------------------------------


def test_removal__fills_as_a_chain_of_two_states_and_the_removed_neither_act_nor_ask():
    removal = {
        "what": "sanction", "value": 0.2, "unit": "chance per week", "effect": "removal", "classes": ["D"], "back": 0.1,
    }  # fmt: skip
    city = lived(bare({"removal": removal}, {"articles.scoring.value": 500}, jaywalking=36.5), CITIZENS, 0, 18)
    for weeks in range(1, 9):
        for _ in range(7):
            city.live()
        share = 2 / 3 * (1 - 0.7**weeks)
        assert_binomial(stocks(city)[c.K_REMOVED], CITIZENS, share, f"removed after {weeks} weeks")
    acts, removed = flows(city)[c.F_VIOLATIONS], stocks(city)[c.K_REMOVED]
    for _ in range(6):
        city.live()
    assert_binomial(flows(city)[c.F_VIOLATIONS] - acts, int(6 * (CITIZENS - removed)), 0.1, "acts of those still there")


def test_debt__rises_without_work_and_makes_default_more_likely():
    debt = {"what": "response", "value": 0.5, "unit": "chance", "effect": "debt"}
    hardship = {"what": "response", "value": 0.5, "unit": "share", "effect": "hardship"}
    changes = {"conduct.jaywalking.kind": "hardship", "conduct.jaywalking.bound": 110.0}
    city = lived(bare({"debt": debt, "hardship": hardship}, changes, jaywalking=36.5), CITIZENS, 0, 19)
    city.world.status[:] |= c.JOBLESS
    for _ in range(28):
        city.live()
    levels = column(city, "fate") & c.DEBT_BITS
    for k in range(5):
        assert_binomial((levels == k).sum(), CITIZENS, math.comb(4, k) / 16, f"debt {k}")
    city.world.fate[:] = 15
    before = flows(city)[c.F_HARDSHIP]
    for _ in range(6):
        city.live()
    assert_binomial(flows(city)[c.F_HARDSHIP] - before, CITIZENS * 6, 0.1 * 3, "defaults at the highest debt")


def test_debt__falls_again_with_work():
    recovery = {"what": "response", "value": 0.25, "unit": "chance", "effect": "recovery"}
    city = lived(bare({"recovery": recovery}), CITIZENS, 0, 20)
    city.world.fate[:] = 3
    for _ in range(7):
        city.live()
    assert_binomial((column(city, "fate") == 2).sum(), CITIZENS, 0.25, "a step paid off")


# --- protest, approval, silence, crowding out ------------------------------------------------------------------


@pytest.mark.parametrize(("thresholds", "final"), [(range(100), 100), ([0, 2, *range(2, 100)], 1)])
def test_thresholds__cascade_as_published_and_break_with_one_threshold_changed(thresholds, final):
    """Granovetter (1978): thresholds 0 to 99 end with all 100; with 2 in place of 1 the first stays alone."""
    count, before = 0, -1
    while count != before:
        before, count = count, sum(bool(crowd.reaches(threshold, 0, count)) for threshold in thresholds)
    assert count == final


TURNOUT: dict[str, Any] = {"what": "turnout", "value": 0.1, "caution": 0.0}


def test_turnout__of_uniform_thresholds_grows_by_its_initiators_each_week():
    """x' = x + s: after k weeks k s of the citizens would join."""
    city = lived(bare({"crowd": TURNOUT}), CITIZENS, 0, 21)
    for week in range(1, 10):
        for _ in range(7):
            city.live()
        assert abs(stocks(city)[c.K_JOINERS] / CITIZENS - 0.1 * week) < 0.03


@pytest.mark.parametrize(("preempted", "grows"), [(0.0, True), (1.0, False)])
def test_turnout__dies_where_the_first_are_stopped(preempted, grows):
    stop = {
        "what": "sanction", "value": preempted, "unit": "share of initiators", "effect": "preempt", "channels": ["camera"],
    }  # fmt: skip
    articles = {"crowd": TURNOUT | {"caution": 0.02}, "camera": CAMERA, "act": ACT, "stop": stop}
    city = lived(bare(articles), CITIZENS, 70, 22)
    assert (stocks(city)[c.K_JOINERS] > 0.5 * CITIZENS) == grows
    assert grows or stocks(city)[c.K_JOINERS] < 0.01 * CITIZENS


def test_assembly__takes_place_as_far_as_people_join():
    changes = {"conduct.jaywalking.assembly": True}
    city = lived(bare({"crowd": TURNOUT}, changes, jaywalking=36.5), CITIZENS, 6, 23)
    found = flows(city)
    assert found[c.F_VIOLATIONS] + found[c.F_FORGONE] > 0
    assert_binomial(found[c.F_VIOLATIONS], int(found[c.F_VIOLATIONS] + found[c.F_FORGONE]), 0.1, "acts of initiators")


@pytest.mark.parametrize("falsify", [0.0, 0.9])
def test_approval__is_the_upper_tail_of_trust_and_fear_adds_to_what_is_said(falsify):
    approval = {"what": "approval", "value": 4, "sanctioned": 2, "falsify": falsify}
    city = lived(bare({"approval": approval}), CITIZENS, 0, 24)
    city.world.risk[:] = 60
    city.world.note[: len(city.world.note) // 2] |= c.SANCTIONED
    for _ in range(28):
        city.live()
    trust, boldness = dispositions(city)["trust"], dispositions(city)["boldness"]
    need = np.where(column(city, "note") & c.SANCTIONED > 0, 6, 4)
    private = trust >= need
    assert stocks(city)[c.K_APPROVING] == private.sum()
    risk = column(city, "risk").astype(int)
    feigned = ~private & ((risk * (14 - boldness)) // 14 >= 256 - round(256 * falsify))
    assert stocks(city)[c.K_SAYING] == (private | feigned).sum()
    assert feigned.any() == (falsify > 0)


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.6])
def test_silence__settles_at_the_fixed_point_of_its_mean_field(weight):
    """e' = base - w (1 - e): e* = (base - w) / (1 - w); expression moves in steps of 1/15, hence the bound."""
    silence = {"what": "response", "value": weight, "unit": "share", "effect": "silence"}
    censor = {"what": "response", "value": 0.4, "unit": "share", "effect": "self_censorship"}
    city = lived(bare({"silence": silence, "censor": censor}), CITIZENS, 0, 25)
    for _ in range(60):
        city.world.risk[:] = 128
        for _ in range(7):
            city.live()
    boldness = dispositions(city)["boldness"]
    base = np.mean(15 - (102 * 8 * (14 - boldness)) // (256 * 14)) / 15
    expected = max(0.0, (base - weight) / (1 - weight))
    assert stocks(city)[c.K_EXPRESSION] / (15 * CITIZENS) == pytest.approx(expected, abs=0.03)


def test_crowding_out__takes_one_step_from_the_susceptible_and_it_stays_when_the_reward_has_ended():
    crowding = {"what": "response", "value": 0.48, "unit": "share", "effect": "crowding_out"}
    praise = {"what": "behaviour", "conduct": "jaywalking", "value": 20, "until": START + timedelta(days=28)}
    city = lived(bare({"praise": praise, "camera": CAMERA, "crowding": crowding}, jaywalking=180.0), CITIZENS, 28, 26)
    lost = 4 + dispositions(city)["solidarity"] - (column(city, "inner") >> 4)
    rewarded = column(city, "own") > 1000
    assert set(np.unique(lost)) == {0, 1} and not lost[~rewarded].any()
    assert_binomial(lost.sum(), int(rewarded.sum()), 0.48, "susceptible")
    for _ in range(56):
        city.live()
    assert np.array_equal(4 + dispositions(city)["solidarity"] - (column(city, "inner") >> 4), lost)


# --- firms ---------------------------------------------------------------------------------------------------------

FIRMS: dict[str, Any] = {"what": "firm_scoring", "value": 1000}
TAXES: dict[str, Any] = {"what": "firm_conduct", "value": -100, "rate": 10.4, "found": 0.5, "invented": 0.01}


def firm_flows(city: City) -> np.ndarray:
    return city.team.total("firm_tally").sum(axis=(0, 1))


def test_firms__are_the_cells_of_the_work_circle():
    city = lived(bare({"firms": FIRMS}), 100_000, 7, 27)
    sizes = city.resolved.population.circles.firm.sizes
    expected = 0
    for n in city.layout.sizes.tolist():
        rest = n
        k = 0
        while rest > 0:
            rest, k, expected = rest - sizes[k % len(sizes)], k + 1, expected + 1
    assert len(city.firms.firm_score) == expected == city.readings[-1].firm_stocks[:, c.FK_FIRMS].sum()


def test_firm_findings__are_binomial_and_move_the_score():
    city = lived(bare({"firms": FIRMS, "taxes": TAXES}), 200_000, 70, 28)
    n = len(city.firms.firm_score)
    acts, found, invented = firm_flows(city)[[c.FF_ACTS, c.FF_FOUND, c.FF_INVENTED]].tolist()
    assert_binomial(acts, n * 10, 0.2, "acts")
    assert_binomial(found, acts, 0.5, "found")
    assert_binomial(invented, n * 10 - acts, 0.01, "invented")
    lost = (1000 - city.firms.firm_score.astype(int)).sum()
    assert lost <= 100 * (found + invented) and lost > 99 * (found + invented)


def test_firm_list__takes_those_below_and_their_employees_lose_points_and_jobs():
    listing = {"what": "firm_list", "value": 20, "below": 950, "job_loss": 0.3, "employee_points": -15}
    city = lived(bare({"firms": FIRMS, "taxes": TAXES, "list": listing}), 100_000, 8, 29)
    score, weeks = city.firms.firm_score, city.firms.firm_weeks
    assert np.array_equal(weeks > 0, score < 950)
    employees = firm_flows(city)[c.FF_EMPLOYEES_HIT]
    own = column(city, "own").astype(int)
    assert (own == 985).sum() == employees == flows(city)[c.F_POINTS_THROUGH_FIRM] / 15
    occupation = column(city, "traits") >> c.OCCUPATION_SHIFT & 7
    assert ((occupation[own == 985] >= 2) & (occupation[own == 985] <= 5)).all()
    assert_binomial(flows(city)[c.F_LAID_OFF], int(employees), 0.3, "laid off")


def test_firm_sanctions__strike_those_below_the_limit():
    tender = {"what": "firm_sanction", "value": 0.5, "effect": "tender", "below": 950, "rate": 26.0}
    city = lived(bare({"firms": FIRMS, "taxes": TAXES, "tender": tender}), 200_000, 0, 30)
    low = np.arange(len(city.firms.firm_score)) % 2 == 0
    city.firms.firm_score[low] = 400
    for _ in range(7):
        city.live()
    k = c.FIRM_EFFECTS.index("tender")
    asked, struck = firm_flows(city)[[c.FF_ASKED + k, c.FF_STRUCK + k]].tolist()
    assert_binomial(asked, len(low), 0.5, "tenders")
    share = (city.firms.firm_score < 950).mean()
    assert_binomial(struck, asked, 0.5 * share, "struck")


def test_firm_cameras__find_more():
    counted = []
    for cameras in (0.0, 1.0):
        firms = FIRMS | {"cameras": cameras, "camera_gain": 1.8}
        city = lived(bare({"firms": firms, "taxes": TAXES | {"invented": 0.0}}), 200_000, 35, 31)
        counted.append(firm_flows(city)[[c.FF_ACTS, c.FF_FOUND]].tolist())
    assert counted[0][0] == counted[1][0], "what firms do does not depend on it"
    assert_binomial(counted[1][1], counted[1][0], 0.9, "found with cameras")


def test_firm_score__returns_to_its_start():
    city = lived(bare({"firms": FIRMS | {"recovery": 7}}), 50_000, 0, 32)
    city.firms.firm_score[:] = 980
    for _ in range(28):
        city.live()
    assert (city.firms.firm_score == 1000).all()
