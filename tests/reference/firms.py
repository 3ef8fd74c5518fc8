"""Firms: what they do in a week, their list, and what a low score costs (E18)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from . import draws
from .draws import Keys, draw, first_below, hi, lo, p32, running_sums, within

FIRM_VIOLATED, FIRM_LISTED = 1, 2


@dataclass
class Firm:
    """One firm: where it is, who works there, and what changes about it."""

    district: int
    address: int
    employees: list[int]
    score: int
    weeks: int = 0
    note: int = 0


@dataclass
class Nature:
    """E18: what never changes about a firm while one article scores firms."""

    sector: int
    compliance: int
    cameras: bool


def nature(scoring: Any, key_of_start: int, address: int) -> Nature:
    """E18: sector, compliance and cameras of a firm."""
    z = draw(key_of_start, address)
    sector = first_below(hi(z), running_sums(scoring.sectors))
    assert sector is not None
    return Nature(sector, (z & 127).bit_count(), (z >> 8) & 0xFFFF < round(scoring.cameras * 65536))


class FirmWeek:
    """The weekly phase of all firms; `counts` has (name, district, sector, effect ..)."""

    def __init__(self, scheme: Any, keys: Keys, counts: Counter[tuple[str | int, ...]]) -> None:
        self.scheme, self.keys, self.counts = scheme, keys, counts
        self.start_key = draws.stream_key(keys.seed, draws.FIRM, 0)

    def run(self, firm: Firm) -> bool:
        """E18, in its order; whether the firm was listed."""
        self.nature = nature(self.scheme.firm_scoring, self.start_key, firm.address)
        for k, article in self.scheme.firm_conduct:
            self.conduct(firm, k, article)
        self.settle(firm)
        listed = self.keep_list(firm)
        if firm.weeks == 0:
            for k, article in self.scheme.firm_sanctions:
                self.occasion(firm, k, article)
        return listed

    def count(self, name: str, firm: Firm, *place: str | int, by: int = 1) -> None:
        """What has happened to firms, by district and sector."""
        self.counts[name, firm.district, self.nature.sector, *place] += by

    def conduct(self, firm: Firm, k: int, article: Any) -> None:
        """E18.1: an act, found or not; or a finding without an act."""
        z = draw(draw(self.keys[draws.FIRM_CONDUCT], firm.address), k)
        slope = 1 + article.slope * (self.nature.compliance - 3.5) / 3.5
        if hi(z) < p32(article.rate / 52 * slope * article.sectors[self.nature.sector]):
            self.count("acts", firm)
            if article.value < 0:
                firm.note |= FIRM_VIOLATED
            gain = self.scheme.firm_scoring.camera_gain if self.nature.cameras else 1.0
            if lo(z) < p32(article.found * gain):
                self.count("found", firm)
                firm.score += article.value
        elif lo(z) < p32(article.invented):
            self.count("invented", firm)
            firm.score += article.value

    def settle(self, firm: Firm) -> None:
        """E18.2: into the range, then towards the start."""
        scoring = self.scheme.firm_scoring
        firm.score = within(firm.score, scoring.floor, scoring.ceiling)
        firm.score += within(scoring.value - firm.score, -scoring.recovery, scoring.recovery)

    def keep_list(self, firm: Firm) -> bool:
        """E18.3: time served, or put on the list."""
        listing = self.scheme.firm_list
        if firm.weeks > 0:
            firm.weeks -= 1
            return False
        if listing is None or firm.score >= listing.below:
            return False
        self.count("listed", firm)
        self.count("listed_innocent", firm, by=int(not firm.note & FIRM_VIOLATED))
        firm.weeks = listing.value
        firm.note |= FIRM_LISTED
        return True

    def occasion(self, firm: Firm, k: int, article: Any) -> None:
        """E18.4: an occasion at which a low score may cost something."""
        z = draw(draw(self.keys[draws.FIRM_OCCASION], firm.address), k)
        if hi(z) >= p32(article.rate / 52):
            return
        self.count("asked", firm, article.effect)
        if lo(z) < p32(article.value) and firm.score < article.below:
            self.count("struck", firm, article.effect)
