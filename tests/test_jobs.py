"""The use cases: what they give back, what they refuse, and that the public face is small and cheap."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glasscity
from glasscity import jobs
from glasscity.errors import DigestDiffers, FolderBusy, InputError, Interrupted, Problems, RunFolderError, TornFile
from glasscity.jobs import machine, plan
from glasscity.jobs.session import Options
from glasscity.rules import load
from glasscity.rules.model import Population
from glasscity.rules.overlay import parse
from glasscity.store.checkpoint import days_kept
from glasscity.store.folder import RunFolder

SMALL = {"citizens": 1500, "days": 16, "seed": 3, "threads": 1, "report": False}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody disturbed."""
    return jobs.run("beijing-2020", out=tmp_path_factory.mktemp("whole") / "run", **SMALL)


def stop_on(day: int):
    """A watcher that presses Ctrl-C on a day."""

    def watch(progress):
        if progress.phase == "days" and progress.day == day:
            signal.raise_signal(signal.SIGINT)

    return watch


def interrupted(place, day: int, **options):
    """A run stopped by Ctrl-C on a day."""
    with pytest.raises(Interrupted) as caught:
        jobs.run("beijing-2020", out=place, progress=stop_on(day), **{**SMALL, **options})
    return str(caught.value)


# --- the public face -------------------------------------------------------------------------------


def test_import__loads_neither_numba_nor_polars_nor_pydantic():
    code = "import sys, glasscity; print(sorted({'numba', 'polars', 'pydantic', 'typer', 'numpy'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_public_face__is_what_all_names():
    assert set(glasscity.__all__) == {
        "Dossier", "Run", "attribute", "calibrate", "compare", "dossier", "errors", "find", "load", "load_study", "load_twin", "run",
        "run_study", "safeguards", "sweep",
    }  # fmt: skip
    assert all(hasattr(glasscity, name) for name in dir(glasscity))
    assert glasscity.run is jobs.run
    with pytest.raises(AttributeError, match="nothing"):
        glasscity.nothing  # noqa: B018


# --- run -------------------------------------------------------------------------------------------


def test_run__gives_frames_figures_and_a_folder(whole):
    assert whole.info["status"] == "done"
    assert len(whole.citizens) == 1500
    assert whole.metrics["day"].max() == 15
    assert whole.headline["mean_standing"] > 0
    assert len(whole.digest) == 64
    assert "1,500 citizens" in repr(whole)
    panel = {f"panel_{table}.parquet" for table in ("events", "members", "weeks")}
    assert set(os.listdir(whole.out)) - {".lock"} == {"afar.parquet", "citizens.parquet", "metrics.parquet", "run.json"} | panel


def test_run__run_json_holds_what_a_reader_needs(whole):
    info = json.loads((whole.out / "run.json").read_text())
    assert info["synthetic"].startswith("SYNTHETIC")
    assert {"python", "numpy", "numba", "polars"} == set(info["versions"])
    assert info["command"] == "glasscity run beijing-2020 --citizens 1500 --days 16 --seed 3"
    assert set(info["timings"]) == {"compile", "set_up", "days", "results"}
    assert info["peak_rss_bytes"] > 0
    assert info["documents"]["scenario"]["start"] == "2021-01-01"
    assert info["hash"] == plan.hash_of(info["documents"])


def test_run__default_folder_is_new_under_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = [jobs.run("beijing-2020", **{**SMALL, "days": 1}).out for _ in range(2)]
    assert places[0] != places[1]
    assert all(place.parent.name == "runs" and place.name.startswith("beijing-2020-1500-3-") for place in places)


def test_run__overlay_and_set_are_the_same(whole, tmp_path):
    one = jobs.run("beijing-2020", overlay={"articles.friends.value": 0}, out=tmp_path / "a", **SMALL)
    other = jobs.run("beijing-2020", overlay=parse(["articles.friends.value=0"]), out=tmp_path / "b", **SMALL)
    assert one.digest == other.digest
    assert one.info["hash"] == other.info["hash"] != whole.info["hash"]


def test_run__empty_overlay_changes_nothing(whole, tmp_path):
    assert jobs.run("beijing-2020", overlay={}, out=tmp_path / "a", **SMALL).digest == whole.digest


def test_run__numpy_numbers_and_dates_in_an_overlay_are_as_written_ones(tmp_path):
    told = {"articles.friends.value": np.float64(0.25), "articles.friends.from": date(2021, 1, 5)}
    run = jobs.run("beijing-2020", overlay=told, out=tmp_path / "a", **{**SMALL, "days": 2})
    assert run.info["overlay"] == {"articles.friends.value": 0.25, "articles.friends.from": "2021-01-05"}
    jobs.verify(run.out)


def test_run__command_repeats_the_run(tmp_path):
    import shlex

    from glasscity.cli import perform

    overlay = {"articles.friends.value": 0.125, "articles.friends.note": "it's \"so\" = \\ é", "articles.notice.enabled": True}
    run = jobs.run("beijing-2020", overlay=overlay, watch=(7, 3), out=tmp_path / "a", **{**SMALL, "days": 2})
    words = shlex.split(run.info["command"])[1:]
    assert perform([*words, "--no-report", "--out", str(tmp_path / "b")]) == 0
    assert jobs.load(tmp_path / "b").info["hash"] == run.info["hash"]
    assert jobs.load(tmp_path / "b").info["watch"] == [3, 7]


VALUES = st.recursive(
    st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3), max_leaves=6,
)  # fmt: skip


@given(VALUES)
@settings(derandomize=True, max_examples=200, deadline=None)
def test_written__set_reads_back_what_the_command_says(value):
    assert parse([f"articles.friends.value={plan.written(value)}"]) == {"articles.friends.value": value}


def test_run__scenario_file_with_names_of_files_beside_it(tmp_path):
    path = jobs.new(tmp_path / "mine.toml")
    run = jobs.run(path, out=tmp_path / "run", **{**SMALL, "days": 1})
    assert run.info["scenario"] == "mine"
    assert str(path) in run.info["command"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"citizens": 0}, "--citizens: citizens: found 0; allowed: a whole number from 1"),
        ({"citizens": "many"}, "--citizens: citizens: found 'many'"),
        ({"citizens": True}, "found True"),
        ({"citizens": 10.0}, "found 10.0"),
        ({"citizens": 10**5000}, "something too long to print"),
        ({"citizens": 1_999_999_999}, "free memory|fewer than"),
        ({"days": 0}, "--days: days: found 0; allowed: a whole number from 1 to 3660"),
        ({"days": 3661}, "found 3661"),
        ({"seed": -1}, "--seed: seed: found -1"),
        ({"seed": 2**63}, "--seed: seed: found"),
        ({"threads": 0}, "--threads: threads: found 0"),
        ({"checkpoint_every": -1}, "--checkpoint-every"),
        ({"checkpoint_every": float("nan")}, "--checkpoint-every"),
        ({"watch": (5, 1500)}, "--watch: watch: found 1500; allowed: a whole number from 0 to 1499"),
        ({"watch": ("x",)}, "--watch"),
        ({"overlay": {"articles.friends.valu": 0}}, "articles.friends.valu"),
        ({"overlay": {"articles.friends.value": object()}}, "--set: articles.friends.value"),
        ({"overlay": {"articles.friends.value": 10**5000}}, "--set: articles.friends.value"),
        ({"overlay": {"articles.friends.note": "\udcff"}}, "--set: articles.friends.note"),
        ({"overlay": {"articles.friends.value": float("nan")}}, "articles.friends.value: found nan"),
    ],
)
def test_run__bad_option_is_told_and_leaves_no_folder(tmp_path, monkeypatch, options, told):
    monkeypatch.setattr(machine, "free_memory", lambda: 2**34)
    with pytest.raises(Problems, match=told):
        jobs.run("beijing-2020", out=tmp_path / "run", **{**SMALL, **options})
    assert not (tmp_path / "run").exists()


def test_run__all_bad_options_are_told_at_once(tmp_path):
    with pytest.raises(Problems) as caught:
        jobs.run("beijing-2020", out=tmp_path / "run", **{**SMALL, "citizens": 0, "days": 0, "seed": -1})
    assert len(caught.value.problems) == 3


# --- whose folder ----------------------------------------------------------------------------------


def test_run__folder_with_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="not empty and holds no run"):
        jobs.run("beijing-2020", out=tmp_path, **SMALL)
    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_run__folder_of_another_run_is_refused_and_left_alone(whole):
    before = (whole.out / "run.json").read_bytes()
    with pytest.raises(RunFolderError, match="holds another run .seed 3, not 4"):
        jobs.run("beijing-2020", out=whole.out, **{**SMALL, "seed": 4})
    with pytest.raises(RunFolderError, match="holds another run .hash"):
        jobs.run("beijing-2020", overlay={"articles.friends.value": 0}, out=whole.out, **SMALL)
    assert (whole.out / "run.json").read_bytes() == before


def test_run__same_run_into_its_own_folder_repeats_it(tmp_path):
    first = jobs.run("beijing-2020", out=tmp_path / "run", **SMALL)
    second = jobs.run("beijing-2020", out=tmp_path / "run", **SMALL)
    assert first.digest == second.digest


def test_run__same_run_into_the_folder_of_an_unfinished_one_goes_on(whole, tmp_path):
    interrupted(tmp_path / "run", 9)
    days = []
    run = jobs.run("beijing-2020", out=tmp_path / "run", progress=lambda p: days.append(p.day), **SMALL)
    assert min(day for day in days if day) == 10
    assert run.digest == whole.digest


def test_run__second_writer_into_one_folder_is_refused(whole, tmp_path):
    refused = []

    def intrude(progress):
        if progress.phase == "days" and progress.day == 5:
            for attempt in (lambda: jobs.run("beijing-2020", out=tmp_path / "run", **SMALL), lambda: jobs.resume(tmp_path / "run")):
                with pytest.raises(FolderBusy) as caught:
                    attempt()
                refused.append(caught.value)

    run = jobs.run("beijing-2020", out=tmp_path / "run", progress=intrude, **SMALL)
    assert len(refused) == 2
    assert run.digest == whole.digest


# --- Ctrl-C and resume -----------------------------------------------------------------------------


@pytest.mark.parametrize("day", [0, 1, 6, 7, 15])
@pytest.mark.parametrize("threads", [1, 2])
def test_interrupt__run_resumes_to_the_same_digest_and_says_how(whole, tmp_path, day, threads):
    told = interrupted(tmp_path / "run", day)
    assert f"glasscity resume {tmp_path / 'run'}" in told
    assert jobs.load(tmp_path / "run").info["status"] == "interrupted"
    run = jobs.resume(tmp_path / "run", threads=threads, report=False)
    assert run.digest == whole.digest
    assert not (run.out / "checkpoints").exists()
    assert run.metrics.equals(whole.metrics)
    assert run.citizens.equals(whole.citizens)


def test_interrupt__watched_citizens_lose_no_event(tmp_path):
    watch = {"watch": tuple(range(0, 1500, 2))}
    run = jobs.run("beijing-2020", out=tmp_path / "a", **SMALL, **watch)
    interrupted(tmp_path / "b", 8, **watch)
    assert jobs.resume(tmp_path / "b", threads=2, report=False).events.equals(run.events)
    assert len(run.events)


@pytest.fixture
def python_takes_ctrl_c():
    """SIGINT raises KeyboardInterrupt, whatever an earlier test's library has made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("python_takes_ctrl_c")
def test_interrupt__second_ctrl_c_stops_at_once_and_keeps_the_last_checkpoint(whole, tmp_path):
    def impatient(progress):
        if progress.phase == "days" and progress.day == 6:
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.05)  # two at once may be told as one
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted, match="from day 6"):
        jobs.run("beijing-2020", out=tmp_path / "run", progress=impatient, checkpoint_every=0, **SMALL)
    assert jobs.resume(tmp_path / "run", report=False).digest == whole.digest


def test_interrupt__while_tables_are_written_loses_nothing(whole, tmp_path):
    def late(progress):
        if progress.phase == "results":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        jobs.run("beijing-2020", out=tmp_path / "run", progress=late, checkpoint_every=0, **SMALL)
    assert jobs.resume(tmp_path / "run", report=False).digest == whole.digest


def test_interrupt__polite_kill_is_a_ctrl_c(whole, tmp_path):
    def kill(progress):
        if progress.day == 4:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Interrupted, match="after day 5"):
        jobs.run("beijing-2020", out=tmp_path / "run", progress=kill, **SMALL)


def test_interrupt__handlers_are_given_back(tmp_path):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    interrupted(tmp_path / "run", 3)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_run__works_outside_the_main_thread(whole, tmp_path):
    found = []
    thread = threading.Thread(target=lambda: found.append(jobs.run("beijing-2020", out=tmp_path / "run", **SMALL)))
    thread.start()
    thread.join()
    assert found[0].digest == whole.digest


def test_resume__at_every_checkpoint_ends_in_the_same_digest(whole, tmp_path):
    import shutil

    def keep(progress):
        for day in days_kept(tmp_path / "run" / "checkpoints"):
            if not (tmp_path / f"kept-{day}").exists():
                shutil.copytree(tmp_path / "run", tmp_path / f"kept-{day}")

    jobs.run("beijing-2020", out=tmp_path / "run", progress=keep, checkpoint_every=0, **SMALL)
    kept = sorted(tmp_path.glob("kept-*"))
    assert len(kept) == 15
    for n, place in enumerate(kept):
        assert jobs.resume(place, threads=1 + n % 2, report=False).digest == whole.digest


def test_resume__damaged_checkpoint_is_named_and_the_older_used(whole, tmp_path):
    with pytest.raises(Interrupted):
        jobs.run("beijing-2020", out=tmp_path / "run", progress=stop_on(9), checkpoint_every=0, **SMALL)
    latest = max((tmp_path / "run" / "checkpoints").iterdir())
    data = bytearray((latest / "state.own.npy").read_bytes())
    data[200] ^= 1
    (latest / "state.own.npy").write_bytes(data)
    with pytest.warns(UserWarning, match=r"state\.own\.npy"):
        assert jobs.resume(tmp_path / "run", report=False).digest == whole.digest


def test_resume__no_usable_checkpoint_is_told(tmp_path):
    import shutil

    interrupted(tmp_path / "run", 9)
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    with pytest.raises(TornFile, match="day 10 is missing"):
        jobs.resume(tmp_path / "run", report=False)


def test_resume__finished_run_is_left_as_it_is(whole):
    before = (whole.out / "run.json").read_bytes()
    assert jobs.resume(whole.out, report=False).digest == whole.digest
    assert (whole.out / "run.json").read_bytes() == before


def test_resume__by_another_engine_is_refused(tmp_path, monkeypatch):
    interrupted(tmp_path / "run", 9)
    monkeypatch.setattr(jobs, "engine_id", lambda: "another")
    with pytest.raises(RunFolderError, match="begin anew with: glasscity run beijing-2020 --citizens 1500"):
        jobs.resume(tmp_path / "run", report=False)


def alter(place, **changes):
    """Change run.json by hand."""
    info = json.loads((place / "run.json").read_text())
    for key, value in changes.items():
        if callable(value):
            value(info[key])
        else:
            info[key] = value
    (place / "run.json").write_text(json.dumps(info))


def test_resume__documents_altered_by_hand_are_refused(tmp_path):
    interrupted(tmp_path / "run", 9)
    alter(tmp_path / "run", documents=lambda d: d["rulebook"]["articles"]["friends"].update(value=0.1))
    with pytest.raises(TornFile, match="documents: altered"):
        jobs.resume(tmp_path / "run", report=False)


@pytest.mark.parametrize("change", [{"seed": 4}, {"citizens": 1501}, {"days": 20}, {"watch": [1]}])
def test_resume__checkpoint_does_not_serve_a_run_altered_by_hand(tmp_path, change):
    interrupted(tmp_path / "run", 9)
    alter(tmp_path / "run", **change)
    with pytest.warns(UserWarning, match="another day or run"), pytest.raises(TornFile):
        jobs.resume(tmp_path / "run", report=False)


@pytest.mark.parametrize("change", [{"seed": -1}, {"citizens": 0}, {"days": 10**6}, {"watch": [99999]}, {"watch": ["x"]}])
def test_resume__impossible_numbers_in_run_json_are_named(tmp_path, change):
    interrupted(tmp_path / "run", 9)
    alter(tmp_path / "run", **change)
    with pytest.raises(TornFile, match=f"{next(iter(change))}: found"):
        jobs.resume(tmp_path / "run", report=False)


# --- verify, load, report --------------------------------------------------------------------------


def test_verify__same_bits_pass_on_any_number_of_threads(whole):
    assert jobs.verify(whole.out, threads=1) == jobs.verify(whole.out, threads=2) == whole.digest


def test_verify__altered_digest_is_found(tmp_path):
    run = jobs.run("beijing-2020", out=tmp_path / "run", **SMALL)
    alter(run.out, digest="0" * 64)
    with pytest.raises(DigestDiffers, match=run.digest):
        jobs.verify(run.out)


def test_verify__altered_seed_is_found(tmp_path):
    run = jobs.run("beijing-2020", out=tmp_path / "run", **SMALL)
    alter(run.out, seed=5)
    with pytest.raises(DigestDiffers):
        jobs.verify(run.out)


def test_unfinished_run__verify_report_and_tables_say_how_to_go_on(tmp_path):
    interrupted(tmp_path / "run", 2)
    for attempt in (jobs.verify, jobs.report, lambda place: jobs.load(place).metrics):
        with pytest.raises(RunFolderError, match="glasscity resume"):
            attempt(tmp_path / "run")


def test_load__missing_and_damaged_tables_are_named(tmp_path):
    run = jobs.run("beijing-2020", out=tmp_path / "run", **SMALL)
    (run.out / "metrics.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(TornFile, match=r"metrics\.parquet: cannot be read"):
        jobs.load(run.out).metrics  # noqa: B018
    (run.out / "metrics.parquet").unlink()
    with pytest.raises(TornFile, match=r"metrics\.parquet: missing"):
        jobs.load(run.out).metrics  # noqa: B018
    with pytest.raises(RunFolderError, match="nobody was watched"):
        jobs.load(run.out).events  # noqa: B018


# --- documents -------------------------------------------------------------------------------------


def test_scenarios__all_are_listed_with_their_sizes():
    found = {scenario["id"]: scenario for scenario in jobs.scenarios()}
    assert {"beijing-2020", "court-list", "china"} <= set(found)
    assert found["beijing-2020"]["residents"] == 21_893_095
    assert found["beijing-2020"]["articles"] >= 60


def test_new__scenario_is_commented_checks_and_is_never_overwritten(tmp_path):
    path = jobs.new(tmp_path / "My Town 2.toml")
    text = path.read_text()
    assert text.count("#") > 10
    assert tomllib.loads(text)["id"] == "my-town-2"
    assert jobs.check(path).kind == "scenario"
    with pytest.raises(InputError, match="already there"):
        jobs.new(path)
    assert path.read_text() == text
    with pytest.raises(InputError, match="cannot be written"):
        jobs.new(tmp_path / "no" / "such" / "folder.toml")


def test_new__changes_in_its_comments_work_when_uncommented(tmp_path):
    path = jobs.new(tmp_path / "mine.toml")
    lines = [line[2:] if line.startswith('# "') else line for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines))
    assert len(tomllib.loads(path.read_text())["set"]) == 4
    assert jobs.check(path).kind == "scenario"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("rulebooks/beijing-2020/rulebook.toml", "rulebook"),
        ("rulebooks/court-list", "rulebook"),
        ("rulebooks/beijing-2020/cases.toml", "cases"),
        ("rulebooks/court-list/cases.toml", "cases"),
        ("catalogues/everyday.toml", "catalogue"),
        ("populations/china.toml", "population"),
        ("scenarios/court-list.toml", "scenario"),
    ],
)
def test_check__kind_is_seen_from_the_content(file, kind):
    from glasscity.rules.load import BUILT_IN

    found = jobs.check(str(BUILT_IN / file))
    assert found.kind == kind
    assert found.holds


def test_check__scenario_tells_problems_of_all_its_documents_at_once(tmp_path):
    from glasscity.rules.load import BUILT_IN

    rulebook = (BUILT_IN / "rulebooks" / "beijing-2020" / "rulebook.toml").read_text()
    (tmp_path / "rules.toml").write_text(rulebook.replace('conduct = "jaywalking"', 'conduct = "flying"', 1))
    population = (BUILT_IN / "populations" / "beijing.toml").read_text()
    (tmp_path / "people.toml").write_text(population.replace("party_share = 0.1", "party_share = 7"))
    text = jobs.new(tmp_path / "mine.toml").read_text()
    text = text.replace('"beijing-2020"  #', '"rules.toml"  #').replace('"beijing"  #', '"people.toml"  #')
    (tmp_path / "mine.toml").write_text(text.replace("days = 365", "days = 0\ncolour = 1"))
    with pytest.raises(Problems) as caught:
        jobs.check(tmp_path / "mine.toml")
    told = str(caught.value)
    for path in ("days: found 0", "colour: found unknown key", "people.toml: party_share: found 7"):
        assert path in told


def test_check__worked_cases_are_held_against_the_rulebook_beside_them(tmp_path):
    (tmp_path / "cases.toml").write_text('[[case]]\narticle = "x"\ntitle = 1\ngiven = {}\nexpects = {}\n')
    (tmp_path / "rulebook.toml").write_text("[articles.y]\n")
    with pytest.raises(Problems) as caught:
        jobs.check(tmp_path / "cases.toml")
    assert {p.path for p in caught.value.problems} == {"case.0.title", "case.0.expect", "case.0.expects"}
    from glasscity.rules.load import BUILT_IN

    (tmp_path / "rulebook.toml").write_text((BUILT_IN / "rulebooks" / "beijing-2020" / "rulebook.toml").read_text())
    start = '[[case]]\narticle = "scoring"\ntitle = "t"\ngiven = { own = 1990, points = 50 }\nexpect = '
    (tmp_path / "cases.toml").write_text(start + "{ own = 2000 }\n")
    assert "all come out" in jobs.check(tmp_path / "cases.toml").holds
    other = '[[case]]\narticle = "nowhere"\ntitle = "t"\ngiven = {}\nexpect = { own = 1 }\n'
    odd = '[[case]]\narticle = "scoring"\ntitle = "t"\ngiven = { own = "x" }\nexpect = { own = 1 }\n'
    (tmp_path / "cases.toml").write_text(start + "{ own = 2040 }\n" + other + odd)
    with pytest.raises(Problems) as caught:
        jobs.check(tmp_path / "cases.toml")
    assert len(caught.value.problems) == 3
    assert "found 2000; allowed: 2040" in str(caught.value)


def test_check__unrecognisable_document_is_told_what_could_be(tmp_path):
    (tmp_path / "a.toml").write_text("colour = 1\n")
    with pytest.raises(Problems, match=r"keys: 'colour'; allowed: case .cases.; articles .rulebook."):
        jobs.check(tmp_path / "a.toml")


def test_schema__is_json_schema_of_each_kind_and_accepts_the_built_in_documents():
    import jsonschema

    from glasscity.rules.resolve import resolve

    documents = json.loads(json.dumps(resolve("beijing-2020").documents, default=str))
    assert set(jobs.schema()) == set(documents) == set(jobs.KINDS)
    for kind in jobs.KINDS:
        jsonschema.Draft202012Validator.check_schema(jobs.schema(kind))
        jsonschema.validate(documents[kind], jobs.schema(kind))
    with pytest.raises(Problems, match="scenario, rulebook, population, catalogue"):
        jobs.schema("people")


# --- the machine -----------------------------------------------------------------------------------


def test_threads__default_is_what_the_process_may_use():
    assert Options.of(None, None, 30, False).threads == machine.all_threads() >= 1


def test_memory__too_many_citizens_for_the_machine_are_refused_before_anything_is_done(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "free_memory", lambda: 2**20)
    with pytest.raises(Problems, match="free memory"):
        jobs.run("beijing-2020", citizens="all", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_memory__unknown_free_memory_refuses_nobody(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "free_memory", lambda: None)
    jobs.run("beijing-2020", out=tmp_path / "run", **{**SMALL, "days": 1})


def test_warmup__second_time_there_is_nothing_to_do():
    told = []
    jobs.warmup(told.append)
    assert jobs.warmup(told.append) is False
    assert len(told) <= 1


def test_checkpoints__writing_them_never_changes_a_result(whole, tmp_path):
    run = jobs.run("beijing-2020", out=tmp_path / "run", checkpoint_every=0, **SMALL)
    assert run.digest == whole.digest
    assert not RunFolder(run.out).checkpoints.exists()


# --- another population ------------------------------------------------------------------------------


def test_run__over_another_population_is_resumed_and_verified_over_it(tmp_path):
    """Districts are those of the given population, also after Ctrl-C and in a repetition."""
    interrupted(tmp_path / "run", 5, population="germany")
    run = jobs.resume(tmp_path / "run", threads=1, report=False)
    assert run.info["population"] == run.info["documents"]["scenario"]["population"] == "germany"
    assert set(run.metrics["district"].unique()) == {"all", *run.info["documents"]["population"]["districts"]} > {"be", "by"}
    assert jobs.verify(run.out) == jobs.run("beijing-2020", out=tmp_path / "b", **SMALL, population="germany").digest
    with pytest.raises(RunFolderError, match="holds another run"):
        jobs.run("beijing-2020", out=run.out, **SMALL)


def test_run__the_scenarios_own_population_given_by_name_changes_nothing(whole, tmp_path):
    run = jobs.run("beijing-2020", out=tmp_path / "run", **SMALL, population="beijing")
    assert run.digest == whole.digest and run.info["hash"] == whole.info["hash"]


def test_run__population_from_a_file_is_named_in_the_command(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(load.find(Population, "rongcheng").read_text(encoding="utf-8"), encoding="utf-8")
    run = jobs.run("beijing-2020", out=tmp_path / "run", **{**SMALL, "days": 1}, population=mine)
    assert f"--population {mine}" in run.info["command"]
    assert run.info["documents"]["population"]["id"] == "rongcheng"


@pytest.mark.parametrize(
    ("scenario", "population", "told"),
    [
        ("beijing-2020", "mars", "mars: population: found no such file or built-in name; allowed: a file, or one of beijing"),
        ("rollout", "germany", r"articles\.trial_shanghai\.districts: found 'shanghai'; allowed: a district of the population: bw"),
    ],
)
def test_run__population_that_does_not_do_is_refused(tmp_path, scenario, population, told):
    with pytest.raises(Problems, match=told):
        jobs.run(scenario, out=tmp_path / "run", **SMALL, population=population)
    assert not (tmp_path / "run").exists()
