"""Measures the ties that circles make: degree, clustering, who is tied to whom.

The engine stores no ties. This script writes them all out for a small city, by the definitions of
docs/model.md, E3, and counts. It prints the tables of docs/networks.md:

    python docs/measure_circles.py [--population beijing] [--citizens 20000] [--seed 1]
"""

from __future__ import annotations

import argparse
from itertools import combinations

import numpy as np

from glasscity import columns as c
from glasscity.engine.city import day_keys
from glasscity.kernels.birth import settle_page
from glasscity.kernels.circles import cell, circle_word, permute, role
from glasscity.rules import load
from glasscity.rules.model import Population
from glasscity.world.population import district_sizes, pattern, trait_draws

DISTRICT_WIDE = (c.WORK, c.CHAT, c.PARTY_CELL)
SHOWN = (c.HOUSEHOLD, c.FRIENDS, c.STREET, c.WORK, c.CHAT, c.PARTY_CELL)
BEYOND = "all beyond the household"
WITH_HOUSEHOLD = "all"
GROUPS = {
    "minority": (0, 1),
    "party": (1, 1),
    "income fifth": (c.INCOME_SHIFT, 7),
    "age band": (c.AGE_SHIFT, 7),
}


def read(name: str) -> Population:
    """A population file."""
    path = load.find(Population, name)
    return load.validate(Population, load.read_toml(path), str(path))


def people_of(population: Population, sizes: list[int], keys: np.ndarray) -> np.ndarray:
    """Traits of all citizens in the order of their numbers, uint32[N]."""
    draws, household = trait_draws(population), pattern(population.circles.household.sizes)
    traits, scratch, first = np.zeros(sum(sizes), np.uint32), np.empty((3, c.PAGE), np.int64), 0
    for district, n in enumerate(sizes):
        for page in range(-(-n // c.PAGE)):
            page_n = min(c.PAGE, n - page * c.PAGE)
            settle_page(keys, draws, household, district, page, page_n, traits, first, scratch)
            first += page_n
    return traits


def cells_of(circle: int, sizes: tuple[int, ...], n: int, first: int, word: int | None) -> dict[int, list[int]]:
    """Members of each cell among n citizens, the first of whom has number `first`."""
    table = pattern(sizes)
    cells: dict[int, list[int]] = {}
    for x in range(n):
        position = x if word is None else int(permute(np.uint64(word), n, x))
        start, _ = cell(table, position, n)
        cells.setdefault(int(start), []).append(first + x)
    return cells


def all_cells(population: Population, sizes: list[int], keys: np.ndarray, circle: int):
    """Every cell of a circle in the city."""
    shape = getattr(population.circles, c.CIRCLES[circle]).sizes
    first = 0
    for district, n in enumerate(sizes):
        ranges = [(p, min(c.PAGE, n - p * c.PAGE)) for p in range(-(-n // c.PAGE))]
        if circle in DISTRICT_WIDE:
            ranges = [(c.WHOLE_DISTRICT, n)]
        for page, page_n in ranges:
            word = None if circle == c.FRIENDS else circle_word(keys[c.S_CIRCLE], district, page, circle)
            yield from cells_of(circle, shape, page_n, first, word).values()
            first += page_n


def ties_of(cells, traits: np.ndarray, circle: int) -> set[tuple[int, int]]:
    """Pairs who share a cell and a non-zero role."""
    ties: set[tuple[int, int]] = set()
    for members in cells:
        by_role: dict[int, list[int]] = {}
        for i in members:
            by_role.setdefault(int(role(int(traits[i]), circle)), []).append(i)
        for key, group in by_role.items():
            if key:
                ties.update(combinations(sorted(group), 2))
    return ties


def neighbours_of(ties: set[tuple[int, int]], n: int) -> list[set[int]]:
    """Each citizen's neighbours."""
    neighbours: list[set[int]] = [set() for _ in range(n)]
    for i, j in ties:
        neighbours[i].add(j)
        neighbours[j].add(i)
    return neighbours


def clustering(neighbours: list[set[int]]) -> float:
    """Mean local clustering (Watts & Strogatz 1998) over citizens with two ties or more."""
    values = []
    for mine in neighbours:
        k = len(mine)
        if k > 1:
            closed = sum(len(mine & neighbours[j]) for j in mine) / 2
            values.append(closed / (k * (k - 1) / 2))
    return float(np.mean(values)) if values else 0.0


def assortativity(pairs: np.ndarray, label: np.ndarray) -> float:
    """Newman's coefficient for a discrete label (2003, https://doi.org/10.1103/PhysRevE.67.026126)."""
    n = int(label.max()) + 1
    mixing = np.zeros((n, n))
    np.add.at(mixing, (label[pairs[:, 0]], label[pairs[:, 1]]), 1)
    mixing = (mixing + mixing.T) / mixing.sum() / 2
    by_chance = float((mixing.sum(axis=0) * mixing.sum(axis=1)).sum())
    return (float(np.trace(mixing)) - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0


def distance(neighbours: list[set[int]], starts: np.ndarray) -> tuple[float, float]:
    """Mean steps from some citizens to everyone they can reach, and the share that they reach."""
    total = reached = 0
    for start in starts.tolist():
        seen, edge, steps = {start}, {start}, 0
        while edge:
            steps += 1
            edge = set().union(*(neighbours[i] for i in edge)) - seen
            seen |= edge
            total += steps * len(edge)
        reached += len(seen) - 1
    return total / max(1, reached), reached / (len(starts) * (len(neighbours) - 1))


def table(rows: list[list[str]], head: list[str]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--population", default="beijing")
    options.add_argument("--citizens", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    population, keys = read(chosen.population), day_keys(chosen.seed, 0)
    sizes = district_sizes(population, chosen.citizens)
    traits = people_of(population, sizes, keys)
    ties = {c.CIRCLES[circle]: ties_of(all_cells(population, sizes, keys, circle), traits, circle) for circle in SHOWN}
    apart = [name for name in ties if name != "household"]
    ties[BEYOND] = set().union(*(ties[name] for name in apart))
    ties[WITH_HOUSEHOLD] = ties[BEYOND] | ties["household"]

    network_rows, group_rows = [], []
    for name, pairs in ties.items():
        neighbours = neighbours_of(pairs, len(traits))
        degree = np.array([len(mine) for mine in neighbours])
        spread = [f"{value:.0f}" for value in np.percentile(degree, [5, 50, 95])]
        cells = [f"{len(pairs):,}", f"{degree.mean():.1f}", f"{degree.std():.1f}", *spread, f"{degree.max()}"]
        network_rows.append([name, *cells, f"{clustering(neighbours):.2f}"])
        array = np.array(sorted(pairs))
        labels = [(traits.astype(np.int64) >> shift) & mask for shift, mask in GROUPS.values()]
        group_rows.append([name, *(f"{assortativity(array, label):.2f}" for label in labels)])
    head = ["circle", "ties", "mean degree", "s.d.", "5 %", "median", "95 %", "most", "clustering"]
    print(f"{chosen.population}, {chosen.citizens:,} citizens, seed {chosen.seed}\n")
    print(table(network_rows, head) + "\n")
    print(table(group_rows, ["circle", *GROUPS]) + "\n")
    starts = np.random.default_rng(0).choice(len(traits), 50, replace=False)
    steps, reach = distance(neighbours_of(ties[WITH_HOUSEHOLD], len(traits)), starts)
    print(f"mean distance {steps:.1f}; from one citizen {reach:.1%} of the city can be reached")


if __name__ == "__main__":
    main()
