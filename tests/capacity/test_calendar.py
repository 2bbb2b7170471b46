"""The laws of working time."""

from hypothesis import given
from hypothesis import strategies as st

from capacity_strategies import center_of, shop_of
from unikat.capacity import NEVER, Stop, WorkingTime, working_time
from unikat.capacity.calendar import expand
from unikat.plant import Calendar, Resource
from unikat.terms import DAY, HOUR, WEEK


@st.composite
def working_times(draw):
    """Draw working time within [0, 60) and the set of its open seconds."""
    edges = sorted(draw(st.sets(st.integers(0, 60), min_size=2, max_size=8)))
    spans = tuple(zip(edges[::2], edges[1::2], strict=False))
    seconds = {t for a, b in spans for t in range(a, b)}
    return WorkingTime.of(spans), seconds


@given(working_times(), st.integers(0, 70), st.integers(0, 70))
def test_counting_equals_looking_at_every_second(drawn, a, b):
    time, seconds = drawn
    assert time.work_at(a) == sum(t < a for t in seconds)
    if a <= b:
        assert time.between(a, b) == sum(a <= t < b for t in seconds)
        assert time.contains(a, b) == (a == b or all(t in seconds for t in range(a, b))) or a == b
    assert time.first_open(a) == min((t for t in seconds if t >= a), default=NEVER)


@given(working_times(), st.integers(0, 70), st.integers(0, 40))
def test_adding_work_is_the_earliest_instant_with_that_much_more(drawn, t, p):
    time, _ = drawn
    x = time.add(t, p)
    if x < NEVER:
        assert time.work_at(x) == time.work_at(t) + p
        assert p == 0 or time.work_at(x - 1) < time.work_at(x)
    else:
        assert time.work_at(70) < time.work_at(t) + p


@given(working_times(), st.integers(0, 70), st.integers(1, 40))
def test_going_back_ends_at_the_latest_open_instant(drawn, t, p):
    time, seconds = drawn
    if time.work_at(t) >= p:
        x = time.back(t, p)
        assert x in seconds
        assert time.between(x, t) == p


@given(working_times(), st.integers(0, 70), st.integers(1, 20))
def test_a_fit_is_the_first_start_inside_one_window(drawn, t, length):
    time, seconds = drawn
    starts = [x for x in range(t, 61) if all(y in seconds for y in range(x, x + length))]
    assert time.first_fit(t, length) == (starts[0] if starts else NEVER)


def test_touching_windows_are_one_across_midnight_and_the_week():
    always = Calendar("always", ((0, WEEK),))
    time = expand([always], [], 0, 3 * WEEK)
    assert (time.open, time.close, time.longest) == ((0,), (3 * WEEK,), 3 * WEEK)


def test_the_week_repeats_and_stops_and_resources_cut_it():
    center = center_of("c", ("u", "v"), calendar="shifts")
    crew = Resource("crew", "operator", 1, "people", ("c",))
    plant = shop_of([center], resources={"crew": crew})
    stops = [Stop("u", 5, 8), Stop("v", 0, DAY)]
    time = working_time(plant, "u", "c", start=0, finish=WEEK + 10, stops=stops)
    assert list(zip(time.open, time.close, strict=True)) == [
        (0, 5),
        (8, 14),
        (17, 20),
        (24, 31),
        (33, 40),
        (45, 52),
        (60, WEEK + 10),
    ]


def test_a_long_step_runs_over_the_break_between_adjacent_shifts():
    shifts = Calendar("two", ((6 * HOUR, 22 * HOUR),))
    time = expand([shifts], [], 0, WEEK)
    assert time.first_fit(0, 16 * HOUR) == 6 * HOUR
