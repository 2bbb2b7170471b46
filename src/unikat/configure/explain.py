"""Why a value is refused: a minimal set of own picks, and of rules that forbid it with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from unikat.configure.reasons import minimal_reasons
from unikat.configure.workspace import Picks, Workspace, grid_value, nearest, workspace_of
from unikat.errors import UnknownFeature
from unikat.family.features import shown_number
from unikat.family.model import Family, Feature, Value
from unikat.family.values import read_value, shown_value
from unikat.terms import FeatureName

if TYPE_CHECKING:
    from unikat.configure.choice import Choice


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a value is refused.

    `picks` are features picked earlier and `rules` ids of rules: without any one member the value
    would be possible. `relations` are what the tree adds, in words: groups, then who belongs to
    whom. `still_open` are values of the same group, or the nearest numbers, that are possible now.
    No picks, rules and relations: the value is possible.
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
    others, found, read = _asked(choice, feature, value)
    return conflict_of(choice.family, others, found, read)


def explain_status(choice: "Choice", feature: str) -> Conflict:
    """Explain why an option is forced, or forbidden: what stands in the way of the opposite.

    Own picks of the option count as none, so what they alone fix is possible both ways.

    Raises
    ------
    UnknownFeature
        When the family has no such feature.
    """
    others, found, _ = _asked(choice, feature, value=True)
    space = workspace_of(choice.family)
    chosen = [*space.literals(choice.family, others), choice.family.index[found.name] + 1]
    return conflict_of(choice.family, others, found, not space.is_possible(chosen))


def blocking_picks(
    choice: "Choice", feature: str, value: bool | float | Fraction | str
) -> tuple[FeatureName, ...]:
    """Return a minimal set of picks of other features that forbid a value, as `explain` names.

    Without the rules this takes a fraction of its time. None is blocking: the rules alone forbid
    the value, or it is possible.

    Raises
    ------
    UnknownFeature
        As `explain`.
    """
    others, found, read = _asked(choice, feature, value)
    space = workspace_of(choice.family)
    refused = space.literals(choice.family, [(found.name, read)])
    picks = _minimal_picks(space, choice.family, others, refused)
    return tuple(name for name, _ in picks or ())


def _asked(
    choice: "Choice", feature: str, value: bool | float | Fraction | str
) -> tuple[Picks, Feature, Value]:
    """Return the picks of other features, the feature, and the value."""
    index = choice.family.index.get(feature)
    if index is None:
        raise UnknownFeature(f"{feature[:60]!r} is no option of {choice.family.id}")
    found = choice.family.features[index]
    others = tuple(pick for pick in choice.picks if pick[0] != found.name)
    return others, found, read_value(found, value)


def conflict_of(family: Family, others: Picks, feature: Feature, value: Value) -> Conflict:
    """Return the conflict of one value with picks of other features."""
    space = workspace_of(family)
    refused = space.literals(family, [(feature.name, value)])
    still_open = _still_open(space, family, others, feature, value)
    picks = _minimal_picks(space, family, others, refused)
    if picks is None:
        return Conflict(feature.name, value, (), (), (), still_open, "nothing forbids it")
    fixed = [*refused, *space.literals(family, picks)]
    rules, relations = minimal_reasons(space, family, fixed)
    text = _text(family, (feature, value), picks, rules or relations, still_open)
    names = tuple(name for name, _ in picks)
    return Conflict(feature.name, value, names, rules, relations, still_open, text)


def _minimal_picks(
    space: Workspace, family: Family, picks: Picks, refused: list[int]
) -> Picks | None:
    """Drop picks, the oldest first, while the value stays impossible; None when it is possible.

    What a core lacks needs no call, and the answer does not depend on what the solver has seen.
    """
    if space.is_possible([*space.literals(family, picks), *refused]):
        return None
    needed, core = picks, _in_core(space, family, picks)
    for pick in picks:
        rest = tuple(other for other in needed if other != pick)
        if pick in core:
            if space.is_possible([*space.literals(family, rest), *refused]):
                continue
            core = _in_core(space, family, rest)
        needed = rest
    return needed


def _in_core(space: Workspace, family: Family, picks: Picks) -> Picks:
    core = space.core()
    return tuple(pick for pick in picks if not core.isdisjoint(space.literals(family, [pick])))


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
