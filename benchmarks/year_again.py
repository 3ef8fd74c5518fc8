"""A year of 100,000 through the Python interface, twice in one process: the second is warm."""

import json
import sys
import time

import glasscity

citizens, days = int(sys.argv[1]), int(sys.argv[2])
walls = []
for _ in range(2):
    started = time.perf_counter()
    glasscity.run("beijing-2020", citizens=citizens, days=days, seed=1)
    walls.append(time.perf_counter() - started)
print("RESULT " + json.dumps({"first_s": walls[0], "again_s": walls[1]}))
