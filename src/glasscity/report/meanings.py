"""What the figures of a report count: a table to stand below theirs."""

from __future__ import annotations

from collections.abc import Iterable

from glasscity.report.document import Table
from glasscity.report.names import definition, unit
from glasscity.rules.language import Language


def meanings(texts: Language, labels: Iterable[tuple[str, str]]) -> Table:
    """Each metric under the label that a report gives it, with its definition and its unit; in HTML folded away.

    texts: those of the topic `impact`. labels: metrics and what they are called.
    """
    head = [texts.say(f"head.{key}") for key in ("outcome", "counts", "unit")]
    rows = [[label, definition(metric, texts.code), unit(metric, texts.code)] for metric, label in labels]
    return Table(head, rows, is_wordy=True, folded=texts.say("counts"))
