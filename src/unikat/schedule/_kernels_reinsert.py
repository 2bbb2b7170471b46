"""Loops of the search: take neighbouring jobs out of a window and put them back in other gaps.

Works on the columns of `columns`, on ``placed`` (5, L) of `_kernels` and on a `Shelf`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unikat._kernels import inner, kernel
from unikat.schedule._kernels import FINISH, MODE, SETUP, SETUP_START, START
from unikat.schedule._kernels_gap import _insert
from unikat.schedule._kernels_shelf import _draw, _find, _put, _take, owned
from unikat.schedule._kernels_value import MOVED, SETUPS, _job_cost, _move_cost

if TYPE_CHECKING:
    from unikat.schedule._kernels_shelf import Draws, Shelf
    from unikat.schedule.columns import Columns, Ints
    from unikat.schedule.value import Links

MOST = 96
"""Loads taken out at once at most."""


@inner
def _value(p: Columns, links: Links, s: Shelf, prices: Ints, jobs: Ints, loads: Ints) -> int:
    """Return what some jobs, the places of some loads and all setups of the window cost."""
    value = prices[SETUPS] * s.tally[1]
    for job in jobs:
        value += _job_cost(p, links, s.placed, prices, job)
    if prices[MOVED] > 0:
        for load in loads:
            value += _move_cost(p, links, s.placed, prices, load)
    return value


@inner
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


@inner
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
    count = _pick_job(p, links, s, seed, is_tail, marks, stamp, taken, np.int64(0), draws)
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


@inner
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


@inner
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


@inner
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


@kernel
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
    own = owned(s)
    if own.size == 0:
        return 0
    num = p.loads.ready.size
    marks, taken = np.full(num, -1, dtype=np.int64), np.empty(MOST, dtype=np.int64)
    jobs, keys = np.empty(2 * MOST, dtype=np.int64), np.empty(2 * MOST, dtype=np.int64)
    old = np.empty((5, MOST), dtype=np.int64)
    room = (own, marks, taken, jobs, keys, old)
    return _anneal(p, links, s, prices, most, warmth, iterations, draws, room)
