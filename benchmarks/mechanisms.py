"""What each mechanism costs: the same city with it on and with it off, in turn. Prints one line of JSON.

    python mechanisms.py SCENARIO CITIZENS DAYS ROUNDS [--threads N]

Off means that its articles are not in force; people, candidates and draws stay what they were. The days alone are timed,
by processor seconds as well as by the clock, since other work may share the machine.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from glasscity.engine.city import City
from glasscity.rules.model import Channel, Response, Safeguard, Sanction
from glasscity.rules.resolve import resolve

Chosen = Callable[[Any], bool]


def kind(*names: str) -> Chosen:
    """Articles of some kinds."""
    return lambda article: article.what in names


def sanction(*effects: str) -> Chosen:
    """Sanctions of some effects."""
    return lambda article: isinstance(article, Sanction) and article.effect in effects


def response(*effects: str) -> Chosen:
    """Responses of some effects."""
    return lambda article: isinstance(article, Response) and article.effect in effects


def any_of(*choices: Chosen) -> Chosen:
    """Articles that any of the choices takes."""
    return lambda article: any(choice(article) for choice in choices)


MECHANISMS: dict[str, Chosen] = {
    "channels and records (all)": kind("channel"),
    "false alarms by scans": lambda article: isinstance(article, Channel) and bool(article.scans),
    "friends' points": kind("association"),
    "cap for the minority": kind("cap"),
    "composite": kind("composite"),
    "private score, its bands and sharing": any_of(
        kind("private_score", "band", "sharing"), lambda article: getattr(article, "scorer", "") == "private",
        lambda article: bool(getattr(article, "bands", ())),
    ),
    "lists and refusals": any_of(kind("list", "reward"), sanction("refuse"), lambda a: bool(getattr(a, "lists", ()))),
    "fines and shaming": sanction("fine", "shame"),
    "loss of work, removal, debt": any_of(sanction("job_loss", "removal"), response("debt", "recovery", "hardship")),
    "perceived risk, self-censorship, silence": response(
        "own_sanction", "friends_sanctions", "public_sanctions", "forgetting", "self_censorship", "silence", "deterrence"
    ),
    "shunning": response("shunning"),
    "playing for points, crowding out": response("points_seeking", "crowding_out"),
    "thresholds of protest": any_of(kind("turnout"), sanction("preempt")),
    "approval": kind("approval"),
    "study app": kind("study_app"),
    "discretion": kind("discretion"),
    "firms": kind("firm_scoring", "firm_conduct", "firm_list", "firm_sanction"),
}  # fmt: skip


def off(scenario: str, chosen: Chosen) -> dict[str, bool]:
    """The overlay that takes articles out of force."""
    articles = resolve(scenario).rulebook.articles
    return {f"articles.{key}.enabled": False for key, article in articles.items() if article.enabled and chosen(article)}


def safeguards(scenario: str) -> dict[str, bool]:
    """The overlay that grants every safeguard."""
    articles = resolve(scenario).rulebook.articles
    return {f"articles.{key}.enabled": True for key, article in articles.items() if isinstance(article, Safeguard)}


def lived(scenario: str, changes: dict[str, Any], citizens: int, days: int, threads: int) -> tuple[float, float]:
    """Seconds by the clock and of the processors for the days of one city."""
    city = City(resolve(scenario, changes), citizens, days, 1, threads)
    city.populate()
    clock, processor = time.perf_counter(), time.process_time()
    for _ in range(days):
        city.live()
    spent = time.perf_counter() - clock, time.process_time() - processor
    city.team.close()
    return spent


def rows(scenario: str, citizens: int, days: int, rounds: int, threads: int) -> Iterator[dict[str, Any]]:
    """Each mechanism: seconds with it and without, one pair a round."""
    lived(scenario, {}, 20_000, 28, threads)
    overlays: dict[str, dict[str, Any]] = {name: off(scenario, chosen) for name, chosen in MECHANISMS.items()}
    overlays["every safeguard"] = safeguards(scenario)
    for name, changes in overlays.items():
        pairs = [
            (lived(scenario, {}, citizens, days, threads), lived(scenario, changes, citizens, days, threads)) for _ in range(rounds)
        ]
        on, without = ([pair[k] for pair in pairs] for k in (0, 1))
        if name == "every safeguard":  # they are off in the scheme as it is
            on, without = without, on
        yield {
            "what": "mechanism", "name": name, "articles": len(changes), "citizens": citizens, "days": days,
            "on_s": [clock for clock, _ in on], "off_s": [clock for clock, _ in without],
            "on_cpu_s": [cpu for _, cpu in on], "off_cpu_s": [cpu for _, cpu in without],
        }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenario")
    parser.add_argument("citizens", type=float)
    parser.add_argument("days", type=int)
    parser.add_argument("rounds", type=int)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    found = list(rows(asked.scenario, int(asked.citizens), asked.days, asked.rounds, asked.threads))
    print("RESULT " + json.dumps({"rows": found}))


if __name__ == "__main__":
    main()
