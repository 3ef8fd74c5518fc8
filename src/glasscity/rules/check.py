"""What the schema alone cannot see: ids that lead nowhere, articles that contradict each other, bounds too low."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from glasscity import columns as c
from glasscity.errors import Problem
from glasscity.rules.model import (
    WISHES,
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
    FirmList,
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
    Slot,
    StudyApp,
    Turnout,
)

HIGHEST_MOTIVATION = 11
MOST_A_DAY = 0.9  # of the bounds of one lottery together
TOTAL = "all"  # what results call all districts together


def check_rulebook(rulebook: Rulebook, catalogue: Catalogue, file: str) -> list[Problem]:
    """Every problem of a rulebook over a catalogue."""
    checks = (dangling_ids, dangling_classes, overlapping_articles, broken_classes, broken_bands, too_many_channels)
    return [Problem(file, *found) for check in checks for found in check(rulebook, catalogue)]


def dangling_ids(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    conduct = "a conduct of the catalogue: " + ", ".join(catalogue.conduct)
    channels = [key for key, article in rulebook.articles.items() if isinstance(article, Channel)]
    for key, article in rulebook.articles.items():
        path = f"articles.{key}"
        if isinstance(article, Behaviour) and article.conduct not in catalogue.conduct:
            yield f"{path}.conduct", repr(article.conduct), conduct
        if isinstance(article, Channel):
            for field in ("alarm", "reports"):
                name = getattr(article, field)
                if name is not None and name not in catalogue.conduct:
                    yield f"{path}.{field}", repr(name), conduct
            for name in article.sees:
                if name not in catalogue.conduct:
                    yield f"{path}.sees.{name}", repr(name), conduct
            if article.scans and article.scans not in catalogue.alarms:
                yield f"{path}.scans", repr(article.scans), "an alarm of the catalogue: " + ", ".join(catalogue.alarms)
            if article.false_reports and "false_report" not in catalogue.alarms:
                yield f"{path}.false_reports", repr(article.false_reports), "0: the catalogue has no 'false_report'"
        if isinstance(article, (Sanction, Sharing, Discretion)):
            for name in article.channels:
                if name not in channels:
                    yield f"{path}.channels", repr(name), "a channel of the rulebook: " + ", ".join(channels)
        if isinstance(article, Sanction):
            if article.effect == "refuse" and article.wish not in catalogue.wishes:
                yield f"{path}.wish", repr(article.wish), "a wish of the catalogue: " + ", ".join(catalogue.wishes)
        if isinstance(article, Reward) and article.wish not in catalogue.wishes:
            yield f"{path}.wish", repr(article.wish), "a wish of the catalogue: " + ", ".join(catalogue.wishes)


def dangling_classes(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    letters = {article.letter for article in rulebook.articles.values() if isinstance(article, Class)}
    bands = {article.letter for article in rulebook.articles.values() if isinstance(article, Band)}
    colours = {article.colour for article in rulebook.articles.values() if isinstance(article, Listing)}
    for key, article in rulebook.articles.items():
        if isinstance(article, (Sanction, Reward, Listing)):
            field = "enters" if isinstance(article, Listing) else "classes"
            for letter in getattr(article, field):
                if letter not in letters:
                    yield f"articles.{key}.{field}", repr(letter), "a class letter: " + ", ".join(sorted(letters))
        if isinstance(article, (Sanction, Reward)):
            for letter in article.bands:
                if letter not in bands:
                    found = "a band of the private score: " + (", ".join(sorted(bands)) or "the rulebook has none")
                    yield f"articles.{key}.bands", repr(letter), found
        named = article.lists if isinstance(article, (Sanction, Behaviour)) else None
        for colour in (named,) if isinstance(named, str) else named or ():
            if colour not in colours:
                yield f"articles.{key}.lists", repr(colour), "a list of the rulebook: " + ", ".join(sorted(colours))


def subject(key: str, article: Article) -> tuple[str, str] | None:
    """What only one article at a time may rule on; None if several may."""
    match article:
        case Behaviour():
            return f"conduct for the {article.scorer} scorer", article.conduct
        case Scoring() | Association() | Cap() | Retention() | PrivateScore() | Composite() | StudyApp():
            return article.what, ""
        case ErrorRates() | Turnout() | Approval() | Discretion() | FirmScoring() | FirmList():
            return article.what, ""
        case Band():
            return "band", article.letter
        case Listing():
            return "list", article.colour
        case Response():
            return "response", article.effect
        case Safeguard():
            return "safeguard", article.lever
        case Sanction() if article.effect in ("job_loss", "removal"):
            return article.effect, ""
        case Class():
            return "class", article.letter
    return None


def overlap(a: Article, b: Article) -> bool:
    """Whether two articles are ever in force on the same day."""
    first, last = date.min, date.max
    return (a.start or first) < (b.until or last) and (b.start or first) < (a.until or last)


def overlapping_articles(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    ruling: dict[tuple[str, str], list[tuple[str, Article]]] = {}
    for key, article in rulebook.articles.items():
        ruled = subject(key, article)
        if ruled is not None and article.enabled:
            ruling.setdefault(ruled, []).append((key, article))
    for ruled, articles in ruling.items():
        for (key, a), (other, b) in combinations(articles, 2):
            if overlap(a, b):
                what = " ".join(filter(None, ruled))
                yield f"articles.{other}.from", f"in force together with articles.{key}", f"one article on {what} at a time"
    used: dict[str, str] = {}
    for key, article in rulebook.articles.items():
        if isinstance(article, Channel):
            for slot in filter(None, (article.scans, "false_report" if article.false_reports else "")):
                if slot in used:
                    yield f"articles.{key}.scans", repr(slot), f"an alarm slot not used by articles.{used[slot]}"
                used[slot] = key


def broken_classes(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    classes = {key: article for key, article in rulebook.articles.items() if isinstance(article, Class)}
    scoring = {key: article for key, article in rulebook.articles.items() if isinstance(article, Scoring)}
    if not classes:
        yield "articles", "no class", f"1 to {c.N_CLASSES} articles with what = 'class'"
    if len({article.letter for article in classes.values()}) > c.N_CLASSES:
        yield "articles", f"{len(classes)} classes", f"1 to {c.N_CLASSES}"
    if not scoring:
        yield "articles", "no scoring", "one article with what = 'scoring'"
    if classes and scoring:
        floor = min(article.floor for article in scoring.values())
        lowest = min(classes, key=lambda key: classes[key].value)
        if classes[lowest].value > floor:
            yield f"articles.{lowest}.value", str(classes[lowest].value), f"at most the floor {floor}, so that all have a class"
    values = [article.value for article in classes.values() if article.enabled and article.start is None]
    for value in {value for value in values if values.count(value) > 1}:
        yield "articles", f"two classes from {value} points", "one class from each value"


def broken_bands(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    bands = {key: article for key, article in rulebook.articles.items() if isinstance(article, Band)}
    scores = {key: article for key, article in rulebook.articles.items() if isinstance(article, PrivateScore)}
    if bands and not scores:
        yield f"articles.{next(iter(bands))}", "a band", "none without an article with what = 'private_score'"
    if len({article.letter for article in bands.values()}) > c.N_CLASSES:
        yield "articles", f"{len(bands)} bands", f"at most {c.N_CLASSES}"
    if bands and scores:
        floor = min(article.floor for article in scores.values())
        lowest = min(bands, key=lambda key: bands[key].value)
        if bands[lowest].value > floor:
            yield f"articles.{lowest}.value", str(bands[lowest].value), f"at most the floor {floor}, so that all have a band"
    for key, article in rulebook.articles.items():
        if isinstance(article, Behaviour) and article.scorer == "private" and not scores:
            yield f"articles.{key}.scorer", "'private'", "'state': the rulebook has no private_score"


def check_places(rulebook: Rulebook, population: Population, file: str) -> list[Problem]:
    """Districts that enrolment names and the population lacks."""
    districts = "a district of the population: " + ", ".join(population.districts)
    return [
        Problem(file, f"articles.{key}.districts", repr(name), districts)
        for key, article in rulebook.articles.items() if isinstance(article, Enrolment)
        for name in article.districts if name not in population.districts
    ]  # fmt: skip


def too_many_channels(rulebook: Rulebook, catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    channels = {key: article for key, article in rulebook.articles.items() if isinstance(article, Channel)}
    if len(channels) > c.MAX_CHANNELS:
        yield "articles", f"{len(channels)} channels", f"at most {c.MAX_CHANNELS}"
    for conduct in catalogue.conduct:
        seers = [key for key, article in channels.items() if article.sees.get(conduct, 0) > 0]
        if len(seers) > c.MAX_OBSERVERS:
            yield f"articles.{seers[-1]}.sees.{conduct}", f"the {len(seers)}th channel", f"at most {c.MAX_OBSERVERS}"


def check_catalogue(catalogue: Catalogue, rulebook: Rulebook | None, file: str) -> list[Problem]:
    """Every problem of a catalogue: unknown wishes, bounds that a rate could exceed, too many slots."""
    problems = []
    tops = {
        "prosocial": HIGHEST_MOTIVATION / 8 + largest(rulebook, "points_seeking"),
        "hardship": 1 + 4 * largest(rulebook, "hardship"),
    }
    for name in catalogue.wishes:
        if name not in WISHES:
            problems.append(Problem(file, f"wishes.{name}", repr(name), "one of " + ", ".join(WISHES)))
    if len(catalogue.conduct) + len(catalogue.alarms) > c.MAX_ACT_SLOTS:
        problems.append(Problem(file, "conduct", f"{len(catalogue.conduct)} entries", f"at most {c.MAX_ACT_SLOTS}"))
    acts = {**catalogue.conduct, **catalogue.alarms}
    for kind, lottery in (("conduct and alarms", acts), ("wishes", catalogue.wishes)):
        total = sum(slot.bound for slot in lottery.values()) / 365
        if total > MOST_A_DAY:
            problems.append(Problem(file, kind, f"bounds of {total:.3g} a day together", f"at most {MOST_A_DAY} a day"))
    for kind, table in (("conduct", catalogue.conduct), ("wishes", catalogue.wishes)):
        for name, slot in table.items():
            highest = highest_rate(slot, tops.get(getattr(slot, "kind", ""), 1.0))
            if highest > slot.bound * (1 + 1e-9):
                found = f"bound {slot.bound:g}, but the rate can reach {highest:.6g}"
                problems.append(Problem(file, f"{kind}.{name}.bound", found, f"at least {highest:.6g}"))
    return problems


def largest(rulebook: Rulebook | None, effect: str) -> float:
    """The largest value of a response, in force or not."""
    articles = rulebook.articles.values() if rulebook else ()
    return max((a.value for a in articles if isinstance(a, Response) and a.effect == effect), default=0.0)


def highest_rate(slot: Slot, state: float) -> float:
    """The highest yearly rate that any citizen can reach."""
    disposition = 1 + abs(slot.slope) if slot.disposition != "none" else 1.0
    return slot.rate * max(slot.age) * max(slot.occupation) * max(slot.income) * max(slot.online) * disposition * state


def check_alarms(rulebook: Rulebook, catalogue: Catalogue, file: str) -> list[Problem]:
    """Alarm bounds against the channels that use them."""
    problems = []
    for key, article in rulebook.articles.items():
        if not isinstance(article, Channel):
            continue
        uses: list[tuple[str, float, str]] = []
        uses.append((article.scans, article.false_match * max(1.0, article.minority_wrong_match) * article.value, "false_match"))
        uses.append(("false_report" if article.false_reports else "", article.false_reports, "false_reports"))
        for name, match, field in uses:
            slot = catalogue.alarms.get(name)
            if slot and highest_rate(slot, 1.0) * match > slot.bound * (1 + 1e-9):
                highest = highest_rate(slot, 1.0) * match
                found = f"{getattr(article, field):g}, so that alarms can reach {highest:.6g} a year"
                problems.append(Problem(file, f"articles.{key}.{field}", found, f"at most {slot.bound:g} a year (its bound)"))
    return problems


def check_population(population: Population, file: str) -> list[Problem]:
    """A district named as the total is, and shares of the enclaves that no neighbourhood could have."""
    problems = []
    if TOTAL in population.districts:
        problems.append(Problem(file, f"districts.{TOTAL}", repr(TOTAL), "any other id: it stands for all districts together"))
    for name, row in (("occupation", population.occupation), ("online", population.online)):
        if any(len(shares) != len(row[0]) for shares in row):
            problems.append(Problem(file, name, "rows of different length", "rows of equal length"))
    for name in type(population.circles).model_fields:
        period = sum(getattr(population.circles, name).sizes)
        if period > c.MAX_PATTERN:
            problems.append(Problem(file, f"circles.{name}.sizes", f"{period} places", f"at most {c.MAX_PATTERN}"))
    if not sum(population.age[2:]):
        problems.append(Problem(file, "age", "no share of ages 15 and over", "some: every household has an adult"))
    if population.enclave_residents and not population.enclave_share:
        problems.append(Problem(file, "enclave_share", "0", "above 0 while enclave_residents is"))
    return problems
