"""How kernels are compiled. `GLASSCITY_JIT=0` leaves them plain Python, for coverage and comparison; so does Numba's CUDA simulator.

For a CUDA device, Numba compiles these same functions once more, when a CUDA kernel calls them (`engine.cuda`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from glasscity.kernels import cache

F = TypeVar("F", bound=Callable)
IS_SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0")
IS_COMPILED = os.environ.get("GLASSCITY_JIT", "1") != "0" and not IS_SIMULATED


def compiled(function: F, is_inlined: bool) -> F:
    """Compile without the global lock and without reference counts: arrays belong to the caller."""
    if not IS_COMPILED:
        return function
    import numba

    cache.use()
    options = {
        "cache": True, "nogil": True, "error_model": "numpy", "_nrt": False, "forceinline": is_inlined,
        "no_cfunc_wrapper": True,
    }  # fmt: skip
    return numba.njit(**options)(function)


def kernel(function: F) -> F:
    """What happens to one citizen: compiled into whatever calls it."""
    return compiled(function, is_inlined=True)


def part(function: F) -> F:
    """What happens seldom to a citizen: compiled once and called, which saves the compiler's time and not the run's."""
    return compiled(function, is_inlined=False)


def loop(function: F) -> F:
    """A loop over kernels that Python calls."""
    return compiled(function, is_inlined=False)
