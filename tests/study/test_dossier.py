"""A dossier tells what the whole city did: every entry with its true author, every point accounted for."""

from __future__ import annotations

import numpy as np
import pytest

from glasscity import columns as c
from glasscity.engine.city import City
from glasscity.kernels.stand import association_points, class_of, standing_of
from glasscity.metrics import people
from glasscity.study import dossier
from tests.study.test_replay import again, hasty
from tests.worlds import lived

CITIZENS, DAYS = 9000, 120
KINDS = {"wrong_person", "false_alarm", "false_report", "right", "reward"}


@pytest.fixture(scope="module")
def city() -> City:
    """A whole city in which everybody is watched."""
    return lived(hasty(), CITIZENS, DAYS, threads=2, watch=range(CITIZENS))


@pytest.fixture(scope="module")
def events(city):
    return people.events_frame(city).to_dicts()


@pytest.fixture(scope="module")
def told(city, events) -> dict[int, dossier.Plain]:
    """Dossiers of the first three citizens with an entry of each kind."""
    chosen: set[int] = set()
    for kind in sorted(KINDS):
        chosen.update(list(dict.fromkeys(e["citizen"] for e in events if e["phase"] == "record" and e["kind"] == kind))[:3])
    return {citizen: dossier.tell(again(city, citizen)[0], citizen) for citizen in sorted(chosen)}


def test_entries__have_the_author_whom_the_whole_city_knows(told, events):
    """Against the observations of everybody in the city, not those of the replay."""
    seen_kinds = set()
    for citizen, plain in told.items():
        observed = [e for e in events if e["phase"] == "observe" and e["other"] == citizen]
        for entry in plain["entries"]:
            if entry["kind"] not in KINDS:
                continue
            truth = entry["truth"]
            author = truth.get("by", citizen)
            fits = [e for e in observed if (e["day"], e["what"], e["channel"]) == (truth["day"], entry["conduct"], entry["channel"])]
            assert author in {e["citizen"] for e in fits if e["kind"] == entry["kind"]}, entry
            seen_kinds.add(truth["what"])
    assert seen_kinds >= KINDS


def test_account__is_its_start_and_what_is_told(told):
    for plain in told.values():
        moved = sum(e["points"] for e in plain["entries"]) + sum(e["points"] for e in plain["other_changes"])
        assert plain["start"] + moved == plain["now"]["own"]


def test_account__on_true_entries_is_without_the_false(told):
    for plain in told.values():
        false = sum(e["points"] for e in plain["entries"] if e["kind"] in dossier.FALSE_KINDS)
        assert plain["honest"]["false_points"] == false == plain["now"]["false_points"]
        assert plain["honest"]["honest_own"] == plain["now"]["own"] - false
        assert plain["honest"]["recorded"]["class"] == plain["now"]["class"]
        assert plain["honest"]["recorded"]["standing"] == plain["now"]["standing"]
    assert any(plain["honest"]["false_points"] for plain in told.values())


def test_acts__are_those_of_the_whole_city_with_what_became_of_them(told, events):
    for citizen, plain in told.items():
        acts = [(e["day"], e["what"]) for e in events if e["phase"] == "conduct" and e["citizen"] == citizen]
        assert [(a["day"], a["conduct"]) for a in plain["acts"]] == acts
        for act in plain["acts"]:
            named = [e["other"] for e in events if e["phase"] == "observe" and e["citizen"] == citizen and e["day"] == act["day"] and e["kind"] in ("right", "wrong_person")]
            assert act["fate"] == ("unseen" if not named else "named" if named == [citizen] else "other_named")
            assert act.get("named") == (named[0] if act["fate"] == "other_named" else None)


def test_wishes_classes_and_notice__agree_with_the_whole_city(told, events, city):
    for citizen, plain in told.items():
        asked = [(e["day"], e["what"], e["kind"]) for e in events if e["phase"] == "consequence" and e["citizen"] == citizen]
        assert [(w["day"], w["wish"], w["answer"]) for w in plain["wishes"]] == asked
        assert all(w["articles"] for w in plain["wishes"] if w["answer"] == "refused")
        assert (plain["learned"] is not None) == plain["now"]["knows"]
        after = [change["after"] for change in plain["classes"]]
        assert not after or after[-1] == plain["now"]["class"]


@pytest.mark.parametrize("reach", [0, 1])
@pytest.mark.parametrize("shunned", [(), (2,), (0, 3)])
def test_shares__of_friends_add_up_to_the_points_before_rounding(reach, shunned):
    p = np.zeros(c.N_PARAMETERS, np.int64)
    p[[c.P_START, c.P_WEIGHT, c.P_TRANSITIVE, c.P_LIMIT]] = 1000, 300, reach, 127
    own = np.array([940, 1010, 700, 1000, 870])
    status = np.zeros(5, np.int64)
    status[list(shunned)] = c.SHUNNED
    members, total = int((status == 0).sum()), int((own[status == 0] - 1000).sum())
    for me in range(5):
        shares, echo = dossier.association_shares(p, own, status, me)
        points = 0 if status[me] else int(association_points(p, own[me] - 1000, total, members))
        assert abs(sum(shares) + echo - points) <= 0.5 and shares[me] == 0
        assert not any(shares[k] for k in shunned)


def test_placed__is_what_the_engine_gives(city):
    p = city.rules.p
    for points in range(0, 1400, 7):
        for minority in (False, True):
            standing = int(standing_of(p, points, int(minority)))
            assert dossier.placed(p, points, minority) == (standing, int(class_of(p, standing)))
