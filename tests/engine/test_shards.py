"""One world in several shards: the same bits as in one, however many there are."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from shards import Together, in_threads, lived_by
from variants import ONE_DISTRICT, VARIANTS, busy, erring, harsh
from worlds import event_rows, lived, scheme

from glasscity import columns as c
from glasscity.engine import shards
from glasscity.engine.city import City
from glasscity.engine.shards import Shard
from glasscity.metrics import panel, people, tables
from glasscity.rules.overlay import apply
from glasscity.rules.resolve import Resolved, from_documents, resolve
from glasscity.world.state import Layout

N, DAYS, SEED = 30_000, 29, 3
WATCH = (0, 7, 15_000, N - 1)


def in_one_district(resolved: Resolved) -> Resolved:
    """The same scheme over a population that lives in one district."""
    documents = copy.deepcopy(resolved.documents)
    scenario = documents.pop("scenario")
    return from_documents({"scenario": scenario, **apply(documents, ONE_DISTRICT)})


SCHEMES = {
    "beijing-2020": lambda: resolve("beijing-2020"),
    "china": lambda: resolve("china"),
    "court-list": lambda: resolve("court-list"),
    "sesame": lambda: resolve("sesame"),
    "the whole city is mistaken": lambda: scheme(changes=busy() | erring("city") | harsh()),
    "one district": lambda: in_one_district(scheme(changes=busy() | erring("district") | harsh())),
    "firms in one district": lambda: in_one_district(VARIANTS["firms"].build()),
    "articles come and go": VARIANTS["articles come and go"].build,
}
CROSSING = {"the whole city is mistaken", "one district", "firms in one district"}  # enough crosses to tell


@pytest.fixture(scope="module", params=SCHEMES)
def whole(request):
    """A scheme's name, the scheme, and a city lived by one process, with a panel."""
    resolved = SCHEMES[request.param]()
    return request.param, resolved, lived(resolved, N, DAYS, SEED, panel=500, watch=WATCH)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_shards__end_with_the_digest_readings_and_tables_of_one_process(whole, size):
    _, resolved, alone = whole
    found = lived_by(size, resolved, N, DAYS, SEED, panel=500, watch=WATCH)
    for shard in found:
        for a, b in zip(alone.readings, shard.readings, strict=True):
            assert all(np.array_equal(getattr(a, field), getattr(b, field)) for field in vars(a))
    digests = in_threads(size, lambda exchange: ended(found, exchange))
    assert set(digests) == {alone.digest()}
    told, numbers = found[0], np.arange(0, N, 7)
    assert event_rows(told) == event_rows(alone)
    for frame in (tables.metrics_frame, people.afar_frame, people.events_frame, lambda city: people.citizens_frame(city, numbers)):
        assert frame(told).equals(frame(alone), null_equal=True)
    for one, other in zip(vars(panel.seen(told)).values(), vars(panel.seen(alone)).values(), strict=True):
        assert one.equals(other) if hasattr(one, "equals") else one == other


def ended(found: list[Shard], exchange: Together) -> str:
    """The digest; afterwards shard 0 can be looked at."""
    shard = found[exchange.rank]
    shard.exchange = exchange
    digest = shard.digest()
    shard.tell(shard.layout.slots_of(np.arange(0, N, 7)))
    return digest


def test_shards__more_than_there_are_neighbourhoods_change_nothing():
    resolved = scheme(changes=busy() | erring("city") | harsh())
    alone, found = lived(resolved, 300, 15, SEED), lived_by(30, resolved, 300, 15, SEED)
    assert sum(len(shard.pages) == 0 for shard in found) > 10
    assert set(in_threads(30, lambda exchange: ended_small(found, exchange))) == {alone.digest()}


def ended_small(found: list[Shard], exchange: Together) -> str:
    found[exchange.rank].exchange = exchange
    return found[exchange.rank].digest()


# --- where it is cut ----------------------------------------------------------------------------------


def test_cuts__are_even_but_for_borders_of_districts_that_are_near():
    layout = Layout.of([100 * c.PAGE, 104 * c.PAGE, 396 * c.PAGE])
    assert shards.cuts_of(layout, 6).tolist() == [0, 100, 204, 300, 400, 500, 600]
    assert shards.cuts_of(layout, 2).tolist() == [0, 300, 600]
    assert shards.cuts_of(layout, 1).tolist() == [0, 600]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 31, 200])
def test_cuts__share_out_every_neighbourhood_and_firm_once(size):
    city = City(resolve("beijing-2020"), 400_000, 1, 1, panel=900)
    cuts = shards.cuts_of(city.layout, size).tolist()
    places = [shards.place_of(city, range(a, b)) for a, b in zip(cuts, cuts[1:], strict=False)]
    for kind in (shards.PAGES, shards.FIRMS, shards.MEMBERS):
        ends = [(place.pieces[kind].start, place.pieces[kind].stop) for place in places]
        assert ends[0][0] == 0 and all(one[1] == other[0] and one[0] <= one[1] for one, other in zip(ends, ends[1:], strict=False))
    assert places[-1].firms.stop == len(city.firms.firm_score)
    assert places[-1].members.stop == len(city.panel)


# --- what crosses -------------------------------------------------------------------------------------


def test_traits_of_neighbours__are_drawn_and_nothing_else_of_them():
    resolved = in_one_district(resolve("beijing-2020"))
    alone = City(resolved, N, 1, SEED)
    alone.populate()
    for shard in lived_by(3, resolved, N, 0, SEED):
        assert np.array_equal(shard.world.traits, alone.world.traits)
        foreign = np.ones(shard.layout.slots, bool)
        foreign[shard.place.slots.start : shard.place.slots.stop] = False
        assert not shard.world.own[foreign].any() and not shard.world.risk[foreign].any()


# --- snapshots ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [(3, 2), (2, 5), (1, 3), (5, 1)])
@pytest.mark.parametrize("days", [3, 16])
def test_snapshot__of_so_many_shards_goes_on_in_another_number(before, after, days):
    resolved = SCHEMES["firms in one district"]()
    whole = lived(resolved, N, DAYS, SEED, panel=500, watch=WATCH)
    first = lived_by(before, resolved, N, days, SEED, n_days=DAYS, panel=500, watch=WATCH)
    kept = in_threads(before, lambda exchange: copy.deepcopy(taken(first, exchange)))

    def go_on(exchange: Together) -> str:
        shard = Shard(exchange, resolved, N, DAYS, SEED, panel=500, watch=WATCH)
        own = shards.join([shards.cut(part, one.place, shard.place) for one, (part, _) in zip(first, kept, strict=True)])
        shard.restore(kept[0][1] | own)
        while shard.day < DAYS:
            shard.live()
        rows.append(np.concatenate(shard.rows))
        looks.append((exchange.rank, np.array(shard.panel_seen)))
        return shard.digest()

    rows, looks = [], []
    assert set(in_threads(after, go_on)) == {whole.digest()}
    assert sorted(map(tuple, np.concatenate(rows).tolist())) == sorted(map(tuple, np.concatenate(whole.rows).tolist()))
    assert np.array_equal(np.concatenate([look for _, look in sorted(looks, key=lambda one: one[0])], axis=1), np.array(whole.panel_seen))


def taken(found: list[Shard], exchange: Together) -> tuple[shards.Arrays, shards.Arrays]:
    """What a shard keeps of its own, and what all have in common."""
    shard = found[exchange.rank]
    shard.exchange = exchange
    return shard.snapshot(), shard.shared()
