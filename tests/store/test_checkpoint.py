"""Checkpoints: what is read is what was written, or it is not read at all."""

from __future__ import annotations

import errno
import json
import os

import numpy as np
import pytest

from glasscity.errors import DiskFull, TornFile
from glasscity.store import checkpoint
from glasscity.store.checkpoint import TornCheckpoint, days_kept, latest, write

RUN = {"hash": "abc", "seed": 1, "watch": [1, 2]}


def arrays(day: int) -> dict[str, np.ndarray]:
    return {
        "day": np.array([day]),
        "state.own": np.arange(5000, dtype=np.int16) + day,
        "cube": np.arange(24, dtype=np.int64).reshape(2, 3, 4),
        "none": np.empty((0, 8), np.int64),
    }


@pytest.fixture
def kept(tmp_path):
    """Checkpoints of days 3 and 4."""
    for day in (3, 4):
        write(tmp_path / "checkpoints", day, arrays(day), RUN)
    return tmp_path / "checkpoints"


def test_latest__gives_back_shapes_types_and_values(kept):
    day, found = latest(kept, RUN)
    assert day == 4
    for name, array in arrays(4).items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert (found[name] == array).all()


def test_write__puts_pieces_together(tmp_path):
    pieces = [np.empty((0, 2), np.int32), np.arange(8, dtype=np.int32).reshape(4, 2), np.array([[-1, 7]], np.int32)]
    write(tmp_path / "in pieces", 3, {"late": pieces}, RUN)
    write(tmp_path / "in one", 3, {"late": np.concatenate(pieces)}, RUN)
    place = checkpoint.name_of(3)
    for file in ("late.npy", "manifest.json"):
        assert (tmp_path / "in pieces" / place / file).read_bytes() == (tmp_path / "in one" / place / file).read_bytes()
    assert np.array_equal(latest(tmp_path / "in pieces", RUN)[1]["late"], np.concatenate(pieces))


def test_latest__is_none_where_nothing_was_written(tmp_path):
    assert latest(tmp_path / "checkpoints", RUN) is None


def test_write__keeps_the_last_two_and_no_debris(kept):
    write(kept, 5, arrays(5), RUN)
    assert sorted(os.listdir(kept)) == ["day-000004", "day-000005"]


def test_write__same_day_again_takes_the_place_of_the_first(kept):
    write(kept, 4, arrays(9), RUN)
    assert sorted(os.listdir(kept)) == ["day-000003", "day-000004"]
    assert latest(kept, RUN)[1]["day"][0] == 9


FILES = ["day.npy", "state.own.npy", "cube.npy", "none.npy", "manifest.json"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["cut", "flip", "flip first", "missing", "empty", "folder"])
def test_latest__damaged_file_is_named_and_the_older_checkpoint_used(kept, name, damage):
    path = kept / "day-000004" / name
    data = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(data[:-1])
    elif damage.startswith("flip"):
        data[0 if damage == "flip first" else len(data) - 3] ^= 0x20
        path.write_bytes(data)
    else:
        path.unlink()
        if damage == "empty":
            path.write_bytes(b"")
        if damage == "folder":
            path.mkdir()
    with pytest.warns(TornCheckpoint, match=name.replace(".", r"\.")):
        day, found = latest(kept, RUN)
    assert day == 3
    assert (found["state.own"] == arrays(3)["state.own"]).all()


def test_latest__no_single_altered_byte_of_a_manifest_is_believed(kept):
    path = kept / "day-000004" / "manifest.json"
    data = path.read_bytes()
    for place in range(len(data)):
        altered = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        path.write_bytes(altered)
        if data[place : place + 1].isspace():
            continue
        with pytest.warns(TornCheckpoint, match=r"manifest\.json"):
            assert latest(kept, RUN)[0] == 3


def test_latest__none_usable_is_an_error_that_names_all(kept):
    for day in (3, 4):
        (kept / checkpoint.name_of(day) / "cube.npy").write_bytes(b"")
    with pytest.warns(TornCheckpoint), pytest.raises(TornFile, match=r"day-000004.*day-000003"):
        latest(kept, RUN)


def test_latest__missing_checkpoint_that_the_run_claims_is_an_error(tmp_path):
    with pytest.raises(TornFile, match="day 7 is missing"):
        latest(tmp_path / "checkpoints", RUN, claimed=7)


def test_latest__checkpoint_of_another_run_is_not_used(kept):
    with pytest.warns(TornCheckpoint), pytest.raises(TornFile, match="another day or run"):
        latest(kept, RUN | {"seed": 2})


def test_latest__checkpoint_under_another_day_is_not_used(kept):
    os.rename(kept / "day-000004", kept / "day-000009")
    with pytest.warns(TornCheckpoint, match="another day"):
        assert latest(kept, RUN)[0] == 3


def test_latest__manifest_that_names_other_files_is_not_believed(kept):
    path = kept / "day-000004" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["../../secret.npy"] = {"bytes": 1, "sha256": ""}
    path.write_text(json.dumps(manifest))
    with pytest.warns(TornCheckpoint, match="altered"):
        assert latest(kept, RUN)[0] == 3


class Failing:
    """The n-th call of a function fails for want of room."""

    def __init__(self, monkeypatch, owner, name, n):
        self.real, self.left = getattr(owner, name), n
        monkeypatch.setattr(owner, name, self)

    def __call__(self, *args, **kwargs):
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.real(*args, **kwargs)


@pytest.mark.parametrize("n", range(1, 6))
@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_write__full_disk_at_any_step_keeps_the_last_checkpoints_and_no_debris(kept, monkeypatch, name, n):
    failing = Failing(monkeypatch, os, name, n)
    try:
        write(kept, 5, arrays(5), RUN)
    except DiskFull as error:
        assert "checkpoints" in str(error)
    else:
        assert failing.left > 0
    monkeypatch.undo()
    left = days_kept(kept)
    assert all(entry.startswith("day-") for entry in os.listdir(kept))
    assert latest(kept, RUN)[0] == left[0] >= 4
    assert len(left) >= 2
