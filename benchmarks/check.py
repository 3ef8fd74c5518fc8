"""Whether a change made things slower: ratios of what was measured now over what was measured before, and a bound."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

# Best of three rounds against best of three on another day: the machine's own pace moves by a third.
SLOWER_THAN_RECORDED = 1.5
# Processor seconds, both trees in turns. On a machine with three times as much to do as it has cores, the median of three rounds of a
# tree against itself came to 1.15, and single rounds to 1.30; therefore the best rounds have to agree.
SLOWER_THAN_EARLIER = 1.2
FINE, SLOWER, NO_VERDICT = 0, 1, 2  # exit codes


@dataclass(frozen=True)
class Compared:
    """One quantity, now over before: a ratio for each round, and the ratio of the best rounds of both."""

    what: str
    ratios: Sequence[float]
    best: float

    @property
    def ratio(self) -> float:
        """What it is judged by: the median of the rounds or the ratio of the best ones, whichever is less. A slow-down shows in both."""
        return min(median(self.ratios), self.best)

    def is_slower(self, bound: float) -> bool:
        """Whether it is beyond the bound; at the bound it is not."""
        return self.ratio > bound


def with_recorded(now: Iterable[Mapping[str, Any]], before: Iterable[Mapping[str, Any]]) -> list[Compared]:
    """The best of now over the best of then, for each quantity that both have."""
    recorded = {row["what"]: row["best"] for row in before}
    found = {row["what"]: row["best"] / recorded[row["what"]] for row in now if row["what"] in recorded}
    return [Compared(what, [ratio], ratio) for what, ratio in found.items()]


def in_pairs(rounds: Iterable[Mapping[str, Any]]) -> list[Compared]:
    """Ratios within rounds. Each row has `what`, and what `this` tree and the `earlier` one took in one round."""
    taken: dict[str, list[Mapping[str, Any]]] = {}
    for row in rounds:
        taken.setdefault(row["what"], []).append(row)
    return [
        Compared(what, [row["this"] / row["earlier"] for row in rows], min(row["this"] for row in rows) / min(row["earlier"] for row in rows))
        for what, rows in taken.items()
    ]


def told(compared: Sequence[Compared], bound: float) -> str:
    """A line for each quantity, and what that means."""
    lines = []
    for one in compared:
        spread = f" ({min(one.ratios):.2f} .. {max(one.ratios):.2f}), the best rounds {one.best:.2f}" if len(one.ratios) > 1 else ""
        lines.append(f"{one.what:42} {median(one.ratios):6.2f} times{spread}{'   SLOWER' if one.is_slower(bound) else ''}")
    slower = [one.what for one in compared if one.is_slower(bound)]
    lines.append(f"more than {bound:g} times: {', '.join(slower)}" if slower else f"nothing takes more than {bound:g} times as long")
    return "\n".join(lines)


def verdict(compared: Sequence[Compared], bound: float) -> int:
    """The exit code: SLOWER if any quantity is beyond the bound, NO_VERDICT if nothing could be compared."""
    if not compared or any(not math.isfinite(sum(one.ratios)) for one in compared):
        return NO_VERDICT
    return SLOWER if any(one.is_slower(bound) for one in compared) else FINE
