"""Expression as written -> what it means in this family: names known, types right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from unikat.family import expression as written
from unikat.family.expression import BadExpression, Call, Chain, Name, Node, Number, Text, Unary
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
    exact,
)  # fmt: skip
from unikat.family.model import Attribute, Feature

_NEAR: Final = 3


@dataclass(frozen=True, slots=True)
class Scope:
    """The names an expression may use."""

    features: Mapping[str, Feature]
    _near: dict[str, str] = field(default_factory=dict, init=False)

    def attribute(self, node: Name) -> tuple[str, Attribute | None] | None:
        """Return whose attribute F.a or F.a.b is, and its value; None when there is no such F."""
        for size in range(len(node.parts) - 1, 0, -1):
            owner = ".".join(node.parts[:size])
            if owner in self.features:
                value: Attribute | None = self.features[owner].attributes
                for part in node.parts[size:]:
                    value = value.get(part) if isinstance(value, Mapping) else None
                return owner, value
        return None

    def near(self, name: str) -> str | None:
        """Return a feature whose name looks like this one."""
        if not self._near:
            lower = [(each.lower(), each) for each in self.features]
            self._near.update({each[:_NEAR]: feature for each, feature in reversed(lower)})
            self._near.update(reversed(lower))
        return self._near.get(name.lower()) or self._near.get(name.lower()[:_NEAR])

    def owners(self, attribute: str, below: str | None = None) -> tuple[Weight, ...]:
        """Return the numeric attribute of all features that have it, or of those in one subtree."""
        return tuple(
            Weight(feature.name, exact(value))
            for feature in self.features.values()
            if isinstance(value := feature.attributes.get(attribute), Fraction)
            and (below is None or self._is_below(feature, below))
        )

    def _is_below(self, feature: Feature, top: str) -> bool:
        at: Feature | None = feature
        while at is not None:
            if at.name == top:
                return True
            at = self.features.get(at.parent) if at.parent else None
        return False

    def is_attribute(self, name: str) -> bool:
        """Whether any feature has an attribute of this name."""
        return any(name in feature.attributes for feature in self.features.values())


def condition(node: Node, scope: Scope) -> Bool:
    """Check that an expression is a condition; raises BadExpression."""
    if isinstance(node, Name):
        return _named_condition(node, scope)
    if isinstance(node, Unary) and node.sign == "!":
        return Not(condition(node.item, scope))
    if isinstance(node, Chain):
        return _joined(node, scope)
    remedy = "Compare it, as in Thickness >= 3, or name a feature"
    raise BadExpression(node.at, "a number or text where a condition is expected", remedy)


def _named_condition(node: Name, scope: Scope) -> Bool:
    name = ".".join(node.parts)
    if name in scope.features:
        return Selected(name)
    if name in ("true", "false"):
        return Truth(name == "true")
    owner, value = scope.attribute(node) or ("", None)
    if isinstance(value, bool):
        return Selected(owner) if value else Truth(value=False)
    if value is not None:
        remedy = "Compare it with a number"
        raise BadExpression(node.at, f"attribute {name!r} is no condition", remedy)
    raise _unknown(node, scope)


def _unknown(node: Name, scope: Scope) -> BadExpression:
    name = ".".join(node.parts)
    near = scope.near(name)
    remedy = f"Perhaps {near!r}" if near else "Declare the feature, or correct the name"
    return BadExpression(node.at, f"unknown name {name!r}", remedy)


def _joined(node: Chain, scope: Scope) -> Bool:
    sign = node.signs[0]
    if sign in written.COMPARISONS:
        return _comparison(node, scope)
    if sign in ("+", "-", "*", "/"):
        message = "a number where a condition is expected"
        raise BadExpression(node.at, message, "Compare it with a number")
    items = tuple(condition(item, scope) for item in node.items)
    if sign == "|":
        return Some(items)
    if sign == "&":
        return Every(items)
    if sign == "=>":
        return Some((Not(items[0]), items[1]))
    left = items[0]
    for right in items[1:]:
        left = Same(left, right)
    return left


def _comparison(node: Chain, scope: Scope) -> Bool:
    sign = node.signs[0]
    if any(isinstance(item, Text) or _is_text(item, scope) for item in node.items):
        return _text_comparison(node, scope)
    left, right = (number(item, scope) for item in node.items)
    at_least, at_most = AtLeast(left, right), AtLeast(right, left)
    table: dict[str, Bool] = {
        ">=": at_least,
        "<=": at_most,
        "<": Not(at_least),
        ">": Not(at_most),
        "==": Every((at_least, at_most)),
        "!=": Not(Every((at_least, at_most))),
    }
    return table[sign]


def _is_text(node: Node, scope: Scope) -> bool:
    if not isinstance(node, Name):
        return False
    feature = scope.features.get(".".join(node.parts))
    return feature is not None and feature.kind == "String"


def _text_comparison(node: Chain, scope: Scope) -> Bool:
    left, right = node.items
    if isinstance(left, Text):
        left, right = right, left
    if (
        node.signs[0] not in ("==", "!=")
        or not isinstance(right, Text)
        or not _is_text(left, scope)
    ):
        message = "a text can only be compared by == or != with a text in quotes"
        raise BadExpression(node.at, message, "Compare its length: len(F) >= 3")
    name = ".".join(left.parts) if isinstance(left, Name) else ""
    same = TextIs(name, right.value)
    return same if node.signs[0] == "==" else Not(same)


def number(node: Node, scope: Scope) -> Num:
    """Check that an expression is a number; raises BadExpression."""
    if isinstance(node, Number):
        return Constant(exact(node.value))
    if isinstance(node, Name):
        return _named_number(node, scope)
    if isinstance(node, Call):
        return _call(node, scope)
    if isinstance(node, Unary) and node.sign == "-":
        return _times(Constant(-1), number(node.item, scope))
    if isinstance(node, Chain) and node.signs[0] in ("+", "-"):
        return _plus(node, scope)
    if isinstance(node, Chain) and node.signs[0] in ("*", "/"):
        return _product(node, scope)
    message = "a condition or text where a number is expected"
    raise BadExpression(node.at, message, "Use a numeric feature, an attribute or a number")


def _named_number(node: Name, scope: Scope) -> Num:
    name = ".".join(node.parts)
    feature = scope.features.get(name)
    if feature is not None:
        if feature.is_number:
            return NumberOf(name)
        remedy = "Use an attribute of it, F.attribute, or len(F) of a text"
        raise BadExpression(node.at, f"{feature.kind} feature {name!r} in arithmetic", remedy)
    found = scope.attribute(node)
    if found is None:
        raise _unknown(node, scope)
    owner, value = found
    if value is None:
        attribute = name.removeprefix(f"{owner}.")
        message = f"feature {owner!r} has no attribute {attribute!r}"
        raise BadExpression(node.at, message, f"Declare it: {{{attribute} 1}}")
    if not isinstance(value, Fraction):
        raise BadExpression(node.at, f"attribute {name!r} is no number", "Make it a number")
    return Weight(owner, exact(value))


def _times(left: Num, right: Num) -> Num:
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(exact(left.value * right.value))
    return Times(left, right)


def _plus(node: Chain, scope: Scope) -> Num:
    items = [number(item, scope) for item in node.items]
    signed = [items[0]] + [
        item if sign == "+" else _times(Constant(-1), item)
        for sign, item in zip(node.signs, items[1:], strict=True)
    ]
    if all(isinstance(item, Constant) for item in signed):
        return Constant(exact(sum(item.value for item in signed if isinstance(item, Constant))))
    return Plus(tuple(signed))


def _product(node: Chain, scope: Scope) -> Num:
    left = number(node.items[0], scope)
    for sign, item in zip(node.signs, node.items[1:], strict=True):
        right = number(item, scope)
        if sign == "*":
            left = _times(left, right)
        elif isinstance(right, Constant):
            if right.value == 0:
                raise BadExpression(item.at, "division by 0", "Divide by something else")
            left = _times(left, Constant(exact(1 / Fraction(right.value))))
        else:
            left = Divide(left, right)
    return left


def _call(node: Call, scope: Scope) -> Num:
    function, arguments = node.function, node.arguments
    if function in ("sum", "avg"):
        return _aggregate(node, scope)
    if function == "len":
        return _length(node, scope)
    if function in ("floor", "ceil"):
        _count(node, 1)
        return Rounded(function, number(arguments[0], scope))
    return Extreme(function, tuple(number(item, scope) for item in arguments))


def _count(node: Call, *allowed: int) -> None:
    if len(node.arguments) not in allowed:
        message = f"{node.function} takes {' or '.join(map(str, allowed))} arguments"
        raise BadExpression(node.at, message, "Correct the arguments")


def _length(node: Call, scope: Scope) -> Num:
    _count(node, 1)
    item = node.arguments[0]
    if isinstance(item, Text):
        return Constant(len(item.value))
    if isinstance(item, Name) and _is_text(item, scope):
        return LengthOf(".".join(item.parts))
    raise BadExpression(node.at, "len needs a String feature", "Name one")


def _aggregate(node: Call, scope: Scope) -> Num:
    _count(node, 1, 2)
    names = [_plain(item, node) for item in node.arguments]
    for name in names:
        if name in scope.features and scope.is_attribute(name):
            message = f"{name!r} is a feature and an attribute"
            raise BadExpression(node.at, message, "Rename one of them")
    below = [name for name in names if name in scope.features]
    attributes = [name for name in names if name not in scope.features]
    if len(attributes) != 1 or len(below) != len(names) - 1:
        message = f"{node.function} needs one attribute, and at most one feature"
        raise BadExpression(node.at, message, "Write sum(attribute) or sum(Feature, attribute)")
    owners = scope.owners(attributes[0], below[0] if below else None)
    if not owners:
        where = f" below {below[0]!r}" if below else ""
        message = f"no feature{where} has a number {attributes[0]!r}"
        raise BadExpression(node.at, message, "Declare the attribute, or correct the name")
    return Plus(owners) if node.function == "sum" else Mean(owners)


def _plain(node: Node, call: Call) -> str:
    if isinstance(node, Name):
        return ".".join(node.parts)
    raise BadExpression(call.at, f"{call.function} takes names only", "Name a feature or attribute")
