"""A run as it lies in its folder."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasscity.errors import RunFolderError, TornFile
from glasscity.jobs.plan import resume_command
from glasscity.store.folder import AFAR, CITIZENS, DONE, EVENTS, INTERVALS, METRICS, RunFolder

if TYPE_CHECKING:
    import altair
    import polars as pl


class Run:
    """A run as it lies in its folder. Frames are read when first asked for."""

    def __init__(self, out: str | os.PathLike[str]):
        self.out = Path(out)
        self.info: dict[str, Any] = RunFolder(self.out).read()

    def __repr__(self) -> str:
        info = self.info
        return f"<Run {info['scenario']}: {info['citizens']:,} citizens, {info['days']} days, {info['status']}, in {self.out}>"

    @property
    def digest(self) -> str | None:
        """SHA-256 of the final state; None if the run has not ended."""
        return self.info.get("digest")

    @property
    def headline(self) -> dict[str, float | None]:
        """The figures that come first."""
        return self.info.get("headline") or {}

    @cached_property
    def metrics(self) -> pl.DataFrame:
        """Every metric by day, group and district."""
        return self._table(METRICS)

    @cached_property
    def intervals(self) -> pl.DataFrame:
        """Means over seeds with 95 % intervals: of every metric on the last day, and of those of all citizens on all days."""
        if self.info.get("seeds", 1) == 1:
            raise RunFolderError(f"{self.out}: one seed: no interval; repeat it with --seeds")
        if self.info["status"] == DONE and self.info.get("intervals") is None:
            raise RunFolderError(f"{self.out}: its other seeds have not been lived; go on with: {resume_command(self.out)}")
        return self._table(INTERVALS)

    @cached_property
    def citizens(self) -> pl.DataFrame:
        """Final state of the citizens, or of an even sample of a million."""
        return self._table(CITIZENS)

    @cached_property
    def events(self) -> pl.DataFrame:
        """What happened to watched citizens."""
        if not self.info["watch"]:
            raise RunFolderError(f"{self.out}: nobody was watched in this run; repeat it with --watch")
        return self._table(EVENTS)

    @cached_property
    def afar(self) -> pl.DataFrame:
        """Neighbourhoods and days on which somebody there was named wrongly from afar."""
        return self._table(AFAR)

    def plot(self, name: str, lang: str = "en") -> altair.Chart:
        """A chart of the report, by name, in en, de or nl."""
        from glasscity.report import plots

        return plots.chart(name, self.out, lang)

    def _table(self, name: str) -> pl.DataFrame:
        import polars as pl

        if self.info["status"] != DONE:
            raise RunFolderError(f"{self.out}: the run has not ended; go on with: {resume_command(self.out)}")
        try:
            return pl.read_parquet(self.out / name)
        except FileNotFoundError:
            raise TornFile(f"{self.out / name}: missing") from None
        except (OSError, pl.exceptions.PolarsError) as error:
            raise TornFile(f"{self.out / name}: cannot be read: {str(error).splitlines()[0]}") from None
