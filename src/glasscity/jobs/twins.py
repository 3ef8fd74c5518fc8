"""Twin worlds: the same synthetic citizens under two schemes, compared."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasscity.errors import Problem, Problems
from glasscity.jobs.machine import all_threads, check_memory
from glasscity.jobs.plan import MOST_THREADS, Overlay, Plan, plain_overlay, within, within_seeds, written
from glasscity.jobs.session import Watcher, silent, ticking

if TYPE_CHECKING:
    from glasscity.rules.resolve import Resolved
    from glasscity.study.twins import Twin

Names = str | Sequence[str]


@dataclass(frozen=True)
class Change:
    """What makes the other world another: mechanisms taken out, values changed, safeguards granted, or another scheme."""

    without: tuple[str, ...] = ()
    overlay: tuple[tuple[str, Any], ...] = ()
    safeguards: tuple[str, ...] = ()
    against: str | None = None

    @classmethod
    def of(cls, without: Names, overlay: Overlay | None, safeguards: Names, against: str | None) -> Change:
        """Options, checked: there has to be a change."""
        changes = tuple(plain_overlay(overlay or {}).items())
        change = cls(listed(without), changes, listed(safeguards), None if against is None else os.fspath(against))
        if change == cls():
            allowed = "a change: --without MECHANISM, --set PATH=VALUE, --with SAFEGUARD or --against SCENARIO"
            raise Problems([Problem("compare", "other world", "none", allowed)])
        return change

    def applied(self, scheme: Resolved, population: str | None) -> Resolved:
        """The other world's scheme."""
        from glasscity.rules import levers
        from glasscity.rules.resolve import resolve
        from glasscity.study.worlds import changed

        other = scheme if self.against is None else resolve(self.against, population=population)
        for name in self.without:
            other = changed(other, levers.without(other, name))
        for lever in self.safeguards:
            other = changed(other, levers.granted(other, lever))
        return changed(other, dict(self.overlay)) if self.overlay else other

    @property
    def options(self) -> dict[str, Any]:
        """The change as plain data."""
        values = [f"{path} = {written(value)}" for path, value in self.overlay]
        return {"--without": list(self.without), "--with": list(self.safeguards), "--set": values, "--against": self.against}

    @property
    def keywords(self) -> dict[str, Any]:
        """The change as keywords of `compare`."""
        found = {"without": list(self.without), "safeguards": list(self.safeguards), "overlay": dict(self.overlay), "against": self.against}
        return {name: value for name, value in found.items() if value}

    @property
    def words(self) -> list[str]:
        """The change as words of a command line."""
        found = [word for name in self.without for word in ("--without", name)]
        found += [word for lever in self.safeguards for word in ("--with", lever)]
        found += [word for path, value in self.overlay for word in ("--set", f"{path}={written(value)}")]
        return found + ([] if self.against is None else ["--against", self.against])


def listed(names: Names) -> tuple[str, ...]:
    """One name, several with commas between, or a sequence."""
    return tuple(part.strip() for part in names.split(",") if part.strip()) if isinstance(names, str) else tuple(names)


def compare(
    scenario: str | os.PathLike[str],
    *,
    without: Names = (),
    overlay: Overlay | None = None,
    safeguards: Names = (),
    against: str | None = None,
    population: str | os.PathLike[str] | None = None,
    since: date | str | None = None,
    citizens: int | None = None,
    days: int | None = None,
    seed: int | None = None,
    seeds: int = 3,
    persistence: bool = False,
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: Watcher | None = None,
) -> Twin:
    """Two worlds of the same synthetic citizens with the same draws: a scenario as it is, and changed.

    `without`: mechanisms taken out (`rules.levers.MECHANISMS`, a kind of article, or an article's id). `overlay`: values by
    dotted path. `safeguards`: rights granted. `against`: another scenario over the same population. `population`: of both worlds, another than the scenario's. `since`: the day
    from which the worlds differ; what was before is lived once. `seeds`: pairs, with seeds `seed`, `seed` + 1, ...
    `persistence`: a third world, changed from the first day on, tells what outlasts a change that came later.
    `out`: a folder for the tables (none: nothing is kept). Problems for whatever is wrong with these.
    """
    from glasscity.report.yardsticks import facts_of
    from glasscity.study import twins

    change = Change.of(without, overlay, safeguards, against)
    plan = Plan.of(scenario, citizens, days, seed, (), None, population)
    branch = branch_of(since, plan)
    check(seeds, threads, plan)
    if persistence and not branch:
        raise Problems([Problem("--persistence", "from", str(since or "none"), "a day after the first: what lasts is told of a change that comes later")])
    check_memory(replace(plan, citizens=2 * plan.citizens))
    other = change.applied(plan.resolved, plan.population)
    twins.check_alike(plan.resolved, other, branch)
    numbers, began = range(plan.seed, plan.seed + seeds), time.monotonic()
    tick = ticking(progress or silent, (3 if persistence else 2) * seeds * plan.citizens * plan.days)
    pair = (plan.resolved, other)
    twin = twins.compared(pair, plan.citizens, plan.days, numbers, threads or all_threads(), branch, tick, persistence)
    sizes = {"citizens": plan.citizens, "days": plan.days, "seed": plan.seed, "seeds": seeds}
    about = {
        "scenario": plan.resolved.scenario.id, "other": other.scenario.id, "change": shlex.join(change.words),
        "options": change.options, "names": names_of(plan.resolved, other, change), "schemes": [facts_of(plan.resolved), facts_of(other)], **sizes,
        "from": None if since is None else str(since), "hashes": [plan.resolved.hash, other.hash], "digests": twin.digests,
        "version": version("glasscity"), "command": command_of(plan, change, since, persistence, sizes), "wall_s": round(time.monotonic() - began, 3),
    }  # fmt: skip
    twin = replace(twin, about=about)
    if out is not None:
        keep(twin, Path(out))
    return twin


def command_of(plan: Plan, change: Change, since: date | str | None, persistence: bool, sizes: Mapping[str, int]) -> str:
    """The command that lives the same worlds again."""
    words = ["glasscity", "compare", plan.given, *change.words, *([] if since is None else ["--from", str(since)])]
    words += (["--persistence"] if persistence else []) + ([] if plan.population is None else ["--population", plan.population])
    return shlex.join([*words, *(word for name, value in sizes.items() for word in (f"--{name}", str(value)))])


def names_of(scheme: Resolved, other: Resolved, change: Change) -> dict[str, dict[str, str]]:
    """Names in all languages of the scenarios and of the articles that are taken out."""
    articles = scheme.rulebook.articles
    found = {resolved.scenario.id: resolved.scenario.name for resolved in (scheme, other)}
    found |= {name: articles[name].name for name in change.without if name in articles}
    return {key: names.model_dump() for key, names in found.items()}


def keep(twin: Twin, folder: Path) -> None:
    """Write a twin's tables and its page into a folder."""
    from glasscity.report import twins as page
    from glasscity.store import twins as store

    store.write(folder, twin.about, {"effects": twin.effects, "paired": twin.paired, "lives": twin.lives, "spread": twin.spread, "citizens": twin.citizens})
    page.build(folder)


def load_twin(folder: str | os.PathLike[str]) -> Twin:
    """Twin worlds from their folder."""
    from glasscity.store import twins as store
    from glasscity.study.twins import Twin

    about, tables = store.read(Path(folder))
    return Twin(**tables, digests=[(one, other) for one, other in about["digests"]], about=about)


def check(seeds: int, threads: int | None, plan: Plan) -> None:
    """Problems for numbers out of range."""
    problems = within_seeds(seeds, plan.seed)
    problems += [] if threads is None else within("--threads", threads, 1, MOST_THREADS)
    if problems:
        raise Problems(problems)


def branch_of(since: date | str | None, plan: Plan) -> int:
    """How many days the worlds share; Problems for a day outside the run."""
    if since is None:
        return 0
    start = plan.resolved.scenario.start
    try:
        day = (date.fromisoformat(str(since)) - start).days
    except ValueError:
        day = -1
    if not 0 <= day < plan.days:
        last = date.fromordinal(start.toordinal() + plan.days - 1)
        raise Problems([Problem("--from", "from", repr(str(since)), f"a day from {start} to {last}")])
    return day


def default_folder(scenario: str) -> Path:
    """A new folder under runs/ for a pair."""
    return Path("runs") / f"twin-{Path(scenario).stem}-{datetime.now():%Y%m%d-%H%M%S}"
