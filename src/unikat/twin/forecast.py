"""Forecast when each open order will finish: play the published schedule on, many times.

It starts from the floor's state and obeys the floor's laws: a free unit takes what is ready, by
booked start; robots, buffers, counted resources and the supervisor are those of the floor;
durations, breakdowns and repairs are drawn.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from types import MappingProxyType
from typing import TYPE_CHECKING

from unikat.capacity.model import Booking, Stop
from unikat.events import FORECAST_LEVELS, OrderForecast
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.terms import Capability, Instant, OrderId, Seconds
from unikat.twin.correct import NO_CORRECTION, Correction, correct
from unikat.twin.model import PLAIN, TwinModel
from unikat.twin.score import P10, P50, P90
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
    stops: Sequence[Stop] = (),
    release_ahead_s: Seconds = 0,
    model: TwinModel = PLAIN,
    repeats: Mapping[Capability, float] = MappingProxyType({}),
    correction: Correction = NO_CORRECTION,
) -> tuple[OrderForecast, ...]:
    """Forecast the finish of every order; `bookings` are the published ones of their open steps,
    `stops` the planned ones.

    `repeats` are the shares of steps that are done again after inspection, by capability: such a
    step keeps its unit so much longer.

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
        stops=stops,
        release_ahead_s=release_ahead_s,
        model=model,
        repeats=repeats,
    )
    return tuple(
        correct(order.id, quantiles_of(finishes[order.id]), correction, now=now, due=order.due)
        if correction.num_orders
        else sum_up(order, finishes[order.id])
        for order in orders
    )


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
    model: TwinModel = PLAIN,
    repeats: Mapping[Capability, float] = MappingProxyType({}),
    first: int = 0,
) -> "Mapping[OrderId, Instants]":
    """Return when every order finishes in each replication, counted from `first` on; `stops` are
    known and not drawn.

    An order that would never finish counts as finished weeks after all others.
    """
    import numpy as np

    from unikat.twin.floor_problem import MARGIN, read_floor
    from unikat.twin.simulate import simulate

    by_step = {(booking.order, booking.step): booking for booking in bookings}
    open_floor = read_floor(
        plant,
        by_step,
        state,
        orders,
        now,
        stops=stops,
        release_ahead_s=release_ahead_s,
        model=model,
        repeats=repeats,
    )
    found: dict[OrderId, Instants] = {
        order: np.full(replications, at) for order, at in open_floor.done.items()
    }
    if open_floor.jobs:
        problem, start = open_floor.problem, open_floor.state
        played = simulate(problem, start, replications=replications, seed=seed, first=first)
        never = max((booking.finish for booking in bookings), default=now) + MARGIN
        finishes = np.where(played.finishes < 0, never, played.finishes)
        found |= {order: finishes[:, j] for j, order in enumerate(open_floor.jobs)}
    return found


def sum_up(order: Order, finish: "Instants") -> OrderForecast:
    """Return an order's forecast as it was played: nothing is corrected."""
    played = quantiles_of(finish)
    on_time = float((finish <= order.due).mean())
    return OrderForecast(order.id, played[P10], played[P50], played[P90], on_time, played, played)


def quantiles_of(finish: "Instants") -> tuple[Instant, ...]:
    """Read quantiles by rank: below the median rounded down, above it up, so that they cover
    what they say.
    """
    ranked: list[Instant] = sorted(finish.tolist())
    count = len(ranked) + 1
    ranks = (
        floor(rank) if level < 0.5 else ceil(rank)
        for level in FORECAST_LEVELS
        for rank in (round(count * level, 9),)
    )
    return tuple(ranked[min(max(rank, 1), len(ranked)) - 1] for rank in ranks)
