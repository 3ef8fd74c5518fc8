"""What an entry does on arrival. Model description: E6."""

from __future__ import annotations

import numpy as np

from glasscity import columns as c
from glasscity.kernels.dispositions import disposition, temper
from glasscity.kernels.draws import address as address_of
from glasscity.kernels.draws import draw, hi, lo
from glasscity.kernels.enrol import is_user
from glasscity.kernels.jit import kernel, part
from glasscity.kernels.remedy import is_working


@kernel
def is_false(kind):
    """Whether the person named did not do it."""
    return c.WRONG <= kind <= c.REPORT


@kernel
def has_left(rules, address):
    """Whether the person named has opted out."""
    share = rules.p[c.P_OPT_OUT]
    return share > 0 and hi(draw(rules.set_up_keys[c.S_OPT_OUT], address)) < share


@kernel
def is_adverse(rules, conduct, kind, value):
    """Whether the entry takes points or leads straight onto a list in force: what there are rights against."""
    return kind != c.REWARD and (value < 0 or rules.act[conduct, c.ACT_LIST] != 0)


@kernel
def is_struck_out(rules, address, conduct, kind, value):
    """Whether a review before effect strikes the entry out."""
    limit = rules.p[c.P_REVIEW] if is_false(kind) else rules.p[c.P_REVIEW_SLIP]
    if limit == 0 or not is_adverse(rules, conduct, kind, value):
        return False
    return hi(draw(draw(rules.keys[c.S_REVIEW], address), np.uint64(conduct))) < limit


@kernel
def shaken(risk, weight):
    """Perceived risk after one sanction of one's own: a step of `weight`/256 towards certainty."""
    return risk + (((255 - risk) * weight) >> 8)


@part
def take_back(rules, world, flows, i, conduct, kind, points):
    """An entry restored after an appeal: its points return, and its listing ends if it was false."""
    world.own[i] -= points
    false = kind == c.RESTORE_FALSE
    flows[c.F_RESTORED_FALSE if false else c.F_RESTORED_TRUE] += 1
    if not false:
        return
    world.false_points[i] -= points
    bit = rules.act[conduct, c.ACT_LIST]
    if bit:
        status = np.int64(world.status[i]) & ~bit
        world.status[i] = status
        if not status & (c.BLACK | c.COURT):
            world.listed_weeks[i] = 0


@kernel
def limit_false_points(p, world, i):
    """False records count for no more than the account's whole range: they cannot have moved it further."""
    reach = p[c.P_CEILING] - p[c.P_FLOOR]
    world.false_points[i] = min(max(np.int64(world.false_points[i]), -reach), reach)


@part
def put_on_list(rules, world, flows, i, conduct, false):
    """The article names a list: straight onto it."""
    bit = rules.act[conduct, c.ACT_LIST]
    weeks = rules.p[c.P_BLACK_WEEKS] if bit == c.BLACK else rules.p[c.P_COURT_WEEKS]
    world.status[i] = np.int64(world.status[i]) | bit
    world.listed_weeks[i] = max(np.int64(world.listed_weeks[i]), weeks)
    world.note[i] = np.int64(world.note[i]) | c.SANCTIONED | (c.WRONGLY if false else 0)
    flows[c.F_STRAIGHT_LISTED] += 1
    flows[c.F_STRAIGHT_LISTED_WRONGLY] += 1 if false else 0


@kernel
def penalise(rules, world, flows, i, address, conduct, channel, false):
    """Shaming screen and fine on the spot, and what the sanction does to perceived risk."""
    risk = shaken(np.int64(world.risk[i]), rules.p[c.P_OWN_SANCTION])
    world.risk[i] = risk
    if rules.channels[channel, c.CH_SHAME] | rules.channels[channel, c.CH_FINE] == 0:
        return
    z = draw(draw(rules.keys[c.S_PENALTY], address), np.uint64(conduct))
    if hi(z) < rules.channels[channel, c.CH_SHAME]:
        world.risk[i] = shaken(risk, rules.p[c.P_OWN_SANCTION])
        flows[c.F_SHAMED] += 1
        flows[c.F_SHAMED_WRONGLY] += 1 if false else 0
    if lo(z) < rules.channels[channel, c.CH_FINE]:
        flows[c.F_FINED] += 1
        flows[c.F_FINED_WRONGLY] += 1 if false else 0


@kernel
def crowd_out(rules, world, i, address):
    """Once rewarded, the susceptible lose a step of intrinsic motivation for good.

    Deci, Koestner & Ryan (1999), Psychological Bulletin 125(6), https://doi.org/10.1037/0033-2909.125.6.627: the
    share that loses a step gives the published effect size.
    """
    limit, inner = rules.p[c.P_CROWDING], np.int64(world.inner[i])
    if limit == 0 or hi(draw(rules.set_up_keys[c.S_CROWDING], address)) >= limit:
        return
    if inner >> 4 > 3 + disposition(temper(rules.set_up_keys, address), c.SOLIDARITY_BIT):
        world.inner[i] = inner - 16


@part
def by_discretion(rules, district, rank, points):
    """Points as the neighbourhood's official gives them."""
    place = address_of(district, rank >> c.PAGE_BITS)
    u = 2 * (hi(draw(rules.set_up_keys[c.S_DISCRETION], place)) >> 16) - 65535
    return (points * (256 + ((rules.p[c.P_DISCRETION] * u) >> 16)) + 128) >> 8


@kernel
def enter_privately(rules, world, flows, i, address, conduct, kind):
    """An entry on the private score of a user."""
    steps = rules.act[conduct, c.ACT_PRIVATE]
    if steps == 0 or not is_user(rules, np.int64(world.traits[i]), address):
        return
    world.private[i] = min(max(np.int64(world.private[i]) + steps, 0), rules.p[c.P_PRIVATE_TOP])
    if steps > 0:
        flows[c.F_PRIVATE_GAINED] += steps
    else:
        flows[c.F_PRIVATE_LOST] -= steps
        flows[c.F_PRIVATE_LOST_FALSELY] -= steps if is_false(kind) else 0


@part
def hit_by_employer(rules, world, flows, i, address, points, has_account):
    """The employer was put on the list of unreliable firms: points, and perhaps the job, go with it. Returns the points."""
    status = np.int64(world.status[i])
    counted = points if has_account else np.int64(0)
    world.own[i] += counted
    flows[c.F_POINTS_THROUGH_FIRM] -= counted
    if status & c.JOBLESS or not is_working(np.int64(world.traits[i])):
        return counted
    if hi(draw(rules.keys[c.S_EMPLOYEE], address)) < rules.p[c.P_EMPLOYEE_JOB_LOSS]:
        world.status[i] = status | c.JOBLESS
        flows[c.F_JOBS_LOST] += 1
        flows[c.F_LAID_OFF] += 1
    return counted


@part
def appeal_delay(rules, world, flows, i, address, conduct, false):
    """Where there is notice: days until the entry is taken back on appeal, 0 if it never is."""
    z = draw(draw(rules.keys[c.S_NOTICE], address), np.uint64(conduct))
    if hi(z) >= rules.p[c.P_NOTICE]:
        return np.int64(0)
    world.note[i] = np.int64(world.note[i]) | c.KNOWS
    flows[c.F_NOTIFIED] += 1
    if rules.p[c.P_APPEAL_DAYS] == 0 or lo(z) >= rules.p[c.P_FILED]:
        return np.int64(0)
    flows[c.F_APPEALS] += 1
    limit = rules.p[c.P_APPEAL] if false else rules.p[c.P_APPEAL_SLIP]
    granted = hi(draw(draw(rules.keys[c.S_APPEAL], address), np.uint64(conduct))) < limit
    return rules.p[c.P_APPEAL_DAYS] if granted else np.int64(0)


@kernel
def enter(rules, world, flows, i, address, conduct, channel, kind, value):
    """Apply an entry that is neither void nor struck out. Returns the days until it is taken back, 0 if never."""
    false = is_false(kind)
    world.own[i] += value
    if kind == c.REWARD:
        flows[c.F_INFORMERS_REWARDED] += 1
    else:
        flows[c.F_RECORDS + channel * 4 + kind] += 1
    if value > 0:
        flows[c.F_POINTS_GAINED] += value
        crowd_out(rules, world, i, address)
    if false:
        world.false_points[i] += value
        world.note[i] = np.int64(world.note[i]) | c.MISNAMED
    if rules.act[conduct, c.ACT_LIST] and kind != c.REWARD:
        put_on_list(rules, world, flows, i, conduct, false)
    if value < 0:
        flows[c.F_POINTS_LOST] -= value
        flows[c.F_POINTS_LOST_FALSELY] -= value if false else 0
        penalise(rules, world, flows, i, address, conduct, channel, false)
    if rules.p[c.P_NOTICE] == 0 or not is_adverse(rules, conduct, kind, value):
        return np.int64(0)
    return appeal_delay(rules, world, flows, i, address, conduct, false)
