"""The page of twin worlds: its numbers are the stored ones, in three languages, and nothing that users write gets through."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from html import unescape
from pathlib import Path

import polars as pl
import pytest

import glasscity
from glasscity import cli, jobs
from glasscity.cli.shown import TOO_FEW
from glasscity.metrics import paired, registry
from glasscity.report import twins
from glasscity.report.names import definition, unit
from glasscity.rules.language import gaps, language
from glasscity.rules.load import BUILT_IN

LANGUAGES = ("en", "de", "nl")
PERCENT = {code: language(code).say("form.percent", n="") for code in LANGUAGES}
FILES = {code: Path(str(BUILT_IN)) / "twins" / f"{code}.toml" for code in LANGUAGES}


def flat(code: str) -> dict[str, str]:
    found = {}
    for key, value in tomllib.loads(FILES[code].read_text(encoding="utf-8")).items():
        found |= {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("twins") / "pair"
    glasscity.compare("beijing-2020", without="sensor_error", safeguards="notice", citizens=3000, days=42, seeds=2, out=place)
    return place


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)))


@pytest.mark.parametrize("code", LANGUAGES)
def test_texts__are_complete_in_every_language_with_the_same_gaps(code):
    english, other = flat("en"), flat(code)
    assert list(other) == list(english)
    assert all(gaps(other[key]) == gaps(text) for key, text in english.items())


def test_texts__are_not_english_in_other_languages():
    english = flat("en")
    for code in ("de", "nl"):
        alike = {key for key, text in flat(code).items() if text == english[key] and len(text.split()) > 1}
        assert not alike, (code, alike)


@pytest.mark.parametrize("code", LANGUAGES)
def test_page__tells_the_stored_numbers(folder, code):
    """Each row of the table of effects, worked out once more from the stored tables."""
    html = twins.build(folder, code).read_text(encoding="utf-8")
    assert f'<html lang="{code}">' in html
    twin, told = glasscity.load_twin(folder), text_of(html)
    for metric, label in ((key[7:], text) for key, text in flat(code).items() if key.startswith("metric.")):
        found = twin.effect(metric)
        if found["difference"] is None:
            continue
        both = re.findall(rf"<th[^>]*>{re.escape(label)}</th>((?:<td>[^<]*</td>)+)", html)
        cells, counted = ([unescape(cell) for cell in re.findall(r"<td>([^<]*)</td>", row)] for row in both)
        assert counted == [definition(metric, code), unit(metric, code)]
        for cell, value in zip(cells, (found["factual"], found["counterfactual"], found["difference"]), strict=False):
            number = cell.removesuffix(PERCENT[code]).replace("−", "-")
            number = number.replace(",", "") if code == "en" else number.replace(".", "").replace(",", ".")
            scale = 100 if cell.endswith("%") else 1
            assert float(number) == pytest.approx(value * scale, rel=0.006, abs=0.51 if abs(value * scale) >= 100 else 0.051 if abs(value * scale) >= 10 else 1e-9)
    assert flat(code)["synthetic_long"] in told and flat(code)["cannot_text"] in told
    assert glasscity.load_twin(folder).about["command"] in told


def test_page__needs_no_network_and_no_script(folder):
    html = twins.build(folder).read_text(encoding="utf-8")
    assert "default-src 'none'" in html and "<script" not in html
    assert not re.search(r"(?:src|href)=\"(?!#)", html)
    assert html.count("<svg") == 3 and html.count('role="img"') == 3


def test_page__escapes_what_users_write(folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    about = json.loads((tmp_path / "twin.json").read_text())
    about["names"]["beijing-2020"]["en"] = "<script>alert(1)</script>"
    (tmp_path / "twin.json").write_text(json.dumps(about))
    html = twins.build(tmp_path).read_text(encoding="utf-8")
    assert "<script" not in html and "&lt;script&gt;" in html


def test_report__draws_twin_worlds_anew_in_a_language(folder, capsys):
    assert cli.perform(["report", str(folder), "--lang", "nl"]) == 0
    assert capsys.readouterr().out.strip() == str(folder / "report.html")
    assert "tweelingwerelden" in (folder / "report.html").read_text(encoding="utf-8")
    assert cli.perform(["report", str(folder), "--lang", "fr"]) == 2
    assert "en, de, nl" in capsys.readouterr().err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pdf__of_twin_worlds_is_tagged(folder, lang):
    path = jobs.report(folder, lang, pdf=True)
    body = path.read_bytes()
    assert path.name == "report.pdf" and b"/StructTreeRoot" in body and b"pdfuaid" in body


def test_page__fills_in_the_legal_checklist_for_both_worlds(folder):
    told = text_of(twins.build(folder).read_text(encoding="utf-8"))
    row = glasscity.load_twin(folder).effect("chilled_share")
    assert f"Expression withheld: {100 * row['factual']:.3g}% → {100 * row['counterfactual']:.3g}%" in told


def test_page__of_one_seed_without_intervals_is_drawn(tmp_path):
    jobs.compare("court-list", without="no_appeal", citizens=300, days=8, seeds=1, out=tmp_path / "t")
    assert "one pair of worlds: no interval" in (tmp_path / "t" / "report.html").read_text(encoding="utf-8").lower()


# --- groups ----------------------------------------------------------------------------------------


def cells_of(html: str, section: str) -> list[list[str]]:
    """Rows of a section's tables."""
    [body] = re.findall(rf'<section id="{section}">(.*?)</section>', html, re.DOTALL)
    rows = re.findall(r'<th scope="row"[^>]*>(.*?)</th>((?:\s*<td[^>]*>.*?</td>)+)', body, re.DOTALL)
    return [[unescape(head), *(unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", rest))] for head, rest in rows]


@pytest.mark.parametrize("code", LANGUAGES)
def test_page__leaves_out_small_groups(folder, code):
    """Every group has its row; those of fewer than SMALLEST_CELL people say nothing, the others what is stored."""
    twin, html = glasscity.load_twin(folder), twins.build(folder, code).read_text(encoding="utf-8")
    rows = cells_of(html, "groups")
    assert len(rows) == len(twins.GROUPS)
    small = [group for group in twins.GROUPS if twin.effect("citizens", group)["factual"] < registry.SMALLEST_CELL]
    assert small and "all" not in small
    for group, row in zip(twins.GROUPS, rows, strict=True):
        assert (set(row[1:]) == {twins.NONE}) == (group in small), (group, row)
    assert str(registry.SMALLEST_CELL) in text_of(html.partition('id="groups"')[2].partition("<svg")[0])
    assert not any(f">{row[0]}<" in html.partition('id="groups"')[2].partition("<table")[0] for group, row in zip(twins.GROUPS, rows, strict=True) if group in small)


@pytest.mark.parametrize("code", LANGUAGES)
def test_page__tells_the_paired_figures_as_stored(folder, code):
    twin, rows = glasscity.load_twin(folder), cells_of(twins.build(folder, code).read_text(encoding="utf-8"), "lost")
    labels = [text for key, text in flat(code).items() if key.startswith("lost_figure.")]
    assert [row[0] for row in rows] == [*labels, *labels]
    assert [row[1:] for row in rows[len(labels):]] == [[definition(metric, code), unit(metric, code)] for metric in paired.PAIRED]
    for metric, row in zip(paired.PAIRED, rows[:len(labels)], strict=True):
        value = twin.loss(metric)["value"]
        told = row[1].removesuffix(PERCENT[code]).replace("−", "-").replace(".", "" if code != "en" else ".").replace(",", ".")
        assert row[1] == twins.NONE if value is None else float(told) == pytest.approx(100 * value, rel=0.006, abs=1e-9)


def test_command__tells_no_rate_of_a_small_group(folder):
    from glasscity.cli.twins import effect_rows, group_rows, loss_rows

    twin = glasscity.load_twin(folder)
    few = replace(twin, effects=twin.effects.with_columns(
        pl.when((pl.col("metric") == "citizens") & (pl.col("group") == "minority")).then(99.0).otherwise("factual").alias("factual")))  # fmt: skip
    for rows in (group_rows(few), loss_rows(few)):
        [place] = [k for k, cell in enumerate(rows[0]) if cell == "minority"] or [None]
        cells = [row[place] for row in rows[1:]] if place else next(row[1:] for row in rows if row[0] == "minority")
        assert set(cells) == {TOO_FEW}
    told = {row[0]: row[1] for row in effect_rows(few)}
    assert told["minority's risk of a sanction against the majority's"] == TOO_FEW
