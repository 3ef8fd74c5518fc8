"""A run's page of figures in a browser whose letters are wide: every label stands within its chart, and none on another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

import glasscity
from glasscity.report import page
from glasscity.rules.language import LANGUAGES

WIDE_LETTERS = "svg text { font-family: 'DejaVu Sans', Verdana, sans-serif }"
FAULTS = """() => [...document.querySelectorAll('.picture svg')].flatMap(svg => {
  const whole = svg.getBoundingClientRect(), found = []
  const texts = [...svg.querySelectorAll('text:not([stroke])')].filter(t => t.textContent.trim()).map(t => [t.textContent, t.getBoundingClientRect()])
  for (const [text, at] of texts) if (at.left < whole.left - 1 || at.right > whole.right + 1) found.push([text, 'out'])
  texts.forEach(([text, a], k) => texts.slice(k + 1).forEach(([other, b]) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3) found.push([text, other])
  }))
  return found
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("run") / "beijing"
    glasscity.run("beijing-2020", citizens=6000, days=60, seed=1, out=place, report=False)
    return place


def faults(browser: Browser, path: Path) -> list[Any]:
    """Texts that stand out of their chart, or on another text."""
    opened = browser.new_page(viewport={"width": 1400, "height": 900})
    opened.goto(path.as_uri())
    opened.add_style_tag(content=WIDE_LETTERS)
    found: list[Any] = opened.evaluate(FAULTS)
    assert opened.locator(".picture svg").count() > 6
    opened.close()
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels__have_room(browser: Browser, folder: Path, lang: str) -> None:
    assert faults(browser, page.build(folder, lang)) == []
