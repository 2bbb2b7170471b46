"""One answer for every choice: the declared defaults as far as the picks allow."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from string import ascii_letters

from unikat.configure.model import Configuration
from unikat.configure.standing import decide_options
from unikat.configure.wanted import wanted_children
from unikat.configure.workspace import (
    Model,
    Picks,
    Workspace,
    between,
    grid_value,
    holds,
    nearest,
    picks_key,
    workspace_of,
)
from unikat.family.model import Family, Feature, Grid, Standing, Value
from unikat.family.values import literals_of, shown_value
from unikat.terms import FeatureName


def complete_picks(family: Family, picks: Picks, at: Standing | None = None) -> Configuration:
    """Return the configuration that completes valid picks; a large family's stand at `at`."""
    space = workspace_of(family)
    key = ("complete", picks_key(picks))
    return space.remember(key, lambda: _Completion(space, family, picks).run(at), Configuration)


class _Completion:
    """Takes decision after decision; `model` always is a valid configuration with all of them."""

    def __init__(self, space: Workspace, family: Family, picks: Picks) -> None:
        self.space = space
        self.family = family
        self.picks = dict(picks)
        self.fixed = space.literals(family, picks)
        self.model: Model = []

    def run(self, at: Standing | None) -> Configuration:
        """Decide options in declared sequence, then numbers, then texts."""
        valued = self.space.remember("valued", self._valued, tuple)
        names = self._decided(valued, at)
        chosen = [feature for feature in valued if feature.name in names]
        numbers = [(each.name, self._number(each)) for each in chosen if each.is_number]
        texts = [(each.name, self._text(each)) for each in chosen if each.kind == "String"]
        return configuration_of(self.family, names, numbers, texts)

    def _decided(self, valued: Sequence[Feature], at: Standing | None) -> frozenset[FeatureName]:
        """Return the options of the completion; numbers and texts are still to be decided."""
        if at is None or self.family.start is None:
            self._decide_options()
            return frozenset(each.name for each in self.family.features if self._is_selected(each))
        names, model = decide_options(self.family, self.family.start, at, self.fixed)
        if valued:
            self.model = model()
            self.fixed += self.model[: len(self.family.features)]
        return names

    def _valued(self) -> tuple[Feature, ...]:
        return tuple(each for each in self.family.features if each.kind != "Boolean")

    def _decide_options(self) -> None:
        self.model = self.space.model(self.fixed) or []
        for feature in self.family.features:
            if feature.children and self._is_selected(feature):
                for literal in wanted_children(self.family, feature):
                    self._decide(literal)

    def _is_selected(self, feature: Feature) -> bool:
        return self.model[self.family.index[feature.name]] > 0

    def _has(self, literals: list[int]) -> bool:
        return all(holds(self.model, each) for each in literals)

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


def configuration_of(
    family: Family,
    selected: frozenset[FeatureName],
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
        selected=selected,
        numbers=tuple(numbers),
        texts=tuple(texts),
        key=hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    )
