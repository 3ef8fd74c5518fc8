"""What holds for every scheme: the same bits on any team, nothing else changes, tracing changes nothing."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from variants import VARIANTS, articles_of, busy, erring, from_day, harsh
from worlds import Row, column, event_rows, lived, scheme

from glasscity import columns as c
from glasscity.engine import panel, team
from glasscity.engine.city import City
from glasscity.kernels import note
from glasscity.rules.resolve import resolve

LARGE = {"citizens": 9000, "days": 22, "seed": 5}
CALM = {f"articles.{key}.enabled": False for key in [*articles_of("response"), "turnout", "removal"]}
FIERCE = busy() | erring("district") | harsh() | CALM | {"articles.virus_tests.from": from_day(0)}


@pytest.fixture(scope="module")
def fierce():
    """A scheme in which everything happens, without what carries effects on to later acts."""
    return scheme(changes=FIERCE)


@pytest.fixture(scope="module")
def changing():
    """A scheme whose articles come and go, and its run."""
    v = VARIANTS["articles come and go"]
    resolved = v.build()
    return resolved, v, lived(resolved, v.citizens, v.days, v.seed, watch=range(v.citizens))


def rows_of(city: City, phase: int, *fields: int) -> list[Row]:
    """Rows of one phase, or some of their fields."""
    return [tuple(row[k] for k in fields) if fields else row for row in event_rows(city) if row[1] == phase]


ACTOR_AND_ACT, ASKER_AND_WISH = (0, 2, 3), (0, 2, 3)


# --- determinism ------------------------------------------------------------------------------------


@pytest.mark.parametrize("team", [{"threads": 2}, {"threads": 5, "block": 1}, {"block": 1}, {"block": 3}])
@pytest.mark.parametrize("name", ["harsh, some safeguards", "articles come and go", "several neighbourhoods"])
def test_digest__is_the_same_for_any_team_and_block(name, team):
    resolved = VARIANTS[name].build()
    alone, other = lived(resolved, **LARGE), lived(resolved, **LARGE, **team)
    assert other.layout.pages > 2
    assert alone.digest() == other.digest()
    for a, b in zip(alone.readings, other.readings, strict=True):
        assert all(np.array_equal(getattr(a, field), getattr(b, field)) for field in vars(a))


@pytest.mark.parametrize("days_before", [1, 7, 20, 33])
def test_snapshot__resumes_to_the_same_end(changing, days_before):
    """From a copy of the snapshot, on another team, with the same rows and readings."""
    resolved, v, whole = changing
    first = City(resolved, v.citizens, v.days, v.seed, watch=range(v.citizens))
    first.populate()
    for _ in range(days_before):
        first.live()
    kept = copy.deepcopy(first.snapshot())
    first.live()
    second = City(resolved, v.citizens, v.days, v.seed, threads=3, watch=range(v.citizens))
    second.restore(kept)
    while second.day < v.days:
        second.live()
    assert second.digest() == whole.digest()
    assert event_rows(second) == event_rows(whole)
    for a, b in zip(second.readings, whole.readings, strict=True):
        assert all(np.array_equal(getattr(a, field), getattr(b, field)) for field in vars(a))


def test_seed__changes_the_city():
    assert lived(resolve("beijing-2020"), 500, 8, 1).digest() != lived(resolve("beijing-2020"), 500, 8, 2).digest()


@pytest.mark.parametrize("shuffle", [1, 2])
def test_entries__take_effect_in_any_order(monkeypatch, shuffle):
    """Entries are sorted by the person named; among those of one person the order is immaterial."""
    v, sort = VARIANTS["harsh, some safeguards"], team.in_order
    rng = np.random.default_rng(shuffle)
    several = 0

    def shuffled(pieces):
        nonlocal several
        entries = sort(pieces)
        named = entries >> np.uint64(c.ENTRY_SLOT_SHIFT)
        several += len(named) - len(np.unique(named))
        return entries[np.lexsort((rng.random(len(entries)), named))]

    in_order = lived(v.build(), v.citizens, v.days, v.seed)
    monkeypatch.setattr(team, "in_order", shuffled)
    assert lived(v.build(), v.citizens, v.days, v.seed).digest() == in_order.digest()
    assert several > 100, "persons named more than once on a day"


@pytest.mark.parametrize("at_once", [1, 40])
def test_entries__are_settled_in_stretches_of_whole_neighbourhoods(monkeypatch, at_once):
    v = VARIANTS["harsh, some safeguards"]
    in_one = lived(v.build(), v.citizens, v.days, v.seed, watch=range(0, v.citizens, 7))
    monkeypatch.setattr(team, "AT_ONCE", at_once)
    most, stretches = 0, team.stretches

    def counted(pieces, first, last, at_once):
        nonlocal most
        found = list(stretches(pieces, first, last, at_once))
        pages = [set((entries >> np.uint64(c.ENTRY_SLOT_SHIFT + c.PAGE_BITS)).tolist()) for entries in found]
        assert sum(len(named) for named in pages) == len(set().union(*pages)), "a neighbourhood in two stretches"
        assert all(first <= page < last for page in set().union(*pages))
        assert sum(map(len, found)) == sum(map(len, pieces))
        most = max(most, len(found))
        return iter(found)

    monkeypatch.setattr(team, "stretches", counted)
    cut = lived(v.build(), v.citizens, v.days, v.seed, watch=range(0, v.citizens, 7))
    assert cut.digest() == in_one.digest() and event_rows(cut) == event_rows(in_one)
    assert most > 1


# --- tracing ----------------------------------------------------------------------------------------


def test_watch_table__tells_who_is_watched_and_who_in_the_panel():
    """Few neighbourhoods of many have somebody: rows for these alone."""
    rng, n_pages = np.random.default_rng(3), 500
    some = [np.unique(rng.choice([0, 3, 7, n_pages - 1], 300) * c.PAGE + rng.integers(0, c.PAGE, 300)) for _ in range(2)]
    table = panel.watch_table(n_pages, *some)
    why = c.WATCHED * np.isin(np.arange(n_pages * c.PAGE), some[0]) + c.IN_PANEL * np.isin(np.arange(n_pages * c.PAGE), some[1])
    slots = np.concatenate([np.arange(9 * c.PAGE), np.arange((n_pages - 2) * c.PAGE, n_pages * c.PAGE)])
    assert [note.watched(table, np.int64(slot)) for slot in slots.tolist()] == why[slots].tolist()
    assert set(why[slots].tolist()) == {0, c.WATCHED, c.IN_PANEL, c.WATCHED | c.IN_PANEL}
    for bits in (c.WATCHED, c.IN_PANEL, c.WATCHED | c.IN_PANEL):
        assert np.array_equal(panel.slots_of(table, n_pages, bits), np.flatnonzero(why & bits))
    assert table.nbytes == 4 * n_pages + 5 * c.PAGE // 4
    assert len(panel.watch_table(n_pages, *2 * [np.empty(0, np.int64)])) == 0


def test_watching__changes_nothing_and_sees_the_same_in_company():
    resolved = VARIANTS["harsh"].build()
    everybody = range(LARGE["citizens"])
    few = [0, 17, 4095, 4096, 8999]
    nobody = lived(resolved, **LARGE)
    all_rows = lived(resolved, **LARGE, watch=everybody)
    some_rows = lived(resolved, **LARGE, threads=2, watch=few)
    assert nobody.digest() == all_rows.digest() == some_rows.digest()
    assert event_rows(some_rows) == [row for row in event_rows(all_rows) if row[2] in few]
    assert {row[2] for row in event_rows(some_rows)} == set(few)


# --- nothing else changes ------------------------------------------------------------------------------


def test_empty_overlay__makes_no_difference():
    plain, overlaid = resolve("beijing-2020"), resolve("beijing-2020", {})
    same = resolve("beijing-2020", {"articles.friends.value": plain.rulebook.articles["friends"].value})
    assert plain.hash == overlaid.hash == same.hash
    assert len({lived(r, 2000, 30).digest() for r in (plain, overlaid, same)}) == 1


def test_friends__without_weight_leave_acts_records_and_wishes_alone(fierce):
    """Only standings and what follows from them differ."""
    apart = lived(scheme(changes=FIERCE | {"articles.friends.value": 0.0}), 600, 40, watch=range(600))
    tied = lived(fierce, 600, 40, watch=range(600))
    for phase in (c.EV_ACT, c.EV_OBSERVE, c.EV_RECORD):
        assert rows_of(tied, phase) == rows_of(apart, phase)
    asked = [rows_of(city, c.EV_CONSEQUENCE, *ASKER_AND_WISH) for city in (tied, apart)]
    assert asked[0] == asked[1]
    assert rows_of(tied, c.EV_STAND) != rows_of(apart, c.EV_STAND)
    assert not column(apart, "association").any() and column(tied, "association").any()


@pytest.mark.parametrize("key", articles_of("channel"))
def test_channel__switched_off_changes_only_what_it_would_have_named(fierce, key):
    without = lived(scheme(changes=FIERCE | {f"articles.{key}.enabled": False}), 400, 30, watch=range(400))
    whole = lived(fierce, 400, 30, watch=range(400))
    number = whole.scheme.channels.index(key)
    assert rows_of(without, c.EV_ACT) == rows_of(whole, c.EV_ACT)
    before, after = set(rows_of(whole, c.EV_OBSERVE)), set(rows_of(without, c.EV_OBSERVE))
    assert {row for row in before if row[4] != number} <= after
    named_by_it = {(row[0], row[2]) for row in before if row[4] == number}
    assert {(row[0], row[2]) for row in after - before} <= named_by_it
    assert named_by_it


@pytest.mark.parametrize("key", articles_of("safeguard"))
def test_safeguard__changes_no_act_and_no_wish(fierce, key):
    guarded = lived(scheme(changes=FIERCE | {f"articles.{key}.enabled": True}), 400, 30, watch=range(400))
    whole = lived(fierce, 400, 30, watch=range(400))
    assert rows_of(guarded, c.EV_ACT) == rows_of(whole, c.EV_ACT)
    assert rows_of(guarded, c.EV_CONSEQUENCE, *ASKER_AND_WISH) == rows_of(whole, c.EV_CONSEQUENCE, *ASKER_AND_WISH)
    needs_notice = key in ("appeal", "reasons")  # nobody objects to what nobody was told of
    assert (guarded.digest() == whole.digest()) == needs_notice


@pytest.mark.parametrize("name", ["jaywalking", "protest", "sweeping"])
def test_rate__of_one_conduct_moves_no_act_of_another(name):
    base = scheme(changes=busy() | CALM)
    slot = base.catalogue.conduct[name]
    less = scheme(changes=busy() | CALM | {f"conduct.{name}.rate": slot.rate / 3})
    b = list(base.catalogue.conduct).index(name)
    cities = [lived(resolved, 600, 40, watch=range(600)) for resolved in (base, less)]
    acts = [set(rows_of(city, c.EV_ACT)) for city in cities]
    assert {row for row in acts[0] if row[3] != b} == {row for row in acts[1] if row[3] != b}
    assert {row for row in acts[1] if row[3] == b} < {row for row in acts[0] if row[3] == b}
    asked = [rows_of(city, c.EV_CONSEQUENCE, *ASKER_AND_WISH) for city in cities]
    assert asked[0] == asked[1]


def test_wishes__are_the_same_under_every_scheme():
    """But for those that self-censorship thins."""
    schemes = [scheme(changes=busy()), scheme(changes=busy() | erring() | harsh())]
    posts = list(schemes[0].catalogue.wishes).index("post")
    asked = []
    for resolved in schemes:
        rows = rows_of(lived(resolved, 400, 60, watch=range(400)), c.EV_CONSEQUENCE, *ASKER_AND_WISH)
        asked.append([row for row in rows if row[2] != posts])
    assert asked[0] == asked[1] and len(asked[0]) > 1000


def test_citizen_added__changes_nobody_unconnected():
    """One more citizen in the last district: nobody of another district notices, under galleries by district."""
    changes = busy() | erring("district") | harsh()
    districts = resolve("beijing-2020").documents["population"]["districts"]
    residents = {"dongcheng": 700, "xicheng": 5000, "chaoyang": 600}

    def town(last: int):
        kept = {name: {**districts[name], "residents": n} for name, n in residents.items()}
        kept["chaoyang"]["residents"] = last
        n = sum(district["residents"] for district in kept.values())
        return lived(scheme(changes=changes | {"population.districts": kept}), n, 30, watch=range(n))

    one, other = town(600), town(601)
    others = residents["dongcheng"] + residents["xicheng"]
    for field in c.STATE:
        assert np.array_equal(column(one, field.name)[:others], column(other, field.name)[:others]), field.name
    seen = [[row for row in event_rows(city) if row[2] < others] for city in (one, other)]
    assert seen[0] == seen[1]
    assert [row for row in event_rows(one) if row[2] >= others] != [row for row in event_rows(other) if row[2] >= others]


def test_twin__differs_only_after_the_article_begins():
    """An article that begins on day 20 leaves the days before it exactly as they were."""
    start = resolve("beijing-2020").scenario.start
    late = {"articles.jaywalking.from": start.fromordinal(start.toordinal() + 20)}
    changes = busy() | erring() | harsh()
    without = lived(scheme(changes=changes | {"articles.jaywalking.enabled": False}), 300, 40, watch=range(300))
    begins = lived(scheme(changes=changes | late), 300, 40, watch=range(300))
    early = [[row for row in event_rows(city) if row[0] < 20] for city in (without, begins)]
    assert early[0] == early[1]
    assert event_rows(without) != event_rows(begins)


def test_day__has_at_most_one_act_and_one_wish_a_citizen():
    city = lived(VARIANTS["harsh"].build(), 500, 60, watch=range(500))
    for phase in (c.EV_ACT, c.EV_CONSEQUENCE):
        who_and_when = rows_of(city, phase, 0, 2)
        assert len(set(who_and_when)) == len(who_and_when) > 1000
