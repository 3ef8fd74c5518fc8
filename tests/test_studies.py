"""Studies carried out: each world once, failures told, stopped at any instant and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import polars as pl
import pytest
import studied
import workers

import glasscity
from glasscity import jobs
from glasscity.cli import perform
from glasscity.errors import DiskFull, FolderBusy, Interrupted, Problems, RunFolderError, TornFile
from glasscity.jobs import studies
from glasscity.rules.resolve import resolve
from glasscity.store.studies import StudyFolder
from glasscity.study import worlds

posix = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")


@pytest.fixture
def here(monkeypatch):
    """Studies in this process, for speed; tells what was lived."""
    with workers.here() as worker:
        monkeypatch.setattr(studies, "staff_of", lambda *_: nullcontext(worker))
        yield worker


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A study that nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch, workers.here() as worker:
        patch.setattr(studies, "staff_of", lambda *_: nullcontext(worker))
        return jobs.run_study(studied.written(folder), out=folder / "out")


def same(folder: Path, whole: studies.Studied) -> bool:
    """Whether two studies have the same table, byte for byte."""
    return (folder / "results.parquet").read_bytes() == (whole.out / "results.parquet").read_bytes()


def stop_after(n: int):
    """A watcher that stops the study, as Ctrl-C does, when so many worlds are there."""

    def watch(progress):
        if progress.message.startswith(f"{n} of"):
            signal.raise_signal(signal.SIGINT)

    return watch


# --- the table -------------------------------------------------------------------------------------


def test_table__is_tidy_with_a_row_a_world_metric_and_group(whole):
    table = glasscity.load_study(whole.out)
    assert table.columns == [
        "point", "replicate", "seed", "articles.friends.value", "articles.jaywalking.value", "metric", "group", "value", "error",
    ]  # fmt: skip
    assert table.height == studied.ROWS == table.unique(["point", "replicate", "metric", "group"]).height
    assert table["error"].null_count() == table.height
    assert table.schema["articles.friends.value"] == pl.Float64 and table.schema["articles.jaywalking.value"] == pl.Int64


def test_seeds__are_common_to_all_points(whole):
    seeds = whole.results.group_by("point").agg(pl.col("seed").unique().sort())["seed"].to_list()
    assert seeds == [[5, 6]] * studied.POINTS


def test_world__of_a_point_is_the_one_that_its_overlay_makes(whole):
    changes = {"articles.flight_c.value": 1.0, "articles.friends.value": 0.4, "articles.jaywalking.value": -600}
    frame = worlds.lived(resolve("beijing-2020", changes), 1000, 28, 6, 1)
    rows = whole.results.filter(
        (pl.col("articles.friends.value") == 0.4) & (pl.col("articles.jaywalking.value") == -600) & (pl.col("seed") == 6)
    )
    for metric, group, value in rows.select("metric", "group", "value").iter_rows():
        assert value == worlds.at_end(frame, metric, group)
    assert rows.filter(pl.col("metric") == "share_ever.sanctioned")["value"].max() > 0


def test_files__of_worlds_are_the_same_table_while_it_grows(whole):
    grown = pl.read_parquet(whole.out / "worlds" / "*.parquet").sort("point", "replicate", maintain_order=True)
    assert grown.equals(whole.results)
    assert len(list((whole.out / "worlds").iterdir())) == studied.WORLDS


def test_metadata__say_synthetic_and_define_the_metrics(whole):
    told = pl.read_parquet_metadata(whole.out / "results.parquet")
    assert told["SYNTHETIC"].startswith("SYNTHETIC")
    assert set(json.loads(told["glasscity"])["metrics"]) == {"share_ever.sanctioned", "standing", "acts.violation"}


# --- failures --------------------------------------------------------------------------------------

BROKEN = studied.SMALL.replace("{ low = -900, high = -300, steps = 3 }", "[-200, 100000000]").replace("seeds = 2", "seeds = 1")


def test_failed_world__is_told_with_its_error_and_the_others_go_on(tmp_path, here):
    done = jobs.run_study(studied.written(tmp_path, BROKEN), out=tmp_path / "out")
    failed = done.results.filter(pl.col("error").is_not_null())
    assert done.failed == 2 and failed.height == 2 * 6
    assert set(failed["articles.jaywalking.value"]) == {100000000} and failed["value"].null_count() == failed.height
    assert "jaywalking" in failed["error"][0] and "allowed" in failed["error"][0]
    assert done.results.filter(pl.col("error").is_null())["value"].null_count() == 0
    assert "100000000" in (tmp_path / "out" / "report.html").read_text()


def test_retry_failed__lives_failed_worlds_again_and_no_others(tmp_path, here):
    file = studied.written(tmp_path, BROKEN)
    jobs.run_study(file, out=tmp_path / "out")
    here.lived.clear()
    jobs.run_study(file, out=tmp_path / "out", resume=True)
    assert here.lived == []
    jobs.run_study(file, out=tmp_path / "out", resume=True, retry_failed=True)
    assert here.lived == ["000001-0", "000003-0"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("articles.friends.value", "articles.freinds.value", r"small\.toml: vary.articles.freinds.value: found no 'freinds'"),
        ("acts.violation", "records.x_ray.right", r"small\.toml: metrics: found 'records.x_ray.right' of all; allowed: a metric of this scheme"),
        ("beijing-2020", "atlantis", "atlantis: scenario: found no such file"),
    ],
)
def test_study__with_what_no_world_could_have_is_refused_before_any_is_lived(tmp_path, here, old, new, told):
    with pytest.raises(Problems, match=told):
        jobs.run_study(studied.written(tmp_path, studied.SMALL.replace(old, new)), out=tmp_path / "out")
    assert here.lived == [] and not (tmp_path / "out").exists()


# --- stopped, and gone on with ---------------------------------------------------------------------


def test_resume__lives_what_is_missing_once_each_and_ends_the_same(tmp_path, here, whole):
    file = studied.written(tmp_path)
    with pytest.raises(Interrupted, match=r"of 12 worlds, and kept; go on with: glasscity study .* --resume"):
        jobs.run_study(file, out=tmp_path / "out", progress=stop_after(4))
    kept = StudyFolder(tmp_path / "out").kept()
    assert 4 <= len(kept) < studied.WORLDS
    assert glasscity.load_study(tmp_path / "out").height == len(kept) * 6
    here.lived.clear()
    jobs.run_study(file, out=tmp_path / "out", resume=True)
    assert Counter(here.lived) == Counter({key: 1 for key in StudyFolder(whole.out).kept() - kept})
    assert same(tmp_path / "out", whole)


def test_folder__that_was_begun_is_left_alone_unless_told_to_go_on(tmp_path, here):
    file = studied.written(tmp_path)
    with pytest.raises(Interrupted):
        jobs.run_study(file, out=tmp_path / "out", progress=stop_after(2))
    with pytest.raises(RunFolderError, match=r"of 12 worlds; go on with --resume, or choose another --out"):
        jobs.run_study(file, out=tmp_path / "out")


@pytest.mark.parametrize("change", [("seeds = 2", "seeds = 3"), ("0.4]", "0.5]"), ("days = 28", "days = 27")])
def test_folder__of_another_study_is_refused(tmp_path, here, whole, change):
    file = studied.written(tmp_path, studied.SMALL.replace(*change))
    with pytest.raises(RunFolderError, match="holds another one"):
        jobs.run_study(file, out=whole.out, resume=True)


def test_folder__of_a_run_or_of_files_is_refused(tmp_path, here):
    file = studied.written(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("do not lose me")
    with pytest.raises(RunFolderError, match=r"holds files and no study\.json; choose another --out"):
        jobs.run_study(file, out=tmp_path / "out")


@pytest.mark.lengthy
def test_folder__in_use_by_another_study_is_refused(tmp_path, here):
    file = studied.written(tmp_path)
    told = []

    def meanwhile(progress):
        if progress.message.startswith("3 of"):
            code = f"from glasscity import jobs\nif __name__ == '__main__': jobs.run_study({str(file)!r}, out={str(tmp_path / 'out')!r}, resume=True, workers=1)"
            told.append(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr)

    jobs.run_study(file, out=tmp_path / "out", progress=meanwhile)
    assert FolderBusy.__name__ in told[0] and "another process is writing there" in told[0]


def test_torn_world__is_named_and_lived_again_once_removed(tmp_path, here, whole):
    file = studied.written(tmp_path)
    with pytest.raises(Interrupted):
        jobs.run_study(file, out=tmp_path / "out", progress=stop_after(5))
    torn = tmp_path / "out" / "worlds" / "000001-0.parquet"
    torn.write_bytes(torn.read_bytes()[:-40])
    with pytest.raises(TornFile, match=r"worlds/000001-0\.parquet: cut short or altered; remove it and go on with --resume"):
        jobs.run_study(file, out=tmp_path / "out", resume=True)
    torn.unlink()
    jobs.run_study(file, out=tmp_path / "out", resume=True)
    assert same(tmp_path / "out", whole)


# Counts the operations on files below the study's folder and kills itself at the n-th: just before it happens.
SUICIDAL = """
import os, signal, sys
sys.path.insert(0, {tests!r})
file, place, nth = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = 0
def watch(event, args):
    global seen
    touches = event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")
    if touches and isinstance(args[0], (str, os.PathLike)) and str(args[0]).startswith(place):
        seen += 1
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)
import workers
from glasscity.jobs import studies
studies.staff_of = lambda *_: workers.here()
sys.addaudithook(watch)
studies.run_study(file, out=place, resume=True)
"""


@posix
@pytest.mark.parametrize("nth", [40, *(pytest.param(n, marks=pytest.mark.lengthy) for n in (3, 9, 61))])
def test_kill__between_any_two_operations_on_files_resumes_to_the_same_end(tmp_path, here, whole, nth):
    file, place = studied.written(tmp_path), tmp_path / "out"
    code = SUICIDAL.format(tests=str(Path(__file__).parent))
    killed = subprocess.run([sys.executable, "-c", code, file, place, str(nth)], capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    before = StudyFolder(place).kept()
    jobs.run_study(file, out=place, resume=True)
    assert Counter(here.lived) == Counter({key: 1 for key in StudyFolder(whole.out).kept() - before})
    assert same(place, whole)
    assert list(place.rglob(".tmp-*")) == []


@posix
def test_kill__of_the_whole_program_ends_its_workers_and_loses_no_world(tmp_path, here, whole):
    import psutil

    file, place = studied.written(tmp_path), tmp_path / "out"
    line = [sys.executable, "-m", "glasscity", "study", str(file), "--out", str(place), "--workers", "2"]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = StudyFolder(place)
    while process.poll() is None and len(folder.kept()) < 3:
        time.sleep(0.005)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
    kept = folder.kept()
    assert len(kept) >= 3
    jobs.run_study(file, out=place, resume=True)
    assert not kept & set(here.lived)
    assert same(place, whole)


# --- a full disk -----------------------------------------------------------------------------------


def test_full_disk__is_named_with_how_to_go_on_and_loses_no_world(tmp_path, here, whole, monkeypatch):
    from glasscity.store import results

    file, write, count = studied.written(tmp_path), results.write_whole, [0]

    def soon_full(path, parts):
        count[0] += 1
        if count[0] > 4:
            raise DiskFull(f"{path}: no room left on the disk; what was safely written before is kept")
        write(path, parts)

    monkeypatch.setattr(results, "write_whole", soon_full)
    with pytest.raises(DiskFull, match=r"worlds/.*no room left.*go on with: glasscity study .* --resume"):
        jobs.run_study(file, out=tmp_path / "out")
    monkeypatch.setattr(results, "write_whole", write)
    assert len(StudyFolder(tmp_path / "out").kept()) == 4
    jobs.run_study(file, out=tmp_path / "out", resume=True)
    assert same(tmp_path / "out", whole)


LIMITED = """
if __name__ == "__main__":
    import resource, signal, sys
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
    from glasscity.cli import main
    sys.argv = ["glasscity", *sys.argv[2:]]
    main()
"""


@pytest.mark.lengthy
@posix
def test_full_disk__from_the_command_line_is_one_line_and_exit_code_3(tmp_path, here, whole):
    file, place = studied.written(tmp_path), tmp_path / "out"
    program = tmp_path / "limited.py"
    program.write_text(textwrap.dedent(LIMITED))
    limit = (whole.out / "results.parquet").stat().st_size - 1
    assert limit > (whole.out / "study.json").stat().st_size
    told = subprocess.run([sys.executable, program, str(limit), "study", file, "--out", place, "--workers", "1"], capture_output=True, text=True)
    assert told.returncode == 3, told.stderr
    assert "no room left on the disk" in told.stderr and "--resume" in told.stderr and "Traceback" not in told.stderr
    jobs.run_study(file, out=place, resume=True)
    assert here.lived == [] and same(place, whole)


# --- the command line ------------------------------------------------------------------------------


def test_command__prints_one_object_alone_and_progress_on_stderr(tmp_path, here, capfd):
    assert perform(["study", str(studied.written(tmp_path)), "--out", str(tmp_path / "out"), "--json"]) == 0
    out, err = capfd.readouterr()
    told = json.loads(out)
    assert told | {"wall_s": 0} == {"out": str(tmp_path / "out"), "worlds": 12, "failed": 0, "rows": studied.ROWS, "wall_s": 0}
    assert "12 of 12 worlds" in err


def test_progress__tells_the_time_left():
    from glasscity.cli.studies import readable_time, shown_worlds
    from glasscity.jobs import Progress

    assert [readable_time(seconds) for seconds in (40, 700, 12000)] == ["40 s", "12 min", "3 h 20 min"]
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda text, **_: said.append(text))
        patch.setattr("time.monotonic", iter([0.0, 0.0, 0.0, 30.0]).__next__)
        bar = shown_worlds()
        tell = bar.__enter__()
        for day in (0, 25):
            tell(Progress("days", day, 100, 1, None, f"{day} of 100 worlds"))
    assert said == ["0 of 100 worlds", "25 of 100 worlds, 90 s left"] or said == ["0 of 100 worlds", "25 of 100 worlds, 2 min left"]


def test_executor__that_is_none_is_told_with_those_that_are(tmp_path, capsys):
    assert perform(["study", str(studied.written(tmp_path)), "--executor", "ray://somewhere"]) == 2
    assert "found 'ray://somewhere'; allowed: local, mpi, or dask://HOST:PORT" in capsys.readouterr().err


def test_sensitivity__prints_indices_and_draws_the_page_anew(whole, capsys):
    assert perform(["sensitivity", str(whole.out), "--lang", "de"]) == 0
    told = capsys.readouterr().out
    assert "acts.violation of all" in told and "articles.friends.value" in told and "S1" in told
    assert '<html lang="de">' in (whole.out / "report.html").read_text()


def test_sensitivity__of_a_study_that_goes_on_is_refused(tmp_path, here):
    with pytest.raises(Interrupted):
        jobs.run_study(studied.written(tmp_path), out=tmp_path / "out", progress=stop_after(2))
    with pytest.raises(RunFolderError, match="has not ended; go on with: glasscity study"):
        jobs.sensitivity(tmp_path / "out")
