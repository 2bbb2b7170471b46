"""Forecast when each open order will finish: play the published schedule on, many times.

It starts from the floor's state and obeys the floor's laws: a free unit takes what is ready, by
booked start; robots, buffers, counted resources and the supervisor are those of the floor;
durations, breakdowns and repairs are drawn.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import TYPE_CHECKING

from unikat.capacity.model import Booking, Stop
from unikat.events import OrderForecast
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.terms import Instant, OrderId, Seconds
from unikat.twin.state import FloorState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Instants = NDArray[np.int64]


def forecast(
    plant: Plant,
    bookings: Sequence[Booking],
    state: FloorState,
    orders: Sequence[Order],
    now: Instant,
    *,
    replications: int,
    seed: int,
    release_ahead_s: Seconds = 0,
) -> tuple[OrderForecast, ...]:
    """Forecast the finish of every order; `bookings` are the published ones of their open steps.

    An order that is placed but not released comes `release_ahead_s` before its booked start. The
    same state and seed give the same forecast; another sequence of the same steps meets the same
    durations.
    """
    finishes = play_on(
        plant,
        bookings,
        state,
        orders,
        now,
        replications=replications,
        seed=seed,
        release_ahead_s=release_ahead_s,
    )
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
    release_ahead_s: Seconds = 0,
) -> "Mapping[OrderId, Instants]":
    """Return when every order finishes in each replication; `stops` are known and not drawn.

    An order that would never finish counts as finished weeks after all others.
    """
    import numpy as np

    from unikat.twin.floor_problem import MARGIN, read_floor
    from unikat.twin.simulate import simulate

    by_step = {(booking.order, booking.step): booking for booking in bookings}
    open_floor = read_floor(
        plant, by_step, state, orders, now, stops=stops, release_ahead_s=release_ahead_s
    )
    found: dict[OrderId, Instants] = {
        order: np.full(replications, at) for order, at in open_floor.done.items()
    }
    if open_floor.jobs:
        problem, start = open_floor.problem, open_floor.state
        played = simulate(problem, start, replications=replications, seed=seed)
        never = max((booking.finish for booking in bookings), default=now) + MARGIN
        finishes = np.where(played.finishes < 0, never, played.finishes)
        found |= {order: finishes[:, j] for j, order in enumerate(open_floor.jobs)}
    return found


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
