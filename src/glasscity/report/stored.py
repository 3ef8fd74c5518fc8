"""A finished run as its folder tells it: `run.json` and `metrics.parquet`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from glasscity.errors import RunFolderError, TornFile
from glasscity.metrics import registry
from glasscity.rules.language import Language, language
from glasscity.store.folder import METRICS, RunFolder

TOPIC = "run"  # the texts of the page of figures


def headline_name(key: str, lang: str = "en") -> str:
    """What a headline figure says; its key if there are no words for it."""
    return language(lang, TOPIC).texts.get(f"headline.{key}", key)


@dataclass(frozen=True)
class Stored:
    """What a run left. `language` picks the names given in its documents, and the texts of its page."""

    run: dict[str, Any]
    metrics: pl.DataFrame
    language: str = "en"

    @classmethod
    def read(cls, folder: Path, language: str = "en") -> Stored:
        """Read a run's folder; RunFolderError or TornFile if something is missing or cannot be read."""
        place = RunFolder(folder)
        run = place.read()
        try:
            return cls(run, pl.read_parquet(place / METRICS), language)
        except FileNotFoundError:
            raise RunFolderError(f"{place.path}: holds no {METRICS}: the run did not get to its end") from None
        except (OSError, pl.exceptions.PolarsError) as error:
            raise TornFile(f"{place / METRICS}: cut short or altered: {error}") from None

    # --- texts -------------------------------------------------------------------------------------

    @property
    def words(self) -> Language:
        """How the report's language writes dates and lists."""
        return language(self.language)

    @property
    def texts(self) -> Language:
        """What the page says."""
        return language(self.language, TOPIC)

    def say(self, key: str, **gaps: object) -> str:
        """A text of the page with its gaps filled."""
        return self.texts.say(key, **gaps)

    def table(self, name: str) -> dict[str, str]:
        """One table of the page's texts."""
        return {key.partition(".")[2]: text for key, text in self.texts.texts.items() if key.startswith(f"{name}.")}

    # --- names -------------------------------------------------------------------------------------

    @property
    def documents(self) -> dict[str, Any]:
        return self.run["documents"]

    @property
    def articles(self) -> dict[str, dict[str, Any]]:
        return self.documents["rulebook"]["articles"]

    def named(self, table: dict[str, Any], key: str) -> str:
        """The name of an entry in the report's language, else its id."""
        name = table.get(key, {}).get("name", {})
        return name.get(self.language) or name.get("en") or key.replace("_", " ")

    def text(self, document: str, field: str) -> str:
        """A document's name or summary in the report's language."""
        texts = self.documents[document].get(field, {})
        return texts.get(self.language) or texts.get("en") or self.documents[document].get("id", "")

    @cached_property
    def districts(self) -> dict[str, str]:
        """District id -> name."""
        table = self.documents["population"]["districts"]
        return {key: self.named(table, key) for key in table}

    # --- values ------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> list[str]:
        """All metrics, in their order."""
        return self.metrics["metric"].unique(maintain_order=True).to_list()

    @cached_property
    def last_day(self) -> int:
        return int(self.metrics["day"].max() or 0)  # type: ignore[arg-type]

    @cached_property
    def final(self) -> pl.DataFrame:
        """One value a metric, group and district: flows summed over the run, all others at its last day."""
        is_flow = pl.col("metric").is_in([name for name in self.names if registry.about(name).kind == "flow"])
        keys = ["metric", "group", "district"]
        flows = self.metrics.filter(is_flow).group_by(keys, maintain_order=True).agg(pl.col("value").sum())
        others = self.metrics.filter(~is_flow, pl.col("day") == self.last_day).select(*keys, "value")
        return pl.concat([flows, others])

    @cached_property
    def totals(self) -> dict[str, float | None]:
        """`final` of all citizens by metric."""
        rows = self.final.filter(pl.col("group") == "all", pl.col("district") == "all")
        return dict(zip(rows["metric"], rows["value"], strict=True))

    def family(self, prefix: str) -> list[str]:
        """Members of a family of metrics, without the prefix."""
        return [name.removeprefix(prefix) for name in self.names if name.startswith(prefix)]

    def over_time(self, names: list[str]) -> pl.DataFrame:
        """Values of metrics for all citizens at each reading: day, date and one column a metric."""
        rows = self.metrics.filter(
            pl.col("metric").is_in(names), pl.col("group") == "all", pl.col("district") == "all"
        )  # fmt: skip
        return rows.pivot("metric", index=["day", "date"], values="value").sort("day").select("day", "date", *names)

    def over_full_weeks(self, names: list[str]) -> pl.DataFrame:
        """As `over_time`, without a last period that is shorter than the others."""
        frame = self.over_time(names)
        days = frame["day"]
        is_short = len(days) > 1 and days[-1] - days[-2] < days[0] + 1
        return frame.head(-1) if is_short else frame

    # --- the scheme --------------------------------------------------------------------------------

    @cached_property
    def letters(self) -> list[str]:
        """Classes from the best to the worst."""
        return self.family("class_share.")

    @cached_property
    def limits(self) -> list[tuple[str, int]]:
        """Class letters with their lowest standing."""
        classes = [a for a in self.articles.values() if a.get("what") == "class" and a.get("enabled", True)]
        return [(article["letter"], int(article["value"])) for article in classes]

    @cached_property
    def bin_edges(self) -> list[int]:
        return sorted(int(edge) for edge in self.family("standing_bin."))

    @property
    def has_score(self) -> bool:
        """Whether standings can differ at all."""
        return len(self.bin_edges) > 1

    @property
    def has_classes(self) -> bool:
        return len(self.letters) > 1
