"""What one unit is booked for: sorted int64 columns that an insertion or removal copies."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from unikat.capacity.columns import Frame, Ints, work_before
from unikat.capacity.lane import NO_FAMILY, Lane
from unikat.capacity.model import Booking
from unikat.terms import Instant

BEGIN, START, REACH, FINISH, FAMILY, BEFORE, GAP, MEMBERS, NEEDS, KIND, BLOCK = range(11)
BLOCK_SIZE = 32
Entry = tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What a unit is booked for, in sequence: one entry a step or build; never changed.

    `columns`, int64, shape (11, n), is described in `_kernels`; `entries` are the bookings (one, or
    the members of a build). `family` is what the unit is set up for before the first entry.
    """

    family: int
    columns: Ints = field(compare=False)  # the same entries have the same columns
    entries: Sequence[Entry]

    def position(self, begin: Instant) -> int:
        """Return the index of the first entry that finishes after `begin`."""
        return int(self.columns[REACH].searchsorted(begin, side="right"))

    def place_of(self, booking: Booking) -> int:
        """Return where an entry belongs in the sequence, even if it overlaps its neighbours."""
        k = self.position(booking.setup_start)
        while k < len(self.entries) and (self.columns[BEGIN, k], self.columns[FINISH, k]) < (
            booking.setup_start,
            booking.finish,
        ):
            k += 1
        return k

    def family_before(self, k: int) -> int:
        """Return what the unit is set up for before entry k."""
        if k < len(self.entries):
            return int(self.columns[BEFORE, k])
        if k == 0:
            return self.family
        last = int(self.columns[FAMILY, k - 1])
        return int(self.columns[BEFORE, k - 1]) if last == NO_FAMILY else last

    def find(self, booking: Booking) -> int:
        """Return the index of the entry that has this booking; -1 if none has."""
        k = int(self.columns[BEGIN].searchsorted(booking.setup_start))
        while k < len(self.entries) and self.columns[BEGIN, k] == booking.setup_start:
            if booking in self.entries[k]:
                return k
            k += 1
        return -1


def make_row(lane: Lane, frame: Frame, entries: Sequence[Entry], family: int) -> Row:
    """Return the row of entries that are in sequence."""
    columns = np.empty((11, len(entries)), np.int64)
    for k, entry in enumerate(entries):
        columns[:, k] = _cells(lane, frame, entry)
    _settle(lane, frame, columns, family)
    return Row(family, columns, entries)


def insert_entry(lane: Lane, frame: Frame, row: Row, booking: Booking) -> Row:
    """Return the row with one more entry; only the cells that change are computed."""
    k, old, size = row.place_of(booking), row.columns, len(row.entries)
    columns = np.empty((11, size + 1), np.int64)
    columns[:, :k], columns[:, k + 1 :] = old[:, :k], old[:, k:]
    columns[:, k] = _cells(lane, frame, (booking,))
    entries = [*row.entries[:k], (booking,), *row.entries[k:]]
    if k < size and booking.finish > old[BEGIN, k]:
        _settle(lane, frame, columns, row.family)
        return Row(row.family, columns, entries)
    columns[REACH, k] = max(booking.finish, old[REACH, k - 1] if k else 0)
    columns[BEFORE, k] = row.family_before(k)
    family, later = columns[FAMILY, k], k + 1
    while family != NO_FAMILY and later <= size:
        columns[BEFORE, later] = family
        if columns[FAMILY, later] != NO_FAMILY:
            break
        later += 1
    hours = lane.hours_of(())
    for i in range(k, min(k + 2, size + 1)):
        free = int(columns[REACH, i - 1]) if i else 0
        columns[GAP, i] = hours.between(free, int(columns[BEGIN, i]))
    _index_gaps(columns, k // BLOCK_SIZE)
    return Row(row.family, columns, entries)


def replace_entry(lane: Lane, frame: Frame, row: Row, k: int, entry: Entry) -> Row:
    """Return the row with other members of the build at k, or without it if there are none."""
    entries = list(row.entries)
    if entry:
        columns = row.columns.copy()
        entries[k], columns[MEMBERS, k] = entry, len(entry)
        return Row(row.family, columns, entries)
    del entries[k]
    columns = np.ascontiguousarray(np.delete(row.columns, k, axis=1))  # kernels read by address
    _settle(lane, frame, columns, row.family)
    return Row(row.family, columns, entries)


def _cells(lane: Lane, frame: Frame, entry: Entry) -> tuple[int, ...]:
    """Return the cells of an entry; those that depend on its neighbours are still 0."""
    first = entry[0]
    members = 0 if first.build is None else len(entry)
    needs, kind = frame.needs.of(first.resources), frame.kinds.of(first.family)
    family = lane.family(first.family)
    return (first.setup_start, first.start, 0, first.finish, family, 0, 0, members, needs, kind, 0)


def _settle(lane: Lane, frame: Frame, columns: Ints, family: int) -> None:
    """Compute all cells that depend on the neighbours."""
    size = columns.shape[1]
    np.maximum.accumulate(columns[FINISH], out=columns[REACH])
    known = np.where(columns[FAMILY] == NO_FAMILY, -1, np.arange(size))
    last = np.maximum.accumulate(known)[:-1]
    columns[BEFORE, :1] = family
    columns[BEFORE, 1:] = np.where(last < 0, family, columns[FAMILY, last])
    columns[GAP] = work_before(lane.unit, frame, columns[BEGIN])
    columns[GAP, 1:] -= work_before(lane.unit, frame, columns[REACH, :-1])
    _index_gaps(columns, 0)


def _index_gaps(columns: Ints, first: int) -> None:
    """Compute the largest gap of each block from block `first` on."""
    size = columns.shape[1]
    starts = np.arange(first * BLOCK_SIZE, size, BLOCK_SIZE)
    if starts.size:
        blocks = np.maximum.reduceat(columns[GAP], starts)
        columns[BLOCK, first : first + starts.size] = blocks
