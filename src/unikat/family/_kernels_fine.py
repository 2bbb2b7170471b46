"""Booleans and whole numbers together: search near a known configuration, settle everything.

A search needs no value for every column: it keeps a complete configuration (`near`), clamped into
what is left of each column, and decides only where a rule breaks. Such a decision has an opposite,
so a search that ends without an answer proves that there is none.
Twin: `tests/reference/configure_brute.py`.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from unikat._kernels import inner, lean
from unikat.family._kernels_mend import ROW, broken_by, mend, value_of
from unikat.family._kernels_narrow import (
    EQUATION,
    MOST_WORK,
    NUM_ITEMS,
    NUM_UNSURE,
    SIZE,
    WORK,
    Ints,
    Net,
    Smalls,
    State,
    hold,
    is_certain,
    propagate,
    tighten,
    undo,
    wait,
)  # fmt: skip
from unikat.family._kernels_sums import list_items, next_open, opposite

merged = nb.njit(inline="always")
"""For steps between an entry and the search: compiled alone, each would take seconds more."""

FOUND, NONE, UNKNOWN = 0, 1, 2
"""How a search ends."""
FEW = 30
"""Decisions of a search that only mends what breaks."""


@inner
def _find_broken(net: Net, state: State, check: int) -> tuple[int, int, int]:
    """Look for a rule that the values break from a place of the trail on.

    Return that place, kind and index. Places below 0 are columns, for a first look at all of them.
    """
    while check < state.counts[SIZE]:
        column = state.low.size + check if check < 0 else state.trail_column[check]
        if check < 0 or value_of(state, column) != state.near[column]:
            kind, index = broken_by(net, state, column)
            if kind != 0:
                return check, kind, index
        check += 1
    return check, 0, 0


@inner
def _back(state: State, depth: int) -> int:
    """Undo decisions until the opposite of one is possible; return the depth left, or -1."""
    while depth > 0:
        depth -= 1
        size, _, column, low, high = state.levels[depth]
        undo(state, size)
        if low > state.low[column]:
            is_open = tighten(state, column, state.low[column], low - 1)
        else:
            is_open = tighten(state, column, high + 1, state.high[column])
        if is_open:
            return depth
    return -1


@inner
def _choose(
    net: Net, state: State, kind: int, index: int, is_systematic: bool
) -> tuple[int, int, int]:
    """Choose a column and what to cut it to, for a rule that is broken; below 0: nothing helps."""
    if kind == ROW and net.kin[index] != index:
        state.counts[EQUATION] = index
    if is_systematic:
        column, low, high = next_open(net, state)
        if column != -1:
            return column, low, high
    return mend(net, state, kind, index)


@inner
def _descend(net: Net, state: State, check: int, limit: int, is_systematic: bool) -> int:
    depth = 0
    num_decisions = 0
    state.counts[WORK] = 0
    is_open = propagate(net, state)
    while state.counts[WORK] <= MOST_WORK:
        if is_open:
            check, kind, index = _find_broken(net, state, check)
            if kind == 0:
                return FOUND
            if num_decisions == limit or depth == state.levels.shape[0]:
                return UNKNOWN
            num_decisions += 1
            column, low, high = _choose(net, state, kind, index, is_systematic)
            is_open = column >= 0
            if is_open:
                level = state.levels[depth]
                level[0], level[1], level[2] = state.counts[SIZE], check, column
                level[3], level[4] = low, high
                depth += 1
                tighten(state, column, low, high)
        if not is_open:
            depth = _back(state, depth)
            if depth < 0:
                return NONE if state.counts[WORK] <= MOST_WORK else UNKNOWN
            check = state.levels[depth, 1]
        is_open = propagate(net, state)
    return UNKNOWN


@merged
def search(net: Net, state: State, check: int, limit: int) -> int:
    """Find values for all columns within what is left of them, checking the trail from a place on.

    FOUND leaves them as `value_of`; NONE is proven; UNKNOWN after `limit` decisions. First only
    what breaks is mended; if that takes long, all variables of rows are decided in sequence, which
    proves sooner that there is nothing.
    """
    state.counts[WORK] = 0
    if not propagate(net, state):
        return NONE if state.counts[WORK] <= MOST_WORK else UNKNOWN
    size = state.counts[SIZE]
    state.counts[EQUATION] = -1
    result = _descend(net, state, check, min(limit, FEW), False)
    if result != UNKNOWN:
        return result
    undo(state, size)
    state.counts[NUM_ITEMS] = 0
    row = state.counts[EQUATION]
    other = opposite(net, state, row) if row >= 0 and is_certain(net, state, row) else -1
    if other >= 0:
        list_items(net, state, row, other)
    return _descend(net, state, check, limit, True)


@lean
def begin(net: Net, state: State) -> bool:
    """Watch all clauses and tighten all rules once; False: nothing satisfies them."""
    state.head[:] = -1
    for clause in range(net.clause_ptr.size - 1):
        first = net.clause_ptr[clause]
        size = net.clause_ptr[clause + 1] - first
        if size == 0 or (size == 1 and not hold(state, net.clause_lit[first])):
            return False
        for side in range(2 if size > 1 else 0):
            lit = net.clause_lit[first + side]
            at = 2 * clause + side
            state.watched[at] = lit
            state.next[at] = state.head[lit]
            state.head[lit] = at
    for part in range(net.row_bound.size + len(net.products)):
        wait(state, part)
    state.counts[WORK] = 0
    return propagate(net, state)


@lean
def adopt(state: State) -> None:
    """Take the values as the configuration to stay near."""
    for column in range(state.low.size):
        state.near[column] = value_of(state, column)


@lean
def enter(net: Net, state: State, base: int, cuts: Ints) -> bool:
    """Leave all behind `base` of the trail and tighten by cuts (column, low, high): int64 (N, 3).

    False: a conflict.
    """
    undo(state, base)
    state.counts[WORK] = 0
    for i in range(cuts.shape[0]):
        if not tighten(state, cuts[i, 0], cuts[i, 1], cuts[i, 2]):
            return False
    return propagate(net, state) or state.counts[WORK] > MOST_WORK


@lean
def solve(net: Net, state: State, base: int, check: int, cuts: Ints, limit: int) -> int:
    """Search below cuts, from a place of the trail on; what is found becomes `near`.

    The cuts stay entered.
    """
    if not enter(net, state, base, cuts):
        return NONE
    size = state.counts[SIZE]
    result = search(net, state, check, limit)
    if result == FOUND:
        adopt(state)
        undo(state, size)
    return result


@inner
def _see(net: Net, state: State, begin_at: int, seen: NDArray[np.uint8], ranges: Ints) -> None:
    """Note the values of all columns that moved since the trail had a size."""
    for at in range(begin_at, state.counts[SIZE]):
        column = state.trail_column[at]
        value = value_of(state, column)
        if column < seen.shape[0]:
            seen[column, value] = 1
        number = net.number_of[column]
        if number >= 0:
            _see_number(net, state, number, ranges)


@inner
def _see_number(net: Net, state: State, number: int, ranges: Ints) -> None:
    column, selected = net.number[number]
    if value_of(state, selected) == 1:
        value = value_of(state, column)
        ranges[number, 0] = min(ranges[number, 0], value)
        ranges[number, 1] = max(ranges[number, 1], value)


@merged
def _probe(
    net: Net,
    state: State,
    cut: tuple[int, int, int],
    limit: int,
    seen: NDArray[np.uint8],
    ranges: Ints,
) -> int:
    """Search below one cut and note what is seen; leave everything as it was."""
    size = state.counts[SIZE]
    result = NONE
    if tighten(state, cut[0], cut[1], cut[2]):
        result = search(net, state, size, limit)
    if result == FOUND:
        _see(net, state, size, seen, ranges)
    undo(state, size)
    return result


@lean
def settle_options(
    net: Net,
    state: State,
    limit: int,
    seen: NDArray[np.uint8],
    ranges: Ints,
    unsure: Smalls,
) -> None:
    """See both values of every open option, or fix it; `near` has the picks.

    `seen` uint8 (shown + 1, 2); `ranges` as in `settle_numbers`. `unsure` gets the literals that
    must be left to a solver.
    """
    state.counts[NUM_UNSURE] = 0
    for column in range(1, seen.shape[0]):
        seen[column, state.near[column]] = 1
    for column in range(1, seen.shape[0]):
        for value in range(2):
            if seen[column, value] or not state.low[column] <= value <= state.high[column]:
                continue
            result = _probe(net, state, (column, value, value), limit, seen, ranges)
            if result == NONE:
                tighten(state, column, 1 - value, 1 - value)
                state.counts[WORK] = 0
                propagate(net, state)
            elif result == UNKNOWN:
                unsure[state.counts[NUM_UNSURE]] = 2 * column + 1 - value
                state.counts[NUM_UNSURE] += 1


@merged
def _settle_side(
    net: Net,
    state: State,
    number: int,
    is_high: bool,
    limit: int,
    seen: NDArray[np.uint8],
    ranges: Ints,
) -> bool:
    """Find the exact bound of a number: try the limit itself, then halve; False when unsure."""
    column = net.number[number, 0]
    is_first = True
    while True:
        low, high = state.low[column], state.high[column]
        if is_high:
            known = ranges[number, 1]
            if known >= high:
                return True
            low = high if is_first else known + (high - known + 1) // 2
            rest = (state.low[column], low - 1)
        else:
            known = ranges[number, 0]
            if known <= low:
                return True
            high = low if is_first else low + (known - low) // 2
            rest = (high + 1, state.high[column])
        is_first = False
        result = _probe(net, state, (column, low, high), limit, seen, ranges)
        if result == UNKNOWN:
            return False
        if result == NONE:
            tighten(state, column, rest[0], rest[1])
            state.counts[WORK] = 0
            propagate(net, state)


@merged
def _settle_number(
    net: Net, state: State, number: int, limit: int, seen: NDArray[np.uint8], ranges: Ints
) -> bool:
    """Find both bounds of a number that can be selected; False when unsure of any.

    What is cut on the way holds only where it is selected; so `near` must have it, too.
    """
    size = state.counts[SIZE]
    selected = net.number[number, 1]
    is_always = state.low[selected] == 1
    if not is_always:
        tighten(state, selected, 1, 1)
        state.counts[WORK] = 0
        propagate(net, state)
    here = state.counts[SIZE]
    is_sure = state.near[selected] == 1
    if not is_sure:
        is_sure = search(net, state, size, limit) == FOUND
        if is_sure:
            adopt(state)
        undo(state, here)
    if is_sure:
        _see_number(net, state, number, ranges)
    for is_high in (False, True):
        is_sure = is_sure and _settle_side(net, state, number, is_high, limit, seen, ranges)
    if not is_always:
        undo(state, size)
    return is_sure


@lean
def settle_numbers(
    net: Net,
    state: State,
    limit: int,
    seen: NDArray[np.uint8],
    ranges: Ints,
    is_sure: NDArray[np.uint8],
) -> None:
    """Find the exact bounds of every number that can be selected; the options are settled.

    `ranges` int64 (M, 2): what was seen, then the bounds where `is_sure`; low > high: none.
    """
    for number in range(net.number.shape[0]):
        is_sure[number] = 1
        if state.high[net.number[number, 1]] == 1:
            is_sure[number] = _settle_number(net, state, number, limit, seen, ranges)
