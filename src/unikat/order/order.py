"""An order's life: placed from a quote, then moved along one table of legal states."""

from dataclasses import replace

from unikat.errors import IllegalState, QuoteExpired
from unikat.events import OrderPlaced
from unikat.order.model import Order, OrderState, Quote
from unikat.promise.model import Promise
from unikat.terms import CustomerId, Instant

LEGAL_STATES: frozenset[tuple[OrderState, OrderState]] = frozenset(
    {
        (OrderState.PLACED, OrderState.RELEASED),
        (OrderState.RELEASED, OrderState.STARTED),
        (OrderState.STARTED, OrderState.FINISHED),
        (OrderState.FINISHED, OrderState.DELIVERED),
        (OrderState.PLACED, OrderState.CANCELLED),
        (OrderState.RELEASED, OrderState.CANCELLED),
    }
)
ENDED = frozenset({OrderState.DELIVERED, OrderState.CANCELLED})


def place_order(
    quote: Quote, promise: Promise, customer: CustomerId, *, now: Instant
) -> OrderPlaced:
    """Turn a valid quote into the event that places its order.

    `promise` may be a newer one than the quote's (capacity moved), but the due date the shopper saw
    is kept.

    Raises
    ------
    QuoteExpired
        If `now` is past the quote's validity.
    """
    check_valid(quote, now)
    return OrderPlaced(
        at=now,
        order_id=quote.order_id,
        quote_id=quote.id,
        customer=customer,
        picks=quote.picks,
        measurements=quote.measurements,
        configuration_key=quote.configuration.key,
        variant=quote.variant,
        price=quote.price,
        asked_at=quote.asked_at,
        finish=promise.finish,
        due=quote.promise.due,
        confidence=promise.confidence,
        bookings=promise.bookings,
        family_version=quote.configuration.family_version,
    )


def check_valid(quote: Quote, now: Instant) -> None:
    """Check that a quote's validity has not passed.

    Raises
    ------
    QuoteExpired
        If it has.
    """
    if now > quote.valid_until:
        raise QuoteExpired(
            f"quote {quote.id} expired {now - quote.valid_until} s ago; ask for a new quote"
        )


def read_order(placed: OrderPlaced) -> Order:
    """Return the order an OrderPlaced event tells of."""
    return Order(
        id=placed.order_id,
        quote_id=placed.quote_id,
        customer=placed.customer,
        picks=placed.picks,
        measurements=placed.measurements,
        configuration_key=placed.configuration_key,
        variant=placed.variant,
        price=placed.price,
        asked_at=placed.asked_at,
        placed_at=placed.at,
        finish=placed.finish,
        due=placed.due,
        confidence=placed.confidence,
        family_version=placed.family_version,
    )


def move_order(order: Order, state: OrderState, *, at: Instant) -> Order:
    """Move an order to its next state.

    Raises
    ------
    IllegalState
        If the table of legal states does not have the pair.
    """
    if (order.state, state) not in LEGAL_STATES:
        legal = sorted(after.value for before, after in LEGAL_STATES if before == order.state)
        raise IllegalState(
            f"order {order.id} is {order.state.value} and cannot become {state.value};"
            f" it can become: {', '.join(legal) or 'nothing more'}"
        )
    return replace(order, state=state, ended_at=at if state in ENDED else None)
