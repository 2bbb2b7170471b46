"""A plain line without an agenda: when each part leaves each unit follows from the part before it.

Where parts pass single units one after the other and never overtake, the instants follow from one
another (Dallery and Gershwin 1992, Queueing Systems 12, section 3: the evolution equations of a
flow line that blocks after service). Part j begins in unit i as it has left unit i-1's work and
part j-1 has left unit i; it leaves for the buffer before unit i+1 once part j-b has begun there.
Draws, hours and the arrays are those of `_kernels`, so the answers are the same, bit for bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unikat._kernels import lean
from unikat.twin._kernels import (
    ARRIVED,
    BASE,
    BITS_COUNT,
    BITS_HANDLE,
    BITS_KIND,
    BUFFER,
    DONE,
    DRAW_REPAIR,
    END_SPELL,
    FAMILY,
    FINISH,
    FIRST,
    HEAPED,
    IS_DOWN,
    LEFT,
    MTTR,
    NEVER,
    NOW,
    NUM_FAILS,
    NUM_JOBS,
    OCCURRENCES,
    OWNER,
    PACE,
    PAUSES,
    PHASE,
    REPAIRED,
    S_HEAP,
    STEP_BEFORE,
    STEP_CAP,
    STEP_FAMILY,
    STEP_UNIT,
    STEP_WIDTH,
    STEP_WORK,
    UNIT_KEY,
    UNTIL_FAIL,
    WORK,
    add,
    address_of,
    draw_failure,
    draw_work,
    fit,
    hours_at,
    setup_s,
    uniform,
    whole,
)  # fmt: skip

if TYPE_CHECKING:
    from unikat.twin._kernels import Floats, Ints

WAITS, IS_IN_UNIT, BLOCKS = range(3)
"""How a part begins: it waits for its first step, it is in the unit of it, or in that before."""


@lean
def work_off(p: Ints, s: Ints, unit: int, cap: int, at: int) -> int:
    """Return when what is left of a step is done, failures and repairs between."""
    pauses = s[s[unit + OWNER] + PAUSES]
    hours = hours_at(p, s, unit, cap)
    left, until_fail = s[unit + LEFT], s[unit + UNTIL_FAIL]
    while True:
        spell = min(left, until_fail)
        left -= spell
        if until_fail < NEVER:
            until_fail -= spell
        at = add(p, hours, at, spell) if pauses else at + spell
        s[OCCURRENCES] += 1
        if left == 0:
            s[unit + UNTIL_FAIL] = until_fail
            return at
        at += repair_s(s, unit)
        draw_failure(p, s, unit)
        until_fail = s[unit + UNTIL_FAIL]


@lean
def repair_s(s: Ints, unit: int) -> int:
    """Return how long the present repair of a unit takes, and count its end."""
    s[OCCURRENCES] += 1
    u = uniform(s[BASE], s[unit + UNIT_KEY] + s[unit + NUM_FAILS], DRAW_REPAIR)
    return whole(-s[unit + MTTR] * np.log(u))


@lean
def go_on(p: Ints, s: Ints, unit: int, cap: int, at: int) -> int:
    """Return when a step is done that runs already: its spell, or the repair amid it, ends at an
    instant.
    """
    s[OCCURRENCES] += 1
    if s[unit + IS_DOWN] == 0:
        if s[unit + LEFT] == 0:
            return at
        at += repair_s(s, unit)
    draw_failure(p, s, unit)
    return work_off(p, s, unit, cap, at)


@lean
def work_at(p: Ints, q: Floats, s: Ints, step: int, unit: int, at: int) -> int:
    """Return when a step is done that a unit may begin at an instant: setup, then work."""
    cap, pace, center = p[step + STEP_CAP], s[unit + PACE], s[unit + OWNER]
    work = max(1, p[step + STEP_WORK])
    nominal = work if pace == 1000 else max(1, -(-p[step + STEP_WORK] * 1000 // pace))
    hours, pauses = hours_at(p, s, unit, cap), s[center + PAUSES]
    setup = setup_s(p, s, unit, p[step + STEP_FAMILY])
    if setup:
        at = fit(p, hours, at, 1 if pauses else setup + nominal)
        at = add(p, hours, at, setup) if pauses else at + setup
        s[unit + FAMILY] = p[step + STEP_FAMILY]
        s[OCCURRENCES] += 1
    at = fit(p, hours, at, 1 if pauses else nominal)
    s[unit + LEFT] = draw_work(p, q, s, step, unit, nominal, 0)
    return work_off(p, s, unit, cap, at)


@lean
def pass_through(  # noqa: C901
    p: Ints, q: Floats, s: Ints, jobs: Ints, entries: Ints, units: Ints, begun: Ints, left: Ints,
    until: Ints, n: int,
) -> None:  # fmt: skip
    """Let all parts pass; arguments as of `advance_line`, with addresses for arrays."""
    now, last = s[NOW], s[NOW]
    read_agenda(p, s, units, left, until, n)
    s[OCCURRENCES] += p[NUM_JOBS] - s[ARRIVED]
    for j in range(p[NUM_JOBS]):
        job, at, entry, how = jobs[j], entries[3 * j], entries[3 * j + 1], entries[3 * j + 2]
        step = s[job + FIRST]
        for i in range(entry):
            begun[j * n + i] = now
        for i in range(entry, n):
            unit = units[i]
            start, places = max(at, left[i]), s[s[unit + OWNER] + BUFFER]
            if s[unit + IS_DOWN]:
                start = max(start, until[i])
            if p[step + STEP_UNIT] and how != IS_IN_UNIT:
                start = max(start, p[step + STEP_BEFORE])
            if how == BLOCKS:
                left[i - 1] = start if places == 0 else at
                if places and j >= places:
                    left[i - 1] = max(at, begun[(j - places) * n + i])
            begun[j * n + i] = now if how == IS_IN_UNIT else start
            if how == IS_IN_UNIT and s[unit + PHASE] == WORK:
                at = go_on(p, s, unit, p[step + STEP_CAP], until[i])
            else:
                at = work_at(p, q, s, step, unit, start)
            how = BLOCKS
            step += STEP_WIDTH
        left[n - 1], s[job + FINISH] = at, at
        last = max(last, at)
    for i in range(n):
        if s[units[i] + IS_DOWN] and s[units[i] + PHASE] != WORK:
            s[OCCURRENCES] += until[i] <= last
    s[NOW], s[DONE] = last, p[NUM_JOBS]


@lean
def read_agenda(p: Ints, s: Ints, units: Ints, left: Ints, until: Ints, n: int) -> None:
    """Read when running spells and repairs end; a unit repaired by then may fail again."""
    for i in range(n):
        left[i], until[i] = s[NOW], s[NOW]
        for k in range(s[HEAPED]):
            row = p[S_HEAP] + 2 * k
            kind = s[row + 1] & ((1 << BITS_KIND) - 1)
            unit = s[row + 1] >> BITS_KIND & ((1 << (BITS_HANDLE - BITS_KIND)) - 1)
            if unit == units[i] and kind in (REPAIRED, END_SPELL):
                until[i] = s[row] >> BITS_COUNT
        if s[units[i] + IS_DOWN] and s[units[i] + PHASE] != WORK:
            draw_failure(p, s, units[i])


@lean
def advance_line(
    p: Ints, q: Floats, s: Ints, jobs: Ints, entries: Ints, units: Ints, begun: Ints
) -> None:
    """Play a line on until all parts have left; `s` then tells what `simulate` reads, no more.

    All are of one dimension: `jobs` int64 (J) handles, in the sequence they pass; `entries` int64
    (3 J) from when, at which stage, and how each begins; `units` int64 (n) handles, by stage;
    `begun` int64 (J n + 2 n) to work in.
    """
    n, num = len(units), len(jobs)
    rest = begun[n * num :]
    pass_through(
        address_of(p), address_of(q), address_of(s), address_of(jobs), address_of(entries),
        address_of(units), address_of(begun), address_of(rest), address_of(rest[n:]), n,
    )  # fmt: skip
