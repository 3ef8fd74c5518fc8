"""Mechanisms taken out and safeguards granted: each does in the world what its name says."""

from __future__ import annotations

import polars as pl
import pytest

from glasscity.engine.city import City
from glasscity.errors import Problems
from glasscity.rules import levers
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Safeguard, Scenario
from glasscity.rules.resolve import Resolved, resolve
from glasscity.study.worlds import changed, lived

BEIJING = resolve("beijing-2020")


def last(scheme: Resolved) -> dict[str, float]:
    """The metrics of a small world: flows in all, the rest at the end."""
    frame = lived(scheme, 6000, 56, 5, 2).filter((pl.col("group") == "all") & (pl.col("district") == "all"))
    ends = frame.group_by("metric").agg(pl.col("value").last(), total=pl.col("value").sum())
    return {name: total if name in FLOWS else value for name, value, total in ends.iter_rows()}


FLOWS = {"records.wrong_person", "records.false_alarm", "records.false_report", "informers_rewarded", "notified", "appeals",
         "sanctions_by_association", "black_entered", "discretion_points"}  # fmt: skip
# mechanism: metrics that are above nought in the scheme as it is, and nought without it (or the other way round)
VANISH = {
    "informers": ("records.false_report", "informers_rewarded"),
    "discretion": ("discretion_points",),
}


@pytest.fixture(scope="module")
def as_it_is() -> dict[str, float]:
    return last(BEIJING)


@pytest.mark.parametrize("mechanism", VANISH)
def test_mechanism__taken_out_leaves_no_trace(mechanism, as_it_is):
    without = last(changed(BEIJING, levers.without(BEIJING, mechanism)))
    for metric in VANISH[mechanism]:
        assert as_it_is[metric] > 0 and without[metric] == 0, metric


def test_sensor_error__taken_out_leaves_only_what_people_report_wrongly(as_it_is):
    without = last(changed(BEIJING, levers.without(BEIJING, "sensor_error")))
    assert as_it_is["records.false_alarm"] > 0 and without["records.false_alarm"] == 0
    assert without["records.false_report"] > 0
    assert 0 < without["records.wrong_person"] < as_it_is["records.wrong_person"] / 5  # informers name the wrong person, too


def test_no_appeal__taken_out_lets_people_know_and_appeal(as_it_is):
    without = last(changed(BEIJING, levers.without(BEIJING, "no_appeal")))
    assert as_it_is["notified"] == as_it_is["appeals"] == 0
    assert without["notified"] > 0 and without["appeals"] > 0


def test_friends__taken_out_neither_give_nor_take():
    for scheme, is_there in ((BEIJING, True), (changed(BEIJING, levers.without(BEIJING, "friends")), False)):
        city = City(scheme, 3000, 28, 5)
        city.populate()
        for _ in range(28):
            city.live()
        assert bool(city.world.association.any()) == is_there


def test_cap__taken_out_lets_the_minority_reach_the_best_class():
    articles = changed(BEIJING, levers.without(BEIJING, "cap")).rulebook.articles.values()
    assert not any(article.what == "cap" and article.enabled for article in articles)


def test_unequal_watch__taken_out_watches_as_many_acts_in_all():
    other = changed(BEIJING, levers.without(BEIJING, "unequal_watch"))
    districts = BEIJING.population.districts.values()
    for key, article in BEIJING.rulebook.articles.items():
        if article.what == "channel" and article.enabled and article.density == "cameras":
            watched = sum(d.residents * d.cameras * article.value for d in districts)
            even = other.rulebook.articles[key]
            assert even.density == "even"
            assert sum(d.residents * even.value for d in districts) == pytest.approx(watched)


def test_rule__taken_out_leaves_no_factor_between_groups():
    other = changed(BEIJING, levers.without(BEIJING, "rule"))
    for article in other.rulebook.articles.values():
        if article.what == "channel" and article.enabled:
            assert article.minority_true_match == article.minority_wrong_match == 1
        assert article.what != "composite" or not article.enabled
    assert levers.mechanisms_of(other) == [name for name in levers.mechanisms_of(BEIJING) if name != "rule"]


def test_article_and_kind__can_be_taken_out_by_name():
    assert levers.without(BEIJING, "friends") == {"articles.friends.enabled": False}
    assert set(levers.without(BEIJING, "scoring")) == {f"articles.{k}.enabled" for k, a in BEIJING.rulebook.articles.items() if a.what == "scoring"}


def test_mechanism__that_a_scheme_has_not_is_refused_with_what_it_has():
    with pytest.raises(Problems, match=r"a mechanism of the scheme \(sensor_error, no_appeal\) or the id of an article"):
        levers.without(resolve("watchlist-cardiff"), "grudges")
    with pytest.raises(Problems, match="'cap'"):
        levers.without(resolve("no-scoring"), "cap")


@pytest.mark.parametrize("name", built_in_names(Scenario))
def test_safeguards__can_be_granted_in_every_scenario_whether_it_knows_them_or_not(name):
    resolved = resolve(name)
    for lever in levers.LEVERS:
        other = changed(resolved, levers.granted(resolved, lever))
        assert levers.is_granted(other, lever)


def test_safeguards__usual_ones_are_there_for_every_lever():
    assert set(levers.standard_safeguards()) == set(levers.LEVERS)
    assert all(Safeguard.model_validate(article).lever == lever for lever, article in levers.standard_safeguards().items())


def test_safeguard__that_there_is_none_of_is_refused():
    with pytest.raises(Problems, match="one of notice, reasons"):
        levers.granted(BEIJING, "mercy")
