"""Random draws as pure functions of (seed, stream, citizen, day): SplitMix64 read by its counter.

Steele, Lea & Flood (2014), Fast splittable pseudorandom number generators, OOPSLA,
https://doi.org/10.1145/2660193.2660195. Model description: E1.
"""

from __future__ import annotations

import numpy as np

from glasscity.kernels.jit import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
M1, M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
R30, R27, R31, R32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
ONE, TWO, THREE = np.uint64(1), np.uint64(2), np.uint64(3)
LOW = np.uint64(0xFFFFFFFF)


@kernel
def mix(z):
    """SplitMix64's output function, uint64 -> uint64."""
    z = (z ^ (z >> R30)) * M1
    z = (z ^ (z >> R27)) * M2
    return z ^ (z >> R31)


@kernel
def draw(key, counter):
    """The (counter + 1)-th output of SplitMix64 seeded with `key`; both uint64."""
    return mix(key + (counter + ONE) * GOLDEN)


@kernel
def stream_key(seed, stream, day):
    """The key of a stream on a day; all uint64."""
    return draw(draw(draw(seed, np.uint64(0)), stream), day)


@kernel
def hi(z):
    """Upper 32 bits as int64."""
    return np.int64(z >> R32)


@kernel
def lo(z):
    """Lower 32 bits as int64."""
    return np.int64(z & LOW)


@kernel
def address(district, rank):
    """What draws of a citizen are keyed by: district and rank in it, so that others never shift them (E2)."""
    return (np.uint64(district) << R32) | np.uint64(rank)


@kernel
def quarter(key, who):
    """The 16 bits that are one's own in the word shared by four neighbours in rank."""
    return np.int64((draw(key, who >> TWO) >> ((who & THREE) << np.uint64(4))) & np.uint64(0xFFFF))


@kernel
def quarters(key, first, n, words):
    """The shared words of `n` neighbours from address `first`, a multiple of four: read as uint16, each has a `quarter`.

    Vectorises.
    """
    base = key + ((first >> TWO) + ONE) * GOLDEN
    for w in range((n + 3) >> 2):
        words[w] = mix(base + np.uint64(w) * GOLDEN)
