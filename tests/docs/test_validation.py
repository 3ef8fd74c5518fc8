"""The page of published figures says what was last found, and nothing has changed since."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
from makers import DOCS, maker_of

from glasscity.study import figures


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return maker_of("make_validation")


def test_page__is_what_the_runs_said(maker: ModuleType) -> None:
    assert maker.main(["--check"]) == 0


def test_check__finds_a_figure_that_was_changed(maker: ModuleType) -> None:
    kept = json.loads((DOCS / "validation.json").read_text(encoding="utf-8"))["figures"]
    every = figures.read()
    other = every["false_reports"].model_copy(update={"high": 0.96})
    assert maker.stale(every | {"false_reports": other}, kept) == ["false_reports"]
    del every["cardiff_alerts"]
    assert maker.stale(every, kept) == ["cardiff_alerts"]


def test_check__finds_a_page_that_was_changed(maker: ModuleType, tmp_path: Path, monkeypatch) -> None:
    text = (DOCS / "validation.md").read_text(encoding="utf-8")
    page = tmp_path / "validation.md"
    page.write_text(text.replace("**outside**", "inside", 1), encoding="utf-8")
    monkeypatch.setattr(maker, "PAGE", page)
    assert maker.main(["--check"]) == 1
