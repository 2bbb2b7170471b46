"""One answer for every choice: the declared defaults as far as the picks allow."""

import hashlib
import json
from collections.abc import Iterator
from fractions import Fraction
from string import ascii_letters

from unikat.configure.model import Configuration
from unikat.configure.workspace import (
    Model,
    Picks,
    Workspace,
    between,
    grid_value,
    nearest,
    picks_key,
    workspace_of,
)
from unikat.family.model import Family, Feature, Grid, Value
from unikat.family.values import literals_of, shown_value
from unikat.terms import FeatureName


def complete_picks(family: Family, picks: Picks) -> Configuration:
    """Return the configuration that completes valid picks."""
    space = workspace_of(family)
    key = ("complete", picks_key(picks))
    return space.remember(key, lambda: _Completion(space, family, picks).run(), Configuration)


class _Completion:
    """Takes decision after decision; `model` always is a valid configuration with all of them."""

    def __init__(self, space: Workspace, family: Family, picks: Picks) -> None:
        self.space = space
        self.family = family
        self.picks = dict(picks)
        self.fixed = space.literals(family, picks)
        self.model: Model = space.model(self.fixed) or []

    def run(self) -> Configuration:
        """Decide options in declared sequence, then numbers, then texts."""
        for feature in self.family.features:
            if feature.children and self._is_selected(feature):
                for literal in wanted_children(self.family, feature):
                    self._decide(literal)
        chosen = [feature for feature in self.family.features if self._is_selected(feature)]
        numbers = [(each.name, self._number(each)) for each in chosen if each.is_number]
        texts = [(each.name, self._text(each)) for each in chosen if each.kind == "String"]
        return configuration_of(self.family, [each.name for each in chosen], numbers, texts)

    def _is_selected(self, feature: Feature) -> bool:
        return self.model[self.family.index[feature.name]] > 0

    def _has(self, literals: list[int]) -> bool:
        return all(self.model[abs(each) - 1] == each for each in literals)

    def _decide(self, literal: int) -> None:
        """Fix the wanted value if it is possible, else its opposite."""
        if self.model[abs(literal) - 1] != literal:
            other = self.space.model([*self.fixed, literal])
            if other is None:
                literal = -literal
            else:
                self.model = other
        self.fixed.append(literal)

    def _take(self, literals: list[int]) -> bool:
        """Fix all these literals if that is possible."""
        if not self._has(literals):
            other = self.space.model([*self.fixed, *literals])
            if other is None:
                return False
            self.model = other
        self.fixed += literals
        return True

    def _number(self, feature: Feature) -> Fraction:
        picked = self.picks.get(feature.name)
        if isinstance(picked, Fraction):
            return picked
        wanted = feature.default if isinstance(feature.default, Fraction) else feature.low
        grid = self.family.clauses.grids.get(feature.name)
        if grid is None or wanted is None:
            return wanted or Fraction(0)
        place = int((wanted - grid.low) / grid.step)
        if not self._take(between(grid, place, place)):
            place = self._nearest(grid, place)
            self._take(between(grid, place, place))
        return grid_value(grid, place)

    def _nearest(self, grid: Grid, place: int) -> int:
        below, above = nearest(self.space, self.fixed, grid, place)
        possible = [each for each in (below, above) if each is not None]
        return min(possible, key=lambda each: (abs(each - place), each))

    def _text(self, feature: Feature) -> str:
        picked = self.picks.get(feature.name)
        if isinstance(picked, str):
            return picked
        variable = self.family.index[feature.name] + 1
        for text in self._texts(feature):
            if self._take(literals_of(self.family.clauses, variable, feature, text)):
                return text
        raise AssertionError(f"no text for {feature.name}")

    def _texts(self, feature: Feature) -> Iterator[str]:
        """Yield texts to try: the default, none, those that rules name, the shortest other one."""
        yield feature.default if isinstance(feature.default, str) else ""
        yield ""
        named = self.family.clauses.texts.get(feature.name, {})
        yield from named
        grid = self.family.clauses.grids.get(feature.name)
        if grid is not None:
            for length in range(1, grid.num + 1):
                yield next(each * length for each in ascii_letters if each * length not in named)


def wanted_children(family: Family, parent: Feature) -> Iterator[int]:
    """Return the wanted literals of a selected feature's children, the most wanted first.

    Optional: `default`, else not. Other groups: those with `default true`, then as few as possible
    of the others, the first ones (the last are refused first).
    """
    for first in (family.feature(name) for name in parent.children):
        if first.name != first.siblings[0] or first.group == "mandatory":
            continue
        members = [family.feature(name) for name in first.siblings]
        yield from (family.index[each.name] + 1 for each in members if each.default is True)
        yield from (
            -(family.index[each.name] + 1) for each in reversed(members) if each.default is not True
        )


def configuration_of(
    family: Family,
    selected: list[FeatureName],
    numbers: list[tuple[FeatureName, Fraction]],
    texts: list[tuple[FeatureName, str]],
) -> Configuration:
    """Return a configuration with its key."""
    values: list[tuple[FeatureName, Value]] = [*numbers, *texts]
    lines = [family.id, str(family.version), *sorted(selected)]
    lines += sorted(f"{name}={json.dumps(shown_value(value))}" for name, value in values)
    return Configuration(
        family_id=family.id,
        family_version=family.version,
        selected=frozenset(selected),
        numbers=tuple(numbers),
        texts=tuple(texts),
        key=hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    )
