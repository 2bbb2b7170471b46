"""Planned stops: promises, schedules, forecasts and the floor keep clear of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import MONDAY_6, open_example, quote_for
from unikat import flow
from unikat.errors import InvalidStop
from unikat.events import StepStarted
from unikat.floor.hours import Hours
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.rehearse import VirtualClock, turn_shop
from unikat.terms import DAY, HOUR, WEEK, CustomerId

TUESDAY = MONDAY_6 + 18 * HOUR


def test_nothing_is_promised_scheduled_or_begun_in_a_planned_stop():
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    floor = open_floor(site.plant, World(has_breakdowns=False), seed=1, start=clock.now())
    for person in range(3):
        offer = quote_for(site, person)
        flow.accept(site, offer.id, CustomerId(f"C{person}"))
    before = max(b.finish for b in site.state().bookings.values())
    start, finish = clock.now() + 2 * HOUR, clock.now() + 2 * DAY
    stop = flow.plan_stop(site, tuple(site.plant.units), start, finish, "holiday")
    pauses = {u for u in site.plant.units if site.plant.center_of(u).is_interruptible}
    for offer in (quote_for(site, 4), quote_for(site, 5)):
        assert all(
            b.finish <= start or b.start >= finish or b.unit in pauses
            for b in offer.promise.bookings
        )
    begun = []
    while site.state().orders:
        clock.instant += 900
        turn_shop(site, floor)
    begun = [e.event for e in site.log.read() if isinstance(e.event, StepStarted)]
    assert not [each for each in begun if start <= each.at < finish]
    assert max(each.at for each in begun) > finish > before
    assert site.state().planned in ({}, {stop.stop_id: stop})


def test_a_withdrawn_stop_gives_its_time_back():
    site = open_example(clock=VirtualClock(MONDAY_6)).site
    free = quote_for(site, 0).promise
    units = tuple(site.plant.units)
    stop = flow.plan_stop(site, units, MONDAY_6, MONDAY_6 + 3 * DAY, "holiday")
    assert quote_for(site, 0).promise.finish > free.finish + DAY
    flow.withdraw_stop(site, stop.stop_id)
    assert quote_for(site, 0).promise.finish == free.finish
    with pytest.raises(InvalidStop, match="never was"):
        flow.withdraw_stop(site, stop.stop_id)


@pytest.mark.parametrize(
    ("units", "start", "finish", "word"),
    [
        (("P9",), 0, DAY, "P9"),
        ((), 0, DAY, "named"),
        (("P1",), DAY, DAY, "end after"),
        (("P1",), -DAY, -HOUR, "end after"),
        (("P1",), 0, 400 * DAY, "within"),
    ],
)
def test_a_stop_that_cannot_be_is_refused_and_changes_nothing(units, start, finish, word):
    site = open_example(clock=VirtualClock(MONDAY_6)).site
    head = site.log.head()
    with pytest.raises(InvalidStop, match=word):
        flow.plan_stop(site, units, MONDAY_6 + start, MONDAY_6 + finish, "")
    assert site.log.head() == head


SPANS = st.lists(st.integers(0, 60), min_size=2, max_size=6, unique=True).map(
    lambda ends: tuple(zip(*[iter(sorted(ends)[: len(ends) // 2 * 2])] * 2, strict=True))
)


@given(SPANS, SPANS, st.integers(0, 70), st.integers(0, 12))
def test_hours_less_stops_count_second_by_second(windows, stops, at, work):
    total = sum(finish - start for start, finish in windows)
    before = tuple(sum(b - a for a, b in windows[:k]) for k in range(len(windows)))
    hours = Hours(windows, before, total).without(stops)

    def is_open(t: int) -> bool:
        return any(a <= t % WEEK < b for a, b in windows) and not any(a <= t < b for a, b in stops)

    assert hours.worked(at) == sum(map(is_open, range(at)))
    if work and work <= sum(map(is_open, range(at, 80))):
        expected = next(t for t in range(at, 90) if sum(map(is_open, range(at, t))) == work)
        assert hours.add(at, work) == expected
    fits = [t for t in range(at, 80) if all(map(is_open, range(t, t + max(work, 1))))]
    if fits:
        assert hours.fit(at, max(work, 1)) == fits[0]
