"""Questions that European and human-rights law asks of a scheme, each with the metrics that bear on it.

A figure is a matter for judgement, not a finding. The articles: regulations (EU) 2024/1689 and (EU) 2016/679, the European
Convention on Human Rights, the International Covenant on Civil and Political Rights, the Convention on the Rights of the Child,
and judgments of the Court of Justice by their numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from glasscity.report.document import Rows, Section, Table, Text
from glasscity.rules.language import Language

# legal yardstick -> the metrics that bear on it
YARDSTICKS: dict[str, tuple[str, ...]] = {
    "ai_act_5_1_c_i": ("context_transfer",),
    "ai_act_5_1_c_ii": ("proportionality_inversions",),
    "ai_act_5_1_d": ("innocent_risk", "points_through_others_share", "innocent_by_association_share"),
    "ai_act_5_1_h": ("misattribution_of_penalties", "exposure_hours"),
    "ai_act_26": ("never_told_share", "learned_by_refusal_share"),
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


def section(texts: Language, told: Callable[[str], str]) -> Section:
    """The checklist with figures. `texts`: those of the topic `impact`; `told`: what is said of a metric."""
    rows: Rows = [
        [texts.say(f"law.{key}"), texts.say(f"yardstick.{key}"), "; ".join(f"{texts.say(f'metric.{m}')}: {told(m)}" for m in metrics)]
        for key, metrics in YARDSTICKS.items()
    ]  # fmt: skip
    head = [texts.say(f"head.{key}") for key in ("law", "question", "figures")]
    return Section("yardsticks", texts.say("yardsticks"), [Text(texts.say("yardsticks_says")), Table(head, rows, is_wordy=True)])
