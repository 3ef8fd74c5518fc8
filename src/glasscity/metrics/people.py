"""Citizens one by one as Polars frames: how they stand, what happened to those watched, where replays must look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
import polars as pl

from glasscity import columns as c
from glasscity.engine import loops
from glasscity.engine.city import City
from glasscity.rules.compile import is_in_force
from glasscity.rules.model import AGE_BANDS, OCCUPATIONS, Cap, PrivateScore, Scoring

NO_CAP = 32767


def citizens_frame(city: City, numbers: np.ndarray) -> pl.DataFrame:
    """One row a citizen, by number: traits, account, standing, class, lists, perceptions, what ever happened."""
    numbers = np.asarray(numbers, np.int64)
    slots = city.layout.slots_of(numbers)
    state = city.state_at(slots)
    ends = np.cumsum(city.layout.sizes)
    district = np.searchsorted(ends, numbers, side="right")
    rank = numbers - (ends - city.layout.sizes)[district]
    columns: dict[str, pl.Series] = {
        "citizen": pl.Series(numbers),
        "district": labelled(district, list(city.resolved.population.districts)),
        "neighbourhood": pl.Series((rank >> c.PAGE_BITS).astype(np.int32)),
    }
    columns |= decoded_traits(state["traits"]) | dispositions(city, slots)
    for name in ("own", "false_points", "association"):
        columns[name] = pl.Series(state[name].astype(np.int16))
    columns["standing"] = pl.Series(standings(city, state, slots))
    columns["class"] = labelled(state["status"] & c.CLASS_BITS, city.scheme.letters)
    flags = {"black": c.BLACK, "court": c.COURT, "red": c.RED, "shunned": c.SHUNNED, "jobless": c.JOBLESS}
    columns |= {name: pl.Series(state["status"] & bit != 0) for name, bit in flags.items()}
    columns["listed_weeks"] = pl.Series(state["listed_weeks"])
    columns["risk"] = pl.Series(state["risk"]).cast(pl.Int64) / 255  # as in events
    columns["expression"] = pl.Series(state["inner"] & 15)
    columns["motivation"] = pl.Series(state["inner"] >> 4)
    columns["private_score"] = private_scores(city, state["private"])
    columns["debt"] = pl.Series(state["fate"] & c.DEBT_BITS)
    columns["removed"] = pl.Series(state["fate"] & c.REMOVED != 0)
    columns |= {name: pl.Series(state["note"] & bit != 0) for name, (bit, _) in c.NOTES.items()}
    return pl.DataFrame(columns)


CITIZEN_COLUMNS: dict[str, tuple[str, str]] = {
    "citizen": ("number", "number of the synthetic citizen, districts counted through"),
    "district": ("name", "district"),
    "neighbourhood": ("number", "neighbourhood within the district"),
    **{name: ("label" if name in ("age", "occupation") else "", text) for name, (_, _, text) in c.TRAITS.items()},
    **{name: ("", text) for name, (_, text) in c.DISPOSITIONS.items()},
    "income": ("fifth", "income fifth, 1 lowest to 5 highest"),
    "own": ("points", "the account: what own records have added to the start"),
    "false_points": ("points", "the part of the account that rests on false records"),
    "association": ("points", "points added or taken through friends"),
    "standing": ("points", "account and friends, within floor, ceiling and cap"),
    "class": ("letter", "class of standing"),
    "black": ("", "on the black list"),
    "court": ("", "on the court's list of debtors"),
    "red": ("", "on the red list"),
    "shunned": ("", "friends keep away"),
    "jobless": ("", "lost work because of a class or a list"),
    "listed_weeks": ("weeks", "weeks left on the black or court list"),
    "risk": ("share", "perceived risk of being sanctioned, 0 to 1"),
    "expression": ("steps of 15", "level of expression, 15 is full"),
    "motivation": ("steps of 15", "inner motivation to act for others"),
    "private_score": ("points", "the private score, without what friends add; null where there is none"),
    "debt": ("steps of 15", "level of debt since work was lost"),
    "removed": ("", "removed from civic life"),
    **{name: ("", text) for name, (_, text) in c.NOTES.items()},
}


def scoring_on(city: City, day: int) -> tuple[int, int]:
    """Floor and ceiling in force on a day."""
    today = city.resolved.scenario.start + timedelta(days=day)
    for article in city.resolved.rulebook.articles.values():
        if isinstance(article, Scoring) and is_in_force(article, today):
            return article.floor, article.ceiling
    return 0, 0


def private_scores(city: City, steps: np.ndarray) -> pl.Series:
    """The private score without friends' part, in points; null where there is none."""
    for article in city.resolved.rulebook.articles.values():
        if isinstance(article, PrivateScore):
            return pl.Series(article.floor + article.step * steps.astype(np.int32))
    return pl.Series([None] * len(steps), dtype=pl.Int32)


def labelled(codes: np.ndarray, labels: list[str]) -> pl.Series:
    """Codes as an enumeration of their labels."""
    return pl.Series(labels, dtype=pl.Enum(labels)).gather(codes.astype(np.uint32))


def decoded_traits(traits: np.ndarray) -> dict[str, pl.Series]:
    """The fixed traits: flags as booleans, age and occupation by name, income fifths from 1."""
    found = {}
    for name, (shift, mask, _) in c.TRAITS.items():
        code = (traits >> np.uint32(shift)) & np.uint32(mask)
        if name in ("age", "occupation"):
            found[name] = labelled(code, list(AGE_BANDS if name == "age" else OCCUPATIONS))
        elif mask == 1:
            found[name] = pl.Series(code != 0)
        else:
            found[name] = pl.Series((code + (name == "income")).astype(np.uint8))
    return found


def dispositions(city: City, slots: np.ndarray) -> dict[str, pl.Series]:
    """The dispositions, which are drawn and not stored."""
    words = np.empty(len(slots), np.uint64)
    with np.errstate(over="ignore"):
        loops.dispositions(city.set_up_keys, city.world, slots, words)
    bits = {name: (words >> np.uint64(first)) & np.uint64(127) for name, (first, _) in c.DISPOSITIONS.items()}
    return {name: pl.Series(np.bitwise_count(seven).astype(np.uint8)) for name, seven in bits.items()}


def standings(city: City, state: dict[str, np.ndarray], slots: np.ndarray) -> np.ndarray:
    """Standing of citizens on the last day lived."""
    today = city.resolved.scenario.start + timedelta(days=max(0, city.day - 1))
    floor, ceiling = scoring_on(city, max(0, city.day - 1))
    opaque = np.empty(len(slots), np.int64)
    with np.errstate(over="ignore"):
        loops.opaque(city.rules, city.world, slots, state["traits"], opaque)
    standing = np.clip(state["own"].astype(np.int32) + state["association"] + opaque, floor, ceiling)
    articles = [a for a in city.resolved.rulebook.articles.values() if is_in_force(a, today)]
    is_equal = any(getattr(a, "lever", "") == "equal_treatment" for a in articles)
    cap = next((a.value for a in articles if isinstance(a, Cap)), NO_CAP)
    if is_equal:
        cap = NO_CAP
    return np.where(state["traits"] & c.MINORITY != 0, np.minimum(standing, cap), standing).astype(np.int32)


# --- replays ---------------------------------------------------------------------------------------

AFAR_COLUMNS: dict[str, tuple[str, str]] = {
    "page": ("number", "neighbourhood, those of all districts counted through"),
    "day": ("days", "day of the run, from 0, on which a channel with a wider gallery named somebody there wrongly"),
}
PAGES_AT_ONCE = 1 << 14  # of which marks are unpacked


def afar_frame(city: City) -> pl.DataFrame:
    """Neighbourhoods and days on which somebody there was named wrongly from afar: page, day."""
    parts = [pl.DataFrame(schema={"page": pl.Int32, "day": pl.Int16})]
    for first in range(0, len(city.named_from_afar), PAGES_AT_ONCE):
        marks = np.unpackbits(city.named_from_afar[first : first + PAGES_AT_ONCE], axis=1, bitorder="little")
        page, day = np.nonzero(marks)
        parts.append(pl.DataFrame({"page": (first + page).astype(np.int32), "day": day.astype(np.int16)}))
    return pl.concat(parts)


# --- events ----------------------------------------------------------------------------------------

ENTRY_NAMES = (*c.ENTRY_KINDS, "reward", "restored_false", "restored_true", "employer")
OUTCOMES = ("granted", "refused", "advantage")
FOLLOWED = {bits: ", ".join(name for k, name in enumerate(c.FOLLOWED) if bits >> k & 1) for bits in range(1, 16)}
LISTS_AND_FLAGS = ("black", "court", "red", "shunned", "jobless")
EVENT_COLUMNS: dict[str, tuple[str, str]] = {
    "day": ("days", "day of the run, from 0"),
    "date": ("date", "calendar day"),
    "phase": ("", "phase of the day"),
    "citizen": ("number", "whose event it is; when observed, who acted or, for a false alarm, was scanned"),
    "what": ("", "conduct, wish or, when standing, the new class"),
    "channel": ("", "channel that observed or recorded it"),
    "kind": ("", "how a record came about, how a wish was answered, or flags held (stand and respond)"),
    "points": ("points", "points of a record; standing (stand); account (respond)"),
    "other": ("number", "citizen who was named (observe)"),
    "followed": ("", "what followed a record at once: notified, appealed, shamed, fined"),
    "class_before": ("letter", "class before (stand)"),
    "listed_weeks": ("weeks", "weeks left on a list (respond)"),
    "risk": ("share", "perceived risk (respond)"),
    "expression": ("steps of 15", "level of expression (respond)"),
    "motivation": ("steps of 15", "inner motivation (respond)"),
}


def events_frame(city: City, why: int = c.WATCHED) -> pl.DataFrame:
    """What happened to watched citizens, or to the panel (IN_PANEL), in order for each: see EVENT_COLUMNS."""
    rows = np.concatenate(city.rows) if city.rows else np.empty((0, len(c.EVENT_FIELDS)), np.int64)
    rows = rows[np.isin(rows[:, 2], city.watched_for(why))]
    raw = pl.DataFrame({name: rows[:, k] for k, name in enumerate(c.EVENT_FIELDS)}).with_columns(
        citizen=pl.Series(city.layout.numbers_of(rows[:, 2]), dtype=pl.Int64), named=named(city, rows)
    )
    phase, what, start = pl.col("phase"), pl.col("what"), pl.lit(city.resolved.scenario.start, pl.Date)
    is_stand, is_respond, is_wish = (phase == which for which in (c.EV_STAND, c.EV_RESPOND, c.EV_CONSEQUENCE))
    is_observe, is_record = phase == c.EV_OBSERVE, phase == c.EV_RECORD
    letters, inner = city.scheme.letters, pl.when(is_respond).then(pl.col("other"))
    return raw.sort("day", "citizen", maintain_order=True).select(
        pl.col("day").cast(pl.Int32),
        date=start + pl.duration(days=pl.col("day")),
        phase=words(phase, c.EVENT_PHASES),
        citizen=pl.col("citizen"),
        what=pl.when(is_stand).then(words(what, letters))
        .when(is_respond).then(words(what % c.N_CLASSES, letters))
        .when(is_wish).then(words(what, city.scheme.wishes))
        .otherwise(words(what, city.scheme.acts)),
        channel=pl.when(is_observe | is_record).then(words(pl.col("channel"), city.scheme.channels)),
        kind=pl.when(is_observe | is_record).then(words(pl.col("kind"), entry_words()))
        .when(is_wish).then(words(pl.col("kind"), OUTCOMES))
        .when(is_stand).then(words(pl.col("kind"), flag_words()))
        .when(is_respond).then(words(what // c.N_CLASSES, flag_words())),
        points=pl.when(is_record | is_stand | is_respond).then(pl.col("points")).cast(pl.Int32),
        other=pl.col("named"),
        followed=pl.when(is_record).then(words(pl.col("other"), FOLLOWED)),
        class_before=pl.when(is_stand).then(words(pl.col("channel"), letters)),
        listed_weeks=pl.when(is_respond).then(pl.col("channel")).cast(pl.UInt8),
        risk=pl.when(is_respond).then(pl.col("kind") / 255),
        expression=(inner % 16).cast(pl.UInt8),
        motivation=(inner // 16).cast(pl.UInt8),
    )  # fmt: skip


def named(city: City, rows: np.ndarray) -> pl.Series:
    """Numbers of the citizens whom an observation named; null elsewhere."""
    is_observed = rows[:, 1] == c.EV_OBSERVE
    numbers = np.full(len(rows), -1, np.int64)
    numbers[is_observed] = city.layout.numbers_of(rows[is_observed, 7])
    frame = pl.DataFrame({"number": numbers, "known": is_observed})
    return frame.select(pl.when("known").then("number")).to_series()


def words(code: pl.Expr, names: Mapping[int, str] | Sequence[str]) -> pl.Expr:
    """Codes as the words they stand for; null where there is none."""
    table = dict(names) if isinstance(names, Mapping) else dict(enumerate(names))
    return code.replace_strict(table, default=None, return_dtype=pl.String)


def entry_words() -> dict[int, str]:
    """How a record came about, by the kind of its row; struck-out ones say so."""
    return dict(enumerate(ENTRY_NAMES)) | {k + c.STRUCK: f"struck_out_{name}" for k, name in enumerate(ENTRY_NAMES)}


def flag_words() -> dict[int, str]:
    """Sets of flags (status >> 3) in words; empty if none is set."""
    return {
        flags: ", ".join(name for k, name in enumerate(LISTS_AND_FLAGS) if flags >> k & 1)
        for flags in range(1 << len(LISTS_AND_FLAGS))
    }
