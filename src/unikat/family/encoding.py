"""Numbers as ordered literals: for each possible value of a term, the literal "at least this".

Sums, products, minima and maxima of terms are terms again, so every comparison of a rule becomes
clauses, and a SAT solver decides Booleans and numbers together, exactly. (Order encoding: Tamura et
al., Constraints 14, 2009.)
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from unikat.family.model import Exact

MAX_PAIRS = 400_000
"""Most pairs of values in one operation; above, it is too fine."""


MOST_PAIRS = 50_000
"""With so many pairs of values in all rules of a family, its numbers become columns."""


MAX_GRID = 2_000
"""Most values a number may have before it becomes a column."""


MAX_MEMBERS = 1_000
"""Largest group of which every pair excludes each other by a clause of its own."""


class TooFine(Exception):
    """Literals for all combinations of values would be too many; caught inside this room."""


@dataclass(frozen=True, slots=True)
class Term:
    """`at_least[i]` is the literal "the term is >= values[i]"; values ascend, at_least[0] is always
    true.
    """

    values: tuple[Exact, ...]
    at_least: tuple[int, ...]


class Encoder:
    """Collects clauses; `true` is a literal that always holds."""

    def __init__(self, num_features: int) -> None:
        self.num_vars = num_features + 1
        self.true = num_features + 1
        self.num_pairs = 0
        self.clauses: list[tuple[int, ...]] = [(self.true,)]

    def new(self, count: int = 1) -> int:
        """Reserve variables in sequence and return the first."""
        first = self.num_vars + 1
        self.num_vars += count
        return first

    def add(self, *literals: int) -> None:
        """Add a clause, without the constants in it."""
        if self.true not in literals:
            self.clauses.append(tuple(each for each in literals if each != -self.true))

    def all_of(self, literals: Sequence[int]) -> int:
        """Return a literal equivalent to all of these."""
        needed = [each for each in dict.fromkeys(literals) if each != self.true]
        if len(needed) == 1:
            return needed[0]
        if not needed:
            return self.true
        whole = self.new()
        for each in needed:
            self.add(-whole, each)
        self.add(whole, *(-each for each in needed))
        return whole

    def at_most_one(self, literals: Sequence[int]) -> list[tuple[int, ...]]:
        """Return clauses: pairs, or for many literals a grid of which one row and column holds.

        (Product encoding: Chen, ModRef 2010.)
        """
        clauses: list[tuple[int, ...]] = []
        if len(literals) <= MAX_MEMBERS:
            for i, each in enumerate(literals):
                clauses += [(-each, -other) for other in literals[i + 1 :]]
            return clauses
        width = math.isqrt(len(literals) - 1) + 1
        row, column = self.new(width), self.new(width)
        clauses += [
            (-each, first + place)
            for i, each in enumerate(literals)
            for first, place in ((row, i // width), (column, i % width))
        ]
        for first in (row, column):
            clauses += self.at_most_one(range(first, first + width))
        return clauses

    def reach(self, term: Term, value: Exact) -> int:
        """Return the literal "the term is at least this value"."""
        place = bisect_left(term.values, value)
        return term.at_least[place] if place < len(term.values) else -self.true

    def above(self, term: Term, place: int) -> int:
        """Return the literal "the term is larger than its value at this place"."""
        return term.at_least[place + 1] if place + 1 < len(term.values) else -self.true

    def constant(self, value: Exact) -> Term:
        """Return a term with one value."""
        return Term((value,), (self.true,))

    def weight(self, literal: int, value: Exact) -> Term:
        """Return a term that is `value` when the literal holds, else 0."""
        if value == 0:
            return self.constant(0)
        if value > 0:
            return Term((0, value), (self.true, literal))
        return Term((value, 0), (self.true, -literal))

    def scale(self, term: Term, factor: Exact) -> Term:
        """Return factor x term."""
        if factor == 0:
            return self.constant(0)
        if factor > 0:
            return Term(tuple(factor * value for value in term.values), term.at_least)
        places = range(len(term.values) - 1, -1, -1)
        literals = (
            self.true,
            *(-self.above(term, place) for place in places if place < len(term.values) - 1),
        )
        return Term(tuple(factor * term.values[place] for place in places), literals)

    def mapped(self, term: Term, rising: Callable[[Exact], Exact]) -> Term:
        """Return a rising function (floor, ceil) of a term."""
        first: dict[Exact, int] = {}
        for value, literal in zip(term.values, term.at_least, strict=True):
            first.setdefault(rising(value), literal)
        return Term(tuple(first), tuple(first.values()))

    def combine(self, left: Term, right: Term, rising: Callable[[Exact, Exact], Exact]) -> Term:
        """Return an operation that rises in both terms (sum, product of terms >= 0, min, max)."""
        self.num_pairs += len(left.values) * len(right.values)
        if len(left.values) * len(right.values) > MAX_PAIRS:
            raise TooFine
        values = tuple(sorted({rising(a, b) for a in left.values for b in right.values}))
        place = {value: i for i, value in enumerate(values)}
        first = self.new(len(values) - 1) if len(values) > 1 else 0
        term = Term(values, (self.true, *range(first, first + len(values) - 1)))
        for i in range(1, len(values) - 1):
            self.add(-term.at_least[i + 1], term.at_least[i])
        for i, a in enumerate(left.values):
            for j, b in enumerate(right.values):
                at = place[rising(a, b)]
                self.add(-left.at_least[i], -right.at_least[j], term.at_least[at])
                self.add(self.above(left, i), self.above(right, j), -self.above(term, at))
        return term

    def sum_reaches(self, terms: Sequence[Term], bound: Exact) -> int:
        """Return a literal equivalent to: the sum of the terms is at least `bound`."""
        rest = sorted(terms, key=lambda term: len(term.values), reverse=True)
        while len(rest) > 2:
            small, next_small = rest.pop(), rest.pop()
            rest.append(self.combine(small, next_small, _plus))
            rest.sort(key=lambda term: len(term.values), reverse=True)
        if not rest:
            return self.true if bound <= 0 else -self.true
        if len(rest) == 1:
            return self.reach(rest[0], bound)
        return self._pair_reaches(rest[1], rest[0], bound)

    def _pair_reaches(self, left: Term, right: Term, bound: Exact) -> int:
        if left.values[0] + right.values[0] >= bound:
            return self.true
        if left.values[-1] + right.values[-1] < bound:
            return -self.true
        self.num_pairs += len(left.values)
        literal = self.new()
        for place, value in enumerate(left.values):
            enough = self.reach(right, bound - value)
            self.add(-literal, self.above(left, place), enough)
            self.add(literal, -left.at_least[place], -enough)
        return literal


def _plus(left: Exact, right: Exact) -> Exact:
    return left + right
