"""Solve a shop problem: construct, improve, return the best."""

from collections.abc import Callable
from time import perf_counter

from unikat.schedule.bound import bound_by_prices
from unikat.schedule.construct import decode_old, dispatch_grid, empty_placed
from unikat.schedule.cost import PRICES, Prices
from unikat.schedule.improve import Budget, improve_by_rounds
from unikat.schedule.model import Schedule
from unikat.schedule.problem import ShopProblem
from unikat.schedule.value import value_of
from unikat.schedule.write import check_placed, write_schedule

ROUNDS = 64
BOUND_PART, BOUND_ROUNDS = 0.1, 200
"""The part of the seconds that goes to the lower bound, and the most rounds it gets then."""


def solve(
    problem: ShopProblem,
    *,
    seconds: float,
    seed: int,
    rounds: int | None = None,
    bound_rounds: int | None = None,
    prices: Prices = PRICES,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Schedule:
    """Return a good schedule of all open steps.

    The best of the last schedule, shifted right or drawn together, and of forward dispatch is
    improved: by `rounds` of twenty trials in each window of it (64 if neither is given), or by
    the clock for `seconds`, or until the first of both ends. Given rounds, the same problem and
    seed give the same schedule on any machine unless the clock ends them. `is_cancelled` is asked
    several times a second; the best schedule so far is returned.

    The lower bound is what each order costs alone, raised by `bound_rounds` of prices (see
    `bound`): by default none if rounds are given, else as many as a tenth of the seconds allow.

    Raises
    ------
    NoCapacity
        A setup and the work behind it fit into no window, whatever the sequence tried.
    """
    columns = problem.columns
    if not problem.steps:
        return write_schedule(problem, empty_placed(columns), rounds=0, seed=seed, prices=prices)
    starts = [
        decode_old(columns, is_early=False),
        decode_old(columns, is_early=True),
        *dispatch_grid(columns),
    ]
    best = min(starts, key=lambda placed: value_of(columns, placed, prices))
    check_placed(best)
    if rounds is None and seconds <= 0:
        rounds = ROUNDS
    is_timed = rounds is None and bound_rounds is None
    part = 1 - BOUND_PART if is_timed else 1
    budget = Budget(rounds, part * seconds, is_cancelled)
    best, done = improve_by_rounds(columns, best, prices=prices, seed=seed, budget=budget)
    until = perf_counter() + BOUND_PART * seconds
    bound = bound_by_prices(
        columns,
        best,
        prices,
        known=value_of(columns, best, prices),
        rounds=BOUND_ROUNDS if is_timed else bound_rounds or 0,
        is_over=lambda: is_cancelled() or (is_timed and perf_counter() >= until),
    )
    return write_schedule(problem, best, rounds=done, seed=seed, prices=prices, bound=bound)
