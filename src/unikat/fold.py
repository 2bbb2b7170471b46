"""Fold the events of a site's log into its state.

The same events give the same state, bit for bit, in batches of any size. `fold` copies once a batch
and is the only way a site's state changes; `_HANDLERS` is the table of what each event does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Never, cast

from unikat.capacity.calendar import working_time
from unikat.capacity.model import Booking, Hold
from unikat.capacity.timeline import Capacity, open_capacity, put_bookings, remove_orders
from unikat.events import (
    CapacityHeld,
    Event,
    ForecastMade,
    HoldDropped,
    OrderCancelled,
    OrderDelivered,
    OrderForecast,
    OrderPlaced,
    OrderReleased,
    PartMeasured,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    SchedulePublished,
    SlackLearnt,
    StepFinished,
    StepStarted,
    StopPlanned,
    StopWithdrawn,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.order.model import Order, OrderState
from unikat.order.order import move_order, read_order
from unikat.plant.model import Plant
from unikat.promise.model import Delay, Slack
from unikat.schedule.model import StepKey
from unikat.state import BOOK, Publication, SiteState, stops_of
from unikat.terms import HoldId, Instant, OrderId, QuoteId, Seconds
from unikat.twin.learning import LearningDraft
from unikat.twin.slack import PromiseScore
from unikat.twin.state import FloorState, apply_events, progress_of

NUM_SCORES = 1_000
NUM_MEASURED = 1_000
NUM_PUBLICATIONS = 8
_ON_THE_WAY: Mapping[OrderState, OrderState] = MappingProxyType(
    {OrderState.PLACED: OrderState.RELEASED, OrderState.RELEASED: OrderState.STARTED}
)


def fold(plant: Plant, state: SiteState, records: Sequence[Recorded]) -> SiteState:
    """Return the state after a batch of recorded events."""
    if not records:
        return state
    draft = _Draft(
        plant=plant,
        book_version=state.book_version,
        orders=dict(state.orders),
        ended=dict(state.ended),
        bookings=dict(state.bookings),
        holds=dict(state.holds),
        held=dict(state.held),
        capacity=state.capacity,
        floor=state.floor,
        slack=state.slack,
        scores=list(state.scores),
        measured=list(state.measured),
        num_scored=state.num_scored,
        forecasts=state.forecasts,
        forecast_at=state.forecast_at,
        published_at=state.published_at,
        published_cause=state.published_cause,
        publications=state.publications,
        disturbed=state.disturbed,
        learning=LearningDraft(plant, state.learning),
        planned=state.planned,
    )
    for record in records:
        draft.apply(record)
    draft.settle_floor()
    return SiteState(
        seq=records[-1].seq,
        scores=tuple(draft.scores[-NUM_SCORES:]),
        measured=tuple(draft.measured[-NUM_MEASURED:]),
        book_version=draft.book_version,
        orders=draft.orders,
        ended=draft.ended,
        bookings=draft.bookings,
        holds=draft.holds,
        held=draft.held,
        capacity=draft.capacity,
        floor=draft.floor,
        slack=draft.slack,
        num_scored=draft.num_scored,
        forecasts=draft.forecasts,
        forecast_at=draft.forecast_at,
        published_at=draft.published_at,
        published_cause=draft.published_cause,
        publications=draft.publications,
        disturbed=draft.disturbed,
        learning=draft.learning.value(),
        planned=draft.planned,
    )


@dataclass(slots=True)
class _Draft:
    """The private, mutable copy a batch is folded into."""

    plant: Plant
    book_version: int
    orders: dict[OrderId, Order]
    ended: dict[OrderId, Order]
    bookings: dict[StepKey, Booking]
    holds: dict[HoldId, Hold]
    held: dict[QuoteId, HoldId]
    capacity: Capacity
    floor: FloorState
    slack: Slack
    scores: list[PromiseScore]
    measured: list[PartMeasured]
    num_scored: int
    forecasts: Mapping[OrderId, OrderForecast]
    forecast_at: Instant
    published_at: Instant
    published_cause: str
    publications: tuple[Publication, ...]
    disturbed: str
    learning: LearningDraft
    planned: Mapping[str, StopPlanned]
    floor_records: list[Recorded] = field(default_factory=list)

    def apply(self, record: Recorded) -> None:
        """Fold one event; the floor's share is gathered into one batch until it is needed."""
        if record.stream == BOOK:
            self.book_version = record.version
        self.floor_records.append(record)
        self.learning.apply(record.event, self.orders)
        self.learning.hear(record)
        handler = _HANDLERS.get(type(record.event))
        if handler is not None:
            handler(self, cast("Never", record.event))  # its row's key says the type

    def settle_floor(self) -> None:
        """Fold the gathered floor events."""
        if self.floor_records:
            self.floor = apply_events(self.floor, self.floor_records)
            self.floor_records = []


def _place(draft: _Draft, event: OrderPlaced) -> None:
    draft.orders[event.order_id] = read_order(event)
    draft.capacity = put_bookings(draft.capacity, event.bookings)
    draft.bookings.update({(b.order, b.step): b for b in event.bookings})


def _hold(draft: _Draft, event: CapacityHeld) -> None:
    draft.holds[event.hold_id] = Hold(event.hold_id, event.bookings, event.until)
    draft.held[event.quote_id] = event.hold_id
    draft.capacity = put_bookings(draft.capacity, event.bookings)


def _drop(draft: _Draft, event: HoldDropped) -> None:
    hold = draft.holds.pop(event.hold_id)
    draft.held = {quote: held for quote, held in draft.held.items() if held != event.hold_id}
    draft.capacity = remove_orders(draft.capacity, {b.order for b in hold.bookings})


def _release(draft: _Draft, event: OrderReleased) -> None:
    order = draft.orders[event.order_id]
    draft.orders[order.id] = move_order(order, OrderState.RELEASED, at=event.at)


def _deliver(draft: _Draft, event: OrderDelivered) -> None:
    order = move_order(draft.orders.pop(event.order_id), OrderState.DELIVERED, at=event.at)
    draft.ended[order.id] = order
    delay = _working_delay(draft.plant, order, event.at)
    score = PromiseScore(order.id, order.asked_at, order.finish, delay, not event.on_time)
    draft.scores.append(score)
    draft.num_scored += 1
    _forget(draft, order.id)


def _working_delay(plant: Plant, order: Order, delivered: Instant) -> Seconds:
    """Return how much later than promised an order was, in the working time of the work center on
    its way that is open least: as the slack is added.
    """
    early, late = sorted((order.finish, delivered))
    worked = min(
        working_time(plant, plant.eligible_units(each)[0], each, start=early, finish=late).between(
            early, late
        )
        for each in {step.capability for step in order.variant.steps}
    )
    return worked if delivered >= order.finish else -worked


def _cancel(draft: _Draft, event: OrderCancelled) -> None:
    order = move_order(draft.orders.pop(event.order_id), OrderState.CANCELLED, at=event.at)
    draft.ended[order.id] = order
    draft.capacity = remove_orders(draft.capacity, {order.id})
    _forget(draft, order.id)


def _forget(draft: _Draft, order_id: OrderId) -> None:
    draft.bookings = {key: b for key, b in draft.bookings.items() if key[0] != order_id}
    draft.forecasts = {key: f for key, f in draft.forecasts.items() if key != order_id}


def _publish(draft: _Draft, event: SchedulePublished) -> None:
    draft.settle_floor()
    progress = progress_of(draft.floor, draft.bookings, event.at)
    published = {(b.order, b.step): b for b in event.bookings}
    draft.holds = {
        hold.id: replace(hold, bookings=_moved(hold.bookings, published))
        for hold in draft.holds.values()
    }
    before = draft.bookings
    draft.bookings = {
        key: b
        for key, b in {**draft.bookings, **published}.items()
        if key[0] in draft.orders and (key in published or key in progress.running)
    }
    moves = _moves(draft.orders, _finishes(before), _finishes(draft.bookings))
    if moves:
        publication = Publication(event.at, event.cause, moves)
        draft.publications = (*draft.publications, publication)[-NUM_PUBLICATIONS:]
    _reopen(draft, event.at)
    draft.published_at, draft.published_cause, draft.disturbed = event.at, event.cause, ""


def _reopen(draft: _Draft, at: Instant) -> None:
    """Open the capacity anew, from all bookings and stops; those planned that are over are
    forgotten.
    """
    draft.settle_floor()
    draft.planned = {name: each for name, each in draft.planned.items() if each.finish > at}
    closed = stops_of(draft.planned.values())
    progress = progress_of(draft.floor, draft.bookings, at, closed)
    held = (b for hold in draft.holds.values() for b in hold.bookings)
    draft.capacity = open_capacity(
        draft.plant,
        (*draft.bookings.values(), *held),
        now=at,
        stops=progress.stops,
        revision=draft.book_version,
        families=progress.families,
    )


def _plan_stop(draft: _Draft, event: StopPlanned) -> None:
    draft.planned = {**draft.planned, event.stop_id: event}
    draft.disturbed = f"{', '.join(event.units[:5])} will be closed: {event.reason}"
    _reopen(draft, event.at)


def _withdraw_stop(draft: _Draft, event: StopWithdrawn) -> None:
    stop = draft.planned.get(event.stop_id)
    draft.planned = {name: each for name, each in draft.planned.items() if name != event.stop_id}
    if stop is not None:
        draft.disturbed = draft.disturbed or f"{', '.join(stop.units[:5])} will not be closed"
    _reopen(draft, event.at)


def _finishes(bookings: Mapping[StepKey, Booking]) -> Mapping[OrderId, Instant]:
    """Return the last booked finish of each order."""
    finishes: dict[OrderId, Instant] = {}
    for (order, _), booking in bookings.items():
        finishes[order] = max(finishes.get(order, 0), booking.finish)
    return finishes


def _moves(
    orders: Mapping[OrderId, Order],
    before: Mapping[OrderId, Instant],
    after: Mapping[OrderId, Instant],
) -> tuple[Delay, ...]:
    """Return the orders whose finish moved, the most delayed first."""
    moves = (
        Delay(name, before[name], finish, orders[name].due)
        for name, finish in after.items()
        if before.get(name, finish) != finish
    )
    return tuple(sorted(moves, key=lambda each: (each.before - each.after, each.order)))


def _moved(
    bookings: tuple[Booking, ...], published: Mapping[StepKey, Booking]
) -> tuple[Booking, ...]:
    return tuple(published.get((b.order, b.step), b) for b in bookings)


def _begin(draft: _Draft, order_id: OrderId, at: Instant) -> None:
    """Move an order that the floor works on to started: what the floor does is true even if the
    message that it began is lost, or it began too early.
    """
    order = draft.orders.get(order_id)
    while order is not None and order.state in _ON_THE_WAY:
        order = draft.orders[order_id] = move_order(order, _ON_THE_WAY[order.state], at=at)


def _start(draft: _Draft, event: StepStarted) -> None:
    _begin(draft, event.order_id, event.at)
    booking = draft.bookings.get((event.order_id, event.step))
    if booking is not None:
        draft.bookings[event.order_id, event.step] = replace(
            booking,
            unit=event.unit,
            setup_start=event.at,
            start=event.at,
            finish=max(event.until, event.at + 1),
            build=event.build,
        )


def _finish(draft: _Draft, event: StepFinished) -> None:
    _begin(draft, event.order_id, event.at)
    draft.bookings.pop((event.order_id, event.step), None)
    order = draft.orders.get(event.order_id)
    if order is None or order.state is not OrderState.STARTED:
        return
    if event.good and not any((order.id, s.step) in draft.bookings for s in order.variant.steps):
        draft.settle_floor()
        track = draft.floor.orders.get(order.id)
        if track is None or not track.reopened:
            draft.orders[order.id] = move_order(order, OrderState.FINISHED, at=event.at)
    if not event.good:
        draft.disturbed = f"{event.step} of {event.order_id} is to be made again"


def _spoil(draft: _Draft, event: PartScrapped | ReworkOrdered) -> None:
    """Take the bookings of steps that do not count any more; the order needs new ones."""
    draft.settle_floor()
    track = draft.floor.orders.get(event.order_id)
    if event.order_id not in draft.orders or track is None:
        return
    for step in track.reopened:
        draft.bookings.pop((event.order_id, step), None)
    what = "is scrap" if isinstance(event, PartScrapped) else "is reworked"
    draft.disturbed = f"{event.serial} {what} after {event.step}: {event.reason}"


def _measure(draft: _Draft, event: PartMeasured) -> None:
    draft.measured.append(event)


def _stop(draft: _Draft, event: WorkUnitStopped) -> None:
    draft.disturbed = (
        f"{event.unit} stopped: {event.reason}" if event.reason else f"{event.unit} stopped"
    )


def _restart(draft: _Draft, event: WorkUnitRestarted) -> None:
    draft.disturbed = draft.disturbed or f"{event.unit} is back"


def _learn(draft: _Draft, event: SlackLearnt) -> None:
    draft.slack = Slack(event.leads, event.slacks, event.confidence, event.num_scores, "learnt")


def _foresee(draft: _Draft, event: ForecastMade) -> None:
    draft.forecasts = {forecast.order_id: forecast for forecast in event.orders}
    draft.forecast_at = event.at
    draft.settle_floor()
    draft.learning.situate(event, draft.floor, draft.orders, draft.bookings)


# Never: each handler takes its own event type, which the key of its row guarantees.
_HANDLERS: Mapping[type[Event], Callable[[_Draft, Never], None]] = MappingProxyType(
    {
        OrderPlaced: _place,
        CapacityHeld: _hold,
        HoldDropped: _drop,
        OrderReleased: _release,
        OrderDelivered: _deliver,
        OrderCancelled: _cancel,
        SchedulePublished: _publish,
        StepStarted: _start,
        StepFinished: _finish,
        PartMeasured: _measure,
        PartScrapped: _spoil,
        ReworkOrdered: _spoil,
        WorkUnitStopped: _stop,
        WorkUnitRestarted: _restart,
        StopPlanned: _plan_stop,
        StopWithdrawn: _withdraw_stop,
        SlackLearnt: _learn,
        ForecastMade: _foresee,
    }
)
