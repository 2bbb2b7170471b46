"""The promise in plain Python: labels of objects, the twin of the promise kernel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from reference.capacity_plain import Found, PlainCapacity, find_spot, put_plain
from unikat.capacity.calendar import NEVER
from unikat.capacity.lane import Lane
from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.errors import NoCapacity
from unikat.promise.model import Reason
from unikat.terms import BuildId, Instant, ItemId, OrderId, ResourceId, Seconds, StepId

Mode = tuple[Lane, tuple[ResourceId, ...]]


def able_modes(step, capacity):
    """Return the units that have a step's capability and know its setup family."""
    modes = capacity.modes.get(step.capability, ())
    able = [
        (lane, needs)
        for lane, needs in modes
        if not lane.change or step.setup is None or step.setup in lane.families
    ]
    if not able:
        raise NoCapacity(step.step)
    return able


@dataclass(frozen=True, slots=True)
class Placed:
    """A step placed on a unit: a label. `before` is the placed step that made it wait, if any.

    `ready` is when the part (after `travel` seconds from `before`) and the `item` it waits for, if
    any, are there. `capacity` includes what the later steps of the order must see.
    """

    step: Step
    mode: Mode
    work: Seconds
    before: "Placed | None"
    travel: Seconds
    item: ItemId | None
    ready: Instant
    found: Found
    capacity: PlainCapacity

    @property
    def finish(self) -> Instant:
        """Return when the step finishes."""
        return self.found.spot.finish


def place_steps(
    steps: Sequence[Step], capacity: PlainCapacity, order: OrderId, work: Mapping[StepId, Seconds]
) -> tuple[Placed, ...]:
    """Place all steps at their earliest, in the sequence given, which is topological.

    Along a chain one label a unit is kept, which is exact while no unit can serve two steps of the
    order. A routing with branches takes the earliest finish of each step in turn.

    Raises
    ------
    NoCapacity
        Naming the work center that has no room within the horizon.
    """
    if _is_chain(steps):
        return _place_chain(steps, capacity, order, work)
    return _place_greedily(steps, capacity, order, work)


def booking_of(placed: Placed, order: OrderId) -> Booking:
    """Return the booking of a placed step."""
    (lane, resources), step = placed.mode, placed.step
    spot, joined, _ = placed.found
    now = placed.capacity.now
    release = max(now, _material(step, placed.capacity)[0])
    build = joined
    if lane.batch and not joined:
        build = BuildId(f"B-{order}-{step.step}")
        release = max(release, now + lane.batch.gather_s)
    return Booking(
        order=order,
        step=step.step,
        unit=lane.unit,
        setup_start=spot.setup_start,
        start=spot.start,
        finish=spot.finish,
        family=step.setup,
        resources=resources,
        build=build,
        not_before=release,
    )


def _is_chain(steps: Sequence[Step]) -> bool:
    befores = [(), *((step.step,) for step in steps)]
    return all(step.after == before for step, before in zip(steps, befores, strict=False))


def _place_chain(
    steps: Sequence[Step], capacity: PlainCapacity, order: OrderId, work: Mapping[StepId, Seconds]
) -> tuple[Placed, ...]:
    labels: list[Placed | None] = [None]
    end = capacity.now + capacity.plant.horizon_s
    is_repeating = _may_repeat(steps, capacity)
    for step in steps:
        modes = able_modes(step, capacity)
        found = [
            placed
            for mode in modes
            for before in _useful(labels, mode, capacity, is_repeating=is_repeating)
            if (placed := _place(step, mode, before, _of(before, capacity), work)).finish < NEVER
        ]
        best = _best_by_unit(found)
        if not any(placed.finish <= end for placed in best):
            raise NoCapacity(step.step)
        labels = [*(_seen(placed, order) if is_repeating else placed for placed in best)]
    last = min((label for label in labels if label), key=_finish_of, default=None)
    return _path(last)


def _useful(
    labels: Sequence[Placed | None], mode: Mode, capacity: PlainCapacity, *, is_repeating: bool
) -> Sequence[Placed | None]:
    """Return the labels worth following to a unit: the earliest to arrive, unless rows differ."""
    if is_repeating or len(labels) == 1:
        return labels
    return [min((x for x in labels if x), key=lambda x: x.finish + _travel(x, mode, capacity))]


def _best_by_unit(found: Sequence[Placed]) -> list[Placed]:
    best: dict[str, Placed] = {}
    for placed in found:
        unit = placed.mode[0].unit
        if unit not in best or placed.finish < best[unit].finish:
            best[unit] = placed
    return list(best.values())


def _place_greedily(
    steps: Sequence[Step], capacity: PlainCapacity, order: OrderId, work: Mapping[StepId, Seconds]
) -> tuple[Placed, ...]:
    done: dict[StepId, Placed] = {}
    end = capacity.now + capacity.plant.horizon_s
    for step in steps:
        befores = [done[before] for before in step.after]
        modes = able_modes(step, capacity)
        found = [_place_after(step, mode, befores, capacity, work) for mode in modes]
        best = sorted((placed for placed in found if placed.finish < NEVER), key=_finish_of)
        if not any(placed.finish <= end for placed in best):
            raise NoCapacity(step.step)
        done[step.step] = best[0]
        capacity = put_plain(capacity, (booking_of(best[0], order),))
    return tuple(done.values())


def _place_after(
    step: Step,
    mode: Mode,
    befores: Sequence[Placed],
    capacity: PlainCapacity,
    work: Mapping[StepId, Seconds],
) -> Placed:
    last = max(befores, key=lambda x: x.finish + _travel(x, mode, capacity), default=None)
    return _place(step, mode, last, capacity, work)


def _place(
    step: Step,
    mode: Mode,
    before: Placed | None,
    capacity: PlainCapacity,
    work: Mapping[StepId, Seconds],
) -> Placed:
    """Place a step on a unit after the step it waits for."""
    travel = _travel(before, mode, capacity) if before else 0
    arrival = before.finish + travel if before else capacity.now
    stocked, item = _material(step, capacity)
    seconds = work.get(step.step, step.work)
    ready = max(arrival, stocked)
    found = find_spot(capacity, mode, ready=ready, work=seconds, family=step.setup)
    awaited = item if stocked > arrival else None
    return Placed(step, mode, seconds, before, travel, awaited, ready, found, capacity)


def _seen(placed: Placed, order: OrderId) -> Placed:
    """Return a label whose later steps see its booking."""
    capacity = put_plain(placed.capacity, (booking_of(placed, order),))
    return replace(placed, capacity=capacity)


def _of(before: Placed | None, capacity: PlainCapacity) -> PlainCapacity:
    return before.capacity if before else capacity


def _travel(before: Placed, mode: Mode, capacity: PlainCapacity) -> Seconds:
    return capacity.plant.travel_s(before.mode[0].unit, mode[0].unit)


def _material(step: Step, capacity: PlainCapacity) -> tuple[Instant, ItemId | None]:
    """Return when the last item of a step is there, and which it is."""
    stock = capacity.material_ready
    awaited = [(stock[item], item) for item in step.items if item in stock] if stock else []
    return max(awaited, default=(0, None))


def _may_repeat(steps: Sequence[Step], capacity: PlainCapacity) -> bool:
    """Tell whether a unit may serve two steps, so that a later one must see the earlier."""
    units = [mode[0].unit for step in steps for mode in capacity.modes.get(step.capability, ())]
    return len(units) != len(set(units))


def _finish_of(placed: Placed) -> Instant:
    return placed.finish


def _path(last: Placed | None) -> tuple[Placed, ...]:
    path: list[Placed] = []
    while last:
        path.append(last)
        last = last.before
    return tuple(reversed(path))


def explain(placed: Sequence[Placed], slack: Seconds) -> tuple[Reason, ...]:
    """Return the reasons of the binding chain, which sum to finish - now + slack.

    Kinds: material, travel, gather (a build waits for others), build (joined one that starts
    later), held (a counted resource), booked (the unit), setup, work, calendar (closed), slack.
    """
    last = max(placed, key=lambda step: step.finish, default=None)
    chain: list[Placed] = []
    while last:
        chain.append(last)
        last = None if last.item else last.before
    links = [link for step in reversed(chain) for link in _links(step)]
    links += _link("slack", "", slack)
    return tuple(
        Reason(kind, resource, sum(link.seconds for link in alike))
        for (kind, resource), alike in groupby(links, key=lambda link: (link.kind, link.resource))
    )


def _links(placed: Placed) -> Iterator[Reason]:
    """Split the time from the step before (or now) to this step's finish."""
    now = placed.capacity.now
    unit = placed.mode[0].unit
    spot, build, _ = placed.found
    if placed.item:
        yield Reason("material", placed.item, placed.ready - now)
    elif placed.before and placed.travel:
        yield Reason("travel", f"{placed.before.mode[0].unit}-{unit}", placed.travel)
    if build:
        yield from _link("build", build, spot.start - placed.ready)
    else:
        yield from _waiting(placed)
    duration = placed.mode[0].duration(placed.work)
    yield from _link("work", unit, duration)
    rest = spot.finish - spot.start - duration
    yield from _link("build" if build else "calendar", build or unit, rest)


def _waiting(placed: Placed) -> Iterator[Reason]:
    """Split the wait before the start: others, the unit booked, closed time, setup."""
    unit = placed.mode[0].unit
    spot, _, waits = placed.found
    marks = [(wait.kind, wait.resource, wait.until) for wait in waits]
    marks += [("booked", unit, spot.free), ("calendar", unit, spot.setup_start)]
    marks += [("setup", unit, spot.start)]
    cursor = placed.ready
    for kind, resource, until in marks:
        upto = min(max(until, cursor), spot.start)
        yield from _open_and_closed(placed, kind, resource, cursor, upto)
        cursor = upto


def _open_and_closed(
    placed: Placed, kind: str, resource: str, start: Instant, finish: Instant
) -> Iterator[Reason]:
    if kind == "calendar":
        yield from _link(kind, resource, finish - start)
        return
    lane, resources = placed.mode
    is_open = lane.hours_of(resources).between(start, finish)
    yield from _link(kind, resource, is_open)
    yield from _link("calendar", lane.unit, finish - start - is_open)


def _link(kind: str, resource: str, seconds: Seconds) -> Iterator[Reason]:
    if seconds:
        yield Reason(kind, resource, seconds)
