"""A world that somebody watches: lived day by day, its pictures kept, and at any day a twin beside it.

Bits are those of `run` and `compare`: watching, stopping and looking back change nothing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl

from glasscity import columns as c
from glasscity.engine.city import City, copied
from glasscity.engine.day import WEEK
from glasscity.engine.panel import PANEL
from glasscity.errors import Problem, Problems
from glasscity.jobs.dossiers import Dossier
from glasscity.jobs.film import Film
from glasscity.jobs.plan import Overlay, Plan, within
from glasscity.jobs.twins import Change, names_of
from glasscity.metrics import people, tables
from glasscity.rules.model import Class
from glasscity.rules.resolve import Resolved
from glasscity.store.folder import SYNTHETIC
from glasscity.study import twins

MOST_PIXELS = 1_000_000  # citizens of a city that is shown whole; of a larger one a pixel stands for several
LAYERS = ("status", "note")  # what the system sees; what has happened, true or not
TOLD = (
    "share_ever.sanctioned", "share_ever.wrongly_sanctioned", "wrongful_sanction_share", "innocent_risk", "misattribution", "refused_per_1000",
    "chilled_share", "ties_lost_per_1000", "standing", "risk", "falsification_gap", "jobs_lost",
)  # fmt: skip
Tick = Callable[[int], None]


@dataclass(frozen=True)
class Recipe:
    """What a watched world is: enough to live it again, and no more."""

    scenario: str
    citizens: int
    days: int
    seed: int
    overlay: Mapping[str, Any]
    change: Change | None = None  # what makes the twin another, if there is one
    branch: int = 0  # days that the twins share

    @classmethod
    def of(
        cls, scenario: str, citizens: int | None = None, days: int | None = None, seed: int | None = None, overlay: Overlay | None = None
    ) -> Recipe:
        """A recipe with what the scenario says in place of what is not said; Problems with all that is wrong."""
        plan = Plan.of(scenario, citizens, days, seed, (), overlay)
        return cls(scenario, plan.citizens, plan.days, plan.seed, plan.overlay)

    @cached_property
    def plan(self) -> Plan:
        return Plan.of(self.scenario, self.citizens, self.days, self.seed, (), self.overlay)

    @cached_property
    def schemes(self) -> list[Resolved]:
        """The scheme and, where there is a twin, the other one; Problems if they cannot be twins."""
        if self.change is None:
            return [self.plan.resolved]
        if self.overlay:
            allowed = "none: keep the changed scheme as one of your own, and begin from that"
            raise Problems([Problem("twin", "set", "changes of the scheme itself beside a twin", allowed)])
        other = self.change.applied(self.plan.resolved, self.plan.population)
        twins.check_alike(self.plan.resolved, other, self.branch)
        return [self.plan.resolved, other]


class Living:
    """One world, or two, at some day. `sides`: the scheme's city and, if there is one, its twin."""

    def __init__(self, recipe: Recipe, threads: int = 1):
        self.recipe, self.threads = recipe, threads
        city = self.newborn(0)
        city.populate()
        self.sides = [city]
        self.films = [{layer: Film() for layer in LAYERS}]
        self.glances: list[list[tuple[float, int]]] = [[]]
        self.known: tuple[Any, dict[int, pl.DataFrame]] = (None, {})  # metrics of a day, by side
        self.last_read: dict[int, tuple[Any, pl.DataFrame]] = {}  # those of the last reading
        self.keep()
        if recipe.change is not None:
            self.part_ways(recipe.change, recipe.branch)

    def newborn(self, side: int) -> City:
        """A city before its first day."""
        recipe = self.recipe
        threads = self.threads if recipe.change is None else max(1, self.threads // 2)
        return City(recipe.schemes[side], recipe.citizens, recipe.days, recipe.seed, threads, panel=PANEL)

    def close(self) -> None:
        """Let the threads go."""
        for city in self.sides:
            city.team.close()

    # --- time ---

    @property
    def day(self) -> int:
        """Days lived."""
        return self.sides[0].day

    @property
    def is_over(self) -> bool:
        return self.day >= self.recipe.days

    def live(self) -> None:
        """Live a day, in both worlds side by side."""
        if self.is_over:
            return
        if len(self.sides) == 1 or self.threads == 1:
            for city in self.sides:
                city.live()
        else:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda city: city.live(), self.sides))
        self.keep()

    def live_until(self, day: int, tick: Tick = lambda day: None) -> None:
        """Live on to a day, if that is to come."""
        while self.day < min(day, self.recipe.days):
            self.live()
            tick(self.day)

    def keep(self) -> None:
        """Keep the pictures and the figures of the day that has just ended."""
        for city, films, glances in zip(self.sides, self.films, self.glances, strict=True):
            for layer, film in films.items():
                film.add(self.picture(city, layer))
            glances.append(city.glance() if city.day else (city.scheme.on(0).p[c.P_START] * 1.0, 0))

    # --- pictures ---

    @property
    def stride(self) -> int:
        """How many citizens a pixel stands for."""
        return -(-self.recipe.citizens // MOST_PIXELS)

    def picture(self, city: City, layer: str) -> np.ndarray:
        """A byte a pixel, uint8[ceil(citizens / stride)], in the order of citizens' numbers.

        Where a pixel is one citizen, that is the state's own byte. Where it is several, it is the share of them, of 255, who are
        sanctioned (layer status) or have ever been so only through false records (layer note).
        """
        whole = np.concatenate(city.layout.parts(getattr(city.world, layer)))
        if self.stride == 1:
            return whole
        if layer == "status":
            classes = int(city.scheme.on(max(0, city.day - 1)).p[c.P_SANCTIONED_CLASSES])
            byte = np.arange(256)
            is_so = (((classes >> (byte & c.CLASS_BITS)) & 1 != 0) | (byte & (c.BLACK | c.COURT) != 0))[whole]
        else:
            is_so = whole & c.WRONGLY != 0
        starts = np.arange(0, len(whole), self.stride)
        sums = np.add.reduceat(is_so.astype(np.int64), starts)
        return (255 * sums // np.diff(np.append(starts, len(whole)))).astype(np.uint8)

    def traits(self) -> np.ndarray:
        """Fixed traits of each pixel's first citizen, uint16, see `columns.TRAITS`."""
        city = self.sides[0]
        return np.concatenate(city.layout.parts(city.world.traits))[:: self.stride]

    # --- twins ---

    def part_ways(self, change: Change, day: int, tick: Tick = lambda day: None) -> None:
        """Begin a twin that differs from a day on; what was lived after that day is lived again. Problems if it cannot be."""
        if not 0 <= day < self.recipe.days:
            raise Problems([Problem("twin", "from", str(day), f"a day from 0 to {self.recipe.days - 1}")])
        recipe = replace(self.recipe, change=change, branch=day)
        assert recipe.schemes  # raises before anything is touched
        films, glances = self.films[0], self.glances[0]
        self.recipe = replace(recipe, change=None, branch=0)
        first = self.rewound(day, tick)
        self.recipe = recipe
        second = self.newborn(1)
        if day:
            second.restore(copied(first.snapshot()))
            second.changes.add(day)
        else:
            second.populate()
            second.world = second.world._replace(traits=first.world.traits)
        for film in films.values():
            film.cut(day)
        del glances[day + 1 :]
        self.sides = [first, second]
        self.films = [films, {layer: Film() for layer in LAYERS}]
        self.glances = [glances, list(glances)]
        for layer, film in self.films[1].items():
            for past_day in range(day + 1):
                film.add(films[layer].at(past_day))

    def rewound(self, day: int, tick: Tick) -> City:
        """The scheme's city as it was after a day: the one at hand if that is today, else lived again."""
        if day == self.day:
            for other in self.sides[1:]:
                other.team.close()
            return self.sides[0]
        self.close()
        city = self.newborn(0)
        city.populate()
        for past in range(day):
            city.live()
            tick(past + 1)
        return city

    def rejoin(self) -> None:
        """Let the twin go."""
        for city in self.sides[1:]:
            city.team.close()
        self.recipe = replace(self.recipe, change=None, branch=0)
        self.sides, self.films, self.glances = self.sides[:1], self.films[:1], self.glances[:1]

    # --- lives ---

    def citizens(self, side: int = 0) -> pl.DataFrame:
        """State of the citizens, or of an even sample of a million."""
        return people.citizens_frame(self.sides[side], np.arange(0, self.recipe.citizens, self.stride))

    def find(self, story: str, most: int = 3, side: int = 0) -> list[dict[str, Any]]:
        """Lives that show something (`study.find.STORIES`): citizen and figures. Problems if there is no such story."""
        from glasscity.study.find import STORIES, lives

        if story not in STORIES:
            raise Problems([Problem("find", "story", ascii(story)[:80], ", ".join(STORIES))])

        def learned(citizen: int) -> str | None:
            how = self.dossier(citizen, side).plain["learned"]
            return how and how["by"]

        return lives(self.citizens(side), story, most, self.recipe.schemes[side].rulebook, learned)

    def dossier(self, citizen: int, side: int = 0) -> Dossier:
        """The file of one synthetic citizen at the end of the day lived last, as of a run of so many days. Problems if there is none."""
        from glasscity.study import dossier, replay

        problems = within("citizen", citizen, 0, self.recipe.citizens - 1) + within("day", self.day, 1, self.recipe.days)
        if problems:
            raise Problems(problems)
        city, schemes, recipe = self.sides[side], self.recipe.schemes, self.recipe
        weeks = [r.district_state for r in city.readings if (r.day + 1) % WEEK == 0]
        seen = np.array(weeks, np.int64).reshape(len(weeks), len(city.layout.sizes), 3)
        afar = {page: set(on) for page, on in people.afar_frame(city).group_by("page").agg("day").iter_rows()}
        past = (schemes[0], recipe.branch) if side and recipe.branch else None
        part, _ = replay.live_again(
            schemes[side], recipe.citizens, self.day, recipe.seed, seen, afar, citizen, self.threads, past=past
        )
        facts = {"scenario": recipe.scenario, "seed": recipe.seed, "citizens": recipe.citizens, "days": self.day, "digest": None}
        facts |= {"version": version("glasscity"), "start": schemes[side].scenario.start.isoformat(), "again": "", "command": ""}
        plain = {"synthetic": SYNTHETIC, "run": facts, **json.loads(json.dumps(dossier.tell(part, citizen)))}
        return Dossier(citizen, plain, schemes[side])

    # --- figures ---

    def metrics(self, side: int = 0) -> pl.DataFrame:
        """Every metric by day, group and district, at the weeks' ends lived so far."""
        key = (self.day, self.recipe.branch, self.recipe.change)
        if self.known[0] != key:
            self.known = (key, {})
        if side not in self.known[1]:
            self.known[1][side] = tables.metrics_frame(self.sides[side])
        return self.known[1][side]

    def values(self, wanted: Sequence[tuple[str, str]], side: int = 0) -> list[float | None]:
        """Metrics of groups, over all districts, at the last reading, flows since the start; None where there is no such figure."""
        rows = self.latest(side).filter(pl.col("district") == "all")
        found = {(metric, group): value for metric, group, value in rows.select("metric", "group", "value").iter_rows()}
        return [found.get((metric, group)) for metric, group in wanted]

    def latest(self, side: int = 0) -> pl.DataFrame:
        """Every metric but those of the panel at the last reading, flows since the start: quickly told."""
        city = copy.copy(self.sides[side])
        key = (city.readings[-1].day if city.readings else -1, self.recipe.branch, self.recipe.change)
        if self.last_read.get(side, (None, None))[0] != key:
            city.readings, city.panel, city.panel_seen = city.readings[-1:], city.panel[:0], []
            self.last_read[side] = (key, tables.metrics_frame(city))
        return self.last_read[side][1]

    def headline(self, side: int = 0) -> dict[str, float | None]:
        """The figures that come first, at the last reading; empty before the first week's end."""
        return tables.headline(self.latest(side)) if self.sides[side].readings else {}

    def by_group(self, side: int = 0) -> dict[str, dict[str, float | None]]:
        """Some metrics at the last reading, by metric and group; None for groups too small to tell of."""
        rows = self.latest(side).filter((pl.col("district") == "all") & pl.col("metric").is_in(TOLD))
        found: dict[str, dict[str, float | None]] = {name: {} for name in TOLD}
        for metric, group, value in rows.select("metric", "group", "value").iter_rows():
            found[metric][group] = value
        return found

    def digest(self, side: int = 0) -> str:
        """SHA-256 of the state, as a run's."""
        return self.sides[side].digest()

    def told(self) -> dict[str, Any]:
        """What a page needs to draw and to name things, names in all languages."""
        recipe, city = self.recipe, self.sides[0]
        found = recipe.plan.resolved
        letters = city.scheme.letters
        classes = {a.letter: a.name.model_dump() for a in found.rulebook.articles.values() if isinstance(a, Class)}
        sanctioned = int(city.scheme.on(0).p[c.P_SANCTIONED_CLASSES])
        return {
            "scenario": found.scenario.id, "name": found.scenario.name.model_dump(), "summary": found.scenario.summary.model_dump(),
            "start": found.scenario.start.isoformat(), "citizens": recipe.citizens, "days": recipe.days, "seed": recipe.seed,
            "end": (found.scenario.start + timedelta(days=recipe.days)).isoformat(),
            "overlay": dict(recipe.overlay), "stride": self.stride, "page": c.PAGE, "day": self.day,
            "districts": [
                {"id": key, "name": district.name.model_dump(), "citizens": int(n)}
                for (key, district), n in zip(found.population.districts.items(), city.layout.sizes, strict=True)
            ],
            "classes": [
                {"letter": letter, "name": classes.get(letter), "sanctioned": bool(sanctioned >> k & 1)} for k, letter in enumerate(letters)
            ],
            "bits": {"black": c.BLACK, "court": c.COURT, "red": c.RED, "shunned": c.SHUNNED, "jobless": c.JOBLESS},
            "notes": {name: bit for name, (bit, _) in c.NOTES.items()},
            "twin": None if recipe.change is None else {
                "words": list(recipe.change.words), "from": (found.scenario.start + timedelta(days=recipe.branch)).isoformat(),
                "branch": recipe.branch, "names": names_of(recipe.schemes[0], recipe.schemes[1], recipe.change),
            },
        }  # fmt: skip
