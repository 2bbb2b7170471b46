"""What a schedule costs, and what each part of that cost weighs."""

from collections.abc import Iterable
from dataclasses import dataclass

from unikat.capacity.model import Booking
from unikat.order.model import Order
from unikat.schedule.model import Cost
from unikat.schedule.problem import ShopProblem
from unikat.terms import HOUR, Instant, OrderId, Seconds


@dataclass(frozen=True, slots=True)
class Prices:
    """What one unit of each part of `Cost` weighs: so much more than the next that the parts rank.

    A broken promise weighs 28 hours of tardiness. Beyond the due date each second weighs more than
    the one before (`overdue`), so that an order which is late already isn't passed for ever by
    those that are still to break. A start moved by a second counts if the old start lies within
    `near_s` of now, and a unit changed counts as `unit_change_s`.
    """

    broken: int = 100_000_000_000
    tardiness: int = 1_000_000
    overdue: int = 1_000_000
    setup: int = 10_000
    moved: int = 100
    flow: int = 1
    near_s: Seconds = 8 * HOUR
    unit_change_s: Seconds = HOUR


PRICES = Prices()
OVERDUE_SCALE_S: Seconds = 8 * HOUR
"""Overdue seconds count squared over this; from half of it on they grow faster than tardiness."""


def weigh(cost: Cost, prices: Prices = PRICES) -> int:
    """Return the weighted cost."""
    return (
        prices.broken * cost.broken
        + prices.tardiness * cost.tardiness
        + prices.overdue * cost.overdue
        + prices.setup * cost.setup
        + prices.moved * cost.moved
        + prices.flow * cost.flow
    )


def cost_of(problem: ShopProblem, bookings: Iterable[Booking], prices: Prices = PRICES) -> Cost:
    """Return what bookings of all open steps cost.

    Broken promises (last finish > due date), tardiness (against the promised finish, times the
    order's weight) and overdue (against the due date, squared) count orders with an open step; a
    setup counts once a build; flow is last finish - asked at.
    """
    bookings = tuple(bookings)
    ends = _ends(problem, bookings)
    return Cost(
        broken=sum(end > order.due for order, end in ends),
        tardiness=sum(problem.weight(o.id) * max(0, end - o.finish) for o, end in ends),
        overdue=sum(
            problem.weight(o.id) * (max(0, end - o.due) ** 2 // OVERDUE_SCALE_S) for o, end in ends
        ),
        setup=_setup(problem, bookings),
        moved=sum(_moved(problem, booking, prices) for booking in bookings),
        flow=sum(end - order.asked_at for order, end in ends),
    )


def _ends(problem: ShopProblem, bookings: Iterable[Booking]) -> list[tuple[Order, Instant]]:
    """Return each order with an open step and its last finish."""
    ends: dict[OrderId, Instant] = {}
    for booking in bookings:
        ends[booking.order] = max(ends.get(booking.order, 0), booking.finish)
    for (order, _), (_, finish) in problem.done.finished.items():
        if order in ends:
            ends[order] = max(ends[order], finish)
    for (order, _), running in problem.done.running.items():
        if order in ends:
            ends[order] = max(ends[order], running.finish, problem.now)
    return [(order, ends[order.id]) for order in problem.orders if order.id in ends]


def _setup(problem: ShopProblem, bookings: Iterable[Booking]) -> Seconds:
    """Return the setup seconds, lane by lane from what each unit is set up for."""
    orders = {order.id: order for order in problem.orders}
    families = dict(problem.done.families)
    for (order, name), running in problem.done.running.items():
        for step in orders[order].variant.steps:
            if step.step == name and step.setup:
                families[running.unit] = step.setup
    total, seen = 0, set()
    for booking in sorted(bookings, key=lambda b: (b.setup_start, b.finish)):
        if (booking.unit, booking.build) in seen:
            continue
        if booking.build:
            seen.add((booking.unit, booking.build))
        before = families.get(booking.unit)
        total += problem.plant.setup_s(booking.unit, before, booking.family)
        if booking.family:
            families[booking.unit] = booking.family
    return total


def _moved(problem: ShopProblem, booking: Booking, prices: Prices) -> Seconds:
    """Return by how much a booking moved from the last published schedule, if it was near."""
    old = problem.done.bookings.get((booking.order, booking.step))
    if old is None or old.start >= problem.now + prices.near_s:
        return 0
    change = 0 if old.unit == booking.unit else prices.unit_change_s
    return abs(booking.start - old.start) + change
