"""Picks from outside: `Feature=value` as people type it."""

from unikat.errors import UnknownFeature
from unikat.family.model import Family, Value
from unikat.family.values import read_value
from unikat.terms import FeatureName


def parse_pick(family: Family, text: str) -> tuple[FeatureName, Value]:
    """Read `Feature=value`, `Feature` (selected) or `!Feature` (not selected).

    Raises
    ------
    UnknownFeature
        When the family has no such feature or the feature cannot take the value.
    """
    name, has_value, raw = (part.strip() for part in text.partition("="))
    is_refused = not has_value and name.startswith("!")
    index = family.index.get(name.removeprefix("!").strip() if is_refused else name)
    if index is None:
        raise UnknownFeature(f"{name[:60]!r} is no option of {family.id}; write Feature=value")
    feature = family.features[index]
    return feature.name, read_value(feature, raw) if has_value else not is_refused
