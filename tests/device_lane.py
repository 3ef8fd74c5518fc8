"""Lives tiny worlds by device threads, in CUDA's simulator or on a CUDA device, and prints what they leave as JSON.

    NUMBA_ENABLE_CUDASIM=1 python tests/device_lane.py

A process of its own, since the simulator must be chosen before Numba is imported. It ends with an error where it cannot do this.
"""

from __future__ import annotations

import functools
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from glasscity.kernels import jit

DECLARED: set[str] = set()
REACHED: set[str] = set()


def recorded(function: Callable[..., Any], is_inlined: bool) -> Callable[..., Any]:
    """In place of the compiler: a function that notes when a thread of the simulated device calls it."""
    name = f"{function.__module__.removeprefix('glasscity.')}.{function.__name__}"
    DECLARED.add(name)

    @functools.wraps(function)
    def called(*args: Any) -> Any:
        if name not in REACHED and type(threading.current_thread()).__name__ == "BlockThread":
            REACHED.add(name)
        return function(*args)

    return called


def main() -> None:
    """Live worlds: all of them by a device, fewer by the simulator, which is slow."""
    import numba.cuda

    if "numba_cuda" not in str(numba.cuda.__file__):
        raise SystemExit("numba-cuda is not installed: nothing of CUDA can be tested without it")
    if jit.IS_SIMULATED:
        jit.compiled = recorded
    import device_worlds

    worlds = device_worlds.SIMULATED if jit.IS_SIMULATED else device_worlds.WORLDS
    found = {name: device_worlds.told(world.by_device()) for name, world in worlds.items()}
    print(json.dumps({"worlds": found, "declared": sorted(DECLARED), "reached": sorted(REACHED)}))


if __name__ == "__main__":
    main()
