"""Time and remedies: lists run out, are repaired; entries expire; errors are audited; work, freedom, means are lost and found.

Model description: E9, 1 to 5, and E16.
"""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.draws import draw, hi, lo
from glasscity.kernels.jit import kernel, part
from glasscity.kernels.stand import is_in


@part
def leave_lists(rules, world, flows, i, address):
    """One week less on the black and court list, or off them early by repair."""
    status, weeks = np.int64(world.status[i]), np.int64(world.listed_weeks[i])
    before = status
    if weeks > 0:
        weeks -= 1
        if weeks == 0:
            status &= ~(c.BLACK | c.COURT)
    if status & (c.BLACK | c.COURT):
        z = draw(rules.keys[c.S_REPAIR], address)
        if status & c.COURT and hi(z) < rules.p[c.P_COURT_REPAIR]:
            status &= ~c.COURT
            flows[c.F_REPAIRED] += 1
        if status & c.BLACK and lo(z) < rules.p[c.P_BLACK_REPAIR]:
            status &= ~c.BLACK
            flows[c.F_REPAIRED] += 1
        if not status & (c.BLACK | c.COURT):
            weeks = 0
    if before & (c.BLACK | c.COURT) and not status & (c.BLACK | c.COURT):
        flows[c.F_LIST_LEFT] += 1
    world.status[i], world.listed_weeks[i] = status, weeks


@kernel
def faded(points, days, u):
    """Points that expire in one week, towards zero: 7 / days of them on average, rounded by the 32-bit draw `u`."""
    return ((((abs(points) * 7) << 32) // days + u) >> 32) * (1 if points >= 0 else -1)


@kernel
def expire(rules, world, i, address):
    """The account drifts back to the start."""
    days = rules.p[c.P_EXPIRY_DAYS]
    if days > 0:
        u = hi(draw(rules.keys[c.S_FADING], address))
        world.own[i] -= faded(np.int64(world.own[i]) - rules.p[c.P_START], days, u)
        world.false_points[i] -= faded(np.int64(world.false_points[i]), days, u)


@kernel
def audit(rules, world, flows, i, address):
    """An error audit finds and removes false entries."""
    false = np.int64(world.false_points[i])
    if rules.p[c.P_AUDIT] > 0 and false != 0 and hi(draw(rules.keys[c.S_AUDIT], address)) < rules.p[c.P_AUDIT]:
        world.own[i] -= false
        world.false_points[i] = 0
        flows[c.F_AUDITED] += 1


@kernel
def is_working(traits):
    """Whether the occupation is work."""
    occupation = (traits >> c.OCCUPATION_SHIFT) & 7
    return c.WORKING_FIRST <= occupation <= c.WORKING_LAST


@part
def work(rules, world, flows, i, address, status_before):
    """Work is lost on the ground of class or list, and may return when the ground has gone."""
    if rules.p[c.P_JOB_LOSS] == 0 and not status_before & c.JOBLESS or not is_working(np.int64(world.traits[i])):
        return
    ground = is_in(rules.p[c.P_JOB_CLASSES], status_before & c.CLASS_BITS) or status_before & rules.p[c.P_JOB_LISTS]
    if bool(ground) == bool(status_before & c.JOBLESS):
        return
    z = draw(rules.keys[c.S_JOB], address)
    if ground and hi(z) < rules.p[c.P_JOB_LOSS]:
        world.status[i] = np.int64(world.status[i]) | c.JOBLESS
        flows[c.F_JOBS_LOST] += 1
    elif not ground and lo(z) < rules.p[c.P_JOB_BACK]:
        world.status[i] = np.int64(world.status[i]) & ~c.JOBLESS
        flows[c.F_JOBS_FOUND] += 1


@part
def remove(rules, world, flows, i, address, status_before):
    """Removal from civic life, with no process of law, and release from it."""
    p, fate = rules.p, np.int64(world.fate[i])
    if not p[c.P_REMOVAL] and not fate & c.REMOVED:
        return
    ground = is_in(p[c.P_REMOVAL_CLASSES], status_before & c.CLASS_BITS) or status_before & p[c.P_REMOVAL_LISTS]
    z = draw(rules.keys[c.S_REMOVAL], address)
    if fate & c.REMOVED:
        if lo(z) < p[c.P_RELEASE]:
            world.fate[i] = fate & ~c.REMOVED
            flows[c.F_RELEASED] += 1
    elif ground and hi(z) < p[c.P_REMOVAL]:
        world.fate[i] = fate | c.REMOVED
        flows[c.F_REMOVED] += 1
        flows[c.F_REMOVED_INNOCENT] += 0 if np.int64(world.note[i]) & c.VIOLATED else 1
        status = np.int64(world.status[i])
        if is_working(np.int64(world.traits[i])) and not status & c.JOBLESS:
            world.status[i] = status | c.JOBLESS
            flows[c.F_JOBS_LOST] += 1


@part
def owe(rules, world, i, address, status_before):
    """Without work debts rise a step, with work they fall a step."""
    p, fate = rules.p, np.int64(world.fate[i])
    debt, is_jobless = fate & c.DEBT_BITS, status_before & c.JOBLESS
    if not is_jobless and debt == 0 or not (p[c.P_DEBT] | p[c.P_RECOVERY]):
        return
    z = draw(rules.keys[c.S_DEBT], address)
    if is_jobless and debt < c.DEBT_BITS and hi(z) < p[c.P_DEBT]:
        world.fate[i] = fate + 1
    elif not is_jobless and debt and lo(z) < p[c.P_RECOVERY]:
        world.fate[i] = fate - 1
