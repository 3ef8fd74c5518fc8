"""Articles in plain words, told from their own fields, so that they stay true when an overlay changes a value.

A kind of article is a function here, marked with `tells`, and its sentences in each file of data/words/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from glasscity.errors import Problem, Problems
from glasscity.rules.language import Language, language
from glasscity.rules.model import (
    SECTORS,
    Approval,
    Article,
    Association,
    Band,
    Behaviour,
    Cap,
    Catalogue,
    Channel,
    Class,
    Composite,
    Discretion,
    Enrolment,
    ErrorRates,
    FirmConduct,
    FirmList,
    FirmSanction,
    FirmScoring,
    Listing,
    Population,
    PrivateScore,
    Response,
    Retention,
    Reward,
    Rulebook,
    Safeguard,
    Sanction,
    Scoring,
    Sharing,
    StudyApp,
    Turnout,
)

# how a scheme is told: groups of kinds of article, in order
GROUPS: dict[str, tuple[type[Article], ...]] = {
    "account": (Scoring, Class, Association, Cap, Enrolment, Retention, Composite, PrivateScore, Band),
    "counts": (Behaviour, Discretion, StudyApp),
    "seen": (Channel, Sharing, ErrorRates),
    "consequences": (Listing, Sanction),
    "rewards": (Reward,),
    "firms": (FirmScoring, FirmConduct, FirmList, FirmSanction),
    "responses": (Response, Turnout, Approval),
    "safeguards": (Safeguard,),
}
INFORMERS_REWARD = "denouncing"  # the conduct that an informer's points are given for
SHORTEST_FADE = 7  # days; fading happens once a week
A = TypeVar("A", bound=Article)
B = TypeVar("B", bound=Class | Band)


@dataclass(frozen=True)
class Teller:
    """A language, and the documents in which it finds the names of what an article refers to."""

    lang: Language
    rulebook: Rulebook
    catalogue: Catalogue
    population: Population | None = None

    def articles(self, kind: type[A]) -> list[A]:
        """Articles of one kind that are not switched off."""
        return [article for article in self.rulebook.articles.values() if isinstance(article, kind) and article.enabled]

    def conduct(self, key: str) -> str:
        return self.lang.quoted(self.catalogue.conduct[key].name)

    def channels(self, keys: Iterable[str], word: Callable[[Iterable[str]], str] | None = None) -> str:
        return (word or self.lang.all_of)(self.lang.quoted(self.rulebook.articles[key].name) for key in keys)

    def classes(self, letters: Iterable[str], preposition: str = "in") -> Iterator[str]:
        """'in class D' for each letter; a class with a name of its own is quoted."""
        names = {article.letter: self.lang.name(article.name) for article in reversed(all_of(self.rulebook, Class))}
        prefix = self.lang.text("who.class_prefix")
        for letter in letters:
            name = names.get(letter, letter)
            if name.startswith(prefix):
                yield self.lang.say(f"who.class_{preposition}", name=name.removeprefix(prefix))
            else:
                yield self.lang.say(f"who.class_{preposition}_named", name=self.lang.quoted(name))

    def bands(self, letters: Iterable[str]) -> Iterator[str]:
        """'in the bands “low” or “fair” of the private score', if there are letters."""
        names = {article.letter: self.lang.name(article.name) for article in reversed(all_of(self.rulebook, Band))}
        prefix = self.lang.text("who.band_prefix")
        told = [self.lang.quoted(names.get(letter, letter).removeprefix(prefix)) for letter in letters]
        if told:
            yield self.lang.say("who.bands" if told[1:] else "who.band", names=self.lang.any_of(told))

    def list(self, colour: str, preposition: str) -> str:
        """'on the blacklist', 'onto the list “Under quarantine”'."""
        found = [article for article in all_of(self.rulebook, Listing) if article.colour == colour]
        name = self.lang.name(found[0].name) if found else None
        if name in (None, self.lang.text(f"who.{colour}_name")):
            return self.lang.text(f"who.{colour}_{preposition}")
        return self.lang.say(f"who.named_{preposition}", name=self.lang.quoted(name or ""))


def all_of(rulebook: Rulebook, kind: type[A]) -> list[A]:
    """Articles of one kind, switched on or not."""
    return [article for article in rulebook.articles.values() if isinstance(article, kind)]


Told = Iterator[str]
TELLERS: dict[type[Article], Callable[[Any, Teller], Told]] = {}
F = TypeVar("F", bound=Callable[[Any, Teller], Told])


def tells(kind: type[Article]) -> Callable[[F], F]:
    """Marks the function that tells a kind of article, sentence by sentence."""

    def mark(function: F) -> F:
        TELLERS[kind] = function
        return function

    return mark


def describe(
    article_key: str, rulebook: Rulebook, catalogue: Catalogue, lang: str, population: Population | None = None
) -> str:
    """An article in a few plain sentences: what it does, to whom, how much, since when and until when.

    `lang`: en, de or nl. `population`: where the names of districts are found; without it they are counted.
    Problems if there is no such article or language, or a sentence is missing from the language's file.
    """
    if article_key not in rulebook.articles:
        raise Problems([Problem(rulebook.id, f"articles.{article_key}", "nothing", ", ".join(rulebook.articles))])
    teller = Teller(language(lang), rulebook, catalogue, population)
    article = rulebook.articles[article_key]
    return " ".join([*TELLERS[type(article)](article, teller), *in_force(article, teller.lang)])


def group_of(article: Article) -> str:
    """The group in which an article is told."""
    return next(group for group, kinds in GROUPS.items() if isinstance(article, kinds))


def in_force(article: Article, lang: Language) -> Told:
    """Since when, until when, and whether at all."""
    first = lang.date(article.start) if article.start else None
    last = lang.date(article.until - timedelta(days=1)) if article.until else None
    if first and last:
        yield lang.say("general.between", first=first, last=last)
    elif first:
        yield lang.say("general.since", first=first)
    elif last:
        yield lang.say("general.until", last=last)
    if not article.enabled:
        yield lang.text("general.off")


# --- the account ---------------------------------------------------------------------------------------


@tells(Scoring)
def scoring(article: Scoring, teller: Teller) -> Told:
    number = teller.lang.number
    key = "account" if article.floor < article.ceiling else "none"
    yield teller.lang.say(
        f"scoring.{key}", start=number(article.value), floor=number(article.floor), ceiling=number(article.ceiling)
    )


@tells(Class)
def class_(article: Class, teller: Teller) -> Told:
    yield span(article, teller.articles(Class), teller.lang)
    if article.sanctioned:
        yield teller.lang.text("class.sanctioned")


@tells(Band)
def band(article: Band, teller: Teller) -> Told:
    yield span(article, teller.articles(Band), teller.lang)


def span(article: B, others: list[B], lang: Language) -> str:
    """From where to where a class or band reaches: to the next one above; the lowest has no lower end."""
    values = [other.value for other in others if other.letter != article.letter]
    above = [value for value in values if value > article.value]
    low, high = lang.number(article.value), lang.number(min(above) - 1) if above else ""
    is_lowest = not any(value < article.value for value in values)
    place = ("only" if is_lowest else "top") if not above else "bottom" if is_lowest else "middle"
    return lang.say(f"{article.what}.{place}", low=low, high=high)


@tells(Association)
def association(article: Association, teller: Teller) -> Told:
    limit = teller.lang.count("points", article.limit)
    yield teller.lang.say(f"association.{article.reach}", share=teller.lang.percent(article.value), limit=limit)


@tells(Cap)
def cap(article: Cap, teller: Teller) -> Told:
    yield teller.lang.say(f"cap.{article.group}", points=teller.lang.count("points", article.value))


@tells(Enrolment)
def enrolment(article: Enrolment, teller: Teller) -> Told:
    lang = teller.lang
    yield lang.say(f"enrolment.{article.mode}", share=lang.percent(article.value))
    if article.districts and teller.population:
        names = [lang.name(teller.population.districts[key].name) for key in article.districts]
        yield lang.say("enrolment.districts", districts=lang.all_of(names))
    elif article.districts:
        yield lang.say("enrolment.some_districts", n=lang.number(len(article.districts)))
    if article.places < 1:
        yield lang.say("enrolment.places", share=lang.percent(article.places))
    if article.leaning:
        yield lang.text("enrolment.trusting" if article.leaning > 0 else "enrolment.distrusting")


@tells(Retention)
def retention(article: Retention, teller: Teller) -> Told:
    if article.value == 0:
        yield teller.lang.text("retention.permanent")
    else:
        yield fading("retention.fades", article.value, teller.lang)


def fading(key: str, value: float, lang: Language) -> str:
    """Points that fade over so many days."""
    days = max(SHORTEST_FADE, round(value))
    return lang.say(key, share=lang.percent(SHORTEST_FADE / days), days=lang.count("days", days))


@tells(PrivateScore)
def private_score(article: PrivateScore, teller: Teller) -> Told:
    lang = teller.lang
    parts = {"start": article.value, "floor": article.floor, "ceiling": article.ceiling, "step": article.step}
    told = {name: lang.number(value) for name, value in parts.items()}
    yield lang.say("private_score.account", users=lang.percent(article.users), **told)
    if article.friends:
        yield lang.say("private_score.friends", share=lang.percent(article.friends))


@tells(Composite)
def composite(article: Composite, teller: Teller) -> Told:
    lang = teller.lang
    every, points = lang.count("every", article.period), lang.count("points", article.value)
    yield lang.say("composite.chance", every=every, points=points)
    traits = {"income": article.income, "online": article.online, "age": article.age}
    told = [
        lang.say(f"composite.{trait}", low=lang.number(min(points)), high=lang.number(max(points)))
        for trait, points in traits.items()
        if any(points)
    ]
    if told:
        yield lang.say("composite.traits", traits=lang.all_of(told))


@tells(Approval)
def approval(article: Approval, teller: Teller) -> Told:
    lang = teller.lang
    yield lang.say("approval.trust", value=lang.number(article.value))
    steps = {"sanctioned": article.sanctioned, "refused": article.refused, "informed": article.informed}
    groups = [lang.say(f"approval.{group}", n=lang.number(n)) for group, n in steps.items() if n]
    if groups:
        yield lang.say("approval.more", groups=lang.all_of(groups))
    if article.fellows:
        yield lang.say("approval.fellows", n=lang.number(article.fellows))
    if 0 < article.falsify < 1:
        yield lang.say("approval.feigned", share=lang.percent(1 - article.falsify))
    else:
        yield lang.text("approval.always_feigned" if article.falsify else "approval.honest")


# --- what counts, and how it is seen -------------------------------------------------------------------


@tells(Behaviour)
def behaviour(article: Behaviour, teller: Teller) -> Told:
    lang = teller.lang
    way = "minus" if article.value < 0 else "plus" if article.value else "zero"
    points, conduct = lang.count("points", abs(article.value)), teller.conduct(article.conduct)
    yield lang.say(f"behaviour.{way}_{article.scorer}", conduct=conduct, points=points)
    if article.lists:
        yield lang.say("behaviour.lists", list=teller.list(article.lists, "onto"))
    if teller.catalogue.conduct[article.conduct].lawful and (article.value < 0 or article.lists):
        yield lang.text("behaviour.lawful")
    if article.secret:
        yield lang.text("behaviour.secret")
    elif article.announced:
        yield lang.say("behaviour.announced", date=lang.date(article.announced))


@tells(Channel)
def channel(article: Channel, teller: Teller) -> Told:
    yield captured(article, teller)
    if article.sees:
        yield named(article, teller.lang)
    if article.scans:
        yield scanned(article, teller)
    yield from reported(article, teller)
    yield from handed_on(article, teller)


def captured(article: Channel, teller: Teller) -> str:
    """What a channel sees."""
    lang = teller.lang
    if not article.sees:
        return lang.text("channel.blind")
    items = [
        lang.say("channel.item", conduct=teller.conduct(key), share=lang.percent(share))
        for key, share in article.sees.items()
    ]
    return lang.say(f"channel.{article.density}", share=lang.percent(article.value), sees=", ".join(items))


def named(article: Channel, lang: Language) -> str:
    """Whom a channel takes for the author."""
    right, wrong = article.true_match, article.wrong_match
    minority = right * article.minority_true_match, wrong * article.minority_wrong_match
    told = {"right": lang.percent(right), "wrong": lang.percent(wrong), "gallery": lang.text(f"channel.{article.gallery}")}
    if minority != (right, wrong):
        told |= {"minority_right": lang.percent(minority[0]), "minority_wrong": lang.percent(minority[1])}
        return lang.say("channel.named_minority", **told)
    if wrong:
        return lang.say("channel.named", **told)
    return lang.say("channel.named_alone", right=told["right"]) if right < 1 else lang.text("channel.named_always")


def scanned(article: Channel, teller: Teller) -> str:
    """What a channel does to people who have done nothing."""
    lang = teller.lang
    scan = lang.quoted(teller.catalogue.alarms[article.scans].name)
    told = {"scan": scan, "wrong": lang.percent(article.false_match), "alarm": teller.conduct(article.alarm or "")}
    if article.minority_wrong_match != 1 and article.false_match:
        minority_wrong = lang.percent(min(1.0, article.false_match * article.minority_wrong_match))
        return lang.say("channel.scans_minority", minority_wrong=minority_wrong, **told)
    return lang.say("channel.scans", **told)


def reported(article: Channel, teller: Teller) -> Told:
    """Who reports, rightly or falsely."""
    if article.informer:
        is_paid = any(rule.conduct == INFORMERS_REWARD and rule.value > 0 for rule in teller.articles(Behaviour))
        if is_paid:
            yield teller.lang.say("channel.informer_paid", conduct=teller.conduct(INFORMERS_REWARD))
        else:
            yield teller.lang.text("channel.informer")
    if article.false_reports:
        share, reports = teller.lang.percent(article.false_reports), teller.conduct(article.reports or "")
        yield teller.lang.say("channel.false_reports", share=share, reports=reports)


def handed_on(article: Channel, teller: Teller) -> Told:
    """When and with whom a record counts, and what the maker says."""
    lang = teller.lang
    if article.delay:
        yield lang.say("channel.delay", later=lang.count("later", article.delay))
    if article.holder == "private" and not all_of(teller.rulebook, PrivateScore):
        yield lang.text("channel.private_only")
    elif article.holder == "private" or not article.shared:
        yield lang.text(f"channel.{article.holder}_{'shared' if article.shared else 'unshared'}")
    if article.claimed:
        claim = article.claimed
        told = {"right": lang.percent(claim.true_match), "wrong": lang.percent(claim.wrong_match)}
        if article.scans:
            yield lang.say("channel.claimed_scans", alarms=lang.percent(claim.false_match), **told)
        else:
            yield lang.say("channel.claimed", **told)
        if any(rates.value == "claimed" for rates in teller.articles(ErrorRates)):
            yield lang.text("channel.claimed_used")
    yield lang.say("channel.area", area=lang.text(f"area.{article.domain}"))


@tells(Sharing)
def sharing(article: Sharing, teller: Teller) -> Told:
    share = teller.lang.percent(article.value)
    yield teller.lang.say(f"sharing.{article.scorer}", share=share, channels=teller.channels(article.channels))


@tells(Discretion)
def discretion(article: Discretion, teller: Teller) -> Told:
    share = teller.lang.percent(article.value)
    yield teller.lang.say("discretion.officials", share=share, channels=teller.channels(article.channels))


@tells(ErrorRates)
def error_rates(article: ErrorRates, teller: Teller) -> Told:
    yield teller.lang.text(f"error_rates.{article.value}")


@tells(StudyApp)
def study_app(article: StudyApp, teller: Teller) -> Told:
    lang, number = teller.lang, teller.lang.number
    yield lang.say(
        "study_app.points",
        read=lang.count("points", article.value), minutes=lang.count("minutes", article.minutes),
        read_cap=number(article.read_cap), passed=lang.count("points", article.share_points),
        share_cap=number(article.share_cap),
    )  # fmt: skip
    times = [lang.say("form.times", first=lang.clock(first), last=lang.clock(last)) for first, last in article.hours]
    told = {"outside": number(article.outside), "daily": number(article.daily_cap)}
    if times:
        yield lang.say("study_app.hours", hours=lang.all_of(times), inside=number(article.inside), **told)
    else:
        yield lang.say("study_app.no_hours", **told)
    yield lang.say("study_app.opens", share=lang.percent(article.opens), fear=lang.percent(article.fear))
    if article.gift_at:
        yield lang.say("study_app.gift", points=lang.count("points", article.gift_at))
    if article.pillory_below:
        yield lang.say("study_app.pillory", points=number(article.pillory_below))
    if article.credit:
        yield lang.say("study_app.credit", share=lang.percent(article.credit))


# --- lists, consequences, rewards ----------------------------------------------------------------------


@tells(Listing)
def listing(article: Listing, teller: Teller) -> Told:
    lang = teller.lang
    if article.colour == "red":
        classes = lang.any_of(teller.classes(article.enters))
        on, onto = (teller.list("red", preposition) for preposition in ("on", "onto"))
        yield lang.say("list.red", classes=classes, on=on) if classes else lang.say("list.nobody", onto=onto)
    else:
        yield entered(article, teller)
        if article.repair:
            yield lang.say("list.repair", share=lang.percent(article.repair))
    yield lang.text("list.public" if article.public else "list.hidden")


def entered(article: Listing, teller: Teller) -> str:
    """What leads onto a list, and for how long."""
    lang, onto = teller.lang, teller.list(article.colour, "onto")
    ways = []
    if article.enters:
        ways.append(lang.say("list.class", classes=lang.any_of(teller.classes(article.enters, "into"))))
    rules = [rule.conduct for rule in teller.articles(Behaviour) if rule.lists == article.colour]
    if rules:
        conducts = lang.any_of(teller.conduct(key) for key in dict.fromkeys(rules))
        ways.append(lang.say("list.record", conducts=conducts))
    if not ways:
        return lang.say("list.nobody", onto=onto)
    return lang.say("list.enters", ways=lang.any_of(ways), onto=onto, weeks=lang.count("weeks", article.value))


def struck(article: Sanction | Reward, teller: Teller) -> str:
    """Those in a class, on a list, in a band of the private score or without an account."""
    who = [*teller.classes(article.classes)]
    if isinstance(article, Sanction):
        who += [teller.list(colour, "on") for colour in article.lists]
    who += teller.bands(article.bands)
    if isinstance(article, Sanction) and article.outside:
        who.append(teller.lang.text("who.outside"))
    return teller.lang.any_of(who)


@tells(Sanction)
def sanction(article: Sanction, teller: Teller) -> Told:
    lang, share = teller.lang, teller.lang.percent(article.value)
    match article.effect:
        case "refuse":
            who, wishes = struck(article, teller), lang.text(f"wish.{article.wish}")
            if article.value == 1:
                yield lang.say("sanction.refuse_all", who=who, wishes=wishes)
            else:
                yield lang.say("sanction.refuse", who=who, wishes=wishes, share=share)
        case "fine" | "shame":
            yield lang.say(f"sanction.{article.effect}", share=share, channels=teller.channels(article.channels))
        case "preempt":
            yield lang.say("sanction.preempt", share=share, channels=teller.channels(article.channels, lang.any_of))
        case "job_loss" | "removal":
            who, back = struck(article, teller), lang.percent(article.back)
            yield lang.say(f"sanction.{article.effect}", share=share, who=who, back=back)


@tells(Reward)
def reward(article: Reward, teller: Teller) -> Told:
    share, wishes = teller.lang.percent(article.value), teller.lang.text(f"wish.{article.wish}")
    yield teller.lang.say("reward.advantage", share=share, wishes=wishes, who=struck(article, teller))


# --- firms ---------------------------------------------------------------------------------------------


@tells(FirmScoring)
def firm_scoring(article: FirmScoring, teller: Teller) -> Told:
    lang, number = teller.lang, teller.lang.number
    start, floor, ceiling = (number(value) for value in (article.value, article.floor, article.ceiling))
    yield lang.say("firm_scoring.account", start=start, floor=floor, ceiling=ceiling)
    if article.recovery:
        yield lang.say("firm_scoring.recovery", points=lang.count("points", article.recovery))
    if article.cameras:
        share, times = lang.percent(article.cameras), number(article.camera_gain)
        yield lang.say("firm_scoring.cameras", share=share, times=times)


@tells(FirmConduct)
def firm_conduct(article: FirmConduct, teller: Teller) -> Told:
    lang, number = teller.lang, teller.lang.number
    way = "minus" if article.value < 0 else "plus" if article.value else "zero"
    points, found = lang.count("points", abs(article.value)), lang.percent(article.found)
    yield lang.say(f"firm_conduct.{way}", rate=number(article.rate), found=found, points=points)
    if article.slope:
        yield lang.text("firm_conduct.careful_more" if article.slope > 0 else "firm_conduct.careful_less")
    factors = [
        lang.say("firm_conduct.sector", sector=lang.text(f"sector.{sector}"), times=number(factor))
        for sector, factor in zip(SECTORS, article.sectors, strict=True)
        if factor != 1
    ]
    if factors:
        yield lang.say("firm_conduct.sectors", sectors=lang.all_of(factors))
    if article.invented:
        yield lang.say("firm_conduct.invented", share=lang.percent(article.invented))


@tells(FirmList)
def firm_list(article: FirmList, teller: Teller) -> Told:
    lang = teller.lang
    weeks, below = lang.count("weeks", article.value), lang.number(article.below)
    yield lang.say("firm_list.listed", below=below, weeks=weeks)
    if article.job_loss:
        yield lang.say("firm_list.job_loss", share=lang.percent(article.job_loss), back=lang.percent(article.back))
    if article.employee_points:
        yield lang.say("firm_list.employees", points=lang.count("points", -article.employee_points))


@tells(FirmSanction)
def firm_sanction(article: FirmSanction, teller: Teller) -> Told:
    lang = teller.lang
    told = {"below": lang.number(article.below), "share": lang.percent(article.value), "rate": lang.number(article.rate)}
    yield lang.say(f"firm_sanction.{article.effect}", **told)


# --- responses and safeguards --------------------------------------------------------------------------


@tells(Response)
def response(article: Response, teller: Teller) -> Told:
    lang = teller.lang
    if article.effect == "hardship":
        yield defaults(article, teller)
    else:
        is_strategic = article.effect == "self_censorship" and article.form == "strategic"
        key = f"response.{article.effect}{'_strategic' if is_strategic else ''}"
        yield lang.say(key, share=lang.percent(article.value))


def defaults(article: Response, teller: Teller) -> str:
    """How debts drive people to what the catalogue calls hardship: 1 + 4 value times as often at the highest."""
    lang = teller.lang
    conducts = [teller.conduct(key) for key, conduct in teller.catalogue.conduct.items() if conduct.kind == "hardship"]
    if not conducts:
        return lang.text("response.hardship_none")
    return lang.say("response.hardship", conducts=lang.all_of(conducts), times=lang.number(1 + 4 * article.value))


@tells(Turnout)
def turnout(article: Turnout, teller: Teller) -> Told:
    share, caution = teller.lang.percent(article.value), teller.lang.percent(article.caution)
    yield teller.lang.say("turnout.threshold", share=share, caution=caution)


@tells(Safeguard)
def safeguard(article: Safeguard, teller: Teller) -> Told:
    lang, key = teller.lang, f"safeguard.{article.lever}"
    match article.lever:
        case "expiry":
            yield fading(key, article.value, lang)
        case "purpose_limitation":
            yield limited(article, teller)
        case "equal_treatment":
            yield lang.text(key)
        case "match_threshold":
            yield lang.say(key, times=lang.number(max(1, article.value)), slip=lang.percent(article.slip))
        case "review":
            yield lang.say(key, share=lang.percent(article.value), slip=lang.percent(article.slip))
        case "appeal":
            told = {"share": article.value, "slip": article.slip, "filed": article.filed}
            later = lang.count("later", article.days)
            yield lang.say(key, later=later, **{name: lang.percent(share) for name, share in told.items()})
        case _:
            yield lang.say(key, share=lang.percent(article.value))


def limited(article: Safeguard, teller: Teller) -> str:
    """Areas of life whose records still count, and those that a channel of the rulebook would serve in vain."""
    lang = teller.lang
    served = dict.fromkeys(channel.domain for channel in teller.articles(Channel))
    kept = lang.all_of(lang.text(f"area.{area}") for area in article.domains)
    cut = lang.all_of(lang.text(f"area.{area}") for area in served if area not in article.domains)
    if not kept:
        return lang.text("safeguard.purpose_limitation_none")
    if not cut:
        return lang.say("safeguard.purpose_limitation", kept=kept)
    return lang.say("safeguard.purpose_limitation_cut", kept=kept, cut=cut)
