"""Glass City: the workload as a rulebook (`glasscity/`), run by the engine that runs every other scenario.

The city is read every day, as the others are; with `weekly` after the numbers, once a week, as runs of
the product are. Friends are circles of eleven that follow from the
seed, so the edge list is not used.
"""

import os
import sys
from importlib.metadata import version
from pathlib import Path

from common import clock

from glasscity.engine.city import City
from glasscity.rules.resolve import resolve

SCENARIO = Path(__file__).parent / "glasscity" / "scenario.toml"
IS_DAILY = "weekly" not in sys.argv
THREADS = int(os.environ.get("GLASSCITY_PEER_THREADS", len(os.sched_getaffinity(0))))


class World:
    def __init__(self, n, first, second):
        self.city = City(resolve(str(SCENARIO)), n, 1_000_000, 1, THREADS)
        self.city.populate()

    def day(self):
        self.city.live()
        if IS_DAILY:
            self.latest = self.city.glance()

    def reading(self):
        """Mean score, and citizens in the flagged class, the only one that is sanctioned."""
        return self.latest if IS_DAILY else self.city.glance()


if __name__ == "__main__":
    clock("Glass City", version("glasscity"), World)
