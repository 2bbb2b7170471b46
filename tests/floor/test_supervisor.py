from hypothesis import given
from hypothesis import strategies as st

from floor_strategies import CenterSpec, make_plant
from reference.floor_safety import can_all_leave
from unikat.floor.model import Marking, Move, Token, buffer_of
from unikat.floor.net import build_net
from unikat.floor.supervisor import allowed_moves, is_safe, make_move, remove_part

AB, BA = ("a", "b"), ("b", "a")


def two_centers(buffer=0):
    return make_plant([CenterSpec("a", buffer=buffer), CenterSpec("b", buffer=buffer)])


def enter(order, route, place):
    return Move((order,), (route,), place)


def test_two_parts_that_want_each_others_unit_are_not_let_in_together():
    net = build_net(two_centers(), [AB, BA])
    allowed = allowed_moves(
        net, Marking({}), [enter("O-1", AB, "a1"), enter("O-2", BA, "b1"), enter("O-3", AB, "a1")]
    )
    assert [move.orders for move in allowed.moves] == [("O-1",)]
    assert [(r.move.orders, r.reason) for r in allowed.refused] == [
        (("O-2",), "not safe"),
        (("O-3",), "taken"),
    ]


def test_with_a_buffer_to_step_aside_they_are_let_in_together():
    net = build_net(two_centers(buffer=1), [AB, BA])
    allowed = allowed_moves(net, Marking({}), [enter("O-1", AB, "a1"), enter("O-2", BA, "b1")])
    assert len(allowed.moves) == 2


def test_a_part_may_stay_in_its_unit_for_its_next_step():
    route = ("a", "a")
    net = build_net(two_centers(), [route])
    marking = Marking({"O-1": Token("a1", route, 1)})
    allowed = allowed_moves(net, marking, [enter("O-1", route, "a1")])
    assert allowed.marking.parts["O-1"] == Token("a1", route, 2)


def test_a_build_enters_an_empty_unit_as_a_whole_and_frees_it_with_its_last_part():
    plant = make_plant([CenterSpec("a", batch=3), CenterSpec("b")])
    net = build_net(plant, [AB])
    build = Move(("O-1", "O-2"), (AB, AB), "a1")
    allowed = allowed_moves(net, Marking({}), [build, enter("O-3", AB, "a1")])
    assert allowed.moves == (build,)
    one_left = make_move(net, allowed.marking, enter("O-1", AB, "b1"))
    assert not allowed_moves(net, one_left, [enter("O-3", AB, "a1")]).moves
    none_left = make_move(net, remove_part(one_left, "O-1"), enter("O-2", AB, "b1"))
    assert allowed_moves(net, none_left, [enter("O-3", AB, "a1")]).moves


@st.composite
def shop_nets(draw):
    names = "abc"[: draw(st.integers(2, 3))]
    plant = make_plant(
        [
            CenterSpec(name, units=draw(st.integers(1, 2)), buffer=draw(st.integers(0, 1)))
            for name in names
        ]
    )
    routes = draw(
        st.lists(
            st.lists(st.sampled_from(names), min_size=1, max_size=3).map(tuple),
            min_size=1,
            max_size=4,
        )
    )
    return plant, build_net(plant, routes), routes


def capacity_of(plant):
    buffers = {buffer_of(center.id): center.buffer for center in plant.work_centers.values()}
    return dict.fromkeys(plant.units, 1) | buffers


@given(shop_nets(), st.data(), st.sampled_from((0, 1)))
def test_only_markings_from_which_all_can_leave_are_reached_and_something_is_always_allowed(
    shop, data, look_ahead
):
    plant, net, routes = shop
    marking, left = Marking({}), {f"O-{i}": route for i, route in enumerate(routes)}
    capacity = capacity_of(plant)
    for _ in range(12):
        wanted = wanted_of(net, marking, left)
        done = [o for o, t in marking.parts.items() if t.entered == len(t.route)]
        allowed = [
            move
            for move in wanted
            if allowed_moves(net, marking, [move], look_ahead=look_ahead).moves
        ]
        assert allowed or done or not (marking.parts or left)
        if not (allowed or done):
            return
        pick = data.draw(st.sampled_from([*allowed, *done]))
        if isinstance(pick, str):
            marking = remove_part(marking, pick)
            continue
        marking = make_move(net, marking, pick)
        left.pop(pick.orders[0], None)
        assert can_all_leave(net, capacity, marking)


def wanted_of(net, marking, left):
    moves = []
    for order, route in left.items():
        stage = net.stages[route][0]
        moves += [
            enter(order, route, u) for u in sorted(net.units) if stage >> net.center_of[u] & 1
        ]
    for order, token in marking.parts.items():
        if token.entered == len(token.route):
            continue
        stage = net.stages[token.route][token.entered]
        moves += [
            enter(order, token.route, place)
            for place, idx in net.center_of.items()
            if stage >> idx & 1 and (place in net.units or token.place in net.units)
        ]
    return moves


@given(shop_nets())
def test_an_empty_floor_is_safe(shop):
    assert is_safe(shop[1], Marking({}))
