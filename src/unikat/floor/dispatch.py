"""Say what a free unit wants next: the first ready step of its published sequence.

A step may also be taken by another eligible unit once it is *loose*: it waited longer than
`PATIENCE`, and so long after its booked start if it has a booking; and while its booked unit is
down. A build starts as a whole, not before its booked start; once a member is loose, those that are
ready go without the rest.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.floor.model import Move, Place, Route
from unikat.plant.model import Plant, WorkCenter
from unikat.schedule.model import StepKey
from unikat.terms import MINUTE, BuildId, Capability, Instant, OrderId, Seconds, StepId, UnitId

PATIENCE: Seconds = 30 * MINUTE
LOOK: int = 12
"""How many parts a unit looks at before it gives up until something changes."""

Key: TypeAlias = tuple[Instant, OrderId]


@dataclass(slots=True)
class Waiting:
    """A part that waits in `place` since an instant for its next step."""

    order: OrderId
    route: Route
    step: Step
    place: Place
    since: Instant
    key: Key = (0, OrderId(""))
    booking: Booking | None = None
    is_loose: bool = False
    is_watched: bool = False


@dataclass(slots=True)
class Queues:
    """Who waits for what: by unit in the published sequence, and the loose ones by capability."""

    plant: Plant
    parts: dict[OrderId, Waiting] = field(default_factory=dict)
    bookings: dict[StepKey, Booking] = field(default_factory=dict)
    members: dict[BuildId, dict[OrderId, StepId]] = field(default_factory=dict)
    runs: dict[BuildId, int] = field(default_factory=dict)
    own: dict[UnitId, list[Key]] = field(default_factory=dict)
    loose: dict[Capability, list[Key]] = field(default_factory=dict)

    def book(self, booking: Booking) -> Waiting | None:
        """Replace the booking of a step; return the part that waits for it, in its new place in the
        sequence.
        """
        key = (booking.order, booking.step)
        part = self.parts.get(booking.order)
        if part is not None and part.step.step != booking.step:
            part = None
        if part is not None:
            self.remove(booking.order)
        self._forget(key)
        self.bookings[key] = booking
        if booking.build is not None:
            self.members.setdefault(booking.build, {})[booking.order] = booking.step
        if part is not None:
            self.add(part)
        return part

    def add(self, part: Waiting) -> None:
        """Let a part wait for its next step."""
        booking = self.bookings.get((part.order, part.step.step))
        part.booking, part.is_loose = booking, False
        part.key = (part.since if booking is None else booking.start, part.order)
        self.parts[part.order] = part
        if booking is not None:
            insort(self.own.setdefault(booking.unit, []), part.key)

    def remove(self, order: OrderId) -> Waiting:
        """Take a part out of all queues."""
        part = self.parts.pop(order)
        if part.booking is not None:
            _take(self.own[part.booking.unit], part.key)
        if part.is_loose:
            _take(self.loose[part.step.capability], part.key)
        return part

    def start(self, order: OrderId) -> Waiting:
        """Take out a part whose next step is claimed by a unit: its booking is used up."""
        part = self.remove(order)
        self._forget((order, part.step.step))
        return part

    def name_run(self, part: Waiting) -> BuildId | None:
        """Return the id of the build that starts with a part, None if it is none.

        Members left behind start later, and a step made again, under a numbered id.
        """
        build = None if part.booking is None else part.booking.build
        if build is None:
            unit = self.plant.eligible_units(part.step.capability)[0]
            if self.plant.center_of(unit).batch is None:
                return None
            build = BuildId(f"{part.order}/{part.step.step}")
        self.runs[build] = self.runs.get(build, 0) + 1
        return build if self.runs[build] == 1 else BuildId(f"{build}/{self.runs[build]}")

    def loosen(self, part: Waiting) -> None:
        """Allow a waiting part any eligible unit."""
        if not part.is_loose:
            part.is_loose = True
            insort(self.loose.setdefault(part.step.capability, []), part.key)

    def _forget(self, key: StepKey) -> None:
        booking = self.bookings.pop(key, None)
        if booking is not None and booking.build is not None:
            self.members[booking.build].pop(booking.order, None)
            if not self.members[booking.build]:
                del self.members[booking.build]


def wanted_moves(
    queues: Queues, unit: UnitId, *, down: Sequence[UnitId], now: Instant
) -> Iterator[Move]:
    """Yield what a free unit wants: its own sequence first, then loose parts, then those of units
    that are down.
    """
    center = queues.plant.center_of(unit)
    keys = chain(
        queues.own.get(unit, ()),
        chain.from_iterable(queues.loose.get(c, ()) for c in center.capabilities),
        chain.from_iterable(queues.own.get(u, ()) for u in down),
    )
    seen: set[OrderId] = set()
    for _, order in keys:
        if order in seen or begins_at(queues.parts[order]) > now:
            continue
        group: tuple[OrderId, ...] = (order,)
        if center.batch:
            group = ready_members(queues, queues.parts[order], center.batch.capacity, now)
        seen.add(order)
        if group:
            yield move_to(queues.parts, group, unit)
        if len(seen) >= LOOK:
            return


def ready_members(
    queues: Queues, part: Waiting, capacity: int, now: Instant
) -> tuple[OrderId, ...]:
    """Return who of a part's build would start now: all members, none, or the ready ones once one
    is loose.
    """
    booking = part.booking
    if booking is None or booking.build is None:
        return (part.order,)
    members = queues.members[booking.build]
    ready = [
        queues.parts[order]
        for order, step in sorted(members.items())
        if order in queues.parts and queues.parts[order].step.step == step
    ]
    is_complete = len(ready) == len(members) and now >= booking.start
    if is_complete or any(part.is_loose for part in ready):
        return tuple(part.order for part in ready[:capacity])
    return ()


def begins_at(part: Waiting) -> Instant:
    """Return when a part's next step may begin: a build as booked, so that others may join it;
    any other step once its order and its material are there.
    """
    if part.booking is None:
        return 0
    return part.booking.not_before if part.booking.build is None else part.booking.start


def is_bound(part: Waiting, center: WorkCenter) -> bool:
    """Return whether a part waits for a unit of a work center."""
    if part.booking is None:
        return part.step.capability in center.capabilities
    return part.booking.unit in center.units


def move_to(parts: Mapping[OrderId, Waiting], orders: tuple[OrderId, ...], target: Place) -> Move:
    """Return the move that brings waiting parts to a place."""
    return Move(orders, tuple(parts[order].route for order in orders), target)


def _take(queue: list[Key], key: Key) -> None:
    del queue[bisect_left(queue, key)]
