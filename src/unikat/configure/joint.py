"""Two families in one solver: which configuration of one does no known answer of the other fit?"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import chain
from typing import Final

from unikat.configure.model import Configuration
from unikat.configure.workspace import Model, Picks, Workspace, grid_value, place_in
from unikat.family.features import is_on_grid
from unikat.family.model import Clauses, Family, Feature, Grid, Value
from unikat.terms import FeatureName

_MOST_PLACES: Final = 100_000


class Joint:
    """The clauses of `here`, and for each answer of `there` that one of its clauses fails.

    A variable of `there` is common (what it says can be said of `here`), defined (it follows from
    the others), or its own. An answer is a value for each of its own. `is_sure` is False when a
    number with very many values was left aside.
    """

    def __init__(
        self, here: Family, there: Family, names: Mapping[FeatureName, FeatureName]
    ) -> None:
        from pysat.solvers import Solver

        self.here, self.there, self.names = here, there, names
        self.solver: Solver = Solver(name="glucose4")
        self.num_vars = here.clauses.num_vars
        self.known = frozenset(map(frozenset, _every(here.clauses)))
        self.solver.append_formula(_every(here.clauses), no_return=True)
        self.grids: dict[FeatureName, Grid] = dict(here.clauses.grids)
        self.off: list[int] = []
        self.common: dict[int, int] = {}
        self.is_sure = True
        self._link()
        self.definitions, self.claims = self._sorted_clauses()
        self.own = self._own()
        self.answers: set[tuple[int, ...]] = set()
        self.learn([])

    def close(self) -> None:
        """Free the solver."""
        self.solver.delete()

    # -- what both can say ---------------------------------------------------------------------

    def _link(self) -> None:
        for name, other in self.names.items():
            mine = self.here.feature(name)
            theirs = self.there.feature(other)
            self.common[self.there.index[other] + 1] = self.here.index[name] + 1
            if mine.is_number and theirs.is_number:
                self._link_number(mine, theirs)
            elif mine.kind == theirs.kind == "String":
                self._link_number(mine, theirs)
                self._link_texts(mine, theirs)

    def _link_number(self, mine: Feature, theirs: Feature) -> None:
        own, other = _range(mine), _range(theirs)
        if (own[1] - own[0]) / own[2] > _MOST_PLACES and mine.name not in self.grids:
            self.is_sure = self.is_sure and own == other
            return
        grid = self.there.clauses.grids.get(theirs.name)
        for place in range(1, grid.num + 1) if grid is not None else ():
            value = other[0] + place * other[2]
            self.common[grid.base + place if grid else 0] = self._reaches(mine, value)
        if own == other:
            return
        low, high, step = own
        for place in range(int((high - low) / step) + 1):
            value = low + place * step
            if not is_on_grid(value, *other):
                self.off.append(
                    self._both(self._reaches(mine, value), -self._reaches(mine, value + step))
                )

    def _reaches(self, feature: Feature, value: Fraction) -> int:
        """Return the literal "selected, and at least this value"; numbers no rule reads get one."""
        low, high, step = _range(feature)
        selected = self.here.index[feature.name] + 1
        if value <= low:
            return selected
        if value > high:
            return -self._true()
        grid = self.grids.get(feature.name)
        if grid is None:
            num = int((high - low) / step)
            grid = self.grids[feature.name] = Grid(self.num_vars, num, low, step)
            self.num_vars += num
            for place in range(1, num + 1):
                before = grid.base + place - 1 if place > 1 else selected
                self.solver.add_clause([-(grid.base + place), before])
        return grid.base - int((low - value) // step)

    def _link_texts(self, mine: Feature, theirs: Feature) -> None:
        known = dict(self.here.clauses.texts.get(mine.name, {}))
        for text, literal in self.there.clauses.texts.get(theirs.name, {}).items():
            if text not in known:
                known[text] = self._new()
                exactly = self._reaches(mine, Fraction(len(text)))
                longer = self._reaches(mine, Fraction(len(text) + 1))
                for other in (exactly, -longer, *(-v for k, v in known.items() if k != text)):
                    self.solver.add_clause([-known[text], other])
            self.common[literal] = known[text]

    def _true(self) -> int:
        return len(self.here.features) + 1

    def _new(self) -> int:
        self.num_vars += 1
        return self.num_vars

    def _both(self, left: int, right: int) -> int:
        """Return a literal that implies both."""
        both = self._new()
        self.solver.append_formula([[-both, left], [-both, right]], no_return=True)
        return both

    # -- what the other one demands ------------------------------------------------------------

    def _sorted_clauses(self) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
        """Return the clauses that define variables, and those that claim something."""
        clauses = self.there.clauses
        num = len(self.there.features)
        said = set(self.common) | set(range(1, num + 1))
        for name in self.there.index:
            said.update(_value_variables(clauses, FeatureName(name)))
        definitions = [c for c in clauses.hard if max(map(abs, c)) not in said]
        claims = [c for c in clauses.hard if max(map(abs, c)) in said]
        return definitions, [*claims, *chain.from_iterable(p.clauses for p in clauses.parts)]

    def _own(self) -> frozenset[int]:
        defined = {max(map(abs, clause)) for clause in self.definitions}
        every = range(1, self.there.clauses.num_vars + 1)
        return frozenset(v for v in every if v not in self.common and v not in defined)

    def learn(self, model: Model) -> bool:
        """From now on propose only what this answer does not fit; False: known already."""
        answer = tuple(model[each - 1] for each in sorted(self.own)) if model else ()
        if answer in self.answers:
            return False
        self.answers.add(answer)
        fixed = {abs(each): each > 0 for each in answer}
        place = dict(self.common)
        for clause in self.definitions:
            mapped = self._mapped(clause, fixed, place)
            if mapped is not None:
                self.solver.add_clause(mapped)
        failed = list(self.off)
        for clause in self.claims:
            mapped = self._mapped(clause, fixed, place)
            if mapped is not None and frozenset(mapped) not in self.known:
                failed.append(self._failing(mapped))
        self.solver.add_clause(failed or [-self._true()])
        return True

    def _mapped(
        self, clause: Iterable[int], fixed: Mapping[int, bool], place: dict[int, int]
    ) -> list[int] | None:
        """Return a clause of the other in the words of the solver; None: it holds anyway."""
        found: list[int] = []
        for literal in clause:
            variable = abs(literal)
            if variable in self.own:
                if fixed.get(variable, False) is (literal > 0):
                    return None
                continue
            if variable not in place:
                place[variable] = self._new()
            found.append(place[variable] if literal > 0 else -place[variable])
        return None if any(-each in found for each in found) else found

    def _failing(self, clause: list[int]) -> int:
        failing = self._new()
        self.solver.append_formula([[-failing, -each] for each in clause], no_return=True)
        return failing

    # -- one round -----------------------------------------------------------------------------

    def propose(self) -> Picks | None:
        """Return the common part of a configuration no answer fits, in the names of the other."""
        if not self.solver.solve():
            return None
        model: list[int] = self.solver.get_model()
        model += range(len(model) + 1, self.num_vars + 1)
        picks: list[tuple[FeatureName, Value]] = []
        for name, other in self.names.items():
            if model[self.here.index[name]] > 0:
                picks.append((other, self._value(self.here.feature(name), other, model)))
            else:
                picks.append((other, False))
        return tuple(picks)

    def _value(self, mine: Feature, other: FeatureName, model: Model) -> Value:
        theirs = self.there.feature(other)
        grid = self.grids.get(mine.name)
        if mine.is_number and theirs.is_number:
            return grid_value(grid, place_in(model, grid)) if grid else mine.low or Fraction(0)
        if mine.kind == theirs.kind == "String" and grid is not None:
            named = dict(self.here.clauses.texts.get(mine.name, {}))
            texts = self.there.clauses.texts.get(other, {})
            named.update((text, self.common[literal]) for text, literal in texts.items())
            return self._text(named, place_in(model, grid), model)
        return "" if mine.kind == theirs.kind == "String" else True

    @staticmethod
    def _text(named: Mapping[str, int], length: int, model: Model) -> str:
        for text, literal in named.items():
            if model[literal - 1] > 0:
                return text
        letters = "xyzabcdefghijklmnopqrstuvw"
        return next(each * length for each in letters if each * length not in named)

    def answer(self, space: Workspace, picks: Picks) -> Model | None:
        """Return a configuration of the other with these picks, or None."""
        for name, value in picks:
            if not is_possible_value(self.there.feature(name), value):
                return None
        return space.model(space.literals(self.there, picks))


def common_picks(
    here: Family,
    there: Family,
    names: Mapping[FeatureName, FeatureName],
    configuration: Configuration,
) -> Picks:
    """Return the common part of a configuration as picks of the other family."""
    values: dict[FeatureName, Value] = {**dict(configuration.numbers), **dict(configuration.texts)}
    picks: list[tuple[FeatureName, Value]] = []
    for name, other in names.items():
        theirs = there.feature(other)
        value: Value = name in configuration.selected
        if value and here.feature(name).is_number == theirs.is_number:
            value = values.get(name, True) if theirs.kind != "Boolean" else True
        picks.append((other, value))
    return tuple(picks)


def is_possible_value(feature: Feature, value: Value) -> bool:
    """Whether a value is on the grid of a number, or short enough for a text."""
    if isinstance(value, Fraction):
        return is_on_grid(value, *_range(feature))
    return not isinstance(value, str) or len(value) <= (feature.max_length or 0)


def _range(feature: Feature) -> tuple[Fraction, Fraction, Fraction]:
    """Return low, high and step of a number, or of the length of a text."""
    low, high, step = feature.low, feature.high, feature.step
    if low is None or high is None or step is None:
        return Fraction(0), Fraction(feature.max_length or 0), Fraction(1)
    return low, high, step


def _value_variables(clauses: Clauses, name: FeatureName) -> set[int]:
    grid = clauses.grids.get(name)
    found = set(clauses.texts.get(name, {}).values())
    return found | (set(range(grid.base + 1, grid.base + grid.num + 1)) if grid else set())


def _every(clauses: Clauses) -> list[tuple[int, ...]]:
    return [*clauses.hard, *chain.from_iterable(part.clauses for part in clauses.parts)]
