"""Studies as files, and the points that they lead to."""

from __future__ import annotations

import numpy as np
import pytest

from glasscity.errors import Problems
from glasscity.study import designs, plans
from glasscity.study.plans import Range, Study

FRIENDS, WALK, NOTICE = "articles.friends.value", "articles.jaywalking.value", "articles.notice.enabled"


def study(**fields) -> Study:
    """A study of three paths."""
    vary = {FRIENDS: {"low": 0.0, "high": 0.4, "steps": 3}, WALK: [-50, -10], NOTICE: [False, True]}
    return Study(**{"scenario": "beijing-2020", "design": "grid", "metrics": ["innocent_risk"], "vary": vary} | fields)


def written(tmp_path, text: str):
    """A file with this text after what every study needs."""
    file = tmp_path / "mine.toml"
    file.write_text('scenario = "beijing-2020"\nmetrics = ["innocent_risk"]\n' + text)
    return file


def refused(tmp_path, text: str) -> str:
    """What is said of a study that cannot be."""
    with pytest.raises(Problems) as told:
        plans.read(written(tmp_path, text))
    return str(told.value)


# --- grids -----------------------------------------------------------------------------------------


def test_grid__has_every_combination_once_with_the_last_path_changing_fastest():
    found = designs.design(study())
    assert found.points[:3] == [[0.0, -50, False], [0.0, -50, True], [0.0, -10, False]]
    assert len(found.points) == 12 == len({repr(point) for point in found.points})
    assert found.changes(11) == {FRIENDS: 0.4, WALK: -10, NOTICE: True}


def test_range__holds_both_ends_in_a_grid_and_equal_factors_with_log():
    assert Range(low=1, high=9, steps=3).spread == [1, 5, 9]
    assert Range(low=0.01, high=1.0, log=True, steps=3).spread == pytest.approx([0.01, 0.1, 1.0])
    assert Range(low=1, high=100, log=True, steps=3).spread == [1, 10, 100]


def test_whole_numbers__have_equal_parts_of_a_range():
    whole = Range(low=-1, high=2)
    counts = np.bincount([whole.at(share) + 1 for share in np.linspace(0, 1, 4001)])
    assert len(counts) == 4 and counts.max() - counts.min() <= 2
    assert all(isinstance(whole.at(share), int) for share in (0.0, 0.3, 1.0))


# --- samples ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("design", "samples", "n"), [("lhs", 20, 20), ("sobol", 8, 8 * (3 + 2)), ("morris", 5, 5 * (3 + 1))])
def test_sample__lies_within_the_limits_and_is_the_same_again(design, samples, n):
    vary = {FRIENDS: {"low": 0.1, "high": 0.4}, WALK: {"low": -50, "high": -10}, NOTICE: [False, True]}
    one = study(design=design, samples=samples, vary=vary)
    found = designs.design(one)
    assert found == designs.design(one)
    assert found != designs.design(one.model_copy(update={"design_seed": 2}))
    assert len(found.samples) == len(found.point_of) == n
    for friends, walk, notice in found.points:
        assert 0.1 <= friends <= 0.4 and -50 <= walk <= -10 and isinstance(walk, int) and isinstance(notice, bool)


def test_latin_hypercube__has_one_sample_in_each_part_of_each_path():
    found = designs.design(study(design="lhs", samples=16, vary={FRIENDS: {"low": 0.0, "high": 1.0}, WALK: {"low": 0.0, "high": 1.0}}))
    for column in np.array(found.points).T:
        assert sorted(int(value * 16) for value in column) == list(range(16))


def test_morris__changes_one_path_at_a_step():
    found = designs.design(study(design="morris", samples=4))
    for way in np.array(found.samples).reshape(4, 4, 3):
        assert [int((before != after).sum()) for before, after in zip(way, way[1:], strict=False)] == [1, 1, 1]


def test_equal_values__share_a_point_so_that_no_world_is_lived_twice():
    found = designs.design(study(design="sobol", samples=16, vary={NOTICE: [False, True], "articles.appeal.enabled": [False, True]}))
    assert len(found.samples) == 64 and len(found.points) == 4
    for place, number in zip(found.samples, found.point_of, strict=True):
        assert found.points[number] == [share >= 0.5 for share in place]


def test_seeds__are_the_same_at_every_point():
    assert study(seed=7, seeds=3).world_seeds == [7, 8, 9]


# --- errors ----------------------------------------------------------------------------------------


def test_file__without_a_title_is_named_after_its_file(tmp_path):
    file = written(tmp_path, 'design = "grid"\n[vary]\n"articles.friends.value" = [0, 1]')
    assert plans.read(file).title == "mine"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('design = "walk"\n[vary]\n"a.b" = [0, 1]', "design: found 'walk'"),
        ('design = "grid"\n[vary]\n"a.b" = { low = 0, high = 1 }', "vary.a.b: found a range without steps"),
        ('design = "grid"\nsamples = 4\n[vary]\n"a.b" = [0, 1]', "samples: found 4"),
        ('design = "lhs"\n[vary]\n"a.b" = [0, 1]', "samples: found nothing"),
        ('design = "sobol"\nsamples = 12\n[vary]\n"a.b" = [0, 1]', "a power of 2"),
        ('design = "morris"\nsamples = 4\nlevels = 5\n[vary]\n"a.b" = [0, 1]', "an even number"),
        ('design = "grid"\n[vary]\n"a.b" = [1, 1]', "found a value twice"),
        ('design = "grid"\n[vary]\n"a.b" = { low = 2, high = 1, steps = 2 }', "low 2 must be less than high 1"),
        ('design = "grid"\n[vary]\n"a.b" = { low = 0.0, high = 1.0, log = true, steps = 2 }', "low must be more than 0"),
        ('design = "grid"\n[set]\n"a.b" = 1\n[vary]\n"a.b" = [0, 1]', "set.a.b: found a path that is varied as well"),
        ('design = "grid"\ngroups = ["elves"]\n[vary]\n"a.b" = [0, 1]', "groups: found 'elves'"),
        ('design = "grid"\npeople = "list.csv"\n[vary]\n"a.b" = [0, 1]', "people: found unknown key"),
    ],
)
def test_file__that_cannot_be_is_told_with_path_and_allowed(tmp_path, text, told):
    assert told in refused(tmp_path, text)


def test_file__with_a_metric_that_is_none_says_so(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('scenario = "beijing-2020"\ndesign = "grid"\nmetrics = ["loyalty"]\n[vary]\n"a.b" = [0, 1]')
    with pytest.raises(Problems, match=r"mine\.toml: metrics: found 'loyalty'"):
        plans.read(file)


def test_grid__of_too_many_worlds_is_refused_before_it_is_made():
    vary = {f"articles.a{k}.value": {"low": 0.0, "high": 1.0, "steps": 100} for k in range(5)}
    with pytest.raises(Problems, match="at most 1,000,000"):
        designs.design(study(vary=vary))


def test_study__has_the_fields_looked_at_and_no_others():
    """None of them takes a record about a person."""
    assert set(Study.model_fields) == {
        "title", "scenario", "population", "design", "samples", "levels", "second_order", "design_seed", "citizens", "days",
        "seed", "seeds", "metrics", "groups", "set", "vary",
    }  # fmt: skip
