"""Reading documents: built-in by name or the user's by path, with every problem reported at once."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from glasscity.errors import InputError, Problem, Problems
from glasscity.rules.model import Catalogue, Population, Rulebook, Scenario

BUILT_IN = resources.files("glasscity") / "data"
FOLDERS: dict[type[BaseModel], str] = {
    Rulebook: "rulebooks",
    Catalogue: "catalogues",
    Population: "populations",
    Scenario: "scenarios",
}
ALLOWED = {  # by how the kind of a pydantic error begins
    "extra_forbidden": "only the keys of the schema (see `glasscity schema`)",
    "missing": "a value: this key is needed",
    "int_": "a whole number",
    "float_": "a number",
    "finite_": "a finite number",
    "bool_": "true or false",
    "string_type": "text",
    "date_": "a date, such as 2021-01-31",
    "model_": "a table",
    "dict_": "a table",
    "list_": "a list",
    "tuple_type": "a list",
}
WORDY = re.compile(r"^(Value error, |Input should be |(String|Tuple|List|Dictionary) should (have )?)| after validation")  # of pydantic's messages
LARGEST_FILE = 4 * 1024 * 1024
DEEPEST = 20  # levels of tables and lists in a document
M = TypeVar("M", bound=BaseModel)


def built_in_names(model: type[BaseModel]) -> list[str]:
    """Names of the built-in documents of one kind."""
    folder = BUILT_IN / FOLDERS[model]
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if not entry.name.startswith("_"))


def find(model: type[BaseModel], name: str, beside: Path | None = None) -> Path:
    """The file of a document: a built-in name, or a path (relative to `beside`, if given)."""
    if name in built_in_names(model):
        base = Path(str(BUILT_IN / FOLDERS[model]))
        folder = base / name / "rulebook.toml"
        return folder if folder.is_file() else base / f"{name}.toml"
    candidates = [Path(name)] if beside is None else [beside / name, Path(name)]
    for path in candidates:
        try:
            if path.is_dir() and (path / "rulebook.toml").is_file():
                return path / "rulebook.toml"
            if path.is_file():
                return path
        except (OSError, ValueError):  # a name that no file could have
            continue
    kind = model.__name__.lower()
    allowed = f"a file, or one of {', '.join(built_in_names(model))}"
    raise Problems([Problem(shown(name)[1:-1], kind, "no such file or built-in name", allowed)])


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dictionary; InputError if it cannot be read or parsed."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Problems([Problem(str(path), "(file)", f"{path.stat().st_size} bytes", f"at most {LARGEST_FILE}")])
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if depth(data) > DEEPEST:
            raise Problems([Problem(str(path), "(file)", "tables nested too deeply", f"at most {DEEPEST} levels")])
        return data
    except tomllib.TOMLDecodeError as error:
        raise Problems([Problem(str(path), "(file)", f"invalid TOML: {error}", "TOML 1.0")]) from None
    except UnicodeDecodeError as error:
        raise Problems([Problem(str(path), "(file)", f"not UTF-8 at byte {error.start}", "UTF-8 text")]) from None
    except RecursionError:
        raise Problems([Problem(str(path), "(file)", "tables nested too deeply", f"at most {DEEPEST} levels")]) from None
    except ValueError:  # Python reads no whole number of more than some thousand digits
        raise Problems([Problem(str(path), "(file)", "a number of thousands of digits", "numbers of a few digits")]) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def depth(data: Any) -> int:
    """Levels of tables and lists."""
    level, layer = 0, [data]
    while layer:
        layer = [
            inner
            for outer in layer
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        level += 1
    return level


def dotted(location: tuple[Any, ...], data: Any) -> str:
    """A pydantic location as the dotted path that a user would write; union tags are left out."""
    parts: list[str] = []
    here = data
    for step in location:
        if isinstance(here, dict) and step not in here and here.get("what") == step:
            continue
        parts.append(str(step))
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
    return ".".join(parts) or "(whole document)"


def shown(value: Any) -> str:
    """A found value, short enough for one line."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        text = "something too long to print"
    return text if len(text) <= 80 else text[:77] + "..."


def problems_of(error: ValidationError, data: Any, file: str) -> list[Problem]:
    """One problem for each thing pydantic found."""
    problems = []
    for item in error.errors(include_url=False):
        kind, found = item["type"], "nothing" if item["type"] == "missing" else shown(item["input"])
        if kind == "extra_forbidden":
            found = f"unknown key with value {found}"
        problems.append(Problem(file, dotted(item["loc"], data), found, allowed_by(kind, item["msg"])))
    return problems


def allowed_by(kind: str, message: str) -> str:
    """What may stand in a place, in plain words, by the kind of pydantic's error or else by its message."""
    plain = next((text for start, text in ALLOWED.items() if kind.startswith(start)), None)
    return plain or WORDY.sub("", message)


def validate(model: type[M], data: dict[str, Any], file: str) -> M:
    """The document as a model; Problems with every problem otherwise."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Problems(problems_of(error, data, file)) from None
