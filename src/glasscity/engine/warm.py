"""Compiling all loops ahead, in two halves at once: each half is the business of one process."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from glasscity.engine import loops
from glasscity.engine.city import City
from glasscity.rules.resolve import resolve

DAYS = 8


def tiny_city() -> City:
    """A city that is soon through, with somebody watched, so that every kind of call occurs."""
    return City(resolve("beijing-2020"), 500, DAYS, 1, 1, watch=(0,))


def compile_conduct() -> None:
    """What runs over everybody each day."""
    city = tiny_city()
    city.open_day()
    for loop in (loops.act_pages, loops.wish_pages):
        city.team.pages(loop, city.rules, city.world, city.day)


def compile_standing() -> None:
    """What follows from entries, the weekly phases and the readings."""
    city = tiny_city()
    city.open_day()
    for loop in (loops.stand_pages, loops.week_pages):
        city.team.pages(loop, city.rules, city.world, city.day)
    loops.settle_entries(city.rules, city.world, city.team.workers[0].out, 0, np.empty(0, np.uint64), 0, 0)
    city.read()
    city.glance()


def compile_all() -> None:
    """Compile everything into the cache; the second half in a process of its own, which may fail without harm."""
    code = "from glasscity.engine.warm import compile_standing; compile_standing()"
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    none = subprocess.DEVNULL
    other = subprocess.Popen([sys.executable, "-c", code], env=paths, stdin=none, stdout=none, stderr=none)
    try:
        compile_conduct()
        other.wait()
    finally:
        other.kill()
        other.wait()
    city = tiny_city()
    city.populate()
    for _ in range(DAYS):
        city.live()
    city.glance()
