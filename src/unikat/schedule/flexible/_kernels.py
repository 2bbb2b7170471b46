"""Loops of the makespan search: dispatch, decode, tabu search with exact evaluation, subset bound.

Steps are numbered job by job, so the steps before and after s in its job are s - 1 and s + 1. A
schedule is a mode of each step and one sequence of all steps that respects the jobs; the sequence
of a unit is what of it the unit does. Inside the search steps are renumbered by their place in a
topological sequence, which makes every pass one sweep through memory; place N stands for "none":
it ends at 0. Places are unsigned, which spares a test for negative indices. The search is one long
function on plain arrays: cut into functions on tuples of arrays it ran at half the speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unikat._kernels import inner, kernel

if TYPE_CHECKING:
    from unikat.schedule.flexible.model import Draws, Ints, Places

FAR = 1 << 62


@inner
def _draw(state: Draws, bound: int) -> int:
    """Return a number in [0, bound) and step the generator (xorshift64*)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return int(((x * np.uint64(2685821657736338717)) >> np.uint64(33)) % np.uint64(bound))


@kernel
def decode(
    last: Ints, mode_unit: Ints, mode_work: Ints, modes: Ints, sequence: Ints, num_units: int
) -> Ints:
    """Return the earliest starts of all steps for modes and a sequence."""
    starts = np.zeros(len(last), np.int64)
    free = np.zeros(num_units, np.int64)
    ready = np.zeros(len(last) + 1, np.int64)
    for s in sequence:
        unit = mode_unit[modes[s]]
        starts[s] = max(free[unit], ready[s])
        free[unit] = starts[s] + mode_work[modes[s]]
        if not last[s]:
            ready[s + 1] = free[unit]
    return starts


@kernel
def dispatch(  # noqa: C901
    job_ptr: Ints,
    mode_ptr: Ints,
    mode_unit: Ints,
    mode_work: Ints,
    tails: Ints,
    load: Ints,
    num_units: int,
    noise: int,
    slack: int,
    state: Draws,
) -> tuple[Ints, Ints]:
    """Dispatch forward in time: the step that can start soonest, then the one with most work behind
    it.

    Each step takes the mode that finishes first; `load` (fair work of each unit) breaks near ties
    towards units that fewer steps need. Starts within `slack` of the soonest compete; `noise` is
    added to what is behind, in permille.
    """
    num_jobs = len(job_ptr) - 1
    modes = np.zeros(mode_ptr.size - 1, np.int64)
    sequence = np.zeros(mode_ptr.size - 1, np.int64)
    free = np.zeros(num_units, np.int64)
    ready = np.zeros(num_jobs, np.int64)
    following = job_ptr[:-1].copy()
    chosen = np.zeros(num_jobs, np.int64)
    starts = np.zeros(num_jobs, np.int64)
    for done in range(sequence.size):
        soonest = FAR
        for job in range(num_jobs):
            s = following[job]
            if s == job_ptr[job + 1]:
                continue
            best, rank = FAR, FAR
            for m in range(mode_ptr[s], mode_ptr[s + 1]):
                finish = max(ready[job], free[mode_unit[m]]) + mode_work[m]
                if finish < best or (finish == best and load[mode_unit[m]] < rank):
                    best, rank, chosen[job] = finish, load[mode_unit[m]], m
            starts[job] = best - mode_work[chosen[job]]
            soonest = min(soonest, starts[job])
        pick, most = -1, -1
        for job in range(num_jobs):
            s = following[job]
            if s == job_ptr[job + 1] or starts[job] > soonest + slack:
                continue
            behind = tails[s] * (1000 + _draw(state, noise + 1))
            if behind > most:
                pick, most = job, behind
        s = following[pick]
        modes[s], sequence[done] = chosen[pick], s
        ready[pick] = starts[pick] + mode_work[chosen[pick]]
        free[mode_unit[chosen[pick]]] = ready[pick]
        following[pick] += 1
    return modes, sequence


@inner
def _lay_out(  # noqa: C901
    first: Ints,
    last: Ints,
    mode_unit: Ints,
    mode_work: Ints,
    modes: Ints,
    before: Ints,
    after: Ints,
    sequence: Ints,
    place: Ints,
    works: Ints,
    ends: Ints,
    tails: Ints,
    longest: Ints,
    job_before: Places,
    unit_before: Places,
    job_after: Places,
    unit_after: Places,
    row_ptr: Ints,
    rows: Places,
    missing: Ints,
) -> int:
    """Number all steps topologically and compute what ends when, and what follows; return the
    makespan.

    `ends` = head + work, `tails` = work + longest path behind, `longest[i]` = the largest end of
    the places below i.
    """
    n = first.size
    filled = 0
    row_ptr[:] = 0
    for s in range(n):
        row_ptr[mode_unit[modes[s]] + 1] += 1
        missing[s] = (1 - first[s]) + (before[s] >= 0)
        if missing[s] == 0:
            sequence[filled] = s
            filled += 1
    for u in range(row_ptr.size - 1):
        row_ptr[u + 1] += row_ptr[u]
    top = 0
    for i in range(n):
        s = sequence[i]
        place[s] = i
        jb = n if first[s] else place[s - 1]
        ub = n if before[s] < 0 else place[before[s]]
        job_before[i], unit_before[i] = jb, ub
        works[i] = mode_work[modes[s]]
        longest[i] = top
        ends[i] = max(ends[jb], ends[ub]) + works[i]
        top = max(top, ends[i])
        unit = mode_unit[modes[s]]
        rows[row_ptr[unit]] = i
        row_ptr[unit] += 1
        if not last[s]:
            missing[s + 1] -= 1
            if missing[s + 1] == 0:
                sequence[filled] = s + 1
                filled += 1
        a = after[s]
        if a >= 0:
            missing[a] -= 1
            if missing[a] == 0:
                sequence[filled] = a
                filled += 1
    for u in range(row_ptr.size - 1, 0, -1):
        row_ptr[u] = row_ptr[u - 1]
    row_ptr[0] = 0
    for i in range(n - 1, -1, -1):
        s = sequence[i]
        ja = n if last[s] else place[s + 1]
        ua = n if after[s] < 0 else place[after[s]]
        job_after[i], unit_after[i] = ja, ua
        tails[i] = max(tails[ja], tails[ua]) + works[i]
    return top


@inner
def _without(
    t: int,
    works: Ints,
    ends: Ints,
    tails: Ints,
    job_before: Places,
    unit_before: Places,
    job_after: Places,
    unit_after: Places,
    top: int,
) -> int:
    """Take place t off its unit: recompute the ends behind it and the tails before it; return the
    makespan left.

    `ends` must be right up to t and `tails` from t on. The step stays in its job with no work,
    which no path through its later place is shorter than.
    """
    n = works.size - 1
    work, ub, ua = works[t], unit_before[t], unit_after[t]
    works[t] = 0
    unit_before[t], unit_after[t] = n, n
    unit_before[ua], unit_after[ub] = ub, ua
    ends[t] = ends[job_before[t]]
    for i in range(t + 1, n):
        end = max(ends[job_before[i]], ends[unit_before[i]]) + works[i]
        ends[i] = end
        top = max(top, end)
    tails[t] = tails[job_after[t]]
    for i in range(t - 1, -1, -1):
        tails[i] = max(tails[job_after[i]], tails[unit_after[i]]) + works[i]
    works[t] = work
    unit_before[t], unit_after[t] = ub, ua
    unit_before[ua], unit_after[ub] = t, t
    return top


@inner
def _critical_path(
    makespan: int,
    works: Ints,
    ends: Ints,
    job_before: Places,
    unit_before: Places,
    path: Ints,
    state: Draws,
) -> int:
    """Write a random longest path, last place first; return its length."""
    n = works.size - 1
    seen, at = 0, n
    for i in range(n):
        if ends[i] == makespan:
            seen += 1
            if _draw(state, seen) == 0:
                at = i
    length = 0
    while at != n:
        path[length] = at
        length += 1
        head = ends[at] - works[at]
        if head == 0:
            break
        jb, ub = np.int64(job_before[at]), np.int64(unit_before[at])
        is_unit = ends[jb] != head or (ends[ub] == head and _draw(state, 2) == 0)
        at = int(ub if is_unit else jb)
    return length


@kernel
def search(  # noqa: C901, PLR0915 - see the top
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
    """Tabu search on one random critical path an iteration: its steps, all modes and positions.

    Returns the best makespan, its modes and sequence, the iterations done and the moves evaluated.
    A step v is taken out, then the makespan with v between x and y is max(makespan without v,
    max(head, end_x) + work + max(tail, tail_y)), exactly. Of a unit, the positions behind all steps
    that end before v could start and have a longer tail, and before all steps with a shorter one,
    hold a best one and close no circle (Mastrolilli and Gambardella 2000, theorem 4; works are
    positive). Equal makespans are decided by the longest path through v plus `work_price` times the
    work that the move adds, then by lot. A step may not return to a mode for about `patience` / 4
    times the path's length, unless that gives the best makespan yet. `one_in` > 1 tries a random
    share of the path's steps only: more iterations in the same time.
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
    ends2, tails2 = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    job_before, unit_before = np.zeros(n + 1, np.uint32), np.zeros(n + 1, np.uint32)
    job_after, unit_after = np.zeros(n + 1, np.uint32), np.zeros(n + 1, np.uint32)
    rows, row_ptr = np.zeros(n, np.uint32), np.zeros(num_units + 1, np.int64)
    row = np.zeros(n + 2, np.int64)
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
        tails2[:] = tails
        clean = 0
        value, through, ties, forbidden = FAR, FAR, 0, 0
        pick, pick_mode, pick_before, pick_after = -1, -1, n, n
        any_pick, any_mode, any_before, any_after = -1, -1, n, n
        for k in range(length - 1, -1, -1):
            if one_in > 1 and _draw(state, one_in) != 0:
                continue
            t = path[k]
            for i in range(clean, t):
                ends2[i] = ends[i]
            clean = t
            rest = _without(
                t, works, ends2, tails2, job_before, unit_before, job_after, unit_after, longest[t]
            )
            head, tail = ends2[t], tails2[t]
            v = sequence[t]
            for m in range(mode_ptr[v], mode_ptr[v + 1]):
                u, work = mode_unit[m], mode_work[m]
                is_tabu = tabu[m] > done
                # `row`: the unit without v between two "none"; a best position is low..high.
                count, low, high = 1, 1, 0
                row[0] = n
                for i in range(row_ptr[u], row_ptr[u + 1]):
                    x = rows[i]
                    if x == t:
                        continue
                    row[count] = x
                    if ends2[x] <= head:
                        low = count + 1
                    if tails2[x] > tail:
                        high = count
                    count += 1
                row[count] = n
                high += 1
                if (
                    low > high
                ):  # every position between them lets v start at its head, and delays nobody
                    low = high + _draw(state, low - high + 1)
                    high = low
                for i in range(low, high + 1):
                    x, y = row[i - 1], row[i]
                    if m == modes[v] and x == unit_before[t] and y == unit_after[t]:
                        continue
                    moves += 1
                    long = max(head, ends2[x]) + work + max(tail, tails2[y])
                    new = max(rest, long)
                    long += work_price * (work - works[t])
                    if is_tabu and new >= best:
                        forbidden += 1
                        if _draw(state, forbidden) == 0:
                            any_pick, any_mode, any_before, any_after = v, m, x, y
                        continue
                    if new > value or (new == value and long > through):
                        continue
                    if new < value or long < through:
                        value, through, ties = new, long, 0
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


@kernel
def bound_subset(heads: Ints, works: Ints, tails: Ints, num_units: int) -> int:
    """Return the load bound of `num_units` units for steps that only they can do, sorted by falling
    head.

    For each head h, the steps with head >= h keep the units busy for all their work, behind the k
    smallest heads and before the k smallest tails. From 2k - 1 steps on this also covers units that
    stay empty: then one step has both a head and a tail among the larger ones, and the empty unit
    waits for longer than it.
    """
    kept = np.zeros(num_units, np.int64)
    count, work, best = 0, 0, 0
    for i in range(heads.size):
        work += works[i]
        j = min(count, num_units - 1)
        if count < num_units or tails[i] < kept[j]:
            while j > 0 and kept[j - 1] > tails[i]:
                kept[j] = kept[j - 1]
                j -= 1
            kept[j] = tails[i]
        count += 1
        if count < 2 * num_units - 1 or (i + 1 < heads.size and heads[i + 1] == heads[i]):
            continue
        total = work
        for j in range(num_units):
            total += kept[j] + heads[i - j]
        best = max(best, -(-total // num_units))
    return best
