from hypothesis import given
from hypothesis import strategies as st

from floor_nets import assembly, systems
from reference.floor_ras import bad_naive, explore_naive, legal_naive
from unikat.floor.explore import explore
from unikat.floor.rule import compile_rule


def admitted(system, rule):
    """All states met in closed loop with what the rule says of each move."""
    met, waiting, told = set(), [system.origin], {}
    while waiting:
        state = waiting.pop()
        if state in met:
            continue
        met.add(state)
        for transition in range(len(system.transitions)):
            if system.is_enabled(state, transition):
                told[state, transition] = rule.admits(state, transition)
                if told[state, transition]:
                    waiting.append(system.fire(state, transition))
    return met, told


@given(systems())
def test_every_legal_state_and_no_other_is_admitted(system):
    met, _ = admitted(system, compile_rule(explore(system)))
    assert {system.unpack(state) for state in met} == legal_naive(system, explore_naive(system))


@given(systems())
def test_legal_states_are_closed_downwards(system):
    edges = explore_naive(system)
    legal = legal_naive(system, edges)
    size = len(system.activities)
    bad = {state[:size] for state in bad_naive(edges, legal)}
    for state in legal:
        assert not any(all(a >= b for a, b in zip(state[:size], b, strict=True)) for b in bad)


def test_with_joins_the_legal_states_are_looked_up():
    system = assembly()
    rule = compile_rule(explore(system))
    assert rule.bad == ()
    met, told = admitted(system, rule)
    assert {system.unpack(state) for state in met} == legal_naive(system, explore_naive(system))
    assert not all(told.values())


@given(systems(), st.data())
def test_what_is_admitted_always_has_an_admitted_move_until_all_have_left(system, data):
    rule, state = compile_rule(explore(system)), system.origin
    for _ in range(20):
        moves = [
            t
            for t in range(len(system.transitions))
            if system.is_enabled(state, t) and rule.admits(state, t)
        ]
        if state == system.origin and not moves:
            return  # a route that no part alone can walk to its end
        assert moves
        state = system.fire(state, data.draw(st.sampled_from(moves)))
