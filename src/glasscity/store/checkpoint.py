"""Checkpoints: a folder of arrays and a manifest with the size and checksum of each, there whole or not at all.

    checkpoints/day-000123/manifest.json   day, the run it belongs to, bytes and SHA-256 of every file, its own seal
                          /state.own.npy   one file an array
                          /shard-00002/    where several shards of one world wrote it: a manifest and own arrays of each

The last two are kept. On reading everything is verified; a damaged one is passed over for the older.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glasscity.engine.city import Arrays, Snapshot
from glasscity.engine.shards import KINDS, Shard, cut, join, place_of
from glasscity.errors import TornFile
from glasscity.store.folder import UNFINISHED, naming, remove_folder, sync_folder

KEPT = 2
MANIFEST = "manifest.json"
SHARDS = "shards"  # in the manifest of a checkpoint that several wrote: pages and seal of each
CHUNK = 8 * 1024 * 1024


class TornCheckpoint(UserWarning):
    """A checkpoint was damaged and has been passed over."""


def name_of(day: int) -> str:
    """The folder's name of a checkpoint after so many days."""
    return f"day-{day:06d}"


def days_kept(folder: Path) -> list[int]:
    """Days of which there is a checkpoint, damaged or not, the latest first."""
    names = [entry.name for entry in folder.glob("day-*")] if folder.is_dir() else []
    return sorted((int(name[4:]) for name in names if name[4:].isdecimal()), reverse=True)


def write(folder: Path, day: int, arrays: Snapshot, run: Mapping[str, Any]) -> None:
    """Write the checkpoint of a day, then let go of all but the last two; DiskFull leaves the older ones."""
    unfinished = begin(folder, day)
    try:
        write_folder(unfinished, day, arrays, run)
        finish(unfinished, day)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def begin(folder: Path, day: int) -> Path:
    """The folder in which the checkpoint of a day is put together."""
    unfinished = folder / f"{UNFINISHED}{name_of(day)}"
    with naming(folder):
        folder.mkdir(exist_ok=True)
        unfinished.mkdir()
    return unfinished


def write_folder(place: Path, day: int, arrays: Snapshot, run: Mapping[str, Any], **more: Any) -> str:
    """Write arrays and their manifest into a folder; returns the seal of the manifest, which says `more` besides."""
    files = {f"{name}.npy": write_array(place / f"{name}.npy", array) for name, array in arrays.items()}
    manifest = {"day": day, "run": dict(run), "files": files, **more}
    manifest["seal"] = seal(manifest)
    with naming(place / MANIFEST), open(place / MANIFEST, "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    with naming(place):
        sync_folder(place)
    return str(manifest["seal"])


def finish(unfinished: Path, day: int) -> None:
    """Put a complete checkpoint in its place, and let go of all but the last two."""
    folder, finished = unfinished.parent, unfinished.parent / name_of(day)
    with naming(finished):
        remove_folder(finished)
        os.replace(unfinished, finished)
        sync_folder(folder)
    for old in days_kept(folder)[KEPT:]:
        remove_folder(folder / name_of(old))


def seal(manifest: Mapping[str, Any]) -> str:
    """A checksum of the manifest itself."""
    told = {key: value for key, value in manifest.items() if key != "seal"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def bytes_of(array: np.ndarray) -> memoryview:
    """An array's memory as bytes, not copied."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def write_array(path: Path, array: np.ndarray | list[np.ndarray]) -> dict[str, Any]:
    """Write one array, or the pieces of one, and return its manifest entry."""
    total, pieces = hashlib.sha256(), array if isinstance(array, list) else [array]
    told = np.lib.format.header_data_from_array_1_0(np.ascontiguousarray(pieces[0]))
    told["shape"] = (sum(len(piece) for piece in pieces), *told["shape"][1:])
    with naming(path), open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, told)
        file.flush()
        total.update(path.read_bytes())
        for data in map(bytes_of, pieces):
            for start in range(0, len(data), CHUNK):
                total.update(data[start : start + CHUNK])
                file.write(data[start : start + CHUNK])
        file.flush()
        os.fsync(file.fileno())
        return {"bytes": file.tell(), "sha256": total.hexdigest()}


def latest(folder: Path, run: Mapping[str, Any], claimed: int | None = None) -> tuple[int, Arrays] | None:
    """Day and arrays of the latest undamaged checkpoint; None if there never was one.

    TornFile if there were some, or the run claims one, and none can be used.
    """
    days = days_kept(folder)
    damage = []
    for day in days:
        try:
            return day, read(folder / name_of(day), day, run)
        except TornFile as error:
            damage.append(str(error))
            warnings.warn(f"{error}; this checkpoint is passed over", TornCheckpoint, stacklevel=2)
    if damage:
        raise TornFile(f"{folder}: no checkpoint can be used: {'; '.join(damage)}")
    if claimed is not None:
        raise TornFile(f"{folder}: the checkpoint of day {claimed} is missing")
    return None


def read(path: Path, day: int, run: Mapping[str, Any]) -> Arrays:
    """The arrays of one checkpoint, each verified, those of shards joined; TornFile names the file that is damaged."""
    manifest = read_manifest(path, day, run)
    arrays = read_files(path, manifest)
    if SHARDS in manifest:
        arrays |= join([read_shard(path, k, manifest, run) for k in range(len(manifest[SHARDS]))])
    return arrays


def read_manifest(path: Path, day: int, run: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest in a folder, verified."""
    place = path / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(place.read_bytes())
        is_whole = manifest["seal"] == seal(manifest)
    except FileNotFoundError:
        raise TornFile(f"{place}: missing") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise TornFile(f"{place}: cut short or altered") from None
    if not is_whole:
        raise TornFile(f"{place}: altered since it was written")
    if manifest["day"] != day or manifest["run"] != json.loads(json.dumps(dict(run))):
        raise TornFile(f"{place}: belongs to another day or run")
    return manifest


def read_files(path: Path, manifest: Mapping[str, Any]) -> Arrays:
    """The arrays that a manifest tells of."""
    files = manifest["files"].items()
    return {name.removesuffix(".npy"): read_array(path / name, told["bytes"], told["sha256"]) for name, told in files}


# --- by several shards of one world --------------------------------------------------------------------


def shard_name(k: int) -> str:
    """The folder's name of the k-th shard's own arrays, within a checkpoint."""
    return f"shard-{k:05d}"


def read_shard(path: Path, k: int, manifest: Mapping[str, Any], run: Mapping[str, Any]) -> Arrays:
    """The k-th shard's own arrays of the checkpoint that `manifest` heads."""
    place = path / shard_name(k)
    own = read_manifest(place, manifest["day"], run)
    if own["seal"] != manifest[SHARDS][k]["seal"]:
        raise TornFile(f"{place / MANIFEST}: belongs to another checkpoint")
    return read_files(place, own)


def read_part(path: Path, day: int, run: Mapping[str, Any], city: Shard) -> Arrays:
    """What a shard needs of a checkpoint, whoever wrote it: one process, or as many shards, or another number."""
    manifest = read_manifest(path, day, run)
    arrays = read_files(path, manifest)
    if SHARDS not in manifest:
        return {name: a for name, a in arrays.items() if name not in KINDS} | cut(arrays, city.everything, city.place)
    pages = [range(*told["pages"]) for told in manifest[SHARDS]]
    wanted = [k for k, run_of in enumerate(pages) if max(run_of.start, city.pages.start) < min(run_of.stop, city.pages.stop)]
    parts = (cut(read_shard(path, k, manifest, run), place_of(city, pages[k]), city.place) for k in wanted or [0])
    return arrays | join(list(parts))


def read_array(path: Path, size: int, checksum: str) -> np.ndarray:
    """One array, verified while it is read."""
    try:
        with open(path, "rb") as file:
            found = os.fstat(file.fileno()).st_size
            if found != size:
                raise TornFile(f"{path}: {found} bytes where {size} were written")
            np.lib.format.read_magic(file)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            header = file.tell()
            if header + int(np.prod(shape, dtype=object)) * dtype.itemsize != size:
                raise TornFile(f"{path}: altered since it was written")
            file.seek(0)
            total = hashlib.sha256(file.read(header))
            array = np.empty(shape, dtype)
            data = bytes_of(array)
            for start in range(0, len(data), CHUNK):
                file.readinto(data[start : start + CHUNK])
                total.update(data[start : start + CHUNK])
    except FileNotFoundError:
        raise TornFile(f"{path}: missing") from None
    except (OSError, ValueError, TypeError, SyntaxError, MemoryError) as error:
        raise TornFile(f"{path}: cannot be read: {error}") from None
    if total.hexdigest() != checksum:
        raise TornFile(f"{path}: altered since it was written")
    return array
