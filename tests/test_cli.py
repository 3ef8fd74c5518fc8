"""The command line: what it prints, what it returns, and that no mistake of a user ends in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from glasscity import cli, jobs
from glasscity.cli import perform
from glasscity.errors import Interrupted
from glasscity.store.folder import RunFolder

SMALL = ["--citizens", "1000", "--days", "8", "--seed", "3", "--no-report"]
COMMANDS = ("run", "resume", "verify", "scenarios", "describe", "sources", "validate", "check", "schema", "new", "report", "dossier", "find", "warmup", "study", "sensitivity", "calibrate")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished run."""
    place = tmp_path_factory.mktemp("done") / "run"
    return jobs.run("beijing-2020", citizens=1000, days=8, seed=3, out=place, report=False)


@pytest.fixture
def place(tmp_path):
    return str(tmp_path / "run")


# --- help ------------------------------------------------------------------------------------------


def test_help__lists_every_command_and_says_what_it_refuses(capsys):
    assert perform(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"  {command} " in told for command in COMMANDS)
    assert "synthetic citizens only" in " ".join(told.split())
    assert "no record about a real person" in " ".join(told.split())
    assert not any(line.endswith("...") for line in told.splitlines()[2:])


@pytest.mark.parametrize("command", COMMANDS)
def test_help__of_each_command_has_a_sentence(capsys, command):
    assert perform([command, "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help__imports_no_engine_and_no_tables(arguments):
    code = (
        "import sys; from glasscity.cli import perform; perform(sys.argv[1:]);"
        "print(sorted({'numba', 'numpy', 'polars', 'rich', 'altair', 'filelock'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert told.stdout.strip().splitlines()[-1] == "[]"


def test_version__is_printed_alone(capsys):
    assert perform(["--version"]) == 0
    assert capsys.readouterr().out == "glasscity 0.1.0\n"


def test_program__runs_as_a_module(tmp_path):
    told = subprocess.run([sys.executable, "-m", "glasscity", "--version"], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "glasscity 0.1.0\n")


# --- run -------------------------------------------------------------------------------------------


def test_json__is_one_object_alone_on_stdout(capfd, place, done):
    assert perform(["run", "beijing-2020", *SMALL, "--threads", "1", "--json", "--out", place]) == 0
    told = json.loads(capfd.readouterr().out)
    assert list(told) == [
        "scenario", "citizens", "days", "seed", "threads", "digest", "wall_s", "peak_rss_bytes", "headline", "seeds", "intervals", "out",
    ]  # fmt: skip
    assert (told["scenario"], told["citizens"], told["days"], told["seed"], told["threads"]) == ("beijing-2020", 1000, 8, 3, 1)
    assert told["digest"] == done.digest
    assert told["headline"] == done.headline
    assert told["out"] == place


def test_run__ends_with_figures_folder_and_how_to_run_everybody(capsys, place):
    assert perform(["run", "beijing-2020", *SMALL, "--set", "articles.friends.value=0", "--out", place]) == 0
    told = capsys.readouterr().out
    for figure in ("ever sanctioned", "digest   ", f"folder   {place}", "1,000 synthetic citizens"):
        assert figure in told
    assert "all 21,893,095 residents: glasscity run beijing-2020 --citizens all --days 8 --seed 3 --set" in told
    assert "report" not in told.splitlines()[-2]


def test_run__progress_goes_to_stderr_a_line_for_each_phase(capsys, place):
    assert perform(["run", "beijing-2020", *SMALL, "--out", place]) == 0
    told = capsys.readouterr().err.splitlines()
    assert told[-3:] == ["drawing the citizens", "living 8 days", "writing the tables"]


def test_run__progress_on_a_terminal_tells_date_rate_and_time_left(capsys, place, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "140")
    assert perform(["run", "beijing-2020", *SMALL, "--out", place]) == 0
    told = capsys.readouterr().err
    assert "drawing the citizens" in told
    assert "writing the tables" in told
    assert "million citizens x days/s" in told


def test_run__all_is_everybody(place, monkeypatch):
    seen = []
    monkeypatch.setattr(jobs, "run", lambda *given: seen.append(given))
    monkeypatch.setattr(cli, "show", lambda *_: None)
    assert perform(["run", "beijing-2020", "--citizens", "all"]) == 0
    assert seen[0][1] == "all"


def test_warning__is_one_line_without_a_path_of_the_program(capsys, place):
    def stop(progress):
        if progress.day == 5:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        jobs.run("beijing-2020", citizens=1000, days=8, seed=3, out=place, report=False, checkpoint_every=0, progress=stop)
    latest = max(RunFolder(place).checkpoints.iterdir())
    (latest / "day.npy").write_bytes(b"")
    capsys.readouterr()
    assert perform(["resume", place, "--no-report"]) == 0
    [warning] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    assert "day.npy" in warning
    assert "passed over" in warning


# --- other commands --------------------------------------------------------------------------------


def test_verify__same_is_0_and_different_is_1(capsys, done, tmp_path):
    assert perform(["verify", str(done.out)]) == 0
    assert done.digest in capsys.readouterr().out
    info = json.loads((done.out / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps(info | {"digest": "0" * 64}))
    assert perform(["verify", str(tmp_path)]) == 1
    assert "recorded digest 000" in capsys.readouterr().err


def test_sources__as_a_table_in_full_and_as_json(capsys):
    assert perform(["sources"]) == 0
    table = capsys.readouterr().out
    assert all(part in table for part in ("Governance", "Due process")) and " O25 " in table
    assert perform(["sources", "s3", "P1"]) == 0
    full = capsys.readouterr().out
    assert [line.split()[0] for line in full.splitlines() if line[:1] in "SP" and line[1:2].isdecimal()] == ["S3", "P1"]
    assert "--set articles.friends.enabled=false" in full and "_linear_system" in full and "[friends]" in full
    assert perform(["sources", "S3", "--json"]) == 0
    [entry] = json.loads(capsys.readouterr().out)["ids"]
    assert entry["articles"]["beijing-2020"] == ["friends", "no_association"]
    assert entry["sources"][0] == {"source": "000", "locator": "section 4"}


def test_sources__unknown_id_is_told_with_ids_that_there_are(capsys):
    assert perform(["sources", "S33", "Q"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2 and "found 'S33'; allowed: an id, as S3" in told[0] and "parts" not in told[1]


def test_scenarios__as_text_and_as_json(capsys):
    assert perform(["scenarios"]) == 0
    assert "beijing-2020  " in capsys.readouterr().out
    assert perform(["scenarios", "--json"]) == 0
    assert [s["id"] for s in json.loads(capsys.readouterr().out)["scenarios"]][0] == "beijing-2020"


def test_new_check_run__a_scenario_of_ones_own(capsys, tmp_path):
    path = str(tmp_path / "mine.toml")
    assert perform(["new", path]) == 0
    assert perform(["check", path]) == 0
    assert "a scenario without errors" in capsys.readouterr().out
    assert perform(["run", path, *SMALL, "--out", str(tmp_path / "run")]) == 0
    assert perform(["new", path]) == 2


def test_schema__is_json(capsys):
    assert perform(["schema"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(jobs.KINDS)
    assert perform(["schema", "population"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Population"


def test_warmup__says_what_it_did(capsys):
    assert perform(["warmup"]) == 0
    assert "compiled" in capsys.readouterr().out


# --- mistakes --------------------------------------------------------------------------------------

MISTAKES = [
    (["frobnicate"], 2, "No such command"),
    (["run"], 2, "Usage"),
    (["run", "atlantis"], 2, "or one of beijing-2020"),
    (["run", "beijing-2020", "--citizens", "-5"], 2, "--citizens: citizens: found '-5'"),
    (["run", "beijing-2020", "--citizens", "9" * 400], 2, "--citizens"),
    (["run", "beijing-2020", "--citizens", "1e6"], 2, "or 'all'"),
    (["run", "beijing-2020", "--days", "x"], 2, "days"),
    (["run", "beijing-2020", "--days", "0"], 2, "1 to 3660"),
    (["run", "beijing-2020", "--seed", "9" * 5000], 2, "seed"),
    (["run", "beijing-2020", "--threads", "-1"], 2, "--threads"),
    (["run", "beijing-2020", "--checkpoint-every", "nan"], 2, "--checkpoint-every"),
    (["run", "beijing-2020", "--set", "friends"], 2, "no 'path=value'"),
    (["run", "beijing-2020", "--set", "articles.frends.value=0"], 2, "one of friends"),
    (["run", "beijing-2020", "--set", "articles.friends.value=lots"], 2, "articles.friends.value: found 'lots'; allowed: a number"),
    (["run", "beijing-2020", "--seed=x"], 2, "--seed: seed: found 'x'; allowed: a whole number"),
    (["run", "beijing-2020", "--checkpoint-every", "soon"], 2, "checkpoint-every: found 'soon'; allowed: a number"),
    (["compare", "beijing-2020", "--without", "frends"], 2, "what the scheme has: friends, redlist"),
    (["serve", "--host", "mine"], 2, "together with --class"),
    (["run", "beijing-2020", "--watch", "me,you"], 2, "numbers of citizens"),
    (["run", "beijing-2020", "--citizens", "10", "--watch", "10"], 2, "0 to 9"),
    (["run", "beijing-2020", "--persons", "list.csv"], 2, "No such option"),
    (["resume", "nowhere"], 3, "holds no run"),
    (["verify", "nowhere"], 3, "holds no run"),
    (["report", "nowhere"], 3, "holds no run"),
    (["check", "nowhere.toml"], 2, "no such file"),
    (["new", "/nowhere/at/all.toml"], 2, "cannot be written"),
    (["schema", "people"], 2, "scenario, rulebook, population, catalogue"),
]


@pytest.mark.parametrize(("arguments", "code", "told"), MISTAKES, ids=lambda value: str(value)[:60])
def test_mistake__is_told_in_plain_words_with_its_exit_code(capsys, tmp_path, monkeypatch, arguments, code, told):
    monkeypatch.chdir(tmp_path)
    assert perform(arguments) == code
    printed = capsys.readouterr()
    assert told in printed.err
    assert "Traceback" not in printed.err
    assert "Input should" not in printed.err and "Field required" not in printed.err
    assert printed.out == ""
    assert os.listdir(tmp_path) == []


def test_mistake__all_problems_are_told_each_on_a_line(capsys, tmp_path):
    arguments = ["run", "beijing-2020", "--citizens", "0", "--days", "0", "--seed", "-1", "--out", str(tmp_path / "a")]
    assert perform(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_folder__of_another_run_is_3(capsys, done):
    assert perform(["run", "beijing-2020", "--citizens", "7", "--out", str(done.out)]) == 3
    assert "another run" in capsys.readouterr().err


def test_ctrl_c__is_130(capsys, monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "scenarios", pressed)
    assert perform(["scenarios"]) == 130


def test_unexpected_error__is_one_line_that_asks_for_a_report_and_a_traceback_only_on_demand(capsys, monkeypatch):
    def broken():
        raise RuntimeError("gears")

    monkeypatch.setattr(jobs, "scenarios", broken)
    assert perform(["scenarios"]) == 70
    told = capsys.readouterr().err
    assert told.splitlines() == [told.strip()]
    assert "RuntimeError: gears" in told
    assert "please report it with the output of: glasscity --debug scenarios" in told
    assert perform(["--debug", "scenarios"]) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="pipes as on POSIX")
def test_pipe__that_closes_early_is_no_error():
    line = f"{sys.executable} -m glasscity schema | head -n 1"
    told = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert told.stderr == ""


# --- describe --------------------------------------------------------------------------------------


def test_describe__tells_a_scheme_group_by_group(capsys):
    assert perform(["describe", "beijing-2020"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("A year in Beijing with points\n")
    heads = [line for line in told.splitlines() if line[:1].isalpha() and line == line.upper()]
    assert heads == [
        "THE ACCOUNT AND ITS CLASSES", "WHAT COUNTS", "HOW IT IS SEEN", "LISTS AND CONSEQUENCES", "REWARDS", "FIRMS",
        "HOW PEOPLE RESPOND", "SAFEGUARDS",
    ]  # fmt: skip
    assert "\nAppeal [off]\n  Whoever is told can appeal." in told
    assert "  Source: 001, section 3 (reported); articles.class_aaa\n" in told
    assert max(map(len, told.splitlines())) <= 100


def test_describe__applies_changes_and_speaks_dutch(capsys):
    changes = ["--set", "articles.appeal.enabled=true", "--set", "articles.friends.value=0.5"]
    assert perform(["describe", "beijing-2020", "--lang", "nl", *changes]) == 0
    told = capsys.readouterr().out
    assert "\nBezwaar [aan]\n" in told and "Vrienden tellen mee: 50% van wat zij" in told


def test_describe__json_has_every_article_once(capsys):
    assert perform(["describe", "court-list", "--json", "--lang", "de"]) == 0
    told = json.loads(capsys.readouterr().out)
    articles = [article["id"] for group in told["groups"] for article in group["articles"]]
    assert len(articles) == len(set(articles)) == 34
    assert all(article["description"] and article["grade"] for group in told["groups"] for article in group["articles"])


def test_describe__unknown_language_is_told(capsys):
    assert perform(["describe", "court-list", "--lang", "fr"]) == 2
    assert capsys.readouterr().err == "--lang: lang: found 'fr'; allowed: en, de, nl\n"
