"""Place the steps of an order at their earliest: one label a mode, without an object a step.

Tables are passed by address, as in the insertion kernel. A routing is rows [first, last) of STEPS,
(N, 4): capability, nominal work, setup family, when its material is there; AFTER has the steps
before each (CSR, counted from the routing's first). Its shape is CHAIN, REPEATING (a chain in which
a unit may serve two steps, so that a later one must see the earlier) or BRANCHES. A placed step is
a row of `own`, (n, 14), see the OWN columns of the insertion kernel; a label has one cell more, the
label before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unikat._kernels import inner, kernel, maker
from unikat.capacity import _kernels as c
from unikat.capacity._kernels import NEVER, ZERO, find_spot, lane, peek, poke

if TYPE_CHECKING:
    from unikat.capacity.columns import Ints

CHAIN, REPEATING, BRANCHES = range(3)
CAPABILITY, WORK, KIND, STOCKED = range(4)
COUNT, PTR, STEPS, AFTER_PTR, AFTER, SHAPES, LONGEST = range(7)
PLACED, INCAPABLE, UNKNOWN_FAMILY, LATE = range(4)
OWN, LABEL, PARENT = c.OWN, c.OWN + 1, c.OWN
LINKS_A_STEP = 2 * c.MOST_WAITS + 10
INSERTION = 2
"""Raise it whenever the insertion kernel changes: numba's cache of this file looks at no other."""


@inner
def _is_able(plant: int, unit: int, kind: int) -> bool:
    """Tell whether a unit knows a setup family; kind 0 is none."""
    return kind == 0 or lane(plant, unit, c.MATRIX) < 0 or c.family_on(plant, unit, kind) >= 0


@inner
def _travel(plant: int, before: int, unit: int) -> int:
    line = lane(plant, before, c.CENTER) * peek(plant, c.NUM_CENTERS)
    return peek(plant, peek(plant, c.TRAVEL) + line + lane(plant, unit, c.CENTER))


@inner
def _try(
    plant: int, live: int, step: int, unit: int, arrival: int, cutoff: int, own: int, num_own: int,
    scratch: int, out: int,
) -> bool:  # fmt: skip
    """Place a step on a unit, if that finishes before `cutoff`, and write it to `out`."""
    stocked, kind, work = peek(step, STOCKED), peek(step, KIND), peek(step, WORK)
    ready = max(arrival, stocked)
    needs = peek(plant, peek(plant, c.MODE_NEEDS) + peek(step, CAPABILITY))
    spot = find_spot(
        plant, live, unit, needs, ready, work, kind, cutoff, own, num_own, ZERO, scratch
    )
    if spot[2] >= cutoff:
        return False
    poke(out, c.OWN_UNIT, unit)
    poke(out, c.OWN_BEGIN, spot[0])
    poke(out, c.OWN_START, spot[1])
    poke(out, c.OWN_FINISH, spot[2])
    poke(out, c.OWN_FREE, spot[3])
    poke(out, c.OWN_JOINED, spot[4])
    poke(out, c.OWN_FAMILY, c.family_on(plant, unit, kind))
    poke(out, c.OWN_NEEDS, needs)
    poke(out, c.OWN_KIND, kind)
    poke(out, c.OWN_READY, ready)
    poke(out, c.OWN_ITEM, 1 if stocked > arrival else 0)
    poke(out, c.OWN_WORK, work)
    return True


@inner
def _copy(source: int, target: int) -> None:
    for i in range(OWN):
        poke(target, i, peek(source, i))


@inner
def _fill_path(labels: int, wide: int, depth: int, label: int, own: int) -> None:
    """Write the path that ends in a label: one row for each of the steps before `depth`."""
    for s in range(depth - 1, -1, -1):
        place = labels + 8 * LABEL * (s * wide + label)
        _copy(place, own + 8 * OWN * s)
        label = peek(place, PARENT)


@inner
def _nearest(plant: int, labels: int, count: int, unit: int) -> int:
    """Return the label from which the part reaches a unit first."""
    best, soonest = ZERO, NEVER
    for label in range(count):
        before = peek(labels, LABEL * label + c.OWN_UNIT)
        arrival = peek(labels, LABEL * label + c.OWN_FINISH) + _travel(plant, before, unit)
        if arrival < soonest:
            best, soonest = label, arrival
    return best


@inner
def _label(
    plant: int, live: int, step: int, unit: int, depth: int, parent: int, shape: int, labels: int,
    wide: int, own: int, scratch: int, slot: int,
) -> None:  # fmt: skip
    """Lower the finish of a label by placing its step on a unit, coming from one label before."""
    arrival, travel, num_own = peek(live, c.NOW), ZERO, ZERO
    if depth > 0:
        before = labels + 8 * LABEL * ((depth - 1) * wide + parent)
        travel = _travel(plant, peek(before, c.OWN_UNIT), unit)
        arrival = peek(before, c.OWN_FINISH) + travel
    if shape == REPEATING:
        _fill_path(labels, wide, depth, parent, own)
        num_own = depth
    cutoff = peek(slot, c.OWN_FINISH)
    if _try(plant, live, step, unit, arrival, cutoff, own, num_own, scratch, slot):
        poke(slot, c.OWN_BEFORE, depth - 1)
        poke(slot, c.OWN_TRAVEL, travel)
        poke(slot, PARENT, parent)


@inner
def _reach(
    plant: int, live: int, step: int, depth: int, count: int, shape: int, labels: int, wide: int,
    own: int, scratch: int,
) -> tuple[int, int]:  # fmt: skip
    """Make the labels of step number `depth`; return their number and the earliest finish.

    Travel depends on work centers only, so that of units of one center the earliest finish is
    enough, unless later steps see on which unit it was (REPEATING).
    """
    slots, earliest, group, parent = ZERO, NEVER, c.ALONE, ZERO
    fresh, ptr = labels + 8 * LABEL * depth * wide, peek(plant, c.MODE_PTR) + peek(step, CAPABILITY)
    before = labels + 8 * LABEL * (depth - 1) * wide
    for mode in range(peek(plant, ptr), peek(plant, ptr + 1)):
        unit = peek(plant, peek(plant, c.MODES) + mode)
        if not _is_able(plant, unit, peek(step, KIND)):
            continue
        slot = fresh + 8 * LABEL * (slots - 1)
        if shape == REPEATING or lane(plant, unit, c.CENTER) != group:
            group = lane(plant, unit, c.CENTER)
            parent = _nearest(plant, before, count, unit) if depth else ZERO
            if slots == 0 or peek(slot, c.OWN_FINISH) < NEVER:
                slots += 1
            slot = fresh + 8 * LABEL * (slots - 1)
            poke(slot, c.OWN_FINISH, NEVER)
        low, high = (ZERO, max(count, 1)) if shape == REPEATING else (parent, parent + 1)
        for parent in range(low, high):
            _label(plant, live, step, unit, depth, parent, shape, labels, wide, own, scratch, slot)
        earliest = min(earliest, peek(slot, c.OWN_FINISH))
    if slots and peek(fresh, LABEL * (slots - 1) + c.OWN_FINISH) == NEVER:
        slots -= 1
    return slots, earliest


@inner
def _refusal(plant: int, step: int) -> int:
    """Return why a step has no label."""
    ptr = peek(plant, c.MODE_PTR) + peek(step, CAPABILITY)
    for mode in range(peek(plant, ptr), peek(plant, ptr + 1)):
        if _is_able(plant, peek(plant, peek(plant, c.MODES) + mode), peek(step, KIND)):
            return LATE
    return UNKNOWN_FAMILY


@inner
def _place_chain(
    plant: int, live: int, steps: int, size: int, shape: int, wide: int, labels: int, own: int,
    scratch: int,
) -> tuple[int, int]:  # fmt: skip
    """Place a chain; return why not (PLACED: it is) and the step that cannot be."""
    count = ZERO
    for depth in range(size):
        step = steps + 32 * depth
        if peek(step, CAPABILITY) < 0:
            return INCAPABLE, depth
        count, soonest = _reach(plant, live, step, depth, count, shape, labels, wide, own, scratch)
        if soonest > peek(live, c.END):
            return _refusal(plant, step), depth
    best, last = ZERO, labels + 8 * LABEL * (size - 1) * wide
    for label in range(1, count):
        finish = peek(last, LABEL * label + c.OWN_FINISH)
        if finish < peek(last, LABEL * best + c.OWN_FINISH):
            best = label
    _fill_path(labels, wide, size, best, own)
    return PLACED, 0


@inner
def _place_after(
    plant: int, live: int, step: int, s: int, unit: int, after: int, last: int, cutoff: int,
    own: int, scratch: int, slot: int,
) -> bool:  # fmt: skip
    """Place a step on a unit behind the steps [after, last) lists, if it is before `cutoff`."""
    arrival, travel, before = peek(live, c.NOW), ZERO, c.ALONE
    while after < last:
        other = peek(after, 0)
        lag = _travel(plant, peek(own, OWN * other + c.OWN_UNIT), unit)
        there = peek(own, OWN * other + c.OWN_FINISH) + lag
        if before < 0 or there > arrival:
            arrival, travel, before = there, lag, other
        after += 8
    if not _try(plant, live, step, unit, arrival, cutoff, own, s, scratch, slot):
        return False
    poke(slot, c.OWN_BEFORE, before)
    poke(slot, c.OWN_TRAVEL, travel)
    return True


@inner
def _place_branches(
    plant: int, live: int, steps: int, begun: int, size: int, after_ptr: int, after: int, slot: int,
    own: int, scratch: int,
) -> tuple[int, int]:  # fmt: skip
    """Place each step from `begun` on in turn where it finishes first, the own ones in sight."""
    for s in range(begun, size):
        step, best = steps + 32 * s, NEVER
        if peek(step, CAPABILITY) < 0:
            return INCAPABLE, s
        ptr = peek(plant, c.MODE_PTR) + peek(step, CAPABILITY)
        low, high = after + 8 * peek(after_ptr, s), after + 8 * peek(after_ptr, s + 1)
        for mode in range(peek(plant, ptr), peek(plant, ptr + 1)):
            unit = peek(plant, peek(plant, c.MODES) + mode)
            if _is_able(plant, unit, peek(step, KIND)) and _place_after(
                plant, live, step, s, unit, low, high, best, own, scratch, slot
            ):
                best = peek(slot, c.OWN_FINISH)
                _copy(slot, own + 8 * OWN * s)
        if best > peek(live, c.END):
            return _refusal(plant, step), s
    return PLACED, 0


@inner
def _place(
    plant: int, live: int, routings: int, q: int, own: int, labels: int, scratch: int
) -> tuple[int, int, int]:
    """Place one routing; return why not, the row of STEPS that cannot be, and the finish."""
    first = peek(routings, peek(routings, PTR) + q)
    size = peek(routings, peek(routings, PTR) + q + 1) - first
    steps = routings + 8 * (peek(routings, STEPS) + 4 * first)
    shape, wide = peek(routings, peek(routings, SHAPES) + q), peek(plant, c.NUM_UNITS) + 1
    if shape == BRANCHES:
        after_ptr = routings + 8 * (peek(routings, AFTER_PTR) + first)
        after = routings + 8 * peek(routings, AFTER)
        status, row = _place_branches(
            plant, live, steps, ZERO, size, after_ptr, after, labels, own, scratch
        )
    else:
        status, row = _place_chain(plant, live, steps, size, shape, wide, labels, own, scratch)
    finish = peek(live, c.NOW)
    if status == PLACED:
        for s in range(size):
            finish = max(finish, peek(own, OWN * s + c.OWN_FINISH))
    return status, first + row, finish


@kernel
def finish_many(plant: Ints, live: Ints, routings: Ints, memory: Ints, finishes: Ints) -> None:
    """Write the earliest finish of each routing on its own; NEVER: none within the horizon.

    All int64: `plant` and `live` of a Capacity, `routings` as `promise.routing` writes them,
    `memory` of the size `promise.place` gives, finishes (Q,).
    """
    longest = routings[LONGEST]
    own: int = np.int64(memory.ctypes.data)  # type: ignore[assignment]
    labels = own + 8 * OWN * longest
    scratch = labels + 8 * LABEL * longest * (plant[c.NUM_UNITS] + 1)
    for q in range(routings[COUNT]):
        status, _, finish = _place(
            plant.ctypes.data, live.ctypes.data, routings.ctypes.data, q, own, labels, scratch
        )
        finishes[q] = finish if status == PLACED else NEVER


@kernel
def promise_best(
    plant: Ints, live: Ints, routings: Ints, memory: Ints
) -> tuple[int, int, int, int]:
    """Place one order, given in one or several sequences; the first with the earliest finish wins.

    Returns status, the row of STEPS refused, the sequence chosen and the number of links of the
    binding chain. `memory` begins with own (n, 14), then the links (m, 4): kind, two resources,
    seconds.
    """
    longest = routings[LONGEST]
    # No unsigned address: what takes it is compiled once, as for all others.
    best: int = np.int64(memory.ctypes.data)  # type: ignore[assignment]
    links = best + 8 * OWN * longest
    waits = links + 8 * 4 * LINKS_A_STEP * longest
    own = waits + 8 * 3 * c.MOST_WAITS
    labels = own + 8 * OWN * longest
    scratch = labels + 8 * LABEL * longest * (plant[c.NUM_UNITS] + 1)
    table, clock = plant.ctypes.data, live.ctypes.data
    chosen, soonest, refused, where, size = c.ALONE, NEVER, LATE, ZERO, ZERO
    for q in range(routings[COUNT]):
        status, row, finish = _place(table, clock, routings.ctypes.data, q, own, labels, scratch)
        if status != PLACED and q == 0:
            refused, where = status, row
        if status == PLACED and finish < soonest:
            chosen, soonest = q, finish
            size = routings[routings[PTR] + q + 1] - routings[routings[PTR] + q]
            for s in range(size):
                _copy(own + 8 * OWN * s, best + 8 * OWN * s)
    if chosen < 0:
        return refused, where, ZERO, ZERO
    shape = routings[routings[SHAPES] + chosen]
    return PLACED, ZERO, chosen, _explain(table, clock, best, size, shape, waits, links, scratch)


@kernel
def place_rest(
    plant: Ints, live: Ints, routings: Ints, memory: Ints, begun: int
) -> tuple[int, int]:
    """Place the steps from `begun` on of one routing with BRANCHES, of which `memory` has the
    first as own rows: what they are booked for is in `live`. Return why not, and which step.
    """
    longest, table = routings[LONGEST], routings.ctypes.data
    own: int = np.int64(memory.ctypes.data)  # type: ignore[assignment]
    labels = own + 8 * OWN * longest
    scratch = labels + 8 * LABEL * longest * (plant[c.NUM_UNITS] + 1)
    return _place_branches(
        plant.ctypes.data, live.ctypes.data, table + 8 * routings[STEPS], begun, longest,
        table + 8 * routings[AFTER_PTR], table + 8 * routings[AFTER], labels, own, scratch,
    )  # fmt: skip


@maker
def _explain(
    plant: int, live: int, own: int, size: int, shape: int, waits: int, links: int, scratch: int
) -> int:
    """Walk back from the last finish along what each step waited for; return the links' number."""
    chain = np.empty(size, np.int64)
    length, last = 0, c.ALONE
    for s in range(size):
        finish = peek(own, OWN * s + c.OWN_FINISH)
        if last < 0 or finish > peek(own, OWN * last + c.OWN_FINISH):
            last = s
    while last >= 0:
        chain[length] = last
        length += 1
        row = own + 8 * OWN * last
        last = c.ALONE if peek(row, c.OWN_ITEM) else peek(row, c.OWN_BEFORE)
    count = ZERO
    for i in range(length - 1, -1, -1):
        count = _explain_step(plant, live, own, chain[i], shape, waits, links, count, scratch)
    return count


@inner
def _link(links: int, count: int, kind: int, one: int, two: int, seconds: int) -> int:
    """Add a link, or lengthen the last one if it is alike."""
    if seconds == 0:
        return count
    last = links + 32 * (count - 1)
    if count and peek(last, 0) == kind and peek(last, 1) == one and peek(last, 2) == two:
        poke(last, 3, peek(last, 3) + seconds)
        return count
    last += 32
    poke(last, 0, kind)
    poke(last, 1, one)
    poke(last, 2, two)
    poke(last, 3, seconds)
    return count + 1


@inner
def _explain_step(
    plant: int, live: int, own: int, s: int, shape: int, waits: int, links: int, count: int,
    scratch: int,
) -> int:  # fmt: skip
    """Split the time from the step before (or now) to this step's finish."""
    step = own + 8 * OWN * s
    unit, joined, before = (
        peek(step, c.OWN_UNIT),
        peek(step, c.OWN_JOINED),
        peek(step, c.OWN_BEFORE),
    )
    start, ready, work = peek(step, c.OWN_START), peek(step, c.OWN_READY), peek(step, c.OWN_WORK)
    if peek(step, c.OWN_ITEM):
        count = _link(links, count, c.MATERIAL, s, ZERO, ready - peek(live, c.NOW))
    elif before >= 0:
        source = peek(own, OWN * before + c.OWN_UNIT)
        count = _link(links, count, c.TRAVELLED, source, unit, peek(step, c.OWN_TRAVEL))
    if joined != c.ALONE:
        count = _link(links, count, c.BUILD, unit, joined, start - ready)
    else:
        spot = find_spot(
            plant, live, unit, peek(step, c.OWN_NEEDS), ready, work, peek(step, c.OWN_KIND), NEVER,
            own, ZERO if shape == CHAIN else s, waits, scratch,
        )  # fmt: skip
        cursor = ready
        for i in range(spot[5]):
            kind, resource = peek(waits, 3 * i), peek(waits, 3 * i + 1)
            until = peek(waits, 3 * i + 2)
            count, cursor = _until(plant, step, links, count, kind, resource, cursor, until)
        free, begin = peek(step, c.OWN_FREE), peek(step, c.OWN_BEGIN)
        count, cursor = _until(plant, step, links, count, c.BOOKED, unit, cursor, free)
        count, cursor = _until(plant, step, links, count, c.CLOSED, unit, cursor, begin)
        count, cursor = _until(plant, step, links, count, c.SET_UP, unit, cursor, start)
    duration = c.duration_on(plant, unit, work)
    count = _link(links, count, c.WORKED, unit, ZERO, duration)
    rest = peek(step, c.OWN_FINISH) - start - duration
    if joined != c.ALONE:
        return _link(links, count, c.BUILD, unit, joined, rest)
    return _link(links, count, c.CLOSED, unit, ZERO, rest)


@inner
def _until(
    plant: int, step: int, links: int, count: int, kind: int, resource: int, cursor: int,
    until: int,
) -> tuple[int, int]:  # fmt: skip
    """Link what lies between `cursor` and `until`: open time to its kind, the rest is closed."""
    upto, unit = min(max(until, cursor), peek(step, c.OWN_START)), peek(step, c.OWN_UNIT)
    if kind == c.CLOSED:
        return _link(links, count, c.CLOSED, unit, ZERO, upto - cursor), upto
    span = c.span_of(plant, unit, peek(step, c.OWN_NEEDS))
    is_open = c.work_at(plant, span, upto) - c.work_at(plant, span, cursor)
    count = _link(links, count, kind, resource, ZERO, is_open)
    return _link(links, count, c.CLOSED, unit, ZERO, upto - cursor - is_open), upto
