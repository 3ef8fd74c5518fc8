"""Fits the court list to its published counts up to the end of 2018, by proportional steps.

Prints what it finds beside what the rulebook and the scenario hold: python docs/fit_court_list.py [SEEDS].
Targets are the figures marked as fitted in figures.toml; later ones are not looked at, since
`glasscity validate court-list-2013` judges by them.
"""

from __future__ import annotations

import sys
from statistics import fmean

import polars as pl

from glasscity.jobs.machine import all_threads
from glasscity.rules.resolve import Resolved, resolve
from glasscity.study import figures, worlds
from glasscity.study.validate import read

SCENARIO, CITIZENS, ROUNDS = "court-list-2013", 200_000, 5

# parameter -> the figure that it is fitted to, and an earlier figure from which the growth is counted;
# in the order in which one rests on the other
TARGETS: dict[str, tuple[str, str]] = {
    "articles.court_records_2014.value": ("court_listed_2014", ""),
    "articles.court_records_2015.value": ("court_listed_2017", ""),
    "articles.court_records.value": ("court_listed_2018_09", "court_listed_2017"),
    "articles.court_list.repair": ("court_left_2018", ""),
    "wishes.flight.rate": ("court_air_2018", "court_air_2017"),
    "articles.flight_court_until_2018.value": ("court_air_2017", ""),
    "articles.fast_train_court_until_2018.value": ("court_rail_2017", ""),
    "articles.fast_train_court.value": ("court_rail_2018", "court_rail_2017"),
    "articles.job_court.value": ("court_posts_2018", ""),
}
LARGEST = {"wishes.flight.rate": 4.0}  # what the scenario's bound has room for; all others are shares
FIGURES = figures.read()


def stored() -> dict[str, float]:
    """The parameters as the rulebook and the scenario hold them."""
    resolved, found = resolve(SCENARIO), {}
    for path in TARGETS:
        root, key, field = path.split(".")
        table = resolved.rulebook.articles[key] if root == "articles" else resolved.catalogue.wishes[key]
        found[path] = float(getattr(table, field))
    return found


def growth(key: str, before: str, frames: list[pl.DataFrame], resolved: Resolved) -> tuple[float, float]:
    """What was published and what the runs say, both less an earlier figure."""
    measured = [
        fmean(read(frame, FIGURES[figure].measure, resolved, CITIZENS) for frame in frames) if figure else 0.0
        for figure in (key, before)
    ]
    earlier = FIGURES[before].value if before else 0.0
    return FIGURES[key].value - earlier, measured[0] - measured[1]


def step(values: dict[str, float], seeds: int) -> dict[str, float]:
    """Each parameter scaled by what its count lacks, at most to its largest value."""
    resolved = resolve(SCENARIO, values)
    ends = [FIGURES[key].measure.until for key, _ in TARGETS.values()]
    days = (max(end for end in ends if end) - resolved.scenario.start).days + 1
    frames = [worlds.lived(resolved, CITIZENS, days, seed, all_threads()) for seed in range(1, seeds + 1)]
    moved = {}
    for path, (key, before) in TARGETS.items():
        target, found = growth(key, before, frames, resolved)
        moved[path] = min(LARGEST.get(path, 1.0), values[path] * (target / found if found else 2.0))
        print(f"  {path:45} {values[path]:.5f}: {found:12,.0f} of {target:12,.0f}", flush=True)
    return moved


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    values = stored()
    for number in range(1, ROUNDS + 1):
        print(f"round {number}")
        values = step(values, seeds)
    print("fitted, beside what is stored:")
    for path, value in stored().items():
        print(f"  {path:45} {values[path]:.4g}  {value:.4g}")


if __name__ == "__main__":
    main()
