"""What one rank pays, on one core: for living, for drawing, for hashing, for being there. Prints one line of JSON.

    python rank_costs.py SCENARIO CITIZENS DAYS

Seconds of the processor, the best of three rounds each, since other work may share the machine. `paper.py` reckons with it.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from glasscity import columns as c
from glasscity.engine.city import City
from glasscity.engine.shards import settle_traits
from glasscity.rules.resolve import resolve
from glasscity.world.population import pattern, trait_draws

ROUNDS = 3
HASHED = 1 << 28  # bytes


def timed(act: Callable[[], Any]) -> float:
    """Seconds of the processor that `act` took."""
    before = time.process_time()
    act()
    return time.process_time() - before


def best(act: Callable[[], None]) -> float:
    """The least seconds of some rounds."""
    return min(timed(act) for _ in range(ROUNDS))


def neighbours(city: City) -> None:
    """Draw the traits of a whole city, as a shard does those of others."""
    population = city.resolved.population
    with np.errstate(over="ignore"):
        scratch = np.empty((3, c.PAGE), np.int64)
        draws, household = trait_draws(population), pattern(population.circles.household.sizes)
        settle_traits(city.world, city.set_up_keys, draws, household, scratch, 0, city.layout.pages)


def days(city: City, n: int) -> float:
    """Seconds a day, of a city's first days."""
    city.populate()
    return timed(lambda: [city.live() for _ in range(n)]) / n


def main() -> None:
    scenario, citizens, n_days = sys.argv[1], int(float(sys.argv[2])), int(sys.argv[3])
    resolved = resolve(scenario)
    days(City(resolved, 20_000, 8, 1), 8)
    begin = time.process_time()
    empty = min(days(City(resolved, 10 * len(resolved.population.districts), n_days, 1), n_days) for _ in range(ROUNDS))
    full = min(days(City(resolved, citizens, n_days, 1), n_days) for _ in range(ROUNDS))
    city = City(resolved, citizens, n_days, 1)
    neighbours(city)
    zeros = bytes(HASHED)
    found = {
        "citizen_day": (full - empty) / citizens, "day": empty, "birth": best(city.populate) / citizens,
        "trait": best(lambda: neighbours(city)) / citizens, "hashed_byte": best(lambda: hashlib.sha256(zeros)) / HASHED, "begin": begin,
    }  # fmt: skip
    print("RESULT " + json.dumps(found))


if __name__ == "__main__":
    main()
