"""The tables a run leaves: readable as they are, described, watermarked, the same for any number of threads."""

from __future__ import annotations

import json

import duckdb
import numpy as np
import polars as pl
import pytest

from glasscity import columns as c
from glasscity import jobs
from glasscity.store import results
from glasscity.store.folder import SYNTHETIC

TABLES = ("metrics.parquet", "citizens.parquet", "events.parquet", "afar.parquet")
SMALL = {"citizens": 3000, "days": 15, "seed": 4, "report": False}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small run with watched citizens."""
    return jobs.run("beijing-2020", watch=range(0, 3000, 3), threads=1, out=tmp_path_factory.mktemp("a") / "run", **SMALL)


@pytest.mark.parametrize("name", TABLES)
def test_table__says_that_it_is_synthetic_and_describes_every_column(run, name):
    metadata = pl.read_parquet_metadata(run.out / name)
    assert metadata["SYNTHETIC"] == SYNTHETIC
    about = json.loads(metadata["glasscity"])
    assert about["digest"] == run.digest
    assert about["seed"] == 4
    columns = pl.read_parquet_schema(run.out / name)
    assert list(about["columns"]) == list(columns)
    assert all(told["meaning"] for told in about["columns"].values())
    assert results.about(run_folder(run), name) == about


def run_folder(run):
    from glasscity.store.folder import RunFolder

    return RunFolder(run.out)


def test_metrics__each_has_unit_and_definition_in_the_metadata(run):
    told = json.loads(pl.read_parquet_metadata(run.out / "metrics.parquet")["glasscity"])["metrics"]
    assert set(run.metrics["metric"]) == set(told)
    assert all(metric["unit"] and metric["definition"] for metric in told.values())


@pytest.mark.parametrize("name", TABLES)
def test_table__duckdb_reads_what_polars_reads(run, name):
    rows = duckdb.sql(f"select count(*) from '{run.out / name}'").fetchall()
    assert rows == [(len(pl.read_parquet(run.out / name)),)]
    keys = {bytes(key) for (key,) in duckdb.sql(f"select key from parquet_kv_metadata('{run.out / name}')").fetchall()}
    assert {b"SYNTHETIC", b"glasscity"} <= keys


def test_citizens__all_are_there_under_their_numbers(run):
    assert run.citizens["citizen"].to_list() == list(range(3000))
    assert set(c.NOTES) <= set(run.citizens.columns)


def test_events__are_of_watched_citizens_only(run):
    assert len(run.events) > 0
    assert set(run.events["citizen"]) <= set(range(0, 3000, 3))


def test_events__are_not_there_if_nobody_is_watched(run, tmp_path):
    other = jobs.run("beijing-2020", out=tmp_path / "run", **SMALL)
    assert not (other.out / "events.parquet").exists()
    assert other.digest == run.digest


@pytest.mark.parametrize("name", TABLES)
def test_table__is_the_same_file_whatever_the_threads(run, tmp_path_factory, name):
    place = tmp_path_factory.getbasetemp() / "two-threads"
    if not place.exists():
        jobs.run("beijing-2020", watch=range(0, 3000, 3), threads=2, out=place, **SMALL)
    assert (place / name).read_bytes() == (run.out / name).read_bytes()


def test_sample__is_everybody_up_to_a_million_and_a_million_spread_evenly_above(monkeypatch):
    monkeypatch.setattr(results, "MOST_CITIZENS", 1000)
    assert (results.sample(1000) == np.arange(1000)).all()
    numbers = results.sample(21_893_095)
    assert len(numbers) == 1000 == len(set(numbers.tolist()))
    assert numbers[0] == 0
    assert numbers[-1] < 21_893_095
    assert set(np.diff(numbers).tolist()) <= {21_893, 21_894}
    assert (results.sample(21_893_095) == numbers).all()


def test_citizens__sample_says_of_how_many_it_is(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "MOST_CITIZENS", 100)
    run = jobs.run("beijing-2020", out=tmp_path / "run", **SMALL)
    assert len(run.citizens) == 100
    about = results.about(run_folder(run), "citizens.parquet")
    assert (about["citizens"], about["rows"]) == (3000, 100)
