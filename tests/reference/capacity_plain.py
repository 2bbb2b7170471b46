"""Capacity in plain Python, one entry and one gap at a time: the twin of the insertion kernel."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from unikat.capacity.calendar import NEVER, WorkingTime
from unikat.capacity.lane import NO_FAMILY, Lane
from unikat.capacity.lanes import compile_lanes, modes_by_capability
from unikat.capacity.model import Booking
from unikat.plant.model import Plant
from unikat.terms import WEEK, BuildId, Instant, ResourceId, Seconds, SetupFamily, UnitId

Mode = tuple[Lane, tuple[ResourceId, ...]]


class Spot(NamedTuple):
    """Where a step fits on a unit; `free` is since when the unit is free before it."""

    setup_start: Instant
    start: Instant
    finish: Instant
    free: Instant


NOWHERE = Spot(NEVER, NEVER, NEVER, NEVER)


@dataclass(frozen=True, slots=True)
class Row:
    """What a unit is booked for, in sequence; the lists are never changed, a change copies them.

    One entry a step or build: `begins` (setup), `starts`, `families`, `entries` (the bookings: one,
    or the members of a build). `reach[k]` is the last finish of the entries up to k. `family` is
    what the unit is set up for before the first entry.
    """

    family: int = NO_FAMILY
    begins: Sequence[Instant] = ()
    starts: Sequence[Instant] = ()
    reach: Sequence[Instant] = ()
    families: Sequence[int] = ()
    entries: Sequence[tuple[Booking, ...]] = ()

    def position(self, begin: Instant) -> int:
        """Return the index of the first entry that finishes after `begin`."""
        return bisect_right(self.reach, begin)

    def place_of(self, booking: Booking) -> int:
        """Return where an entry belongs in the sequence, even if it overlaps its neighbours."""
        k = self.position(booking.setup_start)
        while k < len(self.begins) and (self.begins[k], self.entries[k][0].finish) < (
            booking.setup_start,
            booking.finish,
        ):
            k += 1
        return k

    def family_before(self, k: int) -> int:
        """Return what the unit is set up for before entry k."""
        for i in range(k - 1, -1, -1):
            if self.families[i] != NO_FAMILY:
                return self.families[i]
        return self.family

    def find(self, booking: Booking) -> int:
        """Return the index of the entry that has this booking; -1 if none has."""
        k = bisect_left(self.begins, booking.setup_start)
        while k < len(self.begins) and self.begins[k] == booking.setup_start:
            if booking in self.entries[k]:
                return k
            k += 1
        return -1

    def insert(self, k: int, family: int, entry: tuple[Booking, ...]) -> "Row":
        """Return the row with an entry before entry k."""
        first = entry[0]
        begins, starts, reach = list(self.begins), list(self.starts), list(self.reach)
        families, entries = list(self.families), list(self.entries)
        begins.insert(k, first.setup_start)
        starts.insert(k, first.start)
        reach.insert(k, max(first.finish, reach[k - 1] if k else 0))
        for i in range(k + 1, len(reach)):
            if reach[i] >= first.finish:
                break
            reach[i] = first.finish
        families.insert(k, family)
        entries.insert(k, entry)
        return Row(self.family, begins, starts, reach, families, entries)

    def replace(self, k: int, entry: tuple[Booking, ...]) -> "Row":
        """Return the row with other members of the build at k, or without it if there are none."""
        begins, starts = list(self.begins), list(self.starts)
        families, entries = list(self.families), list(self.entries)
        if entry:
            entries[k] = entry
            return Row(self.family, begins, starts, self.reach, families, entries)
        del begins[k], starts[k], families[k], entries[k]
        reach = list(self.reach[:k])
        for members in entries[k:]:
            reach.append(max(members[0].finish, reach[-1] if reach else 0))
        return Row(self.family, begins, starts, reach, families, entries)

    def after(self, now: Instant) -> "Row":
        """Return the row without the entries finished by `now`; the unit stays set up as it is."""
        k = self.position(now)
        if k == 0:
            return self
        return Row(
            self.family_before(k),
            self.begins[k:],
            self.starts[k:],
            self.reach[k:],
            self.families[k:],
            self.entries[k:],
        )


def earliest(
    lane: Lane,
    row: Row,
    hours: WorkingTime,
    *,
    now: Instant,
    ready: Instant,
    duration: Seconds,
    family: int,
) -> Spot:
    """Return the spot with the earliest finish on a unit, or NOWHERE.

    Each gap between entries is tried in sequence from `ready` on: its setup may run before the part
    arrives but never before now, and the setup of the entry behind it must still fit. Nothing that
    is booked moves.
    """
    place = _place_split if lane.is_interruptible else _place_whole
    begins, reach = row.begins, row.reach
    size = len(begins)
    for k in range(bisect_right(reach, ready), size):
        free = reach[k - 1] if k and reach[k - 1] > now else now
        if begins[k] - max(free, ready) < duration:
            continue
        setup = lane.setup(row.family_before(k), family)
        spot = place(hours, free, ready, setup, duration)
        if spot.finish <= begins[k] and leaves_setup(lane, row, k, spot.finish, family):
            return spot
    free = max(reach[-1], now) if size else now
    setup = lane.setup(row.family_before(size), family)
    return place(hours, free, ready, setup, duration)


def leaves_setup(lane: Lane, row: Row, k: int, finish: Instant, family: int) -> bool:
    """Tell whether the next setup still fits if a step of `family` ends at `finish` before entry
    k.
    """
    size = len(row.families)
    if family == NO_FAMILY:
        return True
    while k < size and row.families[k] == NO_FAMILY:
        finish = row.reach[k]
        k += 1
    if k == size:
        return True
    setup = lane.change[family][row.families[k]]
    start = row.starts[k]
    hours = lane.hours_of(row.entries[k][0].resources)
    if lane.is_interruptible:
        return hours.between(finish, start) >= setup
    return setup == 0 or (finish <= start - setup and hours.contains(start - setup, start))


def _place_whole(
    hours: WorkingTime, free: Instant, ready: Instant, setup: Seconds, duration: Seconds
) -> Spot:
    """Setup and work lie inside one window."""
    begin = hours.first_fit(max(free, ready - setup), setup + duration)
    if begin == NEVER:
        return NOWHERE
    return Spot(begin, begin + setup, begin + setup + duration, free)


def _place_split(
    hours: WorkingTime, free: Instant, ready: Instant, setup: Seconds, duration: Seconds
) -> Spot:
    """Setup and work count working seconds only; the setup runs as late as it can."""
    start = hours.first_open(max(hours.add(free, setup), ready))
    finish = hours.add(start, duration)
    if finish >= NEVER:
        return NOWHERE
    return Spot(hours.back(start, setup), start, finish, free)


@dataclass(frozen=True, slots=True)
class Use:
    """`used[k]` are held in [at[k], at[k + 1]); nothing before the first and after the last
    instant.

    Neighbouring values differ, so equal uses have equal columns. The lists are never changed.
    """

    limit: int
    at: Sequence[Instant] = ()
    used: Sequence[int] = ()

    def full_until(self, start: Instant, finish: Instant) -> Instant:
        """Return when the first full period that meets [start, finish) ends; `start` if none
        does.
        """
        used, at, limit = self.used, self.at, self.limit
        k = max(bisect_right(at, start) - 1, 0)
        while start < finish and k < len(at) and at[k] < finish:
            if used[k] >= limit:
                while used[k] >= limit:
                    k += 1
                return at[k]
            k += 1
        return start

    def change(self, spans: Iterable[tuple[Instant, Instant]], by: int) -> "Use":
        """Return the use with `by` more held over each span."""
        at, used = list(self.at), list(self.used)
        for start, finish in spans:
            if start < finish:
                first, last = _cut(at, used, start), _cut(at, used, finish)
                for k in range(first, last):
                    used[k] += by
                for k in (last, first):
                    if used[k] == (used[k - 1] if k else 0):
                        del at[k], used[k]
        return Use(self.limit, at, used)

    def after(self, now: Instant) -> "Use":
        """Return the use without what ended before `now`."""
        k = bisect_right(self.at, now) - 1
        if k <= 0:
            return self
        if self.used[k] == 0:
            k += 1
        return Use(self.limit, self.at[k:], self.used[k:])


def _cut(at: list[Instant], used: list[int], t: Instant) -> int:
    k = bisect_left(at, t)
    if k == len(at) or at[k] != t:
        at.insert(k, t)
        used.insert(k, used[k - 1] if k else 0)
    return k


def open_row(
    lane: Lane, bookings: Iterable[Booking], now: Instant, family: SetupFamily | None
) -> Row:
    """Sort a unit's bookings into a row; members of one build become one entry."""
    entries: dict[object, list[Booking]] = {}
    for booking in bookings:
        own: object = (booking.order, booking.step)
        key = own if booking.build is None else (booking.build, booking.setup_start, booking.finish)
        entries.setdefault(key, []).append(booking)
    sequence = sorted(entries.values(), key=lambda entry: (entry[0].setup_start, entry[0].finish))
    row = Row(lane.family(family))
    live: list[tuple[Booking, ...]] = []
    reach: list[Instant] = []
    for entry in sequence:
        if entry[0].finish > now:
            live.append(tuple(entry))
            reach.append(max(entry[0].finish, reach[-1] if reach else 0))
        elif family is None and entry[0].family is not None:
            row = Row(lane.family(entry[0].family))
    return Row(
        row.family,
        [entry[0].setup_start for entry in live],
        [entry[0].start for entry in live],
        reach,
        [lane.family(entry[0].family) for entry in live],
        live,
    )


def open_uses(plant: Plant, rows: Mapping[UnitId, Row]) -> dict[ResourceId, Use]:
    """Count what the entries of all rows hold, each build once."""
    steps: dict[ResourceId, dict[Instant, int]] = {
        name: defaultdict(int) for name in plant.resources
    }
    for row in rows.values():
        for first, *_ in row.entries:
            for resource in first.resources:
                if resource in steps and first.start < first.finish:
                    steps[resource][first.start] += 1
                    steps[resource][first.finish] -= 1
    return {name: _sum_up(plant.resources[name].count, step) for name, step in steps.items()}


def _sum_up(limit: int, steps: Mapping[Instant, int]) -> Use:
    at: list[Instant] = []
    used: list[int] = []
    held = 0
    for instant in sorted(steps):
        if steps[instant]:
            held += steps[instant]
            at.append(instant)
            used.append(held)
    return Use(limit, at, used)


@dataclass(frozen=True, slots=True)
class PlainCapacity:
    """Finite capacity from `now` on."""

    plant: Plant
    now: Instant
    material_ready: Mapping
    lanes: Mapping
    modes: Mapping
    rows: Mapping
    uses: Mapping


def open_plain(plant, bookings, *, now, stops=(), material_ready=None, families=None):
    """Open the capacity of a plant at an instant."""
    until = now + plant.horizon_s + 4 * WEEK
    lanes = compile_lanes(plant, stops, start=max(0, now - WEEK), finish=until)
    by_unit = defaultdict(list)
    for booking in bookings:
        by_unit[booking.unit].append(booking)
    known = families or {}
    rows = {
        unit: open_row(lane, by_unit[unit], now, known.get(unit)) for unit, lane in lanes.items()
    }
    return PlainCapacity(
        plant,
        now,
        dict(material_ready or {}),
        lanes,
        modes_by_capability(plant, lanes),
        rows,
        open_uses(plant, rows),
    )


def put_plain(capacity, bookings):
    """Book without checking."""
    rows, uses = dict(capacity.rows), dict(capacity.uses)
    for booking in bookings:
        lane, row = capacity.lanes[booking.unit], rows[booking.unit]
        k = _build_at(row, booking)
        if k >= 0:
            rows[booking.unit] = row.replace(k, (*row.entries[k], booking))
        else:
            k = row.place_of(booking)
            rows[booking.unit] = row.insert(k, lane.family(booking.family), (booking,))
            _hold(uses, booking, +1)
    return replace(capacity, rows=rows, uses=uses)


def _hold(uses: dict[ResourceId, Use], booking: Booking, by: int) -> None:
    for resource in booking.resources:
        if resource in uses:
            uses[resource] = uses[resource].change(((booking.start, booking.finish),), by)


def _build_at(row: Row, booking: Booking) -> int:
    """Return the index of the build this booking joins; -1 if there is none at its time."""
    k = row.position(booking.setup_start)
    if booking.build is None or k == len(row.entries):
        return -1
    return k if row.entries[k][0].build == booking.build else -1


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
    capacity: PlainCapacity,
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
    capacity: PlainCapacity,
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
    capacity: PlainCapacity, mode: Mode, ready: Instant, work: Seconds, family: SetupFamily | None
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
            if 0 < length >= duration and first.resources == resources:
                spot = Spot(first.setup_start, first.start, first.finish, first.setup_start)
                return Found(spot, first.build)
    return Found(NOWHERE)


def _has_room(row: Row, k: int, limit: int) -> bool:
    return len(row.entries[k]) < limit
