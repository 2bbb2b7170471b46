"""A family of few valid configurations keeps a list of them, so that a click only looks.

Imported inside functions only, for it brings numba.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from unikat.family import _kernels, _kernels_table
from unikat.family.model import Clauses, Standing
from unikat.family.reach import Reach

if TYPE_CHECKING:
    from pysat.solvers import Solver

MOST: Final = 1_024
"""Most valid configurations of a family that lists them."""
_TRIES: Final = 4 * MOST
_FLIPS: Final = 50
_CONFLICTS: Final = 10_000
_ROOT: Final = 1
"""A literal that all configurations have."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All valid configurations, as bits by configuration and by variable; see `keep`."""

    rows: NDArray[np.uint64]
    columns: NDArray[np.uint64]

    def first(self) -> Standing:
        """Return what stands before any pick."""
        every = np.zeros(self.columns.shape[1] * 64, np.uint8)
        every[: len(self.rows)] = 1
        agreeing = np.packbits(every, bitorder="little").view(np.uint64)
        agreeing.setflags(write=False)
        values = np.zeros(2 * len(self.columns), np.int8)
        found = self._kept(agreeing, _ROOT, values)
        if found is None:
            raise AssertionError("a table has a row")
        return found

    def add(self, at: Standing, literals: Sequence[int]) -> Standing | None:
        """Return what stands when literals are added to `at`; None: no configuration has all."""
        found: Standing | None = at
        for literal in literals:
            if found is None or found.agreeing is None:
                break
            found = self._kept(found.agreeing, literal, np.empty(found.values.size, np.int8))
        return found

    def _kept(
        self, before: NDArray[np.uint64], literal: int, values: NDArray[np.int8]
    ) -> Standing | None:
        agreeing = np.empty(before.size, np.uint64)
        if not _kernels_table.keep(self.rows, self.columns, before, literal, agreeing, values):
            return None
        values.setflags(write=False)
        agreeing.setflags(write=False)
        return Standing(values, agreeing)


def tabulate(reach: Reach, clauses: Clauses) -> Table | None:
    """List all valid configurations, or return None where there are more than a thousand.

    `reach` stands at the beginning. Most families show more by repairs in some milliseconds.
    """
    met = _met(reach)
    models = _listed(clauses, met) if met is not None else None
    if models is None:
        return None
    bits = np.zeros((-(-len(models) // 64) * 64, -(-(clauses.num_vars + 1) // 64) * 64), np.uint8)
    bits[: len(models), 1 : clauses.num_vars + 1] = np.array(models) > 0
    rows = np.packbits(bits[: len(models)], axis=1, bitorder="little").view(np.uint64)
    by_variable = np.ascontiguousarray(bits[:, : clauses.num_vars + 1].T)
    return Table(rows, np.packbits(by_variable, axis=1, bitorder="little").view(np.uint64))


def _met(reach: Reach) -> list[list[int]] | None:
    """Return configurations that repairs lead to; None when they are too many."""
    space, rng = reach.space, Random(0)
    left = np.flatnonzero(space.status[1:] == 0) + 1
    found = {space.witness.tobytes()}
    wanted = np.empty(1, np.int32)
    for _ in range(_TRIES if left.size else 0):
        var = int(left[rng.randrange(left.size)])
        wanted[0] = 2 * var + (space.witness[var] > 0)
        if _kernels.repair(reach.held, wanted, 1, _FLIPS):
            found.add(space.witness.tobytes())
            if len(found) > MOST:
                return None
    variables = np.arange(1, space.witness.size)
    return [(variables * np.frombuffer(each, np.int8)[1:]).tolist() for each in found]


def _listed(clauses: Clauses, met: list[list[int]]) -> list[list[int]] | None:
    """Return all configurations, of which some were met; None when they are many or hard."""
    from pysat.solvers import Solver

    models = list(met)
    with Solver(name="glucose4", bootstrap_with=clauses.hard) as solver:
        for part in clauses.parts:
            solver.append_formula(part.clauses, no_return=True)
        for model in met:
            solver.add_clause([-literal for literal in model])
        while (other := _next(solver)) is not None:
            if len(models) == MOST or len(other) != clauses.num_vars:
                return None
            models.append(other)
            solver.add_clause([-literal for literal in other])
        return models if solver.get_status() is False else None


def _next(solver: "Solver") -> list[int] | None:
    solver.conf_budget(_CONFLICTS)
    if not solver.solve_limited():
        return None
    model: list[int] = solver.get_model()
    return model
