"""A window of a schedule that loads are taken out of and put back into, and its bookkeeping.

The lanes of a window are arrays of loads in sequence; a setup belongs to the pair of neighbours, so
who moves sets its follower up anew. All else stays where it is, so a change costs what its own
loads cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from unikat._kernels import inner, lean, maker
from unikat.schedule._kernels import (
    FINISH,
    MODE,
    SETUP,
    SETUP_START,
    START,
    _first_window,
    _hold,
    _segment,
    _setup,
    _split,
    _window,
)

if TYPE_CHECKING:
    from unikat.schedule.columns import Columns, Ints

Draws = npt.NDArray[np.uint64]


class Shelf(NamedTuple):
    """A window of a schedule: what lies in it and what it may use.

    `lane` (U, C): loads in sequence, `size` (U,) of them; `head` (U, 2): from when a unit is free
    and its family then; `at`, `used`, `sizes`: use of the counted resources; `own` (L,): 1 for what
    may be taken out; `bad` (L,): 1 where a setup doesn't fit before its work; `tally`: how many are
    bad, and the setup seconds in the window; `span`: what is put back starts and ends in it.
    """

    placed: Ints
    lane: Ints
    size: Ints
    head: Ints
    at: Ints
    used: Ints
    sizes: Ints
    own: Ints
    bad: Ints
    tally: Ints
    span: Ints


@maker
def owned(s: Shelf) -> Ints:
    """Return the loads that may be taken out."""
    own, count = np.empty(s.own.size, dtype=np.int64), 0
    for load in range(s.own.size):
        if s.own[load]:
            own[count] = load
            count += 1
    return own[:count]


@inner
def _draw(draws: Draws, most: int) -> int:
    """Return an integer in [0, most): splitmix64."""
    draws[0] += np.uint64(0x9E3779B97F4A7C15)
    z = draws[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    drawn = np.int64((z ^ (z >> np.uint64(31))) >> np.uint64(11))
    return drawn % most  # type: ignore[return-value]


@lean
def _let_go(at: Ints, used: Ints, sizes: Ints, resource: int, start: int, finish: int) -> None:
    """Use one less of a counted resource over [start, finish); borders no longer needed go."""
    if start >= finish:
        return
    for t in (start, finish):
        k = _segment(at[resource], sizes[resource], t)
        if k < 0 or at[resource, k] != t:  # gone since, as use was the same before and behind it
            _split(at[resource], used[resource], sizes[resource], t)
            sizes[resource] += 1
    first = _segment(at[resource], sizes[resource], start)
    k = first
    while at[resource, k] < finish:
        used[resource, k] -= 1
        k += 1
    for border in (k, first):
        below = used[resource, border - 1] if border > 0 else 0
        if used[resource, border] == below:
            for i in range(border, sizes[resource] - 1):
                at[resource, i] = at[resource, i + 1]
                used[resource, i] = used[resource, i + 1]
            sizes[resource] -= 1


@inner
def _find(s: Shelf, unit: int, start: int, finish: int) -> int:
    """Return the position behind all loads of a lane that are not later than (start, finish)."""
    low, high = 0, s.size[unit]
    while low < high:
        middle = (low + high) // 2
        load = s.lane[unit, middle]
        begins = s.placed[START, load]
        if begins < start or (begins == start and s.placed[FINISH, load] <= finish):
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _family(p: Columns, s: Shelf, unit: int, position: int) -> int:
    """Return what a unit is set up for before a position of its lane."""
    for k in range(position - 1, -1, -1):
        family = p.loads.family[s.lane[unit, k]]
        if family >= 0:
            return family
    return s.head[unit, 1]


@inner
def _free(s: Shelf, unit: int, position: int) -> int:
    """Return from when a unit is free before a position of its lane."""
    if position > 0:
        return s.placed[FINISH, s.lane[unit, position - 1]]
    return s.head[unit, 0]


@inner
def _begin(p: Columns, mode: int, start: int, setup: int) -> int:
    """Return when a setup must begin so that work can start; -1 if it lies in closed time."""
    if setup == 0:
        return start
    calendars, windows, calendar = p.shop.calendars, p.shop.windows, p.modes.calendar[mode]
    index = _first_window(calendars, windows, calendar, start)
    opens, _ = _window(calendars, windows, calendar, index)
    begin = start
    while setup > begin - opens:
        if index == 0 or not p.shop.pause[p.modes.unit[mode]]:
            return -1
        setup -= begin - opens
        index -= 1
        opens, begin = _window(calendars, windows, calendar, index)
    return begin - setup


@inner
def _next_tooled(p: Columns, s: Shelf, unit: int, position: int) -> int:
    """Return the first position from one on whose load has a family; the size if there is none."""
    while position < s.size[unit] and p.loads.family[s.lane[unit, position]] < 0:
        position += 1
    return position


@inner
def _tool(p: Columns, s: Shelf, unit: int, position: int) -> None:
    """Set the first load from a position on up anew, for what comes before it now."""
    if p.shop.setup[unit] < 0:
        return
    k = _next_tooled(p, s, unit, position)
    if k == s.size[unit]:
        return
    load = s.lane[unit, k]
    before = _family(p, s, unit, k)
    setup = _setup(p.shop.change, p.shop.setup[unit], before, p.loads.family[load])
    begin = _begin(p, s.placed[MODE, load], s.placed[START, load], setup)
    is_bad = 1 if begin < _free(s, unit, k) else 0
    s.tally[0] += is_bad - s.bad[load]
    s.tally[1] += setup - s.placed[SETUP, load]
    s.bad[load] = is_bad
    s.placed[SETUP, load], s.placed[SETUP_START, load] = setup, begin


@inner
def _put(p: Columns, s: Shelf, mode: int, times: tuple[int, int, int, int]) -> None:
    """Put a load into its place on a unit."""
    load, unit = p.modes.load[mode], p.modes.unit[mode]
    position = _find(s, unit, times[2], times[3])
    for k in range(s.size[unit], position, -1):
        s.lane[unit, k] = s.lane[unit, k - 1]
    s.lane[unit, position] = load
    s.size[unit] += 1
    s.placed[MODE, load] = mode
    s.placed[SETUP, load], s.placed[SETUP_START, load] = times[0], times[1]
    s.placed[START, load], s.placed[FINISH, load] = times[2], times[3]
    s.tally[1] += times[0]
    for i in range(p.loads.need_ptr[load], p.loads.need_ptr[load + 1]):
        _hold(s.at, s.used, s.sizes, p.loads.need[i], times[2], times[3])
    _tool(p, s, unit, position)  # of loads of no length at one instant another may come first now
    _tool(p, s, unit, position + 1)


@inner
def _take(p: Columns, s: Shelf, load: int) -> None:
    """Take a load out."""
    unit = p.modes.unit[s.placed[MODE, load]]
    start, finish = s.placed[START, load], s.placed[FINISH, load]
    position = _find(s, unit, start, finish) - 1
    while s.lane[unit, position] != load:
        position -= 1
    for k in range(position, s.size[unit] - 1):
        s.lane[unit, k] = s.lane[unit, k + 1]
    s.size[unit] -= 1
    s.tally[0] -= s.bad[load]
    s.tally[1] -= s.placed[SETUP, load]
    s.bad[load], s.placed[MODE, load], s.placed[SETUP, load] = 0, -1, 0
    for i in range(p.loads.need_ptr[load], p.loads.need_ptr[load + 1]):
        _let_go(s.at, s.used, s.sizes, p.loads.need[i], start, finish)
    _tool(p, s, unit, position)
