"""Lives tiny worlds by the code that is made for CUDA devices, without a device, and prints what they leave as JSON.

    python tests/device_code.py

Numba translates each kernel for a device into LLVM's language and hands that to NVIDIA's compiler, which makes PTX of it. Here
both are done, and the LLVM code is run as well, by the processor, thread by thread: it differs from code for the processor in
how the thread's number is asked for, and that is supplied. So what Numba makes for devices is tried to the bit, and all but the
last step, from LLVM to the device's instructions, is. The simulator runs Python; this runs what the translation made of it.
"""

from __future__ import annotations

import ctypes
import json
import re
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import llvmlite.binding as llvm
import numba.cuda.dispatcher
import numpy as np
from numba import from_dtype, types
from numba.cuda.compiler import _compile_pyfunc_with_fixup

CAPABILITY = (7, 0)
BYTES = {"64": 8, "32": 4, "16": 2, "8": 1}
REGISTERS = ("tid", "ctaid", "ntid", "nctaid")  # of a thread: its place in the block, its block, and how many there are of each


class Held(np.ndarray):
    """An array in the place of a device's."""

    def copy_to_host(self, into: np.ndarray | None = None) -> np.ndarray:
        if into is None:
            return np.array(self, subok=False)
        into[...] = self
        return into


def held(array: Any) -> Held:
    return np.array(array).view(Held)


DRIVER = SimpleNamespace(
    to_device=held,
    device_array=lambda shape, dtype: np.empty(shape, dtype).view(Held),
    current_context=lambda: SimpleNamespace(get_memory_info=lambda: SimpleNamespace(free=1 << 30)),
)
TOLD: dict[str, dict[str, int]] = {}


def type_of(value: Any) -> Any:
    """The type that Numba gives to an argument of a kernel."""
    if isinstance(value, np.ndarray):
        return types.Array(from_dtype(value.dtype), value.ndim, "C")
    if isinstance(value, tuple):
        return types.NamedTuple([type_of(each) for each in value], type(value))
    return types.int64


def words_of(value: Any) -> list[int]:
    """An argument as it is handed over at a launch."""
    if isinstance(value, np.ndarray):
        assert value.flags.c_contiguous
        return [0, 0, value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides]
    if isinstance(value, tuple):
        return [word for each in value for word in words_of(each)]
    return [int(value)]


def registers() -> str:
    """LLVM code: memory for a thread's numbers, and the functions that read them."""
    parts = []
    for name in REGISTERS:
        for axis in "xyz":
            parts.append(f'@"{name}.{axis}" = global i32 {0 if name in ("tid", "ctaid") else 1}')
            parts.append(f'define i32 @"read.{name}.{axis}"() {{\n %v = load i32, i32* @"{name}.{axis}"\n ret i32 %v\n}}')
    return "\n".join(parts)


class Code:
    """A kernel translated for some types: told of in TOLD, and made to run by the processor."""

    def __init__(self, function: Any, signature: tuple[Any, ...], name: str):
        library, _ = _compile_pyfunc_with_fixup(function, signature, device=False, cc=CAPABILITY, abi="numba")
        [ptx] = library.get_asm_strs(cc=CAPABILITY)
        head = ptx[ptx.index(".entry") :]
        size = sum(BYTES[bits] for bits in re.findall(r"\.param \.[a-z](\d+)", head[: head.index("{")]))
        TOLD[name] = {"parameters": size, "floats": len(re.findall(r"\.f(?:16|32|64)\b", ptx))}
        module = llvm.parse_assembly(registers())
        for text in library.llvm_strs:
            module.link_in(llvm.parse_assembly(for_processor(text)))
        self.engine = llvm.create_mcjit_compiler(module, MACHINE)
        self.engine.finalize_object()
        self.call = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * (size // 8))(self.engine.get_function_address(library._entry_name))
        self.registers = {name: ctypes.c_int32.from_address(self.engine.get_global_value_address(f"{name}.x")) for name in REGISTERS}

    def launch(self, blocks: int, threads: int, words: list[int]) -> None:
        """Run all threads, one after another."""
        self.registers["nctaid"].value, self.registers["ntid"].value = blocks, threads
        for block in range(blocks):
            for thread in range(threads):
                self.registers["ctaid"].value, self.registers["tid"].value = block, thread
                self.call(*words)


def for_processor(text: str) -> str:
    """LLVM code for a device as code for this machine."""
    text = re.sub(r"^target .*$", "", text, flags=re.MULTILINE)
    return re.sub(r"llvm\.nvvm\.read\.ptx\.sreg\.(\w+)\.([xyz])", r"read.\1.\2", text)


class Kernel:
    """In the place of a CUDA kernel: translated when it is first launched."""

    def __init__(self, kernel: Any, name: str):
        self.function, self.name, self.codes = kernel.py_func, name, {}

    def __getitem__(self, shape: tuple[int, int]) -> Any:
        def launched(*args: Any) -> None:
            signature = tuple(type_of(arg) for arg in args)
            if signature not in self.codes:
                self.codes[signature] = Code(self.function, signature, f"{self.name} {len(self.codes)}")
            self.codes[signature].launch(*shape, words_of(args))

        return launched


def install() -> Any:
    """Put this in the place of a device; returns the module of the city on a device."""
    from glasscity.engine import cuda, device

    numba.cuda.dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=CAPABILITY)
    by_loop = cuda.over_pages
    for name in ("births", "settle_entries", "firm_weeks", "clear", "add_up", "collect", "empty", "pick"):
        setattr(cuda, name, Kernel(getattr(cuda, name), name))
    cuda.COUNTING = {loop: Kernel(kernel, loop.__name__) for loop, kernel in cuda.COUNTING.items()}
    cuda.over_pages = cache(lambda loop: Kernel(by_loop(loop), loop.__name__))
    device.driver = DRIVER
    return device


def main() -> None:
    """Live all worlds."""
    install()
    import device_worlds

    worlds = {name: device_worlds.told(world.by_device()) for name, world in device_worlds.WORLDS.items()}
    print(json.dumps({"worlds": worlds, "kernels": TOLD}))


llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
MACHINE = llvm.Target.from_default_triple().create_target_machine(opt=0)  # code that is soon made

if __name__ == "__main__":
    main()
