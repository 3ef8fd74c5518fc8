"""The commands `dossier` and `find`: what they print and leave, and what they refuse."""

from __future__ import annotations

import json
import shutil

import polars as pl
import pytest

import glasscity
from glasscity import jobs
from glasscity.cli import perform
from glasscity.errors import Problems, RunFolderError, TornFile
from glasscity.store.folder import RunFolder
from glasscity.study.find import STORIES


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished run."""
    place = tmp_path_factory.mktemp("done") / "run"
    return jobs.run("beijing-2020", citizens=6000, days=60, seed=3, out=place, report=False)


@pytest.fixture
def copy(done, tmp_path):
    """A copy of the run that may be spoilt."""
    place = tmp_path / "run"
    shutil.copytree(done.out, place)
    return place


def test_dossier__writes_a_page_and_says_where(capsys, done, tmp_path):
    path = tmp_path / "one.html"
    assert perform(["dossier", str(done.out), "17", "--lang", "nl", "--out", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert "synthetische burger 17" in path.read_text()


def test_dossier__json_is_one_object_and_leaves_no_page(capsys, done):
    before = sorted(done.out.iterdir())
    assert perform(["dossier", str(done.out), "17", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["citizen"] == 17 and told["synthetic"].startswith("SYNTHETIC") and told["run"]["digest"] == done.digest
    assert sorted(done.out.iterdir()) == before


def test_dossier__agrees_with_the_stored_last_state(done):
    for citizen in (0, 17, 4500, 5999):
        plain = glasscity.dossier(done.out, citizen).plain
        [row] = done.citizens.filter(pl.col("citizen") == citizen).to_dicts()
        for key, value in row.items():
            assert {**plain["traits"], **plain["now"]}[key] == value, (citizen, key)


@pytest.mark.parametrize("number", ["6000", "-1"])
def test_dossier__of_nobody_is_told(capsys, done, number):
    assert perform(["dossier", str(done.out), "--", number]) == 2
    assert f"citizen: found {number}; allowed: a whole number from 0 to 5999" in capsys.readouterr().err


def test_dossier__of_a_run_by_another_engine_is_refused(copy):
    folder = RunFolder(copy)
    folder.write(folder.read() | {"engine": "0" * 16})
    with pytest.raises(RunFolderError, match="another life|other lives"):
        glasscity.dossier(copy, 0)
    with pytest.raises(RunFolderError, match="other lives"):
        glasscity.find(copy)


def test_dossier__of_an_unfinished_run_is_refused(copy):
    folder = RunFolder(copy)
    folder.write(folder.read() | {"status": "interrupted"})
    with pytest.raises(RunFolderError, match="has not ended"):
        glasscity.dossier(copy, 0)


def test_dossier__never_shows_a_life_that_the_run_did_not_have(copy):
    citizens = pl.read_parquet(copy / "citizens.parquet").with_columns(pl.col("own") + 1)
    citizens.write_parquet(copy / "citizens.parquet")
    with pytest.raises(RunFolderError, match="does not agree with the replay of citizen 5: own"):
        glasscity.dossier(copy, 5)


def test_dossier__of_a_run_without_its_metrics_or_marks_is_torn(copy):
    metrics = pl.read_parquet(copy / "metrics.parquet")
    metrics.filter(pl.col("day") != 6).write_parquet(copy / "metrics.parquet")
    with pytest.raises(TornFile, match="metrics.parquet"):
        glasscity.dossier(copy, 5)
    metrics.write_parquet(copy / "metrics.parquet")
    (copy / "afar.parquet").unlink()
    with pytest.raises(TornFile, match=r"afar.parquet.*missing"):
        glasscity.dossier(copy, 5)


def test_find__prints_every_story_and_commands_that_work(capsys, done):
    assert perform(["find", str(done.out), "--lang", "de"]) == 0
    told = capsys.readouterr().out
    assert "6.000 von 6.000" in told and "SYNTHETISCH" in told
    command = next(line for line in told.splitlines() if "glasscity dossier" in line).split()
    assert perform([*command[1:], "--json"]) == 0


def test_find__json_has_figures_and_one_story_alone(capsys, done):
    assert perform(["find", str(done.out), "--story", "trap", "--most", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["stories"] == ["trap"] and {life["story"] for life in told["lives"]} <= {"trap"}
    assert told["searched"] == 6000


def test_find__unknown_story_is_told(done):
    with pytest.raises(Problems, match=", ".join(STORIES)):
        glasscity.find(done.out, "hero")
