"""Tree -> the features of a family, with the meaning of their attributes checked."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final, TypeAlias, get_args

from unikat.family.attributes import Attributes
from unikat.family.lexis import Faults
from unikat.family.model import Attribute, Feature, GroupKind, Kind, Value
from unikat.family.tree import FeatureNode, GroupNode, Tree
from unikat.terms import FeatureName

UNITS: Final = frozenset({"mm", "g", "s", "kWh", "piece"})
_HOUSE: Final = {
    "cm": "mm", "m": "mm", "in": "mm", "inch": "mm", "kg": "g", "mg": "g", "h": "s", "min": "s",
    "Wh": "kWh", "J": "kWh", "pcs": "piece", "pieces": "piece",
}  # fmt: skip
_KINDS: Final[Mapping[str, Kind]] = {kind: kind for kind in get_args(Kind)}
_GROUPS: Final[Mapping[str, GroupKind]] = {group: group for group in get_args(GroupKind)}
_NUMBERS: Final = ("Integer", "Real")

_Place: TypeAlias = tuple[FeatureNode | None, GroupNode | None, tuple[FeatureName, ...]]
"""Parent, group and all members of the group."""


def read_features(tree: Tree, faults: Faults) -> tuple[Feature, ...]:
    """Return all features in declared sequence, parents before children."""
    found: list[Feature] = []
    seen: dict[str, int] = {}
    stack: list[tuple[FeatureNode, _Place]] = []
    if tree.root is not None:
        stack.append((tree.root, (None, None, ())))
    while stack:
        node, place = stack.pop()
        feature = _feature(node, place, faults)
        if node.name in seen:
            message = f"a second feature {node.name!r}, the first is in line {seen[node.name]}"
            faults.at(node.at, message, "Rename one of them")
        else:
            seen[node.name] = node.at.line
            found.append(feature)
        for below in reversed(node.groups):
            siblings = tuple(FeatureName(each.name) for each in below.members)
            stack.extend((child, (node, below, siblings)) for child in reversed(below.members))
        _check_groups(node, faults)
    return tuple(found)


def _check_groups(node: FeatureNode, faults: Faults) -> None:
    for group in node.groups:
        at = group.at
        if not group.members:
            faults.at(at, f"{at.text!r} holds no feature", "Indent features below it")
        elif group.least > len(group.members):
            message = f"{group.least} of {len(group.members)} features cannot be selected"
            faults.at(at, message, "Lower the cardinality")


def _feature(node: FeatureNode, place: _Place, faults: Faults) -> Feature:
    parent, group, siblings = place
    size = len(siblings)
    reader = _Attributes(node, faults)
    low, high, step = reader.grid()
    return Feature(
        name=FeatureName(node.name),
        kind=_KINDS[node.kind],
        parent=FeatureName(parent.name) if parent else None,
        group=_GROUPS[group.kind] if group else "root",
        siblings=siblings,
        least=size if group and group.kind == "mandatory" else group.least if group else 0,
        most=size if group is None or group.most is None else min(group.most, size),
        children=tuple(FeatureName(each.name) for below in node.groups for each in below.members),
        attributes=MappingProxyType({name: value for name, (value, _) in node.attributes.items()}),
        unit=reader.unit(),
        low=low,
        high=high,
        step=step,
        max_length=reader.max_length(),
        default=reader.default(low, high, step),
        abstract=reader.is_abstract(),
        line=node.at.line,
    )


class _Attributes:
    """Reads the attributes with meaning of one feature and notes what is wrong with them."""

    def __init__(self, node: FeatureNode, faults: Faults) -> None:
        self.node = node
        self.faults = faults
        self.attributes: Attributes = node.attributes
        self._check_price()

    def _fault(self, name: str, message: str, remedy: str) -> None:
        at = self.attributes[name][1] if name in self.attributes else self.node.at
        self.faults.at(at, f"{self.node.name}: {message}", remedy)

    def _get(self, name: str) -> Attribute | None:
        return self.attributes[name][0] if name in self.attributes else None

    def _number(self, name: str) -> Fraction | None:
        value = self._get(name)
        if value is None or isinstance(value, Fraction):
            return value
        self._fault(name, f"{name} is no number", f"Write {{{name} 12}}")
        return None

    def _check_price(self) -> None:
        price = self._number("price")
        if price is not None and price.denominator != 1:
            self._fault("price", f"price {float(price)} is no whole number", "Write cents")

    def grid(self) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
        """Return min, max and step of a number; all None for the others."""
        if self.node.kind not in _NUMBERS:
            for name in ("min", "max", "step", "unit"):
                if name in self.attributes:
                    self._fault(
                        name, f"{name} on a {self.node.kind} feature", "Make it Integer or Real"
                    )
            return None, None, None
        low, high, step = self._number("min"), self._number("max"), self._number("step")
        if self.node.kind == "Integer" and "step" not in self.attributes:
            step = Fraction(1)
        missing = [
            name
            for name, value in (("min", low), ("max", high), ("step", step))
            if value is None and name not in self.attributes
        ]
        if missing:
            remedy = "Bound it: {min 0, max 10, step 1}"
            self._fault("", f"{self.node.kind} without {', '.join(missing)}", remedy)
        if low is None or high is None or step is None or not self._is_grid(low, high, step):
            return Fraction(0), Fraction(0), Fraction(1)
        return low, high, step

    def _is_grid(self, low: Fraction, high: Fraction, step: Fraction) -> bool:
        if step <= 0:
            self._fault("step", "step must be above 0", "Write {step 1}")
        elif high < low:
            self._fault(
                "max", f"max {shown_number(high)} is below min {shown_number(low)}", "Swap them"
            )
        elif (high - low) % step:
            message = f"max - min is no multiple of step {shown_number(step)}"
            self._fault("step", message, "Values are min + k step; move max")
        elif self.node.kind == "Integer" and (low.denominator, step.denominator) != (1, 1):
            self._fault("", "an Integer with a fraction in min or step", "Make it Real")
        else:
            return True
        return False

    def unit(self) -> str | None:
        """Return the house unit of a number."""
        unit = self._get("unit")
        if unit is None or self.node.kind not in _NUMBERS:
            return None
        if not isinstance(unit, str) or unit not in UNITS:
            house = _HOUSE.get(str(unit), "mm, g, s, kWh or piece")
            self._fault("unit", f"unit {unit!r} is no house unit", f"Write {house}")
            return None
        return unit

    def max_length(self) -> int | None:
        """Return the longest text a String may hold."""
        length = self._number("max_length")
        if self.node.kind != "String":
            if "max_length" in self.attributes:
                self._fault(
                    "max_length", f"max_length on a {self.node.kind} feature", "Make it String"
                )
            return None
        if "max_length" not in self.attributes:
            self._fault("", "String without max_length", "Bound it: {max_length 12}")
            return 0
        if length is None or length < 0 or length.denominator != 1:
            self._fault("max_length", "max_length is no whole number >= 0", "Write {max_length 12}")
            return 0
        return int(length)

    def default(
        self, low: Fraction | None, high: Fraction | None, step: Fraction | None
    ) -> Value | None:
        """Return the preferred value; a Boolean, a grid value or a text, by the feature's type."""
        value = self._get("default")
        if value is None:
            return None
        kind = self.node.kind
        if isinstance(value, bool) and kind == "Boolean":
            return value
        if isinstance(value, str) and kind == "String":
            return self._text_default(value)
        if isinstance(value, Fraction) and None not in (low, high, step) and low is not None:
            if is_on_grid(value, low, high or low, step or Fraction(1)):
                return value
            self._fault("default", f"default {shown_number(value)} is not on the grid", "Move it")
            return None
        self._fault("default", f"default of a {kind} feature has the wrong type", "Change its type")
        return None

    def _text_default(self, value: str) -> str | None:
        length = self._get("max_length")
        if isinstance(length, Fraction) and len(value) > length:
            self._fault("default", f"default {value!r} is too long", "Shorten it")
            return None
        return value

    def is_abstract(self) -> bool:
        """Whether the feature only groups others."""
        value = self._get("abstract")
        if value is not None and not isinstance(value, bool):
            self._fault("abstract", "abstract is neither true nor false", "Write {abstract}")
        return value is True


def is_on_grid(value: Fraction, low: Fraction, high: Fraction, step: Fraction) -> bool:
    """Whether a value is low + k step within low..high."""
    return low <= value <= high and (value - low) % step == 0


def shown_number(value: Fraction | int) -> str:
    """Write a number exactly: as a decimal where it has a finite one, else as n/d."""
    value = Fraction(value)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    scaled = abs(int(value * 10**digits))
    sign = "-" if value < 0 else ""
    whole = f"{scaled:0{digits + 1}d}"
    return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)
