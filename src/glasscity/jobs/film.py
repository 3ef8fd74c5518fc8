"""What a world looked like on each day: a byte a citizen, kept as what changed since the day before."""

from __future__ import annotations

import zlib

import numpy as np

KEY_EVERY = 30  # days between pictures that are kept whole


class Film:
    """Pictures by day, uint8[n] each, of days 0 to `days`; the oldest way back is a whole picture."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.last = np.empty(0, np.uint8)

    @property
    def days(self) -> int:
        """The last day of which there is a picture; -1 if there is none."""
        return len(self.kept) - 1

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return sum(map(len, self.kept)) + self.last.nbytes

    def add(self, picture: np.ndarray) -> None:
        """Keep the next day's picture."""
        is_whole = len(self.kept) % KEY_EVERY == 0
        self.kept.append(zlib.compress((picture if is_whole else picture ^ self.last).tobytes(), 1))
        self.last = picture

    def at(self, day: int) -> np.ndarray:
        """The picture of a day; IndexError if there is none."""
        if not 0 <= day <= self.days:
            raise IndexError(f"no picture of day {day}; there are 0 to {self.days}")
        if day == self.days:
            return self.last
        picture = np.zeros(len(self.last), np.uint8)
        for kept in self.kept[day - day % KEY_EVERY : day + 1]:
            picture ^= np.frombuffer(zlib.decompress(kept), np.uint8)
        return picture

    def cut(self, day: int) -> None:
        """Forget all after a day."""
        if day < self.days:
            last = self.at(day)
            del self.kept[day + 1 :]
            self.last = last
