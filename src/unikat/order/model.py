"""Quote and order, plain values; the legal states are one table beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from unikat.configure.model import Configuration, Price, Variant
from unikat.promise.model import Promise
from unikat.terms import CustomerId, HoldId, Instant, OrderId, QuoteId


class OrderState(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    RELEASED = "released"
    STARTED = "started"
    FINISHED = "finished"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Quote:
    """An offer: nothing is reserved unless `hold` names a hold.

    `picks` and `measurements` are what the shopper said; `order_id` is the id the order will have,
    and the order of the promise's bookings.
    """

    id: QuoteId
    order_id: OrderId
    picks: Mapping[str, bool | int | float | str]
    measurements: Mapping[str, float]
    configuration: Configuration
    variant: Variant
    price: Price
    promise: Promise
    asked_at: Instant
    valid_until: Instant
    hold: HoldId | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An accepted quote.

    `due` is the date promised first and never moves; `finish` is the promised finish without
    slack, at which the scheduler aims. It keeps the version of the family it was chosen from for
    ever (0: placed before that was written).
    """

    id: OrderId
    quote_id: QuoteId
    customer: CustomerId
    picks: Mapping[str, bool | int | float | str]
    measurements: Mapping[str, float]
    configuration_key: str
    variant: Variant
    price: Price
    asked_at: Instant
    placed_at: Instant
    finish: Instant
    due: Instant
    confidence: float
    state: OrderState = OrderState.PLACED
    ended_at: Instant | None = None
    family_version: int = 0
