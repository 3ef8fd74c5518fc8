"""Compiling all loops ahead, in two halves at once: each half is the business of one process."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from glasscity.engine import accounts, loops
from glasscity.engine.city import City
from glasscity.rules.resolve import resolve

DAYS = 8


def tiny_city() -> City:
    """A city that is soon through, with somebody watched, so that every kind of call occurs."""
    return City(resolve("beijing-2020"), 500, DAYS, 1, 1, watch=(0,))


def compile_records() -> None:
    """Conduct, and what follows from entries."""
    city = tiny_city()
    city.open_day()
    city.team.pages(loops.act_pages, city.rules, city.world, city.day)
    out = city.team.workers[0].out
    accounts.settle_entries(city.rules, city.world, out, 0, np.empty(0, np.uint64), 0, 0)
    loops.firm_weeks(city.rules, city.world, out, city.firm_rules, city.firms, city.team.workers[0].firm_tally, 0, 0, 0)


def compile_weeks() -> None:
    """Consequence, the weekly phases and the readings."""
    city = tiny_city()
    city.open_day()
    for loop in (loops.wish_pages, accounts.stand_pages, loops.week_pages):
        city.team.pages(loop, city.rules, city.world, city.day)
    city.n_days = 1  # the last day is surveyed
    city.read()
    city.glance()


def compile_all() -> None:
    """Compile everything into the cache; the second half in a process of its own, which may fail without harm."""
    code = "from glasscity.engine.warm import compile_weeks; compile_weeks()"
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    none = subprocess.DEVNULL
    other = subprocess.Popen([sys.executable, "-c", code], env=paths, stdin=none, stdout=none, stderr=none)
    try:
        compile_records()
        other.wait()
    finally:
        other.kill()
        other.wait()
    city = tiny_city()
    city.populate()
    for _ in range(DAYS):
        city.live()
    city.glance()
