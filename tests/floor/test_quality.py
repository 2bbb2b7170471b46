"""Inspection, rework and scrap: by hand, and on random floors together with the folded state."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floor_strategies import CenterSpec, book_in_turn, make_plant, make_steps, run_floor, shops
from unikat.configure.model import Check, Step
from unikat.events import (
    LoadMoved,
    PartMeasured,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    StepFinished,
    StepStarted,
)
from unikat.floor import Dispatch, Process, Release, World, open_floor, read_event
from unikat.floor.machine import Part
from unikat.floor.quality import inspect, judge
from unikat.terms import HOUR
from unikat.twin.state import apply_events, empty_state, hash_state, progress_of

LENGTH = Check("length", 250.0, 0.5, 0.1, "mm", ("s1", "s2"), 1)
WEIGHT = Check("weight", 90.0, 5.0, 1.0, "g", (), 1)
PLANT = make_plant([CenterSpec("a"), CenterSpec("b"), CenterSpec("c")])


def steps_with(*checks):
    *first, last = make_steps(PLANT, "abc", [HOUR] * 3)
    checked = Step(last.step, last.capability, last.work, None, last.after, (), None, checks)
    return (*first, checked)


def test_within_tolerance_is_good_also_on_its_edge():
    assert judge([(LENGTH, 250.5), (WEIGHT, 85.0)], 0).reason == ""


def test_out_of_tolerance_goes_back_while_reworks_are_left_and_is_scrap_then():
    first = judge([(LENGTH, 250.51), (WEIGHT, 91.0)], 0)
    assert first.again == ("s1", "s2")
    assert first.reason == "length 250.5 mm, ordered 250 within 0.5"
    assert judge([(LENGTH, 250.51)], 1).again == ()
    assert judge([(LENGTH, 249.0), (WEIGHT, 99.0)], 0).again == ()


def test_a_measure_is_the_order_with_the_bias_and_spread_of_its_process():
    world = World(processes={"length": Process(0.4, since=100)})
    parts = [Part(f"O-{k}", steps_with(LENGTH), (), next=2) for k in range(400)]

    def mean_at(now):
        values = [inspect(world, 1, part, now).measured[0][1] for part in parts]
        return sum(values) / len(values)

    assert mean_at(0) == pytest.approx(250, abs=4 * 0.1 / 20)
    assert mean_at(100) == pytest.approx(250.4, abs=4 * 0.1 / 20)


def test_each_attempt_is_measured_and_drawn_anew():
    part = Part("O-1", steps_with(LENGTH), (), next=2)
    first = inspect(World(), 1, part, 0).measured
    part.go_back(("s1", "s2"))
    assert (part.next, part.attempts, part.serial) == (1, {"s1": 1, "s2": 1}, "O-1/1")
    part.next = 2
    assert inspect(World(), 1, part, 0).measured != first
    part.go_back(())
    assert (part.next, part.attempts, part.serial) == (0, {"s0": 1, "s1": 2, "s2": 2}, "O-1/2")
    assert part.num_reworks == 0


def test_a_part_always_too_long_is_reworked_once_then_made_anew():
    steps = steps_with(LENGTH)
    orders = {"O-1": steps}
    world = World(processes={"length": Process(9.0)})
    floor = open_floor(PLANT, world, seed=1, start=0)
    bookings = book_in_turn(PLANT, orders)
    messages = run_floor(floor, orders, bookings, until=14 * HOUR)
    events = [read_event(message) for message in messages]
    kinds = (StepStarted, ReworkOrdered, PartScrapped)
    told = [
        f"{event.step}{event.attempt}" if isinstance(event, StepStarted) else type(event).__name__
        for event in events
        if isinstance(event, kinds)
    ]
    assert told[:10] == [
        "s00", "s10", "s20", "ReworkOrdered", "s11", "s21", "PartScrapped", "s01", "s12", "s22"
    ]  # fmt: skip
    serials = [event.serial for event in events if isinstance(event, PartMeasured)]
    assert serials[:3] == ["O-1/1", "O-1/1", "O-1/2"]


SHARES = st.sampled_from((0.0, 0.2, 0.4))
ROUGH = st.builds(
    lambda flawed, scrapped, ahead: World(
        flawed=dict.fromkeys("abcd", flawed),
        scrapped=dict.fromkeys("abcd", scrapped / 2),
        look_ahead=ahead,
    ),
    SHARES,
    SHARES,
    st.sampled_from((0, 1)),
)


@given(shops(max_orders=6), ROUGH, st.integers(0, 99))
def test_with_rework_and_scrap_all_orders_leave_and_no_deadlock_comes(shop, world, seed):
    plant, orders, bookings = shop
    floor = open_floor(plant, world, seed=seed, start=0)
    events = [read_event(message) for message in run_floor(floor, orders, bookings)]
    assert (floor.figures().deadlocks, floor.figures().stuck) == (0, ())
    left = [e.order_id for e in events if isinstance(e, LoadMoved) and e.target == "dock"]
    assert sorted(left) == sorted(orders)
    good = Counter((e.order_id, e.step) for e in events if isinstance(e, StepFinished) and e.good)
    assert set(good) == {(order, step.step) for order, steps in orders.items() for step in steps}


@given(shops(max_orders=5), ROUGH, st.integers(0, 99), st.floats(0, 1))
def test_floor_and_folded_state_agree_on_what_is_left_to_do(shop, world, seed, share):
    plant, orders, bookings = shop
    whole = run_floor(open_floor(plant, world, seed=seed, start=0), orders, bookings)
    until = int(whole[-1].at * share)
    floor = open_floor(plant, world, seed=seed, start=0)
    floor.obey(Dispatch(bookings))
    for order, steps in orders.items():
        floor.obey(Release(order, steps))
    messages = floor.advance(until)
    records = [
        Recorded(k, k, message.id, "floor/floor", message.at, read_event(message))
        for k, message in enumerate(messages, start=1)
    ]
    state = apply_events(empty_state(plant), records)
    progress = progress_of(state, {}, until)
    begun = progress.finished.keys() | progress.running.keys()
    for order, steps in orders.items():
        part = floor._parts[order]
        if part.place == "dock":
            continue
        open_steps = [step.step for step in steps if (order, step.step) not in begun]
        truth = [
            step.step
            for k, step in enumerate(steps)
            if k > part.next or (k == part.next and (order, step.step) not in progress.running)
        ]
        assert open_steps == truth
        attempts = {key[1]: 1 for key in progress.reopened if key[0] == order}
        assert all(part.attempts[step] >= 1 for step in attempts)
    one_by_one = empty_state(plant)
    for record in records:
        one_by_one = apply_events(one_by_one, [record])
    assert hash_state(one_by_one) == hash_state(state)
