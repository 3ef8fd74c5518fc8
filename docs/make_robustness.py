"""Makes docs/robustness.md from docs/robustness.json: what rests on which guess, headline by headline.

python docs/make_robustness.py                    writes the page
python docs/make_robustness.py --run [SCENARIO…]  first takes the tables of these scenarios anew (all: some 20 minutes)
python docs/make_robustness.py --check            exit 1 if the page is not what would be written
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from glasscity import jobs
from glasscity.study.robust import Table

DOCS = Path(__file__).parent
PAGE, KEPT = DOCS / "robustness.md", DOCS / "robustness.json"
CITIZENS, DAYS, SEED, MOST = 10_000, 120, 1, 12
SCENARIOS = (
    "beijing-2020", "rongcheng", "court-list", "study-app", "sesame", "corporate", "village", "suining-2010", "europe",
    "no-scoring", "rollout",
)  # fmt: skip
INTRODUCTION = """# What rests on a guess

Most numbers of a scheme are assumed. This page halves and doubles each of them and tells how the headlines of a scenario
move (a row or table of numbers is scaled at once): all worlds share citizens and candidates, so that a difference is the number's doing and not chance. Points and rates
are scaled from nought, class limits from the start of the account, shares stay within one. *Within chance* says that the
move is smaller than two standard deviations between worlds of other seeds: with as few citizens as here a small effect cannot be
told from luck.

Each table has the dozen numbers that move a headline farthest; what is not in it moves it less, or not at all. The whole table of a
scenario, with as many citizens as one likes: `glasscity robustness SCENARIO --citizens N --json`. Headlines that no assumed number
moves are left out.
"""


def plain(table: Table) -> dict[str, Any]:
    """What the page keeps of a table: base, chance and the farthest moves of each headline."""
    headlines = {}
    for key, base in table.base.items():
        rows = [] if base is None else table.ranked(key)
        headlines[key] = {
            "base": base, "chance": table.chance[key], "moved_by": len(rows),
            "rows": [
                {
                    "path": row.parameter.path, "value": row.parameter.value,
                    "halved": row.halved[key] if isinstance(row.halved, dict) else None,
                    "doubled": row.doubled[key] if isinstance(row.doubled, dict) else None,
                    "beyond": table.is_beyond_chance(row, key),
                }
                for row in rows[:MOST]
            ],
        }  # fmt: skip
    return {"parameters": len(table.rows), "headlines": headlines}


def run(names: list[str]) -> None:
    """Take the tables of some scenarios, and keep what the page needs."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for name in names:
        kept[name] = plain(jobs.robustness(name, CITIZENS, DAYS, SEED))
        kept = {scenario: kept[scenario] for scenario in SCENARIOS if scenario in kept}
        KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        print(name, flush=True)


def readable(value: Any) -> str:
    """A number with about three digits; rows and tables by their ends."""
    if isinstance(value, list | dict):
        parts = list(value.values()) if isinstance(value, dict) else value
        return f"{readable(min(parts))} to {readable(max(parts))}"
    return "-" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table_of(key: str, headline: dict[str, Any]) -> list[str]:
    """The rows of one headline."""
    spread = headline["chance"]
    told = "" if spread is None else f"; standard deviation between seeds {readable(spread)}"
    lines = [f"**{key.replace('_', ' ')}**: {readable(headline['base'])}{told}. Moved by {headline['moved_by']} numbers.", ""]
    lines += ["| assumed number | value | at half | at double | |", "|---|---:|---:|---:|---|"]
    for row in headline["rows"]:
        cells = [f"`{row['path']}`", *(readable(row[field]) for field in ("value", "halved", "doubled"))]
        lines.append("| " + " | ".join([*cells, "" if row["beyond"] else "within chance"]) + " |")
    return [*lines, ""]


def page(kept: dict[str, Any]) -> str:
    """The whole page."""
    lines = [INTRODUCTION, f"Here: {CITIZENS:,} citizens, {DAYS} days, seed {SEED}.", ""]
    for scenario, told in kept.items():
        lines += [f"## {scenario}", "", f"{told['parameters']} assumed numbers in use.", ""]
        if not any(headline["rows"] for headline in told["headlines"].values()):
            lines += ["None of them moves a headline: nobody is scored, and what people do unscored is no headline.", ""]
        for key, headline in told["headlines"].items():
            if headline["rows"]:
                lines += table_of(key, headline)
    return "\n".join(lines).rstrip("\n") + "\n"


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["--run"]:
        run(given[1:] or list(SCENARIOS))
    text = page(json.loads(KEPT.read_text(encoding="utf-8")))
    if given == ["--check"]:
        is_same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print("docs/robustness.md is as it would be made" if is_same else "docs/robustness.md: run docs/make_robustness.py")
        return 0 if is_same else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
