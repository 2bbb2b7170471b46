"""Units of formulas, as far as they are certain: sums of numbers, not products with constants.

A constant factor may stand for a density, a pace or a conversion, so a product has any unit.
"""

from collections.abc import Iterable, Mapping

from unikat.family.meaning import Constant, Extreme, Num, NumberOf, Plus, Rounded, Times
from unikat.family.model import Feature


class MixedUnits(Exception):
    """Numbers of two units are added or compared; caught by the readers of this room."""

    def __init__(self, first: str, second: str) -> None:
        self.first = first
        self.second = second
        super().__init__(f"{first} and {second}")


def unit_of(node: Num, features: Mapping[str, Feature]) -> str | None:
    """Return the unit of a number, or None where it may be any; raises MixedUnits."""
    if isinstance(node, NumberOf):
        return features[node.feature].unit
    if isinstance(node, Plus | Extreme):
        return _one_of(unit_of(item, features) for item in node.items)
    if isinstance(node, Rounded):
        return unit_of(node.item, features)
    if isinstance(node, Times) and node.left == Constant(-1):
        return unit_of(node.right, features)
    return None


def _one_of(units: Iterable[str | None]) -> str | None:
    found: str | None = None
    for unit in units:
        if unit is not None and found is not None and unit != found:
            raise MixedUnits(found, unit)
        found = found or unit
    return found
