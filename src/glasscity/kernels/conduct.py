"""What people do and ask for: the candidate's slot and the chance that it comes true. Model description: E4."""

from __future__ import annotations

from glasscity import columns as c
from glasscity.kernels.jit import kernel


@kernel
def slot_of(bounds, h):
    """The lottery slot in which `h` (below the last bound) falls."""
    b = 0
    while h >= bounds[b]:
        b += 1
    return b


@kernel
def trait_factor(factors, b, traits, disposition):
    """Product of the three trait factors of slot b, in 1/2^24."""
    by_age = factors[b, c.FACTOR_AGE + ((traits >> c.AGE_SHIFT) & 63)]
    income, online = (traits >> c.INCOME_SHIFT) & 7, (traits >> c.ONLINE_SHIFT) & 3
    by_income = factors[b, c.FACTOR_INCOME + (income << 2 | online)]
    by_disposition = 256
    if disposition >= 0:
        by_disposition = factors[b, c.FACTOR_DISPOSITION + ((traits >> disposition) & 7)]
    return by_age * by_income * by_disposition


@kernel
def state_factor(factors, b, kind, risk, inner):
    """How the citizen's state moves slot b, in 1/256: deterrence, self-censorship or motivation."""
    level = 0
    if kind == c.VIOLATION:
        level = risk >> 4
    elif kind == c.EXPRESSION:
        level = inner & 15
    elif kind == c.PROSOCIAL:
        level = inner >> 4
    return factors[b, c.FACTOR_STATE + level]


@kernel
def chance(accept, traits_factor, state):
    """Acceptance threshold, of 2^32."""
    return (accept * ((traits_factor * state) >> 24)) >> 8


@kernel
def alarm_chance(accept, traits_factor, coverage, match):
    """Acceptance threshold of a scan or a false report, of 2^32; accept in 1/65536."""
    factor = (traits_factor * 256) >> 24
    return (((((accept * factor) >> 8) * coverage) >> 16) * match) >> 16
