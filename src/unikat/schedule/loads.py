"""Which open steps are done in one go: builds as they are booked, behind their predecessors."""

from collections import Counter
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.order.model import Order, OrderState
from unikat.plant.model import Plant
from unikat.schedule.model import Progress, StepKey
from unikat.terms import BuildId, Capability, Instant, SetupFamily

CLOSED = frozenset({OrderState.FINISHED, OrderState.DELIVERED, OrderState.CANCELLED})

NO_BUILD = BuildId("")


class OpenStep(NamedTuple):
    """An open, not running step: its order, its booking in the last published schedule, and since
    when it is open: the order was asked for, or the step is to be made again. `before` are the rows
    of its predecessors that are open. (A tuple is made three times as fast as a dataclass.)
    """

    order: Order
    step: Step
    old: Booking | None
    since: Instant
    before: tuple[int, ...]

    @property
    def key(self) -> StepKey:
        """Return what names the step in the whole shop."""
        return (self.order.id, self.step.step)

    def not_before(self, plant: Plant) -> Instant:
        """Return when its build may start, as booked or once its materials are bought."""
        if self.old is not None:
            return self.old.not_before
        if not self.step.items:
            return self.since
        known = (plant.materials[item] for item in self.step.items if item in plant.materials)
        return self.since + max((material.lead_s for material in known), default=0)


class Load(NamedTuple):
    """What a unit does in one go: rows of open steps, and their build where work centers have any.

    `is_new` says that this isn't the build its steps were booked in.
    """

    rows: tuple[int, ...]
    build: BuildId
    is_new: bool


def open_steps(orders: Sequence[Order], done: Progress) -> tuple[OpenStep, ...]:
    """Return the steps that are neither finished nor running, order by order."""
    begun = done.finished.keys() | done.running.keys()
    booked, reopened = done.bookings.get, done.reopened.get
    found: list[OpenStep] = []
    for order in orders:
        if order.state in CLOSED:
            continue
        steps = [(key, s) for s in order.variant.steps if (key := (order.id, s.step)) not in begun]
        rows = {step.step: row for row, (_, step) in enumerate(steps, len(found))}
        for key, step in steps:
            before = tuple([rows[name] for name in step.after if name in rows])
            since = reopened(key, order.asked_at)
            found.append(OpenStep(order, step, booked(key), since, before))
    return tuple(found)


def group_loads(
    plant: Plant, steps: Sequence[OpenStep], done: Progress, now: Instant
) -> tuple[Load, ...]:
    """Return the loads in topological sequence.

    Steps booked in one build stay together. A build that has started takes no more: its late
    members form a new one. Where members disagree in capability or setup family, are too many, or
    builds wait for each other, new builds are made of those that can.
    """
    started = {
        done.bookings[key].build
        for key in done.finished.keys() | done.running.keys()
        if key in done.bookings
    }
    room = _room(plant)
    loads = []
    groups: dict[tuple[BuildId, Capability, SetupFamily | None], list[int]] = {}
    for row, (step, old) in enumerate((each.step, each.old) for each in steps):
        if step.capability not in room:
            loads.append(Load((row,), NO_BUILD, is_new=False))
        elif old is None or old.build is None:
            loads.append(_load(steps, (row,), now, is_new=False))
        else:
            groups.setdefault((old.build, step.capability, step.setup), []).append(row)
    num_groups = Counter(build for build, *_ in groups)
    for (build, *_), rows in groups.items():
        places = room.get(steps[rows[0]].step.capability, 1)
        is_new = build in started or num_groups[build] > 1 or len(rows) > places
        loads += [
            _load(steps, tuple(rows[first : first + places]), now, is_new=is_new)
            for first in range(0, len(rows), places)
        ]
    loads.sort(key=lambda load: load.rows[0])
    if _is_sequence(steps, loads):
        return tuple(loads)
    sequence, stuck = _topological(steps, loads)
    if stuck:
        single = [_load(steps, (row,), now, is_new=True) for load in stuck for row in load.rows]
        sequence, _ = _topological(steps, [*sequence, *single])
    return tuple(sequence)


def _room(plant: Plant) -> dict[Capability, int]:
    """Return how many steps of each capability a build can hold at most."""
    room: dict[Capability, int] = {}
    for center in plant.work_centers.values():
        for capability in center.capabilities:
            if center.batch:
                room[capability] = max(room.get(capability, 1), center.batch.capacity)
    return room


def _load(steps: Sequence[OpenStep], rows: tuple[int, ...], now: Instant, *, is_new: bool) -> Load:
    """Return a load; its build keeps the booked id unless it is new."""
    lead = steps[rows[0]]
    if is_new or lead.old is None or lead.old.build is None:
        return Load(rows, BuildId(f"{lead.order.id}/{lead.step.step}/{now}"), is_new)
    return Load(rows, lead.old.build, is_new)


def _is_sequence(steps: Sequence[OpenStep], loads: Sequence[Load]) -> bool:
    """Tell whether each load stands behind what it waits for."""
    place = [0] * len(steps)
    for index, load in enumerate(loads):
        for row in load.rows:
            place[row] = index
    return all(
        place[source] < index
        for index, load in enumerate(loads)
        for row in load.rows
        for source in steps[row].before
    )


def _topological(steps: Sequence[OpenStep], loads: Sequence[Load]) -> tuple[list[Load], list[Load]]:
    """Return the loads behind their predecessors, and those that wait for each other."""
    load_of = {row: load for load in loads for row in load.rows}
    before = {
        load.rows: {load_of[source].rows for row in load.rows for source in steps[row].before}
        for load in loads
    }
    after: dict[tuple[int, ...], list[tuple[int, ...]]] = {load.rows: [] for load in loads}
    for name, sources in before.items():
        for source in sources:
            after[source].append(name)
    ready = [name for name, sources in before.items() if not sources]
    heapify(ready)
    sequence = []
    while ready:
        name = heappop(ready)
        sequence.append(load_of[name[0]])
        for later in after[name]:
            before[later].discard(name)
            if not before[later]:
                heappush(ready, later)
    placed = {load.rows for load in sequence}
    return sequence, [load for load in loads if load.rows not in placed]
