"""Solve a shop problem: construct, improve, return the best."""

from unikat.errors import NoCapacity
from unikat.schedule.construct import decode_old, dispatch_grid, empty_placed
from unikat.schedule.cost import PRICES, Prices
from unikat.schedule.improve import improve_by_rounds, value_of
from unikat.schedule.model import Schedule
from unikat.schedule.problem import ShopProblem
from unikat.schedule.write import write_schedule

ROUNDS = 64


def solve(
    problem: ShopProblem,
    *,
    seconds: float,
    seed: int,
    rounds: int = ROUNDS,
    prices: Prices = PRICES,
) -> Schedule:
    """Return a good schedule of all open steps.

    The best of the last schedule, shifted right or drawn together, and of forward dispatch is
    improved by `rounds`. `seconds` > 0 also stops the improvement by the clock; with 0 the same
    problem, seed and rounds give the same schedule on any machine.

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
    if best[0].min() < 0:
        raise NoCapacity(
            "no sequence was found in which each setup and its work fit into one window; "
            "lengthen the shifts of the work centers with setups"
        )
    best, done = improve_by_rounds(
        columns, best, prices=prices, seed=seed, rounds=rounds, seconds=seconds
    )
    return write_schedule(problem, best, rounds=done, seed=seed, prices=prices)
