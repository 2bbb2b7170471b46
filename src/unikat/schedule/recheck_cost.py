"""The checker's own sum of what a schedule costs."""

from collections.abc import Iterator

from unikat.schedule.cost import PRICES
from unikat.schedule.model import Cost, Schedule, Violation
from unikat.schedule.recheck import Facts, entries_of
from unikat.terms import SetupFamily, UnitId


def wrong_cost(facts: Facts, schedule: Schedule) -> Iterator[Violation]:
    """Yield a violation if the stated cost isn't what the bookings cost."""
    cost = _cost(facts, schedule)
    if cost != schedule.cost:
        yield Violation("cost", "schedule", f"says {schedule.cost}, is {cost}")


def _cost(facts: Facts, schedule: Schedule) -> Cost:
    ends = {booking.order: 0 for booking in schedule.bookings}
    for booking in schedule.bookings:
        ends[booking.order] = max(ends[booking.order], booking.finish)
    for (order, _), (_, finish) in facts.done.finished.items():
        ends[order] = max(ends.get(order, 0), finish)
    for (order, _), run in facts.done.running.items():
        ends[order] = max(ends.get(order, 0), run.finish, facts.now)
    open_orders = {booking.order for booking in schedule.bookings}
    judged = [(facts.orders[o], ends[o], facts.weights.get(o, 1)) for o in open_orders]
    families: dict[UnitId, SetupFamily | None] = {**facts.families}
    setup = moved = 0
    for first, *_ in entries_of(schedule.bookings):
        setup += facts.plant.setup_s(first.unit, families.get(first.unit), first.family)
        families[first.unit] = first.family or families.get(first.unit)
    for booking in schedule.bookings:
        old = facts.done.bookings.get((booking.order, booking.step))
        if old and old.start < facts.now + PRICES.near_s:
            moved += abs(booking.start - old.start)
            moved += PRICES.unit_change_s * (booking.unit != old.unit)
    return Cost(
        sum(end > order.due for order, end, _ in judged),
        sum(weight * max(end - order.finish, 0) for order, end, weight in judged),
        sum(
            weight * ((end - order.due) ** 2 // 28_800)
            for order, end, weight in judged
            if end > order.due
        ),
        setup,
        moved,
        sum(end - order.asked_at for order, end, _ in judged),
    )
