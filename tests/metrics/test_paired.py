"""Figures of two worlds: on a case small enough to work out by hand, and against the raw events of a small city."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from glasscity.metrics import paired, panel, registry
from glasscity.metrics.outcomes import Facts, Seen
from glasscity.metrics.paired import PAIRED
from glasscity.rules import levers
from glasscity.rules.resolve import resolve
from glasscity.study import twins
from glasscity.study.worlds import changed

FACTS = Facts(
    kinds={"critical_post": "expression", "incitement": "expression", "helping": "prosocial", "giving": "prosocial"},
    lawful=frozenset({"critical_post", "helping", "giving"}), expressive_wishes=frozenset({"post"}),
)  # fmt: skip
# two circles: Ann, Ben and Cas; Dee and Eli. Ten days; the worlds part on day 2
PEOPLE = {"ann": 1, "ben": 2, "cas": 3, "dee": 4, "eli": 5}
SCHEMA = {"day": pl.Int64, "phase": pl.String, "citizen": pl.Int64, "what": pl.String, "channel": pl.String, "kind": pl.String, "points": pl.Int64}


def world(shunned: str, sanctioned: str, acts: dict[str, list[tuple[int, str]]], seen: tuple[tuple[int, str, str], ...] = ()) -> Seen:
    """A world of five: who is shunned and sanctioned, who did what on which day, and which acts a camera put down to somebody."""
    events: list[dict[str, Any]] = [
        {"day": day, "phase": "consequence" if what == "post" else "conduct", "citizen": PEOPLE[who], "what": what}
        for who, done in acts.items() for day, what in done
    ]  # fmt: skip
    events += [{"day": day, "phase": "observe", "citizen": PEOPLE[who], "what": what, "kind": "right"} for day, who, what in seen]
    members = {
        "citizen": list(PEOPLE.values()), "circle": [0, 0, 0, 8, 8], "shunned": [who in shunned.split() for who in PEOPLE],
        "sanctioned": [who in sanctioned.split() for who in PEOPLE],
    }  # fmt: skip
    weeks = pl.DataFrame({"day": [9] * 5, "citizen": members["citizen"]})
    return Seen(pl.DataFrame(members), weeks, pl.DataFrame([dict.fromkeys(SCHEMA) | e for e in events], SCHEMA), FACTS)


EARLY = {"ann": [(0, "critical_post"), (1, "helping"), (1, "post")]}  # before the worlds part: the same in both
HERE = world(
    shunned="ann dee", sanctioned="ann", seen=((3, "ben", "helping"),),
    acts={"ann": EARLY["ann"], "ben": [(3, "helping"), (4, "critical_post"), (4, "incitement")], "eli": [(5, "helping")]},
)  # fmt: skip
THERE = world(
    shunned="dee", sanctioned="",
    acts={
        "ann": [*EARLY["ann"], (3, "post"), (4, "critical_post")], "ben": [(3, "helping"), (4, "critical_post"), (5, "incitement")],
        "cas": [(6, "giving"), (7, "critical_post")], "eli": [(5, "helping"), (6, "helping")],
    },
)  # fmt: skip
# changed from the first day on: nobody is shunned, Dee and Cas speak as well, and Eli helps once more
NEVER = world(
    shunned="", sanctioned="",
    acts={
        "ann": [(3, "post"), (4, "critical_post")], "ben": [(3, "helping"), (4, "critical_post")],
        "cas": [(6, "giving"), (7, "critical_post"), (8, "post")], "dee": [(8, "post")], "eli": [(5, "helping"), (6, "helping"), (8, "helping")],
    },
)  # fmt: skip

BY_HAND = {
    # friends that stand. There: Ann 2, Ben 2, Cas 2, Dee and Eli none. Here: Ben and Cas have each other
    "tie_loss_paired": 1 - 2 / 6,
    # from day 2 on and lawful. There: Ann 2, Ben 1, Cas 1. Here: Ben 1
    "chilling_paired": 1 - 1 / 4,
    # without Ann: Ben 1 and Cas 1 against Ben 1
    "chilling_paired_never_sanctioned": 1 - 1 / 2,
    # two of three acts of helping go unseen here, and all of giving. There: 3 * 2/3 + 1. Here: 2 * 2/3
    "crowding_out_paired": 1 - (4 / 3) / 3,
    # never: 2 + 2 + 2 + 1 + 1 = 8 friends. Late: 6. Here: 2
    "persistence.tie_loss_paired": (8 - 6) / (8 - 2),
    # never: Ann 2, Ben 1, Cas 2, Dee 1. Late: 4. Here: 1
    "persistence.chilling_paired": (6 - 4) / (6 - 1),
    # without Ann: 4, 2, 1
    "persistence.chilling_paired_never_sanctioned": (4 - 2) / (4 - 1),
    # never: 4 * 2/3 + 1. Late: 3. Here: 4/3
    "persistence.crowding_out_paired": (11 / 3 - 3) / (11 / 3 - 4 / 3),
}
EVERYBODY = np.ones((1, 5), bool)


def test_case__has_every_figure_of_the_registry():
    assert set(BY_HAND) == set(registry.PAIRED)
    assert all(metric.definition.endswith(".") and metric.formula and metric.label for metric in registry.PAIRED.values())
    assert not set(registry.PAIRED) & set(registry.METRICS), "no run has them: two worlds do"


@pytest.mark.parametrize("name", BY_HAND)
def test_figure__of_the_worked_case(name):
    [found] = paired.figures([HERE, THERE, NEVER], 2, EVERYBODY, 1)[name]
    assert found == pytest.approx(BY_HAND[name])


def test_figure__of_two_worlds_does_not_hang_on_the_third():
    pair, three = (paired.figures(worlds, 2, EVERYBODY, 1) for worlds in ([HERE, THERE], [HERE, THERE, NEVER]))
    assert set(pair) == set(PAIRED) and all(pair[name] == three[name] for name in PAIRED)


def test_figure__of_a_world_and_itself_is_nought():
    assert all(values == [0] for values in paired.figures([HERE, HERE], 0, EVERYBODY, 1).values())


def test_figure__is_silent_where_there_is_nothing_to_lose_and_in_small_cells():
    cells = np.array([[True] * 5, [True, True, False, False, False], [False, False, False, True, False]])
    found = paired.figures([HERE, THERE], 2, cells, 2)
    assert found["chilling_paired"][1] == pytest.approx(1 - 1 / 3) and math.isnan(found["chilling_paired"][2])
    alone = paired.figures([HERE, THERE], 2, cells, 1)
    assert math.isnan(alone["tie_loss_paired"][2]), "Dee has no friend to lose in either world"


def test_watching_alone__is_no_crowding_out():
    """The same acts, some of them seen: nothing is crowded out."""
    watched = replace(THERE, events=pl.concat([THERE.events, HERE.events.filter(phase="observe")]))
    assert paired.figures([watched, THERE], 2, EVERYBODY, 1)["crowding_out_paired"] == [0]


# --- in a city -------------------------------------------------------------------------------------

N, DAYS, BRANCH = 3000, 70, 28
BEIJING = changed(resolve("beijing-2020"), {"articles.friends.value": 0.3, "articles.class_c.sanctioned": True, "articles.shunning.value": 1.0})


def test_twin__holds_the_paired_figures_of_its_worlds():
    """Counted once more from the events and states of the three worlds, by sums over plain dicts."""
    other = changed(BEIJING, levers.without(BEIJING, "channel"))
    twin = twins.compared((BEIJING, other), N, DAYS, [5], 2, BRANCH, has_third=True)
    pair = twins.lived_pair((BEIJING, other), N, DAYS, 5, 2, BRANCH)
    here, late = map(panel.seen, pair)
    never = twins.lived_alone(other, N, DAYS, 5, 2, lambda _: None)
    lawful = {key for key, conduct in BEIJING.catalogue.conduct.items() if conduct.lawful and conduct.kind == "expression"}
    posts = {key for key, wish in BEIJING.catalogue.wishes.items() if wish.expression}

    def said(seen: Seen) -> int:
        rows = seen.events.filter(pl.col("day") >= BRANCH).select("phase", "what").rows()
        return sum(phase == "conduct" and what in lawful or phase == "consequence" and what in posts for phase, what in rows)

    def ties(seen: Seen) -> int:
        rows = seen.members.select("circle", "shunned").rows()
        return sum(not cut and not shunned and a == b for a, cut in rows for b, shunned in rows) - sum(not cut for _, cut in rows)

    assert twin.loss("chilling_paired")["value"] == pytest.approx(1 - said(here) / said(late))
    assert twin.loss("persistence.chilling_paired")["value"] == pytest.approx((said(never) - said(late)) / (said(never) - said(here)))
    assert twin.loss("tie_loss_paired")["value"] == pytest.approx(1 - ties(here) / ties(late)) and ties(here) < ties(late) < ties(never)
    assert twin.loss("crowding_out_paired")["low"] is None, "one seed: no interval"
    with pytest.raises(KeyError, match="tie_loss_paired"):
        twin.loss("happiness")
