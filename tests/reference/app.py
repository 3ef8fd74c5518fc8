"""The party's study app: four weeks of one member (E15)."""

from __future__ import annotations

from typing import Any

from .draws import draw, f8

DAYS = 28


def opening_chance(app: Any, risk: int) -> int:
    """E15: the chance, of 65536, that a member opens the app on a day."""
    o16 = min(65535, round(app.opens * 65536))
    return o16 + (((65535 - o16) * f8(app.fear) * risk) >> 16)


def points_of_day(app: Any, z: int) -> int:
    """E15: the points of a day on which the app was opened."""
    texts, minutes, passed_on = 1 + ((z >> 16) & 7), (z >> 19) & 63, (z >> 25) & 3
    half_hour = 12 + ((((z >> 32) & 0xFFFF) * 36) >> 16)
    within_hours = any(first <= half_hour / 2 < last for first, last in app.hours)
    read = min(texts, minutes // app.minutes, app.read_cap) * app.value
    shared = min(passed_on, app.share_cap) * app.share_points
    return min(app.daily_cap, (app.inside if within_hours else app.outside) * (read + shared))


def points_of_four_weeks(app: Any, word: int, risk: int) -> int:
    """E15: X, from a member's word of the evening."""
    chance = opening_chance(app, risk)
    days = [draw(word, k) for k in range(DAYS)]
    return sum(points_of_day(app, z) for z in days if z & 0xFFFF < chance)
