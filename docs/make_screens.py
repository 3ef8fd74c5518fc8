"""Screenshots of every screen of the page, in three languages, wide and narrow: `python docs/make_screens.py DIR`.

Needs the tools for tests and Chromium. Look at each as a picture: empty charts, clipped labels, one language in another.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import Page, sync_playwright  # noqa: E402
from served import Server  # noqa: E402

WORLD = "scenario=beijing-2020&citizens=100000&days=120"
SMALL = "scenario=beijing-2020&citizens=20000&days=90"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
LANGS = {"en": "en-GB", "de": "de-DE", "nl": "nl-NL"}
SHAPES = {"wide": (1400, 900), "phone": (360, 740)}


def lived(page: Page, day: int) -> None:
    """Live on to a day."""
    page.locator(".transport input[type=range]").fill(str(day))
    page.locator(".transport output", has_text=re.compile(rf"(day|Tag|dag) {day} ")).wait_for()


def city(page: Page) -> None:
    page.locator("canvas").wait_for()
    lived(page, 119)


def levers(page: Page) -> None:
    city(page)
    page.get_by_role("tab").nth(1).click()
    page.locator("section > details").first.locator("summary").first.click()


def twin(page: Page) -> None:
    page.locator("canvas").nth(1).wait_for()
    lived(page, 119)


def file(page: Page) -> None:
    city(page)
    page.get_by_role("tab").nth(2).click()
    page.locator(".stories button").first.click()
    page.locator("button.life").first.click()
    page.locator(".phone").wait_for()


def behind(page: Page) -> None:
    file(page)
    page.locator(".turn button").nth(1).click()


def truth(page: Page) -> None:
    page.locator("canvas").wait_for()
    page.locator(".story .card .main").click()
    page.locator(".guess input").fill("30")
    page.locator(".story .card .main").click()
    page.locator("p.truth").wait_for()


def charts(page: Page) -> None:
    page.locator(".transport").wait_for()
    lived(page, 90)
    page.locator("figure svg").nth(2).wait_for()
    page.wait_for_timeout(1500)


def still(page: Page) -> None:
    page.wait_for_timeout(1500)


SCREENS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "city": (f"city?{WORLD}", city), "levers": (f"city?{WORLD}&seed=2", levers), "twin": (f"city?{WORLD}&without=friends&from=0", twin),
    "file": (f"city?{WORLD}&seed=3", file), "behind": (f"city?{WORLD}&seed=3&n=2", behind), "stories": ("stories", still), "story": ("stories/friends", truth),
    "explore": (f"explore?{SMALL}", charts), "schemes": ("schemes", still), "runs": ("runs", still),
}  # fmt: skip


def at_class(folder: Path) -> Iterator[Path]:
    """The tab of a class, and a pupil's page, in three languages."""
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        server = Server(Path(place) / "class", ("--class", "--host", "127.0.0.1")).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        pupil = next(word for word in reversed(server.said.split()) if "?token=" in word)
        for lang, locale in LANGS.items():
            for name, address, view in (("class", server.url, "class"), ("pupil", pupil, "stories")):
                page = browser.new_context(viewport={"width": 1400, "height": 900}, locale=locale).new_page()
                page.goto(f"{address}#/{view}")
                page.wait_for_timeout(1500)
                path = folder / f"{name}-{lang}-wide.png"
                page.screenshot(path=path)
                page.context.close()
                yield path
        browser.close()
        server.stop()


def taken(server: Server, folder: Path) -> Iterator[Path]:
    """Every screen as a picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for lang, locale in LANGS.items():
            for shape, (width, height) in SHAPES.items():
                for name, (link, steps) in SCREENS.items():
                    theme = "dark" if lang == "nl" else "light"  # each look in some language
                    context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, color_scheme=theme)  # type: ignore[arg-type]
                    page = context.new_page()
                    page.set_default_timeout(300_000)  # the first of all may have to wait for the kernels
                    page.goto(f"{server.url}#/{link}")
                    steps(page)
                    page.wait_for_timeout(400)
                    path = folder / f"{name}-{lang}-{shape}.png"
                    page.screenshot(path=path, full_page=shape == "phone")
                    context.close()
                    yield path
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("screens"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        server = Server(Path(place) / "serve").start()
        try:
            for path in taken(server, folder):
                print(path, flush=True)
        finally:
            server.stop()
    for path in at_class(folder):
        print(path, flush=True)


if __name__ == "__main__":
    main()
