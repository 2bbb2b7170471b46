"""How many valid configurations a family has: exact by splitting, or a proven lower bound.

Numbers, texts and whatever else only rules read is eliminated first, then what is left is split:
see `elimination` and `splitting`. No other program is needed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from unikat.configure.choice import open_choice
from unikat.configure.diagram import Diagram
from unikat.configure.elimination import eliminate
from unikat.configure.splitting import Formula, Splitter, TooLong, fixed, formula_of, ranked
from unikat.configure.workspace import workspace_of
from unikat.family.model import Family, Feature

NUM_CLAUSES: Final = 4_000_000
"""Most clauses of formulas that are split before counting gives up; about ten seconds."""
NUM_LISTED: Final = 500
"""Most sets of options listed of a family with numbers too fine for clauses."""


@dataclass(frozen=True, slots=True)
class Count:
    """The number of valid configurations, or at least so many."""

    number: int
    is_exact: bool

    def __str__(self) -> str:
        """Write the number; of a bound only its power of ten."""
        if self.is_exact:
            return str(self.number)
        return f"at least 10^{len(str(self.number)) - 1}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What counting starts from: what always holds, and clauses over what is left open.

    `open` are the counted variables that no clause fixes; `weights` how many values a number has
    that no rule reads.
    """

    formula: Formula
    open: frozenset[int]
    true: frozenset[int]
    rank: Mapping[int, int]
    weights: Mapping[int, int]
    factor: int

    def splitter(
        self, num_clauses: int = NUM_CLAUSES, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Splitter:
        """Return a splitter for these variables."""
        return Splitter(self.open, self.rank, num_clauses, is_cancelled)


def count_configurations(
    family: Family,
    *,
    has_values: bool = False,
    num_clauses: int = NUM_CLAUSES,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Count:
    """Count the valid sets of options: exactly, or a lower bound where that takes too long.

    Numbers and texts do not count; with `has_values` the values of numbers do. Of a family with
    numbers too fine for clauses sets of options are listed, up to a bound; values are not counted.
    """
    if family.fine is not None:
        listed, is_whole = list_configurations(family, is_cancelled=is_cancelled)
        return Count(len(listed), is_exact=is_whole and not has_values)
    prepared = prepare(family, has_values=has_values)
    splitter = prepared.splitter(num_clauses, is_cancelled)
    try:
        diagram = splitter.diagram(prepared.formula, prepared.open, prepared.weights)
    except TooLong:
        model = workspace_of(family).model([]) or []
        found = splitter.bound(prepared.formula, model, prepared.open, prepared.weights)
        return Count(prepared.factor * found, is_exact=False)
    return Count(prepared.factor * (diagram.count if diagram else 0), is_exact=True)


def find_diagram(
    family: Family,
    *,
    num_clauses: int = NUM_CLAUSES,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Prepared, Diagram] | None:
    """Return the diagram of the valid sets of options, or None where that takes too long."""
    if family.fine is not None:
        return None
    prepared = prepare(family)
    splitter = prepared.splitter(num_clauses, is_cancelled)
    try:
        diagram = splitter.diagram(prepared.formula, prepared.open, prepared.weights)
    except TooLong:
        return None
    return None if diagram is None else (prepared, diagram)


def prepare(family: Family, *, has_values: bool = False) -> Prepared:
    """Fix what always holds, and eliminate what is not counted; once a family and thread."""
    key = ("prepared", has_values)
    return workspace_of(family).remember(
        key, lambda: _prepared(family, has_values=has_values), Prepared
    )


def _prepared(family: Family, *, has_values: bool) -> Prepared:
    counted, weights = _counted(family, has_values=has_values)
    clauses = family.clauses
    left = fixed(formula_of(chain(clauses.hard, *(part.clauses for part in clauses.parts))), ())
    if left is None:
        raise AssertionError("load proved that the family is not void")
    true, rest = left
    known = {abs(literal) for literal in true}
    others = {abs(literal) for clause in rest for literal in clause} - counted
    formula = eliminate(rest, others)
    factor = 1
    for literal in true:
        factor *= weights.get(literal, 1)
    return Prepared(
        formula, frozenset(counted - known), frozenset(true), ranked(formula), weights, factor
    )


def _counted(family: Family, *, has_values: bool) -> tuple[set[int], Mapping[int, int]]:
    counted, weights = set(range(1, len(family.features) + 1)), dict[int, int]()
    for i, feature in enumerate(family.features if has_values else (), start=1):
        grid = family.clauses.grids.get(feature.name)
        if feature.is_number and grid is not None:
            counted.update(range(grid.base + 1, grid.base + grid.num + 1))
        elif feature.is_number:
            weights[i] = _num_values(feature)
    return counted, weights


def _num_values(feature: Feature) -> int:
    if feature.low is None or feature.high is None or feature.step is None:
        return 1
    return int((feature.high - feature.low) / feature.step) + 1


def list_configurations(
    family: Family, most: int = NUM_LISTED, *, is_cancelled: Callable[[], bool] = lambda: False
) -> tuple[Sequence[frozenset[int]], bool]:
    """List valid sets of options, as numbers of features from 1, and whether these are all."""
    space, num = workspace_of(family), len(family.features)
    first = open_choice(family).statuses()
    features = enumerate(family.features, start=1)
    open_options = [i for i, feature in features if first[feature.name] == "open"]
    found: list[frozenset[int]] = []
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        fixing = waiting.pop()
        model = space.model(list(fixing))
        if model is None:
            continue
        if len(found) == most or is_cancelled():
            return found, False
        found.append(frozenset(each for each in model[:num] if each > 0))
        signed = [model[each - 1] for each in open_options]
        waiting += ((*signed[:k], -signed[k]) for k in range(len(fixing), len(signed)))
    return found, True
