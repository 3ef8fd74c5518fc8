"""Recipes of worlds from what a browser asks for, checked once: the same wish again costs nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

from glasscity.errors import Problem, Problems
from glasscity.jobs.living import Recipe
from glasscity.jobs.twins import Change
from glasscity.rules.load import built_in_names
from glasscity.rules.model import Scenario
from glasscity.web.guard import PUPIL
from glasscity.web.messages import Change as WantedChange
from glasscity.web.messages import Wanted
from glasscity.web.shelf import Shelf

MOST_CITIZENS = {PUPIL: 100_000}
MOST_CITIZEN_DAYS = {PUPIL: 100_000 * 731}  # pupils' worlds share a few processes


def wanted(given: Wanted, shelf: Shelf, role: str) -> Recipe:
    """The recipe of a wish; Problems with all that is wrong, and for more citizens, or more of their days, than the role or the machine allows."""
    scenario = shelf.scenario(given.scenario)
    made = known if scenario in built_in_names(Scenario) else known.__wrapped__
    recipe = made(scenario, given.citizens, given.days, given.seed, json.dumps(given.overlay, sort_keys=True))
    most, lived = MOST_CITIZENS.get(role, shelf.most_citizens), recipe.citizens * recipe.days
    if recipe.citizens > most:
        raise Problems([Problem("page", "citizens", str(recipe.citizens), f"at most {most}")])
    if lived > MOST_CITIZEN_DAYS.get(role, lived):
        raise Problems([Problem("page", "citizens x days", str(lived), f"at most {MOST_CITIZEN_DAYS[role]}")])
    return recipe


@lru_cache(256)
def known(scenario: str, citizens: int | None, days: int | None, seed: int | None, overlay: str) -> Recipe:
    """A built-in scenario's recipe; an own scheme's file may change, and is read each time."""
    return Recipe.of(scenario, citizens, days, seed, json.loads(overlay))


def change_of(given: WantedChange, shelf: Shelf) -> Change:
    """A change as the use cases take it; another scheme by its name alone, never by a path."""
    against = None if given.against is None else shelf.scenario(given.against)
    return Change.of(given.without, given.overlay, given.safeguards, against)


def with_twin(recipe: Recipe, change: Change, branch: int) -> Recipe:
    """The recipe with a twin from a day on; Problems if they cannot be twins."""
    found = replace(recipe, change=change, branch=min(branch, recipe.days - 1))
    assert found.schemes  # raises if they cannot
    return found
