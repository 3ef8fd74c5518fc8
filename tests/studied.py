"""A small study for tests, in a file."""

from __future__ import annotations

from pathlib import Path

SMALL = """
title = "Friends and notice"
scenario = "beijing-2020"
design = "grid"
citizens = 1000
days = 28
seed = 5
seeds = 2
metrics = ["share_ever.sanctioned", "standing", "acts.violation"]
groups = ["all", "income_1"]

[set]
"articles.flight_c.value" = 1.0

[vary]
"articles.friends.value" = [0.0, 0.4]
"articles.jaywalking.value" = { low = -900, high = -300, steps = 3 }
"""
WORLDS, POINTS, ROWS = 12, 6, 12 * 3 * 2


def written(folder: Path, text: str = SMALL, name: str = "small.toml") -> Path:
    """A study's file."""
    file = folder / name
    file.write_text(text)
    return file
