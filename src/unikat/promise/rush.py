"""Promise by moving others: what an earlier date costs them, known before anyone accepts.

`rush` may delay every order that is not frozen; `promise_within_slack` only as far as each keeps
its own promised date.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from unikat.capacity.model import Booking
from unikat.capacity.timeline import Capacity, put_bookings, remove_bookings
from unikat.configure.model import Variant
from unikat.errors import NoCapacity
from unikat.promise.displace import (
    Key,
    Steps,
    find_in_the_way,
    find_pinned,
    place_again,
    rest_of,
    strip,
)
from unikat.promise.model import Delay, Promise, Slack
from unikat.promise.promise import promise_due_date
from unikat.terms import Instant, OrderId, StepId

ROUNDS = 4
"""How often `promise_within_slack` lets go of orders that would be late, before it gives up."""


def rush(
    variant: Variant,
    capacity: Capacity,
    *,
    slack: Slack,
    order: OrderId,
    routings: Steps,
    dues: Mapping[OrderId, Instant],
    fixed: Collection[OrderId] = (),
) -> Promise:
    """Promise as if nothing that may move were booked; what is in the way goes elsewhere.

    It is found where the order would be in a plant with only what may not move: steps within the
    frozen time, running ones, orders not in `routings` (holds) or in `fixed`, builds of several
    orders, and what is done before those. The orders booked there give way, and are booked again
    behind it, the one due first before the others, with all units to choose from. Nobody else
    moves. The promise carries the `moves` and the `delays` that follow.

    Raises
    ------
    NoCapacity
        If the order, or one that gives way, would not fit within the horizon.
    """
    pinned = find_pinned(capacity, routings, fixed)
    ideal = promise_due_date(variant, strip(capacity, pinned), slack=slack, order=order)
    made, room, rest = _make_room(variant, capacity, ideal, slack, routings, pinned)
    room = put_bookings(room, made.bookings)
    moves: list[Booking] = []
    for other in sorted(rest, key=lambda name: (dues[name], name)):
        again = place_again(routings[other], rest[other], room)
        room = put_bookings(room, again)
        moves += (booking for booking in again if booking not in rest[other])
    return replace(
        made,
        moves=tuple(moves),
        delays=_delays(capacity, moves, dues),
        revision=capacity.revision,
    )


def promise_within_slack(
    variant: Variant,
    capacity: Capacity,
    *,
    slack: Slack,
    order: OrderId,
    routings: Steps,
    dues: Mapping[OrderId, Instant],
) -> Promise:
    """Promise by moving others within their slack: no promised date is broken.

    Orders that would be late by a rush are left where they are, and it is tried again with the
    rest. The answer is never later than `promise_due_date`'s.

    Raises
    ------
    NoCapacity
        If the order does not fit within the horizon.
    """
    first = promise_due_date(variant, capacity, slack=slack, order=order)
    fixed: frozenset[OrderId] = frozenset()
    for _ in range(ROUNDS):
        try:
            made = rush(
                variant, capacity, slack=slack, order=order, routings=routings, dues=dues,
                fixed=fixed,
            )  # fmt: skip
        except NoCapacity:
            break
        broken = {delay.order for delay in made.delays if delay.is_broken}
        if not broken:
            return made if made.finish < first.finish else first
        fixed |= broken
    return first


def _make_room(
    variant: Variant,
    capacity: Capacity,
    ideal: Promise,
    slack: Slack,
    routings: Steps,
    pinned: Collection[Key],
) -> tuple[Promise, Capacity, Mapping[OrderId, Sequence[Booking]]]:
    """Return the promise once what is in the way is gone, the capacity left, and what is gone.

    Setups may still keep the order from its ideal place: then the neighbours give way as well.
    """
    wanted = ideal.bookings
    ways = find_in_the_way(capacity, wanted, pinned)
    best: list[tuple[Promise, Capacity, Mapping[OrderId, Sequence[Booking]]]] = []
    for _ in range(2):
        rest = {
            other: rest_of(routings[other], capacity.orders[other], steps)
            for other, steps in ways.items()
        }
        room = remove_bookings(capacity, (b for gone in rest.values() for b in gone))
        made = promise_due_date(variant, room, slack=slack, order=wanted[0].order)
        if not best or made.finish < best[0][0].finish:
            best = [(made, room, rest)]
        if made.finish <= ideal.finish:
            break
        ways = _joined(ways, find_in_the_way(room, wanted, pinned, reach=1))
    return best[0]


def _joined(
    one: Mapping[OrderId, set[StepId]], two: Mapping[OrderId, set[StepId]]
) -> dict[OrderId, set[StepId]]:
    return {order: one.get(order, set()) | two.get(order, set()) for order in {**one, **two}}


def _delays(
    capacity: Capacity, moves: Sequence[Booking], dues: Mapping[OrderId, Instant]
) -> tuple[Delay, ...]:
    """Return the orders that finish later, the one that loses most first."""
    moved: dict[OrderId, dict[StepId, Instant]] = {}
    for booking in moves:
        moved.setdefault(booking.order, {})[booking.step] = booking.finish
    delays = []
    for order, finishes in moved.items():
        booked = capacity.orders[order]
        before = max(b.finish for b in booked)
        after = max(finishes.get(b.step, b.finish) for b in booked)
        if after > before:
            delays.append(Delay(order, before, after, dues[order]))
    return tuple(sorted(delays, key=lambda d: (d.before - d.after, d.order)))
