"""Where an order stands, as its shopper and the planner are told it."""

from collections.abc import Iterator

import msgspec

from unikat.edge.web.call import Web
from unikat.edge.web.choosing import PriceReply, reply_price
from unikat.events import OrderForecast
from unikat.order.model import Order, OrderState
from unikat.schedule.model import Progress
from unikat.state import SiteState
from unikat.terms import Cents, Instant, StepId

STATES = {
    OrderState.PLACED: "accepted",
    OrderState.RELEASED: "released to the shop",
    OrderState.STARTED: "being made",
    OrderState.FINISHED: "finished",
    OrderState.DELIVERED: "shipped",
    OrderState.CANCELLED: "cancelled",
}
SURE = 0.985
"""Above it a share of some 60 replications is no longer told from certainty."""
ENDED = (OrderState.DELIVERED, OrderState.CANCELLED)


class ForecastReply(msgspec.Struct, frozen=True):
    """When the twin expects the order to finish: three quantiles, and the chance to keep the
    promised date.
    """

    p10: str
    p50: str
    p90: str
    p_on_time: float


class StageReply(msgspec.Struct, frozen=True):
    """One stage of an order's life: done, now or next, since or from when."""

    title: str
    state: str
    text: str
    at: str | None


class OrderReply(msgspec.Struct, frozen=True):
    """An order as its shopper sees it. `due` is the promised date and never moves; `now` is the
    site's time.
    """

    id: str
    state: str
    state_text: str
    placed_at: str
    due: str
    confidence: float
    expected: str | None
    expected_text: str
    forecast: ForecastReply | None
    happening: str
    timeline: tuple[StageReply, ...]
    price: PriceReply
    is_late: bool
    is_ended: bool
    ended_at: str | None
    now: str


class OrderRow(msgspec.Struct, frozen=True):
    """An order as the planner sees it in a list."""

    id: str
    customer: str
    state: str
    placed_at: str
    due: str
    finish: str
    expected: str | None
    p_on_time: float | None
    is_late: bool
    total_cents: Cents


def reply_order(web: Web, state: SiteState, progress: Progress, order: Order) -> OrderReply:
    """Return an order as its shopper sees it."""
    now = web.site.clock.now()
    forecast = state.forecasts.get(order.id)
    expected = order.ended_at if order.state in ENDED else expected_finish(state, order)
    return OrderReply(
        id=order.id,
        state=order.state.value,
        state_text=STATES[order.state],
        placed_at=web.iso(order.placed_at),
        due=web.iso(order.due),
        confidence=order.confidence,
        expected=None if expected is None else web.iso(expected),
        expected_text=_expected_text(order, forecast),
        forecast=None if forecast is None else _forecast(web, forecast),
        happening=_happening(state, progress, order),
        timeline=tuple(_timeline(web, state, progress, order)),
        price=reply_price(order.price, web.site.policy.currency),
        is_late=is_late(state, order, now),
        is_ended=order.state in ENDED,
        ended_at=None if order.ended_at is None else web.iso(order.ended_at),
        now=web.iso(now),
    )


def reply_row(web: Web, state: SiteState, order: Order) -> OrderRow:
    """Return an order as a row of the planner's list."""
    forecast = state.forecasts.get(order.id)
    expected = None if order.state in ENDED else expected_finish(state, order)
    return OrderRow(
        id=order.id,
        customer=order.customer,
        state=order.state.value,
        placed_at=web.iso(order.placed_at),
        due=web.iso(order.due),
        finish=web.iso(order.finish if order.ended_at is None else order.ended_at),
        expected=None if expected is None else web.iso(expected),
        p_on_time=None if forecast is None else forecast.p_on_time,
        is_late=is_late(state, order, web.site.clock.now()),
        total_cents=order.price.total,
    )


def expected_finish(state: SiteState, order: Order) -> Instant:
    """Return when an open order is expected: by forecast, else schedule, else promise."""
    forecast = state.forecasts.get(order.id)
    if forecast is not None:
        return forecast.p50
    booked = (state.bookings.get((order.id, step.step)) for step in order.variant.steps)
    return max((booking.finish for booking in booked if booking), default=order.finish)


def is_late(state: SiteState, order: Order, now: Instant) -> bool:
    """Say whether an order was, or is expected to be, delivered after its promised date."""
    if order.state is OrderState.CANCELLED:
        return False
    if order.ended_at is not None:
        return order.ended_at > order.due
    return max(now, expected_finish(state, order)) > order.due


def _forecast(web: Web, forecast: OrderForecast) -> ForecastReply:
    return ForecastReply(
        web.iso(forecast.p10), web.iso(forecast.p50), web.iso(forecast.p90), forecast.p_on_time
    )


def _expected_text(order: Order, forecast: OrderForecast | None) -> str:
    if order.state is OrderState.CANCELLED:
        return "cancelled"
    if order.ended_at is not None:
        return "shipped on time" if order.ended_at <= order.due else "shipped late"
    if forecast is None:
        return "from the schedule; a forecast follows"
    if forecast.p_on_time > SURE:
        return "almost certain to keep the promised date"
    return f"{round(forecast.p_on_time * 100)} % sure to keep the promised date"


def _happening(state: SiteState, progress: Progress, order: Order) -> str:
    if order.state is OrderState.CANCELLED:
        return "This order was cancelled."
    if order.state is OrderState.DELIVERED:
        return "Your order has left the house."
    if order.state is OrderState.FINISHED:
        return "Everything is done; it is about to leave the house."
    running = [step for step in order.variant.steps if (order.id, step.step) in progress.running]
    if running:
        unit = progress.running[order.id, running[0].step].unit
        return f"{title(running[0].step)} is being done right now, on {unit}."
    waiting = [step for step in order.variant.steps if (order.id, step.step) in state.bookings]
    if not waiting:
        return "Every step is done."
    booking = state.bookings[order.id, waiting[0].step]
    verb = "It waits for" if order.state is OrderState.STARTED else "It begins with"
    return f"{verb} {title(waiting[0].step).lower()}, booked on {booking.unit}."


def _timeline(web: Web, state: SiteState, progress: Progress, order: Order) -> Iterator[StageReply]:
    yield StageReply("Order placed", "done", "", web.iso(order.placed_at))
    for step in order.variant.steps:
        if order.state is not OrderState.CANCELLED:
            yield _stage(web, state, progress, order, step.step)
    if order.state is OrderState.CANCELLED:
        yield StageReply("Cancelled", "done", "", _iso(web, order.ended_at))
    elif order.state is OrderState.DELIVERED:
        yield StageReply("Shipped", "done", "", _iso(web, order.ended_at))
    else:
        yield StageReply("Shipped", "next", "promised by", web.iso(order.due))


def _stage(
    web: Web, state: SiteState, progress: Progress, order: Order, step: StepId
) -> StageReply:
    key = (order.id, step)
    running = progress.running.get(key)
    if running is not None:
        return StageReply(title(step), "now", f"on {running.unit} since", web.iso(running.start))
    finished = progress.finished.get(key)
    booking = state.bookings.get(key)
    if booking is None:
        at = None if finished is None else web.iso(finished[1])
        return StageReply(title(step), "done", "done", at)
    return StageReply(title(step), "next", "booked for", web.iso(booking.start))


def title(step: str) -> str:
    """Return a step's id in words."""
    return step.replace("_", " ").replace("-", " ").capitalize()


def _iso(web: Web, instant: Instant | None) -> str | None:
    return None if instant is None else web.iso(instant)
