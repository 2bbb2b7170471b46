"""READ FIRST. The life of one order as use cases, each: load -> pure calls -> save once.

quote -> accept -> operate (release, reschedule, foresee, learn) -> record (what the floor says) ->
deliver. The rooms below are pure; only here and in `site` are the ports used. `docs/walk.md` walks
one order through all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from unikat.capacity.timeline import fits, move_now
from unikat.configure.model import Configuration, Variant
from unikat.configure.price import price
from unikat.configure.variant import derive_variant, recipe_calls
from unikat.design.model import Part
from unikat.design.part import shape_part
from unikat.design.recipes import find_recipe
from unikat.errors import (
    BadMessage,
    CapacityTaken,
    InfeasibleSchedule,
    UnknownOrder,
)
from unikat.events import (
    CapacityHeld,
    Event,
    ForecastMade,
    HoldDropped,
    Message,
    NewEvent,
    OrderCancelled,
    OrderDelivered,
    OrderForecast,
    Pick,
    SchedulePublished,
    StepFinished,
)
from unikat.floor.known import check_known
from unikat.floor.messages import read_event
from unikat.order.model import Order, OrderState, Quote
from unikat.order.order import check_valid, move_order, place_order, read_order
from unikat.printing.estimate import estimate_print
from unikat.promise.model import Promise
from unikat.promise.promise import promise_due_date
from unikat.schedule.check import check
from unikat.schedule.model import Schedule
from unikat.schedule.problem import build_problem
from unikat.schedule.solve import solve
from unikat.site import Site
from unikat.state import BOOK, SiteState
from unikat.terms import CustomerId, EventId, HoldId, Instant, OrderId, QuoteId, Seconds
from unikat.twin.forecast import forecast
from unikat.twin.state import progress_of


def quote(
    site: Site,
    configuration: Configuration,
    measurements: Mapping[str, float],
    *,
    picks: Mapping[str, Pick | Fraction] | None = None,
) -> Quote:
    """Offer one person a price and a due date from finite capacity; reserve nothing.

    Raises
    ------
    InvalidMeasurements, Unprintable, NoCapacity
        As the rooms say.
    """
    now = site.clock.now()
    variant = _made_variant(site, configuration, measurements)
    quote_id = QuoteId(site.ids.new("Q"))
    order_id = OrderId("O" + quote_id[1:])
    valid_until = now + site.policy.quote_valid_s
    offer = Quote(
        id=quote_id,
        order_id=order_id,
        picks={name: _plain(value) for name, value in (picks or {}).items()},
        measurements=measurements,
        configuration=configuration,
        variant=variant,
        price=price(site.family, configuration),
        promise=_promise(site.state(), order_id, variant, valid_until),
        asked_at=now,
        valid_until=valid_until,
    )
    site.quotes.save(offer)
    return offer


def hold(site: Site, quote_id: QuoteId, *, seconds: Seconds) -> Quote:
    """Reserve a quote's seconds for a while; nobody else can be promised them.

    Raises
    ------
    UnknownQuote, QuoteExpired, CapacityTaken
        As for `accept`.
    """
    with site.live.lock:
        state, now = site.live.catch_up(), site.clock.now()
        offer = find_quote(site, state, quote_id)
        if offer.hold is not None:
            return offer
        placed = place_order(offer, _kept_promise(site, state, offer), CustomerId(""), now=now)
        hold_id, until = HoldId("H" + quote_id[1:]), now + seconds
        event = CapacityHeld(now, hold_id, quote_id, placed.bookings, until)
        append_to_book(site, state, event)
        held = find_quote(site, site.state(), quote_id)
        site.quotes.save(held)
        return held


def drop(site: Site, quote_id: QuoteId) -> None:
    """Give a held quote's seconds back; does nothing if it holds none."""
    with site.live.lock:
        state = site.live.catch_up()
        if quote_id in state.held:
            append_to_book(
                site, state, HoldDropped(site.clock.now(), state.held[quote_id], "dropped")
            )
            site.quotes.save(find_quote(site, site.state(), quote_id))


def accept(site: Site, quote_id: QuoteId, customer: CustomerId) -> Order:
    """Turn a quote into an order in one transaction: revision check, book, log OrderPlaced.

    The same quote accepted twice is the same order. If capacity moved since the quote, promise
    again: the same or an earlier date is accepted (the shopper keeps the date she saw), a later one
    is refused.

    Raises
    ------
    UnknownQuote
        If there is no such quote.
    QuoteExpired
        If its validity has passed.
    CapacityTaken
        If its seconds are gone; `due` is the date that can be promised now.
    """
    with site.live.lock:
        state = site.live.catch_up()
        offer = find_quote(site, state, quote_id)
        known = state.orders.get(offer.order_id) or state.ended.get(offer.order_id)
        if known is not None:
            return known
        now = site.clock.now()
        promise = _kept_promise(site, state, offer)
        placed = place_order(offer, promise, customer, now=now)
        events: list[Event] = [placed]
        if quote_id in state.held:
            events.insert(0, HoldDropped(now, state.held[quote_id], "accepted"))
        append_to_book(site, state, *events)
        return site.state().orders[offer.order_id]


def cancel(site: Site, order_id: OrderId, reason: str) -> Order:
    """Cancel an order that has not started.

    Raises
    ------
    UnknownOrder
        If there is no such order.
    IllegalState
        If it has started or ended.
    """
    with site.live.lock:
        state = site.live.catch_up()
        order = find_order(state, order_id)
        now = site.clock.now()
        move_order(order, OrderState.CANCELLED, at=now)
        append_to_book(site, state, OrderCancelled(now, order.id, reason))
        return site.state().ended[order_id]


def reschedule(site: Site, *, seconds: float, seed: int, cause: str) -> Schedule:
    """Build, solve, check and publish a schedule of all open steps, held quotes included.

    Raises
    ------
    InfeasibleSchedule
        If the independent checker finds a violation; nothing is published.
    """
    with site.live.lock:
        state, now = site.live.catch_up(), site.clock.now()
        done = progress_of(state.floor, state.bookings, now)
        jobs = (*state.orders.values(), *_held_orders(site, state))
        problem = build_problem(site.plant, jobs, done, now)
        schedule = solve(problem, seconds=seconds, seed=seed, rounds=site.policy.rounds)
        violations = check(problem, schedule)
        if violations:
            raise InfeasibleSchedule(
                "; ".join(f"{v.law}: {v.subject} {v.detail}" for v in violations[:5])
            )
        append_to_book(site, state, SchedulePublished(now, schedule.bookings, cause))
        return schedule


def record(site: Site, messages: Sequence[Message]) -> tuple[str, ...]:
    """Record what the floor says, once each; quarantine what cannot be read, or names what this
    site does not have.

    Returns
    -------
    tuple of str
        "recorded", "duplicate" or "quarantined: <fault>" for each message, after all is durable.
    """
    results: dict[int, str] = {}
    events: dict[EventId, NewEvent] = {}
    find = partial(find_order, site.live.catch_up())
    for position, message in enumerate(messages):
        try:
            new = NewEvent(message.id, f"floor/{message.source}", read_event(message))
            check_known(site.plant, find, new.event)
        except (BadMessage, UnknownOrder) as fault:
            site.quarantine.keep(message, str(fault))
            results[position] = f"quarantined: {fault}"
        else:
            results[position] = "duplicate" if new.id in events else "recorded"
            events.setdefault(new.id, new)
    with site.live.lock:
        recorded = {entry.id for entry in site.live.append(tuple(events.values()))}
        settle(site, tuple(entry.event for entry in events.values()))
    return tuple(
        "duplicate" if results[k] == "recorded" and message.id not in recorded else results[k]
        for k, message in enumerate(messages)
    )


def settle(site: Site, events: Sequence[Event] = ()) -> None:
    """Deliver every finished order that is not delivered yet.

    After a crash, call it without events.

    The delivery's event id is made from the order's, so doing it twice changes nothing.
    """
    finished_at = {e.order_id: e.at for e in events if isinstance(e, StepFinished)}
    now = site.clock.now()
    deliveries = tuple(
        NewEvent(
            EventId(f"delivered:{order.id}"),
            BOOK,
            OrderDelivered(at := finished_at.get(order.id, now), order.id, at <= order.due),
        )
        for order in site.state().orders.values()
        if order.state is OrderState.FINISHED
    )
    if deliveries:
        site.live.append(deliveries)


def foresee(site: Site) -> tuple[OrderForecast, ...]:
    """Forecast from the synchronised floor when each open order will finish, and log it."""
    with site.live.lock:
        state, now = site.live.catch_up(), site.clock.now()
        forecasts = forecast(
            site.plant,
            tuple(state.bookings.values()),
            state.floor,
            tuple(state.orders.values()),
            now,
            replications=site.policy.replications,
            seed=state.seq,
        )
        made = ForecastMade(now, state.seq, site.policy.replications, forecasts)
        site.live.append((NewEvent(EventId(f"forecast:{state.seq}"), "twin", made),))
        return forecasts


def find_quote(site: Site, state: SiteState, quote_id: QuoteId) -> Quote:
    """Return a quote as it is now: the log alone says whether and until when it is held.

    Quotes are written behind, so after a crash the book may hold one as it was before its hold.

    Raises
    ------
    UnknownQuote
        If there is none with this id.
    """
    offer = site.quotes.find(quote_id)
    hold_id = state.held.get(quote_id)
    if hold_id is None:
        return replace(offer, hold=None)
    return replace(offer, hold=hold_id, valid_until=state.holds[hold_id].until)


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


def part_of(
    site: Site, configuration: Configuration, measurements: Mapping[str, float]
) -> Mapping[str, Part]:
    """Shape and prove the parts of a configuration, by recipe name.

    Raises
    ------
    InvalidMeasurements, Unprintable
        As the rooms say.
    """
    return {
        call.recipe: shape_part(find_recipe(call.recipe, call.version), call.parameters)
        for call in recipe_calls(site.family, configuration, measurements)
    }


def _plain(value: Pick | Fraction) -> Pick:
    """Return a pick as the log keeps it: an exact number as int where it is whole, else float."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value


def _made_variant(
    site: Site, configuration: Configuration, measurements: Mapping[str, float]
) -> Variant:
    """Derive the variant, its printed steps with the estimate of the proven part as their work."""
    parts = part_of(site, configuration, measurements)
    variant = derive_variant(site.family, configuration)
    return replace(
        variant,
        steps=tuple(
            replace(
                step, work=estimate_print(parts[step.recipe], site.processes[step.capability]).p50
            )
            if step.recipe is not None and step.capability in site.processes
            else step
            for step in variant.steps
        ),
    )


def _promise(state: SiteState, order_id: OrderId, variant: Variant, earliest: Instant) -> Promise:
    """Promise from the capacity that is left from `earliest` on.

    An order enters the shop when all its material is there, so that nothing waits for it in a
    buffer.
    """
    materials = state.capacity.plant.materials
    items = {line.item for line in variant.bom if line.item in materials}
    latest = earliest + max((materials[item].lead_s for item in items), default=0)
    capacity = move_now(state.capacity, earliest)
    if latest > earliest:
        capacity = replace(capacity, material_ready=dict.fromkeys(items, latest))
    return promise_due_date(variant, capacity, slack=state.slack, order=order_id)


def _kept_promise(site: Site, state: SiteState, offer: Quote) -> Promise:
    """Return the quote's promise if its seconds are still there, else one that is no later.

    Raises
    ------
    QuoteExpired
        If its validity has passed.
    CapacityTaken
        If only a later date can be promised now.
    """
    check_valid(offer, site.clock.now())
    if offer.id in state.held:
        bookings = state.holds[state.held[offer.id]].bookings
        finish = max(booking.finish for booking in bookings)
        return replace(offer.promise, bookings=bookings, finish=finish)
    now = site.clock.now()
    ahead = all(booking.setup_start >= now for booking in offer.promise.bookings)
    if ahead and fits(move_now(state.capacity, now), offer.promise.bookings):
        return offer.promise
    promise = _promise(state, offer.order_id, offer.variant, now)
    if promise.due > offer.promise.due:
        raise CapacityTaken(
            f"the capacity of quote {offer.id} was taken meanwhile; the earliest date is now"
            f" {promise.due - offer.promise.due} s later; ask for a new quote",
            due=promise.due,
        )
    return promise


def append_to_book(site: Site, state: SiteState, *events: Event) -> None:
    """Append to the book what was decided on `state`.

    Raises
    ------
    VersionConflict
        If somebody else changed the book since `state`.
    """
    version = state.book_version
    site.live.append(
        tuple(
            NewEvent(EventId(f"{BOOK}:{version + k}"), BOOK, event)
            for k, event in enumerate(events, start=1)
        ),
        expected=version,
    )


def _held_orders(site: Site, state: SiteState) -> tuple[Order, ...]:
    """Return held quotes as orders, so that a schedule keeps room for them."""
    return tuple(
        read_order(
            place_order(
                offer,
                replace(offer.promise, bookings=state.holds[hold_id].bookings),
                CustomerId(""),
                now=offer.asked_at,
            )
        )
        for quote_id, hold_id in state.held.items()
        for offer in (site.quotes.find(quote_id),)
    )
