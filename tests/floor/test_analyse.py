from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from floor_strategies import CenterSpec, make_plant
from unikat.floor.analyse import Exact, Sampled, analyse_plant, plant_system
from unikat.floor.circles import find_circles
from unikat.floor.explore import explore, find_legal, states_of
from unikat.floor.model import Marking, Token
from unikat.floor.net import build_net
from unikat.floor.supervisor import is_safe

TO_AND_FRO = [("a", "b"), ("b", "a")]


def plant_of(**buffers):
    return make_plant([CenterSpec(name, buffer=size) for name, size in buffers.items()])


def test_one_direction_has_no_circle_and_nothing_to_enlarge():
    found = analyse_plant(plant_of(a=0, b=0), [("a", "b"), ("b",)])
    assert (found.circles, found.gains) == ((), ())


def test_two_units_to_and_fro_have_one_deadlock():
    (circle,) = analyse_plant(plant_of(a=0, b=0), TO_AND_FRO).circles
    assert circle.resources == ("a", "b")
    # Each empty, with a part on its first or on its last step; both on the last is never reached.
    assert circle.found == Exact(8, 7, 1, 1, 1, (100.0, 100.0, 100.0))


def test_a_buffer_place_on_the_circle_is_worth_most_where_there_is_none_off_it():
    plant = plant_of(a=0, b=0, c=0)
    found = analyse_plant(plant, [*TO_AND_FRO, ("c", "a", "b")])
    assert {gain.resource for gain in found.gains[:2]} == {"buffer/a", "buffer/b"}
    assert found.gains[0].is_certain
    assert found.gains[-1].resource == "buffer/c"
    assert found.gains[-1].after == found.gains[-1].before


def test_beyond_the_limit_all_is_sampled_with_its_error():
    found = analyse_plant(plant_of(a=2, b=2), TO_AND_FRO, limit=20)
    (circle,) = found.circles
    assert isinstance(circle.found, Sampled)
    assert circle.found.explored == 20
    assert circle.found.asked > 5_000
    assert 0.5 < circle.found.share < 1.0
    assert all(gain.error > 0 for gain in found.gains)
    assert found == analyse_plant(plant_of(a=2, b=2), TO_AND_FRO, limit=20)


@given(
    st.lists(st.integers(0, 1), min_size=2, max_size=3),
    st.lists(
        st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map(tuple), min_size=1, max_size=3
    ),
)
def test_what_the_floors_banker_calls_safe_is_legal(buffers, routes):
    plant = plant_of(**dict(zip("abc", buffers, strict=False)))
    system, net = plant_system(plant, routes), build_net(plant, routes)
    reach = explore(system)
    for state, is_legal in zip(states_of(reach.states), find_legal(reach), strict=True):
        if is_safe(net, marking_of(system, state, plant, routes)):
            assert is_legal


def marking_of(system, state, plant, routes):
    """The marking of the floor's own net: which part is where, each with a route that fits."""
    parts, orders, free = {}, count(), {c: list(w.units) for c, w in plant.work_centers.items()}
    for name, number in zip(system.activities, system.unpack(state), strict=False):
        resource, _, rest = name.partition(": ")
        rest = tuple(rest.split(" > ")) if rest else ()
        resource = resource.rstrip(":")
        fitting = (r for r in routes if r[len(r) - len(rest) :] == rest)
        for _ in range(number):
            place = resource if resource.startswith("buffer/") else free[resource].pop()
            route = next(fitting_of(fitting, resource, rest))
            fitting = iter([route])
            entered = len(route) - len(rest)
            parts[f"O-{next(orders)}"] = Token(place, route, entered)
    return Marking(parts)


def fitting_of(routes, resource, rest):
    """Routes of which a part in a unit has just entered the step before `rest`."""
    for route in routes:
        done = len(route) - len(rest)
        if resource.startswith("buffer/") or (done and route[done - 1] == resource):
            yield route


def test_states_of_a_plant_with_two_circles_multiply():
    plant = plant_of(a=0, b=0, c=0, d=0)
    system = plant_system(plant, [*TO_AND_FRO, ("c", "d"), ("d", "c")])
    assert [circle.resources for circle in find_circles(system)] == [("a", "b"), ("c", "d")]
    assert explore(system).num_states == 64
