"""Questions about a proposed scheme: what may be answered, and everything that is wrong with answers at once.

The questions are data, `data/questions/questions.toml`, with texts in en, de and nl beside them. No question is about a person.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from glasscity.errors import Problem, Problems
from glasscity.rules.language import Language, language
from glasscity.rules.load import BUILT_IN, read_toml, shown, validate
from glasscity.rules.load import find as find_document
from glasscity.rules.model import Catalogue, Document

TOPIC = "questions"
CATALOGUE = "proposal"
ABOVE = "above"  # in `when`: a number above nought
Answers = Mapping[str, Any]
Kind = Literal["text", "choice", "choices", "points", "yes", "share", "whole", "factor"]
LONGEST = 120  # letters of a text


class Question(Document):
    """One question. `low` and `high` bound numbers; `when` names earlier answers without which it is not asked."""

    id: str
    part: Literal["scheme", "conduct", "channels", "consequences", "people", "rights"]
    kind: Kind
    choices: tuple[str, ...] = ()
    default: Any = None
    low: float | None = None
    high: float | None = None
    when: dict[str, tuple[str, ...]] = {}

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest number."""
        return (0.0 if self.low is None else self.low), (1.0 if self.high is None else self.high)

    @property
    def is_needed(self) -> bool:
        """Whether there is nothing to assume in its place."""
        return self.default is None


class Questionnaire(Document):
    question: tuple[Question, ...]


@cache
def catalogue() -> Catalogue:
    """What people do and wish, of which a proposal may speak."""
    path = find_document(Catalogue, CATALOGUE)
    return validate(Catalogue, read_toml(path), str(path))


@cache
def questions() -> tuple[Question, ...]:
    """All questions in their order, with the choices that the catalogue gives."""
    file = Path(str(BUILT_IN)) / TOPIC / "questions.toml"
    found = validate(Questionnaire, read_toml(file), str(file)).question
    slots = catalogue()
    bad = tuple(key for key, conduct in slots.conduct.items() if conduct.kind != "prosocial")
    given = {"points": tuple(slots.conduct), "listed": bad, "refused": tuple(slots.wishes), "advantage": tuple(slots.wishes)}
    return tuple(q.model_copy(update={"choices": given[q.id]}) if q.id in given else q for q in found)


def is_asked(question: Question, answers: Answers) -> bool:
    """Whether a question makes sense after the earlier answers; what was not answered counts as assumed."""
    by_id = {q.id: q for q in questions()}
    for name, wanted in question.when.items():
        other = by_id[name]
        if not is_asked(other, answers):
            return False
        value = answers.get(name, other.default)
        holds = set(value) if isinstance(value, list | tuple) else {ABOVE} if not isinstance(value, str) and value and value > 0 else {value}
        if not (holds & set(wanted) if wanted else holds):
            return False
    return True


def allowed(question: Question, lang: str = "en", names: Iterable[str] = ()) -> str:
    """What may be answered, in words that name the values; the choices by `names`, or else as a file writes them."""
    low, high = (f"{bound:g}" for bound in question.bounds)
    return language(lang, TOPIC).say(f"allowed.{question.kind}", low=low, high=high, choices=", ".join(names or question.choices), n=LONGEST)


def is_right(question: Question, value: Any) -> bool:
    """Whether a value answers a question."""
    low, high = question.bounds
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    match question.kind:
        case "text":
            return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST and value.isprintable()
        case "yes":
            return isinstance(value, bool)
        case "choice":
            return value in question.choices
        case "choices":
            return isinstance(value, list | tuple) and all(one in question.choices for one in value) and len(set(value)) == len(value)
        case "points":
            return isinstance(value, dict) and bool(value) and all(
                key in question.choices and isinstance(p, int) and not isinstance(p, bool) and low <= p <= high and p
                for key, p in value.items()
            )
        case "whole":
            return is_whole and low <= value <= high
        case _:
            return bool(is_number and low <= value <= high)


def wrong_in(answers: Answers, file: str) -> list[Problem]:
    """Unknown keys and wrong values."""
    by_id, problems = {q.id: q for q in questions()}, []
    for key, value in answers.items():
        if key not in by_id:
            near = difflib.get_close_matches(key, by_id, n=1)
            problems.append(Problem(file, key, shown(value), f"no such question; did you mean {near[0]}?" if near else "no such question"))
        elif not is_right(by_id[key], value):
            problems.append(Problem(file, key, shown(value), allowed(by_id[key])))
    return problems


def check(answers: Answers, file: str, is_whole: bool = True) -> None:
    """Problems with everything that is wrong: unknown keys, wrong values, and, if they are whole, questions without an answer or a default."""
    problems = wrong_in(answers, file)
    for question in questions() if is_whole else ():
        if question.is_needed and question.id not in answers and is_asked(question, answers):
            problems.append(Problem(file, question.id, "no answer", allowed(question)))
    if is_whole and not problems and not records_anything(answers):
        problems.append(Problem(file, "listed", "nothing that counts", "conduct in 'points' or in 'listed'"))
    if problems:
        raise Problems(problems)


def records_anything(answers: Answers) -> bool:
    """Whether any conduct counts."""
    return bool(answers.get("listed")) or bool(answers.get("points") and answers.get("form", "points") != "list")


def filled(answers: Answers) -> dict[str, Any]:
    """All answers that are asked for, with what is assumed in place of those not given."""
    return {q.id: answers.get(q.id, q.default) for q in questions() if is_asked(q, answers)}


def form(lang: str = "en") -> list[dict[str, Any]]:
    """The questionnaire for a form: id, part, question, help, kind, choices with their names, bounds, what is allowed, default, when."""
    texts = language(lang, TOPIC)
    names = {q.id: {key: choice_name(q, key, texts) for key in q.choices} for q in questions()}
    return [
        {
            "id": q.id, "part": texts.text(f"part.{q.part}"), "question": texts.text(f"ask.{q.id}"), "help": texts.text(f"help.{q.id}"),
            "kind": q.kind, "choices": names[q.id], "low": q.bounds[0], "high": q.bounds[1], "allowed": allowed(q, lang, names[q.id].values()),
            "default": q.default, "when": {key: list(values) for key, values in q.when.items()},
        }
        for q in questions()
    ]  # fmt: skip


def choice_name(question: Question, key: str, texts: Language) -> str:
    """What a choice is called: by the catalogue or, else, by the texts."""
    slot = {**catalogue().conduct, **catalogue().wishes}.get(key)
    return texts.text(f"choice.{key}") if slot is None else str(slot.name.model_dump()[texts.code])
