"""How many valid configurations a family has: exact by splitting, or a proven lower bound.

Exhaustive search that splits what is left into independent components, counts each once and
multiplies (Bayardo and Pehoushek, AAAI 2000; component caching: Sang et al., SAT 2004).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from unikat.family.model import Clauses, Family

if TYPE_CHECKING:
    from pysat.solvers import Solver

Clause: TypeAlias = frozenset[int]
Formula: TypeAlias = frozenset[Clause]

NUM_CLAUSES: Final = 1_000_000
"""Most clauses of formulas that are split before counting gives up; some seconds."""
NUM_LISTED: Final = 1_000
"""Most configurations listed for a lower bound."""
_DEEPEST: Final = 150


@dataclass(frozen=True, slots=True)
class Count:
    """The number of valid sets of options (numbers and texts apart), or at least so many."""

    number: int
    is_exact: bool


class _TooLong(Exception):
    """Counting would take too long."""


def count_configurations(family: Family) -> Count:
    """Count the valid sets of options: exactly, or a lower bound where that takes too long."""
    num_options = len(family.features)
    if family.clauses.num_vars == num_options + 1:
        clauses = chain(family.clauses.hard, *(part.clauses for part in family.clauses.parts))
        try:
            return Count(_Counter().models(clauses, family.clauses.num_vars), is_exact=True)
        except _TooLong:
            pass
    return _listed(family.clauses, num_options)


@dataclass(slots=True)
class _Counter:
    known: dict[Formula, int] = field(default_factory=dict)
    num_clauses: int = 0

    def models(self, clauses: Iterable[tuple[int, ...]], num_vars: int) -> int:
        """Count the models over `num_vars` variables."""
        formula = frozenset(map(frozenset, clauses))
        left = _fixed(formula, ())
        if left is None:
            return 0
        fixed, rest = left
        return self._all(rest, 0) << (num_vars - len(fixed) - len(_variables(rest)))

    def _all(self, formula: Formula, depth: int) -> int:
        product = 1
        for component in _components(formula):
            product *= self._one(component, depth)
            if not product:
                break
        return product

    def _one(self, formula: Formula, depth: int) -> int:
        """Count the models of a component by trying its most frequent variable both ways."""
        known = self.known.get(formula)
        if known is not None:
            return known
        self.num_clauses += len(formula)
        if self.num_clauses > NUM_CLAUSES or depth > _DEEPEST:
            raise _TooLong
        counts = Counter(abs(literal) for clause in formula for literal in clause)
        variable = max(counts, key=lambda each: (counts[each], each))
        total = 0
        for literal in (variable, -variable):
            left = _fixed(formula, (literal,))
            if left is not None:
                fixed, rest = left
                num_free = len(counts) - len(fixed) - len(_variables(rest))
                total += self._all(rest, depth + 1) << num_free
        self.known[formula] = total
        return total


def _fixed(formula: Formula, literals: tuple[int, ...]) -> tuple[set[int], Formula] | None:
    """Fix literals and all that follows by unit clauses; None: a conflict."""
    true: set[int] = set()
    waiting = set(literals) | {next(iter(each)) for each in formula if len(each) == 1}
    while waiting:
        true |= waiting
        if any(-literal in true for literal in waiting):
            return None
        false = {-literal for literal in waiting}
        formula = frozenset(
            each if each.isdisjoint(false) else each - false
            for each in formula
            if each.isdisjoint(waiting)
        )
        if frozenset() in formula:
            return None
        waiting = {next(iter(each)) for each in formula if len(each) == 1}
    return true, formula


def _variables(formula: Formula) -> set[int]:
    return {abs(literal) for clause in formula for literal in clause}


def _components(formula: Formula) -> list[Formula]:
    """Split clauses into sets without a common variable."""
    of: dict[int, list[Clause]] = {}
    for clause in formula:
        for literal in clause:
            of.setdefault(abs(literal), []).append(clause)
    found: list[Formula] = []
    while of:
        reached, waiting = set[Clause](), [next(iter(of))]
        while waiting:
            for clause in of.pop(waiting.pop(), ()):
                if clause not in reached:
                    reached.add(clause)
                    waiting += map(abs, clause)
        found.append(frozenset(reached))
    return found


def _listed(clauses: Clauses, num_options: int) -> Count:
    """List configurations up to a number; exact if there are no more."""
    from pysat.solvers import Solver

    with Solver(name="glucose4", bootstrap_with=clauses.hard) as solver:
        for part in clauses.parts:
            solver.append_formula(part.clauses, no_return=True)
        number = 0
        while number < NUM_LISTED and _excluded(solver, num_options):
            number += 1
        return Count(number, is_exact=number < NUM_LISTED)


def _excluded(solver: "Solver", num_options: int) -> bool:
    """Find a configuration not found before, and exclude it."""
    if not solver.solve():
        return False
    solver.add_clause([-literal for literal in solver.get_model()[:num_options]])
    return True
