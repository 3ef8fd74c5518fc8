"""Schemes that reach every branch of the rules: the built-in ones, and far harsher ones over busier worlds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from worlds import scheme

from glasscity.rules.check import highest_rate
from glasscity.rules.resolve import Resolved, resolve

Changes = dict[str, Any]


@dataclass(frozen=True)
class Variant:
    """A scheme and the world that it is tried on."""

    build: Callable[[], Resolved]
    citizens: int = 300
    days: int = 60
    seed: int = 1


def articles_of(what: str, name: str = "beijing-2020") -> list[str]:
    """Keys of the articles of one kind."""
    return [key for key, article in resolve(name).rulebook.articles.items() if article.what == what]


def busy(times: float = 7.0) -> Changes:
    """Everything happens so many times as often; alarms have room for channels that reach nearly everything."""
    resolved, changes = resolve("beijing-2020"), {}
    catalogue = resolved.catalogue
    for kind, slots in (("conduct", catalogue.conduct), ("wishes", catalogue.wishes)):
        for name, slot in slots.items():
            changes |= {f"{kind}.{name}.rate": slot.rate * times, f"{kind}.{name}.bound": slot.bound * times}
    for name, slot in catalogue.alarms.items():
        changes |= {f"alarms.{name}.bound": slot.bound * times}
    changes["alarms.false_report.rate"] = catalogue.alarms["false_report"].rate * times
    for key in articles_of("channel"):
        channel = resolved.rulebook.articles[key]
        match = min(1.0, channel.false_match * times)
        changes[f"articles.{key}.false_match"] = match
        if channel.scans:
            slot = catalogue.alarms[channel.scans]
            reach = highest_rate(slot, 1.0) * match * max(channel.minority_wrong_match, ERRING["minority_wrong_match"])
            changes[f"alarms.{channel.scans}.bound"] = max(slot.bound * times, reach)
    return changes


def erring(gallery: str = "city") -> Changes:
    """Channels that reach nearly everything and mistake one in three, the minority more often."""
    changes: Changes = {}
    for key in articles_of("channel"):
        changes |= {f"articles.{key}.{field}": value for field, value in ERRING.items()}
        changes |= {f"articles.{key}.gallery": gallery, f"articles.{key}.delay": len(key) % 4}
    return changes | {f"articles.{key}.delay": 0 for key in ("crossing_camera", "street_camera")}


ERRING = {
    "value": 0.9, "true_match": 0.4, "wrong_match": 0.3, "minority_true_match": 0.8, "minority_wrong_match": 1.9,
    "informer": True,
}  # fmt: skip
WIDEST = 0.9 * 1.9  # coverage times the minority's factor there: alarms stay within their bound


def harsh() -> Changes:
    """Deductions thrice as high, lists for many acts, quick reactions; short lists, so that people leave them again."""
    changes: Changes = {"articles.court_list.value": 3, "articles.blacklist.value": 5, "articles.blacklist.repair": 0.02}
    articles = resolve("beijing-2020").rulebook.articles
    for key in articles_of("behaviour"):
        if articles[key].value < 0:
            changes[f"articles.{key}.value"] = max(-2000, 3 * articles[key].value)
    changes |= {f"articles.{key}.lists": "black" for key in ("protest", "critical_post", "sweeping")}
    changes |= {f"articles.{key}.lists": "court" for key in ("jaywalking", "illegal_parking")}
    changes |= {f"articles.{key}.value": value for key, value in QUICK.items()}
    return changes | {"articles.court_list.enters": ["C"]}


QUICK = {
    "shunning": 0.3, "crowding_out": 0.5, "job_loss_d": 0.3, "deterrence": 0.9, "self_censorship": 1.0,
    "points_seeking": 0.9, "friends_sanctions": 0.5, "public_sanctions": 0.7, "forgetting": 0.1, "friends": 0.3,
}  # fmt: skip


def safeguards(name: str = "beijing-2020", but: tuple[str, ...] = ()) -> Changes:
    """Every safeguard on, but some."""
    return {f"articles.{key}.enabled": True for key in articles_of("safeguard", name) if key not in but}


def from_day(day: int) -> date:
    """The date of a day of the scenario."""
    return date.fromordinal(resolve("beijing-2020").scenario.start.toordinal() + day)


def dated() -> Changes:
    """Articles of every kind that come and go, some on the same day, some while entries are on their way."""
    changes: Changes = {}
    for key, (first, last) in DATED.items():
        if first is not None:
            changes[f"articles.{key}.from"] = from_day(first)
        if last is not None:
            changes[f"articles.{key}.until"] = from_day(last)
    return changes


DATED: dict[str, tuple[int | None, int | None]] = {
    "jaywalking": (3, 40), "critical_message": (None, 21), "helping_village": (14, None), "denouncing": (None, 30),
    "street_camera": (5, 33), "informers": (10, None), "crossing_camera": (None, 34), "court_list": (6, 28),
    "blacklist": (9, 35), "redlist": (None, 20), "class_aa": (20, 30), "class_c": (None, 25), "class_aaa": (8, None),
    "friends": (7, 48), "minority_cap": (12, 41), "job_loss_d": (None, 44), "flight_d": (13, 37),
    "shaming_screen": (4, 27), "deterrence": (11, 45), "notice": (6, 36), "appeal": (6, 31), "review": (26, 39),
    "opt_out": (15, 24), "expiry": (16, 43), "error_audit": (18, 42), "equal_treatment": (29, 46),
    "match_threshold": (19, 38), "purpose_limitation": (47, 53), "no_association": (22, 23), "repair": (17, 32),
    "reasons": (10, 17), "shunning": (None, 50), "points_seeking": (2, 51), "fast_train_voucher": (None, 52),
}  # fmt: skip

SECOND_SCORING = {
    "what": "scoring", "value": 1100, "unit": "points", "floor": 200, "ceiling": 1600, "from": from_day(30),
}  # fmt: skip
SECOND_CLASS_D = {
    "what": "class", "value": 650, "unit": "points", "letter": "D", "sanctioned": True, "from": from_day(33),
}  # fmt: skip

FEW_POINTS_BACK = {"articles.appeal.days": 5, "articles.appeal.filed": 0.9, "articles.expiry.value": 30}
SMALL_CIRCLES = {
    "population.circles.friends.sizes": [1, 2, 3, 40], "population.circles.household.sizes": [1],
    "population.circles.street.sizes": [1, 2], "population.circles.work.sizes": [1, 5],
}  # fmt: skip
ONE_DISTRICT = {
    "population.districts": {"only": {"name": {"en": "Only", "de": "Nur", "nl": "Enig"}, "residents": 9, "minority": 0.2}}
}


def two_scorings() -> Resolved:
    """Another account and another class D from some day on."""
    ends = {"articles.scoring.until": from_day(30), "articles.class_d.until": from_day(33)}
    changes = busy() | erring("district") | harsh() | ends
    return scheme("beijing-2020", changes, {"scoring_2": SECOND_SCORING, "class_d_2": SECOND_CLASS_D})


VARIANTS: dict[str, Variant] = {
    "safeguards": Variant(lambda: scheme(changes=safeguards())),
    "court list with safeguards": Variant(lambda: scheme("court-list", safeguards("court-list"))),
    "harsh": Variant(lambda: scheme(changes=busy() | erring() | harsh())),
    "harsh with safeguards": Variant(
        lambda: scheme(changes=busy() | erring() | harsh() | safeguards(but=("purpose_limitation",)) | FEW_POINTS_BACK)
    ),
    "harsh, some safeguards": Variant(
        lambda: scheme(
            changes=busy() | erring("district") | harsh() | FEW_POINTS_BACK
            | safeguards(but=("purpose_limitation", "no_association", "match_threshold", "equal_treatment"))
        )
    ),  # fmt: skip
    "direct reach": Variant(
        lambda: scheme(changes=busy() | erring("district") | harsh() | {"articles.friends.reach": "direct"})
    ),
    "half the association": Variant(
        lambda: scheme(
            changes=busy() | harsh() | SMALL_CIRCLES
            | {"articles.no_association.enabled": True, "articles.no_association.value": 0.5, "articles.friends.limit": 12}
        )
    ),  # fmt: skip
    "neighbourhood galleries": Variant(lambda: scheme(changes=busy() | erring("neighbourhood") | harsh())),
    "hardly anybody": Variant(lambda: scheme(changes=busy() | erring("district") | harsh()), citizens=20, days=200),
    "one citizen": Variant(lambda: scheme(changes=busy() | erring() | harsh()), citizens=1, days=400),
    "articles come and go": Variant(
        lambda: scheme(changes=busy() | erring("district") | harsh() | safeguards() | FEW_POINTS_BACK | dated()), 400, 70
    ),
    "two scorings": Variant(two_scorings),
    "several neighbourhoods": Variant(
        lambda: scheme(changes=busy(4) | erring("neighbourhood") | harsh() | ONE_DISTRICT), citizens=4500, days=15
    ),
    "all begin in the lowest class": Variant(lambda: scheme(changes={"articles.scoring.value": 500}), days=16),
    "all begin in the highest class": Variant(lambda: scheme(changes={"articles.scoring.value": 1400}), days=16),
    "false alarms beyond all measure": Variant(
        lambda: scheme(
            changes=busy(6) | {"articles.street_camera.false_match": 0.015, "alarms.street_scan.bound": 8.0}
            | {"articles.unpaid_fine.value": -2000, "articles.street_camera.minority_wrong_match": 1.0}
        ),
        60, 1200,
    ),  # fmt: skip
    "nothing shared": Variant(
        lambda: scheme(
            changes=busy() | {f"articles.{key}.shared": False for key in articles_of("channel")}
            | {f"articles.{key}.enabled": False for key in articles_of("sharing")}
        ),
        days=20,
    ),  # fmt: skip
}
