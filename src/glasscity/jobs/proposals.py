"""A scheme that somebody proposes: questions asked or answers read, and the documents written."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from glasscity.errors import InputError
from glasscity.rules import load, proposal, questions
from glasscity.rules.language import language
from glasscity.rules.model import Catalogue, Population
from glasscity.rules.resolve import Resolved, from_documents
from glasscity.store.folder import write_whole

MARKED = "assumed: nobody answered for this number"


def form(lang: str = "en") -> list[dict[str, Any]]:
    """The questions about a proposed scheme, for whoever makes a form of them: see `rules.questions.form`."""
    return questions.form(lang)


def read_answers(file: str | os.PathLike[str], is_whole: bool = True) -> dict[str, Any]:
    """Answers from a TOML file; Problems with everything that is wrong with them."""
    answers = load.read_toml(Path(file))
    questions.check(answers, os.fspath(file), is_whole)
    return answers


def scheme_of(answers: Mapping[str, Any], name: str = "proposal", file: str = "answers") -> Resolved:
    """The scheme that answers describe, ready to be lived; Problems with everything that is wrong."""
    questions.check(answers, file)
    made = proposal.documents(name, answers)
    catalogue = load.read_toml(load.find(Catalogue, questions.CATALOGUE))
    population = load.read_toml(load.find(Population, made["scenario"]["population"]))
    return from_documents({**made, "catalogue": catalogue, "population": population})


def propose(file: str | os.PathLike[str], answers: Mapping[str, Any]) -> list[Path]:
    """Write a proposed scheme: the scenario `file` and its rulebook, neither of which may be there yet, and the answers beside them."""
    path = Path(file)
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:40].rstrip("-")
    name = name if name[:1].isalpha() else "my-scheme"
    scheme_of(answers, name, f"{path.stem}.answers.toml")
    made = proposal.documents(name, answers)
    texts = {path: made["scenario"], path.with_name(f"{name}.rulebook.toml"): made["rulebook"]}
    there = [str(one) for one in texts if one.exists()]
    if there:
        raise InputError(f"{', '.join(there)}: already there and left as it is; choose another name")
    for one, data in texts.items():
        written(one, commented(data))
    kept = path.with_suffix(".answers.toml")
    write_whole(kept, [tomlkit.dumps(dict(answers)).encode()])
    return [*texts, kept]


def written(path: Path, text: str) -> None:
    """A new file; InputError if it cannot be."""
    try:
        with open(path, "x", encoding="utf-8") as target:
            target.write(text)
    except (OSError, ValueError) as error:
        raise InputError(f"{ascii(str(path))[1:-1]}: cannot be written: {getattr(error, 'strerror', None) or error}") from None


def commented(data: Mapping[str, Any]) -> str:
    """TOML in which each assumed number says so."""
    document = tomlkit.parse(tomlkit.dumps(data))
    articles = document.get("articles", {})
    for article in articles.values():
        if article["grade"] == "assumed" and article["source"] == "questionnaire":
            article["value"].comment(MARKED)
    return tomlkit.dumps(document)


def next_steps(paths: list[Path], lang: str = "en") -> str:
    """What to type next."""
    path = paths[0]
    lines = [f"  glasscity check {path}", f"  glasscity run {path} --out runs/{path.stem}", f"  glasscity report runs/{path.stem} --lang {lang} --pdf"]
    return "\n".join([language(lang, questions.TOPIC).say("next"), *lines])
