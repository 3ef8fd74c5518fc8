"""The line of the product: aggregates and synthetic citizens only, no sensing, no objective but less harm.

The fields that a user can fill are listed here in full. A new one fails the test, so that somebody
must look at it and ask: could it carry something about a real person?
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import glasscity
from glasscity.errors import Problems
from glasscity.jobs import documents
from glasscity.metrics.registry import METRICS
from glasscity.rules import model
from glasscity.rules.resolve import resolve

SOURCE = Path(glasscity.__file__).parent
ROOT = Path(__file__).parent.parent
NAMES = {"en", "de", "nl"}
SOURCED = {"source", "locator", "grade", "note"}
ARTICLE = SOURCED | {"name", "value", "unit", "enabled", "from", "until", "covers", "what"}
SLOT = SOURCED | {"name", "rate", "bound", "age", "occupation", "income", "online", "disposition", "slope", "needs"}
FIELDS: dict[str, set[str]] = {
    "Names": NAMES,
    "Rulebook": {"id", "name", "summary", "articles"},
    "Behaviour": ARTICLE | {"conduct", "lists", "scorer", "secret", "announced"},
    "Claimed": {"true_match", "wrong_match", "false_match", "source", "locator"},
    "Channel": ARTICLE | {
        "density", "sees", "true_match", "wrong_match", "minority_true_match", "minority_wrong_match", "gallery",
        "scans", "false_match", "alarm", "informer", "false_reports", "reports", "delay", "shared", "domain",
        "holder", "claimed",
    },
    "Scoring": ARTICLE | {"floor", "ceiling"},
    "Class": ARTICLE | {"letter", "sanctioned"},
    "Sanction": ARTICLE | {"effect", "wish", "classes", "lists", "bands", "outside", "channels", "back"},
    "Reward": ARTICLE | {"wish", "classes", "bands"},
    "Listing": ARTICLE | {"colour", "enters", "repair", "public"},
    "Association": ARTICLE | {"reach", "limit"},
    "Cap": ARTICLE | {"group"},
    "Response": ARTICLE | {"effect", "form"},
    "Safeguard": ARTICLE | {"lever", "days", "slip", "filed", "domains"},
    "Enrolment": ARTICLE | {"mode", "districts", "places", "leaning"},
    "Retention": ARTICLE,
    "Sharing": ARTICLE | {"channels", "scorer"},
    "PrivateScore": ARTICLE | {"floor", "ceiling", "step", "users", "friends"},
    "Band": ARTICLE | {"letter"},
    "Composite": ARTICLE | {"period", "income", "online", "age"},
    "StudyApp": ARTICLE | {
        "minutes", "share_points", "read_cap", "share_cap", "daily_cap", "hours", "inside", "outside", "opens", "fear",
        "gift_at", "pillory_below", "credit",
    },
    "Discretion": ARTICLE | {"channels"},
    "ErrorRates": ARTICLE,
    "Turnout": ARTICLE | {"caution"},
    "Approval": ARTICLE | {"sanctioned", "refused", "informed", "fellows", "falsify"},
    "FirmScoring": ARTICLE | {"floor", "ceiling", "recovery", "sectors", "cameras", "camera_gain"},
    "FirmConduct": ARTICLE | {"rate", "slope", "sectors", "found", "invented"},
    "FirmList": ARTICLE | {"below", "job_loss", "back", "employee_points"},
    "FirmSanction": ARTICLE | {"effect", "below", "rate"},
    "Catalogue": {"conduct", "wishes", "alarms"},
    "Conduct": SLOT | {"kind", "lawful", "assembly"},
    "Wished": SLOT | {"expression", "domain"},
    "Alarm": SLOT,
    "Population": SOURCED | {
        "id", "name", "districts", "age", "occupation", "party", "party_share", "drives", "cars_per_resident", "online",
        "enclave_share", "enclave_residents", "income_sorting", "circles", "sources", "disfavoured_share",
    },
    "District": {"name", "residents", "minority", "cameras"},
    "Circles": {"household", "friends", "street", "work", "chat", "party", "firm"},
    "CircleShape": {"sizes"},
    "Scenario": {
        "id", "name", "summary", "rulebook", "population", "catalogue", "start", "days", "citizens", "seed", "set",
    },
}  # fmt: skip
PERSONAL = re.compile(
    r"person_?id|citizen_?id|passport|phone|email|address|birth|surname|given_name|photo|image|picture|video|audio|"
    r"face|voice|gait|fingerprint|iris|plate|latitude|longitude|coordinate|gps|\bip\b|imei|url|\bpath\b|\bfile\b|upload"
)
SENSING = {
    "cv2", "PIL", "skimage", "imageio", "torch", "torchvision", "tensorflow", "keras", "jax", "onnxruntime", "mediapipe",
    "dlib", "face_recognition", "deepface", "insightface", "facenet_pytorch", "ultralytics", "speech_recognition",
    "whisper", "librosa", "soundfile", "sounddevice", "pyaudio", "torchaudio", "pytesseract", "transformers", "sklearn",
}  # fmt: skip
NETWORK = {
    "socket", "ssl", "http", "urllib", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "imaplib", "poplib",
    "telnetlib", "xmlrpc", "websocket", "websockets", "paramiko", "scrapy", "selenium", "playwright", "tweepy",
}  # fmt: skip


def definitions(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table of a document's JSON Schema, by name."""
    schema = documents.schema(kind)
    yield schema["title"], schema
    for name, table in schema.get("$defs", {}).items():
        if table.get("type") == "object":
            yield name, table


KINDS = [kind for kind in documents.schema() if kind != "cases"]
TABLES = {name: table for kind in KINDS for name, table in definitions(kind)}


def strings_of(schema: Any) -> Iterator[dict[str, Any]]:
    """Every place of a schema that takes free text (not one of a few words, nor an identifier)."""
    if isinstance(schema, dict):
        if schema.get("type") == "string" and not {"enum", "const", "pattern", "format"} & set(schema):
            yield schema
        for value in schema.values():
            yield from strings_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from strings_of(value)


def test_documents__are_these_four_kinds():
    assert set(KINDS) == {"rulebook", "scenario", "population", "catalogue"}


@pytest.mark.parametrize("name", TABLES)
def test_table__has_the_fields_looked_at_and_no_others(name):
    table = TABLES[name]
    assert set(table["properties"]) == FIELDS[name]
    assert table["additionalProperties"] is False


def test_fields__are_none_of_a_person_or_a_picture():
    for name, table in TABLES.items():
        for field in table["properties"]:
            assert not PERSONAL.search(field), f"{name}.{field}"


def test_channel__is_rates_and_words_from_fixed_lists():
    """Its only free text says where its numbers come from."""
    fields = TABLES["Channel"]["properties"]
    free = {field for field, schema in fields.items() if field != "name" and any(strings_of(schema))}
    assert free == {"source", "locator", "note", "covers"}
    for rate in ("value", "true_match", "wrong_match", "false_match", "false_reports"):
        assert fields[rate]["minimum"] == 0 and fields[rate]["maximum"] == 1


def test_population__is_shares_and_counts_of_whole_districts():
    """Every table is bounded: nothing in it grows with the number of citizens."""
    for name in ("Population", "District", "CircleShape"):
        for field, schema in TABLES[name]["properties"].items():
            if schema.get("type") == "array" and field != "sizes":
                assert schema["maxItems"] <= 8, field
    assert TABLES["Population"]["properties"]["districts"]["maxProperties"] == 64
    free = {field for field, schema in TABLES["Population"]["properties"].items() if any(strings_of(schema))}
    assert free == {"source", "locator", "note", "sources"}


@pytest.mark.parametrize(
    "path", ["population.citizens", "population.people", "population.districts.haidian.persons", "articles.jaywalking.who"]
)
def test_overlay__cannot_bring_in_persons(path):
    with pytest.raises(Problems):
        resolve("beijing-2020", {path: [{"name": "somebody", "age": 40}]})


def test_models__refuse_unknown_keys_everywhere():
    for _, kind in inspect.getmembers(model, inspect.isclass):
        if issubclass(kind, BaseModel) and kind is not BaseModel:
            assert kind.model_config.get("extra") == "forbid", kind


def test_run__takes_a_scenario_and_numbers():
    """No argument takes records, tables or pictures; a population is a document of aggregates."""
    taken = set(inspect.signature(glasscity.run).parameters)
    allowed = {"scenario", "citizens", "days", "seed", "threads", "overlay", "out", "watch"}
    assert taken <= allowed | {"progress", "checkpoint_every", "report", "population", "ranks", "device", "seeds"}


def imports(path: Path) -> set[str]:
    """Top names of all modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


LISTENS = {"web/serve.py": {"socket"}, "web/guard.py": {"http", "urllib"}}  # the page's server: it is called, and never calls
CALLS = re.compile(r"urlopen|create_connection|open_connection|HTTPConnection|urlretrieve|\.connect\(")


def test_source__imports_nothing_that_senses_or_calls_out():
    for path in SOURCE.rglob("*.py"):
        place = path.relative_to(SOURCE).as_posix()
        beyond = imports(path) & (SENSING | NETWORK) - LISTENS.get(place, set())
        assert not beyond, f"{path}: {beyond}"


def test_server__calls_nobody():
    """One look at the machine's own address aside, for which no packet leaves (`serve.own_address`)."""
    found = [path.name for path in (SOURCE / "web").glob("*.py") for _ in CALLS.finditer(path.read_text())]
    assert found == ["serve.py"]


def test_dependencies__sense_nothing():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[<>=!~\[; ]", entry)[0].replace("-", "_") for entry in project["dependencies"]}
    assert not names & (SENSING | NETWORK - {"websockets"} | {"opencv_python", "pillow", "scikit_learn"})


def identifiers() -> Iterator[tuple[Path, str]]:
    """Every name that the source defines or uses."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node, "name", None) or getattr(node, "id", None) or getattr(node, "arg", None)
            if isinstance(name, str):
                yield path, name.lower()


def test_source__seeks_no_obedience():
    """Nothing named after obedience, compliance or loyalty as a goal; what is sought, and how: `tests/study/test_calibrate.py`."""
    goal = re.compile(r"maximi[sz]e|argmax|optimi[sz]e|obedien|complian|reward_function|policy_gradient|conformity")
    found = [(str(path), name) for path, name in identifiers() if goal.search(name)]
    assert not found


def test_metrics__call_no_silence_and_no_obedience_good():
    """What the scheme wants is never marked as better: fewer acts, more points, more informers, less speech."""
    by_name = {name: metric.is_worse for name, metric in METRICS.items()}
    for name in ("acts.violation", "acts.prosocial", "acts.expression", "points_gained", "informers_rewarded", "standing"):
        assert by_name[name] is None, name
    assert by_name["chilled.acts"] is True and by_name["expression"] is False
    assert by_name["risk"] is True and by_name["ties_lost"] is True


def test_built_in_documents__name_no_person():
    """Only made-up or public aggregates: no identity numbers, phone numbers or mail addresses in any of them."""
    numbers = re.compile(r"\b\d{17}[\dX]\b|\b1[3-9]\d{9}\b|[\w.]+@[\w.]+\.\w+")
    for path in (SOURCE / "data").rglob("*.toml"):
        assert not numbers.search(path.read_text(encoding="utf-8")), path
