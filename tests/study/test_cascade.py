"""Cascades: in a city where nobody does anything, who falls with somebody is arithmetic."""

from __future__ import annotations

import json

import numpy as np
import pytest

from glasscity import cli, jobs
from glasscity.engine import panel
from glasscity.engine.city import City
from glasscity.errors import Problems
from glasscity.rules.resolve import Resolved, resolve
from glasscity.study import cascade
from glasscity.study.cascade import Cascade
from glasscity.study.worlds import changed

N, DAYS, AFTER = 4096, 21, 8
LIMIT = 891  # whoever stands below it is sanctioned
BEIJING = resolve("beijing-2020")


@pytest.fixture(scope="module")
def still() -> Resolved:
    """Beijing in which nothing happens: every account stays at 1,000 points, and friends weigh 0.9."""
    catalogue, articles = BEIJING.catalogue, BEIJING.rulebook.articles
    quiet = {f"conduct.{key}.rate": 0 for key in catalogue.conduct} | {f"alarms.{key}.rate": 0 for key in catalogue.alarms}
    kinds = ("composite", "study_app", "firm_scoring", "firm_conduct", "firm_list", "firm_sanction", "list", "enrolment")
    off = {f"articles.{key}.enabled": False for key, article in articles.items() if article.what in kinds}
    friends = {"articles.friends.value": 0.9, "articles.friends.reach": "direct", "articles.friends.limit": 127}
    return changed(BEIJING, quiet | off | friends | {"articles.class_c.value": LIMIT, "articles.class_b.value": 930})


def fall(size: int) -> int:
    """Points that each friend loses with one who loses 1,000, in a circle of so many."""
    return min(127, int(0.9 * 1000 / (size - 1) + 0.5))


def test_cascade__takes_whole_circles_that_are_small_enough_and_nobody_else(still):
    found = cascade.cascade(still, N, DAYS, AFTER, (1,), 2)
    city = City(still, N, DAYS, 1)
    slots = city.layout.slots_of(np.arange(0, N, cascade.EVERY))
    first, size = panel.circles_of(city.world, city.layout, slots)
    size = size[np.unique(first, return_index=True)[1]]
    expected = [n - 1 if n > 1 and 1000 - fall(n) < LIMIT else 0 for n in size.tolist()]
    assert found.sizes.tolist() == expected
    assert {0, 7} <= set(expected), "both kinds of circle are there"
    assert found.afar == 0


def test_cascade__without_friends_weight_is_nought(still):
    found = cascade.cascade(changed(still, {"articles.friends.value": 0}), N, DAYS, AFTER, (1, 2), 2)
    assert found.mean == 0 and len(found.sizes) > 150 and found.plain["alone"] == 1


def test_cascade__tells_mean_and_interval_over_circles():
    told = Cascade(np.array([0, 0, 0, 4]), 0.5).plain
    assert told["mean"] == 1 and told["most"] == 4 and told["alone"] == 0.75
    assert told["high"] - told["mean"] == pytest.approx(3.182 * 2 / 2)  # t of 3 degrees, deviation 2, root of 4


def test_job__wants_a_sanctioned_class_and_a_day_within_the_run():
    with pytest.raises(Problems, match="class that is a sanction"):
        jobs.cascade("court-list", citizens=500, days=10, seeds=1)
    with pytest.raises(Problems, match="--day"):
        jobs.cascade("beijing-2020", citizens=500, days=10, seeds=1, after=10)


def test_command__tells_it_as_text_and_as_json(capsys):
    line = ["cascade", "beijing-2020", "--citizens", "800", "--days", "12", "--seeds", "1", "--day", "5"]
    assert cli.perform(line) == 0
    assert "lost all points on day 5" in capsys.readouterr().out
    assert cli.perform([*line, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["shocks"] == 20
