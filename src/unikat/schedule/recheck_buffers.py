"""Find where a plan and the plant's buffers do not fit, from bookings and plant alone.

Promise and schedule ignore buffers, the floor enforces them. So what is found here makes no plan
invalid: it says where the floor will be late, or must take another sequence.

A part may stay in its unit until that is set up for its next entry, and may enter the next unit
once that has finished the entry before. Only between these two instants it needs a buffer place, so
that a buffer said to be too small surely is. What else may hold a part up (transporters, parts that
block) is not counted.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from unikat.capacity.model import Booking
from unikat.plant.model import Plant
from unikat.schedule.model import Progress, StepKey
from unikat.schedule.problem import ShopProblem
from unikat.terms import BuildId, Instant, OrderId, UnitId, WorkCenterId


@dataclass(frozen=True, slots=True)
class Jam:
    """Parts that cannot all move as planned.

    `full`: more of them need the buffer of a work center than its `places`, from `start` to
    `finish`. `circle`: each is to enter the unit that the next one holds, and no buffer lets one
    step aside, from `start` on. `steps` are what they wait for.
    """

    kind: Literal["full", "circle"]
    center: WorkCenterId
    places: int
    start: Instant
    finish: Instant
    steps: tuple[StepKey, ...]


@dataclass(frozen=True, slots=True)
class _Visit:
    """A part in a unit; `is_there` is False if it may be elsewhere by now."""

    key: StepKey
    unit: UnitId
    begin: Instant
    finish: Instant
    build: BuildId | None
    is_there: bool = True


def find_jams(problem: ShopProblem, bookings: Sequence[Booking]) -> tuple[Jam, ...]:
    """Return where the parts of a plan need more room than there is, by time; see `Jam`."""
    visits = _visits(bookings, problem.done, problem.now)
    moves = {then.key: (before, then) for row in visits for before, then in pairwise(row)}
    lanes: dict[UnitId, list[_Visit]] = defaultdict(list)
    for visit in (visit for row in visits for visit in row):
        lanes[visit.unit].append(visit)
    entries = {unit: _entries(lane) for unit, lane in lanes.items()}
    jams = [*_full(problem.plant, moves, entries), *_circles(problem.plant, moves, entries)]
    return tuple(sorted(jams, key=lambda jam: (jam.start, jam.center, jam.steps)))


def _visits(bookings: Sequence[Booking], done: Progress, now: Instant) -> list[list[_Visit]]:
    """Return of each order with open steps where its part is, and where it will be."""
    rows: dict[OrderId, list[_Visit]] = defaultdict(list)
    for b in sorted(bookings, key=lambda b: (b.start, b.finish)):
        key = (b.order, b.step)
        rows[b.order].append(_Visit(key, b.unit, b.setup_start, b.finish, b.build))
    last: dict[OrderId, _Visit] = {}
    for key, (unit, finish) in done.finished.items():
        if key[0] in rows and (key[0] not in last or last[key[0]].finish < finish):
            last[key[0]] = _Visit(key, unit, finish, finish, None, is_there=False)
    for key, run in done.running.items():
        build = done.bookings[key].build if key in done.bookings else None
        last[key[0]] = _Visit(key, run.unit, now, max(now, run.finish), build)
    return [[last[order], *row] if order in last else row for order, row in rows.items()]


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """What a unit does before and after an entry; None: nothing."""

    before: tuple[_Visit, ...]
    after: Instant | None


def _entries(lane: list[_Visit]) -> Mapping[StepKey, _Neighbours]:
    """Return the neighbours of each visit; those of one build have the same."""
    groups: dict[object, list[_Visit]] = {}
    for visit in sorted(lane, key=lambda v: (v.begin, v.finish)):
        groups.setdefault(visit.build or visit.key, []).append(visit)
    row = list(groups.values())
    found: dict[StepKey, _Neighbours] = {}
    for k, group in enumerate(row):
        before = tuple(row[k - 1]) if k else ()
        after = row[k + 1][0].begin if k + 1 < len(row) else None
        found.update((visit.key, _Neighbours(before, after)) for visit in group)
    return found


Moves = Mapping[StepKey, tuple[_Visit, _Visit]]
Entries = Mapping[UnitId, Mapping[StepKey, _Neighbours]]


def _full(plant: Plant, moves: Moves, entries: Entries) -> Iterator[Jam]:
    """Yield each stretch of time in which more parts need a buffer than it has places."""
    waits: dict[WorkCenterId, list[tuple[Instant, int, StepKey]]] = defaultdict(list)
    for key, (here, there) in moves.items():
        leave = entries[here.unit][here.key].after
        before = entries[there.unit][key].before
        free = max((v.finish for v in before if v.key[0] != key[0]), default=0)
        if leave is not None and max(leave, here.finish) < free:
            center = plant.center_of(there.unit).id
            waits[center] += [(max(leave, here.finish), 1, key), (free, -1, key)]
    for center, edges in waits.items():
        yield from _stretches(center, plant.work_centers[center].buffer, sorted(edges))


def _stretches(
    center: WorkCenterId, places: int, edges: Sequence[tuple[Instant, int, StepKey]]
) -> Iterator[Jam]:
    inside: set[StepKey] = set()
    parts: set[StepKey] = set()
    since = 0
    for at, change, key in edges:
        if change > 0:
            inside.add(key)
            if len(inside) > places:
                since = since if parts else at
                parts |= inside
            continue
        inside.discard(key)
        if parts and len(inside) <= places:
            yield Jam("full", center, places, since, at, tuple(sorted(parts)))
            parts = set()


def _circles(plant: Plant, moves: Moves, entries: Entries) -> Iterator[Jam]:
    """Yield each circle of parts of which every one waits for the unit of the next."""
    out = {here.key: key for key, (here, _) in moves.items()}
    waits: dict[StepKey, list[StepKey]] = {}
    for key, (here, there) in moves.items():
        if not here.is_there:
            continue
        first = [here.key, *_left_before(entries, here, out)]
        if not plant.center_of(there.unit).buffer:
            first += _left_before(entries, there, out)
        waits[key] = first
    for circle in _strip(waits):
        earliest = min(circle, key=lambda key: (moves[key][1].begin, key))
        there = moves[earliest][1]
        center = plant.center_of(there.unit).id
        yield Jam("circle", center, 0, there.begin, there.begin, circle)


def _left_before(
    entries: Entries, visit: _Visit, out: Mapping[StepKey, StepKey]
) -> Iterator[StepKey]:
    """Yield the moves that empty a unit for a visit."""
    for other in entries[visit.unit][visit.key].before:
        if other.is_there and other.key in out and other.key[0] != visit.key[0]:
            yield out[other.key]


def _strip(waits: Mapping[StepKey, Sequence[StepKey]]) -> Iterator[tuple[StepKey, ...]]:
    """Yield circles that share no part: follow who waits for whom until one comes again."""
    ended: set[StepKey] = set()
    for first in waits:
        path: dict[StepKey, None] = {}
        key = first
        while key not in ended:
            if key in path:
                steps = list(path)
                yield tuple(steps[steps.index(key) :])
                ended.update(path)
                break
            path[key] = None
            following = _next(waits, key, ended)
            while following is None and path:  # nothing left to wait for: it can go
                ended.add(path.popitem()[0])
                following = _next(waits, next(reversed(path)), ended) if path else None
            if following is None:
                break
            key = following


def _next(
    waits: Mapping[StepKey, Sequence[StepKey]], key: StepKey, ended: set[StepKey]
) -> StepKey | None:
    return next((k for k in waits[key] if k in waits and k not in ended), None)
