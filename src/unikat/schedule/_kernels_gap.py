"""Put a load into the best of the gaps of all its units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unikat._kernels import inner
from unikat.schedule._kernels import (
    FAR,
    FINISH,
    MODE,
    SETUP,
    SETUP_START,
    START,
    _arrival,
    _place,
    _setup,
)
from unikat.schedule._kernels_shelf import _begin, _draw, _put

if TYPE_CHECKING:
    from unikat.schedule._kernels_shelf import Draws, Shelf
    from unikat.schedule.columns import Columns


@inner
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


@inner
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
