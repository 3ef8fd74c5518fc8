"""Whether a change made things slower: ratios of what was measured now over what was measured before, and a bound."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

# Best of three rounds against best of three on another day: the machine's own pace moves by a third.
SLOWER_THAN_RECORDED = 1.5
# Processor seconds, both trees in turns, the median of the rounds: a tree against itself stays well within.
SLOWER_THAN_EARLIER = 1.2
FINE, SLOWER, NO_VERDICT = 0, 1, 2  # exit codes


@dataclass(frozen=True)
class Compared:
    """One quantity, now over before: a ratio for each round."""

    what: str
    ratios: Sequence[float]

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return median(self.ratios)

    def is_slower(self, bound: float) -> bool:
        """Whether it is beyond the bound; at the bound it is not."""
        return self.ratio > bound


def with_recorded(now: Iterable[Mapping[str, Any]], before: Iterable[Mapping[str, Any]]) -> list[Compared]:
    """The best of now over the best of then, for each quantity that both have."""
    recorded = {row["what"]: row["best"] for row in before}
    return [Compared(row["what"], [row["best"] / recorded[row["what"]]]) for row in now if row["what"] in recorded]


def in_pairs(rounds: Iterable[Mapping[str, Any]]) -> list[Compared]:
    """Ratios within rounds. Each row has `what`, and what `this` tree and the `earlier` one took in one round."""
    ratios: dict[str, list[float]] = {}
    for row in rounds:
        ratios.setdefault(row["what"], []).append(row["this"] / row["earlier"])
    return [Compared(what, found) for what, found in ratios.items()]


def told(compared: Sequence[Compared], bound: float) -> str:
    """A line for each quantity, and what that means."""
    lines = []
    for one in compared:
        spread = f" ({min(one.ratios):.2f} .. {max(one.ratios):.2f})" if len(one.ratios) > 1 else ""
        lines.append(f"{one.what:42} {one.ratio:6.2f} times{spread}{'   SLOWER' if one.is_slower(bound) else ''}")
    slower = [one.what for one in compared if one.is_slower(bound)]
    lines.append(f"more than {bound:g} times: {', '.join(slower)}" if slower else f"nothing takes more than {bound:g} times as long")
    return "\n".join(lines)


def verdict(compared: Sequence[Compared], bound: float) -> int:
    """The exit code: SLOWER if any quantity is beyond the bound, NO_VERDICT if nothing could be compared."""
    if not compared or any(not math.isfinite(one.ratio) for one in compared):
        return NO_VERDICT
    return SLOWER if any(one.is_slower(bound) for one in compared) else FINE
