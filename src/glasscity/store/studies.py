"""A study's folder: `study.json`, a small Parquet file a world, and all of them together at the end.

    study.json              the study, its points, how far it is
    worlds/POINT-K.parquet  a world's answers, written when it has been lived, whole or not at all
    results.parquet         all worlds in order, once the last one is there
    indices.parquet         sensitivity indices
    report.html             its page

Worlds are files because a Parquet file cannot be added to: a rename is all it takes to keep one, a list of names tells
what is missing, and `worlds/*.parquet` is one table to any reader at any time. Nothing in the tables depends on when,
where or in which order worlds were lived.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import polars as pl

from glasscity.errors import RunFolderError, TornFile
from glasscity.store.folder import (
    CALIBRATION,
    DONE,
    RUN,
    STUDY,
    SYNTHETIC,
    TWIN,
    UNFINISHED,
    RunFolder,
    naming,
    sync_folder,
    write_whole,
)
from glasscity.store.results import Columns, save

WORLDS, RESULTS, INDICES = "worlds", "results.parquet", "indices.parquet"
COLUMNS: Columns = {
    "point": ("", "number of the point, from 0"),
    "replicate": ("", "number of the world at its point, from 0; equal numbers have equal seeds at all points"),
    "seed": ("", "seed of the world"),
    "metric": ("", "name of the metric, see `metrics`"),
    "group": ("", "group of citizens that it is about"),
    "value": ("", "value at the end, of a flow since the start; null where it is undefined or the world failed"),
    "trial": ("", "number of the trial; before: the scheme as it is; best: the best trial, with all figures"),
    "setting": ("", "kind of world among those of a trial"),
    "error": ("", "why the world failed; null if it did not"),
}
INDEX_COLUMNS: Columns = {
    "metric": ("", "name of the metric"),
    "group": ("", "group of citizens that it is about"),
    "path": ("", "path that it is sensitive to; of S2, two of them"),
    "index": ("", "S1, ST, S2, mu_star, mu or sigma"),
    "value": ("", "shares of the variance; mu_star, mu and sigma in the metric's unit. Null where there is none"),
    "low": ("", "lower end of the 95 % interval"),
    "high": ("", "upper end of the 95 % interval"),
    "samples": ("", "samples that it rests on"),
    "left_out": ("", "samples left out: a world failed, or the metric is undefined"),
}


class StudyFolder(RunFolder):
    """The folder of a study, or of a calibration."""

    def __init__(self, path: str | os.PathLike[str], file: str = STUDY):
        super().__init__(path)
        self.file = file

    @property
    def worlds(self) -> Path:
        """The folder of worlds."""
        return self / WORLDS

    @property
    def is_begun(self) -> bool:
        """Whether a study was ever begun here."""
        return (self / self.file).is_file()

    def check_free(self) -> None:
        """RunFolderError if the folder holds something else."""
        other = next((name for name in (RUN, TWIN, STUDY, CALIBRATION) if name != self.file and (self / name).is_file()), None)
        if other is not None or not (self.is_begun or self.is_free):
            what = f"{other} of something else" if other else f"files and no {self.file}"
            raise RunFolderError(f"{self.path}: holds {what}; choose another --out")

    def sweep(self) -> None:
        """Remove what a killed writer left unfinished."""
        super().sweep()
        for left in self.worlds.glob(f"{UNFINISHED}*"):
            left.unlink(missing_ok=True)

    def describe(self, about: dict[str, Any]) -> None:
        """Write down what is studied, and how far it is."""
        text = json.dumps({"synthetic": SYNTHETIC, **about}, indent=1, default=str)
        write_whole(self / self.file, [text.encode()])

    def described(self) -> dict[str, Any]:
        """What is studied; RunFolderError if there is no study, TornFile if its description cannot be read."""
        path = self / self.file
        try:
            return dict(json.loads(path.read_bytes()))
        except (FileNotFoundError, NotADirectoryError):
            raise RunFolderError(f"{self.path}: there is no {self.file} in it") from None
        except (ValueError, TypeError, RecursionError) as error:
            raise TornFile(f"{path}: cut short or altered: {error}") from None
        except OSError as error:
            raise RunFolderError(f"{path}: {error.strerror or error}") from None

    def open_worlds(self) -> None:
        """Make the folder of worlds."""
        with naming(self.worlds):
            self.worlds.mkdir(exist_ok=True)
            sync_folder(self.path)

    def kept(self) -> set[str]:
        """Keys of the worlds that are there."""
        return {path.stem for path in self.worlds.glob("*.parquet") if not path.name.startswith(UNFINISHED)}

    def keep(self, key: str, frame: pl.DataFrame, about: dict[str, Any]) -> None:
        """Keep a world, whole or not at all."""
        save(self, f"{WORLDS}/{key}.parquet", frame, described_columns(frame), about)

    def forget(self, key: str) -> None:
        """Remove a world, so that it is lived again."""
        with naming(self.worlds):
            (self.worlds / f"{key}.parquet").unlink(missing_ok=True)

    def world(self, key: str) -> pl.DataFrame:
        """One world; TornFile if it cannot be read."""
        file = self.worlds / f"{key}.parquet"
        try:
            return pl.read_parquet(file)
        except (OSError, pl.exceptions.PolarsError):
            raise TornFile(f"{file}: cut short or altered; remove it and go on with --resume") from None

    def table(self, order: tuple[str, ...]) -> pl.DataFrame:
        """All worlds kept so far, sorted by some columns; TornFile naming one that cannot be read."""
        files = sorted(self.worlds.glob("[!.]*.parquet"))
        if not files:
            raise RunFolderError(f"{self.path}: no world has been lived yet")
        try:
            return pl.read_parquet(files).sort(order, maintain_order=True)
        except (OSError, pl.exceptions.PolarsError):
            raise TornFile(f"{first_torn(files)}: cut short or altered; remove it and go on with --resume") from None

    def put_together(self, order: tuple[str, ...], about: dict[str, Any]) -> pl.DataFrame:
        """Write all worlds as one file."""
        frame = self.table(order)
        save(self, RESULTS, frame, described_columns(frame), about)
        return frame

    def results(self, order: tuple[str, ...]) -> pl.DataFrame:
        """The table of all worlds, or of those kept so far."""
        if self.described().get("status") != DONE:
            return self.table(order)
        try:
            return pl.read_parquet(self / RESULTS)
        except (OSError, pl.exceptions.PolarsError):
            raise TornFile(f"{self / RESULTS}: cut short or altered; remove it and go on with --resume") from None


def described_columns(frame: pl.DataFrame) -> Columns:
    """Unit and meaning of each column; the others are paths that were varied."""
    return {name: COLUMNS.get(name, ("", "value at this dotted path")) for name in frame.columns}


def first_torn(files: list[Path]) -> Path:
    """The first file that does not read like the others."""
    expected = None
    for file in files:
        try:
            schema = pl.read_parquet(file).schema
        except (OSError, pl.exceptions.PolarsError):
            return file
        expected = expected or schema
        if schema != expected:
            return file
    return files[0]
