"""What the articles on enrolment, sharing, the private score, the app, crowds and firms come to in a worked case.

One function for each kind: what is given -> what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glasscity import columns as c
from glasscity.engine.bench import WHOLE, Bench, Values, share
from glasscity.kernels import app, crowd, dispositions, enrol, firms, record, remedy, stand
from glasscity.kernels.bundles import FirmRules, Firms
from glasscity.rules.model import SECTORS, FirmConduct, FirmSanction, PrivateScore

MANY = 4096  # draws of which the least and the most are looked at


# --- accounts and who holds what ---------------------------------------------------------------------


def enrolment(bench: Bench, given: Values) -> Values:
    districts = list(bench.scheme.population.districts)
    row = bench.rules.enrolment[districts.index(given.get("district", districts[0]))]
    return {"share": share(row[0]) * share(row[1 + given["trust"]])}


def retention(bench: Bench, given: Values) -> Values:
    days = int(bench.p[c.P_EXPIRY_DAYS])
    excess = given["own"] - int(bench.p[c.P_START])
    return {"own": given["own"] - (int(remedy.faded(excess, days, 0)) if days else 0)}


def sharing(bench: Bench, given: Values) -> Values:
    row = bench.rules.channels[bench.channel(given["channel"])]
    return {"state": share(row[c.CH_TO_STATE]), "private": share(row[c.CH_TO_PRIVATE])}


def composite(bench: Bench, given: Values) -> Values:
    traits = given["income"] << c.INCOME_SHIFT | given["online"] << c.ONLINE_SHIFT | given["age"] << c.AGE_SHIFT
    points = [int(stand.opaque_points(bench.rules, traits, np.uint64(who))) for who in range(MANY)]
    return {"least": min(points), "most": max(points)}


def discretion(bench: Bench, given: Values) -> Values:
    points = [int(record.by_discretion(bench.rules, 0, k << c.PAGE_BITS, given["points"])) for k in range(MANY)]
    return {"least": min(points), "most": max(points)}


# --- the private score -------------------------------------------------------------------------------


def score_of(bench: Bench) -> PrivateScore:
    """The private score of the rulebook."""
    return next(a for a in bench.scheme.rulebook.articles.values() if isinstance(a, PrivateScore))


def steps(score: PrivateScore, points: int) -> int:
    """Points of the private score as steps from its floor."""
    return (points - score.floor) // score.step


def after_private_record(bench: Bench, points: int, b: int) -> int:
    """The private score of a user with so many points, once a record of conduct b has arrived."""
    score = score_of(bench)
    bench.p[c.P_USERS] = WHOLE
    bench.world.traits[0], bench.world.private[0] = 1 << c.ONLINE_SHIFT, steps(score, points)
    record.enter_privately(bench.rules, bench.world, bench.flows[0], 0, np.uint64(0), b, c.RIGHT)
    return score.floor + score.step * int(bench.world.private[0])


def private_score(bench: Bench, given: Values) -> Values:
    score = score_of(bench)
    circle = [steps(score, points) for points in given.get("friends", [])]
    own = steps(score, given["private"]) if "private" in given else int(bench.p[c.P_PRIVATE_START])
    scores = np.array([own + given.get("points", 0) // score.step, *circle], np.uint8)
    total = enrol.private_sum(bench.p, scores, 0, len(scores))
    standing = int(enrol.private_standing(bench.p, scores, 0, total, len(scores)))
    return {"private": score.floor + score.step * standing, "users": share(bench.p[c.P_USERS])}


def band(bench: Bench, given: Values) -> Values:
    return {"band": bench.scheme.bands[int(enrol.band_of(bench.p, steps(score_of(bench), given["private"])))]}


# --- the study app -----------------------------------------------------------------------------------


def study_app(bench: Bench, given: Values) -> Values:
    if "month" in given:
        flows = np.zeros(c.N_FLOWS, np.int64)
        app.settle(bench.rules, bench.world, flows, 0, given["month"])
        return {"gift": bool(flows[c.F_GIFTS]), "pilloried": bool(flows[c.F_PILLORIED])}
    hour = -(-((2 * given["hour"] - 12) * 65536) // 36)  # the least draw that falls on that half-hour
    word = (given["texts"] - 1) << 16 | given["minutes"] << 19 | given["shared"] << 25 | int(hour) << 32
    return {"points": int(app.day_points(bench.p, app.per_text(bench.p), np.uint64(word)))}


# --- crowds and minds --------------------------------------------------------------------------------


def turnout(bench: Bench, given: Values) -> Values:
    lifted = int(crowd.dread(bench.p[c.P_CAUTION], given["risk"], given["boldness"]))
    others = round(given["others"] * 65536) + int(bench.p[c.P_INITIATORS])
    joining = sum(bool(crowd.reaches(waits_for, lifted, others)) for waits_for in range(65536))
    return {"share": joining / 65536}


def approval(bench: Bench, given: Values) -> Values:
    bits_of = {"trust": c.TRUST_BIT, "solidarity": c.SOLIDARITY_BIT, "boldness": c.BOLDNESS_BIT}
    word = np.uint64(sum(((1 << given[name]) - 1) << first for name, first in bits_of.items()))
    levels = dispositions.levels_of(word)
    bits = {"sanctioned": c.SANCTIONED, "refused": c.REFUSED, "informed": c.KNOWS}
    note = sum(bit for name, bit in bits.items() if given.get(name))
    approves = bool(crowd.approves(crowd.stance(bench.p), levels, note))
    return {"approves": approves, "says": bool(crowd.says_so(14 * bench.p[c.P_FALSIFY], levels, given["risk"], approves))}


# --- firms -------------------------------------------------------------------------------------------


def place(bench: Bench, kind: type) -> int:
    """The row of the case's article among all of its kind."""
    return [key for key, a in bench.scheme.rulebook.articles.items() if isinstance(a, kind)].index(bench.key)


def firm_scoring(bench: Bench, given: Values) -> Values:
    p = bench.scheme.firms_on(0).p
    score = int(firms.recovered(p, int(p[c.FP_START]) + given["points"]))
    return {"score": score, "cameras": int(p[c.FP_CAMERAS]) / 65536}


def firm_conduct(bench: Bench, given: Values) -> Values:
    row = bench.scheme.firms_on(0).conduct[place(bench, FirmConduct)]
    chance = row[c.FC_CHANCE + given["probity"] * c.N_SECTORS + SECTORS.index(given["sector"])]
    found = row[c.FC_FOUND_CAMERA if given["cameras"] else c.FC_FOUND]
    invented = share(row[c.FC_INVENTED])
    return {"weekly": share(chance), "found": share(found), "invented": invented, "points": int(row[c.FC_POINTS])}


def firm_list(bench: Bench, given: Values) -> Values:
    rules = bench.scheme.firms_on(0)
    rules.p[c.FP_RECOVERY] = 0
    quiet = FirmRules(rules.p, rules.conduct[:0], rules.occasions[:0])
    one = Firms(
        firm_score=np.array([given["score"]], np.int16),
        firm_weeks=np.zeros(1, np.uint8),
        firm_note=np.zeros(1, np.uint8),
        first=np.zeros(2, np.int64),
        pattern=np.zeros(1, np.int32),
    )
    tally, keys = np.zeros((c.N_SECTORS, c.N_FIRM_FLOWS), np.int64), np.zeros(c.N_STREAMS, np.uint64)
    listed = bool(firms.firm_week(quiet, keys, one, tally, 0, np.uint64(0), np.uint64(0)))
    return {
        "listed": listed,
        "weeks": int(one.firm_weeks[0]),
        "points": int(bench.p[c.P_EMPLOYEE_POINTS]),
        "job_loss": share(bench.p[c.P_EMPLOYEE_JOB_LOSS]),
    }


def firm_sanction(bench: Bench, given: Values) -> Values:
    row = bench.scheme.firms_on(0).occasions[place(bench, FirmSanction)]
    struck = share(row[c.FO_CHANCE]) if given["score"] < row[c.FO_BELOW] else 0.0
    return {"struck": struck, "yearly": 52 * share(row[c.FO_RATE])}


RUNNERS: dict[str, Callable[[Bench, Values], Values]] = {
    runner.__name__: runner
    for runner in (
        enrolment, retention, sharing, composite, discretion, private_score, band, study_app, turnout, approval,
        firm_scoring, firm_conduct, firm_list, firm_sanction,
    )
}  # fmt: skip
