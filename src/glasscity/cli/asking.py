"""The questionnaire at the command line: one question after the other; what was answered is never lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from glasscity.errors import Interrupted


def ask(lang: str, keep: Path, known: Mapping[str, Any]) -> dict[str, Any]:
    """Answers to all questions that make sense, beginning with those known. Ctrl-C writes them to `keep`, and Interrupted says so."""
    from glasscity.rules import questions
    from glasscity.rules.language import language

    texts, answers, part = language(lang, questions.TOPIC), dict(known), ""
    typer.echo(texts.say("intro"))
    try:
        for question, told in zip(questions.questions(), questions.form(lang), strict=True):
            if question.id in answers or not questions.is_asked(question, answers):
                continue
            if told["part"] != part:
                part = told["part"]
                typer.secho(f"\n{part}", bold=True)
            value = asked(question, told, texts)
            if value is not None:
                answers[question.id] = value
    except (KeyboardInterrupt, EOFError, typer.Abort):
        import tomlkit

        keep.write_text(tomlkit.dumps(answers), encoding="utf-8")
        raise Interrupted(f"what was answered is in {keep}; go on with: --answers {keep}") from None
    return answers


def asked(question: Any, told: Mapping[str, Any], texts: Any) -> Any:
    """One answer; None if what is assumed was taken. Asked again until it is right."""
    from glasscity.rules import questions

    typer.echo(f"\n{told['question']}  {told['help']}")
    for key, name in told["choices"].items():
        typer.echo(f"    {key:<20} {name}")
    while True:
        shown = None if question.is_needed else json.dumps(question.default)
        line = typer.prompt(f"  ({form_of(question.kind)})", default=shown or "", show_default=shown is not None).strip()
        if shown is not None and line == shown:
            return None
        value = parsed(question.kind, line)
        if questions.is_right(question, value):
            return value
        typer.secho("  " + texts.say("wrong", found=repr(line), allowed=questions.allowed(question, texts.code)), fg="red")


def form_of(kind: str) -> str:
    """How an answer is typed."""
    told = {"choices": "a, b, c", "points": "a=10, b=-20", "yes": "true/false", "text": "...", "choice": "a", "share": "0.25", "factor": "1.5"}
    return told.get(kind, "10")


def parsed(kind: str, line: str) -> Any:
    """What was typed as a value; the line itself where it is none."""
    parts = [part.strip() for part in line.strip("[]").replace('"', "").split(",") if part.strip()]
    try:
        if kind == "choices":
            return parts
        if kind == "points":
            return {key.strip(): int(value) for key, _, value in (part.partition("=") for part in parts)}
        if kind == "yes":
            return {"true": True, "yes": True, "ja": True, "y": True, "j": True, "false": False, "no": False, "nein": False, "nee": False, "n": False}[line.lower()]
        if kind == "whole":
            return int(line)
        return float(line.replace(",", ".")) if kind in ("share", "factor") else line
    except (KeyError, ValueError):
        return line
