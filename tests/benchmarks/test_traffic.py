"""What crosses between shards, worked out in `benchmarks/traffic.py`, beside what does cross."""

from __future__ import annotations

import copy

import numpy as np
import paper
import pytest
import traffic
from shards import lived_by
from variants import ONE_DISTRICT, VARIANTS, busy, erring, harsh
from worlds import scheme

from glasscity import columns as c
from glasscity.rules.overlay import apply
from glasscity.rules.resolve import Resolved, from_documents, resolve
from glasscity.world.state import Layout

N, DAYS, SEED = 30_000, 15, 3
BOUND = 0.05  # of the entries: how many cross is a matter of chance, and what is told of mates an estimate


def in_one_district(resolved: Resolved) -> Resolved:
    """The same scheme over a population that lives in one district."""
    documents = copy.deepcopy(resolved.documents)
    scenario = documents.pop("scenario")
    return from_documents({"scenario": scenario, **apply(documents, ONE_DISTRICT)})


SCHEMES = {
    "named wrongly in the whole city": lambda: scheme(changes=busy() | erring("city") | harsh()),
    "named wrongly in the district": lambda: in_one_district(scheme(changes=busy() | erring("district") | harsh())),
    "employed by a listed firm": lambda: in_one_district(VARIANTS["firms"].build()),
}


@pytest.fixture(scope="module", params=SCHEMES)
def seen(request):
    """A scheme, and what a city of one process tells of its entries."""
    resolved = SCHEMES[request.param]()
    return resolved, traffic.profile(resolved, N, DAYS, SEED)


@pytest.mark.parametrize("size", [2, 3])
def test_entries__that_cross_are_as_many_as_was_worked_out(seen, size):
    resolved, profile = seen
    found = lived_by(size, resolved, N, DAYS, SEED)
    sent = sum(shard.exchange.sent["entries"] for shard in found)
    expected = traffic.entries(profile.crossing(traffic.matrix(found[0].layout.sizes, found[0].cuts)) * DAYS)
    assert expected > 10_000
    assert sent == pytest.approx(expected, rel=BOUND)


# --- who lives where ----------------------------------------------------------------------------------


def test_matrix__counts_everybody_once():
    sizes, cuts = [5 * c.PAGE + 7, 0, c.PAGE], [0, 2, 2, 6, 7]
    people = traffic.matrix(sizes, cuts)
    assert people.tolist() == [[2 * c.PAGE, 0, 3 * c.PAGE + 7, 0], [0, 0, 0, 0], [0, 0, 0, c.PAGE]]


def test_firms__lie_as_the_pages_of_their_district_do():
    sizes, first = np.array([4 * c.PAGE, c.PAGE]), np.array([0, 10, 13])
    assert traffic.firms_by_shard(first, sizes, [0, 1, 5]).tolist() == [2, 11]
    assert traffic.firms_by_shard(first, sizes, [0, 3, 5]).tolist() == [7, 6]


def test_crossing__chances_of_equal_halves():
    """Four people in two districts; one district is cut in the middle, the other not at all."""
    people = np.array([[1, 1], [0, 2]])
    assert traffic.crossing_district(people).tolist() == [1.0, 0.0]
    assert traffic.crossing_city(people) == pytest.approx([(1.0 + 1 / 3) / 2, 1 / 3])


def test_crossing__of_one_shard_is_none():
    people = np.array([[7], [0], [1]])
    assert not traffic.crossing_district(people).any() and not traffic.crossing_city(people).any()


# --- on paper -----------------------------------------------------------------------------------------

COSTS = paper.Costs(citizen_day=2e-8, day=1e-3, birth=1e-7, trait=1e-7, hashed_byte=1e-9, begin=1.0, tables=1.0, process_bytes=1e8)
QUIET = traffic.Profile(np.zeros(31), np.zeros(31))


@pytest.mark.parametrize("ranks", [2, 5, 16])
def test_world__on_paper_is_cut_as_one_that_is_lived(ranks):
    resolved, citizens = resolve("china"), 600_000
    world = paper.World(resolved, citizens, ranks)
    found = lived_by(ranks, resolved, citizens, 0)
    drawn = [sum(drawn_in(shard.layout, part) for part in shard.neighbours) for shard in found]
    lived = [drawn_in(shard.layout, shard.pages) for shard in found]
    assert world.people.sum(axis=0).tolist() == lived
    assert (world.largest, world.neighbours) == (max(lived), max(drawn))


def drawn_in(layout: Layout, pages: range) -> int:
    """Citizens who live in some pages."""
    ends = layout.first_slot + layout.sizes
    first, last = pages.start * c.PAGE, pages.stop * c.PAGE
    return int(np.clip(np.minimum(ends, last) - np.maximum(layout.first_slot, first), 0, None).sum())


def test_year__of_one_rank_has_no_exchange_and_no_neighbours():
    parts = paper.year(paper.World(resolve("china"), 10_000_000, 1), COSTS, paper.Network(), QUIET, has_firms=True)
    assert parts["exchange"] == parts["drawing neighbours"] == 0
    assert parts["living"] == pytest.approx(365 * 1e7 * 2e-8)


def test_year__of_more_ranks_takes_less_living_and_more_exchange():
    found = [paper.year(paper.World(resolve("china"), 10**9, k), COSTS, paper.Network(), QUIET, has_firms=True) for k in (16, 128, 1024)]
    living, exchange, neighbours = ([parts[name] for parts in found] for name in ("living", "exchange", "drawing neighbours"))
    assert living == sorted(living, reverse=True) and exchange == sorted(exchange) and neighbours == sorted(neighbours)


def test_world__of_eight_billion_is_told_from_one_that_can_be_lived():
    assert paper.World(resolve("china"), 1_411_778_724, 16).is_accepted
    assert not paper.World(resolve("china"), 8_000_000_000, 16).is_accepted
