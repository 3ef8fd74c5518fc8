"""Killed at any instant, on a full disk, by Ctrl-C: what was safely written is kept, and the end is the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from glasscity import jobs
from glasscity.errors import DiskFull
from glasscity.store import checkpoint
from glasscity.store.checkpoint import days_kept
from glasscity.store.folder import RunFolder

SMALL = {"citizens": 2000, "days": 25, "seed": 11, "threads": 1, "report": False}
LEFT = {"afar.parquet", "citizens.parquet", "events.parquet", "metrics.parquet", "run.json"} | {
    f"panel_{table}.parquet" for table in ("events", "members", "weeks")
}
WATCH = (5, 50, 500)
posix = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")

# Counts the operations on files below the run's folder and kills itself at the n-th: just before it happens.
SUICIDAL = """
import os, signal, sys
place, nth = sys.argv[1], int(sys.argv[2])
seen = 0
def watch(event, args):
    global seen
    touches = event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")
    if touches and isinstance(args[0], (str, os.PathLike)) and str(args[0]).startswith(place):
        seen += 1
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)
from glasscity import jobs
jobs.warmup()
sys.addaudithook(watch)
jobs.run("beijing-2020", out=place, checkpoint_every=0, watch={watch}, **{options})
print(seen)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody disturbed."""
    jobs.warmup()
    return jobs.run("beijing-2020", out=tmp_path_factory.mktemp("whole") / "run", watch=WATCH, **SMALL)


def command(place: Path) -> list[str]:
    """The command line of the small run with a checkpoint after every day."""
    numbers = [f"--{key}={SMALL[key]}" for key in ("citizens", "days", "seed", "threads")]
    watched = ",".join(map(str, WATCH))
    line = [sys.executable, "-m", "glasscity", "run", "beijing-2020", f"--out={place}", *numbers]
    return [*line, "--checkpoint-every=0", "--no-report", f"--watch={watched}"]


def assert_recovers(place: Path, whole: jobs.Run) -> None:
    """Whatever is left of a killed run resumes, or begins anew if it had not begun, to the very same end."""
    folder = RunFolder(place)
    if folder.has_run:
        run = jobs.resume(place, threads=2, report=False)
    else:
        assert folder.is_free
        run = jobs.run("beijing-2020", out=place, watch=WATCH, **SMALL)
    assert run.digest == whole.digest
    assert {path.name for path in place.rglob("*")} - {".lock"} == LEFT
    for name in LEFT - {"run.json"}:
        assert (place / name).read_bytes() == (whole.out / name).read_bytes()


@posix
@pytest.mark.parametrize("instant", [0, 1, *(pytest.param(k, marks=pytest.mark.lengthy) for k in range(2, 20))])
def test_kill__at_a_random_instant_resumes_to_the_same_end(whole, tmp_path, instant):
    chance = random.Random(instant)
    process = subprocess.Popen(command(tmp_path / "run"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    process.stderr.readline()  # it says that it draws the citizens: from here on it works on the run
    day = chance.randint(0, SMALL["days"])
    while process.poll() is None and max(days_kept(tmp_path / "run" / "checkpoints"), default=0) < day:
        time.sleep(0.001)  # the last day has no checkpoint: then it dies at its natural end
    time.sleep(chance.random() * 0.04)
    process.kill()
    process.communicate()
    assert_recovers(tmp_path / "run", whole)


@pytest.fixture(scope="module")
def suicidal(tmp_path_factory):
    """The program that kills itself, and how many operations on files a whole run takes."""
    program = tmp_path_factory.mktemp("program") / "suicidal.py"
    program.write_text(SUICIDAL.replace("{watch}", repr(WATCH)).replace("{options}", repr(SMALL)))
    place = tmp_path_factory.mktemp("counted") / "run"
    told = subprocess.run([sys.executable, program, place, "0"], capture_output=True, text=True, check=True)
    return program, int(told.stdout)


@posix
@pytest.mark.parametrize("instant", [0, 3, 6, *(pytest.param(k, marks=pytest.mark.lengthy) for k in (1, 2, 4, 5, 7, 8, 9, 10, 11))])
def test_kill__between_any_two_operations_on_files_resumes_to_the_same_end(whole, tmp_path, suicidal, instant):
    program, operations = suicidal
    chance = random.Random(1000 + instant)
    nth = 1 + instant if instant < 3 else operations - (instant - 3) if instant < 6 else chance.randint(4, operations - 3)
    killed = subprocess.run([sys.executable, program, tmp_path / "run", str(nth)], capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert_recovers(tmp_path / "run", whole)


@posix
def test_kill__again_and_again_while_resuming_still_ends_the_same(whole, tmp_path):
    again = [sys.executable, "-m", "glasscity", "resume", str(tmp_path / "run"), "--checkpoint-every=0", "--no-report"]
    for line in (command(tmp_path / "run"), again, again):
        process = subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stderr is not None
        process.stderr.readline()
        process.kill()
        process.communicate()
    assert_recovers(tmp_path / "run", whole)


@posix
def test_ctrl_c__from_outside_leaves_a_resumable_run_and_says_so(whole, tmp_path):
    process = subprocess.Popen(command(tmp_path / "run"), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert f"glasscity resume {tmp_path / 'run'}" in told
    assert "Traceback" not in told
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "interrupted"
    assert_recovers(tmp_path / "run", whole)


@posix
def test_lock__of_a_killed_writer_is_free(tmp_path):
    code = f"""
    from glasscity.store.folder import RunFolder
    import os, signal
    with RunFolder({str(tmp_path)!r}).claim():
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    with RunFolder(tmp_path).claim():
        pass


@posix
def test_lock__of_another_process_is_respected(tmp_path):
    code = f"""
    from glasscity.store.folder import RunFolder
    with RunFolder({str(tmp_path / 'run')!r}).claim():
        print("mine", flush=True)
        input()
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    told = subprocess.run(command(tmp_path / "run"), capture_output=True, text=True)
    holder.communicate("\n")
    assert told.returncode == 3
    assert "another process is writing there" in told.stderr
    assert "Traceback" not in told.stderr


# --- a full disk -----------------------------------------------------------------------------------

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from glasscity.cli import main
sys.argv = ["glasscity", *sys.argv[2:]]
main()
"""


@pytest.fixture
def small_disk(tmp_path):
    """A disk of sixteen megabytes, where the machine lets one be made; else nothing."""
    place = tmp_path / "disk"
    place.mkdir()
    made = sys.platform == "linux" and os.geteuid() == 0
    made = made and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place], capture_output=True).returncode == 0
    yield place if made else None
    if made:
        subprocess.run(["umount", place], check=True)


def test_full_disk__is_named_and_the_last_checkpoint_kept(whole, small_disk, tmp_path, monkeypatch):
    place = (small_disk or tmp_path) / "run"
    stop_at = 9

    def fill(progress):
        if progress.phase == "days" and progress.day == stop_at:
            if small_disk:
                with open(small_disk / "ballast", "wb") as ballast:
                    while True:
                        try:
                            ballast.write(bytes(1 << 14))
                            ballast.flush()
                        except OSError:
                            break
            else:
                monkeypatch.setattr(checkpoint.os, "fsync", no_room)

    def no_room(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(DiskFull, match=r"checkpoints.*no room left.*glasscity resume"):
        jobs.run("beijing-2020", out=place, progress=fill, checkpoint_every=0, watch=WATCH, **SMALL)
    monkeypatch.undo()
    assert days_kept(place / "checkpoints")[0] == stop_at
    assert RunFolder(place).read()["checkpoint_day"] == stop_at
    assert [p.name for p in place.rglob(".tmp-*")] == []
    (place.parent / "ballast").unlink(missing_ok=True)
    assert_recovers(place, whole)


@posix
@pytest.mark.parametrize("limit", [1_000, 60_000, 130_000])
def test_full_disk__from_the_command_line_is_one_line_and_exit_code_3(tmp_path, whole, limit):
    told = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *command(tmp_path / "run")[3:]], capture_output=True, text=True
    )
    assert told.returncode == 3
    assert "no room left on the disk" in told.stderr
    assert "Traceback" not in told.stderr
    assert [p.name for p in tmp_path.rglob(".tmp-*")] == []
    assert_recovers(tmp_path / "run", whole)


def test_full_disk__while_tables_are_written_keeps_the_last_checkpoint(whole, tmp_path, monkeypatch):
    from glasscity.store import results

    def no_room(path, parts):
        raise DiskFull(f"{path}: no room left on the disk; what was safely written before is kept")

    monkeypatch.setattr(results, "write_whole", no_room)
    with pytest.raises(DiskFull, match=r"metrics\.parquet"):
        jobs.run("beijing-2020", out=tmp_path / "run", checkpoint_every=0, watch=WATCH, **SMALL)
    monkeypatch.undo()
    assert days_kept(tmp_path / "run" / "checkpoints")[0] == SMALL["days"] - 1
    assert_recovers(tmp_path / "run", whole)
