"""Metrics: exact on hand-made tallies, and the same when recomputed from citizens and from event rows."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from worlds import lived, scheme

from glasscity import columns as c
from glasscity.engine.city import City, Reading
from glasscity.metrics import people, registry, tables

N, DAYS = 500, 120


@pytest.fixture(scope="module")
def city() -> City:
    """A small city in which everybody is watched."""
    with np.errstate(over="ignore"):
        return lived(scheme(), N, DAYS, seed=3, watch=range(N))


@pytest.fixture(scope="module")
def metrics(city: City) -> pl.DataFrame:
    return tables.metrics_frame(city)


@pytest.fixture(scope="module")
def citizens(city: City) -> pl.DataFrame:
    return people.citizens_frame(city, np.arange(N))


@pytest.fixture(scope="module")
def events(city: City) -> pl.DataFrame:
    return people.events_frame(city)


def told(metrics: pl.DataFrame, name: str, group: str = "all", district: str = "all") -> float | None:
    """A metric at the end: flows since the start, all others on the last day."""
    rows = metrics.filter(pl.col("metric") == name, pl.col("group") == group, pl.col("district") == district)
    if registry.about(name).kind == "flow":
        return float(rows["value"].sum())
    return rows.sort("day")["value"][-1]


# --- hand-made tallies -----------------------------------------------------------------------------


def by_hand(flows: list[dict[int, int]], stocks: list[dict[int, int]] | None = None, group: int = 0) -> City:
    """A city that nobody lived in, whose readings are made up: all in the first district and one group."""
    made = City(scheme(), 100, 7 * len(flows), 1)
    n = len(made.layout.sizes)
    for week, flow in enumerate(flows):
        reading = Reading(
            7 * week + 6,
            np.zeros((n, c.N_FLOWS), np.int64),
            np.zeros((c.N_GROUPS, c.N_FLOWS), np.int64),
            np.zeros((n, c.N_STOCKS), np.int64),
            np.zeros((c.N_GROUPS, c.N_STOCKS), np.int64),
            np.zeros((n, 2, c.N_BINS), np.int64),
            np.zeros((n, c.N_SECTORS, c.N_FIRM_FLOWS), np.int64),
            np.zeros((n, c.N_FIRM_STOCKS), np.int64),
            np.zeros((n, 3), np.int64),
        )
        for tally, value in flow.items():
            reading.flows_by_district[0, tally] = reading.flows_by_group[group, tally] = value
        for tally, value in (stocks[week] if stocks else {}).items():
            reading.stocks_by_district[0, tally] = reading.stocks_by_group[group, tally] = value
        made.readings.append(reading)
    return made


def test_flow__counts_what_came_about_since_the_reading_before() -> None:
    frame = tables.metrics_frame(by_hand([{c.F_FINED: 5}, {c.F_FINED: 12}]))
    rows = frame.filter(pl.col("metric") == "fined", pl.col("group") == "all", pl.col("district") == "all")
    assert rows["value"].to_list() == [5, 7]
    assert rows["day"].to_list() == [6, 13]
    assert rows["date"].to_list() == [date(2021, 1, 7), date(2021, 1, 14)]


def test_wrongful_sanction_share__counts_falls_and_listings() -> None:
    flow = {c.F_SANCTIONS: 8, c.F_SANCTIONS_WRONG: 2, c.F_STRAIGHT_LISTED: 2, c.F_STRAIGHT_LISTED_WRONGLY: 1}
    assert told(tables.metrics_frame(by_hand([flow])), "wrongful_sanction_share") == pytest.approx(0.3)


def test_ratio__is_of_everything_since_the_start_and_not_of_the_last_week() -> None:
    flows = [{c.F_SANCTIONS: 4, c.F_SANCTIONS_BY_ASSOCIATION: 4}, {c.F_SANCTIONS: 8, c.F_SANCTIONS_BY_ASSOCIATION: 4}]
    assert told(tables.metrics_frame(by_hand(flows)), "association_share") == pytest.approx(0.5)


def test_precision_misattribution_and_false_reports__by_hand() -> None:
    made = by_hand([{}])
    camera, informers = made.scheme.channels.index("street_camera"), made.scheme.channels.index("informers")
    flow = {c.F_RECORDS + 4 * camera: 6, c.F_RECORDS + 4 * camera + 1: 1, c.F_RECORDS + 4 * camera + 2: 3}
    flow |= {c.F_RECORDS + 4 * informers: 5, c.F_RECORDS + 4 * informers + 3: 5}
    frame = tables.metrics_frame(by_hand([flow]))
    assert told(frame, "precision.street_camera") == pytest.approx(0.6)
    assert told(frame, "precision.informers") == pytest.approx(0.5)
    assert told(frame, "misattribution") == pytest.approx(9 / 20)
    assert told(frame, "false_report_share") == pytest.approx(0.5)
    assert told(frame, "records.false_alarm") == 3


def test_innocent_risk__is_of_the_innocent_only() -> None:
    stock = {c.K_CITIZENS: 100, c.K_INNOCENT: 20, c.K_INNOCENT_SANCTIONED: 3}
    assert told(tables.metrics_frame(by_hand([{}], [stock])), "innocent_risk") == pytest.approx(0.15)


def test_means__are_over_citizens() -> None:
    stock = {c.K_CITIZENS: 4, c.K_STANDING: 4100, c.K_RISK: 510, c.K_EXPRESSION: 30, c.K_MOTIVATION: 10}
    frame = tables.metrics_frame(by_hand([{}], [stock]))
    assert [told(frame, name) for name in ("standing", "risk", "expression", "motivation")] == [1025, 0.5, 7.5, 2.5]


def test_chilled_share__holds_acts_and_posts_together() -> None:
    post = c.F_ASKED + by_hand([{}]).scheme.wishes.index("post")
    flow = {c.F_CHILLED: 1, c.F_CHILLED_POSTS: 2, c.F_EXPRESSION: 3, post: 6, c.F_ASKED + 8: 50}
    assert told(tables.metrics_frame(by_hand([flow])), "chilled_share") == pytest.approx(3 / 12)


def test_group__holds_the_cells_of_its_trait() -> None:
    cell = c.MINORITY | c.PARTY | 3 << c.INCOME_SHIFT
    frame = tables.metrics_frame(by_hand([{c.F_FINED: 9}], group=cell))
    found = {group for group in registry.GROUPS if told(frame, "fined", group) == 9}
    assert found == {"all", "minority", "party", "income_4", "minority_income_4"}


def test_group_ratio_and_gap__hold_the_minority_against_the_majority() -> None:
    made = by_hand([{}], [{c.K_CITIZENS: 100, c.K_NOTE + 1: 10}])
    made.readings[0].stocks_by_group[c.MINORITY, [c.K_CITIZENS, c.K_NOTE + 1]] = 50, 15
    frame = tables.metrics_frame(made)
    assert told(frame, "share_ever.sanctioned.ratio", "minority") == pytest.approx(3)
    assert told(frame, "share_ever.sanctioned.gap", "minority") == pytest.approx(0.2)


def test_ratio__is_null_where_nothing_is_divided_by() -> None:
    frame = tables.metrics_frame(by_hand([{}]))
    assert told(frame, "wrongful_sanction_share") is None
    assert told(frame, "precision.street_camera") is None
    assert not frame["value"].is_nan().any()


def test_frame__of_a_city_without_readings_is_empty_and_keeps_its_columns() -> None:
    frame = tables.metrics_frame(City(scheme(), 10, 7, 1))
    assert frame.is_empty() and frame.schema == pl.Schema(tables.METRICS_SCHEMA)


# --- sums ------------------------------------------------------------------------------------------

PARTITIONS = (("minority", "majority"), ("party", "no_party"), tuple(f"income_{k}" for k in range(1, 6)))


def test_counts__over_districts_and_over_groups_add_up_to_all(metrics: pl.DataFrame) -> None:
    kinds = {name: registry.about(name).kind for name in metrics["metric"].unique()}
    counted = [name for name, kind in kinds.items() if kind in ("flow", "stock") and "standing_bin" not in name]
    frame = metrics.filter(pl.col("metric").is_in(counted))
    keys = ["metric", "day"]
    whole = frame.filter(pl.col("group") == "all", pl.col("district") == "all").sort(keys)["value"]
    districts = frame.filter(pl.col("district") != "all").group_by(keys).agg(pl.col("value").sum()).sort(keys)["value"]
    assert districts.to_list() == whole.to_list()
    of_citizens = frame.filter(~pl.col("metric").str.starts_with("firm"))  # firms belong to no group
    whole = of_citizens.filter(pl.col("group") == "all", pl.col("district") == "all").sort(keys)["value"]
    for groups in PARTITIONS:
        parts = of_citizens.filter(pl.col("group").is_in(groups)).group_by(keys).agg(pl.col("value").sum()).sort(keys)
        assert parts["value"].to_list() == whole.to_list()


def test_standing_bins__add_up_to_the_citizens_everywhere(metrics: pl.DataFrame) -> None:
    cell = ["day", "group", "district"]
    bins = metrics.filter(pl.col("metric").str.starts_with("standing_bin."))
    found = bins.group_by(cell).agg(pl.col("value").sum().alias("binned"))
    known = metrics.filter(pl.col("metric") == "citizens")
    both = found.join(known, on=cell)
    assert len(both) == len(found) and (both["binned"] == both["value"]).all()


def test_frame__has_each_metric_once_a_day_group_and_district(metrics: pl.DataFrame) -> None:
    assert not metrics.select("metric", "day", "group", "district").is_duplicated().any()


# --- recomputed from citizens ----------------------------------------------------------------------


def cells(citizens: pl.DataFrame) -> dict[tuple[str, str], pl.DataFrame]:
    """Citizens of each cell, picked without the engine's groups."""
    picks = {
        "minority": pl.col("minority"), "majority": ~pl.col("minority"),
        "party": pl.col("party"), "no_party": ~pl.col("party"),
    }  # fmt: skip
    picks |= {f"income_{k}": pl.col("income") == k for k in range(1, 6)}
    found = {("all", "all"): citizens} | {(group, "all"): citizens.filter(pick) for group, pick in picks.items()}
    return found | {("all", d[0]): part for d, part in citizens.group_by("district")}  # type: ignore[dict-item]


@pytest.mark.parametrize("flag", ["black", "court", "red", "shunned", "jobless"])
def test_flags__are_as_many_as_the_citizens_table_has(metrics: pl.DataFrame, citizens: pl.DataFrame, flag: str) -> None:
    for (group, district), part in cells(citizens).items():
        assert told(metrics, flag, group, district) == part[flag].sum()


@pytest.mark.parametrize("note", list(c.NOTES))
def test_notes__are_as_many_as_the_citizens_table_has(metrics: pl.DataFrame, citizens: pl.DataFrame, note: str) -> None:
    for (group, district), part in cells(citizens).items():
        assert told(metrics, f"ever.{note}", group, district) == part[note].sum()
        if len(part):
            assert told(metrics, f"share_ever.{note}", group, district) == pytest.approx(part[note].mean())


def test_means__are_those_of_the_citizens_table(metrics: pl.DataFrame, citizens: pl.DataFrame) -> None:
    for (group, district), part in cells(citizens).items():
        for name in ("standing", "risk", "expression", "motivation"):
            if len(part):
                assert told(metrics, name, group, district) == pytest.approx(part[name].mean())


def test_classes__are_those_of_the_citizens_table(city: City, metrics: pl.DataFrame, citizens: pl.DataFrame) -> None:
    sizes = dict(citizens.group_by("class").len().iter_rows())
    for letter in city.scheme.letters:
        assert told(metrics, f"class.{letter}") == sizes.get(letter, 0)


def test_standing_bins__are_those_of_the_citizens_table(metrics: pl.DataFrame, citizens: pl.DataFrame) -> None:
    for is_minority, group in ((True, "minority"), (False, "majority")):
        part = citizens.filter(pl.col("minority") == is_minority)
        for edge, n in part.group_by(pl.col("standing") // 32 * 32).len().iter_rows():
            assert told(metrics, f"standing_bin.{edge}", group) == n


def test_innocent_risk__is_that_of_the_citizens_table(metrics: pl.DataFrame, citizens: pl.DataFrame) -> None:
    innocent = citizens.filter(~pl.col("violated"))
    assert told(metrics, "innocent_risk") == pytest.approx(innocent["sanctioned"].mean())


def test_citizens__stand_in_the_class_that_their_standing_reaches(city: City, citizens: pl.DataFrame) -> None:
    limits = {a.letter: a.value for a in city.resolved.rulebook.articles.values() if a.what == "class"}
    for standing, letter in citizens.select("standing", "class").iter_rows():
        assert letter == next((x for x in city.scheme.letters if standing >= limits[x]), city.scheme.letters[-1])


def test_citizens__of_the_minority_stand_at_most_at_the_cap(citizens: pl.DataFrame) -> None:
    assert citizens.filter("minority")["standing"].max() <= 1000
    assert citizens.filter(~pl.col("minority"))["standing"].max() > 1000


def test_citizens__keep_the_order_and_numbers_asked_for(city: City, citizens: pl.DataFrame) -> None:
    some = people.citizens_frame(city, np.array([499, 0, 250]))
    assert some.equals(citizens[[499, 0, 250]])


def test_citizens__have_every_trait_and_every_column_is_described(citizens: pl.DataFrame) -> None:
    assert set(c.TRAITS) | set(c.DISPOSITIONS) <= set(citizens.columns)
    assert set(citizens.columns) == set(people.CITIZEN_COLUMNS)


def test_citizens__tell_the_traits_that_the_bits_hold(city: City, citizens: pl.DataFrame) -> None:
    traits = city.world.traits[city.layout.slots_of(np.arange(N))].astype(int)
    assert citizens["income"].to_list() == [((t >> 2) & 7) + 1 for t in traits]
    assert citizens["drives"].to_list() == [bool(t >> 14 & 1) for t in traits]
    assert citizens["minority"].to_list() == [bool(t & 1) for t in traits]
    assert set(citizens.filter(pl.col("age") == "6-14")["occupation"]) <= {"pupil"}


# --- recomputed from events ------------------------------------------------------------------------


def test_acts__are_those_of_the_event_rows(city: City, metrics: pl.DataFrame, events: pl.DataFrame) -> None:
    kinds = {name: conduct.kind for name, conduct in city.resolved.catalogue.conduct.items()}
    acts = events.filter(pl.col("phase") == "conduct").with_columns(kind=pl.col("what").replace_strict(kinds))
    counts = {kind: (acts["kind"] == kind).sum() for kind in ("violation", "prosocial", "expression", "hardship")}
    counts["violation"] += counts["hardship"]  # debts and fines not paid are violations, too
    for kind, count in counts.items():
        assert told(metrics, f"acts.{kind}") == count
    for name in kinds:
        assert told(metrics, f"conduct.{name}.acts") == (acts["what"] == name).sum()


def test_truth__is_what_the_channels_of_the_event_rows_named(metrics: pl.DataFrame, events: pl.DataFrame) -> None:
    seen = events.filter(pl.col("phase") == "observe")
    for field, kinds in {
        "right": ["right"],
        "wrong": ["wrong_person"],
        "invented": ["false_alarm", "false_report"],
    }.items():
        counted = dict(seen.filter(pl.col("kind").is_in(kinds)).group_by("what").len().iter_rows())
        names = [name for name in metrics["metric"].unique() if name.startswith("conduct.") and name.endswith(field)]
        assert {name: told(metrics, name) for name in names} == {
            name: counted.get(name.split(".")[1], 0) for name in names
        }  # fmt: skip


def test_records__are_those_of_the_event_rows(city: City, metrics: pl.DataFrame, events: pl.DataFrame) -> None:
    counted = dict(
        events.filter(pl.col("phase") == "record")
        .group_by(pl.concat_str("channel", "kind", separator="."))
        .len()
        .iter_rows()
    )
    for channel in city.scheme.channels:
        for kind in c.ENTRY_KINDS:
            assert told(metrics, f"records.{channel}.{kind}") == counted.get(f"{channel}.{kind}", 0)
    false = sum(n for key, n in counted.items() if key.split(".")[1] in c.ENTRY_KINDS[1:])
    every = sum(n for key, n in counted.items() if key.split(".")[1] in c.ENTRY_KINDS)
    assert told(metrics, "misattribution") == pytest.approx(false / every)


def test_points__are_those_of_the_event_rows(metrics: pl.DataFrame, events: pl.DataFrame) -> None:
    points = events.filter(pl.col("phase") == "record")["points"]
    assert told(metrics, "points_lost") == -points.filter(points < 0).sum()
    assert told(metrics, "points_gained") == points.filter(points > 0).sum()


def test_wishes__are_answered_as_in_the_event_rows(city: City, metrics: pl.DataFrame, events: pl.DataFrame) -> None:
    asked = events.filter(pl.col("phase") == "consequence")
    for wish in city.scheme.wishes:
        answers = asked.filter(pl.col("what") == wish)["kind"]
        assert told(metrics, f"asked.{wish}") == len(answers)
        assert told(metrics, f"refused.{wish}") == (answers == "refused").sum()
        assert told(metrics, f"advantage.{wish}") == (answers == "advantage").sum()


def test_events__end_in_the_state_of_the_citizens_table(events: pl.DataFrame) -> None:
    with np.errstate(over="ignore"):
        week = lived(scheme(), 60, 7 * 10, seed=5, watch=range(60))
    citizens = people.citizens_frame(week, np.arange(60))
    last = people.events_frame(week).filter(pl.col("phase") == "respond", pl.col("day") == 69).sort("citizen")
    for name in ("risk", "expression", "motivation", "listed_weeks"):
        assert last[name].to_list() == citizens[name].to_list()
    assert last["points"].to_list() == citizens["own"].to_list()


def test_events__name_the_same_citizens_and_order_on_one_and_two_threads(events: pl.DataFrame) -> None:
    with np.errstate(over="ignore"):
        other = lived(scheme(), N, DAYS, seed=3, watch=range(N), threads=2)
    assert people.events_frame(other).equals(events)


def test_events__have_every_column_described(events: pl.DataFrame) -> None:
    assert events.columns == list(people.EVENT_COLUMNS)
    assert events.select("phase", "citizen", "what").null_count().sum_horizontal()[0] == 0


def test_events__of_a_city_in_which_nobody_is_watched_are_none_and_keep_their_columns() -> None:
    with np.errstate(over="ignore"):
        frame = people.events_frame(lived(scheme(), 20, 7))
    assert frame.is_empty() and frame.columns == list(people.EVENT_COLUMNS)


# --- odd worlds ------------------------------------------------------------------------------------


def test_world__of_one_citizen_and_one_day_has_all_metrics() -> None:
    with np.errstate(over="ignore"):
        frame = tables.metrics_frame(lived(scheme(), 1, 1))
    assert told(frame, "citizens") == 1
    assert tables.headline(frame)["mean_standing"] is not None


def test_world__without_a_minority_has_no_group_ratio() -> None:
    changes = {f"population.districts.{d}.minority": 0.0 for d in scheme().population.districts}
    with np.errstate(over="ignore"):
        frame = tables.metrics_frame(lived(scheme(changes=changes), 300, 30))
    assert told(frame, "citizens", "minority") == 0
    assert told(frame, "standing", "minority") is None
    assert tables.headline(frame)["minority_ratio"] is None


def test_headline__of_a_list_without_points_has_no_standing_and_no_classes() -> None:
    with np.errstate(over="ignore"):
        found = tables.headline(tables.metrics_frame(lived(scheme("court-list"), 300, 30)))
    assert found["mean_standing"] is found["class_share_top"] is found["class_share_bottom"] is None
    assert found["sanctioned_share"] is not None


def test_headline__repeats_the_frame(metrics: pl.DataFrame) -> None:
    found = tables.headline(metrics)
    assert list(found) == list(registry.HEADLINES)
    assert found["class_share_top"] == told(metrics, "class_share.AAA")
    assert found["class_share_bottom"] == told(metrics, "class_share.D")
    assert found["minority_ratio"] == told(metrics, "share_ever.sanctioned.ratio", "minority")
    assert found["refused_per_1000"] == pytest.approx(1000 * (told(metrics, "refused") or 0) / N)


def test_bins__follow_the_floor_in_force() -> None:
    later = dict(scheme().documents["rulebook"]["articles"]["scoring"])
    later |= {"floor": 500, "from": date(2021, 1, 15)}
    changes = {"articles.scoring.until": date(2021, 1, 15)}
    with np.errstate(over="ignore"):
        frame = tables.metrics_frame(lived(scheme(changes=changes, articles={"scoring_later": later}), 50, 28))
    bins = frame.filter(
        pl.col("metric").str.starts_with("standing_bin."), pl.col("district") == "all", pl.col("group") == "all"
    )
    first = {day: min(int(name.split(".")[1]) for name in part["metric"]) for (day,), part in bins.group_by("day")}
    assert first == {6: 0, 13: 0, 20: 500, 27: 500}
