"""Questions that European and human-rights law asks of a scheme, each with the metrics that bear on it.

A figure is a matter for judgement, not a finding. The articles: regulations (EU) 2024/1689 and (EU) 2016/679, the European
Convention on Human Rights, the International Covenant on Civil and Political Rights, the Convention on the Rights of the Child,
and judgments of the Court of Justice by their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from glasscity.report.document import Rows, Section, Table, Text
from glasscity.rules.language import Language, language
from glasscity.rules.model import Channel, Safeguard
from glasscity.rules.resolve import Resolved

# legal yardstick -> the metrics that bear on it; none: the rulebook itself has to be asked
YARDSTICKS: dict[str, tuple[str, ...]] = {
    "ai_act_5_1_c_i": ("context_transfer",),
    "ai_act_5_1_c_ii": ("proportionality_inversions",),
    "ai_act_5_1_d": ("innocent_risk", "points_through_others_share", "innocent_by_association_share"),
    "ai_act_5_1_e": (),
    "ai_act_5_1_f": (),
    "ai_act_5_1_g": (),
    "ai_act_5_1_h": ("misattribution_of_penalties", "exposure_hours"),
    "ai_act_26": ("never_told_share", "learned_by_refusal_share"),
    "ai_act_27": (),
    "ai_act_86": ("reason_coverage",),
    "gdpr_22": ("goodhart_gap", "appeal_upheld_share"),
    "gdpr_16_17": ("errors_mended_share", "error_left"),
    "gdpr_5_1_b": ("context_transfer",),
    "echr_6": ("appeal_upheld_share", "wrongful_sanction_share"),
    "echr_8": ("exposure_hours",),
    "echr_10_11": ("chilled_share", "ties_lost_per_1000"),
    "echr_14": ("residual_disparity",),
    "iccpr_12_crc": ("refused_per_1000", "spillover_children"),
}
AT_SCHOOL_OR_WORK = ("school", "work")


def section(texts: Language, told: Callable[[str], str], schemes: Sequence[Mapping[str, Any]], size: Mapping[str, int]) -> Section:
    """The checklist with figures.

    texts: those of the topic `impact`. told: what is said of a metric. schemes: `facts_of` the rulebook, or of those
    of both worlds. size: citizens and days.
    """
    answers = {
        "ai_act_5_1_e": in_turn(listed(texts, "compares", scheme) for scheme in schemes),
        "ai_act_5_1_f": in_turn(listed(texts, "infers", scheme) for scheme in schemes),
        "ai_act_5_1_g": in_turn(disparity(texts, scheme, told) for scheme in schemes),
        "ai_act_27": assessment(texts, schemes, size),
    }
    rows: Rows = [
        [texts.say(f"law.{key}"), texts.say(f"yardstick.{key}"),
         answers.get(key) or "; ".join(f"{texts.say(f'metric.{m}')}: {told(m)}" for m in metrics)]
        for key, metrics in YARDSTICKS.items()
    ]  # fmt: skip
    head = [texts.say(f"head.{key}") for key in ("law", "question", "figures")]
    return Section("yardsticks", texts.say("yardsticks"), [Text(texts.say("yardsticks_says")), Table(head, rows, is_wordy=True)])


# --- what the rulebook itself answers --------------------------------------------------------------


def facts_of(resolved: Resolved) -> dict[str, Any]:
    """What the law asks of a rulebook itself, as plain data: its name, how many rules, machines that compare people, rights granted."""
    articles = [a for a in resolved.rulebook.articles.values() if a.enabled]
    machines = [a for a in articles if isinstance(a, Channel) and a.scans]
    levers = {a.lever for a in articles if isinstance(a, Safeguard)}
    return {
        "name": resolved.rulebook.name.model_dump(), "n": len(articles),
        "compares": [a.name.model_dump() for a in machines if a.domain not in AT_SCHOOL_OR_WORK],
        "infers": [a.name.model_dump() for a in machines if a.domain in AT_SCHOOL_OR_WORK],
        "review": "review" in levers, "appeal": "appeal" in levers,
    }  # fmt: skip


def listed(texts: Language, key: str, scheme: Mapping[str, Any]) -> str:
    """Which machines there are, by name."""
    names = [names[texts.code] for names in scheme[key]]
    return texts.say(f"fact.{key}", names=language(texts.code).all_of(names)) if names else texts.say(f"fact.{key}_none")


def disparity(texts: Language, scheme: Mapping[str, Any], told: Callable[[str], str]) -> str:
    """How a scheme falls on the minority, if a machine compares people at all."""
    is_machine = scheme["compares"] or scheme["infers"]
    return f"{texts.say('metric.residual_disparity')}: {told('residual_disparity')}" if is_machine else texts.say("fact.compares_none")


def in_turn(told: Iterable[str]) -> str:
    """What is said of each world, once if it is the same."""
    return " → ".join(dict.fromkeys(told))


def assessment(texts: Language, schemes: Sequence[Mapping[str, Any]], size: Mapping[str, int]) -> str:
    """The six things that an assessment names, or where they stand in the report."""
    lang = language(texts.code)
    rights = {right: in_turn(texts.say("fact.yes" if scheme[right] else "fact.no") for scheme in schemes) for right in ("review", "appeal")}
    return texts.say(
        "fact.assessment", n=in_turn(lang.number(scheme["n"]) for scheme in schemes), name=schemes[0]["name"][texts.code],
        days=lang.number(size["days"]), citizens=lang.number(size["citizens"]), **rights,
    )  # fmt: skip
