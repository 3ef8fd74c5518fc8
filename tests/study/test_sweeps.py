"""One number varied: what stands at a value is what a world with that value says."""

from __future__ import annotations

import pytest

import glasscity
from glasscity import cli
from glasscity.errors import Problems
from glasscity.rules.resolve import resolve
from glasscity.study import worlds

N, DAYS, PATH = 2000, 42, "articles.friends.value"


def test_point__is_the_mean_of_separate_worlds():
    found = glasscity.sweep("beijing-2020", PATH, [0, 0.2], "standing,sanctions_by_association", citizens=N, days=DAYS, seeds=2)
    for value in (0, 0.2):
        scheme = worlds.changed(resolve("beijing-2020"), {PATH: value})
        frames = [worlds.lived(scheme, N, DAYS, seed, 1) for seed in (1, 2)]
        for metric in ("standing", "sanctions_by_association"):
            values = [worlds.at_end(frame, metric) for frame in frames]
            point = found.at(value, metric)
            assert point.mean == pytest.approx(sum(values) / 2)
            assert point.low <= point.mean <= point.high
    assert found.at(0, "sanctions_by_association").mean == 0
    with pytest.raises(KeyError, match="was not asked for"):
        found.at(0.1, "standing")


def test_point__of_one_seed_has_no_interval_and_an_undefined_one_no_mean():
    found = glasscity.sweep("no-scoring", "conduct.jaywalking.rate", [0.5, 1.0], "misattribution", citizens=200, days=7, seeds=1)
    assert all((p.mean, p.low, p.high) == (None, None, None) for p in found.points)


WRONG = {
    "one value": (["articles.friends.value=0.1"], "two or more"),
    "no value": (["articles.friends.value"], "two or more"),
    "no such path": (["articles.frends.value=0,1"], "friends"),
    "no such metric": (["articles.friends.value=0,0.1", "--metrics", "joy"], "metrics of a run"),
    "a value that cannot be": (["articles.friends.value=0,7"], "articles.friends.value"),
}


@pytest.mark.parametrize("case", WRONG)
def test_command__says_what_is_wrong(case, capsys):
    arguments, said = WRONG[case]
    assert cli.perform(["sweep", "beijing-2020", *arguments, "--citizens", "50", "--days", "7", "--seeds", "1"]) == 2
    assert said in capsys.readouterr().err


def test_command__has_a_row_for_each_value(capsys):
    assert cli.perform(["sweep", "court-list", "articles.court_records.value=0.2,0.4", "--citizens", "300", "--days", "14", "--seeds", "2"]) == 0
    told = capsys.readouterr().out
    assert "articles.court_records.value" in told and "0.2" in told and "0.4" in told and "Innocent risk" in told


def test_group__that_there_is_none_of_is_refused():
    with pytest.raises(Problems, match="one of all, minority"):
        glasscity.sweep("court-list", "articles.court_records.value", [0.1, 0.2], group="cats", citizens=50, days=7)
