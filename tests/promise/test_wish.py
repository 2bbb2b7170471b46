"""The laws of a promise for a wished date."""

from hypothesis import given
from hypothesis import strategies as st

from capacity_strategies import END, center_of, chains, loads, plants, shop_of
from unikat.capacity import add_bookings, open_capacity
from unikat.configure.model import Step, Variant
from unikat.errors import NoCapacity
from unikat.promise import Slack, promise_due_date, promise_wished
from unikat.terms import HOUR

SLACK = Slack((0, 40), (3, 9), 0.95, 0, "configured")


@given(st.data(), st.integers(-20, END))
def test_a_wish_is_met_exactly_or_answered_by_the_earliest_date(data, ahead):
    plant = data.draw(plants(has_travel=True))
    load = data.draw(loads(plant, now=0))
    variant = Variant("key", (), tuple(data.draw(chains(plant))))
    capacity = open_capacity(plant, load, now=0)
    try:
        first = promise_due_date(variant, capacity, slack=SLACK, order="O-1")
    except NoCapacity:
        return
    made = promise_wished(variant, capacity, first.due + ahead, slack=SLACK, order="O-1")
    if ahead <= 0:
        assert made == first
        return
    assert made.due == first.due + ahead
    assert made.finish <= made.due
    assert all(b.setup_start >= 0 for b in made.bookings)
    assert sum(reason.seconds for reason in made.reasons) == made.due
    add_bookings(capacity, made.bookings)


def test_what_is_wished_late_is_made_late_with_the_slack_of_its_whole_lead():
    plant = shop_of([center_of("c0", ("P1",))], horizon=100 * HOUR)
    capacity = open_capacity(plant, (), now=0)
    variant = Variant("key", (), (Step("a", "c0", HOUR, None, (), ()),))
    slack = Slack((0, 100 * HOUR), (0, 10 * HOUR), 0.95, 0, "configured")
    made = promise_wished(variant, capacity, 50 * HOUR, slack=slack, order="O-1")
    [booking] = made.bookings
    # the finish x with x + x / 10 = 50 h, up to the grain of the search
    assert 0 <= 50 * HOUR / 1.1 - booking.finish <= 60
    assert booking.not_before <= booking.start
    assert made.reasons[0].kind == "wish"
