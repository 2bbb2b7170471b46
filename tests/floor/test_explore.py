import pytest
from hypothesis import given

from floor_nets import assembly, small_plant, systems
from reference.floor_ras import (
    bad_naive,
    explore_naive,
    legal_naive,
    maximal_naive,
    minimal_naive,
)
from unikat.errors import InvalidNet
from unikat.floor.explore import (
    explore,
    find_bad,
    find_dead,
    find_legal,
    maximal_legal,
    minimal_bad,
    states_of,
    words_of,
)
from unikat.floor.ras import build_system


def counts_of(system):
    reach = explore(system)
    is_legal = find_legal(reach)
    is_bad = find_bad(reach, is_legal)
    return (
        reach.num_states,
        int(is_legal.sum()),
        int(find_dead(reach).sum()),
        int(is_bad.sum()),
        len(minimal_bad(reach, is_bad)),
        len(maximal_legal(reach, is_legal)),
    )


def test_the_small_plant_with_a_buffer_has_the_counts_of_the_guide():
    assert counts_of(small_plant(has_buffer=True)) == (180, 129, 7, 34, 6, 11)


def test_the_small_plant_without_its_buffer_has_four_minimal_bad_vectors():
    system = small_plant(has_buffer=False)
    assert counts_of(system) == (75, 48, 3, 16, 4, 5)
    reach = explore(system)
    vectors = states_of(minimal_bad(reach, find_bad(reach, find_legal(reach))))
    named = {
        frozenset(p for p, n in zip(system.places, system.unpack(v), strict=True) if n)
        for v in vectors
    }
    assert named == {
        frozenset({"A:R1>T1", "B:A1"}),
        frozenset({"A:R1>A1", "B:A1"}),
        frozenset({"A:R1>T1", "A:T1"}),
        frozenset({"A:T1", "B:A1"}),
    }


@given(systems())
def test_all_that_is_found_is_what_full_search_finds(system):
    reach = explore(system)
    edges = explore_naive(system)
    states = [system.unpack(state) for state in states_of(reach.states)]
    assert reach.is_complete
    assert sorted(states) == sorted(edges)
    for idx, state in enumerate(states):
        span = slice(reach.first[idx], reach.first[idx + 1])
        found = [(t, states[n]) for t, n in zip(reach.by[span], reach.to[span], strict=True)]
        assert found == edges[state]
    is_legal = find_legal(reach)
    legal = legal_naive(system, edges)
    assert {s for s, ok in zip(states, is_legal, strict=True) if ok} == legal
    is_bad = find_bad(reach, is_legal)
    bad = bad_naive(edges, legal)
    assert {s for s, ok in zip(states, is_bad, strict=True) if ok} == bad
    size = len(system.activities)
    inside = [system.unpack(v)[:size] for v in states_of(minimal_bad(reach, is_bad))]
    assert sorted(inside) == sorted(minimal_naive(system, bad))
    inside = [system.unpack(v)[:size] for v in states_of(maximal_legal(reach, is_legal))]
    assert sorted(inside) == sorted(maximal_naive(system, legal))


def test_the_limit_cuts_exploration_off_and_says_so():
    reach = explore(small_plant(has_buffer=True), limit=50)
    assert (reach.num_states, reach.is_complete) == (50, False)
    assert len(reach.to) == reach.first[-1]


def test_joins_are_explored_as_well():
    system = assembly()
    edges = explore_naive(system)
    assert counts_of(system)[:2] == (len(edges), len(legal_naive(system, edges)))
    assert counts_of(system)[2] == 2


def test_states_of_several_words_come_back_as_they_were():
    system = small_plant(has_buffer=True)
    states = [system.origin, system.origin << 1, 1 << 63]
    assert states_of(words_of(system, states)) == states


def test_a_place_that_overflows_is_refused():
    system = build_system(
        activities={"a1": {"R": 1}},
        idles=("a",),
        transitions={"copy": ({"a": 1}, {"a": 1, "a1": 1})},
        start={"a": 1, "R": 1},
        resources=("R",),
    )
    with pytest.raises(InvalidNet, match="more tokens than its resources allow"):
        explore(system)
