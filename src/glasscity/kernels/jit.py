"""How kernels are compiled. `GLASSCITY_JIT=0` leaves them plain Python, for coverage and comparison."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from glasscity.kernels import cache

F = TypeVar("F", bound=Callable)
IS_COMPILED = os.environ.get("GLASSCITY_JIT", "1") != "0"


def kernel(function: F) -> F:
    """Compile `function` for one citizen; wrap-around on unsigned overflow, no global lock."""
    if not IS_COMPILED:
        return function
    import numba

    cache.use()
    return numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=is_inlined(function))(function)


def is_inlined(function: Callable) -> bool:
    """Whether a kernel is compiled into its callers: all but the loops that are called from outside."""
    return not function.__name__.endswith("_pages") and function.__name__ not in ("settle_entries", "births", "take_stock")
