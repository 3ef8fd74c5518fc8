"""A study as a file: which paths are varied, by which design, in which worlds, and what is read at their end.

    scenario = "beijing-2020"
    design = "sobol"                  # grid, lhs, sobol or morris
    samples = 64
    metrics = ["innocent_risk"]

    [vary]
    "articles.friends.value" = { low = 0.0, high = 0.4 }
    "articles.notice.enabled" = [false, true]
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from glasscity.errors import Problem, Problems
from glasscity.metrics import registry
from glasscity.rules import load
from glasscity.rules.model import Document

MOST_WORLDS = 1_000_000
MOST_CITIZENS = 100_000_000
DESIGNS = ("grid", "lhs", "sobol", "morris")
Value = bool | int | float | str | list
Number = int | float


class Range(Document):
    """All numbers from `low` to `high`; whole ones if both ends are whole."""

    low: Number
    high: Number
    log: bool = Field(False, description="Whether equal factors count as equal steps")
    steps: int | None = Field(None, ge=2, le=1000, description="Values in a grid, both ends included")

    @model_validator(mode="after")
    def ends_are_in_order(self) -> Range:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} must be less than high {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError("with log, low must be more than 0")
        return self

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def at(self, share: float) -> Number:
        """The number that lies at a share (0 to 1) of the way from low to high; whole numbers have equal parts of it."""
        if self.is_whole and not self.log:
            return int(min(self.low + math.floor(share * (self.high - self.low + 1)), self.high))
        if self.log:
            found = self.low * (self.high / self.low) ** share
        else:
            found = self.low + share * (self.high - self.low)
        return round(found) if self.is_whole else min(max(found, float(self.low)), float(self.high))

    @property
    def spread(self) -> list[Number]:
        """Its values in a grid."""
        steps = self.steps or 2
        if self.is_whole and not self.log:
            return list(dict.fromkeys(round(self.low + k * (self.high - self.low) / (steps - 1)) for k in range(steps)))
        return list(dict.fromkeys(self.at(k / (steps - 1)) for k in range(steps)))


Choices = Annotated[list[Value], Field(min_length=2)]


class Study(Document):
    """Many worlds of one scenario."""

    title: str = Field("", max_length=120, description="Heading of the page (default: the file's name)")
    scenario: str = Field(description="Built-in name, or a file beside the study")
    population: str | None = Field(None, description="Another population than the scenario's")
    design: Literal["grid", "lhs", "sobol", "morris"]
    samples: int | None = Field(None, ge=2, le=MOST_WORLDS, description="lhs: points; sobol: base samples, a power of 2; morris: ways")
    levels: int = Field(4, ge=2, le=64, description="morris: levels of each path, an even number")
    second_order: bool = Field(False, description="sobol: whether pairs of paths are told apart")
    design_seed: int = Field(1, ge=0, lt=2**32, description="Seed of the design, not of the worlds")
    citizens: int = Field(20_000, ge=1, le=MOST_CITIZENS, description="Citizens of each world")
    days: int = Field(180, ge=1, le=3660, description="Days of each world")
    seed: int = Field(1, ge=0, lt=2**62, description="First seed")
    seeds: int = Field(3, ge=1, le=1000, description="Worlds at each point; their seeds are the same at every point")
    metrics: list[str] = Field(min_length=1, max_length=100)
    groups: list[str] = Field(["all"], min_length=1, max_length=len(registry.GROUPS))
    set: dict[str, Value] = Field(default_factory=dict, description="Overlay of all worlds")
    vary: dict[str, Range | Choices] = Field(min_length=1, max_length=200)

    @property
    def paths(self) -> list[str]:
        """What is varied."""
        return list(self.vary)

    @property
    def world_seeds(self) -> list[int]:
        """The seeds of a point's worlds, the same at every point."""
        return list(range(self.seed, self.seed + self.seeds))


def read(path: Path) -> Study:
    """The study of a file; Problems with everything that is wrong in it."""
    data = load.read_toml(path)
    study = load.validate(Study, data, str(path))
    problems = [Problem(str(path), *found) for found in contradictions(study)]
    if problems:
        raise Problems(problems)
    return study if study.title else study.model_copy(update={"title": path.stem.replace("-", " ").replace("_", " ")})


Found = tuple[str, str, str]  # where, what stands there, what may stand there


def contradictions(study: Study) -> Iterator[Found]:
    """What is wrong between fields."""
    yield from of_design(study)
    yield from of_metrics(study.metrics)
    for group in study.groups:
        if group not in registry.GROUPS:
            yield "groups", repr(group), f"one of {', '.join(registry.GROUPS)}"
    for path, range_ in study.vary.items():
        if isinstance(range_, list) and len({repr(value) for value in range_}) < len(range_):
            yield f"vary.{path}", "a value twice", "each value once"
        if path in study.set:
            yield f"set.{path}", "a path that is varied as well", "either of them"


def of_design(study: Study) -> Iterator[Found]:
    """What a design needs and does not have."""
    if study.design == "grid":
        if study.samples is not None:
            yield "samples", str(study.samples), "nothing: a grid has all combinations of its values"
        for path, range_ in study.vary.items():
            if isinstance(range_, Range) and range_.steps is None:
                yield f"vary.{path}", "a range without steps", "a list of values, or a range with steps"
    elif study.samples is None:
        yield "samples", "nothing", "how many"
    elif study.design == "sobol" and study.samples & (study.samples - 1):
        yield "samples", str(study.samples), "a power of 2, so that Sobol's numbers fill the space evenly"
    if study.levels % 2:
        yield "levels", str(study.levels), "an even number"


def of_metrics(names: list[str]) -> Iterator[Found]:
    """Names that the registry does not know."""
    for name in names:
        try:
            registry.about(name)
        except KeyError:
            yield "metrics", repr(name), "metrics of a run, such as innocent_risk"
