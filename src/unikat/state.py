"""What the log of a site says so far: one value, changed by `fold` alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unikat.capacity.model import Booking, Hold, Stop
from unikat.capacity.timeline import Capacity, open_capacity
from unikat.errors import UnknownOrder
from unikat.events import OrderForecast, PartMeasured, StopPlanned
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.promise.model import Delay, Slack
from unikat.schedule.model import StepKey
from unikat.terms import HoldId, Instant, OrderId, QuoteId
from unikat.twin.learning import Learning
from unikat.twin.slack import PromiseScore
from unikat.twin.state import FloorState, empty_state

BOOK = "book"
"""The stream of all that changes orders and capacity; decisions are checked on its version."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A schedule that was published: when, why, and the orders whose finish it moved."""

    at: Instant
    cause: str
    moves: tuple[Delay, ...]


@dataclass(frozen=True, slots=True)
class SiteState:
    """What the log says so far.

    `orders` are open, `ended` delivered or cancelled; `bookings` are those of unfinished steps (a
    running step's are its actual unit and start); `publications` are the last schedules that moved
    an order, oldest first; `disturbed` says why the published schedule no
    longer fits the floor ("": it does); `num_scored` counts all promises ever scored, `scores`
    keeps the last thousand, `measured` the last thousand measures of parts. `learning` is what the
    twin learnt: how its forecasts came true, its model, and how long steps take.
    """

    seq: int
    book_version: int
    orders: Mapping[OrderId, Order]
    ended: Mapping[OrderId, Order]
    bookings: Mapping[StepKey, Booking]
    holds: Mapping[HoldId, Hold]
    held: Mapping[QuoteId, HoldId]
    capacity: Capacity
    floor: FloorState
    slack: Slack
    scores: tuple[PromiseScore, ...]
    measured: tuple[PartMeasured, ...]
    num_scored: int
    forecasts: Mapping[OrderId, OrderForecast]
    forecast_at: Instant
    published_at: Instant
    published_cause: str
    publications: tuple[Publication, ...]
    disturbed: str
    learning: Learning
    planned: Mapping[str, StopPlanned]

    @property
    def closed(self) -> tuple[Stop, ...]:
        """Return the planned stops, unit by unit."""
        return stops_of(self.planned.values())


def open_state(plant: Plant, slack: Slack) -> SiteState:
    """Return the state before the first event; `slack` is used until a `SlackLearnt`."""
    return SiteState(
        seq=0,
        book_version=0,
        orders={},
        ended={},
        bookings={},
        holds={},
        held={},
        capacity=open_capacity(plant, (), now=0),
        floor=empty_state(plant),
        slack=slack,
        scores=(),
        measured=(),
        num_scored=0,
        forecasts={},
        forecast_at=0,
        published_at=0,
        published_cause="",
        publications=(),
        disturbed="",
        learning=Learning(),
        planned={},
    )


def stops_of(planned: Iterable[StopPlanned]) -> tuple[Stop, ...]:
    """Return planned stops, one a unit."""
    return tuple(Stop(unit, each.start, each.finish) for each in planned for unit in each.units)


def find_order(state: SiteState, order_id: OrderId) -> Order:
    """Return an open or ended order.

    Raises
    ------
    UnknownOrder
        If there is none with this id.
    """
    order = state.orders.get(order_id) or state.ended.get(order_id)
    if order is None:
        raise UnknownOrder(f"no order {order_id}; look for its id on the confirmation")
    return order
