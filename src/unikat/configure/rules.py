"""What an engineer asks about rules: what they touch, which of them follow from others and why."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from unikat.configure.workspace import workspace_of
from unikat.family.model import Clauses, Family, FineRules
from unikat.family.proof import minimal_core
from unikat.terms import FeatureName

if TYPE_CHECKING:
    from pysat.solvers import Solver


def find_touched(family: Family) -> Sequence[tuple[FeatureName, ...]]:
    """Return of each part of the clauses the options, numbers and texts it reads, in sequence."""
    bits = _bits(family)
    names = [feature.name for feature in family.features]
    found = []
    for part in family.clauses.parts:
        mask = 0
        for clause in part.clauses:
            for literal in clause:
                mask |= bits[abs(literal)]
        found.append(tuple(name for i, name in enumerate(names) if mask >> i & 1))
    return found


def _bits(family: Family) -> Sequence[int]:
    """Return of each variable the features its definition reads, as bits.

    A variable is defined by the clauses in which it is the newest one.
    """
    clauses = family.clauses
    num = len(family.features)
    bits = [0, *(1 << i for i in range(num)), *([0] * (clauses.num_vars - num))]
    definitions = _definitions(clauses, num)
    if family.fine is not None:
        _add_columns(family, family.fine, bits, definitions)
    for name, grid in clauses.grids.items():
        for variable in range(grid.base + 1, min(grid.base + grid.num, clauses.num_vars) + 1):
            bits[variable] = 1 << family.index[name]
    for variable in sorted(definitions):
        if not bits[variable]:
            for other in definitions[variable]:
                bits[variable] |= bits[other]
    return bits


def _definitions(clauses: Clauses, num_features: int) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for clause in clauses.hard:
        newest = max(map(abs, clause), default=0)
        if newest > num_features + 1:
            found.setdefault(newest, set()).update(
                abs(literal) for literal in clause if abs(literal) != newest
            )
    return found


def _add_columns(
    family: Family, fine: FineRules, bits: list[int], definitions: dict[int, set[int]]
) -> None:
    """Add what rows about whole numbers read, wherever a literal stands before them."""
    column_bits = [*bits, *([0] * (fine.low.size - len(bits)))]
    for name, (column, _) in fine.columns.items():
        column_bits[column] |= 1 << family.index[name]
    for z, x, y in fine.products.tolist():
        column_bits[z] |= column_bits[x] | column_bits[y]
    rows = [
        (int(fine.row_when[row]), fine.row_column[fine.row_ptr[row] : fine.row_ptr[row + 1]])
        for row in range(fine.row_bound.size)
    ]
    for when, columns in rows:
        if when == 0:
            newest = int(columns.max(initial=0))
            for column in columns.tolist():
                column_bits[newest] |= column_bits[column]
    for when, columns in rows:
        for column in columns.tolist() if when else ():
            bits[abs(when)] |= column_bits[column]
    definitions.update({abs(when): set() for when, _ in rows if when})


def find_redundant(
    family: Family,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Mapping[str, tuple[str, ...]], bool]:
    """Return the rules that follow from the others, each with a minimal set that implies it.

    The groups of the tree count as given; an empty set says that the tree alone implies the rule.
    Also return whether all rules were looked at before it was cancelled.
    """
    solver, parts = workspace_of(family).selecting()
    rules = {each: family.clauses.parts[i] for each, i in parts.items() if _is_rule(family, i)}
    groups = [each for each in parts if each not in rules]
    found: dict[str, tuple[str, ...]] = {}
    for done, (selector, part) in enumerate(rules.items()):
        if is_cancelled():
            return found, False
        progress(done, len(rules))
        others = [each for each in rules if each != selector]
        reasons = _reasons(solver, part.clauses, groups, others)
        if reasons is not None:
            found[part.id] = tuple(rules[each].id for each in rules if each in reasons)
    return found, True


def _is_rule(family: Family, index: int) -> bool:
    return family.clauses.parts[index].is_rule


def _reasons(
    solver: "Solver",
    clauses: Sequence[tuple[int, ...]],
    groups: list[int],
    others: list[int],
) -> set[int] | None:
    """Return a minimal part of `others` that implies all clauses; None: all do not."""
    if not all(_follows(solver, clause, [*groups, *others]) for clause in clauses):
        return None
    needed: set[int] = set()
    for clause in clauses:
        if not _follows(solver, clause, [*groups, *needed]):
            negated = [-literal for literal in clause]
            missing = [each for each in others if each not in needed]
            needed.update(minimal_core(solver, [*negated, *groups, *needed], missing))
    for each in sorted(needed):
        rest = [*groups, *(needed - {each})]
        if all(_follows(solver, clause, rest) for clause in clauses):
            needed.remove(each)
    return needed


def _follows(solver: "Solver", clause: tuple[int, ...], selectors: list[int]) -> bool:
    negated = [-literal for literal in clause]
    return not solver.solve(assumptions=[*negated, *selectors])


def droppable_together(family: Family, redundant: Mapping[str, object]) -> tuple[str, ...]:
    """Return rules that may all be dropped without any change; the last ones are dropped first."""
    solver, parts = workspace_of(family).selecting()
    kept = set(parts)
    dropped: list[str] = []
    for selector, i in reversed(parts.items()):
        part = family.clauses.parts[i]
        if part.is_rule and part.id in redundant:
            rest = sorted(kept - {selector})
            if all(_follows(solver, clause, rest) for clause in part.clauses):
                kept.remove(selector)
                dropped.append(part.id)
    return tuple(reversed(dropped))
