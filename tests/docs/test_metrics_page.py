"""The page of metrics is what the registry says."""

from __future__ import annotations

from makers import maker_of

from glasscity.metrics.registry import METRICS, PAIRED


def test_page__is_made_of_the_registry_and_tells_every_metric() -> None:
    maker = maker_of("make_metrics")
    assert maker.main(["--check"]) == 0
    text = maker.PAGE.read_text(encoding="utf-8")
    assert not [name for name in (*METRICS, *PAIRED) if f"`{name}`" not in text]


def test_check__finds_a_page_that_was_changed(tmp_path, monkeypatch) -> None:
    maker = maker_of("make_metrics")
    (tmp_path / "metrics.md").write_text(maker.PAGE.read_text(encoding="utf-8").replace("citizens", "", 1), encoding="utf-8")
    monkeypatch.setattr(maker, "PAGE", tmp_path / "metrics.md")
    assert maker.main(["--check"]) == 1
