"""The rules of a family as arrays, groups of alternatives kept whole: made once a family."""

from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from unikat.configure.workspace import workspace_of
from unikat.family.model import Family

Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class RuleArrays:
    """All clauses, except those that say "not two of a group", and these groups instead.

    `literal` int64 (L,), v or -v, of clause `row` (L,), ascending; `member` int64 (M,), variables,
    of group `group` (M,), ascending.
    """

    literal: Ints
    row: Ints
    member: Ints
    group: Ints


def rule_arrays(family: Family) -> RuleArrays:
    """Return the rules of a family as arrays; made once a family and thread."""
    space = workspace_of(family)
    if space.arrays is None:
        space.arrays = _arrays(family)
    return space.arrays


def _arrays(family: Family) -> RuleArrays:
    clauses = family.clauses
    every = [*clauses.hard, *chain.from_iterable(part.clauses for part in clauses.parts)]
    sizes = np.fromiter(map(len, every), np.int64, len(every))
    flat = np.fromiter(chain.from_iterable(every), np.int64, int(sizes.sum()))
    starts = np.cumsum(sizes) - sizes
    groups = [
        [family.index[name] + 1 for name in first.siblings]
        for first in family.features
        if first.most == 1 and first.name == first.siblings[0] and len(first.siblings) > 1
        if first.group in {"alternative", "cardinality"}
    ]
    group_of = np.full(clauses.num_vars + 1, -1)
    for i, members in enumerate(groups):
        group_of[members] = i
    pairs = np.flatnonzero(sizes == 2)
    first, second = flat[starts[pairs]], flat[starts[pairs] + 1]
    together = (first < 0) & (second < 0)
    together &= group_of[np.abs(first)] == group_of[np.abs(second)]
    together &= group_of[np.abs(first)] >= 0
    is_left = np.ones(len(every), bool)
    is_left[pairs[together]] = False
    row = np.repeat(np.arange(len(every)), sizes)
    kept = is_left[row]
    return RuleArrays(
        flat[kept],
        row[kept],
        np.array([each for members in groups for each in members], np.int64),
        np.repeat(np.arange(len(groups)), [len(members) for members in groups]),
    )
