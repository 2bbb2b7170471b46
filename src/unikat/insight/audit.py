"""An independent audit of what the floor did: the laws of the plant, checked on the log alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from unikat.events import Event, PartScrapped, StepFinished, StepStarted
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.schedule.model import StepKey, Violation
from unikat.terms import Instant, OrderId, UnitId


@dataclass(frozen=True, slots=True)
class Stay:
    """One attempt at a step: its unit, and from when to when."""

    key: StepKey
    unit: UnitId
    build: str
    start: Instant
    finish: Instant


def audit(
    plant: Plant, orders: Mapping[OrderId, Order], events: Iterable[Event]
) -> tuple[Violation, ...]:
    """Return every broken law: eligibility, overlap, build size, precedence, completeness."""
    told = tuple(events)
    stays: dict[StepKey, list[Stay]] = defaultdict(list)
    for stay in _stays(told):
        stays[stay.key].append(stay)
    scraps: dict[OrderId, list[Instant]] = defaultdict(list)
    for event in told:
        if isinstance(event, PartScrapped):
            scraps[event.order_id].append(event.at)
    return (
        *_wrong_units(plant, orders, stays),
        *_overlaps(plant, chain.from_iterable(stays.values())),
        *_out_of_sequence(plant, orders, stays, scraps),
    )


def _stays(events: Iterable[Event]) -> Iterator[Stay]:
    started: dict[StepKey, StepStarted] = {}
    for event in events:
        if isinstance(event, StepStarted):
            started[event.order_id, event.step] = event
        elif isinstance(event, StepFinished):
            key = (event.order_id, event.step)
            begin = started.pop(key, None)
            if begin is not None:
                yield Stay(
                    key,
                    event.unit,
                    event.build or f"{'/'.join(key)}/{event.attempt}",
                    begin.at,
                    event.at,
                )


def _wrong_units(
    plant: Plant, orders: Mapping[OrderId, Order], stays: Mapping[StepKey, Sequence[Stay]]
) -> Iterator[Violation]:
    for order in orders.values():
        for step in order.variant.steps:
            for stay in stays.get((order.id, step.step), ()):
                if stay.unit not in plant.eligible_units(step.capability):
                    detail = f"was done on {stay.unit}, which cannot {step.capability}"
                    yield Violation("eligibility", f"{order.id}/{step.step}", detail)


def _overlaps(plant: Plant, stays: Iterable[Stay]) -> Iterator[Violation]:
    builds: dict[UnitId, dict[str, list[Stay]]] = defaultdict(lambda: defaultdict(list))
    for stay in stays:
        builds[stay.unit][stay.build].append(stay)
    for unit, of_unit in builds.items():
        batch = plant.center_of(unit).batch
        free_at, before = 0, ""
        spans = sorted(
            (min(s.start for s in members), max(s.finish for s in members), build, len(members))
            for build, members in of_unit.items()
        )
        for start, finish, build, size in spans:
            if start < free_at:
                yield Violation("overlap", unit, f"{build} began at {start} while {before} ran")
            if size > (batch.capacity if batch else 1):
                yield Violation("build size", unit, f"{build} held {size} orders")
            free_at, before = finish, build


def _out_of_sequence(
    plant: Plant,
    orders: Mapping[OrderId, Order],
    stays: Mapping[StepKey, Sequence[Stay]],
    scraps: Mapping[OrderId, Sequence[Instant]],
) -> Iterator[Violation]:
    for order in orders.values():
        for step in order.variant.steps:
            mine = stays.get((order.id, step.step), ())
            if not mine and order.state.value == "delivered":
                detail = "was not begun and finished, yet the order was delivered"
                yield Violation("completeness", f"{order.id}/{step.step}", detail)
            for before in step.after:
                earlier = stays.get((order.id, before), ())
                for stay in mine if earlier else ():
                    yield from _too_early(plant, stay, earlier, scraps.get(order.id, ()))


def _too_early(
    plant: Plant, stay: Stay, earlier: Sequence[Stay], scraps: Sequence[Instant]
) -> Iterator[Violation]:
    """Say it if no attempt at the step before, of the same part, could be there in time."""
    part = max((at for at in scraps if at <= stay.start), default=-1)
    ready = min(
        (e.finish + plant.travel_s(e.unit, stay.unit) for e in earlier if e.start >= part),
        default=None,
    )
    if ready is None or stay.start < ready:
        before = earlier[0].key[1]
        detail = f"began at {stay.start}, before {before} could be there at {ready}"
        yield Violation("precedence", "/".join(stay.key), detail)
