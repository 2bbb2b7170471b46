"""Variables that nobody asks about -> gone: what is left says the same of all the others.

Variable elimination by resolution with subsumption (Een and Biere, SAT 2005).
"""

from collections.abc import Collection, Iterable
from heapq import heapify, heappop, heappush
from typing import Final

from unikat.configure.splitting import Clause, Formula

_MORE: Final = 8
"""Clauses that eliminating a variable may add."""
_MOST_PAIRS: Final = 1_000
"""Most pairs of clauses that are resolved for one variable."""
_LONGEST: Final = 40
"""Most literals of a clause that elimination may make."""


def eliminate(formula: Formula, variables: Collection[int]) -> Formula:
    """Eliminate variables, cheapest first; those that would add too many clauses stay."""
    clauses = _Clauses(formula)
    queue = [(clauses.cost(each), each) for each in variables]
    heapify(queue)
    while queue:
        cost, variable = heappop(queue)
        now = clauses.cost(variable)
        if now != cost:
            heappush(queue, (now, variable))
        else:
            clauses.eliminate(variable)
    return frozenset(clauses.every)


class _Clauses:
    """Clauses with the places of every literal."""

    def __init__(self, formula: Iterable[Clause]) -> None:
        self.every: set[Clause] = set()
        self.of: dict[int, set[Clause]] = {}
        for clause in formula:
            self._add(clause)

    def _add(self, clause: Clause) -> None:
        self.every.add(clause)
        for literal in clause:
            self.of.setdefault(literal, set()).add(clause)

    def _drop(self, clause: Clause) -> None:
        self.every.remove(clause)
        for literal in clause:
            self.of[literal].remove(clause)

    def cost(self, variable: int) -> int:
        return len(self.of.get(variable, ())) * len(self.of.get(-variable, ()))

    def eliminate(self, variable: int) -> None:
        """Replace the clauses of a variable by their resolvents, unless these are too many."""
        with_it, without = self.of.get(variable, set()), self.of.get(-variable, set())
        if len(with_it) * len(without) > _MOST_PAIRS:
            return
        resolvents = (
            (one - {variable}) | (other - {-variable}) for one in with_it for other in without
        )
        added = _minimal({each for each in resolvents if not _is_always_true(each)})
        longest = max(map(len, added), default=0)
        if len(added) > len(with_it) + len(without) + _MORE or longest > _LONGEST:
            return
        for clause in tuple(with_it | without):
            self._drop(clause)
        for clause in added:
            if not self._is_subsumed(clause):
                self._drop_subsumed(clause)
                self._add(clause)

    def _is_subsumed(self, clause: Clause) -> bool:
        return any(each <= clause for literal in clause for each in self.of.get(literal, ()))

    def _drop_subsumed(self, clause: Clause) -> None:
        rarest = min(clause, key=lambda literal: len(self.of.get(literal, ())))
        for each in [each for each in self.of.get(rarest, ()) if clause <= each]:
            self._drop(each)


def _is_always_true(clause: Clause) -> bool:
    return any(-literal in clause for literal in clause)


def _minimal(clauses: set[Clause]) -> set[Clause]:
    """Drop clauses that another one implies."""
    kept: list[Clause] = []
    for clause in sorted(clauses, key=len):
        if not any(each <= clause for each in kept):
            kept.append(clause)
    return set(kept)
