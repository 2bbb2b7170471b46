from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floor_strategies import (
    CenterSpec,
    book_in_turn,
    make_plant,
    make_steps,
    run_floor,
    shops,
)
from unikat.capacity.model import Booking
from unikat.errors import UnknownUnit, WrongUnitState
from unikat.events import (
    LoadMoved,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.floor import Dispatch, Release, World, open_floor, read_event
from unikat.floor.dispatch import PATIENCE
from unikat.plant.model import Resource
from unikat.terms import DAY, HOUR, MINUTE, WEEK

CALM = World(has_breakdowns=False)


def events_of(messages):
    return [read_event(message) for message in messages]


def spans_of(events):
    """(unit, run) -> (start, finish, orders): what the messages alone say each unit did."""
    begun, spans = {}, {}
    for event in events:
        match event:
            case StepStarted():
                begun[event.order_id, event.step] = event
            case StepFinished():
                start = begun.pop((event.order_id, event.step))
                assert (start.unit, start.build) == (event.unit, event.build)
                run = (event.unit, event.build or (event.order_id, event.step))
                span = (start.at, event.at)
                assert spans.setdefault(run, (*span, set()))[:2] == span
                spans[run][2].add(event.order_id)
    assert not begun
    return spans


@given(shops(), st.integers(0, 99), st.sampled_from((0, 1)))
def test_all_orders_leave_without_a_deadlock_and_the_plants_laws_hold(shop, seed, look_ahead):
    plant, orders, bookings = shop
    floor = open_floor(plant, World(look_ahead=look_ahead), seed=seed, start=0)
    events = events_of(run_floor(floor, orders, bookings))
    assert floor.figures().deadlocks == 0
    left = [e.order_id for e in events if isinstance(e, LoadMoved) and e.target == "dock"]
    assert sorted(left) == sorted(orders)
    check_precedence(orders, events)
    check_units(plant, events)
    check_places(plant, events)


def check_precedence(orders, events):
    done = {order: [] for order in orders}
    for event in events:
        if isinstance(event, StepFinished):
            done[event.order_id].append(event.step)
    assert done == {order: [step.step for step in steps] for order, steps in orders.items()}


def check_units(plant, events):
    spans = spans_of(events)
    for unit in plant.units:
        batch = plant.center_of(unit).batch
        runs = sorted(span for (u, _), span in spans.items() if u == unit)
        for (_, finish, _), (start, _, _) in pairwise(runs):
            assert finish <= start
        assert all(len(orders) <= (batch.capacity if batch else 1) for _, _, orders in runs)


def check_places(plant, events):
    """Loads are where the moves say, and no buffer holds more than its places."""
    place, inside = {}, Counter()
    for event in events:
        if isinstance(event, LoadMoved):
            assert place.get(event.order_id, "store") == event.source
            inside[event.source] -= 1
            inside[event.target] += 1
            place[event.order_id] = event.target
            if event.target.startswith("buffer/"):
                center = plant.work_centers[event.target.removeprefix("buffer/")]
                assert inside[event.target] <= center.buffer
        if isinstance(event, StepStarted):
            assert place[event.order_id] == event.unit


def circle(look_ahead):
    """Two orders that want each other's unit, without any buffer."""
    plant = make_plant([CenterSpec("a"), CenterSpec("b")])
    hour = [HOUR, HOUR]
    orders = {"O-1": make_steps(plant, "ab", hour), "O-2": make_steps(plant, "ba", hour)}
    world = World(look_ahead=look_ahead)
    floor = open_floor(plant, world, seed=1, start=0)
    messages = run_floor(floor, orders, book_in_turn(plant, orders))
    return floor.figures(), messages


def test_a_planted_circle_deadlocks_without_the_supervisor_and_is_named():
    figures, _ = circle(None)
    assert figures.deadlocks == 1
    assert figures.stuck == ("O-1", "O-2")


@pytest.mark.parametrize("look_ahead", [0, 1])
def test_the_same_circle_runs_to_the_end_with_the_supervisor(look_ahead):
    figures, messages = circle(look_ahead)
    assert (figures.deadlocks, figures.stuck) == (0, ())
    assert sum(message.body.get("to") == "dock" for message in messages) == 2


@given(st.data())
def test_without_noise_a_single_order_finishes_as_booked_to_the_second(data):
    specs = [
        CenterSpec(
            name,
            units=data.draw(st.integers(1, 2)),
            calendar=data.draw(st.sampled_from(("always", "shift"))),
            is_interruptible=data.draw(st.booleans()),
            has_setup=data.draw(st.booleans()),
            batch=data.draw(st.sampled_from((0, 4))),
        )
        for name in "abc"
    ]
    plant = make_plant(specs)
    names = data.draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=4))
    works = [data.draw(st.integers(1, 180)) * MINUTE for _ in names]
    steps = make_steps(plant, names, works, ["red"] * len(names))
    start = data.draw(st.integers(0, 7 * 24)) * HOUR
    bookings = book_alone(plant, "O-1", steps, start, data)
    floor = open_floor(plant, CALM, seed=1, start=start)
    events = events_of(run_floor(floor, {"O-1": steps}, bookings))
    done = {
        e.step: (e.unit, spans[0], e.at)
        for e in events
        if isinstance(e, StepFinished)
        for spans in [spans_of(events)[e.unit, e.build or (e.order_id, e.step)]]
    }
    assert done == {b.step: (b.unit, b.start, b.finish) for b in bookings}


def book_alone(plant, order, steps, start, data):
    """Book one order on an empty plant minute by minute: the naive form of the shared semantics."""
    families, bookings, ready = {}, [], start
    for step in steps:
        unit = data.draw(st.sampled_from(plant.eligible_units(step.capability)))
        center = plant.center_of(unit)
        setup = plant.setup_s(unit, families.get(unit), step.setup)
        if step.setup:
            families[unit] = step.setup
        begin = ready
        while not (spans := lay(plant, center, begin, setup, step.work)) or spans[1] < ready:
            begin += MINUTE
        build = f"B-{step.step}" if center.batch else None
        bookings.append(Booking(order, step.step, unit, *spans, step.setup, (), build, start))
        ready = spans[2]
    return tuple(bookings)


def lay(plant, center, begin, setup, work):
    """Return (setup start, start, finish) if setup and work can begin at `begin`, else nothing."""
    opens = plant.calendars[center.calendar].open

    def is_open(minute):
        return any(a <= minute % WEEK < b for a, b in opens)

    total, minute, marks = setup + work, begin, []
    if not is_open(begin):
        return None
    for done in range(0, total, MINUTE):
        while not is_open(minute):
            if not center.is_interruptible:
                return None
            minute += MINUTE
        if done == setup:
            marks.append(minute)
        minute += MINUTE
    return (begin, marks[0], minute)


@given(shops(max_orders=6), st.integers(0, 99), st.integers(1, 5 * HOUR))
def test_what_happens_does_not_depend_on_how_far_each_step_advances(shop, seed, stride):
    plant, orders, bookings = shop
    whole = run_floor(open_floor(plant, World(), seed=seed, start=0), orders, bookings)
    floor = open_floor(plant, World(), seed=seed, start=0)
    floor.obey(Dispatch(bookings))
    for order, steps in orders.items():
        floor.obey(Release(order, steps))
    parts, now = [], 0
    while floor.next_at() is not None:
        now += stride
        parts += floor.advance(now)
    assert parts == list(whole)


def test_the_same_disturbances_hit_another_sequence_of_the_same_orders():
    plant = make_plant([CenterSpec("a", cv=0.3)])
    orders = {f"O-{i}": make_steps(plant, "a", [HOUR]) for i in range(5)}
    durations = []
    for keys in (sorted(orders), sorted(orders, reverse=True)):
        turn = {key: orders[key] for key in keys}
        floor = open_floor(plant, World(), seed=3, start=0)
        events = events_of(run_floor(floor, turn, book_in_turn(plant, turn)))
        spans = spans_of(events)
        durations.append({run: finish - start for run, (start, finish, _) in spans.items()})
    assert durations[0] == durations[1]
    assert len(set(durations[0].values())) == 5


def test_breakdowns_are_told_with_the_expected_return_and_the_work_goes_on_after_the_repair():
    plant = make_plant([CenterSpec("a", mtbf=4 * HOUR)])
    orders = {f"O-{i}": make_steps(plant, "a", [10 * HOUR]) for i in range(40)}
    floor = open_floor(plant, World(), seed=1, start=0)
    events = events_of(run_floor(floor, orders, book_in_turn(plant, orders)))
    stops = [e for e in events if isinstance(e, WorkUnitStopped)]
    assert all(e.until == e.at + 1800 for e in stops)
    assert 60 < len(stops) < 140  # 400 h of work at one failure in 4 h: 100, +- 4 sigma
    assert floor.figures().busy["a1"] == 400 * HOUR
    makespan = max(e.at for e in events)
    assert 400 * HOUR + len(stops) * 900 < makespan < 400 * HOUR + len(stops) * 3600


def test_one_fixture_lets_only_one_of_two_units_work():
    plant = make_plant(
        [CenterSpec("a", units=2)], resources=(Resource("jig", "fixture", 1, "always", ("a",)),)
    )
    orders = {f"O-{i}": make_steps(plant, "a", [HOUR]) for i in range(4)}
    floor = open_floor(plant, CALM, seed=1, start=0)
    events = events_of(run_floor(floor, orders, book_in_turn(plant, orders)))
    spans = sorted(span[:2] for span in spans_of(events).values())
    assert spans == [(i * HOUR, (i + 1) * HOUR) for i in range(4)]


def test_a_part_leaves_a_unit_that_is_down_to_another_one():
    plant = make_plant([CenterSpec("a", units=2, mtbf=MINUTE)])
    orders = {f"O-{i}": make_steps(plant, "a", [HOUR]) for i in range(2)}
    bookings = [
        Booking(order, "s0", "a1", i * HOUR, i * HOUR, (i + 1) * HOUR, None, (), None, 0)
        for i, order in enumerate(orders)
    ]
    floor = open_floor(plant, World(), seed=1, start=0)
    events = events_of(run_floor(floor, orders, bookings))
    assert {e.unit for e in events if isinstance(e, StepFinished)} == {"a1", "a2"}


def test_setups_follow_the_matrix_and_begin_before_the_part_arrives():
    plant = make_plant([CenterSpec("a"), CenterSpec("b", has_setup=True)])
    steps = make_steps(plant, "ab", [HOUR, HOUR], ["red", "red"])
    bookings = book_in_turn(plant, {"O-1": steps})
    early = Booking("O-1", "s1", "b1", HOUR - 300, HOUR, 2 * HOUR, "red", (), None, 0)
    floor = open_floor(plant, CALM, seed=1, start=0)
    events = events_of(run_floor(floor, {"O-1": steps}, (bookings[0], early)))
    assert SetupStarted(HOUR - 300, "b1", "O-1", "s1", "red") in events
    assert max(e.at for e in events) == 2 * HOUR


def test_a_late_member_of_a_build_follows_in_a_build_of_its_own():
    plant = make_plant([CenterSpec("a", batch=2)])
    orders = {f"O-{i}": make_steps(plant, "a", [HOUR]) for i in range(2)}
    bookings = tuple(
        Booking(order, "s0", "a1", HOUR, HOUR, 2 * HOUR, None, (), "B-1", 0) for order in orders
    )
    floor = open_floor(plant, CALM, seed=1, start=0)
    floor.obey(Dispatch(bookings))
    floor.obey(Release("O-0", orders["O-0"]))
    first = events_of(floor.advance(3 * HOUR))
    floor.obey(Release("O-1", orders["O-1"]))
    second = events_of(floor.advance(5 * HOUR))
    started = [e for e in first + second if isinstance(e, StepStarted)]
    assert [(e.at, e.order_id, e.build) for e in started] == [
        (90 * MINUTE, "O-0", "B-1"),
        (3 * HOUR, "O-1", "B-1/2"),
    ]


def test_a_part_without_a_booking_waits_a_while_for_one():
    plant = make_plant([CenterSpec("a", batch=2)])
    steps = make_steps(plant, "a", [HOUR])
    booking = Booking("O-0", "s0", "a1", HOUR, HOUR, 2 * HOUR, None, (), "B-1", 0)
    for bookings, start in (((booking,), HOUR), ((), PATIENCE)):
        floor = open_floor(plant, CALM, seed=1, start=0)
        floor.obey(Release("O-0", steps))
        floor.obey(Dispatch(bookings))
        events = events_of(floor.advance(DAY))
        assert [e.at for e in events if isinstance(e, StepStarted)] == [start]


def test_robots_travel_empty_to_the_load_and_one_robot_moves_one_load():
    plant = make_plant([CenterSpec("a", units=2), CenterSpec("b", units=2)], travel=60, robots=1)
    orders = {f"O-{i}": make_steps(plant, "ab", [HOUR, HOUR]) for i in range(2)}
    floor = open_floor(plant, CALM, seed=1, start=0)
    events = events_of(run_floor(floor, orders, book_in_turn(plant, orders)))
    moves = [e for e in events if isinstance(e, LoadMoved) and e.transporter]
    assert [(e.at, e.transporter) for e in moves] == [(HOUR + 60, "R1"), (HOUR + 180, "R1")]


@given(shops(max_orders=5), st.integers(0, 99))
def test_faults_of_the_link_double_and_delay_messages_but_lose_none(shop, seed):
    plant, orders, bookings = shop
    clean = run_floor(open_floor(plant, World(), seed=seed, start=0), orders, bookings)
    world = World(duplicated=0.2, late=0.2, lost=0.1)
    faulty = run_floor(open_floor(plant, world, seed=seed, start=0), orders, bookings)
    assert {m.id: m for m in faulty} == {m.id: m for m in clean}
    assert sorted({m.seq for m in faulty}) == list(range(1, len(clean) + 1))


def test_a_released_order_is_released_once_and_a_started_step_keeps_its_unit():
    plant = make_plant([CenterSpec("a", units=2)])
    steps = make_steps(plant, "a", [HOUR])
    floor = open_floor(plant, CALM, seed=1, start=0)
    booking = Booking("O-1", "s0", "a1", 0, 0, HOUR, None, (), None, 0)
    floor.obey(Dispatch((booking,)))
    floor.obey(Release("O-1", steps))
    floor.obey(Release("O-1", steps))
    floor.advance(60)
    floor.obey(Dispatch((Booking("O-1", "s0", "a2", 60, 60, HOUR, None, (), None, 0),)))
    events = events_of(floor.advance(DAY))
    assert [e.unit for e in events if isinstance(e, StepFinished)] == ["a1"]
    assert floor.next_at() is None


@given(shops(), st.integers(0, 6 * HOUR), st.integers(1, 6 * HOUR), st.booleans())
def test_whatever_breaks_whenever_goes_on_where_it_stopped_and_all_orders_leave(
    shop, at, length, is_mended
):
    plant, orders, bookings = shop
    floor = open_floor(plant, CALM, seed=1, start=0)
    for order, steps in orders.items():
        floor.obey(Release(order, steps))
    floor.obey(Dispatch(bookings))
    messages = list(floor.advance(at))
    for unit in plant.units:
        floor.break_down(unit, at + length)
        with pytest.raises(WrongUnitState, match="down already"):
            floor.break_down(unit, at + length)
    if is_mended:
        messages += floor.advance(at + length // 2)
        for unit in plant.units if length > 1 else ():
            floor.mend(unit)
    while (following := floor.next_at()) is not None:
        messages += floor.advance(following)
    events = events_of(messages)
    left = [e.order_id for e in events if isinstance(e, LoadMoved) and e.target == "dock"]
    assert sorted(left) == sorted(orders)
    back = at + (length // 2 if is_mended and length > 1 else length)
    assert {e.at for e in events if isinstance(e, WorkUnitStopped)} == {at}
    assert [e.at for e in events if isinstance(e, WorkUnitRestarted)] == [back] * len(plant.units)
    begun = [e.at for e in events if isinstance(e, StepStarted | StepFinished | SetupStarted)]
    assert not [time for time in begun if at < time < back]


@pytest.mark.parametrize(("calendar", "is_interruptible"), [("always", False), ("always", True)])
def test_a_step_that_is_interrupted_lasts_longer_by_the_breakdown(calendar, is_interruptible):
    plant = make_plant([CenterSpec("a", calendar=calendar, is_interruptible=is_interruptible)])
    orders = {"O-1": make_steps(plant, "a", [HOUR])}
    floor = open_floor(plant, CALM, seed=1, start=0)
    floor.obey(Dispatch(book_in_turn(plant, orders)))
    floor.obey(Release("O-1", orders["O-1"]))
    messages = [*floor.advance(30 * MINUTE)]
    floor.break_down("a1", 90 * MINUTE)
    while (at := floor.next_at()) is not None:
        messages += floor.advance(at)
    [(start, finish, _)] = spans_of(events_of(messages)).values()
    assert start < 30 * MINUTE
    assert finish - start == 2 * HOUR


def test_a_unit_that_is_down_until_mended_says_so_again_after_each_mean_repair():
    plant = make_plant([CenterSpec("a")])
    orders = {"O-1": make_steps(plant, "a", [HOUR])}
    floor = open_floor(plant, CALM, seed=1, start=0)
    floor.obey(Dispatch(book_in_turn(plant, orders)))
    floor.obey(Release("O-1", orders["O-1"]))
    messages = [*floor.advance(30 * MINUTE)]
    assert floor.break_down("a1") == HOUR
    messages += floor.advance(110 * MINUTE)
    floor.mend("a1")
    messages += floor.advance(6 * HOUR)
    events = events_of(messages)
    stops = [(e.at, e.until) for e in events if isinstance(e, WorkUnitStopped)]
    assert stops == [(at * MINUTE, (at + 30) * MINUTE) for at in (30, 60, 90)]
    assert [e.at for e in events if isinstance(e, WorkUnitRestarted)] == [110 * MINUTE]
    [(start, finish, _)] = spans_of(events).values()
    assert finish - start == 140 * MINUTE


def test_a_unit_that_is_not_there_or_not_down_is_refused():
    floor = open_floor(make_plant([CenterSpec("a")]), CALM, seed=1, start=0)
    with pytest.raises(UnknownUnit, match="no unit 'X'"):
        floor.break_down("X", HOUR)
    with pytest.raises(WrongUnitState, match="not down"):
        floor.mend("a1")
