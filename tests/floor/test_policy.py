"""The rule of the running floor: exact where it can be, the banker's beyond, robust to stops."""

from hypothesis import given
from hypothesis import strategies as st

from floor_strategies import (
    CenterSpec,
    book_in_turn,
    make_plant,
    make_steps,
    run_floor,
    small_floors,
)
from reference.floor_safety import can_all_leave
from unikat.floor import World, open_floor
from unikat.floor.circles import find_circles
from unikat.floor.control import Control
from unikat.floor.explore import explore
from unikat.floor.model import Marking, Move, Token, buffer_of
from unikat.floor.net import build_net
from unikat.floor.plant_net import plant_system
from unikat.floor.policy import MOST_SPARSE, compile_exact, count_markings
from unikat.floor.supervisor import is_robust, make_move, remove_part
from unikat.terms import HOUR

AB, BA = ("a", "b"), ("b", "a")
LIMIT = 50_000


def capacities(plant):
    buffers = {buffer_of(center.id): center.buffer for center in plant.work_centers.values()}
    return {**buffers, **dict.fromkeys(plant.units, 1)}


def all_moves(net, marking, routes, count):
    """Every move there is: of the parts inside, and of one that enters by each route."""
    tokens = {
        **{f"O-{count}-{k}": Token("store", route, 0) for k, route in enumerate(routes)},
        **marking.parts,
    }
    for order, token in tokens.items():
        if token.entered == len(token.route):
            continue
        stage = net.stages[token.route][token.entered]
        for place, idx in net.center_of.items():
            is_unit = place in net.units
            if stage >> idx & 1 and (is_unit or token.place in net.units):
                yield Move((order,), (token.route,), place)


@given(small_floors())
def test_no_circle_reaches_more_states_than_it_has_markings_and_few_are_beyond_reach(floor):
    plant, routes = floor
    for circle in find_circles(plant_system(plant, sorted(set(routes)))):
        num = explore(circle, limit=LIMIT).num_states
        assert num <= count_markings(circle) <= MOST_SPARSE * num


@given(small_floors(), st.randoms(use_true_random=False))
def test_the_exact_rule_admits_what_can_all_leave_and_nothing_else(floor, rng):
    plant, routes = floor
    net, capacity = build_net(plant, routes), capacities(plant)
    control = Control(plant, 0, LIMIT)
    for route in routes:
        control.admit(route)
    marking = Marking({})
    for count in range(12):
        for order, token in list(marking.parts.items()):
            if token.entered == len(token.route) and rng.random() < 0.5:
                marking = remove_part(marking, order)
                control.leave(order)
        moves = list(all_moves(net, marking, routes, count))
        if not moves:
            break
        move = rng.choice(moves)
        after = make_move(net, marking, move)
        used = sum(t.place == move.target for o, t in marking.parts.items() if o not in move.orders)
        is_legal = used < capacity[move.target] and can_all_leave(net, capacity, after)
        assert control.begin(move) == is_legal
        marking = after if is_legal else marking
    assert control.rule == "exact"


def test_a_circle_through_builds_or_too_large_is_left_to_the_banker():
    small = make_plant([CenterSpec("a"), CenterSpec("b")])
    limit = LIMIT - 1  # a limit of its own: nothing is remembered from other tests
    exact = compile_exact(small, [AB, BA], limit=limit)
    assert [len(guard.vectors) for guard in exact.guards] == [1]
    assert compile_exact(small, [AB], limit=limit).guards == exact.guards
    assert compile_exact(small, [AB, BA], limit=3) is None
    batch = make_plant([CenterSpec("a", batch=2), CenterSpec("b")])
    assert compile_exact(batch, [AB, BA], limit=limit) is None
    assert compile_exact(batch, [AB], limit=limit).guards == ()


def test_a_new_route_that_makes_it_too_large_waits_until_the_banker_can_take_over():
    plant = make_plant([CenterSpec("a"), CenterSpec("b")])
    control = Control(plant, 0, 3)
    control.admit(AB)
    assert control.begin(Move(("O-1",), (AB,), "a1"))
    assert control.rule == "exact"
    control.admit(BA)
    assert not control.begin(Move(("O-2",), (BA,), "b1"))
    assert control.rule == "banker"
    assert control.begin(Move(("O-1",), (AB,), "b1"))


def run_circle(states, look_ahead=0):
    plant = make_plant([CenterSpec("a", mtbf=HOUR), CenterSpec("b", mtbf=HOUR)])
    hours = [HOUR, HOUR]
    orders = {f"O-{k}": make_steps(plant, "ab" if k % 2 else "ba", hours) for k in range(8)}
    floor = open_floor(plant, World(look_ahead=look_ahead, states=states), seed=3, start=0)
    messages = run_floor(floor, orders, book_in_turn(plant, orders))
    assert any(message.body["type"] == "unit_stopped" for message in messages)
    return floor.figures()


def test_a_floor_says_by_which_rule_it_runs_and_stands_still_only_without_one():
    for states, rule in ((LIMIT, "exact"), (0, "banker")):
        figures = run_circle(states)
        assert (figures.rule, figures.deadlocks, figures.stuck) == (rule, 0, ())
    without = run_circle(LIMIT, look_ahead=None)
    assert (without.rule, without.deadlocks) == ("none", 1)


def test_while_a_unit_is_down_no_part_enters_that_holds_up_those_which_do_not_need_it():
    plant = make_plant([CenterSpec("a"), CenterSpec("b"), CenterSpec("c")])
    ab, cac = ("a", "b"), ("c", "a")
    net = build_net(plant, [ab, cac])
    inside = Marking({"O-1": Token("c1", cac, 1)})
    after = make_move(net, inside, Move(("O-2",), (ab,), "a1"))
    assert is_robust(net, after, frozenset())
    assert not is_robust(net, after, {"b1"})
    control = Control(plant, 0, LIMIT)
    for route in (ab, cac):
        control.admit(route)
    assert control.begin(Move(("O-1",), (cac,), "c1"))
    assert not control.begin(Move(("O-2",), (ab,), "a1"), down={"b1"})
    assert control.begin(Move(("O-2",), (ab,), "a1"))


def test_parts_that_all_need_the_unit_that_is_down_may_enter_as_ever():
    plant = make_plant([CenterSpec("a"), CenterSpec("b")])
    control = Control(plant, 0, LIMIT)
    control.admit(AB)
    assert control.begin(Move(("O-1",), (AB,), "a1"), down={"b1"})
