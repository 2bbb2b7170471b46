from dataclasses import replace
from itertools import groupby
from math import exp, log1p, sqrt
from statistics import NormalDist, fmean

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from floor_strategies import (
    CenterSpec,
    book_in_turn,
    make_order,
    make_plant,
    make_steps,
    run_floor,
    shops,
)
from unikat.capacity.model import Booking
from unikat.events import (
    LoadMoved,
    Recorded,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitStopped,
)
from unikat.floor import World, open_floor, read_event
from unikat.floor.policy import compile_exact
from unikat.order.model import OrderState
from unikat.plant.model import Reliability
from unikat.terms import DAY, HOUR, MINUTE
from unikat.twin.floor_problem import read_floor
from unikat.twin.forecast import forecast, play_on
from unikat.twin.simulate import simulate
from unikat.twin.state import apply_events, empty_state

ONE = make_plant([CenterSpec("a", cv=0.25)])


def foresee(plant, orders, bookings, *, state=None, now=0, replications=100, seed=1, due=DAY):
    made = [
        replace(make_order(order, steps, due=due), state=OrderState.RELEASED)
        for order, steps in orders.items()
    ]
    state = state or empty_state(plant)
    forecasts = forecast(plant, bookings, state, made, now, replications=replications, seed=seed)
    return {each.order_id: each for each in forecasts}


def state_of(plant, *events):
    records = [Recorded(i, i, f"e:1:{i}", "f", e.at, e) for i, e in enumerate(events, start=1)]
    return apply_events(empty_state(plant), records)


def book_one(unit="a1", start=0, finish=HOUR, order="O-1", step="s0", family=None):
    return Booking(order, step, unit, start, start, finish, family, (), None, 0)


@st.composite
def calm_shops(draw):
    """Shops in which nothing is random and nobody waits for a place: one unit a work center."""
    calendars = st.sampled_from(("always", "shift"))
    specs = [
        CenterSpec(name, buffer=99, calendar=draw(calendars), is_interruptible=draw(st.booleans()))
        for name in "abc"
    ]
    plant = make_plant(specs)
    orders = {}
    for i in range(draw(st.integers(1, 8))):
        names = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=4))
        names = [name for name, _ in groupby(names)]  # a part may stay in its unit, out of turn
        works = [draw(st.integers(1, 60)) * MINUTE for _ in names]
        orders[f"O-{i}"] = make_steps(plant, names, works)
    return plant, orders, book_in_turn(plant, orders)


@given(calm_shops())
def test_without_noise_every_order_is_foreseen_when_the_virtual_floor_finishes_it(shop):
    plant, orders, bookings = shop
    messages = run_floor(open_floor(plant, World(states=0), seed=1, start=0), orders, bookings)
    finish = {m.body["order"]: m.at for m in messages if m.body.get("to") == "dock"}
    for order, each in foresee(plant, orders, bookings).items():
        assert (each.p10, each.p50, each.p90) == (finish[order],) * 3


@given(shops(max_orders=10), st.sampled_from((0, 20_000)))
def test_setups_robots_buffers_builds_people_and_the_supervisor_are_those_of_the_floor(
    shop, states
):
    plant, orders, bookings = shop
    calm = Reliability(0.0, 0, 0)  # nothing varies or fails
    units = {name: replace(unit, reliability=calm) for name, unit in plant.units.items()}
    plant = replace(plant, units=units)
    routes = {tuple(step.capability for step in steps) for steps in orders.values()}
    # The floor changes its rule when it meets a route too many.
    assume(states == 0 or compile_exact(plant, routes, limit=states) is not None)
    world = World(states=states)
    messages = run_floor(open_floor(plant, world, seed=1, start=0), orders, bookings)
    finish = {m.body["order"]: m.at for m in messages if m.body.get("to") == "dock"}
    # Orders that are placed come one after the other, as the floor was told of them.
    made = [make_order(order, steps, due=DAY) for order, steps in orders.items()]
    by_step = {(booking.order, booking.step): booking for booking in bookings}
    floor = read_floor(
        plant, by_step, empty_state(plant), made, 0, release_ahead_s=30 * DAY, states=states
    )
    found = simulate(floor.problem, floor.state, replications=1, seed=1)
    assert found.stuck[0] == 0
    assert dict(zip(floor.jobs, found.finishes[0].tolist(), strict=True)) == finish


@given(shops(max_orders=6), st.integers(0, 9))
def test_quantiles_are_ordered_and_the_same_seed_gives_the_same_forecast(shop, seed):
    plant, orders, bookings = shop
    first = foresee(plant, orders, bookings, seed=seed, replications=20)
    assert first == foresee(plant, orders, bookings, seed=seed, replications=20)
    assert first.keys() == orders.keys()
    for each in first.values():
        assert 0 <= each.p10 <= each.p50 <= each.p90
        assert 0 <= each.p_on_time <= 1


@given(shops(max_orders=5), st.integers(0, 9), st.floats(0, 1))
def test_any_state_the_floor_can_be_in_is_foreseen_and_nothing_finishes_before_now(
    shop, seed, share
):
    plant, orders, bookings = shop
    whole = run_floor(open_floor(plant, World(states=0), seed=seed, start=0), orders, bookings)
    now = int(whole[-1].at * share)
    heard = [
        Recorded(i, i, m.id, "f", m.at, read_event(m)) for i, m in enumerate(whole) if m.at <= now
    ]
    state = apply_events(empty_state(plant), heard)
    done = {
        (e.order_id, e.step)
        for record in heard
        for e in [record.event]
        if isinstance(e, StepFinished)
    }
    left = [b for b in bookings if (b.order, b.step) not in done]
    for order, each in foresee(plant, orders, left, state=state, now=now).items():
        if all((order, step.step) in done for step in orders[order]):
            assert each.p10 == each.p90 <= now
        else:
            assert each.p10 > now


def lognormal_quantile(mean, cv, p):
    sigma = sqrt(log1p(cv * cv))
    return mean * exp(sigma * NormalDist().inv_cdf(p) - sigma * sigma / 2)


def test_one_step_has_the_quantiles_of_its_duration():
    steps = make_steps(ONE, "a", [HOUR])
    due = round(lognormal_quantile(HOUR, 0.25, 0.7))
    each = foresee(ONE, {"O-1": steps}, [book_one()], replications=20_000, due=due)["O-1"]
    for p, at in ((0.1, each.p10), (0.5, each.p50), (0.9, each.p90)):
        assert at == pytest.approx(lognormal_quantile(HOUR, 0.25, p), rel=0.02)
    assert each.p_on_time == pytest.approx(0.7, abs=4 * sqrt(0.21 / 20_000))


def test_a_running_step_is_drawn_given_how_long_it_has_worked():
    steps = make_steps(ONE, "a", [HOUR])
    state = state_of(ONE, StepStarted(0, "a1", "O-1", "s0", 0, None, HOUR))
    each = foresee(ONE, {"O-1": steps}, [book_one()], state=state, now=HOUR, replications=20_000)[
        "O-1"
    ]
    sigma = sqrt(log1p(0.25**2))
    passed = NormalDist().cdf(sigma / 2)  # F(one hour)
    for p, at in ((0.1, each.p10), (0.5, each.p50), (0.9, each.p90)):
        expected = lognormal_quantile(HOUR, 0.25, passed + p * (1 - passed))
        assert at == pytest.approx(expected, rel=0.02)


def test_a_unit_that_is_down_holds_up_its_step_by_an_exponential_repair():
    plant = make_plant([CenterSpec("a")])
    steps = make_steps(plant, "a", [HOUR])
    state = state_of(
        plant,
        StepStarted(0, "a1", "O-1", "s0", 0, None, HOUR),
        WorkUnitStopped(600, "a1", "breakdown", 2400),
    )
    each = foresee(plant, {"O-1": steps}, [book_one()], state=state, now=1200, replications=20_000)[
        "O-1"
    ]
    median = 1200 + 1800 * 0.6931 + 3000  # mttr 1800; 3000 s of work were left at the stop
    assert each.p50 == pytest.approx(median, rel=0.01)


@pytest.mark.parametrize("now", [1200, 10 * HOUR])
def test_a_unit_that_says_it_is_down_for_unusually_long_is_back_when_it_says(now):
    plant = make_plant([CenterSpec("a")])
    steps, back = make_steps(plant, "a", [HOUR]), 30 * HOUR
    start = StepStarted(0, "a1", "O-1", "s0", 0, None, HOUR)
    state = state_of(plant, start, WorkUnitStopped(600, "a1", "spindle", back))
    each = foresee(plant, {"O-1": steps}, [book_one()], state=state, now=now)["O-1"]
    assert (each.p10, each.p90) == (back + 3000, back + 3000)


def test_setups_and_travel_are_counted_and_a_setup_in_progress_keeps_its_unit():
    plant = make_plant([CenterSpec("a"), CenterSpec("b", has_setup=True)], travel=60, robots=1)
    steps = make_steps(plant, "ab", [HOUR, HOUR], ["red", "red"])
    bookings = [
        book_one(),
        Booking("O-1", "s1", "b1", HOUR, HOUR + 300, 3 * HOUR, "red", (), None, 0),
    ]
    fresh = foresee(plant, {"O-1": steps}, bookings)["O-1"]
    assert fresh.p50 == HOUR + 60 + 300 + HOUR  # the unit is claimed when its setup may begin
    state = state_of(plant, SetupStarted(0, "b1", "O-1", "s1", "red"))
    alone = foresee(plant, {"O-1": steps[1:]}, [bookings[1]], state=state, now=10)["O-1"]
    assert alone.p50 == 300 + HOUR


def test_a_finished_order_is_foreseen_when_it_finished():
    steps = make_steps(ONE, "a", [HOUR])
    state = state_of(
        ONE,
        StepStarted(0, "a1", "O-1", "s0", 0, None, HOUR),
        StepFinished(4000, "a1", "O-1", "s0", 0, None),
    )
    each = foresee(ONE, {"O-1": steps}, [], state=state, now=DAY, due=4000)["O-1"]
    assert (each.p10, each.p50, each.p90, each.p_on_time) == (4000, 4000, 4000, 1.0)


def test_an_order_that_is_not_released_waits_for_its_booked_start():
    steps = make_steps(ONE, "a", [HOUR])
    order = make_order("O-1", steps)
    booking = book_one(start=DAY, finish=DAY + HOUR)
    each = forecast(ONE, [booking], empty_state(ONE), [order], 0, replications=9, seed=1)[0]
    assert each.p10 > DAY


def test_an_order_without_bookings_is_foreseen_all_the_same():
    steps = make_steps(ONE, "aa", [HOUR, HOUR])
    # Without a booking each step waits for half an hour before any unit may take it.
    assert foresee(ONE, {"O-1": steps}, [])["O-1"].p50 == pytest.approx(3 * HOUR, rel=0.1)


def test_eighty_percent_of_the_virtual_floors_finishes_lie_between_p10_and_p90():
    """120 independent lines of two units: nothing but durations and breakdowns is random."""
    plant = make_plant(
        [CenterSpec("a", units=120, cv=0.3, mtbf=4 * HOUR), CenterSpec("b", units=120, cv=0.2)]
    )
    orders, bookings = {}, []
    for i in range(120):
        order = f"O-{i:03}"
        orders[order] = make_steps(plant, "ab", [2 * HOUR, HOUR])
        bookings += [
            book_one(f"a{i + 1}", 0, 2 * HOUR, order),
            book_one(f"b{i + 1}", 2 * HOUR, 3 * HOUR, order, "s1"),
        ]
    foreseen = foresee(plant, orders, bookings, replications=200)
    messages = run_floor(open_floor(plant, World(), seed=5, start=0), orders, bookings)
    finish = {m.body["order"]: m.at for m in messages if m.body.get("to") == "dock"}
    inside = sum(f.p10 <= finish[order] <= f.p90 for order, f in foreseen.items())
    assert abs(inside / 120 - 0.8) < 4 * sqrt(0.16 / 120)


def test_steps_that_are_done_again_after_inspection_are_foreseen_as_often_as_they_were():
    plant = make_plant([CenterSpec("a", units=120, cv=0.2)])
    orders = {f"O-{i:03}": make_steps(plant, "a", [4 * HOUR]) for i in range(120)}
    bookings = [book_one(f"a{i + 1}", 0, 4 * HOUR, order) for i, order in enumerate(orders)]
    floor = open_floor(plant, World(flawed={"a": 0.3}), seed=5, start=0)
    events = [read_event(message) for message in run_floor(floor, orders, bookings)]
    done = [e for e in events if isinstance(e, StepFinished)]
    share = sum(e.attempt > 0 for e in done) / len(done)
    left = {e.order_id: e.at for e in events if isinstance(e, LoadMoved) and e.target == "dock"}
    kept = [order for order in orders if not any(e.scrap for e in done if e.order_id == order)]

    def error(**options):
        made = [make_order(o, steps, due=DAY) for o, steps in orders.items()]
        released = [replace(order, state=OrderState.RELEASED) for order in made]
        played = play_on(
            plant, bookings, empty_state(plant), released, 0, replications=50, seed=1, **options
        )
        return fmean(left[order] - played[order].mean() for order in kept)

    assert error() > HOUR
    assert abs(error(repeats={"a": share})) < error() / 2


def test_builds_that_wait_for_each_other_in_a_circle_are_foreseen_all_the_same():
    plant = make_plant([CenterSpec("a", batch=2), CenterSpec("b", batch=2)])
    orders = {
        "O-1": make_steps(plant, "ab", [HOUR, HOUR]),
        "O-2": make_steps(plant, "ba", [HOUR, HOUR]),
    }
    bookings = [
        Booking("O-1", "s0", "a1", 0, 0, HOUR, None, (), "A", 0),
        Booking("O-2", "s1", "a1", 0, 0, HOUR, None, (), "A", 0),
        Booking("O-1", "s1", "b1", 0, 0, HOUR, None, (), "B", 0),
        Booking("O-2", "s0", "b1", 0, 0, HOUR, None, (), "B", 0),
    ]
    assert foresee(plant, orders, bookings).keys() == orders.keys()
