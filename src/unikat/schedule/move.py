"""Move one step by hand: it goes where a planner drags it, all else makes way to the right."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from unikat.errors import InvalidMove
from unikat.promise.model import Delay
from unikat.schedule.columns import Columns, Ints
from unikat.schedule.construct import LAST, decode_keys
from unikat.schedule.model import Schedule
from unikat.schedule.problem import ShopProblem
from unikat.schedule.repair import right_shift
from unikat.schedule.write import write_schedule
from unikat.terms import Instant, OrderId, StepId, UnitId


@dataclass(frozen=True, slots=True)
class Move:
    """A wish: a step, with the build it is in, goes to a unit and starts from an instant on."""

    order: OrderId
    step: StepId
    unit: UnitId
    start: Instant


@dataclass(frozen=True, slots=True)
class MovedSchedule:
    """A schedule after a move, and the orders that finish at another time than without it."""

    schedule: Schedule
    delays: tuple[Delay, ...]

    @property
    def broken(self) -> tuple[OrderId, ...]:
        """Return the orders that finish later than without the move and after their due date."""
        return tuple(d.order for d in self.delays if d.after > d.before and d.is_broken)


def move_step(problem: ShopProblem, move: Move) -> MovedSchedule:
    """Return the last schedule with one step moved, and what that does to each order.

    The step goes before what starts on its unit at `start` or later. Later steps of its order
    follow as soon as they can; all others keep unit and sequence and start no earlier than they
    did. What is frozen stays.

    Raises
    ------
    InvalidMove
        The step is not open or starts within the frozen horizon, the unit cannot do it, the start
        is past, or it fits there into no working hours.
    """
    columns, load = problem.columns, _load_of(problem, move)
    key, choice, earliest = _as_it_stands(columns)
    choice[load] = _mode_of(problem, move, load)
    key[load], earliest[load] = 2 * move.start - 1, move.start
    earliest[_followers(columns, load)] = 0
    placed = decode_keys(columns, key, choice, earliest)
    if (placed[0] < 0).any():
        raise InvalidMove(f"{move.order}/{move.step} fits into no hours of {move.unit} from there")
    schedule = write_schedule(problem, placed, rounds=0, seed=0)
    return MovedSchedule(schedule, _delays(problem, right_shift(problem), schedule))


def _as_it_stands(columns: Columns) -> tuple[Ints, Ints, Ints]:
    """Return key, mode and earliest start of each load in the last schedule, shape (L,)."""
    old, mode = columns.loads.old_start, columns.loads.old_mode
    takes_time = columns.modes.seconds[mode] > 0
    return np.where(old >= 0, 2 * old + takes_time, LAST), mode.copy(), np.maximum(old, 0)


def _load_of(problem: ShopProblem, move: Move) -> int:
    """Return the load of the step that moves."""
    what = f"{move.order}/{move.step}"
    rows = [
        row
        for row, each in enumerate(problem.steps)
        if (each.order.id, each.step.step) == (move.order, move.step)
    ]
    if not rows:
        raise InvalidMove(f"{what} is no open step; it runs, is finished, or never was")
    load = int(problem.columns.steps.load[rows[0]])
    if load in problem.columns.loads.frozen:
        raise InvalidMove(
            f"{what} starts within the frozen horizon of {problem.plant.frozen_s} s; it stays"
        )
    if move.start < problem.now:
        raise InvalidMove(f"{what} cannot start {problem.now - move.start} s ago; choose later")
    return load


def _mode_of(problem: ShopProblem, move: Move, load: int) -> int:
    """Return the mode of a load on the wanted unit."""
    modes, units = problem.columns.modes, tuple(problem.plant.units)
    able = {units[modes.unit[m]]: m for m in range(modes.ptr[load], modes.ptr[load + 1])}
    if move.unit not in able:
        raise InvalidMove(
            f"{move.unit[:60]!r} cannot do {move.step} of {move.order}; able: {', '.join(able)}"
        )
    return able[move.unit]


def _followers(columns: Columns, load: int) -> list[int]:
    """Return the loads that wait for a load, directly or not, but for those of other orders too."""
    jobs_of: dict[int, set[int]] = {}
    for each, job in zip(columns.steps.load.tolist(), columns.steps.job.tolist(), strict=True):
        jobs_of.setdefault(each, set()).add(job)
    found, stack = set[int](), [load]
    while stack:
        last = stack.pop()
        after = columns.loads.next[columns.loads.next_ptr[last] : columns.loads.next_ptr[last + 1]]
        fresh = {each for each in after.tolist() if jobs_of[each] <= jobs_of[load]} - found
        found |= fresh
        stack.extend(fresh)
    return sorted(found)


def _delays(problem: ShopProblem, before: Schedule, after: Schedule) -> tuple[Delay, ...]:
    """Return the orders whose finish differs, the most delayed first."""
    old, new = _finishes(before), _finishes(after)
    found = [
        Delay(order.id, old[order.id], new[order.id], order.due)
        for order in problem.orders
        if old.get(order.id) != new.get(order.id)
    ]
    return tuple(sorted(found, key=lambda each: (each.before - each.after, each.order)))


def _finishes(schedule: Schedule) -> Mapping[OrderId, Instant]:
    """Return the last finish of each order's bookings."""
    finishes: dict[OrderId, Instant] = {}
    for booking in schedule.bookings:
        finishes[booking.order] = max(finishes.get(booking.order, 0), booking.finish)
    return finishes
