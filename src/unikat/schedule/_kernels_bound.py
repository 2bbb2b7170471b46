"""Loops of the lower bound: the cheapest way of each job alone where units have a price.

The price of a second of a unit depends on its *bucket* of time, ``2 ** shift`` seconds counted from
now. A job pays for what it uses and for its end, and shares nothing with others; `bound` explains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from unikat._kernels import inner, kernel
from unikat.schedule._kernels import (
    FAR,
    _advance,
    _first_window,
    _fit,
    _fit_paused,
    _window,
)
from unikat.schedule._kernels_value import _end_cost

if TYPE_CHECKING:
    from unikat.schedule.columns import Columns, Floats, Ints
    from unikat.schedule.value import Links

NEVER = 1e300


class Market(NamedTuple):
    """What units cost and who pays.

    `price` (U, B): a second of a unit in a bucket, `paid` (U, B + 1): all seconds before a bucket;
    `owner` (L,): the job that pays for a load; `heir` (L,): the follower in that job that its cost
    is handed to, or -1; `least` (M,): the shortest setup of a mode; `finish` (L,): a lower bound of
    each finish.
    """

    shift: int
    price: Floats
    paid: Floats
    owner: Ints
    heir: Ints
    least: Ints
    finish: Ints


class Board(NamedTuple):
    """Room for one job: a row a load, a column the bucket it finishes in at the latest.

    `cost` is the least, `mode` and `start` how, `till` by when what it waits for has arrived.
    """

    cost: Floats
    mode: Ints
    start: Ints
    till: Ints
    ride: Ints
    column: Ints


@inner
def _ride(p: Columns, before: int, unit: int) -> int:
    """Return the shortest way to a unit from any unit of a load."""
    ride = FAR
    for other in range(p.modes.ptr[before], p.modes.ptr[before + 1]):
        ride = min(ride, p.shop.travel[p.modes.unit[other], unit])
    return ride


@inner
def _soonest(p: Columns, mode: int, finish: Ints, least: Ints) -> int:
    """Return a lower bound of a load's start on a unit, from bounds of what it waits for."""
    load, unit = p.modes.load[mode], p.modes.unit[mode]
    ready = max(p.loads.ready[load], p.shop.lanes[unit, 0] + least[mode])
    for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
        before = p.loads.source[i, 0]
        if before < 0:
            travel = p.shop.travel[p.loads.source[i, 1], unit]
            ready = max(ready, p.loads.source[i, 2] + travel)
        else:
            ready = max(ready, finish[before] + _ride(p, before, unit))
    return ready


@kernel
def heads(p: Columns, least: Ints) -> Ints:
    """Return a lower bound of each load's finish: its best mode on an empty unit.

    `least` (M,) is the shortest setup of each mode.
    """
    finish = np.empty(p.loads.ready.size, dtype=np.int64)
    for load in range(finish.size):
        finish[load] = FAR
        for mode in range(p.modes.ptr[load], p.modes.ptr[load + 1]):
            unit, ready = p.modes.unit[mode], _soonest(p, mode, finish, least)
            calendar, work = p.modes.calendar[mode], p.modes.seconds[mode]
            free = p.shop.lanes[unit, 0]
            if p.shop.pause[unit]:
                times = _fit_paused(
                    p.shop.calendars, p.shop.windows, calendar, free, 0, ready, work
                )
            else:
                times = _fit(p.shop.calendars, p.shop.windows, calendar, free, 0, ready, work)
            finish[load] = min(finish[load], times[2])
    return finish


@inner
def _paid(m: Market, unit: int, t: int) -> float:
    """Return what a unit costs from now until t seconds later."""
    bucket = t >> m.shift
    if bucket >= m.price.shape[1]:
        return m.paid[unit, m.price.shape[1]]
    return m.paid[unit, bucket] + m.price[unit, bucket] * (t - (bucket << m.shift))


@inner
def _offer(
    p: Columns, m: Market, b: Board, mode: int, row: int, base: int, stay: tuple[int, int, int],
    extra: float,
) -> None:  # fmt: skip
    """Note the cheapest start in [first, last], seconds from now, that finishes from `finish` on.

    Starts and finishes of one stay lie in one bucket each, so what it costs is linear: the cheapest
    is an end. What it waits for may arrive until the last start.
    """
    first, last, finish = stay
    unit, work, load = p.modes.unit[mode], p.modes.seconds[mode], p.modes.load[mode]
    cost = _paid(m, unit, first + work) - _paid(m, unit, first)
    late = _paid(m, unit, last + work) - _paid(m, unit, last)
    start = first
    if late < cost:
        cost, start = late, last
    for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
        before = p.loads.source[i, 0]
        if before >= 0 and m.heir[before] == load:
            column = ((last - b.ride[i - p.loads.source_ptr[load]]) >> m.shift) - base
            if column < 0:
                return
            cost += b.cost[b.column[before], column]
    column = (finish >> m.shift) - base
    if cost + extra < b.cost[row, column]:
        b.cost[row, column] = cost + extra
        b.mode[row, column], b.start[row, column], b.till[row, column] = mode, start, last


@inner
def _stays(
    p: Columns, m: Market, b: Board, prices: Ints, mode: int, row: int, base: int, width: int,
    payer: int,
) -> None:  # fmt: skip
    """Offer all starts of a mode that finish before the last column; `payer` pays its end."""
    calendars, windows, calendar = p.shop.calendars, p.shop.windows, p.modes.calendar[mode]
    work, pauses = p.modes.seconds[mode], p.shop.pause[p.modes.unit[mode]]
    until = (base + width) << m.shift
    t = _soonest(p, mode, m.finish, m.least)
    index = _first_window(calendars, windows, calendar, t)
    while t - p.now < until:
        opens, closes = _window(calendars, windows, calendar, index)
        index += 1
        t = max(t, opens)
        end = min(closes - (1 if pauses else max(work, 1)), p.now + until - 1)
        while t <= end:
            finish = t + work
            if pauses:
                finish = _advance(calendars, windows, calendar, t, work)[1]
            if finish - p.now >= until:
                return
            bucket = (t - p.now) >> m.shift
            last = min(end, p.now + ((bucket + 1) << m.shift) - 1)
            if not pauses:
                border = p.now + ((((finish - p.now) >> m.shift) + 1) << m.shift)
                last = min(last, border - work - 1)
            elif (t - p.now + work) >> m.shift != (
                last - p.now + work
            ) >> m.shift:  # split where the price of its last second changes
                border = p.now + ((((t - p.now + work) >> m.shift) + 1) << m.shift)
                last = min(last, border - work - 1)
            extra = 0.0
            if payer >= 0:
                extra = float(_end_cost(p, prices, payer, max(finish, p.jobs.end[payer])))
            stay = (t - p.now, last - p.now, finish - p.now)
            _offer(p, m, b, mode, row, base, stay, extra)
            t = last + 1
        t = max(t, closes)


@inner
def _use(p: Columns, m: Market, usage: Floats, mode: int, start: int) -> None:
    """Add the seconds a mode uses its unit from `start` on to each bucket."""
    unit, end = p.modes.unit[mode], start + p.modes.seconds[mode]
    while start < end:
        bucket = start >> m.shift
        if bucket >= usage.shape[1]:
            return
        border = min(end, (bucket + 1) << m.shift)
        usage[unit, bucket] += border - start
        start = border


@inner
def _follow(p: Columns, m: Market, b: Board, loads: Ints, base: int, usage: Floats) -> None:
    """Add what the cheapest way uses, from the last load to the first.

    `b.column[load]` is the row of a load; the last column of `b.mode` says where it is entered.
    """
    width = b.mode.shape[1] - 1
    for row in range(loads.size - 1, -1, -1):
        column = b.mode[row, width]
        if column < 0:
            continue
        mode, load = b.mode[row, column], loads[row]
        _use(p, m, usage, mode, b.start[row, column])
        for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
            before = p.loads.source[i, 0]
            if before >= 0 and m.heir[before] == load:
                ride = _ride(p, before, p.modes.unit[mode])
                at = ((b.till[row, column] - ride) >> m.shift) - base
                b.mode[b.column[before], width] = at


@inner
def _fill(  # noqa: C901
    p: Columns, m: Market, b: Board, prices: Ints, loads: Ints, job: int, base: int, width: int
) -> int:
    """Fill the board of a job; return how many of its loads hand their cost to nobody."""
    num_sinks = 0
    for load in loads:
        num_sinks += m.owner[load] == job and m.heir[load] < 0
    for row in range(loads.size):
        load = loads[row]
        b.column[load] = row
        b.mode[row, b.mode.shape[1] - 1] = -1
        for k in range(width):
            b.cost[row, k] = NEVER
        if m.owner[load] != job:
            continue
        payer = job if num_sinks == 1 and m.heir[load] < 0 else -1
        first, end = p.loads.source_ptr[load], p.loads.source_ptr[load + 1]
        for mode in range(p.modes.ptr[load], p.modes.ptr[load + 1]):
            for i in range(first, end):
                if p.loads.source[i, 0] >= 0:
                    b.ride[i - first] = _ride(p, p.loads.source[i, 0], p.modes.unit[mode])
            _stays(p, m, b, prices, mode, row, base, width, payer)
        for k in range(1, width):
            if b.cost[row, k - 1] < b.cost[row, k]:
                b.cost[row, k] = b.cost[row, k - 1]
                b.mode[row, k], b.start[row, k] = b.mode[row, k - 1], b.start[row, k - 1]
                b.till[row, k] = b.till[row, k - 1]
    return num_sinks


@inner
def _cheapest(  # noqa: C901
    p: Columns, m: Market, b: Board, prices: Ints, loads: Ints, job: int, base: int, width: int,
    num_sinks: int,
) -> float:  # fmt: skip
    """Return the least cost of a job, and mark where its cheapest way ends."""
    over = p.now + ((base + width) << m.shift)
    soonest = p.jobs.end[job]
    for load in loads:
        soonest = max(soonest, m.finish[load])
    best = float(_end_cost(p, prices, job, max(over, soonest)))
    for k in range(width - 1 if num_sinks == 1 else 0, width):
        cost = 0.0
        if num_sinks != 1:
            end = max(soonest, p.now + ((base + k) << m.shift))
            cost = float(_end_cost(p, prices, job, end))
        for row in range(loads.size):
            if m.owner[loads[row]] == job and m.heir[loads[row]] < 0:
                cost += b.cost[row, k]
        if cost < best:
            best = cost
            for row in range(loads.size):
                if m.owner[loads[row]] == job and m.heir[loads[row]] < 0:
                    b.mode[row, b.mode.shape[1] - 1] = k
    return best


@kernel
def pay(
    p: Columns, links: Links, m: Market, prices: Ints, jobs: Ints, width: Ints, usage: Floats
) -> float:
    """Return what some jobs cost at least, each alone; add what they use to `usage` (U, B).

    A job may end behind its `width` (J,) buckets for the cost of that end alone, which is less than
    any way there costs. Where that is the cheapest the width is doubled for the next time.
    """
    widest, most = 2, 1
    for job in jobs:
        widest = max(widest, width[job])
        most = max(most, links.load_ptr[job + 1] - links.load_ptr[job])
    sources = 1
    for load in range(m.owner.size):
        sources = max(sources, p.loads.source_ptr[load + 1] - p.loads.source_ptr[load])
    shape = (most, widest + 1)
    board = Board(
        np.empty(shape, dtype=np.float64),
        np.empty(shape, dtype=np.int64),
        np.empty(shape, dtype=np.int64),
        np.empty(shape, dtype=np.int64),
        np.zeros(sources, dtype=np.int64),
        np.empty(m.owner.size, dtype=np.int64),
    )
    total = 0.0
    for job in jobs:
        loads = links.load[links.load_ptr[job] : links.load_ptr[job + 1]]
        base = FAR
        for load in loads:
            base = min(base, (p.loads.ready[load] - p.now) >> m.shift)
        num_sinks = _fill(p, m, board, prices, loads, job, base, width[job])
        cost = _cheapest(p, m, board, prices, loads, job, base, width[job], num_sinks)
        is_over = num_sinks > 0
        for row in range(loads.size):
            is_over = is_over and board.mode[row, widest] < 0
        if is_over:
            width[job] *= 2
        _follow(p, m, board, loads, base, usage)
        total += cost
    return total
