import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from unikat.capacity.calendar import NEVER, WorkingTime
from unikat.twin.hours import Hours


@st.composite
def working_times(draw):
    edges = sorted(draw(st.sets(st.integers(0, 200), min_size=4, max_size=12)))
    edges = edges[: len(edges) // 2 * 2]
    return WorkingTime.of(tuple(zip(edges[::2], edges[1::2], strict=True)))


@given(working_times(), st.lists(st.integers(0, 200), min_size=1), st.integers(1, 60))
def test_fits_are_those_of_the_scalar_working_time(time, instants, length):
    fits = Hours.of(time).fit(np.array(instants), length)
    for at, fit in zip(instants, fits.tolist(), strict=True):
        expected = time.first_fit(at, min(length, time.longest))
        if length <= time.longest and expected < NEVER:
            assert fit == expected
        else:
            assert fit >= at


@given(working_times(), st.lists(st.integers(0, 200), min_size=1), st.integers(1, 60))
def test_sums_are_those_of_the_scalar_working_time(time, instants, work):
    starts = [start for at in instants if (start := time.first_open(at)) < NEVER]
    sums = Hours.of(time).add(np.array(starts, dtype=np.int64), np.full(len(starts), work))
    for start, total in zip(starts, sums.tolist(), strict=True):
        if (expected := time.add(start, work)) < NEVER:
            assert total == expected
        else:
            assert total > start


def test_without_any_window_all_is_open():
    hours = Hours.of(WorkingTime.of(()))
    assert hours.fit(np.array([5]), 9).tolist() == [5]
    assert hours.add(np.array([5]), np.array([9])).tolist() == [14]
