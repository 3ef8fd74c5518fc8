"""How to have the same figures again: a command line and lines of Python, for what somebody watches."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path

from glasscity.jobs.living import Recipe
from glasscity.jobs.plan import written


def again(recipe: Recipe, days: int) -> dict[str, str]:
    """The command and the Python that repeat a watched world after so many days, or a pair of them, to the last digit."""
    scenario, sizes = shown_name(recipe.scenario), {"citizens": recipe.citizens, "days": days, "seed": recipe.seed}
    options = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]
    keywords = [f"{name}={value!r}" for name, value in sizes.items()]
    change = recipe.change
    if change is None:
        words = ["glasscity", "run", scenario, *options, *(w for path, v in recipe.overlay.items() for w in ("--set", f"{path}={written(v)}"))]
        keywords += [f"overlay={dict(recipe.overlay)!r}"] if recipe.overlay else []
        return {"command": shlex.join(words), "python": python("run", scenario, keywords, "run", "print(run.digest, run.headline)")}
    words = ["glasscity", "compare", scenario, *change.words, *options, "--seeds", "1"]
    keywords += ["seeds=1", *(f"{name}={value!r}" for name, value in change.keywords.items())]
    if recipe.branch:
        since = (recipe.plan.resolved.scenario.start + timedelta(days=recipe.branch)).isoformat()
        words += ["--from", since]
        keywords.append(f"since={since!r}")
    return {"command": shlex.join(words), "python": python("compare", scenario, keywords, "twin", "print(twin.digests, twin.plain)")}


def shown_name(scenario: str) -> str:
    """A scenario as somebody else would name it: a file by its name alone."""
    return Path(scenario).name


def python(function: str, scenario: str, keywords: list[str], name: str, last: str) -> str:
    return f"import glasscity\n\n{name} = glasscity.{function}({', '.join([repr(scenario), *keywords])})\n{last}"
