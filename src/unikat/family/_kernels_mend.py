"""What a configuration near the known one breaks, and which cut of a column mends it.

Twin: `tests/reference/configure_brute.py`, through `_kernels_fine`.
"""

from unikat._kernels import inner
from unikat.family._kernels_narrow import WORK, Net, State

CLAUSE, ROW, PRODUCT = 1, 2, 3
"""Kinds of broken rules."""
_MOVED = 1_000_000


@inner
def value_of(state: State, column: int) -> int:
    """Return the value of a column: as near as what is left of it allows."""
    return min(max(state.near[column], state.low[column]), state.high[column])


@inner
def _lit_holds(state: State, lit: int) -> bool:
    return value_of(state, lit >> 1) == 1 - (lit & 1)


@inner
def excess_of(net: Net, state: State, row: int) -> int:
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
        return excess_of(net, state, part) > 0
    z, x, y = net.products[part - net.row_bound.size]
    return value_of(state, z) != value_of(state, x) * value_of(state, y)


@inner
def broken_by(net: Net, state: State, column: int) -> tuple[int, int]:
    """Return the kind and index of a rule about a column that the values break; kind 0: none."""
    if column * 2 < state.head.size:
        lit = 2 * column + value_of(state, column)
        for k in range(net.occur_ptr[lit], net.occur_ptr[lit + 1]):
            if _is_clause_broken(net, state, net.occur[k]):
                return CLAUSE, net.occur[k]
    num_rows = net.row_bound.size
    for k in range(net.part_ptr[column], net.part_ptr[column + 1]):
        part = net.part[k]
        if _is_part_broken(net, state, part):
            return (ROW, part) if part < num_rows else (PRODUCT, part - num_rows)
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
        room = _room(state, net.row_column[k], -net.row_factor[k])
        if room == 0:
            continue
        factor = abs(net.row_factor[k])
        if room == 1:
            least = min(least, abs(overshoot - factor))
            continue
        moved = min(room, overshoot // factor) * factor
        least = min(least, overshoot - moved)
        if moved < room * factor:
            least = min(least, moved + factor - overshoot)
    return least


@inner
def _fitting(net: Net, state: State, row: int, excess: int) -> int:
    """Return the place in a row of what best mends it with one more move, or helps most, or -1.

    In an equation an overshoot breaks the opposite row, and the other move must mend that.
    """
    fitting, least = -1, 1 << 60
    helper, most = -1, 0
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        gain = abs(net.row_factor[k]) * _room(state, net.row_column[k], net.row_factor[k])
        if gain > most:
            helper, most = k, gain
        if gain >= excess:
            rest = _rest_of(net, state, row, gain - excess)
            if rest < least:
                fitting, least = k, rest
    state.counts[WORK] += (net.row_ptr[row + 1] - net.row_ptr[row]) ** 2
    return fitting if fitting >= 0 else helper


@inner
def _mend_row(net: Net, state: State, row: int) -> tuple[int, int, int]:
    """Choose a number that mends a row alone; or its literal; or what fits best."""
    excess = excess_of(net, state, row)
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
def mend(net: Net, state: State, kind: int, index: int) -> tuple[int, int, int]:
    """Choose a column, and what to cut it to; column -1: nothing is open."""
    if kind == CLAUSE:
        return _mend_clause(net, state, index)
    if kind == ROW:
        return _mend_row(net, state, index)
    return _mend_product(net, state, index)
