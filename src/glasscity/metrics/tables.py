"""Tallies of a city as tidy Polars frames. Definitions: `registry`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from glasscity import columns as c
from glasscity.engine import loops
from glasscity.engine import panel as panels
from glasscity.engine.city import City
from glasscity.metrics import registry
from glasscity.metrics.registry import GROUPS, MEANS, RATIOS, REFERENCES, RISKS, WISH_FLOWS
from glasscity.rules.compile import is_in_force
from glasscity.rules.model import AGE_BANDS, OCCUPATIONS, SECTORS, Behaviour, Cap, Channel, PrivateScore, Scoring

METRICS_SCHEMA = {
    "metric": pl.String, "day": pl.Int32, "date": pl.Date, "group": pl.String, "district": pl.String, "value": pl.Float64,
}  # fmt: skip
NO_CAP = 32767


# --- who is counted --------------------------------------------------------------------------------


def group_masks() -> np.ndarray:
    """Which of the N_GROUPS cells of traits & 31 belong to each group: bool[groups, N_GROUPS]."""
    cell = np.arange(c.N_GROUPS)
    minority, party, income = cell & c.MINORITY != 0, cell & c.PARTY != 0, cell >> c.INCOME_SHIFT
    masks = [np.ones(c.N_GROUPS, bool), minority, ~minority, party, ~party, *(income == k for k in range(5))]
    return np.array(masks)


@dataclass(frozen=True)
class Cells:
    """The rows of each metric: all, then each district, then each group. Groups are counted over all districts."""

    groups: list[str]
    districts: list[str]

    @classmethod
    def of(cls, districts: list[str]) -> Cells:
        others = [group for group in GROUPS if group != "all"]
        return cls(["all"] * (1 + len(districts)) + others, ["all", *districts] + ["all"] * len(others))

    def place(self, group: str, district: str = "all") -> int:
        """The index of a cell."""
        return next(
            k for k, pair in enumerate(zip(self.groups, self.districts, strict=True)) if pair == (group, district)
        )

    @property
    def n_districts(self) -> int:
        return len(self.groups) - len(GROUPS)


def over_cells(by_district: np.ndarray, by_group: np.ndarray) -> np.ndarray:
    """Tallies of the cells, float64[R, cells, n], from int64[R, D, n] and int64[R, N_GROUPS, n]."""
    groups = np.einsum("kg,rgn->rkn", group_masks()[1:].astype(np.int64), by_group)
    return np.concatenate([by_district.sum(axis=1, keepdims=True), by_district, groups], axis=1).astype(np.float64)


# --- the frame of metrics --------------------------------------------------------------------------

Block = tuple[list[str], np.ndarray, np.ndarray, np.ndarray]  # names, readings, cells, values [names, readings, cells]


def metrics_frame(city: City) -> pl.DataFrame:
    """Every metric at every reading, by group and by district: metric, day, date, group, district, value."""
    cells = Cells.of(list(city.resolved.population.districts))
    if not city.readings:
        return pl.DataFrame(schema=METRICS_SCHEMA)
    flows, stocks = counts(city)
    truth = truth_counts(city)
    values, unused = ratios(city, flows | stocks, truth), without_article(city)
    stocks, values = ({k: v for k, v in table.items() if k not in unused} for table in (stocks, values))
    everywhere, readings = np.arange(len(cells.groups)), np.arange(len(city.readings))
    blocks: list[Block] = [
        block({name: periods(total) for name, total in flows.items()}, readings, everywhere),
        block({k: v for k, v in stocks.items() if not k.startswith("sum.")}, readings, everywhere),
        block(values, readings, everywhere),
        *comparisons(values, cells),
        *bins(city, cells),
        *firm_block(city),
        truth_block(city, truth, flows),
    ]
    return tidy(city, cells, blocks)


def without_article(city: City) -> set[str]:
    """Metrics that mean nothing, because no article of the rulebook rules on what they tell."""
    kinds = {article.what for article in city.resolved.rulebook.articles.values() if article.enabled}
    return {name for kind, names in OF_ARTICLES.items() if kind not in kinds for name in names}


OF_ARTICLES = {
    "approval": ("approving", "saying", "approval_private", "approval_stated", "falsification_gap"),
    "turnout": ("joiners", "turnout"),
    "private_score": ("users", "private_score"),
    "enrolment": ("enrolled", "enrolled_share"),
    "composite": ("by_opaque_now",),
}


def counts(city: City) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Flows since the start and stocks by name, each float64[R, cells]. Stocks named `sum.` serve the means."""
    scheme, readings = city.scheme, city.readings
    f = over_cells(np.array([r.flows_by_district for r in readings]), np.array([r.flows_by_group for r in readings]))
    k = over_cells(np.array([r.stocks_by_district for r in readings]), np.array([r.stocks_by_group for r in readings]))
    flows = {name: f[:, :, tally] for tally, name, *_ in registry.FLOWS}
    flows |= {f"class_entered.{letter}": f[:, :, c.F_CLASS_ENTERED + i] for i, letter in enumerate(scheme.letters)}
    flows |= records(f, scheme.channels)
    flows |= wishes(f, scheme.wishes)
    posts = [name for name, wish in city.resolved.catalogue.wishes.items() if wish.expression]
    flows["asked.expression"] = sum((flows[f"asked.{name}"] for name in posts), np.zeros(f.shape[:2]))
    stocks = {name: k[:, :, tally] for tally, name, *_ in registry.STOCKS}
    stocks |= {f"band.{letter}": k[:, :, c.K_BAND + i] for i, letter in enumerate(scheme.bands)}
    stocks["sum.private"] = k[:, :, c.K_PRIVATE]
    stocks |= {f"class.{letter}": k[:, :, c.K_CLASS + i] for i, letter in enumerate(scheme.letters)}
    stocks |= {f"ever.{name}": k[:, :, c.K_NOTE + i] for i, name in enumerate(c.NOTES)}
    stocks |= {f"sum.{name}": k[:, :, tally] for tally, name, *_ in MEANS}
    return flows, stocks


def records(flows: np.ndarray, channels: list[str]) -> dict[str, np.ndarray]:
    """Records by channel and kind, by kind, and all."""
    n = len(c.ENTRY_KINDS)
    by = flows[:, :, c.F_RECORDS : c.F_RECORDS + c.MAX_CHANNELS * n].reshape(*flows.shape[:2], c.MAX_CHANNELS, n)
    found = {"records": by.sum(axis=(2, 3))}
    found |= {f"records.{kind}": by[:, :, :, k].sum(axis=2) for k, kind in enumerate(c.ENTRY_KINDS)}
    for i, channel in enumerate(channels):
        found |= {f"records.{channel}.{kind}": by[:, :, i, k] for k, kind in enumerate(c.ENTRY_KINDS)}
    return found


def wishes(flows: np.ndarray, names: list[str]) -> dict[str, np.ndarray]:
    """What was asked, refused and granted with advantage, by wish and in all."""
    found = {}
    for k, flow in enumerate(WISH_FLOWS):
        by = flows[:, :, c.F_ASKED + k * c.N_WISHES :][:, :, : c.N_WISHES]
        found[flow] = by.sum(axis=2)
        found |= {f"{flow}.{name}": by[:, :, q] for q, name in enumerate(names)}
    return found


def periods(since_start: np.ndarray) -> np.ndarray:
    """What came about in each period, from the total since the start at its end."""
    return np.diff(since_start, axis=0, prepend=0)


def quotient(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """above / below; NaN where below is nought."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below == 0, np.nan, above / below)


def ratios(city: City, counted: dict[str, np.ndarray], truth: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Means, shares and the named ratios, each float64[R, cells]."""
    found = {name: quotient(counted[f"sum.{name}"] * worth, counted["citizens"]) for _, name, _, _, worth, *_ in MEANS}
    for letter in city.scheme.letters:
        found[f"class_share.{letter}"] = quotient(counted[f"class.{letter}"], counted["citizens"])
    for note in c.NOTES:
        found[f"share_ever.{note}"] = quotient(counted[f"ever.{note}"], counted["citizens"])
    for name, (ratio, *_) in RATIOS.items():
        above, below = (np.sum([counted[part] for part in side], axis=0) for side in (ratio.above, ratio.below))
        found[name] = quotient(ratio.times * above, below)
    for channel in city.scheme.channels:
        every = np.sum([counted[f"records.{channel}.{kind}"] for kind in c.ENTRY_KINDS], axis=0)
        found[f"precision.{channel}"] = quotient(counted[f"records.{channel}.right"], every)
    found["falsification_gap"] = quotient(counted["saying"] - counted["approving"], counted["citizens"])
    for article in city.resolved.rulebook.articles.values():
        if isinstance(article, PrivateScore):
            found["private_score"] = article.floor + article.step * quotient(counted["sum.private"], counted["users"])
    reporting = [key for key in city.scheme.channels if is_reporting(city.resolved.rulebook.articles[key])]
    if reporting:
        every = np.sum([counted[f"records.{key}.{kind}"] for key in reporting for kind in c.ENTRY_KINDS], axis=0)
        wrong = ("wrong_person", "false_report")
        found["false_report_share"] = quotient(
            np.sum([counted[f"records.{key}.{kind}"] for key in reporting for kind in wrong], axis=0), every
        )
    return found


def firm_block(city: City) -> list[Block]:
    """What firms did and how they stand, over all and by district; nothing where none are scored."""
    if not city.scheme.has_firms:
        return []
    flows = np.array([r.firm_flows for r in city.readings], np.float64)  # [R, D, sectors, flows]
    stocks = np.array([r.firm_stocks for r in city.readings], np.float64)  # [R, D, stocks]
    flows = np.concatenate([flows.sum(axis=1, keepdims=True), flows], axis=1)
    stocks = np.concatenate([stocks.sum(axis=1, keepdims=True), stocks], axis=1)
    total = periods(flows.sum(axis=2))
    found = {name: total[:, :, place] for name, place in FIRM_FLOWS.items()}
    for k, effect in enumerate(c.FIRM_EFFECTS):
        found[f"firm_asked.{effect}"] = total[:, :, c.FF_ASKED + k]
        found[f"firm_struck.{effect}"] = total[:, :, c.FF_STRUCK + k]
    for k, sector in enumerate(SECTORS):
        found[f"firms_listed.{sector}"] = periods(flows[:, :, k, c.FF_LISTED])
    found |= {name: stocks[:, :, place] for name, place in FIRM_STOCKS.items()}
    found["firm_score"] = quotient(stocks[:, :, c.FK_SCORE], stocks[:, :, c.FK_FIRMS])
    found["firms_listed_share"] = quotient(stocks[:, :, c.FK_LISTED_EVER], stocks[:, :, c.FK_FIRMS])
    return [block(found, np.arange(len(flows)), np.arange(flows.shape[1]))]


FIRM_FLOWS = {
    "firm_acts": c.FF_ACTS, "firm_findings": c.FF_FOUND, "firm_findings_invented": c.FF_INVENTED,
    "firms_listed": c.FF_LISTED, "firms_listed_innocent": c.FF_LISTED_INNOCENT, "firm_employees_hit": c.FF_EMPLOYEES_HIT,
}  # fmt: skip
FIRM_STOCKS = {
    "firms": c.FK_FIRMS, "firms_listed_now": c.FK_LISTED, "firms_violated": c.FK_VIOLATED,
    "firms_ever_listed": c.FK_LISTED_EVER,
}  # fmt: skip


def is_reporting(article: object) -> bool:
    """Whether a channel lives on people reporting people."""
    return isinstance(article, Channel) and (article.informer or article.false_reports > 0)


def comparisons(values: dict[str, np.ndarray], cells: Cells) -> list[Block]:
    """Each group's risk held against that of its reference group: ratio and gap."""
    groups = np.array([cells.place(group) for group in REFERENCES])
    references = np.array([cells.place(group) for group in REFERENCES.values()])
    found = {}
    for risk in RISKS:
        ours, theirs = values[risk][:, groups], values[risk][:, references]
        found[f"{risk}.ratio"], found[f"{risk}.gap"] = quotient(ours, theirs), ours - theirs
    return [block(found, np.arange(len(values[RISKS[0]])), groups)]


def scoring_on(city: City, day: int) -> tuple[int, int]:
    """Floor and ceiling in force on a day."""
    today = city.resolved.scenario.start + timedelta(days=day)
    for article in city.resolved.rulebook.articles.values():
        if isinstance(article, Scoring) and is_in_force(article, today):
            return article.floor, article.ceiling
    return 0, 0


def bins(city: City, cells: Cells) -> list[Block]:
    """Citizens by standing, for all, the districts, the minority and the majority."""
    places = np.array([*range(1 + cells.n_districts), cells.place("minority"), cells.place("majority")])
    ranges = [scoring_on(city, reading.day) for reading in city.readings]
    found = []
    for floor, ceiling in sorted(set(ranges)):
        readings = np.array([r for r, span in enumerate(ranges) if span == (floor, ceiling)])
        by = np.array([city.readings[r].bins for r in readings], np.float64)  # [R, D, 2, N_BINS]
        district, group = by.sum(axis=2), by.sum(axis=1)
        values = np.concatenate([district.sum(axis=1, keepdims=True), district, group[:, 1:], group[:, :1]], axis=1)
        n_bins = min(c.N_BINS, ((ceiling - floor) >> c.BIN_SHIFT) + 1)
        names = [f"standing_bin.{floor + (k << c.BIN_SHIFT)}" for k in range(n_bins)]
        found.append((names, readings, places, np.moveaxis(values[:, :, :n_bins], 2, 0)))
    return found


def truth_counts(city: City) -> dict[str, np.ndarray]:
    """What was truly done and what became of it, by conduct, since the start: each float64[1 + D]."""
    truth = city.team.total("truth").astype(np.float64)  # [D, B, N_TRUTH]
    truth = np.concatenate([truth.sum(axis=0, keepdims=True), truth])
    fields = {"acts": c.T_ACTS, "right": c.T_RIGHT, "wrong": c.T_WRONG, "invented": c.T_INVENTED}
    return {
        f"conduct.{conduct}.{field}": truth[:, b, place]
        for b, conduct in enumerate(city.resolved.catalogue.conduct)
        for field, place in fields.items()
    }


def truth_block(city: City, truth: dict[str, np.ndarray], flows: dict[str, np.ndarray]) -> Block:
    """What only the last day can tell: conduct, recall by channel, misattribution of penalties."""
    last, n = len(city.readings) - 1, len(truth[next(iter(truth))]) if truth else 1
    found, articles = dict(truth), city.resolved.rulebook.articles
    for key in city.scheme.channels:
        channel = articles[key]
        if isinstance(channel, Channel):
            acts = sum((truth[f"conduct.{b}.acts"] for b in channel.sees if f"conduct.{b}.acts" in truth), np.zeros(n))
            found[f"recall.{key}"] = quotient(flows[f"records.{key}.right"][last, :n], acts)
    against = {
        a.conduct for a in articles.values() if isinstance(a, Behaviour) and a.enabled and (a.value < 0 or a.lists)
    }
    false, every = np.zeros(n), np.zeros(n)
    for conduct in against & set(city.resolved.catalogue.conduct):
        wrong = truth[f"conduct.{conduct}.wrong"] + truth[f"conduct.{conduct}.invented"]
        false, every = false + wrong, every + wrong + truth[f"conduct.{conduct}.right"]
    found["misattribution_of_penalties"] = quotient(false, every)
    return block({name: value[None] for name, value in found.items()}, np.array([last]), np.arange(n))


def block(values: dict[str, np.ndarray], readings: np.ndarray, places: np.ndarray) -> Block:
    """Metrics that are told at the same readings and of the same cells."""
    shape = (len(values), len(readings), len(places))
    return list(values), readings, places, np.array(list(values.values()), np.float64).reshape(shape)


def tidy(city: City, cells: Cells, blocks: list[Block]) -> pl.DataFrame:
    """One row a value, in the order of metrics, days and cells."""
    names = [name for block_names, *_ in blocks for name in block_names]
    offsets = np.cumsum([0] + [len(block_names) for block_names, *_ in blocks])
    grids = [
        np.meshgrid(
            np.arange(a, b, dtype=np.uint32), readings.astype(np.uint32), places.astype(np.uint32), indexing="ij"
        )
        for (a, b), (_, readings, places, _) in zip(pairwise(offsets.tolist()), blocks, strict=True)
    ]
    metric, reading, cell = (np.concatenate([grid[k].ravel() for grid in grids]) for k in range(3))
    days = pl.Series([r.day for r in city.readings], dtype=pl.Int32)
    dates = pl.Series([city.resolved.scenario.start + timedelta(days=r.day) for r in city.readings], dtype=pl.Date)
    columns = {
        "metric": pl.Series(names, dtype=pl.String).gather(metric),
        "day": days.gather(reading),
        "date": dates.gather(reading),
        "group": pl.Series(cells.groups, dtype=pl.String).gather(cell),
        "district": pl.Series(cells.districts, dtype=pl.String).gather(cell),
        "value": pl.Series(np.concatenate([values.ravel() for *_, values in blocks])).fill_nan(None),
    }
    return pl.DataFrame(columns, schema=METRICS_SCHEMA)


# --- headline --------------------------------------------------------------------------------------


def headline(metrics: pl.DataFrame) -> dict[str, float | None]:
    """The figures that come first, at the last day; None where a scheme has no such thing."""
    last = metrics.filter((pl.col("day") == pl.col("day").max()) & (pl.col("district") == "all"))
    rows = dict(zip(zip(last["metric"], last["group"], strict=True), last["value"], strict=True))
    classes = [name for name in last["metric"].unique(maintain_order=True) if name.startswith("class_share.")]
    n_bins = sum(name.startswith("standing_bin.") for name, group in rows if group == "all")
    found: dict[str, float | None] = {}
    for key, (name, group) in registry.HEADLINES.items():
        if "<" in name:
            name = classes[0 if "<top>" in name else -1] if len(classes) > 1 else ""
        is_missing = name == "standing" and n_bins < 2
        found[key] = None if is_missing else rows.get((name, group))
    return found


# --- citizens --------------------------------------------------------------------------------------


def citizens_frame(city: City, numbers: np.ndarray) -> pl.DataFrame:
    """One row a citizen, by number: traits, account, standing, class, lists, perceptions, what ever happened."""
    numbers = np.asarray(numbers, np.int64)
    slots = city.layout.slots_of(numbers)
    state = {column.name: getattr(city.world, column.name)[slots] for column in c.STATE}
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
        loops.opaque(city.rules, city.world, slots, opaque)
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


def afar_frame(city: City) -> pl.DataFrame:
    """Neighbourhoods and days on which somebody there was named wrongly from afar: page, day."""
    page, day = np.nonzero(np.unpackbits(city.named_from_afar, axis=1, bitorder="little"))
    return pl.DataFrame({"page": page.astype(np.int32), "day": day.astype(np.int16)})


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
    rows = rows[np.isin(rows[:, 2], panels.slots_of(city.watch, why))]
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
