"""A rehearsed site whose log is exported, and the quality events that a good day does not have."""

from collections.abc import Iterator

import pytest

from sites import MONDAY_6, models, open_example, persons
from unikat.demand.shoppers import draw_shoppers
from unikat.edge.formats.epcis_site import Teller, open_teller
from unikat.edge.main import OpenSite
from unikat.events import (
    LoadMoved,
    MaterialUsed,
    OrderDelivered,
    OrderReleased,
    PartMeasured,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    StepFinished,
    StepStarted,
)
from unikat.floor.model import World
from unikat.rehearse import Scenario, VirtualClock, rehearse
from unikat.terms import DAY, BuildId, EventId, ItemId, OrderId, StepId, UnitId

NUM = 50


@pytest.fixture(scope="session")
def rehearsed() -> Iterator[OpenSite]:
    clock = VirtualClock(MONDAY_6)
    opened = open_example(clock=clock)
    traffic = models().file.demo.traffic
    shoppers = draw_shoppers(
        models().family, persons(), traffic, num_orders=NUM, seed=1, start=MONDAY_6
    )
    until = MONDAY_6 + 7 * DAY
    rehearse(
        opened.site, Scenario(tuple(shoppers), 1, until, turn_s=1_800), World(lot_s=DAY), clock
    )
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def teller() -> Teller:
    return open_teller("Insole works", models().file.epoch, models().file.zone)


@pytest.fixture(scope="session")
def records() -> tuple[Recorded, ...]:
    """One order with everything that can happen to its part."""
    order, unit = OrderId("O 1"), UnitId("F1")
    events = (
        OrderReleased(100, order),
        StepStarted(150, unit, order, StepId("print"), 0, BuildId("B1"), 200),
        MaterialUsed(150, unit, order, StepId("print"), 0, ItemId("powder"), "L 7", 80.0, "g"),
        MaterialUsed(150, unit, order, StepId("print"), 0, ItemId("binder"), "X-1", 2.0, "ml"),
        MaterialUsed(150, unit, order, StepId("print"), 0, ItemId("tag"), "T-1", 1.0, "piece"),
        StepFinished(200, unit, order, StepId("print"), 0, BuildId("B1")),
        PartMeasured(
            210, unit, order, StepId("print"), 0, "O 1/1", "length", 265.0, 265.35, 0.3, "mm"
        ),
        ReworkOrdered(220, unit, order, StepId("print"), 0, "O 1/1", (StepId("trim"),), "too long"),
        StepFinished(260, UnitId("T1"), order, StepId("trim"), 1, None),
        PartScrapped(300, unit, order, StepId("print"), 0, "O 1/1", "cracked"),
        LoadMoved(350, "", order, "F1", "dock"),
        OrderDelivered(400, order, on_time=True),
    )
    return tuple(
        Recorded(i, i, EventId(f"e{i}"), "floor", event.at + 5, event)
        for i, event in enumerate(events, start=1)
    )
