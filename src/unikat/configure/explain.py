"""Why a value is refused: a minimal set of own picks, and of rules that forbid it with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from unikat.configure.workspace import Picks, Workspace, grid_value, nearest, workspace_of
from unikat.errors import UnknownFeature
from unikat.family.features import shown_number
from unikat.family.model import Family, Feature, Value
from unikat.family.proof import minimal_core
from unikat.family.values import read_value, shown_value
from unikat.terms import FeatureName

if TYPE_CHECKING:
    from unikat.configure.choice import Choice


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a value is refused.

    `picks` are features picked earlier and `rules` ids of rules: without any one member the value
    would be possible. `relations` are the groups of the tree involved, in words. `still_open` are
    values of the same group, or the nearest numbers, that are possible now. No picks, rules and
    relations: the value is possible.
    """

    feature: FeatureName
    value: Value
    picks: tuple[FeatureName, ...]
    rules: tuple[str, ...]
    relations: tuple[str, ...]
    still_open: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return self.text


def explain(choice: "Choice", feature: str, value: bool | float | Fraction | str) -> Conflict:
    """Explain why a value is not possible with the picks of the other features.

    Raises
    ------
    UnknownFeature
        When the family has no such feature or the feature cannot take the value.
    """
    index = choice.family.index.get(feature)
    if index is None:
        raise UnknownFeature(f"{feature[:60]!r} is no option of {choice.family.id}")
    found = choice.family.features[index]
    others = tuple(pick for pick in choice.picks if pick[0] != found.name)
    return conflict_of(choice.family, others, found, read_value(found, value))


def conflict_of(family: Family, others: Picks, feature: Feature, value: Value) -> Conflict:
    """Return the conflict of one value with picks of other features."""
    space = workspace_of(family)
    refused = space.literals(family, [(feature.name, value)])
    still_open = _still_open(space, family, others, feature, value)
    picks = _minimal_picks(space, family, others, refused)
    if picks is None:
        return Conflict(feature.name, value, (), (), (), still_open, "nothing forbids it")
    fixed = [*refused, *space.literals(family, picks)]
    rules, relations = _minimal_rules(space, fixed)
    text = _text(family, (feature, value), picks, rules or relations, still_open)
    names = tuple(name for name, _ in picks)
    return Conflict(feature.name, value, names, rules, relations, still_open, text)


def _minimal_picks(
    space: Workspace, family: Family, picks: Picks, refused: list[int]
) -> Picks | None:
    """Drop picks, the oldest first, while the value stays impossible; None when it is possible."""
    if space.is_possible([*space.literals(family, picks), *refused]):
        return None
    needed = _in_core(space, family, picks)
    for pick in tuple(needed):
        rest = tuple(other for other in needed if other != pick)
        if pick in needed and not space.is_possible([*space.literals(family, rest), *refused]):
            needed = _in_core(space, family, rest)
    return needed


def _in_core(space: Workspace, family: Family, picks: Picks) -> Picks:
    core = space.core()
    return tuple(pick for pick in picks if not core.isdisjoint(space.literals(family, [pick])))


def _minimal_rules(space: Workspace, fixed: list[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    solver, parts = space.selecting()
    of_rules = [each for each, i in parts.items() if space.clauses.parts[i].is_rule]
    of_groups = [each for each, i in parts.items() if not space.clauses.parts[i].is_rule]
    rules = minimal_core(solver, [*fixed, *of_groups], of_rules)
    groups = minimal_core(solver, [*fixed, *rules], of_groups)
    return (
        tuple(space.clauses.parts[parts[each]].id for each in rules),
        tuple(space.clauses.parts[parts[each]].text for each in groups),
    )


def _still_open(
    space: Workspace, family: Family, others: Picks, feature: Feature, value: Value
) -> tuple[str, ...]:
    assumptions = space.literals(family, others)
    if isinstance(value, Fraction):
        return _near_numbers(space, family, assumptions, feature, value)
    if feature.group in ("root", "mandatory", "optional"):
        return ()
    return tuple(
        name
        for name in feature.siblings
        if name != feature.name and space.is_possible([*assumptions, family.index[name] + 1])
    )


def _near_numbers(
    space: Workspace, family: Family, assumptions: list[int], feature: Feature, value: Fraction
) -> tuple[str, ...]:
    grid = family.clauses.grids.get(feature.name)
    if grid is None:
        return ()
    selected = [*assumptions, family.index[feature.name] + 1]
    place = int((value - grid.low) / grid.step)
    return tuple(
        shown_number(grid_value(grid, each))
        for each in nearest(space, selected, grid, place)
        if each is not None
    )


def _text(
    family: Family,
    refused: tuple[Feature, Value],
    picks: Picks,
    because: Sequence[str],
    still_open: Sequence[str],
) -> str:
    reasons = {rule.id: f"{rule.id}: {rule.text}" for rule in family.rules if rule.text}
    why = "; ".join(reasons.get(each, each) for each in because)
    if not why and not picks:
        why = "every configuration has it" if refused[1] is False else "no configuration has it"
    joined = ", ".join(f"{name} = {shown_value(each)}" for name, each in picks)
    return "".join(
        (
            f"{refused[0].name} = {shown_value(refused[1])} is not allowed",
            f" with {joined}" if joined else "",
            f" ({why})" if why else "",
            f"; allowed: {', '.join(still_open)}" if still_open else "",
        )
    )
