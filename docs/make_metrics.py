"""Writes docs/metrics.md from the registry of metrics.

python docs/make_metrics.py            writes the page
python docs/make_metrics.py --check    exit 1 if the committed page is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from glasscity.metrics.outcomes import OUTCOMES
from glasscity.metrics.registry import GROUPS, METRICS, PAIRED, REFERENCES, SMALLEST_CELL

PAGE = Path(__file__).parent / "metrics.md"

# what one may ask of a scheme -> metrics, or a command where two worlds are needed
QUESTIONS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Which sanctions would vanish without false records?", ("wrongful_sanction_share",), ""),
    ("How likely is a sanction for somebody who did nothing?", ("innocent_risk",), ""),
    ("How many alerts of a channel are right, and how much does it see?", ("precision.<channel>", "recall.<channel>"), ""),
    ("How many records name the wrong person?", ("misattribution", "misattribution_of_penalties"), ""),
    ("How many denunciations are false?", ("false_report_share",), ""),
    ("How much more does it hit one group than another?", ("<risk>.ratio", "<risk>.gap"), ""),
    ("And at equal conduct?", ("residual_disparity",), ""),
    ("How long is a person observed, and how unequally?", ("exposure_hours", "exposure_gini"), ""),
    ("What is each mechanism's part in a harm?", (), "`glasscity attribute SCENARIO METRIC`"),
    ("How much is lost through others?", ("points_through_others_share", "association_share"), ""),
    ("Who did nothing and fell through friends?", ("innocent_by_association", "innocent_by_association_share"), ""),
    ("How many fall with one who falls?", (), "`glasscity cascade SCENARIO`"),
    ("Which friendships end, and do people keep to their like?", ("ties_lost_per_1000", "assortativity"), "`tie_loss_paired`"),
    ("What is no longer said?", ("chilled_share", "expression_a_year", "expression_a_year_never_sanctioned"), "`chilling_paired`, `chilling_paired_never_sanctioned`"),
    ("Do people say what they think?", ("falsification_gap", "approval_stated", "approval_private"), ""),
    ("Is good done that nobody sees?", ("unseen_prosocial_a_year", "motivation"), "`crowding_out_paired`; `persistence.<figure>` for what outlasts abolition"),
    ("Does the score measure conduct?", ("goodhart_gap",), ""),
    ("Who is told, and when?", ("notified_share", "never_told_share", "notice_delay", "learned_by_refusal_share"), ""),
    ("Is the reason given the right one?", ("reason_coverage",), ""),
    ("Do appeals help?", ("appeal_filed_share", "appeal_upheld_share", "errors_mended_share"), ""),
    ("How long does an error last, and what stays?", ("error_life", "error_left"), ""),
    ("Does the graver act cost more?", ("proportionality_inversions",), ""),
    ("Does it hurt in other areas of life than the record's?", ("context_transfer",), ""),
    ("Who else is hit?", ("spillover_domains", "spillover_children", "firm_employees_hit"), ""),
    ("Is there a way back?", (*(f"trap.{weeks}" for weeks in (13, 26, 52, 260)), "no_way_back", "mobility"), ""),
    ("What does watching cost for each record?", ("hours_a_correct_record", "hours_a_false_record"), ""),
    ("Who gets the rewards?", ("reward_gini", "red"), ""),
)
KINDS = {
    "flow": "Counts in a period (a week; the last may be shorter)",
    "stock": "Citizens as things stand",
    "mean": "Means over citizens as things stand",
    "total": "Counts since the start, told on the last day",
    "ratio": "Ratios, since the start or of stocks; undefined where they would divide by nought",
}
HEAD = f"""<!-- Made by docs/make_metrics.py from src/glasscity/metrics; change those, not this page. -->
# Metrics

Every figure of a run, of a report and of a comparison has its name from here, and every run's `metrics.parquet` holds them all, by
group and by district, week by week. The simulator knows who did what, so that what no real scheme can say of itself can be counted.

Reports and the command line tell no rate of a group with fewer than {SMALLEST_CELL} citizens. The tables of a run hold every cell: its people are made up.

## Questions, and the metrics that answer them

| question | metrics | with two worlds |
|---|---|---|
"""
PANEL = """## From the panel

These need whole persons: what each did, what was put down to them, and what followed. Of some 5,000 citizens in whole circles of
friends, spread evenly over the city, a run keeps all events and how they stood each week (`panel_members.parquet`,
`panel_weeks.parquet`, `panel_events.parquet`). In a city no larger than that the figures are exact; else each is an estimate, with a
half-width (`half_width.<metric>`) by a jackknife over circles (Quenouille 1956, Biometrika 43). Told on the last day.

| metric | unit | what it is | how it is computed |
|---|---|---|---|
"""


WORLDS = """## From two worlds

`glasscity compare` lives a scheme twice; of the same people in both worlds it tells what the scheme costs, in `paired.parquet`, on the page
and with `--json`. Where `--from` lets the change come later, `--persistence` lives a third world, changed from the first day on, and
tells what outlasts the change. All from the panel; an interval over seeds.

| figure | unit | what it is | how it is computed |
|---|---|---|---|
"""


def row(*cells: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def lines() -> Iterator[str]:
    """The page."""
    yield HEAD.rstrip("\n")
    for question, metrics, command in QUESTIONS:
        assert all(name in METRICS for name in metrics), (question, [name for name in metrics if name not in METRICS])
        yield row(question, ", ".join(f"`{name}`" for name in metrics), command)
    yield "\n## Groups\n\n| group | who | held against |\n|---|---|---|"
    for group, who in GROUPS.items():
        yield row(f"`{group}`", who, f"`{REFERENCES[group]}`" if group in REFERENCES else "")
    yield "\n" + PANEL.rstrip("\n")
    for name, outcome in OUTCOMES.items():
        yield row(f"`{name}`", outcome.unit, outcome.definition, outcome.formula)
    yield "\n" + WORLDS.rstrip("\n")
    for name, metric in PAIRED.items():
        yield row(f"`{name}`", metric.unit, metric.definition, f"`{metric.formula}`")
    for kind, title in KINDS.items():
        yield f"\n## {title}\n\n| metric | unit | what it is | how it is computed |\n|---|---|---|---|"
        for name, metric in METRICS.items():
            if metric.kind == kind and name not in OUTCOMES:
                yield row(f"`{name}`", metric.unit, metric.definition, f"`{metric.formula}`")


def main(arguments: list[str]) -> int:
    """0, or 1 if --check finds another page."""
    text = "\n".join(lines()) + "\n"
    if "--check" in arguments:
        is_same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print("" if is_same else "docs/metrics.md: run python docs/make_metrics.py", end="" if is_same else "\n")
        return 0 if is_same else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
