"""Makes docs/questions.md from docs/questions.json: ten questions, each answered by one command.

python docs/make_questions.py               writes the page and its pictures
python docs/make_questions.py --run [Q1 …]  first gives the commands of these questions anew (all: some fifteen minutes)
python docs/make_questions.py --check       exit 1 if the page is not what would be written
"""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from glasscity import cli

sys.path.insert(0, str(Path(__file__).parent))

import question_pictures  # noqa: E402  (beside this file)

DOCS = Path(__file__).parent
PAGE, KEPT = DOCS / "questions.md", DOCS / "questions.json"
Data = dict[str, Any]
INTRODUCTION = """# Ten questions

Whoever has to judge a scheme comes upon these. Each is answered here by one command over synthetic citizens, which you can give
yourself; the figures below are what it printed. They are about the *rulebooks as written down here*, with their assumed
numbers, and not about a country or an authority. Intervals are 95 % over seeds. `docs/make_questions.py --run` takes all answers anew.
"""


@dataclass(frozen=True)
class Question:
    """A question, the command that answers it, what is kept of what it says, and how that is told."""

    asked: str
    command: str
    keeps: Callable[[Data, Path], Data]
    tells: Callable[[Data], list[str]]
    limits: str


# --- what is kept ----------------------------------------------------------------------------------


def effects(*wanted: tuple[str, str]) -> Callable[[Data, Path], Data]:
    """Effects on some metrics of some groups, and lives that differ."""

    def keep(said: Data, out: Path) -> Data:
        frame = pl.read_parquet(out / "effects.parquet")
        last = frame.filter((pl.col("day") == pl.col("day").max()) & (pl.col("district") == "all"))
        rows = [row for metric, group in wanted for row in last.filter(metric=metric, group=group).drop("day", "date", "district").to_dicts()]
        lives = [row for row in said["lives"] if row["group"] == "all"]
        return {"effects": rows, "lives": lives, "citizens": said["citizens"]}

    return keep


def over_time(*metrics: str) -> Callable[[Data, Path], Data]:
    """Both worlds' values of some metrics on all days of reading."""

    def keep(said: Data, out: Path) -> Data:
        frame = pl.read_parquet(out / "effects.parquet").filter((pl.col("group") == "all") & (pl.col("district") == "all"))
        kept = ("day", "date", "factual", "counterfactual", "difference", "low", "high")
        return {metric: frame.filter(metric=metric).sort("day").select(kept).with_columns(pl.col("date").cast(pl.String)).to_dicts() for metric in metrics}

    return keep


def abolished(*metrics: str) -> Callable[[Data, Path], Data]:
    """The same, and the paired figures with what outlasts the change."""

    def keep(said: Data, out: Path) -> Data:
        return {"time": over_time(*metrics)(said, out), "paired": [row for row in said["paired"] if row["group"] == "all"]}

    return keep


def readings(*metrics: str) -> Callable[[Data, Path], Data]:
    """A run's values of some metrics at the end of each year, what they have changed by in it, and the intervals of both."""

    def keep(said: Data, out: Path) -> Data:
        frame = pl.read_parquet(out / "intervals.parquet").filter((pl.col("group") == "all") & (pl.col("district") == "all"))
        yearly = frame.with_columns(year=pl.col("date").dt.year()).sort("day").group_by("metric", "year", maintain_order=True).last()
        kept = ("year", *(name + end for name in ("value", "change") for end in ("", "_low", "_high")))
        return {metric: yearly.filter(metric=metric).sort("year").select(kept).to_dicts() for metric in metrics}

    return keep


def spread_of_accounts(said: Data, out: Path) -> Data:
    """How far accounts lie apart in both worlds, over all citizens and between districts; and two effects."""
    return {"spread": said["spread"], **effects(("discretion_points", "all"), ("standing", "all"))(said, out)}


def whole(said: Data, out: Path) -> Data:
    """All that was said."""
    return said


# --- how it is told --------------------------------------------------------------------------------


def number(value: float | None, times: float = 1) -> str:
    """A number with about three digits."""
    if value is None:
        return "none"
    value *= times
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def span(low: float | None, high: float | None, times: float = 1) -> str:
    """Two ends."""
    return "" if low is None else f"{number(low, times)} to {number(high, times)}"


def scale(metric: str) -> tuple[float, str]:
    """What to multiply a metric by, and its unit in words."""
    from glasscity.metrics.registry import about

    unit = about(metric).unit
    return (100, "%") if unit.startswith(("share", "difference of shares")) else (1, unit)


def effect_table(data: Data) -> list[str]:
    """Both worlds side by side."""
    from glasscity.metrics.registry import about

    lines = ["| | as it is | changed | difference | 95 % interval |", "|---|---:|---:|---:|---:|"]
    for row in data["effects"]:
        times, unit = scale(row["metric"])
        group = "" if row["group"] == "all" else f", {row['group'].replace('_', ' ')}"
        cells = [number(row[name], times) for name in ("factual", "counterfactual", "difference")]
        lines.append(f"| {about(row['metric']).label}{group} ({unit}) | {' | '.join(cells)} | {span(row['low'], row['high'], times)} |")
    return lines


def sweep_table(data: Data) -> list[str]:
    """A row a value, a column a metric."""
    from glasscity.metrics.registry import about

    metrics = list(dict.fromkeys(point["metric"] for point in data["points"]))
    lines = ["| " + " | ".join([f"`{data['path']}`", *(f"{about(m).label} ({scale(m)[1]})" for m in metrics)]) + " |"]
    lines.append("|---:" * (len(metrics) + 1) + "|")
    for value in dict.fromkeys(point["value"] for point in data["points"]):
        cells = []
        for metric in metrics:
            [point] = [p for p in data["points"] if p["metric"] == metric and p["value"] == value]
            cells.append(f"{number(point['mean'], scale(metric)[0])} ({span(point['low'], point['high'], scale(metric)[0])})")
        lines.append(f"| {value} | " + " | ".join(cells) + " |")
    return lines


def safeguard_table(data: Data) -> list[str]:
    """Single safeguards, then the best pairs, and notice with appeal; and what seeds do not settle."""
    from glasscity.study.safeguards import unsettled

    lines = [f"{number(data['harm'])} wrongful events per 1,000 citizens in {data['days']} days.", ""]
    lines += ["| right | wrongful events avoided per 1,000 | 95 % interval | share | decisions per 1,000 | avoided per 100 decisions |", "|---|---:|---:|---:|---:|---:|"]
    alone = [row for row in data["safeguards"] if len(row["levers"]) == 1]
    pairs = [row for row in data["safeguards"] if len(row["levers"]) == 2]
    remedy = [row for row in pairs if row["levers"] == ["notice", "appeal"]]
    for row in [*alone, *pairs[:4], *remedy]:
        each = "by rule" if row["per_decision"] is None else number(row["per_decision"], 100)
        cells = [number(row["avoided"]), span(row["low"], row["high"]), number(row["share"], 100) + " %", number(row["decisions"]), each]
        lines.append(f"| {' + '.join(row['levers'])} | {' | '.join(cells)} |")
    runs = "; ".join(", ".join(row["levers"][0] for row in run) for run in unsettled(alone))
    return [*lines, "", f"Chance alone could put these neighbours in another order: {runs}."] if runs else lines


def time_table(data: Data) -> list[str]:
    """Both worlds every eighth week."""
    from glasscity.metrics.registry import about

    metrics = list(data)
    lines = ["| day | " + " | ".join(f"{about(m).label}: as it is | changed" for m in metrics) + " |", "|---" + "|---:" * (2 * len(metrics)) + "|"]
    for k, row in enumerate(data[metrics[0]]):
        if k % 8 == 7 or k == len(data[metrics[0]]) - 1:
            cells = [number(data[m][k][name], scale(m)[0]) for m in metrics for name in ("factual", "counterfactual")]
            lines.append(f"| {row['date']} | {' | '.join(cells)} |")
    return lines


def abolition_table(data: Data) -> list[str]:
    """Both worlds every eighth week; then what is lost since the change, and how much of it outlasts the change."""
    from glasscity.metrics.registry import PAIRED

    found = {row["metric"]: row for row in data["paired"]}
    lines = [*time_table(data["time"]), "", "| missing since April | in the scheme as it is (%) | 95 % interval | of it, outlasts abolition (%) | 95 % interval |", "|---|---:|---:|---:|---:|"]
    for metric in (name for name in found if not name.startswith("persistence.")):
        pair = (found[metric], found[f"persistence.{metric}"])
        cells = [cell for row in pair for cell in (number(row["value"], 100), span(row["low"], row["high"], 100))]
        lines.append(f"| {PAIRED[metric].label} | {' | '.join(cells)} |")
    return lines


def year_table(data: Data) -> list[str]:
    """A row a year, with intervals; of both approvals also what they have changed by in it. Then the years that answer the question."""
    from glasscity.metrics.registry import about

    heads = [part for m in data for part in (f"{about(m).label} ({scale(m)[1]})", *(["change in the year"] if m in APPROVALS else []))]
    lines = ["| end of | " + " | ".join(heads) + " |", "|---" + "|---:" * len(heads) + "|"]
    for k, row in enumerate(data[APPROVALS[0]]):
        cells = [with_span(data[m][k], name, scale(m)[0]) for m in data for name in ("value", *(["change"] if m in APPROVALS else []))]
        lines.append(f"| {row['year']} | " + " | ".join(cells) + " |")
    return [*lines, "", years_apart(data)]


def years_apart(data: Data) -> str:
    """The years in which stated approval rises while private approval falls, and those of which the seeds do not settle it."""
    settled, unsettled = [], []
    for private, stated in zip(*(data[metric] for metric in APPROVALS), strict=True):
        if private["change_low"] is None or stated["change_low"] is None:
            continue
        if private["change_high"] < 0 < stated["change_low"]:
            settled.append(str(stated["year"]))
        elif private["change_low"] < 0 < stated["change_high"]:
            unsettled.append(str(stated["year"]))
    told = [f"{words}: {', '.join(years) or 'none'}." for words, years in ((APART, settled), (UNSETTLED, unsettled))]
    return " ".join(told)


APPROVALS = ("approval_private", "approval_stated")
APART = "Years in which stated approval rises and private approval falls, both beyond chance"
UNSETTLED = "Years in which it may be so, and the seeds do not settle it"


def with_span(row: Data, name: str, times: float = 1) -> str:
    """A value with its interval: 0.42 (0.3 to 0.54)."""
    if row[name] is None:
        return "–"
    ends = span(row[f"{name}_low"], row[f"{name}_high"], times)
    return number(row[name], times) + (f" ({ends})" if ends else "")


def spread_table(data: Data) -> list[str]:
    """How far accounts lie apart, and the share of the variance that goes with discretion."""
    lines = ["| standard deviation of accounts (points) | as it is | without discretion | share of the variance (%) |", "|---|---:|---:|---:|"]
    words = {"citizens": "over all citizens", "districts": "between the means of districts"}
    for row in data["spread"]:
        cells = [with_span(row, name, times) for name, times in (("factual", 1), ("counterfactual", 1), ("share", 100))]
        lines.append(f"| {words[row['among']]} | {' | '.join(cells)} |")
    return [*lines, "", *doubts(data["spread"], words), *effect_table(data)]


def doubts(spread: list[Data], words: dict[str, str]) -> list[str]:
    """Of which spreads the seeds do not settle whether discretion widens or narrows them."""
    found = [words[row["among"]] for row in spread if row["share_low"] is None or row["share_low"] <= 0 <= row["share_high"]]
    return [f"Not settled by the seeds, whether discretion widens or narrows accounts: {', '.join(found)}.", ""] if found else []


# --- the questions ---------------------------------------------------------------------------------

QUESTIONS = {
    "Q1": Question(
        "Which single safeguard avoids most harm per decision?",
        "glasscity safeguards beijing-2020 --citizens 20000 --days 180 --seeds 4",
        whole, safeguard_table,
        "Rights that work by rule cost no decision and come first. Notice, reasons and appeal do little alone: who is not told does not appeal, and who may not appeal gains nothing by being told; the last row grants both. How many appeal, and how often with success, is assumed.",
    ),
    "Q2": Question(
        "At what prevalence do sensors that are 99 % accurate yield mostly false records?",
        "glasscity sweep watchlist-london conduct.wanted_passing.rate=0.01,0.037,0.1,0.37,1 --metrics precision.list_camera"
        " --set articles.list_camera.true_match=0.99 --set articles.list_camera.false_match=0.01 --set alarms.passing.rate=36.5"
        " --citizens 200000 --days 14 --seeds 5",
        whole, sweep_table,
        "Each passer-by is compared 36.5 times a year, so that a rate of 0.37 is 1 % of all passages. By Bayes' rule half of the alerts are right at 1 %: 0.99 p / (0.99 p + 0.01 (1 - p)). Below that most are false, however good the camera.",
    ),
    "Q3": Question(
        "What does a friends' weight of 0, 5 or 20 % do to innocents and to the network?",
        "glasscity sweep beijing-2020 articles.friends.value=0,0.05,0.2 --metrics sanctions,sanctions_by_association,innocent_risk,ties_lost_per_1000"
        " --citizens 50000 --days 365 --seeds 5",
        whole, sweep_table,
        "Ties are lost because friends keep away from the sanctioned; that they would do so only to spare their own points is not in the model.",
    ),
    "Q4": Question(
        "A court list or a universal score: whose harms?",
        "glasscity compare court-list --against beijing-2020 --population beijing --citizens 50000 --days 365 --seeds 5",
        effects(("share_ever.sanctioned", "all"), ("share_ever.wrongly_sanctioned", "all"), ("share_ever.wrongly_sanctioned", "minority"), ("share_ever.wrongly_sanctioned", "income_1"), ("innocent_risk", "all"), ("refused_per_1000", "all"), ("chilled_share", "all"), ("ties_lost_per_1000", "all")),
        effect_table,
        "The same citizens under both. The reach of the two is not equal: divide by the share sanctioned to compare harms at equal reach.",
    ),
    "Q5": Question(
        "How much disparity remains with unequal camera density, or with the minority's cap?",
        "glasscity compare beijing-2020 --without unequal_watch --without cap --citizens 50000 --days 365 --seeds 5",
        effects(("share_ever.sanctioned", "minority"), ("share_ever.sanctioned", "majority"), ("share_ever.sanctioned.ratio", "minority"), ("share_ever.misnamed", "minority"), ("share_ever.misnamed", "majority"), ("class_share.AAA", "minority"), ("class_share.AAA", "majority")),
        effect_table,
        "Conduct is the same in both worlds and does not depend on the group. What disparity is left comes from match errors, which differ by group (`rule`).",
    ),
    "Q6": Question(
        "Does chilling outlast abolition?",
        "glasscity compare beijing-2020 --without channel --from 2021-04-01 --persistence --citizens 50000 --days 365 --seeds 5",
        abolished("expression", "risk", "sanctioned_now"), abolition_table,
        "From April on nothing is recorded any more in the changed world. Fear stops rising, but does not go: whoever is listed stays so for his term, classes stay, and people see it. Expression stays where it was. How fast fear would fade without any sanctioned is assumed; people who have learnt silence for years may not unlearn it so.",
    ),
    "Q7": Question(
        "When does stated approval rise while private approval falls?",
        "glasscity run rollout --citizens 20000 --seeds 5 --no-report",
        readings("approval_private", "approval_stated", "risk", "enrolled_share"), year_table,
        "By far the most when the scheme becomes compulsory in 2020: sanctions and refusals cost approval, fear of them makes people say otherwise. Before, among volunteers, both moved by hundredths and tenths of a point. A change is taken within each world, so that it is known much better than a level. The steps were set with surveys in view.",
    ),
    "Q8": Question(
        "How does a wrong record spread when subsystems merge?",
        "glasscity compare beijing-2020 --without sharing --citizens 50000 --days 365 --seeds 5",
        effects(("handed_over", "all"), ("points_lost_falsely", "all"), ("private_lost_falsely", "all"), ("share_ever.wrongly_sanctioned", "all"), ("refused_wrongly", "all")),
        effect_table,
        "Whether correction can catch up: `glasscity sweep beijing-2020 articles.error_audit.value=0.01,0.05,0.2 --set articles.error_audit.enabled=true --metrics wrongly_now,audited`.",
    ),
    "Q9": Question(
        "What changes with rewards only?",
        "glasscity compare beijing-2020 --without sanction --without list --citizens 50000 --days 365 --seeds 5",
        effects(("share_ever.sanctioned", "all"), ("refused_per_1000", "all"), ("advantage", "all"), ("acts.prosocial", "all"), ("motivation", "all"), ("chilled_share", "all"), ("risk", "all")),
        effect_table,
        "Classes stay, so somebody still falls into a class that is called bad; nothing follows from it. Voluntary entry that becomes compulsory: scenario `rollout`, and Q7.",
    ),
    "Q10": Question(
        "How much of the variance is local officials' discretion?",
        "glasscity compare village --without discretion --days 365 --seeds 20",
        spread_of_accounts, spread_table,
        "Twelve villages, each with a head of its own, who gives more or fewer points for the same act. That sets villages apart. Within a village a lavish head widens accounts and a sparing one narrows them, so that over all citizens a single seed may say a third more or a third less.",
    ),
}  # fmt: skip


def given(question: Question) -> Data:
    """Give a question's command, and keep what it says."""
    with tempfile.TemporaryDirectory() as place:
        out, said = Path(place) / "out", io.StringIO()
        words = [*shlex.split(question.command)[1:], "--json"]
        words += ["--out", str(out)] if words[0] in ("compare", "run") else []
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
            code = cli.perform(words)
        if code:
            raise SystemExit(f"{question.command}: exit code {code}")
        return question.keeps(json.loads(said.getvalue()), out)


def run(names: list[str]) -> None:
    """Give the commands of some questions anew."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for name in names:
        kept[name] = {"command": QUESTIONS[name].command, "said": given(QUESTIONS[name])}
        kept = {key: kept[key] for key in QUESTIONS if key in kept}
        KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        print(name, flush=True)


def page(kept: Data) -> str:
    """The whole page."""
    lines = [INTRODUCTION]
    for name, question in QUESTIONS.items():
        lines += [f"## {name} {question.asked}", "", "```", question.command, "```", "", picture_of(name), "", *question.tells(kept[name]["said"]), "", question.limits, ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def picture_of(name: str) -> str:
    """A question's picture, with the words for those who cannot see it."""
    return f"![{question_pictures.DRAWN[name][1]}]({question_pictures.place(name).relative_to(DOCS).as_posix()})"


def main(arguments: list[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["--run"]:
        run(words[1:] or list(QUESTIONS))
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    stale = [name for name, question in QUESTIONS.items() if kept.get(name, {}).get("command") != question.command]
    if stale:
        print(f"docs/questions.md: {', '.join(stale)}: the command has changed; run docs/make_questions.py --run {' '.join(stale)}")
        return 1
    text = page(kept)
    if words == ["--check"]:
        is_same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text and all(question_pictures.place(name).exists() for name in QUESTIONS)
        print("docs/questions.md is as it would be made" if is_same else "docs/questions.md: run docs/make_questions.py")
        return 0 if is_same else 1
    PAGE.write_text(text, encoding="utf-8")
    question_pictures.draw(kept)
    return 0


if __name__ == "__main__":
    sys.exit(main())
