"""Makes the tables of docs/validation.md from figures.toml and docs/validation.json.

python docs/make_validation.py            writes the tables
python docs/make_validation.py --run K    first holds all figures against K runs each (minutes), and keeps what they say
python docs/make_validation.py --check    exit 1 if the page is not what would be written, or a figure has changed since the runs
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from glasscity import jobs
from glasscity.study import figures
from glasscity.study.figures import Figure
from glasscity.study.validate import Verdict, summary

DOCS = Path(__file__).parent
PAGE, KEPT = DOCS / "validation.md", DOCS / "validation.json"
BEGIN, END = "<!-- Made by docs/make_validation.py, from here -->", "<!-- to here -->"
COMPARED = ("scenario", "role", "value", "low", "high", "unit")  # what must not have changed since the runs


def run(seeds: int) -> None:
    """Hold all figures against runs, and keep what they say."""
    kept = [
        {"id": verdict.key} | {key: getattr(verdict.figure, key) for key in COMPARED} | {"values": verdict.plain["values"]}
        | {key: verdict.plain[key] for key in ("mean", "interval", "inside")}
        for verdict in jobs.validate(None, seeds)
    ]  # fmt: skip
    KEPT.write_text(json.dumps({"seeds": seeds, "figures": kept}, indent=1) + "\n", encoding="utf-8")


def stale(every: dict[str, Figure], kept: list[dict[str, Any]]) -> list[str]:
    """Figures that were changed, added or removed since the runs."""
    told = {item["id"]: tuple(item[key] for key in COMPARED) for item in kept}
    now = {key: tuple(getattr(figure, name) for name in COMPARED) for key, figure in every.items()}
    return sorted(key for key in told.keys() | now.keys() if told.get(key) != now.get(key))


def readable(value: float | None) -> str:
    """A number with about three digits."""
    if value is None:
        return "none"
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.2f} million"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def row(key: str, figure: Figure, item: dict[str, Any]) -> str:
    """A figure's row."""
    ends = f"{readable(item['interval'][0])} to {readable(item['interval'][1])}" if item["interval"] else ""
    source = ", ".join(part for part in (figure.source, figure.locator) if part)
    return "| " + " | ".join((
        f"{figure.name.en} ({figure.unit})", readable(figure.value), f"{readable(figure.low)} to {readable(figure.high)}",
        f"{readable(item['mean'])} ({ends})" if ends else readable(item["mean"]),
        "inside" if item["inside"] else "**outside**", figure.role, figure.grade + ("" if figure.seen else ", recalled"), source,
    )) + " |"  # fmt: skip


def tables(every: dict[str, Figure], kept: dict[str, Any]) -> str:
    """All that is made: a summary, and a table for each scenario."""
    items = {item["id"]: item for item in kept["figures"]}
    lines = [BEGIN, ""]
    verdicts = [Verdict(key, figure, tuple(items[key]["values"])) for key, figure in every.items()]
    lines += [f"- {kind}: {inside} of {n} inside" for kind, (inside, n) in summary(verdicts).items()]
    for scenario in dict.fromkeys(figure.scenario for figure in every.values()):
        chosen = {key: figure for key, figure in every.items() if figure.scenario == scenario}
        lines += ["", f"### {scenario}", ""]
        lines.append("| figure | published | agrees | simulated (95 % interval) | is | was | grade | source |")
        lines.append("|---|---|---|---|---|---|---|---|")
        lines += [row(key, figure, items[key]) for key, figure in chosen.items()]
        reasons = dict.fromkeys(figure.reason for figure in chosen.values())
        lines += ["", "Limits: " + " ".join(reasons)]
        notes = [f"- *{figure.name.en}*: {figure.note}" for figure in chosen.values() if figure.note]
        lines += ["", *notes] if notes else []
    return "\n".join([*lines, "", END])


def page(text: str, made: str) -> str:
    """The page with its tables replaced."""
    before, _, rest = text.partition(BEGIN)
    return before + made + rest.partition(END)[2]


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--run"]:
        run(int(arguments[1]) if len(arguments) > 1 else 5)
    every, kept = figures.read(), json.loads(KEPT.read_text(encoding="utf-8"))
    changed = stale(every, kept["figures"])
    if changed:
        print(f"changed since the runs: {', '.join(changed)}; run python docs/make_validation.py --run")
        return 1
    text = PAGE.read_text(encoding="utf-8")
    made = page(text, tables(every, kept))
    if "--check" not in arguments:
        PAGE.write_text(made, encoding="utf-8")
    elif made != text:
        print("validation.md is not up to date; run python docs/make_validation.py")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
