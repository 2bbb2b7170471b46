"""Booleans and whole numbers together: the rules as arrays, tightened to a fixpoint.

Columns 1..V are variables, 0 or 1, those behind them whole numbers; literal 2v means "variable v is
1", 2v + 1 "v is 0". Twin: `tests/reference/configure_brute.py`, through `_kernels_fine`.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unikat._kernels import inner, lean

Ints: TypeAlias = NDArray[np.int64]
Smalls: TypeAlias = NDArray[np.int32]

(
    SIZE, HEAD, WORK, NUM_WAITING, FIRST_WAITING, NUM_UNSURE, EQUATION, NUM_ITEMS, UPPER, LOWER,
    BASE, NUM_COUNTS,
) = range(12)  # fmt: skip
"""Places in `State.counts`."""
MOST_WORK = 2_000_000
"""Terms looked at in one search before it is given up: about ten milliseconds."""


class Net(NamedTuple):
    """All rules; never changed.

    Clauses by row and by literal (CSR) as in `_kernels.Rules`; rows as in `FineRules`, their
    literal coded (-1: always); `part_ptr` int64 (C + 2,), `part` int32: the rows and products
    (num_rows + p) that a column is part of; `degree` int32 (C + 1,): in how many rules it is.
    `number_of` int32 (C + 1,): index of the number in
    a column or -1, `number` int32 (M, 2): its column and the variable that selects it.
    `sequence` int32: the variables that rows add up, in which a systematic search decides them;
    `kin` int32 (R,): the next row, in a circle, of those with the same sum, either way.
    """

    clause_ptr: Ints
    clause_lit: Smalls
    occur_ptr: Ints
    occur: Smalls
    row_ptr: Ints
    row_column: Smalls
    row_factor: Ints
    row_bound: Ints
    row_when: Smalls
    products: Smalls
    part_ptr: Ints
    part: Smalls
    degree: Smalls
    number_of: Smalls
    number: Smalls
    sequence: Smalls
    kin: Smalls


class State(NamedTuple):
    """The mutable arrays of one solver.

    `low`, `high`, `near` int64 (C + 1,): what is left of each column, and a configuration; trail:
    what columns were before; `head`, `next`, `watched`: two watched literals a clause, in linked
    lists; `waiting`, `is_waiting`: rows and products to look at; levels: decisions of the search.
    `items` int64 (MOST_ITEMS + 1, 4): variables of an equation, their factors, whether they counted
    when their sums were found, and how many words of sums there are; `sums` uint64: bit b of row i
    says that the items from i on can add up to b.
    """

    low: Ints
    high: Ints
    near: Ints
    trail_column: Smalls
    trail_low: Ints
    trail_high: Ints
    head: Smalls
    next: Smalls
    watched: Smalls
    waiting: Smalls
    is_waiting: NDArray[np.uint8]
    levels: Ints
    items: Ints
    sums: NDArray[np.uint64]
    counts: Ints


@inner
def tighten(state: State, column: int, low: int, high: int) -> bool:
    """Cut a column to low..high; False when nothing is left or the trail is full."""
    old_low, old_high = state.low[column], state.high[column]
    low, high = max(low, old_low), min(high, old_high)
    if low > high:
        return False
    if low == old_low and high == old_high:
        return True
    size = state.counts[SIZE]
    if size == state.trail_column.size:
        state.counts[WORK] = MOST_WORK + 1
        return False
    state.trail_column[size] = column
    state.trail_low[size] = old_low
    state.trail_high[size] = old_high
    state.counts[SIZE] = size + 1
    state.low[column] = low
    state.high[column] = high
    return True


@lean
def undo(state: State, size: int) -> None:
    """Take all back that was tightened since the trail had this size."""
    for at in range(state.counts[SIZE] - 1, size - 1, -1):
        column = state.trail_column[at]
        state.low[column] = state.trail_low[at]
        state.high[column] = state.trail_high[at]
    state.counts[SIZE] = size
    state.counts[HEAD] = size
    while state.counts[NUM_WAITING] > 0:
        _next_waiting(state)


@inner
def _next_waiting(state: State) -> int:
    first = state.counts[FIRST_WAITING]
    part = state.waiting[first]
    state.is_waiting[part] = 0
    state.counts[FIRST_WAITING] = first + 1 if first + 1 < state.waiting.size else 0
    state.counts[NUM_WAITING] -= 1
    return part


@inner
def wait(state: State, part: int) -> None:
    if state.is_waiting[part] == 0:
        state.is_waiting[part] = 1
        at = state.counts[FIRST_WAITING] + state.counts[NUM_WAITING]
        state.waiting[at if at < state.waiting.size else at - state.waiting.size] = part
        state.counts[NUM_WAITING] += 1


@inner
def _is_false(state: State, lit: int) -> bool:
    return state.high[lit >> 1] == 0 if lit & 1 == 0 else state.low[lit >> 1] == 1


@inner
def is_true(state: State, lit: int) -> bool:
    return state.low[lit >> 1] == 1 if lit & 1 == 0 else state.high[lit >> 1] == 0


@inner
def hold(state: State, lit: int) -> bool:
    value = 1 - (lit & 1)
    return tighten(state, lit >> 1, value, value)


@inner
def _visit_clauses(net: Net, state: State, lit: int) -> bool:
    """Let every clause that watches a literal, now false, watch another one, or hold by its last.

    False: a clause has none left.
    """
    at = state.head[lit]
    state.head[lit] = -1
    while at >= 0:
        following = state.next[at]
        other = state.watched[at ^ 1]
        found = -1
        if not is_true(state, other):
            clause = at >> 1
            for k in range(net.clause_ptr[clause], net.clause_ptr[clause + 1]):
                each = net.clause_lit[k]
                if each != other and not _is_false(state, each):
                    found = each
                    break
            state.counts[WORK] += 1
        if found >= 0:
            state.watched[at] = found
            state.next[at] = state.head[found]
            state.head[found] = at
        else:
            state.next[at] = state.head[lit]
            state.head[lit] = at
            if not hold(state, other):
                while following >= 0:
                    at, following = following, state.next[following]
                    state.next[at] = state.head[lit]
                    state.head[lit] = at
                return False
        at = following
    return True


@inner
def is_certain(net: Net, state: State, row: int) -> bool:
    return net.row_when[row] < 0 or is_true(state, net.row_when[row])


@inner
def _slack(net: Net, state: State, row: int) -> int:
    """Return what the bound of a row leaves above the least that its columns add up to."""
    left = net.row_bound[row]
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        column, factor = net.row_column[k], net.row_factor[k]
        left -= factor * (state.low[column] if factor > 0 else state.high[column])
    state.counts[WORK] += net.row_ptr[row + 1] - net.row_ptr[row]
    return left


@inner
def _tighten_row(net: Net, state: State, row: int) -> bool:
    """Bound each column of a row by the least the others add up to; False: it cannot hold."""
    when = net.row_when[row]
    if when >= 0 and _is_false(state, when):
        return True
    left = _slack(net, state, row)
    if left < 0:
        return when >= 0 and hold(state, when ^ 1)
    if not is_certain(net, state, row):
        return True
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        column, factor = net.row_column[k], net.row_factor[k]
        low, high = state.low[column], state.high[column]
        if abs(factor) * (high - low) > left:
            if factor > 0:
                tighten(state, column, low, low + left // factor)
            else:
                tighten(state, column, high - left // -factor, high)
    return True


@inner
def _tighten_product(net: Net, state: State, product: int) -> bool:
    """Multiply and divide what is left of z = x y; False: it cannot hold."""
    state.counts[WORK] += 3
    z, x, y = net.products[product, 0], net.products[product, 1], net.products[product, 2]
    if not tighten(state, z, state.low[x] * state.low[y], state.high[x] * state.high[y]):
        return False
    for _ in range(2):
        if state.low[y] > 0 and not tighten(state, x, 0, state.high[z] // state.low[y]):
            return False
        if state.low[z] > 0 and not tighten(
            state, x, (state.low[z] + state.high[y] - 1) // state.high[y], state.high[x]
        ):
            return False
        x, y = y, x
    return True


@inner
def _follow_column(net: Net, state: State, column: int) -> bool:
    """Visit the clauses that a column shortens and let its rows and products wait."""
    for k in range(net.part_ptr[column], net.part_ptr[column + 1]):
        wait(state, net.part[k])
    if column * 2 >= state.head.size or state.low[column] != state.high[column]:
        return True
    return _visit_clauses(net, state, 2 * column + state.low[column])


@inner
def _follow_part(net: Net, state: State, part: int) -> bool:
    if part < net.row_bound.size:
        return _tighten_row(net, state, part)
    return _tighten_product(net, state, part - net.row_bound.size)


@inner
def propagate(net: Net, state: State) -> bool:
    """Tighten until nothing changes; False: a conflict, or given up (see WORK)."""
    is_open = True
    while is_open and state.counts[WORK] <= MOST_WORK:
        if state.counts[HEAD] < state.counts[SIZE]:
            state.counts[HEAD] += 1
            is_open = _follow_column(net, state, state.trail_column[state.counts[HEAD] - 1])
        elif state.counts[NUM_WAITING] > 0:
            is_open = _follow_part(net, state, _next_waiting(state))
        else:
            return True
    return False
