"""How an order was built, in whatever sequence its events came: parts, passes, measurements."""

import random
from dataclasses import replace

import pytest

from sites import MONDAY_6, open_example, quote_for
from unikat.errors import UnknownOrder
from unikat.events import (
    MaterialUsed,
    PartMeasured,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    StepFinished,
    StepStarted,
)
from unikat.flow import accept
from unikat.rehearse import VirtualClock
from unikat.terms import BuildId, CustomerId, EventId, ItemId, OrderId, StepId, UnitId
from unikat.twin.genealogy import trace_order

UNIT, BUILD = UnitId("F1"), BuildId("B1")


@pytest.fixture(scope="module")
def placed() -> tuple[Recorded, ...]:
    opened = open_example(clock=VirtualClock(MONDAY_6))
    accept(opened.site, quote_for(opened.site).id, CustomerId("Anna"))
    [record] = opened.site.log.read()
    variant = record.event.variant
    first = replace(variant.steps[0], recipe="insole")
    variant = replace(variant, steps=(first, *variant.steps[1:]))
    return (replace(record, event=replace(record.event, variant=variant)),)


@pytest.fixture(scope="module")
def log(placed) -> tuple[Recorded, ...]:
    order = placed[0].event.order_id
    step = placed[0].event.variant.steps[0].step
    other = OrderId("other")

    def passed(attempt, start, finish, build=None, who=order):
        yield StepStarted(start, UNIT, who, step, attempt, build, finish)
        yield StepFinished(finish, UNIT, who, step, attempt, build)

    def measured(at, attempt, serial, value):
        key = (at, UNIT, order, step, attempt, serial)
        return PartMeasured(*key, "length", 265.0, value, 0.3, "mm")

    events = (
        *passed(0, 100, 200, BUILD),
        *passed(0, 100, 200, BUILD, other),
        measured(200, 0, "A", 265.5),
        ReworkOrdered(200, UNIT, order, step, 0, "A", (step,), "too long"),
        *passed(1, 300, 400),
        measured(400, 1, "A", 264.0),
        PartScrapped(400, UNIT, order, step, 1, "A", "too short"),
        *passed(2, 400, 500),
        measured(500, 2, "B", 265.1),
        MaterialUsed(400, UNIT, order, step, 2, ItemId("powder"), "L-2", 80.0, "g"),
        StepStarted(600, UNIT, order, StepId("pack"), 0, None, 700),
    )
    more = tuple(Recorded(i, i, EventId(f"e{i}"), "floor", 0, e) for i, e in enumerate(events, 2))
    return placed + more


def test_each_part_has_its_passes_and_the_last_one_is_the_orders_own(log):
    event = log[0].event
    found = trace_order(log, event.order_id)
    assert found.configuration_key == event.configuration_key
    first, last = found.parts
    assert (first.serial, first.scrapped) == ("A", "too short")
    assert [(p.attempt, p.started, p.finished) for p in first.passed] == [
        (0, 100, 200),
        (1, 300, 400),
    ]
    assert [m.measured for p in first.passed for m in p.measured] == [265.5, 264.0]
    assert [r.reason for p in first.passed for r in p.rework] == ["too long"]
    assert (last.serial, last.scrapped) == ("B", "")
    assert [(p.step, p.finished) for p in last.passed] == [
        (first.passed[0].step, 500),
        ("pack", None),
    ]


def test_a_pass_names_its_program_its_material_and_who_was_in_the_same_build(log):
    found = trace_order(log, log[0].event.order_id)
    printed = found.parts[0].passed[0]
    step = log[0].event.variant.steps[0]
    assert printed.program == "insole"
    assert [line.item for line in printed.items] == list(step.items)
    assert printed.mates == ("other",)
    assert found.parts[0].passed[1].mates == ()


def test_a_pass_names_the_lots_that_were_told(log):
    found = trace_order(log, log[0].event.order_id)
    lots = [[used.lot for used in each.lots] for part in found.parts for each in part.passed]
    assert lots == [[], [], ["L-2"], []]


def test_the_sequence_of_the_log_does_not_matter(log):
    order = log[0].event.order_id
    shuffled = list(log)
    random.Random(1).shuffle(shuffled)
    assert trace_order(shuffled, order) == trace_order(log, order)


def test_an_order_that_was_only_placed_has_one_part_without_steps(placed):
    [part] = trace_order(placed, placed[0].event.order_id).parts
    assert (part.serial, part.passed) == ("", ())


def test_an_order_nobody_placed_is_unknown(placed):
    with pytest.raises(UnknownOrder, match="no order O-999"):
        trace_order(placed, OrderId("O-999"))
