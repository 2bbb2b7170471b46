"""READ FIRST. The life of one order as use cases, each: load -> pure calls -> save once.

quote -> accept -> operate (release, repair, reschedule, foresee, learn) -> record (what the floor
says) -> deliver; `what_if` asks and changes nothing. The rooms below are pure; only here and in
`site` are the ports used. `docs/walk.md` walks one order through all of it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from unikat.configure.model import Configuration
from unikat.configure.price import price
from unikat.errors import (
    BadMessage,
    BreaksPromises,
    CapacityTaken,
    InfeasibleSchedule,
    InvalidStop,
    UnknownOrder,
)
from unikat.events import (
    CapacityHeld,
    ClockJudged,
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
    StopPlanned,
    StopWithdrawn,
)
from unikat.floor.known import check_known
from unikat.floor.messages import read_event, shift_message
from unikat.offers import (
    find_quote,
    held_orders,
    hurried_promise,
    kept_promise,
    made_variant,
    plain_pick,
    promise_from,
)
from unikat.order.model import Order, OrderState, Quote
from unikat.order.order import check_valid, move_order, place_order
from unikat.schedule.check import check
from unikat.schedule.cost import PRICES, weigh
from unikat.schedule.explain import Late, explain_late
from unikat.schedule.model import Schedule
from unikat.schedule.move import Move, MovedSchedule, move_step
from unikat.schedule.problem import ShopProblem, build_problem
from unikat.schedule.recheck_buffers import Jam, find_jams
from unikat.schedule.repair import match_up, right_shift
from unikat.schedule.solve import solve
from unikat.site import Site, append_to_book
from unikat.state import BOOK, SiteState, find_order, stops_of
from unikat.terms import CustomerId, EventId, HoldId, Instant, OrderId, QuoteId, Seconds, UnitId
from unikat.twin.clocks import FLOOR, judge_clocks
from unikat.twin.correct import learn_correction
from unikat.twin.forecast import forecast
from unikat.twin.scenario import Scenario
from unikat.twin.score import score_forecasts
from unikat.twin.state import progress_of
from unikat.twin.what_if import Comparison, Situation, compare_scenarios, watch_scenario


def quote(
    site: Site,
    configuration: Configuration,
    measurements: Mapping[str, float],
    *,
    picks: Mapping[str, Pick | Fraction] | None = None,
    wished: Instant | None = None,
) -> Quote:
    """Offer one person a price and a due date from finite capacity; reserve nothing.

    A `wished` instant is the due date, if it is no sooner than the earliest.

    Raises
    ------
    InvalidMeasurements, Unprintable, NoCapacity
        As the rooms say.
    """
    now = site.clock.now()
    variant = made_variant(site, configuration, measurements)
    quote_id = QuoteId(site.ids.new("Q"))
    order_id = OrderId("O" + quote_id[1:])
    valid_until = now + site.policy.quote_valid_s
    offer = Quote(
        id=quote_id,
        order_id=order_id,
        picks={name: plain_pick(value) for name, value in (picks or {}).items()},
        measurements=measurements,
        configuration=configuration,
        variant=variant,
        price=price(site.family, configuration),
        promise=promise_from(site.state(), order_id, variant, valid_until, wished),
        asked_at=now,
        valid_until=valid_until,
    )
    site.quotes.save(offer)
    return offer


def hurry(site: Site, quote_id: QuoteId, *, may_break: bool = False) -> Quote:
    """Offer a quote again, sooner, by moving orders that are not frozen; nothing moves until it is
    accepted.

    The new quote's promise says which orders would finish later, and when. Orders keep their
    promised dates, unless it `may_break` them: a rush.

    Raises
    ------
    UnknownQuote, QuoteExpired, NoCapacity
        As for `accept` and `quote`.
    """
    state, now = site.live.catch_up(), site.clock.now()
    old = find_quote(site, state, quote_id)
    check_valid(old, now)
    new_id = QuoteId(site.ids.new("Q"))
    fresh = replace(
        old,
        id=new_id,
        order_id=OrderId("O" + new_id[1:]),
        asked_at=now,
        valid_until=now + site.policy.quote_valid_s,
        hold=None,
    )
    offer = replace(fresh, promise=hurried_promise(state, fresh, may_break=may_break))
    site.quotes.save(offer)
    return offer


def hold(site: Site, quote_id: QuoteId, *, seconds: Seconds) -> Quote:
    """Reserve a quote's seconds for a while; nobody else can be promised them.

    Raises
    ------
    UnknownQuote, QuoteExpired, CapacityTaken
        As for `accept`.
    """

    def decide(state: SiteState) -> Quote:
        offer, now = find_quote(site, state, quote_id), site.clock.now()
        if offer.hold is not None:
            return offer
        if offer.promise.moves:
            raise CapacityTaken(
                f"quote {quote_id} would move other orders, so it cannot be held; accept it or not"
            )
        promise = kept_promise(site, state, offer)
        hold_id, until = HoldId("H" + quote_id[1:]), now + seconds
        event = CapacityHeld(now, hold_id, quote_id, promise.bookings, until)
        append_to_book(site, state, event)
        return find_quote(site, site.state(), quote_id)

    held = site.live.decide(decide)
    site.quotes.save(held)
    return held


def drop(site: Site, quote_id: QuoteId) -> None:
    """Give a held quote's seconds back; does nothing if it holds none."""

    def decide(state: SiteState) -> None:
        if quote_id in state.held:
            dropped = HoldDropped(site.clock.now(), state.held[quote_id], "dropped")
            append_to_book(site, state, dropped)
            site.quotes.save(find_quote(site, site.state(), quote_id))

    site.live.decide(decide)


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

    def decide(state: SiteState) -> Order:
        offer, now = find_quote(site, state, quote_id), site.clock.now()
        known = state.orders.get(offer.order_id) or state.ended.get(offer.order_id)
        if known is not None:
            return known
        promise = kept_promise(site, state, offer)
        placed = place_order(offer, promise, customer, now=now)
        events: list[Event] = [placed]
        if promise.moves:
            moved = {(b.order, b.step): b for b in (*promise.moves, *promise.bookings)}
            bookings = tuple({**state.bookings, **moved}.values())
            events.append(SchedulePublished(now, bookings, f"{placed.order_id} is in a hurry"))
        if quote_id in state.held:
            events.insert(0, HoldDropped(now, state.held[quote_id], "accepted"))
        append_to_book(site, state, *events)
        return site.state().orders[offer.order_id]

    return site.live.decide(decide)


def cancel(site: Site, order_id: OrderId, reason: str) -> Order:
    """Cancel an order that has not started.

    Raises
    ------
    UnknownOrder
        If there is no such order.
    IllegalState
        If it has started or ended.
    """

    def decide(state: SiteState) -> Order:
        order, now = find_order(state, order_id), site.clock.now()
        move_order(order, OrderState.CANCELLED, at=now)
        append_to_book(site, state, OrderCancelled(now, order.id, reason))
        return site.state().ended[order_id]

    return site.live.decide(decide)


def reschedule(site: Site, *, seconds: float, seed: int, cause: str) -> Schedule:
    """Build, solve, check and publish a schedule of all open steps, held quotes included.

    Raises
    ------
    InfeasibleSchedule
        If the independent checker finds a violation; nothing is published.
    """

    def decide(state: SiteState) -> Schedule:
        problem = _shop_problem(site, state)
        schedule = solve(problem, seconds=seconds, seed=seed, rounds=site.policy.rounds)
        return _publish(site, problem, schedule, cause)

    return site.live.decide(decide)


def repair(site: Site, *, seconds: float, seed: int, cause: str) -> Schedule:
    """Answer a disturbance: shift right at once, then match up with the old schedule; few move.

    With `seconds` 0 no time passes in between, and the matched-up schedule alone is published.

    Raises
    ------
    InfeasibleSchedule
        As `reschedule`; what was published before stays.
    """

    def decide(state: SiteState) -> Schedule:
        problem = _shop_problem(site, state)
        if seconds > 0:
            _publish(site, problem, right_shift(problem), cause)
        schedule = match_up(problem, seconds=seconds, seed=seed, rounds=site.policy.rounds)
        return _publish(site, problem, schedule, cause)

    return site.live.decide(decide)


def optimise(site: Site, *, seconds: float, seed: int, cause: str) -> bool:
    """Publish a new schedule if it saves more than the policy's threshold; tell whether it did.

    Raises
    ------
    InfeasibleSchedule
        As `reschedule`.
    """

    def decide(state: SiteState) -> bool:
        problem = _shop_problem(site, state)
        last = right_shift(problem)
        schedule = solve(problem, seconds=seconds, seed=seed, rounds=site.policy.rounds)
        is_worth_it = weigh(last.cost) - weigh(schedule.cost) > PRICES.tardiness * (
            site.policy.publish_gain_s
        )
        if is_worth_it:
            _publish(site, problem, schedule, cause)
        return is_worth_it

    return site.live.decide(decide)


def preview_move(site: Site, move: Move) -> MovedSchedule:
    """Return what moving one step by hand would do; publish nothing.

    Raises
    ------
    InvalidMove
        As `move_step`.
    """
    return move_step(_shop_problem(site, site.live.catch_up()), move)


def publish_move(site: Site, move: Move, *, may_break: Collection[OrderId]) -> MovedSchedule:
    """Move one step by hand and publish the schedule, if it breaks no promise but `may_break`.

    Raises
    ------
    InvalidMove, InfeasibleSchedule
        As `move_step` and `reschedule`.
    BreaksPromises
        An order not in `may_break` would finish later than without the move, after its due date.
    """

    def decide(state: SiteState) -> MovedSchedule:
        problem = _shop_problem(site, state)
        moved = move_step(problem, move)
        broken = [order for order in moved.broken if order not in may_break]
        if broken:
            raise BreaksPromises(
                f"{', '.join(broken[:10])} would finish late; look at the move again, agree or not"
            )
        cause = f"{move.step} of {move.order} was moved to {move.unit} by hand"
        _publish(site, problem, moved.schedule, cause)
        return moved

    return site.live.decide(decide)


def plan_stop(
    site: Site, units: Sequence[UnitId], start: Instant, finish: Instant, reason: str
) -> StopPlanned:
    """Close units for a while: from now on promises, schedules and the floor keep clear of it.

    Raises
    ------
    InvalidStop
        A unit is not there, or the time is none, past, or beyond the horizon.
    NoCapacity
        An open step would fit into no window any more.
    """

    def decide(state: SiteState) -> StopPlanned:
        now = site.clock.now()
        _check_stop(site, units, start, finish, now)
        stop_id = site.ids.new("S")
        planned = StopPlanned(now, stop_id, tuple(units), start, finish, reason)
        done = progress_of(state.floor, state.bookings, now, (*state.closed, *stops_of((planned,))))
        build_problem(site.plant, (*state.orders.values(), *held_orders(site, state)), done, now)
        append_to_book(site, state, planned)
        return planned

    return site.live.decide(decide)


def _check_stop(
    site: Site, units: Sequence[UnitId], start: Instant, finish: Instant, now: Instant
) -> None:
    unknown = [unit[:60] for unit in units if unit not in site.plant.units]
    if unknown or not units:
        known = ", ".join(site.plant.units)
        raise InvalidStop(f"no unit {', '.join(unknown) or 'is named'}; there are: {known}")
    if not max(start, now) < finish <= now + site.plant.horizon_s:
        raise InvalidStop(
            f"a stop from {start} to {finish} must end after it begins, after now = {now},"
            f" and within {site.plant.horizon_s} s"
        )


def withdraw_stop(site: Site, stop_id: str) -> None:
    """Withdraw a planned stop.

    Raises
    ------
    InvalidStop
        There is none of this id.
    """

    def decide(state: SiteState) -> None:
        if stop_id not in state.planned:
            raise InvalidStop(f"no planned stop {stop_id[:60]}; it is over, withdrawn or never was")
        append_to_book(site, state, StopWithdrawn(site.clock.now(), stop_id))

    site.live.decide(decide)


def late_orders(site: Site) -> tuple[Late, ...]:
    """Return the orders that will break their promise as things stand, each with its binding chain.

    As things stand: the published schedule, shifted right to what the floor has done since.
    """
    return outlook(site)[1]


def outlook(site: Site) -> tuple[Schedule, tuple[Late, ...]]:
    """Return the schedule as things stand, with its cost and a lower bound, and its late orders."""
    problem = _shop_problem(site, site.live.catch_up())
    schedule = right_shift(problem)
    late = explain_late(problem.plant, problem.orders, schedule.bookings, problem.done, problem.now)
    return schedule, late


def jams(site: Site) -> tuple[Jam, ...]:
    """Return where the schedule as things stand needs more room for parts than the plant has."""
    problem = _shop_problem(site, site.live.catch_up())
    return find_jams(problem, right_shift(problem).bookings)


def _shop_problem(site: Site, state: SiteState) -> ShopProblem:
    """Build the problem of all open steps, held quotes included, as the floor stands."""
    now = site.clock.now()
    done = progress_of(state.floor, state.bookings, now, state.closed)
    jobs = (*state.orders.values(), *held_orders(site, state))
    return build_problem(site.plant, jobs, done, now)


def _publish(site: Site, problem: ShopProblem, schedule: Schedule, cause: str) -> Schedule:
    """Check a schedule and publish it over the newest one."""
    violations = check(problem, schedule)
    if violations:
        raise InfeasibleSchedule(
            "; ".join(f"{v.law}: {v.subject} {v.detail}" for v in violations[:5])
        )
    event = SchedulePublished(problem.now, schedule.bookings, cause)
    append_to_book(site, site.state(), event)
    return schedule


def record(site: Site, messages: Sequence[Message]) -> tuple[str, ...]:
    """Record what the floor says, once each, its times corrected by what is known of its source's
    clock; quarantine what cannot be read, or names what this site does not have.

    Returns
    -------
    tuple of str
        "recorded", "duplicate" or "quarantined: <fault>" for each message, after all is durable.
    """
    results: dict[int, str] = {}
    events: dict[EventId, NewEvent] = {}
    state, now = site.live.catch_up(), site.clock.now()
    find = partial(find_order, state)
    offsets = {source: clock.offset for source, clock in state.learning.clocks.items()}
    for source, offset in judge_clocks(state.learning.clocks, messages, now).items():
        offsets[source], new_id = offset, EventId(f"clock:{source}:{now}")
        events[new_id] = NewEvent(new_id, "twin", ClockJudged(now, source, offset))
    for position, message in enumerate(messages):
        offset = offsets.get(message.source, 0)
        said = shift_message(message, -offset) if offset else message
        try:
            new = NewEvent(message.id, f"{FLOOR}{message.source}", read_event(said))
            check_known(site.plant, find, new.event)
        except (BadMessage, UnknownOrder) as fault:
            site.quarantine.keep(message, str(fault))
            results[position] = f"quarantined: {fault}"
        else:
            results[position] = "duplicate" if new.id in events else "recorded"
            events.setdefault(new.id, new)
    with site.live.lock:
        recorded = {entry.id for entry in site.live.append(tuple(events.values()))}
        settle(site)
    return tuple(
        "duplicate" if results[k] == "recorded" and message.id not in recorded else results[k]
        for k, message in enumerate(messages)
    )


def settle(site: Site) -> None:
    """Deliver every finished order that is not delivered yet, and score its forecasts.

    The events' ids are made from the order's, so doing it twice changes nothing; it left when its
    last step was finished, in whatever sequence the floor said so.
    """
    now, tracks = site.clock.now(), site.state().floor.orders
    new: list[NewEvent] = []
    foreseen = site.state().learning.foreseen
    for order in site.state().orders.values():
        if order.state is not OrderState.FINISHED:
            continue
        steps = tracks[order.id].finished.values() if order.id in tracks else ()
        at = max((finish.rank[0] for finish in steps), default=now)
        delivered = OrderDelivered(at, order.id, at <= order.due)
        new.append(NewEvent(EventId(f"delivered:{order.id}"), BOOK, delivered))
        if said := foreseen.get(order.id):
            scored = score_forecasts(order.id, said, at, order.due)
            new.append(NewEvent(EventId(f"scored:{order.id}"), "twin", scored))
    if new:
        site.live.append(tuple(new))


def foresee(site: Site) -> tuple[OrderForecast, ...]:
    """Forecast from the synchronised floor when each open order will finish, and log it."""
    with site.live.lock:
        state, now = site.live.catch_up(), site.clock.now()
        model = state.learning.model
        forecasts = forecast(
            site.plant,
            tuple(state.bookings.values()),
            state.floor,
            tuple(state.orders.values()),
            now,
            replications=site.policy.replications,
            seed=state.seq,
            stops=[stop for stop in state.closed if stop.finish > now],
            release_ahead_s=site.policy.release_ahead_s,
            model=model,
            repeats=state.learning.repeats,
            correction=learn_correction(state.learning.scores),
        )
        blind = state.floor.blind_sources
        replications = site.policy.replications
        made = ForecastMade(now, state.seq, replications, forecasts, model.version, blind)
        site.live.append((NewEvent(EventId(f"forecast:{state.seq}"), "twin", made),))
        return forecasts


def what_if(site: Site, scenario: Scenario, *, seed: int, replications: int = 200) -> Comparison:
    """Compare a scenario with going on as now; publish and log nothing.

    Raises
    ------
    InvalidScenario, NoCapacity, InfeasibleSchedule
        As `compare_scenarios` says.
    """
    [comparison] = compare_scenarios(
        _situation(site),
        (scenario,),
        rounds=site.policy.rounds,
        replications=replications,
        seed=seed,
    )
    return comparison


def watch_what_if(
    site: Site, scenario: Scenario, *, seed: int, replications: int
) -> Iterator[Comparison]:
    """Compare as `what_if` does, and yield what is known after 50, 200, 1,000, all replications."""
    return watch_scenario(
        _situation(site), scenario, rounds=site.policy.rounds, replications=replications, seed=seed
    )


def _situation(site: Site) -> Situation:
    state, now = site.live.catch_up(), site.clock.now()
    orders, held = tuple(state.orders.values()), held_orders(site, state)
    return Situation(site.plant, state.floor, orders, held, state.bookings, now, state.closed)
