"""The architecture as promised: imports run downward, kernels are pure, each state column has its declared writers."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import glasscity
from glasscity import columns as c

ROOT = Path(__file__).parent.parent
SOURCE = Path(glasscity.__file__).parent
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Import-linter over the package below a folder that holds pyproject.toml and src/."""
    paths = os.pathsep.join([str(folder / "src"), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", LINT]
    return subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True)


def copied(folder: Path) -> Path:
    """The package and its contracts, copied."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(SOURCE, folder / "src" / "glasscity", ignore=shutil.ignore_patterns("__pycache__", "data"))
    return folder / "src" / "glasscity"


def test_imports__keep_the_contracts():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("kernels/stand.py", "import polars"),
        ("kernels/record.py", "from pathlib import Path"),
        ("rules/model.py", "from glasscity.engine import city"),
        ("report/page.py", "from glasscity.engine.city import City"),
        ("columns.py", "from glasscity.kernels import draws"),
    ],
)
def test_contracts__notice_an_import_that_breaks_them(tmp_path, module, line):
    file = copied(tmp_path) / module
    text = file.read_text()
    file.write_text(text.replace("from __future__ import annotations\n", f"from __future__ import annotations\n\n{line}\n", 1))
    done = lint(tmp_path)
    assert done.returncode != 0 and "BROKEN" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]


def test_contract__names_every_kernel_module_but_those_of_the_compiler():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [pure] = [contract for contract in contracts if len(contract.get("source_modules", ())) > 1]
    modules = {f"glasscity.kernels.{path.stem}" for path in (SOURCE / "kernels").glob("*.py")}
    compiler = {"glasscity.kernels.__init__", "glasscity.kernels.jit", "glasscity.kernels.cache"}
    assert set(pure["source_modules"]) == modules - compiler


# --- columns -----------------------------------------------------------------------------------------------

COLUMNS = {column.name for column in (*c.STATE, *c.FIRM_STATE)}
PHASE_OF_MODULE = {"birth": "set-up", "app": "remedy", "firms": "trade"} | {
    name: name for name in ("conduct", "observe", "record", "stand", "consequence", "remedy", "respond")
}
PHASE_OF_LOOP = {"act": "conduct", "seen": "observe", "week_page": "respond", "week_risk": "respond", "alarm_friends": "respond"}
LOOPS = [SOURCE / "engine" / f"{name}.py" for name in ("loops", "accounts", "pages", "stock")]
SET_UP_IN_CITY = {"firm_score", "firm_weeks", "firm_note"}  # firms begin alike, in one assignment


def written_columns(tree: ast.AST) -> set[str]:
    """State columns whose elements a piece of code assigns to."""
    targets: list[ast.expr] = []
    parts: dict[str, str] = {}  # names given to a neighbourhood's part of a column
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            parts |= parts_of_columns(node)
            targets += [t for target in node.targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])]
        elif isinstance(node, ast.AugAssign):
            targets.append(node.target)
    names = set()
    for target in targets:
        if isinstance(target, ast.Subscript):
            value = target.value
            name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
            names.add(parts.get(name, name))
    return names & COLUMNS


def parts_of_columns(node: ast.Assign) -> dict[str, str]:
    """The names in an assignment of the form `risks, notes = world.risk[a:b], world.note[a:b]`, with their columns."""
    [target] = node.targets
    pairs = zip(target.elts, node.value.elts, strict=False) if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) else [(target, node.value)]
    return {
        name.id: value.value.attr
        for name, value in pairs
        if isinstance(name, ast.Name) and isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice) and isinstance(value.value, ast.Attribute)
    }  # fmt: skip


def writers() -> dict[str, set[str]]:
    """Column -> phases whose code writes it."""
    found: dict[str, set[str]] = {name: set() for name in COLUMNS}
    for path in (SOURCE / "kernels").glob("*.py"):
        for name in written_columns(ast.parse(path.read_text())):
            found[name].add(PHASE_OF_MODULE.get(path.stem, f"kernels/{path.name}"))
    for path in LOOPS:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                for name in written_columns(node):
                    found[name].add(PHASE_OF_LOOP.get(node.name, f"{path.stem}.{node.name}"))
    return found


def test_state_columns__are_written_by_the_phases_declared():
    declared = {column.name: set(column.written_by.split(", ")) for column in (*c.STATE, *c.FIRM_STATE)}
    assert {name: found | ({"set-up"} if name in SET_UP_IN_CITY else set()) for name, found in writers().items()} == declared


def test_state__takes_fourteen_bytes_a_citizen():
    assert c.BYTES_PER_CITIZEN == 14


def test_traits__have_bits_of_their_own():
    taken = 0
    for name, (shift, mask, _) in c.TRAITS.items():
        bits = mask << shift
        assert taken & bits == 0, name
        taken |= bits
    assert taken < 2**16


def test_names_of_one_family__have_numbers_of_their_own():
    for prefix in ("F_", "K_", "P_", "CH_", "T_", "EV_"):
        numbers = [value for name, value in vars(c).items() if name.startswith(prefix)]
        assert len(set(numbers)) == len(numbers), prefix
    fields = [c.WISH_BOUND, c.WISH_ACCEPT, c.WISH_NEEDS, c.WISH_DISPOSITION, c.WISH_KIND, c.WISH_REFUSE]
    assert fields == sorted(set(fields)) and c.WISH_REWARD_BAND + c.N_CLASSES == c.N_WISH_FIELDS
    assert np.bitwise_or.reduce([bit for bit, _ in c.NOTES.values()]) == 255
    assert c.POINTS_OFFSET + 4000 < 2**16 and c.ENTRY_POINTS_SHIFT + 16 <= 64


# --- house rules -------------------------------------------------------------------------------------------


def modules() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py"))


def test_modules__say_what_they_are():
    assert not [path.name for path in modules() if not ast.get_docstring(ast.parse(path.read_text()))]


def test_kernels__fit_a_screen():
    """No kernel has more than 50 lines: a long one has named steps."""
    for path in [*(SOURCE / "kernels").glob("*.py"), *LOOPS]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 50, f"{path.name}: {node.name}"


def test_kernels__draw_nothing_but_by_key():
    """No generator with a state of its own anywhere in the model."""
    for path in modules():
        if path.parent.name in ("kernels", "engine", "rules", "world"):
            assert not re.search(r"\brandom\b|default_rng|RandomState", path.read_text()), path
