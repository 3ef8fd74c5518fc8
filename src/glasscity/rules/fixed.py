"""Shares and factors as the integers that kernels work with. Model description: the beginning of section 7."""

from __future__ import annotations


def p32(share: float) -> int:
    """A probability as a threshold for 32-bit draws."""
    return round(min(max(share, 0.0), 1.0) * 2**32)


def f8(factor: float) -> int:
    """A factor in 1/256."""
    return round(factor * 256)
