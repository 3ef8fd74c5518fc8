"""mesa-frames: citizens as a Polars agent set. It has no network, so ties are a frame that is joined each day."""

from importlib.metadata import version

import numpy as np
import polars as pl
from common import CHANCE, CHANGES, FLAGGED_BELOW, SHARE, START, clock
from mesa_frames import AgentSetPolars, ModelDF


class Citizens(AgentSetPolars):
    def __init__(self, model, n, first, second):
        super().__init__(model)
        number = np.arange(n)
        self.add(pl.DataFrame({
            "unique_id": number, "place": number.astype(np.int32),
            "score": np.full(n, START, np.int32), "change": np.zeros(n, np.int32),
        }))  # fmt: skip
        self.draws = np.random.default_rng(1)
        ties = pl.DataFrame({"source": np.concatenate([first, second]), "target": np.concatenate([second, first])})
        self.ties = ties.join(ties.group_by("target").agg(pl.len().alias("degree")), on="target")

    def step(self):
        n = len(self.agents)
        has_event = self.draws.random(n) < CHANCE
        self["change"] = pl.Series(np.where(has_event, self.draws.choice(CHANGES, n), 0).astype(np.int32))
        citizens = self.agents.lazy().select("place", "score", "change")
        actors = citizens.filter(pl.col("change") != 0).select("place", "change")
        felt = (SHARE * pl.col("change").sum() / pl.col("degree").first()).round().cast(pl.Int32)
        around = (
            self.ties.lazy().join(actors, left_on="source", right_on="place")
            .group_by("target").agg(felt.alias("felt"))
        )  # fmt: skip
        score = pl.col("score") + pl.col("change") + pl.col("felt").fill_null(0)
        after = citizens.join(around, left_on="place", right_on="target", how="left", maintain_order="left").select(
            score
        )
        self["score"] = after.collect()["score"]
        score = self.agents["score"]
        self.mean, self.flagged = score.mean(), (score < FLAGGED_BELOW).sum()


class World(ModelDF):
    def __init__(self, n, first, second):
        super().__init__()
        self.citizens = Citizens(self, n, first, second)
        self.agents.add(self.citizens)

    def day(self):
        self.agents.do("step")

    def reading(self):
        return self.citizens.mean, self.citizens.flagged


if __name__ == "__main__":
    clock("mesa-frames", f"{version('mesa-frames')}, polars {pl.__version__}", World)
