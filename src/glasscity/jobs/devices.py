"""What a run can be lived on: the processor, or a CUDA device."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from glasscity import columns as c
from glasscity.errors import DeviceMissing, Problem, Problems
from glasscity.kernels.jit import IS_SIMULATED

if TYPE_CHECKING:
    from glasscity.jobs.plan import Plan

CPU, CUDA = "cpu", "cuda"
INSTALL = "install it with: pip install 'glasscity[gpu]' (in a clone: pip install '.[gpu]')"
COMPILING = "compiling the kernels for the device: a minute or two, in each process"


def ready(device: str, has_ranks: bool = False) -> str:
    """The device, if a run can be lived on it; Problems or DeviceMissing if not."""
    if device not in (CPU, CUDA):
        raise Problems([Problem("--device", "device", repr(device), f"{CPU} or {CUDA}")])
    if device == CUDA and has_ranks:
        raise Problems([Problem("--device", "device", device, f"{CPU}, where several ranks live one world")])
    if device == CUDA:
        find_cuda()
    return device


def find_cuda() -> None:
    """DeviceMissing, with what is missing, unless there is a CUDA device and the software for it."""
    if find_spec("numba_cuda") is None:
        raise missing(f"the package numba-cuda is not installed; {INSTALL}")
    from numba import cuda

    if IS_SIMULATED:
        return
    if not cuda.is_available():
        raise missing(f"no CUDA device, or no NVIDIA driver, was found ({why_not()}); leave --device out, or run where `nvidia-smi` lists one")
    try:
        from numba.cuda.cudadrv.nvvm import NVVM

        NVVM()
    except Exception as error:  # whatever the toolkit's parts say when one is not there
        raise missing(f"the compiler of the CUDA toolkit (NVVM) was not found: {error}; {INSTALL}") from None


def why_not() -> str:
    """What the driver says of why there is no device, in one line."""
    from numba import cuda

    try:
        return f"{len(cuda.list_devices())} devices"
    except Exception as error:  # the driver's own, which differ by its version
        return " ".join(str(error).split())


def missing(what: str) -> DeviceMissing:
    return DeviceMissing(f"--device: device: found {CUDA}, but {what}")


def check_memory(plan: Plan) -> None:
    """InputError if the device has not the memory for so many citizens."""
    from numba import cuda

    from glasscity.world.state import layout

    needed = layout(plan.resolved.population, plan.citizens).slots * c.BYTES_PER_CITIZEN
    free = cuda.current_context().get_memory_info().free
    if needed > free:
        allowed = f"as many as fit into {free / 2**30:.1f} GiB of free memory of the device (this many need {needed / 2**30:.1f} GiB)"
        raise Problems([Problem("--citizens", "citizens", str(plan.citizens), allowed)])
