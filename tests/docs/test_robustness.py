"""The page of assumed numbers says what was last found, for every scenario that it should tell of."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
from makers import maker_of

from glasscity.rules.resolve import resolve
from glasscity.study import robust


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return maker_of("make_robustness")


def test_page__is_what_the_worlds_said(maker: ModuleType) -> None:
    assert maker.main(["--check"]) == 0


def test_page__tells_of_every_scenario_and_all_its_assumed_numbers(maker: ModuleType) -> None:
    kept = json.loads(maker.KEPT.read_text(encoding="utf-8"))
    assert list(kept) == list(maker.SCENARIOS)
    for scenario, told in kept.items():
        paths = {parameter.path for parameter in robust.parameters(resolve(scenario))}
        assert told["parameters"] == len(paths), f"{scenario}: run docs/make_robustness.py --run {scenario}"
        assert {row["path"] for headline in told["headlines"].values() for row in headline["rows"]} <= paths


def test_check__finds_a_page_that_was_changed(maker: ModuleType, tmp_path: Path, monkeypatch) -> None:
    page = tmp_path / "robustness.md"
    page.write_text(maker.PAGE.read_text(encoding="utf-8").replace("within chance", "", 1), encoding="utf-8")
    monkeypatch.setattr(maker, "PAGE", page)
    assert maker.main(["--check"]) == 1
