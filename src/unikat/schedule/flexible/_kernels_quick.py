"""Tabu search by estimates, several times as many iterations as with exact evaluation.

It shares the layout with `_kernels` and is one long function for the same reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unikat._kernels import inner, kernel
from unikat.schedule.flexible._kernels import FAR, _critical_path, _draw, _lay_out

if TYPE_CHECKING:
    from unikat.schedule.flexible.model import Draws, Ints, Places


@inner
def _at(places: Places, i: int) -> int:
    """Return places[i] as a signed number."""
    return int(np.int64(places[i]))


@kernel
def search_quick(  # noqa: C901, PLR0915 - see the top
    first: Ints,
    last: Ints,
    mode_ptr: Ints,
    mode_unit: Ints,
    mode_work: Ints,
    num_units: int,
    start_modes: Ints,
    start_sequence: Ints,
    iterations: int,
    target: int,
    patience: int,
    work_price: int,
    one_in: int,
    state: Draws,
    stop: Ints,
) -> tuple[int, Ints, Ints, int, int]:
    """Tabu search on one random critical path an iteration, as `_kernels.search`, by estimates.

    Arguments and results are those of `_kernels.search`. Nothing is recomputed for a move: the
    longest path through v between x and y is taken as max(head, end_x) + work + max(tail, tail_y)
    with the ends and tails of now, which are never too low; only the steps that v passes on its own
    unit are reckoned without it (Balas and Vazacopoulos 1998). Positions are those between which
    no circle can close and a best one lies (Mastrolilli and Gambardella 2000), by bisection, as
    ends grow and tails fall along a unit. The least estimate plus `work_price` times the added
    work is taken, ties by lot.
    """
    n = first.size
    modes, sequence = start_modes.copy(), start_sequence.copy()
    before, after = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    tip = np.full(num_units, -1, np.int64)
    for s in sequence:
        unit = mode_unit[modes[s]]
        before[s] = tip[unit]
        if tip[unit] >= 0:
            after[tip[unit]] = s
        tip[unit] = s
    place, missing, path = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    works, longest = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    ends, tails = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    job_before, unit_before = np.zeros(n + 1, np.uint32), np.zeros(n + 1, np.uint32)
    job_after, unit_after = np.zeros(n + 1, np.uint32), np.zeros(n + 1, np.uint32)
    rows, row_ptr = np.zeros(n, np.uint32), np.zeros(num_units + 1, np.int64)
    tabu = np.zeros(mode_unit.size, np.int64)
    best, moves, done = FAR, 0, 0
    best_modes, best_sequence = modes.copy(), sequence.copy()
    for done in range(iterations + 1):
        makespan = _lay_out(
            first, last, mode_unit, mode_work, modes, before, after, sequence, place, works, ends,
            tails, longest,
            job_before, unit_before, job_after, unit_after, row_ptr, rows, missing,
        )  # fmt: skip
        if makespan < best:
            best = makespan
            best_modes[:] = modes
            best_sequence[:] = sequence
        if best <= target or done == iterations or stop[0]:
            break
        length = _critical_path(makespan, works, ends, job_before, unit_before, path, state)
        value, ties, forbidden = FAR, 0, 0
        pick, pick_mode, pick_before, pick_after = -1, -1, n, n
        any_pick, any_mode, any_before, any_after = -1, -1, n, n
        for k in range(length - 1, -1, -1):
            if one_in > 1 and _draw(state, one_in) != 0:
                continue
            t = path[k]
            head, tail = ends[job_before[t]], tails[job_after[t]]
            v = sequence[t]
            old = works[t]
            for m in range(mode_ptr[v], mode_ptr[v + 1]):
                u, work = mode_unit[m], mode_work[m]
                is_tabu = tabu[m] > done
                price = work_price * (work - old)
                if m == modes[v]:
                    # to the right of its place, then to the left
                    x = _at(unit_before, t)
                    e = ends[x]
                    z = _at(unit_after, t)
                    while z != n and tails[z] > tail:
                        e = max(e, ends[job_before[z]]) + works[z]
                        y = _at(unit_after, z)
                        new = max(head, e) + work + max(tail, tails[y])
                        moves += 1
                        if is_tabu and new >= best:
                            forbidden += 1
                            if _draw(state, forbidden) == 0:
                                any_pick, any_mode, any_before, any_after = v, m, z, y
                        elif new <= value:
                            if new < value:
                                value, ties = new, 0
                            ties += 1
                            if ties == 1 or _draw(state, ties) == 0:
                                pick, pick_mode, pick_before, pick_after = v, m, z, y
                        z = y
                    e = tails[unit_after[t]]
                    z = _at(unit_before, t)
                    while z != n and ends[z] > head:
                        e = max(e, tails[job_after[z]]) + works[z]
                        x = _at(unit_before, z)
                        new = max(head, ends[x]) + work + max(tail, e)
                        moves += 1
                        if is_tabu and new >= best:
                            forbidden += 1
                            if _draw(state, forbidden) == 0:
                                any_pick, any_mode, any_before, any_after = v, m, x, z
                        elif new <= value:
                            if new < value:
                                value, ties = new, 0
                            ties += 1
                            if ties == 1 or _draw(state, ties) == 0:
                                pick, pick_mode, pick_before, pick_after = v, m, x, z
                        z = x
                    continue
                left, right = row_ptr[u], row_ptr[u + 1]
                low, size = left, right - left
                while size > 0:  # first with an end above head
                    half = size >> 1
                    if ends[rows[low + half]] <= head:
                        low += half + 1
                        size -= half + 1
                    else:
                        size = half
                high, size = left, right - left
                while size > 0:  # first with a tail not above tail
                    half = size >> 1
                    if tails[rows[high + half]] > tail:
                        high += half + 1
                        size -= half + 1
                    else:
                        size = half
                if low > high:
                    low = high + _draw(state, low - high + 1)
                    high = low
                for i in range(low, high + 1):  # between i - 1 and i
                    x = _at(rows, i - 1) if i > left else n
                    y = _at(rows, i) if i < right else n
                    new = max(head, ends[x]) + work + max(tail, tails[y])
                    moves += 1
                    if is_tabu and new >= best:
                        forbidden += 1
                        if _draw(state, forbidden) == 0:
                            any_pick, any_mode, any_before, any_after = v, m, x, y
                        continue
                    new += price
                    if new > value:
                        continue
                    if new < value:
                        value, ties = new, 0
                    ties += 1
                    if ties == 1 or _draw(state, ties) == 0:
                        pick, pick_mode, pick_before, pick_after = v, m, x, y
        if pick < 0:
            if any_pick < 0:
                continue
            pick, pick_mode, pick_before, pick_after = any_pick, any_mode, any_before, any_after
        tenure = patience * (length + mode_ptr[pick + 1] - mode_ptr[pick]) // 4
        tabu[modes[pick]] = done + tenure // 2 + 1 + _draw(state, tenure)
        b, a = before[pick], after[pick]
        if b >= 0:
            after[b] = a
        if a >= 0:
            before[a] = b
        b = sequence[pick_before] if pick_before < n else -1
        a = sequence[pick_after] if pick_after < n else -1
        before[pick], after[pick] = b, a
        if b >= 0:
            after[b] = pick
        if a >= 0:
            before[a] = pick
        modes[pick] = pick_mode
    return best, best_modes, best_sequence, done, moves
