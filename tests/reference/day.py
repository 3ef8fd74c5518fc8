"""The phases of a day, in the words of the model description (E4 to E9, E11 to E17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from . import draws
from .app import points_of_four_weeks
from .draws import Keys, draw, f8, hi, lo, stream_key
from .firms import FirmWeek
from .people import WORKING, Person
from .scheme import OUTSIDE, Channel, Ground, Scheme
from .speech import linear_expression, strategic_expression

if TYPE_CHECKING:
    from .world import ReferenceWorld

# Status: the class index below, flags above.
CLASS = 7
BLACK, COURT, RED, SHUNNED, JOBLESS = 8, 16, 32, 64, 128
FLAG = {"black": BLACK, "court": COURT, "red": RED}
# Notes.
VIOLATED, SANCTIONED, REFUSED, MISNAMED, WRONGLY, BY_ASSOCIATION, KNOWS, WENT_FREE = (1 << k for k in range(8))
# Kinds of entry.
RIGHT, WRONG, ALARM, REPORT, REWARD, RESTORE_FALSE, RESTORE_RIGHT, EMPLOYER = range(8)
FALSE_KINDS = (WRONG, ALARM, REPORT)
RESTORE = (RESTORE_FALSE, RESTORE_RIGHT)
MOST_DEBT = 15
REMOVED = 16  # above debt, in the column `fate`
STRUCK_OUT = 16
# Phases in the list of events.
ACT, OBSERVE, RECORD, STAND, CONSEQUENCE, WEEK = range(1, 7)
GRANTED, REFUSED_WISH, ADVANTAGE = range(3)
KIND_COUNTS = {
    "violation": ("violations",), "prosocial": ("prosocial",), "expression": ("expression",),
    "hardship": ("violations", "hardship"),
}  # fmt: skip


@dataclass
class State:
    """What changes about one citizen."""

    own: int
    false_points: int
    association: int
    status: int
    note: int
    listed_weeks: int
    risk: int
    expression: int
    motivation: int
    private: int = 0
    debt: int = 0
    removed: bool = False

    def inner(self) -> int:
        """Expression and motivation in one number."""
        return self.expression | self.motivation << 4

    def fate(self) -> int:
        """Debt and removal in one number."""
        return self.debt | REMOVED * self.removed


class Entry(NamedTuple):
    """A record, a reward or a restoration on its way to the scorer."""

    kind: int
    target: int
    b: int
    channel: int
    points: int = 0  # carried by RESTORE and EMPLOYER
    to_state: bool = True
    to_private: bool = False


def base_risk(trust: int) -> int:
    """E3: the perceived risk to which a citizen returns."""
    return 24 + 8 * (7 - trust)


def divided(numerator: int, denominator: int) -> int:
    """E7: the nearest integer to a quotient, halves away from zero (denominator > 0)."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def faded(points: int, days: int, u: int) -> int:
    """E9.3: what a week takes of some points, towards zero, rounded by the draw u."""
    size = ((abs(points) * 7 << 32) // days + u) >> 32
    return size if points >= 0 else -size


def arrival_order(entry: Entry) -> tuple[int, ...]:
    """E6: RESTORE first; the others by whom they reach, kind, channel and conduct, which matters where a range ends."""
    return (entry.kind not in RESTORE, entry.to_state + 2 * entry.to_private, entry.kind, entry.channel, entry.b)


class Day:
    """One day of a world."""

    def __init__(self, world: ReferenceWorld, t: int) -> None:
        self.world, self.t = world, t
        self.keys = Keys(world.seed, t)
        self.people, self.lottery, self.scheme = world.people, world.lottery, world.scheme
        self.state = world.citizens

    def run(self, articles_changed: bool) -> None:
        """Section 3: the phases in their order."""
        everybody = range(len(self.state))
        for i in everybody:
            self.conduct(i)
        if articles_changed or self.t == 0 or self.period_begins():
            self.stand(everybody)
        self.stand(self.record())
        for i in everybody:
            self.consequence(i)
        if (self.t + 1) % 7 == 0:
            self.remedy_and_respond()
            self.stand(everybody)
            self.close_week()
            self.trade()

    def emit(self, phase: int, number: int, what: int, channel: int, kind: int, points: int, other: int) -> None:
        """One row of the list of events."""
        self.world.events.append((self.t, phase, number, what, channel, kind, points, other))

    def count(self, name: str, i: int, *place: int, by: int = 1) -> None:
        """What has happened since the start, by district and group (minority, party member, income fifth)."""
        person = self.people.persons[i]
        self.world.counts[name, person.district, person.traits() & 31, *place] += by

    def send(self, entry: Entry, channel: Channel, actor: int) -> None:
        """E5, Sharing: whom an entry about something that `actor` did reaches, after the channel's delay."""
        z = draw(self.keys[draws.SHARING], self.people.persons[actor].address)
        to_state, to_private = hi(z) < channel.to_state, lo(z) < channel.to_private
        if to_state or to_private:
            entry = entry._replace(to_state=to_state, to_private=to_private)
            self.world.arrivals.setdefault(self.t + channel.delay, []).append(entry)

    # --- who somebody is to the scorers (E11 to E14) --------------------------------------------------

    def first_day_draw(self, stream: int, address: int) -> int:
        """A draw that stays the same on all days: K0 of a stream, at an address."""
        return draw(stream_key(self.world.seed, stream, 0), address)

    def enrolled(self, i: int) -> bool:
        """E11: whether citizen i has an account."""
        person = self.people.persons[i]
        page_draw = hi(self.first_day_draw(draws.PILOT, person.page))
        own_draw = hi(self.first_day_draw(draws.ENROLMENT, person.address))
        return self.scheme.enrolled(person.district, person.trust, page_draw, own_draw)

    def is_user(self, i: int) -> bool:
        """E13: whether citizen i is a user of the private score."""
        person = self.people.persons[i]
        return person.online >= 1 and lo(self.first_day_draw(draws.ENROLMENT, person.address)) < self.scheme.users

    def private_standing(self, i: int) -> int:
        """E12: what a user's own and his friends' private scores come to, in steps."""
        scheme, circle = self.scheme, self.people.friends(i)
        deviations = {j: self.state[j].private - scheme.private_start for j in circle}
        o, total, w = deviations[i], sum(deviations.values()), round(1000 * scheme.private.friends)
        if len(circle) >= 2:
            o += divided(w * (total - o), 1000 * (len(circle) - 1))
        return max(0, min(scheme.private_top, o + scheme.private_start))

    def period_begins(self) -> bool:
        """E14: whether the secret formula is computed anew today."""
        return self.scheme.composite is not None and self.t % (7 * self.scheme.composite.period) == 0

    def opaque(self, i: int) -> int:
        """E14: the points that cannot be traced to any record."""
        composite, person = self.scheme.composite, self.people.persons[i]
        if composite is None:
            return 0
        begun = self.t - self.t % (7 * composite.period)
        y = draw(stream_key(self.world.seed, draws.COMPOSITE, begun), person.address >> 2)
        return self.scheme.opaque(y >> 16 * (person.address & 3) & 0xFFFF, person.income, person.online, person.age)

    def joins(self, i: int) -> bool:
        """E17: whether citizen i takes part in a protest, as many as there were last week."""
        person, risk = self.people.persons[i], self.state[i].risk
        theta = self.first_day_draw(draws.DISPOSITIONS, person.address) >> 48
        fear = ((risk * 257) * self.scheme.caution * (14 - person.boldness)) // (256 * 14)
        return theta + fear - self.scheme.initiators <= self.world.turnout[person.district]

    # --- conduct (E4) -----------------------------------------------------------------------------

    def conduct(self, i: int) -> None:
        """E4: the candidate of the day, accepted or not, and who sees it."""
        person, state, acts = self.people.persons[i], self.state[i], self.lottery.acts
        b, v = acts.candidate(self.keys[draws.CONDUCT], self.keys[draws.ACT_CHOICE], person.address)
        if b is None or state.removed:
            return
        if b >= len(self.lottery.conduct):
            self.passed_scanner(i, b, v)
            self.reported_falsely(i, b, v)
        elif acts.accepted(b, person, self.state_factor(b, state), v):
            if self.lottery.conduct[b].assembly and self.scheme.turnout and not self.joins(i):
                self.count("forgone", i)
                return
            self.emit(ACT, i, b, -1, -1, 0, -1)
            for name in KIND_COUNTS[self.lottery.conduct[b].kind]:
                self.count(name, i)
            if self.scheme.is_violation(b):
                state.note |= VIOLATED
            self.observe(i, b)
        elif self.lottery.conduct[b].kind == "expression" and acts.accepted(b, person, 256, v):
            self.count("chilled", i)

    def state_factor(self, b: int, state: State) -> int:
        """E4: S, in 1/256."""
        kind, scheme = self.lottery.conduct[b].kind, self.scheme
        if kind == "violation":
            if b in scheme.secret:
                return 256
            return 256 - round(scheme.responses.get("deterrence", 0.0) * 256 * (state.risk >> 4) / 15)
        if kind == "expression":
            return 16 * (state.expression + 1)
        if kind == "hardship":
            return 256 + round(4 * scheme.responses.get("hardship", 0.0) * 256 * state.debt / 15)
        return 32 * state.motivation + (scheme.response256("points_seeking") if b in scheme.known_gains else 0)

    # --- observe (E5) -----------------------------------------------------------------------------

    def observe(self, i: int, b: int) -> None:
        """E5: the channels that see conduct b are asked in order until one names somebody."""
        person = self.people.persons[i]
        for channel in self.scheme.seen_by[b]:
            z = draw(self.keys[draws.OBSERVATION + channel.number], person.address)
            if hi(z) >= (channel.see[b] * channel.coverage[person.district]) >> 16:
                continue
            right, wrong = channel.right[person.minority], channel.wrong[person.minority]
            if lo(z) < right:
                self.name(i, b, channel, RIGHT, i)
                return
            if lo(z) < right + wrong:
                other = self.somebody_else(i, channel)
                if other is not None:
                    self.state[i].note |= WENT_FREE
                    self.count("went_free", i)
                    self.name(i, b, channel, WRONG, other)
                return

    def name(self, i: int, b: int, channel: Channel, kind: int, named: int) -> None:
        """E5: a name is put down; an informer may be rewarded."""
        self.emit(OBSERVE, i, b, channel.number, kind, 0, named)
        self.send(Entry(kind, named, b, channel.number), channel, i)
        if channel.informer:
            informer = self.pick_mate(draws.INFORMER, i)
            if informer is not None:
                self.reward(i, channel, informer)

    def somebody_else(self, i: int, channel: Channel) -> int | None:
        """E5: the other one whom a wrong match names; None if nobody else is in the gallery."""
        first, m = self.people.gallery(i, channel.gallery)
        if m == 1:
            return None
        u = hi(draw(self.keys[draws.WRONG_PERSON], self.people.persons[i].address))
        place = (u * (m - 1)) >> 32
        return first + place + (1 if place >= i - first else 0)

    def pick_mate(self, stream: int, i: int) -> int | None:
        """E5: a mate from street, work or chat group."""
        z = draw(self.keys[stream], self.people.persons[i].address)
        return self.people.mate(1 + ((hi(z) * 3) >> 32), i, lo(z))

    def reward(self, actor: int, channel: Channel, informer: int) -> None:
        """E5: the entry for denouncing, if the catalogue has it."""
        b = self.scheme.denouncing
        if b is not None:
            self.emit(OBSERVE, actor, b, channel.number, REWARD, 0, informer)
            self.send(Entry(REWARD, informer, b, channel.number), channel, actor)

    def passed_scanner(self, i: int, slot: int, v: int) -> None:
        """E5, Alarms: a scan that names the passer-by himself."""
        channel = self.scheme.scanner.get(slot)
        if channel is None or channel.alarm is None:
            return
        person = self.people.persons[i]
        coverage, m32 = channel.coverage[person.district], channel.false_match[person.minority]
        if self.lottery.acts.alarm_accepted(slot, person, coverage, m32, v):
            self.emit(OBSERVE, i, channel.alarm, channel.number, ALARM, 0, i)
            self.send(Entry(ALARM, i, channel.alarm, channel.number), channel, i)

    def reported_falsely(self, i: int, slot: int, v: int) -> None:
        """E5, False reports: citizen i reports a mate for something that did not happen."""
        channel = self.scheme.report_taker.get(slot)
        if channel is None or channel.reports is None:
            return
        if not self.lottery.acts.alarm_accepted(slot, self.people.persons[i], 65536, channel.false_reports, v):
            return
        target = self.pick_mate(draws.REPORT_TARGET, i)
        if target is None:
            return
        self.emit(OBSERVE, i, channel.reports, channel.number, REPORT, 0, target)
        self.send(Entry(REPORT, target, channel.reports, channel.number), channel, i)
        if channel.informer:
            self.reward(i, channel, i)

    # --- record (E6) ------------------------------------------------------------------------------

    def record(self) -> list[int]:
        """E6: today's arrivals, RESTORE first; the members of the circles of those named, taking effect or not."""
        entries = self.world.arrivals.pop(self.t, [])
        entries.sort(key=arrival_order)
        touched: set[int] = set()
        for entry in entries:
            if entry.kind in RESTORE:
                self.restore(entry)
            elif entry.kind == EMPLOYER:
                self.pay_for_employer(entry)
            else:
                if entry.to_private:
                    self.enter_private(entry)
                if entry.to_state and entry.b in self.scheme.value:
                    self.enter(entry)
            touched.update(self.people.friends(entry.target))
        reach = self.scheme.ceiling - self.scheme.floor
        for state in (self.state[entry.target] for entry in entries):
            state.false_points = max(-reach, min(reach, state.false_points))
        return sorted(touched)

    def restore(self, entry: Entry) -> None:
        """E6, RESTORE: what a successful appeal gives back, whatever is in force by then."""
        state = self.state[entry.target]
        state.own -= entry.points
        self.count("restored_false" if entry.kind == RESTORE_FALSE else "restored_true", entry.target)
        if entry.kind == RESTORE_FALSE:
            state.false_points -= entry.points
            if entry.b in self.scheme.list_of:
                state.status &= ~FLAG[self.scheme.list_of[entry.b]]
                if not state.status & (BLACK | COURT):
                    state.listed_weeks = 0
        self.emit(RECORD, entry.target, entry.b, entry.channel, entry.kind, -entry.points, -1)

    def enter_private(self, entry: Entry) -> None:
        """E6.0: what an entry does to the private score."""
        i, scheme = entry.target, self.scheme
        if scheme.private is None or entry.b not in scheme.private_value or not self.is_user(i):
            return
        steps = round(scheme.private_value[entry.b] / scheme.private.step)
        self.state[i].private = max(0, min(scheme.private_top, self.state[i].private + steps))
        self.count("private_gained" if steps > 0 else "private_lost", i, by=abs(steps))
        if entry.kind in FALSE_KINDS:
            self.count("private_lost_falsely", i, by=max(0, -steps))

    def pay_for_employer(self, entry: Entry) -> None:
        """E18, EMPLOYER: what an employee of a listed firm loses."""
        i, state, person = entry.target, self.state[entry.target], self.people.persons[entry.target]
        points = entry.points if self.enrolled(i) else 0
        state.own += points
        self.count("points_through_firm", i, by=-points)
        self.emit(RECORD, i, -1, -1, EMPLOYER, points, -1)
        chance = self.scheme.firm_loss
        struck = hi(draw(self.keys[draws.EMPLOYEE], person.address)) < chance
        if struck and person.occupation in WORKING and not state.status & JOBLESS:
            state.status |= JOBLESS
            self.count("laid_off", i)
            self.count("jobs_lost", i)

    def discreet(self, value: int, i: int, channel: int) -> int:
        """E6.1, Discretion: the points that local officials make of a value."""
        a = self.scheme.discretion.get(channel)
        if a is None:
            return value
        z = self.first_day_draw(draws.DISCRETION, self.people.persons[i].page)
        f = 256 + ((a * (2 * (hi(z) >> 16) - 65535)) >> 16)
        return (value * f + 128) >> 8

    def enter(self, entry: Entry) -> None:
        """E6.1-8: what an entry does on arrival."""
        i, b, scheme = entry.target, entry.b, self.scheme
        if not self.enrolled(i):
            self.count("outside", i)
            return
        state, false = self.state[i], entry.kind in FALSE_KINDS
        value = self.discreet(scheme.value[b], i, entry.channel)
        adverse = entry.kind != REWARD and (value < 0 or b in scheme.list_of)
        if hi(draw(stream_key(self.world.seed, draws.OPTING_OUT, 0), self.people.persons[i].address)) < scheme.opt_out:
            return
        if scheme.review and adverse and hi(self.entry_draw(draws.REVIEW, i, b)) < scheme.review[0 if false else 1]:
            self.emit(RECORD, i, b, entry.channel, entry.kind + STRUCK_OUT, 0, -1)
            self.count("struck_false" if false else "struck_true", i)
            return

        shamed = fined = False
        if entry.kind == REWARD:
            self.count("informers_rewarded", i)
        else:
            self.count("records", i, entry.channel, entry.kind)
        self.count("discretion", i, by=abs(value - scheme.value[b]))
        self.count("handed_over", i, by=int(entry.channel in scheme.private_channels and entry.kind != REWARD))
        state.own += value
        self.count("points_gained" if value > 0 else "points_lost", i, by=abs(value))
        if false:
            state.false_points += value
            state.note |= MISNAMED
            self.count("points_lost_falsely", i, by=max(0, -value))
        if b in scheme.list_of and entry.kind != REWARD:
            colour = scheme.list_of[b]
            state.status |= FLAG[colour]
            state.listed_weeks = max(state.listed_weeks, scheme.lists[colour].value)
            state.note |= SANCTIONED | (WRONGLY if false else 0)
            self.count("straight_listed", i)
            self.count("straight_listed_wrongly", i, by=int(false))
        if value < 0:
            z = self.entry_draw(draws.FINE_AND_SHAME, i, b)
            shamed, fined = hi(z) < scheme.shame.get(entry.channel, 0), lo(z) < scheme.fine.get(entry.channel, 0)
            for name, struck in (("shamed", shamed), ("fined", fined)):
                self.count(name, i, by=int(struck))
                self.count(f"{name}_wrongly", i, by=int(struck and false))
            for _ in range(2 if shamed else 1):
                state.risk += ((255 - state.risk) * scheme.response256("own_sanction")) >> 8
        person = self.people.persons[i]
        crowded_out = hi(self.first_day_draw(draws.CROWDING_OUT, person.address)) < scheme.response32("crowding_out")
        if value > 0 and crowded_out and state.motivation > 3 + person.solidarity:
            state.motivation -= 1
        notified, filed = self.notify(entry, value, false) if adverse else (False, False)
        self.emit(RECORD, i, b, entry.channel, entry.kind, value, notified + 2 * filed + 4 * shamed + 8 * fined)

    def notify(self, entry: Entry, value: int, false: bool) -> tuple[bool, bool]:
        """E6.8: notice, and an appeal that may succeed. Returns whether there was notice, and whether an appeal was filed."""
        i, b, appeal = entry.target, entry.b, self.scheme.appeal
        z = draw(draw(self.keys[draws.NOTICE], self.people.persons[i].address), b)
        if hi(z) >= self.scheme.notice:
            return False, False
        self.state[i].note |= KNOWS
        self.count("notified", i)
        if appeal is None:
            return True, False
        filed, for_false, for_right, days = appeal
        self.count("appeals", i, by=int(lo(z) < filed))
        if lo(z) < filed and hi(self.entry_draw(draws.APPEAL, i, b)) < (for_false if false else for_right):
            kind = RESTORE_FALSE if false else RESTORE_RIGHT
            restore = Entry(kind, i, b, entry.channel, value)
            self.world.arrivals.setdefault(self.t + days, []).append(restore)
        return True, lo(z) < filed

    def entry_draw(self, stream: int, i: int, b: int) -> int:
        """E6: the draws of an entry."""
        return draw(draw(self.keys[stream], self.people.persons[i].address), b)

    # --- stand (E7) -------------------------------------------------------------------------------

    def stand(self, members: range | list[int]) -> None:
        """E7: account within its range, points through friends, class, lists; for whole circles."""
        scheme, done = self.scheme, set()
        for i in members:
            if i in done:
                continue
            circle = self.people.friends(i)
            done.update(circle)
            for j in circle:
                self.state[j].own = max(scheme.floor, min(scheme.ceiling, self.state[j].own))
            deviations = [self.state[j].own - scheme.start for j in circle if not self.state[j].status & SHUNNED]
            for j in circle:
                self.state[j].association = self.association(self.state[j], len(deviations), sum(deviations))
            for j in circle:
                self.classify(j)

    def association(self, state: State, k: int, total: int) -> int:
        """E7: points through friends, of k not shunned whose deviations add up to total."""
        scheme, w, o = self.scheme, self.scheme.weight, state.own - self.scheme.start
        if state.status & SHUNNED or k < 2 or w == 0:
            return 0
        if scheme.reach == "direct":
            points = divided(w * (total - o), 1000 * (k - 1))
        else:
            points = divided(w * (1000 * total - (1000 - w) * o), (1000 - w) * (1000 * (k - 1) + w))
        return max(-scheme.limit, min(scheme.limit, points))

    def classify(self, i: int) -> None:
        """E7: standing, class, notes and lists."""
        scheme, state, minority = self.scheme, self.state[i], self.people.persons[i].minority
        before, opaque = state.status, self.opaque(i)
        standing = scheme.standing(state.own + state.association + opaque, minority)
        index = scheme.class_of(standing)
        state.status = state.status & ~CLASS | index
        if index != before & CLASS:
            self.count("class_entered", i, index)
        if scheme.class_sanctioned(index):
            state.note |= SANCTIONED
            truly = scheme.standing(state.own - state.false_points + state.association + opaque, minority)
            wrongly = not scheme.class_sanctioned(scheme.class_of(truly))
            by_friends = not scheme.class_sanctioned(scheme.class_of(scheme.standing(state.own + opaque, minority)))
            state.note |= (WRONGLY if wrongly else 0) | (BY_ASSOCIATION if by_friends else 0)
            if not scheme.class_sanctioned(before & CLASS):
                self.count("sanctions", i)
                self.count("sanctions_wrong", i, by=int(wrongly))
                self.count("sanctions_by_association", i, by=int(by_friends))
        for colour in ("black", "court"):
            if scheme.enters(index, colour):
                if not state.status & FLAG[colour]:
                    state.status |= FLAG[colour]
                    state.listed_weeks = max(state.listed_weeks, scheme.lists[colour].value)
                state.note |= SANCTIONED
        state.status = state.status | RED if scheme.enters(index, "red") else state.status & ~RED
        for name, flag in (("black_entered", BLACK), ("red_entered", RED)):
            self.count(name, i, by=int(state.status & flag > before & flag))
        if state.status != before:
            self.emit(STAND, i, index, before & CLASS, state.status >> 3, standing, -1)

    # --- consequence (E8) ---------------------------------------------------------------------------

    def consequence(self, i: int) -> None:
        """E8: an accepted wish is refused, granted, or granted with advantage."""
        person, state, wishes = self.people.persons[i], self.state[i], self.lottery.wishes
        q, v = wishes.candidate(self.keys[draws.WISH], self.keys[draws.WISH_CHOICE], person.address)
        if q is None or state.removed:
            return
        factor = 16 * (state.expression + 1) if wishes.slots[q].expression else 256
        if not wishes.accepted(q, person, factor, v):
            if wishes.slots[q].expression:
                self.count("chilled_posts", i, by=int(wishes.accepted(q, person, 256, v)))
            return
        self.count("asked", i, q)
        z = draw(self.keys[draws.WISH_DECISION], person.address)
        grounds, outcome = self.grounds(i, state.status & CLASS, self.lists_of(state)), GRANTED
        if hi(z) < self.scheme.refusal_chance(q, grounds):
            outcome = REFUSED_WISH
            self.count_refusal(i, q, hi(z))
            state.note |= REFUSED | KNOWS
        elif lo(z) < self.scheme.advantage_chance(q, grounds):
            outcome = ADVANTAGE
            self.count("advantage", i, q)
        self.emit(CONSEQUENCE, i, q, -1, outcome, 0, -1)

    def grounds(self, i: int, index: int, lists: list[str]) -> list[Ground]:
        """E8: what a wish may be refused for, or come with an advantage for, given a class and some lists."""
        grounds: list[Ground] = [OUTSIDE]
        if self.enrolled(i):
            grounds = [("class", self.scheme.letter(index)), *(("list", colour) for colour in lists)]
        band = self.scheme.band_of(self.private_standing(i)) if self.is_user(i) else None
        if band is not None:
            grounds.append(("band", self.scheme.bands[band][0]))
        return grounds

    def count_refusal(self, i: int, q: int, h: int) -> None:
        """Refused; to whom nothing can be laid; for what would not have been refused on true records alone."""
        state, scheme = self.state[i], self.scheme
        points = state.own - state.false_points + state.association + self.opaque(i)
        truly = scheme.class_of(scheme.standing(points, self.people.persons[i].minority))
        on_lists = scheme.refusal_chance(q, self.grounds(i, truly, self.lists_of(state)))
        listed_wrongly = state.note & WRONGLY and h >= scheme.refusal_chance(q, self.grounds(i, truly, []))
        self.count("refused", i, q)
        self.count("refused_innocent", i, q, by=int(not state.note & VIOLATED))
        self.count("refused_wrongly", i, q, by=int(bool(listed_wrongly or h >= on_lists)))
        self.count("learned_by_refusal", i, by=int(not state.note & KNOWS))

    def lists_of(self, state: State) -> list[str]:
        """E6.5, E8, E9.5: the lists a citizen is on that count; one that is not in force is as if not named."""
        return [colour for colour in ("black", "court") if state.status & FLAG[colour] and colour in self.scheme.lists]

    # --- remedy and respond (E9) ----------------------------------------------------------------------

    def sanctioned(self, state: State) -> bool:
        """E9: class sanctioned, or on the black or court list."""
        return self.scheme.class_sanctioned(state.status & CLASS) or bool(state.status & (BLACK | COURT))

    def remedy_and_respond(self) -> None:
        """E9: the slow phases; what others are is taken from before."""
        sanctioned = [self.sanctioned(state) for state in self.state]
        if (self.t + 1) % 28 == 0 and self.scheme.study_app is not None:
            for i in range(len(self.state)):
                self.study(i)
        for i, state in enumerate(self.state):
            loss, removal = self.chance_of(self.scheme.job_loss, state), self.chance_of(self.scheme.removal, state)
            jobless = bool(state.status & JOBLESS)
            circle = self.people.friends(i)
            mates = sum(sanctioned[j] for j in circle if j != i)
            self.leave_lists(i, state)
            self.forgive(i, state)
            self.job(i, state, loss)
            self.remove(i, state, removal)
            self.owe(i, state, jobless)
            self.feel(i, state, len(circle), mates)
            self.shun(i, state, sanctioned[i])

    def leave_lists(self, i: int, state: State) -> None:
        """E9.1-2: time served, and repair."""
        was_listed = bool(state.status & (BLACK | COURT))
        if state.listed_weeks > 0:
            state.listed_weeks -= 1
            if state.listed_weeks == 0:
                state.status &= ~(BLACK | COURT)
        z = draw(self.keys[draws.REPAIR], self.people.persons[i].address)
        if state.status & COURT and hi(z) < self.scheme.repair["court"]:
            state.status &= ~COURT
            self.count("repaired", i)
        if state.status & BLACK and lo(z) < self.scheme.repair["black"]:
            state.status &= ~BLACK
            self.count("repaired", i)
        if not state.status & (BLACK | COURT):
            state.listed_weeks = 0
            self.count("list_left", i, by=int(was_listed))

    def forgive(self, i: int, state: State) -> None:
        """E9.3-4: expiry and audit."""
        scheme = self.scheme
        if scheme.expiry_days:
            u = hi(draw(self.keys[draws.FADING], self.people.persons[i].address))
            state.own -= faded(state.own - scheme.start, scheme.expiry_days, u)
            state.false_points -= faded(state.false_points, scheme.expiry_days, u)
        if state.false_points != 0 and hi(draw(self.keys[draws.AUDIT], self.people.persons[i].address)) < scheme.audit:
            state.own -= state.false_points
            state.false_points = 0
            self.count("audited", i)

    def study(self, i: int) -> None:
        """E15: what four weeks of the study app bring to a member of the party."""
        app, person, state = self.scheme.study_app, self.people.persons[i], self.state[i]
        if not person.party or state.removed:
            return
        x = points_of_four_weeks(app, draw(self.keys[draws.STUDY_APP], person.address), state.risk)
        self.count("app_points", i, by=x)
        self.count("gifts", i, by=int(app.gift_at > 0 and x >= app.gift_at))
        if x < app.pillory_below:
            self.count("pilloried", i)
            state.risk += ((255 - state.risk) * self.scheme.response256("own_sanction")) >> 8
        if f8(app.credit) > 0 and self.enrolled(i):
            state.own = max(self.scheme.floor, min(self.scheme.ceiling, state.own + ((x * f8(app.credit)) >> 8)))

    def chance_of(self, table: dict[Ground, int], state: State) -> int | None:
        """E9.5, E16: the largest chance of losing work, or of removal, that fits; None without a ground."""
        grounds = [("class", self.scheme.letter(state.status & CLASS))]
        grounds += [("list", colour) for colour in self.lists_of(state)]
        return max((table[ground] for ground in grounds if ground in table), default=None)

    def job(self, i: int, state: State, loss: int | None) -> None:
        """E9.5: work lost and found."""
        person = self.people.persons[i]
        if person.occupation not in WORKING:
            return
        z = draw(self.keys[draws.JOB], person.address)
        if not state.status & JOBLESS and loss is not None and hi(z) < loss:
            state.status |= JOBLESS
            self.count("jobs_lost", i)
        elif state.status & JOBLESS and loss is None and lo(z) < self.scheme.job_back:
            state.status &= ~JOBLESS
            self.count("jobs_found", i)

    def remove(self, i: int, state: State, chance: int | None) -> None:
        """E16, Removal: taken out of civic life, and released."""
        person = self.people.persons[i]
        z = draw(self.keys[draws.REMOVAL], person.address)
        if not state.removed and chance is not None and hi(z) < chance:
            state.removed = True
            self.count("removed", i)
            self.count("removed_innocent", i, by=int(not state.note & VIOLATED))
            if person.occupation in WORKING and not state.status & JOBLESS:
                state.status |= JOBLESS
                self.count("jobs_lost", i)
        elif state.removed and lo(z) < self.scheme.release:
            state.removed = False
            self.count("released", i)

    def owe(self, i: int, state: State, jobless: bool) -> None:
        """E16, Debt: it grows with those without work, and is paid off by the others."""
        z = draw(self.keys[draws.DEBT], self.people.persons[i].address)
        if jobless and state.debt < MOST_DEBT and hi(z) < self.scheme.response32("debt"):
            state.debt += 1
        elif not jobless and state.debt > 0 and lo(z) < self.scheme.response32("recovery"):
            state.debt -= 1

    def feel(self, i: int, state: State, f: int, mates: int) -> None:
        """E9.6-7: perceived risk, then expression."""
        person, scheme, r = self.people.persons[i], self.scheme, state.risk
        if f >= 2:
            r += ((255 - r) * scheme.response256("friends_sanctions") * mates) // (256 * (f - 1))
        share16 = (65536 * self.world.sanctioned[person.district]) // self.people.sizes[person.district]
        u = lo(draw(self.keys[draws.FADING], person.address))
        r += ((255 - r) * scheme.response256("public_sanctions") * share16 + (u >> 8)) >> 24
        base = base_risk(person.trust)
        if r > base:
            r -= ((r - base) * scheme.response256("forgetting") + (u & 255)) >> 8
        state.risk = r
        target = self.wished_expression(person, r)
        silent = 65536 - self.world.climate[person.district]
        y = draw(self.keys[draws.FADING], person.address)
        target = max(0, target - ((scheme.response256("silence") * 15 * silent + (hi(y) >> 8)) >> 24))
        state.expression += (target > state.expression) - (target < state.expression)

    def wished_expression(self, person: Person, risk: int) -> int:
        """E9.7: T, by the form of self-censorship."""
        value = self.scheme.responses.get("self_censorship", 0.0)
        if self.scheme.form == "strategic":
            return strategic_expression(value, risk, person.boldness, person.dissent)
        return linear_expression(value, risk, person.boldness)

    def shun(self, i: int, state: State, sanctioned: bool) -> None:
        """E9.8: friends turn away from the sanctioned, and come back."""
        struck = hi(draw(self.keys[draws.SHUNNING], self.people.persons[i].address)) < self.scheme.response32("shunning")
        if struck and sanctioned != bool(state.status & SHUNNED):
            state.status ^= SHUNNED
            self.count("ties_lost" if sanctioned else "ties_regained", i, by=len(self.people.friends(i)) - 1)

    def close_week(self) -> None:
        """E9.6-7: what a district knows of this week in the next; and a row for every citizen."""
        sizes = self.people.sizes
        sanctioned, expression = [0] * len(sizes), [0] * len(sizes)
        for i, state in enumerate(self.state):
            district = self.people.persons[i].district
            sanctioned[district] += self.sanctioned(state)
            expression[district] += state.expression
            self.emit(WEEK, i, state.status, state.listed_weeks, state.risk, state.own, state.inner())
        self.world.sanctioned = sanctioned
        self.world.climate = [65536 * e // (15 * n) if n else 0 for e, n in zip(expression, sizes, strict=True)]

    def take_turnout(self, joiners: list[int]) -> None:
        """E17: x of each district from the numbers of those who join, once they are counted."""
        sizes = self.people.sizes
        self.world.turnout = [min(65535, 65536 * x // n) if n else 0 for x, n in zip(joiners, sizes, strict=True)]


    def trade(self) -> None:
        """E18: the week of the firms; employees of those listed hear of it the next day."""
        if self.scheme.firm_scoring is None:
            return
        week = FirmWeek(self.world.seed, self.t, self.scheme, self.world.firm_counts)
        for firm in self.world.firms:
            if week.live(firm):
                entries = [Entry(EMPLOYER, i, -1, -1, self.scheme.firm_list.employee_points) for i in firm.employees]
                self.world.arrivals.setdefault(self.t + 1, []).extend(entries)


def first_state(scheme: Scheme, seed: int, person: Person) -> State:
    """E3: the state at the start."""
    opaque = 0
    if scheme.composite is not None:
        y = draw(stream_key(seed, draws.COMPOSITE, 0), person.address >> 2)
        opaque = scheme.opaque(y >> 16 * (person.address & 3) & 0xFFFF, person.income, person.online, person.age)
    return State(
        own=scheme.start,
        false_points=0,
        association=0,
        status=scheme.class_of(scheme.standing(scheme.start + opaque, person.minority)),
        note=0,
        listed_weeks=0,
        risk=base_risk(person.trust),
        expression=15,
        motivation=4 + person.solidarity,
        private=scheme.private_start,
    )
