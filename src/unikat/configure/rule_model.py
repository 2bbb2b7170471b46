"""The rules of a family for CP-SAT, reduced to what a choice leaves open and a question touches.

A `RuleModel` is one question: ask for literals and numbers, put an objective on them, `solve`. Only
rules that bear upon what was asked are sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from unikat.configure.rule_arrays import Ints, rule_arrays
from unikat.configure.workspace import Picks, workspace_of
from unikat.family.model import Family, Standing
from unikat.terms import FeatureName

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import IntVar, LinearExpr, LiteralT

TOO_LARGE: Final = 2**55
"""Numbers beyond are not sent: sums and products of a solver must stay below 2^63."""


class TooLarge(Exception):
    """A number of a formula may grow beyond what a solver takes; caught by this room."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number: the sum of `terms` (variable of the solver, factor) and a constant."""

    terms: tuple[tuple[int, int], ...]
    constant: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Solved:
    """What the solver found: a value a variable, the objective, its proven bound.

    `values` is empty when nothing was found in time.
    """

    values: tuple[int, ...]
    objective: int
    bound: int
    is_optimal: bool


class RuleModel:
    """One question to the rules, given valid picks, which stand at `at` in a large family.

    `asked` are the variables of the clauses that were asked for, `places` the numbers and lengths.
    """

    def __init__(self, family: Family, picks: Picks, at: Standing | None = None) -> None:
        from ortools.sat.python import cp_model

        self.family = family
        self.picks = dict(picks)
        self.model = cp_model.CpModel()
        self.asked: set[int] = set()
        self.places: dict[str, Whole] = {}
        self._bounds: list[tuple[int, int]] = []
        self._index: Ints = np.full(family.clauses.num_vars + 1, -1)
        self._witness = None if at is None else at.witness
        self.status = _status(family, picks) if at is None else at.status
        self._is_sent = False
        self._columns: list[int] = []
        if family.fine is not None:
            from unikat.configure.fine_model import send_fine

            self._columns = send_fine(self, family.fine)

    # -- variables -----------------------------------------------------------------------------

    def variable(self, low: int, high: int) -> int:
        """Add a whole number; return its variable."""
        if max(abs(low), abs(high)) > TOO_LARGE:
            raise TooLarge
        self._bounds.append((low, high))
        index: int = self.model.new_int_var(low, high, "").index
        return index

    def int_var(self, index: int) -> "IntVar":
        """Return the solver's object of a variable."""
        return self.model.get_int_var_from_proto_index(index)

    def whole(self, terms: Mapping[int, int], constant: int = 0) -> Whole:
        """Return a sum with its bounds."""
        used = tuple((index, factor) for index, factor in terms.items() if factor)
        low = high = constant
        for index, factor in used:
            ends = factor * self._bounds[index][0], factor * self._bounds[index][1]
            low, high = low + min(ends), high + max(ends)
        if max(abs(low), abs(high)) > TOO_LARGE:
            raise TooLarge
        return Whole(used, constant, low, high)

    def literal(self, literal: int) -> Whole:
        """Return a literal of the clauses as 0 or 1."""
        fixed = int(self.status[abs(literal)])
        self.asked.add(abs(literal))
        if fixed:
            return self.whole({}, int(fixed == (1 if literal > 0 else -1)))
        index = self.boolean_of(abs(literal))
        return self.whole({index: 1}) if literal > 0 else self.whole({index: -1}, 1)

    def boolean_of(self, variable: int) -> int:
        """Return the solver's variable of a variable of the clauses."""
        if self._index[variable] < 0:
            self._index[variable] = self.variable(0, 1)
        return int(self._index[variable])

    def is_true(self, variable: int, values: tuple[int, ...]) -> bool:
        """Whether a variable of the clauses that was asked for is true in a solution."""
        fixed = int(self.status[variable])
        return fixed > 0 if fixed else values[int(self._index[variable])] > 0

    def place(self, name: str) -> Whole:
        """Return the grid place of a number, or the length of a text; 0 when not selected."""
        if name not in self.places:
            self.places[name] = self._place(name)
            for literal in self.named_texts(name).values():
                self.literal(literal)
        return self.places[name]

    def named_texts(self, name: str) -> Mapping[str, int]:
        """Return the literals "its text is exactly this" that rules use."""
        return self.family.clauses.texts.get(FeatureName(name), {})

    def _place(self, name: str) -> Whole:
        feature = self.family.feature(name)
        selected = self.literal(self.family.index[name] + 1)
        fine, grid = self.family.fine, self.family.clauses.grids.get(feature.name)
        if fine is not None and feature.name in fine.columns:
            column, shift = fine.columns[feature.name]
            return self.sum((self.whole({self._columns[column]: 1}), 1), (selected, -shift))
        if grid is not None:
            return self._counted(range(grid.base + 1, grid.base + grid.num + 1))
        picked = self.picks.get(feature.name)
        if isinstance(picked, Fraction) and feature.low is not None and feature.step is not None:
            return self._when(selected, int((picked - feature.low) / feature.step))
        if isinstance(picked, str):
            return self._when(selected, len(picked))
        num = feature.max_length or 0
        if feature.low is not None and feature.high is not None and feature.step is not None:
            num = int((feature.high - feature.low) / feature.step)
        place = self.whole({self.variable(0, num): 1})
        self.at_most(self.sum((place, 1), (selected, -num)), 0)
        return place

    def _when(self, selected: Whole, place: int) -> Whole:
        return self.sum((selected, place))

    def _counted(self, variables: range) -> Whole:
        """Return how many of these ordered literals hold."""
        status = self.status[variables.start : variables.stop]
        still = [variables.start + int(i) for i in np.flatnonzero(status == 0)]
        count = self.whole({self.boolean_of(each): 1 for each in still}, int((status == 1).sum()))
        self.asked.update(still)
        return self.named(count) if len(still) > 1 else count

    def named(self, number: Whole) -> Whole:
        """Return the same number as one variable."""
        if not number.terms or (len(number.terms) == 1 and number.terms[0][1] in {1, -1}):
            return number
        index = self.variable(number.low, number.high)
        same = self.whole({index: 1})
        difference = self.sum((number, 1), (same, -1))
        self.model.add(self.expression(difference) == 0)
        return same

    # -- sums and rules --------------------------------------------------------------------------

    def sum(self, *parts: tuple[Whole, int]) -> Whole:
        """Return the sum of numbers with factors."""
        terms: dict[int, int] = {}
        constant = 0
        for number, factor in parts:
            constant += factor * number.constant
            for index, own in number.terms:
                terms[index] = terms.get(index, 0) + factor * own
        return self.whole(terms, constant)

    def expression(self, number: Whole) -> "LinearExpr":
        """Return a number as the solver's expression."""
        from ortools.sat.python import cp_model

        variables = [self.int_var(index) for index, _ in number.terms]
        factors = [factor for _, factor in number.terms]
        return cp_model.LinearExpr.weighted_sum(variables, factors) + number.constant

    def at_most(self, number: Whole, bound: int, when: Whole | None = None) -> None:
        """Say that a number is at most a bound, always or where a literal holds."""
        if number.high <= bound:
            return
        rule = self.model.add(self.expression(number) <= bound)
        if when is not None:
            rule.only_enforce_if(self.boolean(when))

    def boolean(self, literal: Whole) -> "LiteralT":
        """Return a number that is 0 or 1 as the solver's literal."""
        if not literal.terms:
            return self.int_var(self.variable(literal.constant, literal.constant))
        [(index, factor)] = literal.terms
        return self.int_var(index) if factor == 1 else ~self.int_var(index)

    # -- the rules ---------------------------------------------------------------------------------

    def solve(self, objective: Whole, *, seconds: float) -> Solved:
        """Minimise an objective under the rules; `seconds` counts the solver's own steady time.

        A second objective may only be about what was asked before the first.
        """
        from ortools.sat.python import cp_model

        if not self._is_sent:
            self._send_rules()
        self._is_sent = True
        self.model.minimize(self.expression(objective))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.linearization_level = 2  # ten times faster on groups of alternatives
        solver.parameters.max_deterministic_time = seconds
        status = solver.solve(self.model)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Solved((), 0, objective.low, is_optimal=False)
        found = solver.response_proto
        values = tuple(found.solution)
        reached = round(found.objective_value)
        bound = min(reached, round(found.best_objective_bound))
        return Solved(values, reached, bound, is_optimal=status == cp_model.OPTIMAL)

    def _send_rules(self) -> None:
        """Add the clauses and groups that open variables asked for are tied to, with a hint."""
        arrays = rule_arrays(self.family)
        value = self.status[np.abs(arrays.literal)] * np.sign(arrays.literal)
        num_rows = int(arrays.row[-1]) + 1 if arrays.row.size else 0
        holds = np.zeros(num_rows, bool)
        holds[arrays.row[value == 1]] = True
        kept = ~holds[arrays.row] & (value == 0)
        literal, row = arrays.literal[kept], arrays.row[kept]
        kept = self.status[arrays.member] == 0
        member, group = arrays.member[kept], arrays.group[kept]
        if self.family.fine is None:
            reached = self._reached((np.abs(literal), row), (member, num_rows + group))
            literal, row = literal[on := reached[np.abs(literal)]], row[on]
            member, group = member[on := reached[member]], group[on]
        for variable in np.unique(np.concatenate([np.abs(literal), member])).tolist():
            self.boolean_of(variable)
        index = self._index[np.abs(literal)]
        constraints = self.model.Proto().constraints
        for each in _rows(np.where(literal > 0, index, -index - 1), row):
            constraints.add().bool_or.literals.extend(each)
        for each in _rows(self._index[member], group):
            constraints.add().at_most_one.literals.extend(each)
        if self._witness is not None:
            known = np.flatnonzero(self._index >= 0)
            for at, sign in zip(
                self._index[known].tolist(), self._witness[known].tolist(), strict=True
            ):
                self.model.add_hint(self.int_var(at), sign > 0)

    def _reached(self, *ties: tuple[Ints, Ints]) -> NDArray[np.bool_]:
        """Return which variables are tied to one that has a place in the solver."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        column = np.concatenate([variable for variable, _ in ties])
        row = np.concatenate([rows for _, rows in ties]) + self.status.size
        size = int(row.max(initial=self.status.size)) + 1
        graph = coo_array((np.ones(row.size, np.int8), (column, row)), shape=(size, size))
        _, component = connected_components(graph, directed=False)
        touched = np.zeros(size, bool)
        touched[component[: self._index.size][self._index >= 0]] = True
        reached: NDArray[np.bool_] = touched[component[: self.status.size]]
        return reached


def _rows(literals: Ints, row: Ints) -> list[list[int]]:
    """Return the literals row by row."""
    if not row.size:
        return []
    ends = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), row.size]
    every = literals.tolist()
    return [every[first:last] for first, last in pairwise(ends)]


def _status(family: Family, picks: Picks) -> NDArray[np.int8]:
    """Return what follows at once from picks, where nothing better is known."""
    space = workspace_of(family)
    status = np.zeros(family.clauses.num_vars + 1, np.int8)
    literals = space.literals(family, picks)
    if family.fine is None:
        literals += space.implied(literals)
    for literal in literals:
        if abs(literal) < status.size:
            status[abs(literal)] = 1 if literal > 0 else -1
    return status
