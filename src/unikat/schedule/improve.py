"""Improve a schedule by rounds: pull a late job forward, choose its units anew, keep gains."""

from time import perf_counter

import numpy as np

from unikat.schedule.columns import Columns, Ints
from unikat.schedule.construct import decode_keys
from unikat.schedule.cost import Prices, weigh
from unikat.schedule.model import Cost
from unikat.terms import HOUR

CONTEST = 3
"""A round pulls the latest of this many jobs drawn."""
NEVER = 1 << 80
"""Costs more than any schedule."""
REACH = 4 * HOUR
"""How much further than its tardiness a job is pulled at most."""


def value_of(columns: Columns, placed: Ints, prices: Prices) -> int:
    """Return the weighted cost of placed loads; the greatest number if one isn't placed."""
    if columns.loads.ready.size and placed[0].min() < 0:
        return NEVER
    return weigh(measure(columns, placed, prices), prices)


def lateness(columns: Columns, placed: Ints) -> Ints:
    """Return by how much each job finishes after its promised finish, shape (J,)."""
    ends = columns.jobs.end.copy()
    np.maximum.at(ends, columns.steps.job, placed[4, columns.steps.load])
    return ends - columns.jobs.finish


def measure(columns: Columns, placed: Ints, prices: Prices) -> Cost:
    """Return what placed loads cost: `cost_of` from columns."""
    steps, jobs = columns.steps, columns.jobs
    ends = lateness(columns, placed) + jobs.finish
    near = (steps.old_unit >= 0) & (steps.old_start < columns.now + prices.near_s)
    loads = steps.load[near]
    changed = columns.modes.unit[placed[0, loads]] != steps.old_unit[near]
    return Cost(
        broken=int((ends > jobs.due).sum()),
        tardiness=int(np.maximum(ends - jobs.finish, 0).sum()),
        setup=int(placed[1].sum()),
        moved=int(np.abs(placed[3, loads] - steps.old_start[near]).sum())
        + prices.unit_change_s * int(changed.sum()),
        flow=int((ends - jobs.release).sum()),
    )


def improve_by_rounds(
    columns: Columns, placed: Ints, *, prices: Prices, seed: int, rounds: int, seconds: float
) -> tuple[Ints, int]:
    """Return the best schedule found from `placed`, and how many rounds were done.

    It ends early once no order is late. The clock is read between rounds, and only if
    `seconds` > 0. A round's draws depend on seed and round alone.
    """
    end = perf_counter() + seconds if seconds > 0 else None
    early = np.zeros_like(placed[0])
    key, choice = placed[3].copy(), placed[0].copy()
    best = decode_keys(columns, key, choice, early)
    value = value_of(columns, best, prices)
    done = 0
    while done < rounds and (end is None or perf_counter() < end):
        late = lateness(columns, best)
        if late.max() <= 0:
            break
        draw = np.random.Generator(np.random.Philox(key=[seed, done]))
        trial_key, trial_choice = key.copy(), choice.copy()
        _pull(columns, late, draw, trial_key, trial_choice)
        trial = decode_keys(columns, trial_key, trial_choice, early)
        trial_value = value_of(columns, trial, prices)
        if trial_value <= value:
            key, choice, best, value = trial_key, trial[0], trial, trial_value
        done += 1
    return min((placed, best), key=lambda one: value_of(columns, one, prices)), done


def _pull(columns: Columns, late: Ints, draw: np.random.Generator, key: Ints, choice: Ints) -> None:
    """Pull a late job or one step of it forward; half the time let units be chosen anew."""
    drawn = draw.integers(late.size, size=CONTEST)
    job = drawn[late[drawn].argmax()]
    loads = np.unique(columns.steps.load[columns.steps.job == job])
    if draw.integers(3) == 0:
        loads = loads[[draw.integers(loads.size)]]
    key[loads] -= draw.integers(1, max(int(late[job]), 0) + REACH)
    if draw.integers(2) == 0:
        choice[loads] = -1
