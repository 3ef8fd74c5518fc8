"""The ranks of an MPI program as an `Exchange`, and how all of them end when one fails."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from glasscity.errors import GlassCityError, Problem, Problems
from glasscity.jobs.executors import missing
from glasscity.jobs.machine import all_threads

T = TypeVar("T")
SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")  # how MPICH and its kin, Open MPI and MVAPICH tell a rank
UNEXPECTED = 70


def ranks_begun() -> int:
    """How many ranks mpiexec, or srun, says that it has begun; 1 if this is no MPI program."""
    told = [os.environ.get(name, "") for name in SIZES]
    if "PMIX_RANK" in os.environ:
        told.append(os.environ.get("SLURM_STEP_NUM_TASKS", ""))
    return max([1, *(int(size) for size in told if size.isdecimal())])


@contextmanager
def one_world() -> Iterator[Ranks | None]:
    """The ranks that live one world together; None in a program of one process.

    An error that all ranks know of is told by rank 0, and each ends by itself; any other error ends them all at once.
    """
    begun = ranks_begun()
    if begun == 1:
        yield None
        return
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise missing(error) from None
    ranks = Ranks(MPI.COMM_WORLD)
    if ranks.size != begun:
        allowed = f"{begun}, as mpiexec says: mpi4py has to be built for the MPI library whose mpiexec is used"
        raise Problems([Problem("mpiexec", "ranks", str(ranks.size), allowed)])
    try:
        yield ranks
    except GlassCityError as error:
        if ranks.have_failed and ranks.rank:
            raise SystemExit(error.exit_code) from None
        if ranks.have_failed:
            raise
        ranks.abort(f"{error}", error.exit_code)
    except BaseException as error:
        ranks.abort(f"{type(error).__name__}: {error}", UNEXPECTED)


class Ranks:
    """All ranks of a communicator, as an `Exchange`.

    `sent`: bytes handed over by this rank, by what for, as they are given to MPI, whatever it makes of them. `waited`: seconds
    spent in it, waiting for slower ranks included.
    """

    def __init__(self, comm: Any):
        self.comm, self.rank, self.size = comm, int(comm.Get_rank()), int(comm.Get_size())
        self.sent = Counter[str]()
        self.waited: defaultdict[str, float] = defaultdict(float)
        self.have_failed = False  # and all ranks know it

    @contextmanager
    def counted(self, what: str, n_bytes: int) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.sent[what] += n_bytes
        self.waited[what] += time.perf_counter() - start

    # --- an Exchange ---

    def swap(self, items: np.ndarray, counts: np.ndarray) -> np.ndarray:
        from mpi4py import MPI

        arriving, leaving = np.empty(self.size, np.int64), counts.astype(np.int64)
        with self.counted("counts", leaving.nbytes - leaving.itemsize):
            self.comm.Alltoall(leaving, arriving)
        found = np.empty(int(arriving.sum()), items.dtype)
        kind = MPI.BYTE.Create_contiguous(items.dtype.itemsize).Commit()
        with self.counted("entries", items.nbytes):
            self.comm.Alltoallv([items.view(np.uint8), leaving, begins(leaving), kind], [found.view(np.uint8), arriving, begins(arriving), kind])
        kind.Free()
        return found

    def total(self, counts: np.ndarray) -> np.ndarray:
        found = np.empty_like(counts)
        with self.counted("sums", counts.nbytes):
            self.comm.Allreduce(np.ascontiguousarray(counts), found)
        return found

    def gather(self, array: np.ndarray) -> list[np.ndarray]:
        with self.counted("tables", array.nbytes if self.rank else 0):
            found = self.comm.gather(np.ascontiguousarray(array), root=0)
        return list(found or [])

    def send(self, array: np.ndarray, to: int) -> None:
        with self.counted("digest", array.nbytes):
            self.comm.Send(np.ascontiguousarray(array), dest=to)

    def receive(self, source: int, n: int) -> np.ndarray:
        found = np.empty(n, np.uint8)
        with self.counted("digest", 0):
            self.comm.Recv(found, source=source)
        return found

    # --- agreeing ---

    def any(self, is_so: bool) -> bool:
        """Whether any rank says so."""
        found = np.empty(1, np.int64)
        with self.counted("agreeing", found.nbytes):
            self.comm.Allreduce(np.array([is_so], np.int64), found)
        return bool(found[0])

    def led(self, task: Callable[[], T]) -> T:
        """What rank 0 finds, for all; an error of rank 0 is one of all."""
        return self.agreed(self.comm.bcast(outcome_of(task) if self.rank == 0 else None, root=0))

    def together(self, task: Callable[[], T]) -> T:
        """What this rank finds, once all have; the error of any is one of all."""
        mine = outcome_of(task)
        errors = [error for error in self.comm.allgather(mine[1]) if error is not None]
        return self.agreed((mine[0], mine[1] or (errors[0] if errors else None)))

    def agreed(self, outcome: tuple[T | None, GlassCityError | None]) -> T:
        found, error = outcome
        if error is not None:
            self.have_failed = True
            raise error
        return found  # type: ignore[return-value]  # without an error it is there

    def everybody(self, mine: T) -> list[T]:
        """What each rank says, by rank."""
        return list(self.comm.allgather(mine))

    def beside(self, mine: T) -> list[T]:
        """What the ranks of this machine say."""
        from mpi4py import MPI

        here = self.comm.Split_type(MPI.COMM_TYPE_SHARED)
        try:
            return list(here.allgather(mine))
        finally:
            here.Free()

    def threads(self) -> int:
        """This rank's part of the processors that it and its neighbours on this machine may use, bound to them or not."""
        own = set(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else set(range(all_threads()))
        found = self.beside(own)
        return max(1, len(set[int]().union(*found)) // len(found))

    def abort(self, message: str, code: int) -> None:
        """End all ranks, wherever they are."""
        print(f"rank {self.rank}: {message}", file=sys.stderr, flush=True)
        self.comm.Abort(code)


def begins(counts: np.ndarray) -> np.ndarray:
    """Where each part begins, of parts that lie one after another."""
    return np.cumsum(counts) - counts


def outcome_of(task: Callable[[], T]) -> tuple[T | None, GlassCityError | None]:
    """What a task finds, or the error that we raised on purpose."""
    try:
        return task(), None
    except GlassCityError as error:
        return None, error
