"""Starsim, used beyond disease: a Module with its own states and distributions, over a static Network."""

import numpy as np
import starsim as ss
from common import CHANCE, CHANGES, FLAGGED_BELOW, SHARE, START, clock

ss.options(verbose=0)


class Scoring(ss.Module):
    def __init__(self, share=SHARE):
        super().__init__()
        self.share = share
        self.define_pars(event=ss.bernoulli(p=CHANCE), size=ss.choice(a=CHANGES))
        self.define_states(ss.FloatArr("score", default=START), ss.FloatArr("change", default=0.0))

    def init_results(self):
        super().init_results()
        self.define_results(ss.Result("mean"), ss.Result("flagged", dtype=int))

    def init_post(self):
        super().init_post()
        ones = np.ones(len(self.sim.networks[0].p1))
        self.degree = np.maximum(self.over_ties(ones, ones), 1)

    def over_ties(self, to_first, to_second):
        ties, n = self.sim.networks[0], len(self.score.raw)
        return np.bincount(ties.p1, to_first, n) + np.bincount(ties.p2, to_second, n)

    def step(self):
        actors = self.pars.event.filter()
        self.change[:] = 0.0
        self.change[actors] = self.pars.size.rvs(actors)
        ties, change = self.sim.networks[0], self.change.raw
        around = self.over_ties(change[ties.p2], change[ties.p1])
        self.score[:] = self.score.raw + change + np.rint(self.share * around / self.degree)

    def update_results(self):
        super().update_results()
        self.results.mean[self.ti] = self.score.mean()
        self.results.flagged[self.ti] = np.count_nonzero(self.score < FLAGGED_BELOW)


def simulation(n, first, second, days, scoring, seed=1, **options):
    """A simulation of so many days, not yet initialised."""
    ties = ss.Network(p1=first, p2=second, beta=np.ones(len(first)), label="ties")
    return ss.Sim(
        n_agents=n, networks=ties, modules=scoring, start=ss.date("2021-01-01"), dt=ss.days(1), dur=ss.days(days - 1),
        rand_seed=seed, **options,
    )  # fmt: skip


class World:
    def __init__(self, n, first, second):
        self.scoring = Scoring()
        self.sim = simulation(n, first, second, 1001, self.scoring, copy_inputs=False)
        self.sim.init()
        self.days = 0

    def day(self):
        self.sim.run_one_step()
        self.days += 1

    def reading(self):
        return self.scoring.results.mean[self.days - 1], self.scoring.results.flagged[self.days - 1]


if __name__ == "__main__":
    clock("Starsim", ss.__version__, World)
