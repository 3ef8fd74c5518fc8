"""Glass City: life under a social-scoring scheme, simulated over synthetic citizens only.

    import glasscity

    run = glasscity.run("beijing-2020", citizens=100_000, overlay={"articles.friends.value": 0})
    run.headline, run.metrics, run.citizens
    run.plot("score")

    run = glasscity.load("runs/...")
    glasscity.find("runs/..."), glasscity.dossier("runs/...", 4711).save("4711.html")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glasscity import errors

if TYPE_CHECKING:
    from glasscity.jobs import Dossier, Run, dossier, find, load, run

__all__ = ["Dossier", "Run", "dossier", "errors", "find", "load", "run"]


def __getattr__(name: str) -> Any:
    if name in ("Dossier", "Run", "dossier", "find", "load", "run"):
        from glasscity import jobs

        return getattr(jobs, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("glasscity")
    raise AttributeError(f"module 'glasscity' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
