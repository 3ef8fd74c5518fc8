"""Every error Glass City raises on purpose.

    GlassCityError
    ├── InputError            bad rulebook, scenario, population or option (exit 2)
    │   ├── Problems          all the problems of one document, together
    │   └── DeviceMissing     a device was asked for that is not here, or not its software
    ├── RunFolderError        a run's folder cannot be used as asked (exit 3)
    │   ├── FolderBusy        another process is writing there
    │   ├── TornFile          a file is missing, cut short or altered
    │   └── DiskFull          no room left; the last checkpoint is kept
    ├── WorkersLost           the workers of a study are gone; what they lived is kept (exit 3)
    ├── DigestDiffers         a repeated run ended in another state (exit 1)
    └── Interrupted           stopped by the user; the run can be resumed (exit 130)
"""

from __future__ import annotations

from dataclasses import dataclass


class GlassCityError(Exception):
    """Base of the family; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(GlassCityError):
    """Something the user supplied cannot be used."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one document: where it is, what stands there, what may stand there."""

    file: str
    path: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: found {self.found}; allowed: {self.allowed}"


class Problems(InputError):
    """All the problems of one document, so that the user mends them in one go."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class DeviceMissing(InputError):
    """There is no such device to run on, or not the software for it."""


class RunFolderError(GlassCityError):
    """A run's folder cannot be read or written as asked."""

    exit_code = 3


class FolderBusy(RunFolderError):
    """Another process is writing to this folder."""


class TornFile(RunFolderError):
    """A file of a run is missing, cut short or altered."""


class DiskFull(RunFolderError):
    """The disk is full; what was safely written before is kept."""


class WorkersLost(GlassCityError):
    """The workers of a study cannot be reached any more; what was lived is kept."""

    exit_code = 3


class DigestDiffers(GlassCityError):
    """A repeated run did not end in the recorded state."""


class Interrupted(GlassCityError):
    """The user stopped the run; its folder can be resumed."""

    exit_code = 130
