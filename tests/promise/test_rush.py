"""The laws of a rush: what is shown is what happens, and what is frozen or held stays."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from capacity_strategies import rich_plants, routings
from reference.capacity_naive import overlaps
from unikat.capacity import open_capacity
from unikat.capacity.timeline import put_bookings
from unikat.configure.model import Variant
from unikat.errors import NoCapacity
from unikat.promise import Slack, promise_due_date, promise_within_slack, rush

SLACK = Slack((0,), (9,), 0.95, 0, "configured")


def shop_with_orders(data):
    """Draw a shop with promised orders, some of them only held."""
    plant = data.draw(rich_plants())
    capacity, orders, dues = open_capacity(plant, (), now=0), {}, {}
    for i in range(data.draw(st.integers(1, 6))):
        steps = data.draw(routings())
        try:
            made = promise_due_date(Variant("k", (), steps), capacity, slack=SLACK, order=f"O{i}")
        except NoCapacity:
            continue
        capacity = put_bookings(capacity, made.bookings)
        if data.draw(st.integers(0, 4)):
            orders[f"O{i}"], dues[f"O{i}"] = steps, made.due
    return capacity, orders, dues


def bookings_after(capacity, made):
    moved = {(b.order, b.step): b for b in made.moves}
    booked = [b for of in capacity.orders.values() for b in of]
    return [*(moved.get((b.order, b.step), b) for b in booked), *made.bookings]


@given(st.data())
def test_what_a_rush_shows_is_what_happens(data):
    capacity, orders, dues = shop_with_orders(data)
    variant = Variant("k", (), data.draw(routings()))
    asked = {"slack": SLACK, "order": "R", "routings": orders, "dues": dues}
    try:
        plain = promise_due_date(variant, capacity, slack=SLACK, order="R")
        made = rush(variant, capacity, **asked)
    except NoCapacity:
        return
    shown = {delay.order: (delay.before, delay.after) for delay in made.delays}
    after = bookings_after(capacity, made)
    assert overlaps(capacity.plant, after) == []
    for order, booked in capacity.orders.items():
        finish = max(b.finish for b in after if b.order == order)
        before = max(b.finish for b in booked)
        assert shown.get(order, (before, before)) == (before, max(finish, before))
        assert order in orders or finish == before, "a hold does not move"
    for order, steps in ({**orders, "R": variant.steps}).items():
        times = {b.step: b for b in after if b.order == order}
        for step in steps:
            for before in step.after:
                one, two = times[before], times[step.step]
                assert two.start >= one.finish + capacity.plant.travel_s(one.unit, two.unit)
    gentle = promise_within_slack(variant, capacity, **asked)
    assert gentle.finish <= plain.finish
    assert not any(delay.is_broken for delay in gentle.delays)


@given(st.data(), st.integers(0, 30))
def test_what_begins_within_the_frozen_time_stays(data, frozen):
    capacity, orders, dues = shop_with_orders(data)
    plant = replace(capacity.plant, frozen_s=frozen)
    capacity = replace(capacity, plant=plant)
    variant = Variant("k", (), data.draw(routings()))
    try:
        made = rush(variant, capacity, slack=SLACK, order="R", routings=orders, dues=dues)
    except NoCapacity:
        return
    old = {(b.order, b.step): b for of in capacity.orders.values() for b in of}
    assert all(old[b.order, b.step].setup_start >= frozen for b in made.moves)
