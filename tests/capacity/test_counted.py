"""The use of a counted resource equals counting at every second."""

from hypothesis import given
from hypothesis import strategies as st

from unikat.capacity.counted import Use

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda x: (x[0], x[0] + x[1])), max_size=8
)


def held(spans, t):
    return sum(a <= t < b for a, b in spans)


@given(SPANS, st.integers(1, 3), st.integers(0, 40), st.integers(1, 10))
def test_the_first_full_period_is_found(spans, limit, start, length):
    use = Use(limit).change(spans, +1)
    full = [t for t in range(start, start + length) if held(spans, t) >= limit]
    until = start
    if full:
        until = next(t for t in range(full[0], 60) if held(spans, t) < limit)
    assert use.full_until(start, start + length) == until


@given(SPANS, SPANS)
def test_changes_undo_each_other_whatever_their_sequence(first, second):
    before = Use(2).change(first, +1)
    after = before.change(second, +1).change(tuple(reversed(second)), -1)
    assert (list(after.at), list(after.used)) == (list(before.at), list(before.used))


@given(SPANS, st.integers(0, 40))
def test_what_ended_is_dropped_and_the_rest_counts_the_same(spans, now):
    use = Use(2).change(spans, +1)
    later = use.after(now)
    for t in range(now, 50):
        assert later.full_until(t, t + 1) == use.full_until(t, t + 1)
