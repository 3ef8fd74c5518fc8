"""Parameters sought by optuna, towards one of two goals and no other: published figures met, or a harm made less.

    [goal]
    figures = ["court_listed_2014", "court_listed_2017"]     # or: minimise = "innocent_risk"

There is no third goal. Nothing is maximised; neither obedience nor the cost of control can be named; and where harm is
made less, it is the scheme that is changed, never its people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import Field

from glasscity.errors import InputError, Problem, Problems
from glasscity.metrics import registry
from glasscity.rules import load
from glasscity.rules.model import Document
from glasscity.rules.resolve import Resolved
from glasscity.study import figures, worlds
from glasscity.study.figures import Figure, days_of
from glasscity.study.orders import Question
from glasscity.study.plans import MOST_CITIZENS, Choices, Range, Value

ONLY = ("figures (published ones to come close to) or minimise (a metric of which more is harm); nothing else is an objective: "
        "nothing is maximised, and neither obedience nor the cost of control is sought")  # fmt: skip
PEOPLE = ("response", "turnout", "approval")  # kinds of article that say how people react
Answers = Mapping[str, float | None]  # question -> mean over seeds; None where it is undefined or a world failed


class Goal(Document):
    """What is sought."""

    figures: list[str] = Field([], max_length=100, description="Published figures of this scenario, see `glasscity validate`")
    minimise: str | None = Field(None, description="A metric of which more is harm")
    group: str = Field("all", description="The group that the metric is about")


class Fit(Document):
    """A search for parameters."""

    title: str = Field("", max_length=120)
    scenario: str = Field(description="Built-in name, or a file beside this one")
    population: str | None = None
    trials: int = Field(60, ge=1, le=100_000, description="Points tried")
    batch: int = Field(4, ge=1, le=1000, description="Points tried at a time; results depend on it, and not on the workers")
    sampler_seed: int = Field(1, ge=0, lt=2**32, description="Seed of the search, not of the worlds")
    citizens: int | None = Field(None, ge=1, le=MOST_CITIZENS, description="Citizens of each world (default: the figure's own, or 20,000); figures that are bare counts keep their own")
    days: int | None = Field(None, ge=1, le=3660, description="Days of each world, if harm is made less (default: 180)")
    seed: int = Field(1, ge=0, lt=2**62, description="First seed")
    seeds: int = Field(3, ge=1, le=1000, description="Worlds at each point; their seeds are the same at every point")
    goal: Goal
    set: dict[str, Value] = Field(default_factory=dict)
    vary: dict[str, Range | Choices] = Field(min_length=1, max_length=50)

    @property
    def world_seeds(self) -> list[int]:
        """The seeds of a point's worlds."""
        return list(range(self.seed, self.seed + self.seeds))


@dataclass(frozen=True)
class Setting:
    """Worlds of one kind that a trial needs: an overlay besides the trial's, sizes, and what is read at their end."""

    given: dict[str, Any]
    citizens: int
    days: int
    questions: tuple[Question, ...]


# --- the file --------------------------------------------------------------------------------------


def read(path: Path) -> Fit:
    """The search of a file; Problems with everything that is wrong in it, another goal first of all."""
    data = load.read_toml(path)
    refuse_other_goals(data.get("goal"), str(path))
    fit = load.validate(Fit, data, str(path))
    problems = [Problem(str(path), *found) for found in contradictions(fit)]
    if problems:
        raise Problems(problems)
    return fit if fit.title else fit.model_copy(update={"title": path.stem.replace("-", " ").replace("_", " ")})


def refuse_other_goals(goal: Any, file: str) -> None:
    """Problems for an objective that is none of the two."""
    named = goal if isinstance(goal, dict) else {} if goal is None else {"": goal}
    problems = [
        Problem(file, f"goal.{key}".rstrip("."), load.shown(value), ONLY) for key, value in named.items() if key not in Goal.model_fields
    ]
    if not problems and len({"figures", "minimise"} & set(named)) != 1:
        problems = [Problem(file, "goal", load.shown(goal) if goal is not None else "nothing", f"one of {ONLY}")]
    if problems:
        raise Problems(problems)


def is_harm(metric: str) -> bool:
    """Whether the registry says of a metric that more of it is worse."""
    try:
        return registry.about(metric).is_worse is True
    except KeyError:
        return False


def contradictions(fit: Fit) -> Iterator[tuple[str, str, str]]:
    """What is wrong between fields."""
    goal = fit.goal
    if goal.minimise is not None:
        if not is_harm(goal.minimise):
            yield "goal.minimise", repr(goal.minimise), f"a metric of which more is harm, such as innocent_risk. A goal is {ONLY}"
        for path in fit.vary:
            if not path.startswith("articles."):
                yield f"vary.{path}", "what people do or who they are", "articles: to do less harm the scheme is changed, never its people"
    elif fit.days is not None:
        yield "days", str(fit.days), "nothing: figures say how long their runs last"
    if goal.group not in registry.GROUPS:
        yield "goal.group", repr(goal.group), f"one of {', '.join(registry.GROUPS)}"
    known = published(fit.scenario)
    for key in goal.figures:
        if key not in known:
            yield "goal.figures", repr(key), f"published figures of this scenario: {', '.join(known) or 'it has none'}"


def refuse_people(fit: Fit, scheme: Resolved, file: str) -> None:
    """Problems for articles that say how people react, where harm is to be made less."""
    articles = scheme.rulebook.articles
    problems = [
        Problem(file, f"vary.{path}", f"how people react ({articles[key].what})", "the scheme's own articles")
        for path in fit.vary
        if (key := path.split(".")[1]) in articles and getattr(articles[key], "what") in PEOPLE  # noqa: B009
    ]
    if fit.goal.minimise is not None and problems:
        raise Problems(problems)


def published(scenario: str) -> dict[str, Figure]:
    """The published figures of a scenario."""
    return {key: figure for key, figure in figures.read().items() if figure.scenario == scenario}


# --- the goal --------------------------------------------------------------------------------------


def settings(fit: Fit, keys: Sequence[str] | None = None) -> list[Setting]:
    """The kinds of world that a trial needs, for the figures of the goal or for others; figures of equal runs share worlds."""
    if fit.goal.minimise is not None:
        question = Question(fit.goal.minimise, fit.goal.group)
        return [Setting({}, fit.citizens or 20_000, fit.days or 180, (question,))]
    known = published(fit.scenario)
    found: dict[str, Setting] = {}
    for key in fit.goal.figures if keys is None else keys:
        figure = known[key]
        citizens, days = size_for(figure, fit.citizens), days_of(figure)
        name = worlds.setting(given=sorted(figure.given.items()), citizens=citizens, days=days)
        before = found.get(name, Setting(dict(figure.given), citizens, days, ()))
        question = Question(key, figure.measure.group, figure.measure)
        found[name] = Setting(before.given, citizens, days, (*before.questions, question))
    return list(found.values())


def size_for(figure: Figure, citizens: int | None) -> int:
    """Citizens of a figure's worlds: its own, or as asked for if its value does not hang on their number."""
    does_not_matter = figure.measure.residents or bool(figure.measure.below)
    return citizens if citizens is not None and does_not_matter else figure.citizens


def distance(fit: Fit, answers: Answers) -> float | None:
    """What is made small: the harm, or how far the figures are off; None where that cannot be told.

    Of figures: the mean square of (simulated - published) / half the width of the figure's limits, so that 1 is, on
    average, the edge of agreement.
    """
    if fit.goal.minimise is not None:
        return answers[fit.goal.minimise]
    known = published(fit.scenario)
    found = [answers[key] for key in fit.goal.figures]
    if any(value is None for value in found):
        return None
    return fmean(off(known[key], value) ** 2 for key, value in zip(fit.goal.figures, found, strict=True) if value is not None)


def off(figure: Figure, value: float) -> float:
    """How far a value is from a figure, in half widths of its limits."""
    half = (figure.high - figure.low) / 2 or abs(figure.value) or 1.0
    return (value - figure.value) / half


# --- the search ------------------------------------------------------------------------------------


class Search:
    """Points to be tried, a batch at a time. The same file leads to the same points, whoever lives the worlds."""

    def __init__(self, fit: Fit):
        optuna = need_optuna()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.TPESampler(seed=fit.sampler_seed)
        self.fit, self.study = fit, optuna.create_study(direction="minimize", sampler=sampler)
        self.failed_state = optuna.trial.TrialState.FAIL

    def batches(self) -> Iterator[list[tuple[Any, dict[str, Any]]]]:
        """Trials with their points; each batch wants to be told (`tell`) before the next is asked for."""
        for start in range(0, self.fit.trials, self.fit.batch):
            trials = [self.study.ask() for _ in range(min(self.fit.batch, self.fit.trials - start))]
            yield [(trial, {path: suggested(trial, path, range_) for path, range_ in self.fit.vary.items()}) for trial in trials]

    def tell(self, trial: Any, value: float | None) -> None:
        """What came of a trial; None: nothing."""
        if value is None:
            self.study.tell(trial, state=self.failed_state)
        else:
            self.study.tell(trial, value)


def suggested(trial: Any, path: str, range_: Range | list[Any]) -> Any:
    """A value within a range or out of a list."""
    if isinstance(range_, list):
        return range_[trial.suggest_categorical(path, list(range(len(range_))))]
    pick = trial.suggest_int if range_.is_whole else trial.suggest_float
    return pick(path, range_.low, range_.high, log=range_.log)


def need_optuna() -> Any:
    """Optuna; InputError if it is not installed."""
    try:
        import optuna
    except ImportError as error:
        raise InputError(f"{error.name} is missing; install it with: pip install 'glasscity[study]'") from None
    return optuna
