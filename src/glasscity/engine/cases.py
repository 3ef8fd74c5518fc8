"""Worked cases of a rulebook: what an article is said to do, held against what the compiled scheme does.

A case names an article, what is given, and what to expect. It runs on a world of a few citizens in which,
of all responses and safeguards, only the article itself is in force, and what it rests on.

| article | given | expect |
|---|---|---|
| scoring | own, points | own |
| class | standing | class |
| association, no_association | own, friends | points |
| cap, equal_treatment | own, minority | standing |
| behaviour | own, channel | own, lists |
| channel | conduct, density, minority | right, wrong |
| list | class, or record (a conduct) | lists, weeks |
| sanction, reward | class, list or channel | refused, weekly, struck, advantage |
| response | risk, boldness, motivation, points, friends, sanctioned, share, base, class | risk, expression, factor, .. |
| safeguard | own, list, channel, false, notified | own, weekly, counts, struck, restored, filed, notified, share, .. |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ConfigDict, Field

from glasscity import columns as c
from glasscity.errors import Problem, Problems
from glasscity.kernels import conduct, consequence, record, remedy, respond, stand
from glasscity.kernels.bundles import Rules, World
from glasscity.kernels.dispositions import disposition, temper
from glasscity.rules import load
from glasscity.rules.compile import Compiler, Scheme, is_in_force
from glasscity.rules.model import (
    Article,
    Behaviour,
    Document,
    Response,
    Reward,
    Rulebook,
    Safeguard,
    Sanction,
)
from glasscity.rules.resolve import Resolved

Values = dict[str, Any]
WHOLE = 2**32
RESTS_ON = {"reasons": ("appeal",), "appeal": ("notice",)}  # levers without which another does nothing


class Case(Document):
    """One worked case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: str
    title: str = Field(min_length=1)
    given: Values
    expect: Values = Field(min_length=1)


class CannotRun(Exception):
    """A case names something that the scheme lacks."""


def read_cases(path: Path) -> list[Case]:
    """The cases of a file; Problems with everything that is wrong in it."""
    data = load.read_toml(path)
    cases, problems = [], []
    if set(data) - {"case"} or not isinstance(data.get("case", []), list):
        problems.append(Problem(str(path), "(whole document)", ", ".join(data), "[[case]] tables"))
    for k, table in enumerate(data.get("case", []) if not problems else []):
        try:
            cases.append(load.validate(Case, table, str(path)))
        except Problems as error:
            problems += [Problem(p.file, f"case.{k}.{p.path}", p.found, p.allowed) for p in error.problems]
    if problems:
        raise Problems(problems)
    return cases


def run_cases(resolved: Resolved, cases: Iterable[Case], file: str = "cases") -> list[Problem]:
    """Every case whose outcome is not the expected one: what was found, and what was expected ('allowed')."""
    failures = []
    for k, case in enumerate(cases):
        place = f"case.{k}.{case.article} ({case.title})"
        try:
            found = outcome(resolved, case)
        except CannotRun as error:
            failures.append(Problem(file, place, str(error), "a case that this scheme can run"))
            continue
        except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
            kind = type(error).__name__
            failures.append(Problem(file, f"{place}.given", f"{case.given} ({kind}: {error})", "what cases of this kind give"))
            continue
        for name, expected in case.expect.items():
            if name not in found:
                failures.append(Problem(file, f"{place}.{name}", "nothing", "one of " + ", ".join(found)))
            elif not is_equal(found[name], expected):
                failures.append(Problem(file, f"{place}.{name}", repr(found[name]), repr(expected)))
    return failures


def is_equal(found: Any, expected: Any) -> bool:
    """Exactly for points and names; shares up to their rounding to 2^-16."""
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return bool(abs(found - expected) <= 1e-4 * abs(expected) + 1e-8)
    return bool(found == expected) and isinstance(found, bool) == isinstance(expected, bool)


def outcome(resolved: Resolved, case: Case) -> Values:
    """What a case comes to."""
    article = resolved.rulebook.articles.get(case.article)
    if article is None:
        raise CannotRun(f"no article '{case.article}'")
    kind = article.lever if isinstance(article, Safeguard) else article.effect if isinstance(article, Response) else ""
    key = kind or (article.effect if isinstance(article, Sanction) else article.what)
    try:
        with np.errstate(over="ignore"):
            return RUNNERS[key](Bench(resolved, case, article), case.given)
    except KeyError as error:
        raise CannotRun(f"'given' lacks {error}, or names what the scheme does not know") from None


class Bench:
    """A world of a few citizens under a scheme, for one case."""

    def __init__(self, resolved: Resolved, case: Case, article: Article):
        self.article, self.key, self.given = article, case.article, case.given
        self.catalogue = resolved.catalogue
        population = resolved.population
        if "density" in case.given:
            [first, *_] = population.districts.items()
            district = first[1].model_copy(update={"cameras": float(case.given["density"])})
            population = population.model_copy(update={"districts": {first[0]: district}})
        rulebook = isolated(resolved.rulebook, case.article, bool(case.given.get("points", True)))
        start = resolved.scenario.start
        if not is_in_force(rulebook.articles[case.article], start):
            start = article.start or (article.until or start) - timedelta(days=1)
        self.scheme = Scheme(rulebook, resolved.catalogue, population, start)
        self.rules: Rules = Compiler(self.scheme, start).rules()
        self.p = self.rules.p
        friends = case.given.get("friends")
        self.world = empty(1 + len(friends) if isinstance(friends, list) else 1)
        self.world.own[:] = self.p[c.P_START]
        self.flows = np.zeros((c.N_GROUPS, c.N_FLOWS), np.int64)

    def act(self, name: str) -> int:
        """The slot of a conduct."""
        if name not in self.catalogue.conduct:
            raise KeyError(name)
        return self.scheme.acts.index(name)

    def channel(self, key: str) -> int:
        """The number of a channel."""
        if key not in self.scheme.channels:
            raise KeyError(key)
        return self.scheme.channels.index(key)

    def letter(self, letter: str) -> int:
        """The number of a class."""
        if letter not in self.scheme.letters:
            raise KeyError(letter)
        return self.scheme.letters.index(letter)

    def status(self) -> int:
        """The status byte of somebody in the class, or on the list, that the case gives."""
        if "list" in self.given:
            return c.LIST_BITS[self.given["list"]] | int(stand.class_of(self.p, self.p[c.P_START]))
        return self.letter(self.given["class"])

    def stand(self) -> int:
        """All stand; the standing of the first."""
        n = len(self.world.own)
        members, total = stand.circle_sum(self.p, self.world.own, self.world.status, 0, n)
        return [int(stand.stand(self.rules, self.world, self.flows, i, np.uint64(i), members, total)) for i in range(n)][0]

    def enter(self, b: int, channel: int) -> None:
        """A right record of conduct b reaches the first citizen, who then stands."""
        value = self.rules.act[b, c.ACT_POINTS]
        record.enter(self.rules, self.world, self.flows[0], 0, np.uint64(0), b, channel, c.RIGHT, value)
        self.stand()

    def lists(self) -> Values:
        """The lists on which the first citizen is, and the weeks left."""
        status = int(self.world.status[0])
        names = [colour for colour, bit in c.LIST_BITS.items() if status & bit]
        return {"lists": names, "weeks": int(self.world.listed_weeks[0])}

    def slot_of_kind(self, kind: str) -> int:
        """The first conduct of a kind, one with an article in force if there is any."""
        slots = [name for name, slot in self.catalogue.conduct.items() if slot.kind == kind]
        if not slots:
            raise CannotRun(f"the catalogue has no conduct of kind {kind}")
        recorded = [name for name in slots if self.rules.act[self.act(name), c.ACT_POINTS] > 0]
        return self.act((recorded or slots)[0])


def isolated(rulebook: Rulebook, key: str, with_points: bool) -> Rulebook:
    """The rulebook with one article switched on, and of responses and safeguards only it and what it rests on."""
    article = rulebook.articles[key]
    levers = RESTS_ON.get(article.lever, ()) if isinstance(article, Safeguard) else ()
    articles = {}
    for name, other in rulebook.articles.items():
        on = name == key or other.enabled
        if name != key and isinstance(other, (Response, Safeguard)):
            on = isinstance(other, Safeguard) and other.lever in levers
        if isinstance(other, Behaviour) and other.value > 0 and not with_points:
            on = False
        articles[name] = other.model_copy(update={"enabled": on})
    return rulebook.model_copy(update={"articles": articles})


def empty(n: int) -> World:
    """n citizens of one circle of friends, of no traits."""
    arrays: dict[str, np.ndarray] = {column.name: np.zeros(n, column.dtype) for column in c.STATE}
    arrays |= {name: np.array([n, 0, n], np.int32) for name in World._fields if name in c.CIRCLES}
    arrays |= {"page_district": np.zeros(1, np.int32), "district_slot": np.zeros(1, np.int64)}
    return World(**arrays, district_n=np.full(1, n, np.int64))


def share(threshold: int) -> float:
    """A threshold for 32-bit draws as a chance."""
    return int(threshold) / WHOLE


# --- one function for each kind of article: what is given -> what comes of it ---------------------------


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
    return {"refused": share(consequence.refusal_chance(bench.rules.wish, q, bench.status()))}


def job_loss(bench: Bench, given: Values) -> Values:
    status = bench.status()
    ground = stand.is_in(bench.p[c.P_JOB_CLASSES], status & c.CLASS_BITS) or status & bench.p[c.P_JOB_LISTS]
    return {"weekly": share(bench.p[c.P_JOB_LOSS]) if ground else 0.0}


def shame(bench: Bench, given: Values) -> Values:
    return {"struck": share(bench.rules.channels[bench.channel(given["channel"]), c.CH_SHAME])}


def fine(bench: Bench, given: Values) -> Values:
    return {"struck": share(bench.rules.channels[bench.channel(given["channel"]), c.CH_FINE])}


def advantage(bench: Bench, given: Values) -> Values:
    assert isinstance(bench.article, Reward)
    q = bench.scheme.wishes.index(bench.article.wish)
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
        mind = given["boldness"] << 3 | given.get("dissent", 4)
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


def match_threshold(bench: Bench, given: Values) -> Values:
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
    **{
        runner.__name__: runner
        for runner in (
            job_loss, shame, fine, deterrence, points_seeking, self_censorship, crowding_out, shunning, own_sanction,
            friends_sanctions, public_sanctions, forgetting, expiry, repair, review, notice, reasons, appeal,
            purpose_limitation, error_audit, opt_out, match_threshold,
        )
    },
}  # fmt: skip
