"""What people do and ask for: the candidate's slot and the chance that it comes true. Model description: E4."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.dispositions import disposition
from glasscity.kernels.jit import kernel
from glasscity.kernels.places import index


@kernel
def slot_of(bounds, guide, h):
    """The lottery slot in which `h` (below the last bound) falls; the guide tells where to begin."""
    b = index(guide[index(h >> c.GUIDE_SHIFT)])
    while h >= bounds[b]:
        b = index(b + 1)
    return b


@kernel
def trait_factor(factors, b, traits, level):
    """Product of the three trait factors of slot b, in 1/2^24; level: of the disposition that it looks at."""
    by_age = np.int64(factors[b, c.FACTOR_AGE + ((traits >> c.AGE_SHIFT) & 63)])
    income, online = (traits >> c.INCOME_SHIFT) & 7, (traits >> c.ONLINE_SHIFT) & 3
    by_income = np.int64(factors[b, c.FACTOR_INCOME + (income << 2 | online)])
    by_disposition = np.int64(factors[b, c.FACTOR_DISPOSITION + level])
    return by_age * by_income * by_disposition


@kernel
def state_factor(factors, b, kind, risk, inner, fate):
    """How the citizen's state moves slot b, in 1/256: deterrence, motivation, self-censorship or debt, by kind."""
    levels = risk >> 4 | (inner >> 4) << 4 | (inner & 15) << 8 | (fate & c.DEBT_BITS) << 12
    return np.int64(factors[b, c.FACTOR_STATE + ((levels >> 4 * kind) & 15)])


@kernel
def chance(accept, traits_factor, state):
    """Acceptance threshold, of 2^32."""
    return (accept * ((traits_factor * state) >> 24)) >> 8


@kernel
def alarm_chance(accept, traits_factor, coverage, match):
    """Acceptance threshold of a scan or a false report, of 2^32; accept in 1/65536."""
    factor = (traits_factor * 256) >> 24
    return (((((accept * factor) >> 8) * coverage) >> 16) * match) >> 16


@kernel
def is_possible(factors, fields, b, traits, word, risk, inner, fate, v):
    """Whether a candidate can be accepted at all, told without a branch: alarms, and expression as if free, pass.

    word: of the citizen's dispositions.

    fields: int64[B, N_ACT], or those of wishes, whose first four fields are the same.
    """
    kind = fields[b, c.ACT_KIND]
    state = state_factor(factors, b, kind, risk, inner, fate)
    state = 256 if kind == c.EXPRESSION else state
    level = disposition(word, fields[b, c.ACT_DISPOSITION])
    limit = chance(fields[b, c.ACT_ACCEPT], trait_factor(factors, b, traits, level), state)
    limit = 1 << 32 if kind >= c.SCAN else limit
    return (v < limit) & (traits & fields[b, c.ACT_NEEDS] == fields[b, c.ACT_NEEDS])
