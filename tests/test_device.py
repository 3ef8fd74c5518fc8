"""Device threads leave the bits of the processor's: in CUDA's simulator, by the code made for devices, and on one where there is one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from device_worlds import SIMULATED, WORLDS, told

from glasscity import jobs
from glasscity.errors import DeviceMissing, Problems
from glasscity.jobs import devices

HERE = Path(__file__).parent
ON_PROCESSOR_ALONE = {f"engine.loops.{name}" for name in ("dispositions", "opaque", "stream_keys")} | {"engine.accounts.mark_afar", "kernels.draws.stream_key"}
MOST_PARAMETERS = 4096  # bytes, on any device


def program(name: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program of these tests, or the command line, in a process of its own."""
    command = [sys.executable, str(HERE / name)] if name.endswith(".py") else [sys.executable, "-m", name]
    return subprocess.run([*command, *words], env=os.environ | environment, capture_output=True, text=True)


def printed(done: subprocess.CompletedProcess[str]) -> Any:
    """What a program has printed as JSON."""
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def assert_same(found: dict[str, dict[str, str]]) -> None:
    """Every world has left, to the bit, what the processor leaves."""
    differing = {}
    for name, there in found.items():
        here = told(WORLDS[name].by_processor())
        if different := sorted(key for key in here if there[key] != here[key]):
            differing[name] = different
    assert not differing


def test_simulated_device__leaves_every_bit_of_the_processor_and_reaches_every_kernel():
    lane = printed(program("device_lane.py", NUMBA_ENABLE_CUDASIM="1"))
    assert len(lane["declared"]) > 150 and set(lane["declared"]) - set(lane["reached"]) == ON_PROCESSOR_ALONE
    assert list(lane["worlds"]) == list(SIMULATED)
    assert_same(lane["worlds"])


@pytest.mark.lengthy
def test_code_for_devices__leaves_every_bit_of_the_processor_without_floating_point():
    lane = printed(program("device_code.py", NUMBA_ENABLE_CUDASIM="0"))
    assert list(lane["worlds"]) == list(WORLDS) and len(lane["kernels"]) > 15
    assert {name: told["floats"] for name, told in lane["kernels"].items() if told["floats"]} == {}
    assert all(0 < told["parameters"] <= MOST_PARAMETERS for told in lane["kernels"].values()), lane["kernels"]
    assert_same(lane["worlds"])


def test_run__in_the_simulator_is_verified_by_the_processor(tmp_path):
    options = ["--citizens", "40", "--days", "8", "--device", "cuda", "--no-report", "--json", "--out", str(tmp_path / "run")]
    done = printed(program("glasscity", "run", "crossing-shenzhen", *options, NUMBA_ENABLE_CUDASIM="1"))
    assert jobs.load(tmp_path / "run").info["device"] == "cuda"
    assert jobs.verify(tmp_path / "run") == done["digest"]


# --- what is missing is named --------------------------------------------------------------------------


def test_device__that_is_not_here_is_an_error_that_says_so(tmp_path):
    done = program("glasscity", "run", "village", "--device", "cuda", "--out", str(tmp_path / "run"), CUDA_VISIBLE_DEVICES="-1", NUMBA_ENABLE_CUDASIM="0")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "--device: device: found cuda, but no CUDA device, or no NVIDIA driver, was found" in done.stderr
    assert not (tmp_path / "run").exists()


def test_device__without_its_package_is_an_error_that_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(devices, "find_spec", lambda name: None)
    with pytest.raises(DeviceMissing, match=r"numba-cuda is not installed; install it with: pip install 'glasscity\[gpu\]'"):
        jobs.run("village", device="cuda")


def test_device__of_another_name_is_refused_with_the_names_there_are():
    with pytest.raises(Problems, match="--device: device: found 'tpu'; allowed: cpu or cuda"):
        jobs.run("village", device="tpu")


def test_device__is_not_shared_by_ranks():
    with pytest.raises(Problems, match="allowed: cpu, where several ranks live one world"):
        devices.ready("cuda", has_ranks=True)


# --- how a city is shared out --------------------------------------------------------------------------


@pytest.mark.parametrize(("pages", "most"), [([1], 1), ([3, 0, 5], 4), ([7, 2], 100), ([100, 1, 1], 8), ([0, 0, 4], 1)])
def test_shares__cover_every_page_once_and_no_two_districts(pages, most):
    from glasscity.engine.device import shared_out

    cuts, first_share = shared_out(np.array(pages), most)
    borders = np.cumsum([0, *pages])
    assert cuts[0] == 0 and cuts[-1] == sum(pages) and (np.diff(cuts) > 0).all()
    assert set(borders.tolist()) <= set(cuts.tolist())
    assert [cuts[k] for k in first_share] == borders.tolist()
    assert np.diff(cuts).max() <= -(-sum(pages) // most)


# --- on a device ---------------------------------------------------------------------------------------


def has_device() -> bool:
    """Whether there is a CUDA device here."""
    from numba import cuda

    return bool(cuda.is_available())


@pytest.mark.skipif(not has_device(), reason="no CUDA device on this machine")
def test_device__leaves_every_bit_of_the_processor():
    assert_same(printed(program("device_lane.py", NUMBA_ENABLE_CUDASIM="0"))["worlds"])
