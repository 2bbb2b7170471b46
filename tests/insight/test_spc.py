"""Control charts: signals by hand, and run lengths as published."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.events import PartMeasured
from unikat.insight.spc import BEYOND, EWMA_LIMIT, SHIFTED, WEIGHT, chart_measures, signals_of


def part(k, measured, *, ordered=100.0, tolerance=3.0, name="length"):
    order = f"O-{k}"
    return PartMeasured(
        k, "I1", order, "inspect", 0, f"{order}/1", name, ordered, measured, tolerance, "mm"
    )


def test_parts_of_any_size_lie_on_one_chart():
    measures = [part(k, size + 0.5, ordered=size) for k, size in enumerate((10.0, 250.0, 80.0))]
    [chart] = chart_measures(measures, {"length": 0.5})
    assert [point.z for point in chart.points] == [1.0, 1.0, 1.0]
    assert chart.points[-1].ewma == pytest.approx(1 - (1 - WEIGHT) ** 3)
    assert (chart.mean, chart.spread, chart.num_out, chart.state) == (1.0, 0.0, 0, "in control")


def test_without_a_stated_sigma_the_tolerance_is_three():
    [chart] = chart_measures([part(1, 102.0, tolerance=6.0)], {})
    assert (chart.points[0].z, chart.spread) == (1.0, None)


@pytest.mark.parametrize(
    ("last", "signals"),
    [
        ([3.1], [BEYOND]),
        ([-3.1], [BEYOND]),
        ([3.0], []),
        ([2.1, 0, 2.1], ["2 of 3 beyond 2 sigma on one side"]),
        ([2.1, 0, -2.1], []),
        ([2.1, 2.1, 0], []),
        ([1.1, -1.1, 1.1, 1.1, 1.1], ["4 of 5 beyond 1 sigma on one side"]),
        ([0.1] * 8, ["8 in a row on one side"]),
        ([-0.1] * 8, ["8 in a row on one side"]),
        ([0.1] * 7, []),
    ],
)
def test_each_rule_signals_what_it_says_and_no_less(last, signals):
    assert list(signals_of(last, 0.0)) == signals


def test_the_weighted_mean_signals_beyond_its_limit():
    assert signals_of([0.5], EWMA_LIMIT + 1e-9) == (SHIFTED,)
    assert signals_of([0.5], -EWMA_LIMIT - 1e-9) == (SHIFTED,)
    assert signals_of([0.5], EWMA_LIMIT) == ()


def test_an_alarm_is_told_once_where_it_begins():
    measures = [part(k, 100 + z) for k, z in enumerate((0.0, 4.0, 4.0, 0.0, 4.0))]
    [chart] = chart_measures(measures, {"length": 1.0})
    told = [(alarm.serial, alarm.is_act) for alarm in chart.alarms if alarm.signal == BEYOND]
    assert told == [("O-1/1", True), ("O-4/1", True)]
    assert (chart.state, chart.num_out) == ("act", 3)


def run_length(shift, rng, most=20_000):
    ewma = 0.0
    for length in range(1, most):
        ewma += WEIGHT * (rng.gauss(shift, 1) - ewma)
        if abs(ewma) > EWMA_LIMIT:
            return length
    return most


@pytest.mark.parametrize(("shift", "published", "runs"), [(0.5, 41.8, 2_000), (1.0, 10.5, 4_000)])
def test_the_weighted_mean_finds_a_shift_as_fast_as_published(shift, published, runs):
    """Lucas and Saccucci 1990, average run lengths for weight .2 and width 2.962."""
    rng = random.Random(7)
    lengths = [run_length(shift, rng) for _ in range(runs)]
    mean = sum(lengths) / runs
    error = (sum((x - mean) ** 2 for x in lengths) / runs**2) ** 0.5
    assert abs(mean - published) < 4 * error + 0.05


@given(st.permutations([part(k, 100 + k % 5 - 2) for k in range(12)]))
def test_the_sequence_of_arrival_does_not_matter(measures):
    expected = chart_measures(sorted(measures, key=lambda each: each.at), {})
    assert chart_measures(measures, {}) == expected
