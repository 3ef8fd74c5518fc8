"""Makes the pages of docs/examples from the answers there and from docs/examples/examples.json.

python docs/make_examples.py              writes the pages
python docs/make_examples.py --run        first lives all worlds anew (a few minutes)
python docs/make_examples.py --check      exit 1 if a page is not what would be written
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glasscity.jobs import proposals
from glasscity.metrics.registry import about
from glasscity.report.yardsticks import YARDSTICKS
from glasscity.rules import questions
from glasscity.rules.language import language

FOLDER = Path(__file__).parent / "examples"
KEPT = FOLDER / "examples.json"
CITIZENS, DAYS, SEED, GROUP = 20_000, 365, 1, "all"
EXAMPLES = {
    "court-debtors": "A court enters whoever does not pay, in public, and three doors close. What there is in China since 2013, asked of Germany.",
    "bonus-card": "A city rewards good deeds with points on a card. Whoever falls below a limit waits longer for a school place.",
    "benefits-risk": "An office flags those who draw benefits by a secret score from its files, other files and a model of who is likely to cheat.",
}
READINGS = {
    "court-debtors": "Few are listed who owe nothing: they come from the one entry in a hundred that names the wrong person. What stands out is that every "
    "refusal lies in another area of life than the record, that the poorest fifth is listed most, and that a quarter never learn of it, though half of all are told.",
    "bonus-card": "Who has many points carries the card and joined early; who does good without it has none: the gap between score and conduct is close to 1, "
    "which is no relation at all. Few fall below the limit, and they do through fines that they could not pay.",
    "benefits-risk": "Only the poor are compared, month after month, so that false flags pile up on them; who is flagged is refused a benefit, and is told "
    "nothing. The Dutch list of alleged fraud held some 240,000 to 270,000 people, about half without a traceable reason, most told only after it was closed.",
}  # fmt: skip
TOLD = (
    "share_ever.sanctioned", "share_ever.wrongly_sanctioned", "wrongful_sanction_share", "innocent_risk", "residual_disparity", "refused_per_1000",
    "refused_wrongly_share", "context_transfer", "never_told_share", "reason_coverage", "appeal_upheld_share", "trap.26", "chilled_share",
    "goodhart_gap", "points_through_others_share",
)  # fmt: skip


def lived() -> dict[str, Any]:
    """Outcomes over seeds and safeguards ranked, of each example."""
    from glasscity.study import impact, safeguards

    kept = {}
    for name in EXAMPLES:
        scheme = proposals.scheme_of(proposals.read_answers(FOLDER / f"{name}.answers.toml"), name)
        rows = impact.luck(scheme, CITIZENS, DAYS, SEED, 2, lambda _: None)
        ranking = safeguards.rank(scheme, CITIZENS, DAYS, range(SEED, SEED + 3), 2, are_paired=False)
        best = [{"lever": row.levers[0], "avoided": row.avoided, "share": row.share} for row in ranking.ranked(1)[:3] if row.avoided > 0]
        kept[name] = {"luck": [row for row in rows if row["group"] in (GROUP, "minority", "income_1")], "harm": ranking.harm, "best": best}
    return kept


def number(value: float | None, metric: str) -> str:
    """A figure with two digits, in percent if it is a share."""
    if value is None:
        return "–"
    if about(metric).unit.startswith(("share", "difference of shares")):
        return f"{100 * value:.2g} %" if abs(value) < 0.995 else f"{100 * value:.3g} %"
    return f"{value:.3g}"


def page(name: str, kept: dict[str, Any]) -> Iterator[str]:
    """One example, as lines of Markdown."""
    file = FOLDER / f"{name}.answers.toml"
    answers, texts = proposals.read_answers(file), language("en", questions.TOPIC)
    yield "<!-- Made by docs/make_examples.py; change the answers or that program, not this page. -->"
    yield f"# {answers['title']}\n\n{EXAMPLES[name]} Over synthetic citizens; an example of [the questionnaire](../own-schemes.md), and nobody's plan.\n"
    yield f"```console\n$ glasscity new {name}.toml --answers docs/examples/{name}.answers.toml\n$ glasscity run {name}.toml --out runs/{name}\n$ glasscity report runs/{name} --pdf\n```\n"
    yield "## What was answered\n\n| question | answer |\n|---|---|"
    for question in questions.questions():
        if question.id in answers:
            yield f"| {texts.text(f'ask.{question.id}')} | {shown(answers[question.id])} |"
    guessed = [q.id for q in questions.questions() if q.id not in answers and questions.is_asked(q, answers) and q.default]
    yield f"\nNot answered, and so assumed: {', '.join(f'`{key}`' for key in guessed)}; and how people respond.\n"
    yield from outcomes(kept)
    yield f"\n{READINGS[name]}\n"
    yield from law(kept)
    yield from rights(kept)
    yield "\n## What this cannot show\n\nWhether people behave so: rates of conduct and responses are assumed. What officials do beside the rules."
    yield "Whether such a scheme is lawful: the articles say where to look, and a court says the rest."


def shown(value: Any) -> str:
    """An answer as a reader sees it."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {points:+d}" for key, points in value.items())
    return ", ".join(value) if isinstance(value, list) else {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def outcomes(kept: dict[str, Any]) -> Iterator[str]:
    """What came out, with intervals."""
    yield f"## What comes out\n\nMeans over five worlds of {CITIZENS:,} citizens and {DAYS} days, with 95 % intervals over seeds.\n"
    yield "| outcome | mean | interval | minority | poorest fifth |\n|---|---:|---:|---:|---:|"
    rows = {(row["metric"], row["group"]): row for row in kept["luck"]}
    texts = language("en", "impact").texts
    for metric in TOLD:
        row = rows.get((metric, GROUP))
        if row:
            ends = "–" if row["low"] is None else f"{number(row['low'], metric)} to {number(row['high'], metric)}"
            groups = (number(rows[metric, group]["mean"], metric) if (metric, group) in rows else "–" for group in ("minority", "income_1"))
            yield f"| {texts.get(f'metric.{metric}', about(metric).label)} | {number(row['mean'], metric)} | {ends} | {' | '.join(groups)} |"


def law(kept: dict[str, Any]) -> Iterator[str]:
    """Articles with a figure that is not nought."""
    yield "\n## Articles that it touches\n\n| article | question | figure |\n|---|---|---|"
    means = {row["metric"]: row["mean"] for row in kept["luck"] if row["group"] == GROUP}
    texts = language("en", "impact")
    for key, metrics in YARDSTICKS.items():
        told = [f"{texts.text(f'metric.{m}')}: {number(means[m], m)}" for m in metrics if means.get(m)]
        if told:
            yield f"| {texts.text(f'law.{key}')} | {texts.text(f'yardstick.{key}')} | {'; '.join(told)} |"


def rights(kept: dict[str, Any]) -> Iterator[str]:
    """Rights that would help most."""
    yield f"\n## Rights that would help most\n\nIn three worlds of each, of {kept['harm']:.3g} wrongful events per 1,000 people:\n"
    if not kept["best"]:
        yield "- none: there was nothing to avoid"
    for row in kept["best"]:
        yield f"- {row['lever'].replace('_', ' ')} would avoid {row['avoided']:.3g} ({100 * row['share']:.3g} %)"


def main(arguments: list[str]) -> int:
    """0, or 1 if --check finds another page."""
    if "--run" in arguments:
        KEPT.write_text(json.dumps(lived(), indent=1) + "\n", encoding="utf-8")
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    stale = []
    for name in EXAMPLES:
        path, text = FOLDER / f"{name}.md", "\n".join(page(name, kept[name])) + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path.name))
            if "--check" not in arguments:
                path.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        print(f"run python docs/make_examples.py: {', '.join(stale)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
