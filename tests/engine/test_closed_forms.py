"""Small schemes whose outcome is known in closed form. Seeds are fixed; every bound is five standard errors."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from worlds import SIGMAS, City, assert_binomial, bare, column, event_rows, lived

from glasscity import columns as c
from glasscity.engine import accounts
from glasscity.metrics.people import dispositions
from glasscity.rules.resolve import resolve

CITIZENS, DAYS = 20_000, 50
ACT = {"what": "behaviour", "conduct": "jaywalking", "value": -20}
CAMERA = {
    "what": "channel", "value": 0.6, "sees": {"jaywalking": 0.5}, "true_match": 0.9, "wrong_match": 0.05, "gallery": "city",
}  # fmt: skip


def per_citizen(city: City, phase: int, kind: int | None = None, field: int = 2) -> np.ndarray:
    """Rows of one phase, by citizen."""
    rows = [row[field] for row in event_rows(city) if row[1] == phase and kind in (None, row[5])]
    return np.bincount(rows, minlength=city.layout.citizens)


def conduct_number(city: City, name: str) -> int:
    return list(city.resolved.catalogue.conduct).index(name)


# --- counts of acts and records ------------------------------------------------------------------------


@cache
def one_camera() -> City:
    """One conduct with p = 0.1 a day, one channel."""
    return lived(bare({"act": ACT, "camera": CAMERA}, jaywalking=36.5), CITIZENS, DAYS, 11, watch=range(CITIZENS))


def test_acts__have_the_binomial_mean_and_variance():
    """p = 0.1 a day: the variance of a citizen's count is 50 p (1 - p), 0.9 of Poisson's."""
    acts = per_citizen(one_camera(), c.EV_ACT)
    p = 0.1
    assert_binomial(acts.sum(), CITIZENS * DAYS, p, "acts")
    variance = DAYS * p * (1 - p)
    error = variance * math.sqrt(2 / CITIZENS + (1 - 6 * p * (1 - p)) / (variance * CITIZENS))
    assert abs(acts.var() - variance) <= SIGMAS * error
    assert acts.var() / acts.mean() == pytest.approx(1 - p, abs=0.05), "smaller than Poisson's by the factor 1 - p"


def test_acts__of_neighbours_days_and_streams_are_independent():
    """Correlations of acts on a citizen-day with those of the next ranks, the next days, and with wishes."""
    changes = {f"wishes.flight.{key}": value for key, value in FLIGHTS.items()}
    city = lived(bare({"act": ACT}, changes, jaywalking=36.5), CITIZENS, DAYS, 12, watch=range(CITIZENS))
    done = np.zeros((2, DAYS, CITIZENS))
    for row in event_rows(city):
        done[0 if row[1] == c.EV_ACT else 1, row[0], row[2]] = 1
    acts, wishes = done - done.mean(axis=(1, 2), keepdims=True)
    bound = SIGMAS / math.sqrt(CITIZENS * DAYS)
    scale = acts.var()
    for lag in range(1, 9):
        assert abs((acts[:, lag:] * acts[:, :-lag]).mean() / scale) < bound, f"rank + {lag}"
        assert abs((acts[lag:] * acts[:-lag]).mean() / scale) < SIGMAS / math.sqrt(CITIZENS * (DAYS - lag)), f"day + {lag}"
    assert abs((acts * wishes).mean() / math.sqrt(scale * wishes.var())) < bound


FLIGHTS: dict[str, Any] = {
    "rate": 73.0, "bound": 73.0, "age": [1.0] * 8, "occupation": [1.0] * 8, "income": [1.0] * 5, "disposition": "none",
}  # fmt: skip


def test_acts__below_their_bound_keep_the_mean_of_their_rate():
    """Accepted with rate / bound: the mean is rate / 365, whatever the bound."""
    changes = {"conduct.jaywalking.bound": 146.0}
    city = lived(bare({"act": ACT}, changes, jaywalking=36.5), CITIZENS, DAYS, 13)
    assert_binomial(city.team.total("truth")[..., c.T_ACTS].sum(), CITIZENS * DAYS, 0.1, "acts")


def test_acts__follow_trait_factors():
    """Twice as often for those of income fifth 4, half as often for those who are online a lot."""
    changes = {
        "conduct.jaywalking.income": [1.0, 1.0, 1.0, 1.0, 2.0], "conduct.jaywalking.online": [1.0, 1.0, 1.0, 0.5],
        "conduct.jaywalking.bound": 73.0,
    }  # fmt: skip
    city = lived(bare({"act": ACT}, changes, jaywalking=36.5), CITIZENS, DAYS, 14, watch=range(CITIZENS))
    acts, traits = per_citizen(city, c.EV_ACT), column(city, "traits")
    rich = traits >> c.INCOME_SHIFT & 7 == 4
    online = traits >> c.ONLINE_SHIFT & 3 == 3
    for who, p in ((rich & online, 0.1), (rich & ~online, 0.2), (~rich & online, 0.05), (~rich & ~online, 0.1)):
        assert_binomial(acts[who].sum(), int(who.sum()) * DAYS, p, f"acts at p = {p}")


def test_records__are_right_and_wrong_in_the_channels_proportions():
    city = one_camera()
    acts = per_citizen(city, c.EV_ACT).sum()
    for kind, p in ((c.RIGHT, 0.6 * 0.5 * 0.9), (c.WRONG, 0.6 * 0.5 * 0.05)):
        records = per_citizen(city, c.EV_RECORD, kind)
        assert_binomial(records.sum(), int(acts), p, f"records of kind {kind}")
        mean = records.mean()
        assert abs(records.var() / mean - (1 - mean / DAYS)) < SIGMAS * math.sqrt(2 / CITIZENS) + 1 / CITIZENS


def test_wrong_person__is_uniform_over_the_others_and_the_author_goes_free():
    city = one_camera()
    rows = [row for row in event_rows(city) if row[1] == c.EV_OBSERVE and row[5] == c.WRONG]
    assert all(row[2] != row[7] for row in rows)
    named = np.array([row[7] for row in rows])
    for k in range(20):
        assert_binomial((named * 20 // CITIZENS == k).sum(), len(rows), 1 / 20, f"named in part {k} of the city")
    went_free = column(city, "note") & c.WENT_FREE != 0
    assert set(np.flatnonzero(went_free)) == {row[2] for row in rows}
    misnamed = column(city, "note") & c.MISNAMED != 0
    assert set(np.flatnonzero(misnamed)) == {row[7] for row in rows}


@pytest.mark.parametrize("gallery", ["district", "neighbourhood"])
def test_wrong_person__lives_within_the_gallery(gallery):
    camera = CAMERA | {"true_match": 0.0, "wrong_match": 1.0, "gallery": gallery}
    n = 40_000
    city = lived(bare({"act": ACT, "camera": camera}, jaywalking=73.0), n, 5, 15, watch=range(n))
    places = [(int(d), int(r) >> c.PAGE_BITS) for d, size in enumerate(city.layout.sizes) for r in range(size)]
    rows = [row for row in event_rows(city) if row[1] == c.EV_OBSERVE]
    same_district = [places[row[2]][0] == places[row[7]][0] for row in rows]
    same_page = [places[row[2]] == places[row[7]] for row in rows]
    assert all(same_district) and (all(same_page) == (gallery == "neighbourhood"))


@cache
def scanned(prevalence: float) -> City:
    """A street camera that scans 200 faces a year; 0.6 within its reach; one false match in 20; acts at a given rate."""
    scan = {"street_scan": {"rate": 200.0, "bound": 100.0}}
    changes = {f"alarms.{name}.{key}": value for name, slot in scan.items() for key, value in slot.items()}
    changes |= {"alarms.street_scan.age": [1.0] * 8}
    camera = CAMERA | {"scans": "street_scan", "false_match": 0.05, "alarm": "jaywalking", "wrong_match": 0.0}
    return lived(bare({"act": ACT, "camera": camera}, changes, jaywalking=prevalence), CITIZENS, DAYS, 16)


def kinds_recorded(city: City) -> np.ndarray:
    flows = city.team.total("tally").sum(axis=(0, 1))
    return flows[c.F_RECORDS : c.F_ASKED].reshape(c.MAX_CHANNELS, len(c.ENTRY_KINDS))[0]


@pytest.mark.parametrize("prevalence", [1.0, 10.0, 60.0])
def test_false_matches__are_scans_times_their_rate_whatever_people_do(prevalence):
    alarms = kinds_recorded(scanned(prevalence))[c.ALARM]
    assert_binomial(alarms, CITIZENS * DAYS, 200 / 365 * 0.6 * 0.05, "false alarms")


@pytest.mark.parametrize("prevalence", [1.0, 10.0, 60.0])
def test_share_of_false_records__is_that_of_bayes(prevalence):
    """P(false | record) = scans x false match / (scans x false match + acts x capture x true match)."""
    right, wrong, alarms, reports = kinds_recorded(scanned(prevalence)).tolist()
    false, true = 200 / 365 * 0.6 * 0.05, prevalence / 365 * 0.6 * 0.5 * 0.9
    assert wrong == reports == 0
    assert_binomial(alarms, right + alarms, false / (false + true), "false records")


def test_minority__is_mistaken_by_its_own_factors():
    """True matches times 0.8, wrong ones times 3."""
    camera = CAMERA | {"minority_true_match": 0.8, "minority_wrong_match": 3.0, "true_match": 0.7}
    changes = {f"population.districts.{d}.minority": 0.3 for d in resolve("beijing-2020").population.districts}
    city = lived(bare({"act": ACT, "camera": camera}, changes, jaywalking=73.0), CITIZENS, 20, 17, watch=range(CITIZENS))
    minority = column(city, "traits") & c.MINORITY != 0
    acts = per_citizen(city, c.EV_ACT)
    for who, right, wrong in ((minority, 0.56, 0.15), (~minority, 0.7, 0.05)):
        n = int(acts[who].sum())
        assert n > 10_000
        for kind, p in ((c.RIGHT, right), (c.WRONG, wrong)):
            assert_binomial(per_citizen(city, c.EV_OBSERVE, kind)[who].sum(), n, 0.3 * p, f"kind {kind}")


# --- association ---------------------------------------------------------------------------------------

CIRCLES = [1, 2, 3, 5, 8, 12, 40]


def tied(weight: float, reach: str, limit: int, seed: int = 1) -> tuple[City, np.ndarray, np.ndarray]:
    """Circles of several sizes with random accounts, some of whose members are shunned, after one stand."""
    friends = {"what": "association", "value": weight, "reach": reach, "limit": limit}
    city = lived(bare({"friends": friends}, {"population.circles.friends.sizes": CIRCLES}), 1500, 0, seed)
    rng = np.random.default_rng(seed)
    city.world.own[:] = rng.integers(0, 2001, len(city.world.own))
    city.world.status[:] |= np.where(rng.random(len(city.world.own)) < 0.2, c.SHUNNED, 0).astype(np.uint8)
    city.open_day()
    city.team.pages(accounts.stand_pages, city.rules, city.world, 0)
    return city, column(city, "own").astype(float) - 1000, column(city, "status") & c.SHUNNED != 0


def circles_of(city: City) -> list[range]:
    """The circles of friends, as ranges of citizens' numbers."""
    found, first = [], 0
    for n in city.layout.sizes.tolist():
        at, turn = 0, 0
        while at < n:
            size = min(CIRCLES[turn % len(CIRCLES)], n - at)
            found.append(range(first + at, first + at + size))
            at, turn = at + size, turn + 1
        first += n
    return found


@pytest.mark.parametrize("limit", [127, 30])
@pytest.mark.parametrize("weight", [0.05, 0.3, 0.9])
def test_association__is_the_fixed_point_of_a_linear_system(weight, limit):
    """x = o + w * mean of the others' x, solved for each circle; points = x - o, rounded and limited."""
    city, offset, shunned = tied(weight, "transitive", limit)
    points = column(city, "association")
    for circle in circles_of(city):
        members = [i for i in circle if not shunned[i]]
        k = len(members)
        expected = np.zeros(k)
        if k >= 2:
            mean_of_others = (np.ones((k, k)) - np.eye(k)) / (k - 1)
            expected = np.linalg.solve(np.eye(k) - weight * mean_of_others, offset[members]) - offset[members]
        expected = np.clip(expected, -limit, limit)
        assert np.abs(points[members] - expected).max(initial=0) <= 0.5 + 1e-6
        assert not points[[i for i in circle if shunned[i]]].any()


@pytest.mark.parametrize("weight", [0.05, 0.3, 0.9])
def test_association__of_direct_reach_is_one_step(weight):
    city, offset, shunned = tied(weight, "direct", 127)
    points = column(city, "association")
    for circle in circles_of(city):
        members = [i for i in circle if not shunned[i]]
        total = offset[members].sum()
        for i in members:
            mean = (total - offset[i]) / (len(members) - 1) if len(members) > 1 else 0.0
            assert abs(points[i] - np.clip(weight * mean, -127, 127)) <= 0.5 + 1e-6


# --- classes and lists ----------------------------------------------------------------------------------


def test_absorbing_class__fills_as_its_chain_says():
    """A record a day with q = 0.01; 250 points each, nothing given back: A, then C after one, D for good after two.

    P(D on day t) = 1 - (1 - q)^t - t q (1 - q)^(t - 1).
    """
    camera = CAMERA | {"value": 1.0, "sees": {"jaywalking": 1.0}, "true_match": 0.5, "wrong_match": 0.0}
    city = lived(bare({"act": ACT | {"value": -250}, "camera": camera}, jaywalking=7.3), CITIZENS, 140, 18)
    q = 7.3 / 365 * 0.5
    for reading in city.readings:
        t = reading.day + 1
        none, one = (1 - q) ** t, t * q * (1 - q) ** (t - 1)
        classes = reading.stocks_by_district.sum(axis=0)[c.K_CLASS : c.K_CLASS + 6]
        for k, share in ((2, none), (4, one), (5, 1 - none - one)):
            assert_binomial(classes[k], CITIZENS, share, f"class {k} after {t} days")
        assert classes.sum() == CITIZENS


def on_court_list(city: City) -> int:
    return int((column(city, "status") & c.COURT != 0).sum())


@pytest.mark.parametrize("weeks", [1, 2, 7])
def test_list__ends_after_its_weeks(weeks):
    """Listed on day 3 of a week, off after the weeks' last weekly phase, all at once."""
    court = {"what": "list", "value": weeks, "unit": "weeks", "colour": "court"}
    act = ACT | {"value": 0, "lists": "court", "until": resolve("beijing-2020").scenario.start.replace(day=5)}
    camera = CAMERA | {"value": 1.0, "sees": {"jaywalking": 1.0}, "true_match": 1.0, "wrong_match": 0.0}
    city = City(bare({"court": court, "act": act, "camera": camera}, jaywalking=73.0), 2000, 70, 19)
    city.populate()
    listed = []
    for _ in range(7 * weeks + 7):
        city.live()
        listed.append(on_court_list(city))
    assert 0 < listed[0] < listed[3] < 2000
    assert set(listed[3 : 7 * weeks - 1]) == {listed[3]}
    assert set(listed[7 * weeks - 1 :]) == {0}


def test_list__is_left_by_repair_at_a_constant_rate():
    """A weekly chance of 0.1: after k weeks (0.9)^k of those listed on the first days are still there."""
    court = {"what": "list", "value": 255, "unit": "weeks", "colour": "court", "repair": 0.1}
    city = lived(bare({"court": court}), CITIZENS, 0, 20)
    for slots in (slice(s, s + n) for s, n in zip(city.layout.first_slot, city.layout.sizes, strict=True)):
        city.world.status[slots] |= c.COURT
        city.world.listed_weeks[slots] = 255
    for week in range(1, 13):
        for _ in range(7):
            city.live()
        assert_binomial(on_court_list(city), CITIZENS, 0.9**week, f"still listed after {week} weeks")


def test_refusals_and_rewards__strike_with_their_chances():
    """Half of the wishes of class A are refused, half of the rest granted with advantage: independent draws."""
    refuse = {"what": "sanction", "value": 0.5, "unit": "chance per wish", "effect": "refuse", "wish": "flight", "classes": ["A"]}
    favour = {"what": "reward", "value": 0.25, "wish": "flight", "classes": ["A"]}
    changes = {f"wishes.flight.{key}": value for key, value in FLIGHTS.items()}
    city = lived(bare({"refuse": refuse, "favour": favour}, changes), CITIZENS, 20, 21)
    flows = city.team.total("tally").sum(axis=(0, 1))
    q = list(city.resolved.catalogue.wishes).index("flight")
    asked, refused, favoured = (int(flows[place + q]) for place in (c.F_ASKED, c.F_REFUSED, c.F_ADVANTAGE))
    assert_binomial(asked, CITIZENS * 20, 0.2, "wishes")
    assert_binomial(refused, asked, 0.5, "refused")
    assert_binomial(favoured, asked - refused, 0.25, "granted with advantage")


# --- time and responses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [30, 365, 730])
def test_expiry__takes_its_share_each_week_on_average(days):
    """x -> x - 7 x / days, rounded to a neighbouring point at random: each within one point, the sum within 5 sigma."""
    expiry = {"what": "safeguard", "enabled": True, "value": days, "unit": "days", "lever": "expiry"}
    city = lived(bare({"expiry": expiry}), 2001, 0, 22)
    slots = city.layout.slots_of(np.arange(2001))
    city.world.own[slots] = np.arange(2001)
    for _ in range(10):
        before = column(city, "own") - 1000
        for _ in range(7):
            city.live()
        taken, share = before - (column(city, "own") - 1000), before * 7 / days
        assert (np.abs(taken - share) < 1).all()
        fraction = np.abs(share) % 1
        assert abs((taken - share).sum()) < 5 * np.sqrt((fraction * (1 - fraction)).sum()) + 1e-6


def test_expiry__lets_a_small_record_go():
    """20 points lost fade as (1 - 7 / 730)^weeks on average, error bound 5 sigma of a point per citizen and week."""
    expiry = {"what": "safeguard", "enabled": True, "value": 730, "unit": "days", "lever": "expiry"}
    city = lived(bare({"expiry": expiry}), 5000, 0, 22)
    city.world.own[city.layout.slots_of(np.arange(5000))] = 980
    for _ in range(52 * 7):
        city.live()
    expected = 20 * (1 - 7 / 730) ** 52
    assert abs((1000 - column(city, "own")).mean() - expected) < 5 * np.sqrt(52 * 0.25 / 5000)


def test_forgetting__lets_even_a_little_fear_go():
    """Risk above the base fades as (1 - f)^weeks on average, however little it is; error bound 5 sigma."""
    forgetting = {"what": "response", "value": 0.0195, "unit": "share", "effect": "forgetting"}
    city = lived(bare({"forgetting": forgetting}), 5000, 0, 23)
    slots = city.layout.slots_of(np.arange(5000))
    base = city.world.risk[slots].astype(int)
    city.world.risk[slots] = base + 20
    for _ in range(30 * 7):
        city.live()
    expected = 20 * (1 - 5 / 256) ** 30
    assert abs((city.world.risk[slots] - base).mean() - expected) < 5 * np.sqrt(30 * 0.25 / 5000)


@pytest.mark.parametrize("risk", [0, 40, 127, 128, 255])
def test_deterrence__drops_its_share_of_violations(risk):
    """Factor 1 - deterrence * s / 15 with s the upper four bits of perceived risk."""
    deterrence = {"what": "response", "value": 0.8, "unit": "share", "effect": "deterrence"}
    city = lived(bare({"act": ACT, "deterrence": deterrence}, jaywalking=73.0), CITIZENS, 0, 23)
    city.world.risk[:] = risk
    for _ in range(6):
        city.live()
    acts = city.team.total("truth")[..., c.T_ACTS].sum()
    assert_binomial(acts, CITIZENS * 6, 0.2 * (1 - 0.8 * (risk >> 4) / 15), f"acts at risk {risk}")


@pytest.mark.parametrize("risk", [0, 100, 160, 255])
def test_self_censorship__goes_one_step_a_week_to_its_target(risk):
    """Down by one a week to 15 - censor * s * (14 - boldness) / 14, and up again once fear has gone."""
    censor = {"what": "response", "value": 0.6, "unit": "share", "effect": "self_censorship"}
    city = lived(bare({"censor": censor}), 3000, 0, 24)
    boldness = dispositions(city, city.layout.slots_of(np.arange(3000)))["boldness"].to_numpy().astype(int)
    target = 15 - (154 * (risk >> 4) * (14 - boldness)) // (256 * 14)
    city.world.risk[:] = risk
    for week in range(1, 13):
        for _ in range(7):
            city.live()
        assert np.array_equal(column(city, "inner") & 15, np.maximum(target, 15 - week))
    city.world.risk[:] = 0
    for _ in range(7):
        city.live()
    assert np.array_equal(column(city, "inner") & 15, np.minimum(15, np.maximum(target, 3) + 1))


def test_expression__thins_posts_in_proportion():
    """With e steps of expression left, (e + 1) / 16 of the posts are written."""
    changes = {f"wishes.post.{key}": value for key, value in FLIGHTS.items()} | {"wishes.post.online": [1.0] * 4}
    city = lived(bare({}, changes), CITIZENS, 0, 25)
    city.world.inner[:] = (city.world.inner & 0xF0) | 5
    for _ in range(6):
        city.live()
    flows = city.team.total("tally").sum(axis=(0, 1))
    q = list(city.resolved.catalogue.wishes).index("post")
    assert_binomial(flows[c.F_ASKED + q], CITIZENS * 6, 0.2 * 6 / 16, "posts written")
    assert_binomial(flows[c.F_CHILLED_POSTS], CITIZENS * 6, 0.2 * 10 / 16, "posts not written")


def test_shunning__comes_at_a_constant_weekly_rate():
    """All in a sanctioned class; a weekly chance of 0.2: (0.8)^k are not yet shunned after k weeks."""
    shunning = {"what": "response", "value": 0.2, "unit": "chance", "effect": "shunning"}
    city = lived(bare({"shunning": shunning}, {"articles.scoring.value": 500}), CITIZENS, 0, 26)
    for week in range(1, 9):
        for _ in range(7):
            city.live()
        shunned = int((column(city, "status") & c.SHUNNED != 0).sum())
        assert_binomial(CITIZENS - shunned, CITIZENS, 0.8**week, f"not shunned after {week} weeks")


def test_discretisation__loses_what_the_description_says():
    """At p = 0.1 a day Poisson would give two or more on 1 - e^-p (1 + p) = 0.47 % of days; here none has two."""
    rows = [(row[0], row[2]) for row in event_rows(one_camera()) if row[1] == c.EV_ACT]
    assert len(set(rows)) == len(rows)
    daily = np.bincount([day for day, _ in rows], minlength=DAYS)
    assert abs(daily.mean() - CITIZENS * 0.1) < SIGMAS * math.sqrt(CITIZENS * 0.09 / DAYS), "the mean is kept"
    assert abs(daily.var(ddof=1) / (CITIZENS * 0.09) - 1) < SIGMAS * math.sqrt(2 / (DAYS - 1)), "binomial over the city"
