"""Outcomes of the panel: each on a case small enough to work out by hand."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from worlds import lived, scheme

from glasscity.engine import panel as panels
from glasscity.engine.city import City, copied
from glasscity.metrics import outcomes, panel, people, registry, tables
from glasscity.metrics.cells import Cells
from glasscity.metrics.outcomes import OUTCOMES, Facts, Seen
from glasscity.rules.resolve import resolve

# Four citizens in two circles: Ann and Ben, Cas and Dee. Ann jaywalked twice (-10 each) and was never recorded; Ben did
# nothing, but a camera put one of Ann's acts down to him; Cas defaulted, was put straight on the list and told so; Dee swept, unseen.
MEMBERS = {
    "citizen": [10, 11, 20, 21], "circle": [0, 0, 8, 8], "district": ["east", "east", "west", "west"],
    "minority": [True, False, True, False], "party": [False, False, False, True], "income": [1, 1, 5, 5],
    "parent": [False, True, True, False], "online": [0, 1, 2, 3], "standing": [1000, 985, 900, 1005], "association": [0, -5, 0, 5],
    "sanctioned": [False, True, True, False], "knows": [False, False, True, False],
}  # fmt: skip
FACTS = Facts(
    points={"jaywalking": -10, "default": -100, "sweeping": 5}, lists=frozenset({"default"}),
    kinds={"jaywalking": "violation", "default": "violation", "sweeping": "prosocial", "protest": "expression"},
    channel_domains={"camera": "traffic", "court": "finance"}, wish_domains={"flight": "traffic", "loan": "finance", "post": "online"},
    expressive_wishes=frozenset({"post"}), watching=((0.5, True, False), (0.25, False, True)), cameras={"east": 1.0, "west": 0.5},
    limit=990, has_reasons=True,
)  # fmt: skip
EVENT = {name: None for name in ("what", "channel", "kind", "points", "other", "followed")}


def event(day: int, phase: str, citizen: int, what: str, **more: Any) -> dict[str, Any]:
    return EVENT | {"day": day, "phase": phase, "citizen": citizen, "what": what} | more


EVENTS = [
    event(0, "conduct", 10, "jaywalking"),
    event(1, "conduct", 10, "jaywalking"),
    event(1, "observe", 10, "jaywalking", channel="camera", kind="wrong_person", other=11),
    event(1, "record", 11, "jaywalking", channel="camera", kind="wrong_person", points=-10),
    event(1, "stand", 11, "D", points=985),
    event(2, "conduct", 20, "default"),
    event(2, "observe", 20, "default", channel="court", kind="right", other=20),
    event(4, "record", 20, "default", channel="court", kind="right", points=-100, followed="notified, appealed"),
    event(4, "stand", 20, "D", points=900),
    event(3, "conduct", 21, "sweeping"),
    event(3, "conduct", 10, "protest"),
    event(9, "consequence", 11, "flight", kind="refused"),
    event(9, "consequence", 20, "flight", kind="refused"),
    event(10, "consequence", 20, "loan", kind="refused"),
    event(10, "consequence", 21, "flight", kind="advantage"),
    event(11, "consequence", 21, "post", kind="granted"),
    event(12, "record", 20, "jaywalking", channel="camera", kind="struck_out_right", points=0),
]
SCHEMA = {name: pl.Int64 if name in ("day", "citizen", "points", "other") else pl.String for name in EVENTS[0]}
N_WEEKS = 30


def weeks() -> pl.DataFrame:
    """Ben is sanctioned from the first week on, Cas in the first 20; Ben's account loses 10 falsely and for good."""
    rows = [
        {
            "day": 7 * w + 6, "citizen": citizen, "own": own, "false_points": -10 * (citizen == 11), "association": 0,
            "class": "A", "class_index": int(citizen == 20 and w < 20), "black": False, "court": citizen == 20 and w < 20,
            "listed_weeks": 0, "sanctioned": citizen == 11 or citizen == 20 and w < 20, "knows": citizen == 20,
        }
        for w in range(N_WEEKS) for citizen, own in ((10, 1000), (11, 990), (20, 900 + w), (21, 1000))
    ]  # fmt: skip
    return pl.DataFrame(rows)


CASE = Seen(pl.DataFrame(MEMBERS), weeks(), pl.DataFrame(EVENTS, schema=SCHEMA), FACTS)
YEARS = 4 * N_WEEKS * 7 / 365

BY_HAND: dict[str, float] = {
    # one stratum holds both groups: who never violated (Ben yes, Dee no) has no minority; twice (Ann), once (Cas): no majority
    "residual_disparity": math.nan,
    # coverage 0.5 at full density, at half density, and 0.25 of the online: 8, 8 + 4, 4 + 4, 4 + 4
    "exposure_hours": (8 + 12 + 8 + 8) / 4,
    "exposure_gini": 3 / 36,  # sorted 8, 8, 8, 12: 2 (8 + 16 + 24 + 48) / (4 * 36) - 5 / 4
    "points_through_others_share": 5 / (5 + 10 + 100),
    "assortativity": (2 * (27.5 * 12.5) + 2 * (-72.5 * 32.5)) / (27.5**2 + 12.5**2 + 72.5**2 + 32.5**2),
    "expression_a_year": 2 / YEARS,  # Ann's protest and Dee's post
    "expression_a_year_never_sanctioned": 2 / (YEARS / 2),
    "unseen_prosocial_a_year": 1 / YEARS,
    # standing ranks Ann 3, Ben 2, Cas 1, Dee 4; conduct -20, 0, -100, 5 ranks them 2, 3, 1, 4: 1 - 6 * 2 / 60
    "goodhart_gap": 1 - 0.8,
    "notified_share": 1 / 2,
    "never_told_share": 1 / 2,  # Ben: his refusal makes him know in a run, but this table says he does not
    "notice_delay": 4.0,  # Ben 8 days by refusal, Cas at once
    "reason_coverage": 1 / 2,
    "error_life": N_WEEKS,  # 10 points for 30 weeks, of 10 lost
    "error_left": 1.0,
    # graver first: Cas (100), Ann (20), then Ben and Dee (0). Weeks: 20, 0, 30, 0. Six pairs less the one of equals
    "proportionality_inversions": 2 / 5,  # Cas less than Ben, Ann less than Ben
    # flights: Ben's from a traffic record, Cas's from a finance record; Cas's loan from a finance record
    "context_transfer": 1 / 3,
    "spillover_domains": (1 + 2) / 2,
    "spillover_children": 1.0,
    "trap.13": (17 + 7) / (17 + 17),  # Ben 17 weeks of 17; Cas sanctioned in weeks 0-16, and 13 later only from 0-6
    "trap.26": 4 / (4 + 4),  # Cas, sanctioned in weeks 0-3, is not in weeks 26-29
    "trap.52": math.nan,
    "trap.260": math.nan,
    "no_way_back": 1 / 2,  # Ben is 5 short and stands still; Cas is 90 short and gains one a week
    "mobility": 1 / 4,
    "hours_a_correct_record": 36 * N_WEEKS * 7 / 1,
    "hours_a_false_record": 36 * N_WEEKS * 7 / 1,
    "reward_gini": 3 / 4,
}
EVERYBODY = np.ones((1, 4), bool)


def test_case__has_every_outcome() -> None:
    assert list(BY_HAND) == list(OUTCOMES)


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome__of_the_worked_case(name: str) -> None:
    [found] = outcomes.values(CASE, EVERYBODY, 1)[name]
    assert found == pytest.approx(BY_HAND[name], nan_ok=True)


def test_cells__are_figures_of_their_members_alone_and_silent_if_too_small() -> None:
    cells = np.array([[True] * 4, [True, True, False, False], [False, False, True, False]])
    found = outcomes.values(CASE, cells, 2)
    assert found["exposure_hours"][:2].tolist() == [9, 10] and np.isnan(found["exposure_hours"][2])
    assert found["goodhart_gap"][1] == pytest.approx(2.0)  # Ann did worse and stands better


def test_standardised_ratio__is_one_at_equal_risk_in_each_stratum_whatever_the_shares() -> None:
    """A crude ratio of 26/14 that conduct explains wholly: risks of 10 % and 50 % in both groups, of whom 40 % and 10 % violate."""
    stratum, minority, struck = [], [], []
    for group, sizes in ((True, (60, 40)), (False, (90, 10))):
        for level, size, risk in zip((0, 1), sizes, (10, 50), strict=True):
            stratum += [level] * size
            minority += [group] * size
            struck += [k * 100 < risk * size for k in range(size)]
    found = outcomes.standardised_ratio(np.array(stratum), np.array(minority), np.array(struck))
    assert found == pytest.approx(1.0)


def test_standardised_ratio__doubles_if_risk_does() -> None:
    stratum = np.repeat([0, 0, 1, 1], 10)
    minority = np.tile(np.repeat([True, False], 10), 2)
    struck = np.concatenate([np.arange(10) < n for n in (2, 1, 8, 4)])
    assert outcomes.standardised_ratio(stratum, minority, struck) == pytest.approx(2.0)


def test_inversions__agree_with_counting_pairs() -> None:
    luck = np.random.default_rng(1)
    gravity, loss = luck.integers(0, 6, 80).astype(float), luck.integers(0, 9, 80).astype(float)
    pairs = [(i, j) for i in range(80) for j in range(80) if gravity[i] > gravity[j]]
    inverted = sum(loss[i] < loss[j] for i, j in pairs)
    assert outcomes.inversions(gravity, loss) == pytest.approx(inverted / len(pairs))


def test_tie_correlation__agrees_with_the_list_of_all_ties() -> None:
    luck = np.random.default_rng(2)
    circle = np.repeat([0, 1, 2, 3], [2, 3, 5, 1])
    own = luck.normal(size=11)
    ties = np.array([(i, j) for i in range(11) for j in range(11) if i != j and circle[i] == circle[j]])
    expected = np.corrcoef(own[ties[:, 0]], own[ties[:, 1]])[0, 1]
    assert outcomes.tie_correlation(own, circle) == pytest.approx(expected)


def test_gini__of_equals_is_nought_and_of_one_who_has_all_is_near_one() -> None:
    assert outcomes.gini(np.full(7, 3.0)) == pytest.approx(0)
    assert outcomes.gini(np.array([0.0] * 9 + [5.0])) == pytest.approx(0.9)
    assert math.isnan(outcomes.gini(np.zeros(3)))


def test_jackknife__of_a_mean_is_the_textbook_interval() -> None:
    """Leaving each of 20 values out in turn gives the standard error of their mean exactly."""
    values = np.random.default_rng(3).normal(size=20)
    without = np.array([np.delete(values, k).mean() for k in range(20)])
    assert outcomes.jackknife(without) == pytest.approx(2.093 * values.std(ddof=1) / math.sqrt(20))


# --- the panel -------------------------------------------------------------------------------------


def test_panel__is_everybody_in_a_small_city() -> None:
    city = lived(scheme(), 600, 1, panel=1000)
    assert city.layout.numbers_of(city.panel).tolist() == list(range(600))


def test_panel__holds_whole_circles_spread_over_all_districts() -> None:
    city = lived(scheme(), 60_000, 1, panel=2000)
    assert 0.9 * 2000 < len(city.panel) < 1.15 * 2000
    first, size = panels.circles_of(city.world, city.layout, city.panel)
    assert first.tolist() == city.panel_circles.tolist()
    for start, length in {*zip(first.tolist(), size.tolist(), strict=True)}:
        assert np.isin(np.arange(start, start + length), city.panel).all()
    districts = city.world.page_district[city.panel >> 12]
    assert set(districts.tolist()) == set(range(len(city.layout.sizes)))


def test_panel__changes_nothing_and_outlives_a_checkpoint() -> None:
    alone, city = lived(scheme(), 3000, 20), lived(scheme(), 3000, 20, panel=500)
    assert alone.digest() == city.digest()
    other = lived(scheme(), 3000, 20, panel=500, threads=2)
    assert panel.seen(other).events.equals(panel.seen(city).events)
    again = type(city)(city.resolved, 3000, 20, 1, panel=500)
    again.restore(copied(city.snapshot()))
    assert panel.seen(again).weeks.equals(panel.seen(city).weeks)


def test_panel__of_everybody_counts_what_the_whole_city_counts() -> None:
    """Figures that tallies know too: sanctioned now, points lost falsely, expression, refusals."""
    city = lived(scheme(changes={"articles.friends.value": 0.2}), 1500, 120, panel=1500)
    seen, frame = panel.seen(city), tables.metrics_frame(city)

    def counted(name: str) -> float:
        rows = frame.filter(metric=name, group="all", district="all")
        return float(rows["value"].sum()) if registry.about(name).kind == "flow" else float(rows["value"][-1])

    assert seen.course("sanctioned")[-1].sum() == counted("sanctioned_now")
    assert outcomes.lost_falsely(seen).sum() == counted("points_lost_falsely") > 0
    assert outcomes.expressed(seen).sum() == counted("acts.expression") + counted("asked.expression") > 0
    assert len(seen.refusals) == counted("refused")
    assert seen.column("knows").sum() == counted("ever.knows")


def test_outcomes__are_in_the_table_of_metrics_for_every_cell_and_described() -> None:
    city = lived(scheme(), 3000, 28, panel=3000)
    frame = tables.metrics_frame(city)
    cells = Cells.of(list(city.resolved.population.districts))
    for name in OUTCOMES:
        rows = frame.filter(metric=name)
        assert rows["day"].unique().to_list() == [27] and len(rows) == len(cells.groups)
        about = registry.about(name)
        assert about.definition.endswith(".") and len(about.definition) > 40
    small = frame.filter(metric="exposure_hours", group="minority_income_5")["value"]
    assert small.to_list() == [None], "fewer than a hundred are not told of"


def test_facts__are_those_in_force_on_the_day() -> None:
    resolved = scheme()
    first = next(key for key, a in resolved.rulebook.articles.items() if a.what == "behaviour" and a.enabled and a.scorer == "state")
    conduct = resolved.rulebook.articles[first].conduct
    dated = scheme(changes={f"articles.{first}.from": "2020-06-01"})
    assert conduct not in panel.facts(dated, date(2020, 5, 31)).points
    assert panel.facts(dated, date(2020, 6, 1)).points[conduct] == resolved.rulebook.articles[first].value


def test_followed__is_told_with_the_record() -> None:
    notice = {"articles.notice.enabled": True, "articles.notice.value": 1.0}
    city = lived(scheme(changes=notice), 800, 60, watch=range(800))
    records = people.events_frame(city).filter(phase="record")
    charged = records.filter(pl.col("points") < 0, pl.col("kind").is_in(["right", "wrong_person", "false_alarm", "false_report"]))
    assert len(charged) and charged["followed"].str.contains("notified").all()
    assert records.filter(pl.col("points") > 0)["followed"].null_count() == len(records.filter(pl.col("points") > 0))


# --- intervals -------------------------------------------------------------------------------------


def test_ranks__are_those_of_polars():
    values = np.random.default_rng(5).integers(0, 40, 500) / 7
    assert outcomes.ranks(values).tolist() == pl.Series(values).rank("average").to_list()


def test_quotients_without__are_the_figures_without_each_block():
    """From sums of blocks as from what is left; undefined where only one block has anything below the line."""
    rng = np.random.default_rng(6)
    above, block = rng.normal(size=900), rng.integers(0, outcomes.BLOCKS, 900)
    for below in (rng.random(900), np.where(block == 3, 0.1, 0.0)):
        expected = outcomes.figures_without(outcomes.quotient, [above, below], block)
        assert outcomes.quotients_without([above, below], block) == pytest.approx(expected, rel=1e-9, nan_ok=True)
    assert np.flatnonzero(np.isnan(expected)).tolist() == [3]


def test_half_width__is_told_of_a_part_of_the_city_and_covers_the_whole():
    """Exact figures of the whole city lie within the panel's intervals, of 95 % each: at most 3 of 20 or so miss."""
    rules = resolve("beijing-2020")
    frames = []
    for size in (1000, 6000):
        city = City(rules, 6000, 91, 4, panel=size)
        city.populate()
        for _ in range(91):
            city.live()
        last = tables.metrics_frame(city).filter(pl.col("group") == "all", pl.col("district") == "all", pl.col("day") == 90)
        frames.append(dict(last.select("metric", "value").iter_rows()))
    part, whole = frames
    assert not [name for name in whole if name.startswith("half_width.")]
    known = [name for name in outcomes.OUTCOMES if part.get(f"half_width.{name}") and whole.get(name) is not None]
    missed = [name for name in known if abs(part[name] - whole[name]) > part[f"half_width.{name}"]]
    assert len(known) >= 12 and len(missed) <= 3, missed
