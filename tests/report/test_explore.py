"""Charts of any metric: told in the language asked for, definition, unit, titles, groups and numbers alike."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
import vl_convert
from worlds import lived

from glasscity.metrics import tables
from glasscity.report import explore
from glasscity.report.names import definition, unit
from glasscity.rules.language import LANGUAGES
from glasscity.rules.resolve import Resolved, resolve

METRICS = ("share_ever.sanctioned", "records.street_camera.false_alarm", "refused.flight", "class_share.A", "standing", "error_life")
PERCENT = {"en": "%", "de": "\N{NO-BREAK SPACE}%", "nl": "%"}


@cache
def world() -> tuple[Resolved, pl.DataFrame]:
    """A scheme, and the metrics of a tiny world under it."""
    resolved = resolve("beijing-2020")
    with np.errstate(over="ignore"):
        return resolved, tables.metrics_frame(lived(resolved, 300, 14, panel=150)).with_columns(date=pl.lit("2021-01-01").str.to_date() + pl.duration(days="day"))


def told(metric: str, lang: str) -> dict[str, Any]:
    """The charts of a metric of the world and its twin."""
    resolved, frame = world()
    return explore.charts([frame, frame], metric, resolved, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("metric", METRICS)
def test_charts__say_what_the_metric_counts_and_in_what(metric: str, lang: str) -> None:
    found = told(metric, lang)
    assert found["definition"] == definition(metric, lang) and found["unit"] == unit(metric, lang)


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_charts__leave_no_english_in_other_languages(lang: str) -> None:
    for metric in METRICS:
        english, other = words_of(told(metric, "en")), words_of(told(metric, lang))
        assert len(english) == len(other) > 20
        names = {str(names.en) for names in (d.name for d in world()[0].population.districts.values())}
        assert {here for here, there in zip(english, other, strict=True) if here == there} <= names, metric


def words_of(found: dict[str, Any]) -> list[str]:
    """Every word of the charts that a reader sees, those of the drawing included; dates aside."""
    said = [found["name"], found["unit"], found["definition"]]
    for chart in found["charts"]:
        said += [chart["title"], *chart["head"], chart["spec"]["description"]]
        said += [row[0] for row in chart["rows"] if chart["id"] != "time"]
        said += [row[field] for row in chart["spec"]["data"]["values"] for field in ("world", "outcome") if field in row]
    return said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts__write_numbers_as_the_language_does(lang: str) -> None:
    for chart in told("share_ever.sanctioned", lang)["charts"]:
        marks = json.loads(json.dumps(chart["spec"]))["config"]["locale"]["number"]
        assert marks["percent"] == PERCENT[lang]
        assert (marks["decimal"], marks["thousands"]) == ((".", ",") if lang == "en" else (",", "."))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_drawing__says_of_its_own_accord_nothing_in_english(lang: str) -> None:
    charts = told("share_ever.sanctioned", lang)["charts"]
    assert {chart["id"] for chart in charts} == {"time", "group", "district"}
    for chart in charts:
        assert not re.findall(r'aria-label="[^"]*"', vl_convert.vegalite_to_svg(chart["spec"]))
