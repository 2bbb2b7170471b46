from hypothesis import given

from floor_nets import assembly, small_plant, system_of, systems
from reference.floor_ras import explore_naive, legal_naive
from unikat.floor.circles import OUTSIDE, find_circles
from unikat.floor.explore import explore, find_legal, states_of


def test_routes_in_one_direction_form_no_circle():
    routes = {"a": [("K",), ("L",), ("M",)], "b": [("K", "L"), ("M",)]}
    assert find_circles(system_of({"K": 1, "L": 1, "M": 1}, routes)) == ()


def test_what_lies_before_and_behind_a_circle_is_outside():
    routes = {"a": [("J",), ("K",), ("L",), ("M",)], "b": [("L",), ("K",)]}
    (circle,) = find_circles(system_of({"J": 1, "K": 2, "L": 1, "M": 1}, routes))
    assert circle.resources == ("K", "L")
    assert circle.activities == ("a1:K", "a2:L", "b0:L", "b1:K")
    assert circle.idles == (OUTSIDE,)
    assert circle.start[-2:] == (2, 1)


def test_a_system_with_a_way_that_has_no_end_is_left_as_it_is():
    system = system_of({"K": 1, "L": 1}, {"a": [("L",), ("K",), ("K",)]})
    assert find_circles(system) == (system,)


def test_a_system_with_joins_is_left_as_it_is():
    assert find_circles(assembly()) == (assembly(),)


def test_a_system_that_is_one_circle_is_left_as_it_is():
    system = system_of({"K": 1, "L": 1}, {"a": [("K",), ("L",)], "b": [("L",), ("K",)]})
    assert find_circles(system) == (system,)


def test_the_circle_of_the_small_plant_leaves_its_printers_out():
    (circle,) = find_circles(small_plant(has_buffer=True))
    assert set(circle.resources) == {"T1", "A1", "R1", "B1"}


@given(systems())
def test_a_state_is_legal_if_and_only_if_it_is_in_every_circle_by_itself(system):
    edges = explore_naive(system)
    legal = legal_naive(system, edges)
    circles = []
    for circle in find_circles(system):
        reach = explore(circle)
        is_legal = find_legal(reach)
        states = [circle.unpack(state) for state in states_of(reach.states)]
        size = len(circle.activities)
        ok = {state[:size] for state, each in zip(states, is_legal, strict=True) if each}
        circles.append(([system.activities.index(name) for name in circle.activities], ok))
    for state in edges:
        is_legal_in_all = all(tuple(state[p] for p in places) in ok for places, ok in circles)
        assert is_legal_in_all == (state in legal)
