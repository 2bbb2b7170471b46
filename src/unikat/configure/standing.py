"""Large families: what stands after a click, and the completion of a choice, by kernels.

Small families have no standing; a solver answers for them when asked.
"""

from collections.abc import Callable, Mapping
from itertools import compress
from typing import TYPE_CHECKING, cast

from unikat.configure.wanted import wanted_children
from unikat.configure.workspace import Pick, Picks, Workspace, workspace_of
from unikat.family.model import Family, Standing, Start
from unikat.terms import FeatureName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from unikat.family._kernels import Lits, Signs
    from unikat.family.reach import Reach


def stand_at_first(family: Family, start: Start) -> Standing:
    """Return what stands before any pick; makes ready for the first one."""
    _reach(workspace_of(family), start, family)
    return start.standing


def stand(family: Family, start: Start, picks: Picks) -> Standing | None:
    """Return what stands after some picks in any sequence; None: no configuration has them all."""
    space = workspace_of(family)
    literals = space.literals(family, picks)
    if start.table is not None:
        return start.table.add(start.standing, literals)
    return _reach(space, start, family).apply(start.standing, literals, len(literals))


def stand_after(
    family: Family, start: Start, at: Standing, others: Picks, pick: Pick
) -> Standing | None:
    """Return what stands when a pick is added to others, which stand at `at`.

    None: no configuration has them all.
    """
    space = workspace_of(family)
    name, value = pick
    if start.table is not None:
        return start.table.add(at, space.literals(family, (pick,)))
    reach = space.reach or _reach(space, start, family)
    if not isinstance(value, bool):
        added = space.literals(family, (pick,))
        return reach.apply(at, space.literals(family, others) + added, len(added))
    variable = family.index[name] + 1
    fixed = at.values.item(variable)
    if fixed:
        return at if (fixed > 0) is value else None
    literal = variable if value else -variable
    if at is reach.current:
        return reach.go_on(literal, lambda: space.literals(family, others))
    return reach.apply(at, [*space.literals(family, others), literal], 1)


def decide_options(
    family: Family, start: Start, at: Standing, fixed: list[int]
) -> tuple[frozenset[FeatureName], Callable[[], list[int]]]:
    """Decide every option by the declared defaults.

    Return what is selected then, and what makes a model of this configuration. `fixed` are the
    literals of the picks that stand at `at`.
    """
    space = workspace_of(family)
    if space.wanted is None:
        space.wanted = _wanted(family)
    signs = _reach(space, start, family).take_wanted(at, fixed, *space.wanted)
    is_selected = (signs[1 : len(family.features) + 1] > 0).tolist()
    names = cast("Mapping[FeatureName, int]", family.index)
    return frozenset(compress(names, is_selected)), lambda: _model(signs)


def _model(signs: "Signs") -> list[int]:
    import numpy as np

    model: list[int] = (signs[1:] * np.arange(1, signs.size)).tolist()
    return model


def _reach(space: Workspace, start: Start, family: Family) -> "Reach":
    if space.reach is None:
        from unikat.family.reach import reach_of

        space.reach = reach_of(start.rules, len(family.features), space.near)
        space.reach.goto(start.standing)
        space.solver()
    return space.reach


def _wanted(family: Family) -> "tuple[NDArray[np.int64], Lits]":
    """Return the wanted literals of each feature's children, feature after feature (CSR)."""
    import numpy as np

    from unikat.family.reach import coded

    wanted = [list(wanted_children(family, feature)) for feature in family.features]
    pointers = np.zeros(len(wanted) + 2, np.int64)
    pointers[2:] = np.cumsum([len(each) for each in wanted])
    return pointers, coded([literal for each in wanted for literal in each])
