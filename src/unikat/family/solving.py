"""What decides a family: a SAT solver over its clauses, or one that knows its fine rules, too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from unikat.family.model import Clauses, FineRules
from unikat.terms import FeatureName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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


def open_solver(clauses: Clauses, fine: FineRules | None, variables: Mapping[str, int]) -> Deciding:
    """Return a solver of all rules; `variables` gives the variable of a feature."""
    if fine is not None:
        from unikat.family.fine_solver import FineSolver

        return FineSolver(clauses, fine, variables)
    from pysat.solvers import Solver

    solver = Solver(name="glucose4", bootstrap_with=clauses.hard)
    for part in clauses.parts:
        solver.append_formula(part.clauses, no_return=True)
    found: Deciding = solver
    return found


def open_selecting(
    clauses: Clauses, fine: FineRules | None, variables: Mapping[str, int]
) -> Deciding:
    """Return a solver in which part i holds only where variable ``num_vars + 1 + i`` does."""
    if fine is not None:
        from unikat.family.fine_solver import FineSolver

        return FineSolver(clauses, fine, variables, is_selecting=True)
    return open_solver(guarded(clauses), None, variables)


def guarded(clauses: Clauses) -> Clauses:
    """Let each part hold only where its own new variable does."""
    first = clauses.num_vars + 1
    selecting = (
        (-(first + i), *clause) for i, part in enumerate(clauses.parts) for clause in part.clauses
    )
    num_vars = clauses.num_vars + len(clauses.parts)
    return Clauses(num_vars, (*clauses.hard, *selecting), (), clauses.grids, clauses.texts)
