"""The engine against the slow reference where articles follow one another at awkward moments."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from reference import ReferenceWorld
from variants import Variant, articles_of, busy, erring, from_day
from worlds import column, event_rows, lived, scheme

OUTSPOKEN = ("critical_message", "critical_post", "wrong_search", "contact_with_disfavoured")
GATHERING = {f"conduct.{name}.assembly": True for name in OUTSPOKEN} | {"articles.turnout.value": 0.5}
BAD_FIRMS = {
    "articles.firm_tax.rate": 30.0, "articles.firm_tax.invented": 0.1,
    "articles.unreliable_firms.below": 950, "articles.unreliable_firms.value": 5,
}  # fmt: skip
TURNOUT = {"what": "turnout", "value": 0.5, "caution": 0.3, "from": from_day(18)}
FIRM_LIST = {
    "what": "firm_list", "value": 4, "below": 990, "job_loss": 0.9, "back": 0.3, "employee_points": -77, "from": from_day(21),
}  # fmt: skip
FIRMS = {"what": "firm_scoring", "value": 300}
SCORE = {"what": "private_score", "value": 800, "floor": 700, "ceiling": 900, "step": 10, "users": 0.9, "friends": 0.3}
NARROW = SCORE | {"floor": 790, "ceiling": 810, "users": 1.0}
SEVERAL_A_DAY: dict[str, dict[str, Any]] = {
    f"private_{conduct}": {"what": "behaviour", "scorer": "private", "conduct": conduct, "value": value}
    for conduct, value in (("jaywalking", -10), ("sweeping", 10), ("helping_village", -20), ("denouncing", 10))
} | {"all_to_private": {"what": "sharing", "value": 1.0, "channels": articles_of("channel"), "scorer": "private"}}
FORMULA = {"what": "composite", "value": 200, "period": 1, "from": from_day(33)}


def edge(changes: dict[str, Any], articles: dict[str, dict[str, Any]] | None = None, citizens: int = 300) -> Variant:
    """A busy world in which articles change hands."""
    units = {"turnout": "share of residents", "firm_list": "weeks", "sharing": "share of records"}
    written = {key: {"unit": units.get(article["what"], "points"), **article} for key, article in (articles or {}).items()}
    return Variant(lambda: scheme(changes=busy() | changes, articles=written), citizens)


def ends(key: str, day: int) -> dict[str, Any]:
    """An article that is no longer in force from some day on."""
    return {f"articles.{key}.until": from_day(day)}


EDGES = {
    "protest may be joined again within the week": edge(GATHERING | ends("turnout", 16), {"turnout_2": TURNOUT}),
    "another list of firms on the day its employees hear": edge(
        BAD_FIRMS | ends("unreliable_firms", 21), {"unreliable_firms_2": FIRM_LIST}
    ),
    "the list of firms ends with firms on it": edge(BAD_FIRMS | ends("unreliable_firms", 16)),
    "firms are no longer scored, their list stays": edge(BAD_FIRMS | ends("firm_account", 16)),
    "firms begin with the account in force": edge(BAD_FIRMS | ends("firm_account", -50), {"z": FIRMS | {"from": from_day(-50)}}),
    "firms are scored anew, from a range apart": edge(BAD_FIRMS | ends("firm_account", 30), {"z": FIRMS | {"from": from_day(30)}}),
    "another private score, in other steps": edge(ends("private_score", 30), {"z": SCORE | {"from": from_day(30)}}),
    "a private score of two steps up and down": edge(
        erring("neighbourhood") | ends("private_score", -50), SEVERAL_A_DAY | {"z": NARROW | {"from": from_day(-50)}}
    ),
    "another formula, with a week between": edge(ends("secret_formula", 30), {"z": FORMULA}),
    "districts without citizens": edge(BAD_FIRMS, citizens=7),
}


@pytest.mark.parametrize("name", EDGES)
def test_engine__agrees_with_the_reference_where(name):
    variant = EDGES[name]
    r = variant.build()
    slow = ReferenceWorld(r.rulebook, r.catalogue, r.population, r.scenario.start, variant.citizens, variant.seed)
    slow.run(variant.days)
    city = lived(r, variant.citizens, variant.days, variant.seed, watch=range(variant.citizens))
    assert Counter(event_rows(city)) == Counter(slow.events)
    for field, expected in slow.state().items():
        found = getattr(city.firms, field) if field.startswith("firm") else column(city, field)
        assert found.tolist() == expected, field
