"""Starsim: `ss.parallel` over a list of simulations, one for each weight and seed."""

import starsim as ss
from common import graph
from ensemble import SHARES, asked, tell
from starsim_peer import Scoring, simulation

if __name__ == "__main__":
    n, days, seeds = asked()
    first, second = graph(n)
    members = [(share, seed) for share in SHARES for seed in seeds]
    done = ss.parallel([simulation(n, first, second, days, Scoring(share), seed) for share, seed in members])
    found = [sim.results.scoring for sim in done.sims]
    tell(ss.__version__, [(share, float(one.mean[-1]), float(one.flagged[-1]) / n) for (share, _), one in zip(members, found, strict=True)])
