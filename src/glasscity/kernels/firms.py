"""A week of one firm: what it does, what is found, its score, the list, and what a low score costs. Model description: E18."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.dispositions import disposition
from glasscity.kernels.draws import draw, hi, lo
from glasscity.kernels.jit import kernel


@kernel
def sector_of(firm_p, z):
    """The sector of a firm, by its word."""
    sector = 0
    while hi(z) >= firm_p[c.FP_SECTOR + sector]:
        sector += 1
    return np.int64(sector)


@kernel
def findings(firm_rules, keys, flows, who, z, sector):
    """Points of a week's findings, and whether the firm truly did something that costs points."""
    probity = disposition(z, 0)
    has_cameras = np.int64((z >> np.uint64(8)) & np.uint64(0xFFFF)) < firm_rules.p[c.FP_CAMERAS]
    points, violated = np.int64(0), False
    for k in range(len(firm_rules.conduct)):
        row = firm_rules.conduct[k]
        if not row[c.FC_ON]:
            continue
        z = draw(draw(keys[c.S_FIRM_CONDUCT], who), np.uint64(k))
        if hi(z) < row[c.FC_CHANCE + (probity * c.N_SECTORS + sector)]:
            flows[c.FF_ACTS] += 1
            violated |= row[c.FC_POINTS] < 0
            if lo(z) < row[c.FC_FOUND_CAMERA if has_cameras else c.FC_FOUND]:
                flows[c.FF_FOUND] += 1
                points += row[c.FC_POINTS]
        elif lo(z) < row[c.FC_INVENTED]:
            flows[c.FF_INVENTED] += 1
            points += row[c.FC_POINTS]
    return points, violated


@kernel
def recovered(firm_p, score):
    """A score within its range, a step nearer to its start."""
    score = min(max(score, firm_p[c.FP_FLOOR]), firm_p[c.FP_CEILING])
    gap = firm_p[c.FP_START] - score
    return score + min(max(gap, -firm_p[c.FP_RECOVERY]), firm_p[c.FP_RECOVERY])


@kernel
def occasions(firm_rules, keys, flows, who, score):
    """What a firm asks for or owes in a week, and whether its score tells against it."""
    for k in range(len(firm_rules.occasions)):
        row = firm_rules.occasions[k]
        if not row[c.FO_ON]:
            continue
        z = draw(draw(keys[c.S_FIRM_OCCASION], who), np.uint64(k))
        if hi(z) < row[c.FO_RATE]:
            flows[c.FF_ASKED + row[c.FO_EFFECT]] += 1
            flows[c.FF_STRUCK + row[c.FO_EFFECT]] += 1 if score < row[c.FO_BELOW] and lo(z) < row[c.FO_CHANCE] else 0


@kernel
def firm_week(firm_rules, keys, firms, tally, g, who, z):
    """One week of firm `g` with word `z`; tally: int64[N_SECTORS, N_FIRM_FLOWS]. Returns whether it was put on the list."""
    firm_p = firm_rules.p
    sector = sector_of(firm_p, z)
    flows = tally[sector]
    points, violated = findings(firm_rules, keys, flows, who, z, sector)
    score = recovered(firm_p, np.int64(firms.firm_score[g]) + points)
    firms.firm_score[g] = score
    note, weeks = np.int64(firms.firm_note[g]) | (c.FIRM_VIOLATED if violated else 0), np.int64(firms.firm_weeks[g])
    is_entering = weeks == 0 and firm_p[c.FP_LIST_ON] != 0 and score < firm_p[c.FP_LIST_BELOW]
    if weeks > 0:
        weeks -= 1
    elif is_entering:
        weeks = firm_p[c.FP_LIST_WEEKS]
        flows[c.FF_LISTED] += 1
        flows[c.FF_LISTED_INNOCENT] += 0 if note & c.FIRM_VIOLATED else 1
        note |= c.FIRM_LISTED
    firms.firm_weeks[g], firms.firm_note[g] = weeks, note
    if weeks == 0:
        occasions(firm_rules, keys, flows, who, score)
    return is_entering
