"""Mesa: agents on the cells of a Network, in two stages so that all change at once, with a DataCollector."""

import mesa
import networkx as nx
from common import CHANCE, CHANGES, FLAGGED_BELOW, SHARE, START, clock
from mesa.discrete_space import CellAgent, Network

CHOICES = CHANGES.tolist()


class Citizen(CellAgent):
    def __init__(self, model, cell):
        super().__init__(model)
        self.cell = cell
        self.score, self.change = START, 0

    def act(self):
        self.change = self.random.choice(CHOICES) if self.random.random() < CHANCE else 0

    def feel(self):
        friends = self.cell.neighborhood.agents
        changes = [friend.change for friend in friends]
        self.score += self.change
        if changes:
            self.score += round(self.model.share * sum(changes) / len(changes))


class World(mesa.Model):
    def __init__(self, n, first, second, share=SHARE, seed=1):
        super().__init__(seed=seed)
        self.share = share
        ties = nx.empty_graph(n)
        ties.add_edges_from(zip(first.tolist(), second.tolist(), strict=True))
        self.network = Network(ties, capacity=1, random=self.random)
        Citizen.create_agents(self, n, list(self.network.all_cells.cells))
        self.datacollector = mesa.DataCollector(model_reporters={"mean": World.mean, "flagged": World.flagged})

    def mean(self):
        return self.agents.agg("score", sum) / len(self.agents)

    def flagged(self):
        return sum(score < FLAGGED_BELOW for score in self.agents.get("score"))

    def step(self):
        self.agents.do("act")
        self.agents.do("feel")
        self.datacollector.collect(self)

    day = step

    def reading(self):
        last = {name: values[-1] for name, values in self.datacollector.model_vars.items()}
        return last["mean"], last["flagged"]


if __name__ == "__main__":
    clock("Mesa", mesa.__version__, World)
