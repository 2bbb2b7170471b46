from hypothesis import given
from hypothesis import strategies as st

from floor_nets import assembly, system_of, systems
from reference.floor_ras import successors


@given(systems(), st.data())
def test_a_packed_state_enables_and_fires_as_its_counts_do(system, data):
    state, counts = system.origin, system.start
    for _ in range(12):
        found = successors(system, counts)
        transitions = range(len(system.transitions))
        assert [t for t in transitions if system.is_enabled(state, t)] == [t for t, _ in found]
        assert system.unpack(state) == counts
        assert system.pack(counts) == state
        if not found:
            return
        transition, counts = data.draw(st.sampled_from(found))
        state = system.fire(state, transition)


def test_no_field_of_a_large_system_lies_across_two_words():
    system = system_of({"M": 5}, {"a": [("M",)] * 40}, idle=9)
    for field in system.fields:
        assert field.shift // 64 == (field.shift + field.mask.bit_length()) // 64
    assert system.unpack(system.pack(system.start)) == system.start


def test_only_assembly_is_a_join():
    assert assembly().has_joins
    assert not system_of({"M": 1}, {"a": [("M",)]}).has_joins
