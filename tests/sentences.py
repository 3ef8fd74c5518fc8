"""The sentences in which the program says what is wrong, read from its sources: what stands in a gap is `GAP`."""

from __future__ import annotations

import ast
import inspect
import itertools
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import glasscity

SOURCE = Path(glasscity.__file__).parent
GAP = "77"
# modules that only the command line comes to, and those whose errors tell of the program itself
ELSEWHERE = {
    "web/serve", "engine/bench", "engine/cases", "engine/case_rules", "store/studies", "report/plots", "rules/checklist", "rules/language", "rules/words",
    *(f"study/{name}" for name in ("calibrate", "designs", "figures", "plans", "replay", "robust", "sweeps", "validate", "worlds")),
    *(f"jobs/{name}" for name in (
        "calibration", "carried", "coverage", "devices", "documents", "effects", "ensemble", "executors", "ranks", "robustness", "seeds", "shards",
        "small_cells", "studies", "sweeps", "validation",
    )),
}  # fmt: skip
SAYING = {"GlassCityError", "InputError", "RunFolderError", "FolderBusy", "TornFile", "DiskFull", "WorkerLost", "ValueError", "told_of"}  # their first argument
HANDED_ON = {"rules/check": ast.Yield, "study/twins": ast.Call}  # where problems are handed on as (path, found, allowed)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[str, ast.Module]:
    """All modules from which something may reach the page."""
    names = {str(path.relative_to(SOURCE).with_suffix("")): path for path in sorted(SOURCE.rglob("*.py"))}
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in names.items() if name not in ELSEWHERE and not name.startswith("cli/")}


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def assigned(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """All values that a name is given."""
    for node in ast.walk(scope):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from (v for t, v in zip(target.elts, node.value.elts, strict=True) if isinstance(t, ast.Name) and t.id == name)


def texts(node: ast.expr, scope: Function, tree: ast.Module, seen: tuple[str, ...] = ()) -> list[str]:
    """All texts that an expression can be."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(parts) for parts in itertools.product(*(texts(value, scope, tree, seen) for value in values))]
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return texts(value, scope, tree, seen)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a in texts(left, scope, tree, seen) for b in texts(right, scope, tree, seen)]
        case ast.IfExp(body=one, orelse=other):
            return texts(one, scope, tree, seen) + texts(other, scope, tree, seen)
        case ast.BoolOp(values=values):
            return [text for value in values for text in texts(value, scope, tree, seen)]
        case ast.Name(id=name) if name not in seen:
            values = list(assigned(scope, name)) or [v for node in tree.body for v in assigned(node, name) if isinstance(node, ast.Assign)]
            return [text for value in values for text in texts(value, scope, tree, (*seen, name))] or [GAP]
    return [GAP]


def is_appending(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append"


def told_in(name: str, tree: ast.Module, function: Function) -> Iterator[tuple[str, list[ast.expr]]]:
    """What one function says: kind ('file', 'path' or 'sentence') and expressions."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
            yield from (("file", node.args[:1]), ("path", node.args[1:2]), ("sentence", node.args[2:4]))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
            yield "sentence", node.args[:1]
        elif isinstance(node, HANDED_ON.get(name, ())):
            handed = [node.value] if isinstance(node, ast.Yield) else node.args if is_appending(node) else []
            yield from (("sentence", one.elts[1:]) for one in handed if isinstance(one, ast.Tuple) and len(one.elts) == 3)
        elif name == "web/guard" and function.name == "wrong" and isinstance(node, ast.Return):
            yield "sentence", [node.value]
        elif name == "web/guard" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "refuse":
            yield "sentence", node.args[-1:]


@cache
def said(kind: str) -> frozenset[str]:
    """All files, paths or sentences of the sources."""
    return frozenset(
        text
        for name, tree in modules().items() for function in functions(tree)
        for told, nodes in told_in(name, tree, function) if told == kind
        for node in nodes for text in texts(node, function, tree)
    )  # fmt: skip


@cache
def toml_reasons() -> frozenset[str]:
    """Why Python finds a text no TOML."""
    tree = ast.parse(inspect.getsource(import_module(f"{tomllib.__name__}._parser")))
    calls = [node for function in functions(tree) for node in ast.walk(function) if isinstance(node, ast.Call)]
    found = {c.args[2] for c in calls if isinstance(c.func, ast.Name) and c.func.id == "suffixed_err"}
    return frozenset(text for node in found for text in texts(node, next(functions(tree)), tree))
