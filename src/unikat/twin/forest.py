"""A forest of regression trees that keeps whole conditional distributions, on numpy alone.

Breiman, Random forests, Machine Learning 45 (2001); quantiles from the weights of the leaves:
Meinshausen, Quantile regression forests, JMLR 7 (2006), section 2. Rows come in groups (the
activities of one job), and groups are drawn, so that a row is out of the bag with all of its group.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """One tree: node k asks whether column `columns[k]` (-1: a leaf) is <= `bounds[k]`.

    `left`, `right` : int64, shape (K,), the node of the answer yes, no. `rows` : the training rows
    in each node that is a leaf; `counts` : int64, shape (N,), how often each row was drawn.
    """

    columns: Ints
    bounds: Floats
    left: Ints
    right: Ints
    rows: tuple[Ints, ...]
    counts: Ints

    def find_leaves(self, inputs: Floats) -> Ints:
        """Return the leaf of each row of `inputs`, int64 (M,)."""
        at = np.zeros(len(inputs), dtype=np.int64)
        while (inner := np.flatnonzero(self.columns[at] >= 0)).size:
            node = at[inner]
            is_left = inputs[inner, self.columns[node]] <= self.bounds[node]
            at[inner] = np.where(is_left, self.left[node], self.right[node])
        return at


def grow_forest(
    inputs: Floats,
    answers: Floats,
    groups: Ints,
    *,
    num_trees: int,
    least: int,
    num_tried: int,
    seed: int,
    columns: Sequence[int] | None = None,
) -> tuple[Tree, ...]:
    """Return trees grown on groups drawn with replacement.

    Parameters
    ----------
    inputs : float64, shape (N, C)
    answers : float64, shape (N,); splits make the sum of squares least
    groups : int64, shape (N,), the group of each row, from 0
    least
        Fewest rows in a leaf, counted as often as drawn.
    num_tried
        Columns tried at each split, drawn anew.
    columns
        The columns that may be asked about; all by default.
    """
    rng = np.random.default_rng(seed)
    num_groups = int(groups.max()) + 1
    may = np.arange(inputs.shape[1]) if columns is None else np.asarray(columns)

    def draw() -> Ints:
        return rng.permutation(may)[:num_tried]

    forest = []
    for _ in range(num_trees):
        drawn = np.bincount(rng.integers(0, num_groups, num_groups), minlength=num_groups)
        counts = drawn[groups].astype(np.int64)
        forest.append(_grow(inputs, answers, counts, least, draw))
    return tuple(forest)


def weigh_rows(forest: Sequence[Tree], inputs: Floats, *, is_out: bool = False) -> Floats:
    """Return how much each training row says about each row of `inputs`, float64 (M, N).

    Rows sum to 1. With `is_out` the inputs are the training rows, and only trees speak that did
    not draw them (a row that every tree drew gets zeros).
    """
    weights = np.zeros((len(inputs), len(forest[0].counts)))
    spoken = np.zeros(len(inputs))
    for tree in forest:
        asked = np.flatnonzero(tree.counts == 0) if is_out else np.arange(len(inputs))
        spoken[asked] += 1
        leaves = tree.find_leaves(inputs[asked])
        for leaf in np.unique(leaves):
            rows = tree.rows[leaf]
            share = tree.counts[rows] / tree.counts[rows].sum()
            weights[np.ix_(asked[leaves == leaf], rows)] += share
    return weights / np.maximum(spoken, 1.0)[:, None]


def find_quantiles(weights: Floats, answers: Floats, levels: Sequence[float]) -> Floats:
    """Return the smallest answers whose summed weights reach each level, float64 (M, L)."""
    rank = np.argsort(answers, kind="stable")
    reached = np.cumsum(weights[:, rank], axis=1)
    reached /= np.maximum(reached[:, -1:], 1e-9)
    found = [(reached >= level - 1e-9).argmax(axis=1) for level in levels]
    return np.asarray(answers[rank][np.array(found).T], dtype=np.float64)


def _grow(
    inputs: Floats,
    answers: Floats,
    counts: Ints,
    least: int,
    draw: Callable[[], Ints],
) -> Tree:
    """Return one tree, node by node; each tries the columns of a new `draw`; a node that cannot be
    split stays a leaf.
    """
    columns, bounds, left, right = [-1], [0.0], [-1], [-1]
    rows = [np.flatnonzero(counts)]
    node = 0
    while node < len(rows):
        split = _best_split(inputs, answers, counts, rows[node], least, draw())
        if split is not None:
            columns[node], bounds[node] = split
            is_left = inputs[rows[node], split[0]] <= split[1]
            left[node], right[node] = len(rows), len(rows) + 1
            rows += [rows[node][is_left], rows[node][~is_left]]
            for column in (columns, left, right):
                column += [-1, -1]
            bounds += [0.0, 0.0]
        node += 1
    return Tree(
        np.array(columns), np.array(bounds), np.array(left), np.array(right), tuple(rows), counts
    )


def _best_split(
    inputs: Floats, answers: Floats, counts: Ints, rows: Ints, least: int, tried: Ints
) -> tuple[int, float] | None:
    """Return the column and bound that lower the sum of squares most, None if none does."""
    weight = counts[rows].astype(np.float64)
    total = weight.sum()
    if total < 2 * least or len(rows) < 2:
        return None
    values = inputs[rows[:, None], tried]
    rank = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, rank, axis=0)
    weighted = weight * answers[rows]
    below = np.cumsum(weight[rank], axis=0)[:-1]
    summed = np.cumsum(weighted[rank], axis=0)[:-1]
    above = np.maximum(total - below, 1.0)
    whole = weighted.sum()
    may = (ranked[1:] > ranked[:-1]) & (below >= least) & (total - below >= least)
    gain = np.where(may, summed**2 / below + (whole - summed) ** 2 / above, -np.inf)
    at, column = divmod(int(gain.argmax()), len(tried))
    if gain[at, column] <= whole * whole / total + 1e-9 * (1.0 + abs(whole)):
        return None
    bound = float(ranked[at, column] + ranked[at + 1, column]) / 2
    return int(tried[column]), bound
