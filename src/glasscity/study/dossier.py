"""The file of one synthetic citizen: what the system holds, beside what really happened. All of it from a replay.

Nothing is guessed: an entry is told with the observation that sent it, an act with what became of it, points through
friends with the formula that gave them (model description, E7). What cannot be told is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np

from glasscity import columns as c
from glasscity.metrics import people
from glasscity.rules.compile import is_in_force
from glasscity.rules.model import Article, Behaviour, Channel, Class, Listing, PrivateScore, Sanction
from glasscity.study import reach
from glasscity.study.replay import Part

Plain = dict[str, Any]
FLAGS = {"black": c.BLACK, "court": c.COURT, "red": c.RED, "shunned": c.SHUNNED, "jobless": c.JOBLESS}
FALSE_KINDS = ("wrong_person", "false_alarm", "false_report")
STRUCK = "struck_out_"


def tell(part: Part, citizen: int) -> Plain:
    """The dossier of a citizen as plain data, from a part of a city that was lived to its last day.

    Keys: citizen, traits, start (what the account began with), now (as the system sees it), honest (what the true
    entries alone would have left), entries, uncounted, acts, reports, classes, lists, wishes, other_changes, friends,
    private, learned, course. Days count from 0.
    """
    return File(part, citizen).plain()


class File:
    """One citizen's events and days, ready to be told."""

    def __init__(self, part: Part, citizen: int):
        self.part, self.citizen = part, citizen
        [self.slot] = part.layout.slots_of(np.array([citizen])).tolist()
        self.me = self.slot - int(part.followed[0])
        self.articles = part.resolved.rulebook.articles
        self.events = people.events_frame(part).to_dicts()
        self.traits = int(part.world.traits[self.slot])

    def plain(self) -> Plain:
        """Everything, as plain data."""
        entries, uncounted = self.entries()
        frame = people.citizens_frame(self.part, np.array([self.citizen])).to_dicts()[0]
        traits = {name: frame[name] for name in ("district", "neighbourhood", *c.TRAITS, *c.DISPOSITIONS)}
        has_account, _ = reach.membership(self.part.rules, self.part.world, self.slot)
        return {
            "citizen": self.citizen,
            "traits": traits,
            "start": int(self.part.every_day[0].p[c.P_START]),
            "now": {key: value for key, value in frame.items() if key not in traits} | {"account": bool(has_account)},
            "honest": self.judged(len(self.part.history) - 1),
            "entries": entries,
            "uncounted": uncounted,
            "acts": list(self.acts()),
            "reports": list(self.reports()),
            "classes": list(self.classes()),
            "lists": list(self.lists()),
            "wishes": list(self.wishes()),
            "other_changes": list(self.other_changes()),
            "friends": self.friends(),
            "private": self.private(),
            "learned": self.learned(),
            "course": list(self.course()),
        }

    # --- days ----------------------------------------------------------------------------------------

    def on(self, day: int) -> date:
        return self.part.resolved.scenario.start + timedelta(days=day)

    def at(self, day: int, name: str) -> int:
        """A value of the citizen's at the end of a day."""
        return int(self.part.history[day][name][self.me])

    def letter(self, status: int) -> str:
        return self.part.scheme.letters[status & c.CLASS_BITS]

    def judged(self, day: int) -> Plain:
        """How the citizen stands at a day's end: as recorded, on true entries alone, and without friends."""
        own, false, friends = (self.at(day, name) for name in ("own", "false_points", "association"))
        p, opaque = self.part.history[day]["p"], self.at(day, "opaque")
        ways = {"recorded": own + friends, "honest": own - false + friends, "alone": own, "honest_alone": own - false}
        found: Plain = {"own": own, "false_points": false, "honest_own": own - false, "association": friends, "opaque": opaque}
        for name, points in ways.items():
            standing, k = placed(p, points + opaque, bool(self.traits & c.MINORITY))
            is_sanctioned = bool(int(p[c.P_SANCTIONED_CLASSES]) >> k & 1)
            found[name] = {"standing": standing, "class": self.letter(k), "sanctioned": is_sanctioned}
        return found

    def course(self) -> Iterator[Plain]:
        """The account day by day, on days on which something moved."""
        before = None
        for day in range(len(self.part.history)):
            told = self.judged(day)
            key = (told["own"], told["false_points"], told["recorded"])
            if key != before or day == len(self.part.history) - 1:
                own = {name: told[name] for name in ("own", "honest_own", "association")}
                yield {"day": day, **own, "standing": told["recorded"]["standing"], "honest_standing": told["honest"]["standing"]}
            before = key

    # --- entries and acts ------------------------------------------------------------------------------

    def entries(self) -> tuple[list[Plain], list[Plain]]:
        """What was put on the account, each with what really happened; and observations that never got there."""
        seen = [e for e in self.events if e["phase"] == "observe" and e["other"] == self.citizen]
        found = []
        for event in self.events:
            if event["phase"] != "record" or event["citizen"] != self.citizen:
                continue
            sent = self.taken(seen, event)
            entry = {
                "day": event["day"], "date": event["date"].isoformat(), "conduct": event["what"], "channel": event["channel"],
                "kind": event["kind"].removeprefix(STRUCK), "struck_out": event["kind"].startswith(STRUCK), "points": event["points"],
                "article": self.article_of(event["what"], event["day"]), "truth": self.truth(event["kind"], sent),
            }  # fmt: skip
            found.append(entry)
        return found, [self.unheard(event) for event in seen if self.was_passed_on(event)]

    def taken(self, seen: list[Plain], event: Plain) -> Plain | None:
        """The observation that sent an entry, taken out of those seen; None for entries that no channel sent."""
        kind, channel = event["kind"].removeprefix(STRUCK), self.articles.get(event["channel"] or "")
        delay = channel.delay if isinstance(channel, Channel) else 0
        for k, other in enumerate(seen):
            is_it = (other["what"], other["channel"], other["kind"]) == (event["what"], event["channel"], kind)
            if is_it and other["day"] + delay == event["day"]:
                return seen.pop(k)
        return None

    def truth(self, kind: str, sent: Plain | None) -> Plain:
        """What really happened: who did it, on which day, and how the author is tied to the citizen."""
        if sent is None:
            return {"what": kind.removeprefix(STRUCK)}
        author = sent["citizen"]
        told: Plain = {"what": sent["kind"], "day": sent["day"], "date": sent["date"].isoformat()}
        if author != self.citizen:
            told |= {"by": author, "circles": self.shared(author)}
        elif sent["kind"] == "reward":
            told["what"] = "reward_for_false_report"
        return told

    def was_passed_on(self, event: Plain) -> bool:
        """Whether an observation reached a scorer at all; of those that did not, a run keeps no trace to follow."""
        [slot] = self.part.layout.slots_of(np.array([event["citizen"]])).tolist()
        channel = self.part.scheme.channels.index(event["channel"])
        with np.errstate(over="ignore"):
            return bool(reach.reached(self.part.every_day[event["day"]], self.part.world, channel, slot))

    def unheard(self, event: Plain) -> Plain:
        """An observation that named the citizen, went to a scorer, and changed nothing on the state's account."""
        told = {key: event[key] for key in ("day", "channel", "kind")} | {"conduct": event["what"]}
        return told | {"date": event["date"].isoformat(), "truth": self.truth(event["kind"], event)}

    def acts(self) -> Iterator[Plain]:
        """What the citizen did, and what became of it: recorded, put down to somebody else, or unseen."""
        mine = [e for e in self.events if e["citizen"] == self.citizen]
        for event in mine:
            if event["phase"] != "conduct":
                continue
            named = [
                e["other"] for e in mine
                if e["phase"] == "observe" and (e["day"], e["what"]) == (event["day"], event["what"]) and e["kind"] in ("right", "wrong_person")
            ]  # fmt: skip
            fate = "unseen" if not named else "named" if named[0] == self.citizen else "other_named"
            told = {"day": event["day"], "date": event["date"].isoformat(), "conduct": event["what"], "fate": fate}
            article = self.article_of(event["what"], event["day"])
            yield told | {"article": article} | ({"named": named[0]} if fate == "other_named" else {})

    def reports(self) -> Iterator[Plain]:
        """False reports that the citizen made against others."""
        for event in self.events:
            if event["phase"] == "observe" and event["kind"] == "false_report" and event["citizen"] == self.citizen:
                told = {"day": event["day"], "date": event["date"].isoformat(), "conduct": event["what"], "channel": event["channel"]}
                yield told | {"named": event["other"], "circles": self.shared(event["other"])}

    def shared(self, other: int) -> list[str]:
        """Circles that the citizen shares with another."""
        world, layout, found = self.part.world, self.part.layout, []
        [slot] = layout.slots_of(np.array([other])).tolist()
        if slot in self.part.followed:
            found.append("friends")
        d = int(world.page_district[self.slot >> c.PAGE_BITS])
        room = np.empty(c.MAX_PATTERN, np.int64)
        with np.errstate(over="ignore"):
            for circle in (c.STREET, c.WORK, c.CHAT):
                n = reach.fellows(self.part.set_up_keys, world, circle, d, self.slot - int(layout.first_slot[d]), room)
                if slot in room[:n]:
                    found.append(c.CIRCLES[circle])
        return found

    # --- articles --------------------------------------------------------------------------------------

    def in_force(self, day: int) -> Iterator[tuple[str, Article]]:
        """Articles in force on a day."""
        today = self.on(day)
        return ((key, article) for key, article in self.articles.items() if is_in_force(article, today))

    def article_of(self, conduct: str | None, day: int) -> str | None:
        """The article by which the state counts a conduct on a day."""
        for key, article in self.in_force(day):
            if isinstance(article, Behaviour) and article.conduct == conduct and article.scorer == "state":
                return key
        return None

    def grounds(self, wish: str, day: int) -> list[str]:
        """Articles that refuse a wish to somebody who stands as the citizen did that day."""
        statuses = [self.at(day, "status"), self.at(max(0, day - 1), "status")]
        letters = {self.letter(status) for status in statuses}
        lists = {name for name in ("black", "court") for status in statuses if status & FLAGS[name]}
        found = []
        for key, article in self.in_force(day):
            if isinstance(article, Sanction) and article.effect == "refuse" and article.wish == wish:
                if letters & set(article.classes) or lists & set(article.lists) or article.outside or article.bands:
                    found.append(key)
        return found

    # --- class, lists, wishes --------------------------------------------------------------------------

    def classes(self) -> Iterator[Plain]:
        """Changes of class, with the class on true entries alone."""
        before = self.letter(self.at(0, "status"))
        by_letter = {a.letter: key for key, a in self.articles.items() if isinstance(a, Class) and a.enabled}
        for day in range(1, len(self.part.history)):
            now = self.letter(self.at(day, "status"))
            if now != before:
                honest = self.judged(day)
                yield {
                    "day": day, "date": self.on(day).isoformat(), "before": before, "after": now, "article": by_letter.get(now),
                    "standing": honest["recorded"]["standing"], "honest_class": honest["honest"]["class"], "class_alone": honest["alone"]["class"],
                }  # fmt: skip
            before = now

    def lists(self) -> Iterator[Plain]:
        """Days on which a list or a state that others impose began or ended."""
        colours: dict[str, str] = {a.colour: key for key, a in self.articles.items() if isinstance(a, Listing) and a.enabled}
        before, was_removed = 0, False
        for day in range(len(self.part.history)):
            status, is_removed = self.at(day, "status"), bool(self.at(day, "fate") & c.REMOVED)
            changed = [(name, bool(status & bit)) for name, bit in FLAGS.items() if (status ^ before) & bit]
            changed += [("removed", is_removed)] if is_removed != was_removed else []
            for name, is_on in changed:
                yield {"day": day, "date": self.on(day).isoformat(), "what": name, "on": is_on, "article": colours.get(name)}
            before, was_removed = status, is_removed

    def wishes(self) -> Iterator[Plain]:
        """What the citizen asked for, and the answer."""
        for event in self.events:
            if event["phase"] == "consequence" and event["citizen"] == self.citizen:
                told = {"day": event["day"], "date": event["date"].isoformat(), "wish": event["what"], "answer": event["kind"]}
                grounds = self.grounds(event["what"], event["day"]) if event["kind"] == "refused" else []
                yield told | {"articles": grounds, "honest_class": self.judged(event["day"])["honest"]["class"]}

    def learned(self) -> Plain | None:
        """When and how the citizen learned of being recorded; None if never."""
        for day in range(len(self.part.history)):
            if self.at(day, "note") & c.KNOWS:
                refused = any(w["day"] == day and w["answer"] == "refused" for w in self.wishes())
                return {"day": day, "date": self.on(day).isoformat(), "by": "refusal" if refused else "notice"}
        return None

    def other_changes(self) -> Iterator[Plain]:
        """What moved the account without an entry: its limits, the study app, expiry, an audit."""
        entered = {day: 0 for day in range(len(self.part.history))}
        for event in self.events:
            if event["phase"] == "record" and event["citizen"] == self.citizen:
                entered[event["day"]] += event["points"]
        own = int(self.part.every_day[0].p[c.P_START])
        for day in range(len(self.part.history)):
            now, p = self.at(day, "own"), self.part.history[day]["p"]
            if rest := now - own - entered[day]:
                yield {"day": day, "date": self.on(day).isoformat(), "points": rest, "cause": cause(p, now, day)}
            own = now

    # --- friends and the private score -------------------------------------------------------------------

    def friends(self) -> Plain:
        """What each friend adds or takes on the last day, and on the day when friends took most."""
        last = len(self.part.history) - 1
        lowest = min(range(last + 1), key=lambda day: (self.at(day, "association"), -day))
        return {"now": self.ties(last), "lowest": self.ties(lowest)}

    def ties(self, day: int) -> Plain:
        """Points through friends on a day, friend by friend, before rounding and the limit."""
        today = self.part.history[day]
        numbers = self.part.layout.numbers_of(self.part.followed).tolist()
        shares, echo = association_shares(today["p"], today["own"], today["status"], self.me)
        friends = [
            {
                "citizen": number, "offset": int(today["own"][k] - today["p"][c.P_START]), "points": round(share, 2),
                "class": self.letter(int(today["status"][k])), "shunned": bool(today["status"][k] & c.SHUNNED),
                "false_points": int(today["false_points"][k]), "worst": self.worst(number, day),
            }
            for k, (number, share) in enumerate(zip(numbers, shares, strict=True)) if k != self.me
        ]  # fmt: skip
        told = {"day": day, "date": self.on(day).isoformat(), "points": self.at(day, "association"), "echo": round(echo, 2)}
        return told | {"friends": sorted(friends, key=lambda f: (f["points"], f["citizen"]))}

    def worst(self, friend: int, day: int) -> Plain | None:
        """The entry that has cost a friend most up to a day; None if none has cost any points."""
        rows = [e for e in self.events if e["phase"] == "record" and e["citizen"] == friend and e["day"] <= day]
        costly = [e for e in rows if e["points"] < 0 and e["what"] and not e["kind"].startswith("restored")]
        if not costly:
            return None
        event = min(costly, key=lambda e: (e["points"], e["day"]))
        told = {"day": event["day"], "conduct": event["what"], "kind": event["kind"], "points": event["points"]}
        return told | {"article": self.article_of(event["what"], event["day"])}

    def private(self) -> Plain | None:
        """The private score and its changes; None for those who do not use one."""
        _, is_user = reach.membership(self.part.rules, self.part.world, self.slot)
        score = next((a for a in self.articles.values() if isinstance(a, PrivateScore)), None)
        if score is None or not is_user:
            return None
        points = [score.floor + score.step * self.at(day, "private") for day in range(len(self.part.history))]
        key = next(key for key, article in self.articles.items() if article is score)
        moves = [
            {"day": day, "date": self.on(day).isoformat(), "points": now - before}
            for day, (before, now) in enumerate(zip([score.value, *points], points, strict=False)) if now != before
        ]  # fmt: skip
        return {"score": points[-1], "changes": moves, "article": key}


def placed(p: np.ndarray, points: int, is_minority: bool) -> tuple[int, int]:
    """Standing and number of the class of so many points, account and all (model description, E7)."""
    standing = min(max(points, int(p[c.P_FLOOR])), int(p[c.P_CEILING]))
    standing = min(standing, int(p[c.P_CAP])) if is_minority else standing
    limits = p[c.P_CLASS_FROM : c.P_CLASS_FROM + int(p[c.P_N_CLASSES]) - 1].tolist()
    return standing, next((k for k, limit in enumerate(limits) if standing >= limit), len(limits))


def association_shares(p: np.ndarray, own: np.ndarray, status: np.ndarray, me: int) -> tuple[list[float], float]:
    """What each member of a circle adds to one's points through friends, and what one's own account echoes.

    Both forms of E7 are sums over the members who are not shunned, so the shares are exact before rounding.
    """
    is_in = status & c.SHUNNED == 0
    members, weight = int(is_in.sum()), int(p[c.P_WEIGHT])
    shares = np.zeros(len(own))
    if not is_in[me] or members < 2 or weight == 0:
        return shares.tolist(), 0.0
    offsets = np.where(is_in, own - int(p[c.P_START]), 0)
    if p[c.P_TRANSITIVE]:
        below = (1000 - weight) * (1000 * (members - 1) + weight)
        shares, echo = 1000 * weight * offsets / below, weight * weight * int(offsets[me]) / below
    else:
        shares, echo = weight * offsets / (1000 * (members - 1)), 0.0
    shares[me] = 0
    return shares.tolist(), echo


def cause(p: np.ndarray, own: int, day: int) -> str:
    """What moved an account without an entry."""
    if own in (int(p[c.P_FLOOR]), int(p[c.P_CEILING])):
        return "limits"
    if (day + 1) % 28 == 0 and p[c.P_APP_CREDIT]:
        return "study_app"
    return "expiry" if p[c.P_EXPIRY_DAYS] else "audit"
