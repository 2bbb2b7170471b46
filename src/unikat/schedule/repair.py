"""Repair the last schedule after a disturbance: keep units and sequences, shift to the right."""

from unikat.schedule.construct import decode_old
from unikat.schedule.model import Schedule
from unikat.schedule.problem import ShopProblem
from unikat.schedule.write import write_schedule


def right_shift(problem: ShopProblem) -> Schedule:
    """Return the last schedule, each start as early as legal but not before its old start.

    Units and sequences are those of `done.bookings`; steps that had no booking are appended behind,
    each on the unit that finishes it first. What nothing disturbs doesn't move.
    """
    return write_schedule(problem, decode_old(problem.columns, is_early=False), rounds=0, seed=0)
