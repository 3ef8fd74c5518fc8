"""The page as a browser shows it: drawn pixels and marks, figures that change, the command line's bits, languages, keyboard."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import glasscity
from glasscity.rules.language import language
from glasscity.rules.resolve import resolve

SMALL = "scenario=beijing-2020&citizens=3000&days=42&seed=5"
SIZES: dict[str, Any] = {"citizens": 3000, "days": 42, "seed": 5}
VIEWS = ("city", "stories", "stories/friends", "explore", "schemes", "runs")
WAIT = 60_000
COLOURS = """(canvas) => {
  const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data, seen = {}
  for (let i = 0; i < d.length; i += 4) if (d[i + 3] === 255) { const k = [d[i], d[i + 1], d[i + 2]].join(); seen[k] = (seen[k] ?? 0) + 1 }
  return seen }"""
A_CITIZEN = """(canvas) => {  // a drawn point near the middle of the picture
  const { width: w, height: h } = canvas, d = canvas.getContext('2d').getImageData(0, 0, w, h).data, at = canvas.getBoundingClientRect()
  for (let k = Math.floor(w * h * .5); ; k++)
    if (d[4 * k + 3] === 255 && d[4 * k + 11] === 255) return [at.x + (k % w + 1) / w * at.width, at.y + (Math.floor(k / w) + .5) / h * at.height] }"""
MIDDLE_CLASS, SANCTIONED = "183,201,214", "213,94,0"  # of the palette: #b7c9d6, #D55E00
expect.set_options(timeout=WAIT)

Opener = Callable[..., Page]


@pytest.fixture()
def opened(browser: Browser, server) -> Iterator[Opener]:
    """Opens a page in a browser of its own; on leaving, no error was logged and no request left the machine."""
    contexts, said, asked = [], [], []

    def open_page(hash_: str = f"#/city?{SMALL}", width: int = 1280, height: int = 800, locale: str = "en", url: str = "", **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: said.append(str(e)))
        page.on("request", lambda r: asked.append(r.url))
        page.goto((url or server.url) + hash_)
        return page

    yield open_page
    for context in contexts:
        context.close()
    expected = ("WebSocket", "ERR_CONNECTION", "status of 422")  # a killed server, and a form that was refused
    assert not [text for text in said if not any(part in text for part in expected)]
    assert not [url for url in asked if not re.match(rf"(http|ws)://127\.0\.0\.1:{server.port}/|blob:|data:", url)]


def button(page: Page, name: str, exact: bool = False) -> Any:
    return page.get_by_role("button", name=name, exact=exact)


def clock(page: Page) -> Any:
    """Date and day shown."""
    return page.locator(".transport output")


def a_week_on(page: Page) -> None:
    """Live a week, from the first day."""
    button(page, "One week").click()
    expect(clock(page)).to_contain_text("day 7 of 42")


def at_end(page: Page) -> list[str]:
    """Live on to the end; the digests that the page shows."""
    button(page, "Play").wait_for()
    page.locator("select").filter(has_text="as fast").select_option("1000")
    button(page, "Play").click()
    page.get_by_text("Digest of the last day").wait_for()
    return page.locator("p:has-text('Digest of the last day') code").all_inner_texts()


def drawn(page: Page, side: int = 0) -> dict[str, int]:
    """Pixels of the city's picture by colour, once it is there and stays as it is."""
    canvas = page.locator("canvas").nth(side)
    canvas.wait_for()
    page.wait_for_function("document.querySelector('canvas').width > 100")
    before, found = {}, canvas.evaluate(COLOURS)
    while not found or found != before:
        page.wait_for_timeout(150)
        before, found = found, canvas.evaluate(COLOURS)
    return found


# --- the city ----------------------------------------------------------------------------------------


def test_city__is_drawn_lives_and_ends_in_the_command_line_s_digest(opened, tmp_path):
    page = opened()
    before = drawn(page)
    assert before[MIDDLE_CLASS] > 50_000 and SANCTIONED not in before
    expect(clock(page)).to_contain_text("day 0 of 42")
    run = glasscity.run("beijing-2020", out=tmp_path / "run", report=False, **SIZES)
    assert at_end(page) == [run.digest]
    after = drawn(page)
    assert after.get(SANCTIONED, 0) > 20 and after != before
    cell = page.locator("tr:has(th:text-is('Ever sanctioned')) td").first
    share = run.headline["sanctioned_share"]
    assert cell.inner_text() == f"{100 * share:.{3 if share < 0.01 else 1}f}%"


def test_time__goes_back_through_stored_pictures_and_by_steps(opened):
    page = opened()
    first = drawn(page)
    a_week_on(page)
    week = drawn(page)
    button(page, "One day").click()
    expect(clock(page)).to_contain_text("day 8 of 42")
    page.get_by_label("Day shown").fill("0")
    expect(clock(page)).to_contain_text("day 0 of 42")
    for _ in range(40):  # the picture may come after the date
        if drawn(page) == first:
            break
        page.wait_for_timeout(250)
    assert drawn(page) == first != week


def test_twin__differs_and_ends_in_the_digests_of_compare(opened):
    page = opened()
    a_week_on(page)
    page.get_by_role("tab", name="Levers").click()
    page.get_by_label("Points through friends").check()
    button(page, "Begin the twin").click()
    page.locator("canvas").nth(1).wait_for()
    page.get_by_role("tab", name="Figures").click()
    twin = glasscity.compare("beijing-2020", without="friends", since="2021-01-08", seeds=1, **SIZES)
    assert at_end(page) == list(twin.digests[0])
    page.get_by_label("Only lives that differ").check()
    page.wait_for_timeout(300)
    assert drawn(page, 0).get(MIDDLE_CLASS, 0) < 5000  # nearly all lives are the same, and faint
    effect = page.locator("tr:has(th:text-is('Mean standing (points)')) td").nth(2).inner_text()
    difference = twin.effect("standing")["difference"]
    assert float(effect.replace("−", "-").replace("+", "")) == pytest.approx(difference, abs=0.006)
    assert "without=friends" in page.url and "from=7" in page.url  # the link carries the change


def test_twin__over_seeds_shows_intervals_that_compare_has(opened):
    page = opened(f"#/city?{SMALL.replace('days=42', 'days=14')}&without=lists&from=0")
    page.locator("canvas").nth(1).wait_for()
    page.get_by_role("tab", name="Levers").click()
    page.locator("input[value=lists]").check()
    button(page, "Weigh it").click()
    row = page.locator("table:has(caption:has-text('95')) tr:has(th:text-is('Wishes refused per 1,000'))")
    row.wait_for()
    twin = glasscity.compare("beijing-2020", without="lists", seeds=5, citizens=3000, days=14, seed=5)
    assert float(row.locator("td").first.inner_text()) == pytest.approx(twin.effect("refused_per_1000")["factual"], abs=0.06)


def test_file__opens_by_a_click_turns_over_and_follows_a_friend(opened):
    page = opened()
    a_week_on(page)
    x, y = page.locator("canvas").evaluate(A_CITIZEN)
    page.mouse.click(x, y)
    page.locator(".phone").wait_for()
    title = page.locator(".file h2").inner_text()
    assert re.fullmatch(r"The file of synthetic citizen \d+", title)
    assert "synthetic" in page.locator(".file").inner_text().lower()
    button(page, "What really happened").click()
    expect(page.locator(".behind svg path.honest")).to_have_count(1)
    page.locator(".circle button").first.click()
    page.locator(".phone, .behind").first.wait_for()
    expect(page.locator(".file h2")).not_to_have_text(title)


def test_finder__leads_to_a_life_that_was_wrongly_accused(opened):
    page = opened()
    at_end(page)
    page.get_by_role("tab", name="Find a life").click()
    button(page, "Most wrongly accused").click()
    page.locator("button.life").first.click()
    button(page, "What really happened").click()
    expect(page.locator("li.false").first).to_contain_text("What really happened")
    assert page.locator(".behind svg path.held").get_attribute("d") != page.locator(".behind svg path.honest").get_attribute("d")


def test_hover__says_who_it_is_and_print_leaves_the_controls_out(opened):
    page = opened()
    drawn(page)
    x, y = page.locator("canvas").evaluate(A_CITIZEN)
    page.mouse.move(x, y)
    expect(page.locator("figcaption")).to_contain_text("Citizen ")
    page.emulate_media(media="print")
    expect(page.locator("canvas")).to_be_visible()
    expect(page.locator(".transport")).to_be_hidden()


def test_print__is_dark_on_white_also_where_the_screen_is_dark(opened):
    page = opened(color_scheme="dark")
    drawn(page)
    page.emulate_media(media="print")
    expect(page.locator("body")).to_have_css("color", "rgb(31, 41, 51)")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")


def test_keyboard__reaches_play_a_citizen_and_the_file(opened):
    page = opened()
    drawn(page)
    button(page, "One week").focus()
    page.keyboard.press("Enter")
    expect(clock(page)).to_contain_text("day 7 of 42")
    page.locator("canvas").focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("figcaption")).to_contain_text("Citizen ")
    page.keyboard.press("Enter")
    page.locator(".phone").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H2"  # the focus is where the news is


def test_screen_reader__is_told_in_words_what_changed(opened):
    page = opened()
    button(page, "One week").click()
    expect(page.locator(".left > p.unseen[aria-live]")).to_contain_text("8 January 2021")
    assert "3,000 synthetic citizens on day 7" in page.locator("canvas").get_attribute("aria-label")


# --- for everyone ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "de", "nl"])
def test_views__are_whole_in_every_language_and_have_no_axe_violations(opened, lang):
    page = opened(locale={"en": "en-GB", "de": "de-DE", "nl": "nl-NL"}[lang])
    for view in VIEWS:
        page.evaluate(f"location.hash = '#/{view}?{SMALL}'")
        page.wait_for_timeout(700)
        text = page.locator("body").inner_text()
        assert page.evaluate("document.documentElement.lang") == lang
        assert not re.search(r"\[[a-z_]+[.\]]", text), view  # a missing text shows as its key
        assert not re.search(r"\{\w+\}", text), view
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert not [(v["id"], v["nodes"][0]["html"][:200]) for v in found], view
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view


def test_dark__has_no_axe_violations_and_is_dark(opened):
    page = opened(color_scheme="dark")
    drawn(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 26)"
    assert not Axe().run(page).response["violations"]


@pytest.mark.parametrize("width", [360, 2560])
def test_views__fit_a_phone_and_a_projector(opened, width):
    page = opened(width=width, height=740 if width < 400 else 1440)
    for view in VIEWS:
        page.evaluate(f"location.hash = '#/{view}?{SMALL}'")
        page.wait_for_timeout(400)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view


@pytest.mark.parametrize("lang", ["de", "nl"])
def test_phone__shows_whole_tables_and_the_names_of_districts(opened, lang):
    page = opened(f"#/city?{SMALL.replace('days=42', 'days=14')}&without=lists&from=0", width=360, height=740, locale=f"{lang}-{lang.upper()}")
    page.locator("canvas").nth(1).wait_for()
    page.get_by_label({"de": "Gezeigter Tag", "nl": "Getoonde dag"}[lang]).fill("14")
    page.locator(".worlds td").nth(2).wait_for()
    inside = "(e) => [...e.querySelectorAll('td, th')].every((c) => c.getBoundingClientRect().right <= e.getBoundingClientRect().right)"
    assert page.locator("aside").evaluate(inside)
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.locator("aside").evaluate(inside)
    page.set_viewport_size({"width": 360, "height": 740})
    assert {"Chaoyang", "Haidian"} <= set(page.locator(".city").first.locator(".district").all_inner_texts())
    below = "([...document.querySelector('.city').querySelectorAll('.district')].every((e) => e.getBoundingClientRect().top >= e.parentElement.getBoundingClientRect().top - 1))"
    page.wait_for_function(f"document.querySelector('.city .district') && {below}")  # names are written anew when a picture changes its size


# --- stories, charts, schemes --------------------------------------------------------------------------


def test_story__is_predicted_then_revealed_and_exported_without_a_name(opened, server):
    page = opened("#/stories/base_rates")
    button(page, "Predict first").click()
    expect(button(page, "Show what happens")).to_be_disabled()  # one has to say something first
    page.locator(".guess input").fill("20")
    button(page, "Show what happens").click()
    page.locator("p.truth").wait_for()
    truth = float(page.locator("p.truth").inner_text().rstrip("%"))
    assert 80 < truth < 99  # South Wales Police published 92 of 100
    expect(page.get_by_text("You said 20%.")).to_be_visible()
    rows = list(csv.reader(io.StringIO(page.evaluate("fetch('./api/predictions.csv').then(r => r.text())"))))
    assert rows[0] == ["story", "question", "prediction", "truth"]
    assert [row[:3] for row in rows[1:]] == [["base_rates", "truth", "20.0"]] and float(rows[1][3]) == pytest.approx(truth, abs=0.6)
    button(page, "Meet one of them").click()
    page.locator(".phone").wait_for()


def test_explore__draws_any_figure_with_its_table_and_says_how_to_have_it_again(opened):
    page = opened(f"#/explore?{SMALL}")
    button(page, "Live on to the end").click()
    page.locator("figure svg .mark-line path").first.wait_for()
    page.locator("figure summary").first.click()
    row = page.locator("figure").first.locator("tbody tr").last  # as the chart writes it: days in words, shares in percent
    assert re.fullmatch(r"11 February 2021\s+[\d.]+%", row.inner_text())
    page.get_by_role("textbox", name="Search").fill("wishes refused")
    expect(page.locator("select.metric")).not_to_have_value("share_ever.sanctioned")  # one of those found is shown
    page.get_by_role("textbox", name="Search").fill("")
    page.locator("select.metric").select_option("refused_per_1000")
    page.locator("h2:has-text('refused')").first.wait_for()
    page.wait_for_function("document.querySelectorAll('figure svg .mark-rect path').length > 20")  # ten groups and sixteen districts
    namespace: dict[str, Any] = {}
    exec(page.locator("pre").nth(1).inner_text().replace("glasscity.run(", "glasscity.run(report=False, scenario="), namespace)  # noqa: S102
    run = namespace["run"]
    page.locator("figure summary").nth(1).click()
    shown = page.locator("figure").nth(1).locator("tbody tr").first.locator("td").first.inner_text()
    assert float(shown) == pytest.approx(run.headline["refused_per_1000"], abs=1e-3)
    assert page.locator("pre").first.inner_text() == "glasscity run beijing-2020 --citizens 3000 --days 42 --seed 5"
    with page.expect_download() as download:
        button(page, "CSV").nth(1).click()
    text = download.value.path().read_text()
    assert "SYNTHETIC" in text and "everybody" in text
    with page.expect_download() as download:
        button(page, "SVG").first.click()
    assert download.value.path().read_text().startswith("<svg")
    with page.expect_download() as download:
        button(page, "PNG").first.click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_scheme__of_answers_is_kept_and_lived(opened):
    page = opened("#/schemes")
    button(page, "Write the scheme").click()
    page.locator(".q.bad .error").first.wait_for()  # what is missing is told beside its question
    page.get_by_label("What is the scheme called?").fill("A list of fines")
    page.locator(".q:has-text('Which conduct counts') input[type=number]").first.fill("-50")
    button(page, "Write the scheme").click()
    page.get_by_text("Kept without errors.").wait_for()
    page.locator(".good button").click()
    assert drawn(page)
    assert re.search(r"scenario=own-[0-9a-f]{12}", page.url)


def test_scheme__says_in_one_s_own_language_what_is_missing(opened):
    page = opened("#/schemes", locale="de-DE")
    button(page, "System schreiben").click()
    told = page.locator(".q.bad .error")
    expect(told.first).to_have_text("Noch nicht beantwortet. Erlaubt: eine Zeile von 1 bis 120 Buchstaben")
    expect(told.nth(1)).to_contain_text("Unbezahlte Schulden")  # and not its name in a file
    expect(page.locator(".q.bad").first).to_be_in_viewport()


def test_upload__is_told_in_the_language_chosen_and_again_when_it_changes(opened):
    page = opened("#/schemes", locale="de-DE")
    page.get_by_label("Als Text").fill('id = "nothing"\nwages = 3\n')
    button(page, "Prüfen und behalten").click()
    wrong = page.locator("[aria-live] .error li")
    expect(wrong.filter(has_text="wages")).to_contain_text("unbekannter Schlüssel mit dem Wert 3 (nur die Schlüssel des Schemas")
    expect(wrong.filter(has_text="articles")).to_contain_text("nichts (ein Wert: Dieser Schlüssel ist nötig)")
    page.get_by_label("Sprache").select_option("nl")
    expect(wrong.filter(has_text="wages")).to_contain_text("onbekende sleutel met de waarde 3 (alleen de sleutels van het schema")


def test_refusal__in_a_panel_is_told_again_when_the_language_changes(opened):
    page = opened("#/", locale="de-DE")
    place = {"file": "", "path": "run", "allowed": ""}
    problem = place | {"found": "is gone", "told": {"de": place | {"found": "ist fort"}, "nl": place | {"found": "is weg"}}}
    page.route("**/api/runs", lambda route: route.fulfill(status=422, json={"problems": [problem]}))
    page.route("**/api/worlds", lambda route: route.fulfill(json={"worlds": []}))
    page.evaluate("location.hash = '#/runs'")
    expect(page.locator("main .error")).to_have_text("run: ist fort")
    page.get_by_label("Sprache").select_option("nl")
    expect(page.locator("main .error")).to_have_text("run: is weg")


def test_kept_worlds__are_named_in_the_language_chosen(opened):
    page = opened(f"#/city?{SMALL}", locale="nl-NL")
    page.wait_for_function("fetch('./api/worlds').then((answer) => answer.json()).then((told) => told.worlds.length)")
    page.evaluate("location.hash = '#/runs'")
    kept = page.locator("main li").filter(has=page.get_by_text("beijing-2020", exact=True)).first
    expect(kept).to_contain_text(language("nl").name(resolve("beijing-2020").scenario.name))
    expect(kept.locator("small").first).to_have_text("beijing-2020")


def test_refusal__of_a_world_that_is_not_there_is_told_in_the_language_chosen(opened):
    page = opened("#/city?world=0123456789abcdef", locale="nl-NL")
    expect(page.locator(".error")).to_have_text("deze wereld bestaat niet")


def test_upload__shows_what_check_finds_in_place(opened):
    page = opened("#/schemes")
    text = 'id = "mine"\nname = { en = "M", de = "M", nl = "M" }\n[articles.a]\nwhat = "cap"\nvalue = "high"\n'
    page.locator("input[type=file]").set_input_files({"name": "mine.toml", "mimeType": "text/plain", "buffer": text.encode()})
    expect(page.locator("textarea")).to_have_value(text)
    button(page, "Check and keep").click()
    page.locator(".error li").first.wait_for()
    text = page.locator(".error ul").inner_text()
    assert "articles.a.value" in text and "high" in text
    page.locator("textarea").fill('rulebook = "/etc/passwd"\npopulation = "../../x"\n')
    button(page, "Check and keep").click()
    expect(page.locator(".error ul")).to_contain_text("built-in name")


# --- what may happen -------------------------------------------------------------------------------------


def test_two_browsers__have_worlds_of_their_own(opened):
    one, other = opened(), opened()
    drawn(one), drawn(other)
    a_week_on(one)
    expect(clock(other)).to_contain_text("day 0 of 42")


def test_worker__that_dies_is_told_of_and_its_world_goes_on(opened, server):
    page = opened()
    a_week_on(page)
    before = drawn(page)
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)
    page.get_by_text("has died").wait_for()
    expect(page.get_by_text("has died")).to_have_count(0)
    expect(clock(page)).to_contain_text("day 7 of 42")
    assert drawn(page) == before
    button(page, "One day").click()
    expect(clock(page)).to_contain_text("day 8 of 42")


def test_server__killed_and_begun_again_loses_nothing(opened, server):
    page = opened()
    a_week_on(page)
    before = drawn(page)
    server.kill()
    page.get_by_text("The connection is lost").wait_for()
    server.start()
    expect(page.get_by_text("The connection is lost")).to_have_count(0)
    expect(clock(page)).to_contain_text("day 7 of 42")
    assert drawn(page) == before
    page.evaluate("location.hash = '#/runs'")
    page.locator("li:has-text('day 7 of 42') a").first.click()
    expect(clock(page)).to_contain_text("day 7 of 42")
