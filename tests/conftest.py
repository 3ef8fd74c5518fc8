"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import numpy as np
import pytest

hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture(autouse=True)
def wrapping_integers() -> Iterator[None]:
    """Kernels run in plain Python (GLASSCITY_JIT=0) wrap around on purpose, as they do compiled."""
    with np.errstate(over="ignore"):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that must keep together come first, so that none of them is left over when all others are done."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
