"""Glass City: life under a social-scoring scheme, simulated over synthetic citizens only.

    import glasscity

    run = glasscity.run("beijing-2020", citizens=100_000, overlay={"articles.friends.value": 0})
    run.headline, run.metrics, run.citizens
    run.plot("score")

    run = glasscity.load("runs/...")
    glasscity.find("runs/..."), glasscity.dossier("runs/...", 4711).save("4711.html")

    twin = glasscity.compare("beijing-2020", without="friends", seeds=5)
    twin.effects, twin.lives, twin.citizens

    glasscity.run_study("study.toml", out="runs/mine"), glasscity.load_study("runs/mine")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glasscity import errors

if TYPE_CHECKING:
    from glasscity.jobs import (
        Dossier,
        Run,
        attribute,
        calibrate,
        compare,
        dossier,
        find,
        load,
        load_study,
        load_twin,
        run,
        run_study,
        safeguards,
        sweep,
    )

__all__ = [
    "Dossier", "Run", "attribute", "calibrate", "compare", "dossier", "errors", "find", "load", "load_study", "load_twin", "run", "run_study",
    "safeguards", "sweep",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in __all__:
        from glasscity import jobs

        return getattr(jobs, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("glasscity")
    raise AttributeError(f"module 'glasscity' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
