"""Find where one step fits first: gap, setup, calendar, counted resources, builds."""

from bisect import bisect_left
from typing import NamedTuple

from unikat.capacity.lane import NOWHERE, Row, Spot, earliest
from unikat.capacity.timeline import Capacity, Mode
from unikat.terms import BuildId, Instant, Seconds, SetupFamily


class Wait(NamedTuple):
    """Until when something other than the unit itself kept a step from starting."""

    kind: str
    resource: str
    until: Instant


class Found(NamedTuple):
    """A spot, the build joined there if any, and what the step waited for on the way."""

    spot: Spot
    build: BuildId | None = None
    waits: tuple[Wait, ...] = ()


def find_spot(
    capacity: Capacity,
    mode: Mode,
    *,
    ready: Instant,
    work: Seconds,
    family: SetupFamily | None,
) -> Found:
    """Return the earliest finish of a step on one unit; its spot is NOWHERE if nothing fits.

    On a batch work center the step joins a build that has room, or opens one after the time to
    gather others, whichever finishes first.
    """
    lane = mode[0]
    if lane.batch is None:
        return _find_own(capacity, mode, ready, work, family, ())
    joined = _find_build(capacity, mode, ready, work, family)
    gathered = capacity.now + lane.batch.gather_s
    waits = (Wait("gather", lane.unit, gathered),) if gathered > ready else ()
    opened = _find_own(capacity, mode, max(ready, gathered), work, family, waits)
    return joined if joined.spot.finish <= opened.spot.finish else opened


def _find_own(
    capacity: Capacity,
    mode: Mode,
    ready: Instant,
    work: Seconds,
    family: SetupFamily | None,
    waits: tuple[Wait, ...],
) -> Found:
    """Leapfrog: where a counted resource is full, go on from the end of that period."""
    lane, resources = mode
    row, hours = capacity.rows[lane.unit], lane.hours_of(resources)
    duration, index = lane.duration(work), lane.family(family)
    while True:
        spot = earliest(
            lane, row, hours, now=capacity.now, ready=ready, duration=duration, family=index
        )
        if spot is NOWHERE:
            return Found(NOWHERE, None, waits)
        for resource in resources:
            until = capacity.uses[resource].full_until(spot.start, spot.finish)
            if until > spot.start:
                booked = (Wait("booked", lane.unit, spot.free),) if spot.free > ready else ()
                waits = (*waits, *booked, Wait("held", resource, until))
                ready = until
                break
        else:
            return Found(spot, None, waits)


def _find_build(
    capacity: Capacity, mode: Mode, ready: Instant, work: Seconds, family: SetupFamily | None
) -> Found:
    """Return the first build with room that starts after the frozen time and lasts long enough."""
    lane, resources = mode
    row = capacity.rows[lane.unit]
    duration, hours = lane.duration(work), lane.hours_of(resources)
    soonest = max(ready, capacity.now + capacity.plant.frozen_s)
    for k in range(bisect_left(row.starts, soonest), len(row.starts)):
        first = row.entries[k][0]
        is_like = first.build is not None and first.family == family
        if is_like and _has_room(row, k, lane.batch.capacity if lane.batch else 1):
            length = first.finish - first.start
            if lane.is_interruptible:
                length = hours.between(first.start, first.finish)
            if duration <= length and first.resources == resources:
                spot = Spot(first.setup_start, first.start, first.finish, first.setup_start)
                return Found(spot, first.build)
    return Found(NOWHERE)


def _has_room(row: Row, k: int, limit: int) -> bool:
    return len(row.entries[k]) < limit
