"""The line of what Glass City refuses to be, held where people could put something in or get something out."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

import glasscity
from glasscity import cli, jobs
from glasscity.errors import Problems
from glasscity.rules.load import BUILT_IN

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
SCHEMAS = jobs.schema()

# words by which one would ask for, or tell of, a real person
PERSONAL = re.compile(
    r"person|people|individual|resident_?(id|list)|first_?name|last_?name|surname|family_?name|full_?name|nickname|birth|born"
    r"|address|street_?name|house_?number|phone|mobile|e_?mail|passport|identity|id_?(card|number)|national_?id|ssn|account_?number"
    r"|photo|picture|image|video|face|voice|gait|fingerprint|biometr|iris|dna|licen[cs]e_?plate|imei|mac_?address|ip_?address"
    r"|register|survey|dossier|upload|import_|ingest|stream_?url|webhook",
    re.IGNORECASE,
)


# --- what can be put in ----------------------------------------------------------------------------

OPTIONS = {
    "run": {"scenario", "citizens", "days", "seed", "seeds", "threads", "changes", "population", "out", "watch", "checkpoint_every", "no_report", "as_json", "device"},
    "resume": {"folder", "threads", "checkpoint_every", "no_report", "as_json", "device"},
    "verify": {"folder", "threads", "device"},
    "scenarios": {"as_json"},
    "describe": {"scenario", "lang", "changes", "as_json"},
    "sources": {"ids", "as_json"},
    "validate": {"scenario", "seeds", "threads", "as_json"},
    "robustness": {"scenario", "citizens", "days", "seed", "most", "threads", "as_json"},
    "compare": {"scenario", "without", "changes", "safeguards", "against", "population", "since", "citizens", "days", "seed", "seeds", "persistence", "threads", "out", "as_json"},
    "attribute": {"scenario", "metric", "mechanisms", "group", "changes", "citizens", "days", "seed", "seeds", "orders", "threads", "as_json"},
    "safeguards": {"scenario", "harms", "pairs", "changes", "citizens", "days", "seed", "seeds", "threads", "as_json"},
    "cascade": {"scenario", "day", "changes", "citizens", "days", "seed", "seeds", "threads", "as_json"},
    "sweep": {"scenario", "values", "metrics", "group", "changes", "citizens", "days", "seed", "seeds", "threads", "as_json"},
    "study": {"file", "out", "executor", "workers", "resume", "retry_failed", "as_json"},
    "sensitivity": {"folder", "lang", "as_json"},
    "calibrate": {"file", "out", "executor", "workers", "resume", "as_json"},
    "check": {"file"},
    "schema": {"kind"},
    "new": {"file", "from_questions", "answers", "lang"},
    "report": {"folder", "lang", "pdf", "quick", "figures", "threads"},
    "dossier": {"folder", "lang", "citizen", "out", "as_json", "threads"},
    "find": {"folder", "lang", "most", "as_json", "threads", "story"},
    "serve": {"folder", "port", "for_class", "host", "opened"},
    "warmup": set(),
}  # fmt: skip


def command_parameters() -> dict[str, dict[str, Any]]:
    """Parameters of each command as the command line has them."""
    group = typer.main.get_command(cli.app)
    return {name: {p.name: p for p in command.params} for name, command in group.commands.items()}  # type: ignore[attr-defined]


def test_command_line__has_these_parameters_and_no_other():
    found = {name: {key for key in parameters if key != "help"} for name, parameters in command_parameters().items()}
    assert found == OPTIONS


def test_command_line__no_option_asks_for_a_person():
    for parameters in command_parameters().values():
        for parameter in parameters.values():
            assert not any(PERSONAL.search(word) for word in parameter.opts)


def test_watch__takes_numbers_of_synthetic_citizens_and_nothing_else(capsys, tmp_path):
    for told in ("Li Wei", "110101199003077758x", "list.csv", "a@b.c"):
        assert cli.perform(["run", "beijing-2020", "--watch", told, "--out", str(tmp_path / "run")]) == 2
    assert cli.perform(["run", "beijing-2020", "--citizens", "100", "--watch", "110101199003077758", "--out", str(tmp_path)]) == 2


def public_functions() -> dict[str, Any]:
    found = {f"jobs.{name}": getattr(jobs, name) for name in jobs.__all__}
    found |= {f"glasscity.{name}": getattr(glasscity, name) for name in glasscity.__all__}
    return {name: thing for name, thing in found.items() if inspect.isfunction(thing) or inspect.isclass(thing)}


def test_python__no_parameter_of_a_public_function_asks_for_a_person_or_a_table():
    for name, function in public_functions().items():
        for parameter in inspect.signature(function).parameters.values():
            told = str(parameter.annotation)
            assert not PERSONAL.search(parameter.name), (name, parameter.name)
            assert not re.search(r"DataFrame|ndarray|bytes|IO\b|Iterable|Callable\[\[.*Frame", told), (name, told)


def test_python__run_takes_these_parameters_and_no_other():
    assert set(inspect.signature(glasscity.run).parameters) == {
        "scenario", "citizens", "days", "seed", "threads", "overlay", "out", "watch", "progress", "checkpoint_every", "report",
        "population", "ranks", "device", "seeds",
    }  # fmt: skip


# --- what documents can say ------------------------------------------------------------------------


def objects(schema: Any) -> list[dict[str, Any]]:
    """All object schemas inside a schema."""
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    found = [schema] if isinstance(schema, dict) and "properties" in schema else []
    return found + [one for value in inner for one in objects(value)]


@pytest.mark.parametrize("kind", jobs.KINDS)
def test_schema__no_field_is_about_a_person_and_unknown_fields_are_refused(kind):
    for schema in objects(SCHEMAS[kind]):
        assert schema.get("additionalProperties") is False, schema.get("title")
        assert not [field for field in schema["properties"] if PERSONAL.search(field)]


def test_population__holds_shares_and_totals_and_texts_about_tables_only():
    texts = {"id", "name", "source", "locator", "grade", "note", "sources", "en", "de", "nl"}
    for schema in objects(SCHEMAS["population"]):
        for field, told in schema["properties"].items():
            is_text = '"string"' in json.dumps({k: v for k, v in told.items() if k != "description"})
            assert not is_text or field in texts, field


def test_population__no_list_is_long_enough_to_be_a_list_of_people():
    def lists(told: Any) -> list[dict[str, Any]]:
        inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
        found = [told] if isinstance(told, dict) and told.get("type") == "array" else []
        return found + [one for value in inner for one in lists(value)]

    for told in lists(SCHEMAS["population"]):
        is_cells = told.get("description") == "Cell sizes, repeated"
        is_inner_row = told.get("items", {}).get("type") == "number"
        assert is_cells or is_inner_row or told["maxItems"] <= 8
    assert SCHEMAS["population"]["properties"]["districts"]["maxProperties"] == 64


PEOPLE = {
    "rows": 'people = [{ name = "A", income = 3 }, { name = "B", income = 1 }]',
    "a table of persons": '[persons.a]\nage = 40',
    "a file of records": 'records = "register.csv"',
    "a name in a district": 'districts.dongcheng.inhabitants = ["A", "B"]',
}


@pytest.mark.parametrize("told", PEOPLE.values(), ids=PEOPLE.keys())
def test_population__with_records_of_people_is_refused(tmp_path, told):
    text = (BUILT_IN / "populations" / "beijing.toml").read_text()
    data = tomllib.loads(text)
    addition = tomllib.loads(told)
    if "districts" in addition:
        data["districts"]["dongcheng"] |= addition["districts"]["dongcheng"]
    else:
        data |= addition
    from glasscity.jobs.plan import written

    def inline(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{written(k)} = {inline(v)}" for k, v in value.items()) + "}"
        return "[" + ", ".join(map(inline, value)) + "]" if isinstance(value, list) else written(value)

    (tmp_path / "population.toml").write_text("".join(f"{k} = {inline(v)}\n" for k, v in data.items()))
    with pytest.raises(Problems, match="unknown key"):
        jobs.check(tmp_path / "population.toml")


# --- what the program is made of -------------------------------------------------------------------


def test_program__has_no_function_that_aims_at_obedience_or_cheaper_control():
    aim = re.compile(r"(maximi|minimi|optimi|increase|improve|tune).*(obedien|complian|conform|control|loyal|score|surveil)")
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                assert not aim.search(node.name.lower()), (path, node.name)


def test_run__opens_no_connection(tmp_path):
    code = """
    import sys
    asked = []
    def watch(event, args):
        if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "urllib.Request"):
            asked.append(event)
    sys.addaudithook(watch)
    from glasscity.cli import perform
    code = perform(["run", "beijing-2020", "--citizens", "200", "--days", "2", "--json", "--no-report", "--out", sys.argv[1]])
    print(code, asked, file=sys.stderr)
    """
    line = [sys.executable, "-c", inspect.cleandoc(code), str(tmp_path / "run")]
    told = subprocess.run(line, capture_output=True, text=True, check=True)
    assert told.stderr.strip().endswith("0 []")


# --- what comes out --------------------------------------------------------------------------------


def test_results__are_marked_synthetic_and_have_no_column_that_is_about_a_person(tmp_path):
    import polars as pl

    run = jobs.run("beijing-2020", citizens=500, days=8, watch=(1, 2, 3), out=tmp_path / "run", report=False)
    assert run.info["synthetic"].startswith("SYNTHETIC")
    for name in ("metrics", "citizens", "events"):
        assert pl.read_parquet_metadata(run.out / f"{name}.parquet")["SYNTHETIC"].startswith("SYNTHETIC")
        columns = getattr(run, name).columns
        assert not [column for column in columns if PERSONAL.search(column) or column == "name"]
