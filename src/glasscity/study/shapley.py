"""Who is hurt by what: a metric's total shared out among mechanisms, whatever their order.

Shapley (1953), A value for n-person games, https://doi.org/10.1515/9781400881970-018: a mechanism's share is what it adds
on average over all orders in which mechanisms could be added. Shares add up to the whole scheme's value less that of the
scheme without any of them. Exact over all subsets for few mechanisms; for many, over random orders
(Castro, Gómez & Tejada 2009, https://doi.org/10.1016/j.cor.2008.04.004), with the 95 % interval of each share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from glasscity.rules import levers
from glasscity.rules.resolve import Resolved
from glasscity.study import worlds
from glasscity.study.chance import ends
from glasscity.study.worlds import Tick, changed

MOST_EXACT = 8  # mechanisms; 256 worlds a seed
Subset = frozenset[str]
Value = Callable[[Subset], float]


@dataclass(frozen=True)
class Share:
    """What one mechanism adds to the metric, and the 95 % interval: over seeds, or over orders where these are sampled."""

    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Attribution:
    """A metric shared out among mechanisms."""

    metric: str
    whole: float  # in the scheme as it is
    rest: float  # in the scheme without any of the mechanisms
    shares: list[Share]
    worlds: int  # lived through
    is_exact: bool
    about: dict[str, object] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, object]:
        """As plain data."""
        shares = [vars(share) for share in self.shares]
        told = {"metric": self.metric, "whole": self.whole, "rest": self.rest, "worlds": self.worlds, "is_exact": self.is_exact}
        return {**self.about, **told, "shares": shares}


def exact_shares(names: Sequence[str], value: Value) -> dict[str, float]:
    """Shapley values from the value of every subset of the names that are at work."""
    n, found = len(names), {}
    for name in names:
        others = [other for other in names if other != name]
        total = 0.0
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            total += weight * sum(value(frozenset({*some, name})) - value(frozenset(some)) for some in combinations(others, size))
        found[name] = total
    return found


def random_orders(names: Sequence[str], n: int, seed: int) -> list[list[str]]:
    """So many orders in which the names could come, drawn alike."""
    luck = np.random.default_rng(seed)
    return [luck.permutation(list(names)).tolist() for _ in range(n)]


def passed(order: Sequence[str]) -> list[Subset]:
    """The sets that an order passes through, from none to all."""
    return [frozenset(order[:k]) for k in range(len(order) + 1)]


def sampled_shares(orders: Sequence[Sequence[str]], value: Value) -> dict[str, np.ndarray]:
    """What each name adds in each order, float64[orders]; the means add up to the total exactly."""
    found = {name: np.empty(len(orders)) for name in orders[0]}
    for k, order in enumerate(orders):
        values = [value(some) for some in passed(order)]
        for name, before, after in zip(order, values, values[1:], strict=False):
            found[name][k] = after - before
    return found


def scheme_of(resolved: Resolved, names: Sequence[str], at_work: Subset) -> Resolved:
    """The scheme in which, of the named mechanisms, only some are at work."""
    scheme = resolved
    for name in names:
        if name not in at_work:
            overlay = levers.without(resolved, name)
            scheme = changed(scheme, overlay)
    return scheme


class Lived:
    """Values of a metric at the end of worlds, each lived once: subset and seed decide."""

    def __init__(self, resolved: Resolved, names: Sequence[str], metric: str, group: str, citizens: int, days: int, tick: Tick):
        self.resolved, self.names, self.metric, self.group = resolved, names, metric, group
        self.citizens, self.days, self.tick = citizens, days, tick
        self.known: dict[tuple[Subset, int], float] = {}

    def live(self, wanted: Sequence[tuple[Subset, int]], threads: int) -> None:
        """Live through worlds side by side, those that are known left out."""
        new = [key for key in dict.fromkeys(wanted) if key not in self.known]
        with ThreadPoolExecutor(threads) as pool:
            self.known |= dict(zip(new, pool.map(lambda key: self.value_of(*key), new), strict=True))

    def of(self, seed: int) -> Value:
        """Values of the worlds of one seed that have been lived."""
        return lambda at_work: self.known[at_work, seed]

    def value_of(self, at_work: Subset, seed: int) -> float:
        """The metric at the end of one world; nought over nought counts as nought. KeyError if there is no such metric."""
        scheme = scheme_of(self.resolved, self.names, at_work)
        frame = worlds.lived(scheme, self.citizens, self.days, seed, 1, self.tick, [self.metric])
        value = worlds.at_end(frame, self.metric, self.group)
        return 0.0 if value is None else value


def attribute(
    resolved: Resolved, metric: str, names: Sequence[str], citizens: int, days: int, seeds: Sequence[int], threads: int,
    group: str = "all", orders: int = 50, tick: Tick = lambda _: None,
) -> Attribution:  # fmt: skip
    """Share out a metric at the end of a run among mechanisms (`rules.levers.MECHANISMS`)."""
    lived = Lived(resolved, names, metric, group, citizens, days, tick)
    is_exact = len(names) <= MOST_EXACT
    if is_exact:
        subsets = [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]
        lived.live([(some, seed) for seed in seeds for some in subsets], threads)
        by_seed = [exact_shares(names, lived.of(seed)) for seed in seeds]
        samples = {name: np.array([shares[name] for shares in by_seed]) for name in names}
    else:
        samples = over_orders(lived, names, orders, seeds, threads)
    whole, rest = (float(np.mean([lived.known[some, seed] for seed in seeds])) for some in (frozenset(names), frozenset()))
    shares = [share_of(name, samples[name]) for name in names]
    shares.sort(key=lambda share: -abs(share.value))
    return Attribution(metric, whole, rest, shares, len(lived.known), is_exact)


def over_orders(
    lived: Lived, names: Sequence[str], orders: int, seeds: Sequence[int], threads: int
) -> dict[str, np.ndarray]:
    """Samples over random orders, shared evenly among the seeds; the worlds that they pass through are lived side by side."""
    by_seed = {seed: random_orders(names, -(-orders // len(seeds)), seed) for seed in seeds}
    lived.live([(some, seed) for seed, found in by_seed.items() for order in found for some in passed(order)], threads)
    parts = [sampled_shares(found, lived.of(seed)) for seed, found in by_seed.items()]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def share_of(name: str, sample: np.ndarray) -> Share:
    """The mean of a sample with its 95 % interval; none for a single value."""
    mean = float(sample.mean())
    return Share(name, mean, *ends(mean, sample))


def work(n_names: int, n_seeds: int, orders: int) -> int:
    """How many worlds `attribute` lives through at most."""
    return n_seeds * (2**n_names if n_names <= MOST_EXACT else 1 + -(-orders // n_seeds) * n_names)
