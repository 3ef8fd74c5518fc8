"""What can be taken out of a scheme, and what can be added to it, by name: as overlays over its documents.

A mechanism is something in the scheme that may do harm; a safeguard is a right that the scheme may grant.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, get_args

from glasscity.errors import Problem, Problems
from glasscity.rules.load import find, read_toml, validate
from glasscity.rules.model import (
    Article,
    Association,
    Cap,
    Channel,
    Composite,
    Discretion,
    Listing,
    Rulebook,
    Safeguard,
)
from glasscity.rules.resolve import Resolved

Overlay = dict[str, Any]
LEVERS: tuple[str, ...] = get_args(Safeguard.model_fields["lever"].annotation)
REMEDY = ("notice", "reasons", "appeal")
STANDARD = "beijing-2020"  # the rulebook whose safeguards are taken where a scheme has none of its own


def without(resolved: Resolved, name: str) -> Overlay:
    """The overlay that takes a mechanism out of a scheme; Problems if the scheme has no such thing.

    name: one of `MECHANISMS`, a kind of article ('listing'), or the id of an article that is in use.
    """
    overlay = MECHANISMS[name][1](resolved) if name in MECHANISMS else switched_off(resolved, name)
    if not overlay:
        used = {key: article for key, article in resolved.rulebook.articles.items() if article.enabled}
        names = list(dict.fromkeys([*mechanisms_of(resolved), *sorted({article.what for article in used.values()}), *used]))
        near = difflib.get_close_matches(name, names, n=5, cutoff=0.4)
        other = f"a mechanism of the scheme ({', '.join(mechanisms_of(resolved))}) or the id of an article"
        allowed = f"what the scheme has: {', '.join(near)}" if near else other
        raise Problems([Problem(resolved.scenario.id, "--without", repr(name), allowed)])
    return overlay


def granted(resolved: Resolved, lever: str) -> Overlay:
    """The overlay that grants a safeguard, as the rulebook words it or else as usual; Problems if there is none such."""
    if lever not in LEVERS:
        raise Problems([Problem(resolved.scenario.id, "--with", repr(lever), f"one of {', '.join(LEVERS)}")])
    for key, article in resolved.rulebook.articles.items():
        if isinstance(article, Safeguard) and article.lever == lever:
            return {f"articles.{key}.enabled": True}
    return {f"articles.{new_key(resolved, lever)}": standard_safeguards()[lever] | {"enabled": True}}


def new_key(resolved: Resolved, lever: str) -> str:
    """A name for an article that the rulebook does not have yet."""
    return lever if lever not in resolved.rulebook.articles else f"safeguard_{lever}"


@cache
def standard_safeguards() -> dict[str, dict[str, Any]]:
    """A plain article for each lever."""
    file = find(Rulebook, STANDARD)
    data = read_toml(file)
    articles = validate(Rulebook, data, str(file)).articles
    return {a.lever: data["articles"][key] for key, a in articles.items() if isinstance(a, Safeguard)}


def is_granted(resolved: Resolved, lever: str) -> bool:
    """Whether the scheme grants a safeguard already."""
    return any(isinstance(a, Safeguard) and a.lever == lever and a.enabled for a in resolved.rulebook.articles.values())


# --- mechanisms ------------------------------------------------------------------------------------


def mechanisms_of(resolved: Resolved) -> list[str]:
    """Names of the mechanisms that a scheme has."""
    return [name for name, (_, taken_out) in MECHANISMS.items() if taken_out(resolved)]


def channels(resolved: Resolved, are_informers: bool) -> Iterable[tuple[str, Channel]]:
    """The channels in use in which people report people, or the others."""
    for key, article in resolved.rulebook.articles.items():
        if isinstance(article, Channel) and article.enabled and is_reporting(article) == are_informers:
            yield key, article


def is_reporting(channel: Channel) -> bool:
    """Whether a channel lives on people reporting people."""
    return channel.informer or channel.false_reports > 0


def faultless(resolved: Resolved) -> Overlay:
    """No channel but people takes one for another, or sees what did not happen."""
    found: Overlay = {}
    for key, channel in channels(resolved, are_informers=False):
        for rate in ("wrong_match", "false_match"):
            if getattr(channel, rate):
                found[f"articles.{key}.{rate}"] = 0.0
            if channel.claimed and getattr(channel.claimed, rate):
                found[f"articles.{key}.claimed.{rate}"] = 0.0
    return found


def without_kinds(*kinds: type[Article]) -> Callable[[Resolved], Overlay]:
    """All articles of some kinds switched off."""
    return lambda resolved: off(key for key, a in resolved.rulebook.articles.items() if isinstance(a, kinds) and a.enabled)


def without_informers(resolved: Resolved) -> Overlay:
    """Nobody reports anybody."""
    return off(key for key, _ in channels(resolved, are_informers=True))


def even_watch(resolved: Resolved) -> Overlay:
    """Cameras as dense in every district, and as many in all."""
    districts = resolved.population.districts.values()
    mean = sum(d.residents * d.cameras for d in districts) / sum(d.residents for d in districts)
    found: Overlay = {}
    for key, article in resolved.rulebook.articles.items():
        if isinstance(article, Channel) and article.enabled and article.density == "cameras":
            found |= {f"articles.{key}.density": "even", f"articles.{key}.value": article.value * mean}
    return found


def equal_rules(resolved: Resolved) -> Overlay:
    """No factor, need or secret weight treats one group otherwise than another; the cap aside, which has a name of its own."""
    found = without_kinds(Composite)(resolved)
    for key, article in resolved.rulebook.articles.items():
        if isinstance(article, Channel) and article.enabled:
            for factor in ("minority_true_match", "minority_wrong_match"):
                if getattr(article, factor) != 1.0:
                    found[f"articles.{key}.{factor}"] = 1.0
    return found


def with_remedy(resolved: Resolved) -> Overlay:
    """Whoever is recorded is told, with reasons, and may appeal; nothing where nobody is recorded."""
    if not any(isinstance(a, Channel) and a.enabled for a in resolved.rulebook.articles.values()):
        return {}
    found: Overlay = {}
    for lever in REMEDY:
        found |= {} if is_granted(resolved, lever) else granted(resolved, lever)
    return found


def switched_off(resolved: Resolved, name: str) -> Overlay:
    """An article by its id, or all of a kind."""
    return off(key for key, a in resolved.rulebook.articles.items() if a.enabled and name in (key, a.what))


def off(keys: Iterable[str]) -> Overlay:
    """Articles switched off."""
    return {f"articles.{key}.enabled": False for key in keys}


# name: what it is, and the overlay that takes it out of a scheme (empty where the scheme has no such thing)
MECHANISMS: dict[str, tuple[str, Callable[[Resolved], Overlay]]] = {
    "sensor_error": ("channels that take one for another or see what did not happen", faultless),
    "rule": ("factors and secret weights that treat groups apart, the cap aside", equal_rules),
    "unequal_watch": ("cameras denser in some districts", even_watch),
    "friends": ("points through friends", without_kinds(Association)),
    "cap": ("the highest standing that the minority can reach", without_kinds(Cap)),
    "informers": ("people who report people, truly or not", without_informers),
    "no_appeal": ("nobody is told, nobody may appeal", with_remedy),
    "lists": ("black, red and court lists", without_kinds(Listing)),
    "discretion": ("local officials who give and take as they like", without_kinds(Discretion)),
}
