"""Who is counted: all, each district, each group; and metrics told of the same cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscity import columns as c
from glasscity.metrics.registry import GROUPS

Block = tuple[list[str], np.ndarray, np.ndarray, np.ndarray]  # names, readings, cells, values [names, readings, cells]


def group_masks() -> np.ndarray:
    """Which of the N_GROUPS cells of traits & 31 belong to each group: bool[groups, N_GROUPS]."""
    cell = np.arange(c.N_GROUPS)
    minority, party, income = cell & c.MINORITY != 0, cell & c.PARTY != 0, cell >> c.INCOME_SHIFT
    masks = [np.ones(c.N_GROUPS, bool), minority, ~minority, party, ~party, *(income == k for k in range(5))]
    masks += [group & (income == k) for group in (minority, ~minority) for k in range(5)]
    return np.array(masks)


@dataclass(frozen=True)
class Cells:
    """The rows of each metric: all, then each district, then each group. Groups are counted over all districts."""

    groups: list[str]
    districts: list[str]

    @classmethod
    def of(cls, districts: list[str]) -> Cells:
        others = [group for group in GROUPS if group != "all"]
        return cls(["all"] * (1 + len(districts)) + others, ["all", *districts] + ["all"] * len(others))

    def place(self, group: str, district: str = "all") -> int:
        """The index of a cell."""
        return next(
            k for k, pair in enumerate(zip(self.groups, self.districts, strict=True)) if pair == (group, district)
        )

    @property
    def n_districts(self) -> int:
        return len(self.groups) - len(GROUPS)


def over_cells(by_district: np.ndarray, by_group: np.ndarray) -> np.ndarray:
    """Tallies of the cells, float64[R, cells, n], from int64[R, D, n] and int64[R, N_GROUPS, n]."""
    groups = np.einsum("kg,rgn->rkn", group_masks()[1:].astype(np.int64), by_group)
    return np.concatenate([by_district.sum(axis=1, keepdims=True), by_district, groups], axis=1).astype(np.float64)


def block(values: dict[str, np.ndarray], readings: np.ndarray, places: np.ndarray) -> Block:
    """Metrics that are told at the same readings and of the same cells."""
    shape = (len(values), len(readings), len(places))
    return list(values), readings, places, np.array(list(values.values()), np.float64).reshape(shape)
