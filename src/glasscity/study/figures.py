"""Published figures as data: what is known, from where, and how a run is read to be held against it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from glasscity.errors import Problem, Problems
from glasscity.metrics import registry
from glasscity.rules import load
from glasscity.rules.model import Document, Identifier, Names, Scenario, ScenarioName, Sourced

FILE = Path(str(load.BUILT_IN)) / "figures.toml"
Found = tuple[str, str, str]  # what a problem is made of: field, what stands there, what may stand there


class Measure(Document):
    """How a run is read: sums of metrics, over sums of metrics.

    Flows are summed from `since` to `until`; of all other kinds the value of the last reading up to `until` counts.
    Runs are read once a week, so either end may be up to six days off.
    """

    above: tuple[str, ...] = Field(min_length=1, description="Metrics that are added up")
    below: tuple[str, ...] = Field((), description="Metrics whose sum it is divided by")
    since: date | None = Field(None, description="First day (default: the first of the run)")
    until: date | None = Field(None, description="Last day (default: the last of the run)")
    group: str = Field("all", description="The group of citizens that is counted")
    times: float = Field(1.0, description="Factor on the result, for example 100 for per cent")
    residents: bool = Field(False, description="Whether counts are scaled from the citizens simulated to all residents")

    @model_validator(mode="after")
    def counts_alone_are_scaled(self) -> Measure:
        if self.residents and self.below:
            raise ValueError("a quotient is the same at every size; leave out 'residents' or 'below'")
        return self


class Figure(Sourced):
    """A published figure beside the run that it is held against."""

    name: Names
    scenario: ScenarioName
    given: dict[str, bool | int | float | str | list] = Field(default_factory=dict, description="Overlay for this run")
    citizens: int = Field(100_000, ge=1)
    days: int | None = Field(None, ge=1, le=3660, description="Length of the run (default: the scenario's)")
    value: float = Field(description="What was published")
    low: float = Field(description="Lowest simulated value that counts as agreement")
    high: float = Field(description="Highest simulated value that counts as agreement")
    reason: str = Field(min_length=1, description="Why agreement is judged within these limits")
    unit: str = Field(min_length=1)
    seen: bool = Field(description="Whether the figure was read in public material (false: recalled)")
    role: Literal["fitted", "predicted"] = Field(
        description="fitted: a parameter was chosen with this figure in view; predicted: none was"
    )
    measure: Measure

    @model_validator(mode="after")
    def limits_hold_value(self) -> Figure:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value:g} must lie within low {self.low:g} and high {self.high:g}")
        return self


class Figures(Document):
    """All published figures."""

    figures: dict[Identifier, Figure]


def read(path: Path = FILE) -> dict[str, Figure]:
    """The figures of a file; Problems with everything that is wrong in it."""
    figures = load.validate(Figures, load.read_toml(path), str(path)).figures
    problems = [
        Problem(str(path), f"figures.{key}.{field}", found, allowed)
        for key, figure in figures.items() for field, found, allowed in contradictions(figure)
    ]  # fmt: skip
    if problems:
        raise Problems(problems)
    return figures


def contradictions(figure: Figure) -> Iterator[Found]:
    """Scenarios, metrics and groups that do not exist, days that the run does not have."""
    names = load.built_in_names(Scenario)
    if figure.scenario not in names:
        yield "scenario", repr(figure.scenario), "one of " + ", ".join(names)
    else:
        yield from days_outside(figure)
    for side in ("above", "below"):
        for name in getattr(figure.measure, side):
            if not is_metric(name):
                yield f"measure.{side}", repr(name), "a metric of the registry (glasscity.metrics.registry)"
    if figure.measure.group not in registry.GROUPS:
        yield "measure.group", repr(figure.measure.group), "one of " + ", ".join(registry.GROUPS)


def days_outside(figure: Figure) -> Iterator[Found]:
    """Days of the measure on which the run is not under way."""
    told = scenario(figure.scenario)
    last = told.start + timedelta(days=days_of(figure) - 1)
    for field in ("since", "until"):
        day = getattr(figure.measure, field)
        if day is not None and not told.start <= day <= last:
            yield f"measure.{field}", day.isoformat(), f"a day from {told.start} to {last}"


def is_metric(name: str) -> bool:
    """Whether the registry knows a metric, or its family."""
    try:
        registry.about(name)
    except KeyError:
        return False
    return True


@cache
def scenario(name: str) -> Scenario:
    """A built-in scenario, without the documents that it names."""
    path = load.find(Scenario, name)
    return load.validate(Scenario, load.read_toml(path), str(path))


def days_of(figure: Figure) -> int:
    """Days that a figure's run lasts."""
    return figure.days or scenario(figure.scenario).days
