"""Published figures as data: what is known, from where, and how a run is read to be held against it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from glasscity.errors import Problem, Problems
from glasscity.metrics import registry
from glasscity.rules import load
from glasscity.rules.model import Document, Identifier, Names, Scenario, ScenarioName, Sourced

FILE = "figures.toml"


class Measure(Document):
    """How a run is read: sums of metrics, over sums of metrics.

    Flows are summed from `since` to `until`; of all other kinds the value of the last reading up to `until` counts.
    """

    above: tuple[str, ...] = Field(min_length=1)
    below: tuple[str, ...] = ()
    since: date | None = Field(None, description="First day (default: the first of the run)")
    until: date | None = Field(None, description="Last day (default: the last of the run)")
    group: str = "all"
    times: float = Field(1.0, description="Factor on the result, for example 100 for per cent")
    residents: bool = Field(False, description="Whether counts are scaled from the citizens simulated to all residents")


class Figure(Sourced):
    """A published figure beside the run that it is held against."""

    name: Names
    scenario: ScenarioName
    given: dict[str, bool | int | float | str | list] = Field(default_factory=dict, description="Overlay for this run")
    citizens: int = Field(100_000, ge=1)
    days: int | None = Field(None, ge=1, le=3660)
    value: float
    low: float = Field(description="Lowest simulated value that counts as agreement")
    high: float = Field(description="Highest simulated value that counts as agreement")
    reason: str = Field(min_length=1, description="Why agreement is judged within these limits")
    unit: str = Field(min_length=1)
    seen: bool = Field(description="Whether the figure was read in public material (false: recalled)")
    role: Literal["fitted", "predicted"]
    measure: Measure

    @model_validator(mode="after")
    def limits_hold_value(self) -> Figure:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value:g} must lie within low {self.low:g} and high {self.high:g}")
        return self


class Figures(Document):
    """All published figures."""

    figures: dict[Identifier, Figure]


def read(path: Path | None = None) -> dict[str, Figure]:
    """The figures of a file (default: the built-in one); Problems with everything that is wrong in it."""
    path = path or Path(str(load.BUILT_IN)) / FILE
    figures = load.validate(Figures, load.read_toml(path), str(path)).figures
    problems = [
        Problem(str(path), f"figures.{key}.{field}", repr(found), allowed)
        for key, figure in figures.items() for field, found, allowed in contradictions(figure)
    ]  # fmt: skip
    if problems:
        raise Problems(problems)
    return figures


def contradictions(figure: Figure) -> list[tuple[str, Any, str]]:
    """Scenarios and metrics that do not exist."""
    found: list[tuple[str, Any, str]] = []
    names = load.built_in_names(Scenario)
    if figure.scenario not in names:
        found.append(("scenario", figure.scenario, "one of " + ", ".join(names)))
    for side in ("above", "below"):
        for name in getattr(figure.measure, side):
            try:
                registry.about(name)
            except KeyError:
                found.append((f"measure.{side}", name, "a metric (see the page of metrics)"))
    return found
