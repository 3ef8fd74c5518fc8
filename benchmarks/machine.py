"""What the measurements ran on, and how a command is measured: wall time, peak memory, its line of JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
MARK = "RESULT "


class Failed(Exception):
    """A measured command that did not end well."""


def cpu_model() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or platform.machine()


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int:
    """Memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def machine() -> dict[str, Any]:
    """What two results must share to be compared."""
    return {
        "cpu": cpu_model(),
        "cores": cores(),
        "memory_gib": round(memory_bytes() / 2**30, 1),
        "system": platform.system(),
    }


def pace() -> float:
    """Seconds in which this machine now counts to ten million in Python: machines that others share are not always as fast."""
    started = time.perf_counter()
    for _ in range(10_000_000):
        pass
    return time.perf_counter() - started


def git(*words: str) -> None:
    """A command of git in this repository; Failed if it does not end well."""
    done = subprocess.run(["git", "-C", str(HERE.parent), *words], capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"git {' '.join(words[:2])}: {done.stderr.strip()}")


def versions() -> dict[str, str]:
    """Versions of what the engine runs on."""
    packages = {name: version(name) for name in ("glasscity", "numpy", "numba", "polars")}
    return {"python": platform.python_version(), **packages, "commit": commit()}


def commit() -> str:
    """The commit measured; '+' if sources had been changed since."""
    if not (HERE.parent / ".git").exists():
        return ""
    git = ["git", "-C", str(HERE.parent)]
    name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    changed = subprocess.run([*git, "status", "--porcelain", "src"], capture_output=True, text=True).stdout.strip()
    return name + ("+" if changed else "")


def record(part: str, command: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A result with everything needed to judge it."""
    date = datetime.now(UTC).isoformat(timespec="seconds")
    about = {"part": part, "date": date, "command": command, "machine": machine(), "pace_s": round(pace(), 2)}
    return {**about, "versions": versions(), "rows": rows}


def save(result: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write a result, one row a line."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{result['part']}.json"
    head = {key: value for key, value in result.items() if key != "rows"}
    rows = ",\n".join("  " + json.dumps(rounded(row), ensure_ascii=False) for row in result["rows"])
    file.write_text(json.dumps(head, indent=1, ensure_ascii=False)[:-2] + f',\n "rows": [\n{rows}\n ]\n}}\n')
    return file


def saved(part: str, folder: Path = RESULTS) -> dict[str, Any] | None:
    """A recorded result, if there is one."""
    file = folder / f"{part}.json"
    return json.loads(file.read_text()) if file.is_file() else None


def rounded(value: Any) -> Any:
    """Floats to six significant figures, all the way down."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def child(command: Sequence[str], cwd: Path = HERE, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a command alone; its last line of JSON with `process_s` and `process_peak_bytes` added.

    What it imports of Glass City is this tree's, whatever is installed, unless `env` leads elsewhere.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "src"), **(env or {}), "GLASSCITY_STARTED": repr(time.monotonic())}
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=errors, cwd=cwd, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        text, complaint = out.read(), errors.read()
    if process.returncode != 0:
        raise Failed(f"{' '.join(command[:3])} ... ended with {process.returncode}: {complaint.strip()[-600:]}")
    peak = usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024
    return {
        **last_json(text),
        "process_s": wall_s,
        "process_peak_bytes": peak,
        "process_cpu_s": usage.ru_utime + usage.ru_stime,
    }


def last_json(text: str) -> dict[str, Any]:
    """The JSON object that a command printed: alone, or in its last marked line."""
    marked = [line.removeprefix(MARK) for line in text.splitlines() if line.startswith(MARK)]
    return json.loads(marked[-1] if marked else text)
