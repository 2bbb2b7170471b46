"""A formula split into decisions and independent parts: counts, shares and draws in one pass.

(Deterministic decomposable negation normal form: Darwiche, J. Applied Non-Classical Logics 11,
2001.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import TypeAlias

Node: TypeAlias = int
"""A place in `Diagram.nodes`."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to satisfy a node: these literals, anything for `free`, each child on its own.

    Variables that nobody counts occur in none of them.
    """

    literals: tuple[int, ...]
    free: tuple[int, ...]
    children: tuple[Node, ...]


@dataclass(frozen=True)
class Diagram:
    """Nodes in a sequence in which children stand before their parents; the last is the root.

    Branches of one node exclude each other and cover the same variables. `weights` are what a
    variable multiplies the count by when it is true; 1 where none is given.
    """

    nodes: Sequence[tuple[Branch, ...]]
    weights: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def counts(self) -> Sequence[int]:
        """Return the number of models of each node."""
        counts: list[int] = []
        for branches in self.nodes:
            counts.append(sum(self._count(branch, counts) for branch in branches))
        return counts

    @property
    def count(self) -> int:
        """The number of models."""
        return self.counts[-1]

    def _count(self, branch: Branch, counts: Sequence[int]) -> int:
        product = 1
        for child in branch.children:
            product *= counts[child]
        for literal in branch.literals:
            product *= self.weights.get(literal, 1)
        for variable in branch.free:
            product *= 1 + self.weights.get(variable, 1)
        return product

    def shares(self) -> Mapping[int, Fraction]:
        """Return of each variable the share of models in which it is true; 0 where missing."""
        found: dict[int, int] = {}
        above = [0] * len(self.nodes)
        above[-1] = 1
        for node in range(len(self.nodes) - 1, -1, -1):
            for branch in self.nodes[node] if above[node] else ():
                size = above[node] * self._count(branch, self.counts)
                for child in branch.children if size else ():
                    above[child] += size // self.counts[child]
                for literal in branch.literals:
                    if literal > 0:
                        found[literal] = found.get(literal, 0) + size
                for variable in branch.free:
                    weight = self.weights.get(variable, 1)
                    found[variable] = found.get(variable, 0) + size * weight // (1 + weight)
        return {variable: Fraction(size, self.count) for variable, size in found.items()}

    def draw(self, random: Random) -> set[int]:
        """Draw a model, each with the same chance; return its true variables."""
        true: set[int] = set()
        waiting = [len(self.nodes) - 1]
        while waiting:
            branches = self.nodes[waiting.pop()]
            branch = branches[0]
            if len(branches) > 1:
                at = random.randrange(sum(self._count(each, self.counts) for each in branches))
                for branch in branches:
                    at -= self._count(branch, self.counts)
                    if at < 0:
                        break
            true.update(literal for literal in branch.literals if literal > 0)
            for variable in branch.free:
                weight = self.weights.get(variable, 1)
                if random.randrange(1 + weight) < weight:
                    true.add(variable)
            waiting += branch.children
        return true
