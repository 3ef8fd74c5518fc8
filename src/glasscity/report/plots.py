"""Charts of a stored run for notebooks: the report's charts as Altair objects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from glasscity.errors import InputError
from glasscity.report.figures import FIGURES
from glasscity.report.specs import spec_of
from glasscity.report.stored import Stored

if TYPE_CHECKING:
    import altair as alt

NAMES = tuple(FIGURES)


def chart(name: str, folder: Path, lang: str = "en") -> alt.Chart:
    """A chart of the run in `folder`, in en, de or nl; InputError for a name that is none, or if the run has nothing to show for it."""
    import altair as alt  # here, because it takes half a second

    if name not in FIGURES:
        raise InputError(f"no chart '{name}'; charts: {', '.join(NAMES)}")
    figure, stored = FIGURES[name], Stored.read(Path(folder), lang)
    if not figure.applies(stored):
        raise InputError(f"chart '{name}': {figure.none(stored)}")
    spec = spec_of(figure, figure.data(stored), stored)
    title = {"text": figure.title(stored), "subtitle": figure.unit(stored)}
    return alt.Chart.from_dict(spec | {"title": title})
