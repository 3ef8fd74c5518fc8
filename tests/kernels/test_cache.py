"""Where compiled kernels are kept: a folder for each state of the sources, the user's own if it can be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from glasscity.kernels import cache

WHERE = "from glasscity.kernels import cache; print(cache.folder())"


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The package as a copy whose sources may be changed."""
    shutil.copytree(cache.PACKAGE, tmp_path / "glasscity", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "PACKAGE", tmp_path / "glasscity")
    return tmp_path / "glasscity"


def test_fingerprint__changes_with_every_file_that_kernels_are_compiled_from(copied):
    seen = {cache.fingerprint.__wrapped__()}
    for n, name in enumerate(["columns.py", "engine/loops.py", "kernels/draws.py", "kernels/stand.py"], start=2):
        with open(copied / name, "a") as file:
            file.write("\n")
        seen.add(cache.fingerprint.__wrapped__())
        assert len(seen) == n


def test_fingerprint__does_not_change_with_other_files(copied):
    before = cache.fingerprint.__wrapped__()
    (copied / "errors.py").write_text("")
    assert cache.fingerprint.__wrapped__() == before == cache.fingerprint()


def told_where(**variables: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    return subprocess.run(
        [sys.executable, "-c", WHERE], env=environment | variables, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_folder__is_below_the_one_that_the_user_names(tmp_path):
    assert told_where(NUMBA_CACHE_DIR=str(tmp_path)) == str(tmp_path / f"kernels-{cache.fingerprint()}")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="a folder of Linux")
def test_folder__is_the_users_cache_by_default(tmp_path):
    assert told_where(XDG_CACHE_HOME=str(tmp_path)) == str(tmp_path / "glasscity" / f"kernels-{cache.fingerprint()}")


def test_folder__is_a_private_temporary_one_if_the_users_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "tmp").mkdir()
    found = told_where(NUMBA_CACHE_DIR=str(tmp_path / "file" / "cache"), TMPDIR=str(tmp_path / "tmp"), TMP=str(tmp_path / "tmp"))
    assert found.startswith(str(tmp_path / "tmp" / "glasscity-"))
    if os.name == "posix":
        assert (tmp_path / "tmp" / os.listdir(tmp_path / "tmp")[0]).stat().st_mode & 0o077 == 0


def test_mark__is_another_after_a_file_was_touched(copied):
    before = cache.mark()
    os.utime(copied / "columns.py", (1, 1))
    assert cache.mark() != before
