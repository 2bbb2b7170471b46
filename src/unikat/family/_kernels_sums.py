"""Which sums the open variables of an equation can still have, so that none is tried in vain.

An equation is a row and its opposite: together they bound a sum from both sides. Its variables
are the items of a subset sum, whose table has a bit for every sum; what its numbers add comes in
steps of their greatest common divisor. Twin: `tests/reference/configure_brute.py`, through
`_kernels_fine`.
"""

import numpy as np
from numpy.typing import NDArray

from unikat._kernels import inner
from unikat.family._kernels_mend import value_of
from unikat.family._kernels_narrow import (
    BASE,
    LOWER,
    NUM_ITEMS,
    UPPER,
    WORK,
    Net,
    State,
    is_certain,
)  # fmt: skip

MOST_ITEMS, SUM_WORDS = 256, 512
"""Size of the table: up to 256 items, sums below 32,640."""


@inner
def opposite(net: Net, state: State, row: int) -> int:
    """Return a row that holds for certain and bounds the same sum the other way, or -1."""
    other = net.kin[row]
    while other != row:
        is_opposed = net.row_factor[net.row_ptr[other]] == -net.row_factor[net.row_ptr[row]]
        if is_opposed and is_certain(net, state, other):
            return other
        other = net.kin[other]
    return -1


@inner
def list_items(net: Net, state: State, row: int, other: int) -> None:
    """List the open variables of an equation, or none of them where they are too many.

    A factor below 0 counts where its variable is 0.
    """
    state.counts[UPPER], state.counts[LOWER] = row, other
    base, size, total = 0, 0, 0
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        column, factor = net.row_column[k], net.row_factor[k]
        if column * 2 < state.head.size:
            base += min(factor * state.low[column], factor * state.high[column])
            is_open = state.low[column] != state.high[column]
            size += is_open
            total += abs(factor) * is_open
    state.counts[BASE] = base
    state.counts[NUM_ITEMS] = 0
    if size > 0 and size <= MOST_ITEMS and total < 64 * (SUM_WORDS - 2):
        _sort_items(net, state, row)


@inner
def _sort_items(net: Net, state: State, row: int) -> None:
    """List items in the sequence of search, and how many words their sums take."""
    size = 0
    for column in net.sequence:
        for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
            if net.row_column[k] == column and state.low[column] != state.high[column]:
                state.items[size, 0], state.items[size, 1] = column, net.row_factor[k]
                state.items[size, 2] = -1
                size += 1
    state.counts[NUM_ITEMS] = size
    state.sums[size, 0] = 1
    state.items[size, 1] = 0
    total = 0
    for i in range(size, -1, -1):
        total += abs(state.items[i, 1])
        state.items[i, 3] = total // 64 + 1


@inner
def _aim(net: Net, state: State) -> tuple[int, int, int]:
    """Return the least and most that all items may add up to, and in steps of what."""
    row, other = state.counts[UPPER], state.counts[LOWER]
    most = net.row_bound[row] - state.counts[BASE]
    least = -net.row_bound[other] - state.counts[BASE]
    step = 0 if least == most else 1
    for k in range(net.row_ptr[row], net.row_ptr[row + 1]):
        column, factor = net.row_column[k], net.row_factor[k]
        if column * 2 >= state.head.size and state.low[column] != state.high[column]:
            low, high = factor * state.low[column], factor * state.high[column]
            least -= max(low, high)
            most -= min(low, high)
            factor = abs(factor)
            while factor > 0:
                step, factor = factor, step % factor
        elif column * 2 >= state.head.size:
            least -= factor * state.low[column]
            most -= factor * state.low[column]
    return least, most, max(step, 1)


@inner
def _taken(state: State, item: int) -> int:
    """Return 1 when an item counts, 0 when not, 2 while that is open."""
    column = state.items[item, 0]
    if state.low[column] != state.high[column]:
        return 2
    return int((state.low[column] == 1) == (state.items[item, 1] > 0))


@inner
def _add_up(state: State) -> int:
    """Find which sums the items from each open one on can have; return the first open item.

    A row of sums stays as it is until one of its items changes.
    """
    size = state.counts[NUM_ITEMS]
    first = 0
    while first < size and _taken(state, first) != 2:
        first += 1
    is_new = False
    for i in range(size - 1, first - 1, -1):
        taken = _taken(state, i)
        is_new = is_new or taken != state.items[i, 2]
        if is_new:
            state.items[i, 2] = taken
            _add_item(state, i, taken)
    for i in range(first if is_new else 0):
        state.items[i, 2] = -1
    return first


@inner
def _add_item(state: State, item: int, taken: int) -> None:
    by = abs(state.items[item, 1])
    words, bits = by // 64, np.uint64(by % 64)
    sums, after = state.sums[item], state.sums[item + 1]
    width = state.items[item + 1, 3]
    state.counts[WORK] += state.items[item, 3]
    for word in range(state.items[item, 3]):
        sums[word] = after[word] if taken != 1 and word < width else np.uint64(0)
    for word in range(width if taken != 0 else 0):
        sums[word + words] |= after[word] << bits
        if bits > 0:
            sums[word + words + 1] |= after[word] >> (np.uint64(64) - bits)


@inner
def _can_reach(state: State, item: int, least: int, most: int, step: int) -> bool:
    """Whether the items from one on can add up to any of most, most - step, ... least."""
    width = 64 * state.items[item, 3]
    if most >= width:
        most -= (most - width + step) // step * step
    least = max(least, 0)
    if step == 1:
        return _is_any(state.sums[item], least, most)
    for each in range(most, least - 1, -step):
        if (state.sums[item, each // 64] >> np.uint64(each % 64)) & np.uint64(1):
            return True
    return False


@inner
def _is_any(sums: NDArray[np.uint64], least: int, most: int) -> bool:
    """Whether any bit from one to another is set."""
    for word in range(least // 64, most // 64 + 1):
        found = sums[word]
        if word == least // 64:
            found = found >> np.uint64(least % 64) << np.uint64(least % 64)
        if word == most // 64:
            found <<= np.uint64(63 - most % 64)
        if found:
            return True
    return False


@inner
def _next_item(net: Net, state: State) -> tuple[int, int, int]:
    """Choose the first open item of an equation, with a value from which its sum can be reached.

    Column -1: there is none, -2: the sum cannot be reached.
    """
    if state.counts[NUM_ITEMS] == 0:
        return -1, 0, 0
    least, most, step = _aim(net, state)
    first = _add_up(state)
    for i in range(first):
        by = abs(state.items[i, 1]) * _taken(state, i)
        least, most = least - by, most - by
    if not _can_reach(state, first, least, most, step):
        return -2, 0, 0
    if first == state.counts[NUM_ITEMS]:
        return -1, 0, 0
    column, by = state.items[first, 0], state.items[first, 1]
    value = value_of(state, column)
    by = abs(by) if (value == 1) == (by > 0) else 0
    if not _can_reach(state, first + 1, least - by, most - by, step):
        value = 1 - value
    return column, value, value


@inner
def next_open(net: Net, state: State) -> tuple[int, int, int]:
    """Choose the first open item, or variable that rows add up, with its value; else below 0."""
    column, low, high = _next_item(net, state)
    if column != -1:
        return column, low, high
    for column in net.sequence:
        if state.low[column] != state.high[column]:
            return column, value_of(state, column), value_of(state, column)
    return -1, 0, 0
