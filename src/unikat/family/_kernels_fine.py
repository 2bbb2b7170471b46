"""Booleans and whole numbers together: tighten to a fixpoint, search near a known configuration.

Columns 1..V are variables, 0 or 1, those behind them whole numbers; literal 2v means "variable v is
1", 2v + 1 "v is 0". A search needs no value for every column: it keeps a complete configuration
(`near`), clamped into what is left of each column, and decides only where a rule breaks. Such a
decision has an opposite, so a search that ends without an answer proves that there is none.
Twin: `tests/reference/configure_brute.py`.
"""

from typing import NamedTuple, TypeAlias

import numba as nb
import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Smalls: TypeAlias = NDArray[np.int32]

compiled = nb.njit(cache=True, nogil=True)

FOUND, NONE, UNKNOWN = 0, 1, 2
"""How a search ends."""
SIZE, HEAD, WORK, NUM_WAITING, FIRST_WAITING, NUM_UNSURE = range(6)
"""Places in `State.counts`."""
MOST_WORK = 2_000_000
"""Terms looked at in one search before it is given up: about ten milliseconds."""
FEW = 300
"""Decisions of a search that only mends what breaks."""
_CLAUSE, _ROW, _PRODUCT = 1, 2, 3
_MOVED = 1_000_000


class Net(NamedTuple):
    """All rules; never changed.

    Clauses by row and by literal (CSR) as in `_kernels.Rules`; rows as in `FineRules`, their
    literal coded (-1: always); `part_ptr` int64 (C + 2,), `part` int32: the rows and products
    (num_rows + p) that a column is part of; `degree` int32 (C + 1,): in how many rules it is.
    `number_of` int32 (C + 1,): index of the number in
    a column or -1, `number` int32 (M, 2): its column and the variable that selects it.
    `sequence` int32: the variables that rows add up, in which a systematic search decides them.
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


class State(NamedTuple):
    """The mutable arrays of one solver.

    `low`, `high`, `near` int64 (C + 1,): what is left of each column, and a configuration; trail:
    what columns were before; `head`, `next`, `watched`: two watched literals a clause, in linked
    lists; `waiting`, `is_waiting`: rows and products to look at; levels: decisions of the search.
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
    counts: Ints


@compiled
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


@compiled
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


@compiled
def _next_waiting(state: State) -> int:
    first = state.counts[FIRST_WAITING]
    part = state.waiting[first]
    state.is_waiting[part] = 0
    state.counts[FIRST_WAITING] = first + 1 if first + 1 < state.waiting.size else 0
    state.counts[NUM_WAITING] -= 1
    return part


@compiled
def _wait(state: State, part: int) -> None:
    if state.is_waiting[part] == 0:
        state.is_waiting[part] = 1
        at = state.counts[FIRST_WAITING] + state.counts[NUM_WAITING]
        state.waiting[at if at < state.waiting.size else at - state.waiting.size] = part
        state.counts[NUM_WAITING] += 1


@compiled
def _is_false(state: State, lit: int) -> bool:
    return state.high[lit >> 1] == 0 if lit & 1 == 0 else state.low[lit >> 1] == 1


@compiled
def _is_true(state: State, lit: int) -> bool:
    return state.low[lit >> 1] == 1 if lit & 1 == 0 else state.high[lit >> 1] == 0


@compiled
def _hold(state: State, lit: int) -> bool:
    value = 1 - (lit & 1)
    return tighten(state, lit >> 1, value, value)


@compiled
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
        if not _is_true(state, other):
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
            if not _hold(state, other):
                while following >= 0:
                    at, following = following, state.next[following]
                    state.next[at] = state.head[lit]
                    state.head[lit] = at
                return False
        at = following
    return True


@compiled
def _tighten_row(net: Net, state: State, row: int) -> bool:
    """Bound each column of a row by the least the others add up to; False: it cannot hold."""
    when = net.row_when[row]
    if when >= 0 and _is_false(state, when):
        return True
    begin, end = net.row_ptr[row], net.row_ptr[row + 1]
    left = net.row_bound[row]
    for k in range(begin, end):
        factor = net.row_factor[k]
        column = net.row_column[k]
        left -= factor * (state.low[column] if factor > 0 else state.high[column])
    state.counts[WORK] += end - begin
    if left < 0:
        return when >= 0 and _hold(state, when ^ 1)
    if when >= 0 and not _is_true(state, when):
        return True
    for k in range(begin, end):
        factor = net.row_factor[k]
        column = net.row_column[k]
        low, high = state.low[column], state.high[column]
        if factor > 0:
            if factor * (high - low) > left:
                tighten(state, column, low, low + left // factor)
        elif -factor * (high - low) > left:
            tighten(state, column, high - left // -factor, high)
    return True


@compiled
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


@compiled
def propagate(net: Net, state: State) -> bool:
    """Tighten until nothing changes; False: a conflict, or given up (see WORK)."""
    while state.counts[WORK] <= MOST_WORK:
        while state.counts[HEAD] < state.counts[SIZE]:
            column = state.trail_column[state.counts[HEAD]]
            state.counts[HEAD] += 1
            if column * 2 < state.head.size and state.low[column] == state.high[column]:
                if not _visit_clauses(net, state, 2 * column + state.low[column]):
                    return False
            for k in range(net.part_ptr[column], net.part_ptr[column + 1]):
                _wait(state, net.part[k])
        if state.counts[NUM_WAITING] == 0:
            return True
        part = _next_waiting(state)
        num_rows = net.row_bound.size
        if part < num_rows:
            if not _tighten_row(net, state, part):
                return False
        elif not _tighten_product(net, state, part - num_rows):
            return False
    return False


@compiled
def value_of(state: State, column: int) -> int:
    """Return the value of a column: as near as what is left of it allows."""
    return min(max(state.near[column], state.low[column]), state.high[column])


@compiled
def _lit_holds(state: State, lit: int) -> bool:
    return value_of(state, lit >> 1) == 1 - (lit & 1)


@compiled
def _excess(net: Net, state: State, row: int) -> int:
    """Return by how much the values exceed the bound of a row; 0 where it does not apply."""
    when = net.row_when[row]
    if when >= 0 and not _lit_holds(state, when):
        return 0
    total = -net.row_bound[row]
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        total += net.row_factor[k] * value_of(state, net.row_column[k])
    state.counts[WORK] += net.row_ptr[row + 1] - net.row_ptr[row]
    return max(total, 0)


@compiled
def _broken_by(net: Net, state: State, column: int) -> tuple[int, int]:
    """Return the kind and index of a rule about a column that the values break; kind 0: none."""
    if column * 2 < state.head.size:
        lit = 2 * column + value_of(state, column)
        for k in range(net.occur_ptr[lit], net.occur_ptr[lit + 1]):
            clause = net.occur[k]
            is_broken = True
            for j in range(net.clause_ptr[clause], net.clause_ptr[clause + 1]):
                state.counts[WORK] += 1
                if _lit_holds(state, net.clause_lit[j]):
                    is_broken = False
                    break
            if is_broken:
                return _CLAUSE, clause
    num_rows = net.row_bound.size
    for k in range(net.part_ptr[column], net.part_ptr[column + 1]):
        part = net.part[k]
        if part < num_rows:
            if _excess(net, state, part) > 0:
                return _ROW, part
        else:
            z, x, y = net.products[part - num_rows]
            if value_of(state, z) != value_of(state, x) * value_of(state, y):
                return _PRODUCT, part - num_rows
    return 0, 0


@compiled
def _mend_clause(net: Net, state: State, clause: int) -> tuple[int, int, int]:
    """Choose the open literal of a clause that is in fewest rules."""
    best, least = -2, 1 << 60
    for k in range(net.clause_ptr[clause], net.clause_ptr[clause + 1]):
        lit = net.clause_lit[k]
        if state.low[lit >> 1] != state.high[lit >> 1] and net.degree[lit >> 1] < least:
            best, least = lit, net.degree[lit >> 1]
    value = 1 - (best & 1)
    return best >> 1, value, value


@compiled
def _room(state: State, column: int, factor: int) -> int:
    """Return how far a column can move to make factor x column smaller."""
    value = value_of(state, column)
    return value - state.low[column] if factor > 0 else state.high[column] - value


@compiled
def _mend_row(net: Net, state: State, row: int) -> tuple[int, int, int]:
    """Choose a number that mends a row alone; or its literal; or what helps most."""
    excess = _excess(net, state, row)
    mover, least = -1, 1 << 60
    helper, most = -1, 0
    fitting, overshoot = -1, 1 << 60
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        column, factor = net.row_column[k], net.row_factor[k]
        gain = abs(factor) * _room(state, column, factor)
        if column * 2 >= state.head.size and gain >= excess:
            cost = net.degree[column]
            if value_of(state, column) != state.near[column]:
                cost += _MOVED
            if cost < least:
                mover, least = k, cost
        if gain > most:
            helper, most = k, gain
        if excess <= gain < overshoot:
            fitting, overshoot = k, gain
    when = net.row_when[row]
    if mover < 0 and when >= 0 and state.low[when >> 1] != state.high[when >> 1]:
        return when >> 1, when & 1, when & 1
    chosen = mover if mover >= 0 else fitting if fitting >= 0 else helper
    if chosen < 0:
        return -1, 0, 0
    column, factor = net.row_column[chosen], net.row_factor[chosen]
    value = value_of(state, column)
    by = min(_room(state, column, factor), (excess + abs(factor) - 1) // abs(factor))
    if factor > 0:
        return column, state.low[column], value - by
    return column, value + by, state.high[column]


@compiled
def _mend_product(net: Net, state: State, product: int) -> tuple[int, int, int]:
    """Move the product to its factors; or, where it cannot go, a factor towards it."""
    z, x, y = net.products[product]
    value = value_of(state, x) * value_of(state, y)
    if state.low[z] <= value <= state.high[z]:
        if value_of(state, z) > value:
            return z, state.low[z], value
        return z, value, state.high[z]
    if state.high[x] - state.low[x] < state.high[y] - state.low[y]:
        x, y = y, x
    if value > state.high[z]:
        if value_of(state, x) == state.low[x]:
            x, y = y, x
        if value_of(state, x) == state.low[x]:
            return -1, 0, 0
        most = state.high[z] // max(value_of(state, y), 1)
        return x, state.low[x], max(state.low[x], most)
    if value_of(state, x) == state.high[x]:
        x, y = y, x
    if value_of(state, x) == state.high[x]:
        return -1, 0, 0
    other = max(value_of(state, y), 1)
    least = (state.low[z] + other - 1) // other
    return x, min(state.high[x], max(least, value_of(state, x) + 1)), state.high[x]


@compiled
def _next_open(net: Net, state: State) -> tuple[int, int, int]:
    """Choose the first open variable that rows add up, with its value; else column -1."""
    for column in net.sequence:
        if state.low[column] != state.high[column]:
            return column, value_of(state, column), value_of(state, column)
    return -1, 0, 0


@compiled
def _mend(net: Net, state: State, kind: int, index: int) -> tuple[int, int, int]:
    """Choose a column, and what to cut it to; column -1: nothing is open."""
    if kind == _CLAUSE:
        return _mend_clause(net, state, index)
    if kind == _ROW:
        return _mend_row(net, state, index)
    return _mend_product(net, state, index)


@compiled
def _find_broken(net: Net, state: State, check: int) -> tuple[int, int, int]:
    """Look for a rule that the values break from a place of the trail on.

    Return that place, kind and index. Places below 0 are columns, for a first look at all of them.
    """
    while check < state.counts[SIZE]:
        column = state.low.size + check if check < 0 else state.trail_column[check]
        if check < 0 or value_of(state, column) != state.near[column]:
            kind, index = _broken_by(net, state, column)
            if kind != 0:
                return check, kind, index
        check += 1
    return check, 0, 0


@compiled
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


@compiled
def _descend(net: Net, state: State, check: int, limit: int, is_systematic: bool) -> int:
    depth = 0
    num_decisions = 0
    state.counts[WORK] = 0
    is_open = propagate(net, state)
    while state.counts[WORK] <= MOST_WORK:
        if not is_open:
            depth = _back(state, depth)
            if depth < 0:
                return NONE if state.counts[WORK] <= MOST_WORK else UNKNOWN
            check = state.levels[depth, 1]
        else:
            check, kind, index = _find_broken(net, state, check)
            if kind == 0:
                return FOUND
            if num_decisions == limit or depth == state.levels.shape[0]:
                return UNKNOWN
            num_decisions += 1
            column, low, high = -1, 0, 0
            if is_systematic:
                column, low, high = _next_open(net, state)
            if column < 0:
                column, low, high = _mend(net, state, kind, index)
            if column < 0:
                is_open = False
                continue
            level = state.levels[depth]
            level[0], level[1], level[2] = state.counts[SIZE], check, column
            level[3], level[4] = low, high
            depth += 1
            tighten(state, column, low, high)
        is_open = propagate(net, state)
    return UNKNOWN


@compiled
def search(net: Net, state: State, check: int, limit: int) -> int:
    """Find values for all columns within what is left of them, checking the trail from a place on.

    FOUND leaves them as `value_of`; NONE is proven; UNKNOWN after `limit` decisions. First only
    what breaks is mended; if that takes long, all variables of rows are decided in sequence, which
    proves sooner that there is nothing.
    """
    size = state.counts[SIZE]
    result = _descend(net, state, check, min(limit, FEW), False)
    if result == UNKNOWN:
        undo(state, size)
        result = _descend(net, state, check, limit, True)
    return result


@compiled
def begin(net: Net, state: State) -> bool:
    """Watch all clauses and tighten all rules once; False: nothing satisfies them."""
    state.head[:] = -1
    for clause in range(net.clause_ptr.size - 1):
        first = net.clause_ptr[clause]
        size = net.clause_ptr[clause + 1] - first
        if size == 0 or (size == 1 and not _hold(state, net.clause_lit[first])):
            return False
        for side in range(2 if size > 1 else 0):
            lit = net.clause_lit[first + side]
            at = 2 * clause + side
            state.watched[at] = lit
            state.next[at] = state.head[lit]
            state.head[lit] = at
    for part in range(net.row_bound.size + len(net.products)):
        _wait(state, part)
    state.counts[WORK] = 0
    return propagate(net, state)


@compiled
def adopt(state: State) -> None:
    """Take the values as the configuration to stay near."""
    for column in range(state.low.size):
        state.near[column] = value_of(state, column)


@compiled
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


@compiled
def solve(net: Net, state: State, base: int, cuts: Ints, limit: int) -> int:
    """Search below cuts; what is found becomes `near`, and the cuts stay entered."""
    if not enter(net, state, base, cuts):
        return NONE
    size = state.counts[SIZE]
    result = search(net, state, base, limit)
    if result == FOUND:
        adopt(state)
        undo(state, size)
    return result


@compiled
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


@compiled
def _see_number(net: Net, state: State, number: int, ranges: Ints) -> None:
    column, selected = net.number[number]
    if value_of(state, selected) == 1:
        value = value_of(state, column)
        ranges[number, 0] = min(ranges[number, 0], value)
        ranges[number, 1] = max(ranges[number, 1], value)


@compiled
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


@compiled
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


@compiled
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


@compiled
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


@compiled
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
