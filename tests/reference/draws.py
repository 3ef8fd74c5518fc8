"""Draws and fixed-point numbers (E1, opening of section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

WORD = (1 << 64) - 1
HALF = (1 << 32) - 1
GAMMA = 0x9E3779B97F4A7C15

# E1: the streams.
HOUSEHOLD_MINORITY, HOUSEHOLD_INCOME, AGE, OCCUPATION, PARTY, CAR, ONLINE = 1, 2, 3, 4, 5, 6, 7
DISPOSITIONS, NEIGHBOURHOOD, CIRCLE = 8, 9, 10
ACT_CHOICE, WISH_CHOICE, FADING, ENROLMENT, SHARING = 11, 12, 13, 14, 15
CONDUCT, WISH, WRONG_PERSON, REPORT_TARGET, REVIEW, APPEAL, CROWDING_OUT = 16, 17, 18, 19, 20, 21, 22
WISH_DECISION, OPTING_OUT, JOB, REPAIR, SHUNNING, AUDIT, NOTICE, INFORMER = 23, 24, 25, 26, 27, 28, 29, 30
FINE_AND_SHAME, OBSERVATION = 31, 32
PILOT, COMPOSITE, STUDY_APP, DISCRETION, REMOVAL, DEBT = 64, 65, 66, 67, 69, 70
FIRM, FIRM_CONDUCT, FIRM_OCCASION, EMPLOYEE, DISFAVOURED = 71, 72, 73, 74, 75


def mix(z: int) -> int:
    """E1: the output function of SplitMix64."""
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & WORD
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & WORD
    return z ^ z >> 31


def draw(key: int, i: int) -> int:
    """E1: the (i+1)-th output of SplitMix64 seeded with key."""
    return mix((key + (i + 1) * GAMMA) & WORD)


def stream_key(seed: int, stream: int, day: int) -> int:
    """E1: key(seed, stream, day)."""
    return draw(draw(draw(seed, 0), stream), day)


def hi(z: int) -> int:
    """E1: the upper 32 bits."""
    return z >> 32


def lo(z: int) -> int:
    """E1: the lower 32 bits."""
    return z & HALF


class Keys(dict[int, int]):
    """E1: `keys[S]` is K(S) on one day."""

    def __init__(self, seed: int, day: int) -> None:
        super().__init__()
        self.seed, self.day = seed, day

    def __missing__(self, stream: int) -> int:
        self[stream] = stream_key(self.seed, stream, self.day)
        return self[stream]


def p32(p: float) -> int:
    """Section 7: a probability as a 32-bit threshold."""
    return round(p * 2**32)


def f8(f: float) -> int:
    """Section 7: a factor in 1/256."""
    return round(f * 256)


def running_sums(shares: Iterable[float]) -> list[int]:
    """E3: running sums of shares as p32, the last being 2^32."""
    sums = [p32(total) for total in accumulate(shares)]
    return [*sums[:-1], 1 << 32]


def first_below(u: int, sums: list[int]) -> int | None:
    """E3, E4: the first k with u < C_k, if any."""
    for k, c in enumerate(sums):
        if u < c:
            return k
    return None
