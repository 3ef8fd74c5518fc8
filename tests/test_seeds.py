"""A run over several seeds: its intervals are those of separate runs, worked out another way; one seed has none and says so."""

from __future__ import annotations

import json
import statistics
from types import SimpleNamespace

import polars as pl
import pytest

import glasscity
from glasscity import cli, jobs
from glasscity.errors import Interrupted, Problems, RunFolderError, TornFile
from glasscity.jobs.seeds import check_ranks
from glasscity.jobs.session import Session
from glasscity.report import page

SEEDS = (3, 4, 5)
T_OF_THREE = 4.303  # Student's t, two-sided 95 %, two degrees of freedom, from a table: one interval in twenty misses
SIZES = {"citizens": 400, "days": 380, "seed": SEEDS[0], "threads": 1, "report": False}  # into a second calendar year
TINY = {"citizens": 300, "days": 10, "seed": 3, "threads": 1, "report": False}
LAST = SIZES["days"] - 1


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    return glasscity.run("beijing-2020", out=tmp_path_factory.mktemp("several") / "run", seeds=len(SEEDS), **SIZES)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    place = tmp_path_factory.mktemp("alone")
    return [jobs.run("beijing-2020", out=place / str(seed), **{**SIZES, "seed": seed}) for seed in SEEDS]


def interval(values):
    """Mean and ends, by Python's statistics and a table of t."""
    mean, half = statistics.mean(values), T_OF_THREE * statistics.stdev(values) / len(values) ** 0.5
    return pytest.approx((mean, mean - half, mean + half), rel=1e-9, abs=1e-12)


def told(run, metric, name, day=LAST, group="all"):
    [row] = run.intervals.filter(metric=metric, day=day, group=group, district="all").to_dicts()
    return tuple(row[f"{name}{end}"] for end in ("", "_low", "_high"))


def series(run, metric, group="all"):
    """A metric by day; a flow in each week."""
    return run.metrics.filter(metric=metric, group=group, district="all").sort("day")


@pytest.mark.parametrize(("metric", "day", "group"), [
    ("standing", 62, "all"), ("standing", LAST, "minority"), ("share_ever.misnamed", LAST, "all"), ("risk", LAST, "income_1"),
])  # fmt: skip
def test_interval__of_a_stock_is_that_of_separate_runs(several, alone, metric, day, group):
    values = [series(run, metric, group).filter(day=day)["value"].item() for run in alone]
    assert len(set(values)) > 1
    assert told(several, metric, "value", day, group) == interval(values)


def test_interval__of_a_flow_is_of_all_that_came_about_since_the_start(several, alone):
    values = [series(run, "refused")["value"].sum() for run in alone]
    assert told(several, "refused", "value") == interval(values)


def test_change__is_taken_world_by_world_since_the_last_reading_of_the_year_before(several, alone):
    later = [series(run, "acts.violation").filter(pl.col("date").dt.year() == 2022)["value"].sum() for run in alone]
    assert told(several, "acts.violation", "change") == interval(later)
    both = [series(run, "standing") for run in alone]
    changes = [frame["value"][-1] - frame.filter(pl.col("date").dt.year() == 2021)["value"][-1] for frame in both]
    assert told(several, "standing", "change") == interval(changes)
    in_first_year = several.intervals.filter(pl.col("date").dt.year() == 2021)
    assert in_first_year["change"].null_count() == in_first_year.height > 0


def test_headlines__have_the_interval_of_the_table(several):
    assert several.info["seeds"] == 3 and several.info["intervals"].keys() == several.headline.keys()
    found = several.info["intervals"]["mean_standing"]
    assert (found["mean"], found["low"], found["high"]) == told(several, "standing", "value")


def test_first_seed__is_the_run_that_it_would_have_been_alone(several, alone):
    assert several.digest == alone[0].digest and several.headline == alone[0].headline
    assert several.metrics.equals(alone[0].metrics) and several.citizens.equals(alone[0].citizens)
    assert jobs.verify(several.out, threads=1) == several.digest


def test_threads__do_not_matter(tmp_path):
    one, two = (jobs.run("beijing-2020", out=tmp_path / str(n), seeds=2, **{**TINY, "threads": n}) for n in (1, 2))
    assert one.intervals.equals(two.intervals) and one.info["command"] == "glasscity run beijing-2020 --citizens 300 --days 10 --seed 3 --seeds 2"


# --- one seed --------------------------------------------------------------------------------------


def test_one_seed__has_no_interval_and_says_so(tmp_path, capsys):
    place = str(tmp_path / "run")
    run = jobs.run("beijing-2020", out=place, **TINY)
    with pytest.raises(RunFolderError, match="one seed: no interval"):
        run.intervals  # noqa: B018
    assert run.info["intervals"] is None and not (run.out / "intervals.parquet").exists()
    words = ["run", "beijing-2020", "--citizens", "300", "--days", "10", "--no-report", "--out", place, "--seed", "3"]
    assert cli.perform(words) == 0 and "one seed: no interval" in capsys.readouterr().out
    assert cli.perform([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["seeds"] == 1 and said["intervals"] is None


def test_one_seed__takes_the_intervals_of_more_out_of_its_folder(tmp_path):
    jobs.run("beijing-2020", out=tmp_path / "run", seeds=2, **TINY)
    assert (tmp_path / "run" / "intervals.parquet").exists()
    jobs.run("beijing-2020", out=tmp_path / "run", **TINY)
    assert not (tmp_path / "run" / "intervals.parquet").exists()


# --- what is said ----------------------------------------------------------------------------------


def test_command__tells_means_and_intervals(tmp_path, capsys):
    words = ["run", "beijing-2020", "--citizens", "300", "--days", "10", "--seed", "3", "--seeds", "2", "--out", str(tmp_path / "run")]
    assert cli.perform(words) == 0
    out = capsys.readouterr().out
    assert "95 % interval, 2 seeds" in out and "one seed" not in out
    run = glasscity.load(tmp_path / "run")
    found = run.info["intervals"]["mean_standing"]
    [line] = [line for line in out.splitlines() if "mean standing" in line]
    assert line.split()[:5] == [f"{v:,.2f}" for v in (run.headline["mean_standing"], found["mean"], found["low"])] + ["to", f"{found['high']:,.2f}"]
    html = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "over 2 seeds:" in html and "the mean over 2 runs" in html
    assert cli.perform([*words, "--no-report", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["intervals"] == run.info["intervals"]


def test_report__of_one_seed_tells_to_take_others(tmp_path):
    run = jobs.run("beijing-2020", out=tmp_path / "run", **TINY)
    html = page.build(run.out).read_text(encoding="utf-8")
    assert "One run with one seed" in html and "seeds:" not in html


@pytest.mark.parametrize("seeds", [0, 101, True, "3"])
def test_seeds__out_of_range_are_refused(seeds, tmp_path):
    with pytest.raises(Problems, match="--seeds"):
        jobs.run("beijing-2020", out=tmp_path / "run", seeds=seeds, **TINY)
    assert not (tmp_path / "run").exists()


def test_seeds__are_one_where_ranks_live_one_world():
    with pytest.raises(Problems, match="several ranks live one world"):
        check_ranks(SimpleNamespace(seeds=2), object())  # type: ignore[arg-type]
    check_ranks(SimpleNamespace(seeds=1), object())  # type: ignore[arg-type]
    check_ranks(SimpleNamespace(seeds=2), None)  # type: ignore[arg-type]


# --- stopped ---------------------------------------------------------------------------------------


def test_run__stopped_among_its_other_seeds_is_done_and_goes_on_with_them(tmp_path):
    def stop(progress):
        if progress.message == "worlds":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="its other seeds are not; go on with: glasscity resume"):
        jobs.run("beijing-2020", out=tmp_path / "run", seeds=2, progress=stop, **TINY)
    left = glasscity.load(tmp_path / "run")
    assert left.info["status"] == "done" and left.metrics.height
    with pytest.raises(RunFolderError, match="other seeds have not been lived"):
        left.intervals  # noqa: B018
    with pytest.raises(Interrupted, match="its other seeds are not"):
        jobs.resume(tmp_path / "run", progress=stop, report=False)
    whole = jobs.run("beijing-2020", out=tmp_path / "whole", seeds=2, **TINY)
    done = jobs.resume(tmp_path / "run", threads=1)
    assert done.intervals.equals(whole.intervals) and done.info["intervals"] == whole.info["intervals"]
    assert (done.out / "report.html").exists()
    before = (done.out / "run.json").read_bytes()
    jobs.resume(tmp_path / "run")
    assert (done.out / "run.json").read_bytes() == before


def test_other_seeds__are_not_lived_by_another_engine(tmp_path, monkeypatch):
    monkeypatch.setattr(Session, "complete", lambda self: None)
    jobs.run("beijing-2020", out=tmp_path / "run", seeds=2, **TINY)
    path = tmp_path / "run" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"engine": "another"}))
    with pytest.raises(RunFolderError, match="not with this engine"):
        jobs.resume(tmp_path / "run", report=False)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"seeds": 1000}))
    with pytest.raises(TornFile, match="seeds: found 1000"):
        jobs.resume(tmp_path / "run", report=False)
