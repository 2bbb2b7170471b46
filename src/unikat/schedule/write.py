"""Write what the kernels placed as bookings."""

from collections.abc import Iterator

from unikat.capacity.model import Booking
from unikat.errors import NoCapacity
from unikat.schedule.bound import bound_alone
from unikat.schedule.columns import Ints
from unikat.schedule.cost import PRICES, Prices, cost_of
from unikat.schedule.model import Schedule
from unikat.schedule.problem import ShopProblem


def write_schedule(
    problem: ShopProblem,
    placed: Ints,
    *,
    rounds: int,
    seed: int,
    prices: Prices = PRICES,
    bound: int = 0,
) -> Schedule:
    """Return the schedule of placed loads (see `_kernels`), step by step.

    Its lower bound is `bound`, or what each order alone costs if that is more.

    Raises
    ------
    NoCapacity
        A load is not placed: a setup and the work behind it fit into no window.
    """
    check_placed(placed)
    by_row = dict(_bookings(problem, placed))
    bookings = tuple(by_row[row] for row in range(len(problem.steps)))
    return Schedule(
        bookings,
        cost_of(problem, bookings, prices),
        max(bound, bound_alone(problem.columns, prices)),
        rounds,
        seed,
    )


def check_placed(placed: Ints) -> None:
    """Refuse a schedule with a load left out.

    Raises
    ------
    NoCapacity
        A setup and the work behind it fit into no window, whatever the sequence tried.
    """
    if (placed[0] < 0).any():
        raise NoCapacity(
            "no sequence was found in which each setup and its work fit into one window; "
            "lengthen the shifts of the work centers with setups"
        )


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
