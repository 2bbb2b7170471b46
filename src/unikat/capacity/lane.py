"""One work unit's timeline: what it is like, what it is booked for, and where a step fits in."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from unikat.capacity.calendar import NEVER, WorkingTime
from unikat.capacity.model import Booking
from unikat.plant.model import Batch
from unikat.terms import Instant, ResourceId, Seconds, SetupFamily, UnitId

NO_FAMILY = -1  # also the last row of `change`: a unit that was never set up


class Spot(NamedTuple):
    """Where a step fits on a unit; `free` is since when the unit is free before it."""

    setup_start: Instant
    start: Instant
    finish: Instant
    free: Instant


NOWHERE = Spot(NEVER, NEVER, NEVER, NEVER)


@dataclass(frozen=True, slots=True)
class Lane:
    """What a unit is like, compiled for insertion.

    `change[a][b]` are setup seconds by index of `families`; its last row is for a unit that was
    never set up. `hours` has the working time by the counted resources a step holds.
    """

    unit: UnitId
    pace_permille: int
    is_interruptible: bool
    batch: Batch | None
    families: Mapping[SetupFamily, int]
    change: tuple[tuple[Seconds, ...], ...]
    hours: Mapping[tuple[ResourceId, ...], WorkingTime]

    def duration(self, work: Seconds) -> Seconds:
        """Return how long nominal work takes here."""
        return -(-work * 1000 // self.pace_permille)

    def family(self, family: SetupFamily | None) -> int:
        """Return a family's index, NO_FAMILY if it needs no setup here."""
        return NO_FAMILY if family is None else self.families.get(family, NO_FAMILY)

    def setup(self, before: int, after: int) -> Seconds:
        """Return the setup seconds between two families by index."""
        return 0 if after == NO_FAMILY else self.change[before][after]

    def hours_of(self, resources: tuple[ResourceId, ...]) -> WorkingTime:
        """Return the working time of a step that holds `resources`."""
        return self.hours.get(resources) or self.hours[()]


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
