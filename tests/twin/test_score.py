from random import Random
from statistics import NormalDist, fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.events import FORECAST_LEVELS, OrderForecast
from unikat.twin.score import (
    P5,
    P50,
    P95,
    Foreseen,
    crps,
    level_of,
    score_forecasts,
    score_table,
)

NORMAL = NormalDist(100_000, 5_000)
QUANTILES = tuple(round(NORMAL.inv_cdf(level)) for level in FORECAST_LEVELS)
rising = st.lists(st.integers(0, 10**6), min_size=21, max_size=21).map(sorted)


def foreseen(made_at=0, version=0, quantiles=QUANTILES):
    said = OrderForecast("O-1", 0, 0, 0, 0.5, quantiles, quantiles)
    return Foreseen(made_at, version, said)


def test_crps_is_that_of_the_normal_distribution():
    """Gneiting and Raftery 2007, equation 21, at the mean: sigma (sqrt(2) - 1) / sqrt(pi)."""
    assert crps(QUANTILES, 100_000) == pytest.approx(0.2337 * 5_000, rel=0.05)


@given(rising, st.integers(-10, 10**6 + 10), st.integers(0, 1000))
def test_a_level_rises_with_the_instant_and_lies_between_0_and_1(quantiles, at, more):
    assert 0 <= level_of(quantiles, at) <= level_of(quantiles, at + more) <= 1


def test_finishes_of_the_stated_distribution_are_covered_as_often_as_stated():
    rng = Random(3)
    scores = [
        score_forecasts(f"O-{k}", [foreseen()], round(rng.gauss(100_000, 5_000)), 100_000)
        for k in range(4_000)
    ]
    row = score_table(scores)[-1]
    assert row.num_orders == 4_000
    assert row.covered == row.played == pytest.approx(0.9, abs=0.02)
    assert row.pit == pytest.approx([0.2] * 5, abs=0.03)
    assert row.on_time == pytest.approx(0.5, abs=0.03)
    assert row.crps == pytest.approx(2 * row.pinball)


def test_what_was_said_after_the_finish_and_old_forecasts_without_quantiles_do_not_count():
    said = [foreseen(0), foreseen(99_000), foreseen(0, quantiles=())]
    assert len(score_forecasts("O-1", said, 98_000, 0).checks) == 1


def test_each_order_counts_once_a_row_however_often_it_was_forecast():
    late = tuple(at + 50_000 for at in QUANTILES)
    scores = [
        score_forecasts("O-1", [foreseen(k) for k in range(9)], 100_000, 0),
        score_forecasts("O-2", [foreseen(0, quantiles=late)], 100_000, 0),
    ]
    assert score_table(scores)[-1].covered == pytest.approx(0.5)


def test_model_versions_are_scored_apart():
    scores = [score_forecasts("O-1", [foreseen(0, 0), foreseen(1, 1)], 100_000, 0)]
    assert {row.model_version for row in score_table(scores)} == {0, 1}
    assert score_table([]) == ()


def test_errors_are_against_what_was_played():
    check = score_forecasts("O-1", [foreseen()], 100_000, 0).checks[0]
    assert check.errors[P50] == 0
    assert check.errors[P5] == -check.errors[P95]
    assert fmean(check.errors) == pytest.approx(0, abs=1)
