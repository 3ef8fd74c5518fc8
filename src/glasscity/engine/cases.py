"""Worked cases of a rulebook: what an article is said to do, held against what the compiled scheme does.

A case names an article, what is given, and what to expect. It runs on a world of a few citizens (see `bench`).

| article | given | expect |
|---|---|---|
| scoring | own, points | own |
| class | standing | class |
| association, no_association | own, friends | points |
| cap, equal_treatment | own, minority | standing |
| behaviour | own, channel; or private | own, lists; or private |
| channel | conduct, density, minority, claimed | right, wrong |
| list | class, or record (a conduct) | lists, weeks |
| sanction, reward | class, list, band or channel | refused, weekly, back, struck, begin, advantage |
| response | risk, boldness, motivation, points, friends, sanctioned, share, base, class, debt, .. | risk, expression, factor, .. |
| safeguard | own, list, channel, false, notified | own, weekly, counts, struck, restored, filed, notified, share, .. |
| enrolment | trust, district | share |
| retention | own | own |
| sharing | channel | state, private |
| private_score | private or points, friends | private, users |
| band | private | band |
| composite | income, online, age | least, most |
| study_app | texts, minutes, shared, hour; or month | points; or gift, pilloried |
| discretion | points | least, most |
| error_rates | channel | true_match, wrong_match, false_match |
| turnout | risk, boldness, others | share |
| approval | trust, solidarity, boldness, risk, sanctioned, refused, informed | approves, says |
| firm_scoring | points | score, cameras |
| firm_conduct | probity, sector, cameras | weekly, found, invented, points |
| firm_list | score | listed, weeks, points, job_loss |
| firm_sanction | score | struck, yearly |
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ConfigDict, Field

from glasscity.engine import case_rules, case_schemes
from glasscity.engine.bench import Bench, CannotRun, Values
from glasscity.errors import Problem, Problems
from glasscity.rules import load
from glasscity.rules.model import Document, Response, Safeguard, Sanction
from glasscity.rules.resolve import Resolved

RUNNERS = case_rules.RUNNERS | case_schemes.RUNNERS


class Case(Document):
    """One worked case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: str
    title: str = Field(min_length=1)
    given: Values
    expect: Values = Field(min_length=1)


def read_cases(path: Path) -> list[Case]:
    """The cases of a file; Problems with everything that is wrong in it."""
    data = load.read_toml(path)
    cases, problems = [], []
    if set(data) - {"case"} or not isinstance(data.get("case", []), list):
        problems.append(Problem(str(path), "(whole document)", ", ".join(data), "[[case]] tables"))
    for k, table in enumerate(data.get("case", []) if not problems else []):
        try:
            cases.append(load.validate(Case, table, str(path)))
        except Problems as error:
            problems += [Problem(p.file, f"case.{k}.{p.path}", p.found, p.allowed) for p in error.problems]
    if problems:
        raise Problems(problems)
    return cases


def run_cases(resolved: Resolved, cases: Iterable[Case], file: str = "cases") -> list[Problem]:
    """Every case whose outcome is not the expected one: what was found, and what was expected ('allowed')."""
    failures = []
    for k, case in enumerate(cases):
        place = f"case.{k}.{case.article} ({case.title})"
        try:
            found = outcome(resolved, case)
        except CannotRun as error:
            failures.append(Problem(file, place, str(error), "a case that this scheme can run"))
            continue
        except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
            kind = type(error).__name__
            failures.append(Problem(file, f"{place}.given", f"{case.given} ({kind}: {error})", "what cases of this kind give"))
            continue
        for name, expected in case.expect.items():
            if name not in found:
                failures.append(Problem(file, f"{place}.{name}", "nothing", "one of " + ", ".join(found)))
            elif not is_equal(found[name], expected):
                failures.append(Problem(file, f"{place}.{name}", repr(found[name]), repr(expected)))
    return failures


def is_equal(found: Any, expected: Any) -> bool:
    """Exactly for points and names; shares up to their rounding to 2^-16."""
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return bool(abs(found - expected) <= 1e-4 * abs(expected) + 1e-8)
    return bool(found == expected) and isinstance(found, bool) == isinstance(expected, bool)


def outcome(resolved: Resolved, case: Case) -> Values:
    """What a case comes to."""
    article = resolved.rulebook.articles.get(case.article)
    if article is None:
        raise CannotRun(f"no article '{case.article}'")
    kind = article.lever if isinstance(article, Safeguard) else article.effect if isinstance(article, Response) else ""
    key = kind or (article.effect if isinstance(article, Sanction) else article.what)
    try:
        with np.errstate(over="ignore"):
            return RUNNERS[key](Bench(resolved, case, article), case.given)
    except KeyError as error:
        raise CannotRun(f"'given' lacks {error}, or names what the scheme does not know") from None
