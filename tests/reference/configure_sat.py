"""Status of every option by a SAT solver alone, in two ways that share no code with the kernels.

`Naive` asks twice for each option; `Pool` first looks at the configurations it has met.
"""

import numpy as np
from pysat.solvers import Solver


class Naive:
    """Two calls an option."""

    def __init__(self, clauses, num_shown, solver="cadical153"):
        every = [*clauses.hard, *(each for part in clauses.parts for each in part.clauses)]
        self.solver = Solver(name=solver, bootstrap_with=every)
        self.num_shown = num_shown

    def status(self, picks):
        """Return int8 (num_shown + 1,): 1 forced, -1 forbidden, 0 open."""
        found = np.zeros(self.num_shown + 1, np.int8)
        for var in range(1, self.num_shown + 1):
            can_be = self.solver.solve(assumptions=[*picks, var])
            need_not_be = self.solver.solve(assumptions=[*picks, -var])
            assert can_be or need_not_be
            found[var] = 0 if can_be and need_not_be else 1 if can_be else -1
        return found

    def close(self):
        self.solver.delete()


class Pool:
    """A ring of configurations met before; a call only for a value that none of them shows."""

    def __init__(self, clauses, num_shown, size=1024):
        every = [*clauses.hard, *(each for part in clauses.parts for each in part.clauses)]
        self.solver = Solver(name="glucose4", bootstrap_with=every)
        self.num_shown = num_shown
        self.seen = np.zeros((size, num_shown + 1), bool)
        self.stored = 0

    def status(self, picks):
        """Return what `Naive.status` does; picks are literals of shown variables."""
        rows = self.seen[: min(self.stored, len(self.seen))]
        for pick in picks:
            rows = rows[rows[:, abs(pick)] == (pick > 0)]
        some, every = rows.any(axis=0), rows.all(axis=0)
        if not len(rows):
            some, every = self._ask(picks, some, every)
        found = np.zeros(self.num_shown + 1, np.int8)
        fixed = list(picks)
        for var in range(1, self.num_shown + 1):
            if some[var] != every[var]:
                continue
            asked = -var if every[var] else var
            if self.solver.solve(assumptions=[*fixed, asked]):
                self._note(some, every)
            else:
                found[var] = 1 if every[var] else -1
                fixed.append(-asked)
        return found

    def _ask(self, picks, some, every):
        assert self.solver.solve(assumptions=picks)
        some[:], every[:] = False, True
        self._note(some, every)
        return some, every

    def _note(self, some, every):
        model = np.array(self.solver.get_model()[: self.num_shown]) > 0
        row = self.seen[self.stored % len(self.seen)]
        row[1:] = model
        self.stored += 1
        some |= row
        every &= row

    def close(self):
        self.solver.delete()
