"""Clauses -> a diagram, by trying a variable both ways and splitting what is left.

Exhaustive search with independent components (Bayardo and Pehoushek, AAAI 2000), each solved once
(component caching: Sang et al., SAT 2004). The variable that an elimination by degree and height
takes last is tried first, for it parts what is left (Darwiche, J. ACM 48, 2001). Variables that are
not counted are never tried: a component of nothing else is true or false.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from heapq import heapify, heappop, heappush, nlargest
from itertools import chain
from typing import Final, TypeAlias

from unikat.configure.diagram import Branch, Diagram, Node

Clause: TypeAlias = frozenset[int]
Formula: TypeAlias = frozenset[Clause]

_DEEPEST: Final = 150
_SMALL: Final = 40
"""Most clauses of a component whose exact number a bound always takes the time for."""
_AT_ONCE: Final = 30
"""A bound fixes one variable, and one more for as many as this."""


class TooLong(Exception):
    """Splitting would take too long; caught by the files of this room."""


class Splitter:
    """Splits formulas over `counted` variables; gives up after `num_clauses` clauses of formulas.

    Parts that were solved once are known for all later formulas. `rank` tells which variables to
    try first: those of the highest rank.
    """

    def __init__(
        self,
        counted: Collection[int],
        rank: Mapping[int, int],
        num_clauses: int,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.counted = frozenset(counted)
        self.rank = rank
        self.nodes: list[tuple[Branch, ...]] = []
        self.left = num_clauses
        self.is_cancelled = is_cancelled
        self._known: dict[Formula, Node | None] = {}

    def diagram(
        self, formula: Formula, variables: Collection[int], weights: Mapping[int, int]
    ) -> Diagram | None:
        """Return the diagram of a formula over counted variables; None: no model.

        Raises
        ------
        TooLong
            When it would take too long.
        """
        branch = self._branch(formula, (), frozenset(variables) & self.counted, 0)
        if branch is None:
            return None
        return Diagram((*self.nodes, (branch,)), weights)

    def _branch(
        self, formula: Formula, literals: tuple[int, ...], variables: frozenset[int], depth: int
    ) -> Branch | None:
        """Fix literals and solve the components left; `variables` are all to be covered."""
        left = fixed(formula, literals)
        if left is None:
            return None
        true, rest = left
        children: list[Node] = []
        for component in components(rest):
            node = self._node(component, depth)
            if node is None:
                return None
            if node >= 0:
                children.append(node)
        seen = {abs(literal) for literal in true} | variables_of(rest)
        counted = tuple(each for each in true if abs(each) in self.counted)
        return Branch(counted, tuple(variables - seen), tuple(children))

    def _node(self, formula: Formula, depth: int) -> Node | None:
        """Return the node of a component; -1: true without counted variables; None: no model."""
        if formula in self._known:
            return self._known[formula]
        self.left -= len(formula)
        if self.left < 0 or depth > _DEEPEST or self.is_cancelled():
            raise TooLong
        found = self._solve(formula, depth)
        self._known[formula] = found
        return found

    def _solve(self, formula: Formula, depth: int) -> Node | None:
        variable = self.chosen(formula)
        if variable is None:
            return -1 if is_satisfiable(formula) else None
        variables = variables_of(formula) & self.counted
        both = [
            branch
            for literal in (variable, -variable)
            if (branch := self._branch(formula, (literal,), variables, depth + 1)) is not None
        ]
        if not both:
            return None
        self.nodes.append(tuple(both))
        return len(self.nodes) - 1

    def chosen(self, formula: Formula) -> int | None:
        """Return the counted variable to try first, if there is one."""
        return max(variables_of(formula) & self.counted, key=self.rank.__getitem__, default=None)

    def bound(
        self,
        formula: Formula,
        model: Collection[int],
        variables: Collection[int],
        weights: Mapping[int, int],
    ) -> int:
        """Return a number that the models of a formula reach, given the literals of one of them.

        Where a component takes too long, the variables to try first keep the values they have.
        """
        number, literals = 1, frozenset(model)
        nothing: tuple[int, ...] = ()
        waiting = [(formula, nothing, frozenset(variables) & self.counted)]
        while waiting:
            part, fixing, covered = waiting.pop()
            left = fixed(part, fixing)
            if left is None:
                raise AssertionError("the literals given satisfy every part")
            true, rest = left
            seen = {abs(literal) for literal in true} | variables_of(rest)
            number *= self._product(true, covered - seen, weights)
            for component in components(rest):
                inside = variables_of(component) & self.counted
                exact = self._exact(component, inside, weights)
                if exact is not None:
                    number *= exact
                elif inside:
                    kept = nlargest(1 + len(inside) // _AT_ONCE, inside, self.rank.__getitem__)
                    values = tuple(each if each in literals else -each for each in kept)
                    waiting.append((component, values, inside))
        return number

    @staticmethod
    def _product(true: Iterable[int], free: Iterable[int], weights: Mapping[int, int]) -> int:
        product = 1
        for literal in true:
            product *= weights.get(literal, 1)
        for variable in free:
            product *= 1 + weights.get(variable, 1)
        return product

    def _exact(
        self, component: Formula, inside: frozenset[int], weights: Mapping[int, int]
    ) -> int | None:
        if component not in self._known and len(component) > _SMALL:
            return None
        self.left = max(self.left, 0) + 20 * _SMALL
        try:
            diagram = self.diagram(component, inside, weights)
        except TooLong:
            return None
        return diagram.count if diagram is not None else None


def formula_of(clauses: Iterable[Iterable[int]]) -> Formula:
    """Return clauses as a formula, without those that always hold."""
    found = map(frozenset, clauses)
    return frozenset(each for each in found if not any(-literal in each for literal in each))


def ranked(formula: Formula) -> Mapping[int, int]:
    """Return the place of each variable in an elimination of the cheapest one each time.

    Its cost is the number of its neighbours, and how many eliminations it already stands above: so
    chains (the values of a number) are halved, not taken from an end.
    """
    near: dict[int, set[int]] = {}
    for clause in formula:
        variables = set(map(abs, clause))
        for variable in variables:
            near.setdefault(variable, set()).update(variables)
    for variable, others in near.items():
        others.discard(variable)
    height = dict.fromkeys(near, 0)
    queue = [(len(others), 0, variable) for variable, others in near.items()]
    heapify(queue)
    rank: dict[int, int] = {}
    num_queued = 0
    while queue:
        cost, _, variable = heappop(queue)
        if variable in near and cost == len(near[variable]) + height[variable]:
            rank[variable] = len(rank)
            others = near.pop(variable)
            for other in others:
                near[other] |= others
                near[other] -= {other, variable}
                height[other] = max(height[other], height[variable] + 1)
                num_queued += 1
                heappush(queue, (len(near[other]) + height[other], num_queued, other))
    return rank


def fixed(formula: Formula, literals: Iterable[int]) -> tuple[set[int], Formula] | None:
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


def variables_of(formula: Formula) -> frozenset[int]:
    """Return the variables of a formula."""
    return frozenset(map(abs, chain.from_iterable(formula)))


def components(formula: Formula) -> list[Formula]:
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


def is_satisfiable(formula: Formula) -> bool:
    """Whether a formula has a model."""
    from pysat.solvers import Solver

    with Solver(name="glucose4", bootstrap_with=formula) as solver:
        return bool(solver.solve())
