from hypothesis import given
from hypothesis import strategies as st

from floor_strategies import CenterSpec, make_plant
from unikat.capacity.calendar import NEVER, working_time
from unikat.floor.hours import hours_of
from unikat.plant.model import Resource
from unikat.terms import DAY, HOUR, WEEK

PLANT = make_plant(
    [CenterSpec("a", calendar="shift"), CenterSpec("b")],
    resources=(Resource("op", "operator", 1, "shift", ("b",)),),
)
TIME = working_time(PLANT, "a1", "a", start=0, finish=20 * WEEK)


@given(st.integers(0, 3 * WEEK), st.integers(1, 5 * HOUR))
def test_the_first_fit_is_that_of_the_expanded_working_time(at, length):
    hours = hours_of(PLANT, "a", "a")
    expected = TIME.first_fit(at, min(length, TIME.longest))
    if length <= TIME.longest:
        assert hours.fit(at, length) == expected
    else:  # no window is that long: begin at the next opening, and run over
        assert hours.fit(at, length) == TIME.first_open(at)


@given(st.integers(0, 3 * WEEK), st.integers(0, 9 * DAY))
def test_sums_are_those_of_the_expanded_working_time(at, work):
    expected = TIME.add(at, work)
    assert expected == NEVER or hours_of(PLANT, "a", "a").add(at, work) == expected


@given(st.integers(0, 3 * WEEK), st.integers(1, 4 * HOUR))
def test_what_a_step_needs_narrows_its_hours(at, length):
    assert hours_of(PLANT, "b", "b") == hours_of(PLANT, "a", "a")


def test_where_it_is_always_open_nothing_waits():
    plant = make_plant([CenterSpec("a")])
    assert hours_of(plant, "a", "a").fit(5 * DAY + 7, 40 * DAY) == 5 * DAY + 7
    assert hours_of(plant, "a", "a").add(WEEK - 1, 2 * WEEK) == 3 * WEEK - 1
