"""The engine against the slow reference: every event, every state column and every count, with no tolerance."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from reference import ReferenceWorld
from variants import VARIANTS, Variant
from worlds import column, event_rows, lived, tally

from glasscity import columns as c
from glasscity.engine.city import City
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Scenario
from glasscity.rules.resolve import resolve

OTHERS = [name for name in built_in_names(Scenario) if name not in ("beijing-2020", "court-list")]
BUILT_IN = [(name, seed) for name in ("beijing-2020", "court-list") for seed in (1, 2, 3)] + [(name, 1) for name in OTHERS]
YEAR_PART = {f"{name}, seed {seed}": Variant(lambda name=name: resolve(name), 500, 120, seed) for name, seed in BUILT_IN}
WORLDS = VARIANTS | YEAR_PART
INDEXED = {
    "class_entered": c.F_CLASS_ENTERED, "records": c.F_RECORDS, "asked": c.F_ASKED, "refused": c.F_REFUSED,
    "refused_innocent": c.F_REFUSED_INNOCENT, "refused_wrongly": c.F_REFUSED_WRONGLY, "advantage": c.F_ADVANTAGE,
}  # fmt: skip


@cache
def both(name: str) -> tuple[City, ReferenceWorld]:
    """The same world, lived through twice."""
    variant = WORLDS[name]
    r = variant.build()
    slow = ReferenceWorld(r.rulebook, r.catalogue, r.population, r.scenario.start, variant.citizens, variant.seed)
    slow.run(variant.days)
    return lived(r, variant.citizens, variant.days, variant.seed, watch=range(variant.citizens)), slow


def flow_index(name: str, *place: int) -> int:
    """The engine's number of a count of the reference."""
    if name == "records":
        return c.F_RECORDS + place[0] * len(c.ENTRY_KINDS) + place[1]
    return INDEXED[name] + place[0] if name in INDEXED else getattr(c, f"F_{name.upper()}")


def flows_of(slow: ReferenceWorld, shape: tuple[int, ...]) -> np.ndarray:
    """The reference's counts in the engine's places."""
    flows = np.zeros(shape, np.int64)
    for (name, district, group, *place), n in slow.counts.items():
        flows[district, group, flow_index(str(name), *map(int, place))] += n
    return flows


def truth_of(slow: ReferenceWorld, shape: tuple[int, ...]) -> np.ndarray:
    """Acts and what was made of them, by district and conduct, from the reference's events."""
    truth = np.zeros(shape, np.int64)
    fields = {c.RIGHT: c.T_RIGHT, c.WRONG: c.T_WRONG, c.ALARM: c.T_INVENTED, c.REPORT: c.T_INVENTED}
    for _, phase, number, what, _, kind, _, _ in slow.events:
        district = slow.people.persons[number].district
        if phase == c.EV_ACT:
            truth[district, what, c.T_ACTS] += 1
        elif phase == c.EV_OBSERVE and kind in fields:
            truth[district, what, fields[kind]] += 1
    return truth


def firm_flows_of(slow: ReferenceWorld, shape: tuple[int, ...]) -> np.ndarray:
    """The reference's counts of firms in the engine's places; `asked tax` is an occasion of the effect 'tax'."""
    flows = np.zeros(shape, np.int64)
    for (name, *place), n in slow.firm_counts.items():
        word, _, effect = str(name).partition(" ")
        flows[*place, getattr(c, f"FF_{word.upper()}") + (c.FIRM_EFFECTS.index(effect) if effect else 0)] += n
    return flows


def stocks_of(reading: Counter[tuple[str | int, ...]], district: int, group: int, k: int) -> int:
    """One stock of a reading of the reference, by the engine's number."""
    name, place = STOCKS[k]
    return reading[name, district, group, *place]


STOCKS: dict[int, tuple[str, tuple[int, ...]]] = {
    getattr(c, f"K_{name.upper()}"): (name, ())
    for name in (
        "removed", "indebted", "debt", "enrolled", "joiners", "approving", "saying", "users", "private",
    )
} | {c.K_BAND + k: ("band", (k,)) for k in range(c.N_CLASSES)}  # fmt: skip


BANDS = 5  # of the private score that the variants have


def firms_or_citizens(city: City, name: str) -> np.ndarray:
    """One state column, of firms or of citizens."""
    return getattr(city.firms, name) if name.startswith("firm_") else column(city, name)


@pytest.mark.parametrize("name", WORLDS)
def test_engine__lives_the_same_events_as_the_reference(name):
    city, slow = both(name)
    fast_rows, slow_rows = Counter(event_rows(city)), Counter(slow.events)
    only_fast, only_slow = sorted((fast_rows - slow_rows).elements()), sorted((slow_rows - fast_rows).elements())
    assert not only_fast and not only_slow, f"only the engine: {only_fast[:3]}; only the reference: {only_slow[:3]}"


@pytest.mark.parametrize("name", WORLDS)
def test_engine__ends_in_the_same_state_as_the_reference(name):
    city, slow = both(name)
    for field, expected in slow.state().items():
        found = firms_or_citizens(city, field).tolist()
        assert len(found) == len(expected), field
        differing = [i for i, value in enumerate(expected) if found[i] != value]
        assert not differing, f"{field} of number {differing[0]}: {found[differing[0]]}, not {expected[differing[0]]}"


@pytest.mark.parametrize("name", WORLDS)
def test_engine__counts_the_same_as_the_reference(name):
    city, slow = both(name)
    counted = city.team.total("tally")
    expected = flows_of(slow, counted.shape)
    differing = np.argwhere(counted != expected)
    assert not len(differing), f"[district, group, count] {differing[:5].tolist()}"
    truth = city.team.total("truth")
    assert np.array_equal(truth, truth_of(slow, truth.shape))


@pytest.mark.parametrize("name", WORLDS)
def test_engine__counts_the_same_of_firms_as_the_reference(name):
    city, slow = both(name)
    counted = city.team.total("firm_tally")
    differing = np.argwhere(counted != firm_flows_of(slow, counted.shape))
    assert not len(differing), f"[district, sector, count] {differing[:5].tolist()}"


@pytest.mark.parametrize("name", WORLDS)
def test_engine__reads_the_same_stocks_as_the_reference(name):
    city, slow = both(name)
    assert [reading.day for reading in city.readings] == list(slow.readings)
    districts, groups = range(len(slow.people.sizes)), range(c.N_GROUPS)
    for reading in city.readings:
        expected = slow.readings[reading.day]
        for k, (what, _) in STOCKS.items():
            by_district = [sum(stocks_of(expected, d, g, k) for g in groups) for d in districts]
            by_group = [sum(stocks_of(expected, d, g, k) for d in districts) for g in groups]
            assert reading.stocks_by_district[:, k].tolist() == by_district, f"{what} on day {reading.day}"
            assert reading.stocks_by_group[:, k].tolist() == by_group, f"{what} on day {reading.day}"


@pytest.mark.parametrize("name", WORLDS)
def test_engine__knows_the_same_turnout_and_climate_as_the_reference(name):
    city, slow = both(name)
    assert city.turnout.tolist() == slow.turnout
    assert city.climate.tolist() == slow.climate


def test_variants__reach_every_kind_of_event():
    rows = [row for name in VARIANTS for row in both(name)[1].events]
    assert {row[1] for row in rows} == set(c.EVENT_PHASES)
    recorded = {row[5] for row in rows if row[1] == c.EV_RECORD}
    kinds = {c.RIGHT, c.WRONG, c.ALARM, c.REPORT, c.REWARD, c.RESTORE_FALSE, c.RESTORE_TRUE, c.EMPLOYER}
    assert recorded == kinds | {kind + c.STRUCK for kind in (c.RIGHT, c.WRONG, c.ALARM, c.REPORT)}
    assert {row[5] for row in rows if row[1] == c.EV_CONSEQUENCE} == {c.GRANTED, c.REFUSAL, c.ADVANTAGE}
    seen = {bit for row in rows if row[1] == c.EV_STAND for bit in range(5) if row[5] >> bit & 1}
    assert seen == set(range(5)), "black, court, red, shunned, jobless"


def test_variants__reach_every_count_and_every_note():
    total = sum(tally(both(name)[0]) for name in VARIANTS)
    places = {name[2:].lower(): place for name, place in vars(c).items() if name.startswith("F_")}
    never = [name for name, place in places.items() if name not in ("records", *INDEXED) and not total[place]]
    assert not never
    for name, n in (("asked", c.N_WISHES), ("refused", c.N_WISHES), ("class_entered", 6)):
        assert (total[INDEXED[name] : INDEXED[name] + n] > 0).all(), name
    records = total[c.F_RECORDS : c.F_ASKED].reshape(c.MAX_CHANNELS, len(c.ENTRY_KINDS))
    assert (records.sum(axis=0) > 0).all()
    notes = np.bitwise_or.reduce([np.bitwise_or.reduce(column(both(name)[0], "note")) for name in VARIANTS])
    assert notes == 255


def test_variants__reach_every_count_of_firms_and_every_stock():
    cities = [both(name)[0] for name in VARIANTS]
    flows = sum(city.team.total("firm_tally").sum(axis=(0, 1)) for city in cities)
    assert (flows > 0).all(), np.flatnonzero(flows == 0)
    stocks = sum(reading.stocks_by_group.sum(axis=0) for city in cities for reading in city.readings)
    never = [what for k, (what, _) in STOCKS.items() if k < c.K_BAND + BANDS and not stocks[k]]
    assert not never


def test_variants__let_some_channel_hold_back_its_records():
    _, slow = both("nothing shared")
    assert {row[1] for row in slow.events} >= {c.EV_OBSERVE, c.EV_CONSEQUENCE}
    assert c.EV_RECORD not in {row[1] for row in slow.events}
