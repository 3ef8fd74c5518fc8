"""The page about one synthetic citizen: what the system sees beside what happened. One HTML file, no network, no script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from glasscity.report.page import environment
from glasscity.report.places import place_of
from glasscity.rules import words
from glasscity.rules.language import DOSSIER, language
from glasscity.rules.model import Class
from glasscity.rules.resolve import Resolved
from glasscity.rules.words import Teller

Plain = Mapping[str, Any]
FALSE = ("wrong_person", "false_alarm", "false_report")
LISTS = ("black", "court", "red")
WIDTH, HEIGHT = 720, 200  # of the chart, in its own units


@dataclass
class Row:
    """One thing on the page: when, what the system holds of it, what happened, and the articles that it leads to."""

    when: str
    left: list[str]
    right: list[str]
    links: list[tuple[str, str]] = field(default_factory=list)  # id and name of an article
    is_false: bool = False


@dataclass(frozen=True)
class Source:
    """An article that something on the page leads to."""

    key: str
    name: str
    description: str
    place: str
    grade: str
    grade_name: str


def page(plain: Plain, resolved: Resolved, lang: str = "en") -> str:
    """The dossier `plain` (as `study.dossier.tell` gives it, with `run` and `synthetic`) as HTML, in en, de or nl."""
    sheet = Sheet(plain, resolved, lang)
    template = environment().get_template("dossier.html.j2")
    return template.render(lang=lang, t=sheet.texts("page"), dossier=plain, sheet=sheet)


class Sheet:
    """Everything that the page shows, in one language."""

    def __init__(self, plain: Plain, resolved: Resolved, lang: str):
        self.plain, self.resolved = plain, resolved
        self.words, self.lang = language(lang, DOSSIER), language(lang)
        self.teller = Teller(self.lang, resolved.rulebook, resolved.catalogue, resolved.population)
        self.articles = resolved.rulebook.articles
        self.used: dict[str, None] = {}  # articles led to, in the order of the page
        self.glance = (list(self.glance_left()), list(self.glance_right()))
        self.entries = sorted([*self.entry_rows(), *self.uncounted_rows(), *self.adjusted_rows()], key=lambda r: r[0])
        self.standings = sorted([*self.class_rows(), *self.list_rows()], key=lambda r: r[0])
        answered = list(self.wish_rows())
        self.wishes = [row for row, is_plain in answered if not is_plain]
        self.granted = [row for row, is_plain in answered if is_plain]
        done = list(self.act_rows())
        self.unseen = [row for row, is_unseen in done if is_unseen]
        self.acts = sorted([*(row for row, is_unseen in done if not is_unseen), *self.report_rows()], key=lambda r: r[0])
        self.friends = list(self.friend_tables())
        self.told = self.told_text()
        self.private = self.private_texts()
        self.sources = [self.source(key) for key in self.used]

    # --- words ---------------------------------------------------------------------------------------

    def texts(self, table: str) -> dict[str, str]:
        """The texts of one table of the language's file."""
        return {key.partition(".")[2]: text for key, text in self.words.texts.items() if key.startswith(f"{table}.")}

    def say(self, key: str, **values: object) -> str:
        return self.words.say(key, **values)

    def points(self, value: float, sign: bool = True) -> str:
        """Points with their unit, and with their sign where they are a change."""
        return ("+" if sign and value > 0 else "") + self.lang.count("points", value)

    def date(self, told: str) -> str:
        return self.lang.date(date.fromisoformat(told))

    def count(self, what: str, n: int) -> str:
        return self.say(f"count.{what}_{'one' if n == 1 else 'other'}", n=self.lang.number(n))

    def letter(self, letter: str) -> str:
        """The name of a class."""
        names = [a.name for a in self.articles.values() if isinstance(a, Class) and a.letter == letter]
        return self.lang.name(names[0]) if names else letter

    def conduct(self, key: str | None) -> str:
        return self.teller.conduct(key) if key else ""

    def circles(self, names: Iterable[str]) -> str:
        """', from the same street': how somebody is tied to the citizen; nothing if in no way."""
        told = [self.say(f"circle.{name}") for name in names]
        return self.say("truth.circles", names=self.lang.all_of(told)) if told else ""

    def link(self, *keys: str | None) -> list[tuple[str, str]]:
        """Links to articles, which the page then lists."""
        known = [key for key in keys if key in self.articles]
        self.used |= dict.fromkeys(known)
        return [(key, self.lang.name(self.articles[key].name)) for key in known]

    def source(self, key: str) -> Source:
        article, found = self.articles[key], self.resolved
        place = place_of(article, self.lang)
        description = words.describe(key, found.rulebook, found.catalogue, self.lang.code, found.population)
        name = self.lang.name(article.name)
        return Source(key, name, description, place, article.grade, self.lang.text(f"state.{article.grade}"))

    # --- head ----------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        return self.say("page.title", n=self.plain["citizen"])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The run that the life is from."""
        run = self.plain["run"]
        start = date.fromisoformat(run["start"])
        last = start + timedelta(days=run["days"] - 1)
        return [
            (self.say("page.run"), self.lang.name(self.resolved.scenario.name)),
            (self.say("page.period"), f"{self.lang.date(start)} – {self.lang.date(last)}"),
            (self.say("page.citizens"), self.lang.number(run["citizens"])),
            (self.say("page.seed"), str(run["seed"])),
        ]

    @property
    def who(self) -> str:
        """The citizen's traits on one line."""
        traits = self.plain["traits"]
        district = self.lang.name(self.resolved.population.districts[traits["district"]].name)
        told = [
            self.say("trait.age", age=traits["age"].replace("-", "–")),
            self.say(f"occupation.{traits['occupation']}"),
            self.say("trait.income", income=traits["income"]),
            self.say("trait.district", name=district, n=traits["neighbourhood"] + 1),
        ]
        flags = ("minority", "party", "parent", "drives", "disfavoured")
        return " · ".join([*told, *(self.say(f"trait.{name}") for name in flags if traits[name])])

    def glance_left(self) -> Iterator[str]:
        """How the citizen stands, as the system sees it."""
        now, judged = self.plain["now"], self.plain["honest"]
        if not now["account"]:
            yield self.say("glance.outside")
        yield self.say("glance.account", points=self.points(now["own"], False), start=self.points(self.plain["start"], False))
        yield self.say("glance.class", name=self.letter(now["class"]))
        if judged["recorded"]["sanctioned"]:
            yield self.say("glance.sanctioned")
        held = [name for name in LISTS if now[name]]
        for name in held:
            weeks = self.lang.count("weeks", now["listed_weeks"])
            told = self.listed(name)
            yield self.say("glance.listed", list=told, weeks=weeks) if name != "red" else f"{told}."
        if not held:
            yield self.say("glance.unlisted")
        yield self.say("glance.association", points=self.points(now["association"]), standing=self.points(now["standing"], False))
        if judged["opaque"]:
            yield self.say("glance.composite", points=self.points(judged["opaque"]))
        yield self.say("glance.entries", n=self.count("entries", len(self.counted())))
        if refused := sum(w["answer"] == "refused" for w in self.plain["wishes"]):
            yield self.say("glance.refused", n=self.count("wishes", refused))
        yield from (self.say(f"glance.{name}") for name in ("jobless", "shunned", "removed") if now[name])

    def glance_right(self) -> Iterator[str]:
        """What happened, in short."""
        judged, now = self.plain["honest"], self.plain["now"]
        yield self.say("glance.honest_account", points=self.points(judged["honest_own"], False))
        if judged["honest"]["class"] == judged["recorded"]["class"]:
            yield self.say("glance.same_class")
        else:
            yield self.say("glance.honest_class", name=self.letter(judged["honest"]["class"]))
        false = sum(e["kind"] in FALSE for e in self.counted())
        worth = self.points(judged["false_points"])
        yield self.say("glance.false", n=self.count("entries", false), points=worth) if false else self.say("glance.false_none")
        if not now["violated"]:
            yield self.say("glance.innocent")
        elif against := sum(self.counts_against(a["article"]) for a in self.plain["acts"]):
            yield self.say("glance.not_innocent", n=self.count("acts", against))

    def listed(self, colour: str) -> str:
        """'On the blacklist', to begin a sentence."""
        told = self.teller.list(colour, "on")
        return told[:1].upper() + told[1:]

    def counted(self) -> list[Plain]:
        """Entries that channels made and that counted."""
        return [e for e in self.plain["entries"] if e["channel"] and not e["struck_out"] and not e["kind"].startswith("restored")]

    def counts_against(self, key: str | None) -> bool:
        article = self.articles.get(key or "")
        return article is not None and (getattr(article, "value", 0) < 0 or bool(getattr(article, "lists", None)))

    # --- rows ----------------------------------------------------------------------------------------

    def entry_rows(self) -> Iterator[tuple[int, Row]]:
        """What stands on the account, and what happened."""
        for entry in self.plain["entries"]:
            kind, points = entry["kind"], self.points(entry["points"] or 0)
            form = "struck_out" if entry["struck_out"] else "restored" if kind.startswith("restored") else "points"
            form = kind if kind in ("reward", "employer") else form
            left = [self.say(f"entry.{form}", conduct=self.conduct(entry["conduct"]), points=points)]
            links = self.link(entry["article"], entry["channel"])
            yield entry["day"], Row(self.date(entry["date"]), left, [self.truth(entry["truth"])], links, kind in FALSE)

    def truth(self, truth: Plain) -> str:
        """What really happened behind an entry."""
        told = f"truth.{truth['what']}"
        if "date" not in truth and truth["what"] in (*FALSE, "right", "reward"):
            return self.say("truth.unknown")
        when = self.date(truth["date"]) if "date" in truth else ""
        return self.say(told, date=when, by=truth.get("by", ""), circles=self.circles(truth.get("circles", ())))

    def uncounted_rows(self) -> Iterator[tuple[int, Row]]:
        """What named the citizen and never counted."""
        for seen in self.plain["uncounted"]:
            links = self.link(seen["channel"])
            right = [self.truth(seen["truth"]), self.say("truth.uncounted")]
            yield seen["day"], Row(self.date(seen["date"]), ["–"], [self.conduct(seen["conduct"]) + ".", *right], links)

    def adjusted_rows(self) -> Iterator[tuple[int, Row]]:
        """What moved the account without an entry."""
        for change in self.plain["other_changes"]:
            told = self.say(f"truth.adjusted_{change['cause']}", points=self.points(change["points"]))
            yield change["day"], Row(self.date(change["date"]), [told], ["–"])

    def class_rows(self) -> Iterator[tuple[int, Row]]:
        """Changes of class, beside the class on true entries alone."""
        for change in self.plain["classes"]:
            before, after = self.letter(change["before"]), self.letter(change["after"])
            left = [self.say("standing.class", before=before, after=after, standing=self.points(change["standing"], False))]
            is_same = change["honest_class"] == change["after"]
            right = [self.say("standing.honest_same") if is_same else self.say("standing.honest_other", name=self.letter(change["honest_class"]))]
            if change["class_alone"] != change["after"]:
                right.append(self.say("standing.alone_other", name=self.letter(change["class_alone"])))
            yield change["day"], Row(self.date(change["date"]), left, right, self.link(change["article"]), not is_same)

    def list_rows(self) -> Iterator[tuple[int, Row]]:
        """Lists and what others impose: begun or ended."""
        for change in self.plain["lists"]:
            name, state = change["what"], "on" if change["on"] else "off"
            left = [self.say(f"standing.list_{state}", list=self.teller.list(name, "onto" if change["on"] else "on")) if name in LISTS else self.say(f"standing.{name}_{state}")]
            ground = self.ground(change) if name in ("black", "court") and change["on"] else ""
            right = [self.say(f"standing.list_{ground}")] if ground else ["–"]
            yield change["day"], Row(self.date(change["date"]), left, right, self.link(change["article"]), ground == "false")

    def ground(self, change: Plain) -> str:
        """What a list rests on: a false entry, a true one, or the class."""
        for entry in self.plain["entries"]:
            article = self.articles.get(entry["article"] or "")
            if entry["day"] == change["day"] and getattr(article, "lists", None) == change["what"] and not entry["struck_out"]:
                return "false" if entry["kind"] in FALSE else "true"
        return "class"

    def wish_rows(self) -> Iterator[tuple[tuple[int, Row], bool]]:
        """What was asked for, the answer, the class that true entries would have given; and whether it was just granted."""
        for wish in self.plain["wishes"]:
            name = self.lang.name(self.resolved.catalogue.wishes[wish["wish"]].name)
            left = [self.say("wish.told", wish=name, answer=self.say(f"wish.{wish['answer']}"))]
            is_refused = wish["answer"] == "refused"
            right = [self.say("wish.honest", name=self.letter(wish["honest_class"]))] if is_refused else ["–"]
            row = Row(self.date(wish["date"]), left, right, self.link(*wish["articles"]), is_refused)
            yield (wish["day"], row), wish["answer"] == "granted"

    def act_rows(self) -> Iterator[tuple[tuple[int, Row], bool]]:
        """What the citizen did and the account does not show; and whether nobody saw it."""
        recorded = {(e["truth"].get("day"), e["conduct"]) for e in self.plain["entries"] if e["kind"] == "right"}
        for act in self.plain["acts"]:
            if act["fate"] == "named" and (act["day"], act["conduct"]) in recorded:
                continue
            form = "void" if act["fate"] == "named" else act["fate"]
            told = self.say(f"acts.{form}", conduct=self.conduct(act["conduct"]), named=act.get("named", ""))
            row = Row(self.date(act["date"]), ["–"], [told], self.link(act["article"]), form == "other_named")
            yield (act["day"], row), form == "unseen"

    def report_rows(self) -> Iterator[tuple[int, Row]]:
        """False reports that the citizen made."""
        for made in self.plain["reports"]:
            circles = self.circles(made["circles"])
            told = self.say("acts.report", named=made["named"], circles=circles, conduct=self.conduct(made["conduct"]))
            yield made["day"], Row(self.date(made["date"]), ["–"], [told], self.link(made["channel"]), True)

    # --- friends, notice, private score -----------------------------------------------------------------

    def friend_tables(self) -> Iterator[dict[str, Any]]:
        """Friends' parts on the last day, and on the day on which they took most, if that is another."""
        now, lowest = (self.plain["friends"][key] for key in ("now", "lowest"))
        chosen = [("now", now)] + ([("lowest", lowest)] if lowest["points"] < now["points"] else [])
        for key, ties in chosen:
            if not ties["points"] and not any(f["points"] for f in ties["friends"]):
                continue
            rows = [
                (f["citizen"], self.points(f["offset"]), f"{'+' if f['points'] > 0 else ''}{self.lang.number(f['points'])}", self.worst(f["worst"]))
                for f in ties["friends"]
            ]  # fmt: skip
            yield {
                "head": self.say(f"friends.{key}", date=self.date(ties["date"]), points=self.points(ties["points"])),
                "rows": rows, "note": self.say("friends.clipped", points=self.lang.number(ties["echo"])),
            }  # fmt: skip

    def worst(self, entry: Plain | None) -> str:
        """The entry that cost a friend most."""
        if entry is None:
            return self.say("friends.none")
        form = "worst_false" if entry["kind"] in FALSE else "worst"
        return self.say(f"friends.{form}", conduct=self.conduct(entry["conduct"]), points=self.points(entry["points"]))

    def told_text(self) -> str:
        """What the citizen was told, and how."""
        learned = self.plain["learned"]
        if learned:
            return self.say(f"told.{learned['by']}", date=self.date(learned["date"]))
        is_blank = not self.counted() and not self.plain["honest"]["recorded"]["sanctioned"]
        return self.say("told.never_recorded" if is_blank else "told.never")

    def private_texts(self) -> tuple[str, list[str], list[tuple[str, str]]] | None:
        """The private score, its changes, and its article."""
        private = self.plain["private"]
        if private is None:
            return None
        moves = [self.say("private.change", date=self.date(m["date"]), points=self.points(m["points"])) for m in private["changes"]]
        head = self.say("private.score", points=self.points(private["score"], False))
        return head, moves or [self.say("private.none_changed")], self.link(private["article"])

    # --- the chart -----------------------------------------------------------------------------------

    @property
    def chart(self) -> dict[str, Any]:
        """Paths of the account as held and on true entries alone, with labels and a table."""
        course, days = self.plain["course"], self.plain["run"]["days"]
        values = [point[name] for point in course for name in ("own", "honest_own")] + [self.plain["start"]]
        low, high = min(values), max(values)
        low, high = (low - 10, high + 10) if high - low < 20 else (low, high)
        start = date.fromisoformat(self.plain["run"]["start"])
        rows = [
            (self.lang.date(start + timedelta(days=p["day"])), *(self.lang.number(p[k]) for k in ("own", "honest_own", "standing", "honest_standing")))
            for p in course
        ]  # fmt: skip
        last = course[-1]
        told = {key: self.points(value, False) for key, value in (("start", self.plain["start"]), ("own", last["own"]), ("honest", last["honest_own"]))}
        return {
            "held": steps(course, "own", days, low, high), "honest": steps(course, "honest_own", days, low, high),
            "low": self.lang.number(low), "high": self.lang.number(high), "alt": self.say("page.course_alt", **told),
            "first": self.lang.date(start), "last": self.lang.date(start + timedelta(days=days - 1)), "rows": rows,
        }  # fmt: skip


def steps(course: list[Plain], name: str, days: int, low: float, high: float) -> Markup:
    """An SVG path that goes level from day to day and up or down where the value changes."""

    def place(day: int, value: float) -> tuple[float, float]:
        return WIDTH * day / max(1, days - 1), 6 + (HEIGHT - 12) * (high - value) / (high - low)

    x, y = place(0, course[0][name])
    path = [f"M{x:.1f} {y:.1f}"]
    for point in course[1:]:
        x, y = place(point["day"], point[name])
        path.append(f"H{x:.1f}V{y:.1f}")
    return Markup("".join(path))  # noqa: S704  made of numbers


def told(plain: Plain, resolved: Resolved, lang: str = "en") -> dict[str, Any]:
    """The dossier `plain` as what the page about it says, piece by piece, for another page to lay out."""
    sheet = Sheet(plain, resolved, lang)
    rows = {name: [row.__dict__ for _, row in getattr(sheet, name)] for name in ("entries", "standings", "wishes", "acts")}
    private = None if sheet.private is None else {"head": sheet.private[0], "moves": sheet.private[1]}
    return {
        "citizen": plain["citizen"], "title": sheet.title, "who": sheet.who, "account": plain["now"]["own"], "class": sheet.letter(plain["now"]["class"]),
        "has_account": plain["now"]["account"], "system": sheet.glance[0], "truth": sheet.glance[1], **rows,
        "granted": len(sheet.granted), "unseen": len(sheet.unseen), "friends": sheet.friends, "circle": [f["citizen"] for f in plain["friends"]["now"]["friends"]],
        "learned": sheet.told, "private": private, "sources": [source.__dict__ for source in sheet.sources],
        "course": [[p["day"], p["own"], p["honest_own"]] for p in plain["course"]], "texts": sheet.texts("page"),
    }  # fmt: skip
