"""What a run is to be: a scenario with its options, checked, and the command line that repeats it."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from glasscity.errors import Problem, Problems, TornFile
from glasscity.kernels import cache
from glasscity.rules.load import shown
from glasscity.rules.resolve import Resolved, from_documents, hash_of, resolve

MOST_CITIZENS, MOST_DAYS, MOST_THREADS, MOST_SEEDS = 2_000_000_000, 3660, 1024, 100
Overlay = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """One run, fully determined: from a plan the same bits come out on any machine."""

    given: str
    resolved: Resolved
    citizens: int
    days: int
    seed: int
    watch: tuple[int, ...]
    overlay: dict[str, Any]
    population: str | None = None
    seeds: int = 1  # worlds, of which the folder holds the first; the others are lived for their metrics

    @classmethod
    def of(
        cls,
        scenario: str | os.PathLike[str],
        citizens: int | Literal["all"] | None,
        days: int | None,
        seed: int | None,
        watch: Sequence[int],
        overlay: Overlay | None,
        population: str | os.PathLike[str] | None = None,
        seeds: int = 1,
    ) -> Plan:
        """The plan of a scenario with options; Problems with all that is wrong with the options."""
        changes = plain_overlay(overlay or {})
        other = None if population is None else os.fspath(population)
        resolved = resolve(os.fspath(scenario), changes, other)
        told = resolved.scenario
        residents = resolved.population.residents
        if citizens is None:
            citizens = told.citizens or residents
        n = residents if citizens == "all" else citizens
        n_days, start = told.days if days is None else days, told.seed if seed is None else seed
        problems = [
            *within("--citizens", n, 1, MOST_CITIZENS, " or 'all'"),
            *within("--days", n_days, 1, MOST_DAYS),
            *(within("--seed", start, 0, 2**63 - 1) or within_seeds(seeds, start)),
            *(p for number in watch for p in within("--watch", number, 0, n - 1 if isinstance(n, int) else 0)),
        ]
        if problems:
            raise Problems(problems)
        watched = tuple(sorted(set(watch)))
        return cls(os.fspath(scenario), resolved, int(n), int(n_days), int(start), watched, changes, other, seeds)

    @classmethod
    def stored(cls, info: Mapping[str, Any], place: Path) -> Plan:
        """The plan of a run that was begun before; TornFile if it has been altered since."""
        if hash_of(info["documents"]) != info["hash"]:
            raise TornFile(f"{place}: documents: altered since the run began (their hash is another)")
        resolved = from_documents(info["documents"])
        options = {"--citizens": MOST_CITIZENS, "--days": MOST_DAYS, "--seed": 2**63 - 1}
        for option, most in options.items():
            if within(option, info[option[2:]], 0 if option == "--seed" else 1, most):
                raise TornFile(f"{place}: {option[2:]}: found {info[option[2:]]}; allowed: at most {most}")
        if any(within("--watch", number, 0, info["citizens"] - 1) for number in info["watch"]):
            raise TornFile(f"{place}: watch: found {info['watch']}; allowed: 0 to {info['citizens'] - 1}")
        numbers, seeds = (info["citizens"], info["days"], info["seed"]), info.get("seeds", 1)
        if within_seeds(seeds, info["seed"]):
            raise TornFile(f"{place}: seeds: found {shown(seeds)}; allowed: 1 to {MOST_SEEDS}")
        return cls(info["scenario"], resolved, *numbers, tuple(info["watch"]), info["overlay"], info.get("population"), seeds)

    @property
    def identity(self) -> dict[str, Any]:
        """What makes two runs the same."""
        return {
            "hash": self.resolved.hash,
            "citizens": self.citizens,
            "days": self.days,
            "seed": self.seed,
            "watch": list(self.watch),
        }

    @property
    def command(self) -> str:
        """The command line that repeats the run."""
        words = ["glasscity", "run", self.given]
        words += [] if self.population is None else ["--population", self.population]
        words += ["--citizens", str(self.citizens), "--days", str(self.days), "--seed", str(self.seed)]
        words += ["--seeds", str(self.seeds)] if self.seeds > 1 else []
        for path, value in self.overlay.items():
            words += ["--set", f"{path}={written(value)}"]
        if self.watch:
            words += ["--watch", ",".join(map(str, self.watch))]
        return shlex.join(words)


def within(option: str, found: Any, least: int, most: int, more: str = "") -> list[Problem]:
    """The problem of a number that is none, or out of range, if so."""
    if isinstance(found, int) and not isinstance(found, bool) and least <= found <= most:
        return []
    return [Problem(option, option[2:], shown(found), f"a whole number from {least} to {most}{more}")]


def within_seeds(seeds: Any, first: int) -> list[Problem]:
    """The problem of a number of seeds, counted from a first one, if there is one."""
    return within("--seeds", seeds, 1, MOST_SEEDS) or within("--seed", first + seeds - 1, 0, 2**63 - 1)


def plain_overlay(overlay: Overlay) -> dict[str, Any]:
    """An overlay as plain data: NumPy numbers and dates as one would write them in a file."""
    problems, found = [], {}
    for path, value in overlay.items():
        value = value.item() if hasattr(value, "item") else value
        value = value.isoformat() if isinstance(value, date) else value
        value = list(value) if isinstance(value, tuple) else value
        try:
            json.dumps([path, value], ensure_ascii=False, allow_nan=True).encode()
        except (TypeError, ValueError, RecursionError):
            problems.append(Problem("--set", ascii(path)[1:-1], shown(value), "text, a number, true, false, a date, or a list"))
        found[path] = value
    if problems:
        raise Problems(problems)
    return found


def resume_command(out: Path) -> str:
    """The command line that goes on with a run."""
    return shlex.join(["glasscity", "resume", str(out)])


TELLING = {"words", "language", "checklist"}  # modules of rules that describe a scheme and decide nothing


def engine_id() -> str:
    """A name for the state of all code that decides results. A run may not change it half-way."""
    total = hashlib.sha256()
    for folder in ("engine", "kernels", "rules", "world"):
        for path in sorted((cache.PACKAGE / folder).glob("*.py")):
            if path.stem not in TELLING:
                total.update(path.name.encode() + path.read_bytes())
    total.update((cache.PACKAGE / "columns.py").read_bytes())
    return total.hexdigest()[:16]


def written(value: Any) -> str:
    """A value as `--set` reads it: TOML on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return repr(value)
