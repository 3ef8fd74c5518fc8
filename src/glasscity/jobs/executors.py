"""Who lives the worlds: processes of this machine, a Dask cluster, or MPI ranks, all behind the standard Executor interface."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from glasscity.errors import InputError, Problem, Problems, WorkersLost
from glasscity.jobs.machine import all_threads
from glasscity.jobs.plan import MOST_THREADS, within
from glasscity.study.orders import Order, Outcome, live

ALLOWED = "local, mpi, or dask://HOST:PORT"
NO_START = "worker processes cannot be started; in a script, call it below `if __name__ == '__main__':`"
CONNECT = 10.0  # seconds to wait for a cluster
AHEAD = 2  # worlds a worker that are handed out at a time


class Staff(Protocol):
    """Workers. `window`: how many worlds are handed out at a time."""

    @property
    def window(self) -> int: ...

    def hand_out(self, order: Order) -> Future[Outcome]:
        """Have a world lived."""

    def renew(self) -> bool:
        """Replace workers after one has died; False if that is not ours to do."""


class Processes:
    """Worker processes of this machine, one world at a time each."""

    def __init__(self, workers: int):
        self.workers = workers
        self.pool = self.begun()

    @property
    def window(self) -> int:
        return AHEAD * self.workers

    def begun(self) -> ProcessPoolExecutor:
        """New processes; WorkersLost if none can be started, which is then no world's fault."""
        import multiprocessing

        pool = ProcessPoolExecutor(self.workers, multiprocessing.get_context("spawn"), stay_until_parent_ends)
        try:
            pool.submit(os.getpid).result()
        except BrokenExecutor:
            raise WorkersLost(NO_START) from None
        return pool

    def hand_out(self, order: Order) -> Future[Outcome]:
        return self.pool.submit(live, order)

    def renew(self) -> bool:
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.pool = self.begun()
        return True


@dataclass
class Pool:
    """Workers that somebody else looks after."""

    executor: Executor | Any  # Any: those of Dask and MPI keep to the interface without saying so
    window: int

    def hand_out(self, order: Order) -> Future[Outcome]:
        return self.executor.submit(live, order)

    def renew(self) -> bool:
        return False


def stay_until_parent_ends() -> None:
    """Leave Ctrl-C to the parent, and end with it, however it ends."""
    import signal
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def staff_of(executor: str, workers: int | None = None) -> Iterator[Staff | None]:
    """Workers by name; None in an MPI rank that was one of them, when all is done. Problems for a name that is none."""
    if executor == "local":
        with processes(workers) as local:
            yield local
    elif executor == "mpi":
        with ranks() as staff:
            yield staff
    elif executor.startswith("dask://") and len(executor) > len("dask://"):
        with dask_workers(executor.removeprefix("dask://")) as staff:
            yield staff
    else:
        raise Problems([Problem("--executor", "executor", repr(executor), ALLOWED)])


@contextmanager
def processes(workers: int | None) -> Iterator[Staff]:
    """Processes of this machine, one a processor if nothing else is said."""
    problems = [] if workers is None else within("--workers", workers, 1, MOST_THREADS)
    if problems:
        raise Problems(problems)
    staff = Processes(workers or all_threads())
    try:
        yield staff
    finally:
        staff.pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def pool_of(workers: int) -> Iterator[Executor]:
    """Processes of this machine as they are; where none can be started (a script that is no module), threads."""
    try:
        pool: Executor = Processes(workers).pool
    except WorkersLost:
        pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def dask_workers(address: str) -> Iterator[Staff]:
    """The workers of a running Dask cluster."""
    try:
        from distributed import Client
    except ImportError as error:
        raise missing(error) from None
    try:
        client: Any = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        told = f"{' '.join(str(error).split())[:200]}"
        raise Problems([Problem("--executor", "executor", f"dask://{address} ({told})", "the address of a running Dask scheduler")]) from None
    try:
        threads = sum(client.nthreads().values())
        yield Pool(client.get_executor(pure=False), max(32, AHEAD * threads))
    finally:
        with suppress(OSError, TimeoutError):
            client.close()


@contextmanager
def ranks() -> Iterator[Staff | None]:
    """The other ranks of this MPI program; rank 0 gives out the worlds."""
    try:
        from mpi4py import MPI
        from mpi4py.futures import MPICommExecutor
    except (ImportError, RuntimeError) as error:
        raise missing(error) from None
    size = MPI.COMM_WORLD.Get_size()
    if size < 2:
        allowed = "two or more, one to give out worlds: mpiexec -n 3 glasscity study FILE --executor mpi"
        raise Problems([Problem("--executor", "mpi", f"{size} rank", allowed)])
    executor: Any
    with MPICommExecutor(MPI.COMM_WORLD, root=0) as executor:
        yield None if executor is None else Pool(executor, AHEAD * (size - 1))


def missing(error: Exception) -> InputError:
    """What to say of a library that is not there."""
    return InputError(f"{error}; install it with: pip install 'glasscity[cluster]', for MPI beside an MPI library such as mpich")
