"""The same model gives the same bits: on every machine, in a new process, compiled or in plain Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from golden.runs import PLAIN, digests

HERE = Path(__file__).parent
COMMITTED = json.loads((HERE / "digests.json").read_text())


def in_another_process(*names: str, **environment: str) -> dict[str, str]:
    """The digests that a new Python process finds."""
    command = [sys.executable, str(HERE / "runs.py"), *names]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", COMMITTED)
def test_digest__is_the_one_committed(name):
    assert digests((name,))[name] == COMMITTED[name], f"{name} has changed; see {HERE / 'runs.py'}"


def test_digests__cover_every_variant():
    from golden.runs import BUILT_IN
    from variants import VARIANTS

    assert set(COMMITTED) == {*BUILT_IN, *VARIANTS}


def test_digest__of_a_new_process_with_other_hashes_is_the_same():
    names = ("beijing-2020", "harsh")
    assert in_another_process(*names, PYTHONHASHSEED="12345") == {name: COMMITTED[name] for name in names}


@pytest.mark.lengthy
def test_digest__of_plain_python_is_that_of_the_compiled_kernels():
    assert in_another_process(*PLAIN, GLASSCITY_JIT="0") == {name: COMMITTED[name] for name in PLAIN}
