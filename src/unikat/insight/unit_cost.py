"""Unit cost: an order as it was made, and a variant made in long runs."""

from collections import Counter
from collections.abc import Iterable, Mapping

from unikat.configure.model import BomLine, Variant
from unikat.events import Event, PartScrapped, SetupStarted, StepFinished, StepStarted
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.terms import HOUR, BuildId, Instant, OrderId, StepId, UnitId


def material_cents(plant: Plant, bom: Iterable[BomLine]) -> float:
    """Return the material cost of BOM lines; an item the plant gives no price costs nothing."""
    return sum(
        line.quantity * plant.materials[line.item].cents_per_unit
        for line in bom
        if line.item in plant.materials
    )


def machine_cents(plant: Plant, unit: UnitId, seconds: float) -> float:
    """Return what a unit costs for a time: its rate and its energy."""
    center = plant.center_of(unit)
    rate = center.rate_cents_per_h + center.power_kw * plant.energy_cents_per_kwh
    return rate * seconds / HOUR


def made_cents(
    plant: Plant, orders: Mapping[OrderId, Order], events: Iterable[Event]
) -> Mapping[OrderId, float]:
    """Return the cost of each order as made: material, setups, actual machine time.

    A build is shared equally by its orders. Scrap costs its order the material once more, and
    each attempt its time.
    """
    started: dict[tuple[OrderId, StepId], StepStarted] = {}
    setups: dict[tuple[OrderId, StepId], SetupStarted] = {}
    spans: list[tuple[Instant, StepFinished]] = []
    num_parts: Counter[OrderId] = Counter(list(orders))
    members: Counter[BuildId] = Counter()
    for event in events:
        if isinstance(event, SetupStarted):
            setups[event.order_id, event.step] = event
        elif isinstance(event, StepStarted):
            started[event.order_id, event.step] = event
            members[event.build or BuildId("")] += 1
        elif isinstance(event, StepFinished):
            key = (event.order_id, event.step)
            if event.order_id in orders and key in started:
                begin = started.pop(key).at
                spans.append((setups.pop(key).at if key in setups else begin, event))
        elif isinstance(event, PartScrapped):
            num_parts[event.order_id] += 1
    cents = {
        order.id: material_cents(plant, order.variant.bom) * num_parts[order.id]
        for order in orders.values()
    }
    for begin, finish in spans:
        share = members[finish.build] if finish.build else 1
        cents[finish.order_id] += machine_cents(plant, finish.unit, finish.at - begin) / share
    return cents


def long_run_cents(plant: Plant, variant: Variant) -> float:
    """Return the unit cost in long runs: full builds, nominal times, setups spread to nothing."""
    cents = material_cents(plant, variant.bom)
    for step in variant.steps:
        unit = plant.eligible_units(step.capability)[0]
        batch = plant.center_of(unit).batch
        share = batch.capacity if batch else 1
        cents += machine_cents(plant, unit, plant.duration(unit, step.work)) / share
    return cents
