"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import numpy as np
import pytest

hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("steady")

LONGEST = (
    "report/test_impact.py", "engine/test_reference.py", "engine/test_contracts.py", "web/test_page.py", "tests/test_executors.py",
    "study/test_robust.py", "web/test_server.py", "tests/test_ranks.py", "tests/test_device.py", "engine/test_shards.py",
    "tests/test_seeds.py", "docs/test_questions.py", "tests/test_bad_input.py", "tests/test_studies.py", "tests/test_crash.py",
    "study/test_replay.py", "study/test_dossier.py", "report/test_dossier.py", "report/test_page.py", "report/test_study_page.py",
    "study/test_safeguards.py",
)  # fmt: skip


@pytest.fixture(autouse=True)
def wrapping_integers() -> Iterator[None]:
    """Kernels run in plain Python (GLASSCITY_JIT=0) wrap around on purpose, as they do compiled."""
    with np.errstate(over="ignore"):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that take minutes come first, so that none of them is left over when all others are done."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(f"{item.path.parent.name}/{item.path.name}", len(LONGEST)))
