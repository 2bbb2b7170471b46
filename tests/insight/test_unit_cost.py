"""Unit cost by hand: material, setup and machine time as made, builds shared, long runs full."""

import pytest

from sites import MONDAY_6, models, open_example, quote_for
from unikat.events import PartScrapped, SetupStarted, StepFinished, StepStarted
from unikat.insight.unit_cost import long_run_cents, machine_cents, made_cents, material_cents
from unikat.order.order import place_order, read_order
from unikat.terms import HOUR, BuildId, CustomerId, OrderId, SetupFamily, StepId, UnitId

PLANT = models().plant


def order_of(person: int, body: str):
    offer = quote_for(open_example().site, person, **{body: True})
    placed = place_order(offer, offer.promise, CustomerId("c"), now=MONDAY_6)
    return read_order(placed)


def work(unit: str, order: str, step: str, start: int, finish: int, build: str | None = None):
    key = (UnitId(unit), OrderId(order), StepId(step), 1, build and BuildId(build))
    return [StepStarted(start, *key, finish), StepFinished(finish, *key)]


def rate(unit: str) -> float:
    center = PLANT.center_of(UnitId(unit))
    return center.rate_cents_per_h + center.power_kw * PLANT.energy_cents_per_kwh


def test_an_hour_of_a_machine_costs_its_rate_and_its_energy() -> None:
    assert machine_cents(PLANT, UnitId("M1"), HOUR) == pytest.approx(rate("M1"))
    assert machine_cents(PLANT, UnitId("M1"), HOUR / 4) == pytest.approx(rate("M1") / 4)


def test_an_item_without_a_price_costs_nothing() -> None:
    bom = order_of(0, "Foam").variant.bom
    priced = [line for line in bom if line.item in PLANT.materials]
    assert priced
    assert material_cents(PLANT, bom) == material_cents(PLANT, priced) > 0


def test_setup_and_actual_time_are_paid_by_the_order() -> None:
    order = order_of(0, "Foam")
    step = order.variant.steps[0].step
    setup = SetupStarted(100, UnitId("M1"), order.id, step, SetupFamily("eva_soft"))
    events = [setup, *work("M1", order.id, step, 400, 1_000)]
    expected = material_cents(PLANT, order.variant.bom) + rate("M1") * 900 / HOUR
    assert made_cents(PLANT, {order.id: order}, events)[order.id] == pytest.approx(expected)


def test_scrap_costs_the_material_once_more_and_both_attempts_their_time() -> None:
    order = order_of(0, "Foam")
    step = order.variant.steps[0].step
    scrap = PartScrapped(1_000, UnitId("M1"), order.id, step, 0, f"{order.id}/1", "torn")
    events = [*work("M1", order.id, step, 400, 1_000), scrap]
    events += work("M1", order.id, step, 2_000, 2_600)
    expected = 2 * material_cents(PLANT, order.variant.bom) + rate("M1") * 1_200 / HOUR
    assert made_cents(PLANT, {order.id: order}, events)[order.id] == pytest.approx(expected)


def test_a_build_is_shared_equally_also_with_orders_that_are_not_asked_for() -> None:
    order = order_of(0, "Powder")
    step = order.variant.steps[0].step
    events = [
        event
        for name in (order.id, "O-2", "O-3")
        for event in work("P1", name, step, 0, 6 * HOUR, "B1")
    ]
    expected = material_cents(PLANT, order.variant.bom) + rate("P1") * 6 / 3
    assert made_cents(PLANT, {order.id: order}, events) == {order.id: pytest.approx(expected)}


def test_work_that_is_not_finished_costs_nothing_yet() -> None:
    order = order_of(0, "Foam")
    events = work("M1", order.id, order.variant.steps[0].step, 0, 600)[:1]
    cents = made_cents(PLANT, {order.id: order}, events)
    assert cents[order.id] == material_cents(PLANT, order.variant.bom)


def test_long_runs_fill_their_builds_and_know_no_setup() -> None:
    variant = order_of(0, "Powder").variant
    expected = material_cents(PLANT, variant.bom)
    for step in variant.steps:
        unit = PLANT.eligible_units(step.capability)[0]
        batch = PLANT.center_of(unit).batch
        seconds = PLANT.duration(unit, step.work) / (batch.capacity if batch else 1)
        expected += rate(unit) * seconds / HOUR
    assert long_run_cents(PLANT, variant) == pytest.approx(expected)
    assert any(PLANT.center_of(PLANT.eligible_units(s.capability)[0]).batch for s in variant.steps)
