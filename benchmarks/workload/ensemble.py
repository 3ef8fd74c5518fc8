"""An ensemble of the common workload: many worlds, for some weights of the neighbours and so many seeds, and what each ends with.

An implementation is a script, called with AGENTS DAYS SEEDS, that lives all worlds on all processors in the way its framework
has for it, and prints the mean score and the share flagged of each weight. The whole process is timed: imports, worlds, table.
"""

import json
import sys

SHARES = (0.10, 0.20)  # of the neighbours' mean change; less than a tenth is mostly rounded away


def asked():
    """Agents, days and seeds, from the command line."""
    n, days, seeds = (int(float(word)) for word in sys.argv[1:4])
    return n, days, range(1, seeds + 1)


def tell(version, rows):
    """Print what came of the worlds. rows: (weight, mean score, share flagged) of each."""
    found = {}
    for share in SHARES:
        of_share = [(mean, flagged) for weight, mean, flagged in rows if weight == share]
        means, flagged = zip(*of_share, strict=True)
        found[str(share)] = {"mean_score": sum(means) / len(means), "flagged_share": sum(flagged) / len(flagged)}
    print("RESULT " + json.dumps({"version": version, "worlds": len(rows), "outcomes": found}), flush=True)
