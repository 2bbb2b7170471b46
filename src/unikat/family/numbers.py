"""Numbers of rules -> terms of ordered literals; a grid gets its literals when first needed."""

import math
import operator
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import singledispatchmethod

from unikat.family.encoding import MAX_GRID, MAX_PAIRS, Encoder, Term, TooFine
from unikat.family.meaning import (
    Constant,
    Divide,
    Extreme,
    LengthOf,
    Mean,
    Num,
    NumberOf,
    Plus,
    Rounded,
    Times,
    Weight,
    exact,
)  # fmt: skip
from unikat.family.model import Exact, Feature, Grid
from unikat.terms import FeatureName


class Unsupported(Exception):
    """The expression means something that rules cannot say; caught by the readers of this room."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(message)


class Numbers:
    """The numbers of one family as terms."""

    def __init__(
        self, encoder: Encoder, features: Sequence[Feature], most_pairs: int = MAX_PAIRS
    ) -> None:
        self.encoder = encoder
        self.most_pairs = most_pairs
        self.features: dict[str, Feature] = {each.name: each for each in features}
        self.variable: dict[str, int] = {each.name: i + 1 for i, each in enumerate(features)}
        self.grids: dict[FeatureName, Grid] = {}
        self.num_pairs = 0
        self._values: dict[FeatureName, Term] = {}

    def reaches(self, left: Num, right: Num) -> int:
        """Return a literal equivalent to left >= right."""
        parts: dict[Num, Exact] = {}
        constant = linear(left, 1, parts) + linear(right, -1, parts)
        mean = only_mean(parts)
        if mean is not None:
            return self._mean_reaches(mean, parts[mean], constant)
        others = self.encoder.num_pairs - self.num_pairs
        terms = [
            self.encoder.scale(self.term(part), factor) for part, factor in parts.items() if factor
        ]
        literal = self.encoder.sum_reaches(terms, -constant)
        self.num_pairs = self.encoder.num_pairs - others
        if self.num_pairs >= self.most_pairs:
            raise TooFine
        return literal

    def _mean_reaches(self, mean: Mean, factor: Exact, constant: Exact) -> int:
        """Return a literal equivalent to: factor x mean + constant >= 0."""
        whole = self.reaches(mean_side(mean, factor, constant), Constant(0))
        if constant >= 0:
            return whole
        none = self.encoder.all_of([-self.variable[item.feature] for item in mean.items])
        return self.encoder.all_of([whole, -none])

    def length_reaches(self, name: FeatureName, length: int) -> int:
        """Return a literal equivalent to: the text has at least this many letters."""
        return self.encoder.reach(self.value(name), length)

    @singledispatchmethod
    def term(self, node: Num) -> Term:
        """Return a term equal to the number."""
        raise TypeError(node)

    @term.register
    def _(self, node: Constant) -> Term:
        return self.encoder.constant(node.value)

    @term.register
    def _(self, node: Weight) -> Term:
        return self.encoder.weight(self.variable[node.feature], node.value)

    @term.register
    def _(self, node: LengthOf) -> Term:
        return self.value(FeatureName(node.feature))

    @term.register
    def _(self, node: NumberOf) -> Term:
        return self.value(FeatureName(node.feature))

    def value(self, name: FeatureName) -> Term:
        """Return the value of a number or the length of a text; 0 when it is not selected."""
        if name not in self._values:
            self.grids[name] = grid = self._new_grid(self.features[name])
            values = [exact(grid.low + place * grid.step) for place in range(grid.num + 1)]
            if self._is_always(name):
                literals = range(grid.base + 1, grid.base + grid.num + 1)
                self._values[name] = Term(tuple(values), (self.encoder.true, *literals))
            else:
                self._values[name] = self._optional(self.variable[name], grid, values)
        return self._values[name]

    def _new_grid(self, feature: Feature) -> Grid:
        low, step = feature.low or Fraction(0), feature.step or Fraction(1)
        num = feature.max_length or 0
        if feature.high is not None:
            num = int((feature.high - low) / step)
        if num > MAX_GRID:
            raise TooFine
        base = self.encoder.new(num) - 1
        selected = self.variable[feature.name]
        for place in range(1, num + 1):
            self.encoder.add(-(base + place), selected if place == 1 else base + place - 1)
        return Grid(base, num, low, step)

    def _optional(self, selected: int, grid: Grid, values: list[Exact]) -> Term:
        every = sorted({0, *values})
        literals = [self.encoder.true]
        for value in every[1:]:
            place = bisect_left(values, value)
            inside = -self.encoder.true if place > grid.num else grid.base + place
            if value > 0:
                literals.append(selected if place == 0 else inside)
            else:
                literals.append(-self.encoder.all_of([selected, -inside]))
        return Term(tuple(every), tuple(literals))

    def _is_always(self, name: FeatureName) -> bool:
        at: Feature | None = self.features[name]
        while at is not None and at.parent is not None:
            if at.group != "mandatory":
                return False
            at = self.features[at.parent]
        return True

    @term.register
    def _(self, node: Plus) -> Term:
        return self._folded(node)

    @term.register
    def _(self, node: Times) -> Term:
        if isinstance(node.left, Constant) or isinstance(node.right, Constant):
            return self._folded(node)
        left, right = self.term(node.left), self.term(node.right)
        if left.values[0] < 0 or right.values[0] < 0:
            message = "a product of two numbers that can be negative"
            raise Unsupported(message, "Multiply numbers >= 0 only, or by a constant")
        return self.encoder.combine(left, right, operator.mul)

    def _folded(self, node: Num) -> Term:
        parts: dict[Num, Exact] = {}
        whole = self.encoder.constant(linear(node, 1, parts))
        for part, factor in parts.items():
            scaled = self.encoder.scale(self.term(part), factor)
            whole = self.encoder.combine(whole, scaled, operator.add)
        return whole

    @term.register
    def _(self, node: Rounded) -> Term:
        rounding = math.floor if node.function == "floor" else math.ceil
        return self.encoder.mapped(self.term(node.item), rounding)

    @term.register
    def _(self, node: Extreme) -> Term:
        choose = min if node.function == "min" else max
        first, *rest = (self.term(item) for item in node.items)
        for each in rest:
            first = self.encoder.combine(first, each, choose)
        return first

    @term.register
    def _(self, node: Divide) -> Term:
        raise TooFine

    @term.register
    def _(self, node: Mean) -> Term:
        raise TooFine


def linear(node: Num, factor: Exact, parts: dict[Num, Exact]) -> Exact:
    """Add factor x node to `parts`; return the constant in it."""
    if isinstance(node, Constant):
        return exact(factor * node.value)
    if isinstance(node, Plus):
        return sum((linear(item, factor, parts) for item in node.items), start=0)
    if isinstance(node, Times) and isinstance(node.left, Constant):
        return linear(node.right, exact(factor * node.left.value), parts)
    if isinstance(node, Times) and isinstance(node.right, Constant):
        return linear(node.left, exact(factor * node.right.value), parts)
    if isinstance(node, Weight):
        unit: Num = Weight(node.feature, 1)
        parts[unit] = exact(parts.get(unit, 0) + factor * node.value)
    else:
        parts[node] = exact(parts.get(node, 0) + factor)
    return 0


def only_mean(parts: Mapping[Num, Exact]) -> Mean | None:
    """Return the mean that is all that varies in a sum, if there is one."""
    varying = [part for part, factor in parts.items() if factor]
    mean = varying[0] if len(varying) == 1 else None
    return mean if isinstance(mean, Mean) else None


def mean_side(mean: Mean, factor: Exact, constant: Exact) -> Num:
    """Return what is >= 0 where factor x mean + constant is, if any of its owners is selected.

    Both times the number of owners: factor x sum + constant x number.
    """
    return Plus(
        tuple(Weight(item.feature, exact(factor * item.value + constant)) for item in mean.items)
    )
