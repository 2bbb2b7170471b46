"""Tell whether one booking still fits, naming what is taken and when."""

from collections.abc import Mapping

from unikat.capacity.counted import Use
from unikat.capacity.lane import NO_FAMILY, Lane
from unikat.capacity.model import Booking
from unikat.capacity.row import BEGIN, FAMILY, REACH, Row
from unikat.errors import CapacityTaken
from unikat.terms import Instant, ResourceId


def _taken(what: str, booking: Booking, why: str) -> CapacityTaken:
    return CapacityTaken(
        f"{what} is not free from {booking.setup_start} to {booking.finish} for step "
        f"{booking.step} of {booking.order}: {why}; promise again"
    )


def check_time(lane: Lane, booking: Booking, now: Instant) -> None:
    """Refuse what would begin in the past or does not lie in working time."""
    if booking.setup_start < now:
        raise _taken(booking.unit, booking, f"it is already {now}")
    hours = lane.hours_of(booking.resources)
    if lane.is_interruptible:
        is_open = (
            booking.start == booking.finish or hours.first_open(booking.start) == booking.start
        )
    else:
        is_open = hours.contains(booking.setup_start, booking.finish)
    if not is_open:
        raise _taken(booking.unit, booking, "it is closed or stopped then")


def check_build(lane: Lane, row: Row, k: int, booking: Booking) -> None:
    """Refuse a build that moved, is full, or is set up for another family."""
    first, size = row.entries[k][0], len(row.entries[k])
    same = (first.setup_start, first.start, first.finish, first.family, first.resources) == (
        booking.setup_start,
        booking.start,
        booking.finish,
        booking.family,
        booking.resources,
    )
    if not same:
        raise _taken(booking.unit, booking, f"build {booking.build} has changed")
    if lane.batch is None or size >= lane.batch.capacity:
        raise _taken(booking.unit, booking, f"build {booking.build} is full with {size}")


def check_lane(lane: Lane, row: Row, booking: Booking) -> None:
    """Refuse what overlaps an entry or leaves a setup, its own or the next, no time."""
    k = row.position(booking.setup_start)
    if k < len(row.entries) and row.columns[BEGIN, k] < booking.finish:
        raise _taken(booking.unit, booking, f"{row.entries[k][0].order} is booked there")
    family = lane.family(booking.family)
    needed = lane.setup(row.family_before(k), family)
    hours = lane.hours_of(booking.resources)
    given = booking.start - booking.setup_start
    if lane.is_interruptible:
        given = hours.between(booking.setup_start, booking.start)
    if given < needed:
        raise _taken(booking.unit, booking, f"its setup now takes {needed} s instead of {given} s")
    if not _leaves_setup(lane, row, k, booking.finish, family):
        raise _taken(booking.unit, booking, f"no time is left to set up {row.entries[k][0].order}")


def _leaves_setup(lane: Lane, row: Row, k: int, finish: Instant, family: int) -> bool:
    """Tell whether the next setup still fits if a step of `family` ends at `finish` before entry
    k.
    """
    if family == NO_FAMILY:
        return True
    size = len(row.entries)
    while k < size and row.columns[FAMILY, k] == NO_FAMILY:
        finish = int(row.columns[REACH, k])
        k += 1
    if k == size:
        return True
    setup = lane.setup(family, int(row.columns[FAMILY, k]))
    first = row.entries[k][0]
    hours = lane.hours_of(first.resources)
    if lane.is_interruptible:
        return hours.between(finish, first.start) >= setup
    begin = first.start - setup
    return setup == 0 or (finish <= begin and hours.contains(begin, first.start))


def check_counts(uses: Mapping[ResourceId, Use], booking: Booking) -> None:
    """Refuse what needs one more of a counted resource than there are."""
    for resource in booking.resources:
        use = uses.get(resource)
        if use is None:
            raise _taken(resource, booking, "it is no longer in the plant")
        if use.full_until(booking.start, booking.finish) > booking.start:
            raise _taken(resource, booking, f"all {use.limit} are held")
