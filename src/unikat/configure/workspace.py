"""The mutable side of a choice: a SAT solver a (family, thread); nothing visible depends on it."""

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from unikat.configure.pool import Pool
from unikat.family.model import Clauses, Family, Feature, FineRules, Grid, Value
from unikat.family.solving import (
    Deciding,
    Reaching,
    SatSolver,
    every_clause,
    open_selecting,
)
from unikat.family.values import literals_of
from unikat.terms import FeatureName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from unikat.configure.rule_arrays import RuleArrays
    from unikat.family._kernels import Lits
    from unikat.family.fine_solver import FineSolver
    from unikat.family.reach import Reach

Pick: TypeAlias = tuple[FeatureName, Value]
Picks: TypeAlias = tuple[Pick, ...]
Model: TypeAlias = list[int]
"""One valid configuration: entry v - 1 is v or -v; ask `holds` for literals of grids."""

_KEPT: Final = 512
"""Most answers a workspace remembers."""
_LARGE: Final = 1_000_000
"""Most variables of all remembered answers together: at 18,616 features 53 answers, 7 MB."""
_Kept = TypeVar("_Kept")
_local: Final = threading.local()


class Workspace:
    """Solves for one family in one thread; remembers recent answers by picks.

    It must not refer to the family, whose end of life ends it.
    """

    def __init__(
        self,
        clauses: Clauses,
        fine: FineRules | None = None,
        variables: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.clauses = clauses
        self._rules = fine
        self._variables = variables
        self._fine: FineSolver | None = None
        self.reach: Reach | None = None
        self.wanted: tuple[NDArray[np.int64], Lits] | None = None
        self.arrays: RuleArrays | None = None
        self._solver: SatSolver | None = None
        self._selecting: Deciding | None = None
        self._pool = Pool(clauses.num_vars)
        self._answers: OrderedDict[Hashable, object] = OrderedDict()
        self._kept = max(16, min(_KEPT, _LARGE // clauses.num_vars))

    def solver(self) -> SatSolver:
        """Return the SAT solver; the first caller loads it with all clauses."""
        if self._solver is None:
            self._solver = SatSolver(every_clause(self.clauses))
            weakref.finalize(self, self._solver.delete)
        return self._solver

    def fine(self) -> "FineSolver | None":
        """Return the solver of a family with fine rules."""
        if self._fine is None and self._rules is not None:
            from unikat.family.fine_solver import FineSolver

            self._fine = FineSolver(self.clauses, self._rules, self._variables)
        return self._fine

    def _deciding(self) -> Deciding:
        return self.fine() or self.solver()

    def model(self, assumptions: list[int]) -> Model | None:
        """Return a valid configuration with these literals, or None when there is none."""
        solver = self._deciding()
        return solver.get_model() if solver.solve(assumptions=assumptions) else None

    def found(self, assumptions: list[int]) -> Model | None:
        """Return what `model` does, and keep it for `has_found` and `unseen`."""
        model = self.model(assumptions)
        if model is not None:
            self._pool.add(model)
        return model

    def has_found(self, literals: list[int]) -> bool:
        """Whether a configuration found lately has these literals; false: nothing is known."""
        return any(self._pool.having(literals))

    def unseen(self, literals: list[int], num: int) -> set[int]:
        """Return the literals of the first `num` variables that no such configuration shows.

        `literals` are possible together.
        """
        if not self.has_found(literals) and self.found(literals) is None:
            raise AssertionError("picks of a choice are possible")
        return self._pool.unseen(self._pool.having(literals), num)

    def near(self, assumptions: list[int], phases: list[int]) -> Model | None:
        """Return such a configuration that differs from `phases` where it seems to be needed."""
        self.solver().set_phases(phases)
        return self.model(assumptions)

    def is_possible(self, assumptions: list[int]) -> bool:
        """Whether some valid configuration has these literals."""
        return bool(self._deciding().solve(assumptions=assumptions))

    def core(self) -> frozenset[int]:
        """Return the assumptions that contradicted the rules in the last call."""
        return frozenset(self._deciding().get_core() or ())

    def implied(self, assumptions: list[int]) -> frozenset[int]:
        """Return literals that follow at once (not all that follow)."""
        fine = self.fine()
        if fine is not None:
            return frozenset(fine.implied(assumptions))
        return frozenset(self.solver().propagate(assumptions))

    def selecting(self) -> tuple[Deciding, dict[int, int]]:
        """Return a solver in which each part has a selector, and selector -> index of its part."""
        first = self.clauses.num_vars + 1
        if self._selecting is None:
            solver = open_selecting(self.clauses, self._rules, self._variables)
            weakref.finalize(self, solver.delete)
            self._selecting = solver
        return self._selecting, {first + i: i for i in range(len(self.clauses.parts))}

    def remember(self, key: Hashable, find: Callable[[], _Kept], kind: type[_Kept]) -> _Kept:
        """Return the answer kept for a key, or find and keep it; the oldest is forgotten first."""
        known = self.recall(key, kind)
        if known is not None:
            self._answers.move_to_end(key)
            return known
        answer = find()
        self._answers[key] = answer
        if len(self._answers) > self._kept:
            self._answers.popitem(last=False)
        return answer

    def recall(self, key: Hashable, kind: type[_Kept]) -> _Kept | None:
        """Return the answer kept for a key, if there is one."""
        known = self._answers.get(key)
        return known if isinstance(known, kind) else None

    def literals(self, family: Family, picks: Iterable[tuple[FeatureName, Value]]) -> list[int]:
        """Return the literals of picks."""
        found: list[int] = []
        for name, value in picks:
            index = family.index[name]
            found += literals_of(self.clauses, index + 1, family.features[index], value)
        return found


def picks_key(picks: Picks) -> frozenset[tuple[FeatureName, Value, bool]]:
    """Return what two sequences of the same picks share; true is not the number 1."""
    return frozenset((name, value, isinstance(value, bool)) for name, value in picks)


def workspace_of(family: Family) -> Workspace:
    """Return this thread's workspace of a family."""
    if getattr(_local, "family", _no_family)() is family:
        last: Workspace = _local.last
        return last
    spaces: weakref.WeakKeyDictionary[Family, Workspace] | None = getattr(_local, "spaces", None)
    if spaces is None:
        spaces = _local.spaces = weakref.WeakKeyDictionary()
    space = spaces.get(family)
    if space is None:
        variables = {name: i + 1 for name, i in family.index.items()}
        space = spaces[family] = Workspace(family.clauses, family.fine, variables)
    _local.family, _local.last = weakref.ref(family), space
    return space


def _no_family() -> None:
    """Stand for a reference to the last family before there was one."""


def holds(model: Model, literal: int) -> bool:
    """Whether a literal holds in a configuration: of a variable, or of a grid."""
    at = abs(literal) - 1
    if at < len(model):
        return model[at] == literal
    return isinstance(model, Reaching) and model.reaches(at + 1) is (literal > 0)


def place_in(model: Model, grid: Grid) -> int:
    """Return which grid value a model gives a number: how many of its literals hold."""
    low, high = 0, grid.num
    while low < high:
        middle = (low + high + 1) // 2
        if holds(model, grid.base + middle):
            low = middle
        else:
            high = middle - 1
    return low


def between(grid: Grid, low: int, high: int) -> list[int]:
    """Return the literals "grid place low..high"."""
    literals = [grid.base + low] if low > 0 else []
    return literals + ([-(grid.base + high + 1)] if high < grid.num else [])


def grid_value(grid: Grid, place: int) -> Fraction:
    """Return the number at a grid place."""
    return grid.low + place * grid.step


def nearest(
    space: Workspace, assumptions: list[int], grid: Grid, place: int
) -> tuple[int | None, int | None]:
    """Return the nearest possible grid places at or below, and at or above, `place`."""
    below = _extreme(space, assumptions, grid, 0, place, rising=False)
    above = _extreme(space, assumptions, grid, place, grid.num, rising=True)
    return below, above


def _extreme(
    space: Workspace, assumptions: list[int], grid: Grid, low: int, high: int, *, rising: bool
) -> int | None:
    """Return the smallest (rising) or largest possible place in low..high, by bisection."""
    best: int | None = None
    while low <= high:
        first, last = (low, high) if best is None else _half(low, high, rising=rising)
        model = space.model([*assumptions, *between(grid, first, last)])
        if model is not None:
            best = place_in(model, grid)
            low, high = (low, best - 1) if rising else (best + 1, high)
        elif best is None:
            return None
        else:
            low, high = (last + 1, high) if rising else (low, first - 1)
    return best


def _half(low: int, high: int, *, rising: bool) -> tuple[int, int]:
    middle = (low + high) // 2
    return (low, middle) if rising else ((low + high + 1) // 2, high)


def lowest(space: Workspace, assumptions: list[int], grid: Grid, known: int, floor: int) -> int:
    """Return the smallest possible place, given a possible one and a lower bound."""
    if floor == known or space.is_possible([*assumptions, *between(grid, floor, floor)]):
        return floor
    found = _extreme(space, assumptions, grid, floor + 1, known - 1, rising=True)
    return known if found is None else found


def highest(space: Workspace, assumptions: list[int], grid: Grid, known: int, ceiling: int) -> int:
    """Return the largest possible place, given a possible one and an upper bound."""
    if ceiling == known or space.is_possible([*assumptions, *between(grid, ceiling, ceiling)]):
        return ceiling
    found = _extreme(space, assumptions, grid, known + 1, ceiling - 1, rising=False)
    return known if found is None else found


def grid_of(family: Family, feature: Feature) -> Grid | None:
    """Return the grid of a number or text that some rule reads."""
    return family.clauses.grids.get(feature.name)
