"""One world to be lived somewhere else: what a worker is sent, and what it sends back."""

from __future__ import annotations

import pickle
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl

from glasscity.errors import GlassCityError, Problems
from glasscity.rules.resolve import Resolved
from glasscity.study import worlds
from glasscity.study.figures import Measure
from glasscity.study.validate import read

Documents = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Question:
    """What is read at a world's end: a metric of a group, or the measure of a published figure."""

    name: str
    group: str = "all"
    measure: Measure | None = None

    def asked(self, frame: pl.DataFrame, resolved: Resolved, citizens: int) -> float | None:
        """The answer; None where it is undefined, KeyError if the world has no such metric."""
        if self.measure is None:
            return worlds.at_end(frame, self.name, self.group)
        value = read(frame, self.measure, resolved, citizens)
        return value if value == value else None


@dataclass(frozen=True)
class Order:
    """A world that is wanted. `scheme`: see `packed`; `key`: a name that no other world of the ensemble has."""

    key: str
    scheme: bytes
    changes: dict[str, Any]
    citizens: int
    days: int
    seed: int
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Outcome:
    """A world that was lived: an answer to each question, or why there is none."""

    values: tuple[float | None, ...]
    error: str | None = None


def failed(order: Order, why: str) -> Outcome:
    """The outcome of a world that came to nothing."""
    return Outcome((None,) * len(order.questions), why)


def packed(resolved: Resolved) -> bytes:
    """A scheme's documents, small enough to travel with every world; a worker unpacks them once."""
    return zlib.compress(pickle.dumps(resolved.documents))


@lru_cache(maxsize=8)
def unpacked(scheme: bytes) -> Documents:
    found: Documents = pickle.loads(zlib.decompress(scheme))  # noqa: S301  packed by this very ensemble
    return found


def live(order: Order) -> Outcome:
    """Live through a world on one thread. Whatever goes wrong in it is its outcome, and nobody else's."""
    try:
        resolved = worlds.changed_documents(unpacked(order.scheme), order.changes)
        frame = worlds.lived(resolved, order.citizens, order.days, order.seed, 1)
        return Outcome(tuple(question.asked(frame, resolved, order.citizens) for question in order.questions))
    except Exception as error:
        return failed(order, in_one_line(error))


def in_one_line(error: Exception) -> str:
    """What went wrong, with the kind of error if it is none of ours."""
    if isinstance(error, Problems):
        return "; ".join(map(str, error.problems))
    told = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return told if isinstance(error, GlassCityError) else f"{type(error).__name__}: {' '.join(told.split())}"
