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
inner = nb.njit(cache=True, nogil=True, no_cpython_wrapper=True)  # type: ignore[call-overload]
"""For functions that Python never calls: unpacking arguments would take as long to compile."""

merged = nb.njit(inline="always")
"""For steps between an entry and the search: compiled alone, each would take seconds more."""

FOUND, NONE, UNKNOWN = 0, 1, 2
"""How a search ends."""
SIZE, HEAD, WORK, NUM_WAITING, FIRST_WAITING, NUM_UNSURE, DRAW, EQUATION, NUM_ITEMS, LEAST, MOST = (
    range(11)
)
"""Places in `State.counts`."""
MOST_WORK = 2_000_000
"""Terms looked at in one search before it is given up: about ten milliseconds."""
FEW = 30
"""Decisions of a search that only mends what breaks."""
TRIES = 1
"""Such searches with other draws, before a systematic one."""
MOST_ITEMS, SUM_WORDS = 256, 512
"""Size of the table of an equation's sums: up to 256 items, sums below 32,768."""
_CLAUSE, _ROW, _PRODUCT = 1, 2, 3
_MOVED = 1_000_000


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
    `items` int64 (MOST_ITEMS, 2): variables of an equation and their factors; `sums` uint64: bit b
    of row i says that the items from i on can add up to b.
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


@inner
def _next_waiting(state: State) -> int:
    first = state.counts[FIRST_WAITING]
    part = state.waiting[first]
    state.is_waiting[part] = 0
    state.counts[FIRST_WAITING] = first + 1 if first + 1 < state.waiting.size else 0
    state.counts[NUM_WAITING] -= 1
    return part


@inner
def _wait(state: State, part: int) -> None:
    if state.is_waiting[part] == 0:
        state.is_waiting[part] = 1
        at = state.counts[FIRST_WAITING] + state.counts[NUM_WAITING]
        state.waiting[at if at < state.waiting.size else at - state.waiting.size] = part
        state.counts[NUM_WAITING] += 1


@inner
def _is_false(state: State, lit: int) -> bool:
    return state.high[lit >> 1] == 0 if lit & 1 == 0 else state.low[lit >> 1] == 1


@inner
def _is_true(state: State, lit: int) -> bool:
    return state.low[lit >> 1] == 1 if lit & 1 == 0 else state.high[lit >> 1] == 0


@inner
def _hold(state: State, lit: int) -> bool:
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


@inner
def _is_certain(net: Net, state: State, row: int) -> bool:
    return net.row_when[row] < 0 or _is_true(state, net.row_when[row])


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
        return when >= 0 and _hold(state, when ^ 1)
    if not _is_certain(net, state, row):
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
        _wait(state, net.part[k])
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


@inner
def value_of(state: State, column: int) -> int:
    """Return the value of a column: as near as what is left of it allows."""
    return min(max(state.near[column], state.low[column]), state.high[column])


@inner
def _lit_holds(state: State, lit: int) -> bool:
    return value_of(state, lit >> 1) == 1 - (lit & 1)


@inner
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


@inner
def _is_clause_broken(net: Net, state: State, clause: int) -> bool:
    for k in range(net.clause_ptr[clause], net.clause_ptr[clause + 1]):
        state.counts[WORK] += 1
        if _lit_holds(state, net.clause_lit[k]):
            return False
    return True


@inner
def _is_part_broken(net: Net, state: State, part: int) -> bool:
    if part < net.row_bound.size:
        return _excess(net, state, part) > 0
    z, x, y = net.products[part - net.row_bound.size]
    return value_of(state, z) != value_of(state, x) * value_of(state, y)


@inner
def _broken_by(net: Net, state: State, column: int) -> tuple[int, int]:
    """Return the kind and index of a rule about a column that the values break; kind 0: none."""
    if column * 2 < state.head.size:
        lit = 2 * column + value_of(state, column)
        for k in range(net.occur_ptr[lit], net.occur_ptr[lit + 1]):
            if _is_clause_broken(net, state, net.occur[k]):
                return _CLAUSE, net.occur[k]
    num_rows = net.row_bound.size
    for k in range(net.part_ptr[column], net.part_ptr[column + 1]):
        part = net.part[k]
        if _is_part_broken(net, state, part):
            return (_ROW, part) if part < num_rows else (_PRODUCT, part - num_rows)
    return 0, 0


@inner
def _mend_clause(net: Net, state: State, clause: int) -> tuple[int, int, int]:
    """Choose the open literal of a clause that is in fewest rules."""
    best, least = -2, 1 << 60
    for k in range(net.clause_ptr[clause], net.clause_ptr[clause + 1]):
        lit = net.clause_lit[k]
        if state.low[lit >> 1] != state.high[lit >> 1] and net.degree[lit >> 1] < least:
            best, least = lit, net.degree[lit >> 1]
    value = 1 - (best & 1)
    return best >> 1, value, value


@inner
def _room(state: State, column: int, factor: int) -> int:
    """Return how far a column can move to make factor x column smaller."""
    value = value_of(state, column)
    return value - state.low[column] if factor > 0 else state.high[column] - value


@inner
def _skips(state: State) -> bool:
    """Draw whether to look for something else; never in a first try."""
    draw = state.counts[DRAW]
    if draw == 0:
        return False
    draw ^= (draw << 13) & 0xFFFFFFFF
    draw ^= draw >> 17
    draw ^= (draw << 5) & 0xFFFFFFFF
    state.counts[DRAW] = draw
    return draw & 1 == 1


@inner
def _cost(net: Net, state: State, column: int) -> int:
    """Return how little a number should be moved: by its rules, and whether it moved already."""
    return net.degree[column] + _MOVED * (value_of(state, column) != state.near[column])


@inner
def _number_for(net: Net, state: State, row: int, excess: int) -> int:
    """Return the place in a row of the number that best mends it alone, or -1."""
    best, least = -1, 1 << 60
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        column, factor = net.row_column[k], net.row_factor[k]
        if column * 2 >= state.head.size and abs(factor) * _room(state, column, factor) >= excess:
            cost = _cost(net, state, column)
            if cost < least:
                best, least = k, cost
    return best


@inner
def _rest_of(net: Net, state: State, row: int, overshoot: int) -> int:
    """Return how close one more move, the other way, can bring the sum of a row to its bound."""
    least = overshoot
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        factor = abs(net.row_factor[k])
        room = _room(state, net.row_column[k], -net.row_factor[k])
        moved = min(room, overshoot // factor) * factor
        least = min(least, overshoot - moved)
        if moved < room * factor:
            least = min(least, moved + factor - overshoot)
    return least


@inner
def _fitting(net: Net, state: State, row: int, excess: int) -> int:
    """Return the place in a row of what best mends it with one more move, or helps most, or -1.

    In an equation an overshoot breaks the opposite row, and the other move must mend that. Where
    it does not lead to an end, other draws find other sums.
    """
    fitting, least = -1, 1 << 60
    helper, most = -1, 0
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        gain = abs(net.row_factor[k]) * _room(state, net.row_column[k], net.row_factor[k])
        if gain > most:
            helper, most = k, gain
        if gain >= excess and not _skips(state):
            rest = _rest_of(net, state, row, gain - excess)
            if rest < least:
                fitting, least = k, rest
    state.counts[WORK] += (net.row_ptr[row + 1] - net.row_ptr[row]) ** 2
    return fitting if fitting >= 0 else helper


@inner
def _mend_row(net: Net, state: State, row: int) -> tuple[int, int, int]:
    """Choose a number that mends a row alone; or its literal; or what fits best."""
    excess = _excess(net, state, row)
    chosen = _number_for(net, state, row, excess)
    when = net.row_when[row]
    if chosen < 0 and when >= 0 and state.low[when >> 1] != state.high[when >> 1]:
        return when >> 1, when & 1, when & 1
    if chosen < 0:
        chosen = _fitting(net, state, row, excess)
    if chosen < 0:
        return -1, 0, 0
    column, factor = net.row_column[chosen], net.row_factor[chosen]
    value = value_of(state, column)
    by = min(_room(state, column, factor), (excess + abs(factor) - 1) // abs(factor))
    if factor > 0:
        return column, state.low[column], value - by
    return column, value + by, state.high[column]


@inner
def _move_factor(state: State, x: int, y: int, low: int, high: int) -> tuple[int, int, int]:
    """Move x until x y is in low..high or at its end; column -1: it is there already."""
    value, other = value_of(state, x), max(value_of(state, y), 1)
    if value * value_of(state, y) > high:
        if value == state.low[x]:
            return -1, 0, 0
        return x, state.low[x], max(state.low[x], high // other)
    if value == state.high[x]:
        return -1, 0, 0
    least = max((low + other - 1) // other, value + 1)
    return x, min(state.high[x], least), state.high[x]


@inner
def _mend_product(net: Net, state: State, product: int) -> tuple[int, int, int]:
    """Move the product to its factors; or, where it cannot go, a factor towards it."""
    z, x, y = net.products[product]
    value, low, high = value_of(state, x) * value_of(state, y), state.low[z], state.high[z]
    if low <= value <= high:
        return (z, low, value) if value_of(state, z) > value else (z, value, high)
    if state.high[x] - state.low[x] < state.high[y] - state.low[y]:
        x, y = y, x
    cut = _move_factor(state, x, y, low, high)
    return cut if cut[0] >= 0 else _move_factor(state, y, x, low, high)


@inner
def _opposite(net: Net, state: State, row: int) -> int:
    """Return a row that holds for certain and bounds the same sum the other way, or -1."""
    other = net.kin[row]
    while other != row:
        is_opposed = net.row_factor[net.row_ptr[other]] == -net.row_factor[net.row_ptr[row]]
        if is_opposed and _is_certain(net, state, other):
            return other
        other = net.kin[other]
    return -1


@inner
def _list_items(net: Net, state: State, row: int, other: int) -> None:
    """List the open variables of an equation, and the least and most that they may add up to.

    A factor below 0 counts where its variable is 0.
    """
    least, most = -net.row_bound[other], net.row_bound[row]
    size = 0
    for column in net.sequence:
        for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
            if net.row_column[k] == column and state.low[column] != state.high[column]:
                if size < MOST_ITEMS:
                    state.items[size, 0], state.items[size, 1] = column, net.row_factor[k]
                size += 1
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        column, factor = net.row_column[k], net.row_factor[k]
        low, high = factor * state.low[column], factor * state.high[column]
        if column * 2 < state.head.size and low != high:
            low, high = min(low, high), min(low, high)
        least -= max(low, high)
        most -= min(low, high)
    if size > MOST_ITEMS or np.abs(state.items[:size, 1]).sum() >= 64 * SUM_WORDS:
        size = 0
    state.counts[NUM_ITEMS] = size
    state.counts[LEAST], state.counts[MOST] = least, most


@inner
def _is_taken(state: State, item: int, value: int) -> bool:
    return (value == 1) == (state.items[item, 1] > 0)


@inner
def _add_up(state: State) -> None:
    """Find which sums the last items can have, for every number of them."""
    size = state.counts[NUM_ITEMS]
    num_words = np.abs(state.items[:size, 1]).sum() // 64 + 1
    state.sums[size, :num_words] = 0
    state.sums[size, 0] = 1
    for i in range(size - 1, -1, -1):
        column, by = state.items[i, 0], abs(state.items[i, 1])
        low, high = state.low[column], state.high[column]
        words, bits = by // 64, np.uint64(by % 64)
        after, sums = state.sums[i + 1], state.sums[i]
        for word in range(num_words):
            found = after[word] if low != high or not _is_taken(state, i, low) else np.uint64(0)
            if word >= words and (low != high or _is_taken(state, i, low)):
                found |= after[word - words] << bits
                if bits > 0 and word > words:
                    found |= after[word - words - 1] >> (np.uint64(64) - bits)
            sums[word] = found


@inner
def _can_reach(state: State, item: int, taken: int) -> bool:
    """Whether the items from one on can still make the sum of an equation."""
    low = max(state.counts[LEAST] - taken, 0)
    total = np.abs(state.items[: state.counts[NUM_ITEMS], 1]).sum()
    high = min(state.counts[MOST] - taken, total)
    for each in range(low, high + 1):
        if (state.sums[item, each // 64] >> np.uint64(each % 64)) & np.uint64(1):
            return True
    return False


@inner
def _next_item(state: State) -> tuple[int, int, int]:
    """Choose the first open item of an equation, with a value from which its sum can be reached.

    Column -1: there is none, -2: the sum cannot be reached.
    """
    size = state.counts[NUM_ITEMS]
    if size == 0:
        return -1, 0, 0
    _add_up(state)
    state.counts[WORK] += 40 * size
    if not _can_reach(state, 0, 0):
        return -2, 0, 0
    taken = 0
    for i in range(size):
        column, by = state.items[i, 0], abs(state.items[i, 1])
        value = value_of(state, column)
        if state.low[column] != state.high[column]:
            if not _can_reach(state, i + 1, taken + by * _is_taken(state, i, value)):
                value = 1 - value
            return column, value, value
        taken += by * _is_taken(state, i, value)
    return -1, 0, 0


@inner
def _next_open(net: Net, state: State) -> tuple[int, int, int]:
    """Choose the first open item, or variable that rows add up, with its value; else below 0."""
    column, low, high = _next_item(state)
    if column != -1:
        return column, low, high
    for column in net.sequence:
        if state.low[column] != state.high[column]:
            return column, value_of(state, column), value_of(state, column)
    return -1, 0, 0


@inner
def _mend(net: Net, state: State, kind: int, index: int) -> tuple[int, int, int]:
    """Choose a column, and what to cut it to; column -1: nothing is open."""
    if kind == _CLAUSE:
        return _mend_clause(net, state, index)
    if kind == _ROW:
        return _mend_row(net, state, index)
    return _mend_product(net, state, index)


@inner
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
    if kind == _ROW and net.kin[index] != index:
        state.counts[EQUATION] = index
    if is_systematic:
        column, low, high = _next_open(net, state)
        if column != -1:
            return column, low, high
    return _mend(net, state, kind, index)


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
    result = UNKNOWN
    state.counts[EQUATION] = -1
    for attempt in range(TRIES):
        state.counts[DRAW] = attempt * 0x9E3779B
        result = _descend(net, state, check, min(limit, FEW), False)
        if result != UNKNOWN:
            return result
        undo(state, size)
    state.counts[NUM_ITEMS] = 0
    row = state.counts[EQUATION]
    other = _opposite(net, state, row) if row >= 0 and _is_certain(net, state, row) else -1
    if other >= 0:
        _list_items(net, state, row, other)
    return _descend(net, state, check, limit, True)


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
