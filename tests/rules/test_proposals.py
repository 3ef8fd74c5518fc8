"""The questionnaire: every answer tells in the documents, whatever is answered can be lived, and nothing asks about a person."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from glasscity import cli, jobs
from glasscity.engine.city import City
from glasscity.errors import InputError, Problems
from glasscity.jobs import proposals
from glasscity.rules import proposal, questions
from glasscity.rules.language import gaps
from glasscity.rules.load import BUILT_IN

LANGUAGES = ("en", "de", "nl")
RICH: dict[str, Any] = {  # every question is asked
    "title": "Everything at once", "form": "points", "points": {"volunteering": 20, "unpaid_fine": -60, "traffic_offence": -40},
    "listed": ["unpaid_debt"], "channels": ["own_files", "other_files", "app", "cameras", "reports", "profile"], "refused": ["flight"],
    "advantage": ["loan"], "notice": 0.5, "appeal": 0.5, "friends": 0.1,
}  # fmt: skip
OTHER = {  # a second answer to each question
    "title": "Another", "place": "beijing", "form": "list", "joining": 0.4, "points": {"volunteering": 21}, "listed": ["unpaid_fine"],
    "threshold": 700, "flagged_below": 40, "reward_from": 1200, "secret": True, "channels": ["own_files"], "files_reach": 0.3,
    "files_wrong": 0.05, "app_reach": 0.9, "camera_reach": 0.6, "camera_wrong": 0.03, "camera_false": 0.001, "reports_false": 0.6,
    "profile_hit": 0.9, "profile_false": 0.1, "minority_factor": 3.0, "refused": ["loan"], "refusal": 0.2, "advantage": ["job"],
    "advantage_share": 0.9, "list_weeks": 12, "public": True, "job_loss": 0.1, "friends": 0.3, "cap": True, "expiry_days": 365,
    "notice": 0.9, "reasons": True, "appeal": 0.9, "appeal_days": 90, "review": 0.5, "repair": 0.1, "purpose": True, "equal": True,
    "audit": 0.1, "opt_out": 0.1,
}  # fmt: skip


def flat(code: str) -> dict[str, str]:
    found = {}
    for key, value in tomllib.loads((Path(str(BUILT_IN)) / "questions" / f"{code}.toml").read_text(encoding="utf-8")).items():
        found |= {f"{key}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
    return found


# --- texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_texts__are_complete_in_every_language_with_the_same_gaps(code):
    english, other = flat("en"), flat(code)
    assert list(other) == list(english)
    assert all(gaps(other[key]) == gaps(text) for key, text in english.items())
    assert len(proposals.form(code)) == len(questions.questions())


def test_texts__are_not_english_in_other_languages():
    english = flat("en")
    for code in ("de", "nl"):
        assert not {key for key, text in flat(code).items() if text == english[key] and len(text.split()) > 2}


def test_form__is_plain_data_with_a_name_for_every_choice():
    told = json.loads(json.dumps(proposals.form("nl")))
    assert all(name for question in told for name in question["choices"].values())
    assert {question["id"] for question in told} == {question.id for question in questions.questions()}


# --- answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", [q.id for q in questions.questions()])
def test_answer__of_every_question_tells_in_the_documents(question):
    base = RICH | ({"form": "risk"} if question == "flagged_below" else {})
    before, after = (proposal.documents("mine", answers) for answers in (base, base | {question: OTHER[question]}))
    assert before != after


def marked(articles: dict[str, dict[str, Any]], question: str) -> list[str]:
    """Articles that say that this question was not answered."""
    return [key for key, a in articles.items() if a["note"].startswith("Not answered") and question in a["note"].split(": ")[1].strip(".").split(", ")]


@pytest.mark.parametrize("question", [q.id for q in questions.questions() if not q.is_needed])
def test_answer__that_is_missing_is_assumed_and_marked(question):
    base = RICH | OTHER | {"form": "risk" if question == "flagged_below" else "points", "channels": RICH["channels"], "equal": True}
    answered = proposal.documents("mine", base)["rulebook"]["articles"]
    missing = proposal.documents("mine", {k: v for k, v in base.items() if k != question})["rulebook"]["articles"]
    guessed = {"answered": marked(answered, question), "missing": marked(missing, question)}
    assert not guessed["answered"]
    assert all(missing[key]["grade"] == "assumed" for key in guessed["missing"])
    is_nought = not next(q.default for q in questions.questions() if q.id == question)
    assert guessed["missing"] or is_nought or question in ("place", "channels", "joining", "minority_factor")  # these make no article of their own


@st.composite
def answers(draw) -> dict[str, Any]:
    """Whatever may be answered."""
    found: dict[str, Any] = {"title": "Any"}
    for question in questions.questions()[1:]:
        if not questions.is_asked(question, found) or (not question.is_needed and draw(st.booleans())):
            continue
        low, high = question.bounds
        some = st.lists(st.sampled_from(question.choices), unique=True, max_size=4) if question.choices else st.nothing()
        found[question.id] = draw({
            "choice": st.sampled_from(question.choices) if question.choices else st.nothing(), "choices": some, "yes": st.booleans(),
            "points": st.dictionaries(st.sampled_from(question.choices or ("x",)), st.integers(int(low), int(high)).filter(bool), min_size=1, max_size=4),
            "whole": st.integers(int(low), int(high)), "share": st.floats(low, high), "factor": st.floats(low, high),
        }[question.kind])  # fmt: skip
    if not questions.records_anything(found):
        found["listed"] = ["unpaid_debt"]
    return found


@given(answers())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers__of_any_kind_make_a_scheme_that_checks_and_lives(given_answers):
    scheme = proposals.scheme_of(given_answers)
    city = City(scheme, 300, 8, 1)
    city.populate()
    for _ in range(8):
        city.live()
    assert len(city.readings) == 2


def test_check__tells_everything_that_is_wrong_at_once():
    with pytest.raises(Problems) as caught:
        questions.check({"titel": "x", "form": "lists", "refusal": 2, "points": {"nonsense": 3}, "notice": True}, "a.toml")
    told = "\n".join(map(str, caught.value.problems))
    assert all(part in told for part in ("did you mean title", "one of points, risk, list", "from 0 to 1", "nonsense", "notice: found True", "title: found no answer"))


def test_check__wants_something_that_counts():
    with pytest.raises(Problems, match="nothing that counts"):
        questions.check({"title": "Empty", "form": "list"}, "a.toml")


@pytest.mark.parametrize("value", ["", " ", "x" * 121, "two\nlines", 3])
def test_title__is_a_line(value):
    with pytest.raises(Problems):
        questions.check(RICH | {"title": value}, "a.toml")


# --- files -----------------------------------------------------------------------------------------


def test_new__writes_documents_that_check_and_mark_what_is_assumed(tmp_path, capsys):
    (tmp_path / "a.toml").write_text('title = "Debtors"\nform = "list"\nlisted = ["unpaid_debt"]\nrefused = ["flight"]\n')
    assert cli.perform(["new", str(tmp_path / "debt.toml"), "--answers", str(tmp_path / "a.toml"), "--lang", "de"]) == 0
    assert "Weiter mit:" in capsys.readouterr().out
    text = (tmp_path / "debt.rulebook.toml").read_text(encoding="utf-8")
    assert "value = 0.9 # assumed: nobody answered for this number" in text
    jobs.check(tmp_path / "debt.toml")
    run = jobs.run(tmp_path / "debt.toml", citizens=500, days=10, out=tmp_path / "run", report=False)
    assert run.digest
    assert cli.perform(["new", str(tmp_path / "debt.toml"), "--answers", str(tmp_path / "debt.answers.toml")]) == 2
    assert "already there" in capsys.readouterr().err


def test_new__asks_again_after_a_wrong_answer_and_takes_what_is_assumed(tmp_path):
    n = len(questions.questions())
    line = ["new", str(tmp_path / "bonus.toml"), "--from-questions", "--lang", "nl"]
    typed = "Bonus\n\npoints\n\nvolunteering=x\nvolunteering=20\n" + "\n" * n
    told = CliRunner().invoke(cli.app, line, input=typed)
    assert told.exit_code == 0, told.output
    assert "Niet begrepen" in told.output and "hele punten" in told.output
    kept = tomllib.loads((tmp_path / "bonus.answers.toml").read_text())
    assert kept == {"title": "Bonus", "form": "points", "points": {"volunteering": 20}}


def test_new__stopped_half_way_keeps_what_was_answered(tmp_path):
    line = ["new", str(tmp_path / "half.toml"), "--from-questions"]
    told = CliRunner().invoke(cli.app, line, input="Half\n\nlist\n")
    assert told.exit_code != 0
    assert tomllib.loads((tmp_path / "half.answers.toml").read_text()) == {"title": "Half", "form": "list"}
    typed = "\n\nunpaid_debt\n" + "\n" * len(questions.questions())
    told = CliRunner().invoke(cli.app, [*line, "--answers", str(tmp_path / "half.answers.toml")], input=typed)
    assert told.exit_code == 0, told.output
    assert (tmp_path / "half.rulebook.toml").is_file()


def test_questions__tell_what_is_wrong_with_a_file_of_answers_before_they_are_asked(tmp_path, capsys):
    (tmp_path / "a.toml").write_text('titel = "Fines"\nform = "lottery"\n')
    assert cli.perform(["new", str(tmp_path / "fines.toml"), "--from-questions", "--answers", str(tmp_path / "a.toml")]) == 2
    told = capsys.readouterr()
    assert "did you mean title?" in told.err and "found 'lottery'; allowed: one of points, risk, list" in told.err
    assert told.out == "" and [path.name for path in tmp_path.iterdir()] == ["a.toml"]


def test_propose__to_a_place_that_is_none_says_so(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        proposals.propose(tmp_path / "no" / "folder.toml", RICH)
