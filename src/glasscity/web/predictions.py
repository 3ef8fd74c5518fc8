"""What a class predicted before it was shown: numbers alone, kept in memory, with nothing that tells whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from random import SystemRandom

MOST = 5000


class Predictions:
    """One number a visitor, story and question; a later one takes the place of an earlier one."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], tuple[float, float | None]] = {}

    def add(self, visitor: str, story: str, question: str, value: float, truth: float | None) -> None:
        """Keep a number; the oldest goes where there are too many."""
        self.kept[visitor, story, question] = (value, truth)
        while len(self.kept) > MOST:
            del self.kept[next(iter(self.kept))]

    def values(self, story: str, question: str) -> list[float]:
        """What was predicted, in rising order."""
        return sorted(value for (_, *key), (value, _) in self.kept.items() if key == [story, question])

    def rows(self) -> Iterator[tuple[str, str, float, float | None]]:
        """Story, question, prediction, truth; shuffled within a question, so that no order tells who was first."""
        rows = [(story, question, *numbers) for (_, story, question), numbers in self.kept.items()]
        SystemRandom().shuffle(rows)
        yield from sorted(rows, key=lambda row: row[:2])

    def clear(self) -> None:
        self.kept.clear()
