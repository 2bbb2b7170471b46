"""Forecast when each open order will finish: play the published schedule on, many times.

It starts from the floor's state. A free unit takes what is ready, by booked start; durations,
breakdowns and repairs are drawn; working hours, setups, travel and builds are kept. Robots, buffers
and counted resources are not played: the waiting for them is missing from the forecast.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from math import ceil, floor
from typing import TYPE_CHECKING

from unikat.capacity.model import Booking, Stop
from unikat.events import OrderForecast
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.terms import Instant, OrderId
from unikat.twin.state import FloorState
from unikat.twin.tasks import Task, link, release, tasks_of

if TYPE_CHECKING:
    from unikat.twin.hours import Instants
    from unikat.twin.run import Run


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
    finishes = play_on(plant, bookings, state, orders, now, replications=replications, seed=seed)
    return tuple(sum_up(order, finishes[order.id]) for order in orders)


def play_on(
    plant: Plant,
    bookings: Sequence[Booking],
    state: FloorState,
    orders: Sequence[Order],
    now: Instant,
    *,
    replications: int,
    seed: int,
    stops: Sequence[Stop] = (),
) -> "Mapping[OrderId, Instants]":
    """Return when every order finishes in each replication; `stops` are known and not drawn."""
    from unikat.twin.run import Run

    by_step = {(booking.order, booking.step): booking for booking in bookings}
    run = Run(plant, state, by_step, orders, now, replications=replications, seed=seed, stops=stops)
    _play_out(run, tasks_of(orders, by_step, run.progress))
    return {order.id: run.finish_of(order) for order in orders}


def _play_out(run: "Run", tasks: Sequence[Task]) -> None:
    """Play each task when all it waits for has been played, the earliest first.

    As on the floor, a free unit takes what is ready, by booked start; which that is, is decided by
    the means over the replications. Tasks that wait for each other in a circle come last.
    """
    from unikat.twin.hours import mean

    waits, followers = link(tasks)
    ready: dict[int, Instants] = {}
    queue: list[tuple[Instant, Instant, int]] = []

    def admit(tasks_idx: Iterable[int]) -> None:
        for i in tasks_idx:
            ready[i] = run.ready(tasks[i])
            heappush(queue, (mean(ready[i]), tasks[i].start, i))

    admit(i for i, before in enumerate(waits) if not before)
    while queue:
        at, start, i = heappop(queue)
        if (free := run.mean_free(tasks[i])) > at:
            heappush(queue, (free, start, i))
            continue
        run.play(tasks[i], ready[i])
        admit(release(waits, followers, i))
    for i in sorted(set(range(len(tasks))) - ready.keys(), key=lambda i: tasks[i].start):
        run.play(tasks[i], run.ready(tasks[i]))


def sum_up(order: Order, finish: "Instants") -> OrderForecast:
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
