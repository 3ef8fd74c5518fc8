"""Glass City: `glasscity study`, a grid of weights with so many seeds, to its table and its page."""

import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import polars as pl
from ensemble import SHARES, asked, tell

SCENARIO = Path(__file__).parent / "glasscity" / "scenario.toml"
STUDY = """\
scenario = "{scenario}"
design = "grid"
citizens = {n}
days = {days}
seeds = {seeds}
metrics = ["standing", "class_share.flagged"]

[vary]
"articles.friends.value" = {shares}
"""


def told(file):
    """Rows of the study's table: weight, mean score, share flagged."""
    keys = ["articles.friends.value", "seed"]
    table = pl.read_parquet(file).pivot("metric", index=keys, values="value")
    return table.select(keys[0], "standing", "class_share.flagged").rows()


if __name__ == "__main__":
    n, days, seeds = asked()
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "ensemble.toml"
        study.write_text(STUDY.format(scenario=SCENARIO.as_posix(), n=n, days=days, seeds=len(seeds), shares=list(SHARES)))
        command = [sys.executable, "-m", "glasscity", "study", str(study), "--out", f"{folder}/out", "--json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        tell(version("glasscity"), told(f"{folder}/out/results.parquet"))
