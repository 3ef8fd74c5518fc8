"""Fits the court list to its published counts up to the end of 2018, by proportional steps.

Prints what it finds beside what the rulebook holds: python docs/fit_court_list.py [SEEDS]. Later figures are not looked at:
`glasscity validate court-list-2013` judges by them.
"""

from __future__ import annotations

import sys
from datetime import date

from glasscity.rules.resolve import resolve
from glasscity.study import worlds
from glasscity.study.figures import Measure
from glasscity.study.validate import read

CITIZENS, LAST_DAY, ROUNDS = 200_000, date(2018, 12, 31), 6
SCENARIO = "court-list-2013"
END_2017 = date(2017, 12, 31)

# parameter -> the count it is fitted to, and how that is read; in the order in which one rests on the other
TARGETS: dict[str, tuple[float, Measure]] = {
    "articles.court_records_2014.value": (87_079, Measure(above=("straight_listed",), until=date(2014, 3, 31), residents=True)),
    "articles.court_records_2015.value": (9.59e6, Measure(above=("straight_listed",), until=END_2017, residents=True)),
    "articles.court_records.value": (
        1.64e6, Measure(above=("straight_listed",), since=date(2018, 1, 1), until=date(2018, 6, 30), residents=True)
    ),
    "articles.court_list.repair": (2.8e6, Measure(above=("repaired",), until=date(2018, 6, 30), residents=True)),
    "wishes.flight.rate": (
        8.1e6, Measure(above=("refused.flight",), since=date(2018, 1, 1), until=LAST_DAY, residents=True)
    ),
    "articles.flight_court_until_2018.value": (9.36e6, Measure(above=("refused.flight",), until=END_2017, residents=True)),
    "articles.fast_train_court_until_2018.value": (
        3.67e6, Measure(above=("refused.fast_train",), until=END_2017, residents=True)
    ),
    "articles.fast_train_court.value": (
        1.8e6, Measure(above=("refused.fast_train",), since=date(2018, 1, 1), until=LAST_DAY, residents=True)
    ),
    "articles.job_court.value": (290_000, Measure(above=("refused.job",), until=LAST_DAY, residents=True)),
}  # fmt: skip


def stored() -> dict[str, float]:
    """The parameters as the rulebook and the scenario hold them."""
    resolved = resolve(SCENARIO)
    found = {}
    for path in TARGETS:
        root, key, field = path.split(".")
        table = {"articles": resolved.rulebook.articles, "wishes": resolved.catalogue.wishes}[root]
        found[path] = float(getattr(table[key], field))
    return found


def step(values: dict[str, float], seeds: int) -> dict[str, float]:
    """Each parameter scaled by what its count lacks; shares stay within 0 and 1."""
    resolved = resolve(SCENARIO, values)
    days = (LAST_DAY - resolved.scenario.start).days + 1
    frames = [worlds.lived(resolved, CITIZENS, days, seed, 2) for seed in range(1, seeds + 1)]
    moved = {}
    for path, (target, measure) in TARGETS.items():
        found = sum(read(frame, measure, resolved, CITIZENS) for frame in frames) / seeds
        top = 4.0 if path == "wishes.flight.rate" else 1.0
        moved[path] = min(top, values[path] * (target / found if found else 2.0))
        print(f"  {path:45} {values[path]:.5f}: {found:12,.0f} of {target:12,.0f}", flush=True)
    return moved


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    values = stored()
    for round_ in range(ROUNDS):
        print(f"round {round_ + 1}")
        values = step(values, seeds)
    print("fitted, beside what is stored:")
    for path, value in stored().items():
        print(f"  {path:45} {values[path]:.4g}  {value:.4g}")


if __name__ == "__main__":
    main()
