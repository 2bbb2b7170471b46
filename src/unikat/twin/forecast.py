"""Forecast when each open order will finish: play the published sequence on from the floor's state,
many times.

Units keep their published sequence; durations, breakdowns and repairs are drawn; working hours,
setups, travel and builds are kept. Robots, buffers and counted resources are not played: their
waiting is missing from the forecast.
"""

from collections.abc import Sequence
from math import ceil, floor
from typing import TYPE_CHECKING

from unikat.capacity.model import Booking
from unikat.events import OrderForecast
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.terms import Instant
from unikat.twin.state import FloorState
from unikat.twin.tasks import in_sequence, tasks_of

if TYPE_CHECKING:
    from unikat.twin.hours import Instants


def forecast(
    plant: Plant,
    bookings: Sequence[Booking],
    state: FloorState,
    orders: Sequence[Order],
    now: Instant,
    *,
    replications: int,
    seed: int,
) -> tuple[OrderForecast, ...]:
    """Forecast the finish of every order; `bookings` are the published ones of their open steps.

    The same state and seed give the same forecast; another sequence of the same steps meets the
    same durations.
    """
    from unikat.twin.run import Run

    by_step = {(booking.order, booking.step): booking for booking in bookings}
    run = Run(plant, state, by_step, orders, now, replications=replications, seed=seed)
    for task in in_sequence(tasks_of(orders, by_step, run.progress)):
        run.play(task)
    return tuple(_sum_up(order, run.finish_of(order)) for order in orders)


def _sum_up(order: Order, finish: "Instants") -> OrderForecast:
    """Read quantiles by rank: below the median rounded down, above it up, so that they cover
    what they say.
    """
    ranked: list[Instant] = sorted(finish.tolist())
    count = len(ranked) + 1

    def rank(k: int) -> Instant:
        return ranked[min(max(k, 1), len(ranked)) - 1]

    return OrderForecast(
        order_id=order.id,
        p10=rank(floor(count * 0.1)),
        p50=rank(ceil(count * 0.5)),
        p90=rank(ceil(count * 0.9)),
        p_on_time=sum(at <= order.due for at in ranked) / len(ranked),
    )
