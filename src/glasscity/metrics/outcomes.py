"""Outcomes that need whole persons: what each did, what was put down to them, and what followed. From the panel alone.

Each function of the first two parts is one outcome: from what was seen of the panel (`Seen`) it makes columns with a value each
member. Most are a quotient: what counts above and below the line, summed over whichever group is asked for. Of the
others (a rank correlation, a Gini) a second function makes the figure. The docstring is the definition that users read. In a city no larger than the panel the figures are exact; else they are estimates, with a jackknife interval over
circles of friends (Quenouille 1956, Biometrika 43, https://doi.org/10.1093/biomet/43.3-4.353).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import polars as pl

WEEK, YEAR = 7, 52  # days, weeks
WAKING_HOURS = 16
HORIZONS = (13, 26, 52, 260)  # weeks after which the trap is looked at again
FEASIBLE = 260  # weeks: a way back that takes longer is none
FALSE_KINDS = ("wrong_person", "false_alarm", "false_report")
BLOCKS = 20  # of circles, for the jackknife


@dataclass(frozen=True)
class Facts:
    """What a scheme says that outcomes need."""

    points: Mapping[str, int] = field(default_factory=dict)  # conduct -> points of one record on the state's account
    lists: frozenset[str] = frozenset()  # conduct of which a record leads straight onto a list
    kinds: Mapping[str, str] = field(default_factory=dict)  # conduct -> violation, prosocial, expression, hardship
    lawful: frozenset[str] = frozenset()  # conduct that is lawful, whatever the scheme says of it
    channel_domains: Mapping[str, str] = field(default_factory=dict)
    wish_domains: Mapping[str, str] = field(default_factory=dict)
    expressive_wishes: frozenset[str] = frozenset()
    watching: tuple[tuple[float, bool, bool], ...] = ()  # per channel: coverage, whether times camera density, whether online only
    cameras: Mapping[str, float] = field(default_factory=dict)  # district -> camera density
    limit: int | None = None  # lowest standing without sanction
    has_reasons: bool = False


@dataclass(frozen=True)
class Seen:
    """What was seen of the panel.

    `members`: one row each (`people.citizens_frame`, and `circle`). `weeks`: day, citizen, own, false_points, association, class,
    black, court, listed_weeks, sanctioned, knows, one row a member and reading, by day and then as `members`.
    `events`: `people.EVENT_COLUMNS`.
    """

    members: pl.DataFrame
    weeks: pl.DataFrame
    events: pl.DataFrame
    facts: Facts

    @property
    def n(self) -> int:
        return len(self.members)

    @cached_property
    def place(self) -> dict[int, int]:
        """Citizen -> row of `members`."""
        return {citizen: k for k, citizen in enumerate(self.members["citizen"].to_list())}

    def column(self, name: str) -> np.ndarray:
        """A column of `members`."""
        return self.members[name].to_numpy()

    def course(self, name: str) -> np.ndarray:
        """A column of `weeks` as [readings, members]."""
        return self.weeks[name].to_numpy().reshape(-1, self.n)

    @cached_property
    def is_full_week(self) -> np.ndarray:
        """Which readings close a whole week: bool[readings]."""
        return (self.course("day")[:, 0] + 1) % WEEK == 0

    def total(self, events: pl.DataFrame, what: pl.Expr | None = None) -> np.ndarray:
        """Events a member, or the sum of an expression over them: float64[members]."""
        summed = events.group_by("citizen").agg((pl.len() if what is None else what.sum()).alias("total"))
        found = np.zeros(self.n)
        found[[self.place[citizen] for citizen in summed["citizen"].to_list()]] = summed["total"].to_numpy()
        return found

    @cached_property
    def acts(self) -> pl.DataFrame:
        """What members did, with the points that each act would have come to if it had been recorded rightly."""
        points = pl.col("what").replace_strict(self.facts.points, default=0, return_dtype=pl.Int32)
        kind = pl.col("what").replace_strict(self.facts.kinds, default=None, return_dtype=pl.String)
        return self.events.filter(phase="conduct").with_columns(worth=points, conduct_kind=kind)

    @cached_property
    def records(self) -> pl.DataFrame:
        """What was put on members' accounts and not struck out."""
        return self.events.filter(pl.col("phase") == "record", ~pl.col("kind").str.starts_with("struck_out"))

    @cached_property
    def charges(self) -> pl.DataFrame:
        """Of these, records of conduct that took points or led straight onto a list."""
        is_conduct = pl.col("kind").is_in(["right", *FALSE_KINDS])
        return self.records.filter(is_conduct, (pl.col("points") < 0) | pl.col("what").is_in(list(self.facts.lists)))

    @cached_property
    def refusals(self) -> pl.DataFrame:
        """Wishes refused to members."""
        return self.events.filter(phase="consequence", kind="refused")

    @cached_property
    def violations(self) -> np.ndarray:
        """True acts of each member that cost points or lead onto a list."""
        return self.total(self.acts.filter((pl.col("worth") < 0) | pl.col("what").is_in(list(self.facts.lists))))


Columns = tuple[np.ndarray, ...]  # float64[members] each


# --- quotients: what counts above and below the line, member by member ------------------------------


def exposure_hours(seen: Seen) -> Columns:
    """Hours a day under observation, the channels' hours added up: of 16 waking hours, the share that each watching channel covers.

    Watching are channels that scan, hang on camera density, or live in what people do online (for those who are).
    """
    return hours_of(seen), np.ones(seen.n)


def hours_a_correct_record(seen: Seen) -> Columns:
    """Hours of observation for each record that names the author of an act."""
    return hours_of(seen) * days_of(seen), seen.total(seen.records.filter(kind="right"))


def hours_a_false_record(seen: Seen) -> Columns:
    """Hours of observation for each record of what the person named did not do."""
    return hours_of(seen) * days_of(seen), seen.total(seen.records.filter(pl.col("kind").is_in(FALSE_KINDS)))


def points_through_others_share(seen: Seen) -> Columns:
    """Points that friends and the employer took, among these and all points taken by records."""
    friends = np.maximum(0, -seen.column("association").astype(float))
    employer = seen.total(seen.records.filter(kind="employer"), -pl.col("points"))
    own = seen.total(seen.charges, -pl.col("points").clip(upper_bound=0))
    return friends + employer, friends + employer + own


def notified_share(seen: Seen) -> Columns:
    """Of those on whom something was recorded to their cost, the share who were told of a record."""
    told = seen.total(seen.charges.filter(pl.col("followed").str.contains("notified"))) > 0
    return told * 1.0, (seen.total(seen.charges) > 0) * 1.0


def never_told_share(seen: Seen) -> Columns:
    """Of those on whom something was recorded to their cost, the share who by the end have not learned of it, not even by a refusal."""
    charged = seen.total(seen.charges) > 0
    return (charged & ~seen.column("knows")) * 1.0, charged * 1.0


def reason_coverage(seen: Seen) -> Columns:
    """Of those ever sanctioned, the share who were given a correct reason: what they were told of would have changed it.

    Counts who, while reasons are given, was told of records that led straight onto the list, or of points without which the first
    fall would not have happened.
    """
    first = first_falls(seen)
    sanctioned = seen.column("sanctioned")
    if not seen.facts.has_reasons or seen.facts.limit is None:
        return np.zeros(seen.n), sanctioned * 1.0
    told = seen.charges.filter(pl.col("followed").str.contains("notified"))
    onto = seen.total(told.filter(pl.col("what").is_in(list(seen.facts.lists)))) > 0
    before = told.join(first, on="citizen").filter(pl.col("day") <= pl.col("fell"))
    regained = seen.total(before, -pl.col("points"))
    standing = seen.total(first, pl.col("standing"))
    fell = seen.total(first) > 0
    return (sanctioned & (onto | fell & (standing + regained >= seen.facts.limit))) * 1.0, sanctioned * 1.0


def error_life(seen: Seen) -> Columns:
    """Mean time in weeks that a point lost to a false record stays lost: false points on the accounts, week by week, over those taken.

    Little's law (Little 1961, https://doi.org/10.1287/opre.9.3.383): the mean stock over the rate of arrival. Multiplied by ln 2
    it is the half-life of an error that goes at a steady rate. Nobody's errors end after the run does: a lower bound.
    """
    stock = np.maximum(0, -seen.course("false_points")[seen.is_full_week].astype(float)).sum(axis=0)
    return stock, lost_falsely(seen)


def error_left(seen: Seen) -> Columns:
    """Points lost to false records that are still lost at the end, among all points lost to them."""
    lost = lost_falsely(seen)
    return np.minimum(lost, np.maximum(0, -seen.course("false_points")[-1].astype(float))), lost


def context_transfer(seen: Seen) -> Columns:
    """Of refused wishes, the share whose ground lay in another area of life than the wish.

    Each refusal is shared out among the areas of life from which points had been taken by then, by their points; a
    record that led straight onto a list counts as the largest deduction. Without a record of the person's own, as under friends'
    weight, all of it comes from elsewhere.
    """
    domains = seen.facts.channel_domains
    heaviest = max((-p for p in seen.facts.points.values() if p < 0), default=1)
    weight = pl.when(pl.col("what").is_in(list(seen.facts.lists))).then(heaviest).otherwise(-pl.col("points").clip(upper_bound=0))
    grounds = seen.charges.select(
        "citizen", "day", weight=weight, origin=pl.col("channel").replace_strict(domains, default="", return_dtype=pl.String)
    )
    wished = pl.col("what").replace_strict(seen.facts.wish_domains, default="", return_dtype=pl.String)
    refused = seen.refusals.with_row_index("refusal").select("refusal", "citizen", refused=pl.col("day"), domain=wished)
    pairs = refused.join(grounds, on="citizen").filter(pl.col("day") <= pl.col("refused"))
    inside = pairs.group_by("refusal", "citizen").agg(
        share=(pl.col("weight") * (pl.col("origin") == pl.col("domain"))).sum() / pl.col("weight").sum().clip(lower_bound=1)
    )
    every = seen.total(seen.refusals)
    return every - seen.total(inside, pl.col("share")), every


def spillover_domains(seen: Seen) -> Columns:
    """Areas of life in which somebody sanctioned was refused something, a person sanctioned."""
    domain = pl.col("what").replace_strict(seen.facts.wish_domains, default="", return_dtype=pl.String)
    each = seen.refusals.with_columns(domain=domain).unique(["citizen", "domain"])
    sanctioned = seen.column("sanctioned")
    return seen.total(each) * sanctioned, sanctioned * 1.0


def spillover_children(seen: Seen) -> Columns:
    """Of those ever sanctioned, the share with a child under 15 in the household, who is hit for what a parent did or did not do."""
    sanctioned = seen.column("sanctioned")
    return (sanctioned & seen.column("parent")) * 1.0, sanctioned * 1.0


def trap(weeks: int) -> Callable[[Seen], Columns]:
    """The trap after so many weeks, as a function of what was seen."""

    def found(seen: Seen) -> Columns:
        held = seen.course("sanctioned")[seen.is_full_week]
        if len(held) <= weeks:
            return np.zeros(seen.n), np.zeros(seen.n)
        return (held[:-weeks] & held[weeks:]).sum(axis=0) * 1.0, held[:-weeks].sum(axis=0) * 1.0

    found.__doc__ = (
        f"Of those sanctioned in some week, the share who are sanctioned {weeks} weeks later, whatever happened in "
        "between; all weeks taken together. Undefined in a run that is too short."
    )
    return found


def no_way_back(seen: Seen) -> Columns:
    """Of those in a sanctioned class at the end, the share who would not reach its limit in five years at their pace of the last 26 weeks."""
    own = seen.course("own").astype(float)
    back = min(len(own) - 1, 26)
    pace = (own[-1] - own[-1 - back]) / max(1, back)
    limit = seen.facts.limit
    if limit is None:
        return np.zeros(seen.n), np.zeros(seen.n)
    short = limit - seen.column("standing").astype(float)
    return ((short > 0) & (pace * FEASIBLE < short)) * 1.0, (short > 0) * 1.0


def mobility(seen: Seen) -> Columns:
    """Share of citizens who are in another class at the end than half a year (26 weeks) before."""
    classes = seen.course("class_index")
    return (classes[-1] != classes[max(0, len(classes) - 27)]) * 1.0, np.ones(seen.n)


def expression_a_year(seen: Seen) -> Columns:
    """Acts of expression and posts a citizen and year."""
    return expressed(seen), np.full(seen.n, days_of(seen) / 365)


def expression_a_year_never_sanctioned(seen: Seen) -> Columns:
    """Acts of expression and posts a year of citizens who were never sanctioned: held against a world without the scheme it tells what
    the mere existence of sanctions silences."""
    never = ~seen.column("sanctioned")
    return expressed(seen) * never, never * (days_of(seen) / 365)


def unseen_prosocial_a_year(seen: Seen) -> Columns:
    """Acts for others that no channel recorded, a citizen and year: what is done without a reward in view."""
    done = seen.total(seen.acts.filter(conduct_kind="prosocial"))
    named = seen.events.filter(pl.col("phase") == "observe", pl.col("kind").is_in(["right", "wrong_person"]))
    kind = pl.col("what").replace_strict(seen.facts.kinds, default=None, return_dtype=pl.String)
    known = seen.total(named.with_columns(conduct_kind=kind).filter(conduct_kind="prosocial"))
    return done - known, np.full(seen.n, days_of(seen) / 365)


# --- figures of a whole group: the columns that they are made from ----------------------------------


def exposure_gini(seen: Seen) -> Columns:
    """Gini coefficient of the hours under observation: 0 if all are watched alike, towards 1 if few bear it all."""
    return (hours_of(seen),)


def reward_gini(seen: Seen) -> Columns:
    """Gini coefficient of wishes granted with advantage: how few have what the scheme gives."""
    return (seen.total(seen.events.filter(phase="consequence", kind="advantage")),)


def goodhart_gap(seen: Seen) -> Columns:
    """1 less the rank correlation (Spearman 1904, https://doi.org/10.2307/1412159) of standing and true conduct, the points that one's
    acts would have earned had each been recorded rightly: 0 if the score ranks people by what they did, 1 if it tells nothing."""
    return seen.column("standing").astype(float), seen.total(seen.acts, pl.col("worth"))


def proportionality_inversions(seen: Seen) -> Columns:
    """Of all pairs of citizens of whom one truly did worse, the share in which that one was sanctioned for fewer weeks."""
    gravity = seen.total(seen.acts, -pl.col("worth").clip(upper_bound=0))
    return gravity, seen.course("sanctioned")[seen.is_full_week].sum(axis=0, dtype=float)


def notice_delay(seen: Seen) -> Columns:
    """Median days from the first record to one's cost to learning of any, by notice or by being refused, among those who learned."""
    first = seen.charges.group_by("citizen").agg(charged=pl.col("day").min())
    notice = seen.charges.filter(pl.col("followed").str.contains("notified")).select("citizen", "day")
    learned = pl.concat([notice, seen.refusals.select("citizen", "day")]).group_by("citizen").agg(learned=pl.col("day").min())
    delays = first.join(learned, on="citizen").with_columns(delay=(pl.col("learned") - pl.col("charged")).clip(lower_bound=0))
    found = np.full(seen.n, np.nan)
    found[[seen.place[citizen] for citizen in delays["citizen"].to_list()]] = delays["delay"].to_numpy()
    return (found,)


def assortativity(seen: Seen) -> Columns:
    """Correlation of the standing of friends over all ties (Newman 2003, https://doi.org/10.1103/PhysRevE.67.026126)."""
    return seen.column("standing").astype(float), seen.column("circle")


def residual_disparity(seen: Seen) -> Columns:
    """Share of the minority sanctioned over that of the majority at equal true conduct: standardised on how often people truly violated
    (0, 1, 2, 3-5, 6 and more times; direct standardisation to all citizens)."""
    return np.digitize(seen.violations, [1, 2, 3, 6]), seen.column("minority"), seen.column("sanctioned")


# --- what they are made of -------------------------------------------------------------------------


def hours_of(seen: Seen) -> np.ndarray:
    """Channel-hours a day under observation, a member."""
    density = seen.members["district"].cast(pl.String).replace_strict(seen.facts.cameras, default=1.0, return_dtype=pl.Float64).to_numpy()
    is_online, hours = seen.column("online") > 0, np.zeros(seen.n)
    for coverage, by_cameras, online_only in seen.facts.watching:
        hours += WAKING_HOURS * coverage * (density if by_cameras else 1.0) * (is_online if online_only else 1.0)
    return hours


def days_of(seen: Seen) -> float:
    """Days lived."""
    return float(seen.course("day")[-1, 0] + 1)


def expressed(seen: Seen) -> np.ndarray:
    """Acts of expression and posts, a member."""
    return seen.total(seen.acts.filter(conduct_kind="expression")) + seen.total(posts(seen))


def posts(seen: Seen) -> pl.DataFrame:
    """Wishes asked that are expression, however they were answered."""
    return seen.events.filter(pl.col("phase") == "consequence", pl.col("what").is_in(list(seen.facts.expressive_wishes)))


def lost_falsely(seen: Seen) -> np.ndarray:
    """Points that false records took, a member."""
    return seen.total(seen.charges.filter(pl.col("kind").is_in(FALSE_KINDS)), -pl.col("points").clip(upper_bound=0))


def first_falls(seen: Seen) -> pl.DataFrame:
    """The first time each member fell below the limit: citizen, fell (day), standing."""
    falls = seen.events.filter(pl.col("phase") == "stand", pl.col("points") < (seen.facts.limit or 0))
    return falls.group_by("citizen", maintain_order=True).agg(fell=pl.col("day").first(), standing=pl.col("points").first())


def quotient(above: np.ndarray, below: np.ndarray) -> float:
    """Sum above over sum below; NaN where there is nothing below."""
    return float(above.sum() / below.sum()) if below.sum() > 0 else np.nan


def gini(values: np.ndarray) -> float:
    """Gini coefficient of values that are not negative; NaN if there are none or all are 0."""
    n, total = len(values), float(values.sum())
    if n == 0 or total <= 0:
        return np.nan
    return float(2 * (np.arange(1, n + 1) * np.sort(values)).sum() / (n * total) - (n + 1) / n)


def median(values: np.ndarray) -> float:
    """Median of the values that there are; NaN if there are none."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else np.nan


def rank_gap(one: np.ndarray, other: np.ndarray) -> float:
    """1 less the rank correlation."""
    return 1 - pearson(ranks(one), ranks(other))


def tie_correlation(own: np.ndarray, circle: np.ndarray) -> float:
    """Correlation over the ties of circles in which everybody is tied to all others; NaN if there is no tie or no spread."""
    _, circle, size = np.unique(circle, return_inverse=True, return_counts=True)
    ties = (size - 1.0)[circle]
    if ties.sum() == 0:
        return np.nan
    off = own - (ties * own).sum() / ties.sum()
    of_friends = np.bincount(circle, off)[circle] - off
    spread = (ties * off**2).sum()
    return float((off * of_friends).sum() / spread) if spread else np.nan


def standardised_ratio(stratum: np.ndarray, minority: np.ndarray, struck: np.ndarray) -> float:
    """Risk of the minority over that of the majority, both as if they had everybody's strata; NaN if nobody of the majority is struck.

    Strata that hold only one of the two are left out.
    """
    above = below = 0.0
    for k in np.unique(stratum):
        ours, theirs = (stratum == k) & minority, (stratum == k) & ~minority
        if ours.any() and theirs.any():
            n = np.count_nonzero(stratum == k)
            above, below = above + n * struck[ours].mean(), below + n * struck[theirs].mean()
    return float(above / below) if below else np.nan


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, those alike sharing the mean of theirs."""
    _, place, n = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(n) - (n - 1) / 2)[place]


def pearson(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two columns; NaN if either is constant."""
    one, other = one - one.mean(), other - other.mean()
    spread = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / spread) if spread else np.nan


def inversions(gravity: np.ndarray, loss: np.ndarray) -> float:
    """Share of pairs of unequal gravity in which the graver lost less; NaN if there is no such pair."""
    rows, row = np.unique(gravity, return_inverse=True)
    columns, column = np.unique(loss, return_inverse=True)
    counts = np.zeros((len(rows), len(columns)))
    np.add.at(counts, (row, column), 1)
    by_gravity = counts.sum(axis=1)
    pairs = (by_gravity * (by_gravity.sum() - np.cumsum(by_gravity))).sum()
    if pairs == 0:
        return np.nan
    graver = counts[::-1].cumsum(axis=0)[::-1]  # at least so grave, by loss
    graver = np.concatenate([graver[1:], np.zeros((1, len(columns)))])
    less = np.concatenate([np.zeros((len(rows), 1)), graver.cumsum(axis=1)[:, :-1]], axis=1)  # graver, and lost less
    return float((counts * less).sum() / pairs)


# --- the list --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """One outcome: label, unit, formula, whether more is worse, METRICS number or question, its columns and what is made of them."""

    label: str
    unit: str
    formula: str
    is_worse: bool | None
    source: str
    columns: Callable[[Seen], Columns]
    of: Callable[..., float] = quotient

    @property
    def definition(self) -> str:
        """The docstring of `columns` as one line."""
        return " ".join((self.columns.__doc__ or "").split())


OUTCOMES: dict[str, Outcome] = {
    "residual_disparity": Outcome("Disparity at equal conduct", "ratio", "sum_k n_k * P(sanctioned | minority, k) / sum_k n_k * P(sanctioned | majority, k)", None, "7", residual_disparity, standardised_ratio),
    "exposure_hours": Outcome("Hours under observation", "channel-hours a day", "16 * sum over watching channels of coverage (* camera density)", True, "8", exposure_hours),
    "exposure_gini": Outcome("Inequality of observation", "Gini", "Gini(exposure_hours)", True, "8", exposure_gini, gini),
    "points_through_others_share": Outcome("Points lost through others", "share of points lost", "(friends + employer) / (friends + employer + records)", True, "10", points_through_others_share),
    "assortativity": Outcome("Like stands by like", "correlation", "corr(standing_i, standing_j) over ties", None, "13", assortativity, tie_correlation),
    "expression_a_year": Outcome("Expression", "acts a citizen and year", "(acts of expression + posts) / citizen-years", False, "14", expression_a_year),
    "expression_a_year_never_sanctioned": Outcome("Expression of the never sanctioned", "acts a citizen and year", "the same over those never sanctioned", False, "14", expression_a_year_never_sanctioned),
    "unseen_prosocial_a_year": Outcome("Unseen acts for others", "acts a citizen and year", "(acts for others - those that put down a name) / citizen-years", False, "16", unseen_prosocial_a_year),
    "goodhart_gap": Outcome("Goodhart gap", "1 - rank correlation", "1 - Spearman(standing, sum of points of own acts)", True, "17", goodhart_gap, rank_gap),
    "notified_share": Outcome("Told of a record", "share of those charged", "told of a record / recorded to their cost", False, "18", notified_share),
    "never_told_share": Outcome("Never learned of it", "share of those charged", "neither told nor refused / recorded to their cost", True, "18", never_told_share),
    "notice_delay": Outcome("Delay of notice", "days", "median(day learned - day of first record)", True, "18", notice_delay, median),
    "reason_coverage": Outcome("Correct reason given", "share of those sanctioned", "given a correct reason / ever sanctioned", False, "19", reason_coverage),
    "error_life": Outcome("Life of an error", "weeks", "sum over weeks of false points on accounts / points lost falsely", True, "21", error_life),
    "error_left": Outcome("Error left at the end", "share of points lost falsely", "false points at the end / points lost falsely", True, "21", error_left),
    "proportionality_inversions": Outcome("Proportion inverted", "share of pairs", "pairs in which the graver was sanctioned for fewer weeks / pairs of unequal gravity", True, "22", proportionality_inversions, inversions),
    "context_transfer": Outcome("Detriment out of context", "share of refusals", "refusals * share of ground from other areas of life / refusals", True, "23", context_transfer),
    "spillover_domains": Outcome("Areas of life hit", "areas a person sanctioned", "areas of life with a refusal / ever sanctioned", True, "24", spillover_domains),
    "spillover_children": Outcome("Sanctioned with a child", "share of those sanctioned", "parents ever sanctioned / ever sanctioned", True, "24", spillover_children),
    **{f"trap.{weeks}": Outcome(f"Still sanctioned after {weeks} weeks", "share of person-weeks", f"sanctioned at t and t + {weeks} / sanctioned at t", True, "25", trap(weeks)) for weeks in HORIZONS},
    "no_way_back": Outcome("No way back", "share of those below the limit", "260 weeks at own pace do not reach the limit / below the limit", True, "25", no_way_back),
    "mobility": Outcome("Changed class in half a year", "share of citizens", "class at the end is not that of 26 weeks before / citizens", None, "mobility", mobility),
    "hours_a_correct_record": Outcome("Observation for a correct record", "hours a record", "hours / records that name the author", None, "cost", hours_a_correct_record),
    "hours_a_false_record": Outcome("Observation for a false record", "hours a record", "hours / false records", None, "cost", hours_a_false_record),
    "reward_gini": Outcome("Concentration of rewards", "Gini", "Gini(wishes granted with advantage)", None, "rewards", reward_gini, gini),
}  # fmt: skip


# --- figures of cells, and their intervals ---------------------------------------------------------


def values(seen: Seen, cells: np.ndarray, smallest: int) -> dict[str, np.ndarray]:
    """Every outcome of every cell, float64[cells]; NaN where it is undefined, and in cells of fewer members than `smallest`.

    cells: bool[cells, members].
    """
    is_told = cells.sum(axis=1) >= smallest
    found = {}
    for name, outcome in OUTCOMES.items():
        columns = outcome.columns(seen)
        figures = [outcome.of(*(column[cell] for column in columns)) if told else np.nan for cell, told in zip(cells, is_told, strict=True)]
        found[name] = np.array(figures)
    return found


def half_widths(seen: Seen, cells: np.ndarray, smallest: int) -> dict[str, np.ndarray]:
    """Half-widths of the 95 % intervals of the same, by delete-one jackknife over blocks of circles; 2.093 is t(0.975, 19)."""
    _, circle = np.unique(seen.column("circle"), return_inverse=True)
    block, is_told = circle % BLOCKS, cells.sum(axis=1) >= smallest
    found = {}
    for name, outcome in OUTCOMES.items():
        without = quotients_without if outcome.of is quotient else partial(figures_without, outcome.of)
        columns = outcome.columns(seen)
        found[name] = np.array([
            jackknife(without([column[cell] for column in columns], block[cell])) if told else np.nan
            for cell, told in zip(cells, is_told, strict=True)
        ])  # fmt: skip
    return found


def figures_without(figure: Callable[..., float], columns: Sequence[np.ndarray], block: np.ndarray) -> np.ndarray:
    """A figure with each block left out in turn."""
    return np.array([figure(*(column[block != b] for column in columns)) for b in range(BLOCKS)])


def quotients_without(columns: Sequence[np.ndarray], block: np.ndarray) -> np.ndarray:
    """The same of a quotient, from the sums of the blocks; those left out count as 0, so that nothing is left of nothing."""
    parts = [np.bincount(block, column, BLOCKS) for column in columns]
    above, below = (np.where(np.eye(BLOCKS, dtype=bool), 0, part).sum(axis=1) for part in parts)
    return np.divide(above, below, out=np.full(BLOCKS, np.nan), where=below > 0)


def jackknife(without: np.ndarray) -> float:
    """Half-width of a 95 % interval from the figures with each block left out in turn."""
    n = len(without)
    return float(2.093 * np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
