"""Firms as the scheme treats them on one day, as integer tables. Model description: E18."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from glasscity import columns as c
from glasscity.kernels.bundles import FirmRules
from glasscity.rules.fixed import p32
from glasscity.rules.model import AnyArticle, FirmConduct, FirmList, FirmSanction, FirmScoring, Rulebook

Articles = Mapping[str, AnyArticle]


def rules_of(rulebook: Rulebook, in_force: Articles, first: FirmScoring | None) -> FirmRules:
    """The tables of one day; first: the scoring that is the first to be in force, with which scores begin."""
    return FirmRules(parameters(in_force, first), conduct(rulebook, in_force), occasions(rulebook, in_force))


def parameters(articles: Articles, first: FirmScoring | None) -> np.ndarray:
    """Account, list and cameras of firms, int64[N_FIRM_PARAMETERS]; the list in force only while firms are scored."""
    p = np.zeros(c.N_FIRM_PARAMETERS, np.int64)
    p[c.FP_START] = first.value if first else 0
    for article in articles.values():
        if isinstance(article, FirmScoring):
            p[c.FP_ON], p[c.FP_START], p[c.FP_FLOOR] = 1, article.value, article.floor
            p[c.FP_CEILING], p[c.FP_RECOVERY] = article.ceiling, article.recovery
            p[c.FP_CAMERAS] = round(article.cameras * 65536)
            p[c.FP_SECTOR :] = [p32(sum(article.sectors[: k + 1])) for k in range(c.N_SECTORS - 1)] + [2**32]
        if isinstance(article, FirmList):
            p[c.FP_LIST_ON], p[c.FP_LIST_WEEKS], p[c.FP_LIST_BELOW] = 1, article.value, article.below
    return p


def conduct(rulebook: Rulebook, articles: Articles) -> np.ndarray:
    """What firms do, int64[kinds, N_FIRM_CONDUCT]: every article of the rulebook has its place, in force or not."""
    keys = [key for key, article in rulebook.articles.items() if isinstance(article, FirmConduct)]
    gain = next((a.camera_gain for a in articles.values() if isinstance(a, FirmScoring)), 1.0)
    table = np.zeros((len(keys), c.N_FIRM_CONDUCT), np.int64)
    for k, key in enumerate(keys):
        article = articles.get(key)
        if isinstance(article, FirmConduct):
            table[k, : c.FC_CHANCE] = (
                1, article.value, p32(article.found), p32(article.found * gain), p32(article.invented)
            )  # fmt: skip
            table[k, c.FC_CHANCE :] = [
                p32(article.rate / 52 * (1 + article.slope * (x - 3.5) / 3.5) * sector)
                for x in range(8) for sector in article.sectors
            ]  # fmt: skip
    return table


def occasions(rulebook: Rulebook, articles: Articles) -> np.ndarray:
    """What firms ask for or owe, int64[kinds, N_FIRM_OCCASION]."""
    keys = [key for key, article in rulebook.articles.items() if isinstance(article, FirmSanction)]
    table = np.zeros((len(keys), c.N_FIRM_OCCASION), np.int64)
    for k, key in enumerate(keys):
        article = articles.get(key)
        if isinstance(article, FirmSanction):
            effect = c.FIRM_EFFECTS.index(article.effect)
            table[k] = 1, effect, p32(article.rate / 52), p32(article.value), article.below
    return table
