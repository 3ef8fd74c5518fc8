"""Glass City: life under a social-scoring scheme, simulated over synthetic citizens only.

    import glasscity

    run = glasscity.run("beijing-2020", citizens=100_000, overlay={"articles.friends.value": 0})
    run.headline, run.metrics, run.citizens
    run.plot("score")

    run = glasscity.load("runs/...")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glasscity import errors

if TYPE_CHECKING:
    from glasscity.jobs import Run, load, run

__all__ = ["Run", "errors", "load", "run"]


def __getattr__(name: str) -> Any:
    if name in ("Run", "load", "run"):
        from glasscity import jobs

        return getattr(jobs, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("glasscity")
    raise AttributeError(f"module 'glasscity' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
