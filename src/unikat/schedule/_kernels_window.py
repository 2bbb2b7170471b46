"""Open a window of a schedule: what lies in it, and what may be taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unikat._kernels import kernel, maker
from unikat.schedule._kernels import FAR, FINISH, MODE, SETUP, SETUP_START, START, _hold
from unikat.schedule._kernels_shelf import Shelf

if TYPE_CHECKING:
    from unikat.schedule.columns import Columns, Ints


@kernel
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
    size, longest = ends - firsts, 0
    for num in size:
        longest = max(longest, num)
    lane = np.empty((num_units, longest + num_own + 1), dtype=np.int64)
    tally = np.zeros(2, dtype=np.int64)
    for unit in range(num_units):
        for k in range(size[unit]):
            lane[unit, k] = lanes[firsts[unit] + k]
            tally[1] += placed[SETUP, lane[unit, k]]
    at, used, sizes = _uses(p, placed, span)
    bad = np.zeros(num_loads, dtype=np.int64)
    return Shelf(placed.copy(), lane, size, head, at, used, sizes, own, bad, tally, span)


@maker
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
