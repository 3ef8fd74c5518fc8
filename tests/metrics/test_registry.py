"""The registry: every metric described once, every tally told."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import lived, scheme

from glasscity import columns as c
from glasscity.metrics import registry, tables


def test_registry__describes_every_metric_of_both_built_in_schemes() -> None:
    for name in ("beijing-2020", "court-list"):
        with np.errstate(over="ignore"):
            frame = tables.metrics_frame(lived(scheme(name), 50, 7))
        for metric in frame["metric"].unique():
            about = registry.about(metric)
            assert about.unit and about.definition.endswith(".") and about.formula and about.label
            assert "<" not in about.label


def test_registry__has_no_family_that_no_table_holds() -> None:
    with np.errstate(over="ignore"):
        frame = tables.metrics_frame(lived(scheme(), 50, 7, panel=20))
    definitions = {registry.about(name).definition for name in frame["metric"].unique()}
    assert {metric.definition for metric in registry.METRICS.values()} == definitions


@pytest.mark.parametrize("prefix", ["F_", "K_"])
def test_tallies__are_all_told_by_a_metric(prefix: str) -> None:
    formulas = " ".join(metric.formula for metric in registry.METRICS.values())
    families = {"F_ASKED", "F_REFUSED", "F_REFUSED_INNOCENT", "F_REFUSED_WRONGLY", "F_ADVANTAGE"}
    for name in (name for name in vars(c) if name.startswith(prefix)):
        assert name in formulas or name in families


def test_about__an_unknown_metric_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="no metric 'happiness'"):
        registry.about("happiness")


def test_about__fills_the_names_of_a_family_in() -> None:
    assert registry.about("records.street_camera.false_alarm").label == "Records by street camera: false alarm"
    assert registry.about("share_ever.sanctioned.ratio").kind == "ratio"
    assert registry.about("conduct.protest.acts").unit == "acts"


def test_formula__of_a_ratio_is_the_sum_that_is_computed() -> None:
    ratio = registry.Ratio(("a", "b"), ("c",), 1000)
    assert ratio.formula == "1000 * (a + b) / c"


def test_descriptions__are_plain_data() -> None:
    found = registry.descriptions(["citizens"])
    assert found["citizens"]["unit"] == "citizens" and set(found["citizens"]) == {
        "label", "unit", "kind", "definition", "formula",
    }  # fmt: skip
