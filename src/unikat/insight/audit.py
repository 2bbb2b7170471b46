"""An independent audit of what the floor did: the laws of the plant, checked on the log alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from unikat.events import Event, StepFinished, StepStarted
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.schedule.model import StepKey, Violation
from unikat.terms import Instant, OrderId, UnitId


@dataclass(frozen=True, slots=True)
class Stay:
    """One step as it was done: its unit, and from when to when."""

    key: StepKey
    unit: UnitId
    build: str
    start: Instant
    finish: Instant


def audit(
    plant: Plant, orders: Mapping[OrderId, Order], events: Iterable[Event]
) -> tuple[Violation, ...]:
    """Return every broken law: eligibility, overlap, build size, precedence, completeness."""
    stays = {stay.key: stay for stay in _stays(events)}
    return (
        *_wrong_units(plant, orders, stays),
        *_overlaps(plant, stays.values()),
        *_out_of_sequence(plant, orders, stays),
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
                yield Stay(key, event.unit, event.build or "/".join(key), begin.at, event.at)


def _wrong_units(
    plant: Plant, orders: Mapping[OrderId, Order], stays: Mapping[StepKey, Stay]
) -> Iterator[Violation]:
    for order in orders.values():
        for step in order.variant.steps:
            stay = stays.get((order.id, step.step))
            if stay and stay.unit not in plant.eligible_units(step.capability):
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
    plant: Plant, orders: Mapping[OrderId, Order], stays: Mapping[StepKey, Stay]
) -> Iterator[Violation]:
    for order in orders.values():
        for step in order.variant.steps:
            stay = stays.get((order.id, step.step))
            if stay is None:
                if order.state.value == "delivered":
                    detail = "was not begun and finished, yet the order was delivered"
                    yield Violation("completeness", f"{order.id}/{step.step}", detail)
                continue
            for before in step.after:
                earlier = stays.get((order.id, before))
                if earlier is None:
                    continue
                ready = earlier.finish + plant.travel_s(earlier.unit, stay.unit)
                if stay.start < ready:
                    detail = f"began at {stay.start}, before {before} could be there at {ready}"
                    yield Violation("precedence", f"{order.id}/{step.step}", detail)
