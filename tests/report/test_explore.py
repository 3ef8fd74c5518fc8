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
from glasscity.rules.language import LANGUAGES, language
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


def drawn(spec: dict[str, Any]) -> list[str]:
    """The texts of a chart as it is drawn."""
    return re.findall(r">([^<>]+)</text>", vl_convert.vegalite_to_svg(spec))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("count", [20_547, 1_402_547_003])
def test_drawing__tells_counts_to_the_last_person(lang: str, count: int) -> None:
    resolved, frame = world()
    found = explore.charts([frame.with_columns(value=pl.lit(float(count)))], "citizens", resolved, lang)
    for chart in found["charts"]:
        if chart["id"] != "time":
            assert drawn(chart["spec"]).count(language(lang).number(count)) == len(chart["rows"])


@pytest.mark.parametrize(("value", "told"), [(0.123456, "0.1235"), (12.3456, "12.35"), (1000.48, "1,000.5"), (7, "7")])
def test_drawing__rounds_no_more_than_fractions(value: float, told: str) -> None:
    resolved, frame = world()
    charts = explore.charts([frame.with_columns(value=pl.lit(value))], "standing", resolved, "en")["charts"]
    assert told in drawn(charts[1]["spec"])


@pytest.mark.parametrize(("lang", "first"), [("en", "1 Mar 2021"), ("de", "1. März 2021"), ("nl", "1 mrt. 2021")])
def test_drawing__tells_dates_as_the_language_does(lang: str, first: str) -> None:
    resolved, frame = world()
    days = frame.with_columns(date=pl.lit("2021-03-01").str.to_date() + pl.duration(days=pl.col("day") - frame["day"].min()))
    texts = drawn(explore.charts([days], "citizens", resolved, lang)["charts"][0]["spec"])
    assert first in texts and not [text for text in texts if re.match(r"\d{4}-", text)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_drawing__says_of_its_own_accord_nothing_in_english(lang: str) -> None:
    charts = told("share_ever.sanctioned", lang)["charts"]
    assert {chart["id"] for chart in charts} == {"time", "group", "district"}
    for chart in charts:
        assert not re.findall(r'aria-label="[^"]*"', vl_convert.vegalite_to_svg(chart["spec"]))
