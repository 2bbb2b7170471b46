"""Which open steps are done in one go: builds as they are booked, behind their predecessors."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.order.model import Order, OrderState
from unikat.plant.model import Plant
from unikat.schedule.model import Progress, StepKey
from unikat.terms import BuildId, Capability, Instant

CLOSED = frozenset({OrderState.FINISHED, OrderState.DELIVERED, OrderState.CANCELLED})


@dataclass(frozen=True, slots=True)
class OpenStep:
    """An open, not running step: its order, its booking in the last published schedule, and since
    when it is open: the order was asked for, or the step is to be made again.
    """

    order: Order
    step: Step
    old: Booking | None
    since: Instant

    @property
    def key(self) -> StepKey:
        """Return what names the step in the whole shop."""
        return (self.order.id, self.step.step)

    def not_before(self, plant: Plant) -> Instant:
        """Return when its build may start, as booked or once its materials are bought."""
        if self.old is not None:
            return self.old.not_before
        known = (plant.materials[item] for item in self.step.items if item in plant.materials)
        return self.since + max((material.lead_s for material in known), default=0)


@dataclass(frozen=True, slots=True)
class Load:
    """What a unit does in one go: rows of open steps, and their build on a batch work center.

    `is_new` says that this isn't the build its steps were booked in.
    """

    rows: tuple[int, ...]
    build: BuildId
    is_new: bool


def open_steps(orders: Sequence[Order], done: Progress) -> tuple[OpenStep, ...]:
    """Return the steps that are neither finished nor running, order by order."""
    begun = done.finished.keys() | done.running.keys()
    return tuple(
        OpenStep(order, step, done.bookings.get(key), done.reopened.get(key, order.asked_at))
        for order in orders
        if order.state not in CLOSED
        for step in order.variant.steps
        if (key := (order.id, step.step)) not in begun
    )


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
    groups: dict[tuple[object, ...], list[int]] = {}
    for row, open_step in enumerate(steps):
        groups.setdefault(_group_of(open_step, row, room), []).append(row)
    num_groups = Counter(build for build, *_ in groups)
    loads = []
    for (build, *_), rows in groups.items():
        places = room.get(steps[rows[0]].step.capability, 1)
        is_new = build in started or num_groups[build] > 1 or len(rows) > places
        loads += [
            _load(steps, tuple(rows[first : first + places]), now, is_new=is_new)
            for first in range(0, len(rows), places)
        ]
    sequence, stuck = _topological(steps, loads)
    if stuck:
        single = [_load(steps, (row,), now, is_new=True) for load in stuck for row in load.rows]
        sequence, _ = _topological(steps, [*sequence, *single])
    return tuple(sequence)


def open_sources(steps: Sequence[OpenStep], rows: Mapping[StepKey, int], row: int) -> Iterable[int]:
    """Return the rows of a step's predecessors that are open."""
    order, step = steps[row].order, steps[row].step
    return (rows[order.id, before] for before in step.after if (order.id, before) in rows)


def _room(plant: Plant) -> dict[Capability, int]:
    """Return how many steps of each capability a build can hold at most."""
    room: dict[Capability, int] = {}
    for center in plant.work_centers.values():
        for capability in center.capabilities:
            if center.batch:
                room[capability] = max(room.get(capability, 1), center.batch.capacity)
    return room


def _group_of(open_step: OpenStep, row: int, room: Mapping[Capability, int]) -> tuple[object, ...]:
    """Return what the steps of one load have in common, their booked build first."""
    step, build = open_step.step, open_step.old.build if open_step.old else None
    if build is None or step.capability not in room:
        return (row,)
    return (build, step.capability, step.setup)


def _load(steps: Sequence[OpenStep], rows: tuple[int, ...], now: Instant, *, is_new: bool) -> Load:
    """Return a load; its build keeps the booked id unless it is new."""
    lead = steps[rows[0]]
    if is_new or lead.old is None or lead.old.build is None:
        return Load(rows, BuildId(f"{lead.order.id}/{lead.step.step}/{now}"), is_new)
    return Load(rows, lead.old.build, is_new)


def _topological(steps: Sequence[OpenStep], loads: Sequence[Load]) -> tuple[list[Load], list[Load]]:
    """Return the loads behind their predecessors, and those that wait for each other."""
    rows = {open_step.key: row for row, open_step in enumerate(steps)}
    load_of = {row: load for load in loads for row in load.rows}
    before = {
        load.rows: {
            load_of[source].rows for row in load.rows for source in open_sources(steps, rows, row)
        }
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
