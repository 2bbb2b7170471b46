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
    """A ring of configurations met before, as bits; a call only for a value that none shows."""

    def __init__(self, clauses, num_shown, num_words=16):
        every = [*clauses.hard, *(each for part in clauses.parts for each in part.clauses)]
        self.solver = Solver(name="glucose4", bootstrap_with=every)
        self.num_shown = num_shown
        self.bits = np.zeros((num_words, num_shown + 1), np.uint64)
        self.filled = np.zeros(num_words, np.uint64)
        self.stored = 0

    def status(self, picks):
        """Return what `Naive.status` does; picks are literals of shown variables."""
        mask = self.filled.copy()
        for pick in picks:
            column = self.bits[:, abs(pick)]
            mask &= column if pick > 0 else ~column
        words = np.flatnonzero(mask)
        bits, few = self.bits[words], mask[words, None]
        some, others = (bits & few).any(axis=0), (~bits & few).any(axis=0)
        fixed = list(picks)
        if not len(words):
            assert self.solver.solve(assumptions=fixed)
            self._note(some, others)
        found = np.zeros(self.num_shown + 1, np.int8)
        for var in (np.flatnonzero(some[1:] != others[1:]) + 1).tolist():
            if some[var] and others[var]:
                continue
            asked = var if others[var] else -var
            if self.solver.solve(assumptions=[*fixed, asked]):
                self._note(some, others)
            else:
                found[var] = 1 if asked < 0 else -1
                fixed.append(-asked)
        return found

    def _note(self, some, others):
        model = np.array(self.solver.get_model()[: self.num_shown]) > 0
        word, bit = divmod(self.stored % (64 * len(self.filled)), 64)
        one = np.uint64(1 << bit)
        self.bits[word, 1:] = np.where(model, self.bits[word, 1:] | one, self.bits[word, 1:] & ~one)
        self.filled[word] |= one
        self.stored += 1
        some[1:] |= model
        others[1:] |= ~model

    def close(self):
        self.solver.delete()
