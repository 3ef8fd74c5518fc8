"""Published figures: read as data, held against runs, and found outside when they are."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from glasscity import jobs
from glasscity.cli import perform
from glasscity.errors import Problems
from glasscity.rules.resolve import resolve
from glasscity.study import figures, worlds
from glasscity.study.figures import FILE, Figure, Measure
from glasscity.study.validate import Verdict, read, shared_runs, summary, validate, work

EVERY = figures.read()
CARDIFF = {"cardiff_false_share": EVERY["cardiff_false_share"]}
SMALL = "watchlist-london"  # the scenario whose runs are shortest


def changed(figure: Figure, **values: object) -> dict[str, Figure]:
    """A figure with other values."""
    return {"figure": figure.model_copy(update=values)}


def frame(rows: list[tuple[str, date, float | None]]) -> pl.DataFrame:
    """Metrics of all citizens: name, day, value."""
    names, dates, values = zip(*rows, strict=True)
    return pl.DataFrame(
        {"metric": names, "date": dates, "value": values, "group": "all", "district": "all"},
        schema_overrides={"value": pl.Float64},
    )


# --- figures as data -------------------------------------------------------------------------------


def test_figures__each_says_where_from_and_why_its_limits():
    for key, figure in EVERY.items():
        assert figure.source and figure.reason and figure.low <= figure.value <= figure.high, key
        assert figure.seen or figure.role == "predicted", f"{key}: recalled, and yet a target"


MISTAKES = {
    "low = 0.91": ("low = 0.95", "figures.cardiff_false_share", "value 0.93 must lie within low 0.95"),
    'role = "fitted"': ('role = "guessed"', "figures.cardiff_false_share.role: found 'guessed'", "'fitted' or 'predicted'"),
    'scenario = "watchlist-cardiff"': ('scenario = "cardiff"', "scenario: found 'cardiff'", "one of beijing-2020"),
    '"records.list_camera.right"': ('"record.right"', "measure.below: found 'record.right'", "a metric of the registry"),
    "seen = true": ("seen = true\nweight = 2", "figures.cardiff_false_share.weight: found unknown key with value 2", "schema"),
    "citizens = 170_000": ("measure.until = 2030-01-01", "measure.until: found 2030-01-01", "a day from 2017-06-01 to 2017-06-28"),
    'unit = "share of alerts"': (
        'unit = "x"\nmeasure.group = "nobody"', "measure.group: found 'nobody'", "one of all, minority"
    ),
}  # fmt: skip


def written(tmp_path: Path, old: str = "", new: str = "") -> Path:
    """A file with one figure, changed."""
    text = FILE.read_text(encoding="utf-8")
    first = text.index("[figures.cardiff_false_share]")
    text = text[first : text.index("[figures.", first + 1)]
    assert old in text
    path = tmp_path / "figures.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_figure__as_it_stands_is_read(tmp_path):
    assert figures.read(written(tmp_path)) == CARDIFF


@pytest.mark.parametrize("old", MISTAKES)
def test_figure__with_a_mistake_is_named_by_file_path_and_value(tmp_path, old):
    new, found, allowed = MISTAKES[old]
    path = written(tmp_path, old, new)
    with pytest.raises(Problems) as error:
        figures.read(path)
    told = str(error.value)
    assert told.startswith(f"{path}: figures.cardiff_false_share")
    assert found in told and allowed in told


def test_quotient__that_is_scaled_to_residents_is_refused():
    with pytest.raises(ValueError, match="leave out 'residents' or 'below'"):
        Measure(above=("refused",), below=("asked",), residents=True)


# --- reading a run ---------------------------------------------------------------------------------

WEEKS = [date(2018, 1, 7), date(2018, 1, 14), date(2018, 1, 21)]
FRAME = frame(
    [("refused.flight", day, 10.0 * (k + 1)) for k, day in enumerate(WEEKS)]
    + [("court", day, 5.0 + k) for k, day in enumerate(WEEKS)]
    + [("asked.flight", day, 0.0) for day in WEEKS]
)
COURT = resolve("court-list-2013")


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        (Measure(above=("refused.flight",)), 60.0),
        (Measure(above=("refused.flight",), until=date(2018, 1, 20)), 30.0),
        (Measure(above=("refused.flight",), since=date(2018, 1, 8), until=date(2018, 1, 14)), 20.0),
        (Measure(above=("court",), until=date(2018, 1, 20)), 6.0),
        (Measure(above=("refused.flight",), below=("court",), times=2.0), 120.0 / 7),
        (Measure(above=("refused.flight", "court")), 67.0),
    ],
)
def test_measure__sums_flows_over_its_days_and_takes_the_last_of_stocks(measure, value):
    assert read(FRAME, measure, COURT, 1000) == pytest.approx(value)


def test_measure__of_counts_is_scaled_to_the_residents():
    measure = Measure(above=("refused.flight",), residents=True)
    assert read(FRAME, measure, COURT, 1000) == pytest.approx(60 * COURT.population.residents / 1000)


def test_measure__over_nought_is_no_number_and_lies_outside():
    value = read(FRAME, Measure(above=("court",), below=("asked.flight",)), COURT, 1000)
    verdict = Verdict("none", EVERY["false_reports"], (value,))
    assert math.isnan(value) and not verdict.is_inside
    assert verdict.plain["mean"] is None and verdict.plain["values"] == [None]


# --- verdicts --------------------------------------------------------------------------------------


def test_interval__is_that_of_students_t():
    verdict = Verdict("three", EVERY["false_reports"], (1.0, 2.0, 3.0))
    half = 4.303 / math.sqrt(3)  # two degrees of freedom, standard deviation 1
    assert verdict.mean == 2 and verdict.interval == pytest.approx((2 - half, 2 + half))


def test_interval__of_one_seed_is_none():
    assert Verdict("one", EVERY["false_reports"], (1.0,)).interval is None


def test_fitted_figure__lies_inside():
    [verdict] = validate(CARDIFF, [1])
    assert verdict.is_inside and len(verdict.values) == 1


def test_wrong_parameter__puts_a_fitted_figure_outside():
    wrong = {"articles.list_camera.false_match": 0.000044}
    [verdict] = validate(changed(EVERY["cardiff_false_share"], given=wrong), [1])
    assert not verdict.is_inside and verdict.mean < 0.8


def test_false_share__follows_from_three_rates_by_bayes_rule():
    [verdict] = validate({"london": EVERY["london_false_share"]}, range(1, 9))
    wanted, others = 0.01608 * 0.7, 365 * 0.001  # passages a year x rate
    assert verdict.mean == pytest.approx(others / (others + wanted), abs=0.01)


def test_metric__that_the_run_has_not_is_named():
    measure = Measure(above=("records.no_such_channel.right",))
    with pytest.raises(Problems) as error:
        validate(changed(EVERY["london_false_share"], measure=measure, citizens=100), [1])
    assert f"{FILE}: figures.figure.measure.above: found 'records.no_such_channel.right'" in str(error.value)


def test_runs__that_figures_share_are_lived_once_a_seed(monkeypatch):
    lived, count = worlds.lived, []
    monkeypatch.setattr(worlds, "lived", lambda *given: count.append(given[3]) or lived(*given))
    both = {key: EVERY[key].model_copy(update={"citizens": 1000}) for key in ("cardiff_alerts", "cardiff_false_share")}
    passed = []
    validate(both, [1, 2], tick=lambda scenario, n: passed.append(n))
    assert count == [1, 2] and sum(passed) == work(both, 2) == 2 * 28 * 1000


def test_runs__under_other_changes_are_lived_apart():
    assert len(shared_runs({key: EVERY[key] for key in ("london_false_share", "npl_false_share")})) == 2


# --- command line ----------------------------------------------------------------------------------


def test_json__is_one_object_alone_on_stdout(capsys):
    assert perform(["validate", SMALL, "--seeds", "1", "--json"]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["seeds"] == 1 and found["inside"] + found["outside"] == len(found["figures"])
    wanted = {"id", "role", "grade", "seen", "source", "value", "low", "high", "values", "mean", "interval", "inside"}
    assert all(wanted <= set(figure) for figure in found["figures"])
    assert SMALL in told.err


def test_table__says_outside_and_predicted_and_by_whom(capsys):
    assert perform(["validate", SMALL, "--seeds", "1"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "outside predicted documented, seen Fussey" in told and "one seed: no interval" in told
    assert told.endswith(f"predicted: 0 of {sum(figure.scenario == SMALL for figure in EVERY.values())} inside")


def test_summary__keeps_claims_of_the_sources_apart():
    inside, outside = EVERY["false_reports"], EVERY["claim_air_in_2018"]
    verdicts = [Verdict("a", inside, (inside.value,)), Verdict("b", inside, (0.0,)), Verdict("c", outside, (1.0,))]
    assert summary(verdicts) == {"predicted": (1, 2), "claimed by the sources": (0, 1)}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["china"], "validate: scenario: found 'china'; allowed: a scenario with published figures: court-list-2013"),
        ([SMALL, "--seeds", "0"], "--seeds: seeds: found 0; allowed: a whole number from 1 to"),
        ([SMALL, "--threads", "0"], "--threads: threads: found 0"),
    ],
)
def test_command__that_cannot_be_carried_out_says_why(capsys, arguments, says):
    assert perform(["validate", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_job__tells_how_far_it_is():
    told = []
    jobs.validate(SMALL, 1, progress=told.append)
    assert told[-1].day == told[-1].days and {step.message for step in told if step.phase == "days"} == {SMALL}


# --- the fit ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fit():
    path = Path(__file__).parents[2] / "docs" / "fit_court_list.py"
    spec = importlib.util.spec_from_file_location("fit_court_list", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_fit__looks_at_fitted_figures_up_to_2018_alone(fit):
    used = {key for pair in fit.TARGETS.values() for key in pair if key}
    assert {EVERY[key].role for key in used} == {"fitted"}
    assert max(EVERY[key].measure.until for key in used) == date(2018, 12, 31)
    of_courts = {key for key, figure in EVERY.items() if figure.scenario == fit.SCENARIO and figure.role == "fitted"}
    assert of_courts - used == {"court_air_in_2018"}  # a difference of two of them


def test_fit__parameters_say_that_they_were_fitted(fit):
    resolved = resolve(fit.SCENARIO)
    for path in fit.stored():
        root, key, _ = path.split(".")
        if root == "articles":
            assert "fitted" in resolved.rulebook.articles[key].note, path
