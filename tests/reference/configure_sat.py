"""Status of every option by a SAT solver alone, in ways that share no code with the kernels.

`Naive` asks twice for each option; `Pool` first looks at the configurations it has met; `Witnesses`
proves a claimed status, which takes seconds where asking twice takes minutes.
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


class Witnesses:
    """Proves both values of an option possible, or one impossible; a configuration serves all.

    What it accepts is what `Naive` would say: every open value is in a configuration that the
    solver found with the picks, every other one was refuted by the solver.
    """

    def __init__(self, clauses, num_shown, solver="minisat22"):
        every = [*clauses.hard, *(each for part in clauses.parts for each in part.clauses)]
        self.solver = Solver(name=solver, bootstrap_with=every)
        self.num_shown = num_shown

    def num_wrong(self, picks, status):
        """Return how many of the statuses, int8 (num_shown + 1,), are not what the picks leave."""
        assert self.solver.solve(assumptions=picks)
        seen = {1: status != 0, -1: status != 0}
        self._note(seen)
        return self._num_impossible(picks, seen) + self._num_possible(picks, status)

    def _num_impossible(self, picks, seen):
        wrong = 0
        while True:
            left = [sign * np.flatnonzero(~seen[sign][1:]) + sign for sign in (1, -1)]
            left = np.concatenate(left).tolist()
            if not left:
                return wrong
            self.solver.set_phases(left)
            if self.solver.solve(assumptions=[*picks, left[0]]):
                self._note(seen)
            else:
                wrong += 1
                seen[1 if left[0] > 0 else -1][abs(left[0])] = True

    def _note(self, seen):
        model = np.array(self.solver.get_model()[: self.num_shown])
        seen[1][1:] |= model > 0
        seen[-1][1:] |= model < 0

    def _num_possible(self, picks, status):
        fixed = (np.flatnonzero(status) * status[status != 0]).tolist()
        _, implied = self.solver.propagate(assumptions=picks)
        implied = set(implied)
        asked = [each for each in fixed if each not in implied]
        return sum(self.solver.solve(assumptions=[*picks, -each]) for each in asked)

    def close(self):
        self.solver.delete()
