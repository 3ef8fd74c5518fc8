"""The articles in force on a day, as integers (E10 and the constants of E4 to E9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from glasscity.rules.model import Catalogue, Population, Rulebook

from .draws import f8, p32

DENOUNCING, FALSE_REPORT = "denouncing", "false_report"


def in_force(rulebook: Rulebook, today: date) -> list[str]:
    """E10: ids of the articles that are enabled and from <= today < until."""
    return [
        name
        for name, article in rulebook.articles.items()
        if article.enabled
        and (article.start is None or article.start <= today)
        and (article.until is None or today < article.until)
    ]


def letters_by_value(rulebook: Rulebook) -> list[str]:
    """E7: the letters of all class articles, in force or not, the highest value first; each letter once."""
    highest: dict[str, int] = {}
    for article in rulebook.articles.values():
        if article.what == "class":
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
    counts: bool  # shared, and in a domain that is allowed


class Scheme:
    """What is in force on one day."""

    def __init__(self, rulebook: Rulebook, catalogue: Catalogue, population: Population, today: date) -> None:
        self.ids = in_force(rulebook, today)
        self._articles = [rulebook.articles[name] for name in self.ids]
        self._conduct = {name: b for b, name in enumerate(catalogue.conduct)}
        self._wishes = {name: q for q, name in enumerate(catalogue.wishes)}
        self.safeguards = {a.lever: a for a in reversed(self._of("safeguard"))}
        self.responses = {a.effect: a.value for a in reversed(self._of("response"))}
        self.lists = {a.colour: a for a in reversed(self._of("list"))}
        self._letters = letters_by_value(rulebook)
        self.denouncing = self._conduct.get(DENOUNCING)
        self._standing_rules()
        self._behaviour_rules()
        self._channel_rules(rulebook, catalogue, population)
        self._sanction_rules()
        self._safeguard_rules()

    def _of(self, what: str) -> list[Any]:
        return [a for a in self._articles if a.what == what]

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
        """E6: points and list of each conduct; absent where no article, or no such list, is in force."""
        self.value: dict[int, int] = {}
        self.list_of: dict[int, str] = {}
        for a in reversed(self._of("behaviour")):
            if a.conduct in self._conduct:
                b = self._conduct[a.conduct]
                self.value[b] = a.value
                self.list_of.pop(b, None)
                if a.lists in self.lists:
                    self.list_of[b] = a.lists

    def is_violation(self, b: int) -> bool:
        """E4: whether an article gives conduct b negative points or a list in force."""
        return self.value.get(b, 0) < 0 or b in self.list_of

    # --- E5 -------------------------------------------------------------------------------------

    def _channel_rules(self, rulebook: Rulebook, catalogue: Catalogue, population: Population) -> None:
        """E5: channels, numbered in the order of the rulebook whether in force or not."""
        names = [name for name, a in rulebook.articles.items() if a.what == "channel"]
        alarms = {name: len(self._conduct) + k for k, name in enumerate(catalogue.alarms)}
        self.channels: list[Channel] = []
        self.scanner: dict[int, Channel] = {}  # by alarm slot
        self.report_taker: dict[int, Channel] = {}  # by alarm slot
        for number, name in enumerate(names):
            if name not in self.ids:
                continue
            a: Any = rulebook.articles[name]
            channel = self._channel(number, a, population)
            self.channels.append(channel)
            if a.scans in alarms and channel.alarm is not None:
                self.scanner.setdefault(alarms[a.scans], channel)
            if a.false_reports and channel.reports is not None and FALSE_REPORT in alarms:
                self.report_taker.setdefault(alarms[FALSE_REPORT], channel)
        self.seen_by = {b: [c for c in self.channels if b in c.see][:4] for b in self._conduct.values()}

    def _channel(self, number: int, a: Any, population: Population) -> Channel:
        """E5, E10: the integers of one channel."""
        slip, divisor = 0.0, 1.0
        if "match_threshold" in self.safeguards:
            slip, divisor = self.safeguards["match_threshold"].slip, max(1.0, self.safeguards["match_threshold"].value)
        right, wrong, alarm = a.true_match * (1 - slip), a.wrong_match / divisor, a.false_match / divisor
        equal = "equal_treatment" in self.safeguards
        more_right, more_wrong = (1.0, 1.0) if equal else (a.minority_true_match, a.minority_wrong_match)
        limits = self.safeguards.get("purpose_limitation")
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
            counts=a.shared and (limits is None or a.domain in limits.domains),
        )

    # --- E6, E8, E9 -----------------------------------------------------------------------------

    def _sanction_rules(self) -> None:
        """E6.6, E8, E9.5: chances by ground (class letter or list), the largest of those that fit."""
        self.refusal: dict[tuple[int, str, str], int] = {}  # (wish, "class" or "list", letter or colour)
        self.job_loss: dict[tuple[str, str], int] = {}
        self.shame: dict[int, int] = {}  # by channel number
        self.fine: dict[int, int] = {}  # by channel number
        self.advantage: dict[tuple[int, str], int] = {}  # (wish, letter)
        self.job_back = 0
        numbers = {name: c.number for name, c in zip(self._channel_ids(), self.channels, strict=True)}
        for a in self._of("sanction"):
            chance = p32(a.value)
            grounds = [("class", letter) for letter in a.classes] + [("list", colour) for colour in a.lists]
            if a.effect == "refuse" and a.wish in self._wishes:
                for ground in grounds:
                    _largest(self.refusal, (self._wishes[a.wish], *ground), chance)
            if a.effect == "job_loss":
                self.job_back = max(self.job_back, p32(a.back))
                for ground in grounds:
                    _largest(self.job_loss, ground, chance)
            if a.effect in ("shame", "fine"):
                for name in a.channels:
                    if name in numbers:
                        _largest(self.shame if a.effect == "shame" else self.fine, numbers[name], chance)
        for a in self._of("reward"):
            for letter in a.classes:
                if a.wish in self._wishes:
                    _largest(self.advantage, (self._wishes[a.wish], letter), p32(a.value))

    def _channel_ids(self) -> list[str]:
        return [name for name, a in zip(self.ids, self._articles, strict=True) if a.what == "channel"]

    def refusal_chance(self, q: int, index: int, lists: list[str]) -> int:
        """E8: the largest of the refusal chances that fit a class and some lists."""
        grounds = [("class", self.letter(index)), *(("list", colour) for colour in lists)]
        return max(self.refusal.get((q, *ground), 0) for ground in grounds)

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
        self.expiry_days = max(7, round(s["expiry"].value)) if "expiry" in s else 0
        self.audit = p32(s["error_audit"].value) if "error_audit" in s else 0
        helped = s["repair"].value if "repair" in s else 0.0
        self.repair = {
            colour: p32(1 - (1 - (self.lists[colour].repair if colour in self.lists else 0.0)) * (1 - helped))
            for colour in ("black", "court")
        }

    def response32(self, effect: str) -> int:
        """E6, E9: a response that is a chance (0 if not in force)."""
        return p32(self.responses.get(effect, 0.0))

    def response256(self, effect: str) -> int:
        """E4, E6, E9: a response that is a factor in 1/256 (0 if not in force)."""
        return f8(self.responses.get(effect, 0.0))


def _largest(table: dict[Any, int], key: Any, chance: int) -> None:
    """E8: several articles that fit combine by the largest."""
    table[key] = max(table.get(key, 0), chance)
