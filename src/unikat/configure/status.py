"""The exact status of every option, the exact bounds of every number: computed when asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from unikat.configure.workspace import (
    Picks,
    Workspace,
    grid_value,
    highest,
    lowest,
    picks_key,
    place_in,
    workspace_of,
)
from unikat.family.model import Family, Feature, Grid, Standing, Value
from unikat.family.solving import Settled
from unikat.terms import FeatureName

Status: TypeAlias = Literal["open", "forced", "forbidden", "picked"]
Bounds: TypeAlias = tuple[Fraction, Fraction]
_WORDS: Final[Mapping[int, Status]] = {1: "forced", -1: "forbidden", 0: "open"}


@dataclass(frozen=True, slots=True)
class Statuses:
    """The status of every feature; here what a pick fixes is forced or forbidden, never picked."""

    options: Mapping[FeatureName, Status]
    fixed: frozenset[int] = frozenset()
    """The literals of what is forced or forbidden: any further pick leaves that so."""


@dataclass(frozen=True, slots=True)
class NumberBounds:
    """Smallest and largest possible value of a number or text length; None when not selectable."""

    value: Bounds | None


def find_statuses(family: Family, picks: Picks, at: Standing | None) -> Statuses:
    """Return the exact status of every option under valid picks; a large family's stand at `at`."""
    if at is not None:
        words = map(_WORDS.__getitem__, at.status[1:].tolist())
        names = (feature.name for feature in family.features)
        return Statuses(dict(zip(names, words, strict=False)))
    space = workspace_of(family)
    if family.fine is not None:
        settled = find_settled(space, family, picks)
        pairs = zip(family.features, settled.status[1:].tolist(), strict=True)
        return Statuses({feature.name: _WORDS[sign] for feature, sign in pairs})
    key = ("status", picks_key(picks))
    return space.remember(key, lambda: _statuses(space, family, picks), Statuses)


def _statuses(space: Workspace, family: Family, picks: Picks) -> Statuses:
    assumptions = space.literals(family, picks)
    num = len(family.features)
    before = space.recall(("status", picks_key(picks[:-1])), Statuses)
    fixed = {each for each in space.implied(assumptions) if abs(each) <= num}
    fixed.update(before.fixed if before is not None else ())
    unseen = space.unseen(assumptions, num).difference(-each for each in fixed)
    assumptions += fixed
    while unseen:
        literal = unseen.pop()
        model = space.found([*assumptions, literal])
        if model is None:
            assumptions.append(-literal)
            fixed.add(-literal)
        else:
            unseen.difference_update(model[:num])
    words = {
        feature.name: _WORDS[(i in fixed) - (-i in fixed)]
        for i, feature in enumerate(family.features, start=1)
    }
    return Statuses(MappingProxyType(words), frozenset(fixed))


def find_settled(space: Workspace, family: Family, picks: Picks) -> Settled:
    """Return all statuses and bounds of a family with fine rules under valid picks."""

    def settle() -> Settled:
        solver = space.fine()
        found = None if solver is None else solver.settle(space.literals(family, picks))
        if found is None:
            raise AssertionError("picks of a choice are possible")
        return found

    return space.remember(("settled", picks_key(picks)), settle, Settled)


def read_standing(sign: int) -> Status:
    """Return the status that a standing writes as 1, -1 or 0."""
    return _WORDS[sign]


def find_bounds(family: Family, picks: Picks, feature: Feature) -> Bounds | None:
    """Return the exact bounds of a number under valid picks."""
    space = workspace_of(family)
    if family.fine is not None:
        return _settled_bounds(find_settled(space, family, picks), family, picks, feature)
    key = ("bounds", feature.name, picks_key(picks))
    found = space.remember(
        key, lambda: NumberBounds(_bounds(space, family, picks, feature)), NumberBounds
    )
    return found.value


def _settled_bounds(
    settled: Settled, family: Family, picks: Picks, feature: Feature
) -> Bounds | None:
    if settled.status[family.index[feature.name] + 1] < 0:
        return None
    places = settled.bounds.get(feature.name)
    if places is None:
        return _picked(dict(picks).get(feature.name)) or _declared(feature)
    grid = family.clauses.grids[feature.name]
    return grid_value(grid, places[0]), grid_value(grid, places[1])


def _bounds(space: Workspace, family: Family, picks: Picks, feature: Feature) -> Bounds | None:
    selected = [*space.literals(family, picks), family.index[feature.name] + 1]
    model = space.model(selected)
    if model is None:
        return None
    grid = family.clauses.grids.get(feature.name)
    if grid is None:
        return _picked(dict(picks).get(feature.name)) or _declared(feature)
    low, high = _at_once(space, selected, grid)
    known = place_in(model, grid)
    return (
        grid_value(grid, lowest(space, selected, grid, known, low)),
        grid_value(grid, highest(space, selected, grid, known, high)),
    )


def _picked(value: Value | None) -> Bounds | None:
    """Return the bounds that an own pick of a number or text sets."""
    if value is None or isinstance(value, bool):
        return None
    number = Fraction(len(value)) if isinstance(value, str) else value
    return number, number


def _declared(feature: Feature) -> Bounds:
    if feature.low is not None and feature.high is not None:
        return feature.low, feature.high
    return Fraction(0), Fraction(feature.max_length or 0)


def _at_once(space: Workspace, assumptions: list[int], grid: Grid) -> tuple[int, int]:
    """Return the bounds that follow by propagation alone; the exact ones lie inside."""
    implied = space.implied(assumptions)
    places = range(1, grid.num + 1)
    low = max((place for place in places if grid.base + place in implied), default=0)
    high = min((place for place in places if -(grid.base + place) in implied), default=grid.num + 1)
    return low, high - 1
