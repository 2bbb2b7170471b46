"""Loops of the repair: keep what can stay where it was, put the rest into gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unikat._kernels import inner, kernel
from unikat.schedule._kernels import (
    FAR,
    FINISH,
    MODE,
    SETUP,
    SETUP_START,
    START,
    _always_open,
    _commit,
    _open_floor,
    _setup,
    _try,
)
from unikat.schedule._kernels_gap import _insert
from unikat.schedule._kernels_shelf import _take

if TYPE_CHECKING:
    from unikat.schedule._kernels_shelf import Draws, Shelf
    from unikat.schedule.columns import Columns, Ints
    from unikat.schedule.value import Links


@kernel
def keep(p: Columns, sequence: Ints, placed: Ints) -> None:
    """Place the loads of a sequence exactly as they were, where that is still legal.

    The rest is left at -1. A load is kept though a predecessor isn't: that has to fit in before it.
    """
    lanes, at, used, sizes, _ = _open_floor(p, placed)
    _keep(p, sequence, placed, lanes, at, used, sizes)


@inner
def _keep(
    p: Columns, sequence: Ints, placed: Ints, lanes: Ints, at: Ints, used: Ints, sizes: Ints
) -> None:
    """Do what `keep` says."""
    for load in sequence:
        mode, start = p.loads.old_mode[load], p.loads.old_start[load]
        if mode < 0 or placed[MODE, load] >= 0:
            continue
        unit, ready = p.modes.unit[mode], p.loads.ready[load]
        for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
            before, origin, finish = (
                p.loads.source[i, 0],
                p.loads.source[i, 1],
                p.loads.source[i, 2],
            )
            if before >= 0:
                if placed[MODE, before] < 0:
                    continue
                origin, finish = p.modes.unit[placed[MODE, before]], placed[FINISH, before]
            ready = max(ready, finish + p.shop.travel[origin, unit])
        if ready > start:
            continue
        times = _try(p, mode, start, lanes, at, used, sizes)
        if times[2] == start:
            _commit(p, mode, times, placed, lanes, at, used, sizes)


@kernel
def refill(p: Columns, links: Links, s: Shelf, fixed: Ints, jobs: Ints, draws: Draws) -> bool:
    """Put what isn't placed into gaps, job by job; False if something has no place.

    Where nothing fits before its followers, these are taken out and put back behind it.
    """
    # Literals would compile the insertion a second time.
    no_weight: int = np.int64(0)  # type: ignore[assignment]
    one_try: int = np.int64(1)  # type: ignore[assignment]
    stack = np.empty(p.loads.ready.size, dtype=np.int64)
    is_waiting, has_moved = True, True
    while is_waiting and has_moved:
        is_waiting, has_moved = False, False
        for job in jobs:
            for i in range(links.load_ptr[job], links.load_ptr[job + 1]):
                load = links.load[i]
                if s.placed[MODE, load] >= 0:
                    continue
                result = _insert(p, s, load, no_weight, one_try, draws)
                if result < 0:
                    _take_followers(p, s, fixed, load, stack)
                    result = _insert(p, s, load, no_weight, one_try, draws)
                if result < 0:
                    return False
                is_waiting = is_waiting or result == 0
                has_moved = has_moved or result == 1
        for load in range(p.loads.ready.size):
            is_waiting = is_waiting or s.placed[MODE, load] < 0
    return not is_waiting and s.tally[0] == 0


@inner
def _take_followers(p: Columns, s: Shelf, fixed: Ints, load: int, stack: Ints) -> None:
    """Take out all that waits for a load, directly or not."""
    size = 1
    stack[0] = load
    while size > 0:
        size -= 1
        last = stack[size]
        for i in range(p.loads.next_ptr[last], p.loads.next_ptr[last + 1]):
            after = p.loads.next[i]
            if s.placed[MODE, after] >= 0 and fixed[after] != 1:
                _take(p, s, after)
                stack[size] = after
                size += 1


@kernel
def shift(p: Columns, sequence: Ints, placed: Ints) -> None:
    """Shift right: the last schedule's sequences and units, no load before its old start.

    Twin of `decode` where every mode is known. Returns early, with loads left at -1, where one
    isn't, or a setup and its work fit into no window.
    """
    lanes, at, used, sizes, _ = _open_floor(p, placed)
    _shift(p, sequence, placed, lanes, at, used, sizes, _always_open(p))


@inner
def _shift(  # noqa: C901
    p: Columns,
    sequence: Ints,
    placed: Ints,
    lanes: Ints,
    at: Ints,
    used: Ints,
    sizes: Ints,
    opens: Ints,
) -> None:
    """Do what `shift` says."""
    unit_of, seconds, calendars = p.modes.unit, p.modes.seconds, p.modes.calendar
    source_ptr, source, travel = p.loads.source_ptr, p.loads.source, p.shop.travel
    families, matrices, change = p.loads.family, p.shop.setup, p.shop.change
    for load in sequence:
        if placed[MODE, load] >= 0:
            continue
        mode = p.loads.old_mode[load]
        if mode < 0:
            return
        unit, ready = unit_of[mode], max(p.loads.ready[load], p.loads.old_start[load])
        for i in range(source_ptr[load], source_ptr[load + 1]):
            before, origin, finish = source[i, 0], source[i, 1], source[i, 2]
            if before >= 0:
                origin, finish = unit_of[placed[MODE, before]], placed[FINISH, before]
            ready = max(ready, finish + travel[origin, unit])
        open_from, family = opens[calendars[mode]], families[load]
        if open_from < 0 or p.loads.need_ptr[load] < p.loads.need_ptr[load + 1]:
            times = _try(p, mode, ready, lanes, at, used, sizes)
            if times[2] == FAR:
                return
            _commit(p, mode, times, placed, lanes, at, used, sizes)
            continue
        setup = _setup(change, matrices[unit], lanes[unit, 1], family)
        start = max(ready, max(lanes[unit, 0], open_from) + setup)
        placed[MODE, load], placed[SETUP, load] = mode, setup
        placed[SETUP_START, load], placed[START, load] = start - setup, start
        placed[FINISH, load] = start + seconds[mode]
        lanes[unit, 0] = placed[FINISH, load]
        if family >= 0:
            lanes[unit, 1] = family
