"""No rate of a handful of people: groups that are too small to be told of are refused before any world is lived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from glasscity.errors import Problem, Problems

if TYPE_CHECKING:
    from glasscity.rules.resolve import Resolved

ENOUGH = 20_000  # citizens: of more, the group's share is counted in so many


def check_groups(scheme: Resolved, groups: Sequence[str], citizens: int, seed: int, file: str, path: str) -> None:
    """Problems, at `path` of `file`, for groups, and those that they are held against, of fewer than SMALLEST_CELL citizens."""
    from glasscity.metrics.registry import REFERENCES, SMALLEST_CELL
    from glasscity.study import worlds

    wanted = [group for group in groups if group != "all"]
    if not wanted:
        return
    counted = min(citizens, ENOUGH)
    frame = worlds.lived(scheme, counted, 1, seed, 1)
    both = {*wanted, *(REFERENCES[group] for group in wanted if group in REFERENCES)}
    sizes = {group: (worlds.at_end(frame, "citizens", group) or 0) * citizens / counted for group in both}
    allowed = f"a group of {SMALLEST_CELL} people or more; take more citizens than {citizens:,}"
    problems = [Problem(file, path, f"{group!r} of {n:,.0f} people", allowed) for group, n in sorted(sizes.items()) if n < SMALLEST_CELL]
    if problems:
        raise Problems(problems)
