"""What buffers cannot hold is found in a plan; what finds a place is not reported."""

from hypothesis import given
from hypothesis import strategies as st

from shop_strategies import NOTHING, center, make_order, make_plant
from unikat.capacity.model import Booking
from unikat.plant.model import Batch
from unikat.schedule.check import check
from unikat.schedule.model import Progress, Running
from unikat.schedule.problem import build_problem
from unikat.schedule.recheck_buffers import find_jams
from unikat.schedule.solve import solve
from unikat.terms import DAY, HOUR


def shop(routes, *, places=0, batch=0):
    """One unit a work center; orders o0, o1, ... with steps s0, s1, ... of an hour each."""
    centers = [
        center(c, c, (c.upper(),), buffer=places, batch=Batch(batch, 0) if batch else None)
        for c in "abc"
    ]
    orders = [
        make_order(f"o{i}", [(f"s{k}", c, HOUR, None, (f"s{k - 1}",)[: k and 1])
                             for k, c in enumerate(route)], finish=DAY)
        for i, route in enumerate(routes)
    ]  # fmt: skip
    return make_plant(centers), orders


def book(order, step, unit, start, hours=1, build=None):
    at = start * HOUR
    return Booking(f"o{order}", f"s{step}", unit, at, at, at + hours * HOUR, None, (), build, 0)


def jams(plant, orders, bookings, done=NOTHING):
    found = find_jams(build_problem(plant, orders, done, 0), bookings)
    return [(jam.kind, jam.center, jam.start // HOUR, jam.finish // HOUR, jam.steps)
            for jam in found]  # fmt: skip


LONG = [book(0, 0, "A", 0), book(1, 0, "A", 1), book(2, 0, "A", 2), book(0, 1, "B", 1, 4),
        book(1, 1, "B", 5), book(2, 1, "B", 6)]  # fmt: skip


def test_a_part_that_must_leave_its_unit_needs_a_place_until_the_next_unit_is_free():
    plant, orders = shop(["ab"] * 3)
    assert jams(plant, orders, LONG) == [("full", "b", 2, 5, (("o1", "s1"),))]
    plant, orders = shop(["ab"] * 3, places=1)  # o2 may stay in A: nobody comes after it
    assert jams(plant, orders, LONG) == []


def test_a_part_that_runs_now_waits_like_any_other():
    plant, orders = shop(["ab"] * 3)
    done = Progress({}, {("o0", "s0"): Running("A", 0, HOUR)}, {}, (), {})
    assert jams(plant, orders, LONG[1:], done) == [("full", "b", 2, 5, (("o1", "s1"),))]


def test_two_parts_that_change_units_with_each_other_are_a_circle_unless_one_can_step_aside():
    change = [book(0, 0, "A", 0), book(1, 0, "B", 0), book(0, 1, "B", 1), book(1, 1, "A", 1)]
    plant, orders = shop(["ab", "ba"])
    found = jams(plant, orders, change)
    assert found == [("circle", "b", 1, 1, (("o0", "s1"), ("o1", "s1")))]
    plant, orders = shop(["ab", "ba"], places=1)
    assert jams(plant, orders, change) == []


def test_a_part_that_gives_its_unit_to_another_and_comes_back_needs_a_place():
    back = [book(0, 0, "A", 0), book(1, 0, "A", 1), book(0, 1, "A", 2)]
    plant, orders = shop(["aa", "a"])
    assert [jam[0] for jam in jams(plant, orders, back)] == ["full"]
    assert jams(plant, orders, [back[0], book(0, 1, "A", 1), book(1, 0, "A", 2)]) == []


def test_the_parts_of_a_build_leave_it_together():
    plant, orders = shop(["ab", "ab", "a"], batch=2)
    bookings = [*(book(i, 0, "A", 0, build="x") for i in range(2)), book(2, 0, "A", 1, build="y"),
                book(0, 1, "B", 1, build="u"), book(1, 1, "B", 2, build="v")]  # fmt: skip
    assert jams(plant, orders, bookings) == [("full", "b", 1, 2, (("o1", "s1"),))]


@given(st.lists(st.permutations("abc"), min_size=1, max_size=6))
def test_with_a_place_for_every_part_no_legal_schedule_jams(routes):
    plant, orders = shop(["".join(route) for route in routes], places=len(routes))
    problem = build_problem(plant, orders, NOTHING, 0)
    schedule = solve(problem, seconds=0, seed=0)
    assert check(problem, schedule) == ()
    assert find_jams(problem, schedule.bookings) == ()
