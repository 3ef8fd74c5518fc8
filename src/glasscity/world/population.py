"""From a population file's aggregates to thresholds that citizens are drawn with. Model description: E2, E3."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glasscity import columns as c
from glasscity.errors import InputError
from glasscity.rules.fixed import p32
from glasscity.rules.model import Population

ADULT_BAND, DRIVER_BAND = 2, 3


class Draws(NamedTuple):
    """Thresholds of 2^32 for drawing traits; D districts."""

    age_head: np.ndarray  # int64[8]     running sums
    age_other: np.ndarray  # int64[8]     running sums
    occupation: np.ndarray  # int64[8, 8]  age band x running sums
    party: np.ndarray  # int64[8]     by occupation
    drives: np.ndarray  # int64[5]     by income fifth
    online: np.ndarray  # int64[8, 4]  age band x running sums
    enclave: np.ndarray  # int64[D, 3]  chance of an enclave; minority share there, and elsewhere
    sorting: np.ndarray  # int64[1]     chance of the neighbourhood's income fifth
    disfavoured: np.ndarray  # int64[1]     chance of belonging to the disfavoured group


def district_sizes(population: Population, citizens: int) -> list[int]:
    """Citizens of each district: largest remainders of its share of residents, ties to the earlier."""
    residents = [district.residents for district in population.districts.values()]
    total = sum(residents)
    sizes = [citizens * r // total for r in residents]
    order = sorted(range(len(sizes)), key=lambda d: (-(citizens * residents[d] % total), d))
    for d in order[: citizens - sum(sizes)]:
        sizes[d] += 1
    return sizes


def running(shares) -> list[int]:
    """Running sums as thresholds; the last is 2^32."""
    total, sums = 0.0, []
    for share in shares:
        total += share
        sums.append(round(total * 2**32))
    sums[-1] = 2**32
    return sums


def ages_by_place(population: Population) -> tuple[list[float], list[float]]:
    """Age shares of the first member of a household and of the others, so that all together have the file's."""
    sizes = population.circles.household.sizes
    heads = len(sizes) / sum(sizes)
    adult = sum(population.age[ADULT_BAND:])
    if adult <= 0:
        raise InputError("population: age: no share of ages 15 and over; households need an adult")
    head = [0.0] * ADULT_BAND + [share / adult for share in population.age[ADULT_BAND:]]
    others = [max(0.0, share - heads * first) for share, first in zip(population.age, head, strict=True)]
    total = sum(others)
    return head, [share / total for share in others] if total > 0 else head


def scaled(wanted: float, expected: float) -> float:
    """The factor that brings an expectation to the wanted share; 0 if nobody could have it."""
    return wanted / expected if expected > 0 else 0.0


def trait_draws(population: Population) -> Draws:
    """Thresholds for every trait of a population."""
    head, other = ages_by_place(population)
    members = sum(
        population.age[k] * population.occupation[k][o] * population.party[o]
        for k in range(ADULT_BAND, 8)
        for o in range(8)
    )
    party = scaled(population.party_share, members)
    drivers = sum(population.age[DRIVER_BAND:]) * (sum(population.drives) / 5)
    cars = scaled(population.cars_per_resident, drivers)
    share, residents = population.enclave_share, population.enclave_residents
    enclave = []
    for district in population.districts.values():
        inside = min(0.95, district.minority * residents / share) if share > 0 else 0.0
        outside = max(0.0, (district.minority - share * inside) / (1 - share)) if share < 1 else 0.0
        enclave.append([p32(share), p32(inside), p32(outside)])
    return Draws(
        age_head=np.array(running(head), np.int64),
        age_other=np.array(running(other), np.int64),
        occupation=np.array([running(row) for row in population.occupation], np.int64),
        party=np.array([p32(min(1.0, party * share)) for share in population.party], np.int64),
        drives=np.array([p32(min(1.0, cars * share)) for share in population.drives], np.int64),
        online=np.array([running(row) for row in population.online], np.int64),
        enclave=np.array(enclave, np.int64),
        sorting=np.array([p32(population.income_sorting)], np.int64),
        disfavoured=np.array([p32(population.disfavoured_share)], np.int64),
    )


def pattern(sizes: tuple[int, ...]) -> np.ndarray:
    """A pattern of cell sizes as int32[1 + 2 L]: period, then start and size of the cell at each place."""
    period = sum(sizes)
    if period > c.MAX_PATTERN:
        raise InputError(f"population: circles: a pattern of {period} places; at most {c.MAX_PATTERN}")
    table = [period]
    start = 0
    for size in sizes:
        table += [start, size] * size
        start += size
    return np.array(table, np.int32)
