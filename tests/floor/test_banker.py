import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floor_nets import assembly, small_plant, system_of, systems
from reference.floor_ras import drains_naive, explore_naive, legal_naive
from unikat.errors import InvalidNet
from unikat.floor import _kernels
from unikat.floor.banker import find_drained, look_ahead, moves_inside, read_walks, stroll
from unikat.floor.explore import admitted_states, explore, find_legal, states_of, words_of


@given(systems())
def test_a_state_drains_as_the_search_part_by_part_says(system):
    reach = explore(system)
    found = find_drained(read_walks(system), reach.states)
    states = [system.unpack(state) for state in states_of(reach.states)]
    assert found.tolist() == [drains_naive(system, state) for state in states]


@given(systems(), st.integers(0, 4))
def test_only_legal_states_are_admitted_and_each_keeps_a_way_out(system, ahead):
    reach = explore(system)
    is_safe = find_drained(read_walks(system), reach.states)
    met = admitted_states(reach, look_ahead(reach, is_safe, ahead))
    legal = legal_naive(system, explore_naive(system))
    states = [system.unpack(state) for state in states_of(reach.states)]
    assert {s for s, ok in zip(states, met, strict=True) if ok} <= legal
    for idx in np.flatnonzero(met)[1:]:
        assert met[reach.to[reach.first[idx] : reach.first[idx + 1]]].any()


@given(systems())
def test_looking_further_ahead_never_admits_less_and_in_the_end_all(system):
    reach = explore(system)
    is_safe = find_drained(read_walks(system), reach.states)
    sizes = [int(look_ahead(reach, is_safe, k).sum()) for k in (0, 1, 2, 50)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == int(find_legal(reach).sum())


def test_a_part_needs_one_place_at_a_time_and_not_its_whole_way_at_once():
    system = system_of({"K": 1, "L": 1}, {"a": [("K",), ("L",), ("K",)]}, idle=1)
    reach = explore(system)
    assert find_drained(read_walks(system), reach.states).all()


def test_the_share_of_refused_moves_is_that_of_the_walk_with_the_explored_states():
    system = small_plant(has_buffer=True)
    found = stroll(system, num_moves=20_000, seed=3, ahead=0)
    assert found.deadlocks == 0
    assert 0.05 < found.refused / found.asked < 0.5
    assert stroll(system, num_moves=20_000, seed=3, ahead=1).refused < found.refused


@pytest.mark.parametrize("seed", [1, 2])
def test_random_walks_with_stops_meet_deadlocks_without_the_rule_and_none_with_it(seed):
    system = small_plant(has_buffer=True)
    reach = explore(system)
    tokens = words_of(system, [1 << field.shift for field in system.fields])
    takes, guards = words_of(system, system.takes), words_of(system, [system.guards])[0]

    def walk(is_admitted):
        return _kernels.wander_edges(
            reach.states, reach.first, reach.to, reach.by, is_admitted, takes, guards, tokens,
            20_000, 100, seed,
        )  # fmt: skip

    made, stops, deadlocks = walk(find_legal(reach))
    assert (made, deadlocks) == (20_000, 0)
    assert stops > 100
    assert walk(np.ones(reach.num_states, dtype=np.bool_))[2] > 100


def test_joins_are_refused_with_a_remedy():
    with pytest.raises(InvalidNet, match="Explore the system exactly"):
        read_walks(assembly())


def test_moves_of_parts_that_enter_are_no_moves_inside():
    system = system_of({"M": 1}, {"a": [("M",)]})
    assert moves_inside(system) == (False, True)
