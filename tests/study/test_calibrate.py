"""Parameters fitted to published figures or sought for less harm; and that there is no third goal."""

from __future__ import annotations

import ast
import json
from contextlib import nullcontext
from pathlib import Path

import polars as pl
import pytest
import workers

import glasscity
from glasscity import jobs
from glasscity.cli import perform
from glasscity.errors import GlassCityError, Interrupted, Problems, RunFolderError
from glasscity.jobs import calibration
from glasscity.metrics.registry import METRICS
from glasscity.store.folder import CALIBRATION
from glasscity.store.studies import StudyFolder
from glasscity.study import calibrate, figures
from glasscity.study.calibrate import Fit, Goal

SOURCE = Path(glasscity.__file__).parent
MATCH, WEIGHT = "articles.list_camera.false_match", "articles.jaywalking.value"
FIGURES = f"""
scenario = "watchlist-london"
trials = 8
batch = 4
seeds = 1
citizens = 1000
[goal]
figures = ["london_false_share"]
[vary]
"{MATCH}" = {{ low = 0.00001, high = 0.05, log = true }}
"""
HARM = f"""
scenario = "beijing-2020"
trials = 8
batch = 4
seeds = 1
citizens = 1000
days = 7
[goal]
minimise = "points_lost"
[vary]
"{WEIGHT}" = {{ low = -100, high = -1 }}
"articles.notice.enabled" = [false, true]
"""


def written(tmp_path, text: str) -> Path:
    file = tmp_path / "fit.toml"
    file.write_text(text)
    return file


@pytest.fixture
def here(monkeypatch):
    """Worlds lived in this process."""
    with workers.here() as worker:
        monkeypatch.setattr(calibration, "staff_of", lambda *_: nullcontext(worker))
        yield worker


# --- goals -----------------------------------------------------------------------------------------

ONLY = "nothing is maximised, and neither obedience nor the cost of control is sought"


@pytest.mark.parametrize(
    ("goal", "found"),
    [
        ('maximise = "points_gained"', "goal.maximise: found 'points_gained'"),
        ('maximize = "enrolled"', "goal.maximize: found 'enrolled'"),
        ('minimise = "innocent_risk"\nmaximise = "recall.cctv"', "goal.maximise: found 'recall.cctv'"),
        ('minimise = "points_gained"', "goal.minimise: found 'points_gained'"),
        ('minimise = "acts.violation"', "goal.minimise: found 'acts.violation'"),
        ('minimise = "share_ever.violated"', "goal.minimise: found 'share_ever.violated'"),
        ('minimise = "cost"', "goal.minimise: found 'cost'"),
        ('minimise = "acts.expression"', "goal.minimise: found 'acts.expression'"),
        ('minimise = "appeals"', "goal.minimise: found 'appeals'"),
        ('target = { enrolled = 1.0 }', "goal.target: found {'enrolled': 1.0}"),
        ('weights = { innocent_risk = -1 }', "goal.weights: found"),
        ("", "goal: found {}"),
        ('minimise = "innocent_risk"\nfigures = ["london_false_share"]', "goal: found"),
    ],
)  # fmt: skip
def test_goal__that_is_neither_a_figure_nor_less_harm_is_refused(tmp_path, goal, found):
    head, _, tail = HARM.partition('minimise = "points_lost"')
    with pytest.raises(Problems) as told:
        calibrate.read(written(tmp_path, head + goal + tail))
    assert found in str(told.value) and ONLY in str(told.value)


def test_goals__are_figures_and_harm_and_no_others():
    assert set(Goal.model_fields) == {"figures", "minimise", "group"}
    assert set(Fit.model_fields) == {
        "title", "scenario", "population", "trials", "batch", "sampler_seed", "citizens", "days", "seed", "seeds", "goal", "set", "vary",
    }  # fmt: skip


def test_harm__is_what_the_registry_calls_worse():
    allowed = {name for name in METRICS if calibrate.is_harm(name)}
    assert allowed == {name for name, metric in METRICS.items() if metric.is_worse is True}
    assert {"innocent_risk", "wrongful_sanction_share", "chilled.acts", "ties_lost"} <= allowed
    assert not allowed & {"acts.prosocial", "acts.violation", "points_gained", "enrolled", "approving", "saying", "red", "appeals", "standing"}


def test_search__is_only_ever_downwards_and_in_one_place():
    """Whoever adds another objective has to change this test, and will be asked why."""
    directions = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "create_study":
                directions.append((path.name, [ast.literal_eval(k.value) for k in node.keywords if k.arg and k.arg.startswith("direction")]))
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in ("maximize", "maximise"), path
    assert directions == [("calibrate.py", ["minimize"])]


@pytest.mark.parametrize("path", ["conduct.jaywalking.rate", "wishes.flight.rate", "population.party_share"])
def test_harm__is_not_made_less_by_changing_people(tmp_path, path):
    text = HARM.replace(WEIGHT, path).replace("low = -100, high = -1", "low = 0.1, high = 0.9")
    with pytest.raises(Problems, match=rf"vary\.{path}: found what people do or who they are"):
        calibrate.read(written(tmp_path, text))


def test_harm__is_not_made_less_by_changing_how_people_react(tmp_path, here):
    responses = jobs.describe("beijing-2020")["groups"]
    key = next(a["id"] for group in responses for a in group["articles"] if a["kind"] == "response")
    text = HARM.replace(WEIGHT, f"articles.{key}.value").replace("low = -100, high = -1", "low = 0.1, high = 0.9")
    with pytest.raises(Problems, match=r"found how people react \(response\); allowed: the scheme's own articles"):
        jobs.calibrate(written(tmp_path, text), out=tmp_path / "out")
    assert here.lived == []


def test_figure__of_another_scenario_is_refused(tmp_path):
    text = FIGURES.replace('["london_false_share"]', '["court_listed_2014"]')
    with pytest.raises(Problems, match="goal.figures: found 'court_listed_2014'; allowed: published figures of this scenario: london_false_share"):
        calibrate.read(written(tmp_path, text))


# --- distance --------------------------------------------------------------------------------------


def test_distance__is_nought_at_the_figures_and_one_at_the_edge_of_agreement(tmp_path):
    fit = calibrate.read(written(tmp_path, FIGURES.replace('["london_false_share"]', '["london_false_share", "npl_false_share"]')))
    known = {key: figures.read()[key] for key in fit.goal.figures}
    at = {key: figure.value for key, figure in known.items()}
    assert calibrate.distance(fit, at) == 0
    edge = {key: figure.value + (figure.high - figure.low) / 2 for key, figure in known.items()}
    assert calibrate.distance(fit, edge) == pytest.approx(1)
    assert calibrate.distance(fit, at | {"npl_false_share": None}) is None


def test_figures__of_equal_runs_share_worlds_and_bare_counts_keep_their_size(tmp_path):
    text = FIGURES.replace("watchlist-london", "watchlist-cardiff").replace('"london_false_share"', '"cardiff_alerts", "cardiff_false_share"')
    alike, apart = (calibrate.settings(calibrate.read(written(tmp_path, told))) for told in (text.replace("citizens = 1000\n", ""), text))
    assert [(s.citizens, len(s.questions)) for s in alike] == [(170_000, 2)]
    assert [(s.citizens, [q.name for q in s.questions]) for s in apart] == [(170_000, ["cardiff_alerts"]), (1000, ["cardiff_false_share"])]


# --- the search ------------------------------------------------------------------------------------


def test_harm__is_made_less_and_the_point_is_the_best_of_those_tried(tmp_path, here):
    found = jobs.calibrate(written(tmp_path, HARM), out=tmp_path / "out")
    assert found.trials.height == 8 and set(found.trials.columns) == {"trial", WEIGHT, "articles.notice.enabled", "distance", "points_lost"}
    assert found.info["distance"] == found.trials["distance"].min() < found.info["distance_before"]
    assert found.best[WEIGHT] == max(found.trials[WEIGHT])
    assert found.trials["distance"].equals(found.trials["points_lost"].alias("distance"))


def test_fit__comes_closer_and_judges_by_figures_that_were_held_out(tmp_path, here):
    found = jobs.calibrate(written(tmp_path, FIGURES), out=tmp_path / "out")
    judged = {row["id"]: row for row in found.info["figures"]}
    assert {key: row["fitted"] for key, row in judged.items()} == {"london_false_share": True, "npl_false_share": False}
    assert found.info["distance"] == calibrate.off(figures.read()["london_false_share"], judged["london_false_share"]["best"]) ** 2
    assert found.info["distance"] == found.trials["distance"].min()


def test_search__stopped_and_gone_on_with_tries_the_same_points_and_lives_no_world_twice(tmp_path, here):
    file = written(tmp_path, HARM)
    whole = jobs.calibrate(file, out=tmp_path / "whole")

    def stop(progress):
        if progress.message.startswith("3 of"):
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"go on with: glasscity calibrate .* --resume"):
        jobs.calibrate(file, out=tmp_path / "out", progress=stop)
    kept = StudyFolder(tmp_path / "out", CALIBRATION).kept()
    assert 3 <= len(kept) < 10
    here.lived.clear()
    again = jobs.calibrate(file, out=tmp_path / "out", resume=True)
    assert not kept & set(here.lived) and len(here.lived) == len(set(here.lived)) == 10 - len(kept)
    assert again.trials.equals(whole.trials) and again.best == whole.best
    assert (tmp_path / "out" / "results.parquet").read_bytes() == (tmp_path / "whole" / "results.parquet").read_bytes()


def test_folder__of_a_study_is_refused(tmp_path, here):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "study.json").write_text("{}")
    with pytest.raises(RunFolderError, match=r"holds study\.json of something else"):
        jobs.calibrate(written(tmp_path, HARM), out=tmp_path / "out")


def test_search__in_which_every_world_fails_says_why(tmp_path, here):
    text = HARM.replace("low = -100, high = -1", "low = 10000000, high = 20000000").replace("trials = 8", "trials = 2")
    with pytest.raises(GlassCityError, match="no trial came to anything; the first error: .*jaywalking"):
        jobs.calibrate(written(tmp_path, text), out=tmp_path / "out")


def test_command__prints_values_and_figures_before_and_after(tmp_path, here, capsys):
    file, out = written(tmp_path, FIGURES.replace("trials = 8", "trials = 2")), tmp_path / "out"
    assert perform(["calibrate", str(file), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert MATCH in told and "held out" in told and "fitted" in told
    assert perform(["calibrate", str(file), "--out", str(out), "--resume", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["best"].keys() == {MATCH} and told["worlds"] == pl.read_parquet(out / "results.parquet").n_unique(["trial", "setting", "replicate"])
