"""The shop turns: it releases under the WIP limit, reschedules when due, and learns its slack."""

from dataclasses import replace
from itertools import pairwise

import pytest

from sites import MONDAY_6, models, open_example, persons, quote_for
from unikat.demand.shoppers import draw_shoppers
from unikat.errors import NoCapacity, UnikatError
from unikat.events import (
    ForecastMade,
    HoldDropped,
    Message,
    OrderReleased,
    SchedulePublished,
    SlackLearnt,
)
from unikat.floor.model import Dispatch, Release, World
from unikat.flow import accept, hold, record
from unikat.learn import NEW_SCORES
from unikat.order.model import OrderState
from unikat.rehearse import Scenario, VirtualClock, rehearse
from unikat.shop import operate
from unikat.site import Policy, Site
from unikat.terms import DAY, HOUR, CustomerId, HoldId

FAR = 90 * DAY


def shop(clock: VirtualClock, **changed) -> Site:
    site = open_example(clock=clock).site
    policy: Policy = replace(site.policy, **changed)
    return replace(site, policy=policy)


def order(site: Site, num_orders: int) -> None:
    for person in range(num_orders):
        accept(site, quote_for(site, person).id, CustomerId("c"))


def of_kind(site: Site, kind: type) -> list:
    return [r.event for r in site.log.read() if isinstance(r.event, kind)]


def say(site: Site, seq: int, at: int, **body) -> None:
    assert record(site, (Message("edge", 1, seq, at, body),)) == ("recorded",)


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_orders_are_released_than_the_wip_limit(limit) -> None:
    site = shop(VirtualClock(MONDAY_6), wip_limit=limit, release_ahead_s=FAR)
    order(site, 5)
    commands = operate(site)
    released = [c.order_id for c in commands if isinstance(c, Release)]
    assert len(released) == limit
    starts = {
        o: min(b.start for (k, _), b in site.state().bookings.items() if k == o)
        for o in site.state().orders
    }
    assert released == sorted(starts, key=lambda o: (starts[o], o))[:limit]
    assert operate(site) == ()
    states = [o.state for o in site.state().orders.values()]
    assert states.count(OrderState.RELEASED) == limit


def test_an_order_is_released_only_when_its_start_is_near() -> None:
    clock = VirtualClock(MONDAY_6)
    site = shop(clock, release_ahead_s=600, reschedule_s=FAR)
    order(site, 1)
    operate(site)
    start = min(b.start for b in site.state().bookings.values())
    clock.instant = start - 601
    operate(site)
    assert of_kind(site, OrderReleased) == []
    clock.instant = start - 600
    assert [c.steps for c in operate(site) if isinstance(c, Release)] == [
        o.variant.steps for o in site.state().orders.values()
    ]
    assert [e.at for e in of_kind(site, OrderReleased)] == [start - 600]


def test_a_schedule_is_renewed_only_when_it_is_due() -> None:
    clock = VirtualClock(MONDAY_6)
    site = shop(clock, release_ahead_s=0, reschedule_s=2 * HOUR)
    operate(site)
    assert site.log.head() == 0, "nothing to schedule"
    order(site, 2)
    for _ in range(3):
        operate(site)
    clock.instant += 2 * HOUR - 1
    operate(site)
    clock.instant += 1
    operate(site)
    assert [(e.at, e.cause) for e in of_kind(site, SchedulePublished)] == [
        (MONDAY_6, "regular renewal"),
        (MONDAY_6 + 2 * HOUR, "regular renewal"),
    ]


def test_a_stop_renews_the_schedule_at_once_and_tells_the_floor() -> None:
    clock = VirtualClock(MONDAY_6)
    site = shop(clock, release_ahead_s=0)
    order(site, 2)
    operate(site)
    clock.instant += 60
    until = clock.instant + HOUR
    say(site, 1, clock.instant, type="unit_stopped", unit="M1", reason="tool", until=until)
    commands = operate(site)
    assert site.state().published_cause == "M1 stopped: tool"
    assert commands[-1] == Dispatch(tuple(site.state().bookings.values()))
    assert operate(site) == ()
    on_mill = [b.setup_start for b in site.state().bookings.values() if b.unit == "M1"]
    assert all(start >= until for start in on_mill)


def test_forecasts_come_when_they_are_due() -> None:
    clock = VirtualClock(MONDAY_6)
    site = shop(clock, forecast_s=8 * HOUR, reschedule_s=FAR, release_ahead_s=0)
    order(site, 2)
    for _ in range(4):
        clock.instant += 3 * HOUR
        operate(site)
    made = [e.at - MONDAY_6 for e in of_kind(site, ForecastMade)]
    assert made == [3 * HOUR, 12 * HOUR]
    assert site.state().forecasts.keys() == site.state().orders.keys()


def test_the_slack_is_learnt_from_scored_promises_and_anew_after_enough_of_them() -> None:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    slack = replace(site.policy.slack, confidence=0.8)
    site = replace(site, policy=replace(site.policy, slack=slack))
    shoppers = draw_shoppers(
        site.family, persons(), models().file.demo.traffic, num_orders=26, seed=2, start=MONDAY_6
    )
    rehearse(site, Scenario(tuple(shoppers), 2, until=MONDAY_6 + FAR), World(), clock)
    learnt = of_kind(site, SlackLearnt)
    assert learnt
    assert site.state().slack.basis == "learnt"
    counts = [0, *(event.num_scores for event in learnt)]
    assert all(b - a >= NEW_SCORES for a, b in pairwise(counts))
    assert {event.confidence for event in learnt} == {0.8}
    assert all(s >= 0 for event in learnt for s in event.slacks)


def test_a_schedule_keeps_room_for_held_quotes() -> None:
    site = shop(VirtualClock(MONDAY_6), release_ahead_s=0)
    held = hold(site, quote_for(site, 9).id, seconds=DAY)
    order(site, 3)
    operate(site)
    kept = site.state().holds[HoldId("H" + held.id[1:])].bookings
    taken = [b for b in site.state().bookings.values() if b.build is None]
    for mine in kept:
        for other in taken:
            if mine.unit == other.unit:
                assert mine.finish <= other.setup_start or other.finish <= mine.setup_start
    assert accept(site, held.id, CustomerId("c")).due == held.promise.due


def test_a_hold_outlives_a_crash_that_lost_what_was_written_behind() -> None:
    clock = VirtualClock(MONDAY_6)
    site = shop(clock)
    offer = quote_for(site)
    held = hold(site, offer.id, seconds=DAY)
    site.quotes.save(offer)  # the book on disk, as the crash found it
    clock.instant = offer.valid_until + 1
    operate(site)
    assert accept(site, offer.id, CustomerId("c")).due == held.promise.due


def test_expired_holds_are_dropped_once() -> None:
    clock = VirtualClock(MONDAY_6)
    site = shop(clock)
    for person in range(2):
        hold(site, quote_for(site, person).id, seconds=600 + 600 * person)
    clock.instant += 601
    operate(site)
    assert len(site.state().holds) == 1
    clock.instant += 600
    operate(site)
    operate(site)
    assert [e.reason for e in of_kind(site, HoldDropped)] == ["expired", "expired"]


def test_a_schedule_that_cannot_be_made_is_told_and_stops_nothing_else() -> None:
    site = shop(VirtualClock(MONDAY_6), release_ahead_s=FAR)
    order(site, 2)
    minute = replace(site.plant.calendars["two_shift"], open=((0, 60),))
    closed = replace(site.plant, calendars={**site.plant.calendars, "two_shift": minute})
    broken = replace(site, plant=closed)
    with pytest.raises(NoCapacity):
        operate(broken)
    faults: list[UnikatError] = []
    commands = operate(broken, on_fault=faults.append)
    assert [type(fault) for fault in faults] == [NoCapacity]
    assert sum(isinstance(command, Release) for command in commands) == 2
    assert of_kind(site, SchedulePublished) == []
