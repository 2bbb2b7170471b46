"""Let orders make way for another: which are in its way, and where they go instead."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from unikat.capacity.lane import Lane
from unikat.capacity.model import Booking
from unikat.capacity.row import BEGIN, MEMBERS, REACH, Entry, Row
from unikat.capacity.timeline import Capacity, keep_entries
from unikat.configure.model import Step
from unikat.promise.able import refuse
from unikat.promise.place import OWN, make_memory, read_booking
from unikat.promise.routing import BRANCHES, cells_of, write_table
from unikat.terms import Instant, OrderId, StepId, UnitId

GIVEN = -(2**40)
"""How a step that is booked already says that no row needs it once more."""
Key = tuple[OrderId, StepId]
Steps = Mapping[OrderId, Sequence[Step]]


def find_pinned(capacity: Capacity, routings: Steps, fixed: Collection[OrderId]) -> set[Key]:
    """Return the steps that may not move though the frozen time is past.

    Those of orders not in `routings` (holds) or in `fixed`, of builds that several orders share,
    and what must be done before any of these.
    """
    pinned: set[Key] = set()
    for order, booked in capacity.orders.items():
        if order not in routings or order in fixed:
            pinned.update((order, booking.step) for booking in booked)
    for row in capacity.rows.values():
        for k in np.flatnonzero(row.columns[MEMBERS] > 1).tolist():
            for booking in row.entries[k]:
                steps = routings.get(booking.order, ())
                pinned.update((booking.order, step) for step in _upto(steps, booking.step))
    return pinned


def strip(capacity: Capacity, pinned: Collection[Key]) -> Capacity:
    """Return the capacity with only what is frozen or pinned."""
    soonest = capacity.now + capacity.plant.frozen_s
    kept: dict[UnitId, Sequence[Entry]] = {}
    for unit, row in capacity.rows.items():
        size = int(row.columns[BEGIN].searchsorted(soonest))
        kept[unit] = row.entries[:size]
    later: dict[UnitId, set[int]] = {}
    for order, step in pinned:
        for booking in capacity.orders.get(order, ()):
            if booking.step == step and booking.setup_start >= soonest:
                later.setdefault(booking.unit, set()).add(capacity.rows[booking.unit].find(booking))
    for unit, found in later.items():
        row = capacity.rows[unit]
        kept[unit] = [*kept[unit], *(row.entries[k] for k in sorted(found) if k >= 0)]
    return keep_entries(capacity, kept)


def find_in_the_way(
    capacity: Capacity, wanted: Sequence[Booking], pinned: Collection[Key], *, reach: int = 0
) -> dict[OrderId, set[StepId]]:
    """Return the steps booked where others are wanted, by order; with `reach` also that many
    neighbours on each side, whose setups are in the way.
    """
    soonest = capacity.now + capacity.plant.frozen_s
    found: dict[OrderId, set[StepId]] = {}
    for booking in wanted:
        for entry in (*_overlaps(capacity, booking, reach), *_holders(capacity, booking)):
            for other in entry:
                key = (other.order, other.step)
                if other.setup_start >= soonest and key not in pinned:
                    found.setdefault(other.order, set()).add(other.step)
    return found


def rest_of(
    steps: Sequence[Step], booked: Sequence[Booking], displaced: Collection[StepId]
) -> tuple[Booking, ...]:
    """Return the bookings of displaced steps and of all that come after them."""
    gone: set[StepId] = set()
    for step in steps:
        if step.step in displaced or gone.intersection(step.after):
            gone.add(step.step)
    return tuple(booking for booking in booked if booking.step in gone)


def place_again(
    steps: Sequence[Step], rest: Sequence[Booking], capacity: Capacity
) -> tuple[Booking, ...]:
    """Book the rest of an order anew, behind what is still booked of it.

    Raises
    ------
    NoCapacity
        If it does not fit within the horizon.
    """
    from unikat.promise._kernels import place_rest

    order, moved = rest[0].order, {booking.step: booking for booking in rest}
    given = {b.step: b for b in capacity.orders.get(order, ())}
    sequence = [step for step in steps if step.step in given]
    sequence += [step for step in steps if step.step in moved]
    place = {step.step: i for i, step in enumerate(sequence)}
    rows: list[int] = []
    after: list[int] = []
    after_ptr = [0]
    for step in sequence:
        capability, work, kind, _ = cells_of(step, capacity, {})
        ready = _ready(moved[step.step], step, place) if step.step in moved else 0
        rows += (capability, work, kind, ready)
        after += [place[before] for before in step.after if before in place]
        after_ptr.append(len(after))
    table = write_table([0, len(sequence)], rows, after_ptr, after, [BRANCHES])
    memory = make_memory(len(sequence), capacity, sees_own=True)
    own = memory[: OWN * len(sequence)].reshape(-1, OWN)
    for i, step in enumerate(sequence[: len(given)]):
        booking = given[step.step]
        unit = capacity.frame.units[booking.unit]
        own[i] = (unit, booking.setup_start, booking.start, booking.finish, 0, GIVEN, *[0] * 8)
    status, failed = place_rest(*capacity.tables(), table, memory, len(given))
    if status:
        raise refuse(sequence[failed], capacity, {})
    builds = [given[step.step].build for step in sequence[: len(given)]]
    return tuple(
        replace(
            read_booking(step, placed, capacity, order, builds),
            not_before=moved[step.step].not_before,
        )
        for step, placed in zip(sequence[len(given) :], own[len(given) :].tolist(), strict=True)
    )


def _ready(booking: Booking, step: Step, place: Collection[StepId]) -> Instant:
    """Return when a step may begin at the earliest: where a step before it is over, its old start
    (the part may still be on its way).
    """
    is_begun = any(before not in place for before in step.after)
    return booking.start if is_begun else booking.not_before


def _upto(steps: Sequence[Step], last: StepId) -> set[StepId]:
    """Return a step and all that come before it."""
    found = {last}
    for step in reversed(steps):
        if step.step in found:
            found.update(step.after)
    return found


def _overlaps(capacity: Capacity, booking: Booking, reach: int) -> Sequence[Entry]:
    """Return what is booked on the unit while a booking is wanted."""
    row = capacity.rows[booking.unit]
    low = max(row.position(booking.setup_start) - reach, 0)
    high = int(row.columns[BEGIN].searchsorted(booking.finish)) + reach
    return row.entries[low:high]


def _holders(capacity: Capacity, booking: Booking) -> Iterator[Entry]:
    """Yield what holds a counted resource that is full while a booking is wanted."""
    for resource in booking.resources:
        use = capacity.uses[resource]
        if use.full_until(booking.start, booking.finish) > booking.start:
            for unit, row in capacity.rows.items():
                if _needs(capacity.lanes[unit], resource):
                    yield from _between(row, booking, resource)


def _needs(lane: Lane, resource: str) -> bool:
    return any(resource in needs for needs in lane.hours)


def _between(row: Row, booking: Booking, resource: str) -> Iterator[Entry]:
    low = int(row.columns[REACH].searchsorted(booking.start, side="right"))
    high = int(row.columns[BEGIN].searchsorted(booking.finish))
    yield from (entry for entry in row.entries[low:high] if resource in entry[0].resources)
