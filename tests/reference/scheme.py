"""The articles in force on a day, as integers (E10 and the constants of the other rules)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from glasscity.rules.model import Catalogue, Population, Rulebook

from .draws import f8, p32

DENOUNCING, FALSE_REPORT = "denouncing", "false_report"
Ground = tuple[str, str]  # why somebody is refused: class and letter, list and colour, band and letter, outside
OUTSIDE: Ground = ("outside", "")


def in_force(rulebook: Rulebook, today: date) -> list[str]:
    """E10: ids of the articles that are enabled and from <= today < until."""
    return [
        name
        for name, article in rulebook.articles.items()
        if article.enabled
        and (article.start is None or article.start <= today)
        and (article.until is None or today < article.until)
    ]


def first_of(rulebook: Rulebook, what: str, start: date) -> Any:
    """E3, E18: the article of a kind that is the first to be in force from `start` on; None if none ever is."""
    coming = [
        a for a in rulebook.articles.values()
        if a.what == what and a.enabled and (a.until is None or start < a.until)
    ]  # fmt: skip
    return min(coming, key=lambda a: max(start, a.start or start), default=None)


def known_gains(rulebook: Rulebook, today: date) -> set[str]:
    """E4: conduct with a known article that gives points for it, to whichever scorer."""
    known = set()
    for a in rulebook.articles.values():
        if a.what != "behaviour" or a.value <= 0 or a.secret or not a.enabled or (a.until and today >= a.until):
            continue
        since = a.announced or a.start
        if since is None or since <= today:
            known.add(a.conduct)
    return known


def letters_by_value(rulebook: Rulebook, what: str) -> list[str]:
    """E7, E12: the letters of all class or band articles, in force or not, the highest value first; each letter once."""
    highest: dict[str, int] = {}
    for article in rulebook.articles.values():
        if article.what == what:
            highest[article.letter] = max(article.value, highest.get(article.letter, article.value))
    return sorted(highest, key=lambda letter: -highest[letter])


@dataclass
class Class:
    """A class of standing; one that is not in force has no lowest standing and is never reached."""

    lowest: int | None
    letter: str
    sanctioned: bool


@dataclass
class Channel:
    """E5: one channel in force; index 1 of a pair is for the minority."""

    number: int
    see: dict[int, int]
    coverage: list[int]  # by district, of 65536
    right: tuple[int, int]
    wrong: tuple[int, int]
    gallery: str
    alarm: int | None
    false_match: tuple[int, int]
    informer: bool
    false_reports: int
    reports: int | None
    delay: int
    to_state: int  # share32 of its records that reach the state
    to_private: int  # .. and the private scorer
    private: bool  # held by the private scorer


class Scheme:
    """What is in force on one day."""

    def __init__(self, rulebook: Rulebook, catalogue: Catalogue, population: Population, today: date) -> None:
        self.today, self.ids = today, in_force(rulebook, today)
        self._articles = [rulebook.articles[name] for name in self.ids]
        self._conduct = {name: b for b, name in enumerate(catalogue.conduct)}
        self._wishes = {name: q for q, name in enumerate(catalogue.wishes)}
        self.safeguards = {a.lever: a for a in reversed(self._of("safeguard"))}
        self.responses = {a.effect: a.value for a in reversed(self._of("response"))}
        self.form = next((a.form for a in self._of("response") if a.effect == "self_censorship"), "linear")
        self.lists = {a.colour: a for a in reversed(self._of("list"))}
        self._letters = letters_by_value(rulebook, "class")
        self.denouncing = self._conduct.get(DENOUNCING)
        channels = [a for a in rulebook.articles.values() if a.what == "channel"]
        self.private_channels = {number for number, a in enumerate(channels) if a.holder == "private"}
        self.known = known_gains(rulebook, today)
        self.known_gains = {self._conduct[name] for name in self.known}
        self._standing_rules()
        self._behaviour_rules()
        self._channel_rules(rulebook, catalogue, population)
        self._sanction_rules()
        self._safeguard_rules()
        self._enrolment_rules(rulebook, population)
        self._private_rules(rulebook)
        self._firm_rules(rulebook)
        self.composite, self.study_app, self.approval = (self._one(x) for x in ("composite", "study_app", "approval"))
        self._turnout_rules()

    def _of(self, what: str) -> list[Any]:
        return [a for a in self._articles if a.what == what]

    def _one(self, what: str) -> Any:
        return next(iter(self._of(what)), None)

    # --- E7 -------------------------------------------------------------------------------------

    def _standing_rules(self) -> None:
        """E7: account, classes, cap, association."""
        scoring = self._of("scoring")[0]
        self.start, self.floor, self.ceiling = scoring.value, scoring.floor, scoring.ceiling
        holding = {a.letter: a for a in reversed(self._of("class"))}
        self.classes = [
            Class(holding[x].value, x, holding[x].sanctioned) if x in holding else Class(None, x, False)
            for x in self._letters
        ]
        caps = [a.value for a in self._of("cap")]
        self.cap = min(caps) if caps and "equal_treatment" not in self.safeguards else None
        self.weight, self.reach, self.limit = 0, "transitive", 0
        for association in reversed(self._of("association")):
            loss = min(1.0, self.safeguards["no_association"].value) if "no_association" in self.safeguards else 0
            self.weight = round(1000 * association.value * (1 - loss))
            self.reach, self.limit = association.reach, association.limit

    def capped(self, points: int, minority: int) -> int:
        """E3, E7: at most the cap, for the minority."""
        return min(points, self.cap) if minority and self.cap is not None else points

    def standing(self, points: int, minority: int) -> int:
        """E7: points within [floor, ceiling], at most the cap for the minority."""
        return self.capped(max(self.floor, min(self.ceiling, points)), minority)

    def class_of(self, standing: int) -> int:
        """E7: the first class, from the top, whose lowest standing is reached (else the last)."""
        for index, klass in enumerate(self.classes):
            if klass.lowest is not None and standing >= klass.lowest:
                return index
        return max(0, len(self.classes) - 1)

    def class_sanctioned(self, index: int) -> bool:
        """E7, E9: whether a class counts as a sanction."""
        return index < len(self.classes) and self.classes[index].sanctioned

    def enters(self, index: int, colour: str) -> bool:
        """E7: whether a class leads onto the list of a colour."""
        return colour in self.lists and index < len(self.classes) and self.classes[index].letter in self.lists[colour].enters

    # --- E4, E6 ---------------------------------------------------------------------------------

    def _behaviour_rules(self) -> None:
        """E4, E6: points and list of each conduct; absent where no article, or no such list, is in force."""
        self.value: dict[int, int] = {}  # for the state
        self.private_value: dict[int, int] = {}
        self.list_of: dict[int, str] = {}
        self.secret: set[int] = set()
        for a in self._of("behaviour"):
            b = self._conduct[a.conduct]
            if a.scorer == "private":
                self.private_value[b] = a.value
                continue
            self.value[b] = a.value
            if a.lists in self.lists:
                self.list_of[b] = a.lists
            if a.secret:
                self.secret.add(b)

    def is_violation(self, b: int) -> bool:
        """E4: whether an article gives conduct b negative points or a list in force, or takes steps of a private score."""
        takes_steps = self.private is not None and round(self.private_value.get(b, 0) / self.private.step) < 0
        return self.value.get(b, 0) < 0 or b in self.list_of or takes_steps

    # --- E5 -------------------------------------------------------------------------------------

    def _channel_rules(self, rulebook: Rulebook, catalogue: Catalogue, population: Population) -> None:
        """E5: channels, numbered in the order of the rulebook whether in force or not."""
        names = [name for name, a in rulebook.articles.items() if a.what == "channel"]
        self.claimed = any(a.value == "claimed" for a in self._of("error_rates"))
        alarms = {name: len(self._conduct) + k for k, name in enumerate(catalogue.alarms)}
        self.channels: list[Channel] = []
        self.scanner: dict[int, Channel] = {}  # by alarm slot
        self.report_taker: dict[int, Channel] = {}  # by alarm slot
        for number, name in enumerate(names):
            if name not in self.ids:
                continue
            a: Any = rulebook.articles[name]
            channel = self._channel(number, name, a, population)
            self.channels.append(channel)
            if a.scans in alarms and channel.alarm is not None:
                self.scanner.setdefault(alarms[a.scans], channel)
            if a.false_reports and channel.reports is not None and FALSE_REPORT in alarms:
                self.report_taker.setdefault(alarms[FALSE_REPORT], channel)
        self.seen_by = {b: [c for c in self.channels if b in c.see][:8] for b in self._conduct.values()}

    def _channel(self, number: int, name: str, a: Any, population: Population) -> Channel:
        """E5, E10: the integers of one channel."""
        claimed = a.claimed if self.claimed else None
        rates = claimed or a
        slip, divisor = 0.0, 1.0
        if "match_threshold" in self.safeguards:
            slip, divisor = self.safeguards["match_threshold"].slip, max(1.0, self.safeguards["match_threshold"].value)
        right, wrong, alarm = rates.true_match * (1 - slip), rates.wrong_match / divisor, rates.false_match / divisor
        equal = "equal_treatment" in self.safeguards or claimed is not None
        more_right, more_wrong = (1.0, 1.0) if equal else (a.minority_true_match, a.minority_wrong_match)
        return Channel(
            number=number,
            see={self._conduct[name]: p32(p) for name, p in a.sees.items() if name in self._conduct and p > 0},
            coverage=[
                round(a.value * 65536 * (d.cameras if a.density == "cameras" else 1.0))
                for d in population.districts.values()
            ],
            right=(p32(right), p32(right * more_right)),
            wrong=(p32(wrong), p32(wrong * more_wrong)),
            gallery=a.gallery,
            alarm=self._conduct.get(a.alarm) if a.scans else None,
            false_match=(p32(alarm), p32(alarm * more_wrong)),
            informer=a.informer,
            false_reports=p32(a.false_reports),
            reports=self._conduct.get(a.reports),
            delay=a.delay,
            to_state=p32(self._share(name, a, "state")),
            to_private=p32(self._share(name, a, "private")),
            private=a.holder == "private",
        )

    def _share(self, name: str, a: Any, scorer: str) -> float:
        """E5, E6.2: the share of a channel's records that reaches a scorer."""
        limits = self.safeguards.get("purpose_limitation")
        if limits is not None and a.domain not in limits.domains:
            return 0.0
        if a.holder == scorer and a.shared:
            return 1.0
        return max((s.value for s in self._of("sharing") if name in s.channels and s.scorer == scorer), default=0.0)

    # --- E6, E8, E9 -----------------------------------------------------------------------------

    def _sanction_rules(self) -> None:
        """E6.6, E8, E9.5, E16: chances by ground, such as ("class", letter), the largest of those that fit."""
        self.refusal: dict[tuple[int, str, str], int] = {}  # (wish, ground): class, list, band or outside
        self.job_loss: dict[tuple[str, str], int] = {}
        self.removal: dict[tuple[str, str], int] = {}
        self.release = 0
        self.shame: dict[int, int] = {}  # by channel number
        self.fine: dict[int, int] = {}  # by channel number
        self.advantage: dict[tuple[int, str, str], int] = {}  # (wish, "class" or "band", letter)
        self.job_back = 0
        numbers = {name: c.number for name, c in zip(self._channel_ids(), self.channels, strict=True)}
        for a in self._of("sanction"):
            chance = p32(a.value)
            grounds = [("class", letter) for letter in a.classes] + [("list", colour) for colour in a.lists]
            if a.effect == "refuse" and a.wish in self._wishes:
                grounds += [("band", letter) for letter in a.bands] + [OUTSIDE] * a.outside
                for ground in grounds:
                    _largest(self.refusal, (self._wishes[a.wish], *ground), chance)
            if a.effect == "job_loss":
                self.job_back = max(self.job_back, p32(a.back))
                for ground in grounds:
                    _largest(self.job_loss, ground, chance)
            if a.effect == "removal":
                self.release = max(self.release, p32(a.back))
                for ground in grounds:
                    _largest(self.removal, ground, chance)
            if a.effect in ("shame", "fine"):
                for name in a.channels:
                    if name in numbers:
                        _largest(self.shame if a.effect == "shame" else self.fine, numbers[name], chance)
        for a in self._of("reward"):
            for ground in [("class", letter) for letter in a.classes] + [("band", letter) for letter in a.bands]:
                if a.wish in self._wishes:
                    _largest(self.advantage, (self._wishes[a.wish], *ground), p32(a.value))

    def _channel_ids(self) -> list[str]:
        return [name for name, a in zip(self.ids, self._articles, strict=True) if a.what == "channel"]

    def refusal_chance(self, q: int, grounds: list[Ground]) -> int:
        """E8: the largest of the refusal chances that fit."""
        return max((self.refusal.get((q, *ground), 0) for ground in grounds), default=0)

    def advantage_chance(self, q: int, grounds: list[Ground]) -> int:
        """E8: the largest of the chances of an advantage that fit."""
        return max((self.advantage.get((q, *ground), 0) for ground in grounds), default=0)

    def letter(self, index: int) -> str:
        """The letter of a class ('' if the scheme has none)."""
        return self.classes[index].letter if index < len(self.classes) else ""

    # --- E6, E9, E10 ------------------------------------------------------------------------------

    def _safeguard_rules(self) -> None:
        """E6, E9: thresholds of the safeguards; None or 0 where one is not in force."""
        s = self.safeguards
        self.opt_out = p32(s["opt_out"].value) if "opt_out" in s else 0
        self.review = (p32(s["review"].value), p32(s["review"].slip)) if "review" in s else None
        self.notice = p32(s["notice"].value) if "notice" in s else 0
        self.appeal = None
        if "appeal" in s:
            a = s["appeal"]
            filed = s["reasons"].value if "reasons" in s else a.filed
            self.appeal = (p32(filed), p32(a.value), p32(a.slip), a.days)
        fading = [max(7, round(s["expiry"].value))] if "expiry" in s else []
        fading += [max(7, a.value) for a in self._of("retention") if a.value > 0]
        self.expiry_days = min(fading, default=0)
        self.audit = p32(s["error_audit"].value) if "error_audit" in s else 0
        helped = s["repair"].value if "repair" in s else 0.0
        self.repair = {
            colour: p32(1 - (1 - (self.lists[colour].repair if colour in self.lists else 0.0)) * (1 - helped))
            for colour in ("black", "court")
        }

    # --- E6, E11 to E14 -----------------------------------------------------------------------------

    def _enrolment_rules(self, rulebook: Rulebook, population: Population) -> None:
        """E11: by district the article that counts, or None; and discretion by channel number (E6.1)."""
        self.all_enrolled = not any(a.what == "enrolment" and a.enabled for a in rulebook.articles.values())
        self.enrolment: list[Any] = []
        for district in population.districts:
            fitting = [a for a in self._of("enrolment") if not a.districts or district in a.districts]
            self.enrolment.append(fitting[-1] if fitting else None)
        self.discretion: dict[int, int] = {}
        numbers = {name: c.number for name, c in zip(self._channel_ids(), self.channels, strict=True)}
        for a in self._of("discretion"):
            for name in a.channels:
                if name in numbers:
                    _largest(self.discretion, numbers[name], f8(a.value))

    def enrolled(self, district: int, trust: int, page_draw: int, own_draw: int) -> bool:
        """E11: whether somebody of a district and of some trust is enrolled."""
        if self.all_enrolled:
            return True
        a = self.enrolment[district]
        if a is None or page_draw >= p32(a.places):
            return False
        return own_draw < p32(a.value * (1 + a.leaning * (trust - 3.5) / 3.5))

    def _private_rules(self, rulebook: Rulebook) -> None:
        """E3, E12, E13: the private score in steps, and its bands."""
        self.private = self._one("private_score")
        self.users = p32(self.private.users) if self.private else 0
        first = self.private or first_of(rulebook, "private_score", self.today)
        self.private_start = (first.value - first.floor) // first.step if first else 0
        self.private_top = 0
        if self.private:
            self.private_top = (self.private.ceiling - self.private.floor) // self.private.step
        holding = {a.letter: a.value for a in self._of("band")}
        self.bands = [(letter, holding.get(letter)) for letter in letters_by_value(rulebook, "band")]

    def band_of(self, standing: int) -> int | None:
        """E12: the band of a private standing in steps; None if there are no bands."""
        points = self.private.floor + self.private.step * standing
        for index, (_, lowest) in enumerate(self.bands):
            if lowest is not None and points >= lowest:
                return index
        return len(self.bands) - 1 if self.bands else None

    def opaque(self, luck: int, income: int, online: int, age: int) -> int:
        """E14: the points that the secret formula adds."""
        a = self.composite
        return ((luck * (2 * a.value + 1)) >> 16) - a.value + a.income[income] + a.online[online] + a.age[age]

    def _turnout_rules(self) -> None:
        """E17: those ready to begin, less those who are stopped, and caution."""
        turnout = self._one("turnout")
        self.turnout = turnout is not None
        here = set(self._channel_ids())
        stopping = [a.value for a in self._of("sanction") if a.effect == "preempt" and here & set(a.channels)]
        self.initiators = round(65536 * turnout.value * (1 - max(stopping, default=0.0))) if turnout else 0
        self.caution = f8(turnout.caution) if turnout else 0

    def _firm_rules(self, rulebook: Rulebook) -> None:
        """E18: what firms do and what they risk, each with its number among all articles of its kind."""
        self.firm_scoring, self.firm_list = self._one("firm_scoring"), self._one("firm_list")
        self.firm_conduct, self.firm_sanctions = [], []
        for what, table in (("firm_conduct", self.firm_conduct), ("firm_sanction", self.firm_sanctions)):
            names = [name for name, a in rulebook.articles.items() if a.what == what]
            table += [(k, rulebook.articles[name]) for k, name in enumerate(names) if name in self.ids]
        self.firm_loss = p32(self.firm_list.job_loss) if self.firm_list is not None else 0
        if self.firm_list is not None:
            self.job_back = max(self.job_back, p32(self.firm_list.back))

    def response32(self, effect: str) -> int:
        """E6, E9: a response that is a chance (0 if not in force)."""
        return p32(self.responses.get(effect, 0.0))

    def response256(self, effect: str) -> int:
        """E4, E6, E9: a response that is a factor in 1/256 (0 if not in force)."""
        return f8(self.responses.get(effect, 0.0))


def _largest(table: dict[Any, int], key: Any, chance: int) -> None:
    """E8: several articles that fit combine by the largest."""
    table[key] = max(table.get(key, 0), chance)
