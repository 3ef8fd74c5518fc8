"""The page of a study: what it says is in the table; every picture has a text and a table of its own."""

from __future__ import annotations

import re
import tomllib
from contextlib import nullcontext
from html import unescape
from pathlib import Path

import polars as pl
import pytest
import studied
import workers

from glasscity import jobs
from glasscity.jobs import studies
from glasscity.report import studies as page
from glasscity.report.names import definition, metric_names, unit
from glasscity.rules import load
from glasscity.rules.language import LANGUAGES, gaps
from glasscity.rules.resolve import resolve

TEXTS = {lang: tomllib.loads((Path(str(load.BUILT_IN)) / "studies" / f"{lang}.toml").read_text()) for lang in LANGUAGES}
DESIGNS = {
    "grid": studied.SMALL,
    "sobol": studied.SMALL.replace('"grid"', '"sobol"\nsamples = 4').replace("[0.0, 0.4]", "{ low = 0.0, high = 0.4 }").replace(", steps = 3", ""),
    "morris": studied.SMALL.replace('"grid"', '"morris"\nsamples = 3').replace(", steps = 3", ""),
    "lhs": studied.SMALL.replace('"grid"', '"lhs"\nsamples = 13').replace("[0.0, 0.4]", "{ low = 0.0, high = 0.4 }").replace(", steps = 3", ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished study of each design."""
    found = {}
    with pytest.MonkeyPatch.context() as patch, workers.here() as worker:
        patch.setattr(studies, "staff_of", lambda *_: nullcontext(worker))
        for name, text in DESIGNS.items():
            folder = tmp_path_factory.mktemp(name)
            text = text.replace("seeds = 2", "seeds = 1") if name != "grid" else text
            found[name] = jobs.run_study(studied.written(folder, text), out=folder / "out")
    return found


def drawn(done: studies.Studied, lang: str = "en") -> str:
    return page.build(done.out, lang).read_text()


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_page__is_whole_in_every_language_and_needs_no_network(done, design, lang):
    html = drawn(done[design], lang)
    assert f'<html lang="{lang}">' in html and TEXTS[lang]["synthetic_long"] in html
    assert "<script" not in html and "src=" not in html and "default-src 'none'" in html
    assert not re.search(r"\bNone\b|\bnan\b|\{\w+\}", re.sub(r"<style>.*?</style>", "", html, flags=re.S))


@pytest.mark.parametrize("design", DESIGNS)
def test_picture__has_a_text_for_those_who_cannot_see_it_and_a_table(done, design):
    html = drawn(done[design])
    figures = re.findall(r'<article class="figure wide".*?</article>', html, flags=re.S)
    assert len(figures) == 2 * 6
    for figure in figures:
        sentence = re.search(r'<p class="says">(.+?)</p>', figure, flags=re.S)[1]
        if "<svg" in figure:
            assert f'aria-label="{sentence}"' in figure and "<details>" in figure and figure.count("<tr>") > 1
        else:
            assert "same at every point" in sentence or "no indices" in sentence
    assert sum("<svg" in figure for figure in figures) >= 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_section__says_what_its_metric_counts_by_its_name_in_the_language(done, lang):
    text = unescape(drawn(done["grid"], lang))
    name = metric_names(["acts.violation"], resolve("beijing-2020"), lang, units=False)["acts.violation"]
    _, _, section = text.partition(f">{name}</h2>")
    assert f">{definition('acts.violation', lang)}</p>" in section[:1000]
    assert f'<p class="unit">{unit("acts.violation", lang)}; ' in section[:2000]


def test_sentence__names_the_path_that_moves_the_metric_most(done):
    rows = done["grid"].results.filter((pl.col("metric") == "standing") & (pl.col("group") == "all"))
    reach = {path: page.span(page.curve(rows, path)["mean"]) for path in ("articles.friends.value", "articles.jaywalking.value")}
    name = {"articles.friends.value": "Friends", "articles.jaywalking.value": "Jaywalking"}[max(reach, key=reach.get)]
    section = drawn(done["grid"]).partition("Mean standing (points)</h2>")[2]
    assert re.search(rf"It moves most along “{name}", section[:3000])


def test_curve__is_the_mean_over_all_else_with_the_lowest_and_highest_seed():
    rows = pl.DataFrame({"replicate": [0, 0, 1, 1], "x": [1, 1, 1, 1], "value": [1.0, 3.0, 5.0, 7.0]})
    assert page.curve(rows, "x").row(0, named=True) == {"at": 1, "mean": 4.0, "low": 2.0, "high": 6.0}


def test_curve__of_many_values_is_told_in_equal_parts_that_hold_all():
    rows = pl.DataFrame({"replicate": [0] * 100, "x": [k / 100 for k in range(100)], "value": [k / 100 for k in range(100)]})
    found = page.curve(rows, "x")
    assert found.height == page.BINS
    assert found["mean"].to_list() == pytest.approx(found["at"].to_list(), abs=0.02)


def test_texts__have_the_same_keys_and_gaps_in_every_language():
    for lang in LANGUAGES:
        assert TEXTS[lang].keys() == TEXTS["en"].keys()
        assert {key: gaps(text) for key, text in TEXTS[lang].items()} == {key: gaps(text) for key, text in TEXTS["en"].items()}


def test_report__of_a_study_is_drawn_by_the_command_for_all_reports(done):
    assert jobs.report(done["grid"].out, "nl") == done["grid"].out / "report.html"
    assert '<html lang="nl">' in (done["grid"].out / "report.html").read_text()
