"""Firms: what they do, their account, their list, and what their staff pays (E18)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from . import draws
from .draws import Keys, draw, first_below, hi, lo, p32, running_sums, stream_key
from .people import People
from .scheme import Scheme

FIRM_VIOLATED, FIRM_LISTED = 1, 2


@dataclass
class Firm:
    """One firm: the g-th cell of its district's work circle."""

    district: int
    address: int
    employees: list[int]
    score: int
    weeks: int = 0
    note: int = 0


def firms_of(people: People, sizes: tuple[int, ...], start: int) -> list[Firm]:
    """E18: all firms, district by district, before the first day."""
    return [
        Firm(d, d << 32 | g, employees, start)
        for d in range(len(people.sizes))
        for g, employees in enumerate(people.firms(d, sizes))
    ]


class FirmWeek:
    """E18: what happens to the firms after one weekly phase; `listed` are those put on the list by it."""

    def __init__(self, seed: int, day: int, scheme: Scheme, counts: Counter[tuple[str | int, ...]]) -> None:
        self.seed, self.keys, self.scheme, self.counts = seed, Keys(seed, day), scheme, counts
        self.sectors = running_sums(scheme.firm_scoring.sectors)

    def live(self, firm: Firm) -> bool:
        """E18.1-4 for one firm; whether it is put on the list."""
        z = draw(stream_key(self.seed, draws.FIRM, 0), firm.address)
        sector = first_below(hi(z), self.sectors)
        assert sector is not None
        watched = ((z >> 8) & 0xFFFF) < round(self.scheme.firm_scoring.cameras * 65536)
        self.conduct(firm, sector, (z & 127).bit_count(), watched)
        self.recover(firm)
        listed = self.list(firm, sector)
        if firm.weeks == 0:
            self.occasions(firm, sector)
        return listed

    def count(self, name: str, firm: Firm, sector: int, by: int = 1) -> None:
        """What has happened to firms since the start, by district and sector."""
        self.counts[name, firm.district, sector] += by

    def conduct(self, firm: Firm, sector: int, probity: int, watched: bool) -> None:
        """E18.1: what the firm does, what is found of it, and what is found without it."""
        for k, a in self.scheme.firm_conduct:
            z = draw(draw(self.keys[draws.FIRM_CONDUCT], firm.address), k)
            gain = self.scheme.firm_scoring.camera_gain if watched else 1.0
            if hi(z) < p32(a.rate / 52 * (1 + a.slope * (probity - 3.5) / 3.5) * a.sectors[sector]):
                self.count("acts", firm, sector)
                if a.value < 0:
                    firm.note |= FIRM_VIOLATED
                if lo(z) < p32(a.found * gain):
                    self.count("found", firm, sector)
                    firm.score += a.value
            elif lo(z) < p32(a.invented):
                self.count("invented", firm, sector)
                firm.score += a.value

    def recover(self, firm: Firm) -> None:
        """E18.2: the score within its range, then towards its start."""
        a = self.scheme.firm_scoring
        firm.score = max(a.floor, min(a.ceiling, firm.score))
        firm.score += max(-a.recovery, min(a.recovery, a.value - firm.score))

    def list(self, firm: Firm, sector: int) -> bool:
        """E18.3: time served, or put on the list."""
        a = self.scheme.firm_list
        if firm.weeks > 0:
            firm.weeks -= 1
        elif a is not None and firm.score < a.below:
            self.count("listed", firm, sector)
            self.count("listed_innocent", firm, sector, by=int(not firm.note & FIRM_VIOLATED))
            self.count("employees_hit", firm, sector, by=len(firm.employees))
            firm.weeks = a.value
            firm.note |= FIRM_LISTED
            return True
        return False

    def occasions(self, firm: Firm, sector: int) -> None:
        """E18.4: what a low score costs the firm."""
        for k, a in self.scheme.firm_sanctions:
            z = draw(draw(self.keys[draws.FIRM_OCCASION], firm.address), k)
            if hi(z) < p32(a.rate / 52):
                self.count(f"asked {a.effect}", firm, sector)
                if lo(z) < p32(a.value) and firm.score < a.below:
                    self.count(f"struck {a.effect}", firm, sector)
