"""Loops of the search: take neighbouring jobs out of a window and put them back in other gaps.

All other loads stay where they are, so a trial costs what its own loads cost. The lanes of a window
are arrays of loads in sequence; a setup belongs to the pair of neighbours, so who moves sets its
follower up anew. Works on the columns of `columns` and on ``placed`` (5, L) of `_kernels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from unikat.schedule._kernels import (
    FAR,
    FINISH,
    MODE,
    SETUP,
    SETUP_START,
    START,
    _arrival,
    _first_window,
    _hold,
    _place,
    _segment,
    _setup,
    _split,
    _window,
    lean,
)

if TYPE_CHECKING:
    from unikat.schedule.columns import Columns, Ints
    from unikat.schedule.value import Links

Draws = npt.NDArray[np.uint64]
MOST = 96
"""Loads taken out at once at most."""
BROKEN, TARDINESS, OVERDUE, SETUPS, MOVED, FLOW, NEAR, UNIT_CHANGE, OVERDUE_SCALE = range(9)
"""The entries of `prices`."""


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


@lean
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


@lean
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


@lean
def _family(p: Columns, s: Shelf, unit: int, position: int) -> int:
    """Return what a unit is set up for before a position of its lane."""
    for k in range(position - 1, -1, -1):
        family = p.loads.family[s.lane[unit, k]]
        if family >= 0:
            return family
    return s.head[unit, 1]


@lean
def _free(s: Shelf, unit: int, position: int) -> int:
    """Return from when a unit is free before a position of its lane."""
    if position > 0:
        return s.placed[FINISH, s.lane[unit, position - 1]]
    return s.head[unit, 0]


@lean
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


@lean
def _next_tooled(p: Columns, s: Shelf, unit: int, position: int) -> int:
    """Return the first position from one on whose load has a family; the size if there is none."""
    while position < s.size[unit] and p.loads.family[s.lane[unit, position]] < 0:
        position += 1
    return position


@lean
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


@lean
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


@lean
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


@lean
def _gap(  # noqa: C901, PLR0915
    p: Columns,
    s: Shelf,
    mode: int,
    ready: int,
    until: int,
    setup_weight: int,
    tries: int,
    draws: Draws,
) -> tuple[int, int, int, int, int]:
    """Return the score, setup, setup start, start and finish of the best of the first gaps.

    The score is the finish plus the weighted setup seconds it adds. A gap that would do is passed
    over once in 64 times, which makes the same draw go other ways. What comes before the gap is
    carried along, and a lane that never closes and needs nothing counted is reckoned at once: a
    call with all columns costs more than the rest.
    """
    load, unit, work = p.modes.load[mode], p.modes.unit[mode], p.modes.seconds[mode]
    calendar, matrix, size = p.modes.calendar[mode], p.shop.setup[unit], s.size[unit]
    change, families, lane, placed = p.shop.change, p.loads.family, s.lane, s.placed
    family = families[load]
    is_tooled = matrix >= 0 and family >= 0
    needs = p.loads.need[p.loads.need_ptr[load] : p.loads.need_ptr[load + 1]]
    is_open = p.shop.calendars[calendar, 2] == 0 and p.shop.calendars[calendar, 3] >= FAR // 2
    opens = p.shop.windows[p.shop.calendars[calendar, 0], 0]
    is_plain = (
        is_open
        and needs.size == 0
        and p.shop.calendars[calendar, 1] == 1 + p.shop.calendars[calendar, 0]
    )
    best = (FAR, 0, 0, 0, 0)
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if placed[FINISH, lane[unit, middle]] <= ready:
            low = middle + 1
        else:
            high = middle
    position = low
    free, before = s.head[unit, 0], s.head[unit, 1]
    for k in range(position - 1, -1, -1):
        if k == position - 1:
            free = placed[FINISH, lane[unit, k]]
        if families[lane[unit, k]] >= 0:
            before = families[lane[unit, k]]
            break
    while position <= size and max(free, ready) + work <= until:
        limit, after = until, -1
        if position < size:
            after = lane[unit, position]
            is_pair = is_tooled and families[after] >= 0
            limit = min(until, placed[START if is_pair else SETUP_START, after])
        if max(free, ready) + work <= limit:
            setup = _setup(change, matrix, before, family) if is_tooled else 0
            if max(free + setup, ready) + work <= limit:
                if is_plain:
                    start = max(ready, max(free, opens) + setup)
                    begin, finish = start - setup, start + work
                else:
                    begin, start, finish = _place(
                        p.shop.calendars,
                        p.shop.windows,
                        calendar,
                        p.shop.pause[unit],
                        free,
                        setup,
                        ready,
                        work,
                        needs,
                        p.shop.limit,
                        s.at,
                        s.used,
                        s.sizes,
                    )
                is_free, added, k = finish <= limit, setup, position
                if after >= 0 and start == placed[START, after] and finish == placed[FINISH, after]:
                    is_free = False  # work of no length goes behind its like
                if is_tooled and is_free:
                    while k < size and families[lane[unit, k]] < 0:
                        k += 1
                    if k < size:
                        other = lane[unit, k]
                        retooled = _setup(change, matrix, family, families[other])
                        added += retooled - placed[SETUP, other]
                        latest = placed[START, other] - retooled
                        if not is_plain:
                            latest = _begin(p, placed[MODE, other], placed[START, other], retooled)
                        elif latest < opens:
                            latest = -1
                        lane_free = finish if k == position else placed[FINISH, lane[unit, k - 1]]
                        is_free = latest >= lane_free
                if is_free and _draw(draws, 64) > 0:
                    score = finish + setup_weight * added // 4
                    if score < best[0]:
                        best = (score, setup, begin, start, finish)
                    tries -= 1
                    if tries == 0:
                        break
        if after >= 0:
            free = placed[FINISH, after]
            before = families[after] if families[after] >= 0 else before
        position += 1
    return best


@lean
def _insert(p: Columns, s: Shelf, load: int, setup_weight: int, tries: int, draws: Draws) -> int:
    """Put a load into the best gap of all its units.

    Return 1, 0 if a predecessor isn't placed yet, -1 if there is no gap.
    """
    far: int = np.int64(FAR)  # type: ignore[assignment]
    best: int = np.int64(-1)  # type: ignore[assignment]
    best_score, best_times = far, (far, far, far, far)
    for mode in range(p.modes.ptr[load], p.modes.ptr[load + 1]):
        unit = p.modes.unit[mode]
        arrival = _arrival(
            p.loads.source,
            p.loads.source_ptr[load],
            p.loads.source_ptr[load + 1],
            p.modes.unit,
            p.shop.travel,
            unit,
            s.placed,
        )
        if arrival < 0:
            return 0
        ready, until = max(arrival, p.loads.ready[load], s.span[0]), s.span[1]
        for i in range(p.loads.next_ptr[load], p.loads.next_ptr[load + 1]):
            other = s.placed[MODE, p.loads.next[i]]
            if other >= 0:
                ride = p.shop.travel[unit, p.modes.unit[other]]
                until = min(until, s.placed[START, p.loads.next[i]] - ride)
        found = _gap(p, s, mode, ready, until, setup_weight, tries, draws)
        if found[0] < best_score:
            best, best_score = mode, found[0]
            best_times = (found[1], found[2], found[3], found[4])
    if best < 0:
        return -1
    _put(p, s, best, best_times)
    return 1


@lean
def _job_cost(p: Columns, links: Links, placed: Ints, prices: Ints, job: int) -> int:
    """Return what the end of a job costs."""
    end = p.jobs.end[job]
    for i in range(links.load_ptr[job], links.load_ptr[job + 1]):
        end = max(end, placed[FINISH, links.load[i]])
    cost = prices[FLOW] * (end - p.jobs.release[job])
    tardy, over = end - p.jobs.finish[job], end - p.jobs.due[job]
    if tardy > 0:
        cost += prices[TARDINESS] * p.jobs.weight[job] * tardy
    if over > 0:
        worse = p.jobs.weight[job] * (over * over // prices[OVERDUE_SCALE])
        cost += prices[BROKEN] + prices[OVERDUE] * worse
    return cost


@lean
def _move_cost(p: Columns, links: Links, placed: Ints, prices: Ints, load: int) -> int:
    """Return what it costs that a load isn't where the last schedule had it."""
    moved = 0
    unit = p.modes.unit[placed[MODE, load]]
    for i in range(links.step_ptr[load], links.step_ptr[load + 1]):
        step = links.step[i]
        old = p.steps.old_start[step]
        if p.steps.old_unit[step] >= 0 and old < p.now + prices[NEAR]:
            moved += abs(placed[START, load] - old)
            if p.steps.old_unit[step] != unit:
                moved += prices[UNIT_CHANGE]
    return prices[MOVED] * moved


@lean
def _value(p: Columns, links: Links, s: Shelf, prices: Ints, jobs: Ints, loads: Ints) -> int:
    """Return what some jobs, the places of some loads and all setups of the window cost."""
    value = prices[SETUPS] * s.tally[1]
    for job in jobs:
        value += _job_cost(p, links, s.placed, prices, job)
    if prices[MOVED] > 0:
        for load in loads:
            value += _move_cost(p, links, s.placed, prices, load)
    return value


@lean
def _pick_job(
    p: Columns,
    links: Links,
    s: Shelf,
    load: int,
    is_tail: int,
    marks: Ints,
    stamp: int,
    taken: Ints,
    count: int,
    draws: Draws,
) -> int:
    """Add the loads of a load's job to those to be taken out; return how many they are now."""
    at = links.step_ptr[load]
    at += _draw(draws, links.step_ptr[load + 1] - at)
    job = p.steps.job[links.step[at]]
    for i in range(links.load_ptr[job], links.load_ptr[job + 1]):
        other = links.load[i]
        if s.own[other] == 0 or marks[other] == stamp or count == MOST:
            continue
        if is_tail and other < load:
            continue
        is_shared = links.step_ptr[other + 1] - links.step_ptr[other] > 1
        if is_shared and other != load and _draw(draws, 2) == 0:
            continue
        marks[other] = stamp
        taken[count] = other
        count += 1
    return count


@lean
def _ruin(
    p: Columns,
    links: Links,
    s: Shelf,
    prices: Ints,
    own: Ints,
    marks: Ints,
    stamp: int,
    taken: Ints,
    most: int,
    draws: Draws,
) -> int:
    """Choose what to take out: a costly job and jobs that lie near it on units it could use."""
    seed = own[_draw(draws, own.size)]
    worst = -1
    for _ in range(_draw(draws, 5)):
        load = own[_draw(draws, own.size)]
        job = p.steps.job[links.step[links.step_ptr[load]]]
        cost = _job_cost(p, links, s.placed, prices, job)
        if cost > worst:
            seed, worst = load, cost
    is_tail = 1 if _draw(draws, 4) == 0 else 0
    count = _pick_job(p, links, s, seed, is_tail, marks, stamp, taken, 0, draws)
    jobs, tries = 1 + _draw(draws, most), 0
    while jobs > 1 and tries < 4 * most and count < MOST:
        tries += 1
        load = taken[_draw(draws, count)]
        low, high = p.modes.ptr[load], p.modes.ptr[load + 1]
        mode = s.placed[MODE, load] if _draw(draws, 2) else low + _draw(draws, high - low)
        unit = p.modes.unit[mode]
        near = _find(s, unit, s.placed[START, load], s.placed[FINISH, load])
        near += _draw(draws, 7) - 4
        if near < 0 or near >= s.size[unit]:
            continue
        other = s.lane[unit, near]
        if s.own[other] and marks[other] != stamp:
            count = _pick_job(p, links, s, other, is_tail, marks, stamp, taken, count, draws)
            jobs -= 1
    return count


@lean
def _rank(  # noqa: C901
    p: Columns, links: Links, s: Shelf, taken: Ints, jobs: Ints, keys: Ints, draws: Draws
) -> int:
    """List the jobs of the loads taken out in the sequence they are put back; return how many."""
    count, rule = 0, _draw(draws, 4)
    for load in taken:
        for i in range(links.step_ptr[load], links.step_ptr[load + 1]):
            job = p.steps.job[links.step[i]]
            is_known = False
            for k in range(count):
                is_known = is_known or jobs[k] == job
            if is_known or count == jobs.size:
                continue
            key = _draw(draws, 1 << 30)
            if rule == 1:
                key = p.jobs.finish[job]
            elif rule == 2:
                key = s.placed[START, load]
            elif rule == 3:
                key = -(p.jobs.weight[job] << 30) + key
            k = count
            while k > 0 and keys[k - 1] > key:
                jobs[k], keys[k] = jobs[k - 1], keys[k - 1]
                k -= 1
            jobs[k], keys[k] = job, key
            count += 1
    return count


@lean
def _recreate(
    p: Columns, links: Links, s: Shelf, jobs: Ints, marks: Ints, stamp: int, draws: Draws
) -> bool:
    """Put all that was taken out back, job by job; False if something has no place."""
    setup_weight, tries = 2 * _draw(draws, 6), 1 + _draw(draws, 3) * _draw(draws, 2)
    is_waiting, has_moved = True, True
    while is_waiting and has_moved:
        is_waiting, has_moved = False, False
        for job in jobs:
            for i in range(links.load_ptr[job], links.load_ptr[job + 1]):
                load = links.load[i]
                if marks[load] != stamp or s.placed[MODE, load] >= 0:
                    continue
                result = _insert(p, s, load, setup_weight, tries, draws)
                if result < 0:
                    return False
                is_waiting = is_waiting or result == 0
                has_moved = has_moved or result == 1
    return not is_waiting


@lean
def _anneal(  # noqa: C901
    p: Columns,
    links: Links,
    s: Shelf,
    prices: Ints,
    most: int,
    warmth: float,
    iterations: int,
    draws: Draws,
    room: tuple[Ints, Ints, Ints, Ints, Ints, Ints],
) -> int:
    """Do the trials of `search`; `room` is what they write to."""
    own, marks, taken, jobs, keys, old = room
    accepted = 0
    for stamp in range(iterations):
        count = _ruin(p, links, s, prices, own, marks, stamp, taken, most, draws)
        num_jobs = _rank(p, links, s, taken[:count], jobs, keys, draws)
        if num_jobs == jobs.size:
            continue
        before = _value(p, links, s, prices, jobs[:num_jobs], taken[:count])
        for k in range(count):
            for row in range(5):
                old[row, k] = s.placed[row, taken[k]]
        for k in range(count):
            _take(p, s, taken[k])
        is_whole = _recreate(p, links, s, jobs[:num_jobs], marks, stamp, draws)
        if is_whole and s.tally[0] == 0:
            change = _value(p, links, s, prices, jobs[:num_jobs], taken[:count]) - before
            chance = (_draw(draws, 1 << 30) + 1) / (1 << 30)
            if change <= 0 or change < -warmth * np.log(chance):
                accepted += 1
                continue
        for k in range(count):
            if s.placed[MODE, taken[k]] >= 0:
                _take(p, s, taken[k])
        for k in range(count):
            _put(
                p,
                s,
                old[MODE, k],
                (old[SETUP, k], old[SETUP_START, k], old[START, k], old[FINISH, k]),
            )
    return accepted


@njit(cache=True, nogil=True)
def search(
    p: Columns,
    links: Links,
    s: Shelf,
    prices: Ints,
    most: int,
    warmth: float,
    iterations: int,
    draws: Draws,
) -> int:
    """Improve a window by simulated annealing over take-outs; return how many were accepted.

    Slack induction by string removals (Christiaens, Vanden Berghe 2020) in a shop: neighbours in
    lanes are taken out together and put back greedily, now and then past a gap that would do.
    """
    own = np.flatnonzero(s.own)
    if own.size == 0:
        return 0
    num = p.loads.ready.size
    marks, taken = np.full(num, -1, dtype=np.int64), np.empty(MOST, dtype=np.int64)
    jobs, keys = np.empty(2 * MOST, dtype=np.int64), np.empty(2 * MOST, dtype=np.int64)
    old = np.empty((5, MOST), dtype=np.int64)
    room = (own, marks, taken, jobs, keys, old)
    return _anneal(p, links, s, prices, most, warmth, iterations, draws, room)


@njit(cache=True, nogil=True)
def open_shelf(  # noqa: C901
    p: Columns, lane_ptr: Ints, lanes: Ints, fixed: Ints, span: Ints, placed: Ints
) -> Shelf:
    """Return the window of a schedule between two instants, cut so that two windows never meet.

    `lanes` are the loads of each unit in sequence (CSR `lane_ptr`). What never moves is `fixed`
    (L,): 1 what nothing is put before, 2 the rest. On each unit the first load that begins in a
    window, up to the first with a family, stays: its setup belongs to the window before, which may
    change what lies before it.
    """
    num_units, num_loads = p.shop.lanes.shape[0], p.loads.ready.size
    inside = np.zeros(num_loads, dtype=np.int64)
    firsts, ends = np.empty(num_units, dtype=np.int64), np.empty(num_units, dtype=np.int64)
    head = p.shop.lanes.copy()
    for unit in range(num_units):
        low, high = lane_ptr[unit], lane_ptr[unit + 1]
        first, family = low, head[unit, 1]
        for k in range(low, high):
            load = lanes[k]
            is_before = placed[SETUP_START, load] < span[0] or fixed[load] == 1
            if is_before:
                first = k + 1
                head[unit, 0] = placed[FINISH, load]
                family = p.loads.family[load] if p.loads.family[load] >= 0 else family
        if span[0] > p.now:
            is_open = False
            while first < high and not is_open:
                load = lanes[first]
                is_open = p.loads.family[load] >= 0 or p.shop.setup[unit] < 0
                family = p.loads.family[load] if p.loads.family[load] >= 0 else family
                head[unit, 0] = placed[FINISH, load]
                first += 1
            if not is_open:
                head[unit, 0] = FAR
        head[unit, 1] = family
        end, is_closed = first, False
        while end < high and not is_closed:
            load = lanes[end]
            is_behind = placed[SETUP_START, load] >= span[1]
            is_closed = is_behind and (p.loads.family[load] >= 0 or p.shop.setup[unit] < 0)
            if (
                placed[FINISH, load] <= span[1]
                and not is_behind
                and head[unit, 0] < FAR
                and fixed[load] == 0
            ):
                inside[load] = 1
            end += 1
        firsts[unit], ends[unit] = first, end
    own = np.zeros(num_loads, dtype=np.int64)
    num_own = 0
    for load in range(num_loads):
        own[load] = inside[load]
        for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
            before = p.loads.source[i, 0]
            if before >= 0 and inside[before] + fixed[before] == 0:
                own[load] = 0
        for i in range(p.loads.next_ptr[load], p.loads.next_ptr[load + 1]):
            if inside[p.loads.next[i]] + fixed[p.loads.next[i]] == 0:
                own[load] = 0
        num_own += own[load]
    lane = np.empty((num_units, (ends - firsts).max() + num_own + 1), dtype=np.int64)
    size = ends - firsts
    tally = np.zeros(2, dtype=np.int64)
    for unit in range(num_units):
        for k in range(size[unit]):
            lane[unit, k] = lanes[firsts[unit] + k]
            tally[1] += placed[SETUP, lane[unit, k]]
    at, used, sizes = _uses(p, placed, span)
    bad = np.zeros(num_loads, dtype=np.int64)
    return Shelf(placed.copy(), lane, size, head, at, used, sizes, own, bad, tally, span)


@njit(cache=True, nogil=True)
def _uses(p: Columns, placed: Ints, span: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the use of the counted resources by all that runs or is placed near the window."""
    num_loads, num_resources = p.loads.ready.size, p.shop.limit.size
    places = 2 * (num_loads + p.shop.held.shape[0]) + 2 if num_resources else 1
    at = np.empty((num_resources, places), dtype=np.int64)
    used = np.zeros((num_resources, places), dtype=np.int64)
    sizes = np.zeros(num_resources, dtype=np.int64)
    for i in range(p.shop.held.shape[0]):
        _hold(at, used, sizes, p.shop.held[i, 0], p.now, p.shop.held[i, 1])
    if num_resources:
        for load in range(num_loads):
            if placed[MODE, load] >= 0:
                for i in range(p.loads.need_ptr[load], p.loads.need_ptr[load + 1]):
                    resource = p.loads.need[i]
                    _hold(at, used, sizes, resource, placed[START, load], placed[FINISH, load])
    return at, used, sizes
