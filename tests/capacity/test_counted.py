"""The use of a counted resource equals counting at every second."""

from hypothesis import given
from hypothesis import strategies as st

from unikat.capacity.counted import Use

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda x: (x[0], x[0] + x[1])), max_size=8
)


def change(use, spans, by):
    for start, finish in spans:
        use = use.change(start, finish, by)
    return use


def held(spans, t):
    return sum(a <= t < b for a, b in spans)


@given(SPANS, st.integers(1, 3), st.integers(0, 40), st.integers(1, 10))
def test_the_first_full_period_is_found(spans, limit, start, length):
    use = change(Use.of(limit), spans, +1)
    full = [t for t in range(start, start + length) if held(spans, t) >= limit]
    until = start
    if full:
        until = next(t for t in range(full[0], 60) if held(spans, t) < limit)
    assert use.full_until(start, start + length) == until


@given(SPANS, SPANS)
def test_changes_undo_each_other_whatever_their_sequence(first, second):
    before = change(Use.of(2), first, +1)
    after = change(change(before, second, +1), tuple(reversed(second)), -1)
    assert after.steps.tolist() == before.steps.tolist()
