"""Loops of the scheduler: place a load, dispatch forward in time, decode a sequence.

A *placement* is a column of ``placed`` (5, L): mode (-1 not yet), setup seconds, setup start, start
and finish. Times are exact integers; see `columns` for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from unikat._kernels import inner, kernel, lean, maker

if TYPE_CHECKING:
    from unikat.schedule.columns import Columns, Ints

    Times = tuple[int, int, int, int]

WEEK = 604_800
FAR = 1 << 61
MODE, SETUP, SETUP_START, START, FINISH = 0, 1, 2, 3, 4
# Constants that become variables are np.int64(...): a literal type compiles the callees once more.


class Queue(NamedTuple):
    """Who waits for a unit: modes `waiting` from `first` on, `size` of them, and when each is
    `ready`, `begins` its setup and `starts`; `low` (U,), `waits` (L,) for how many predecessors,
    and `coming` loads by release.
    """

    first: Ints
    size: Ints
    waiting: Ints
    ready: Ints
    begins: Ints
    starts: Ints
    low: Ints
    waits: Ints
    coming: Ints


@inner
def _first_window(calendars: Ints, windows: Ints, calendar: int, t: int) -> int:
    """Return the first window of a calendar that closes after t, counted from its first."""
    low, end, tail = calendars[calendar, 0], calendars[calendar, 1], calendars[calendar, 2]
    first, turns = low, 0
    if t >= windows[end - 1, 1]:
        turns = (t - windows[end - 1, 1]) // WEEK + 1
        low = end - tail
    high = end - 1
    while low < high:
        middle = (low + high) // 2
        if windows[middle, 1] + turns * WEEK > t:
            high = middle
        else:
            low = middle + 1
    return low - first + turns * tail


@inner
def _window(calendars: Ints, windows: Ints, calendar: int, index: int) -> tuple[int, int]:
    """Return (open, close) of a window; behind the last column the tail repeats every week."""
    first, end, tail = calendars[calendar, 0], calendars[calendar, 1], calendars[calendar, 2]
    at, turns = first + index, 0
    if at >= end:
        turns = (at - end) // tail + 1
        at -= turns * tail
    return windows[at, 0] + turns * WEEK, windows[at, 1] + turns * WEEK


@inner
def _fit(
    calendars: Ints, windows: Ints, calendar: int, free: int, setup: int, ready: int, work: int
) -> tuple[int, int, int]:
    """Return setup start, start and finish of the earliest stay inside one window, else FAR."""
    if setup + work > calendars[calendar, 3]:
        return FAR, FAR, FAR
    index = _first_window(calendars, windows, calendar, max(free, ready))
    while True:
        opens, closes = _window(calendars, windows, calendar, index)
        start = max(ready, max(free, opens) + setup)
        if start + max(work, 1) <= closes:
            return start - setup, start, start + work
        index += 1


@inner
def _advance(
    calendars: Ints, windows: Ints, calendar: int, t: int, seconds: int
) -> tuple[int, int]:
    """Return the first open instant from t on, and the earliest with `seconds` open between."""
    index = _first_window(calendars, windows, calendar, t)
    opens, closes = _window(calendars, windows, calendar, index)
    t = max(t, opens)
    begin = t
    while seconds > closes - t:
        seconds -= closes - t
        index += 1
        t, closes = _window(calendars, windows, calendar, index)
    return begin, t + seconds


@inner
def _fit_paused(
    calendars: Ints, windows: Ints, calendar: int, free: int, setup: int, ready: int, work: int
) -> tuple[int, int, int]:
    """Return setup start, start and finish where setup and work may pause over closed time."""
    _, tooled = _advance(calendars, windows, calendar, free, setup)
    start, finish = _advance(calendars, windows, calendar, max(tooled, ready), work)
    index = _first_window(calendars, windows, calendar, start)
    opens, _ = _window(calendars, windows, calendar, index)
    begin = start
    while setup > begin - opens:
        setup -= begin - opens
        index -= 1
        opens, begin = _window(calendars, windows, calendar, index)
    return begin - setup, start, finish


@inner
def _segment(at: Ints, size: int, t: int) -> int:
    """Return the last segment of a step function that begins by t; -1 before the first."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if at[middle] <= t:
            low = middle + 1
        else:
            high = middle
    return low - 1


@lean
def _full_until(at: Ints, used: Ints, size: int, limit: int, start: int, finish: int) -> int:
    """Return the end of the first full segment met in [start, finish), or -1."""
    if start >= finish:
        return -1
    k = max(_segment(at, size, start), 0)
    while k < size and at[k] < finish:
        if used[k] >= limit and at[k + 1] > start:
            return at[k + 1]
        k += 1
    return -1


@inner
def _split(at: Ints, used: Ints, size: int, t: int) -> int:
    """Make t a border of the step function; return its segment."""
    k = _segment(at, size, t)
    if k >= 0 and at[k] == t:
        return k
    for i in range(size, k + 1, -1):
        at[i] = at[i - 1]
        used[i] = used[i - 1]
    at[k + 1] = t
    used[k + 1] = used[k] if k >= 0 else 0
    return k + 1


@lean
def _hold(at: Ints, used: Ints, sizes: Ints, resource: int, start: int, finish: int) -> None:
    """Use one more of a counted resource over [start, finish)."""
    if start >= finish:
        return
    for t in (start, finish):
        k = _segment(at[resource], sizes[resource], t)
        if k < 0 or at[resource, k] != t:
            _split(at[resource], used[resource], sizes[resource], t)
            sizes[resource] += 1
    k = _segment(at[resource], sizes[resource], start)
    while at[resource, k] < finish:
        used[resource, k] += 1
        k += 1


@inner
def _place(
    calendars: Ints,
    windows: Ints,
    calendar: int,
    pauses: int,
    free: int,
    setup: int,
    ready: int,
    work: int,
    needs: Ints,
    limit: Ints,
    at: Ints,
    used: Ints,
    sizes: Ints,
) -> tuple[int, int, int]:
    """Return the earliest setup start, start and finish that calendar and resources allow.

    Where a resource is full, the load leaps behind that full period and all are asked again:
    nothing earlier exists.
    """
    while True:
        if pauses:
            times = _fit_paused(calendars, windows, calendar, free, setup, ready, work)
        else:
            times = _fit(calendars, windows, calendar, free, setup, ready, work)
        later = -1
        if times[1] == FAR:
            return times
        for resource in needs:
            later = max(
                later,
                _full_until(
                    at[resource],
                    used[resource],
                    sizes[resource],
                    limit[resource],
                    times[1],
                    times[2],
                ),
            )
        if later < 0:
            return times
        ready = later


@inner
def _setup(change: Ints, matrix: int, before: int, after: int) -> int:
    """Return the setup seconds from one family (-1 never set up) to another (-1 needs none)."""
    if matrix < 0 or after < 0 or before == after:
        return 0
    return change[matrix, before if before >= 0 else change.shape[2], after]


@inner
def _arrival(
    source: Ints, first: int, end: int, mode_unit: Ints, travel: Ints, unit: int, placed: Ints
) -> int:
    """Return when all predecessors have arrived at a unit, or -1 if one isn't placed yet."""
    arrival = 0
    for i in range(first, end):
        before, origin, finish = source[i, 0], source[i, 1], source[i, 2]
        if before >= 0:
            mode = placed[MODE, before]
            if mode < 0:
                return -1
            origin, finish = mode_unit[mode], placed[FINISH, before]
        arrival = max(arrival, finish + travel[origin, unit])
    return arrival


@inner
def _try(
    p: Columns, mode: int, ready: int, lanes: Ints, at: Ints, used: Ints, sizes: Ints
) -> tuple[int, int, int, int]:
    """Return setup, setup start, start and finish of a load appended to a unit."""
    load, unit = p.modes.load[mode], p.modes.unit[mode]
    setup = _setup(p.shop.change, p.shop.setup[unit], lanes[unit, 1], p.loads.family[load])
    begin, start, finish = _place(
        p.shop.calendars,
        p.shop.windows,
        p.modes.calendar[mode],
        p.shop.pause[unit],
        lanes[unit, 0],
        setup,
        ready,
        p.modes.seconds[mode],
        p.loads.need[p.loads.need_ptr[load] : p.loads.need_ptr[load + 1]],
        p.shop.limit,
        at,
        used,
        sizes,
    )
    return setup, begin, start, finish


@inner
def _commit(
    p: Columns,
    mode: int,
    times: Times,
    placed: Ints,
    lanes: Ints,
    at: Ints,
    used: Ints,
    sizes: Ints,
) -> None:
    """Append a load to its unit and use its counted resources."""
    load, unit = p.modes.load[mode], p.modes.unit[mode]
    placed[MODE, load] = mode
    placed[SETUP, load], placed[SETUP_START, load] = times[0], times[1]
    placed[START, load], placed[FINISH, load] = times[2], times[3]
    lanes[unit, 0] = times[3]
    if p.loads.family[load] >= 0:
        lanes[unit, 1] = p.loads.family[load]
    for resource in p.loads.need[p.loads.need_ptr[load] : p.loads.need_ptr[load + 1]]:
        _hold(at, used, sizes, resource, times[2], times[3])


@maker
def _open_floor(p: Columns, placed: Ints) -> tuple[Ints, Ints, Ints, Ints, int]:
    """Start with what runs and with the frozen loads that can still be kept to the second."""
    num_loads, num_resources = p.loads.ready.size, p.shop.limit.size
    lanes = p.shop.lanes.copy()
    places = 2 * (num_loads + p.shop.held.shape[0]) + 2
    at = np.empty((num_resources, places), dtype=np.int64)
    used = np.zeros((num_resources, places), dtype=np.int64)
    sizes = np.zeros(num_resources, dtype=np.int64)
    for i in range(p.shop.held.shape[0]):
        _hold(at, used, sizes, p.shop.held[i, 0], p.now, p.shop.held[i, 1])
    placed[MODE] = -1
    num_placed = 0
    for load in p.loads.frozen:
        mode, start = p.loads.old_mode[load], p.loads.old_start[load]
        first, end = p.loads.source_ptr[load], p.loads.source_ptr[load + 1]
        unit = p.modes.unit[mode]
        arrival = _arrival(p.loads.source, first, end, p.modes.unit, p.shop.travel, unit, placed)
        if arrival < 0 or max(arrival, p.loads.ready[load]) > start:
            continue
        times = _try(p, mode, start, lanes, at, used, sizes)
        if times[2] == start:
            _commit(p, mode, times, placed, lanes, at, used, sizes)
            num_placed += 1
    return lanes, at, used, sizes, num_placed


@maker
def _always_open(p: Columns) -> Ints:
    """Return from when a calendar is open for ever, shape (K,); -1 where it closes.

    On such a calendar, and with nothing counted, times are one line: most of the time is saved.
    """
    opens = np.full(p.shop.calendars.shape[0], -1, dtype=np.int64)
    for calendar in range(opens.size):
        first, end, tail, longest = p.shop.calendars[calendar]
        if end == first + 1 and tail == 0 and longest >= FAR // 2:
            opens[calendar] = p.shop.windows[first, 0]
    return opens


@inner
def _enter(
    p: Columns,
    load: int,
    placed: Ints,
    lanes: Ints,
    first: Ints,
    count: Ints,
    waiting: Ints,
    ready: Ints,
    low: Ints,
) -> None:
    """Put a load whose predecessors are placed into the queue of each of its units."""
    for mode in range(p.modes.ptr[load], p.modes.ptr[load + 1]):
        unit = p.modes.unit[mode]
        arrival = _arrival(
            p.loads.source,
            p.loads.source_ptr[load],
            p.loads.source_ptr[load + 1],
            p.modes.unit,
            p.shop.travel,
            unit,
            placed,
        )
        ready[mode] = max(arrival, p.loads.ready[load])
        waiting[first[unit] + count[unit]] = mode
        count[unit] += 1
        low[unit] = min(low[unit], max(ready[mode], lanes[unit, 0]))


@inner
def _best(
    p: Columns, queue: Ints, begins: Ints, starts: Ints, soonest: int, scales: tuple[float, float]
) -> int:
    """Return the mode with the greatest index among those that could begin by the soonest start."""
    best: int = np.int64(-1)  # type: ignore[assignment]
    best_index = 0.0
    for mode in queue:
        if begins[mode] > soonest:
            continue
        load = p.modes.load[mode]
        slack = max(p.loads.aim[load] - starts[mode] - p.modes.seconds[mode], 0)
        index = p.modes.merit[mode] - slack / scales[0] - (starts[mode] - soonest) / scales[1]
        is_tie = index == best_index and load < p.modes.load[best]
        if best < 0 or index > best_index or is_tie:
            best, best_index = mode, index
    return best


@maker
def _queues(p: Columns) -> Ints:
    """Return where the queue of each unit begins: it has room for all its modes."""
    first = np.zeros(p.shop.lanes.shape[0] + 1, dtype=np.int64)
    for unit in p.modes.unit:
        first[unit + 1] += 1
    for unit in range(first.size - 1):
        first[unit + 1] += first[unit]
    return first


@inner
def _least(values: Ints) -> int:
    """Return the first index of the least value."""
    least = 0
    for k in range(1, values.size):
        if values[k] < values[least]:
            least = k
    return least


@kernel
def dispatch(
    p: Columns, by_ready: Ints, slack_scale: float, delay_scale: float, placed: Ints
) -> None:
    """Dispatch forward in time by apparent tardiness cost with setups.

    The unit that can start soonest acts; among the loads it could begin to set up or start by then
    it takes the one with the greatest index log(w / p) - slack / scale - delay / scale (the
    logarithm of ATCS: Lee, Bhaskaran, Pinedo 1997). Returns early, with loads left at -1, if a
    setup and its work fit into no window. `by_ready` (L,) are the loads by release.
    """
    lanes, at, used, sizes, _ = _open_floor(p, placed)
    num_units, num_modes = lanes.shape[0], p.modes.load.size
    waits = np.zeros(p.loads.ready.size, dtype=np.int64)
    for load in range(waits.size):
        for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
            before = p.loads.source[i, 0]
            waits[load] += before >= 0 and placed[MODE, before] < 0
    coming, num_coming = np.empty(waits.size, dtype=np.int64), 0
    for load in by_ready:
        if waits[load] == 0 and placed[MODE, load] < 0:
            coming[num_coming] = load
            num_coming += 1
    queue = Queue(
        _queues(p),
        np.zeros(num_units, dtype=np.int64),
        np.empty(num_modes, dtype=np.int64),
        np.empty(num_modes, dtype=np.int64),
        np.empty(num_modes, dtype=np.int64),
        np.empty(num_modes, dtype=np.int64),
        np.full(num_units, FAR, dtype=np.int64),
        waits,
        coming[:num_coming],
    )
    longest: int = np.int64(0)  # type: ignore[assignment]  # no literal: `_act` is compiled once
    ahead: int = np.int64(0)  # type: ignore[assignment]
    for seconds in p.shop.change.flat:
        longest = max(longest, int(seconds))
    for pause in p.shop.pause:
        ahead = WEEK if pause else ahead
    ahead += longest
    scales = (slack_scale, delay_scale)
    _act(p, scales, placed, lanes, at, used, sizes, queue, _always_open(p), longest, ahead)


@inner
def _act(  # noqa: C901
    p: Columns,
    scales: tuple[float, float],
    placed: Ints,
    lanes: Ints,
    at: Ints,
    used: Ints,
    sizes: Ints,
    q: Queue,
    opens: Ints,
    longest: int,
    ahead: int,
) -> None:
    """Let units act one by one. `q.low` holds a lower bound of each unit's soonest start, made
    exact when its turn comes: starts only move back while others are placed. A load enters the
    queues when its setup could begin.
    """
    first, count, waiting, ready = q.first, q.size, q.waiting, q.ready
    begins, starts, low = q.begins, q.starts, q.low
    load_of, calendars, change = p.modes.load, p.modes.calendar, p.shop.change
    families, need_ptr = p.loads.family, p.loads.need_ptr
    num_come = 0
    while True:
        unit = _least(low)
        soon = low[unit]
        is_known = num_come == q.coming.size
        if not is_known and p.loads.ready[q.coming[num_come]] - ahead <= soon:
            load = q.coming[num_come]
            _enter(p, load, placed, lanes, first, count, waiting, ready, low)
            num_come += 1
            continue
        if soon == FAR:
            return
        soonest, kept = np.int64(FAR), 0  # no literal: `_best` is compiled once
        matrix, free, family = p.shop.setup[unit], lanes[unit, 0], lanes[unit, 1]
        for i in range(first[unit], first[unit] + count[unit]):
            mode = waiting[i]
            load = load_of[mode]
            if placed[MODE, load] >= 0:
                continue
            waiting[first[unit] + kept] = mode
            kept += 1
            if not p.shop.pause[unit] and ready[mode] - longest > soonest:
                begins[mode] = FAR  # it could not even begin its setup by then
                continue
            open_from = opens[calendars[mode]]
            if open_from >= 0 and need_ptr[load] == need_ptr[load + 1]:
                setup = _setup(change, matrix, family, families[load])
                starts[mode] = max(ready[mode], max(free, open_from) + setup)
                begins[mode] = starts[mode] - setup
            else:
                times = _try(p, mode, ready[mode], lanes, at, used, sizes)
                begins[mode], starts[mode] = times[1], times[2]
            soonest = min(soonest, starts[mode])
        count[unit], low[unit] = kept, soonest
        if soonest == FAR or _least(low) != unit:
            continue
        if not is_known and p.loads.ready[q.coming[num_come]] - ahead <= soonest:
            continue
        best = _best(p, waiting[first[unit] : first[unit] + kept], begins, starts, soonest, scales)
        load = p.modes.load[best]
        times = _try(p, best, ready[best], lanes, at, used, sizes)
        _commit(p, best, times, placed, lanes, at, used, sizes)
        low[unit] = lanes[unit, 0] if kept > 1 else FAR
        for i in range(p.loads.next_ptr[load], p.loads.next_ptr[load + 1]):
            after = p.loads.next[i]
            q.waits[after] -= 1
            if q.waits[after] == 0 and placed[MODE, after] < 0:
                _enter(p, after, placed, lanes, first, count, waiting, ready, low)


@kernel
def decode(p: Columns, sequence: Ints, choice: Ints, earliest: Ints, placed: Ints) -> None:
    """Append loads in a topological sequence, each as early as legal but not before `earliest`.

    `choice` is the mode of each load, -1 for the one that finishes first. Returns early as
    `dispatch` does.
    """
    lanes, at, used, sizes, _ = _open_floor(p, placed)
    _append(p, sequence, choice, earliest, placed, lanes, at, used, sizes)


@inner
def _append(
    p: Columns,
    sequence: Ints,
    choice: Ints,
    earliest: Ints,
    placed: Ints,
    lanes: Ints,
    at: Ints,
    used: Ints,
    sizes: Ints,
) -> None:
    """Append loads to a floor: the loop of `decode`."""
    far: int = np.int64(FAR)  # type: ignore[assignment]
    for load in sequence:
        if placed[MODE, load] >= 0:
            continue
        low, high = p.modes.ptr[load], p.modes.ptr[load + 1]
        if choice[load] >= 0:
            low, high = choice[load], choice[load] + 1
        best: int = np.int64(-1)  # type: ignore[assignment]
        best_times: Times = (far, far, far, far)
        for mode in range(low, high):
            arrival = _arrival(
                p.loads.source,
                p.loads.source_ptr[load],
                p.loads.source_ptr[load + 1],
                p.modes.unit,
                p.shop.travel,
                p.modes.unit[mode],
                placed,
            )
            ready = max(arrival, p.loads.ready[load], earliest[load])
            times = _try(p, mode, ready, lanes, at, used, sizes)
            if times[3] < best_times[3]:
                best, best_times = mode, times
        if best < 0:
            return
        _commit(p, best, best_times, placed, lanes, at, used, sizes)


@lean
def raise_keys(source_ptr: Ints, source: Ints, key: Ints) -> None:
    """Raise each load's key to the greatest of its predecessors', in place."""
    for load in range(key.size):
        for i in range(source_ptr[load], source_ptr[load + 1]):
            if source[i, 0] >= 0:
                key[load] = max(key[load], key[source[i, 0]])
