"""Names of metrics: complete in every language, filled for every metric of a run, and nothing left in English."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from worlds import lived

from glasscity.metrics import registry, tables
from glasscity.report.names import LIKE_ITS_OUTCOME, metric_names, texts, unit
from glasscity.rules.language import LANGUAGES, gaps
from glasscity.rules.resolve import Resolved, resolve

SCENARIOS = ("beijing-2020", "court-list", "sesame")  # firms, classes, bands, lists, and a scheme without points
NEVER_SHOWN = re.compile(r"[<>\[\]_{}]")


@cache
def table(scenario: str) -> tuple[Resolved, list[str]]:
    """A scheme, and the metrics of a tiny world under it; half of its citizens in the panel, so that half-widths are told."""
    resolved = resolve(scenario)
    with np.errstate(over="ignore"):
        frame = tables.metrics_frame(lived(resolved, 300, 14, panel=150))
    return resolved, frame["metric"].unique(maintain_order=True).to_list()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names__cover_every_entry_of_the_registry_and_no_other(lang: str) -> None:
    told = texts(lang).texts
    assert {key.removeprefix("name.") for key in told if key.startswith("name.")} == set(registry.METRICS)
    assert {key.removeprefix("unit.") for key in told if key.startswith("unit.")} == {m.unit for m in registry.METRICS.values()}
    assert set(told) - {f"name.{key}" for key in registry.METRICS} == set(texts("en").texts) - {f"name.{key}" for key in registry.METRICS}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names__have_the_gaps_of_their_family(lang: str) -> None:
    for key in registry.METRICS:
        assert gaps(texts(lang).text(f"name.{key}")) == set(re.findall(r"<(\w+)>", key)), key


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_names__leave_no_english_in_other_languages(lang: str) -> None:
    english, other = texts("en").texts, texts(lang).texts
    assert not {key for key, text in english.items() if other[key].casefold() == text.casefold()}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_metric_names__are_whole_and_distinct_for_every_metric_of_a_run(scenario: str, lang: str) -> None:
    resolved, metrics = table(scenario)
    found = metric_names(metrics, resolved, lang)
    assert list(found) == metrics
    for metric, name in found.items():
        assert name[0].isupper() and not NEVER_SHOWN.search(name), (metric, name)
    twice = {name: [m for m in metrics if found[m] == name] for name in found.values() if list(found.values()).count(name) > 1}
    assert not twice


def test_metric_names__take_their_gaps_from_the_scheme() -> None:
    resolved = resolve("beijing-2020")
    wanted = {
        "records.street_camera.wrong_person": "Einträge: Straßenkameras, falsche Person",
        "class_share.A": "In Klasse A (Anteil der Menschen)",
        "share_ever.sanctioned.ratio": "Gruppenverhältnis: Je bestraft (Verhältnis)",
        "conduct.jaywalking.acts": "Handlungen: Bei Rot über die Straße gehen",
        "half_width.notice_delay": "Halbe Breite des Intervalls: Verzug bis zur Kenntnis (Tage)",
        "standing_bin.1024": "Stand ab 1.024 (Menschen)",
        "firms_listed.services": "Auf die Liste gesetzt: Dienstleistungen (Firmen)",
    }
    assert metric_names(wanted, resolved, "de") == wanted
    assert metric_names(["class_share.A"], resolved, "nl", units=False) == {"class_share.A": "In klasse A"}
    assert metric_names(["class.model"], resolve("village"), "en") == {"class.model": "In class “Model villager” (citizens)"}


def test_metric_names__of_what_the_scheme_does_not_have_is_a_key_error() -> None:
    for name in ("happiness", "records.crystal_ball.right", "class.Z"):
        with pytest.raises(KeyError):
            metric_names([name], resolve("beijing-2020"), "en")


def test_unit__of_a_half_width_is_that_of_its_outcome() -> None:
    assert registry.METRICS["half_width.<outcome>"].unit == LIKE_ITS_OUTCOME
    assert unit("half_width.exposure_hours", "nl") == unit("exposure_hours", "nl") == "kanaaluren per dag"
