"""Four weeks of the study app (E15)."""

from __future__ import annotations

from glasscity.rules.model import StudyApp

from .draws import draw, f8


def points_of_four_weeks(app: StudyApp, w: int, risk: int) -> int:
    """E15: X, the sum of the points of 28 days, from a member's word and perceived risk."""
    return sum(points_of_a_day(app, draw(w, k), risk) for k in range(28))


def points_of_a_day(app: StudyApp, z: int, risk: int) -> int:
    """E15: the points of one day, none if the app is not opened."""
    o16 = min(65535, round(app.opens * 65536))
    if (z & 0xFFFF) >= o16 + (((65535 - o16) * f8(app.fear) * risk) >> 16):
        return 0
    texts, minutes, passed_on = 1 + ((z >> 16) & 7), (z >> 19) & 63, (z >> 25) & 3
    half_hour = 12 + ((((z >> 32) & 0xFFFF) * 36) >> 16)
    read = min(texts, minutes // app.minutes, app.read_cap)
    shared = min(passed_on, app.share_cap)
    inside = any(first <= half_hour / 2 < last for first, last in app.hours)
    times = app.inside if inside else app.outside
    return min(app.daily_cap, times * (read * app.value + shared * app.share_points))
