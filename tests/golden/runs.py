"""Digests of small runs, as committed in digests.json.

Regenerate after a deliberate change of the model, and say in the changelog why they moved:

    python tests/golden/runs.py > tests/golden/digests.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from variants import VARIANTS
from worlds import lived

from glasscity.rules.resolve import resolve

BUILT_IN = ("beijing-2020", "court-list", "china")
CITIZENS, DAYS, SEED = 2000, 60, 7
PLAIN = ("harsh, some safeguards", "articles come and go")


def digests(names: tuple[str, ...] = ()) -> dict[str, str]:
    """Scenario or variant -> digest of its run."""
    runs = {name: lambda name=name: lived(resolve(name), CITIZENS, DAYS, SEED) for name in BUILT_IN}
    for name, v in VARIANTS.items():
        runs[name] = lambda v=v: lived(v.build(), v.citizens, v.days, v.seed)
    return {name: runs[name]().digest() for name in names or runs}


if __name__ == "__main__":
    print(json.dumps(digests(tuple(sys.argv[1:])), indent=2))
