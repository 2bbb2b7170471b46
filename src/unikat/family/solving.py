"""What decides a family: a SAT solver over its clauses, or one that knows its fine rules, too."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from unikat.family.model import Clauses, FineRules
from unikat.terms import FeatureName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EASY: Final = 2_000
"""Conflicts until Glucose is not asked again; 18,616 features of industry take a few a call."""
STOPPABLE: Final = "maplechrono"
"""What goes on where conflicts are limited. Of 1,000 options under 3,500 random rules of three
literals a first configuration took Glucose up to 83,000 conflicts, and this one 300 to 1,200."""
PATIENT: Final = "cadical195"
"""What goes on where they are not: there, clicks have a p99 of 15 ms by it, 38 ms by the other."""


class Undecided(Exception):
    """A question took more conflicts than were allowed: the answer may be yes or no."""


@runtime_checkable
class Reaching(Protocol):
    """A configuration that knows literals of grids."""

    def reaches(self, literal: int) -> bool:
        """Whether a literal of a grid, "column >= value", holds."""
        ...


class Deciding(Protocol):
    """What all solvers can do; a model's entry v - 1 is v or -v."""

    def solve(self, assumptions: Iterable[int] = ()) -> bool:
        """Whether some configuration has these literals."""
        ...

    def get_model(self) -> list[int]:
        """Return the configuration found last."""
        ...

    def get_core(self) -> list[int] | None:
        """Return assumptions of the last call that no configuration has together."""
        ...

    def delete(self) -> None:
        """Free what it holds."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What rules and picks leave: exact statuses, and bounds of every number that rules read.

    `status` int8, shape (F + 1,): 1 forced, -1 forbidden, 0 open; `bounds` as grid places, None
    where the number cannot be selected.
    """

    status: "NDArray[np.int8]"
    bounds: Mapping[FeatureName, tuple[int, int] | None]


class SatSolver:
    """Glucose while it answers at once; from the first hard question on, another solver.

    Families of industry never come to that.
    """

    def __init__(self, clauses: Iterable[Sequence[int]] = (), limit: int | None = None) -> None:
        """Hold clauses; `limit` conflicts in all of hard questions end in `Undecided`."""
        from pysat.solvers import Solver

        self.limit = limit
        self._quick = self._active = Solver(name="glucose4")
        self._clauses: list[Sequence[int]] = []
        self._phases: Sequence[int] = ()
        self.append_formula(clauses)

    def append_formula(self, clauses: Iterable[Sequence[int]]) -> None:
        """Add clauses."""
        added = list(clauses)
        self._clauses += added
        self._quick.append_formula(added, no_return=True)
        if self._active is not self._quick:
            self._active.append_formula(added, no_return=True)

    def set_phases(self, literals: Sequence[int]) -> None:
        """Prefer these literals where the rules leave a choice."""
        self._phases = literals
        self._active.set_phases(literals)

    def solve(self, assumptions: Iterable[int] = ()) -> bool:
        """Whether some configuration has these literals; raises Undecided at the limit."""
        assumed = list(assumptions)
        if self._active is self._quick:
            self._quick.conf_budget(EASY)
            found: bool | None = self._quick.solve_limited(assumptions=assumed)
            if found is not None:
                return found
            self._change()
        if self.limit is None:
            return bool(self._active.solve(assumptions=assumed))
        return self._solve_limited(self.limit, assumed)

    def _change(self) -> None:
        from pysat.solvers import Solver

        name = PATIENT if self.limit is None else STOPPABLE
        self._active = Solver(name=name, bootstrap_with=self._clauses)
        if self._phases:
            self._active.set_phases(self._phases)

    def _solve_limited(self, limit: int, assumptions: list[int]) -> bool:
        before = self._active.accum_stats()["conflicts"]
        self._active.conf_budget(max(1, limit))
        found: bool | None = self._active.solve_limited(assumptions=assumptions)
        self.limit = limit - (self._active.accum_stats()["conflicts"] - before)
        if found is None:
            raise Undecided
        return found

    def propagate(self, assumptions: Sequence[int]) -> list[int]:
        """Return the literals that follow at once from these."""
        _, literals = self._quick.propagate(assumptions=assumptions)
        found: list[int] = literals
        return found

    def get_model(self) -> list[int]:
        """Return the configuration found last."""
        model: list[int] = self._active.get_model()
        return model

    def get_core(self) -> list[int] | None:
        """Return assumptions of the last call that no configuration has together."""
        core: list[int] | None = self._active.get_core()
        return core

    def delete(self) -> None:
        """Free both solvers."""
        self._active.delete()
        if self._active is not self._quick:
            self._quick.delete()


def open_solver(
    clauses: Clauses,
    fine: FineRules | None,
    variables: Mapping[str, int],
    limit: int | None = None,
) -> Deciding:
    """Return a solver of all rules; `variables` gives the variable of a feature.

    A limit of conflicts is for families without fine rules.
    """
    if fine is not None:
        from unikat.family.fine_solver import FineSolver

        return FineSolver(clauses, fine, variables)
    return SatSolver(every_clause(clauses), limit)


def every_clause(clauses: Clauses) -> Iterable[Sequence[int]]:
    """Return all clauses of a family."""
    return chain(clauses.hard, chain.from_iterable(part.clauses for part in clauses.parts))


def open_selecting(
    clauses: Clauses,
    fine: FineRules | None,
    variables: Mapping[str, int],
    limit: int | None = None,
) -> Deciding:
    """Return a solver in which part i holds only where variable ``num_vars + 1 + i`` does."""
    if fine is not None:
        from unikat.family.fine_solver import FineSolver

        return FineSolver(clauses, fine, variables, is_selecting=True)
    return open_solver(guarded(clauses), None, variables, limit)


def guarded(clauses: Clauses) -> Clauses:
    """Let each part hold only where its own new variable does."""
    first = clauses.num_vars + 1
    selecting = (
        (-(first + i), *clause) for i, part in enumerate(clauses.parts) for clause in part.clauses
    )
    num_vars = clauses.num_vars + len(clauses.parts)
    return Clauses(num_vars, (*clauses.hard, *selecting), (), clauses.grids, clauses.texts)
