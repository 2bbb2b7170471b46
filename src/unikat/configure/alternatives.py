"""What else could be chosen in a feature's place: every other open value, completed, priced."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from unikat.configure.choice import Choice, choose, choose_all, complete, find_feature
from unikat.configure.explain import explain
from unikat.configure.model import Configuration
from unikat.configure.price import price
from unikat.errors import InvalidChoice
from unikat.family.model import Family, Feature, Value
from unikat.family.values import read_value
from unikat.terms import Cents, FeatureName


@dataclass(frozen=True, slots=True)
class Alternative:
    """A value that is possible, the configuration it leads to, and how much more that costs."""

    feature: FeatureName
    value: Value
    configuration: Configuration
    difference: Cents


def alternatives(choice: Choice, feature: str) -> tuple[Alternative, ...]:
    """Return what is possible instead of what the completed choice has for a feature.

    For a member of an alternative group the other members; for another option its opposite; for a
    number its smallest and largest value and the nearest ones below and above. The feature's own
    pick gives way, and in an alternative group all picks of the group and below it.

    Raises
    ------
    UnknownFeature
        When the family has no such feature.
    """
    family, found = choice.family, find_feature(choice.family, feature)
    now = complete(choice)
    cents = price(family, now).total
    base = _without(choice, {found.name, *_rivals(family, found)})
    answers = []
    for name, value in _values(base, found, now):
        try:
            other = complete(choose(base, name, value))
        except InvalidChoice:
            continue
        difference = price(family, other).total - cents
        answers.append(Alternative(name, value, other, difference))
    return tuple(answers)


def _rivals(family: Family, feature: Feature) -> Iterator[FeatureName]:
    """Yield the members of an alternative group, and all features below them."""
    waiting = list(feature.siblings) if feature.group == "alternative" else []
    while waiting:
        name = waiting.pop()
        yield name
        waiting += family.feature(name).children


def _without(choice: Choice, names: set[FeatureName]) -> Choice:
    kept = {str(name): value for name, value in choice.picks if name not in names}
    return choice if len(kept) == len(choice.picks) else choose_all(choice.family, kept)


def _values(
    base: Choice, feature: Feature, now: Configuration
) -> Iterator[tuple[FeatureName, Value]]:
    is_on = feature.name in now.selected
    if feature.is_number and is_on:
        yield from _numbers(base, feature, dict(now.numbers)[feature.name])
    elif feature.group == "alternative":
        yield from ((name, True) for name in feature.siblings if name not in now.selected)
    else:
        yield feature.name, not is_on


def _numbers(
    base: Choice, feature: Feature, value: Fraction
) -> Iterator[tuple[FeatureName, Fraction]]:
    bounds = base.bounds(feature.name) or (value, value)
    step = feature.step or Fraction(1)
    wanted = {*bounds}
    for near in (value - step, value + step):
        if bounds[0] <= near <= bounds[1]:
            wanted.update(_near(base, feature, near))
    yield from ((feature.name, each) for each in sorted(wanted - {value}))


def _near(base: Choice, feature: Feature, value: Fraction) -> Iterator[Fraction]:
    """Yield a number, or where rules leave a hole the nearest ones around it."""
    conflict = explain(base, feature.name, value)
    if not (conflict.picks or conflict.rules or conflict.relations):
        yield value
    for text in conflict.still_open:
        near = read_value(feature, text)
        if isinstance(near, Fraction):
            yield near
