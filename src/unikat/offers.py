"""What an offer is made of: its parts, its variant, its promise, and whether that still holds."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from unikat.capacity.timeline import Capacity, fits, move_now
from unikat.configure.alternatives import Alternative, alternatives
from unikat.configure.checks import add_checks
from unikat.configure.choice import Choice, complete
from unikat.configure.least_work import least_work
from unikat.configure.model import Configuration, Variant
from unikat.configure.variant import derive_variant, recipe_calls
from unikat.design.model import Part
from unikat.design.part import shape_part
from unikat.design.recipes import find_recipe
from unikat.errors import CapacityTaken, NoCapacity, Unprintable
from unikat.events import Pick
from unikat.order.model import Order, Quote
from unikat.order.order import check_valid, place_order, read_order
from unikat.printing.estimate import estimate_print
from unikat.promise.model import Promise
from unikat.promise.promise import promise_due_date
from unikat.promise.rush import promise_within_slack, rush
from unikat.promise.wish import promise_wished
from unikat.site import Site
from unikat.state import SiteState
from unikat.terms import CustomerId, Instant, OrderId, QuoteId, Seconds

Parameters = tuple[tuple[str, float], ...]


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


def part_of(
    site: Site,
    configuration: Configuration,
    measurements: Mapping[str, float],
    shaped: dict[tuple[str, int, Parameters], Part] | None = None,
) -> Mapping[str, Part]:
    """Shape and prove the parts of a configuration, by recipe name; `shaped` remembers them.

    Raises
    ------
    InvalidMeasurements, Unprintable
        As the rooms say.
    """
    known = {} if shaped is None else shaped
    parts: dict[str, Part] = {}
    for call in recipe_calls(site.family, configuration, measurements):
        key = (call.recipe, call.version, tuple(sorted(call.parameters.items())))
        if key not in known:
            known[key] = shape_part(find_recipe(call.recipe, call.version), call.parameters)
        parts[call.recipe] = known[key]
    return parts


def plain_pick(value: Pick | Fraction) -> Pick:
    """Return a pick as the log keeps it: an exact number as int where it is whole, else float."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value


def made_variant(
    site: Site,
    configuration: Configuration,
    measurements: Mapping[str, float],
    shaped: dict[tuple[str, int, Parameters], Part] | None = None,
) -> Variant:
    """Derive the variant, its printed steps with the estimate of the proven part as their work, and
    what is measured after its steps.
    """
    parts = part_of(site, configuration, measurements, shaped)
    variant = derive_variant(site.family, configuration)
    variant = add_checks(site.family, configuration, measurements, variant)
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


def promise_from(
    state: SiteState,
    order_id: OrderId,
    variant: Variant,
    earliest: Instant,
    wished: Instant | None = None,
) -> Promise:
    """Promise from the capacity that is left from `earliest` on, for a wished date if there is one.

    An order enters the shop when all its material is there, so that nothing waits for it in a
    buffer.
    """
    capacity = _capacity_for(state, variant, earliest)
    if wished is not None:
        return promise_wished(variant, capacity, wished, slack=state.slack, order=order_id)
    return promise_due_date(variant, capacity, slack=state.slack, order=order_id)


def _capacity_for(state: SiteState, variant: Variant, earliest: Instant) -> Capacity:
    """Return the capacity from `earliest` on, with the material of a variant on its way."""
    materials = state.capacity.plant.materials
    items = {line.item for line in variant.bom if line.item in materials}
    latest = earliest + max((materials[item].lead_s for item in items), default=0)
    capacity = move_now(state.capacity, earliest)
    if latest > earliest:
        capacity = replace(capacity, material_ready=dict.fromkeys(items, latest))
    return capacity


def hurried_promise(
    state: SiteState, offer: Quote, *, may_break: bool, fixed: Collection[OrderId] = ()
) -> Promise:
    """Promise an offer again by moving other orders, those in `fixed` and held quotes left aside.

    No promised date is broken unless it `may_break` them.

    Raises
    ------
    NoCapacity
        As the room says.
    """
    capacity = _capacity_for(state, offer.variant, offer.valid_until)
    orders = {name: order for name, order in state.orders.items() if name not in fixed}
    ask = rush if may_break else promise_within_slack
    return ask(
        offer.variant,
        capacity,
        slack=state.slack,
        order=offer.order_id,
        routings={name: order.variant.steps for name, order in orders.items()},
        dues={name: order.due for name, order in orders.items()},
    )


def _kept_hurry(state: SiteState, offer: Quote) -> Promise:
    """Return a promise that moves others no more than was shown, and is no later.

    Raises
    ------
    CapacityTaken
        If there is none now.
    """
    shown = {delay.order: delay.after for delay in offer.promise.delays}
    movable = {booking.order for booking in offer.promise.moves}
    promise = hurried_promise(
        state, offer, may_break=True, fixed=[name for name in state.orders if name not in movable]
    )
    is_worse = any(delay.after > shown.get(delay.order, 0) for delay in promise.delays)
    if is_worse or promise.due > offer.promise.due:
        raise CapacityTaken(
            f"what quote {offer.id} would do to other orders has changed meanwhile; ask again",
            due=promise.due,
        )
    return promise


@dataclass(frozen=True, slots=True)
class OptionDate:
    """What another value of a feature would change: its due date, how much sooner that is than
    the choice as it stands (negative: later), and how much more it costs.
    """

    option: Alternative
    due: Instant
    sooner_s: Seconds


def option_dates(
    site: Site, choice: Choice, features: Iterable[str], measurements: Mapping[str, float]
) -> tuple[Instant, tuple[OptionDate, ...]]:
    """Return the due date of a completed choice, and what each other value of features changes.

    Values that cannot be printed or made within the horizon are left out.

    Raises
    ------
    UnknownFeature, Unprintable, NoCapacity
        For an unknown feature, or if the choice itself cannot be made.
    """
    state, now = site.state(), site.clock.now() + site.policy.quote_valid_s
    shaped: dict[tuple[str, int, Parameters], Part] = {}

    def due_of(configuration: Configuration) -> Instant:
        variant = made_variant(site, configuration, measurements, shaped)
        return promise_from(state, OrderId("O"), variant, now).due

    due = due_of(complete(choice))
    dates = []
    for option in (each for feature in features for each in alternatives(choice, feature)):
        try:
            other = due_of(option.configuration)
        except (NoCapacity, Unprintable):
            continue
        dates.append(OptionDate(option, other, due - other))
    return due, tuple(dates)


def kept_promise(site: Site, state: SiteState, offer: Quote) -> Promise:
    """Return the quote's promise if its seconds are still there, else one that is no later.

    Raises
    ------
    QuoteExpired
        If its validity has passed.
    CapacityTaken
        If only a later date can be promised now.
    """
    check_valid(offer, site.clock.now())
    if offer.promise.moves:
        return _kept_hurry(state, offer)
    if offer.id in state.held:
        bookings = state.holds[state.held[offer.id]].bookings
        finish = max(booking.finish for booking in bookings)
        return replace(offer.promise, bookings=bookings, finish=finish)
    now = site.clock.now()
    ahead = all(booking.setup_start >= now for booking in offer.promise.bookings)
    if ahead and fits(move_now(state.capacity, now), offer.promise.bookings):
        return offer.promise
    promise = promise_from(state, offer.order_id, offer.variant, now)
    if promise.due > offer.promise.due:
        raise CapacityTaken(
            f"the capacity of quote {offer.id} was taken meanwhile; the earliest date is now"
            f" {promise.due - offer.promise.due} s later; ask for a new quote",
            due=promise.due,
        )
    return promise


def held_orders(site: Site, state: SiteState) -> tuple[Order, ...]:
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


@dataclass(frozen=True, slots=True)
class Fastest:
    """The completion that was promised earliest of `num_tried`; none is ready before `bound`."""

    configuration: Configuration
    promise: Promise
    bound: Instant
    num_tried: int


def fastest(
    site: Site, choice: Choice, measurements: Mapping[str, float], *, num: int = 4
) -> Fastest:
    """Promise the completions that take least work, and the usual one; return the earliest.

    The bound knows the longest chain of steps on the fastest units, but no calendars or bookings,
    and nothing of steps whose time is estimated from a shape: it is true, and seldom reached.

    Raises
    ------
    InvalidMeasurements, Unprintable, NoCapacity
        As for a quote, if no completion can be promised.
    """
    earliest = site.clock.now() + site.policy.quote_valid_s
    found, chain = _least_work(site, choice, num)
    tried = {each.key: each for each in (complete(choice), *found)}
    promises: list[tuple[Promise, Configuration]] = []
    refused: NoCapacity | Unprintable | None = None
    for configuration in tried.values():
        try:
            variant = made_variant(site, configuration, measurements)
            promise = promise_from(site.state(), OrderId("O"), variant, earliest)
        except (NoCapacity, Unprintable) as error:
            refused = error
        else:
            promises.append((promise, configuration))
    if not promises:
        raise refused or NoCapacity("no completion can be promised; extend the horizon")
    promise, configuration = min(promises, key=lambda each: each[0].due)
    return Fastest(configuration, promise, min(earliest + chain, promise.due), len(tried))


def _least_work(site: Site, choice: Choice, num: int) -> tuple[list[Configuration], Seconds]:
    """Return completions of little work, and the chain of steps that no completion can undercut."""
    paces = {
        capability: max(lane.pace_permille for lane, _ in modes)
        for capability, modes in site.state().capacity.modes.items()
    }
    shaped = [
        step.id for step in site.family.routing if step.recipe and step.capability in site.processes
    ]
    found = least_work(choice, num=num, paces=paces)
    chain = found.bound
    if shaped:
        chain = least_work(choice, num=1, paces=paces, unsure=shaped).bound
    return [each.configuration for each in found.candidates], chain
