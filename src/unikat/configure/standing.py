"""Large families: what stands after a click, and the completion of a choice, by kernels.

Small families have no standing; a solver answers for them when asked.
"""

from typing import TYPE_CHECKING

from unikat.configure.wanted import wanted_children
from unikat.configure.workspace import Model, Picks, Workspace, workspace_of
from unikat.family.model import Family, Standing, Start
from unikat.family.reach import Reach, coded, reach_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from unikat.family.reach import Lits


def stand(family: Family, start: Start, picks: Picks) -> Standing | None:
    """Return what stands after some picks in any sequence; None: no configuration has them all."""
    space = workspace_of(family)
    literals = space.literals(family, picks)
    return _reach(space, start, family).apply(start.standing, literals, literals)


def stand_after(family: Family, start: Start, at: Standing, picks: Picks) -> Standing | None:
    """Return what stands when the last of these picks is added to the others, which stand at `at`.

    None: no configuration has them all.
    """
    space = workspace_of(family)
    added = space.literals(family, picks[-1:])
    is_fixed = [at.status[abs(each)] == (1 if each > 0 else -1) for each in added]
    if all(is_fixed):
        return at
    return _reach(space, start, family).apply(at, space.literals(family, picks), added)


def decide_options(
    family: Family, start: Start, at: Standing, fixed: list[int]
) -> tuple[list[int], Model]:
    """Decide every option by the declared defaults; return what is decided, and a configuration.

    `fixed` are the literals of the picks that stand at `at`.
    """
    space = workspace_of(family)
    if space.wanted is None:
        space.wanted = _wanted(family)
    return _reach(space, start, family).take_wanted(at, fixed, *space.wanted)


def _reach(space: Workspace, start: Start, family: Family) -> Reach:
    if space.reach is None:
        space.reach = reach_of(start.rules, len(family.features), space.near)
    return space.reach


def _wanted(family: Family) -> "tuple[NDArray[np.int64], Lits]":
    """Return the wanted literals of each feature's children, feature after feature (CSR)."""
    import numpy as np

    wanted = [list(wanted_children(family, feature)) for feature in family.features]
    pointers = np.zeros(len(wanted) + 2, np.int64)
    pointers[2:] = np.cumsum([len(each) for each in wanted])
    return pointers, coded([literal for each in wanted for literal in each])
