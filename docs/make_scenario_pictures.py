"""Makes the pictures of the scenarios' pages, docs/images/scenarios/*.svg, each from a run of its own.

python docs/make_scenario_pictures.py            all of them, some minutes
python docs/make_scenario_pictures.py village    this one

Pictures are small, of fixed size, on paper of their own, so that they read alike on white and on dark pages. Their texts for
those who cannot see them are printed into the pages by docs/make_scenarios.py.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from glasscity.jobs import Run

PICTURES = Path(__file__).parent / "images" / "scenarios"
WIDTH, HEIGHT = 660, 320  # of a picture with lines; of bars the height follows the rows
SURVEY = 28  # days between two countings of accounts, private scores and opinions


@dataclass(frozen=True)
class Of:
    """A metric, of a group or from another scenario's run if these are named."""

    metric: str
    group: str = "all"
    scenario: str = ""


@dataclass(frozen=True)
class Lines:
    """Metrics over time, a line each by its label; only readings at the end of full weeks, or of every so many days."""

    title: str
    unit: str
    alt: str
    series: dict[str, Of]
    below: str = "citizens"
    times: float = 100
    marks: dict[str, date] = field(default_factory=dict)  # what begins on a day
    every: int = 7
    marks_at: float = 0.15  # how far down their texts stand

    def frame(self, runs: dict[str, Run], name: str) -> pl.DataFrame:
        """key, x, y"""
        import polars as pl

        frames = []
        for label, of in self.series.items():
            long = cells(runs[of.scenario or name], of.group, "all")
            long = long.filter(pl.col("metric").is_in([of.metric, self.below]), (pl.col("day") + 1) % self.every == 0)
            wide = long.pivot("metric", index="date", values="value").sort("date")
            share = pl.col(of.metric) / pl.col(self.below) * self.times
            frames.append(wide.select(pl.lit(label).alias("key"), x=pl.col("date").cast(pl.String), y=share).drop_nulls("y"))
        return pl.concat(frames)


@dataclass(frozen=True)
class Bars:
    """Amounts side by side: `rows` reads (label, series, value) from the run."""

    title: str
    unit: str
    alt: str
    rows: Callable[[Run], list[tuple[str, str, float]]]
    row_height: int = 24

    def frame(self, runs: dict[str, Run], name: str) -> pl.DataFrame:
        """key, x, y"""
        import polars as pl

        return pl.DataFrame(self.rows(runs[name]), schema=["x", "key", "y"], orient="row")


def cells(run: Run, group: str, district: str) -> pl.DataFrame:
    """A run's metrics of one group and district."""
    import polars as pl

    return run.metrics.filter((pl.col("group") == group) & (pl.col("district") == district))


def total(run: Run, metric: str, group: str = "all", district: str = "all") -> float:
    """A flow's sum over the run; of anything else the last value."""
    import polars as pl

    from glasscity.metrics.registry import about

    values = cells(run, group, district).filter(pl.col("metric") == metric).sort("day")["value"]
    return float(values.sum() if about(metric).kind == "flow" else values[-1] or 0)


def by_district(metrics: dict[str, str], times: float) -> Callable[[Run], list[tuple[str, str, float]]]:
    """Values of each district: metric -> series."""

    def rows(run: Run) -> list[tuple[str, str, float]]:
        from glasscity.rules.resolve import resolve

        districts = resolve(run.info["scenario"]).population.districts
        return [
            (district.name.en, label, times * total(run, metric, district=key) / total(run, "citizens", district=key))
            for key, district in districts.items()
            for metric, label in metrics.items()
        ]

    return rows


def amounts(metrics: dict[str, str], below: str, times: float, series: str = "") -> Callable[[Run], list[tuple[str, str, float]]]:
    """Values of several metrics: metric -> label."""
    return lambda run: [(label, series, times * total(run, metric) / total(run, below)) for metric, label in metrics.items()]


def of_channels(keys: dict[str, str]) -> Callable[[Run], list[tuple[str, str, float]]]:
    """Per 1,000 citizens, records of channels that name the author and that name somebody else."""

    def rows(run: Run) -> list[tuple[str, str, float]]:
        found = []
        for key, label in keys.items():
            kinds = {"right": "names the author", "wrong_person": "names somebody else", "false_report": "made up"}
            for kind, told in kinds.items():
                found.append((label, told, 1000 * total(run, f"records.{key}.{kind}") / total(run, "citizens")))
        return found

    return rows


ALL: dict[str, Lines | Bars] = {
    "beijing-2020": Lines(
        "On lists, and what follows", "per 1,000 citizens",
        "Line chart over 2021: citizens on the court list, on the black list, on the red list of the exemplary and shunned by "
        "friends, per 1,000; all four rise through the year.",
        {"court list": Of("court"), "black list": Of("black"), "red list": Of("red"), "shunned": Of("shunned")}, times=1000,
    ),
    "china": Bars(
        "Ever named for what somebody else did", "per 1,000 citizens, by province",
        "Bar chart by province: citizens ever named for what they did not do, per 1,000; most where cameras are assumed to be "
        "dense and minorities many, above all in Xinjiang and Tibet.",
        by_district({"ever.misnamed": ""}, 1000), row_height=13,
    ),
    "rongcheng": Bars(
        "Classes after a year", "percent of citizens",
        "Bar chart: nine in ten citizens are in class A, a few in AA and B, next to none in AAA, C and D.",
        amounts({f"class.{k}": k for k in ("AAA", "AA", "A", "B", "C", "D")}, "citizens", 100),
    ),
    "court-list": Bars(
        "Wishes refused in the year", "per 100,000 citizens",
        "Bar chart of wishes refused to those on the list: fast trains, loans and flights make up nearly all; property, school places "
        "and posts are few.",
        amounts({
            "refused.flight": "flight", "refused.fast_train": "fast train", "refused.loan": "loan",
            "refused.property": "property", "refused.school_place": "school place", "refused.job": "job",
        }, "citizens", 100_000),
    ),
    "court-list-2013": Lines(
        "On the court list, 2013 to 2019", "per 1,000 citizens",
        "Line chart: the share of citizens on the court list grows from nought in 2013, fast in 2015 and 2016, and then stays near four "
        "in a thousand.",
        {"on the list": Of("court")}, times=1000,
    ),
    "study-app": Lines(
        "Gifts and pillory in the study app", "per 1,000 members, every four weeks",
        "Line chart over 2019: of 1,000 members those who earn a gift within four weeks rise from about 85 to 120, and those who are "
        "pilloried fall from about 135 to 85, as fear of the pillory opens the app more often.",
        {"gifts": Of("gifts", "party"), "pilloried": Of("pilloried", "party")}, times=1000, every=SURVEY,
    ),
    "sesame": Lines(
        "Bands of the private score", "percent of users; the rest are in the band good, where all begin",
        "Line chart over two years: users in the band very good rise to nearly a fifth, those in fair to a twentieth, those in "
        "excellent and low to about a hundredth or less.",
        {k: Of(f"band.{k}") for k in ("very good", "fair", "excellent", "low")}, below="users", every=SURVEY,
        marks={"joined to the state": date(2019, 1, 1)},
    ),
    "corporate": Bars(
        "What a low score costs firms in a year", "per 1,000 firms",
        "Bar chart per 1,000 firms: fines are most frequent, then the list of unreliable firms and higher taxes; dear credit, lost "
        "tenders and closed markets are rarer.",
        amounts({
            "firm_struck.fine": "fined", "firm_struck.tax": "taxed higher", "firms_listed": "licence suspended",
            "firm_struck.credit": "worse credit", "firm_struck.tender": "no tender", "firm_struck.market": "market closed",
        }, "firms", 1000),
    ),
    "village": Bars(
        "Twelve villages, twelve heads", "percent of villagers",
        "Bar chart by village: the share with a portrait in the window and the share that ever counted as dishonest; both differ "
        "manifold between villages with the same rules.",
        by_district({"red": "in the window", "ever.sanctioned": "ever dishonest"}, 100), row_height=26,
    ),
    "suining-2010": Bars(
        "Who is named, and by whom", "records per 1,000 citizens in a year",
        "Bar chart by channel: informers, cadres and files; of what informers report a large part names somebody else or is made up.",
        of_channels({"informers": "informers", "village_register": "cadres' register", "police_records": "police"}), row_height=42,
    ),
    "europe": Lines(
        "Fallen out of the best band, as more is joined to the credit score", "percent of those scored who are in the second band",
        "Line chart over 2021: the share in the second band of the credit score grows slowly, faster once location is joined to the "
        "score in April and faster again with medical files in July; among the poorest fifth it grows most, among the richest least.",
        {"poorest fifth": Of("band.good", "income_1"), "all": Of("band.good"), "richest fifth": Of("band.good", "income_5")},
        below="users", every=SURVEY, marks={"location": date(2021, 4, 1), "medical files": date(2021, 7, 1)},
    ),
    "no-scoring": Lines(
        "What is said, with and without the scheme", "acts of expression a week per 1,000 citizens",
        "Line chart over 2021: in the world without scoring acts of expression stay level, in the same city under the scheme they are "
        "fewer from the start and keep falling.",
        {"nobody scored": Of("acts.expression"), "beijing-2020": Of("acts.expression", scenario="beijing-2020")}, times=1000,
    ),
    "rollout": Lines(
        "From volunteers to everybody", "percent of citizens",
        "Line chart from 2014 to 2020: the share with an account stays near two percent until 2020 and is then all; private approval "
        "stays near a half while stated approval jumps to nearly all once everybody is in.",
        {"has an account": Of("enrolled"), "approves in private": Of("approving"), "says that it approves": Of("saying")}, every=SURVEY,
        marks={"more pilots": date(2017, 1, 1), "compulsory": date(2020, 1, 1)}, marks_at=0.5,
    ),
    "watchlist-cardiff": Bars(
        "Alerts at a football final", "per 10,000 visitors",
        "Bar chart: of about 145 alerts per 10,000 visitors nine in ten name somebody who is not on the list.",
        amounts({"records.list_camera.false_alarm": "not on the list", "records.list_camera.right": "on the list"}, "citizens", 10_000),
        row_height=40,
    ),
    "watchlist-london": Bars(
        "Alerts in a shopping street", "per 10,000 passers-by",
        "Bar chart: of about 140 alerts per 10,000 passers-by all but one in thirty-six name somebody who is not on the list.",
        amounts({"records.list_camera.false_alarm": "not on the list", "records.list_camera.right": "on the list"}, "citizens", 10_000),
        row_height=40,
    ),
    "crossing-shenzhen": Lines(
        "Shown on the screens", "people a week per 1,000 users of the crossing",
        "Line chart over ten months: about eight of 1,000 users of the crossing are shown each week, from the first month to the last.",
        {"shown": Of("shamed")}, times=1000,
    ),
    "credit-files": Lines(
        "Errors in credit files", "percent of consumers",
        "Line chart over seven years: the share whose score is wrong through somebody else's payments rises to 13 percent, the share "
        "whose loan costs more because of it to about one percent.",
        {"wrong score": Of("ever.misnamed"), "wrong tier": Of("wrongly_now")},
    ),
}  # fmt: skip


def spec(picture: Lines | Bars, frame: pl.DataFrame) -> dict[str, Any]:
    """A picture as a Vega-Lite specification."""
    from glasscity.report.specs import BLUE, GREEN, LOOK, ORANGE, PAPER, VERMILION

    keys = frame["key"].unique(maintain_order=True).to_list()
    colour = {
        "field": "key", "type": "nominal", "sort": keys, "legend": None if len(keys) == 1 else {},
        "scale": {"domain": keys, "range": [BLUE, VERMILION, GREEN, ORANGE][: len(keys)]},
    }  # fmt: skip
    layers = lines(picture, colour, frame) if isinstance(picture, Lines) else [bars(picture, colour, frame)]
    height = HEIGHT if isinstance(picture, Lines) else 110 + picture.row_height * frame["x"].n_unique()
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {"text": picture.title, "subtitle": picture.unit},
        "width": WIDTH, "height": height, "autosize": {"type": "fit", "contains": "padding"}, "data": {"values": frame.to_dicts()}, "layer": layers,
        "config": LOOK | {"background": PAPER, "padding": 14},
    }  # fmt: skip


def time_axis(frame: pl.DataFrame) -> dict[str, Any]:
    """Months, months with their year, or years, by the length of the run."""
    first, last = (date.fromisoformat(str(day)) for day in (frame["x"].min(), frame["x"].max()))
    if (last - first).days > 1000:
        return {"format": "%Y", "tickCount": "year"}
    return {"format": "%b %Y", "tickCount": 6} if (last - first).days > 400 else {}


def lines(picture: Lines, colour: dict[str, Any], frame: pl.DataFrame) -> list[dict[str, Any]]:
    """A line for each series, and a rule where something begins."""
    from glasscity.report.specs import GREY

    drawn: list[dict[str, Any]] = [{
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "x": {"field": "x", "type": "temporal", "title": None, "axis": time_axis(frame)},
            "y": {"field": "y", "type": "quantitative", "title": None, "scale": {"zero": True}},
            "color": colour, "strokeDash": colour | {"scale": {"domain": colour["scale"]["domain"], "range": [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3]]}},
        },
    }]  # fmt: skip
    if picture.marks:
        days = [{"x": day.isoformat(), "what": what} for what, day in picture.marks.items()]
        at = {"x": {"field": "x", "type": "temporal"}}
        text = {"type": "text", "align": "left", "dx": 4, "y": picture.marks_at * HEIGHT, "color": GREY, "fontSize": 12}
        drawn += [
            {"data": {"values": days}, "mark": {"type": "rule", "color": GREY, "strokeDash": [3, 3]}, "encoding": at},
            {"data": {"values": days}, "mark": text, "encoding": at | {"text": {"field": "what"}}},
        ]
    return drawn


def bars(picture: Bars, colour: dict[str, Any], frame: pl.DataFrame) -> dict[str, Any]:
    """A bar for each row, side by side where there are several series."""
    rows = frame["x"].unique(maintain_order=True).to_list()
    axis = {"labelFontSize": 10 if picture.row_height < 16 else 12, "labelOverlap": False}
    several = len(colour["scale"]["domain"]) > 1
    return {
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "x", "type": "nominal", "sort": rows, "title": None, "axis": axis},
            "x": {"field": "y", "type": "quantitative", "title": None},
            "color": colour, **({"yOffset": {"field": "key", "sort": colour["sort"]}} if several else {}),
        },
    }  # fmt: skip


def worlds(names: list[str]) -> set[str]:
    """The scenarios that have to be run for some pictures."""
    others = {of.scenario for name in names for of in getattr(ALL[name], "series", {}).values()} - {""}
    return others | set(names)


def main(names: list[str]) -> None:
    import altair as alt

    import glasscity.jobs

    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        runs = {}
        for name in sorted(worlds(names)):
            print(f"living {name}")
            runs[name] = glasscity.jobs.run(name, out=Path(folder) / name, report=False)
        for name in names:
            picture = ALL[name]
            alt.Chart.from_dict(spec(picture, picture.frame(runs, name))).save(PICTURES / f"{name}.svg")


if __name__ == "__main__":
    main(sys.argv[1:] or list(ALL))
