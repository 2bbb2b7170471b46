"""The kernel against closed formulas; forks, threads and replays give the same bits."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.errors import InvalidScenario
from unikat.twin.layout import CapRow, CenterRow, JobRow, Layout, StepRow, UnitRow, compile_layout
from unikat.twin.quantiles import exponential_row, gamma_row
from unikat.twin.simulate import open_state, run_until, simulate

MEAN = 10_000
"""Seconds of a step: rounding to whole ones is nothing beside it."""


def line(num_units, *, buffer=2, num_jobs=300, mtbf=0, mttr=0, by_calendar=False, gap=0):
    """Units one after the other with finite buffers: a part that finds no place blocks its unit."""
    centers = tuple(
        CenterRow((UnitRow(mtbf=mtbf, mttr=mttr, fails_by_calendar=by_calendar, key=i),), buffer)
        for i in range(num_units)
    )
    jobs = tuple(
        JobRow(j * gap, tuple(StepRow(c, MEAN, hash=64 * j + c) for c in range(num_units)))
        for j in range(num_jobs)
    )
    caps = tuple(CapRow((c,)) for c in range(num_units))
    rows = {(c, c): 0 for c in range(num_units)}
    return Layout(centers, caps, jobs, rows=rows, quantiles=(exponential_row(),))


def throughput(layout, *, replications, warm_up):
    """Return jobs a mean step time, and its standard error."""
    found = simulate(compile_layout(layout), replications=replications, seed=7)
    ends = found.finishes[:, -1] - found.finishes[:, warm_up]
    rates = (len(layout.jobs) - 1 - warm_up) * MEAN / ends
    return rates.mean(), rates.std(ddof=1) / sqrt(replications)


@pytest.mark.parametrize("places", [1, 5])
def test_two_units_and_a_buffer_are_as_fast_as_theory_says(places):
    """Two exponential units with K places between: (K + 2) / (K + 3)."""
    rate, error = throughput(line(2, buffer=places, num_jobs=2_000), replications=40, warm_up=200)
    assert abs(rate - (places + 2) / (places + 3)) < 4 * error


@pytest.mark.parametrize("by_calendar", [False, True])
def test_a_unit_that_fails_is_available_as_often_as_theory_says(by_calendar):
    """Alone and always busy: MTBF / (MTBF + MTTR), whichever clock the failures follow."""
    layout = line(1, num_jobs=2_000, mtbf=8 * MEAN, mttr=2 * MEAN, by_calendar=by_calendar)
    rate, error = throughput(layout, replications=40, warm_up=100)
    assert abs(rate - 0.8) < 4 * error


def queue_layout(num_servers, rho, row, *, num_jobs, seed):
    """Poisson arrivals at one work center with an endless buffer."""
    gaps = np.random.default_rng(seed).exponential(MEAN / rho / num_servers, num_jobs)
    jobs = tuple(
        JobRow(int(at), (StepRow(0, MEAN, hash=j),)) for j, at in enumerate(np.cumsum(gaps))
    )
    center = CenterRow(tuple(UnitRow(key=i) for i in range(num_servers)), num_jobs)
    rows = {(0, unit): 0 for unit in range(num_servers)}
    return Layout((center,), (CapRow((0,)),), jobs, rows=rows, quantiles=(row,))


@pytest.mark.parametrize(
    ("servers", "rho", "row", "expected"),
    [
        (1, 0.5, exponential_row(), 2.0),
        (3, 0.8, exponential_row(), 2.0787),  # Erlang C
        (1, 0.7, gamma_row(0.5), 1 + 0.7 * (1 + 0.25) / 2 / 0.3),  # Pollaczek-Khinchine
    ],
)
def test_time_in_a_queue_is_what_theory_says(servers, rho, row, expected):
    means = []
    for seed in range(30):
        layout = queue_layout(servers, rho, row, num_jobs=3_000, seed=seed)
        found = simulate(compile_layout(layout), replications=2, seed=seed)
        release = np.array([job.release for job in layout.jobs])
        means.append(((found.finishes - release)[:, 500:] / MEAN).mean())
    error = np.std(means, ddof=1) / sqrt(len(means))
    assert abs(np.mean(means) - expected) < 4 * error


@given(
    st.integers(1, 4), st.integers(0, 3), st.sampled_from((0, 5 * MEAN)), st.booleans(),
    st.integers(0, 2**64 - 1), st.lists(st.integers(0, 60 * MEAN), max_size=5),
)  # fmt: skip
def test_a_run_cut_anywhere_and_forked_ends_in_the_same_bits(
    num_units, buffer, mtbf, by_calendar, seed, cuts
):
    layout = line(
        num_units, buffer=buffer, num_jobs=12, mtbf=mtbf, mttr=MEAN, by_calendar=by_calendar
    )
    problem = compile_layout(layout)
    state = whole = open_state(problem, seed=seed)
    for cut in sorted(cuts):
        before = state.copy()
        state = run_until(problem, state, cut)
        assert np.array_equal(state, run_until(problem, before, cut))
    end = 10_000 * MEAN
    assert np.array_equal(run_until(problem, state, end), run_until(problem, whole, end))


def test_neither_threads_nor_how_replications_are_split_change_a_number():
    problem = compile_layout(line(3, num_jobs=40, mtbf=5 * MEAN, mttr=MEAN))
    one = simulate(problem, replications=120, seed=3)
    for threads in (2, 4):
        other = simulate(problem, replications=120, seed=3, threads=threads)
        assert np.array_equal(one.finishes, other.finishes)
    late = simulate(problem, replications=20, seed=3, first=100)
    assert np.array_equal(one.finishes[100:], late.finishes)


def test_common_random_numbers_make_differences_sure():
    def mean_finish(seed, pace):
        layout = line(3, num_jobs=60)
        fast = CenterRow((UnitRow(pace_permille=pace, key=0),), 2)
        problem = compile_layout(
            Layout((fast, *layout.centers[1:]), layout.caps, layout.jobs, rows=layout.rows,
                   quantiles=layout.quantiles)
        )  # fmt: skip
        return simulate(problem, replications=200, seed=seed).finishes.mean(axis=1)

    before = mean_finish(1, 1000)
    paired = (mean_finish(1, 1050) - before).var()
    independent = (mean_finish(2, 1050) - before).var()
    assert paired < independent / 20


def crossing(*, is_guarded):
    """Two units without buffers, and parts that cross: each may wait for the place of the other."""
    centers = tuple(CenterRow((UnitRow(key=i),), 0) for i in range(2))
    routes = ((0, 1), (1, 0))
    jobs = tuple(
        JobRow(0, tuple(StepRow(c, MEAN, hash=8 * j + c) for c in routes[j % 2])) for j in range(6)
    )
    rows = {(c, c): 0 for c in range(2)}
    return compile_layout(
        Layout(centers, (CapRow((0,)), CapRow((1,))), jobs, rows=rows,
               quantiles=(exponential_row(),), is_guarded=is_guarded)
    )  # fmt: skip


def test_without_the_supervisor_parts_that_cross_get_stuck_and_with_it_they_never_do():
    free = simulate(crossing(is_guarded=False), replications=50, seed=1)
    assert (free.stuck > 0).all()
    assert (free.finishes == -1).any(axis=1).all()
    guarded = simulate(crossing(is_guarded=True), replications=50, seed=1)
    assert not guarded.stuck.any()
    assert (guarded.finishes > 0).all()


def test_more_work_centers_than_bits_are_refused():
    with pytest.raises(InvalidScenario, match="62 work centers at most, not 63"):
        compile_layout(line(63, num_jobs=1))
