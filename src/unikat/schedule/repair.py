"""Repair the last schedule after a disturbance: shift to the right at once, then match up.

Both leave what is frozen where it is. The third rung is `solve`, whose answer is worth publishing
only if it gains more than moving everybody costs: that is for `flow` to say.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np

from unikat.schedule.columns import Columns, Ints, ints
from unikat.schedule.construct import LAST, decode_old, empty_placed
from unikat.schedule.cost import PRICES, Prices
from unikat.schedule.improve import (
    FAR,
    Budget,
    frozen_loads,
    improve_by_rounds,
    lanes_of,
)
from unikat.schedule.model import Schedule
from unikat.schedule.problem import ShopProblem
from unikat.schedule.value import NEVER, ends_of, link, value_of
from unikat.schedule.write import write_schedule
from unikat.terms import HOUR

NEAR_S = 1 << 40
"""A repair minds every move, however far ahead."""
UNIT_CHANGE_S = 4 * HOUR
"""What another unit counts for in a repair, in seconds of being moved."""
ROUNDS = 100
COOL = 0.003
"""A repair stays near where it begins."""
WRITE_S, LEAST_PART = 1e-5, 0.1
"""Writing a step as a booking takes so long; the search gets that part of the seconds at least."""


def right_shift(problem: ShopProblem) -> Schedule:
    """Return the last schedule, each start as early as legal but not before its old start.

    Units and sequences are those of `done.bookings`; steps that had no booking are appended behind,
    each on the unit that finishes it first. What nothing disturbs doesn't move.

    Raises
    ------
    NoCapacity
        A setup and the work behind it fit into no window of any unit any more.
    """
    return write_schedule(
        problem, shift_right(problem.columns, old_sequence(problem.columns)), rounds=0, seed=0
    )


def match_up(
    problem: ShopProblem,
    *,
    seconds: float,
    seed: int,
    rounds: int | None = None,
    prices: Prices = PRICES,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Schedule:
    """Return a repaired schedule that meets the old one again soon: few steps move.

    What can stay stays; the rest goes into the gaps, and the orders that were hit or are late are
    moved about while each second moved saves more than a second of tardiness. If right-shift is no
    worse, it is that. Budgets are those of `solve`, but the seconds are those of the whole answer.
    """
    began, columns = perf_counter(), problem.columns
    shifted = shift_right(columns, old_sequence(columns))
    if not problem.steps:
        return write_schedule(problem, shifted, rounds=0, seed=seed, prices=prices)
    mind = replace(prices, moved=prices.tardiness, near_s=NEAR_S, unit_change_s=UNIT_CHANGE_S)
    kept = keep_old(columns)
    filled = fill_gaps(columns, kept, seed)
    done, best = 0, shifted
    if value_of(columns, filled, mind) < NEVER:
        left = seconds - (perf_counter() - began) - WRITE_S * len(problem.steps)
        left = max(left, LEAST_PART * seconds)
        budget = Budget(rounds if rounds or seconds > 0 else ROUNDS, left, is_cancelled)
        best, done = improve_by_rounds(
            columns,
            filled,
            prices=mind,
            seed=seed,
            budget=budget,
            fixed=unhit_loads(columns, kept, filled),
            is_drawn=False,
            hot=COOL,
        )
        best = min((best, shifted), key=lambda placed: value_of(columns, placed, mind))
    return write_schedule(problem, best, rounds=done, seed=seed, prices=prices)


def shift_right(columns: Columns, sequence: Ints) -> Ints:
    """Return the last schedule shifted right, as `placed` of the kernels; `sequence` is its own.

    A load that fits into no hours of its old unit any more (its setup got longer, or a stop is in
    the way) takes the unit that finishes it first; one that fits nowhere is left out, -1.
    """
    if sequence.size < columns.loads.ready.size:
        placed = decode_old(columns, is_early=False)
    else:
        from unikat._kernels import by_address
        from unikat.schedule._kernels_repair import shift

        placed = empty_placed(columns)
        shift(by_address(columns), sequence, placed)
    return placed if (placed[0] >= 0).all() else _shift_freed(columns)


def _shift_freed(columns: Columns) -> Ints:
    """Return the last schedule shifted right, one load after the other freed from its unit where
    it does not fit.
    """
    from unikat._kernels import by_address
    from unikat.schedule._kernels import decode, raise_keys

    old, choice = columns.loads.old_start, columns.loads.old_mode.copy()
    takes_time = columns.modes.seconds[choice] > 0
    key = np.where(old >= 0, 2 * old + takes_time, LAST)
    raise_keys(columns.loads.source_ptr, columns.loads.source, key)
    sequence, earliest = np.argsort(key, kind="stable"), np.maximum(old, 0)
    while True:
        placed = empty_placed(columns)
        decode(by_address(columns), sequence, choice, earliest, placed)
        stuck = sequence[placed[0][sequence] < 0]
        if not stuck.size or choice[stuck[0]] < 0:
            return placed
        choice[stuck[0]] = -1


def old_sequence(columns: Columns) -> Ints:
    """Return the loads by their old start, work of no length first, each behind what it waits for.

    An overrun may have left a step before its predecessor: then its key is raised. Empty if some
    load was in no schedule.
    """
    if (columns.loads.old_mode < 0).any():
        return ints(())
    from unikat.schedule._kernels import raise_keys

    takes_time = columns.modes.seconds[columns.loads.old_mode] > 0
    key = 2 * columns.loads.old_start + takes_time
    raise_keys(columns.loads.source_ptr, columns.loads.source, key)
    return np.argsort(key, kind="stable")


def keep_old(columns: Columns) -> Ints:
    """Return the last schedule without what can't stay where it was."""
    from unikat._kernels import by_address
    from unikat.schedule._kernels_repair import keep

    placed = empty_placed(columns)
    old = columns.loads.old_start
    takes_time = columns.modes.seconds[columns.loads.old_mode] > 0
    keep(by_address(columns), np.argsort(2 * old + takes_time, kind="stable"), placed)
    return placed


def fill_gaps(columns: Columns, kept: Ints, seed: int) -> Ints:
    """Return the kept loads with all others put into gaps, earliest promised finish first.

    Only the kept ones, if a load finds no gap, or leaves another no time for its setup.
    """
    from unikat._kernels import by_address
    from unikat.schedule._kernels_repair import refill
    from unikat.schedule._kernels_window import open_shelf

    fixed = frozen_loads(columns)
    span = ints((0, FAR))
    record = by_address(columns)
    shelf = open_shelf(record, *lanes_of(columns, kept), fixed, span, kept)
    lane = np.empty((shelf.lane.shape[0], kept[0].size), dtype=np.int64)
    lane[:, : shelf.lane.shape[1]] = shelf.lane[:, : lane.shape[1]]
    jobs = np.argsort(columns.jobs.finish, kind="stable")
    draws = np.random.SeedSequence(seed).generate_state(1, np.uint64).astype(np.uint64)
    filled, links = by_address(shelf._replace(lane=lane)), by_address(link(columns))
    return filled.placed if refill(record, links, filled, fixed, jobs, draws) else kept


def unhit_loads(columns: Columns, kept: Ints, filled: Ints) -> Ints:
    """Return what a repair leaves alone, shape (L,): 1 frozen, 2 far from what was hit.

    Orders may move if one of their loads was hit, if they break their promise, or if a load of
    theirs starts before the last that was hit finishes.
    """
    steps = columns.steps
    is_hit = (kept[0] < 0) | (kept[3] != filled[3])
    until = int(filled[4, is_hit].max(initial=0))
    is_concerned = is_hit | (filled[3] < until)
    is_moving = np.zeros(columns.jobs.end.size, dtype=bool)
    is_moving[steps.job[is_concerned[steps.load]]] = True
    is_moving |= ends_of(columns, filled) > columns.jobs.due
    is_free = np.zeros(kept[0].size, dtype=bool)
    is_free[steps.load[is_moving[steps.job]]] = True
    return np.where(frozen_loads(columns) == 1, 1, np.where(is_free, 0, 2))
