"""Every article has a worked case, every case comes out, and a wrong one is found."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from glasscity.engine.cases import Case, read_cases, run_cases
from glasscity.errors import Problems
from glasscity.rules import load
from glasscity.rules.model import AnyArticle, Rulebook
from glasscity.rules.resolve import resolve

SCENARIO = {"watchlist": "watchlist-cardiff", "crossing": "crossing-shenzhen"}
RULEBOOKS = load.built_in_names(Rulebook)


def file_of(rulebook: str) -> Path:
    return load.find(Rulebook, rulebook).parent / "cases.toml"


@cache
def scenario_of(rulebook: str):
    """A scenario that uses a rulebook."""
    return resolve(SCENARIO.get(rulebook, rulebook))


ALL = [
    pytest.param(rulebook, case, id=f"{rulebook}: {case.title}")
    for rulebook in RULEBOOKS
    for case in read_cases(file_of(rulebook))
]


@pytest.mark.parametrize(("rulebook", "case"), ALL)
def test_case__comes_out(rulebook, case):
    assert scenario_of(rulebook).scenario.rulebook == rulebook
    failures = run_cases(scenario_of(rulebook), [case], str(file_of(rulebook)))
    assert not failures, "\n".join(map(str, failures))


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_rulebook__has_a_case_for_every_article(rulebook):
    articles = scenario_of(rulebook).rulebook.articles
    cited = {case.article for case in read_cases(file_of(rulebook))}
    assert set(articles) - cited == set(), "articles without a case"
    assert cited - set(articles) == set(), "cases without an article"


def test_cases__cover_every_kind_of_article():
    kinds = {scenario_of(r).rulebook.articles[case.values[1].article].what for case in ALL for r in [case.values[0]]}
    assert kinds == {kind.model_fields["what"].annotation.__args__[0] for kind in AnyArticle.__origin__.__args__}


# --- the tester, tested: a wrong expectation, and a wrong rulebook, must be found --------------------------


def changed(value):
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + (1 if isinstance(value, int) else 0.001)
    return [*value, "purple"] if isinstance(value, list) else value + "?"


@pytest.mark.parametrize(("rulebook", "case"), ALL)
def test_case__with_a_wrong_expectation_fails(rulebook, case):
    for name, value in case.expect.items():
        wrong = case.model_copy(update={"expect": case.expect | {name: changed(value)}})
        failures = run_cases(scenario_of(rulebook), [wrong], "cases.toml")
        assert [failure.path.rpartition(".")[2] for failure in failures] == [name]
        assert failures[0].allowed == repr(changed(value))


OTHER = {"expiry": 365.0, "match_threshold": 20.0, "no_association": 0.0, "minority_cap": 990, "scoring": 1000}
OTHER |= {"class_aaa": 1301, "class_aa": 1151, "class_a": 1001, "class_b": 801, "class_c": 601}
OTHER |= {"band_excellent": 705, "band_very_good": 655, "band_good": 605, "band_fair": 555, "private_score": 595}
OTHER |= {"permanent_file": 730, "study_app": 2, "measured_rates": "claimed"}
SWITCHES = {"purpose_limitation", "equal_treatment", "scoring", "redlist"}  # on or off: their value is not used
LOWEST = {"class_d", "band_low"}  # everybody else's: any lower limit does
ARTICLES = [key for key in resolve("beijing-2020").rulebook.articles if key not in LOWEST]


@pytest.mark.parametrize("key", ARTICLES)
def test_article__whose_value_is_changed_fails_one_of_its_cases(key):
    """A case is no case if the article may say something else."""
    article = scenario_of("beijing-2020").rulebook.articles[key]
    cases = [case for case in read_cases(file_of("beijing-2020")) if case.article == key]
    value = OTHER[key] if key in OTHER else article.value * 0.5 if isinstance(article.value, float) else article.value - 3
    other = resolve("beijing-2020", {f"articles.{key}.value": value})
    moved = run_cases(other, cases, "cases.toml")
    assert bool(moved) == (key not in SWITCHES)


def test_case_file__with_unknown_keys_or_articles_is_refused(tmp_path):
    file = tmp_path / "cases.toml"
    file.write_text('[[case]]\narticle = "jaywalking"\ntitle = "x"\ngiven = {}\nexpected = { own = 1 }\n')
    with pytest.raises(Problems, match="case.0.expected") as error:
        read_cases(file)
    assert "case.0.expect:" in str(error.value)
    nobody = Case(article="nobody", title="x", given={}, expect={"own": 1})
    assert "no article 'nobody'" in str(run_cases(resolve("beijing-2020"), [nobody])[0])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"own": 1000}, "channel"),
        ({"own": 1000, "channel": "tax_records"}, "does not see"),
        ({"own": 1000, "channel": "no_such"}, "no_such"),
    ],
)
def test_case__that_cannot_run_says_why(given, says):
    case = Case(article="jaywalking", title="x", given=given, expect={"own": 980})
    [failure] = run_cases(resolve("beijing-2020"), [case])
    assert says in failure.found
