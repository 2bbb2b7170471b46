"""The insertion kernel: where one step fits first on one unit, given what is booked.

Also used by the kernels of `promise` (raise INSERTION there when this changes). All is int64 (times
in seconds), and all tables are passed by their address, which the Capacity in the caller's hands
keeps alive: so a call costs nothing for what it does not look at, and there is one signature.
`peek(table, i)` is cell i.

A *row* is what one unit is booked for, a table of the columns below, entries in sequence: cell
column * size + k. BEGIN, START, FINISH of an entry (setup, work); REACH its finish or that of an
earlier one that ends later; FAMILY what it sets the unit up for (-1 nothing), BEFORE what the unit
is set up for when it begins; GAP working seconds free before it (an upper bound); MEMBERS orders in
its build (0: no build); NEEDS the resources it holds, KIND its setup family, as the plant's columns
number them; BLOCK, in its first cells, the largest GAP of each 32 entries.

`plant` and `live` are the tables that `capacity.columns` makes: what is fixed, and the clock with
where rows and uses lie. NEVER stands for "not within the compiled calendars".
"""

# ruff: noqa: ANN001, ANN202  (numba calls an intrinsic with its own types)

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types
from numba.extending import intrinsic

from unikat._kernels import inner

if TYPE_CHECKING:
    Times = tuple[int, int, int, int]


def _numbers(count: int) -> list[int]:
    """Return constants that are no literals: a literal argument compiles its callee anew."""
    return [np.int64(i) for i in range(count)]  # type: ignore[misc]


NEVER: int = np.int64(2**62)  # type: ignore[assignment]
BEGIN, START, REACH, FINISH, FAMILY, BEFORE, GAP, MEMBERS, NEEDS, KIND, BLOCK = range(11)
COLUMNS = 11
CENTER, PACE, SPLIT, BATCH, GATHER, MATRIX = _numbers(6)
NOW, END, FROZEN, USES = range(4)
ROWS = 4
(
    LANES, OPENS, CLOSES, DONE, HOURS_PTR, LONGEST, HOURS_OF, CHANGE, KNOWN, TRAVEL, MODE_PTR,
    MODES, MODE_NEEDS, NEEDS_PTR, NEEDED, NUM_SETS, NUM_FAMILIES, NUM_KINDS, NUM_CENTERS, NUM_UNITS,
) = range(20)  # fmt: skip
OWN_UNIT, OWN_BEGIN, OWN_START, OWN_FINISH, OWN_FREE, OWN_JOINED = range(6)
OWN_FAMILY, OWN_NEEDS, OWN_KIND, OWN_BEFORE, OWN_READY, OWN_TRAVEL, OWN_ITEM, OWN_WORK = range(
    6, 14
)
OWN = 14
ALONE: int = np.int64(-1)  # type: ignore[assignment]
ZERO: int = np.int64(0)  # type: ignore[assignment]
ONE: int = np.int64(1)  # type: ignore[assignment]
MOST_WAITS = 64
MATERIAL, TRAVELLED, GATHERED, BUILD, HELD, BOOKED, SET_UP, WORKED, CLOSED = _numbers(9)


if TYPE_CHECKING:

    def peek(table: int, index: int) -> int:
        """Return cell `index` of the int64 table at an address."""

    def poke(table: int, index: int, value: int) -> int:
        """Write cell `index` of the int64 table at an address."""

else:

    @intrinsic
    def peek(_context, _table, _index):
        def generate(context, builder, _signature, arguments):
            kind = context.get_value_type(types.CPointer(types.int64))
            return builder.load(builder.gep(builder.inttoptr(arguments[0], kind), [arguments[1]]))

        return types.int64(types.int64, types.int64), generate

    @intrinsic
    def poke(_context, _table, _index, _value):
        def generate(context, builder, _signature, arguments):
            kind = context.get_value_type(types.CPointer(types.int64))
            place = builder.gep(builder.inttoptr(arguments[0], kind), [arguments[1]])
            builder.store(arguments[2], place)
            return arguments[2]

        return types.int64(types.int64, types.int64, types.int64), generate


@inner
def lane(plant: int, unit: int, column: int) -> int:
    """Return what a unit is like: CENTER, PACE, SPLIT, BATCH, GATHER or MATRIX."""
    return peek(plant, peek(plant, LANES) + 6 * unit + column)


@inner
def first_above(table: int, low: int, high: int, bound: int) -> int:
    """Return the first index in [low, high) whose value is > `bound`; `high` if none is."""
    while low < high:
        middle = (low + high) >> 1
        if peek(table, middle) > bound:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def work_at(plant: int, span: int, t: int) -> int:
    """Return the working seconds of a working time before `t`."""
    ptr = peek(plant, HOURS_PTR) + span
    low, high = peek(plant, ptr), peek(plant, ptr + 1)
    opens, closes = peek(plant, OPENS), peek(plant, CLOSES)
    i = first_above(plant, opens + low, opens + high, t) - 1 - opens
    if i < low:
        return ZERO
    return (
        peek(plant, peek(plant, DONE) + i)
        + min(t, peek(plant, closes + i))
        - peek(plant, opens + i)
    )


@inner
def _worked(plant: int, span: int, target: int, bound: int) -> int:
    """Return the instant in the last window that begins with at most `bound` working seconds done,
    at which `target` are done; NEVER if its window closes before.
    """
    ptr = peek(plant, HOURS_PTR) + span
    low, high = peek(plant, ptr), peek(plant, ptr + 1)
    done = peek(plant, DONE)
    i = first_above(plant, done + low, done + high, bound) - 1 - done
    if i < low:
        return NEVER
    x = peek(plant, peek(plant, OPENS) + i) + target - peek(plant, done + i)
    return x if x <= peek(plant, peek(plant, CLOSES) + i) else NEVER


@inner
def _first_fit(plant: int, span: int, t: int, length: int, bound: int) -> int:
    """Return the first x >= t with [x, x + length) in one window and before `bound`."""
    ptr = peek(plant, HOURS_PTR) + span
    low, high = peek(plant, ptr), peek(plant, ptr + 1)
    opens, closes = peek(plant, OPENS), peek(plant, CLOSES)
    i = first_above(plant, closes + low, closes + high, t) - closes
    while i < high:
        x = max(t, peek(plant, opens + i))
        if x + length > bound:
            return NEVER
        if x + length <= peek(plant, closes + i):
            return x
        i += 1
    return NEVER


@inner
def place_in(
    plant: int, unit: int, span: int, free: int, ready: int, setup: int, work: int, bound: int
) -> Times:
    """Return setup start, start, finish in one gap that ends at `bound`: in one window, or, where
    work may pause, counting working seconds only, the setup as late as it can.
    """
    begin = start = finish = NEVER
    if lane(plant, unit, SPLIT):
        x = free
        if setup:
            target = work_at(plant, span, free) + setup
            x = _worked(plant, span, target, target - 1)
        start = finish = _first_fit(plant, span, max(x, ready), ONE, NEVER)
        if work and start < NEVER:
            target = work_at(plant, span, start) + work
            finish = _worked(plant, span, target, target - 1)
        begin = start
        if setup and finish <= bound and finish < NEVER:
            target = work_at(plant, span, start) - setup
            begin = _worked(plant, span, target, target)
    elif setup + work <= peek(plant, peek(plant, LONGEST) + span):
        begin = _first_fit(plant, span, max(free, ready - setup), setup + work, bound)
        start, finish = begin + setup, begin + setup + work
    if finish > bound or finish >= NEVER:
        return NEVER, NEVER, NEVER, NEVER
    return begin, start, finish, free


@inner
def span_of(plant: int, unit: int, needs: int) -> int:
    """Return which working time a step on a unit has that holds `needs`."""
    size = peek(plant, NUM_SETS)
    known = needs if needs < size else ZERO
    return peek(plant, peek(plant, HOURS_OF) + unit * size + known)


@inner
def leaves_setup(
    plant: int, unit: int, row: int, size: int, k: int, finish: int, family: int
) -> bool:
    """Tell whether the next setup still fits if a step of `family` ends before entry k."""
    if family < 0:
        return True
    while k < size and peek(row, FAMILY * size + k) < 0:
        finish = peek(row, REACH * size + k)
        k += 1
    if k == size:
        return True
    setup = setup_on(plant, unit, family, peek(row, FAMILY * size + k))
    start, span = peek(row, START * size + k), span_of(plant, unit, peek(row, NEEDS * size + k))
    if lane(plant, unit, SPLIT):
        return work_at(plant, span, start) - work_at(plant, span, finish) >= setup
    begin = start - setup
    return setup == 0 or (finish <= begin and _first_fit(plant, span, begin, setup, start) == begin)


@inner
def setup_on(plant: int, unit: int, before: int, family: int) -> int:
    """Return the setup seconds; the last row of a matrix (before = -1) is the first setup."""
    if family < 0:
        return ZERO
    size = peek(plant, NUM_FAMILIES)
    line = lane(plant, unit, MATRIX) * (size + 1) + (before if before >= 0 else size)
    return peek(plant, peek(plant, CHANGE) + line * size + family)


@inner
def earliest(
    plant: int, live: int, unit: int, row: int, size: int, first: int, span: int,
    ready: int, work: int, family: int, cutoff: int,
) -> Times:  # fmt: skip
    """Return setup start, start, finish and since when the unit is free, of the earliest finish.

    Each gap from `ready` on is tried in sequence; blocks without a gap of `work` are skipped. The
    setup may run before the part arrives but never before now, and the next entry's must still fit.
    `first` is what the unit is set up for before the row. What cannot finish before `cutoff` is
    not looked for.
    """
    now = peek(live, NOW)
    reach, gap, block = REACH * size, GAP * size, BLOCK * size
    k = first_above(row, reach, reach + size, ready) - reach
    begun = k
    while k <= size:
        if begun < k < size and peek(row, gap + k) < work:
            k = _next_block(row, block, k + 1, size, work)
            continue
        free = max(peek(row, reach + k - 1), now) if k else now
        if max(free, ready) + work >= cutoff:
            break
        bound = peek(row, BEGIN * size + k) if k < size else NEVER
        if bound - max(free, ready) >= work:
            setup = setup_on(plant, unit, _family_before(row, size, k, first), family)
            spot = place_in(plant, unit, span, free, ready, setup, work, bound)
            if spot[2] < NEVER and leaves_setup(plant, unit, row, size, k, spot[2], family):
                return spot
        k += 1
    return NEVER, NEVER, NEVER, NEVER


@inner
def _next_block(row: int, block: int, k: int, size: int, work: int) -> int:
    """Return k, or where it begins a block the first one that has a gap of `work`."""
    while k & 31 == 0 and k < size and peek(row, block + (k >> 5)) < work:
        k += 32
    return min(k, size)


@inner
def _family_before(row: int, size: int, k: int, first: int) -> int:
    """Return what a unit is set up for before entry k."""
    if k < size:
        return peek(row, BEFORE * size + k)
    if size == 0:
        return first
    last = peek(row, FAMILY * size + size - 1)
    return last if last >= 0 else peek(row, BEFORE * size + size - 1)


@inner
def full_until(at: int, used: int, size: int, limit: int, start: int, finish: int) -> int:
    """Return when the first full period that meets [start, finish) ends; `start` if none does."""
    k = max(first_above(at, ZERO, size, start) - 1, ZERO)
    while start < finish and k < size and peek(at, k) < finish:
        if peek(used, k) >= limit:
            while peek(used, k) >= limit:
                k += 1
            return peek(at, k)
        k += 1
    return start


@inner
def cut(at: int, used: int, size: int, t: int) -> int:
    """Make `t` an instant of a use; return how many were added: 0 or 1."""
    k = first_above(at, ZERO, size, t - 1)
    if k < size and peek(at, k) == t:
        return ZERO
    for i in range(size, k, -1):
        poke(at, i, peek(at, i - 1))
        poke(used, i, peek(used, i - 1))
    poke(at, k, t)
    poke(used, k, peek(used, k - 1) if k else ZERO)
    return ONE


@inner
def _holds(plant: int, own: int, i: int, resource: int) -> bool:
    """Tell whether own step i holds a resource by itself, not as one of a build it joined."""
    if peek(own, OWN * i + OWN_JOINED) != ALONE:
        return False
    ptr = peek(plant, NEEDS_PTR) + peek(own, OWN * i + OWN_NEEDS)
    for at in range(peek(plant, ptr), peek(plant, ptr + 1)):
        if peek(plant, peek(plant, NEEDED) + at) == resource:
            return True
    return False


@inner
def _held_until(
    plant: int, live: int, resource: int, own: int, num_own: int, start: int, finish: int,
    scratch: int,
) -> int:  # fmt: skip
    """Return until when a counted resource is full, the order's own steps included."""
    head = peek(live, USES) + 3 * resource
    at, size, limit = peek(live, head), peek(live, head + 1), peek(live, head + 2)
    used = at + 8 * size
    is_own = False
    for i in range(num_own):
        is_own |= _holds(plant, own, i, resource)
    if not is_own:
        return full_until(at, used, size, limit, start, finish)
    own_at, own_used = scratch, scratch + 8 * (size + 2 * num_own)
    for k in range(size):
        poke(own_at, k, peek(at, k))
        poke(own_used, k, peek(used, k))
    for i in range(num_own):
        if _holds(plant, own, i, resource):
            begin, end = peek(own, OWN * i + OWN_START), peek(own, OWN * i + OWN_FINISH)
            size += cut(own_at, own_used, size, begin)
            size += cut(own_at, own_used, size, end)
            for k in range(size):
                if begin <= peek(own_at, k) < end:
                    poke(own_used, k, peek(own_used, k) + 1)
    return full_until(own_at, own_used, size, limit, start, finish)


@inner
def _place_of(row: int, wide: int, size: int, begin: int, finish: int) -> int:
    """Return where an entry belongs in a merged row, whose columns are `wide` cells."""
    k = first_above(row, REACH * wide, REACH * wide + size, begin) - REACH * wide
    while k < size:
        other = peek(row, BEGIN * wide + k)
        if other > begin or (other == begin and peek(row, FINISH * wide + k) >= finish):
            break
        k += 1
    return k


@inner
def _merge_one(plant: int, unit: int, own: int, i: int, row: int, wide: int, size: int) -> int:
    """Put own step i into a merged row of `size` entries; return the new size."""
    begin, finish = peek(own, OWN * i + OWN_BEGIN), peek(own, OWN * i + OWN_FINISH)
    joined = peek(own, OWN * i + OWN_JOINED)
    if joined != ALONE:
        for k in range(size):
            if peek(row, BLOCK * wide + k) == joined:
                poke(row, MEMBERS * wide + k, peek(row, MEMBERS * wide + k) + 1)
        return size
    place = _place_of(row, wide, size, begin, finish)
    for column in range(COLUMNS):
        for k in range(size, place, -1):
            poke(row, column * wide + k, peek(row, column * wide + k - 1))
    poke(row, BEGIN * wide + place, begin)
    poke(row, START * wide + place, peek(own, OWN * i + OWN_START))
    poke(row, FINISH * wide + place, finish)
    poke(row, FAMILY * wide + place, peek(own, OWN * i + OWN_FAMILY))
    poke(row, NEEDS * wide + place, peek(own, OWN * i + OWN_NEEDS))
    poke(row, KIND * wide + place, peek(own, OWN * i + OWN_KIND))
    poke(row, BLOCK * wide + place, -2 - i)
    poke(row, MEMBERS * wide + place, 1 if lane(plant, unit, BATCH) else 0)
    reach = peek(row, REACH * wide + place - 1) if place else ZERO
    for k in range(place, size + 1):
        reach = max(reach, peek(row, FINISH * wide + k))
        poke(row, REACH * wide + k, reach)
    return size + 1


@inner
def _merge(
    plant: int, unit: int, row: int, size: int, first: int, own: int, num_own: int, merged: int
) -> int:
    """Write the row with the order's own steps in it to `merged`, and return its size. GAP tells
    nothing there, BLOCK whose an entry is: its index in the row, -2 - i for own step i.
    """
    wide = size
    for i in range(num_own):
        alone = peek(own, OWN * i + OWN_JOINED) == ALONE
        wide += 1 if alone and peek(own, OWN * i + OWN_UNIT) == unit else 0
    for column in range(COLUMNS):
        for k in range(size):
            poke(merged, column * wide + k, peek(row, column * size + k))
    for k in range(size):
        poke(merged, BLOCK * wide + k, k)
    for i in range(num_own):
        if peek(own, OWN * i + OWN_UNIT) == unit:
            size = _merge_one(plant, unit, own, i, merged, wide, size)
    before = first
    for k in range(wide):
        poke(merged, GAP * wide + k, NEVER)
        poke(merged, BEFORE * wide + k, before)
        family = peek(merged, FAMILY * wide + k)
        before = family if family >= 0 else before
    return wide


@inner
def _wait(waits: int, num_waits: int, kind: int, resource: int, until: int) -> int:
    """Note a wait; with no room left, what follows counts as part of the unit's being booked."""
    if waits == 0 or num_waits == MOST_WAITS:
        return num_waits
    poke(waits, 3 * num_waits, kind)
    poke(waits, 3 * num_waits + 1, resource)
    poke(waits, 3 * num_waits + 2, until)
    return num_waits + 1


@inner
def _find_own(
    plant: int, live: int, unit: int, row: int, size: int, first: int, needs: int, ready: int,
    work: int, family: int, cutoff: int, own: int, num_own: int, waits: int, num_waits: int,
    scratch: int,
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """Leapfrog: where a counted resource is full, go on from the end of that period."""
    span, ptr = span_of(plant, unit, needs), peek(plant, NEEDS_PTR) + needs
    low, high = peek(plant, ptr), peek(plant, ptr + 1)
    needed = peek(plant, NEEDED)
    while True:
        spot = earliest(plant, live, unit, row, size, first, span, ready, work, family, cutoff)
        until = resource = ALONE
        if spot[2] < NEVER:
            for i in range(low, high):
                resource = peek(plant, needed + i)
                until = _held_until(plant, live, resource, own, num_own, spot[1], spot[2], scratch)
                if until > spot[1]:
                    break
        if until <= spot[1]:
            return spot[0], spot[1], spot[2], spot[3], num_waits
        if spot[3] > ready:
            num_waits = _wait(waits, num_waits, BOOKED, unit, spot[3])
        num_waits = _wait(waits, num_waits, HELD, resource, until)
        ready = until


@inner
def _find_build(
    plant: int, live: int, unit: int, row: int, size: int, needs: int, ready: int, work: int,
    kind: int, cutoff: int,
) -> int:  # fmt: skip
    """Return the first build with room that starts after the frozen time and lasts long enough."""
    span, soonest = span_of(plant, unit, needs), max(ready, peek(live, NOW) + peek(live, FROZEN))
    start, limit = START * size, lane(plant, unit, BATCH)
    for k in range(first_above(row, start, start + size, soonest - 1) - start, size):
        begin, end = peek(row, start + k), peek(row, FINISH * size + k)
        if begin >= cutoff:
            break
        members = peek(row, MEMBERS * size + k)
        if members == 0 or members >= limit or peek(row, KIND * size + k) != kind:
            continue
        length = end - begin
        if lane(plant, unit, SPLIT):
            length = work_at(plant, span, end) - work_at(plant, span, begin)
        if 0 < length >= work and peek(row, NEEDS * size + k) == needs:
            return k
    return ALONE


@inner
def duration_on(plant: int, unit: int, work: int) -> int:
    """Return how long nominal work takes on a unit."""
    pace = lane(plant, unit, PACE)
    return work if pace == 1000 else -(-work * 1000 // pace)


@inner
def family_on(plant: int, unit: int, kind: int) -> int:
    """Return the index a setup family has in a unit's matrix; -1: no setup."""
    size, matrix = peek(plant, NUM_KINDS), lane(plant, unit, MATRIX)
    if matrix < 0 or kind >= size:
        return ALONE
    return peek(plant, peek(plant, KNOWN) + matrix * size + kind)


@inner
def find_spot(
    plant: int, live: int, unit: int, needs: int, ready: int, work: int, kind: int, cutoff: int,
    own: int, num_own: int, waits: int, scratch: int,
) -> tuple[int, int, int, int, int, int]:  # fmt: skip
    """Return setup start, start, finish, free, the entry joined and the number of waits.

    `kind` is the setup family, `own` (num_own, 14) the order's steps placed so far: `scratch` must
    have room for the unit's row and any use with them. The entry joined is a build's index in the
    unit's row, -2 - i for that of own step i, ALONE for none. `waits` (MOST_WAITS, 3): kind,
    resource, until get what kept the step from starting; 0: nobody asks.
    """
    row, size = peek(live, ROWS + 3 * unit), peek(live, ROWS + 3 * unit + 1)
    first, old = peek(live, ROWS + 3 * unit + 2), row
    for i in range(num_own):
        if row == old and peek(own, OWN * i + OWN_UNIT) == unit:
            size = _merge(plant, unit, row, size, first, own, num_own, scratch)
            row, scratch = scratch, scratch + 8 * COLUMNS * size
    family, duration = family_on(plant, unit, kind), duration_on(plant, unit, work)
    k, num_waits, soonest = ALONE, ZERO, ready
    if lane(plant, unit, BATCH):
        k = _find_build(plant, live, unit, row, size, needs, ready, duration, kind, cutoff)
        gathered = peek(live, NOW) + lane(plant, unit, GATHER)
        if gathered > ready:
            num_waits, soonest = _wait(waits, ZERO, GATHERED, unit, gathered), gathered
    spot = _find_own(
        plant, live, unit, row, size, first, needs, soonest, duration, family, cutoff, own, num_own,
        waits, num_waits, scratch,
    )  # fmt: skip
    if k >= 0 and peek(row, FINISH * size + k) <= spot[2]:
        begin, finish = peek(row, BEGIN * size + k), peek(row, FINISH * size + k)
        joined = k if row == old else peek(row, BLOCK * size + k)
        return begin, peek(row, START * size + k), finish, begin, joined, ZERO
    return spot[0], spot[1], spot[2], spot[3], ALONE, spot[4]
