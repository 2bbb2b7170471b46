"""Write what the kernels placed as bookings, and a lower bound on what any schedule costs."""

from collections.abc import Iterator

import numpy as np

from unikat.capacity.model import Booking
from unikat.schedule.columns import Ints
from unikat.schedule.cost import PRICES, Prices, cost_of
from unikat.schedule.model import Schedule
from unikat.schedule.problem import ShopProblem


def write_schedule(
    problem: ShopProblem, placed: Ints, *, rounds: int, seed: int, prices: Prices = PRICES
) -> Schedule:
    """Return the schedule of placed loads (see `_kernels`), step by step."""
    by_row = dict(_bookings(problem, placed))
    bookings = tuple(by_row[row] for row in range(len(problem.steps)))
    return Schedule(
        bookings,
        cost_of(problem, bookings, prices),
        lower_bound(problem, prices),
        rounds,
        seed,
    )


def lower_bound(problem: ShopProblem, prices: Prices = PRICES) -> int:
    """Return what every schedule of the problem costs at least.

    Each order alone in the plant, without setups: its earliest finish gives its tardiness, its
    promise and its flow.
    """
    from unikat.schedule._kernels import heads

    columns = problem.columns
    ends = columns.jobs.end.copy()
    np.maximum.at(ends, columns.steps.job, heads(columns)[columns.steps.load])
    tardiness = np.maximum(ends - columns.jobs.finish, 0).sum()
    flow = (ends - columns.jobs.release).sum()
    broken = (ends > columns.jobs.due).sum()
    return int(prices.broken * broken + prices.tardiness * tardiness + prices.flow * flow)


def _bookings(problem: ShopProblem, placed: Ints) -> Iterator[tuple[int, Booking]]:
    """Yield row and booking of each step."""
    plant, units = problem.plant, tuple(problem.plant.units)
    needs = {c: plant.needs_of(c) for c in {s.step.capability for s in problem.steps}}
    is_batch = {unit: plant.center_of(unit).batch is not None for unit in units}
    units_of = [units[unit] for unit in problem.columns.modes.unit[placed[0]].tolist()]
    times = placed[2:].T.tolist()
    for load, unit, (begin, start, finish) in zip(problem.loads, units_of, times, strict=True):
        build = load.build if is_batch[unit] else None
        for row in load.rows:
            open_step = problem.steps[row]
            yield (
                row,
                Booking(
                    open_step.order.id,
                    open_step.step.step,
                    unit,
                    begin,
                    start,
                    finish,
                    open_step.step.setup,
                    needs[open_step.step.capability],
                    build,
                    open_step.not_before(plant),
                ),
            )
