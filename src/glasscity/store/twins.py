"""A folder of twin worlds: `twin.json` and its tables, each there whole or not at all.

    effects.parquet   metric, day, date, group, district; both worlds, their difference, its interval, what pairing gained
    paired.parquet    metric, group, district; what is lost to the scheme, its interval
    lives.parquet     outcome, group, district; citizens who met it in both worlds, in one, in neither
    spread.parquet    how far accounts lie apart in both worlds, and the share of the variance that is the change's doing
    citizens.parquet  both lives of each synthetic citizen, of the first seed; of many, every n-th
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from glasscity.errors import RunFolderError, TornFile
from glasscity.store.folder import REPORT, REPORT_PDF, SYNTHETIC, TWIN, naming, write_whole

TABLES = ("effects", "paired", "lives", "spread", "citizens")


def write(folder: Path, about: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    """Write a pair's tables, then what they are about: whoever finds `twin.json` finds all."""
    with naming(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(entry.name not in (TWIN, REPORT, REPORT_PDF) and not entry.name.endswith(".parquet") for entry in folder.iterdir()):
            raise RunFolderError(f"{folder}: holds something else than twin worlds; choose another --out")
        (folder / TWIN).unlink(missing_ok=True)
    metadata = {"SYNTHETIC": SYNTHETIC, "glasscity": json.dumps(dict(about), default=str)}
    for name in TABLES:
        buffer = io.BytesIO()
        tables[name].write_parquet(buffer, metadata=metadata)
        write_whole(folder / f"{name}.parquet", [buffer.getbuffer()])
    write_whole(folder / TWIN, [json.dumps({"synthetic": SYNTHETIC, **about}, indent=1, default=str).encode()])


def read(folder: Path) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """What a pair is about, and its tables; RunFolderError if there is none, TornFile if a part is missing or cut short."""
    files = {name: folder / f"{name}.parquet" for name in TABLES}
    if not (folder / TWIN).is_file():
        raise RunFolderError(f"{folder}: holds no twin worlds (there is no {TWIN})")
    try:
        about = dict(json.loads((folder / TWIN).read_bytes()))
        if "schemes" not in about:
            raise RunFolderError(f"{folder}: made by an earlier Glass City; live it again: {about.get('command', 'glasscity compare ...')}")
        for file in files.values():
            if not file.is_file():
                raise TornFile(f"{file}: missing")
        return about, {name: pl.read_parquet(file) for name, file in files.items()}
    except (ValueError, OSError, pl.exceptions.PolarsError) as error:
        raise TornFile(f"{folder}: cannot be read: {str(error).splitlines()[0]}") from None
