"""Mesa: `batch_run` over weights and seeds with a process for each processor, and its rows."""

import mesa
from common import graph
from ensemble import SHARES, asked, tell
from mesa_peer import World


class Member(World):
    def __init__(self, n, share, seed):
        super().__init__(n, *graph(n), share, seed)


if __name__ == "__main__":
    n, days, seeds = asked()
    rows = mesa.batch_run(
        Member, {"n": n, "share": list(SHARES), "seed": list(seeds)}, number_processes=None, max_steps=days - 1, data_collection_period=-1,
        display_progress=False,
    )  # fmt: skip
    tell(mesa.__version__, [(row["share"], row["mean"], row["flagged"] / n) for row in rows])
