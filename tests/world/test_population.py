"""Citizens are drawn so that the aggregates of the population file come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import column, lived, scheme

from glasscity import columns as c
from glasscity.kernels import circles
from glasscity.metrics.people import dispositions
from glasscity.rules.resolve import resolve
from glasscity.world.population import ages_by_place, district_sizes, pattern, trait_draws
from glasscity.world.state import Layout

CITIZENS, SIGMAS = 200_000, 5
BEIJING, CHINA = resolve("beijing-2020").population, resolve("china").population


@pytest.fixture(scope="module")
def city():
    return lived(resolve("beijing-2020"), CITIZENS, 0, seed=3)


def trait(city, name: str) -> np.ndarray:
    """One trait of everybody."""
    if name in c.DISPOSITIONS:
        return dispositions(city, city.layout.slots_of(np.arange(city.layout.citizens)))[name].to_numpy()
    shift, mask, _ = c.TRAITS[name]
    return column(city, "traits") >> shift & mask


def assert_share(found: int, n: int, share: float, what: str) -> None:
    """A count out of n lies within five standard errors of its share (1 in 1.7 million to fail by chance)."""
    error = np.sqrt(n * share * (1 - share))
    assert abs(found - n * share) <= SIGMAS * error + 1e-9, f"{what}: {found} of {n}, expected {n * share:.1f}"


@given(st.integers(1, 2_000_000_000), st.sampled_from([BEIJING, CHINA]))
def test_district_sizes__add_up_and_are_within_one_of_the_share(citizens, population):
    sizes = district_sizes(population, citizens)
    residents = [district.residents for district in population.districts.values()]
    assert sum(sizes) == citizens
    for size, r in zip(sizes, residents, strict=True):
        assert abs(size * sum(residents) - citizens * r) < sum(residents)


def test_district_sizes__of_all_residents_are_the_residents():
    for population in (BEIJING, CHINA):
        residents = [district.residents for district in population.districts.values()]
        assert district_sizes(population, sum(residents)) == residents


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8).filter(any), st.data())
def test_layout__numbers_and_slots_are_inverse(sizes, data):
    places = Layout.of(sizes)
    numbers = np.array(data.draw(st.lists(st.integers(0, places.citizens - 1), max_size=20)), np.int64)
    slots = places.slots_of(numbers)
    assert places.numbers_of(slots).tolist() == numbers.tolist()
    assert (slots < places.slots).all()
    ends = places.first_slot + places.sizes
    d = np.searchsorted(np.cumsum(places.sizes), numbers, side="right")
    assert ((slots >= places.first_slot[d]) & (slots < ends[d])).all()
    assert (places.first_slot % c.PAGE == 0).all()


def test_ages__of_heads_and_others_together_are_the_files():
    for population in (BEIJING, CHINA):
        sizes = population.circles.household.sizes
        share = len(sizes) / sum(sizes)
        head, other = ages_by_place(population)
        assert head[0] == head[1] == 0, "no child lives alone"
        together = [share * a + (1 - share) * b for a, b in zip(head, other, strict=True)]
        assert together == pytest.approx(population.age, abs=1e-12)


def test_age__shares_are_the_files(city):
    """Those who live with others and heads are drawn apart, so the spread is at most binomial."""
    for band, share in enumerate(BEIJING.age):
        assert_share(int((trait(city, "age") == band).sum()), CITIZENS, share, f"age band {band}")


def test_age__heads_of_households_are_adults(city):
    shape, key = pattern(BEIJING.circles.household.sizes), city.set_up_keys[c.S_CIRCLE]
    ages, first = trait(city, "age"), 0
    for d, n in enumerate(city.layout.sizes.tolist()[:3]):
        n_page = min(n, c.PAGE)
        word = np.uint64(circles.circle_word(key, d, 0, c.HOUSEHOLD))
        for j in range(n_page):
            position = circles.permute(word, n_page, j)
            if circles.cell(shape, position, n_page)[0] == position:
                assert ages[first + j] >= 2
        first += n


@pytest.mark.parametrize("name", ["occupation", "online"])
def test_tables__by_age_are_the_files(city, name):
    ages, values = trait(city, "age"), trait(city, name)
    for band, row in enumerate(getattr(BEIJING, name)):
        of_band = values[ages == band]
        for value, share in enumerate(row):
            assert_share(int((of_band == value).sum()), len(of_band), share, f"{name} {value} of age band {band}")


def test_party_and_cars__have_the_files_totals_and_relations(city):
    """Expected shares are exact; membership depends on age and occupation alone, cars on income alone."""
    party, drives, ages = trait(city, "party"), trait(city, "drives"), trait(city, "age")
    assert_share(int(party.sum()), CITIZENS, BEIJING.party_share, "party members")
    assert not party[ages < 2].any() and not drives[ages < 3].any()
    adults, income = ages >= 3, trait(city, "income")
    share = drives[adults].mean()
    for fifth, relative in enumerate(BEIJING.drives):
        of_fifth = drives[adults & (income == fifth)]
        expected = share * relative / (sum(np.array(BEIJING.drives) * np.bincount(income[adults]) / adults.sum()))
        assert_share(int(of_fifth.sum()), len(of_fifth), expected, f"drivers of income fifth {fifth}")


def test_cars__have_the_files_total(city):
    """Income is shared by household and, in part, by neighbourhood: the spread is that of the neighbourhoods' means."""
    drives = trait(city, "drives")
    pages = [part[k : k + c.PAGE] for part in city.layout.parts(city.world.traits) for k in range(0, len(part), c.PAGE)]
    spread = np.sqrt(sum((len(page) * 0.08) ** 2 for page in pages))
    assert abs(drives.sum() - CITIZENS * BEIJING.cars_per_resident) < SIGMAS * spread


@pytest.mark.parametrize("name", ["integrity", "dissent", "boldness", "trust", "solidarity"])
def test_dispositions__are_binomial_seven_halves(city, name):
    counts = np.bincount(trait(city, name), minlength=8)
    for value, ways in enumerate((1, 7, 21, 35, 35, 21, 7, 1)):
        assert_share(int(counts[value]), CITIZENS, ways / 128, f"{name} {value}")


def test_enclaves__keep_the_mean_of_each_district():
    """Share in enclaves and elsewhere average to the district's, exactly but for the rounding to 2^-32."""
    for population in (BEIJING, CHINA):
        thresholds = trait_draws(population).enclave
        e = population.enclave_share
        for row, (name, district) in zip(thresholds.tolist(), population.districts.items(), strict=True):
            inside, outside = row[1] / 2**32, row[2] / 2**32
            if inside < 0.95:
                assert e * inside + (1 - e) * outside == pytest.approx(district.minority, abs=1e-9), name
            assert outside <= district.minority + 1e-9 and inside <= 0.95 + 1e-9


def test_minority__share_is_the_citys(city):
    """Enclaves come and go with the draw of a neighbourhood; households share the trait."""
    minority, at = trait(city, "minority"), 0
    variance, expected, e = 0.0, 0.0, BEIJING.enclave_share
    household = np.mean(np.square(BEIJING.circles.household.sizes)) / np.mean(BEIJING.circles.household.sizes)
    rows = trait_draws(BEIJING).enclave / 2**32
    for n, (_, inside, outside), district in zip(city.layout.sizes, rows, BEIJING.districts.values(), strict=True):
        pages = [min(c.PAGE, n - k) for k in range(0, int(n), c.PAGE)]
        variance += sum(size**2 for size in pages) * e * (1 - e) * (inside - outside) ** 2
        variance += n * household * district.minority
        expected += n * district.minority
        at += n
    assert abs(minority.sum() - expected) < SIGMAS * np.sqrt(variance)


def test_household__shares_minority_and_income():
    """Of two members one never has a trait of the household that the other lacks."""
    city = lived(scheme(changes={"population.circles.household.sizes": [4]}), 3000, 0)
    key, shape, n = city.set_up_keys[c.S_CIRCLE], pattern((4,)), int(city.layout.sizes[2])
    word = np.uint64(circles.circle_word(key, 2, 0, c.HOUSEHOLD))
    first = int(city.layout.first_slot[2])
    shared: dict[int, set[int]] = {}
    for j in range(n):
        home = int(circles.cell(shape, circles.permute(word, n, j), n)[0])
        shared.setdefault(home, set()).add(int(city.world.traits[first + j]) & (c.MINORITY | 7 << c.INCOME_SHIFT))
    assert {len(values) for values in shared.values()} == {1}


def test_parents__are_adults_with_a_child_at_home(city):
    ages, parents = trait(city, "age"), trait(city, "parent").astype(bool)
    assert set(np.unique(ages[parents])) == {3, 4, 5}
    assert 0.1 < parents[(ages >= 3) & (ages <= 5)].mean() < 0.5


def test_everybody__has_their_first_morning(city):
    traits = column(city, "traits").astype(np.int64)
    assert (column(city, "own") == 1000).all()
    for name in ("false_points", "association", "note", "listed_weeks"):
        assert not column(city, name).any(), name
    trust, solidarity = trait(city, "trust").astype(int), trait(city, "solidarity").astype(int)
    assert (column(city, "risk") == 24 + 8 * (7 - trust)).all()
    assert (column(city, "inner") == (15 | (4 + solidarity) << 4)).all()
    assert (column(city, "status") == 2).all(), "class A, no flags"
    assert (traits >> 15 == trait(city, "disfavoured")).all()
    assert not column(city, "fate").any()
