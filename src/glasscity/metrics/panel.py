"""What a city knows of its panel as frames, and the outcomes that are made of them. Definitions: `outcomes`."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from glasscity import columns as c
from glasscity.engine.city import City
from glasscity.engine.panel import SEEN
from glasscity.metrics import cells, outcomes, people
from glasscity.metrics.cells import Block, Cells
from glasscity.metrics.outcomes import Facts, Seen
from glasscity.metrics.registry import GROUPS, SMALLEST_CELL
from glasscity.rules.compile import is_in_force
from glasscity.rules.model import Behaviour, Channel, Class, Safeguard
from glasscity.rules.resolve import Resolved

WEEK_COLUMNS: dict[str, tuple[str, str]] = {
    "day": ("days", "day of the run at whose end they were read, from 0"),
    "citizen": ("number", "number of the synthetic citizen"),
    "own": ("points", "the account"),
    "false_points": ("points", "the part of the account that rests on false records"),
    "association": ("points", "points added or taken through friends"),
    "class": ("letter", "class of standing"),
    "class_index": ("number", "the same, 0 the best"),
    "black": ("", "on the black list"),
    "court": ("", "on the court's list of debtors"),
    "listed_weeks": ("weeks", "weeks left on a list"),
    "sanctioned": ("", "in a sanctioned class or on the black or court list"),
    "knows": ("", "has learned of being recorded"),
}


def seen(city: City) -> Seen:
    """What was seen of a city's panel."""
    numbers = city.layout.numbers_of(city.panel)
    members = people.citizens_frame(city, numbers).with_columns(circle=pl.Series(city.panel_circles))
    today = city.resolved.scenario.start.toordinal() + max(0, city.day - 1)
    events = people.events_frame(city, c.IN_PANEL)
    return Seen(members, weeks_frame(city, numbers), events, facts(city.resolved, date.fromordinal(today)))


def weeks_frame(city: City, numbers: np.ndarray) -> pl.DataFrame:
    """How the panel's members stood at each reading: WEEK_COLUMNS, by day and then by number."""
    looks = np.array(city.panel_seen, np.int16).reshape(-1, len(numbers), len(SEEN))
    days = [reading.day for reading in city.readings]
    state = {name: looks[:, :, k].ravel() for k, name in enumerate(SEEN)}
    status = state["status"]
    columns = {
        "day": pl.Series(np.repeat(np.array(days, np.int32), len(numbers))),
        "citizen": pl.Series(np.tile(numbers, len(days))),
        **{name: pl.Series(state[name]) for name in ("own", "false_points", "association")},
        "class": people.labelled(status & c.CLASS_BITS, city.scheme.letters),
        "class_index": pl.Series((status & c.CLASS_BITS).astype(np.uint8)),
        **{name: pl.Series(status & bit != 0) for name, bit in (("black", c.BLACK), ("court", c.COURT))},
        "listed_weeks": pl.Series(state["listed_weeks"].astype(np.uint8)),
        "sanctioned": pl.Series(state["is_sanctioned"] != 0),
        "knows": pl.Series(state["note"] & c.KNOWS != 0),
    }
    return pl.DataFrame(columns)


def facts(resolved: Resolved, today: date) -> Facts:
    """What outcomes need to know of a scheme, as it stands on a day."""
    rulebook, catalogue = resolved.rulebook, resolved.catalogue
    articles = [article for article in rulebook.articles.values() if is_in_force(article, today)]
    behaviour = [a for a in articles if isinstance(a, Behaviour) and a.scorer == "state"]
    channels = {key: a for key, a in rulebook.articles.items() if isinstance(a, Channel)}
    classes = [a for a in articles if isinstance(a, Class)]
    free = [a.value for a in classes if not a.sanctioned]
    return Facts(
        points={a.conduct: a.value for a in behaviour},
        lists=frozenset(a.conduct for a in behaviour if a.lists),
        kinds={key: conduct.kind for key, conduct in catalogue.conduct.items()},
        lawful=frozenset(key for key, conduct in catalogue.conduct.items() if conduct.lawful),
        channel_domains={key: channel.domain for key, channel in channels.items()},
        wish_domains={key: wish.domain for key, wish in catalogue.wishes.items()},
        expressive_wishes=frozenset(key for key, wish in catalogue.wishes.items() if wish.expression),
        watching=tuple((a.value, a.density == "cameras", a.domain == "online") for a in articles if isinstance(a, Channel) and is_watching(a)),
        cameras={key: district.cameras for key, district in resolved.population.districts.items()},
        limit=min(free) if free and any(a.sanctioned for a in classes) else None,
        has_reasons=any(isinstance(a, Safeguard) and a.lever == "reasons" for a in articles),
    )  # fmt: skip


def is_watching(channel: Channel) -> bool:
    """Whether a channel looks on all the time, where files and reports come about case by case."""
    return bool(channel.scans) or channel.density == "cameras" or channel.domain == "online"


def masks(seen: Seen, places: Cells) -> np.ndarray:
    """Which members belong to each cell: bool[cells, members]."""
    cell = seen.column("minority") * c.MINORITY + seen.column("party") * c.PARTY
    cell = cell + ((seen.column("income").astype(np.int64) - 1) << c.INCOME_SHIFT)
    groups = cells.group_masks()[:, cell]
    district = seen.members["district"].cast(pl.String).to_numpy()
    by_name = dict(zip(GROUPS, groups, strict=True))
    return np.array([
        by_name[group] & ((district == place) if place != "all" else True)
        for group, place in zip(places.groups, places.districts, strict=True)
    ])  # fmt: skip


def block(city: City, places: Cells) -> list[Block]:
    """Outcomes of the panel on the last day, and how surely they are known of all districts; nothing in a city without one."""
    if not len(city.panel) or not city.panel_seen:
        return []
    found, last = seen(city), np.array([len(city.readings) - 1])
    members, whole = masks(found, places), np.flatnonzero(np.array(places.districts) == "all")
    told = outcomes.values(found, members, SMALLEST_CELL)
    blocks = [cells.block({name: figures[None] for name, figures in told.items()}, last, np.arange(len(places.groups)))]
    if found.n < city.layout.citizens:
        widths = outcomes.half_widths(found, members[whole], SMALLEST_CELL)
        blocks.append(cells.block({f"half_width.{name}": width[None] for name, width in widths.items()}, last, whole))
    return blocks
