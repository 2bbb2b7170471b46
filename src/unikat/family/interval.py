"""Between which two values a number always lies (a safe outer bound), and whether it is whole."""

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import singledispatch
from itertools import product
from typing import TypeAlias

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
)
from unikat.family.model import Exact, Feature

Interval: TypeAlias = tuple[Exact, Exact]
Features: TypeAlias = Mapping[str, Feature]


class MayDivideByZero(Exception):
    """A divisor's range holds 0; caught by the readers of this room."""


@singledispatch
def interval(node: Num, features: Features) -> Interval:
    """Return bounds of a number; raises MayDivideByZero."""
    raise TypeError(node)


@interval.register
def _(node: Constant, features: Features) -> Interval:
    return node.value, node.value


@interval.register
def _(node: NumberOf, features: Features) -> Interval:
    feature = features[node.feature]
    low, high = exact(feature.low or 0), exact(feature.high or 0)
    return (low, high) if is_always(feature, features) else (min(low, 0), max(high, 0))


def is_always(feature: Feature, features: Features) -> bool:
    """Whether the tree alone keeps a feature in every configuration."""
    at = feature
    while at.parent is not None:
        if at.group != "mandatory":
            return False
        at = features[at.parent]
    return True


@interval.register
def _(node: Weight, features: Features) -> Interval:
    return min(node.value, 0), max(node.value, 0)


@interval.register
def _(node: LengthOf, features: Features) -> Interval:
    return 0, features[node.feature].max_length or 0


@interval.register
def _(node: Plus, features: Features) -> Interval:
    ranges = [interval(item, features) for item in node.items]
    return sum(low for low, _ in ranges), sum(high for _, high in ranges)


@interval.register
def _(node: Times, features: Features) -> Interval:
    corners = [
        a * b for a, b in product(interval(node.left, features), interval(node.right, features))
    ]
    return min(corners), max(corners)


@interval.register
def _(node: Divide, features: Features) -> Interval:
    low, high = interval(node.right, features)
    if low <= 0 <= high:
        raise MayDivideByZero
    reciprocals = (exact(1 / Fraction(high)), exact(1 / Fraction(low)))
    corners = [a * b for a, b in product(interval(node.left, features), reciprocals)]
    return min(corners), max(corners)


@interval.register
def _(node: Rounded, features: Features) -> Interval:
    rounding = math.floor if node.function == "floor" else math.ceil
    low, high = interval(node.item, features)
    return rounding(low), rounding(high)


@interval.register
def _(node: Extreme, features: Features) -> Interval:
    choose = min if node.function == "min" else max
    ranges = [interval(item, features) for item in node.items]
    return choose(low for low, _ in ranges), choose(high for _, high in ranges)


@interval.register
def _(node: Mean, features: Features) -> Interval:
    values = [0, *(item.value for item in node.items)]
    return min(values), max(values)


@singledispatch
def is_whole(node: Num, features: Features) -> bool:
    """Whether a number is whole in every configuration."""
    return isinstance(node, LengthOf | Rounded)


@is_whole.register
def _(node: Constant | Weight, features: Features) -> bool:
    return isinstance(node.value, int)


@is_whole.register
def _(node: NumberOf, features: Features) -> bool:
    return features[node.feature].kind == "Integer"


@is_whole.register
def _(node: Plus | Extreme, features: Features) -> bool:
    return all(is_whole(item, features) for item in node.items)


@is_whole.register
def _(node: Times, features: Features) -> bool:
    return is_whole(node.left, features) and is_whole(node.right, features)
