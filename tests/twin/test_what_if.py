"""What-if: nothing changed is no difference at all, and a stop delays what it must."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floor_strategies import CenterSpec, book_in_turn, make_order, make_plant, make_steps, shops
from unikat.capacity.model import Stop
from unikat.errors import InvalidScenario
from unikat.events import Recorded, StepStarted
from unikat.order.model import OrderState
from unikat.terms import DAY, HOUR, MINUTE
from unikat.twin.scenario import Scenario
from unikat.twin.state import apply_events, empty_state
from unikat.twin.what_if import Situation, compare_scenarios, watch_scenario

ONE = make_plant([CenterSpec("a")])
UNSURE = make_plant([CenterSpec("a", cv=0.25)])


def situation_of(plant, orders, *, due=DAY, now=0, events=()):
    made = tuple(
        replace(make_order(name, steps, due=due), state=OrderState.RELEASED)
        for name, steps in orders.items()
    )
    records = [Recorded(i, i, f"e:1:{i}", "f", e.at, e) for i, e in enumerate(events, start=1)]
    floor = apply_events(empty_state(plant), records)
    bookings = {(b.order, b.step): b for b in book_in_turn(plant, orders)}
    return Situation(plant, floor, made, (), bookings, now)


def compare(situation, *scenarios, rounds=3, replications=50, seed=1):
    return compare_scenarios(
        situation, scenarios, rounds=rounds, replications=replications, seed=seed
    )


def stop(hours, *, unit="a1", after=0):
    return Scenario(f"{hours} h", (Stop(unit, after * HOUR, round((after + hours) * HOUR)),))


def queue(plant, count, minutes=60):
    return {f"O-{k}": make_steps(plant, "a", [minutes * MINUTE]) for k in range(count)}


@given(shops(max_orders=5), st.integers(0, 9))
@settings(max_examples=15)
def test_nothing_changed_is_no_difference_at_all(shop, seed):
    plant, orders, _ = shop
    [same] = compare(situation_of(plant, orders), Scenario("nothing"), replications=10, seed=seed)
    assert same.delay.mean == same.delay.low == same.delay.high == 0
    assert same.before == same.after
    for each in same.orders:
        assert each.before == each.after
        assert (each.delay.mean, each.delay.low, each.on_time.mean, each.on_time.high) == (0,) * 4
    assert same.newly_late == same.no_longer_late == ()


@given(st.lists(st.floats(0.1, 90), min_size=2, max_size=4), st.integers(1, 5), st.integers(0, 9))
@settings(max_examples=15)
def test_a_longer_stop_of_the_only_unit_never_lowers_the_mean_finish(hours, count, seed):
    for plant, num_orders in ((ONE, count), (UNSURE, 1)):
        situation = situation_of(plant, queue(plant, num_orders))
        found = compare(situation, *map(stop, sorted(hours)), seed=seed)
        delays = [each.delay.mean for each in found]
        assert delays == sorted(delays)
        assert delays[0] > 0


def test_without_noise_a_stop_delays_an_order_by_its_length_and_makes_it_late():
    situation = situation_of(ONE, queue(ONE, 2), due=3 * HOUR)
    [found] = compare(situation, stop(1.5))
    assert [each.p50_delay for each in found.orders] == [1.5 * HOUR] * 2
    assert found.delay.mean == found.delay.low == 1.5 * HOUR
    assert found.delay.is_sure
    [late] = found.newly_late
    [each] = [each for each in found.orders if each.order_id == late]
    assert (each.before.p50, each.after.p50, each.on_time.mean) == (2 * HOUR, 3.5 * HOUR, -1)


def test_a_running_step_waits_while_its_unit_stops_and_is_not_held_up_by_a_later_stop():
    started = StepStarted(0, "a1", "O-0", "s0", 0, None, HOUR)
    situation = situation_of(ONE, queue(ONE, 1), now=0, events=[started])
    found = compare(situation, stop(2), stop(2, after=0.5))
    assert [each.orders[0].p50_delay for each in found] == [2 * HOUR, 0]


def test_a_later_stop_is_worked_around():
    situation = situation_of(ONE, queue(ONE, 1, minutes=90))
    assert compare(situation, stop(2, after=1))[0].orders[0].p50_delay == 3 * HOUR
    assert compare(situation, stop(2, after=1.5))[0].delay.mean == 0


def test_a_second_unit_and_a_faster_one_take_time_off_what_is_late():
    situation = situation_of(ONE, queue(ONE, 4), due=HOUR)
    more = Scenario("more", extra=(("a", 1),))
    faster = Scenario("faster", paces=(("a1", 2000),))
    for found in compare(situation, more, faster):
        assert found.delay.high < 0


def test_a_rush_order_comes_sooner_than_it_would():
    situation = situation_of(ONE, queue(ONE, 5))
    last = max(compare(situation, Scenario("x"))[0].orders, key=lambda each: each.before.p50)
    [found] = compare(situation, Scenario("rush", rush=(last.order_id,)), rounds=20)
    rushed = next(each for each in found.orders if each.order_id == last.order_id)
    assert rushed.p50_delay == -4 * HOUR


@given(shops(max_orders=5), st.integers(0, 9))
@settings(max_examples=10)
def test_the_same_seed_gives_the_same_answer(shop, seed):
    plant, orders, _ = shop
    situation = situation_of(plant, orders)
    unit = next(iter(plant.units))
    one, two = (
        compare(situation, stop(3, unit=unit), replications=20, seed=seed) for _ in range(2)
    )
    assert one == two


def test_common_random_numbers_leave_little_noise_in_the_difference():
    situation = situation_of(UNSURE, queue(UNSURE, 6))
    [found] = compare(situation, stop(1), replications=200)
    last = max(found.orders, key=lambda each: each.after.p50)
    spread = last.after.p90 - last.after.p10
    assert last.delay.high - last.delay.low < spread / 20


def test_one_replication_claims_no_interval():
    [found] = compare(situation_of(ONE, queue(ONE, 1)), stop(1), replications=1)
    assert found.delay.mean == HOUR
    assert not found.delay.is_sure


def test_no_open_order_is_no_delay():
    [found] = compare(situation_of(ONE, {}), stop(1))
    assert (found.orders, found.delay.mean) == ((), 0)


def test_a_scenario_of_a_unit_that_is_not_there_is_refused():
    with pytest.raises(InvalidScenario, match="'b1'"):
        compare(situation_of(ONE, queue(ONE, 1)), stop(1, unit="b1"))


def test_each_look_is_what_so_many_replications_say():
    situation = situation_of(UNSURE, queue(UNSURE, 3))
    looks = watch_scenario(situation, stop(1), rounds=3, replications=250, seed=1)
    found = list(looks)
    assert [each.replications for each in found] == [50, 200, 250]
    for each in found:
        assert [each] == list(compare(situation, stop(1), replications=each.replications))


def test_another_layout_takes_its_travel_and_another_robot_its_waiting():
    plant = make_plant([CenterSpec("a", units=4), CenterSpec("b", units=4)], travel=600, robots=1)
    steps = make_steps(plant, "ab", [HOUR, HOUR])
    situation = situation_of(plant, {f"O-{k}": steps for k in range(4)})
    near = Scenario("near", travel=(("a", "b", 60),))
    more = Scenario("more", robots=3)
    closer, sooner = compare(situation, near, more)
    assert max(each.p50_delay for each in closer.orders) <= -540
    assert min(each.p50_delay for each in sooner.orders) < 0


def test_what_cannot_be_carried_is_refused():
    for scenario, told in (
        (Scenario("x", robots=1), "has no robots"),
        (Scenario("x", travel=(("a", "a", 5),)), "between two"),
        (Scenario("x", travel=(("a", "z", 5),)), "'z'"),
    ):
        with pytest.raises(InvalidScenario, match=told):
            compare(situation_of(ONE, queue(ONE, 1)), scenario)
