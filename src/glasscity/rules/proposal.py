"""From answers about a proposed scheme to its documents: a scenario and a rulebook, every assumed number marked.

What was answered is graded `reported`, source `questionnaire`; what was not is graded `assumed`. How people respond, and the
safeguards that are not granted, are those of the standard rulebook, all assumed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from glasscity.rules.language import LANGUAGES, language
from glasscity.rules.levers import STANDARD, standard_safeguards
from glasscity.rules.load import find, read_toml
from glasscity.rules.model import Rulebook
from glasscity.rules.questions import CATALOGUE, TOPIC, Answers, catalogue, filled

Plain = dict[str, Any]
START = date(2027, 1, 1)
RESPONSES = ("deterrence", "self_censorship", "points_seeking", "crowding_out", "own_sanction", "friends_sanctions", "forgetting")
IN_PUBLIC = ("shunning", "public_sanctions")  # responses to what everybody can see
BEGINS = {"points": (1000, 0, 2000), "risk": (100, 0, 100), "list": (100, 0, 100)}  # form -> start, floor, ceiling
CAMERA_SEES = ("traffic_offence", "fare_dodging", "rubbish_at_door", "protest")
ONLINE_SEES = ("critical_post",)
OTHER_FILES = ("unpaid_debt", "late_bill", "unpaid_fine", "tax_offence", "paying_on_time")  # what other offices hold
DOMAINS = {"own_files": "records", "other_files": "finance", "app": "online", "cameras": "public_order", "reports": "neighbourhood", "profile": "records"}
COURT, BLACK = "court", "black"  # of those put straight on a list; of those in the lowest class


class Proposal:
    """A scheme made of answers."""

    def __init__(self, name: str, answers: Answers):
        self.name, self.given, self.all = name, answers, filled(answers)
        self.names = {code: language(code, TOPIC) for code in LANGUAGES}
        self.articles: dict[str, Plain] = {}

    def answer(self, question: str) -> Any:
        """An answer, or what is assumed in its place; None where the question makes no sense."""
        return self.all.get(question)

    def add(self, key: str, what: str, value: Any, unit: str, *questions: str, name: dict[str, str] | None = None, **fields: Any) -> None:
        """An article whose numbers rest on these questions."""
        guessed = [q for q in questions if q not in self.given]
        is_given = questions and not guessed
        note = "As answered." if is_given else f"Not answered, assumed: {', '.join(guessed)}." if questions else "Assumed."
        self.articles[key] = {
            "what": what, "name": name or {code: texts.text(f"article.{key}") for code, texts in self.names.items()},
            "value": value, "unit": unit, **fields, "source": "questionnaire", "grade": "reported" if is_given else "assumed", "note": note,
        }  # fmt: skip

    # --- parts ---

    def documents(self) -> dict[str, Plain]:
        """Scenario and rulebook in their plain form."""
        for part in (self.account, self.conduct, self.channels, self.lists, self.consequences, self.people, self.responses, self.safeguards):
            part()
        title = str(self.answer("title")).strip()
        names = dict.fromkeys(LANGUAGES, title)
        says = {code: texts.say("summary", title=title) for code, texts in self.names.items()}
        rulebook = {"id": self.name, "name": names, "summary": says, "articles": self.articles}
        scenario = {
            "id": self.name, "name": names, "summary": says, "rulebook": f"{self.name}.rulebook.toml", "population": self.answer("place"),
            "catalogue": CATALOGUE, "start": START, "days": 365, "citizens": 50_000 if self.answer("place") != "village" else 3000, "seed": 1,
        }  # fmt: skip
        return {"scenario": scenario, "rulebook": rulebook}

    def account(self) -> None:
        """Where everybody begins, and the classes."""
        form = self.answer("form")
        start, floor, ceiling = BEGINS[form]
        self.add("account", "scoring", start, "points", "form", floor=floor, ceiling=ceiling)
        if form == "list":
            self.add("class_all", "class", floor, "points", "form", letter="-")
            return
        limit = "threshold" if form == "points" else "flagged_below"
        if form == "points":
            self.add("class_rewarded", "class", self.answer("reward_from"), "points", "reward_from", letter="A")
        self.add("class_plain", "class", self.answer(limit), "points", limit, letter="B")
        self.add("class_sanctioned", "class", floor, "points", limit, letter="C", sanctioned=True)
        if self.answer("expiry_days"):
            self.add("retention", "retention", self.answer("expiry_days"), "days", "expiry_days")

    def conduct(self) -> None:
        """What counts, and what leads straight onto the list, in the order of the answers."""
        points, listed = self.answer("points") or {}, self.answer("listed") or []
        for key in dict.fromkeys([*points, *listed]):
            questions = [q for q, held in (("points", points), ("listed", listed)) if key in held]
            extra = {"lists": COURT} if key in listed else {}
            self.add(f"counts_{key}", "behaviour", points.get(key, 0), "points", *questions, "secret", name=catalogue().conduct[key].name.model_dump(),
                     conduct=key, secret=self.answer("secret"), **extra)  # fmt: skip

    @property
    def counted(self) -> list[str]:
        """Conduct that counts."""
        return [article["conduct"] for article in self.articles.values() if article["what"] == "behaviour"]

    def channels(self) -> None:
        """How it becomes known; each channel sees what of the counted conduct it can see."""
        held, chosen = self.counted, self.answer("channels")
        unlike = {"minority_wrong_match": self.answer("minority_factor")} if self.answer("minority_factor") else {}
        wrong = self.answer("files_wrong")
        for key, seen in (("own_files", held), ("other_files", [k for k in held if k in OTHER_FILES])):
            if key in chosen and seen:
                self.channel(key, "files_reach", seen, 1.0 - wrong if wrong else 1.0, wrong, "files_wrong", gallery="city", delay=7)
        good = [key for key in held if catalogue().conduct[key].kind in ("prosocial", "expression")]
        if "app" in chosen and good:
            self.channel("app", "app_reach", good, 0.99, 0.0, gallery="neighbourhood", delay=1)
        bad = [key for key in held if catalogue().conduct[key].kind != "prosocial"]
        watched = [key for key in bad if key in CAMERA_SEES] or bad[:1]
        if "cameras" in chosen and watched:
            mistaken = self.answer("camera_wrong")
            right = min(0.95 - mistaken, 1.0 - mistaken * self.answer("minority_factor"))  # all that is captured is put down to somebody or nobody
            self.channel("cameras", "camera_reach", watched, right, mistaken, "camera_wrong", "camera_false", "minority_factor",
                         density="cameras", gallery="district", scans="camera_scan", false_match=self.answer("camera_false"), alarm=watched[0], **unlike)  # fmt: skip
        if "reports" in chosen and bad:
            self.channel("reports", "reports_false", bad, 0.9, 0.05, gallery="neighbourhood", informer=True, reach=0.15,
                         false_reports=self.answer("reports_false"), reports=bad[0], delay=7)  # fmt: skip
        if "profile" in chosen and bad:
            self.channel("profile", "profile_hit", bad[:1], 1.0, 0.0, "profile_false", "minority_factor", gallery="city", scans="profile_scan",
                         false_match=self.answer("profile_false"), alarm=bad[0], delay=14, **unlike)  # fmt: skip

    def channel(self, key: str, reach_by: str, seen: list[str], right: float, wrong: float, *questions: str, reach: float | None = None, **fields: Any) -> None:
        """One channel; what it sees within its reach it captures in four cases of five."""
        reach = self.answer(reach_by) if reach is None else reach
        self.add(key, "channel", reach, "share of acts within reach", reach_by, *questions, sees=dict.fromkeys(seen, 0.8),
                 true_match=int(right * 1e6) / 1e6, wrong_match=wrong, domain=DOMAINS[key], **fields)  # fmt: skip

    def lists(self) -> None:
        """The list of those in the lowest class, and that of those put straight on it."""
        weeks = self.answer("list_weeks")
        if self.answer("form") != "list":
            self.add("list_by_class", "list", weeks, "weeks", "list_weeks", "public", colour=BLACK, enters=["C"], public=self.answer("public"))
        if self.answer("listed"):
            self.add("list_straight", "list", weeks, "weeks", "list_weeks", "public", colour=COURT, public=self.answer("public"))

    @property
    def struck(self) -> Plain:
        """Whom a sanction strikes."""
        held = {article.get("colour") for article in self.articles.values()}
        return {"lists": [colour for colour in (BLACK, COURT) if colour in held]} | ({} if self.answer("form") == "list" else {"classes": ["C"]})

    def consequences(self) -> None:
        """Wishes refused or favoured, and work lost."""
        for wish in self.answer("refused"):
            self.add(f"no_{wish}", "sanction", self.answer("refusal"), "chance per wish", "refused", "refusal", name=self.of_wish("refuses", wish),
                     effect="refuse", wish=wish, **self.struck)  # fmt: skip
        for wish in self.answer("advantage") or []:
            self.add(f"good_{wish}", "reward", self.answer("advantage_share"), "chance per wish", "advantage", "advantage_share",
                     name=self.of_wish("favours", wish), wish=wish, classes=["A"])  # fmt: skip
        if self.answer("job_loss"):
            self.add("work_lost", "sanction", self.answer("job_loss"), "chance per week", "job_loss", effect="job_loss", **self.struck)

    def of_wish(self, text: str, wish: str) -> dict[str, str]:
        """The name of a sanction or a reward."""
        names = catalogue().wishes[wish].name.model_dump()
        return {code: texts.say(f"article.{text}", wish=names[code]) for code, texts in self.names.items()}

    def people(self) -> None:
        """Who takes part; friends; the cap."""
        if self.answer("joining") < 1:
            self.add("enrolment", "enrolment", self.answer("joining"), "share of residents", "joining", mode="voluntary", leaning=0.3)
        if self.answer("friends"):
            limit = 100 if self.answer("form") == "points" else 20
            self.add("friends", "association", self.answer("friends"), "weight", "friends", limit=limit)
        if self.answer("cap"):
            self.add("cap", "cap", BEGINS["points"][0], "points", "cap", group="minority")

    def responses(self) -> None:
        """How people react: as in the standard rulebook."""
        articles = read_toml(find(Rulebook, STANDARD))["articles"]
        for key in (*RESPONSES, *(IN_PUBLIC if self.answer("public") else ())):
            self.articles[key] = {k: v for k, v in articles[key].items() if k != "covers"} | {"grade": "assumed"}

    def safeguards(self) -> None:
        """All rights; on, if they were answered so."""
        granted: dict[str, tuple[Any, Plain]] = {
            "notice": (self.answer("notice"), {}), "reasons": (0.5 if self.answer("reasons") else 0, {}),
            "appeal": (self.answer("appeal"), {"days": self.answer("appeal_days")}), "review": (self.answer("review"), {}),
            "repair": (self.answer("repair"), {}), "purpose_limitation": (float(self.answer("purpose")), {"domains": ["records"]}),
            "equal_treatment": (float(bool(self.answer("equal"))), {}), "error_audit": (self.answer("audit"), {}),
            "opt_out": (self.answer("opt_out"), {}),
        }  # fmt: skip
        asked = {"purpose_limitation": "purpose", "equal_treatment": "equal", "error_audit": "audit"}
        for lever, plain in standard_safeguards().items():
            value, fields = granted.get(lever, (0, {}))
            usual = {k: v for k, v in plain.items() if k not in ("covers", "locator")} | {"enabled": bool(value), "grade": "assumed"}
            if lever == "purpose_limitation":
                usual["domains"] = ["records"]
            if value:
                questions = [asked.get(lever, lever), *(["appeal_days"] if lever == "appeal" else [])]
                guessed = [q for q in questions if q not in self.given]
                usual |= {"value": value, **fields, "source": "questionnaire", "grade": "assumed" if guessed else "reported",
                          "note": f"Not answered, assumed: {', '.join(guessed)}." if guessed else "As answered."}  # fmt: skip
            self.articles[lever] = usual


def documents(name: str, answers: Answers) -> dict[str, Plain]:
    """Scenario and rulebook of a proposed scheme, in their plain form. `answers`: checked by `questions.check`."""
    return Proposal(name, answers).documents()
