"""One life lived again equals that life in the whole city, row by row, in worlds where others reach it often."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from glasscity import columns as c
from glasscity.engine.city import City, copied
from glasscity.kernels.conduct import chance
from glasscity.metrics import people, tables
from glasscity.rules.overlay import apply
from glasscity.rules.resolve import Resolved, from_documents, resolve
from glasscity.study import reach, replay
from tests.worlds import lived, scheme

DAYS = 100
Rows = list[tuple[int, ...]]


def afar_of(city: City) -> dict[int, set[int]]:
    frame = people.afar_frame(city).group_by("page").agg("day")
    return {page: set(days) for page, days in frame.iter_rows()}


def rows_of(city: City, slot: int) -> Rows:
    """The event rows of one citizen."""
    rows = np.concatenate(city.rows)
    return sorted(map(tuple, rows[rows[:, 2] == slot].tolist()))


def again(city: City, citizen: int) -> tuple[replay.Part, replay.Cone]:
    metrics = tables.metrics_frame(city)
    seen = replay.seen_by_all(metrics, city.resolved, city.layout.citizens, city.n_days)
    return replay.live_again(
        city.resolved, city.layout.citizens, city.n_days, city.seed, seen, afar_of(city), citizen, threads=2
    )


def hasty() -> Resolved:
    """Beijing with channels that err and friends who matter: nearly every life is reached by others."""
    articles = resolve("beijing-2020").rulebook.articles
    changes = {f"articles.{key}.wrong_match": 0.2 for key, a in articles.items() if a.what == "channel"}
    changes |= {f"articles.{key}.true_match": 0.3 for key, a in articles.items() if a.what == "channel"}
    changes |= {"articles.friends.value": 0.5, "articles.informers.value": 0.9, "articles.informers.false_reports": 0.9}
    return scheme(changes=changes)


def fearful() -> Resolved:
    """As hasty, with informers who see most acts, and people who at once stop what they are sanctioned for."""
    documents = hasty().documents
    changes = {"articles.deterrence.value": 1.0, "articles.own_sanction.value": 1.0, "articles.informers.value": 1.0}
    changes |= {f"articles.informers.sees.{conduct}": 1.0 for conduct in documents["rulebook"]["articles"]["informers"]["sees"]}
    return from_documents({"scenario": documents["scenario"], **apply({k: v for k, v in documents.items() if k != "scenario"}, changes)})


SCHEMES = {"hasty": hasty} | {name: (lambda name=name: resolve(name)) for name in ("beijing-2020", "village", "europe", "corporate")}


@pytest.fixture(scope="module", params=SCHEMES)
def city(request) -> City:
    """A whole city in which a few are watched: citizens of both ends of a district, and of the middle."""
    chosen = [0, 1, 4097, 7000, 11_999]
    return lived(SCHEMES[request.param](), 12_000, DAYS, threads=2, watch=chosen)


def test_replay__has_every_row_and_the_last_state_of_the_circle(city):
    for citizen in [0, 1, 4097, 7000, 11_999]:
        part, _ = again(city, citizen)
        [slot] = city.layout.slots_of(np.array([citizen])).tolist()
        assert rows_of(part, slot) == rows_of(city, slot), citizen
        for column in c.STATE:
            whole, found = getattr(city.world, column.name), getattr(part.world, column.name)
            assert (whole[part.followed] == found[part.followed]).all(), (citizen, column.name)


def test_replay__where_senders_hang_on_their_own_past_and_mates_live_all_over_the_district():
    """Many lives of a district of several neighbourhoods, most of which a replay never draws."""
    chosen = list(range(5600, 14_000, 900))
    city = lived(fearful(), 60_000, DAYS, threads=2, watch=chosen)
    slots = city.layout.slots_of(np.array(chosen))
    assert city.layout.sizes[city.world.page_district[slots >> c.PAGE_BITS]].min() > 2 * c.PAGE
    for citizen, slot in zip(chosen, slots.tolist(), strict=True):
        part, _ = again(city, citizen)
        assert rows_of(part, slot) == rows_of(city, slot), citizen


def test_replay__needs_the_senders_from_elsewhere(monkeypatch):
    """Without whoever is found by looking back, some life is another: the test above can fail."""
    chosen = list(range(4097, 4121))
    city = lived(hasty(), 12_000, DAYS, threads=2, watch=chosen)
    slots = city.layout.slots_of(np.array(chosen)).tolist()
    cones = [again(city, citizen)[1] for citizen in chosen[::12]]
    assert all(len(cone.size) > 1 and cone.senders for cone in cones)
    monkeypatch.setattr(replay.Tracer, "look_back", lambda *_: None)
    alone = [again(city, citizen)[0] for citizen in chosen]
    assert any(rows_of(part, slot) != rows_of(city, slot) for part, slot in zip(alone, slots, strict=True))


def test_cone__of_a_quiet_world_is_one_circle():
    quiet = {f"articles.{key}.enabled": False for key, a in resolve("beijing-2020").rulebook.articles.items() if a.what == "channel"}
    city = lived(scheme(changes=quiet), 6000, 30)
    _, cone = again(city, 100)
    assert len(cone.size) == 1 and not cone.senders


@pytest.mark.parametrize(("first", "size", "gallery"), [(0, 12, 4096), (4090, 6, 4096), (17, 3, 100), (0, 1, 2), (5, 12, 21_000_000)])
def test_range__holds_every_draw_that_names_one_of_them(first, size, gallery):
    """Against the rule of E5 itself, at both ends of every author's interval."""
    [(low, width)] = replay.range_of(first, size, gallery)
    for own in {0, first, min(gallery - 1, first + size), gallery - 1}:
        for named in range(first, first + size):
            other = named - (named > own)
            if named == own:
                continue
            for u in (-(-(other << 32) // (gallery - 1)), ((other + 1 << 32) - 1) // (gallery - 1)):
                assert (u * (gallery - 1)) >> 32 == other and low <= u < low + width


def test_range__of_one_alone_is_empty():
    assert replay.range_of(0, 1, 1) == []


def test_seen_by_all__is_what_the_city_saw():
    city = lived(hasty(), 5000, 30)
    expected = [reading.district_state for reading in city.readings if (reading.day + 1) % 7 == 0]
    found = replay.seen_by_all(tables.metrics_frame(city), city.resolved, 5000, 30)
    assert (found == np.array(expected)).all() and found[..., 2].min() < 65536


def test_seen_by_all__says_what_is_missing():
    city = lived(resolve("beijing-2020"), 1000, 14)
    metrics = tables.metrics_frame(city).filter(pl.col("day") != 6)
    with pytest.raises(ValueError, match="sanctioned_now: 16 values where 2 weeks of 16 districts have 32"):
        replay.seen_by_all(metrics, city.resolved, 1000, 14)


def test_marks__survive_a_checkpoint():
    city = lived(hasty(), 5000, 10)
    half = City(city.resolved, 5000, 10, 1)
    half.populate()
    for _ in range(5):
        half.live()
    other = City(city.resolved, 5000, 10, 1, threads=2)
    other.restore(copied(half.snapshot()))
    for _ in range(5):
        other.live()
    assert city.named_from_afar.any() and (other.named_from_afar == city.named_from_afar).all()


def test_motivation__stays_within_the_two_values_that_the_bounds_rest_on():
    city = lived(resolve("beijing-2020"), 5000, 60)
    frame = people.citizens_frame(city, np.arange(5000))
    lost = frame["solidarity"].cast(pl.Int16) + 4 - frame["motivation"].cast(pl.Int16)
    assert set(lost.to_list()) == {0, 1}
    assert chance(2**32, 2**24, 256) == 2**32  # a full factor lets everybody act


def test_picks__finds_the_mate_of_the_whole_city_where_nobody_has_been_drawn():
    """Roles decide who is a mate, so the traits of a cell are drawn before one is picked."""
    whole = lived(resolve("beijing-2020"), 60_000, 1)
    part = replay.Part(whole.resolved, 60_000, 1, 1, np.zeros((0, 16, 3), np.int64))
    tracer, scratch = replay.Tracer(part, {}), np.empty(c.MAX_PATTERN, np.int64)
    differ = 0
    for rank in range(0, 9000, 450):
        for circle in (c.STREET, c.WORK, c.CHAT):
            wanted = np.zeros(part.layout.slots, np.uint8)
            n = reach.fellows(part.set_up_keys, part.world, circle, 2, rank, scratch)
            cell = scratch[:n].copy()
            for slot in cell.tolist():
                wanted[slot] = 1
                answers = [
                    reach.picks(whole.rules, world, tracer.draws, tracer.household, wanted, circle, 2, rank, rank * 477_218, scratch)
                    for world in (whole.world, part.world)
                ]  # fmt: skip
                assert answers[0] == answers[1], (rank, circle, slot)
                differ += answers[0]
                wanted[slot] = 0
            assert ((whole.world.traits[cell] ^ part.world.traits[cell]) & ~np.uint16(c.PARENT) == 0).all()
    assert differ > 30
