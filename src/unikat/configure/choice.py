"""choose -> valid by construction: every choice can be completed, and every status is exact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from unikat.configure.completion import complete_picks
from unikat.configure.explain import conflict_of
from unikat.configure.model import Configuration
from unikat.configure.standing import stand, stand_after, stand_at_first
from unikat.configure.status import Bounds, Status, find_bounds, find_statuses, read_standing
from unikat.configure.workspace import Picks, workspace_of
from unikat.errors import InvalidChoice, UnknownFeature
from unikat.family.model import Family, Feature, Standing
from unikat.family.values import read_value
from unikat.terms import FeatureName


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice in progress: the picks in their sequence, each feature at most once.

    Made by `open_choice`, `choose` and `unchoose` only, so some valid configuration always has
    these picks. `standing` holds the status of every option of a large family, found at the click;
    a small family has none, and finds them when asked.
    """

    family: Family
    picks: Picks
    standing: Standing | None = field(default=None, compare=False, repr=False)

    def status(self, feature: str) -> Status:
        """Return what the rules and the picks leave of an option.

        picked: an own pick selects it. forced, forbidden: every valid configuration with these
        picks has it, or has it not (an own pick of false included). open: both are possible. Exact.
        """
        name = find_feature(self.family, feature).name
        if self.standing is not None and all(name != picked for picked, _ in self.picks):
            return read_standing(int(self.standing.status[self.family.index[name] + 1]))
        return self.statuses()[name]

    def statuses(self) -> Mapping[FeatureName, Status]:
        """Return the status of every option, as `status` does for one."""
        found = dict(find_statuses(self.family, self.picks, self.standing).options)
        found.update({name: "picked" for name, value in self.picks if value is not False})
        return found

    def bounds(self, feature: str) -> Bounds | None:
        """Return the exact smallest and largest value of a number (or length of a text).

        They hold when it is selected; None when it cannot be. An own pick counts: for what else it
        could be, ask `unchoose(choice, feature)`.

        Raises
        ------
        UnknownFeature
            When the family has no such feature or it is a Boolean option.
        """
        found = find_feature(self.family, feature)
        if found.kind == "Boolean":
            raise UnknownFeature(f"{feature} holds no number; ask for its status")
        return find_bounds(self.family, self.picks, found)


def open_choice(family: Family) -> Choice:
    """Begin a choice without picks."""
    return Choice(family, (), stand_at_first(family, family.start) if family.start else None)


def choose(choice: Choice, feature: str, value: bool | float | Fraction | str) -> Choice:
    """Pick a value; an earlier pick of the same feature is replaced.

    Raises
    ------
    UnknownFeature
        When the family has no such feature or the feature cannot take the value.
    InvalidChoice
        When the rules forbid the value with the other picks; carries a minimal set of them and the
        rules involved.
    """
    family, picks, at = choice.family, choice.picks, choice.standing
    found = find_feature(family, feature)
    read = read_value(found, value)
    for name, _ in picks:
        if name == found.name:
            picks, at = tuple(pick for pick in picks if pick[0] != name), None
            break
    pick = (found.name, read)
    if at is None or family.start is None:
        chosen = _chosen(family, (*picks, pick))
    else:
        standing = stand_after(family, family.start, at, picks, pick)
        chosen = Choice(family, (*picks, pick), standing) if standing is not None else None
    if chosen is None:
        conflict = conflict_of(family, picks, found, read)
        raise InvalidChoice(str(conflict), picks=conflict.picks, rules=conflict.rules)
    return chosen


def _chosen(family: Family, picks: Picks) -> Choice | None:
    """Return the choice of these picks, from the first one on; None: invalid."""
    if family.start is None:
        space = workspace_of(family)
        literals = space.literals(family, picks)
        is_possible = space.has_found(literals) or space.is_possible(literals)
        return Choice(family, picks) if is_possible else None
    standing = stand(family, family.start, picks)
    return Choice(family, picks, standing) if standing is not None else None


def unchoose(choice: Choice, feature: str) -> Choice:
    """Drop the pick of a feature, if there is one.

    Raises
    ------
    UnknownFeature
        When the family has no such feature.
    """
    name = find_feature(choice.family, feature).name
    others = tuple(pick for pick in choice.picks if pick[0] != name)
    if choice.family.start is None or not others:
        return Choice(choice.family, others, open_choice(choice.family).standing)
    return Choice(choice.family, others, stand(choice.family, choice.family.start, others))


def choose_all(family: Family, picks: Mapping[str, bool | float | Fraction | str]) -> Choice:
    """Pick several values at once, as `choose` in sequence would.

    Raises
    ------
    UnknownFeature
        As `choose`.
    InvalidChoice
        As `choose`, of the first pick that contradicts the ones before it.
    """
    found = [(find_feature(family, name), value) for name, value in picks.items()]
    read = tuple((feature.name, read_value(feature, value)) for feature, value in found)
    chosen = _chosen(family, read)
    if chosen is not None:
        return chosen
    choice = open_choice(family)
    for name, value in read:
        choice = choose(choice, name, value)
    return choice


def complete(choice: Choice) -> Configuration:
    """Complete a choice by the declared defaults, whatever the sequence of its picks."""
    return complete_picks(choice.family, choice.picks, choice.standing)


def find_feature(family: Family, name: str) -> Feature:
    """Return a feature by name; raises UnknownFeature."""
    index = family.index.get(name)
    if index is not None:
        return family.features[index]
    near = [each for each in family.index if each.lower() == name.lower()]
    remedy = f"did you mean {near[0]}?" if near else f"known: {', '.join(family.index)}"
    raise UnknownFeature(f"{name[:60]!r} is no option of {family.id}; {remedy}")
