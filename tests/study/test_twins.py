"""Twin worlds: nothing differs but what was changed, and what differs is what two separate runs would say."""

from __future__ import annotations

import json
import statistics
from typing import Any

import polars as pl
import pytest

import glasscity
from glasscity import cli, jobs
from glasscity import columns as c
from glasscity.engine.city import City
from glasscity.errors import Problems, RunFolderError, TornFile
from glasscity.metrics import tables
from glasscity.rules import levers
from glasscity.rules.resolve import Resolved, resolve
from glasscity.study import twins
from glasscity.study.twins import Twin
from glasscity.study.worlds import changed

N, DAYS, SEEDS = 4000, 42, (3, 4)
BEIJING = resolve("beijing-2020")


def lived(scheme: Resolved, seed: int = SEEDS[0], days: int = DAYS) -> City:
    city = City(scheme, N, days, seed)
    city.populate()
    for _ in range(days):
        city.live()
    return city


def pair(other: Resolved, **options: Any) -> Twin:
    return twins.compared((BEIJING, other), N, DAYS, SEEDS, 2, **options)


@pytest.fixture(scope="module")
def faultless() -> Resolved:
    return changed(BEIJING, levers.without(BEIJING, "sensor_error"))


@pytest.fixture(scope="module")
def twin(faultless: Resolved) -> Twin:
    return pair(faultless)


def test_twins__of_one_scheme_do_not_differ():
    same = pair(BEIJING)
    assert all(one == other for one, other in same.digests)
    assert same.effects["difference"].drop_nulls().drop_nans().abs().max() == 0
    assert same.lives["only_factual"].sum() == same.lives["only_counterfactual"].sum() == 0


def test_twins__are_the_worlds_that_two_runs_would_have_lived_through(twin, faultless):
    for seed, (one, other) in zip(SEEDS, twin.digests, strict=True):
        assert (lived(BEIJING, seed).digest(), lived(faultless, seed).digest()) == (one, other)


@pytest.mark.parametrize("metric", ["share_ever.misnamed", "records.false_alarm", "standing", "refused"])
@pytest.mark.parametrize("group", ["all", "minority"])
def test_effect__is_the_mean_difference_of_separate_runs(twin, faultless, metric, group):
    """By brute force: means over seeds of what each run's own tables say; flows are added up over the weeks."""
    values = []
    for scheme in (BEIJING, faultless):
        rows = [tables.metrics_frame(lived(scheme, seed)).filter(metric=metric, group=group, district="all") for seed in SEEDS]
        is_flow = metric in ("records.false_alarm", "refused")
        values.append(sum(frame["value"].sum() if is_flow else frame["value"][-1] for frame in rows) / len(SEEDS))
    found = twin.effect(metric, group)
    assert (found["factual"], found["counterfactual"]) == pytest.approx(tuple(values))
    assert found["difference"] == pytest.approx(values[0] - values[1])


def test_effect__of_an_unknown_metric_is_a_key_error(twin):
    with pytest.raises(KeyError, match="no metric 'happiness'"):
        twin.effect("happiness")


def test_pairing__narrows_the_interval(twin):
    """Same luck in both worlds: mean standing differs by what the errors take, and hardly by chance."""
    found = twin.effect("standing")
    assert found["gain"] > 3
    assert found["low"] < found["difference"] < found["high"] < 0


def test_lives__count_each_citizen_once_and_agree_with_the_rows(twin):
    """The first seed's citizens, counted from their rows, against a pair of that seed alone."""
    alone = twins.compared((BEIJING, changed(BEIJING, levers.without(BEIJING, "sensor_error"))), N, DAYS, SEEDS[:1], 1)
    for outcome in c.NOTES:
        for group, rows in (("all", alone.citizens), ("minority", alone.citizens.filter("minority"))):
            [told] = alone.lives.filter(outcome=outcome, group=group, district="all").to_dicts()
            both = rows.group_by(outcome, f"{outcome}_twin").len().rows()
            counted = {(one, other): n for one, other, n in both}
            expected = {(True, True): "both", (True, False): "only_factual", (False, True): "only_counterfactual", (False, False): "neither"}
            assert {key: told[name] for key, name in expected.items() if told[name]} == counted
            assert sum(told[name] for name in twins.FATES) == rows.height
    assert alone.lives["both_low"].null_count() == alone.lives.height  # one seed: no interval


T_OF_TWO = 12.706  # Student's t, two-sided 95 %, of two seeds: one degree of freedom; of the intervals of such samples one in twenty misses


def test_spread__and_its_interval_are_those_of_each_seeds_own_rows(twin, faultless):
    """By another way: each seed's pair alone, deviations from the rows of its citizens; mean and interval by Python's statistics."""
    rows = [twins.compared((BEIJING, faultless), N, DAYS, [seed], 1).citizens for seed in SEEDS]
    between = [frame.group_by("district").agg(pl.col("own", "own_twin").mean()) for frame in rows]
    for among, frames in (("citizens", rows), ("districts", between)):
        sides = [tuple(statistics.stdev(frame[name].to_list()) for name in ("own", "own_twin")) for frame in frames]
        columns = {"factual": [one for one, _ in sides], "counterfactual": [other for _, other in sides], "share": [1 - other**2 / one**2 for one, other in sides]}
        [told] = twin.spread.filter(among=among).to_dicts()
        for name, values in columns.items():
            mean, half = statistics.mean(values), T_OF_TWO * statistics.stdev(values) / 2**0.5
            assert (told[name], told[f"{name}_low"], told[f"{name}_high"]) == pytest.approx((mean, mean - half, mean + half), rel=1e-9)


def test_spread__of_one_seed_has_no_interval_and_of_accounts_that_are_alike_no_share():
    one = twins.compared((BEIJING, BEIJING), N, DAYS, SEEDS[:1], 1).spread
    assert one["share"].to_list() == [0, 0] and one["share_low"].null_count() == one["factual_high"].null_count() == 2
    unscored = resolve("court-list")  # no points: all accounts stay as they began
    assert twins.compared((unscored, unscored), 300, 14, SEEDS, 1).spread["share"].null_count() == 2


def test_branch__is_the_run_in_which_the_article_ends_that_day(faultless):
    """Without friends from the 22nd day on is the run whose friends' weight ends on that day: the same bits."""
    other = changed(BEIJING, levers.without(BEIJING, "friends"))
    day = BEIJING.scenario.start.fromordinal(BEIJING.scenario.start.toordinal() + 21)
    ended = changed(BEIJING, {"articles.friends.until": day.isoformat()})
    found = twins.compared((BEIJING, other), N, DAYS, SEEDS[:1], 2, branch=21)
    assert found.digests == [(lived(BEIJING).digest(), lived(ended).digest())]
    before = found.effects.filter(pl.col("day") < 21)
    assert before.height and before["difference"].drop_nulls().drop_nans().abs().max() == 0
    assert found.effects.filter(pl.col("day") > 21)["difference"].drop_nans().abs().max() > 0


def test_threads__do_not_matter(twin, faultless):
    alone = twins.compared((BEIJING, faultless), N, DAYS, SEEDS, 1)
    assert alone.digests == twin.digests and alone.effects.equals(twin.effects) and alone.lives.equals(twin.lives)


def test_schemes__that_share_no_citizens_are_refused():
    with pytest.raises(Problems, match="another population"):
        twins.check_alike(BEIJING, resolve("rongcheng"), 0)


def test_past__is_not_shared_by_schemes_of_another_shape():
    other = changed(BEIJING, {"articles.second_friends_of_ours": dict(
        what="channel", value=0.1, unit="share of acts within reach", sees={"unpaid_debt": 0.1},
        name={"en": "a", "de": "a", "nl": "a"}, source="model", grade="assumed")})  # fmt: skip
    with pytest.raises(Problems, match="their past is shared"):
        twins.check_alike(BEIJING, other, 7)
    twins.check_alike(BEIJING, other, 0)


# --- from Python and the command line ---------------------------------------------------------------


def test_compare__says_what_it_compared_and_can_be_read_again(tmp_path):
    found = glasscity.compare("court-list", safeguards="notice,appeal", citizens=500, days=21, seeds=2, out=tmp_path / "t")
    again = glasscity.load_twin(tmp_path / "t")
    assert again.effects.equals(found.effects) and again.lives.equals(found.lives) and again.spread.equals(found.spread)
    assert again.citizens.equals(found.citizens)
    assert again.digests == found.digests
    assert found.about["command"] == (
        "glasscity compare court-list --with notice --with appeal --citizens 500 --days 21 --seed 1 --seeds 2"
    )
    (tmp_path / "t" / "lives.parquet").unlink()
    with pytest.raises(TornFile, match="lives.parquet"):
        glasscity.load_twin(tmp_path / "t")
    told = json.loads((tmp_path / "t" / "twin.json").read_text())
    (tmp_path / "t" / "twin.json").write_text(json.dumps({key: value for key, value in told.items() if key != "schemes"}))
    with pytest.raises(RunFolderError, match="live it again: glasscity compare court-list"):
        glasscity.load_twin(tmp_path / "t")
    with pytest.raises(RunFolderError, match="holds no twin worlds"):
        glasscity.load_twin(tmp_path)


def test_compare__keeps_out_of_a_folder_that_holds_something_else(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="something else"):
        jobs.compare("court-list", without="lists", citizens=100, days=7, seeds=1, out=tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


WRONG = {
    "no change": ([], "a change"),
    "no such mechanism": (["--without", "frends"], "friends"),
    "no such safeguard": (["--with", "mercy"], "one of notice"),
    "a day before the start": (["--without", "friends", "--from", "1999-01-01"], "a day from 2021-01-01"),
    "no day": (["--without", "friends", "--from", "soon"], "a day from"),
    "nothing to outlast": (["--without", "friends", "--persistence"], "a day after the first"),
    "no seeds": (["--without", "friends", "--seeds", "0"], "1 to 100"),
    "another population": (["--against", "rongcheng"], "another population"),
}


@pytest.mark.parametrize("case", WRONG)
def test_command__says_what_is_wrong(case, capsys, tmp_path):
    arguments, said = WRONG[case]
    code = cli.perform(["compare", "beijing-2020", *arguments, "--citizens", "100", "--days", "7", "--out", str(tmp_path / "t")])
    assert code == 2 and said in capsys.readouterr().err
    assert not (tmp_path / "t").exists()


def test_command__shows_both_worlds_and_who_was_met_in_one_alone(capsys, tmp_path):
    where = ["--citizens", "2000", "--days", "28", "--seeds", "2", "--out", str(tmp_path / "t")]
    assert cli.perform(["compare", "beijing-2020", "--without", "sensor_error", *where]) == 0
    told = capsys.readouterr().out
    assert "What differs" in told and "By group" in told and "Who met it in one world alone" in told
    assert "--without sensor_error" in told and "pairing gains" in told
    assert "How far accounts lie apart" in told and "between the means of districts" in told and "2 seeds" in told


def test_command__says_that_one_seed_has_no_interval(capsys, tmp_path):
    where = ["--citizens", "600", "--days", "14", "--seeds", "1", "--out", str(tmp_path / "t")]
    assert cli.perform(["compare", "beijing-2020", "--without", "friends", *where]) == 0
    told = capsys.readouterr().out
    assert "one seed: no interval" in told and " to " not in told.split("How far accounts lie apart")[1].split("Who met it")[0]
    assert cli.perform(["compare", "beijing-2020", "--without", "friends", *where[:-1], str(tmp_path / "u"), "--json"]) == 0
    spread = json.loads(capsys.readouterr().out)["spread"]
    assert [row["among"] for row in spread] == ["citizens", "districts"] and all(row["share_low"] is None for row in spread)


def test_command__tells_what_outlasts_the_change_of_a_third_world(capsys, tmp_path):
    where = ["--citizens", "600", "--days", "21", "--seeds", "1", "--from", "2021-01-08", "--persistence", "--out", str(tmp_path / "t")]
    assert cli.perform(["compare", "beijing-2020", "--without", "channel", *where]) == 0
    told = capsys.readouterr().out
    assert "Chilling: what outlasts the change" in told and "--from 2021-01-08 --persistence --citizens 600" in told
    page = (tmp_path / "t" / "report.html").read_text(encoding="utf-8")
    assert "What outlasts the change" in page and "without channels of observation" in page
