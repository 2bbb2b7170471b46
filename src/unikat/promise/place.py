"""Place one order by the kernel, and read its answer back: bookings and reasons."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from threading import local

import numpy as np

from unikat.capacity.columns import Ints
from unikat.capacity.model import Booking
from unikat.capacity.timeline import Capacity
from unikat.configure.model import Step
from unikat.promise.able import refuse
from unikat.promise.model import Reason
from unikat.promise.routing import Routings, compile_routings, material_of
from unikat.terms import BuildId, Instant, OrderId, Seconds, StepId, UnitId

KINDS = ("material", "travel", "gather", "build", "held", "booked", "setup", "work", "calendar")
OWN, LABEL, COLUMNS, MOST_WAITS = 14, 15, 11, 64  # as the kernels have them
LINKS_A_STEP = 2 * MOST_WAITS + 10
ALONE = -1  # joined no build; -2 - i: that of the order's own step i


class _Thread(local):
    """What each thread has for itself."""

    memory: Ints = np.empty(0, np.int64)


_thread = _Thread()


def place_steps(
    steps: Sequence[Step], capacity: Capacity, order: OrderId, work: Mapping[StepId, Seconds]
) -> tuple[tuple[Booking, ...], tuple[Reason, ...]]:
    """Return the bookings of the earliest finish, in the sequence of the steps, and its reasons.

    Along a chain one label a unit is kept, which is exact while no unit can serve two steps of the
    order. A routing with branches is placed in up to six sequences, each step in turn where it
    finishes first; the best is kept.

    Raises
    ------
    NoCapacity
        Naming what is missing.
    """
    from unikat.promise._kernels import promise_best

    routings = compile_routings((steps,), capacity, work)
    memory = memory_for(routings, capacity)
    status, row, chosen, num_links = promise_best(*capacity.tables(), routings.table, memory)
    if status:
        raise refuse(steps[routings.sequences[0][row]], capacity, work)
    own = memory[: OWN * len(steps)].reshape(-1, OWN).tolist()
    links = memory[OWN * routings.longest :][: 4 * num_links].reshape(-1, 4).tolist()
    sequence = [steps[i] for i in routings.sequences[chosen]]
    builds: list[BuildId | None] = []
    bookings = {
        step.step: read_booking(step, placed, capacity, order, builds)
        for step, placed in zip(sequence, own, strict=True)
    }
    reasons = _reasons(sequence, links, capacity, builds)
    return tuple(bookings[step.step] for step in steps), reasons


def finish_times(routings: Routings, capacity: Capacity) -> tuple[Instant, ...]:
    """Return the earliest finish of each variant on its own; NEVER: none within the horizon.

    One kernel call for all of them: what the dates of all alternatives of a choice take.
    """
    from unikat.promise._kernels import finish_many

    finishes = np.empty(len(routings.sequences), np.int64)
    memory = memory_for(routings, capacity)
    finish_many(*capacity.tables(), routings.table, memory, finishes)
    soonest = finishes.tolist()
    return tuple(min(soonest[low:high]) for low, high in pairwise(routings.groups))


def memory_for(routings: Routings, capacity: Capacity) -> Ints:
    """Return memory for a kernel call: steps, links, waits, labels, and rows with own steps."""
    return make_memory(routings.longest, capacity, sees_own=routings.sees_own)


def make_memory(longest: int, capacity: Capacity, *, sees_own: bool) -> Ints:
    """Return memory for routings of at most `longest` steps; see `memory_for`.

    It is this thread's, good until its next call: new memory costs ten times the kernel.
    """
    num_units = len(capacity.frame.units)
    size = longest * (2 * OWN + 4 * LINKS_A_STEP + LABEL * (num_units + 1)) + 3 * MOST_WAITS
    if sees_own:
        most = max(len(row.entries) for row in capacity.rows.values())
        held = max((use.steps.shape[1] for use in capacity.uses.values()), default=0)
        size += COLUMNS * (most + longest) + 2 * (held + 2 * longest)
    if _thread.memory.size < size:
        _thread.memory = np.empty(2 * size, np.int64)
    return _thread.memory


def read_booking(
    step: Step,
    placed: Sequence[int],
    capacity: Capacity,
    order: OrderId,
    builds: list[BuildId | None],
) -> Booking:
    """Return the booking of a placed step; `builds` are those of the steps placed before it."""
    index, begin, start, finish, _, joined = placed[:6]
    unit = capacity.frame.unit_names[index]
    lane = capacity.lanes[unit]
    release = capacity.now
    if capacity.material_ready:
        release = max(release, material_of(step, capacity)[0])
    build = None
    if joined != ALONE:
        build = _build(unit, joined, capacity, builds)
    elif lane.batch:
        build = BuildId(f"B-{order}-{step.step}")
        release = max(release, capacity.now + lane.batch.gather_s)
    builds.append(build)
    needs = capacity.frame.held[step.capability]
    return Booking(order, step.step, unit, begin, start, finish, step.setup, needs, build, release)


def _build(
    unit: UnitId, joined: int, capacity: Capacity, builds: Sequence[BuildId | None]
) -> BuildId | None:
    """Return the id of the build joined: of an entry of the unit, or of an own step."""
    return capacity.rows[unit].entries[joined][0].build if joined >= 0 else builds[-2 - joined]


def _reasons(
    steps: Sequence[Step],
    links: Sequence[Sequence[int]],
    capacity: Capacity,
    builds: Sequence[BuildId | None],
) -> tuple[Reason, ...]:
    """Name the kinds and resources of the binding chain."""
    units, resources = capacity.frame.unit_names, capacity.frame.resource_names
    reasons = []
    for kind, one, two, seconds in links:
        word = KINDS[kind]
        if word == "material":
            name = str(material_of(steps[one], capacity)[1])
        elif word == "travel":
            name = f"{units[one]}-{units[two]}"
        elif word == "build":
            name = str(_build(units[one], two, capacity, builds))
        elif word == "held":
            name = resources[one]
        else:
            name = units[one]
        reasons.append(Reason(word, name, seconds))
    return tuple(reasons)
