"""Story: the only mill stops in the middle of a busy day.

The planner sees why the schedule was renewed, nothing starts on the stopped mill, every order is
still delivered, and the dates of shoppers who come during the stop say so.
"""

import dataclasses

from sites import MONDAY_6, open_example, quote_for
from unikat.events import Message, SchedulePublished, StepStarted
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.flow import accept, record
from unikat.rehearse import VirtualClock, turn_shop
from unikat.shop import operate
from unikat.terms import HOUR, CustomerId


def test_a_stopped_mill_moves_dates_and_loses_no_order() -> None:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    floor = open_floor(site.plant, World(has_breakdowns=False), seed=3, start=clock.now())
    for person in range(8):
        accept(site, quote_for(site, person, Foam=True).id, CustomerId(f"c{person}"))
    before = quote_for(site, 9, Foam=True).promise.due

    stopped = {"type": "unit_stopped", "unit": "M1", "reason": "spindle"}
    stop = Message("mill-plc", 1, 1, clock.now(), {**stopped, "until": clock.now() + 5 * HOUR})
    assert record(site, (stop,)) == ("recorded",)
    operate(site)
    assert site.state().published_cause == "M1 stopped: spindle"
    assert all(
        booking.setup_start >= clock.now() + 5 * HOUR
        for booking in site.state().bookings.values()
        if booking.unit == "M1"
    )
    assert quote_for(site, 9, Foam=True).promise.due > before

    clock.instant += 2 * HOUR
    back = dataclasses.replace(
        stop, seq=2, at=clock.now(), body={"type": "unit_restarted", "unit": "M1"}
    )
    record(site, (back,))
    while site.state().orders and clock.now() < MONDAY_6 + 200 * HOUR:
        turn_shop(site, floor)
        clock.instant += 900
    assert not site.state().orders
    events = [entry.event for entry in site.log.read()]
    assert {e.cause for e in events if isinstance(e, SchedulePublished)} >= {
        "M1 stopped: spindle",
        "M1 is back",
    }
    mill = [e.at for e in events if isinstance(e, StepStarted) and e.unit == "M1"]
    assert mill
    assert min(mill) >= back.at
