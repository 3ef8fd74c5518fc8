"""The impact report: its figures are those of the stored run and its assessment, in three languages, as a page and as a tagged PDF."""

from __future__ import annotations

import json
import math
import os
import re
import tomllib
from html import unescape
from pathlib import Path

import polars as pl
import pytest

import glasscity
from glasscity import cli, jobs
from glasscity.errors import GlassCityError
from glasscity.metrics import registry
from glasscity.report import document, impact
from glasscity.report.document import Bullets, Document, Picture, Section, Table, Text
from glasscity.report.names import definition, unit
from glasscity.rules.language import gaps
from glasscity.rules.load import BUILT_IN
from glasscity.rules.resolve import resolve
from glasscity.study import impact as study
from glasscity.study import robust

LANGUAGES = ("en", "de", "nl")
SECTIONS = ["summary", "scheme", "affected", "harms", "yardsticks", "safeguards", "sensitivity", "cannot", "sources", "again"]
MARKS = {"en": (",", "."), "de": (".", ","), "nl": (".", ",")}


def flat(code: str) -> dict[str, str]:
    found = {}
    for key, value in tomllib.loads((Path(str(BUILT_IN)) / "impact" / f"{code}.toml").read_text(encoding="utf-8")).items():
        found |= {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    """A run assessed in full, in smaller worlds than a user's, and with a dozen guesses."""
    made = glasscity.run("beijing-2020", citizens=3000, days=60, seed=2, out=tmp_path_factory.mktemp("impact") / "run")
    every = robust.parameters
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "MOST_CITIZENS", {"luck": 2000, "safeguards": 1000, "sensitivity": 500})
        patch.setattr(study, "MOST_DAYS", 30)
        patch.setattr(robust, "parameters", lambda resolved: list(every(resolved))[::15])
        jobs.report(made.out)
    return made


def page(run, lang: str) -> str:
    return jobs.report(run.out, lang).read_text(encoding="utf-8")


def tables(html: str) -> dict[str, list[list[list[str]]]]:
    """The rows of each table, by the id of its section."""
    found = {}
    for name, body in re.findall(r'<section id="(\w+)">(.*?)</section>', html, re.DOTALL):
        found[name] = [
            [[text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)]
            for table in re.findall(r"<table.*?</table>", body, re.DOTALL)
        ]
    return found


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def read(cell: str, lang: str, is_share: bool) -> float:
    """A number as a page tells it."""
    thousands, decimal = MARKS[lang]
    value = float(cell.replace("%", "").replace("−", "-").replace(thousands, "").replace(decimal, ".").strip())
    return value / 100 if is_share else value


def assert_told(cell: str, value: float, metric: str, lang: str) -> None:
    """To the digits shown: two, three from ten on, all from a hundred on."""
    is_share = registry.about(metric).unit.startswith(("share", "difference of shares"))
    size = abs(value * 100 if is_share else value)
    step = 1.0 if size >= 100 else 0.1 if size >= 10 else 10.0 ** (math.floor(math.log10(size)) - 1) if size else 1e-12
    assert abs(read(cell, lang, is_share) - value) <= 0.51 * step / (100 if is_share else 1), (metric, cell, value)


# --- texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_texts__are_complete_in_every_language_with_the_same_gaps(code):
    english, other = flat("en"), flat(code)
    assert sorted(other) == sorted(english)
    assert all(gaps(other[key]) == gaps(text) for key, text in english.items())


def test_texts__are_not_english_in_other_languages():
    english = flat("en")
    for code in ("de", "nl"):
        assert not {key for key, text in flat(code).items() if text == english[key] and len(text.split()) > 1}


def test_texts__name_every_harm():
    assert set(study.HARMS) <= {key.removeprefix("metric.") for key in flat("en") if key.startswith("metric.")}


# --- figures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_page__tells_the_stored_figures(run, lang):
    last = run.metrics.filter((pl.col("district") == "all") & (pl.col("day") == run.metrics["day"].max()))
    stored = {(m, g): v for m, g, v in last.select("metric", "group", "value").iter_rows()}
    for metric in study.HARMS:
        if (metric, "all") in stored and registry.about(metric).kind == "flow":
            stored[metric, "all"] = run.metrics.filter((pl.col("metric") == metric) & (pl.col("group") == "all") & (pl.col("district") == "all"))["value"].sum()
    luck = {row["metric"]: row for row in json.loads((run.out / "assessment.json").read_text())["luck"] if row["group"] == "all"}
    labels = {text: key.removeprefix("metric.") for key, text in flat(lang).items() if key.startswith("metric.")}
    rows, counted = tables(page(run, lang))["harms"]
    assert len(rows) > 20
    assert counted[1:] == [[row[0], definition(labels[row[0]], lang), unit(labels[row[0]], lang)] for row in rows[1:]]
    for label, told, mean, interval in rows[1:]:
        metric = labels[label]
        assert_told(told, stored[metric, "all"], metric, lang)
        if metric in luck and mean != impact.NONE:
            assert_told(mean, luck[metric]["mean"], metric, lang)
        if interval != impact.NONE:
            for cell, end in zip(interval.split(" … "), ("low", "high"), strict=True):
                assert_told(cell, luck[metric][end], metric, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_page__tells_groups_as_stored_and_leaves_out_small_ones(run, lang):
    last = run.metrics.filter((pl.col("district") == "all") & (pl.col("day") == run.metrics["day"].max()))
    stored = {(m, g): v for m, g, v in last.select("metric", "group", "value").iter_rows()}
    rows = tables(page(run, lang))["affected"][-1][1:]
    assert len(rows) == len(impact.GROUPS)
    hidden = 0
    for group, row in zip(impact.GROUPS, rows, strict=True):
        assert read(row[1], lang, False) == stored["citizens", group]
        for metric, cell in zip(impact.OF_GROUPS, row[2:], strict=True):
            value = stored.get((metric, group))
            if stored["citizens", group] < registry.SMALLEST_CELL or value is None:
                assert cell == impact.NONE
                hidden += 1
            else:
                assert_told(cell, value, metric, lang)
    assert hidden


def test_page__ranks_safeguards_as_assessed(run):
    ranked = json.loads((run.out / "assessment.json").read_text())["safeguards"]
    rows = tables(page(run, "en"))["safeguards"][-1][1:]
    assert [read(row[1], "en", False) for row in rows] == pytest.approx([row["avoided"] for row in ranked["rows"]], rel=0.05, abs=1e-9)
    assert [row[0] for row in rows] == [ranked["names"][row["levers"][0]]["en"] for row in ranked["rows"]]
    runs = "; ".join(" – ".join(ranked["names"][row["levers"][0]]["en"] for row in unsettled) for unsettled in ranked["unsettled"])
    assert runs and f"another order: {runs}." in text_of(page(run, "en"))


def test_page__varies_what_is_assumed(run):
    found = json.loads((run.out / "assessment.json").read_text())["sensitivity"]
    rows = tables(page(run, "en"))["sensitivity"][-1][1:]
    assert [row[0] for row in rows] == [f"{row['names']['en']} ({row['path']})" for row in found["rows"]] and rows


def test_page__gives_the_command_that_repeats_it(run):
    html = page(run, "en")
    told = unescape(re.search(r'<p class="again"><code>(.*?)</code>', html, re.DOTALL)[1]).split()
    assert told[0] == "glasscity"
    again = cli.perform([*told[1:], "--out", str(run.out.parent / "again")])
    assert again == 0 and glasscity.load(run.out.parent / "again").digest == run.digest
    assert run.digest in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_page__has_all_sections_and_every_rule_by_name(run, lang):
    html = page(run, lang)
    assert re.findall(r'<section id="(\w+)">', html) == SECTIONS
    assert f'<html lang="{lang}">' in html and not re.search(r'(?:src|href|url|import)["\'(=\s]+\w+://', html)
    articles = [article for article in resolve("beijing-2020").rulebook.articles.values() if article.enabled]
    assert all(f"<b>{a.name.model_dump()[lang]}.</b>" in unescape(html) for a in articles)
    assert html.count("<svg") == html.count('role="img"') == 2


# --- once assessed, told in any form ---------------------------------------------------------------


def test_report__is_assessed_once_for_all_languages(run):
    before = os.stat(run.out / "assessment.json").st_mtime_ns
    for lang in LANGUAGES:
        jobs.report(run.out, lang, pdf=lang == "nl")
    assert os.stat(run.out / "assessment.json").st_mtime_ns == before


def test_report__quick_leaves_out_two_sections_and_says_so(tmp_path):
    made = glasscity.run("court-list", citizens=500, days=10, out=tmp_path / "run")
    html = jobs.report(made.out, quick=True).read_text(encoding="utf-8")
    assert text_of(html).count(flat("en")["sensitivity_none"]) >= 1
    assert json.loads((made.out / "assessment.json").read_text())["safeguards"] is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pdf__is_tagged_and_holds_the_words_of_the_page(run, lang):
    body = jobs.report(run.out, lang, pdf=True).read_bytes()
    assert body.startswith(b"%PDF-") and b"/StructTreeRoot" in body and b"pdfuaid" in body
    assert f"/Lang({lang}" .encode() in body.replace(b" ", b"")


def test_pdf__takes_no_text_for_markup():
    nasty = '#panic("x") \\ "quoted" $ * _ <label> @ref // `'
    blocks = [Text(nasty), Text(nasty, is_code=True), Bullets([nasty], [nasty]), Table([nasty, "b"], [[nasty, ""]])]
    made = Document("en", nasty, nasty, nasty, nasty, nasty, [(nasty, nasty)], nasty, [Section("a", nasty, blocks, [(nasty, blocks)])], nasty)
    assert document.pdf(made).startswith(b"%PDF-")


def test_report__in_a_language_that_is_none_computes_nothing(tmp_path, capsys):
    made = glasscity.run("court-list", citizens=500, days=10, out=tmp_path / "run")
    assert cli.perform(["report", str(made.out), "--lang", "fr"]) == 2
    assert "en" in capsys.readouterr().err and not (made.out / "assessment.json").exists()


def test_report__of_a_folder_without_a_run_says_so(tmp_path):
    with pytest.raises(GlassCityError, match="run"):
        jobs.report(tmp_path)


def test_picture__has_words_in_the_pdf():
    picture = Picture("x", "", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "what it shows")
    assert 'alt: "what it shows"' in document.written(picture)
