"""The documents a user writes: rulebook, conduct catalogue, population, scenario.

Each is TOML. This module says what may stand in them; `load` reads them and reports every
problem at once, `compile` turns them into integer tables.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Grade = Literal["documented", "reported", "assumed"]
Share = Annotated[float, Field(ge=0, le=1)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
ScenarioName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]

AGE_BANDS = ("0-5", "6-14", "15-24", "25-34", "35-44", "45-59", "60-74", "75+")
OCCUPATIONS = ("preschool", "pupil", "worker", "service", "professional", "official", "at_home", "retired")
DISPOSITIONS = ("none", "integrity", "dissent", "boldness", "trust", "solidarity")
NEEDS = ("minority", "party", "parent", "drives", "disfavoured")
WISHES = (
    "flight",
    "fast_train",
    "motorway",
    "property",
    "loan",
    "school_place",
    "post",
    "social_service",
    "job",
    "insurance",
    "university",
)
Disposition = Literal["none", "integrity", "dissent", "boldness", "trust", "solidarity"]
Need = Literal["minority", "party", "parent", "drives", "disfavoured"]
Wish = Literal[
    "flight", "fast_train", "motorway", "property", "loan", "school_place", "post", "social_service", "job",
    "insurance", "university",
]  # fmt: skip
Domain = Literal[
    "public_order", "traffic", "finance", "online", "politics", "neighbourhood", "work", "records", "health", "school"
]  # fmt: skip
Scorer = Literal["state", "private"]
ListColour = Literal["black", "court", "red"]
Blacklist = Literal["black", "court"]
Factor = Annotated[float, Field(ge=0, le=16)]


class Document(BaseModel):
    """Base of all tables: unknown keys are errors, values do not change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Names(Document):
    """A name in the three languages of the product."""

    en: str = Field(min_length=1)
    de: str = Field(min_length=1)
    nl: str = Field(min_length=1)


class Sourced(Document):
    """What every number carries: where it comes from and how far it can be trusted."""

    source: str = Field(min_length=1, description="Source id (000-004) or a short reference; 'model' for ours")
    locator: str = Field("", description="Section or paragraph in the source")
    grade: Grade = Field(description="documented = public record or study; reported = a source says so; assumed = ours")
    note: str = ""


# --- rulebook -------------------------------------------------------------------------------------


class Article(Sourced):
    """One rule of a scheme. `value` has the unit that `unit` names; dates bound when it is in force."""

    name: Names
    unit: str
    enabled: bool = True
    start: date | None = Field(None, alias="from", description="First day in force (default: always)")
    until: date | None = Field(None, description="First day no longer in force (default: never)")
    covers: tuple[str, ...] = Field((), description="Ids of the mechanism checklist that this article models")

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)

    @model_validator(mode="after")
    def dates_in_order(self) -> Article:
        if self.start and self.until and self.start >= self.until:
            raise ValueError(f"'from' {self.start} must lie before 'until' {self.until}")
        return self


class Behaviour(Article):
    """Points for a recorded act; may put its author straight on a list."""

    what: Literal["behaviour"]
    conduct: Identifier = Field(description="Id in the conduct catalogue")
    value: int = Field(ge=-2000, le=2000, description="Points for one record")
    unit: Literal["points"] = "points"
    scorer: Scorer = Field("state", description="Whose account it counts on")
    lists: Blacklist | None = Field(None, description="List that a record leads straight onto")
    secret: bool = Field(False, description="Nobody is told: it neither deters nor is played for")
    announced: date | None = Field(None, description="Day from which people know of it (default: the day in force)")

    @model_validator(mode="after")
    def private_points_alone(self) -> Behaviour:
        if self.scorer == "private" and self.lists is not None:
            raise ValueError("a private scorer keeps no list; leave out 'lists' or 'scorer'")
        return self


class Claimed(Document):
    """What a vendor claims of a channel, beside the measured rates."""

    true_match: Share = 1.0
    wrong_match: Share = 0.0
    false_match: Share = 0.0
    source: str = Field(min_length=1)
    locator: str = ""


class Channel(Article):
    """A way in which acts become known. Four rates and no picture: nothing here senses anything."""

    what: Literal["channel"]
    value: Share = Field(description="Coverage: share of acts that happen within its reach")
    unit: Literal["share of acts within reach"] = "share of acts within reach"
    density: Literal["even", "cameras"] = Field("even", description="'cameras': coverage times the district's density")
    sees: dict[Identifier, Share] = Field(description="Conduct id -> chance that an act within reach is captured")
    true_match: Share = Field(1.0, description="Chance that a captured act is put down to its author")
    wrong_match: Share = Field(0.0, description="Chance that it is put down to somebody else")
    minority_true_match: float = Field(1.0, ge=0, le=2, description="Factor on true_match for the minority")
    minority_wrong_match: float = Field(1.0, ge=0, le=100, description="Factor on wrong_match for the minority")
    gallery: Literal["city", "district", "neighbourhood"] = Field("city", description="Whom a wrong match can name")
    scans: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]*)?$", max_length=40)] = Field(
        "", description="Alarm slot of the catalogue: passers-by compared with a list or a pattern"
    )
    false_match: Share = Field(0.0, description="Chance that one scan of an uninvolved person raises an alarm")
    alarm: Identifier | None = Field(None, description="Conduct id that a false alarm is recorded as")
    informer: bool = Field(False, description="Reports come from a member of a circle, who may be rewarded")
    false_reports: Share = Field(0.0, description="Share of the willing whose false report is filed")
    reports: Identifier | None = Field(None, description="Conduct id that a false report is recorded as")
    delay: int = Field(0, ge=0, le=365, description="Days until the record reaches the scorer")
    holder: Scorer = Field("state", description="Whose channel it is: records go to that scorer first")
    shared: bool = Field(True, description="Whether its records reach its holder's scorer")
    claimed: Claimed | None = Field(None, description="The vendor's rates, used where error_rates says 'claimed'")
    domain: Domain = Field("public_order", description="Area of life in which its data arise")

    @model_validator(mode="after")
    def matches_fit(self) -> Channel:
        right = self.true_match * max(1.0, self.minority_true_match)
        wrong = self.wrong_match * max(1.0, self.minority_wrong_match)
        if right + wrong > 1.0 + 1e-9:
            raise ValueError(f"true_match and wrong_match add up to {right + wrong:g} for some group; at most 1")
        if self.scans and self.alarm is None:
            raise ValueError("'scans' needs 'alarm': the conduct that a false alarm is recorded as")
        if self.false_reports and self.reports is None:
            raise ValueError("'false_reports' needs 'reports': the conduct that is falsely reported")
        return self


class Scoring(Article):
    """The account: where it starts and the range it stays in."""

    what: Literal["scoring"]
    value: int = Field(ge=0, le=4000, description="Points at the start")
    unit: Literal["points"] = "points"
    floor: int = Field(0, ge=-4000, le=4000)
    ceiling: int = Field(2000, ge=-4000, le=4000)

    @model_validator(mode="after")
    def range_holds_start(self) -> Scoring:
        if not self.floor <= self.value <= self.ceiling:
            raise ValueError(f"start {self.value} must lie within floor {self.floor} and ceiling {self.ceiling}")
        return self


class Class(Article):
    """A class of standing, from `value` points up to the next class."""

    what: Literal["class"]
    value: int = Field(ge=-4000, le=4000, description="Lowest standing of the class")
    unit: Literal["points"] = "points"
    letter: str = Field(min_length=1, max_length=8)
    sanctioned: bool = Field(False, description="Whether being in this class counts as a sanction")


class Sanction(Article):
    """A wish refused, or another disadvantage, to those in a class or on a list."""

    what: Literal["sanction"]
    value: Share = Field(description="Chance that it strikes: per wish, per record or per week")
    unit: Literal["chance per wish", "chance per record", "chance per week", "share of initiators"]
    effect: Literal["refuse", "fine", "shame", "job_loss", "removal", "preempt"]
    wish: Wish | None = Field(None, description="For 'refuse': the wish")
    classes: tuple[str, ...] = Field((), description="Letters of the classes it strikes")
    lists: tuple[Blacklist, ...] = ()
    bands: tuple[str, ...] = Field((), description="For 'refuse': letters of the private score's bands it strikes")
    outside: bool = Field(False, description="For 'refuse': strikes those without an account too")
    channels: tuple[Identifier, ...] = Field(
        (), description="For 'fine', 'shame' and 'preempt': channels without which it does not happen"
    )
    back: Share = Field(
        0.05, description="'job_loss': weekly chance of work once the ground has gone; 'removal': of release"
    )

    @model_validator(mode="after")
    def effect_has_its_fields(self) -> Sanction:
        unit = {
            "refuse": "chance per wish", "fine": "chance per record", "shame": "chance per record",
            "preempt": "share of initiators",
        }  # fmt: skip
        expected = unit.get(self.effect, "chance per week")
        if self.unit != expected:
            raise ValueError(f"effect '{self.effect}' has unit '{expected}', not '{self.unit}'")
        if self.effect == "refuse" and self.wish is None:
            raise ValueError("effect 'refuse' needs 'wish'")
        if self.effect in ("job_loss", "removal") and not (self.classes or self.lists):
            raise ValueError(f"effect '{self.effect}' needs 'classes' or 'lists'")
        if self.effect == "refuse" and not (self.classes or self.lists or self.bands or self.outside):
            raise ValueError("effect 'refuse' needs 'classes', 'lists', 'bands' or 'outside'")
        if self.effect in ("fine", "shame", "preempt") and not self.channels:
            raise ValueError(f"effect '{self.effect}' needs 'channels'")
        return self


class Reward(Article):
    """An advantage, at the wish, to those in a class."""

    what: Literal["reward"]
    value: Share = Field(description="Chance that a granted wish comes with the advantage")
    unit: Literal["chance per wish"] = "chance per wish"
    wish: Wish
    classes: tuple[str, ...] = ()
    bands: tuple[str, ...] = Field((), description="Letters of the private score's bands that have it")

    @model_validator(mode="after")
    def somebody_has_it(self) -> Reward:
        if not (self.classes or self.bands):
            raise ValueError("a reward needs 'classes' or 'bands'")
        return self


class Listing(Article):
    """A public list: who enters, for how long, how one leaves."""

    what: Literal["list"]
    value: int = Field(ge=1, le=255, description="Weeks on the list")
    unit: Literal["weeks"] = "weeks"
    colour: ListColour
    enters: tuple[str, ...] = Field((), description="Letters of the classes that lead onto the list")
    repair: Share = Field(0.0, description="Weekly chance of leaving early, by paying or repairing")
    public: bool = True


class Association(Article):
    """What the standing of friends does to one's own."""

    what: Literal["association"]
    value: float = Field(ge=0, le=0.9, description="Weight of the friends' mean deviation from the start")
    unit: Literal["weight"] = "weight"
    reach: Literal["direct", "transitive"] = Field(
        "transitive", description="direct: friends' own accounts; transitive: their standings, friends of friends included"
    )
    limit: int = Field(127, ge=0, le=127, description="Most points that friends can add or take")


class Cap(Article):
    """The highest standing that members of a group can reach."""

    what: Literal["cap"]
    value: int = Field(ge=-4000, le=4000)
    unit: Literal["points"] = "points"
    group: Literal["minority"] = "minority"


class Response(Article):
    """How people react. Each effect has its own unit; see the model description."""

    what: Literal["response"]
    value: Share
    unit: str
    effect: Literal[
        "deterrence", "self_censorship", "points_seeking", "crowding_out", "shunning", "own_sanction",
        "friends_sanctions", "public_sanctions", "forgetting", "silence", "hardship", "debt", "recovery",
    ]  # fmt: skip
    form: Literal["linear", "strategic"] = Field(
        "linear", description="For 'self_censorship': how perceived risk becomes silence (see the forms page)"
    )


class Safeguard(Article):
    """A right that the scheme may or may not grant; off unless `enabled`."""

    what: Literal["safeguard"]
    enabled: bool = False
    value: float = Field(ge=0, le=4000)
    unit: str
    lever: Literal[
        "notice", "reasons", "review", "appeal", "expiry", "repair", "purpose_limitation",
        "no_association", "equal_treatment", "error_audit", "opt_out", "match_threshold",
    ]  # fmt: skip
    days: int = Field(30, ge=1, le=365, description="Days until an appeal is decided")
    slip: Share = Field(0.05, description="Chance that a correct record, or a true match, is lost all the same")
    filed: Share = Field(0.25, description="For 'appeal': share of the notified who file without being given reasons")
    domains: tuple[Domain, ...] = Field((), description="For 'purpose_limitation': domains whose records still count")


class Enrolment(Article):
    """Who has an account. A rulebook without such an article enrols everybody."""

    what: Literal["enrolment"]
    value: Share = Field(description="Share of residents with an account, where it applies")
    unit: Literal["share of residents"] = "share of residents"
    mode: Literal["voluntary", "compulsory"] = "compulsory"
    districts: tuple[Identifier, ...] = Field((), description="Where it applies (default: everywhere)")
    places: Share = Field(1.0, description="Share of the neighbourhoods there that take part")
    leaning: float = Field(0.0, ge=-1, le=1, description="Self-selection: factor 1 + leaning * (trust - 3.5) / 3.5")


class Retention(Article):
    """How long points stay on the account."""

    what: Literal["retention"]
    value: int = Field(ge=0, le=36500, description="Days over which points fade; 0: never, the file is permanent")
    unit: Literal["days"] = "days"


class Sharing(Article):
    """Records of some channels reach a further scorer, from a date: a cell of the sharing matrix."""

    what: Literal["sharing"]
    value: Share = Field(description="Share of the records handed over")
    unit: Literal["share of records"] = "share of records"
    channels: tuple[Identifier, ...] = Field(min_length=1)
    scorer: Scorer = Field("state", description="The scorer that receives them")


class PrivateScore(Article):
    """A second account, kept by a firm over its users."""

    what: Literal["private_score"]
    value: int = Field(ge=0, le=4000, description="Points at the start")
    unit: Literal["points"] = "points"
    floor: int = Field(ge=0, le=4000)
    ceiling: int = Field(ge=0, le=4000)
    step: int = Field(5, ge=1, le=100, description="Points move in steps of so many")
    users: Share = Field(1.0, description="Share of those online who use it")
    friends: float = Field(0.0, ge=0, le=0.9, description="Weight of the friends' mean deviation from the start")

    @model_validator(mode="after")
    def steps_fit(self) -> PrivateScore:
        if not self.floor <= self.value <= self.ceiling:
            raise ValueError(f"start {self.value} must lie within floor {self.floor} and ceiling {self.ceiling}")
        if (self.value - self.floor) % self.step or (self.ceiling - self.floor) % self.step:
            raise ValueError(f"floor, start and ceiling must lie whole steps of {self.step} apart")
        if (self.ceiling - self.floor) // self.step > 255:
            raise ValueError(f"{(self.ceiling - self.floor) // self.step} steps; at most 255")
        return self


class Band(Article):
    """A band of the private score, from `value` points up to the next band."""

    what: Literal["band"]
    value: int = Field(ge=0, le=4000, description="Lowest private score of the band")
    unit: Literal["points"] = "points"
    letter: str = Field(min_length=1, max_length=12)


class Composite(Article):
    """Points that a secret formula adds from many sources, and cannot be traced to any record."""

    what: Literal["composite"]
    value: int = Field(ge=0, le=500, description="Noise: from -value to +value, drawn anew each period")
    unit: Literal["points"] = "points"
    period: int = Field(4, ge=1, le=52, description="Weeks between two computations")
    income: tuple[int, ...] = Field((0,) * 5, min_length=5, max_length=5, description="Points by income fifth")
    online: tuple[int, ...] = Field((0,) * 4, min_length=4, max_length=4, description="Points by online activity")
    age: tuple[int, ...] = Field((0,) * 8, min_length=8, max_length=8, description="Points by age band")


class StudyApp(Article):
    """The party's study app: points for reading and sharing by the hour, gifts and the cell's pillory."""

    what: Literal["study_app"]
    value: int = Field(ge=0, le=100, description="Points for a text read")
    unit: Literal["points"] = "points"
    minutes: int = Field(4, ge=1, le=60, description="Minutes that a text must be read for")
    share_points: int = Field(1, ge=0, le=100, description="Points for a text or film passed on")
    read_cap: int = Field(6, ge=0, le=100, description="Texts that count in a day")
    share_cap: int = Field(3, ge=0, le=100, description="Texts passed on that count in a day")
    daily_cap: int = Field(64, ge=0, le=400, description="Most points of a day")
    hours: tuple[tuple[float, float], ...] = Field(
        ((6, 8.5), (12, 14), (20, 24)), description="Hours of the day, from and to, in which points are multiplied"
    )
    inside: int = Field(2, ge=0, le=10, description="Multiplier within those hours")
    outside: int = Field(1, ge=0, le=10, description="Multiplier at other times")
    opens: Share = Field(0.6, description="Chance that a member without fear opens it on a day")
    fear: Share = Field(0.5, description="Share of the rest that full perceived risk adds")
    gift_at: int = Field(0, ge=0, le=4000, description="Points of four weeks that buy a gift; 0: no gifts")
    pillory_below: int = Field(0, ge=0, le=4000, description="Points of four weeks below which the cell pillories")
    credit: Share = Field(0.0, description="Share of the app's points that counts on the account, every four weeks")

    @model_validator(mode="after")
    def hours_in_order(self) -> StudyApp:
        for first, last in self.hours:
            if not 0 <= first < last <= 24:
                raise ValueError(f"hours from {first:g} to {last:g}: must rise within 0 to 24")
        return self


class Discretion(Article):
    """Local officials who give more or less than the catalogue says."""

    what: Literal["discretion"]
    value: Share = Field(description="Points of a record are multiplied by 1 - value to 1 + value, by neighbourhood")
    unit: Literal["share of the points"] = "share of the points"
    channels: tuple[Identifier, ...] = Field(min_length=1, description="Channels in the hands of local officials")


class ErrorRates(Article):
    """Which of the two named sets of rates the channels have."""

    what: Literal["error_rates"]
    value: Literal["measured", "claimed"]
    unit: Literal["set of rates"] = "set of rates"


class Turnout(Article):
    """Thresholds of protest: people join when enough others do (Granovetter 1978)."""

    what: Literal["turnout"]
    value: Share = Field(description="Share of those who would begin alone")
    unit: Literal["share of residents"] = "share of residents"
    caution: Share = Field(0.5, description="How far full perceived risk lifts the threshold of the least bold")


class Approval(Article):
    """What people think of the scheme, and what they say when asked (Kuran 1989)."""

    what: Literal["approval"]
    value: int = Field(ge=0, le=8, description="Trust (0 to 7) from which somebody approves who has no grievance")
    unit: Literal["steps of trust"] = "steps of trust"
    sanctioned: int = Field(0, ge=0, le=8, description="Further steps for those ever sanctioned")
    refused: int = Field(0, ge=0, le=8, description="Further steps for those ever refused")
    informed: int = Field(0, ge=0, le=8, description="Further steps for those who know what is recorded")
    fellows: int = Field(0, ge=0, le=8, description="Steps fewer for those who trust their fellows less than the state")
    falsify: Share = Field(0.0, description="1: whoever perceives any risk feigns approval; 0: nobody does")


SECTORS = ("industry", "services", "institution", "association")


class FirmScoring(Article):
    """The account of firms, institutions and associations."""

    what: Literal["firm_scoring"]
    value: int = Field(ge=0, le=4000, description="Points at the start")
    unit: Literal["points"] = "points"
    floor: int = Field(0, ge=-4000, le=4000)
    ceiling: int = Field(2000, ge=-4000, le=4000)
    recovery: int = Field(0, ge=0, le=100, description="Points a week by which a score returns to its start")
    sectors: tuple[Share, ...] = Field(
        (0.3, 0.55, 0.1, 0.05), min_length=4, max_length=4, description="Shares of industry, services, institutions, associations"
    )
    cameras: Share = Field(0.0, description="Share of firms with compulsory cameras on their premises")
    camera_gain: float = Field(1.0, ge=1, le=20, description="Factor on detection in firms with cameras")

    @model_validator(mode="after")
    def shares_and_range(self) -> FirmScoring:
        if abs(sum(self.sectors) - 1) > 1e-6:
            raise ValueError(f"sectors add up to {sum(self.sectors):.6g}; their shares must add up to 1")
        if not self.floor <= self.value <= self.ceiling:
            raise ValueError(f"start {self.value} must lie within floor {self.floor} and ceiling {self.ceiling}")
        return self


class FirmConduct(Article):
    """What firms do, how often it is found, and what it counts."""

    what: Literal["firm_conduct"]
    value: int = Field(ge=-2000, le=2000, description="Points for one finding")
    unit: Literal["points"] = "points"
    rate: float = Field(ge=0, le=52, description="Acts a year of a firm whose factors are all 1")
    slope: float = Field(0.0, ge=-1, le=1, description="Factor 1 + slope * (probity - 3.5) / 3.5")
    sectors: tuple[Factor, ...] = Field((1.0,) * 4, min_length=4, max_length=4, description="Factor by sector")
    found: Share = Field(description="Chance that an act is found")
    invented: Share = Field(0.0, description="Weekly chance of a finding without an act")


class FirmList(Article):
    """The list of unreliable firms: the licence is suspended, and employees pay too."""

    what: Literal["firm_list"]
    value: int = Field(ge=1, le=127, description="Weeks on the list")
    unit: Literal["weeks"] = "weeks"
    below: int = Field(ge=-4000, le=4000, description="Score below which a firm is listed")
    job_loss: Share = Field(0.0, description="Chance that an employee loses the job when the firm is listed")
    back: Share = Field(0.05, description="Weekly chance of work for those who lost it")
    employee_points: int = Field(0, ge=-500, le=0, description="Points that each employee loses with it")


class FirmSanction(Article):
    """What a low score costs a firm."""

    what: Literal["firm_sanction"]
    value: Share = Field(description="Chance that it strikes a firm below the limit")
    unit: Literal["chance per occasion"] = "chance per occasion"
    effect: Literal["fine", "tax", "credit", "market", "tender"]
    below: int = Field(ge=-4000, le=4000, description="Score below which it strikes")
    rate: float = Field(gt=0, le=52, description="Occasions a year for a firm")


AnyArticle = Annotated[
    Behaviour | Channel | Scoring | Class | Sanction | Reward | Listing | Association | Cap | Response | Safeguard
    | Enrolment | Retention | Sharing | PrivateScore | Band | Composite | StudyApp | Discretion | ErrorRates | Turnout
    | Approval | FirmScoring | FirmConduct | FirmList | FirmSanction,
    Field(discriminator="what"),
]  # fmt: skip


class Rulebook(Document):
    """A whole scheme."""

    id: ScenarioName
    name: Names
    summary: Names
    articles: dict[Identifier, AnyArticle] = Field(min_length=1)


# --- conduct catalogue: what people do and wish, whatever the rules ----------------------------------


class Slot(Sourced):
    """A place in the daily lottery of candidates; rules move only who of them is accepted."""

    name: Names
    rate: float = Field(ge=0, le=400, description="Events a year for a citizen whose factors are all 1")
    bound: float = Field(gt=0, le=400, description="Highest rate a year that any citizen, state or lever can reach")
    age: tuple[Factor, ...] = Field((1.0,) * 8, min_length=8, max_length=8, description="Factor by age band")
    occupation: tuple[Factor, ...] = Field((1.0,) * 8, min_length=8, max_length=8)
    income: tuple[Factor, ...] = Field((1.0,) * 5, min_length=5, max_length=5, description="Factor by income fifth")
    online: tuple[Factor, ...] = Field((1.0,) * 4, min_length=4, max_length=4, description="Factor by online activity")
    disposition: Disposition = "none"
    slope: float = Field(0.0, ge=-1, le=1, description="Factor 1 + slope * (disposition - 3.5) / 3.5")
    needs: tuple[Need, ...] = ()


class Conduct(Slot):
    """Something people do."""

    kind: Literal["violation", "prosocial", "expression", "hardship"] = Field(
        description="What moves it: deterrence; motivation; self-censorship; debt"
    )
    lawful: bool = Field(False, description="Whether the act is lawful")
    assembly: bool = Field(False, description="Whether it takes others to join (see the article 'turnout')")


class Wished(Slot):
    """Something people ask for."""

    expression: bool = Field(False, description="Whether self-censorship thins it")
    domain: Domain = "records"


class Alarm(Slot):
    """Passers-by scanned (rate = scans a year) or people inclined to report falsely (rate = reports a year)."""


class Catalogue(Document):
    """What people do and wish; belongs to the world and not to any rulebook."""

    conduct: dict[Identifier, Conduct]
    wishes: dict[Identifier, Wished]
    alarms: dict[Identifier, Alarm]


# --- population ------------------------------------------------------------------------------------


class District(Document):
    """A district or province, in aggregate."""

    name: Names
    residents: int = Field(ge=1, le=200_000_000)
    minority: Share
    cameras: float = Field(1.0, ge=0, le=1, description="Camera density relative to full coverage")


class CircleShape(Document):
    """How one kind of circle is cut."""

    sizes: tuple[Annotated[int, Field(ge=1, le=128)], ...] = Field(min_length=1, description="Cell sizes, repeated")


class Circles(Document):
    """The affiliation network: each citizen's circles."""

    household: CircleShape
    friends: CircleShape
    street: CircleShape
    work: CircleShape
    chat: CircleShape
    party: CircleShape
    firm: CircleShape = CircleShape(sizes=(120, 60, 40, 30, 20, 15, 10, 10, 8, 8, 6, 6, 5, 5, 4, 3))


class Population(Sourced):
    """Aggregates from which synthetic citizens are drawn. Nothing here is about any one person."""

    id: ScenarioName
    name: Names
    districts: dict[Identifier, District] = Field(min_length=1, max_length=64)
    age: tuple[Share, ...] = Field(min_length=8, max_length=8, description="Shares of the age bands")
    occupation: tuple[tuple[Share, ...], ...] = Field(
        min_length=8, max_length=8, description="Row: age band; column: share of the occupation"
    )
    party: tuple[Share, ...] = Field(min_length=8, max_length=8, description="Party membership relative by occupation")
    party_share: Share = Field(description="Party members among all residents")
    drives: tuple[Share, ...] = Field(min_length=5, max_length=5, description="Adults with a car, relative by income fifth")
    cars_per_resident: Share
    online: tuple[tuple[Share, ...], ...] = Field(
        min_length=8, max_length=8, description="Row: age band; column: share of online activity none, low, middle, high"
    )
    disfavoured_share: Share = Field(0.0, description="Share of those over 14 in a group that the scheme disfavours")
    enclave_share: Share = Field(description="Share of neighbourhoods that are enclaves of the minority")
    enclave_residents: Share = Field(description="Share of the minority that lives in enclaves")
    income_sorting: Share = Field(description="Chance that a household has its neighbourhood's income fifth")
    circles: Circles
    sources: dict[str, str] = Field(default_factory=dict, description="Table -> census or statistic it comes from")

    @property
    def residents(self) -> int:
        """Residents of all districts."""
        return sum(district.residents for district in self.districts.values())

    @model_validator(mode="after")
    def shares_add_up(self) -> Population:
        rows = {"age": self.age}
        rows |= {f"occupation[{k}]": row for k, row in enumerate(self.occupation)}
        rows |= {f"online[{k}]": row for k, row in enumerate(self.online)}
        for path, row in rows.items():
            if abs(sum(row) - 1) > 1e-6:
                raise ValueError(f"{path} adds up to {sum(row):.6g}; its shares must add up to 1")
        for path, row, length in [(k, r, 8) for k, r in rows.items() if k.startswith("occ")]:
            if len(row) != length:
                raise ValueError(f"{path} has {len(row)} shares; it needs {length}")
        for k, row in enumerate(self.online):
            if len(row) != 4:
                raise ValueError(f"online[{k}] has {len(row)} shares; it needs 4")
        return self


# --- scenario --------------------------------------------------------------------------------------


class Scenario(Document):
    """A rulebook over a population for a time, with changes."""

    id: ScenarioName
    name: Names
    summary: Names
    rulebook: str = Field(description="Built-in name, or a file beside the scenario")
    population: str = Field(description="Built-in name, or a file beside the scenario")
    catalogue: str = "everyday"
    start: date
    days: int = Field(365, ge=1, le=3660)
    citizens: int | None = Field(None, ge=1, le=2_000_000_000, description="Default size; all residents if absent")
    seed: int = Field(1, ge=0, lt=2**63)
    set: dict[str, bool | int | float | str | list] = Field(
        default_factory=dict, description="Overlay: dotted path -> value"
    )
