"""The audit of the floor finds every kind of planted fault, and none where there is none."""

import dataclasses

import pytest

from sites import MONDAY_6, open_example, quote_for
from unikat.events import StepFinished, StepStarted
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.flow import accept
from unikat.insight.audit import audit
from unikat.insight.unit_cost import long_run_cents, made_cents, material_cents
from unikat.rehearse import VirtualClock, turn_shop
from unikat.terms import HOUR, CustomerId


@pytest.fixture(scope="module")
def day():
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    floor = open_floor(site.plant, World(has_breakdowns=False), seed=1, start=clock.now())
    for person in range(6):
        body = ("Foam", "Powder", "Filament")[person % 3]
        accept(site, quote_for(site, person, **{body: True}).id, CustomerId("c"))
    while site.state().orders and clock.now() < MONDAY_6 + 200 * HOUR:
        clock.instant += 900
        turn_shop(site, floor)
    return site.plant, site.state().ended, [entry.event for entry in site.log.read()]


def laws(day, change) -> set[str]:
    plant, orders, events = day
    return {violation.law for violation in audit(plant, orders, change(events))}


def test_a_day_of_the_virtual_floor_breaks_no_law(day) -> None:
    assert len(day[1]) == 6
    assert laws(day, list) == set()


def test_a_step_on_a_unit_that_cannot_do_it_is_found(day) -> None:
    def move(events):
        return [
            dataclasses.replace(e, unit="K1") if isinstance(e, (StepStarted, StepFinished)) else e
            for e in events
        ]

    assert {"eligibility", "overlap"} <= laws(day, move)


def test_a_step_before_its_predecessor_is_found(day) -> None:
    def hurry(events):
        return [
            dataclasses.replace(e, at=0) if isinstance(e, StepStarted) and e.step == "pack" else e
            for e in events
        ]

    assert "precedence" in laws(day, hurry)


def test_a_step_that_was_left_out_is_found(day) -> None:
    def skip(events):
        return [
            e
            for e in events
            if not (isinstance(e, (StepStarted, StepFinished)) and e.step == "inspect")
        ]

    assert "completeness" in laws(day, skip)


def test_an_overfull_build_is_found(day) -> None:
    plant, orders, events = day
    centers = {
        name: dataclasses.replace(
            center, batch=center.batch and dataclasses.replace(center.batch, capacity=1)
        )
        for name, center in plant.work_centers.items()
    }
    small = dataclasses.replace(plant, work_centers=centers)
    assert {v.law for v in audit(small, orders, events)} == {"build size"}


def test_an_order_costs_its_material_and_at_least_the_long_run_time(day) -> None:
    plant, orders, events = day
    cents = made_cents(plant, orders, events)
    for order in orders.values():
        assert cents[order.id] > material_cents(plant, order.variant.bom)
    foam = [o for o in orders.values() if o.variant.steps[0].capability == "mill_foam"]
    mean = sum(cents[o.id] for o in foam) / len(foam)
    assert mean > 0.8 * long_run_cents(plant, foam[0].variant)
