"""Tallies of a city as tidy Polars frames. Definitions: `registry`."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from glasscity import columns as c
from glasscity.engine.city import City
from glasscity.metrics import panel, registry
from glasscity.metrics.cells import Block, Cells, block, over_cells
from glasscity.metrics.people import scoring_on
from glasscity.metrics.registry import MEANS, RATIOS, REFERENCES, RISKS, WISH_FLOWS
from glasscity.rules.model import SECTORS, Behaviour, Channel, PrivateScore

METRICS_SCHEMA = {
    "metric": pl.String, "day": pl.Int32, "date": pl.Date, "group": pl.String, "district": pl.String, "value": pl.Float64,
}  # fmt: skip


# --- the frame of metrics --------------------------------------------------------------------------



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
        *panel.block(city, cells),
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
