"""Who joins a protest, and what people say of the scheme. Model description: E17, E19."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.dispositions import disposition
from glasscity.kernels.draws import draw, hi
from glasscity.kernels.jit import kernel


@kernel
def fear(risk, boldness):
    """Perceived risk as it weighs on a person of that boldness, 0 to 255."""
    return (risk * (14 - boldness)) // 14


@kernel
def dread(p, risk, boldness):
    """How far perceived risk lifts the threshold of a person of that boldness, of 65536."""
    return (risk * 257 * p[c.P_CAUTION] * (14 - boldness)) // (256 * 14)


@kernel
def reaches(threshold, shift, share):
    """Whether a threshold, moved by fear and by readiness to begin, is met by the share that takes part (of 65536).

    Granovetter (1978), Threshold models of collective behavior, https://doi.org/10.1086/226707.
    """
    return threshold + shift <= share


@kernel
def joins(rules, district, word, who, risk):
    """Whether a citizen would join, given the district's turnout of last week."""
    p = rules.p
    threshold = hi(draw(rules.set_up_keys[c.S_THRESHOLD], who)) >> 16
    shift = dread(p, risk, disposition(word, c.BOLDNESS_BIT)) - p[c.P_INITIATORS]
    return reaches(threshold, shift, rules.turnout[district])


@kernel
def approves(p, word, note):
    """Whether a citizen approves of the scheme in private, 1 or 0; told without a branch."""
    need = p[c.P_APPROVAL_NEED] + p[c.P_APPROVAL_SANCTIONED] * np.int64(note & c.SANCTIONED != 0)
    need += p[c.P_APPROVAL_REFUSED] * np.int64(note & c.REFUSED != 0)
    need += p[c.P_APPROVAL_INFORMED] * np.int64(note & c.KNOWS != 0)
    trust = disposition(word, c.TRUST_BIT)
    need -= p[c.P_APPROVAL_FELLOWS] * np.int64(disposition(word, c.SOLIDARITY_BIT) < trust)
    return np.int64(trust >= need)


@kernel
def says_so(p, word, risk, approving):
    """Whether a citizen says that he approves, 1 or 0: because he does, or out of fear.

    Kuran (1989), Sparks and prairie fires, https://doi.org/10.1007/BF00116762.
    """
    return approving | np.int64(fear(risk, disposition(word, c.BOLDNESS_BIT)) >= p[c.P_FALSIFY])
