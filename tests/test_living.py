"""Watched worlds: the bits of `run` and `compare`, whatever one looks at, and twins and files from any day."""

from __future__ import annotations

import numpy as np
import pytest

import glasscity
from glasscity.errors import Problems
from glasscity.jobs.again import again
from glasscity.jobs.dossiers import CHECKED
from glasscity.jobs.film import Film
from glasscity.jobs.living import TOLD, Living, Recipe
from glasscity.jobs.twins import Change

SIZES = {"citizens": 3000, "days": 42, "seed": 5}
FRIENDS = Change.of("friends", None, (), None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return glasscity.run("beijing-2020", out=tmp_path_factory.mktemp("living") / "run", report=False, **SIZES)


@pytest.fixture()
def living():
    world = Living(Recipe.of("beijing-2020", **SIZES))
    yield world
    world.close()


def test_watched__ends_like_a_run_whatever_was_looked_at(living, whole):
    living.live_until(10)
    living.films[0]["note"].at(3), living.headline(), living.citizens()
    living.live_until(99)
    assert living.digest() == whole.digest
    assert living.headline() == whole.headline
    assert living.metrics().equals(whole.metrics)


def test_pictures__are_the_state_of_each_day(living):
    seen = [np.concatenate(living.sides[0].layout.parts(living.sides[0].world.status)).copy()]
    while not living.is_over:
        living.live()
        seen.append(np.concatenate(living.sides[0].layout.parts(living.sides[0].world.status)).copy())
    assert all(np.array_equal(living.films[0]["status"].at(day), picture) for day, picture in enumerate(seen))
    assert any(not np.array_equal(seen[0], picture) for picture in seen)


def test_twin__from_a_day_gone_by_is_that_of_compare(living):
    living.live_until(40)
    living.part_ways(FRIENDS, 21)
    assert living.day == 21 and living.films[1]["status"].days == 21
    living.live_until(42)
    since = "2021-01-22"  # 21 days after the first of January
    twin = glasscity.compare("beijing-2020", without="friends", since=since, seeds=1, **SIZES)
    assert (living.digest(0), living.digest(1)) == twin.digests[0]
    assert living.digest(0) != living.digest(1)


def test_twin__that_is_let_go_leaves_the_scheme_s_world_as_it_was(living, whole):
    living.live_until(14)
    living.part_ways(FRIENDS, 14)
    living.live_until(20)
    living.rejoin()
    living.live_until(42)
    assert living.digest() == whole.digest and len(living.films) == 1


def test_twin__of_another_shape_is_refused_and_nothing_changes(living):
    living.live_until(9)
    with pytest.raises(Problems, match="another shape|same one"):
        living.part_ways(Change.of((), None, (), "sesame"), 9)
    assert living.day == 9 and len(living.sides) == 1 and living.recipe.change is None


@pytest.mark.parametrize("side", [0, 1])
def test_file__on_any_day_is_the_state_of_that_day(living, side):
    living.live_until(30)
    living.part_ways(FRIENDS, 17)
    living.live_until(38)  # in the middle of a week
    states = {row["citizen"]: row for row in living.citizens(side).to_dicts()}
    chosen = [life["citizen"] for life in living.find("wrongly_accused", 2, side)] + [7]
    for citizen in chosen:
        told = living.dossier(citizen, side).plain
        assert {key: told["now"][key] for key in CHECKED} == {key: states[citizen][key] for key in CHECKED}


def test_file__at_the_end_is_the_run_s(living, whole):
    living.live_until(42)
    [life] = living.find("wrongly_accused", 1)
    told, stored = living.dossier(life["citizen"]).plain, glasscity.dossier(whole.out, life["citizen"]).plain
    assert {k: v for k, v in told.items() if k != "run"} == {k: v for k, v in stored.items() if k != "run"}


def test_figures__by_group_are_those_of_the_table(living, whole):
    living.live_until(42)
    last = whole.metrics.filter((whole.metrics["day"] == 41) & (whole.metrics["district"] == "all"))
    rows = {(m, g): v for m, g, v in last.select("metric", "group", "value").iter_rows()}
    told = living.by_group()
    assert set(told) == set(TOLD)
    for metric in ("share_ever.sanctioned", "standing", "misattribution"):
        assert told[metric]["minority"] == rows[metric, "minority"]
    assert living.values([("jobs_lost", "all"), ("none", "all")])[1] is None


def test_large_city__is_shown_by_shares(monkeypatch):
    monkeypatch.setattr("glasscity.jobs.living.MOST_PIXELS", 500)
    world = Living(Recipe.of("beijing-2020", **SIZES))
    world.live_until(28)
    assert world.stride == 6 and len(world.films[0]["status"].last) == 500
    note = np.concatenate(world.sides[0].layout.parts(world.sides[0].world.note))
    share = (note[:6] & 16 != 0).mean()
    assert world.films[0]["note"].last[0] == int(255 * share)
    assert len(world.traits()) == 500
    world.close()


def test_recipe__with_wrong_numbers_tells_all_problems_at_once():
    with pytest.raises(Problems) as found:
        Recipe.of("beijing-2020", citizens=0, days=99999)
    assert len(found.value.problems) == 2


def test_film__gives_back_what_was_put_in_and_forgets_what_is_cut():
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 256, 100, dtype=np.uint8) for _ in range(70)]
    film = Film()
    for picture in pictures:
        film.add(picture)
    assert all(np.array_equal(film.at(day), picture) for day, picture in enumerate(pictures))
    film.cut(33)
    film.add(pictures[50])
    assert film.days == 34 and np.array_equal(film.at(34), pictures[50]) and np.array_equal(film.at(31), pictures[31])
    with pytest.raises(IndexError, match="no picture of day 35"):
        film.at(35)


def test_again__is_a_command_and_python_that_give_the_same(living, capsys):
    living.live_until(21)
    told = again(living.recipe, living.day)
    assert told["command"] == "glasscity run beijing-2020 --citizens 3000 --days 21 --seed 5"
    living.part_ways(FRIENDS, 7)
    living.live_until(21)
    told = again(living.recipe, living.day)
    exec(told["python"], {})  # noqa: S102  the very lines that the page shows
    assert living.digest(0) in (out := capsys.readouterr().out) and living.digest(1) in out
