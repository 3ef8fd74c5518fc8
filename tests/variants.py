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


def new_district_rules() -> Resolved:
    """Accounts for some: by district, by neighbourhood, by trust, and otherwise from day to day."""
    districts = list(resolve("beijing-2020").population.districts)
    articles: dict[str, Changes] = {
        "everywhere": {"what": "enrolment", "value": 0.7, "leaning": 0.8, "places": 0.6, "until": from_day(33)},
        "some": {"what": "enrolment", "value": 0.9, "leaning": -1.0, "districts": districts[1:9], "from": from_day(9)},
        "one": {"what": "enrolment", "value": 1.0, "districts": districts[2:3], "from": from_day(20), "until": from_day(50)},
        "never": {"what": "enrolment", "value": 1.0, "enabled": False},
    }
    for key, wish, more in (("no_train", "fast_train", {}), ("no_post", "post", {"classes": ["C", "D"]})):
        articles[key] = {
            "what": "sanction", "effect": "refuse", "unit": "chance per wish", "wish": wish, "value": 0.6, "outside": True,
        } | more  # fmt: skip
    changes = busy() | erring("district") | harsh() | {
        "articles.trial.enabled": False, "articles.compulsory.enabled": False,
        "articles.study_app.credit": 0.9, "population.party_share": 0.3,
    }  # fmt: skip
    return scheme(changes=changes, articles=articles)


def new_sharing(limits: bool = False) -> Resolved:
    """Records handed over in part, from some date, both ways; holders that get only part of their own."""
    changes = busy() | erring() | harsh() | {
        "articles.payments.shared": False, "articles.informers.shared": False, "articles.street_camera.shared": False,
        "articles.on_request.enabled": False, "articles.merger.enabled": False, "articles.private_score.users": 1.0,
    }  # fmt: skip
    all_channels, private = articles_of("channel"), ["payments", "portal_ratings", "premises_camera"]
    articles: dict[str, Changes] = {
        "half": {"value": 0.5, "channels": ["portal_ratings", "payments"], "until": from_day(40)},
        "more": {"value": 0.8, "channels": private, "from": from_day(20)},
        "own": {"value": 0.3, "channels": ["payments"], "scorer": "private"},
        "some_informers": {"value": 0.6, "channels": ["informers", "street_camera"]},
        "all_to_private": {"value": 0.4, "channels": all_channels, "scorer": "private", "from": from_day(10)},
        "court_to_private": {"value": 0.7, "channels": ["court_records", "informers"], "scorer": "private"},
    }
    articles = {key: {"what": "sharing"} | article for key, article in articles.items()}
    articles |= {f"private_{key}": article for key, article in private_points().items()}
    if limits:
        changes |= {
            "articles.purpose_limitation.enabled": True, "articles.purpose_limitation.from": from_day(15),
            "articles.purpose_limitation.domains": ["finance", "traffic", "neighbourhood"],
        }  # fmt: skip
    return scheme(changes=changes, articles=articles)


def private_points() -> dict[str, Changes]:
    """Conduct that the private scorer counts in steps of which some are not whole."""
    values = {"jaywalking": -33, "sweeping": 12, "critical_post": -87, "illegal_parking": -2, "denouncing": 40}
    return {name: {"what": "behaviour", "conduct": name, "value": v, "scorer": "private"} for name, v in values.items()}


def new_private_score() -> Resolved:
    """A private score of narrow range that friends pull at, refusals and advantages by band, and a second score."""
    changes = busy() | erring() | harsh() | {f"articles.{key}.until": from_day(35) for key in ("private_score", "band_fair")}
    changes |= {
        "articles.private_score.value": 600, "articles.private_score.floor": 540, "articles.private_score.ceiling": 700,
        "articles.private_score.friends": 0.85, "articles.private_score.users": 0.6, "articles.band_low.value": 300,
        "articles.loan_low.value": 1.0, "articles.loan_fair.value": 0.8, "articles.trial.enabled": False,
        "articles.compulsory.enabled": False, "population.circles.friends.sizes": [1, 2, 3, 6],
    }  # fmt: skip
    articles = {f"private_{key}": article for key, article in private_points().items()}
    articles |= {
        "to_private": {"what": "sharing", "value": 0.9, "channels": articles_of("channel"), "scorer": "private"},
        "half_enrolled": {"what": "enrolment", "value": 0.5},
        "post_fair": REFUSED_BY_BAND | {"bands": ["low", "fair"]},
        "train_good": REFUSED_BY_BAND | {"wish": "fast_train", "bands": ["good"], "value": 0.3},
        "post_good": {"what": "reward", "value": 0.7, "wish": "post", "bands": ["good", "very good"]},
        "second_score": {
            "what": "private_score", "value": 500, "floor": 300, "ceiling": 800, "step": 10, "users": 0.9,
            "friends": 0.2, "from": from_day(41),
        },
    }  # fmt: skip
    return scheme(changes=changes, articles=articles)


REFUSED_BY_BAND = {"what": "sanction", "effect": "refuse", "unit": "chance per wish", "wish": "post", "value": 0.5}


def new_composite() -> Resolved:
    """Much of the standing from nowhere, worked out every week, later every three, then not at all."""
    changes = harsh() | busy() | {
        "articles.secret_formula.value": 300, "articles.secret_formula.period": 1,
        "articles.secret_formula.income": [-90, -40, 0, 40, 80], "articles.secret_formula.online": [-30, 0, 7, 20],
        "articles.secret_formula.age": [5, 4, 3, 2, -1, -20, -30, -40], "articles.secret_formula.until": from_day(30),
    }  # fmt: skip
    second = {"what": "composite", "value": 451, "period": 3, "from": from_day(37), "until": from_day(66)}
    return scheme(changes=changes, articles={"second_formula": second})


def new_app(**more: Any) -> Resolved:
    """Every other adult in the party, whose app counts on the account."""
    app = {
        "value": 3, "minutes": 7, "share_points": 2, "read_cap": 5, "share_cap": 2, "daily_cap": 31, "inside": 3,
        "outside": 1, "opens": 0.3, "fear": 0.9, "gift_at": 220, "pillory_below": 190, "credit": 0.4,
        "hours": [[6, 8.5], [11.5, 14], [19, 23.5]],
    } | more  # fmt: skip
    changes = busy() | harsh() | {"population.party_share": 0.5, "articles.compulsory.value": 0.6}
    return scheme(changes=changes | {f"articles.study_app.{key}": value for key, value in app.items()})


def new_discretion() -> Resolved:
    """Officials who change points by a third and, from some day, others who may double or forget them."""
    changes = busy() | erring("district") | harsh() | safeguards(but=("purpose_limitation", "opt_out")) | FEW_POINTS_BACK
    changes |= {"articles.local_discretion.value": 0.35, "articles.local_discretion.until": from_day(21)}
    more = {"what": "discretion", "value": 1.0, "channels": ["traffic_camera", "informers", "online_monitor"]}
    return scheme(changes=changes, articles={"more_discretion": more | {"from": from_day(21)}})


def new_rates() -> Resolved:
    """Rates measured at first, then claimed, then measured again; some channels have nothing claimed."""
    changes = busy() | erring() | harsh() | {"articles.measured_rates.enabled": False} | {
        "articles.match_threshold.enabled": True, "articles.match_threshold.from": from_day(25),
    }  # fmt: skip
    for key in ("street_camera", "informers", "traffic_camera"):
        changes[f"articles.{key}.claimed"] = {"true_match": 0.6, "wrong_match": 0.4, "false_match": 0.0002, "source": "x"}
    changes |= {f"articles.{key}.claimed": None for key in ("crossing_camera", "online_monitor")}
    claims = {"what": "error_rates", "value": "claimed", "from": from_day(12), "until": from_day(44)}
    return scheme(changes=changes, articles={"claims": claims})


def new_crowd() -> Resolved:
    """People who join when others do, some stopped at the start while there is a channel that foretells them."""
    changes = busy() | erring() | {
        "articles.turnout.value": 0.12, "articles.turnout.caution": 0.3, "articles.turnout.from": from_day(3),
        "articles.turnout.until": from_day(70), "conduct.critical_post.assembly": True,
        "articles.crowd_forecast.from": from_day(30), "articles.crowd_forecast.value": 0.7,
        "articles.crowd_analysis.until": from_day(50), "articles.own_sanction.value": 0.9,
    }  # fmt: skip
    other_forecast = {
        "what": "sanction", "effect": "preempt", "unit": "share of initiators", "value": 0.4,
        "channels": ["police_cloud", "crowd_analysis"], "until": from_day(60),
    }  # fmt: skip
    again = {"what": "turnout", "value": 0.5, "caution": 1.0, "from": from_day(75)}
    return scheme(changes=changes, articles={"other_forecast": other_forecast, "again": again})


def new_removal() -> Resolved:
    """Removal of many, released soon; debts that grow with lost work and lead to lists."""
    changes = busy(5) | erring() | harsh() | {
        "articles.removal.value": 0.25, "articles.removal.back": 0.2, "articles.removal.classes": ["C", "D"],
        "articles.removal.until": from_day(60), "articles.job_loss_d.classes": ["B", "C", "D"],
        "articles.job_loss_d.value": 0.6, "articles.debt.value": 0.95, "articles.recovery.value": 0.5,
        "articles.recovery.until": from_day(80), "articles.own_sanction.value": 0.1, "articles.unpaid_debt.lists": "court",
    }  # fmt: skip
    return scheme(changes=changes | {"articles.hardship.value": 0.5, "articles.job_loss_d.until": from_day(70)})


def new_firms(**dates: Any) -> Resolved:
    """Firms that do much and are found out, short lists, staff that loses points and work."""
    circles = resolve("beijing-2020").population.circles.model_dump(mode="json") | {"firm": {"sizes": [1, 7, 3, 2]}}
    changes = busy(5) | {
        "articles.firm_account.recovery": 7, "articles.firm_account.cameras": 0.5, "articles.firm_account.camera_gain": 3.0,
        "articles.unreliable_firms.value": 2, "articles.unreliable_firms.below": 800,
        "articles.unreliable_firms.job_loss": 0.6, "articles.unreliable_firms.back": 0.3,
        "articles.unreliable_firms.employee_points": -90, "articles.firm_account.floor": 300,
        "articles.firm_account.ceiling": 1100, "articles.firm_helps.until": from_day(31),
        "articles.firm_content.from": from_day(15), "population.circles": circles,
    }  # fmt: skip
    articles = resolve("beijing-2020").rulebook.articles
    for key in articles_of("firm_conduct"):
        changes |= {f"articles.{key}.rate": min(52.0, articles[key].rate * 20), f"articles.{key}.invented": 0.03}
        changes |= {f"articles.{key}.slope": -0.9}
    changes |= {f"articles.{key}.rate": 40.0 for key in articles_of("firm_sanction")}
    return scheme(changes=changes | {f"articles.{key}": value for key, value in dates.items()})


def new_retention() -> Resolved:
    """Points that fade within months, by the safeguard and by the shorter rule of the file."""
    changes = busy() | erring() | harsh() | {"articles.permanent_file.until": from_day(10)}
    changes |= {"articles.expiry.enabled": True, "articles.expiry.value": 33.5, "articles.expiry.until": from_day(30)}
    fading = {"what": "retention", "value": 60, "from": from_day(16), "until": from_day(37)}
    quick = {"what": "retention", "value": 3, "from": from_day(44), "until": from_day(52)}
    return scheme(changes=changes, articles={"fading": fading, "quick": quick})


def new_secrets() -> Resolved:
    """Articles nobody knows of, articles known beforehand, and a late announcement."""
    changes = busy() | {
        "articles.sweeping.secret": True, "articles.jaywalking.secret": True,
        "articles.jaywalking.until": from_day(40), "articles.helping_village.from": from_day(30),
        "articles.helping_village.announced": from_day(12), "articles.obeying_request.from": from_day(9),
        "articles.obeying_request.announced": from_day(50), "articles.better_purchase.enabled": False,
        "articles.private_better_purchase.secret": False, "articles.party_loyalty.announced": from_day(20),
        "articles.app_reading.until": from_day(22), "articles.denouncing.from": from_day(200),
        "articles.denouncing.announced": from_day(5), "articles.illegal_parking.secret": True, "articles.deterrence.value": 1.0,
        "articles.points_seeking.value": 0.6, "population.party_share": 0.3,
    }  # fmt: skip
    return scheme(changes=changes)


def new_silence(form: str = "linear") -> Resolved:
    """Self-censorship and the silence of others, of one form and, later, of the other."""
    other = "strategic" if form == "linear" else "linear"
    changes = busy() | erring() | harsh() | {
        "articles.self_censorship.form": form, "articles.self_censorship.value": 0.7, "articles.silence.value": 0.6,
        "articles.silence.until": from_day(60), "articles.self_censorship.until": from_day(70),
    }  # fmt: skip
    later = {
        "what": "response", "effect": "self_censorship", "unit": "share", "value": 0.9, "form": other, "from": from_day(77),
    }  # fmt: skip
    return scheme(changes=changes, articles={"later": later})


NEW_VARIANTS: dict[str, Variant] = {
    "accounts for some": Variant(new_district_rules, 400, 60),
    "shared in part": Variant(new_sharing),
    "shared in part, purposes limited": Variant(lambda: new_sharing(True)),
    "private score": Variant(new_private_score, 400, 70),
    "secret formula": Variant(new_composite, 300, 80),
    "study app": Variant(new_app, 300, 85),
    "study app, all hours": Variant(lambda: new_app(hours=[[0, 24]], opens=1.0, credit=1.0, gift_at=0, pillory_below=700), 200, 30),
    "discretion": Variant(new_discretion),
    "claimed rates": Variant(new_rates),
    "crowd": Variant(new_crowd, 400, 90),
    "removal and debt": Variant(new_removal, 300, 100),
    "firms": Variant(new_firms, 500, 70),
    "firms, dated": Variant(
        lambda: new_firms(**{
            "unreliable_firms.from": from_day(13), "unreliable_firms.until": from_day(45), "firm_account.until": from_day(62),
            "firm_fine.from": from_day(20), "job_loss_d.enabled": False, "firm_tax.enabled": False,
        }), 400, 75,
    ),
    "firms and private score begin later": Variant(
        lambda: new_firms(**{
            "firm_account.from": from_day(16), "private_score.from": from_day(12), "unreliable_firms.employee_points": -10,
        }), 300, 40,
    ),
    "points fade": Variant(new_retention),
    "secrets and announcements": Variant(new_secrets, 400, 60),
    "silence": Variant(new_silence, 300, 90),
    "strategic silence": Variant(lambda: new_silence("strategic"), 300, 90),
}  # fmt: skip

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
} | NEW_VARIANTS
