"""Every number that has a name: state columns, bit layouts, streams, table fields, tallies.

Kernels use these as compile-time constants. Outputs (Parquet columns, event rows) take their names,
units and meanings from here, so that one word serves throughout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# --- state -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One array over citizens: its dtype, unit, meaning and the phases that write it, in the order of the day."""

    name: str
    dtype: type
    unit: str
    meaning: str
    written_by: str


STATE: tuple[Column, ...] = (
    Column("traits", np.uint16, "bits", "fixed traits, see TRAITS", "set-up"),
    Column("own", np.int16, "points", "the account: start and records, within its range", "set-up, record, stand, remedy"),
    Column("false_points", np.int16, "points", "the part of the account that rests on false records", "record, remedy"),
    Column("association", np.int8, "points", "points added or taken through friends", "stand"),
    Column(
        "status", np.uint8, "bits", "class in bits 0-2, then BLACK, COURT, RED, SHUNNED, JOBLESS",
        "set-up, record, stand, remedy, respond",
    ),
    Column(
        "note", np.uint8, "bits", "what has ever happened, see NOTES", "conduct, observe, record, stand, consequence"
    ),
    Column("listed_weeks", np.uint8, "weeks", "weeks left on the black or court list", "record, stand, remedy"),
    Column("risk", np.uint8, "1/255", "perceived risk of being sanctioned", "set-up, record, remedy, respond"),
    Column(
        "inner", np.uint8, "bits", "expression 0-15 in bits 0-3, intrinsic motivation 0-15 in bits 4-7",
        "set-up, record, respond",
    ),
    Column("private", np.uint8, "steps", "the private score, in steps from its floor", "set-up, record"),
    Column("fate", np.uint8, "bits", "debt 0-15 in bits 0-3, then REMOVED", "remedy"),
)
FIRM_STATE: tuple[Column, ...] = (
    Column("firm_score", np.int16, "points", "the firm's account", "set-up, trade"),
    Column("firm_weeks", np.uint8, "weeks", "weeks left on the list of unreliable firms", "set-up, trade"),
    Column("firm_note", np.uint8, "bits", "what has ever happened: FIRM_VIOLATED, FIRM_LISTED", "set-up, trade"),
)
BYTES_PER_CITIZEN = sum(np.dtype(column.dtype).itemsize for column in STATE)

MINORITY, PARTY = 1, 2
INCOME_SHIFT, AGE_SHIFT, OCCUPATION_SHIFT, ONLINE_SHIFT = 2, 5, 8, 11
PARENT, DRIVES, DISFAVOURED = 1 << 13, 1 << 14, 1 << 15

TRAITS: dict[str, tuple[int, int, str]] = {
    "minority": (0, 1, "member of the minority"),
    "party": (1, 1, "member of the party"),
    "income": (INCOME_SHIFT, 7, "income fifth, 0 lowest to 4 highest"),
    "age": (AGE_SHIFT, 7, "age band: 0-5, 6-14, 15-24, 25-34, 35-44, 45-59, 60-74, 75 and over"),
    "occupation": (OCCUPATION_SHIFT, 7, "preschool, pupil, worker, service, professional, official, at home, retired"),
    "online": (ONLINE_SHIFT, 3, "online activity, 0 none to 3 high"),
    "parent": (13, 1, "has a child under 15 in the household"),
    "drives": (14, 1, "has the use of a car"),
    "disfavoured": (15, 1, "belongs to a group that the scheme disfavours"),
}
# dispositions are not stored: each is the number of ones among seven bits of one draw
INTEGRITY_BIT, DISSENT_BIT, BOLDNESS_BIT, TRUST_BIT, SOLIDARITY_BIT = 0, 7, 14, 21, 28
DISPOSITIONS: dict[str, tuple[int, str]] = {
    "integrity": (INTEGRITY_BIT, "disposition to keep rules, 0 to 7"),
    "dissent": (DISSENT_BIT, "desire to dissent, 0 to 7"),
    "boldness": (BOLDNESS_BIT, "readiness to bear a risk, 0 to 7"),
    "trust": (TRUST_BIT, "trust in the authorities, 0 to 7"),
    "solidarity": (SOLIDARITY_BIT, "readiness to help unasked, 0 to 7"),
}
NEED_BITS = {"minority": MINORITY, "party": PARTY, "parent": PARENT, "drives": DRIVES, "disfavoured": DISFAVOURED}
WORKING_FIRST, WORKING_LAST = 2, 5  # occupations that are work

CLASS_BITS = 7
BLACK, COURT, RED, SHUNNED, JOBLESS = 8, 16, 32, 64, 128
LIST_BITS = {"black": BLACK, "court": COURT, "red": RED}
N_CLASSES = 8
DEBT_BITS, REMOVED = 15, 16  # in fate
FIRM_VIOLATED, FIRM_LISTED = 1, 2

VIOLATED, SANCTIONED, REFUSED, MISNAMED, WRONGLY, BY_ASSOCIATION, KNOWS, WENT_FREE = (1 << k for k in range(8))
NOTES: dict[str, tuple[int, str]] = {
    "violated": (VIOLATED, "truly did something that the rulebook counts against them"),
    "sanctioned": (SANCTIONED, "was ever in a sanctioned class or on the black or court list"),
    "refused": (REFUSED, "was ever refused a wish"),
    "misnamed": (MISNAMED, "was ever recorded for what they did not do"),
    "wrongly_sanctioned": (WRONGLY, "was ever sanctioned only because of false records"),
    "sanctioned_by_association": (BY_ASSOCIATION, "was ever in a sanctioned class only because of friends"),
    "knows": (KNOWS, "has learned of being recorded: by notice, or by being refused"),
    "went_free": (WENT_FREE, "somebody else was recorded for what they did"),
}

PAGE_BITS = 12
PAGE = 1 << PAGE_BITS  # most citizens of one neighbourhood
WHOLE_DISTRICT = 0xFFFFFFFF  # stands for the neighbourhood in the address of a district-wide circle

# --- streams of draws ------------------------------------------------------------------------------

S_HOUSEHOLD_MINORITY, S_HOUSEHOLD_INCOME, S_AGE, S_OCCUPATION, S_PARTY = 1, 2, 3, 4, 5
S_DRIVES, S_ONLINE, S_DISPOSITIONS, S_NEIGHBOURHOOD, S_CIRCLE = 6, 7, 8, 9, 10
S_ACT_CHOICE, S_WISH_CHOICE, S_FADING, S_ENROLMENT, S_SHARING = 11, 12, 13, 14, 15
S_CONDUCT, S_WISH, S_WRONG, S_REPORT, S_REVIEW, S_APPEAL, S_CROWDING, S_DECISION = 16, 17, 18, 19, 20, 21, 22, 23
S_OPT_OUT, S_JOB, S_REPAIR, S_SHUNNING, S_AUDIT, S_NOTICE, S_INFORMER, S_PENALTY = 24, 25, 26, 27, 28, 29, 30, 31
S_OBSERVE = 32
MAX_CHANNELS = 32
S_PILOT, S_COMPOSITE, S_APP, S_DISCRETION, S_REMOVAL, S_DEBT = 64, 65, 66, 67, 69, 70
S_FIRM, S_FIRM_CONDUCT, S_FIRM_OCCASION, S_EMPLOYEE, S_DISFAVOURED = 71, 72, 73, 74, 75
N_STREAMS = 76

# --- circles ---------------------------------------------------------------------------------------

CIRCLES = ("household", "street", "work", "chat", "party", "friends")  # 0-4 permuted, friends contiguous
HOUSEHOLD, STREET, WORK, CHAT, PARTY_CELL, FRIENDS = range(6)
MAX_PATTERN = 1024

# --- compiled tables -------------------------------------------------------------------------------

# factor table of a slot: age x occupation, income x online, disposition, state
FACTOR_AGE, FACTOR_INCOME, FACTOR_DISPOSITION, FACTOR_STATE, N_FACTORS = 0, 64, 96, 104, 120

# fields of an act slot
ACT_BOUND, ACT_ACCEPT, ACT_NEEDS, ACT_DISPOSITION, ACT_KIND, ACT_POINTS, ACT_RECORDED = 0, 1, 2, 3, 4, 5, 6
ACT_LIST, ACT_CHANNEL, ACT_TARGET, ACT_MATCH, ACT_MATCH_MINORITY = 7, 8, 9, 10, 11
ACT_PRIVATE, ACT_ASSEMBLY, ACT_OBSERVERS = 12, 13, 14
MAX_OBSERVERS = 8  # channel, then chance, for each observer
N_ACT = ACT_OBSERVERS + 2 * MAX_OBSERVERS
VIOLATION, PROSOCIAL, EXPRESSION, HARDSHIP, SCAN, FALSE_REPORT = range(6)  # kinds of slot, of wishes too

# fields of a wish slot
WISH_BOUND, WISH_ACCEPT, WISH_NEEDS, WISH_DISPOSITION, WISH_KIND = 0, 1, 2, 3, 4  # as of act slots
WISH_REFUSE, WISH_REFUSE_BLACK, WISH_REFUSE_COURT, WISH_REWARD = 5, 13, 14, 15
WISH_REFUSE_OUTSIDE, WISH_HAS_BANDS, WISH_REFUSE_BAND, WISH_REWARD_BAND = 23, 24, 25, 33
N_WISH_FIELDS = WISH_REWARD_BAND + N_CLASSES

# fields of a channel
CH_RIGHT, CH_WRONG, CH_RIGHT_MINORITY, CH_WRONG_MINORITY, CH_GALLERY = 0, 1, 2, 3, 4
CH_INFORMER, CH_DELAY, CH_TO_STATE, CH_TO_PRIVATE, CH_SHAME, CH_FINE = 5, 6, 7, 8, 9, 10
CH_LOCAL, CH_IS_PRIVATE, N_CHANNEL_FIELDS = 11, 12, 13
GALLERY_CITY, GALLERY_DISTRICT, GALLERY_NEIGHBOURHOOD = range(3)

# parameters of the day; those that stand for several numbers come last
(
    P_START, P_FLOOR, P_CEILING, P_CAP, P_N_CLASSES, P_SANCTIONED_CLASSES, P_WEIGHT, P_TRANSITIVE, P_LIMIT,
    P_N_ACT_SLOTS, P_N_CONDUCT, P_ACT_TOTAL, P_N_WISHES, P_WISH_TOTAL, P_DENOUNCING,
    P_BLACK_CLASSES, P_COURT_CLASSES, P_RED_CLASSES, P_BLACK_WEEKS, P_COURT_WEEKS, P_BLACK_REPAIR, P_COURT_REPAIR,
    P_BLACK_ON, P_COURT_ON, P_RED_ON, P_JOB_CLASSES, P_JOB_LISTS, P_JOB_LOSS, P_JOB_BACK,
    P_REMOVAL_CLASSES, P_REMOVAL_LISTS, P_REMOVAL, P_RELEASE, P_DEBT, P_RECOVERY,
    P_OWN_SANCTION, P_FRIENDS, P_PUBLIC, P_FORGETTING, P_SILENCE, P_SHUN, P_CROWDING,
    P_REVIEW, P_REVIEW_SLIP, P_NOTICE, P_FILED, P_APPEAL, P_APPEAL_SLIP, P_APPEAL_DAYS, P_OPT_OUT, P_EXPIRY_DAYS, P_AUDIT,
    P_ENROLMENT, P_DISCRETION, P_COMPOSITE, P_NOISE,
    P_PRIVATE_ON, P_PRIVATE_START, P_PRIVATE_TOP, P_PRIVATE_WEIGHT, P_USERS, P_N_BANDS,
    P_APP_ON, P_APP_VALUE, P_APP_MINUTES, P_APP_SHARE, P_APP_READ_CAP, P_APP_SHARE_CAP, P_APP_DAILY_CAP, P_APP_HOURS,
    P_APP_INSIDE, P_APP_OUTSIDE, P_APP_OPENS, P_APP_FEAR, P_APP_GIFT, P_APP_PILLORY, P_APP_CREDIT,
    P_TURNOUT, P_INITIATORS, P_CAUTION, P_APPROVAL, P_APPROVAL_NEED, P_APPROVAL_SANCTIONED, P_APPROVAL_REFUSED,
    P_APPROVAL_INFORMED, P_APPROVAL_FELLOWS, P_FALSIFY, P_EMPLOYEE_POINTS, P_EMPLOYEE_JOB_LOSS,
) = range(89)  # fmt: skip
P_CLASS_FROM = 89
P_BAND_FROM = P_CLASS_FROM + N_CLASSES
P_OPAQUE_INCOME, P_OPAQUE_ONLINE, P_OPAQUE_AGE = P_BAND_FROM + N_CLASSES, P_BAND_FROM + 13, P_BAND_FROM + 17
N_PARAMETERS = P_OPAQUE_AGE + 8

GUIDE_SHIFT = 18  # a bin of the guides to the lottery's slots is 2^18 wide, of 2^32

# --- entries on their way to an account ------------------------------------------------------------

# the slot of the person named in the upper half, so that sorted entries lie as the citizens do
ENTRY_CHANNEL_SHIFT, ENTRY_KIND_SHIFT, ENTRY_POINTS_SHIFT, ENTRY_SLOT_SHIFT = 7, 12, 15, 32
MAX_ACT_SLOTS = 128
POINTS_OFFSET = 32768
RIGHT, WRONG, ALARM, REPORT, REWARD, RESTORE_FALSE, RESTORE_TRUE, EMPLOYER = range(8)
TO_STATE, TO_PRIVATE = 1, 2  # whom a fresh entry reaches, in the place of its points
STRUCK = 16  # added to the kind of an event row if review struck the entry out
WATCHED, IN_PANEL = 1, 2  # why events of a citizen are written down
WATCHED_A_WORD = 16  # citizens of whom a word says so
FOLLOWED = ("notified", "appealed", "shamed", "fined")  # bits of a record's row: what followed at once
ENTRY_KINDS = ("right", "wrong_person", "false_alarm", "false_report")

# --- event rows ------------------------------------------------------------------------------------

EV_ACT, EV_OBSERVE, EV_RECORD, EV_STAND, EV_CONSEQUENCE, EV_RESPOND = 1, 2, 3, 4, 5, 6
EVENT_PHASES = {
    EV_ACT: "conduct",
    EV_OBSERVE: "observe",
    EV_RECORD: "record",
    EV_STAND: "stand",
    EV_CONSEQUENCE: "consequence",
    EV_RESPOND: "respond",
}
EVENT_FIELDS = ("day", "phase", "citizen", "what", "channel", "kind", "points", "other")
GRANTED, REFUSAL, ADVANTAGE = range(3)

# --- tallies ---------------------------------------------------------------------------------------

N_GROUPS = 20  # minority x party x income fifth = traits & 31

(
    F_VIOLATIONS, F_PROSOCIAL, F_EXPRESSION, F_CHILLED, F_CHILLED_POSTS, F_WENT_FREE,
    F_POINTS_LOST, F_POINTS_LOST_FALSELY, F_POINTS_GAINED, F_STRUCK_FALSE, F_STRUCK_TRUE,
    F_SHAMED, F_SHAMED_WRONGLY, F_FINED, F_FINED_WRONGLY, F_NOTIFIED, F_APPEALS, F_RESTORED_FALSE, F_RESTORED_TRUE,
    F_STRAIGHT_LISTED, F_STRAIGHT_LISTED_WRONGLY, F_SANCTIONS, F_SANCTIONS_WRONG, F_SANCTIONS_BY_ASSOCIATION,
    F_BLACK_ENTERED, F_RED_ENTERED, F_LIST_LEFT, F_REPAIRED, F_AUDITED, F_JOBS_LOST, F_JOBS_FOUND,
    F_TIES_LOST, F_TIES_REGAINED, F_INFORMERS_REWARDED, F_LEARNED_BY_REFUSAL,
    F_HARDSHIP, F_FORGONE, F_OUTSIDE, F_HANDED_OVER, F_DISCRETION, F_PRIVATE_LOST, F_PRIVATE_LOST_FALSELY, F_PRIVATE_GAINED,
    F_APP_POINTS, F_GIFTS, F_PILLORIED, F_REMOVED, F_REMOVED_INNOCENT, F_RELEASED, F_LAID_OFF, F_POINTS_THROUGH_FIRM,
) = range(51)  # fmt: skip
F_CLASS_ENTERED = 51
F_RECORDS = F_CLASS_ENTERED + N_CLASSES  # channel x kind of entry
N_WISHES = 11
F_ASKED = F_RECORDS + MAX_CHANNELS * len(ENTRY_KINDS)
F_REFUSED, F_REFUSED_INNOCENT, F_REFUSED_WRONGLY, F_ADVANTAGE = (F_ASKED + k * N_WISHES for k in (1, 2, 3, 4))
N_FLOWS = F_ADVANTAGE + N_WISHES

(
    K_CITIZENS, K_STANDING, K_BLACK, K_COURT, K_RED, K_SHUNNED, K_JOBLESS, K_SANCTIONED, K_WRONGLY_NOW,
    K_EXPRESSION, K_RISK, K_MOTIVATION, K_INNOCENT, K_INNOCENT_SANCTIONED, K_BY_ASSOCIATION_NOW,
    K_REMOVED, K_INDEBTED, K_DEBT, K_BY_OPAQUE_NOW, K_ENROLLED, K_JOINERS, K_APPROVING, K_SAYING, K_USERS, K_PRIVATE,
    K_INNOCENT_BY_ASSOCIATION,
) = range(26)  # fmt: skip
K_CLASS = 26
K_NOTE = K_CLASS + N_CLASSES
K_BAND = K_NOTE + 8
N_STOCKS = K_BAND + N_CLASSES
# what a stock-taking counts before it is summed up: citizens by status, note, inner and fate byte, and sums
B_STATUS, B_NOTE, B_INNER, B_FATE, B_STANDING, B_RISK, B_WRONGLY, B_BY_ASSOCIATION = 0, 256, 512, 768, 800, 801, 802, 803
B_BY_OPAQUE, B_ENROLLED, B_JOINERS, B_APPROVING, B_SAYING, B_USERS, B_PRIVATE, B_BAND = 804, 805, 806, 807, 808, 809, 810, 811
N_BYTE_COUNTS = B_BAND + N_CLASSES
BIN_SHIFT, N_BINS = 5, 64  # standings are counted in bins of 32 points from the floor

# acts, recorded rightly, recorded against somebody else, recorded without an act
T_ACTS, T_RIGHT, T_WRONG, T_INVENTED, N_TRUTH = 0, 1, 2, 3, 4

# --- firms -----------------------------------------------------------------------------------------

N_SECTORS = 4
FIRM_EFFECTS = ("fine", "tax", "credit", "market", "tender")
# fields of a kind of conduct: by probity and sector the chance of an act, then the chances of findings
FC_ON, FC_POINTS, FC_FOUND, FC_FOUND_CAMERA, FC_INVENTED, FC_CHANCE = 0, 1, 2, 3, 4, 5
N_FIRM_CONDUCT = FC_CHANCE + 8 * N_SECTORS
FO_ON, FO_EFFECT, FO_RATE, FO_CHANCE, FO_BELOW, N_FIRM_OCCASION = range(6)
(FP_ON, FP_START, FP_FLOOR, FP_CEILING, FP_RECOVERY, FP_CAMERAS, FP_LIST_WEEKS, FP_LIST_BELOW, FP_LIST_ON, FP_SECTOR) = range(10)
N_FIRM_PARAMETERS = FP_SECTOR + N_SECTORS
# tallies of firms: flows since the start by district and sector
FF_ACTS, FF_FOUND, FF_INVENTED, FF_LISTED, FF_LISTED_INNOCENT, FF_EMPLOYEES_HIT, FF_ASKED = 0, 1, 2, 3, 4, 5, 6
FF_STRUCK = FF_ASKED + len(FIRM_EFFECTS)
N_FIRM_FLOWS = FF_STRUCK + len(FIRM_EFFECTS)
# stocks of firms
FK_FIRMS, FK_SCORE, FK_LISTED, FK_VIOLATED, FK_LISTED_EVER, N_FIRM_STOCKS = range(6)
