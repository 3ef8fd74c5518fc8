"""Whatever is put in: a clear error (file, dotted path, value found, values allowed) or a run. Never a traceback."""

from __future__ import annotations

import contextlib
import copy
import io
import math
import os
import re
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glasscity import jobs
from glasscity.cli import perform
from glasscity.jobs.plan import written
from glasscity.rules.load import BUILT_IN, depth, read_toml
from glasscity.rules.resolve import resolve

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))  # `make lengthy` tries more of everything


def fuzz(examples: int) -> Callable[[Callable], Callable]:
    """A test that tries so many examples, the same ones each time."""
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return lambda test: pytest.mark.fuzz(settings(max_examples=TIMES * examples, suppress_health_check=checks)(test))


PROBLEM = re.compile(r".+: .+: found .+; allowed: .+")
KINDS = ("rulebook", "population", "catalogue", "scenario")


def documents() -> dict[str, dict[str, Any]]:
    """A small scheme: the court list over Beijing."""
    found = copy.deepcopy(resolve("court-list").documents)
    found["population"] = copy.deepcopy(resolve("beijing-2020").documents["population"])
    return found


BASE = documents()


# --- TOML of any plain data ------------------------------------------------------------------------


def toml(value: Any) -> str:
    """A value as TOML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return written(value)


def file_of(document: dict[str, Any]) -> str:
    """A document as a TOML file."""
    return "".join(f"{written(key)} = {toml(value)}\n" for key, value in document.items())


# --- mutations -------------------------------------------------------------------------------------

JUNK = st.sampled_from([
    "", "x", "x" * 500, "Ünïcode ☃", "tab\tnul\x00", 0, 1, -1, 2, 255, 256, 4096, 2**31, 2**63, -(2**63), 10**30,
    0.0, -0.0, 0.5, 1.0, 1e-300, 1e308, -1e308, math.nan, math.inf, -math.inf, True, False, date(2021, 1, 5), date.min,
    time(1, 2), [], [[]], {}, {"a": 1}, [0], [1, "a"], [math.nan] * 8, [0.125] * 8, [1] * 2000,
    "behaviour", "channel", "class", "black", "jaywalking", "beijing", "../..", "/dev/null", "articles.x",
]).map(copy.deepcopy)  # fmt: skip


def places(node: Any, here: tuple = ()) -> list[tuple]:
    """Paths of all nodes below the root."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path for key, value in inner for path in ((*here, key), *places(value, (*here, key)))]


@st.composite
def mutated(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """A document with one to three things done to it."""
    document = copy.deepcopy(BASE[kind])
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(places(document)))
        parent: Any = document
        for step in above:
            parent = parent[step]
        match draw(st.sampled_from(["replace", "delete", "rename", "add", "copy", "scale"])):
            case "replace":
                parent[last] = draw(JUNK)
            case "delete":
                del parent[last]
            case "rename" if isinstance(parent, dict):
                parent[draw(st.sampled_from(["colour", "valu", "x y", ""]))] = parent.pop(last)
            case "add" if isinstance(parent, dict):
                parent[draw(st.sampled_from(["person", "extra", "until", "enabled", "value", "from"]))] = draw(JUNK)
            case "copy":
                source: Any = document
                for step in draw(st.sampled_from(places(document))):
                    source = source[step]
                parent[last] = copy.deepcopy(source)
            case "scale" if type(parent[last]) in (int, float):
                parent[last] *= draw(st.sampled_from([-1, 0, 2, 1000, 1e-9]))
        if not places(document):
            break
    return document


# --- what must hold --------------------------------------------------------------------------------


def performed(arguments: list[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = perform(arguments)
    return code, out.getvalue(), err.getvalue()


def assert_clear_error_or_run(folder: Any, files: dict[str, str | bytes]) -> None:
    """The documents either run, or each of their problems is told with file, path, found and allowed."""
    for kind, text in files.items():
        data = text.encode() if isinstance(text, str) else text
        (folder / f"{kind}.toml").write_bytes(data)
    scenario = str(folder / "scenario.toml")
    checked, _, problems = performed(["check", scenario])
    run = ["run", scenario, "--citizens", "150", "--days", "8", "--threads", "1", "--no-report", "--watch", "1"]
    code, _, told = performed([*run, "--out", str(folder / "run")])
    assert code in (0, 2, 3), told
    assert "Traceback" not in told + problems
    if code == 2:
        assert checked == 2, told
        lines = problems.splitlines()
        assert lines
        assert all(PROBLEM.fullmatch(line) for line in lines), problems
    else:
        assert checked == 0, problems
        assert code == 0, told


@pytest.fixture
def places_to_write(tmp_path):
    """A new folder for each example."""
    numbers = iter(range(10**6))
    return lambda: _made(tmp_path / str(next(numbers)))


def _made(path):
    path.mkdir()
    return path


def files(kind: str, text: str | bytes) -> dict[str, str | bytes]:
    """The four documents as files that name each other, one of them replaced."""
    scenario = BASE["scenario"] | {name: f"{name}.toml" for name in KINDS[:3]}
    whole: dict[str, str | bytes] = {name: file_of(BASE[name]) for name in KINDS[:3]}
    return whole | {"scenario": file_of(scenario)} | {kind: text}


def test_fuzz__unchanged_documents_run(places_to_write):
    folder = places_to_write()
    assert_clear_error_or_run(folder, files("rulebook", file_of(BASE["rulebook"])))
    assert jobs.load(folder / "run").info["status"] == "done"


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@fuzz(15)
def test_fuzz__mutated_document_is_a_clear_error_or_a_run(places_to_write, kind, data):
    document = data.draw(mutated(kind))
    if kind == "scenario":
        for name in KINDS[:3]:
            if document.get(name) == BASE["scenario"].get(name):
                document[name] = f"{name}.toml"
    assert_clear_error_or_run(places_to_write(), files(kind, file_of(document)))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@fuzz(10)
def test_fuzz__bytes_changed_at_random_are_a_clear_error_or_a_run(places_to_write, kind, data):
    text = bytearray(str(files(kind, file_of(BASE[kind]))[kind]).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        junk = data.draw(st.binary(max_size=4))
        text[place : place + data.draw(st.integers(0, 3))] = junk
    assert_clear_error_or_run(places_to_write(), files(kind, bytes(text)))


@given(text=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
@fuzz(30)
def test_fuzz__check_of_any_bytes_is_a_clear_error(places_to_write, text):
    path = places_to_write() / "any.toml"
    path.write_bytes(text)
    code, out, err = performed(["check", str(path)])
    assert code == 2
    assert out == ""
    assert all(PROBLEM.fullmatch(line) for line in err.splitlines()) and err


# --- known traps -----------------------------------------------------------------------------------

TRAPS = {
    "nested too deeply to parse": "a = " + "[" * 20_000 + "]" * 20_000,
    "nested too deeply to check": "a = " + "[" * 100 + "]" * 100,
    "nested inline tables": "a = " + "{a = " * 60 + "1" + "}" * 60,
    "number of ten thousand digits": "a = " + "9" * 10_000,
    "nothing": "",
    "only a byte order mark": "\ufeff",
    "cases that are none": "case = 3",
    "rulebook that is none": "articles = 3",
    "population that is none": "districts = []",
    "catalogue that is none": "conduct = 'x'",
    "scenario that is none": "rulebook = 3\npopulation = []",
    "names of files that cannot be": 'rulebook = "a\\u0000b"\npopulation = "' + "x" * 5000 + '"\nstart = 2021-01-01',
    "file that includes itself": 'rulebook = "."\npopulation = ".."\nstart = 2021-01-01',
}


@pytest.mark.parametrize("name", TRAPS)
def test_trap__is_told_in_one_line_a_problem(tmp_path, name):
    (tmp_path / "trap.toml").write_text(TRAPS[name], encoding="utf-8")
    for command in ("check", "run"):
        code, out, err = performed([command, str(tmp_path / "trap.toml")])
        assert code == 2, err
        assert err
        assert "Traceback" not in err
        assert all(PROBLEM.fullmatch(line) for line in err.splitlines()), err


def test_trap__huge_file_is_not_read(tmp_path):
    with open(tmp_path / "huge.toml", "wb") as file:
        file.truncate(5 * 2**30)
    code, _, err = performed(["check", str(tmp_path / "huge.toml")])
    assert code == 2
    assert "at most" in err


def test_depth__counts_tables_and_lists():
    assert depth(1) == 1
    assert depth({"a": [1, {"b": 2}]}) == 4
    assert all(depth(read_toml(path)) < 8 for path in BUILT_IN.rglob("*.toml"))


DATES = ["2021-01-05", "2021-01-05T00:00:00", '"2021-01-05"', '"2021-01-05T00:00:00"']


@pytest.mark.parametrize("written_date", DATES)
def test_trap__date_written_in_any_way_runs_and_verifies(tmp_path, written_date):
    path = jobs.new(tmp_path / "mine.toml")
    path.write_text(path.read_text().replace("start = 2021-01-01", f"start = {written_date}"))
    run = jobs.run(path, citizens=100, days=2, report=False, out=tmp_path / "run")
    assert jobs.verify(run.out) == run.digest


# --- the command line ------------------------------------------------------------------------------

WORDS = st.sampled_from([
    "run", "resume", "verify", "scenarios", "check", "schema", "new", "report", "--help", "--version", "--json", "--debug",
    "--citizens", "--days", "--seed", "--threads", "--set", "--out", "--watch", "--checkpoint-every", "--no-report", "--",
    "-h", "-x", "", " ", "beijing-2020", "court-list", "atlantis", ".", "..", "/", "/dev/null", "mine.toml", "out", "all!",
    "0", "1", "-1", "7", "99", "1e3", "nan", "inf", "9" * 30, "9" * 5000, "1,2", "1,,2", ",", "a=b", "=", "articles.friends.value=0.5",
    "articles.friends.value=9", "articles.friends=1", "population.age.0=1", "population.districts=0", "conduct.jaywalking.rate=1e9",
    "articles.a.b.c=[[[1]]]", "articles..=1", "☃", "\udcff", "a\nb", "scenario", "population", "--citizens=5", "--days=1", "--out=out",
])  # fmt: skip


@given(words=st.lists(WORDS, max_size=9), first=st.sampled_from(["", "run beijing-2020 --citizens 60 --days 2", "run", "check"]))
@fuzz(60)
def test_fuzz__any_command_line_is_a_clear_error_or_works(places_to_write, first, words):
    arguments = [*first.split(), *words]
    if "run" in arguments:
        arguments.append("--no-report")
    with contextlib.chdir(places_to_write()):
        code, _, err = performed(arguments)
    assert code in (0, 2, 3), err
    assert "Traceback" not in err
    assert code == 0 or err
