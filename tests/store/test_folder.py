"""A run's folder: one writer, whole files, and what is said when something is in the way."""

from __future__ import annotations

import errno
import json
import os

import pytest

from glasscity.errors import DiskFull, FolderBusy, RunFolderError, TornFile
from glasscity.store import folder as folders
from glasscity.store.folder import RunFolder, naming, remove_folder, write_whole

INFO = {
    "status": "done", "scenario": "s", "citizens": 1, "days": 1, "seed": 1, "watch": [], "overlay": {},
    "documents": {}, "hash": "", "engine": "", "version": "", "command": "",
}  # fmt: skip


def test_claim__second_writer_is_refused_and_third_after_release_is_not(tmp_path):
    first, second = RunFolder(tmp_path / "run"), RunFolder(tmp_path / "run")
    with first.claim(), pytest.raises(FolderBusy, match="another process"):
        with second.claim():
            pass
    with second.claim():
        pass


def test_claim__sweeps_what_a_killed_writer_left_and_nothing_else(tmp_path):
    run = RunFolder(tmp_path)
    (tmp_path / ".tmp-metrics.parquet").write_text("half")
    (tmp_path / "notes.txt").write_text("mine")
    (run.checkpoints / ".tmp-day-000003").mkdir(parents=True)
    (run.checkpoints / ".tmp-day-000003" / "state.own.npy").write_text("half")
    with run.claim():
        assert sorted(p.name for p in tmp_path.rglob("*") if p.name != ".lock") == ["checkpoints", "notes.txt"]


def test_claim__folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="file"):
        with RunFolder(tmp_path / "file" / "run").claim():
            pass


def test_is_free__new_and_empty_folders_are_full_ones_and_files_are_not(tmp_path):
    assert RunFolder(tmp_path / "new").is_free
    assert RunFolder(tmp_path).is_free
    (tmp_path / "notes.txt").write_text("mine")
    assert not RunFolder(tmp_path).is_free
    assert not RunFolder(tmp_path / "notes.txt").is_free


def test_write_whole__failure_leaves_the_former_file_and_no_debris(tmp_path):
    target = tmp_path / "table"
    write_whole(target, [b"old"])

    def parts():
        yield b"new"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull, match="table"):
        write_whole(target, parts())
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["table"]


@pytest.mark.parametrize("number", sorted(folders.NO_ROOM))
def test_naming__every_way_of_having_no_room_is_a_full_disk(tmp_path, number):
    with pytest.raises(DiskFull, match="no room left"), naming(tmp_path / "x"):
        raise OSError(number, os.strerror(number))


def test_naming__other_errors_of_the_system_name_the_file(tmp_path):
    with pytest.raises(RunFolderError, match="x: Permission denied") as caught, naming(tmp_path / "x"):
        raise OSError(errno.EACCES, "Permission denied")
    assert not isinstance(caught.value, DiskFull)


def test_remove_folder__leaves_nothing_and_does_not_mind_a_missing_one(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("")
    remove_folder(tmp_path / "a")
    remove_folder(tmp_path / "a")
    assert os.listdir(tmp_path) == []


def test_read__gives_back_what_was_written_with_the_watermark(tmp_path):
    run = RunFolder(tmp_path)
    run.write(INFO)
    assert run.read() == {"synthetic": folders.SYNTHETIC, **INFO}
    assert run.has_run


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\xff", '{"status": 1}', "[" * 100_000])
def test_read__torn_run_json_is_named(tmp_path, text):
    (tmp_path / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(TornFile, match=r"run\.json"):
        RunFolder(tmp_path).read()


@pytest.mark.parametrize("key", list(INFO))
def test_read__missing_or_mistaken_entry_is_named(tmp_path, key):
    for changed in ({k: v for k, v in INFO.items() if k != key}, INFO | {key: True}):
        (tmp_path / "run.json").write_text(json.dumps(changed))
        with pytest.raises(TornFile, match=f"{key}: found"):
            RunFolder(tmp_path).read()


def test_read__folder_without_a_run_says_so(tmp_path):
    with pytest.raises(RunFolderError, match="holds no run"):
        RunFolder(tmp_path).read()
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="is a file"):
        RunFolder(tmp_path / "file").read()
