"""Explain late orders: the binding chain of each, from its last finish back to the root.

Walking back, each start waited for one thing last: the step before it, the unit (and so an order
that is on it), its release, or hours that are closed. The links follow each other without a gap,
so their seconds sum to the time from the root to the finish.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from unikat.capacity.calendar import working_time
from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.schedule.model import Progress, StepKey
from unikat.terms import Instant, OrderId, Seconds, StepId, UnitId


@dataclass(frozen=True, slots=True)
class Link:
    """What a stretch of time went by with: `kind` is work, pause (closed hours within work), setup,
    travel, closed, stop, resource, idle, or running; `order` and `step` say whose it is.
    """

    kind: str
    order: OrderId
    step: StepId
    unit: UnitId
    start: Instant
    finish: Instant
    resource: str = ""

    @property
    def seconds(self) -> Seconds:
        """Return how long it took."""
        return self.finish - self.start


@dataclass(frozen=True, slots=True)
class Late:
    """An order that finishes after its due date, and why: links from the root to the finish.

    `root` is what the chain begins with: "now", "release" of the first link's order, "material" it
    waited for, or "running".
    """

    order: OrderId
    due: Instant
    finish: Instant
    root: str
    links: tuple[Link, ...]


def explain_late(
    plant: Plant,
    orders: Sequence[Order],
    bookings: Iterable[Booking],
    done: Progress,
    now: Instant,
) -> tuple[Late, ...]:
    """Explain each order whose last booking finishes after its due date, the latest first."""
    shop = _Shop(plant, {order.id: order for order in orders}, tuple(bookings), done, now)
    ends: dict[OrderId, Booking] = {}
    for booking in shop.bookings:
        if booking.order not in ends or booking.finish > ends[booking.order].finish:
            ends[booking.order] = booking
    late = [b for b in ends.values() if b.order in shop.orders and _is_late(shop, b)]
    late.sort(key=lambda b: (shop.orders[b.order].due - b.finish, b.order))
    return tuple(_explain(shop, booking) for booking in late)


class _Shop:
    """The schedule as the walk reads it: bookings by step and by unit, what runs, and the hours."""

    def __init__(
        self,
        plant: Plant,
        orders: Mapping[OrderId, Order],
        bookings: Sequence[Booking],
        done: Progress,
        now: Instant,
    ) -> None:
        begun = done.running.keys() | done.finished.keys()
        self.plant, self.orders, self.done, self.now = plant, orders, done, now
        self.bookings = [b for b in bookings if (b.order, b.step) not in begun]
        self.booked = {(b.order, b.step): b for b in self.bookings}
        self.lanes: dict[UnitId, list[Booking]] = {}
        for booking in sorted(self.bookings, key=lambda b: (b.setup_start, b.finish)):
            self.lanes.setdefault(booking.unit, []).append(booking)
        self.running = {run.unit: (key, run) for key, run in done.running.items()}
        self.steps: dict[StepKey, Step] = {
            (order.id, step.step): step for order in orders.values() for step in order.variant.steps
        }

    def before(self, booking: Booking) -> Booking | None:
        """Return what the unit does before a booking; members of its build aren't before it."""
        lane = self.lanes[booking.unit]
        at = bisect_left(lane, booking.setup_start, key=lambda b: b.setup_start)
        earlier = [b for b in lane[max(0, at - 1) : at] if b.finish <= booking.setup_start]
        return earlier[0] if earlier else None

    def open_s(self, booking: Booking, start: Instant, finish: Instant) -> Seconds:
        """Return the seconds in which the unit could have worked on a booking's step."""
        step = self.steps[booking.order, booking.step]
        hours = working_time(self.plant, booking.unit, step.capability, start=start, finish=finish)
        return hours.between(start, finish)

    def stopped_s(self, unit: UnitId, start: Instant, finish: Instant) -> Seconds:
        """Return for how long a unit is down."""
        return sum(
            max(0, min(finish, stop.finish) - max(start, stop.start))
            for stop in self.done.stops
            if stop.unit == unit
        )


def _is_late(shop: _Shop, booking: Booking) -> bool:
    return booking.finish > shop.orders[booking.order].due


def _explain(shop: _Shop, last: Booking) -> Late:
    """Walk back from an order's last booking, whatever orders the chain leads through."""
    links: list[Link] = []
    booking: Booking | None = last
    root = "now"
    while booking is not None:
        links.extend(_work(shop, booking))
        root, booking = _wait(shop, booking, links)
    order = shop.orders[last.order]
    return Late(order.id, order.due, last.finish, root, tuple(reversed(links)))


def _work(shop: _Shop, booking: Booking) -> Iterator[Link]:
    """Yield the work of a booking, and before it the closed hours over which it paused."""
    step = shop.steps[booking.order, booking.step]
    members = [
        b for b in shop.lanes[booking.unit] if b.build is not None and b.build == booking.build
    ]
    work = max([step.work, *(shop.steps[b.order, b.step].work for b in members)])
    pause = max(0, booking.finish - booking.start - shop.plant.duration(booking.unit, work))
    yield _link("work", booking, booking.start + pause, booking.finish)
    if pause:
        yield _link("pause", booking, booking.start, booking.start + pause)


def _wait(shop: _Shop, booking: Booking, links: list[Link]) -> tuple[str, Booking | None]:
    """Add why a booking didn't start sooner; return the root, or the booking that was in the way.

    Of its release, the arrival of its part and the unit, that binds which leaves least time unused.
    """
    root, released = _release(shop, booking)
    part, origin, arrival = _arrival(shop, booking)
    before = shop.before(booking)
    free = before.finish if before else _free(shop, booking.unit)
    gaps = {
        "part": booking.start - arrival if part else None,
        "unit": booking.setup_start - free,
        "release": booking.start - released,
    }
    binding = min(
        (name for name, gap in gaps.items() if gap is not None and gap >= 0),
        key=lambda name: gaps[name] or 0,
        default="unit",
    )
    if binding == "part" and part:
        links.extend(_unused(shop, booking, arrival, booking.start))
        sent = arrival - shop.plant.travel_s(origin, booking.unit)
        if sent < arrival:
            links.append(_link("travel", booking, sent, arrival, resource=origin))
        return _go_on(shop, part, sent, links)
    if binding == "release":
        links.extend(_unused(shop, booking, released, booking.start))
        return root, None
    if booking.setup_start < booking.start:
        links.append(_link("setup", booking, booking.setup_start, booking.start))
    links.extend(_unused(shop, booking, free, booking.setup_start))
    if before is None and booking.unit in shop.running:
        key, _ = shop.running[booking.unit]
        return _go_on(shop, key, free, links)
    return "now", before


def _go_on(
    shop: _Shop, key: StepKey, until: Instant, links: list[Link]
) -> tuple[str, Booking | None]:
    """Return the booking of a step, or end the chain with one that runs or is finished."""
    if key in shop.booked:
        return "", shop.booked[key]
    if key in shop.done.running and until > shop.now:
        run = shop.done.running[key]
        links.append(Link("running", key[0], key[1], run.unit, shop.now, until))
        return "running", None
    return "now", None


def _release(shop: _Shop, booking: Booking) -> tuple[str, Instant]:
    """Return what a first step waits for at least, and until when."""
    order = shop.orders.get(booking.order)
    if booking.not_before <= shop.now or order is None:
        return "now", shop.now
    items = [shop.plant.materials.get(line.item) for line in order.variant.bom]
    is_bought = any(item is not None and item.lead_s > 0 for item in items)
    return ("material" if is_bought else "release"), booking.not_before


def _arrival(shop: _Shop, booking: Booking) -> tuple[StepKey | None, UnitId, Instant]:
    """Return the predecessor that arrives last, from where, and when."""
    latest: tuple[StepKey | None, UnitId, Instant] = (None, booking.unit, -1)
    for name in shop.steps[booking.order, booking.step].after:
        key = (booking.order, name)
        if key in shop.booked:
            origin, finish = shop.booked[key].unit, shop.booked[key].finish
        elif key in shop.done.running:
            run = shop.done.running[key]
            origin, finish = run.unit, max(run.finish, shop.now)
        else:
            continue
        arrival = finish + shop.plant.travel_s(origin, booking.unit)
        if arrival > latest[2]:
            latest = (key, origin, arrival)
    return latest


def _free(shop: _Shop, unit: UnitId) -> Instant:
    """Return from when a unit is free of what runs on it."""
    return max(shop.now, shop.running[unit][1].finish) if unit in shop.running else shop.now


def _unused(shop: _Shop, booking: Booking, start: Instant, finish: Instant) -> Iterator[Link]:
    """Yield, latest first, why time before a booking went by unused: closed, stopped, short of a
    counted resource, or idle.
    """
    if start >= finish:
        return
    worked = shop.open_s(booking, start, finish)
    stopped = min(worked, shop.stopped_s(booking.unit, start, finish))
    needs = shop.plant.needs_of(shop.steps[booking.order, booking.step].capability)
    full = next((r for r in needs if _is_full(shop, r, finish - 1)), "")
    rest = worked - stopped
    for kind, seconds, resource in (
        ("resource" if full else "idle", rest, full),
        ("stop", stopped, ""),
        ("closed", finish - start - worked, ""),
    ):
        if seconds:
            yield _link(kind, booking, finish - seconds, finish, resource=resource)
            finish -= seconds


def _is_full(shop: _Shop, resource: str, at: Instant) -> bool:
    """Tell whether all of a counted resource is held at an instant; a build holds it once."""
    held = {
        (b.unit, b.start)
        for b in shop.bookings
        if resource in b.resources and b.start <= at < b.finish
    }
    held |= {
        (run.unit, run.start)
        for key, run in shop.done.running.items()
        if key in shop.steps
        and resource in shop.plant.needs_of(shop.steps[key].capability)
        and at < run.finish
    }
    counts = {str(r.id): r.count for r in shop.plant.resources.values()}
    return len(held) >= counts[resource]


def _link(
    kind: str, booking: Booking, start: Instant, finish: Instant, *, resource: str = ""
) -> Link:
    return Link(kind, booking.order, booking.step, booking.unit, start, finish, resource)
