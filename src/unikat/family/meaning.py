"""What a condition or a number means: checked trees of the expression language, and their closures.

An unselected number counts 0, an unselected text has length 0, an attribute of an unselected
feature is 0. All arithmetic is exact: int where whole, else Fraction.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from functools import singledispatch
from typing import TypeAlias

from unikat.family.model import Exact, Facts

Holds: TypeAlias = Callable[[Facts], bool]
Amount: TypeAlias = Callable[[Facts], Exact]


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Selected:
    """The feature is selected."""

    feature: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    item: "Bool"


@dataclass(frozen=True, slots=True)
class Every:
    """All of them hold."""

    items: tuple["Bool", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of them holds."""

    items: tuple["Bool", ...]


@dataclass(frozen=True, slots=True)
class Same:
    """Both hold or none."""

    left: "Bool"
    right: "Bool"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """left >= right: every comparison of numbers is built from this one."""

    left: "Num"
    right: "Num"


@dataclass(frozen=True, slots=True)
class TextIs:
    """The text of the feature is exactly this; an unselected text is empty."""

    feature: str
    text: str


Bool: TypeAlias = Truth | Selected | Not | Every | Some | Same | AtLeast | TextIs


@dataclass(frozen=True, slots=True)
class Constant:
    """A number."""

    value: Exact


@dataclass(frozen=True, slots=True)
class NumberOf:
    """The value of a numeric feature."""

    feature: str


@dataclass(frozen=True, slots=True)
class Weight:
    """`value` when the feature is selected, else 0: an attribute."""

    feature: str
    value: Exact


@dataclass(frozen=True, slots=True)
class LengthOf:
    """The number of letters of a text."""

    feature: str


@dataclass(frozen=True, slots=True)
class Plus:
    """A sum."""

    items: tuple["Num", ...]


@dataclass(frozen=True, slots=True)
class Times:
    """A product."""

    left: "Num"
    right: "Num"


@dataclass(frozen=True, slots=True)
class Divide:
    """A quotient; load proves that the divisor is never 0."""

    left: "Num"
    right: "Num"


@dataclass(frozen=True, slots=True)
class Rounded:
    """`floor` or `ceil`."""

    function: str
    item: "Num"


@dataclass(frozen=True, slots=True)
class Extreme:
    """`min` or `max`."""

    function: str
    items: tuple["Num", ...]


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of the weights of the selected owners; 0 when none is selected."""

    items: tuple[Weight, ...]


Num: TypeAlias = (
    Constant | NumberOf | Weight | LengthOf | Plus | Times | Divide | Rounded | Extreme | Mean
)


def has_division(node: Bool | Num) -> bool:
    """Whether a number that varies divides another one anywhere in a tree."""
    waiting: list[object] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Divide):
            return True
        if isinstance(each, tuple):
            waiting += each
        elif is_dataclass(each):
            waiting += (getattr(each, part.name) for part in fields(each))
    return False


def exact(value: Fraction | int) -> Exact:
    """Return int where whole."""
    return value.numerator if value.denominator == 1 else Fraction(value)


@singledispatch
def holds(node: Bool) -> Holds:
    """Compile a condition to a closure."""
    raise TypeError(node)


@holds.register
def _(node: Truth) -> Holds:
    value = node.value
    return lambda facts: value


@holds.register
def _(node: Selected) -> Holds:
    feature = node.feature
    return lambda facts: feature in facts.selected


@holds.register
def _(node: Not) -> Holds:
    item = holds(node.item)
    return lambda facts: not item(facts)


@holds.register
def _(node: Every) -> Holds:
    items = tuple(holds(item) for item in node.items)
    if len(items) == 2:
        first, second = items
        return lambda facts: first(facts) and second(facts)
    return lambda facts: all(item(facts) for item in items)


@holds.register
def _(node: Some) -> Holds:
    items = tuple(holds(item) for item in node.items)
    if len(items) == 2:
        first, second = items
        return lambda facts: first(facts) or second(facts)
    return lambda facts: any(item(facts) for item in items)


@holds.register
def _(node: Same) -> Holds:
    left, right = holds(node.left), holds(node.right)
    return lambda facts: left(facts) is right(facts)


@holds.register
def _(node: AtLeast) -> Holds:
    left, right = amount(node.left), amount(node.right)
    if isinstance(node.right, Constant):
        least = node.right.value
        return lambda facts: left(facts) >= least
    if isinstance(node.left, Constant):
        most = node.left.value
        return lambda facts: right(facts) <= most
    return lambda facts: left(facts) >= right(facts)


@holds.register
def _(node: TextIs) -> Holds:
    feature, text = node.feature, node.text
    return lambda facts: facts.texts.get(feature, "") == text


@singledispatch
def amount(node: Num) -> Amount:
    """Compile a number to a closure."""
    raise TypeError(node)


@amount.register
def _(node: Constant) -> Amount:
    value = node.value
    return lambda facts: value


@amount.register
def _(node: NumberOf) -> Amount:
    feature = node.feature
    return lambda facts: facts.numbers.get(feature, 0)


@amount.register
def _(node: Weight) -> Amount:
    feature, value = node.feature, node.value
    return lambda facts: value if feature in facts.selected else 0


@amount.register
def _(node: LengthOf) -> Amount:
    feature = node.feature
    return lambda facts: len(facts.texts.get(feature, ""))


@amount.register
def _(node: Plus) -> Amount:
    items = tuple(amount(item) for item in node.items)
    if len(items) == 2:
        first, second = items
        return lambda facts: first(facts) + second(facts)
    return lambda facts: sum(item(facts) for item in items)


@amount.register
def _(node: Times) -> Amount:
    left, right = amount(node.left), amount(node.right)
    return lambda facts: left(facts) * right(facts)


@amount.register
def _(node: Divide) -> Amount:
    left, right = amount(node.left), amount(node.right)
    return lambda facts: exact(Fraction(left(facts)) / right(facts))


@amount.register
def _(node: Rounded) -> Amount:
    item = amount(node.item)
    rounding = math.floor if node.function == "floor" else math.ceil
    return lambda facts: rounding(item(facts))


@amount.register
def _(node: Extreme) -> Amount:
    items = tuple(amount(item) for item in node.items)
    if node.function == "min":
        return lambda facts: min(item(facts) for item in items)
    return lambda facts: max(item(facts) for item in items)


@amount.register
def _(node: Mean) -> Amount:
    pairs = tuple((item.feature, item.value) for item in node.items)

    def mean(facts: Facts) -> Exact:
        values = [value for feature, value in pairs if feature in facts.selected]
        return exact(Fraction(sum(values)) / len(values)) if values else 0

    return mean
