"""Every outcome metric: its name, unit, kind, definition and formula. Tables, Parquet and report take them from here.

A name with `<...>` stands for a family: `records.<channel>.<kind>` is one metric for each channel of the
rulebook and each kind of record. `about(name)` finds the entry of any metric of a table.

Kinds:

- flow: a count in the period since the previous reading (a week; the last period may be shorter);
- stock: a count of citizens as things stand at the end of the day;
- mean: a mean over citizens as things stand at the end of the day;
- total: a count since the start of the run, told on the last day only;
- ratio: since the start of the run, or of stocks. Undefined (null) where it would divide by nought;
- paired: of two worlds with the same citizens and draws, in a comparison alone (`PAIRED`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from glasscity import columns as c
from glasscity.metrics import paired
from glasscity.metrics.outcomes import OUTCOMES

Kind = Literal["flow", "stock", "mean", "total", "ratio", "paired"]


@dataclass(frozen=True)
class Metric:
    """One outcome metric. `is_worse` tells whether more of it is harm (None: neither)."""

    name: str
    label: str
    unit: str
    kind: Kind
    definition: str
    formula: str
    is_worse: bool | None
    source: str = "model"


@dataclass(frozen=True)
class Ratio:
    """A quotient of sums of metrics: what is counted above and below the line."""

    above: tuple[str, ...]
    below: tuple[str, ...]
    times: float = 1

    @property
    def formula(self) -> str:
        parts = [" + ".join(names) for names in (self.above, self.below)]
        above, below = (f"({part})" if " + " in part else part for part in parts)
        return f"{above} / {below}" if self.times == 1 else f"{self.times:g} * {above} / {below}"


SMALLEST_CELL = 100  # rates and means of fewer citizens are not told


# --- groups ----------------------------------------------------------------------------------------

# what is said of the citizens of a group; a group is any of the N_GROUPS cells of traits & 31
GROUPS: dict[str, str] = {
    "all": "all citizens",
    "minority": "members of the minority",
    "majority": "everybody else than the minority",
    "party": "members of the party",
    "no_party": "everybody else than the party's members",
    "income_1": "lowest income fifth",
    "income_2": "second income fifth",
    "income_3": "middle income fifth",
    "income_4": "fourth income fifth",
    "income_5": "highest income fifth",
    **{f"minority_income_{k}": f"members of the minority in income fifth {k}" for k in range(1, 6)},
    **{f"majority_income_{k}": f"everybody else in income fifth {k}" for k in range(1, 6)},
}
REFERENCES = {  # group -> held against
    "minority": "majority", "party": "no_party", "income_1": "income_5",
    **{f"minority_income_{k}": f"majority_income_{k}" for k in range(1, 6)},
}  # fmt: skip
WISH_FLOWS = ("asked", "refused", "refused_innocent", "refused_wrongly", "advantage")

# --- counts ----------------------------------------------------------------------------------------

# tally, name, label, unit, definition, whether more is worse, METRICS number or question
FLOWS: tuple[tuple[int, str, str, str, str, bool | None, str], ...] = (
    (c.F_VIOLATIONS, "acts.violation", "Violations", "acts", "Acts that break a rule of conduct, seen or not.", None, ""),
    (c.F_PROSOCIAL, "acts.prosocial", "Acts for others", "acts", "Acts that help others or please the authorities, seen or not.", None, "16"),
    (c.F_EXPRESSION, "acts.expression", "Acts of expression", "acts", "Acts of lawful or unlawful expression, in words, meetings or contacts.", None, "14"),
    (c.F_CHILLED, "chilled.acts", "Expression withheld", "acts", "Acts of expression that would have taken place with expression at its full level, and did not.", True, "14"),
    (c.F_CHILLED_POSTS, "chilled.posts", "Posts withheld", "wishes", "Wishes to publish that would have been made with expression at its full level, and were not.", True, "14"),
    (c.F_WENT_FREE, "went_free", "Went free", "acts", "Acts put down to somebody else, counted with the author.", None, "4"),
    (c.F_POINTS_LOST, "points_lost", "Points lost", "points", "Points taken by records.", True, ""),
    (c.F_POINTS_LOST_FALSELY, "points_lost_falsely", "Points lost to false records", "points", "Points taken by records of what the person named did not do.", True, "4"),
    (c.F_POINTS_GAINED, "points_gained", "Points gained", "points", "Points added by records and rewards.", None, ""),
    (c.F_STRUCK_FALSE, "struck_out.false", "False entries struck out", "records", "False entries that a review struck out before they took effect.", False, "20"),
    (c.F_STRUCK_TRUE, "struck_out.true", "Correct entries struck out", "records", "Correct entries that a review struck out before they took effect.", None, "20"),
    (c.F_SHAMED, "shamed", "Shamed in public", "records", "Records that put the person named on a public screen.", True, ""),
    (c.F_SHAMED_WRONGLY, "shamed_wrongly", "Shamed wrongly", "records", "Records of what the person named did not do that put that person on a public screen.", True, "1"),
    (c.F_FINED, "fined", "Fined on the spot", "records", "Records that fined the person named at once.", True, ""),
    (c.F_FINED_WRONGLY, "fined_wrongly", "Fined wrongly", "records", "Records of what the person named did not do that fined that person at once.", True, "1"),
    (c.F_NOTIFIED, "notified", "Notified", "records", "Records of which the person named was told.", False, "18"),
    (c.F_APPEALS, "appeals", "Appeals", "appeals", "Appeals filed.", None, "20"),
    (c.F_RESTORED_FALSE, "restored.false", "False entries restored", "records", "False entries taken back after an appeal.", False, "20"),
    (c.F_RESTORED_TRUE, "restored.true", "Correct entries restored", "records", "Correct entries taken back after an appeal.", None, "20"),
    (c.F_STRAIGHT_LISTED, "straight_listed", "Put straight on a list", "records", "Records that led straight onto the black or the court list.", True, "1"),
    (c.F_STRAIGHT_LISTED_WRONGLY, "straight_listed_wrongly", "Put straight on a list wrongly", "records", "Records of what the person named did not do that led straight onto the black or the court list.", True, "1"),
    (c.F_SANCTIONS, "sanctions", "Falls into a sanctioned class", "sanctions", "Falls from a class without sanctions into a sanctioned one.", True, "1"),
    (c.F_SANCTIONS_WRONG, "sanctions_wrongly", "Wrongful falls", "sanctions", "Falls into a sanctioned class that would not have happened without false records.", True, "1"),
    (c.F_SANCTIONS_BY_ASSOCIATION, "sanctions_by_association", "Falls through friends", "sanctions", "Falls into a sanctioned class that would not have happened without the friends' weight.", True, "10"),
    (c.F_BLACK_ENTERED, "black_entered", "Blacklisted by class", "citizens", "Entries onto the black list because of a class.", True, ""),
    (c.F_RED_ENTERED, "red_entered", "Red-listed", "citizens", "Entries onto the red list of the exemplary.", None, ""),
    (c.F_LIST_LEFT, "list_left", "Left the lists", "citizens", "Citizens who left the black and court lists.", False, "25"),
    (c.F_REPAIRED, "repaired", "Repaired", "citizens", "Early exits from the black and court lists, by paying or repairing.", False, "25"),
    (c.F_AUDITED, "audited", "Errors audited away", "citizens", "Accounts from which an audit removed all false points.", False, "21"),
    (c.F_JOBS_LOST, "jobs_lost", "Jobs lost", "jobs", "Jobs lost because of a class or a list.", True, "24"),
    (c.F_JOBS_FOUND, "jobs_found", "Jobs found again", "jobs", "Work found again once the ground had gone.", False, "24"),
    (c.F_TIES_LOST, "ties_lost", "Ties lost", "ties", "Friendships on which friends of somebody sanctioned turned their back.", True, "13"),
    (c.F_TIES_REGAINED, "ties_regained", "Ties regained", "ties", "Friendships taken up again after the sanction had ended.", False, "13"),
    (c.F_INFORMERS_REWARDED, "informers_rewarded", "Informers rewarded", "records", "Rewards for denouncing that reached an account.", None, "5"),
    (c.F_HARDSHIP, "acts.hardship", "Defaults", "acts", "Of the violations, debts and fines not paid for want of means.", None, "25"),
    (c.F_FORGONE, "protest_forgone", "Protest forgone", "acts", "Acts of assembly that did not take place because too few others would have come.", True, "F5"),
    (c.F_OUTSIDE, "void_outside", "Records of the unenrolled", "records", "Records that count for nothing because the person named has no account.", None, "G1"),
    (c.F_HANDED_OVER, "handed_over", "Records handed over", "records", "Records of private channels that counted on the state's account.", True, "Q8"),
    (c.F_DISCRETION, "discretion_points", "Points by discretion", "points", "Points that local officials gave or took beside what the catalogue says, without their sign.", True, "Q10"),
    (c.F_PRIVATE_LOST, "private_lost", "Private score: steps lost", "steps", "Steps of the private score taken by records.", True, "S6"),
    (c.F_PRIVATE_LOST_FALSELY, "private_lost_falsely", "Private score: steps lost falsely", "steps", "Steps of the private score taken by records of what the person named did not do.", True, "4"),
    (c.F_PRIVATE_GAINED, "private_gained", "Private score: steps gained", "steps", "Steps of the private score added by records.", None, "S6"),
    (c.F_APP_POINTS, "app_points", "Points in the study app", "points", "Points that the party's members collected in the study app.", None, "S5"),
    (c.F_GIFTS, "gifts", "Gifts for app points", "gifts", "Four weeks of the study app whose points bought a gift.", None, "P22"),
    (c.F_PILLORIED, "pilloried", "Pilloried in the cell", "times", "Four weeks of the study app with so few points that the party cell pilloried the member.", True, "S5"),
    (c.F_REMOVED, "removed", "Removed from civic life", "citizens", "Removals from civic life, without process of law.", True, "P8"),
    (c.F_REMOVED_INNOCENT, "removed_innocent", "Removed though innocent", "citizens", "Removals from civic life of citizens who truly did nothing that the rulebook counts against them.", True, "2"),
    (c.F_RELEASED, "released", "Released", "citizens", "Releases from removal.", False, "P8"),
    (c.F_LAID_OFF, "laid_off", "Laid off by a listed firm", "jobs", "Of the jobs lost, those lost because the employer was put on the list of unreliable firms.", True, "24"),
    (c.F_POINTS_THROUGH_FIRM, "points_through_firm", "Points lost through the employer", "points", "Points taken from employees because their firm was put on the list.", True, "10"),
    (c.F_LEARNED_BY_REFUSAL, "learned_by_refusal", "Learned by refusal", "citizens", "Citizens who first learned of their record by being refused a wish.", True, "18"),
)  # fmt: skip

STOCKS: tuple[tuple[int, str, str, str, bool | None, str], ...] = (
    (c.K_CITIZENS, "citizens", "Citizens", "Synthetic citizens.", None, ""),
    (c.K_BLACK, "black", "On the black list", "Citizens on the black list.", True, ""),
    (c.K_COURT, "court", "On the court list", "Citizens on the court's list of debtors.", True, ""),
    (c.K_RED, "red", "On the red list", "Citizens on the red list of the exemplary.", None, ""),
    (c.K_SHUNNED, "shunned", "Shunned", "Citizens whose friends keep away from them.", True, "13"),
    (c.K_JOBLESS, "jobless", "Without work by sanction", "Citizens who lost their work because of a class or a list.", True, "24"),
    (c.K_SANCTIONED, "sanctioned_now", "Sanctioned now", "Citizens in a sanctioned class or on the black or court list.", True, ""),
    (c.K_WRONGLY_NOW, "wrongly_now", "Wrongly sanctioned now", "Citizens in a sanctioned class in which they would not be without false records.", True, "1"),
    (c.K_BY_ASSOCIATION_NOW, "by_association_now", "Sanctioned through friends now", "Citizens in a sanctioned class in which they would not be without the friends' weight.", True, "10"),
    (c.K_BY_OPAQUE_NOW, "by_opaque_now", "Sanctioned by the composite now", "Citizens in a sanctioned class in which they would not be without the points that the secret formula adds.", True, "19"),
    (c.K_REMOVED, "removed_now", "Removed now", "Citizens removed from civic life.", True, "P8"),
    (c.K_INDEBTED, "indebted", "In debt", "Citizens whose debts have risen since they lost their work.", True, "25"),
    (c.K_ENROLLED, "enrolled", "Enrolled", "Citizens with an account.", None, "G1"),
    (c.K_JOINERS, "joiners", "Would join a protest", "Citizens who would take part in a protest, given how many did last week.", None, "F5"),
    (c.K_APPROVING, "approving", "Approve in private", "Citizens who approve of the scheme in private.", None, "15"),
    (c.K_SAYING, "saying", "Say that they approve", "Citizens who say that they approve of the scheme.", None, "15"),
    (c.K_USERS, "users", "Users of the private score", "Citizens who use the private score.", None, "S6"),
    (c.K_INNOCENT, "innocent", "Never violated", "Citizens who have truly done nothing that the rulebook counts against them.", None, "2"),
    (c.K_INNOCENT_BY_ASSOCIATION, "innocent_by_association", "Never violated, yet sanctioned through friends", "Of those who never violated, citizens who were ever in a sanctioned class only because of friends.", True, "11"),
    (c.K_INNOCENT_SANCTIONED, "innocent_sanctioned", "Never violated, yet sanctioned", "Of those who never violated, citizens who were ever sanctioned.", True, "2"),
)  # fmt: skip

NOTE_IS_WORSE = {"violated": None, "knows": None, "went_free": None}

# tally, name, label, unit, what one unit of the tally is worth, definition, whether more is worse
MEANS: tuple[tuple[int, str, str, str, float, str, bool | None], ...] = (
    (c.K_STANDING, "standing", "Mean standing", "points", 1, "Mean standing: the account and what friends add or take, within floor, ceiling and cap.", None),
    (c.K_RISK, "risk", "Perceived risk", "share", 1 / 255, "Mean perceived risk of being sanctioned, 0 to 1.", True),
    (c.K_EXPRESSION, "expression", "Expression", "steps of 15", 1, "Mean level of expression: 15 is saying all one would like to, 0 next to nothing.", False),
    (c.K_DEBT, "debt", "Debt", "steps of 15", 1, "Mean level of debt since work was lost, 0 to 15.", True),
    (c.K_MOTIVATION, "motivation", "Inner motivation", "steps of 15", 1, "Mean inner motivation to act for others, 0 to 15.", False),
)  # fmt: skip

# --- ratios ----------------------------------------------------------------------------------------

FALSE_KINDS = c.ENTRY_KINDS[1:]
_false = tuple(f"records.{kind}" for kind in FALSE_KINDS)

RATIOS: dict[str, tuple[Ratio, str, str, str, bool | None, str]] = {
    "wrongful_sanction_share": (
        Ratio(("sanctions_wrongly", "straight_listed_wrongly"), ("sanctions", "straight_listed")),
        "Wrongful sanctions", "share of sanctions",
        "Sanctions that vanish when false records are removed, among all sanctions: falls into a sanctioned class and records that led straight onto a list.",
        True, "1",
    ),
    "innocent_risk": (
        Ratio(("innocent_sanctioned",), ("innocent",)), "Innocent risk", "share of the innocent",
        "Citizens ever sanctioned among those who truly did nothing that the rulebook counts against them.", True, "2",
    ),
    "misattribution": (
        Ratio(_false, ("records",)), "Misattribution", "share of records",
        "Records whose named person is not the author of the act, among all records, good and bad: wrong person, false alarm, false report.",
        True, "4",
    ),
    "false_points_share": (
        Ratio(("points_lost_falsely",), ("points_lost",)), "Points lost to false records", "share of points lost",
        "Points taken by records of what the person named did not do, among all points taken.", True, "4",
    ),
    "association_share": (
        Ratio(("sanctions_by_association",), ("sanctions",)), "Sanctions through friends", "share of falls",
        "Falls into a sanctioned class that would not have happened without the friends' weight, among all falls.",
        True, "10",
    ),
    "chilled_share": (
        Ratio(("chilled.acts", "chilled.posts"), ("chilled.acts", "chilled.posts", "acts.expression", "asked.expression")),
        "Chilled expression", "share of expression",
        "Acts of expression and posts withheld out of caution, among all that would have been made with expression at its full level.",
        True, "14",
    ),
    "learned_by_refusal_share": (
        Ratio(("learned_by_refusal",), ("ever.knows",)), "Learned by refusal", "share of those who know",
        "Citizens who first learned of their record by being refused, among all who know of it.", True, "18",
    ),
    "refused_share": (
        Ratio(("refused",), ("asked",)), "Refused wishes", "share of wishes", "Wishes refused among wishes asked.", True, "",
    ),
    "refused_wrongly_share": (
        Ratio(("refused_wrongly",), ("refused",)), "Wrongly refused", "share of refusals",
        "Refusals that true records alone would not have led to, among all refusals.", True, "1",
    ),
    "refused_per_1000": (
        Ratio(("refused",), ("citizens",), 1000), "Refused wishes", "per 1,000 citizens",
        "Wishes refused since the start, per 1,000 citizens.", True, "",
    ),
    "appeal_filed_share": (
        Ratio(("appeals",), ("notified",)), "Appeals filed", "share of notifications", "Appeals filed among the records of which the person named was told.", None, "20",
    ),
    "appeal_upheld_share": (
        Ratio(("restored.false", "restored.true"), ("appeals",)), "Appeals upheld", "share of appeals",
        "Entries taken back after an appeal among appeals filed; those filed in the last days are not decided yet.", None, "20",
    ),
    "errors_mended_share": (
        Ratio(("struck_out.false", "restored.false"), (*_false, "struck_out.false")), "False records mended", "share of false records",
        "False records struck out before they took effect, or taken back after an appeal, among all false records.", False, "20",
    ),
    "innocent_by_association_share": (
        Ratio(("innocent_by_association",), ("innocent",)), "Innocents by association", "share of the innocent",
        "Citizens ever in a sanctioned class only because of friends, among those who truly did nothing that the rulebook counts against them.", True, "11",
    ),
    "turnout": (
        Ratio(("joiners",), ("citizens",)), "Turnout", "share of citizens",
        "Citizens who would take part in a protest, given how many did last week.", None, "F5",
    ),
    "approval_private": (
        Ratio(("approving",), ("citizens",)), "Approval in private", "share of citizens",
        "Citizens who approve of the scheme in private.", None, "15",
    ),
    "approval_stated": (
        Ratio(("saying",), ("citizens",)), "Approval when asked", "share of citizens",
        "Citizens who say that they approve of the scheme.", None, "15",
    ),
    "enrolled_share": (
        Ratio(("enrolled",), ("citizens",)), "Enrolled", "share of citizens", "Citizens with an account.", None, "G1",
    ),
    "protest_forgone_share": (
        Ratio(("protest_forgone",), ("protest_forgone", "acts.expression")), "Protest forgone", "share of acts",
        "Acts of assembly that did not take place for want of others, among these and all acts of expression.", True, "F5",
    ),
    "ties_lost_per_1000": (
        Ratio(("ties_lost",), ("citizens",), 1000), "Ties lost", "per 1,000 citizens",
        "Friendships lost since the start because of a sanction, per 1,000 citizens.", True, "13",
    ),
}  # fmt: skip

# shares whose group ratio and gap are formed
RISKS = ("share_ever.sanctioned", "share_ever.wrongly_sanctioned", "share_ever.misnamed", "innocent_risk")


def _metrics() -> dict[str, Metric]:
    found = [
        Metric(name, label, unit, "flow", text, tally_name("F_", tally), worse, source or "model")
        for tally, name, label, unit, text, worse, source in FLOWS
    ]
    found += [
        Metric("records", "Records", "records", "flow", "Records of conduct that reached an account, good or bad.", "sum of F_RECORDS", None),
        Metric("records.<kind>", "Records: <kind>", "records", "flow", "Records of all channels by how they came about: right (names the author), wrong_person (names somebody else), false_alarm (a scan named a passer-by), false_report (somebody reported what did not happen).", "sum over channels of F_RECORDS[channel, kind]", None, "3"),
        Metric("records.<channel>.<kind>", "Records by <channel>: <kind>", "records", "flow", "Records of one channel by how they came about, counted on arrival with the person named.", "F_RECORDS[channel, kind]", None, "3"),
        Metric("class_entered.<letter>", "Entered class <letter>", "citizens", "flow", "Changes into this class from another.", "F_CLASS_ENTERED[class]", None),
    ]  # fmt: skip
    wishes = {
        "asked": ("Asked", "Wishes asked", None, ""),
        "refused": ("Refused", "Wishes refused because of a class or a list", True, ""),
        "refused_innocent": ("Refused to the innocent", "Of the refused, wishes of citizens who truly did nothing that the rulebook counts against them", True, "2"),
        "refused_wrongly": ("Refused wrongly", "Of the refused, wishes that true records alone would have left unharmed", True, "1"),
        "advantage": ("Granted with advantage", "Wishes granted with the advantage of a class", None, ""),
    }  # fmt: skip
    for key, (label, text, worse, source) in wishes.items():
        tally = f"F_{key.upper()}"
        found.append(
            Metric(key, label, "wishes", "flow", f"{text}, of all kinds.", f"sum of {tally}", worse, source or "model")
        )
        found.append(
            Metric(
                f"{key}.<wish>",
                f"{label}: <wish>",
                "wishes",
                "flow",
                f"{text}.",
                f"{tally}[wish]",
                worse,
                source or "model",
            )
        )
    found.append(
        Metric(
            "asked.expression",
            "Posts made",
            "wishes",
            "flow",
            "Wishes asked of the kinds that are expression.",
            "sum of F_ASKED over wishes that are expression",
            None,
            "14",
        )
    )
    found += [
        Metric(name, label, "citizens", "stock", text, tally_name("K_", tally), worse, source or "model")
        for tally, name, label, text, worse, source in STOCKS
    ]
    found += [
        Metric("class.<letter>", "In class <letter>", "citizens", "stock", "Citizens in this class.", "K_CLASS[class]", None),
        Metric("standing_bin.<points>", "Standing from <points>", "citizens", "stock", f"Citizens whose standing lies from this many points to {(1 << c.BIN_SHIFT) - 1} above; the last bin is open at the top.", "bins", None),
        Metric("class_share.<letter>", "Share in class <letter>", "share of citizens", "ratio", "Citizens in this class among all.", "class.<letter> / citizens", None),
    ]  # fmt: skip
    for key, (_, text) in c.NOTES.items():
        worse = NOTE_IS_WORSE.get(key, True)
        words = key.replace("_", " ")
        found.append(
            Metric(
                f"ever.{key}",
                f"Ever {words}",
                "citizens",
                "stock",
                f"Citizens for whom it holds: {text}.",
                f"K_NOTE[{key}]",
                worse,
            )
        )
        found.append(
            Metric(
                f"share_ever.{key}",
                f"Ever {words}",
                "share of citizens",
                "ratio",
                f"Share of citizens for whom it holds: {text}.",
                f"ever.{key} / citizens",
                worse,
            )
        )
    for mean, name, label, unit, worth, text, worse in MEANS:
        top = tally_name("K_", mean) + ("" if worth == 1 else f" / {1 / worth:g}")
        found.append(Metric(name, label, unit, "mean", text, f"{top} / citizens", worse))
    found += [
        Metric(name, label, unit, "ratio", text, ratio.formula, worse, source or "model")
        for name, (ratio, label, unit, text, worse, source) in RATIOS.items()
    ]
    found += [
        Metric("precision.<channel>", "Precision of <channel>", "share of records", "ratio", "Records of the channel that name the author of an act, among all its records.", "records.<channel>.right / (records.<channel>.right + .wrong_person + .false_alarm + .false_report)", False, "3"),
        Metric("recall.<channel>", "Recall of <channel>", "share of acts", "ratio", "Rightful records of the channel that have arrived, among all acts of the conduct it can see. Last day only.", "records.<channel>.right / sum of conduct.<id>.acts over the conduct it sees", None, "3"),
        Metric("false_report_share", "False denunciations", "share of reports", "ratio", "Reports of what did not happen or against the wrong person, among all records of the channels in which people report people.", "(records.<channel>.wrong_person + .false_report) / records of these channels", True, "5"),
        Metric("<risk>.ratio", "Group ratio of <risk>", "ratio", "ratio", "A group's share divided by the share of the group it is held against: minority by majority, party members by others, lowest income fifth by highest.", "share in the group / share in its reference", None, "6"),
        Metric("<risk>.gap", "Group gap of <risk>", "difference of shares", "ratio", "A group's share less the share of the group it is held against.", "share in the group - share in its reference", None, "6"),
        Metric("conduct.<id>.acts", "Acts of <id>", "acts", "total", "Acts of this conduct since the start, in the district of their author. Last day only.", "truth[conduct, T_ACTS]", None),
        Metric("conduct.<id>.right", "Acts of <id> put down to their author", "acts", "total", "Acts of this conduct that a channel put down to their author. Last day only.", "truth[conduct, T_RIGHT]", None, "3"),
        Metric("conduct.<id>.wrong", "Acts of <id> put down to somebody else", "acts", "total", "Acts of this conduct that a channel put down to somebody else. Last day only.", "truth[conduct, T_WRONG]", True, "4"),
        Metric("conduct.<id>.invented", "Invented acts of <id>", "records", "total", "False alarms and false reports of this conduct, without any act. Last day only.", "truth[conduct, T_INVENTED]", True, "4"),
        Metric("falsification_gap", "Falsification gap", "difference of shares", "ratio", "Approval when asked less approval in private.", "approval_stated - approval_private", True, "15"),
        Metric("private_score", "Private score", "points", "mean", "Mean private score of its users, friends' part included.", "floor + step * K_PRIVATE / users", None, "S6"),
        Metric("band.<letter>", "In band <letter>", "citizens", "stock", "Users of the private score in this band.", "K_BAND[band]", None, "S6"),
        Metric("firms", "Firms", "firms", "stock", "Firms, institutions and associations that are scored.", "FK_FIRMS", None, "B1"),
        Metric("firm_score", "Score of firms", "points", "mean", "Mean score of firms.", "FK_SCORE / firms", None, "B1"),
        Metric("firms_listed_now", "Firms on the list", "firms", "stock", "Firms on the list of unreliable firms, whose licence is suspended.", "FK_LISTED", True, "B3"),
        Metric("firms_violated", "Firms that ever violated", "firms", "stock", "Firms that truly did something that costs points.", "FK_VIOLATED", None, "B1"),
        Metric("firms_ever_listed", "Firms ever listed", "firms", "stock", "Firms that were ever on the list.", "FK_LISTED_EVER", True, "B3"),
        Metric("firms_listed_share", "Firms ever listed", "share of firms", "ratio", "Firms that were ever on the list of unreliable firms, among all.", "firms_ever_listed / firms", True, "B3"),
        Metric("firm_acts", "Acts of firms", "acts", "flow", "Acts of firms that count for or against them, found or not.", "FF_ACTS", None, "B1"),
        Metric("firm_findings", "Findings against firms", "findings", "flow", "Acts of firms that were found.", "FF_FOUND", None, "B1"),
        Metric("firm_findings_invented", "Findings without an act", "findings", "flow", "Findings on a firm that did nothing of the kind.", "FF_INVENTED", True, "4"),
        Metric("firms_listed", "Firms put on the list", "firms", "flow", "Firms put on the list of unreliable firms.", "FF_LISTED", True, "B3"),
        Metric("firms_listed_innocent", "Firms listed though innocent", "firms", "flow", "Firms put on the list that truly did nothing that costs points.", "FF_LISTED_INNOCENT", True, "2"),
        Metric("firm_employees_hit", "Employees of listed firms", "citizens", "flow", "Employees of firms when these were put on the list.", "FF_EMPLOYEES_HIT", True, "24"),
        Metric("firm_asked.<effect>", "Occasions of firms: <effect>", "occasions", "flow", "Occasions on which a firm's score may tell against it.", "FF_ASKED[effect]", None, "B3"),
        Metric("firm_struck.<effect>", "Struck by a low score: <effect>", "occasions", "flow", "Occasions on which a firm's low score told against it.", "FF_STRUCK[effect]", True, "B3"),
        Metric("firms_listed.<sector>", "Put on the list: <sector>", "firms", "flow", "Firms of a sector put on the list.", "FF_LISTED[sector]", True, "B3"),
        Metric("misattribution_of_penalties", "Misattribution of penalties", "share of records", "ratio", "False records among all records of conduct that the rulebook counts against people.", "(conduct.<id>.wrong + .invented) / (conduct.<id>.right + .wrong + .invented), over conduct with negative points or a list", True, "4"),
    ]  # fmt: skip
    found += [
        Metric(name, o.label, o.unit, "ratio", f"{o.definition} Last day only, from the panel.", o.formula, o.is_worse, o.source)
        for name, o in OUTCOMES.items()
    ]
    found.append(Metric(
        "half_width.<outcome>", "Half-width of <outcome>", "as the outcome", "ratio",
        "Half of the 95 % interval of an outcome of the panel, where the panel is a part of the city. Last day only, all districts.",
        "delete-one jackknife over 20 blocks of circles", None,
    ))  # fmt: skip
    return {metric.name: metric for metric in found}


def tally_name(prefix: str, tally: int) -> str:
    """The name of a tally in `columns`."""
    return next(name for name, value in vars(c).items() if name.startswith(prefix) and value == tally)


METRICS: dict[str, Metric] = _metrics()

PAIRED: dict[str, Metric] = {
    **{name: Metric(name, p.label, "share", "paired", p.definition, p.formula, True, p.source) for name, p in paired.PAIRED.items()},
    **{
        f"persistence.{name}": Metric(
            f"persistence.{name}", f"{p.label}: what outlasts the change", "share of the loss", "paired",
            f"{p.label}: what is missing since the change where it came late, over what is missing in the scheme as it is, both held against a world "
            "changed from the first day on. Undefined where nothing is lost. With `--persistence` alone.",
            "(never - ended) / (never - this)", True, p.source,
        )
        for name, p in paired.PAIRED.items()
    },
}  # fmt: skip


@cache
def _patterns() -> list[tuple[re.Pattern[str], Metric]]:
    families = [metric for name, metric in METRICS.items() if "<" in name]
    spelt = [(re.sub(r"<(\w+)>", r"(?P<\1>.+?)", m.name.replace(".", r"\.")), m) for m in families]
    return [(re.compile(pattern + r"\Z"), metric) for pattern, metric in spelt]


@cache
def family(name: str) -> tuple[Metric, dict[str, str]]:
    """The entry that a metric belongs to, and what fills the entry's gaps: channel, wish, ... KeyError if there is none."""
    if name in METRICS:
        return METRICS[name], {}
    for pattern, metric in reversed(_patterns()):
        match = pattern.match(name)
        if match:
            return metric, match.groupdict()
    raise KeyError(f"no metric '{name}'")


@cache
def about(name: str) -> Metric:
    """The entry of a metric; of a family, with the names filled in. KeyError if there is none."""
    metric, gaps = family(name)
    label = metric.label
    for key, value in gaps.items():
        known = METRICS[value].label.lower() if value in METRICS else value.replace("_", " ")
        label = label.replace(f"<{key}>", known)
    return replace(metric, name=name, label=label)


def descriptions(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Label, unit, kind, definition and formula of metrics, as plain data for a file's metadata."""
    fields = ("label", "unit", "kind", "definition", "formula")
    return {name: {field: getattr(about(name), field) for field in fields} for name in names}


# --- headline --------------------------------------------------------------------------------------

# key -> metric, group; <top> and <bottom> are the best and the worst class
HEADLINES: dict[str, tuple[str, str]] = {
    "sanctioned_share": ("share_ever.sanctioned", "all"),
    "wrongful_sanction_share": ("wrongful_sanction_share", "all"),
    "innocent_risk": ("innocent_risk", "all"),
    "misattribution": ("misattribution", "all"),
    "misattribution_of_penalties": ("misattribution_of_penalties", "all"),
    "minority_ratio": ("share_ever.sanctioned.ratio", "minority"),
    "minority_wrongly_ratio": ("share_ever.wrongly_sanctioned.ratio", "minority"),
    "refused_per_1000": ("refused_per_1000", "all"),
    "chilled_share": ("chilled_share", "all"),
    "ties_lost_per_1000": ("ties_lost_per_1000", "all"),
    "class_share_top": ("class_share.<top>", "all"),
    "class_share_bottom": ("class_share.<bottom>", "all"),
    "mean_standing": ("standing", "all"),
    "mean_private_score": ("private_score", "all"),
    "firms_listed_share": ("firms_listed_share", "all"),
    "enrolled_share": ("enrolled_share", "all"),
    "falsification_gap": ("falsification_gap", "all"),
}
