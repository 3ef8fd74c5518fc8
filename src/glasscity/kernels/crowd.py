"""Who joins a protest, and what people say of the scheme. Model description: E17, E19."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.dispositions import disposition, one_of, threshold
from glasscity.kernels.jit import kernel

FINE = 256 * 14  # what dread is told in: parts of a 65536th


@kernel
def fear(risk, boldness):
    """Perceived risk as it weighs on a person of that boldness, 0 to 255 * 14."""
    return risk * (14 - boldness)


@kernel
def dread(caution, risk, boldness):
    """How far perceived risk lifts the threshold of a person of that boldness, of 65536 * FINE."""
    return risk * 257 * caution * (14 - boldness)


@kernel
def reaches(waits_for, lifted, share):
    """Whether the share that takes part (of 65536) meets a threshold that dread has lifted (of 65536 * FINE).

    Granovetter (1978), Threshold models of collective behavior, https://doi.org/10.1086/226707.
    """
    return lifted < (share - waits_for + 1) * FINE


@kernel
def joins(caution, share, word, risk):
    """Whether a citizen would join when this share takes part: those of last week and those ready to begin (of 65536)."""
    return reaches(threshold(word), dread(caution, risk, disposition(word, c.BOLDNESS_BIT)), share)


@kernel
def stance(p):
    """Steps of trust that approval takes: of anybody, more of the sanctioned, refused and informed, less where others are mistrusted."""
    return p[c.P_APPROVAL_NEED], p[c.P_APPROVAL_SANCTIONED], p[c.P_APPROVAL_REFUSED], p[c.P_APPROVAL_INFORMED], p[c.P_APPROVAL_FELLOWS]


@kernel
def approves(steps, levels, note):
    """Whether a citizen approves of the scheme in private, 1 or 0; told without a branch.

    steps: see `stance`; levels: of the dispositions.
    """
    need, sanctioned, refused, informed, fellows = steps
    need += sanctioned * np.int64(note & c.SANCTIONED != 0) + refused * np.int64(note & c.REFUSED != 0)
    need += informed * np.int64(note & c.KNOWS != 0)
    trust = one_of(levels, c.TRUST_BIT)
    need -= fellows * np.int64(one_of(levels, c.SOLIDARITY_BIT) < trust)
    return np.int64(trust >= need)


@kernel
def says_so(limit, levels, risk, approving):
    """Whether a citizen says that he approves, 1 or 0: because he does, or because his `fear` reaches a limit.

    Kuran (1989), Sparks and prairie fires, https://doi.org/10.1007/BF00116762.
    """
    return approving | np.int64(fear(risk, one_of(levels, c.BOLDNESS_BIT)) >= limit)
