"""Loops of the search that moves one load and pushes what follows: exact, only what changes.

Where `_kernels_reinsert` puts jobs into gaps that are there, these moves make room: a load goes to
another place of a sequence, and all that hangs on it starts later or sooner. What needs something
counted stays: of the others the sequences of their units decide every start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from unikat._kernels import inner, kernel
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
from unikat.schedule._kernels_shelf import (
    _begin,
    _draw,
    _family,
    _find,
    _free,
    _next_tooled,
    owned,
)
from unikat.schedule._kernels_value import MOVED, SETUPS, _job_cost, _move_cost

if TYPE_CHECKING:
    from unikat.schedule._kernels_shelf import Draws, Shelf
    from unikat.schedule.columns import Columns, Ints
    from unikat.schedule.value import Links

WARM = 16
"""A move is given up once it costs so many times the warmth more than its job costs in all."""


class Lines(NamedTuple):
    """The sequences of a window, and what a move writes to.

    `order` (M,): the loads of the window in topological sequence, `spare` (M,) a part of it before
    the move; `rank` (L,): place in it, -1 outside; `where` (L,): place in its lane; `marks` (L,):
    the last move a load has to be reckoned anew in, `beyond` (L,): the last move it was found
    behind the load moved; `touched` (M,), `old` (4, M): what changed, and its times before; `costs`
    (J,) of each job; `seen` (J,), `jobs` (J,): whose end may change; `tally`: [0] marked and not
    reckoned yet, [1] touched, [2] jobs, [3] and [4] the part of `order` that was rewritten, [5]
    what the job costs that the move is to help.
    """

    order: Ints
    spare: Ints
    rank: Ints
    where: Ints
    marks: Ints
    beyond: Ints
    touched: Ints
    old: Ints
    costs: Ints
    seen: Ints
    jobs: Ints
    tally: Ints


@inner
def _seat(s: Shelf, w: Lines, load: int, unit: int, position: int) -> None:
    """Put a load into the sequence of a unit."""
    for k in range(s.size[unit], position, -1):
        s.lane[unit, k] = s.lane[unit, k - 1]
        w.where[s.lane[unit, k]] = k
    s.lane[unit, position] = load
    w.where[load] = position
    s.size[unit] += 1


@inner
def _unseat(s: Shelf, w: Lines, unit: int, position: int) -> None:
    """Take a load out of the sequence of a unit."""
    s.size[unit] -= 1
    for k in range(position, s.size[unit]):
        s.lane[unit, k] = s.lane[unit, k + 1]
        w.where[s.lane[unit, k]] = k


@inner
def _mark(w: Lines, load: int, stamp: int) -> None:
    """Note that a load has to be reckoned anew."""
    if w.marks[load] != stamp:
        w.marks[load] = stamp
        w.tally[0] += 1


@inner
def _mark_behind(p: Columns, s: Shelf, w: Lines, unit: int, position: int, stamp: int) -> None:
    """Mark who comes next on a unit, and who is set up next."""
    if position < s.size[unit]:
        _mark(w, s.lane[unit, position], stamp)
        k = _next_tooled(p, s, unit, position)
        if k < s.size[unit]:
            _mark(w, s.lane[unit, k], stamp)


@inner
def _is_beyond(p: Columns, s: Shelf, w: Lines, load: int, moved: int, stamp: int) -> bool:
    """Tell whether a load waits for the moved one, given that of all before it in the sequence."""
    unit, k = p.modes.unit[s.placed[MODE, load]], w.where[load]
    if k > 0:
        before = s.lane[unit, k - 1]
        if before == moved or w.beyond[before] == stamp:
            return True
    for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
        before = p.loads.source[i, 0]
        if before >= 0 and (before == moved or w.beyond[before] == stamp):
            return True
    return False


@inner
def _reorder(  # noqa: C901
    p: Columns, s: Shelf, w: Lines, load: int, unit: int, stamp: int
) -> bool:
    """Make the sequence topological again after a load has moved; False if that closed a circle.

    Only the part between its new neighbours is rewritten (Pearce, Kelly 2006): what waits for the
    load goes behind it.
    """
    last, first, rank, k = -1, w.order.size, w.rank[load], w.where[load]
    if k > 0:
        last = w.rank[s.lane[unit, k - 1]]
    if k + 1 < s.size[unit]:
        first = w.rank[s.lane[unit, k + 1]]
    for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
        if p.loads.source[i, 0] >= 0:
            last = max(last, w.rank[p.loads.source[i, 0]])
    for i in range(p.loads.next_ptr[load], p.loads.next_ptr[load + 1]):
        if w.rank[p.loads.next[i]] >= 0:
            first = min(first, w.rank[p.loads.next[i]])
    if last < rank < first:
        return True
    low, high = min(first, rank), max(last, rank)
    w.tally[3], w.tally[4] = low, high + 1
    for i in range(low, high + 1):
        w.spare[i] = w.order[i]
    to = low
    for i in range(low, last + 1):
        other = w.spare[i]
        if other == load:
            continue
        if i >= first and _is_beyond(p, s, w, other, load, stamp):
            w.beyond[other] = stamp
        else:
            w.order[to] = other
            to += 1
    for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
        before = p.loads.source[i, 0]
        if before >= 0 and w.beyond[before] == stamp:
            return False
    if k > 0 and w.beyond[s.lane[unit, k - 1]] == stamp:
        return False
    w.order[to] = load
    to += 1
    for i in range(low, high + 1):
        other = w.spare[i]
        if other != load and (i > last or w.beyond[other] == stamp):
            w.order[to] = other
            to += 1
    for i in range(low, high + 1):
        w.rank[w.order[i]] = i
    return True


@inner
def _times(p: Columns, s: Shelf, w: Lines, load: int) -> tuple[int, int, int, int]:
    """Return setup, its start, start and finish of a load in its place; FAR if it has none."""
    far: int = np.int64(FAR)  # type: ignore[assignment]
    mode = s.placed[MODE, load]
    unit = p.modes.unit[mode]
    free = _free(s, unit, w.where[load])
    before = _family(p, s, unit, w.where[load])
    setup = _setup(p.shop.change, p.shop.setup[unit], before, p.loads.family[load])
    arrival = _arrival(
        p.loads.source,
        p.loads.source_ptr[load],
        p.loads.source_ptr[load + 1],
        p.modes.unit,
        p.shop.travel,
        unit,
        s.placed,
    )
    if s.own[load] == 0:
        start, finish = s.placed[START, load], s.placed[FINISH, load]
        begin = _begin(p, mode, start, setup)
        if begin < free or arrival > start:
            return far, far, far, far
        return setup, begin, start, finish
    ready, work = max(arrival, p.loads.ready[load], s.span[0]), p.modes.seconds[mode]
    calendar = p.modes.calendar[mode]
    first = p.shop.calendars[calendar, 0]
    is_open = p.shop.calendars[calendar, 2] == 0 and p.shop.calendars[calendar, 3] >= FAR // 2
    if is_open and p.shop.calendars[calendar, 1] == first + 1:
        start = max(ready, max(free, p.shop.windows[first, 0]) + setup)
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
            p.loads.need[:0],
            p.shop.limit,
            s.at,
            s.used,
            s.sizes,
        )
    if finish > s.span[1]:
        return far, far, far, far
    return setup, begin, start, finish


@inner
def _settle(p: Columns, links: Links, s: Shelf, w: Lines, load: int, stamp: int) -> bool:
    """Reckon a load anew and mark who feels it; False if that cannot be."""
    times = _times(p, s, w, load)
    if times[3] >= FAR:
        return False
    same = times[3] == s.placed[FINISH, load]
    changed = times[0] != s.placed[SETUP, load] or times[1] != s.placed[SETUP_START, load]
    if same and not changed and times[2] == s.placed[START, load]:
        return True
    n = w.tally[1]
    w.touched[n] = load
    w.tally[1] += 1
    for row in range(1, 5):
        w.old[row - 1, n] = s.placed[row, load]
    s.tally[1] += times[0] - s.placed[SETUP, load]
    s.placed[SETUP, load], s.placed[SETUP_START, load] = times[0], times[1]
    s.placed[START, load], s.placed[FINISH, load] = times[2], times[3]
    if not same:
        _spread(p, links, s, w, load, stamp)
    return True


@inner
def _spread(p: Columns, links: Links, s: Shelf, w: Lines, load: int, stamp: int) -> None:
    """Mark who comes behind a load whose finish or unit changed, and note its jobs."""
    unit, k = p.modes.unit[s.placed[MODE, load]], w.where[load] + 1
    if k < s.size[unit]:
        _mark(w, s.lane[unit, k], stamp)
    for i in range(p.loads.next_ptr[load], p.loads.next_ptr[load + 1]):
        if w.rank[p.loads.next[i]] >= 0:
            _mark(w, p.loads.next[i], stamp)
    for i in range(links.step_ptr[load], links.step_ptr[load + 1]):
        job = p.steps.job[links.step[i]]
        if w.seen[job] != stamp:
            w.seen[job] = stamp
            w.jobs[w.tally[2]] = job
            w.tally[2] += 1


@inner
def _follow(
    p: Columns,
    links: Links,
    s: Shelf,
    w: Lines,
    prices: Ints,
    first: int,
    most: float,
    stamp: int,
) -> bool:
    """Settle what is marked, in sequence; False if something can't be or jobs cost too much."""
    worse = 0
    for i in range(first, w.order.size):
        if w.tally[0] == 0:
            return True
        load = w.order[i]
        if w.marks[load] != stamp:
            continue
        w.tally[0] -= 1
        if not _settle(p, links, s, w, load, stamp):
            return False
        if p.loads.next_ptr[load] == p.loads.next_ptr[load + 1]:
            for k in range(links.step_ptr[load], links.step_ptr[load + 1]):
                job = p.steps.job[links.step[k]]
                worse += _job_cost(p, links, s.placed, prices, job) - w.costs[job]
            if worse > most:
                return False
    return True


@inner
def _shift(
    p: Columns,
    links: Links,
    s: Shelf,
    w: Lines,
    prices: Ints,
    mode: int,
    position: int,
    most: float,
    stamp: int,
) -> bool:
    """Move a load to a position of a lane and settle all that hangs on it; False if it can't be."""
    load, unit = p.modes.load[mode], p.modes.unit[mode]
    from_unit, from_position = p.modes.unit[s.placed[MODE, load]], w.where[load]
    w.tally[:5] = 0
    _unseat(s, w, from_unit, from_position)
    s.placed[MODE, load] = mode
    _seat(s, w, load, unit, position)
    if not _reorder(p, s, w, load, unit, stamp):
        return False
    is_behind = unit == from_unit and from_position >= position
    _mark(w, load, stamp)
    _mark_behind(p, s, w, from_unit, from_position + is_behind, stamp)
    _mark_behind(p, s, w, unit, position + 1, stamp)
    _spread(p, links, s, w, load, stamp)
    first = w.rank[load]
    if from_position + is_behind < s.size[from_unit]:
        first = min(first, w.rank[s.lane[from_unit, from_position + is_behind]])
    return _follow(p, links, s, w, prices, first, most, stamp)


@inner
def _undo(p: Columns, s: Shelf, w: Lines, mode: int, position: int) -> None:
    """Bring a load back to where it was, and all else with it."""
    load = p.modes.load[mode]
    _unseat(s, w, p.modes.unit[s.placed[MODE, load]], w.where[load])
    s.placed[MODE, load] = mode
    _seat(s, w, load, p.modes.unit[mode], position)
    for n in range(w.tally[1]):
        other = w.touched[n]
        s.tally[1] += w.old[0, n] - s.placed[SETUP, other]
        for row in range(1, 5):
            s.placed[row, other] = w.old[row - 1, n]
    for i in range(w.tally[3], w.tally[4]):
        w.order[i] = w.spare[i]
        w.rank[w.order[i]] = i


@inner
def _change(p: Columns, links: Links, s: Shelf, w: Lines, prices: Ints) -> int:
    """Return what the ends of jobs cost more than before."""
    change = 0
    for n in range(w.tally[2]):
        job = w.jobs[n]
        change += _job_cost(p, links, s.placed, prices, job) - w.costs[job]
    return change


@inner
def _moves(p: Columns, links: Links, s: Shelf, w: Lines, prices: Ints, load: int, was: int) -> int:
    """Return what the places of all that was touched cost more than before."""
    if prices[MOVED] == 0:
        return 0
    change, mode = 0, s.placed[MODE, load]
    is_touched = False
    for n in range(w.tally[1]):
        other = w.touched[n]
        is_touched = is_touched or other == load
        change += _move_cost(p, links, s.placed, prices, other)
        start = s.placed[START, other]
        s.placed[START, other] = w.old[2, n]
        if other == load:
            s.placed[MODE, load] = was
        change -= _move_cost(p, links, s.placed, prices, other)
        s.placed[START, other] = start
        s.placed[MODE, load] = mode
    if not is_touched:
        change += _move_cost(p, links, s.placed, prices, load)
        s.placed[MODE, load] = was
        change -= _move_cost(p, links, s.placed, prices, load)
        s.placed[MODE, load] = mode
    return change


@inner
def _critical(  # noqa: C901
    p: Columns, links: Links, s: Shelf, w: Lines, own: Ints, draws: Draws
) -> tuple[int, int]:
    """Return a load on the binding chain of a costly job, and the one before it on its unit or -1.

    The chain goes from the end of the job to what its start waits for: the load before it on its
    unit, or the predecessor that arrives last.
    """
    load, worst = own[_draw(draws, own.size)], -1
    for _ in range(_draw(draws, 6)):
        other = own[_draw(draws, own.size)]
        cost = w.costs[p.steps.job[links.step[links.step_ptr[other]]]]
        if cost > worst:
            load, worst = other, cost
    w.tally[5] = w.costs[p.steps.job[links.step[links.step_ptr[load]]]]
    if worst >= 0:
        job = p.steps.job[links.step[links.step_ptr[load]]]
        for i in range(links.load_ptr[job], links.load_ptr[job + 1]):
            if s.placed[FINISH, links.load[i]] > s.placed[FINISH, load]:
                load = links.load[i]
    for _ in range(_draw(draws, 16)):
        if w.rank[load] < 0:
            break
        unit, k = p.modes.unit[s.placed[MODE, load]], w.where[load]
        after, arrival = -1, p.loads.ready[load]
        for i in range(p.loads.source_ptr[load], p.loads.source_ptr[load + 1]):
            before = p.loads.source[i, 0]
            if before >= 0 and s.placed[FINISH, before] >= arrival:
                after, arrival = before, s.placed[FINISH, before]
        if k > 0:
            before = s.lane[unit, k - 1]
            if s.placed[FINISH, before] + s.placed[SETUP, load] > arrival:
                after = before
        if after < 0:
            break
        load = after
    if w.rank[load] < 0:
        return -1, -1
    unit, k = p.modes.unit[s.placed[MODE, load]], w.where[load]
    return load, s.lane[unit, k - 1] if k > 0 else -1


@inner
def _wish(p: Columns, links: Links, s: Shelf, w: Lines, own: Ints, draws: Draws) -> tuple[int, int]:
    """Return a mode and a position in its lane to try, or -1."""
    load, before = _critical(p, links, s, w, own, draws)
    if load < 0:
        return -1, 0
    kind = _draw(draws, 4)
    if kind % 2 and before >= 0:
        load, before = before, load
    if s.own[load] == 0:
        return -1, 0
    mode = s.placed[MODE, load]
    if kind < 2:
        by = 1 + _draw(draws, 1 + _draw(draws, 6))
        position = w.where[load] + (by if kind else -by)
        if position < 0 or position >= s.size[p.modes.unit[mode]]:
            return -1, 0
        return mode, position
    low, high = p.modes.ptr[load], p.modes.ptr[load + 1]
    other = low + _draw(draws, high - low)
    unit = p.modes.unit[other]
    position = _find(s, unit, s.placed[START, load], s.placed[FINISH, load]) + _draw(draws, 5) - 3
    if other == mode or position < 0 or position > s.size[unit]:
        return -1, 0
    return other, position


@inner
def _walk(
    p: Columns,
    links: Links,
    s: Shelf,
    w: Lines,
    prices: Ints,
    own: Ints,
    warmth: float,
    iterations: int,
    draws: Draws,
) -> int:
    """Do the trials of `push`."""
    accepted = 0
    for stamp in range(iterations):
        mode, position = _wish(p, links, s, w, own, draws)
        if mode < 0:
            continue
        load = p.modes.load[mode]
        was, at, setups = s.placed[MODE, load], w.where[load], s.tally[1]
        most = WARM * warmth + w.tally[5]
        is_legal = _shift(p, links, s, w, prices, mode, position, most, stamp)
        if is_legal:
            change = _change(p, links, s, w, prices) + prices[SETUPS] * (s.tally[1] - setups)
            change += _moves(p, links, s, w, prices, load, was)
            chance = (_draw(draws, 1 << 30) + 1) / (1 << 30)
            if change <= 0 or change < -warmth * np.log(chance):
                accepted += 1
                for n in range(w.tally[2]):
                    job = w.jobs[n]
                    w.costs[job] = _job_cost(p, links, s.placed, prices, job)
                continue
        _undo(p, s, w, was, at)
    return accepted


@kernel
def push(
    p: Columns,
    links: Links,
    s: Shelf,
    w: Lines,
    prices: Ints,
    warmth: float,
    iterations: int,
    draws: Draws,
) -> int:
    """Improve a window by simulated annealing over single moves; return how many were accepted.

    Loads on the binding chains of costly jobs change places or units; what a move does to all jobs
    is reckoned exactly, by following only what changes in topological sequence, until it costs far
    more than it could save. What needs something counted is struck off `own`.
    """
    for load in range(s.own.size):
        if p.loads.need_ptr[load] < p.loads.need_ptr[load + 1]:
            s.own[load] = 0
    own = owned(s)
    if own.size == 0:
        return 0
    for job in range(w.costs.size):
        w.costs[job] = _job_cost(p, links, s.placed, prices, job)
    return _walk(p, links, s, w, prices, own, warmth, iterations, draws)
