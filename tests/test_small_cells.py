"""No rate of a handful of people is printed: groups too small are refused or said to be too few."""

from __future__ import annotations

import pytest

from glasscity import cli, jobs
from glasscity.cli import shown
from glasscity.errors import Problems
from glasscity.metrics.registry import SMALLEST_CELL

TINY = {"citizens": 400, "days": 7, "seeds": 2}  # some twenty of the minority
STUDY = """
title = "few"
scenario = "court-list"
design = "grid"
citizens = 400
days = 7
metrics = ["innocent_risk"]
groups = ["all", "minority"]
[vary]
"articles.court_list.value" = [52, 104]
"""
FIT = """
title = "few"
scenario = "beijing-2020"
trials = 2
citizens = 400
days = 7
[goal]
minimise = "share_ever.wrongly_sanctioned"
group = "minority"
[vary]
"articles.friends.value" = { low = 0.0, high = 0.4 }
"""


@pytest.mark.parametrize("group", ["minority", "minority_income_1"])
def test_attribute_and_sweep__refuse_a_group_too_small_to_be_told_of(group):
    with pytest.raises(Problems, match=rf"'{group}' of \d+ people"):
        jobs.attribute("beijing-2020", "share_ever.misnamed", "friends", group=group, **TINY)
    with pytest.raises(Problems, match=f"a group of {SMALLEST_CELL} people or more"):
        jobs.sweep("beijing-2020", "articles.friends.value", [0, 0.1], "share_ever.misnamed", group=group, **TINY)


def test_group__that_is_too_small_in_one_world_is_told_of_in_a_larger_one():
    asked = ("court-list", "articles.court_list.value", [52, 104], "innocent_risk")
    with pytest.raises(Problems, match="'income_1' of"):
        jobs.sweep(*asked, group="income_1", **TINY)
    assert jobs.sweep(*asked, group="income_1", citizens=2000, days=7, seeds=1).points


@pytest.mark.parametrize(("text", "carry_out", "path"), [(STUDY, jobs.run_study, "groups"), (FIT, jobs.calibrate, "goal.group")])
def test_study__names_the_group_that_is_too_small(tmp_path, text, carry_out, path):
    file = tmp_path / "few.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Problems, match=rf"few\.toml: {path}: found 'minority' of \d+ people"):
        carry_out(file, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_run__prints_no_ratio_of_a_handful(tmp_path, capsys):
    assert cli.perform(["run", "beijing-2020", "--citizens", "400", "--days", "7", "--no-report", "--out", str(tmp_path / "r")]) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.endswith("minority's risk of a sanction against the majority's")]
    assert shown.TOO_FEW in line
