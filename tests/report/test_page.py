"""The report: its numbers are those of the tables, it loads nothing, it escapes everything, it copes with odd runs."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import glasscity
from glasscity.errors import InputError, RunFolderError, TornFile
from glasscity.report import figures, page, plots, specs
from glasscity.report.numbers import count, decimal, percent
from glasscity.report.stored import Stored


class Page(HTMLParser):
    """What a reader of the page gets: texts, tables by figure, attributes."""

    def __init__(self, html: str):
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: list[str] = []
        self.place = ""
        self.is_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("article", "section") and dict(attrs).get("id"):
            self.place = str(dict(attrs)["id"])
        if tag == "tr":
            self.tables.setdefault(self.place, []).append([])
        if tag in ("td", "th"):
            self.is_cell = True
            self.tables[self.place][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.is_cell = False

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.is_cell:
            self.tables[self.place][-1][-1] += data

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))


def run_in(folder: Path, *args: Any, **options: Any) -> Path:
    glasscity.run(*args, out=folder, report=False, seed=1, **options)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_in(tmp_path_factory.mktemp("runs") / "beijing", "beijing-2020", citizens=6000, days=150)


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_in(tmp_path_factory.mktemp("runs") / "court", "court-list", citizens=20_000, days=120)


@pytest.fixture(scope="module")
def shown(folder: Path) -> Page:
    return Page(page.build(folder).read_text(encoding="utf-8"))


def end(folder: Path, metric: str, group: str = "all", district: str = "all", flow: bool = False) -> float:
    """A value of the stored table, by another way than the report's."""
    table = pl.scan_parquet(folder / "metrics.parquet").filter(
        pl.col("metric") == metric, pl.col("group") == group, pl.col("district") == district
    )  # fmt: skip
    values = table.sort("day").collect()["value"]
    return float(values.sum() if flow else values[-1])


# --- numbers ---------------------------------------------------------------------------------------


def test_headline__cards_are_the_stored_figures(folder: Path, shown: Page) -> None:
    headline = json.loads((folder / "run.json").read_text())["headline"]
    for key in ("sanctioned_share", "wrongful_sanction_share", "misattribution", "chilled_share"):
        assert f"<b>{percent(headline[key])}</b>" in shown.html
    assert f"<b>{decimal(headline['mean_standing'])}</b>" in shown.html


def test_refusals__are_those_of_the_stored_table(folder: Path, shown: Page) -> None:
    rows = {row[0]: row for row in shown.tables["refusals"]}
    for wish, name in (("flight", "Flight"), ("loan", "Loan"), ("post", "Social-media post")):
        assert rows[name][1] == count(end(folder, f"asked.{wish}", flow=True))
        assert rows[name][2] == count(end(folder, f"refused.{wish}", flow=True))
        assert rows[name][4] == count(end(folder, f"refused_wrongly.{wish}", flow=True))


def test_records__are_those_of_the_stored_table(folder: Path, shown: Page) -> None:
    rows = {row[0]: row for row in shown.tables["records"]}
    kinds = ("right", "wrong_person", "false_alarm", "false_report")
    assert rows["Informers"][1:5] == [count(end(folder, f"records.informers.{kind}", flow=True)) for kind in kinds]
    assert rows["Informers"][5] == percent(1 - end(folder, "precision.informers"))


def test_groups_and_districts__are_those_of_the_stored_table(folder: Path, shown: Page) -> None:
    groups = {row[0]: row for row in shown.tables["groups"]}
    assert groups["Minority"][1] == count(end(folder, "citizens", "minority"))
    assert groups["Minority"][2] == decimal(1000 * end(folder, "share_ever.sanctioned", "minority"))
    districts = {row[0]: row for row in shown.tables["districts"]}
    assert districts["Chaoyang"][4] == decimal(end(folder, "refused_per_1000", district="chaoyang"))


def test_classes_and_lists__end_as_the_stored_table_does(folder: Path, shown: Page) -> None:
    last = shown.tables["classes"][-1]
    assert last[1:] == [percent(end(folder, f"class_share.{letter}")) for letter in ("AAA", "AA", "A", "B", "C", "D")]
    lists = dict(zip(shown.tables["lists"][0], shown.tables["lists"][-1], strict=True))
    assert lists["black list"] == decimal(1000 * end(folder, "black") / 6000)


def test_figures__each_have_a_chart_a_sentence_a_definition_and_a_table(shown: Page) -> None:
    charts = [attrs for tag, attrs in shown.tags if tag == "svg"]
    assert len(charts) == len(page.ON_PAGE)
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in charts)
    assert all(len(shown.tables[name]) > 1 for name in page.ON_PAGE)
    assert shown.text.count("What it means and how it is counted") == len(page.ON_PAGE)


def test_charts__write_the_same_numbers_as_their_tables(shown: Page) -> None:
    drawn = dict(zip(page.ON_PAGE, re.findall(r"<svg.*?</svg>", shown.html, flags=re.DOTALL), strict=True))
    for name, column in (("refusals", 2), ("records", 5), ("groups", 4), ("districts", 4)):
        texts = set(re.findall(r">([^<>]+)</text>", drawn[name]))
        assert {row[column].replace("<", "&lt;") for row in shown.tables[name][1:]} <= texts


# --- small cells -----------------------------------------------------------------------------------


def test_rates__of_fewer_than_100_citizens_are_not_told(folder: Path, shown: Page) -> None:
    rows = {row[0]: row for row in shown.tables["districts"]}
    sizes = {name: int(row[1].replace(",", "")) for name, row in rows.items() if row[0]}
    small = [name for name, size in sizes.items() if size < 100]
    assert small and len(small) < len(sizes)
    for name, row in rows.items():
        if name:
            assert (row[2:] == ["n < 100"] * 3) == (name in small)


def test_chart__of_districts_draws_no_rate_of_a_small_one(folder: Path) -> None:
    data = figures.FIGURES["districts"].data(Stored.read(folder))
    assert data.filter(pl.col("n") < 100)["value"].null_count() == len(data.filter(pl.col("n") < 100)) > 0


# --- self-contained, escaped -----------------------------------------------------------------------


def test_page__loads_nothing(shown: Page) -> None:
    assert not {"script", "link", "iframe", "img", "object", "embed", "image", "use"} & {tag for tag, _ in shown.tags}
    for _, attrs in shown.tags:
        for key, value in attrs.items():
            if key.endswith("href"):
                assert str(value).startswith("#")
            assert key not in ("src", "srcset", "action") and not key.startswith("on")
            assert "http" not in str(value) or key in ("xmlns", "xmlns:xlink")
    assert not re.search(r"@import|url\((?!#)", shown.html)


def test_page__says_synthetic_and_how_to_run_it_again(folder: Path, shown: Page) -> None:
    run = json.loads((folder / "run.json").read_text())
    assert "Synthetic" in shown.text and "Every citizen in this run is made up" in shown.text
    assert run["command"] in shown.text and run["digest"] in shown.text and run["hash"] in shown.text


def test_page__says_what_it_cannot_show(shown: Page) -> None:
    assert "never a finding about a country, an authority or a person" in shown.text
    assert "no legal advice" in shown.text


def test_page__has_every_id_once(shown: Page) -> None:
    ids = [attrs["id"] for _, attrs in shown.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    used = re.findall(r"url\(#([^)]+)\)", shown.html) + re.findall(r'href="#([^"]+)"', shown.html)
    assert set(used) <= set(ids)


def test_page__names_every_article_its_grade_and_source(folder: Path, shown: Page) -> None:
    articles = json.loads((folder / "run.json").read_text())["documents"]["rulebook"]["articles"]
    rows = {row[0]: row for row in reversed(shown.tables["rests"])}  # the articles come first
    for key, article in articles.items():
        assert rows[key][4] == article["source"] and rows[key][6] == article["grade"]
    assumed = [article for article in articles.values() if article["grade"] == "assumed"]
    assert f"{len(assumed)} assumed" in shown.text
    assert all(article["name"]["en"] in shown.text for article in assumed)


def altered(folder: Path, tmp_path: Path, change: Any) -> Path:
    """A copy of a run with something changed in its run.json."""
    run = json.loads((folder / "run.json").read_text())
    change(run)
    (tmp_path / "run.json").write_text(json.dumps(run))
    (tmp_path / "metrics.parquet").write_bytes((folder / "metrics.parquet").read_bytes())
    return tmp_path


def test_page__escapes_whatever_a_rulebook_says(folder: Path, tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'

    def poison(run: dict[str, Any]) -> None:
        documents = run["documents"]
        documents["scenario"]["name"]["en"] = documents["scenario"]["summary"]["en"] = evil
        for entry in documents["rulebook"]["articles"].values():
            entry["note"] = entry["source"] = entry["locator"] = entry["unit"] = entry["name"]["en"] = evil
        for table in (documents["population"]["districts"], documents["catalogue"]["wishes"]):
            for entry in table.values():
                entry["name"]["en"] = evil
        documents["population"]["sources"] = {evil: evil}
        run["overlay"], run["command"], run["version"] = {evil: evil}, evil, evil

    html = page.build(altered(folder, tmp_path, poison)).read_text(encoding="utf-8")
    tags = {tag for tag, _ in Page(html).tags}
    assert "script" not in tags and "img" not in tags
    assert "&lt;script&gt;" in html


def test_page__tells_what_an_overlay_changed(folder: Path, tmp_path: Path) -> None:
    html = page.build(
        altered(folder, tmp_path, lambda run: run.update(overlay={"articles.friends.value": 0}))
    ).read_text()
    assert "articles.friends.value = 0" in html


def test_page__of_an_unfinished_run_says_so(folder: Path, tmp_path: Path) -> None:
    html = page.build(altered(folder, tmp_path, lambda run: run.update(status="interrupted"))).read_text()
    assert "This run is not complete" in html


# --- odd runs --------------------------------------------------------------------------------------


def test_page__of_a_list_without_points_says_so_instead_of_a_score(court: Path) -> None:
    found = Page(page.build(court).read_text())
    assert "This rulebook keeps no score" in found.text and "single class" in found.text
    assert "score" not in found.tables and "classes" not in found.tables
    assert sum(tag == "svg" for tag, _ in found.tags) == len(page.ON_PAGE) - 2
    assert "best class" not in found.text and "mean standing at the end" not in found.text


def test_page__of_one_citizen_and_one_day_is_drawn(tmp_path: Path) -> None:
    folder = run_in(tmp_path / "one", "beijing-2020", citizens=1, days=1)
    found = Page(page.build(folder).read_text())
    assert "No channel recorded anything" in found.text or found.tables["records"]
    assert {row[2] for row in found.tables["groups"][1:]} == {"n < 100"}
    assert "None" not in found.text.replace("None of 0", "") and "nan" not in found.text.split()


def test_page__of_a_world_without_a_minority_has_no_group_ratio(tmp_path: Path, folder: Path) -> None:
    districts = json.loads((folder / "run.json").read_text())["documents"]["population"]["districts"]
    overlay = {f"population.districts.{key}.minority": 0.0 for key in districts}
    run_in(tmp_path / "run", "beijing-2020", citizens=800, days=30, overlay=overlay)
    found = Page(page.build(tmp_path / "run").read_text())
    assert "minority's risk" not in found.text
    assert "too small to compare" in found.text


def test_page__of_two_weeks_has_charts(tmp_path: Path) -> None:
    run_in(tmp_path / "run", "beijing-2020", citizens=300, days=10)
    assert sum(tag == "svg" for tag, _ in Page(page.build(tmp_path / "run").read_text()).tags) >= 7


def test_report__of_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError):
        page.build(tmp_path)


def test_report__of_torn_metrics_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    torn = altered(folder, tmp_path, lambda run: None) / "metrics.parquet"
    torn.write_bytes(torn.read_bytes()[:1000])
    with pytest.raises(TornFile, match=r"metrics\.parquet"):
        page.build(tmp_path)


def test_report__of_a_run_that_wrote_no_metrics_is_refused(folder: Path, tmp_path: Path) -> None:
    (altered(folder, tmp_path, lambda run: None) / "metrics.parquet").unlink()
    with pytest.raises(RunFolderError, match="did not get to its end"):
        page.build(tmp_path)


# --- charts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", plots.NAMES)
def test_chart__is_a_valid_altair_chart_with_title_unit_and_sentence(folder: Path, name: str) -> None:
    spec = plots.chart(name, folder).to_dict()
    assert spec["title"]["text"] and spec["title"]["subtitle"]
    assert len(spec["description"]) > 20


def test_chart__of_an_unknown_name_lists_the_names(folder: Path) -> None:
    with pytest.raises(InputError, match="no chart 'pie'; charts: score, classes, lists"):
        plots.chart("pie", folder)


def test_chart__of_a_score_that_a_scheme_does_not_keep_is_refused(court: Path) -> None:
    with pytest.raises(InputError, match="keeps no score"):
        plots.chart("score", court)


def test_score__shares_of_each_day_add_up_to_one(folder: Path) -> None:
    data = figures.FIGURES["score"].data(Stored.read(folder))
    assert data.group_by("day").agg(pl.col("share").sum())["share"].to_list() == pytest.approx(
        [1.0] * data["day"].n_unique()
    )


def test_score__of_a_long_run_is_thinned_and_keeps_the_last_day() -> None:
    frame = pl.DataFrame({"day": range(523)})
    kept = figures.thinned(frame, 60)["day"].to_list()
    assert len(kept) <= 60 and kept[-1] == 522 and kept == sorted(kept)


def test_expression__leaves_a_short_last_week_out(folder: Path) -> None:
    stored = Stored.read(folder)  # 150 days: 21 weeks and 3 days
    assert stored.last_day == 149
    assert figures.FIGURES["expression"].data(stored)["day"].max() == 146


def test_legend__goes_into_as_many_columns_as_have_room() -> None:
    assert specs.columns(["black list", "red list", "court list"], 3, specs.NARROW) == 3
    assert specs.columns(["perceived risk of a sanction: 29.9%", "expression given up: 13.9%", "expression withheld: 14.1%"], 2, specs.NARROW) == 1
    assert specs.columns(["a letter"] * 3, 2, 2 * specs.SYMBOL + round(16 * specs.LETTER) + 1) == 2


def test_plots__leave_room_for_the_longest_name() -> None:
    short, long = (specs.beside(["Loan", name], specs.WHOLE, 2, 24) for name in ("Flight", "Flight" * 8))
    assert 2 * (short - long) == pytest.approx(42 * specs.LETTER, abs=2)
    assert specs.category("wish", ["x" * 50])["axis"]["labelLimit"] > 50 * specs.LETTER


def test_sized__makes_letters_larger_and_leaves_data_alone() -> None:
    spec = {"config": {"axis": {"labelFontSize": 12, "labelLimit": 100}}, "layer": [{"mark": {"fontSize": 10}}], "data": {"values": [{"fontSize": 3}]}}
    larger = {"config": {"axis": {"labelFontSize": 24, "labelLimit": 200}}, "layer": [{"mark": {"fontSize": 20}}], "data": {"values": [{"fontSize": 3}]}}
    assert specs.sized(spec, 2) == larger


# --- numbers as readers see them -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.00222, "0.0022"),
        (0.05, "0.050"),
        (0.98, "0.98"),
        (4.47, "4.47"),
        (27.71, "27.7"),
        (1000.48, "1,000"),
    ],
)
def test_decimal__keeps_figures_that_matter(value: float, text: str) -> None:
    assert decimal(value) == text


def test_numbers__that_are_not_known_are_a_dash() -> None:
    assert decimal(None) == count(None) == percent(None) == "–"
