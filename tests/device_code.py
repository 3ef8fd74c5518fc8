"""Translates all CUDA kernels into PTX, the code of NVIDIA's devices, without a device, and prints as JSON what came of it.

    python tests/device_code.py

The compiler asks a device only what it is; here it is told. What it makes runs nowhere here, but whatever the compiler for devices
cannot translate, which the simulator would run all the same, shows.
"""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import numba.cuda.dispatcher
import numpy as np
from numba import cuda as driver
from numba import from_dtype, types

from glasscity.engine import cuda, loops
from glasscity.engine.city import City
from glasscity.rules.resolve import resolve

CAPABILITY = (7, 0)
BYTES = {"64": 8, "32": 4, "16": 2, "8": 1}


def array(dtype: Any, dimensions: int) -> Any:
    return types.Array(from_dtype(np.dtype(dtype)), dimensions, "C")


def bundle(kind: type, *arrays: tuple[Any, int]) -> Any:
    return types.NamedTuple([array(*each) for each in arrays], kind)


def like(arrays: Any) -> Any:
    return bundle(type(arrays), *((each.dtype, each.ndim) for each in arrays))


def signatures() -> dict[str, tuple[Any, tuple[Any, ...]]]:
    """Kernels, with the types of what they are called with."""
    city = City(resolve("beijing-2020"), 500, 1, 1)
    rules, draws, household = city.drawn_from()
    shares = bundle(cuda.Shares, *[("i8", 1)] * 4)
    buffers = bundle(
        cuda.Buffers, ("u8", 2), ("u8", 2), ("i4", 2), ("i8", 3), ("i8", 2), ("i8", 3), ("i8", 3), ("i8", 3), ("u1", 1),
        ("u8", 2), ("u2", 2), ("i8", 2), ("i8", 2),
    )  # fmt: skip
    one, two, three, day = array("i8", 1), array("i8", 2), array("i8", 3), types.int64
    usual = like(rules), like(city.world), shares, buffers
    pages = (*usual, day, one)
    firms = (*usual, like(city.firm_rules), like(city.firms), day, one, one)
    return {
        "act_pages": (cuda.over_pages(loops.act_pages), pages),
        "week_pages": (cuda.over_pages(loops.week_pages), pages),
        "settle_entries": (cuda.settle_entries, (*usual, day, array("u8", 1), one)),
        "firm_weeks": (cuda.firm_weeks, firms),
        "births": (cuda.births, (usual[1], usual[0], like(draws), array(household.dtype, 1), three, shares)),
        "survey": (cuda.survey, (*usual, three)),
        "clear": (cuda.clear, (one,)),
        "add_up": (cuda.add_up, (two, one, two)),
        "collect": (cuda.collect, (array("u8", 3), one, two, day, one, array("u8", 2))),
        "collect rows": (cuda.collect, (three, one, two, day, one, two)),
        "empty": (cuda.empty, (two, day)),
        "pick": (cuda.pick, (array("u1", 1), one, array("u1", 1))),
    } | {
        "wish_pages": (cuda.over_pages(loops.wish_pages), pages),
        "stand_pages": (cuda.over_pages(loops.stand_pages), pages),
        "take_stock": (cuda.take_stock, (*usual, three, three)),
        "glance": (cuda.glance, (*usual, two)),
    }


def parameters(code: str) -> int:
    """Bytes that are handed over at a launch."""
    head = code[code.index(".entry") :]
    return sum(BYTES[bits] for bits in re.findall(r"\.param \.[a-z](\d+)", head[: head.index("{")]))


def main() -> None:
    """Translate all kernels."""
    numba.cuda.dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=CAPABILITY)
    found = {}
    for name, (kernel, signature) in signatures().items():
        code, _ = driver.compile(kernel.py_func, signature, device=False, cc=CAPABILITY, abi="numba", output="ptx")
        found[name] = {"parameters": parameters(code), "floats": len(re.findall(r"\.f(?:32|64)\s+%", code))}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
