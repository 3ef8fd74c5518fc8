"""Names and definitions of metrics: complete in every language, filled for every metric of a run, and nothing left in English."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from worlds import lived

from glasscity.metrics import registry, tables
from glasscity.report.names import DEFINITION, LIKE_ITS_OUTCOME, METRICS, definition, metric_names, spelt, texts, unit
from glasscity.rules.language import LANGUAGES, gaps, language
from glasscity.rules.resolve import Resolved, resolve

SCENARIOS = ("beijing-2020", "court-list", "sesame")  # firms, classes, bands, lists, and a scheme without points
NEVER_SHOWN = re.compile(r"[<>\[\]_{}]")
OTHERS = [lang for lang in LANGUAGES if lang != "en"]
EVERY = registry.METRICS | registry.PAIRED
ENGLISH = {  # words that no sentence in another language has
    "de": re.compile(r"\b(the|of|and|or|that|which|who|is|are|were|by|with|for|to|not|citizens?|records?|among)\b", re.IGNORECASE),
    "nl": re.compile(r"\b(the|and|or|that|which|who|are|were|by|with|for|to|not|citizens?|records?|among)\b", re.IGNORECASE),
}
NUMBER, ADDRESS = re.compile(r"\d+(?:[.,]\d+)*"), re.compile(r"https?:[^\s)]+")


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
    assert {key.removeprefix("unit.") for key in told if key.startswith("unit.")} == {m.unit for m in EVERY.values()}
    assert set(told) - {f"name.{key}" for key in registry.METRICS} == set(texts("en").texts) - {f"name.{key}" for key in registry.METRICS}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names__have_the_gaps_of_their_family(lang: str) -> None:
    for key in registry.METRICS:
        assert gaps(texts(lang).text(f"name.{key}")) == set(re.findall(r"<(\w+)>", key)), key


@pytest.mark.parametrize("lang", OTHERS)
def test_names__leave_no_english_in_other_languages(lang: str) -> None:
    english, other = texts("en").texts, texts(lang).texts
    assert not {key for key, text in english.items() if other[key].casefold() == text.casefold()}


def definitions(lang: str) -> dict[str, str]:
    """Every definition of a language, by the registry's name."""
    return {key.removeprefix(f"{DEFINITION}."): text for key, text in texts(lang).texts.items() if key.startswith(f"{DEFINITION}.")}


def figures(text: str) -> list[str]:
    """The numbers and addresses of a text, however a language writes them."""
    plain = ADDRESS.sub("", text)
    return sorted(re.sub("[.,]", "", number) for number in NUMBER.findall(plain)) + ADDRESS.findall(text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_definitions__cover_every_entry_of_the_registry_and_no_other(lang: str) -> None:
    told = definitions(lang)
    assert set(told) == set(EVERY)
    for key, text in told.items():
        assert text[0].isupper() or text[0].isdigit(), key
        assert text.endswith(".") and not re.search(r"[<>{}]|\.\.|  ", text), key


@pytest.mark.parametrize("lang", OTHERS)
def test_definitions__leave_no_english_in_other_languages(lang: str) -> None:
    english, other = definitions("en"), definitions(lang)
    assert not {key for key, text in english.items() if other[key].casefold() == text.casefold()}
    assert {key: found[0] for key, text in other.items() if (found := ENGLISH[lang].search(text))} == {}


@pytest.mark.parametrize("lang", OTHERS)
def test_definitions__have_the_numbers_and_addresses_of_english(lang: str) -> None:
    english, other = definitions("en"), definitions(lang)
    assert {key: figures(text) for key, text in other.items()} == {key: figures(text) for key, text in english.items()}


@pytest.mark.parametrize("lang", OTHERS)
def test_definitions__have_no_text_that_nothing_asks_for(lang: str) -> None:
    told = language(lang, METRICS).texts
    tables = {key.partition(".")[0] for key in told} - {key.partition(".")[0] for key in texts(lang).texts}
    asked = {gap for key in told if key.startswith((f"{DEFINITION}.", "outcome.")) for gap in gaps(key)}
    assert tables == asked


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_definition__of_every_metric_of_a_run_is_that_of_its_entry(scenario: str, lang: str) -> None:
    told = definitions(lang)
    assert {definition(name, lang) for name in table(scenario)[1]} <= set(told.values())


def test_definition__says_what_its_family_and_its_member_say() -> None:
    assert definition("refused_wrongly.flight", "de") == "Abgelehnte Wünsche, die allein nach wahren Einträgen nicht abgelehnt worden wären; nur diese Art."
    assert definition("share_ever.refused", "nl") == "Aandeel van de mensen aan wie ooit een wens is geweigerd."
    assert "26 Wochen (ein halbes Jahr) später" in definition("trap.26", "de")
    assert definition("records.street_camera.right", "en") == registry.about("records.street_camera.right").definition
    assert definition("tie_loss_paired", "nl").startswith("Aandeel van de vriendschappen")


def test_definition__of_what_is_no_metric_is_a_key_error() -> None:
    for lang in LANGUAGES:
        with pytest.raises(KeyError):
            definition("happiness", lang)


def test_spelt__fills_a_gap_with_each_member_of_its_table_in_turn() -> None:
    told = {"one.a": "A.", "one.{two}": "{two}!", "one.{two}.x": "X {two}", "two.b": "B", "two.c.{three}": "C{three}", "three.4": "four"}
    assert spelt(told, "one") == {"a": "A.", "b": "B!", "c.4": "Cfour!", "b.x": "X B", "c.4.x": "X Cfour"}


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
    assert unit("tie_loss_paired", "de") == "Anteil"
    assert unit("half_width.exposure_hours", "nl") == unit("exposure_hours", "nl") == "kanaaluren per dag"
