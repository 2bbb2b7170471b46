"""A solver for clauses and fine rules together, with the face of a SAT solver.

Literals of variables, and of grids ("column >= value", see `FineRules`), serve as assumptions.
Imported inside functions only, for it brings numba.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from unikat.family import _kernels_fine as kernels
from unikat.family._kernels_narrow import (
    NUM_COUNTS,
    NUM_UNSURE,
    SIZE,
    Ints,
    Net,
    Smalls,
    State,
    undo,
)
from unikat.family._kernels_sums import MOST_ITEMS, SUM_WORDS
from unikat.family.fine_exact import ExactModel
from unikat.family.model import Clauses, FineRules, Grid
from unikat.family.reach import rules_of
from unikat.family.solving import Settled, guarded
from unikat.terms import FeatureName

LIMIT: Final = 800
"""Most decisions of one search; what it cannot decide goes to CP-SAT."""
FIRST_LIMIT: Final = 20_000
"""Most decisions for the first configuration, when none is known to be near."""
_FAR: Final = 1 << 62


class Places:
    """What literals of grids say about columns."""

    def __init__(
        self, grids: Mapping[FeatureName, Grid], columns: Mapping[FeatureName, tuple[int, int]]
    ) -> None:
        known = sorted((grid.base, columns[name]) for name, grid in grids.items())
        self._bases = [base for base, _ in known]
        self._columns = [column for _, column in known]

    def cut(self, literal: int) -> tuple[int, int]:
        """Return a column and the least value it has where the literal holds."""
        at = bisect_left(self._bases, literal) - 1
        column, shift = self._columns[at]
        return column, shift + literal - self._bases[at]


class FineModel(list[int]):
    """One configuration as SAT solvers write it: entry v - 1 is v or -v; it knows grids, too."""

    def __init__(self, values: Ints, num_vars: int, places: Places) -> None:
        variables = np.arange(1, num_vars + 1)
        super().__init__(np.where(values[variables], variables, -variables).tolist())
        self._values = values
        self._places = places

    def reaches(self, literal: int) -> bool:
        """Whether a literal of a grid, "column >= value", holds."""
        column, least = self._places.cut(literal)
        return bool(self._values[column] >= least)


class FineSolver:
    """Solves for the clauses and fine rules of one family; one a thread.

    `variables` gives the variable of a feature; with `is_selecting` part i holds only where
    variable ``clauses.num_vars + 1 + i`` does.
    """

    def __init__(
        self,
        clauses: Clauses,
        fine: FineRules,
        variables: Mapping[str, int],
        *,
        is_selecting: bool = False,
    ) -> None:
        every = guarded(clauses) if is_selecting else clauses
        self.num_vars = every.num_vars
        self.is_void = not all(chain(every.hard, *(part.clauses for part in every.parts)))
        added = every.num_vars - clauses.num_vars
        behind = {name: (column + added, shift) for name, (column, shift) in fine.columns.items()}
        self.places = Places(clauses.grids, behind)
        self.numbers = {
            name: (behind[name], grid, variables[name]) for name, grid in clauses.grids.items()
        }
        self.net, low, high = _net(every, fine, added, list(self.numbers.values()))
        self.num_shown = len(variables)
        self.state = _state(self.net, low, high)
        self.base = 0
        self._cuts: list[tuple[int, int, int]] = []
        self._assumed: list[int] = []
        self._exact: ExactModel | None = None
        self._begin()

    def _begin(self) -> None:
        """Tighten all rules, and find a configuration without any assumption."""
        self.is_void = self.is_void or not kernels.begin(self.net, self.state)
        self.base = int(self.state.counts[SIZE])
        if self.is_void:
            return
        everything = 1 - self.state.low.size
        result = kernels.solve(self.net, self.state, self.base, everything, _array([]), FIRST_LIMIT)
        if result == kernels.UNKNOWN:
            result = self._ask([])
        self.is_void = result == kernels.NONE

    # -- the face of a SAT solver ------------------------------------------------------------------

    def solve(self, assumptions: Iterable[int] = ()) -> bool:
        """Whether some configuration has all these literals."""
        self._assumed = list(assumptions)
        if self.is_void:
            return False
        self._cuts = [self._cut(literal) for literal in self._assumed]
        result = kernels.solve(
            self.net, self.state, self.base, self.base, _array(self._cuts), LIMIT
        )
        if result == kernels.UNKNOWN:
            result = self._ask(self._cuts)
        return bool(result == kernels.FOUND)

    def get_model(self) -> FineModel:
        """Return the configuration found last."""
        return FineModel(self.state.near.copy(), self.num_vars, self.places)

    def get_core(self) -> list[int]:
        """Return the assumptions that had no configuration: all of them, not only the needed."""
        return self._assumed

    def delete(self) -> None:
        """Do nothing: there is nothing to free."""

    def implied(self, assumptions: Iterable[int]) -> list[int]:
        """Return literals of variables that follow at once (not all that follow)."""
        if self.is_void:
            return []
        cuts = _array([self._cut(literal) for literal in assumptions])
        if not kernels.enter(self.net, self.state, self.base, cuts):
            return []
        variables = np.arange(1, self.num_vars + 1)
        low, high = self.state.low[variables], self.state.high[variables]
        found: list[int] = np.where(low == 1, variables, -variables)[low == high].tolist()
        return found

    def _cut(self, literal: int) -> tuple[int, int, int]:
        """Return the column and the bounds that a literal stands for."""
        if abs(literal) <= self.num_vars:
            return abs(literal), int(literal > 0), int(literal > 0)
        column, least = self.places.cut(abs(literal))
        return (column, least, _FAR) if literal > 0 else (column, -_FAR, least - 1)

    def _ask(self, cuts: Sequence[tuple[int, int, int]]) -> int:
        """Let CP-SAT decide whether some configuration is below cuts."""
        values = self._exact_model().find(*self._below(cuts), self.state.near)
        if values is None:
            return kernels.NONE
        self._take(values)
        kernels.enter(self.net, self.state, self.base, _array(cuts))
        return kernels.FOUND

    def _take(self, values: Ints) -> None:
        self.state.near[:] = values

    def _below(self, cuts: Sequence[tuple[int, int, int]]) -> tuple[Ints, Ints]:
        undo(self.state, self.base)
        low, high = self.state.low.copy(), self.state.high.copy()
        for column, least, most in cuts:
            low[column], high[column] = max(low[column], least), min(high[column], most)
        return low, high

    def _exact_model(self) -> ExactModel:
        if self._exact is None:
            undo(self.state, self.base)
            self._exact = ExactModel(self.net, self.state.low, self.state.high)
        return self._exact

    # -- everything at once ------------------------------------------------------------------------

    def settle(self, assumptions: Sequence[int]) -> Settled | None:
        """Find all statuses and bounds below assumptions; None: no configuration has them."""
        if not self.solve(assumptions):
            return None
        num = len(self.numbers)
        seen = np.zeros((self.num_shown + 1, 2), np.uint8)
        ranges = np.empty((num, 2), np.int64)
        ranges[:, 0], ranges[:, 1] = _FAR, -_FAR
        unsure = np.zeros(2 * self.num_shown + 2, np.int32)
        kernels.settle_options(self.net, self.state, LIMIT, seen, ranges, unsure)
        self._settle_unsure(seen, unsure)
        is_sure = np.zeros(num, np.uint8)
        kernels.settle_numbers(self.net, self.state, LIMIT, seen, ranges, is_sure)
        for number in np.flatnonzero(is_sure == 0).tolist():
            self._ask_bounds(number, ranges)
        status = self.state.low[: self.num_shown + 1] + self.state.high[: self.num_shown + 1] - 1
        status[0] = 0
        return Settled(status.astype(np.int8), self._bounds(ranges))

    def _settle_unsure(self, seen: NDArray[np.uint8], unsure: Smalls) -> None:
        for lit in unsure[: self.state.counts[NUM_UNSURE]].tolist():
            column, value = lit >> 1, 1 - (lit & 1)
            if seen[column, value]:
                continue
            if self._ask([*self._cuts, (column, value, value)]) == kernels.NONE:
                self._cuts.append((column, 1 - value, 1 - value))
            else:
                variables = np.arange(1, self.num_shown + 1)
                seen[variables, self.state.near[variables]] = 1
            kernels.enter(self.net, self.state, self.base, _array(self._cuts))

    def _ask_bounds(self, number: int, ranges: Ints) -> None:
        """Let CP-SAT find the bounds of a number, at or beyond the values that were seen."""
        column, selected = self.net.number[number].tolist()
        for side, sign in enumerate((1, -1)):
            low, high = self.state.low.copy(), self.state.high.copy()
            low[selected] = 1
            known, end = int(ranges[number, side]), int((low, high)[side][column])
            if known == end:
                continue
            if abs(known) < _FAR:
                (high, low)[side][column] = known
            found = self._exact_model().extreme(low, high, self.state.near, column, sign)
            if found is None:
                raise AssertionError("the number can be selected")
            ranges[number, side] = found[column]

    def _bounds(self, ranges: Ints) -> Mapping[FeatureName, tuple[int, int] | None]:
        found: dict[FeatureName, tuple[int, int] | None] = {}
        pairs = zip(self.numbers.items(), ranges.tolist(), strict=True)
        for (name, ((_, shift), _, selected)), (low, high) in pairs:
            is_possible = self.state.high[selected] == 1
            found[name] = (low - shift, high - shift) if is_possible else None
        return found


def _array(cuts: Sequence[tuple[int, int, int]]) -> Ints:
    return np.array(cuts, np.int64).reshape(-1, 3)


def _net(
    clauses: Clauses,
    fine: FineRules,
    added: int,
    numbers: Sequence[tuple[tuple[int, int], Grid, int]],
) -> tuple[Net, Ints, Ints]:
    """Return the rules as arrays, with as many variables added before the columns of numbers."""
    rules = rules_of(clauses)
    old = clauses.num_vars - added
    low = np.concatenate([fine.low[: old + 1], np.zeros(added, np.int64), fine.low[old + 1 :]])
    high = np.concatenate([fine.high[: old + 1], np.ones(added, np.int64), fine.high[old + 1 :]])
    columns = np.where(fine.row_column > old, fine.row_column + added, fine.row_column)
    products = np.where(fine.products > old, fine.products + added, fine.products)
    when = np.where(fine.row_when == 0, -1, 2 * np.abs(fine.row_when) + (fine.row_when < 0))
    num_rows = fine.row_bound.size
    rows = np.repeat(np.arange(num_rows), np.diff(fine.row_ptr))
    is_bound = when >= 0
    ends = np.concatenate([columns, when[is_bound] >> 1, products.ravel()])
    parts = np.concatenate(
        [rows, np.flatnonzero(is_bound), num_rows + np.repeat(np.arange(len(products)), 3)]
    )
    pairs = np.unique(np.stack([ends, parts], axis=1).astype(np.int64).reshape(-1, 2), axis=0)
    part_ptr = np.searchsorted(pairs[:, 0], np.arange(low.size + 1)).astype(np.int64)
    degree = np.diff(part_ptr)
    occurrences = np.diff(rules.occur_ptr)
    num_vars = clauses.num_vars
    degree[1 : num_vars + 1] += occurrences[2::2][:num_vars] + occurrences[3::2][:num_vars]
    number_of = np.full(low.size, -1, np.int32)
    number = np.array([(column, var) for (column, _), _, var in numbers], np.int32).reshape(-1, 2)
    number_of[number[:, 0]] = np.arange(len(number))
    net = Net(
        rules.clause_ptr.astype(np.int64),
        rules.clause_lit,
        rules.occur_ptr.astype(np.int64),
        rules.occur,
        fine.row_ptr,
        columns.astype(np.int32),
        fine.row_factor,
        fine.row_bound,
        when.astype(np.int32),
        products.astype(np.int32),
        part_ptr,
        pairs[:, 1].astype(np.int32),
        degree.astype(np.int32),
        number_of,
        number,
        _sequence(columns, fine.row_factor, num_vars),
        _kin(fine),
    )
    return net, low, high


def _sequence(columns: Smalls, factors: Ints, num_vars: int) -> Smalls:
    """Return the variables that rows add up, the ones with the largest factors first."""
    largest = np.zeros(num_vars + 1, np.int64)
    is_variable = columns <= num_vars
    np.maximum.at(largest, columns[is_variable], np.abs(factors[is_variable]))
    ranked = np.argsort(-largest, kind="stable")
    return ranked[: np.count_nonzero(largest)].astype(np.int32)


def _kin(fine: FineRules) -> Smalls:
    """Return for each row the next one, in a circle, with the same sum either way."""
    circles: dict[tuple[bytes, bytes], list[int]] = {}
    for row, (begin, end) in enumerate(zip(fine.row_ptr, fine.row_ptr[1:], strict=False)):
        factors = fine.row_factor[begin:end]
        key = fine.row_column[begin:end].tobytes(), (factors * np.sign(factors[:1])).tobytes()
        circles.setdefault(key, []).append(row)
    found = np.zeros(fine.row_bound.size, np.int32)
    for rows in circles.values():
        found[rows] = rows[1:] + rows[:1]
    return found


def _state(net: Net, low: Ints, high: Ints) -> State:
    num_lits, num_clauses = net.occur_ptr.size - 1, net.clause_ptr.size - 1
    size = 8 * low.size + 50_000
    num_parts = net.row_bound.size + len(net.products)
    return State(
        low.copy(),
        high.copy(),
        low.copy(),
        np.zeros(size, np.int32),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(num_lits, np.int32),
        np.zeros(2 * num_clauses, np.int32),
        np.zeros(2 * num_clauses, np.int32),
        np.zeros(max(num_parts, 1), np.int32),
        np.zeros(max(num_parts, 1), np.uint8),
        np.zeros((FIRST_LIMIT + 1, 5), np.int64),
        np.zeros((MOST_ITEMS + 1, 4), np.int64),
        np.zeros((MOST_ITEMS + 1, SUM_WORDS), np.uint64),
        np.zeros(NUM_COUNTS, np.int64),
    )
