"""One world over MPI ranks, begun for real: the files of one process, byte for byte, and a killed rank loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import paper
import pytest
import traffic

from glasscity import jobs
from glasscity.rules.resolve import resolve
from glasscity.store.folder import RunFolder

MPIEXEC = Path(sys.executable).with_name("mpiexec")
SIZES = ("--citizens=8000", "--days=20", "--seed=4")
TABLES = ("afar", "citizens", "metrics", "panel_events", "panel_members", "panel_weeks")


def ranks(n: int, *arguments: str) -> list[str]:
    """A command line of so many ranks."""
    return [str(MPIEXEC), "-n", str(n), sys.executable, "-m", "glasscity", *arguments]


def assert_same(place: Path, whole: jobs.Run) -> None:
    assert jobs.load(place).digest == whole.digest
    for table in TABLES:
        assert (place / f"{table}.parquet").read_bytes() == (whole.out / f"{table}.parquet").read_bytes(), table


def assert_worked_out(sent: dict[str, int], n: int) -> None:
    """What the ranks have handed over is to the byte what it was worked out to be; entries, which are few here, nearly."""
    resolved = resolve("beijing-2020")
    world = paper.World(resolved, 8000, n)
    expected = traffic.bytes_of(resolved, world.layout, world.cuts, 20, traffic.profile(resolved, 8000, 20, seed=4), has_firms=True)
    crossed, by_chance = (found.pop("entries") / traffic.entries(1) for found in (sent, expected))
    assert abs(crossed - by_chance) <= 5 * max(1, by_chance) ** 0.5
    assert sent.pop("tables") > 0
    assert sent == expected


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The world in one process."""
    return jobs.run("beijing-2020", citizens=8000, days=20, seed=4, out=tmp_path_factory.mktemp("one") / "run", report=False)


@pytest.mark.parametrize("n", [3, *(pytest.param(n, marks=pytest.mark.lengthy) for n in (2, 5))])
def test_ranks__leave_the_files_of_one_process(whole, tmp_path, n):
    told = subprocess.run(ranks(n, "run", "beijing-2020", *SIZES, "--no-report", f"--out={tmp_path}/run"), capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stderr
    assert whole.digest in told.stdout
    assert_same(tmp_path / "run", whole)
    assert_worked_out(jobs.load(tmp_path / "run").info["exchange"]["bytes"], n)


@pytest.mark.parametrize("again", [2, *(pytest.param(n, marks=pytest.mark.lengthy) for n in (1, 3))])
def test_kill__of_a_rank_is_resumed_by_any_number_of_them(whole, tmp_path, again):
    place = tmp_path / "run"
    line = ranks(3, "run", "beijing-2020", *SIZES, "--no-report", "--checkpoint-every=0", f"--out={place}")
    job = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        until = time.monotonic() + 120
        while not any(RunFolder(place).checkpoints.glob("*")) and time.monotonic() < until:
            time.sleep(0.01)
        os.killpg(job.pid, signal.SIGKILL)
    finally:
        job.kill()
        job.wait(60)
    line = ranks(again, "resume", str(place), "--no-report") if again > 1 else [sys.executable, "-m", "glasscity", "resume", str(place), "--no-report"]
    told = subprocess.run(line, capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stderr
    assert_same(place, whole)
