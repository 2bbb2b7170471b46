"""A rule -> clauses over its own literals, by distribution; what others cover is dropped at once.

Blind multiplication can give 10^9 clauses where some hundred remain, so every step drops
tautologies and absorbed clauses. Fewer variables than one for each bracket make every later step
faster.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from unikat.family.meaning import Bool, Every, Not, Same, Some, Truth

Clause: TypeAlias = frozenset[int]

MAX_PRODUCT: Final = 2_000
"""Above so many clauses a part of a disjunction gets a variable of its own."""


class Distributor:
    """Distributes; comparisons and nested equivalences become literals by `literal`."""

    def __init__(self, literal: Callable[[Bool], int], new: Callable[[], int], true: int) -> None:
        self._literal = literal
        self._new = new
        self._true = true
        self._extra: list[Clause] = []

    def clauses(self, rule: Bool) -> list[tuple[int, ...]]:
        """Return clauses that hold exactly when the rule does."""
        self._extra = []
        found = self._normal(rule, positive=True)
        return [tuple(sorted(each, key=abs)) for each in (*found, *self._extra)]

    def _normal(self, node: Bool, *, positive: bool) -> list[Clause]:
        """Return the clauses of a condition, or of its opposite."""
        node, positive = _unwrapped(node, positive=positive)
        if isinstance(node, Truth):
            return [] if node.value is positive else [frozenset()]
        if isinstance(node, Same):
            return self._same(node, positive=positive)
        if not isinstance(node, Every | Some):
            return self._single(self._literal(node), positive=positive)
        parts = [
            self._normal(item, positive=sign) for item, sign in _items(node, positive=positive)
        ]
        if isinstance(node, Every) is positive:
            return absorbed(clause for part in parts for clause in part)
        return self._product(parts)

    def _single(self, literal: int, *, positive: bool) -> list[Clause]:
        literal = literal if positive else -literal
        if abs(literal) == self._true:
            return [] if literal > 0 else [frozenset()]
        return [frozenset((literal,))]

    def _same(self, node: Same, *, positive: bool) -> list[Clause]:
        pairs = ((False, True), (True, False)) if positive else ((True, True), (False, False))
        products = (
            self._product([self._side(node.left, left), self._side(node.right, right)])
            for left, right in pairs
        )
        return absorbed(clause for product in products for clause in product)

    def _side(self, node: Bool, positive: bool) -> list[Clause]:
        """Return a side of an equivalence; one inside it would be doubled at every level."""
        if _has_same(node):
            return self._single(self._literal(node), positive=positive)
        return self._normal(node, positive=positive)

    def _product(self, parts: list[list[Clause]]) -> list[Clause]:
        product, *rest = sorted(parts, key=len)
        for each in rest:
            part = each
            if len(product) * len(part) > MAX_PRODUCT:
                product, part = self._named(product), self._named(part)
            product = absorbed(_joined(product, part))
        return product

    def _named(self, part: list[Clause]) -> list[Clause]:
        """Let one variable imply a part; enough, since rules are asserted, never denied."""
        if len(part) <= 1:
            return part
        name = self._new()
        self._extra += [clause | {-name} for clause in part]
        return [frozenset((name,))]


def absorbed(clauses: Iterable[Clause]) -> list[Clause]:
    """Return clauses without those that another one implies."""
    kept: list[Clause] = []
    shorter: list[Clause] = []
    for clause in sorted(dict.fromkeys(clauses), key=len):
        if kept and len(kept[-1]) < len(clause):
            shorter = kept.copy()
        if not any(each <= clause for each in shorter):
            kept.append(clause)
    return kept


def _joined(product: list[Clause], part: list[Clause]) -> Iterator[Clause]:
    for clause in part:
        opposite = {-literal for literal in clause}
        yield from (each | clause for each in product if each.isdisjoint(opposite))


def _unwrapped(node: Bool, *, positive: bool) -> tuple[Bool, bool]:
    while isinstance(node, Not):
        node, positive = node.item, not positive
    return node, positive


def _items(node: Every | Some, *, positive: bool) -> Iterator[tuple[Bool, bool]]:
    """Yield what a condition joins, brackets of the same kind opened, each with its sign."""
    joins = isinstance(node, Every) is positive
    for each in node.items:
        item, sign = _unwrapped(each, positive=positive)
        if isinstance(item, Every | Some) and (isinstance(item, Every) is sign) is joins:
            yield from _items(item, positive=sign)
        else:
            yield item, sign


def _has_same(node: Bool) -> bool:
    node, _ = _unwrapped(node, positive=True)
    if isinstance(node, Every | Some):
        return any(_has_same(item) for item in node.items)
    return isinstance(node, Same)
