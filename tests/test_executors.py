"""Who lives the worlds makes no difference: processes, a Dask cluster and MPI ranks, also when one of them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psutil
import pytest
import studied
import workers

from glasscity import jobs
from glasscity.errors import WorkersLost
from glasscity.jobs import executors, studies
from glasscity.jobs.ensemble import Ensemble
from glasscity.jobs.executors import Pool
from glasscity.store.studies import StudyFolder

posix = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
MPIEXEC = Path(sys.executable).with_name("mpiexec")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The small study."""
    return studied.written(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def whole(file, tmp_path_factory):
    """Its table as this process makes it alone."""
    with pytest.MonkeyPatch.context() as patch, workers.here() as worker:
        patch.setattr(studies, "staff_of", lambda *_: nullcontext(worker))
        out = tmp_path_factory.mktemp("whole") / "out"
        jobs.run_study(file, out=out)
        return (out / "results.parquet").read_bytes()


def table(folder: Path) -> bytes:
    return (folder / "results.parquet").read_bytes()


def at_world(n: int, then) -> object:
    """A watcher that does something once, when so many worlds are there."""
    done = []

    def watch(progress):
        if progress.message.startswith(f"{n} of") and not done:
            done.append(then())

    return watch


# --- processes -------------------------------------------------------------------------------------


@posix
def test_processes__give_the_same_bits_though_one_is_killed_in_mid_study(file, whole, tmp_path):
    before = {child.pid for child in psutil.Process().children()}

    def kill():
        children = [c for c in psutil.Process().children() if c.pid not in before and "spawn_main" in " ".join(c.cmdline())]
        assert len(children) == 2
        children[0].kill()

    done = jobs.run_study(file, out=tmp_path / "out", workers=2, progress=at_world(3, kill))
    assert done.failed == 0
    assert table(tmp_path / "out") == whole


@pytest.mark.lengthy
@posix
def test_world_that_kills_its_worker__is_told_so_and_takes_no_other_along():
    kept = {}
    orders = [workers.order("bad", deadly=True), *(workers.order(f"good-{k}", seed=k) for k in range(5))]
    staff = workers.Mortal(1)
    try:
        Ensemble(staff, lambda order, outcome: kept.setdefault(order.key, outcome)).carry_out(orders)
    finally:
        staff.pool.shutdown()
    assert set(kept) == {order.key for order in orders}
    assert kept["bad"].error == "the worker died over it 3 times: killed, or out of memory"
    assert [kept[f"good-{k}"].values for k in range(5)] == [(float(k),) for k in range(5)]


@pytest.mark.lengthy
def test_workers_that_cannot_begin__are_nobody_s_failed_worlds(tmp_path, file):
    """A program that has no main part of its own starts its workers over and over; it is told so."""
    program = tmp_path / "unguarded.py"
    program.write_text(f"import glasscity\nglasscity.run_study({str(file)!r}, out={str(tmp_path / 'out')!r}, workers=1)\n")
    told = subprocess.run([sys.executable, program], capture_output=True, text=True)
    assert "worker processes cannot be started; in a script, call it below `if __name__ == '__main__':`" in told.stderr.splitlines()[-1]
    assert not (tmp_path / "out" / "worlds").exists()


def test_cluster_that_is_gone__ends_the_study_with_what_was_kept():
    class Gone:
        def submit(self, *_):
            future = Future()
            future.set_exception(ConnectionError("the scheduler left"))
            return future

    with pytest.raises(WorkersLost, match="ConnectionError: the scheduler left"):
        Ensemble(Pool(Gone(), 2), lambda *_: None).carry_out([workers.order("a"), workers.order("b")])


# --- Dask ------------------------------------------------------------------------------------------


@contextmanager
def begun(*line: str) -> Iterator[subprocess.Popen]:
    """A program that is killed in the end."""
    process = subprocess.Popen([sys.executable, "-m", *line], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def dask_cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """The address of a scheduler, and its two workers."""
    import json

    where = folder / "scheduler.json"
    scheduler = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(where))
    worker = ("distributed.cli.dask_worker", "--scheduler-file", str(where), "--nthreads", "1", "--no-nanny", "--no-dashboard",
              "--local-directory", str(folder))  # fmt: skip
    with begun(*scheduler) as head:
        while not (where.exists() and where.read_text().strip().endswith("}")):
            assert head.poll() is None, head.communicate()[1]
            time.sleep(0.05)
        with begun(*worker) as one, begun(*worker) as other:
            yield json.loads(where.read_text())["address"].removeprefix("tcp://"), [one, other]


@posix
def test_dask__gives_the_same_bits_though_a_worker_is_killed_in_mid_study(file, whole, tmp_path):
    from distributed import Client

    with dask_cluster(tmp_path) as (address, two):
        with Client(address) as client:
            client.wait_for_workers(2, timeout=60)
        progress = at_world(3, two[0].kill)
        done = jobs.run_study(file, out=tmp_path / "out", executor=f"dask://{address}", progress=progress)
        assert two[0].wait() == -signal.SIGKILL
    assert done.failed == 0
    assert table(tmp_path / "out") == whole


def test_dask__without_a_scheduler_is_told_with_the_address(file, tmp_path, capsys, monkeypatch):
    from glasscity.cli import perform

    monkeypatch.setattr(executors, "CONNECT", 1.0)
    assert perform(["study", str(file), "--out", str(tmp_path / "out"), "--executor", "dask://127.0.0.1:9"]) == 2
    told = capsys.readouterr().err
    assert "found dask://127.0.0.1:9" in told and "allowed: the address of a running Dask scheduler" in told


# --- MPI -------------------------------------------------------------------------------------------


def mpi(n: int, *words: str) -> list[str]:
    """A command line with so many ranks."""
    assert MPIEXEC.exists(), f"{MPIEXEC}: missing; the wheel mpich brings it"
    return [str(MPIEXEC), "-n", str(n), sys.executable, "-m", "glasscity", "study", *words, "--executor", "mpi"]


def rank_of(process: psutil.Process) -> str | None:
    """The rank that mpiexec gave to a process."""
    try:
        return process.environ().get("PMI_RANK")
    except psutil.Error:
        return None


@posix
def test_mpi__gives_the_same_bits_after_a_rank_is_killed_in_mid_study(file, whole, tmp_path):
    folder = StudyFolder(tmp_path / "out")
    line = mpi(3, str(file), "--out", str(folder.path))
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while not folder.kept():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)
    ranks = {rank_of(p): p for p in psutil.Process(process.pid).children(recursive=True) if "glasscity" in " ".join(p.cmdline())}
    ranks["2"].kill()
    process.communicate()
    assert process.returncode != 0
    kept = {path: path.stat().st_mtime_ns for path in folder.worlds.glob("0*.parquet")}
    assert 1 <= len(kept) < studied.WORLDS
    told = subprocess.run([*line, "--resume"], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert table(folder.path) == whole
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_mpi__with_one_rank_says_how_to_begin_it(file, tmp_path):
    told = subprocess.run(mpi(1, str(file), "--out", str(tmp_path / "out")), capture_output=True, text=True)
    assert told.returncode == 2
    assert "found 1 rank; allowed: two or more, one to give out worlds: mpiexec -n 3 glasscity study FILE --executor mpi" in told.stderr


def test_mpi__with_a_bad_file_ends_all_ranks(tmp_path):
    told = subprocess.run(mpi(3, str(tmp_path / "none.toml")), capture_output=True, text=True, timeout=60)
    assert told.returncode == 2
    assert told.stderr.count("none.toml: cannot be read") == 1
