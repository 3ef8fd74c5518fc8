"""Where compiled kernels are kept: a folder of the user's, named after everything that they were compiled from.

Numba notices that a function's own file has changed, but not that a function it calls, or a constant
of another module, has. So each state of the sources has a folder of its own.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
PREFIX = "kernels-"


def sources() -> list[Path]:
    """Every file that compiled code depends on."""
    loops = [path for path in sorted((PACKAGE / "engine").glob("*.py")) if b"jit import kernel" in path.read_bytes()]
    return [PACKAGE / "columns.py", *loops, *sorted((PACKAGE / "kernels").glob("*.py"))]


@cache
def fingerprint() -> str:
    """A name for the state of the sources. A run may not change it half-way."""
    total = hashlib.sha256(version("glasscity").encode())
    for path in sources():
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def user_folder() -> Path:
    """The user's folder for things that can be made again."""
    if own := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(own)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "glasscity"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "glasscity"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glasscity"


@cache
def folder() -> Path:
    """The folder of compiled kernels, made if need be; a temporary one if the user's cannot be written to."""
    for base in (user_folder, private_temporary):
        try:
            place = base() / f"{PREFIX}{fingerprint()}"
            place.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=place).close()
        except (OSError, RuntimeError):  # RuntimeError: a user without a home
            continue
        return place
    return Path(tempfile.mkdtemp(prefix="glasscity-"))


def private_temporary() -> Path:
    """A folder under the system's temporary one that belongs to this user alone."""
    owner = os.getuid() if hasattr(os, "getuid") else 0
    place = Path(tempfile.gettempdir()) / f"glasscity-{owner}"
    place.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and place.stat().st_uid != owner:
        raise PermissionError(f"{place} belongs to somebody else")
    return place


def use() -> None:
    """Send Numba's cache there; to be called before the first kernel is declared."""
    from numba import config

    config.CACHE_DIR = str(folder())


def mark() -> Path:
    """The file that says: all kernels of these very files have been compiled here."""
    import numba

    seen = [numba.__version__, sys.version, *(f"{path}:{path.stat().st_mtime_ns}" for path in sources())]
    return folder() / f"compiled-{hashlib.sha256(repr(seen).encode()).hexdigest()[:16]}"
