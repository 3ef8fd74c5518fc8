"""A scheme as it stands on one day, as integer tables for the kernels. Model description: E4 to E10."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, TypeVar

import numpy as np

from glasscity import columns as c
from glasscity.kernels.bundles import FirmRules, Rules
from glasscity.rules import firms, forms
from glasscity.rules.fixed import f8, p32
from glasscity.rules.model import (
    Approval,
    Article,
    Association,
    Band,
    Behaviour,
    Cap,
    Catalogue,
    Channel,
    Class,
    Composite,
    Conduct,
    Discretion,
    Enrolment,
    ErrorRates,
    FirmList,
    FirmScoring,
    Listing,
    Population,
    PrivateScore,
    Response,
    Retention,
    Reward,
    Rulebook,
    Safeguard,
    Sanction,
    Scorer,
    Scoring,
    Sharing,
    Slot,
    StudyApp,
    Turnout,
)

A = TypeVar("A", bound=Article)
KINDS = {
    "violation": c.VIOLATION, "prosocial": c.PROSOCIAL, "expression": c.EXPRESSION, "hardship": c.HARDSHIP,
}  # fmt: skip
GALLERIES = {"city": c.GALLERY_CITY, "district": c.GALLERY_DISTRICT, "neighbourhood": c.GALLERY_NEIGHBOURHOOD}
NO_CAP = 32767


def letters_of(articles: Iterable[Class | Band]) -> list[str]:
    """Letters of classes or bands, the best first, over all articles of a rulebook."""
    highest: dict[str, int] = {}
    for article in articles:
        highest[article.letter] = max(article.value, highest.get(article.letter, article.value))
    return sorted(highest, key=lambda letter: -highest[letter])


def is_known(article: Behaviour, today: date) -> bool:
    """Whether people know of an article: in force or announced, and not secret."""
    since = article.announced or article.start or date.min
    return article.enabled and not article.secret and since <= today and (article.until is None or today < article.until)


def first_to_come(rulebook: Rulebook, kind: type[A], start: date) -> A | None:
    """The article of a kind that is the first to be in force from `start` on, if any ever is."""
    coming = [a for a in rulebook.articles.values() if isinstance(a, kind) and a.enabled and (a.until is None or start < a.until)]
    return min(coming, key=lambda a: max(start, a.start or start), default=None)


def is_in_force(article: Article, today: date) -> bool:
    """Whether an article holds on a day."""
    return (
        article.enabled
        and (article.start is None or article.start <= today)
        and (article.until is None or today < article.until)
    )


def change_days(rulebook: Rulebook, start: date, days: int) -> list[int]:
    """Days (from 1) of a run on which an article begins or ends."""
    dates = {
        day
        for article in rulebook.articles.values() if article.enabled
        for day in (article.start, article.until, getattr(article, "announced", None))
    }  # fmt: skip
    return sorted(n for day in dates if day is not None and 0 < (n := (day - start).days) < days)


class Scheme:
    """A rulebook over a catalogue and a population, compiled day by day."""

    def __init__(self, rulebook: Rulebook, catalogue: Catalogue, population: Population, start: date):
        self.rulebook, self.catalogue, self.population, self.start = rulebook, catalogue, population, start
        self.acts = [*catalogue.conduct, *catalogue.alarms]
        self.wishes = list(catalogue.wishes)
        self.channels = [key for key, article in rulebook.articles.items() if isinstance(article, Channel)]
        articles = rulebook.articles.values()
        self.letters = letters_of(a for a in articles if isinstance(a, Class))
        self.bands = letters_of(a for a in articles if isinstance(a, Band))
        self.act_slots = slot_tables([*catalogue.conduct.values(), *catalogue.alarms.values()])
        self.wish_slots = slot_tables(list(catalogue.wishes.values()))
        self.has_enrolment = any(isinstance(a, Enrolment) and a.enabled for a in articles)
        self.has_firms = any(isinstance(a, FirmScoring) and a.enabled for a in articles)

    def period_start(self, day: int) -> int:
        """The day on which the composite in force on a day was computed; 0 where there is none."""
        today = self.start + timedelta(days=day)
        for article in self.rulebook.articles.values():
            if isinstance(article, Composite) and is_in_force(article, today):
                return day - day % (7 * article.period)
        return 0

    def on(self, day: int) -> Rules:
        """The tables of one day; keys and public perception are filled in by the engine."""
        return Compiler(self, self.start + timedelta(days=day)).rules()

    def firms_on(self, day: int) -> FirmRules:
        """How firms are treated on one day."""
        today = self.start + timedelta(days=day)
        in_force = {key: article for key, article in self.rulebook.articles.items() if is_in_force(article, today)}
        return firms.rules_of(self.rulebook, in_force, first_to_come(self.rulebook, FirmScoring, self.start))


class Compiler:
    """Compiles one day of a scheme."""

    def __init__(self, scheme: Scheme, today: date):
        self.scheme = scheme
        self.articles = {k: a for k, a in scheme.rulebook.articles.items() if is_in_force(a, today)}
        self.by_kind: dict[type[Article], list[Any]] = {}
        for article in self.articles.values():
            self.by_kind.setdefault(type(article), []).append(article)
        self.safeguards: dict[str, Safeguard] = {a.lever: a for a in self.of(Safeguard)}
        self.responses: dict[str, float] = {a.effect: a.value for a in self.of(Response)}
        self.behaviours = {a.conduct: a for a in self.of(Behaviour) if a.scorer == "state"}
        self.private = {a.conduct: a for a in self.of(Behaviour) if a.scorer == "private"}
        self.known = {
            a.conduct for a in scheme.rulebook.articles.values()
            if isinstance(a, Behaviour) and a.value > 0 and is_known(a, today)
        }  # fmt: skip
        rates = self.one(ErrorRates)
        self.takes_claims = rates is not None and rates.value == "claimed"
        self.lists = {a.colour: a for a in self.of(Listing)}

    def of(self, kind: type[A]) -> Iterator[A]:
        """Articles of one kind that are in force."""
        return iter(self.by_kind.get(kind, ()))

    def one(self, kind: type[A]) -> A | None:
        """The article of one kind that is in force, if any."""
        return next(self.of(kind), None)

    def rules(self) -> Rules:
        scheme = self.scheme
        act_bounds, act_factors = scheme.act_slots[0], scheme.act_slots[1].copy()
        wish_bounds, wish_factors = scheme.wish_slots[0], scheme.wish_slots[1].copy()
        self.state_factors(act_factors, wish_factors)
        rules = Rules(
            p=np.zeros(c.N_PARAMETERS, np.int64),
            act_bounds=act_bounds,
            act_guide=guide(act_bounds),
            act_factors=act_factors,
            act=np.zeros((len(act_bounds), c.N_ACT), np.int64),
            wish_bounds=wish_bounds,
            wish_guide=guide(wish_bounds),
            wish_factors=wish_factors,
            wish=np.zeros((len(wish_bounds), c.N_WISH_FIELDS), np.int64),
            channels=np.zeros((max(1, len(scheme.channels)), c.N_CHANNEL_FIELDS), np.int64),
            coverage=np.zeros((len(scheme.population.districts), max(1, len(scheme.channels))), np.int64),
            enrolment=self.enrolment(),
            targets=self.targets(),
            keys=np.zeros(c.N_STREAMS, np.uint64),
            set_up_keys=np.zeros(c.N_STREAMS, np.uint64),
            public=np.zeros(len(scheme.population.districts), np.int64),
            turnout=np.zeros(len(scheme.population.districts), np.int64),
            climate=np.full(len(scheme.population.districts), 65536, np.int64),
        )
        self.act_fields(rules.act, act_bounds)
        self.channel_fields(rules.channels, rules.coverage)
        self.alarm_fields(rules.act)
        self.wish_fields(rules.wish, wish_bounds)
        self.parameters(rules)
        return rules

    def enrolment(self) -> np.ndarray:
        """Chance of a pilot neighbourhood and, by trust, of an account, for each district (E11)."""
        districts = list(self.scheme.population.districts)
        table = np.zeros((len(districts), 9), np.int64)
        for article in self.of(Enrolment):
            shares = [article.value * (1 + article.leaning * (x - 3.5) / 3.5) for x in range(8)]
            for d, district in enumerate(districts):
                if not article.districts or district in article.districts:
                    table[d] = [p32(article.places), *map(p32, shares)]
        return table

    def targets(self) -> np.ndarray:
        """Expression aimed at by level of perceived risk, boldness and dissent, in one row (E9, 7)."""
        article = next((a for a in self.of(Response) if a.effect == "self_censorship"), None)
        weight, is_strategic = (article.value, article.form == "strategic") if article else (0.0, False)
        return np.array([
            forms.expression_target(s, b, x, weight) if is_strategic else forms.linear_target(s, b, weight)
            for s in range(16) for b in range(8) for x in range(8)
        ], np.int64)  # fmt: skip

    def state_factors(self, acts: np.ndarray, wishes: np.ndarray) -> None:
        """How deterrence, expression, motivation and debt scale each slot."""
        levels = np.arange(16)
        expression = 16 * (levels + 1)
        deterrence = self.responses.get("deterrence", 0.0)
        for b, (name, conduct) in enumerate(self.scheme.catalogue.conduct.items()):
            row = acts[b, c.FACTOR_STATE :]
            if conduct.kind == "violation":
                is_secret = name in self.behaviours and self.behaviours[name].secret
                row[:] = [256 if is_secret else 256 - round(deterrence * 256 * s / 15) for s in range(16)]
            elif conduct.kind == "hardship":
                row[:] = [256 + round(4 * self.responses.get("hardship", 0.0) * 256 * s / 15) for s in range(16)]
            elif conduct.kind == "expression":
                row[:] = expression
            else:
                row[:] = 32 * levels + (f8(self.responses.get("points_seeking", 0.0)) if name in self.known else 0)
        for q, wish in enumerate(self.scheme.catalogue.wishes.values()):
            if wish.expression:
                wishes[q, c.FACTOR_STATE :] = expression

    def act_fields(self, act: np.ndarray, bounds: np.ndarray) -> None:
        """Acceptance, value and observers of each conduct."""
        act[:, c.ACT_BOUND] = bounds
        act[:, c.ACT_OBSERVERS :: 2] = -1
        act[:, c.ACT_CHANNEL] = -1
        for b, (name, conduct) in enumerate(self.scheme.catalogue.conduct.items()):
            slot_fields(act[b], conduct, c.ACT_ACCEPT, c.ACT_NEEDS, c.ACT_DISPOSITION, 2**32)
            act[b, c.ACT_KIND] = KINDS[conduct.kind]
            behaviour = self.behaviours.get(name)
            if behaviour:
                act[b, c.ACT_RECORDED], act[b, c.ACT_POINTS] = 1, behaviour.value
                if behaviour.lists in self.lists:
                    act[b, c.ACT_LIST] = c.LIST_BITS[str(behaviour.lists)]
            score = self.one(PrivateScore)
            if score and name in self.private:
                act[b, c.ACT_PRIVATE] = round(self.private[name].value / score.step)
            act[b, c.ACT_ASSEMBLY] = conduct.assembly and self.one(Turnout) is not None
            self.observers(act[b], name)

    def observers(self, row: np.ndarray, conduct: str) -> None:
        """The channels that see a conduct, in rulebook order."""
        k = c.ACT_OBSERVERS
        for number, key in enumerate(self.scheme.channels):
            channel = self.articles.get(key)
            if isinstance(channel, Channel) and channel.sees.get(conduct, 0) > 0:
                row[k], row[k + 1] = number, p32(channel.sees[conduct])
                k += 2

    def rates(self, channel: Channel) -> tuple[float, float, float]:
        """True, wrong and false matches: measured, or as the vendor claims (E5)."""
        told = channel.claimed if self.takes_claims and channel.claimed else channel
        return told.true_match, told.wrong_match, told.false_match

    def shares(self, key: str, channel: Channel) -> tuple[float, float]:
        """Shares of a channel's records that reach the state and the private scorer."""
        allowed = self.safeguards.get("purpose_limitation")
        if allowed is not None and channel.domain not in allowed.domains:
            return 0.0, 0.0

        def handed(scorer: Scorer) -> float:
            return max((a.value for a in self.of(Sharing) if key in a.channels and a.scorer == scorer), default=0.0)

        state, private = handed("state"), handed("private")
        if channel.shared:
            return (1.0, private) if channel.holder == "state" else (state, 1.0)
        return state, private

    def minority_factors(self, channel: Channel) -> tuple[float, float]:
        """Factors on true and wrong matches for the minority; 1 under equal treatment and in claimed rates."""
        if "equal_treatment" in self.safeguards or self.takes_claims and channel.claimed:
            return 1.0, 1.0
        return channel.minority_true_match, channel.minority_wrong_match

    def threshold(self) -> tuple[float, float]:
        """Factors of a stricter match threshold on true and on wrong matches."""
        lever = self.safeguards.get("match_threshold")
        return (1 - lever.slip, 1 / max(1.0, lever.value)) if lever else (1.0, 1.0)

    def channel_fields(self, fields: np.ndarray, coverage: np.ndarray) -> None:
        """Match rates, gallery, delay and sharing of each channel; coverage by district."""
        keep, less = self.threshold()
        local = {key for article in self.of(Discretion) for key in article.channels}
        for number, key in enumerate(self.scheme.channels):
            channel = self.articles.get(key)
            if not isinstance(channel, Channel):
                continue
            right, wrong, _ = self.rates(channel)
            right, wrong = right * keep, wrong * less
            on_right, on_wrong = self.minority_factors(channel)
            row = fields[number]
            row[c.CH_RIGHT], row[c.CH_WRONG] = p32(right), p32(wrong)
            row[c.CH_RIGHT_MINORITY], row[c.CH_WRONG_MINORITY] = p32(right * on_right), p32(wrong * on_wrong)
            row[c.CH_GALLERY] = GALLERIES[channel.gallery]
            row[c.CH_INFORMER], row[c.CH_DELAY] = channel.informer, channel.delay
            row[c.CH_TO_STATE], row[c.CH_TO_PRIVATE] = map(p32, self.shares(key, channel))
            row[c.CH_LOCAL], row[c.CH_IS_PRIVATE] = key in local, channel.holder == "private"
            for d, district in enumerate(self.scheme.population.districts.values()):
                density = district.cameras if channel.density == "cameras" else 1.0
                coverage[d, number] = round(channel.value * 65536 * density)
        for sanction in self.of(Sanction):
            column = {"shame": c.CH_SHAME, "fine": c.CH_FINE}.get(sanction.effect)
            for key in sanction.channels if column is not None else ():
                if key not in self.articles:
                    continue
                row = fields[self.scheme.channels.index(key)]
                row[column] = max(row[column], p32(sanction.value))

    def alarm_fields(self, act: np.ndarray) -> None:
        """Scans and false reports: which channel uses the slot, against what, how often."""
        _, less = self.threshold()
        for b, (name, alarm) in enumerate(self.scheme.catalogue.alarms.items(), len(self.scheme.catalogue.conduct)):
            slot_fields(act[b], alarm, c.ACT_ACCEPT, c.ACT_NEEDS, c.ACT_DISPOSITION, 65536)
            act[b, c.ACT_KIND] = c.FALSE_REPORT if name == "false_report" else c.SCAN
            for number, key in enumerate(self.scheme.channels):
                channel = self.articles.get(key)
                if not isinstance(channel, Channel):
                    continue
                _, on_wrong = self.minority_factors(channel)
                if name == "false_report" and channel.false_reports:
                    match = (channel.false_reports, channel.false_reports)
                    target = channel.reports
                elif name == channel.scans:
                    false = self.rates(channel)[2] * less
                    match = (false, false * on_wrong)
                    target = channel.alarm
                else:
                    continue
                act[b, c.ACT_CHANNEL], act[b, c.ACT_TARGET] = number, self.scheme.acts.index(str(target))
                act[b, c.ACT_MATCH], act[b, c.ACT_MATCH_MINORITY] = p32(match[0]), p32(match[1])

    def class_set(self, letters: tuple[str, ...]) -> int:
        """Classes as a bit set."""
        return sum(1 << self.scheme.letters.index(letter) for letter in set(letters))

    def wish_fields(self, wish: np.ndarray, bounds: np.ndarray) -> None:
        """Acceptance, refusals and rewards of each wish."""
        wish[:, c.WISH_BOUND] = bounds
        for q, (name, wished) in enumerate(self.scheme.catalogue.wishes.items()):
            slot_fields(wish[q], wished, c.WISH_ACCEPT, c.WISH_NEEDS, c.WISH_DISPOSITION, 2**32)
            wish[q, c.WISH_KIND] = c.EXPRESSION if wished.expression else c.VIOLATION
            for article in self.articles.values():
                if isinstance(article, (Sanction, Reward)) and article.wish == name:
                    is_reward, chance = isinstance(article, Reward), p32(article.value)
                    column = c.WISH_REWARD if is_reward else c.WISH_REFUSE
                    places = [column + self.scheme.letters.index(letter) for letter in article.classes]
                    column = c.WISH_REWARD_BAND if is_reward else c.WISH_REFUSE_BAND
                    places += [column + self.scheme.bands.index(letter) for letter in article.bands]
                    places += [c.WISH_REFUSE_OUTSIDE] if isinstance(article, Sanction) and article.outside else []
                    for place in places:
                        wish[q, place] = max(wish[q, place], chance)
                    wish[q, c.WISH_HAS_BANDS] |= bool(article.bands)
                    for colour in article.lists if isinstance(article, Sanction) else ():
                        place = c.WISH_REFUSE_BLACK if colour == "black" else c.WISH_REFUSE_COURT
                        if colour in self.lists:
                            wish[q, place] = max(wish[q, place], chance)

    def parameters(self, rules: Rules) -> None:
        """Everything that is one number for the whole scheme."""
        p = rules.p
        self.scoring_parameters(p)
        p[c.P_ENROLMENT] = self.scheme.has_enrolment and bool((rules.enrolment < 2**32).any())
        self.list_parameters(p)
        self.response_parameters(p)
        self.safeguard_parameters(p)
        self.private_parameters(p)
        self.app_parameters(p)
        self.mind_parameters(p)
        p[c.P_N_ACT_SLOTS], p[c.P_N_CONDUCT] = len(rules.act), len(self.scheme.catalogue.conduct)
        p[c.P_N_WISHES] = len(rules.wish)
        p[c.P_ACT_TOTAL] = rules.act_bounds[-1] if len(rules.act_bounds) else 0
        p[c.P_WISH_TOTAL] = rules.wish_bounds[-1] if len(rules.wish_bounds) else 0
        names = list(self.scheme.catalogue.conduct)
        p[c.P_DENOUNCING] = names.index("denouncing") if "denouncing" in names else -1

    def scoring_parameters(self, p: np.ndarray) -> None:
        scoring = self.one(Scoring)
        start, floor, ceiling = (scoring.value, scoring.floor, scoring.ceiling) if scoring else (0, 0, 0)
        p[c.P_START], p[c.P_FLOOR], p[c.P_CEILING] = start, floor, ceiling
        cap = self.one(Cap)
        p[c.P_CAP] = NO_CAP if cap is None or "equal_treatment" in self.safeguards else cap.value
        classes = {article.letter: article for article in self.of(Class)}
        p[c.P_N_CLASSES] = len(self.scheme.letters)
        for k, letter in enumerate(self.scheme.letters):
            p[c.P_CLASS_FROM + k] = classes[letter].value if letter in classes else NO_CAP
            p[c.P_SANCTIONED_CLASSES] |= (letter in classes and classes[letter].sanctioned) << k
        falling(p[c.P_CLASS_FROM : c.P_CLASS_FROM + len(self.scheme.letters)])
        association = self.one(Association)
        if association:
            lever = self.safeguards.get("no_association")
            p[c.P_WEIGHT] = round(1000 * association.value * (1 - min(1.0, lever.value) if lever else 1.0))
            p[c.P_TRANSITIVE], p[c.P_LIMIT] = association.reach == "transitive", association.limit
        p[c.P_DISCRETION] = f8(max((article.value for article in self.of(Discretion)), default=0.0))
        composite = self.one(Composite)
        if composite:
            p[c.P_COMPOSITE], p[c.P_NOISE] = 1, composite.value
            p[c.P_OPAQUE_INCOME : c.P_OPAQUE_ONLINE] = composite.income
            p[c.P_OPAQUE_ONLINE : c.P_OPAQUE_AGE] = composite.online
            p[c.P_OPAQUE_AGE : c.N_PARAMETERS] = composite.age

    def private_parameters(self, p: np.ndarray) -> None:
        score = self.one(PrivateScore)
        later = score or first_to_come(self.scheme.rulebook, PrivateScore, self.scheme.start)
        if later:
            p[c.P_PRIVATE_START] = (later.value - later.floor) // later.step
        if not score:
            return
        p[c.P_PRIVATE_ON] = 1
        p[c.P_PRIVATE_TOP], p[c.P_USERS] = (score.ceiling - score.floor) // score.step, p32(score.users)
        p[c.P_PRIVATE_WEIGHT] = round(1000 * score.friends)
        bands = {article.letter: article for article in self.of(Band)}
        p[c.P_N_BANDS] = max(1, len(self.scheme.bands))
        for k, letter in enumerate(self.scheme.bands):
            lowest = -(-(bands[letter].value - score.floor) // score.step) if letter in bands else NO_CAP
            p[c.P_BAND_FROM + k] = lowest
        falling(p[c.P_BAND_FROM : c.P_BAND_FROM + len(self.scheme.bands)])

    def app_parameters(self, p: np.ndarray) -> None:
        app = self.one(StudyApp)
        if not app:
            return
        p[c.P_APP_ON], p[c.P_APP_VALUE], p[c.P_APP_MINUTES] = 1, app.value, app.minutes
        p[c.P_APP_SHARE], p[c.P_APP_READ_CAP], p[c.P_APP_SHARE_CAP] = app.share_points, app.read_cap, app.share_cap
        p[c.P_APP_DAILY_CAP], p[c.P_APP_INSIDE], p[c.P_APP_OUTSIDE] = app.daily_cap, app.inside, app.outside
        p[c.P_APP_HOURS] = sum(1 << h for h in range(48) if any(a <= h / 2 < b for a, b in app.hours))
        p[c.P_APP_OPENS], p[c.P_APP_FEAR] = min(65535, round(app.opens * 65536)), f8(app.fear)
        p[c.P_APP_GIFT], p[c.P_APP_PILLORY], p[c.P_APP_CREDIT] = app.gift_at, app.pillory_below, f8(app.credit)

    def mind_parameters(self, p: np.ndarray) -> None:
        """Thresholds of protest, and approval in private and in public."""
        turnout, approval = self.one(Turnout), self.one(Approval)
        if turnout:
            stopped = [
                a.value for a in self.of(Sanction) if a.effect == "preempt" and set(a.channels) & set(self.articles)
            ]  # fmt: skip
            p[c.P_TURNOUT], p[c.P_CAUTION] = 1, f8(turnout.caution)
            p[c.P_INITIATORS] = round(65536 * turnout.value * (1 - max(stopped, default=0.0)))
        if approval:
            p[c.P_APPROVAL], p[c.P_APPROVAL_NEED] = 1, approval.value
            p[c.P_APPROVAL_SANCTIONED], p[c.P_APPROVAL_REFUSED] = approval.sanctioned, approval.refused
            p[c.P_APPROVAL_INFORMED], p[c.P_APPROVAL_FELLOWS] = approval.informed, approval.fellows
            p[c.P_FALSIFY] = 256 - f8(approval.falsify)

    def list_parameters(self, p: np.ndarray) -> None:
        repair = self.safeguards["repair"].value if "repair" in self.safeguards else 0.0
        fields = {
            "black": (c.P_BLACK_ON, c.P_BLACK_CLASSES, c.P_BLACK_WEEKS, c.P_BLACK_REPAIR),
            "court": (c.P_COURT_ON, c.P_COURT_CLASSES, c.P_COURT_WEEKS, c.P_COURT_REPAIR),
        }
        for colour, (on, classes, weeks, repaired) in fields.items():
            p[repaired] = p32(repair)
            if colour in self.lists:
                listing = self.lists[colour]
                p[on], p[classes], p[weeks] = 1, self.class_set(listing.enters), listing.value
                p[repaired] = p32(1 - (1 - listing.repair) * (1 - min(1.0, repair)))
        if "red" in self.lists:
            p[c.P_RED_ON], p[c.P_RED_CLASSES] = 1, self.class_set(self.lists["red"].enters)
        for sanction in self.of(Sanction):
            if sanction.effect == "job_loss":
                p[c.P_JOB_CLASSES] = self.class_set(sanction.classes)
                p[c.P_JOB_LISTS] = sum(c.LIST_BITS[colour] for colour in set(sanction.lists) & set(self.lists))
                p[c.P_JOB_LOSS], p[c.P_JOB_BACK] = p32(sanction.value), p32(sanction.back)
            if sanction.effect == "removal":
                p[c.P_REMOVAL_CLASSES] = self.class_set(sanction.classes)
                p[c.P_REMOVAL_LISTS] = sum(c.LIST_BITS[colour] for colour in set(sanction.lists) & set(self.lists))
                p[c.P_REMOVAL], p[c.P_RELEASE] = p32(sanction.value), p32(sanction.back)
        firm_list = self.one(FirmList)
        if firm_list:
            p[c.P_EMPLOYEE_POINTS], p[c.P_EMPLOYEE_JOB_LOSS] = firm_list.employee_points, p32(firm_list.job_loss)
            p[c.P_JOB_BACK] = max(p[c.P_JOB_BACK], p32(firm_list.back))

    def response_parameters(self, p: np.ndarray) -> None:
        steps = {
            "own_sanction": c.P_OWN_SANCTION,
            "friends_sanctions": c.P_FRIENDS,
            "public_sanctions": c.P_PUBLIC,
            "forgetting": c.P_FORGETTING,
            "silence": c.P_SILENCE,
        }
        for effect, place in steps.items():
            p[place] = f8(self.responses.get(effect, 0.0))
        p[c.P_SHUN] = p32(self.responses.get("shunning", 0.0))
        p[c.P_CROWDING] = p32(self.responses.get("crowding_out", 0.0))
        p[c.P_DEBT], p[c.P_RECOVERY] = p32(self.responses.get("debt", 0.0)), p32(self.responses.get("recovery", 0.0))

    def safeguard_parameters(self, p: np.ndarray) -> None:
        levers = self.safeguards
        if "review" in levers:
            p[c.P_REVIEW], p[c.P_REVIEW_SLIP] = p32(levers["review"].value), p32(levers["review"].slip)
        if "notice" in levers:
            p[c.P_NOTICE] = p32(levers["notice"].value)
        if "appeal" in levers:
            appeal = levers["appeal"]
            p[c.P_APPEAL], p[c.P_APPEAL_SLIP], p[c.P_APPEAL_DAYS] = p32(appeal.value), p32(appeal.slip), appeal.days
            p[c.P_FILED] = p32(levers["reasons"].value if "reasons" in levers else appeal.filed)
        terms = [round(levers["expiry"].value)] if "expiry" in levers else []
        terms += [article.value for article in self.of(Retention) if article.value]
        p[c.P_EXPIRY_DAYS] = max(7, min(terms)) if terms else 0
        if "error_audit" in levers:
            p[c.P_AUDIT] = p32(levers["error_audit"].value)
        if "opt_out" in levers:
            p[c.P_OPT_OUT] = p32(levers["opt_out"].value)


def falling(limits: np.ndarray) -> None:
    """Lower each limit to the least of those before it: what meets none of these is looked for further down all the same."""
    np.minimum.accumulate(limits, out=limits)


def slot_tables(slots: list) -> tuple[np.ndarray, np.ndarray]:
    """Running sums of slot widths (of 2^32) and trait factors (1/256), state factors set to 1."""
    widths = [round(slot.bound / 365 * 2**32) for slot in slots]
    factors = np.full((len(slots), c.N_FACTORS), 256, np.int32)
    for b, slot in enumerate(slots):
        for occupation in range(8):
            for age in range(8):
                factors[b, c.FACTOR_AGE + (occupation << 3 | age)] = f8(slot.age[age] * slot.occupation[occupation])
        for income in range(5):
            for online in range(4):
                factors[b, c.FACTOR_INCOME + (income << 2 | online)] = f8(slot.income[income] * slot.online[online])
        if slot.disposition != "none":
            for x in range(8):
                factors[b, c.FACTOR_DISPOSITION + x] = f8(1 + slot.slope * (x - 3.5) / 3.5)
    return np.cumsum(np.array(widths, np.int64)), factors


def guide(bounds: np.ndarray) -> np.ndarray:
    """For each bin of 2^GUIDE_SHIFT below the last bound, the slot in which its first draw falls."""
    bins = (int(bounds[-1]) >> c.GUIDE_SHIFT) + 1 if len(bounds) else 0
    return np.searchsorted(bounds, np.arange(bins, dtype=np.int64) << c.GUIDE_SHIFT, side="right").astype(np.int64)


def slot_fields(row: np.ndarray, slot: Slot | Conduct, accept: int, needs: int, disposition: int, unit: int) -> None:
    """Acceptance (of `unit`), needed traits and disposition of a slot."""
    row[accept] = round(slot.rate / slot.bound * unit)
    row[needs] = sum(c.NEED_BITS[need] for need in set(slot.needs))
    row[disposition] = c.DISPOSITIONS[slot.disposition][0] if slot.disposition != "none" else 0
