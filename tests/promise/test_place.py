"""The promise kernel answers as its plain twin does, to the second, the booking and the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity_strategies import FAMILIES, rich_plants, routings, stops_of
from reference.capacity_plain import open_plain, put_plain
from reference.promise_plain import booking_of, explain, place_steps
from unikat.capacity import Booking, open_capacity
from unikat.capacity.calendar import NEVER
from unikat.capacity.timeline import put_bookings
from unikat.configure.model import Variant
from unikat.errors import NoCapacity
from unikat.promise import Slack, compile_routings, finish_times, promise_due_date
from unikat.promise.routing import branch_sequences

NO_SLACK = Slack((), (), 0.95, 0, "configured")


@st.composite
def facts(draw, plant):
    """Draw bookings that may overlap, as after a disturbance."""
    drawn = []
    for i in range(draw(st.integers(0, 10))):
        unit = draw(st.sampled_from(sorted(plant.units)))
        center = plant.center_of(unit)
        begin, setup = draw(st.integers(0, 60)), draw(st.integers(0, 3))
        finish = begin + setup + draw(st.integers(0, 7))
        build = f"B{i}" if center.batch and draw(st.booleans()) else None
        family = draw(st.sampled_from((*FAMILIES, None)))
        needs = plant.needs_of(center.capabilities[0])
        drawn.append(
            Booking(f"L{i}", "s", unit, begin, begin + setup, finish, family, needs, build, 0)
        )
    return tuple(drawn)


def plain_promise(steps, capacity, order):
    """Return bookings and reasons of the twin, the best of the sequences of the branches."""
    found = []
    for sequence in branch_sequences(steps):
        try:
            placed = place_steps([steps[i] for i in sequence], capacity, order, {})
        except NoCapacity:
            continue
        bookings = {step.step.step: booking_of(step, order) for step in placed}
        finish = max(booking.finish for booking in bookings.values())
        found.append((finish, tuple(bookings[step.step] for step in steps), explain(placed, 0)))
        if all(step.after == before for step, before in zip(steps, befores(steps), strict=True)):
            break
    return min(found, key=lambda each: each[0])[1:] if found else None


def befores(steps):
    return [(), *((step.step,) for step in steps[:-1])]


@given(st.data(), st.integers(0, 20))
def test_the_kernel_is_the_plain_twin(data, now):
    plant = data.draw(rich_plants())
    stops, load = data.draw(stops_of(plant)), data.draw(facts(plant))
    known = {
        "now": now,
        "stops": stops,
        "material_ready": {"leather": data.draw(st.integers(0, 40))},
    }
    capacity, plain = open_capacity(plant, load, **known), open_plain(plant, load, **known)
    for i in range(2):
        steps, order = data.draw(routings()), f"O-{i}"
        twin = plain_promise(steps, plain, order)
        soonest = finish_times(compile_routings((steps, steps), capacity), capacity)
        if twin is None:
            assert soonest == (NEVER, NEVER)
            with pytest.raises(NoCapacity):
                promise_due_date(Variant("k", (), steps), capacity, slack=NO_SLACK, order=order)
            continue
        made = promise_due_date(Variant("k", (), steps), capacity, slack=NO_SLACK, order=order)
        assert (made.bookings, made.reasons) == twin
        assert soonest == (made.finish, made.finish)
        capacity = put_bookings(capacity, made.bookings)
        plain = put_plain(plain, made.bookings)
