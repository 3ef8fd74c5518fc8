"""What the articles on accounts, channels, consequences, responses and safeguards come to in a worked case.

One function for each kind: what is given -> what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glasscity import columns as c
from glasscity.engine import case_schemes
from glasscity.engine.bench import WHOLE, Bench, CannotRun, Values, share
from glasscity.kernels import conduct, consequence, record, remedy, respond, stand
from glasscity.kernels.dispositions import disposition, temper
from glasscity.rules.model import Behaviour, Reward, Sanction


def scoring(bench: Bench, given: Values) -> Values:
    bench.world.own[0] = given["own"] + given["points"]
    bench.stand()
    return {"own": int(bench.world.own[0])}


def class_of(bench: Bench, given: Values) -> Values:
    return {"class": bench.scheme.letters[int(stand.class_of(bench.p, given["standing"]))]}


def association(bench: Bench, given: Values) -> Values:
    bench.world.own[:] = [given["own"], *given["friends"]]
    bench.stand()
    return {"points": int(bench.world.association[0])}


def cap(bench: Bench, given: Values) -> Values:
    bench.world.own[0], bench.world.traits[0] = given["own"], c.MINORITY if given["minority"] else 0
    return {"standing": bench.stand()}


def behaviour(bench: Bench, given: Values) -> Values:
    assert isinstance(bench.article, Behaviour)
    b, channel = bench.act(bench.article.conduct), bench.channel(given["channel"])
    if channel not in bench.rules.act[b, c.ACT_OBSERVERS :: 2]:
        raise CannotRun(f"channel '{given['channel']}' does not see '{bench.article.conduct}'")
    if bench.article.scorer == "private":
        return {"private": case_schemes.after_private_record(bench, given["private"], b)}
    bench.world.own[0] = given["own"]
    bench.enter(b, channel)
    return {"own": int(bench.world.own[0]), **bench.lists()}


def channel(bench: Bench, given: Values) -> Values:
    number, b = bench.channel(bench.key), bench.act(given["conduct"])
    observers = bench.rules.act[b, c.ACT_OBSERVERS :]
    seen = {int(k): int(chance) for k, chance in zip(observers[::2], observers[1::2], strict=True)}
    if number not in seen:
        raise CannotRun(f"channel '{bench.key}' does not see '{given['conduct']}'")
    caught = share((seen[number] * int(bench.rules.coverage[0, number])) >> 16)
    row, group = bench.rules.channels[number], 2 if given["minority"] else 0
    return {"right": caught * share(row[c.CH_RIGHT + group]), "wrong": caught * share(row[c.CH_WRONG + group])}


def listing(bench: Bench, given: Values) -> Values:
    if "record" in given:
        bench.enter(bench.act(given["record"]), 0)
        return bench.lists()
    k = bench.letter(given["class"])
    bench.world.own[0] = bench.p[c.P_CLASS_FROM + k]
    bench.stand()
    return bench.lists()


def refusal(bench: Bench, given: Values) -> Values:
    assert isinstance(bench.article, Sanction)
    q = bench.scheme.wishes.index(str(bench.article.wish))
    if "band" in given:
        return {"refused": share(bench.rules.wish[q, c.WISH_REFUSE_BAND + bench.band(given["band"])])}
    return {"refused": share(consequence.refusal_chance(bench.rules.wish, q, bench.status()))}


def job_loss(bench: Bench, given: Values) -> Values:
    status = bench.status()
    ground = stand.is_in(bench.p[c.P_JOB_CLASSES], status & c.CLASS_BITS) or status & bench.p[c.P_JOB_LISTS]
    return {"weekly": share(bench.p[c.P_JOB_LOSS]) if ground else 0.0}


def removal(bench: Bench, given: Values) -> Values:
    status = bench.status()
    ground = stand.is_in(bench.p[c.P_REMOVAL_CLASSES], status & c.CLASS_BITS) or status & bench.p[c.P_REMOVAL_LISTS]
    return {"weekly": share(bench.p[c.P_REMOVAL]) if ground else 0.0, "back": share(bench.p[c.P_RELEASE])}


def shame(bench: Bench, given: Values) -> Values:
    return {"struck": share(bench.rules.channels[bench.channel(given["channel"]), c.CH_SHAME])}


def fine(bench: Bench, given: Values) -> Values:
    return {"struck": share(bench.rules.channels[bench.channel(given["channel"]), c.CH_FINE])}


def preempt(bench: Bench, given: Values) -> Values:
    return {"begin": int(bench.p[c.P_INITIATORS]) / 65536}


def advantage(bench: Bench, given: Values) -> Values:
    assert isinstance(bench.article, Reward)
    q = bench.scheme.wishes.index(bench.article.wish)
    if "band" in given:
        return {"advantage": share(bench.rules.wish[q, c.WISH_REWARD_BAND + bench.band(given["band"])])}
    return {"advantage": share(bench.rules.wish[q, c.WISH_REWARD + bench.letter(given["class"])])}


def deterrence(bench: Bench, given: Values) -> Values:
    b = bench.slot_of_kind("violation")
    return {"factor": int(conduct.state_factor(bench.rules.act_factors, b, c.VIOLATION, given["risk"], 0, 0)) / 256}


def points_seeking(bench: Bench, given: Values) -> Values:
    b = bench.slot_of_kind("prosocial")
    inner = given["motivation"] << 4
    return {"factor": int(conduct.state_factor(bench.rules.act_factors, b, c.PROSOCIAL, 0, inner, 0)) / 256}


def self_censorship(bench: Bench, given: Values) -> Values:
    expression = 15
    for _ in range(16):
        dissent = given.get("dissent", 4)
        mind = given["boldness"] << 3 | dissent
        step = respond.expression_step(bench.rules.targets, expression, given["risk"], mind, 0)
        expression = int(step)
    return {"expression": expression}


def crowding_out(bench: Bench, given: Values) -> Values:
    chance = share(bench.p[c.P_CROWDING])
    bench.p[c.P_CROWDING] = WHOLE
    solidarity = int(disposition(temper(bench.rules.set_up_keys, np.uint64(0)), c.SOLIDARITY_BIT))
    bench.world.inner[0] = (4 + solidarity - given.get("lost", 0)) << 4
    record.crowd_out(bench.rules, bench.world, 0, np.uint64(0))
    return {"lost": 4 + solidarity - (int(bench.world.inner[0]) >> 4), "chance": chance}


def shunning(bench: Bench, given: Values) -> Values:
    return {"weekly": share(bench.p[c.P_SHUN]) if stand.is_sanctioned(bench.p, bench.status()) else 0.0}


def own_sanction(bench: Bench, given: Values) -> Values:
    return {"risk": int(record.shaken(given["risk"], bench.p[c.P_OWN_SANCTION]))}


def friends_sanctions(bench: Bench, given: Values) -> Values:
    return {"risk": int(respond.risk_from_friends(bench.p, given["risk"], given["sanctioned"], given["friends"]))}


def public_sanctions(bench: Bench, given: Values) -> Values:
    return {"risk": int(respond.settled_risk(given["risk"], given["risk"], bench.p[c.P_PUBLIC] * round(given["share"] * 65536), 0, 0))}


def forgetting(bench: Bench, given: Values) -> Values:
    return {"risk": int(respond.settled_risk(given["risk"], given["base"], 0, bench.p[c.P_FORGETTING], 0))}


def silence(bench: Bench, given: Values) -> Values:
    return {"lost": int(respond.silenced(bench.p[c.P_SILENCE], round(given["climate"] * 65536), 0))}


def hardship(bench: Bench, given: Values) -> Values:
    b = bench.slot_of_kind("hardship")
    return {"factor": int(conduct.state_factor(bench.rules.act_factors, b, c.HARDSHIP, 0, 0, given["debt"])) / 256}


def debt(bench: Bench, given: Values) -> Values:
    return {"weekly": share(bench.p[c.P_DEBT])}


def recovery(bench: Bench, given: Values) -> Values:
    return {"weekly": share(bench.p[c.P_RECOVERY])}


def expiry(bench: Bench, given: Values) -> Values:
    excess = given["own"] - int(bench.p[c.P_START])
    return {"own": given["own"] - int(remedy.faded(excess, bench.p[c.P_EXPIRY_DAYS], 0))}


def repair(bench: Bench, given: Values) -> Values:
    places = {"black": c.P_BLACK_REPAIR, "court": c.P_COURT_REPAIR}
    return {"weekly": share(bench.p[places[given["list"]]])}


def review(bench: Bench, given: Values) -> Values:
    return {"struck": share(bench.p[c.P_REVIEW if given["false"] else c.P_REVIEW_SLIP])}


def notice(bench: Bench, given: Values) -> Values:
    return {"notified": share(bench.p[c.P_NOTICE])}


def reasons(bench: Bench, given: Values) -> Values:
    return {"filed": share(bench.p[c.P_FILED])}


def appeal(bench: Bench, given: Values) -> Values:
    granted = share(bench.p[c.P_APPEAL if given["false"] else c.P_APPEAL_SLIP])
    told = 1.0 if given["notified"] else 0.0
    return {"restored": told * share(bench.p[c.P_FILED]) * granted, "days": int(bench.p[c.P_APPEAL_DAYS])}


def purpose_limitation(bench: Bench, given: Values) -> Values:
    return {"counts": bool(bench.rules.channels[bench.channel(given["channel"]), c.CH_TO_STATE])}


def error_audit(bench: Bench, given: Values) -> Values:
    return {"weekly": share(bench.p[c.P_AUDIT])}


def opt_out(bench: Bench, given: Values) -> Values:
    return {"share": share(bench.p[c.P_OPT_OUT])}


def match_rates(bench: Bench, given: Values) -> Values:
    number = bench.channel(given["channel"])
    row, act = bench.rules.channels[number], bench.rules.act
    scans = act[(act[:, c.ACT_KIND] == c.SCAN) & (act[:, c.ACT_CHANNEL] == number), c.ACT_MATCH]
    return {
        "true_match": share(row[c.CH_RIGHT]),
        "wrong_match": share(row[c.CH_WRONG]),
        "false_match": share(scans[0]) if len(scans) else 0.0,
    }


RUNNERS: dict[str, Callable[[Bench, Values], Values]] = {
    "scoring": scoring,
    "class": class_of,
    "association": association,
    "no_association": association,
    "cap": cap,
    "equal_treatment": cap,
    "behaviour": behaviour,
    "channel": channel,
    "list": listing,
    "refuse": refusal,
    "reward": advantage,
    "match_threshold": match_rates,
    "error_rates": match_rates,
    **{
        runner.__name__: runner
        for runner in (
            job_loss, removal, preempt, shame, fine, deterrence, points_seeking, self_censorship, crowding_out, shunning, own_sanction,
            friends_sanctions, public_sanctions, forgetting, expiry, repair, review, notice, reasons, appeal,
            purpose_limitation, error_audit, opt_out, silence, hardship, debt, recovery,
        )
    },
}  # fmt: skip
