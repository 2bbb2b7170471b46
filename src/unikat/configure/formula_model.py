"""Conditions and formulas of the sheet for CP-SAT, in exact whole numbers.

A number is a quotient of two whole numbers, so products, quotients, `floor` and means stay exact.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce, singledispatchmethod

from unikat.configure.rule_model import RuleModel, TooLarge, Whole
from unikat.family.meaning import (
    AtLeast,
    Bool,
    Constant,
    Divide,
    Every,
    Extreme,
    LengthOf,
    Mean,
    Not,
    Num,
    NumberOf,
    Plus,
    Rounded,
    Same,
    Selected,
    Some,
    TextIs,
    Times,
    Truth,
    Weight,
)  # fmt: skip
from unikat.family.model import Exact


@dataclass(frozen=True, slots=True)
class Quotient:
    """`top` / `bottom`; `bottom` is at least 1."""

    top: Whole
    bottom: Whole


class FormulaModel:
    """Adds formulas to one question; `texts` are the literals "its text is exactly this" used."""

    def __init__(self, rules: RuleModel) -> None:
        self.rules = rules
        self.family = rules.family
        self.texts: dict[str, dict[str, Whole]] = {}
        self._conditions: dict[Bool, Whole] = {}
        self._numbers: dict[Num, Quotient] = {}

    # -- rounding --------------------------------------------------------------------------------

    def cents(self, node: Num) -> Whole:
        """Return a number rounded half away from zero; raises TooLarge."""
        number = self.number(node)
        doubled, twice = self._scaled(number.top, 2), self._scaled(number.bottom, 2)
        up = self.floor(self.rules.sum((doubled, 1), (number.bottom, 1)), twice)
        if number.top.low >= 0:
            return up
        down = self.floor(self.rules.sum((doubled, -1), (number.bottom, 1)), twice)
        if number.top.high <= 0:
            return self.rules.sum((down, -1))
        is_above = self._is_at_most(self.rules.sum((number.top, -1)), 0)
        lower = self.rules.sum((down, -1))
        return self.chosen(is_above, up, lower)

    def ceiling(self, node: Num) -> Whole:
        """Return the smallest whole number that is not below; raises TooLarge."""
        number = self.number(node)
        negative = self.floor(self.rules.sum((number.top, -1)), number.bottom)
        return self.rules.sum((negative, -1))

    def chosen(self, condition: Whole, one: Whole, other: Whole) -> Whole:
        """Return `one` where a literal holds, else `other`."""
        if not condition.terms:
            return one if condition.constant else other
        low, high = min(one.low, other.low), max(one.high, other.high)
        index = self.rules.variable(low, high)
        found = self.rules.whole({index: 1})
        opposite = self.rules.sum((condition, -1), (self.rules.whole({}, 1), 1))
        for when, value in ((condition, one), (opposite, other)):
            difference = self.rules.sum((found, 1), (value, -1))
            self.rules.at_most(difference, 0, when)
            self.rules.at_most(self.rules.sum((difference, -1)), 0, when)
        return found

    def _scaled(self, number: Whole, factor: int) -> Whole:
        return self.rules.sum((number, factor))

    def floor(self, top: Whole, bottom: Whole) -> Whole:
        """Return the largest whole number that is not above a quotient."""
        ends = [Fraction(a, b) for a in (top.low, top.high) for b in (bottom.low, bottom.high)]
        low, high = math.floor(min(ends)), math.floor(max(ends))
        if low == high:
            return self.rules.whole({}, low)
        if not bottom.terms and bottom.constant == 1:
            return top
        floor = self.rules.whole({self.rules.variable(low, high): 1})
        rest = self.rules.sum((top, 1), (self._product(floor, bottom), -1))
        self.rules.at_most(self.rules.sum((rest, -1)), 0)
        self.rules.at_most(self.rules.sum((rest, 1), (bottom, -1)), -1)
        return floor

    def _product(self, left: Whole, right: Whole) -> Whole:
        if not left.terms:
            return self._scaled(right, left.constant)
        if not right.terms:
            return self._scaled(left, right.constant)
        left, right = self.rules.named(left), self.rules.named(right)
        ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        index = self.rules.variable(min(ends), max(ends))
        factors = [self.rules.expression(left), self.rules.expression(right)]
        self.rules.model.add_multiplication_equality(self.rules.int_var(index), factors)
        return self.rules.whole({index: 1})

    # -- numbers -----------------------------------------------------------------------------------

    def number(self, node: Num) -> Quotient:
        """Return a number; raises TooLarge."""
        if node not in self._numbers:
            self._numbers[node] = self._number(node)
        return self._numbers[node]

    def _constant(self, value: Exact) -> Quotient:
        number = Fraction(value)
        return Quotient(
            self.rules.whole({}, number.numerator), self.rules.whole({}, number.denominator)
        )

    def _weighted(self, number: Whole, factor: Exact) -> Quotient:
        exact = Fraction(factor)
        bottom = self.rules.whole({}, exact.denominator)
        return Quotient(self._scaled(number, exact.numerator), bottom)

    def _selected(self, name: str) -> Whole:
        return self.rules.literal(self.family.index[name] + 1)

    @singledispatchmethod
    def _number(self, node: Num) -> Quotient:
        raise TypeError(node)

    @_number.register
    def _(self, node: Constant) -> Quotient:
        return self._constant(node.value)

    @_number.register
    def _(self, node: NumberOf) -> Quotient:
        feature = self.family.feature(node.feature)
        low, step = feature.low or Fraction(0), feature.step or Fraction(1)
        steps = self._weighted(self.rules.place(node.feature), step)
        return self._sum([self._weighted(self._selected(node.feature), low), steps])

    @_number.register
    def _(self, node: LengthOf) -> Quotient:
        return self._weighted(self.rules.place(node.feature), 1)

    @_number.register
    def _(self, node: Weight) -> Quotient:
        return self._weighted(self._selected(node.feature), node.value)

    @_number.register
    def _(self, node: Plus) -> Quotient:
        return self._sum([self.number(item) for item in node.items])

    def _sum(self, items: list[Quotient]) -> Quotient:
        """Add quotients; those with constant bottoms at once."""
        plain = [item for item in items if not item.bottom.terms]
        common = math.lcm(*(item.bottom.constant for item in plain))
        tops = [(item.top, common // item.bottom.constant) for item in plain]
        total = Quotient(self.rules.sum(*tops), self.rules.whole({}, common))
        for item in items:
            if item.bottom.terms:
                crossed = (
                    self._product(total.top, item.bottom),
                    self._product(item.top, total.bottom),
                )
                bottom = self._product(total.bottom, item.bottom)
                total = Quotient(self.rules.sum((crossed[0], 1), (crossed[1], 1)), bottom)
        return total

    @_number.register
    def _(self, node: Times) -> Quotient:
        left, right = self.number(node.left), self.number(node.right)
        return self._reduced(
            self._product(left.top, right.top), self._product(left.bottom, right.bottom)
        )

    def _reduced(self, top: Whole, bottom: Whole) -> Quotient:
        """Take out what all of a sum and its divisor have in common."""
        if bottom.terms or bottom.constant == 1:
            return Quotient(top, bottom)
        common = math.gcd(bottom.constant, top.constant, *(factor for _, factor in top.terms))
        terms = {index: factor // common for index, factor in top.terms}
        smaller = self.rules.whole(terms, top.constant // common)
        return Quotient(smaller, self.rules.whole({}, bottom.constant // common))

    @_number.register
    def _(self, node: Divide) -> Quotient:
        left, right = self.number(node.left), self.number(node.right)
        sign = 1 if right.top.low > 0 else -1
        divisor = self._scaled(right.top, sign)
        if divisor.low <= 0:
            raise TooLarge
        top = self._product(self._scaled(left.top, sign), right.bottom)
        return self._reduced(top, self._product(left.bottom, divisor))

    @_number.register
    def _(self, node: Rounded) -> Quotient:
        if node.function == "ceil":
            return self._weighted(self.ceiling(node.item), 1)
        item = self.number(node.item)
        return self._weighted(self.floor(item.top, item.bottom), 1)

    @_number.register
    def _(self, node: Extreme) -> Quotient:
        items = [self.number(item) for item in node.items]
        return reduce(lambda a, b: self._extreme(a, b, is_least=node.function == "min"), items)

    def _extreme(self, left: Quotient, right: Quotient, *, is_least: bool) -> Quotient:
        is_left_larger = self._reaches(left, right)
        one, other = (right, left) if is_least else (left, right)
        bottoms = self._product(one.bottom, other.bottom)
        tops = self._product(one.top, other.bottom), self._product(other.top, one.bottom)
        return Quotient(self.chosen(is_left_larger, *tops), bottoms)

    @_number.register
    def _(self, node: Mean) -> Quotient:
        total = self._sum([self.number(item) for item in node.items])
        count = self.rules.sum(*((self._selected(item.feature), 1) for item in node.items))
        none = self._is_at_most(count, 0)
        divisor = self.chosen(none, self.rules.whole({}, 1), self._from_one(count))
        return Quotient(total.top, self._product(total.bottom, divisor))

    def _from_one(self, count: Whole) -> Whole:
        return Whole(count.terms, count.constant, max(count.low, 1), max(count.high, 1))

    # -- conditions --------------------------------------------------------------------------------

    def condition(self, node: Bool) -> Whole:
        """Return a condition as 0 or 1; raises TooLarge."""
        if node not in self._conditions:
            self._conditions[node] = self._condition(node)
        return self._conditions[node]

    def _not(self, literal: Whole) -> Whole:
        return self.rules.sum((self.rules.whole({}, 1), 1), (literal, -1))

    def _is_at_most(self, number: Whole, bound: int) -> Whole:
        """Return whether a number is at most a bound."""
        if number.high <= bound or number.low > bound:
            return self.rules.whole({}, int(number.high <= bound))
        literal = self.rules.whole({self.rules.variable(0, 1): 1})
        self.rules.at_most(number, bound, literal)
        self.rules.at_most(self.rules.sum((number, -1)), -bound - 1, self._not(literal))
        return literal

    def _reaches(self, left: Quotient, right: Quotient) -> Whole:
        """Return whether left >= right."""
        sides = self._product(left.top, right.bottom), self._product(right.top, left.bottom)
        return self._is_at_most(self.rules.sum((sides[1], 1), (sides[0], -1)), 0)

    def every(self, literals: Iterable[Whole]) -> Whole:
        """Return whether all literals hold."""
        items = list(literals)
        if any(not item.terms and not item.constant for item in items):
            return self.rules.whole({}, 0)
        unsure = [item for item in items if item.terms]
        if len(unsure) < 2:
            return unsure[0] if unsure else self.rules.whole({}, 1)
        missing = self.rules.sum(*((self._not(item), 1) for item in unsure))
        return self._is_at_most(missing, 0)

    @singledispatchmethod
    def _condition(self, node: Bool) -> Whole:
        raise TypeError(node)

    @_condition.register
    def _(self, node: Truth) -> Whole:
        return self.rules.whole({}, int(node.value))

    @_condition.register
    def _(self, node: Selected) -> Whole:
        return self._selected(node.feature)

    @_condition.register
    def _(self, node: Not) -> Whole:
        return self._not(self.condition(node.item))

    @_condition.register
    def _(self, node: Every) -> Whole:
        return self.every(self.condition(item) for item in node.items)

    @_condition.register
    def _(self, node: Some) -> Whole:
        return self._not(self.every(self._not(self.condition(item)) for item in node.items))

    @_condition.register
    def _(self, node: Same) -> Whole:
        left, right = self.condition(node.left), self.condition(node.right)
        return self.chosen(left, right, self._not(right))

    @_condition.register
    def _(self, node: AtLeast) -> Whole:
        return self._reaches(self.number(node.left), self.number(node.right))

    @_condition.register
    def _(self, node: TextIs) -> Whole:
        length = self.rules.place(node.feature)
        if not node.text:
            return self._is_at_most(length, 0)
        known = self.texts.setdefault(node.feature, {})
        if node.text not in known:
            known[node.text] = self._text_is(node.feature, node.text, length)
        return known[node.text]

    def _text_is(self, name: str, text: str, length: Whole) -> Whole:
        feature = self.family.feature(name)
        picked = self.rules.picks.get(feature.name)
        if isinstance(picked, str):
            return self._selected(name) if picked == text else self.rules.whole({}, 0)
        named = self.rules.named_texts(name)
        if text in named:
            return self.rules.literal(named[text])
        if not length.low <= len(text) <= length.high:
            return self.rules.whole({}, 0)
        literal = self.rules.whole({self.rules.variable(0, 1): 1})
        self.rules.at_most(length, len(text), literal)
        self.rules.at_most(self.rules.sum((length, -1)), -len(text), literal)
        others = [self.rules.literal(each) for each in named.values()]
        others += [each for other, each in self.texts[name].items() if other not in named]
        for other in others:
            self.rules.at_most(self.rules.sum((literal, 1), (other, 1)), 1)
        return literal
