import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.twin import _kernels
from unikat.twin.quantiles import (
    exponential_row,
    gamma_row,
    lognormal_row,
    mean_of,
    observed_row,
    repeated_row,
)

LEVELS = (np.arange(200_000) + 0.5) / 200_000


def draw(row):
    return np.array([_kernels.quantile(row, 0, u) for u in LEVELS[::10]])


@pytest.mark.parametrize("cv", [0.1, 0.25, 0.6, 1.0])
@pytest.mark.parametrize("row_of", [lognormal_row, gamma_row])
def test_a_row_has_the_mean_and_nearly_the_variation_of_its_distribution(row_of, cv):
    row = row_of(cv)
    assert mean_of(row) == pytest.approx(1.0)
    found = draw(row)
    assert found.mean() == pytest.approx(1.0, rel=2e-3)
    assert found.std() == pytest.approx(cv, rel=0.03)


def test_an_exponential_row_has_mean_and_variance_one():
    found = draw(exponential_row())
    assert found.mean() == pytest.approx(1.0, rel=1e-3)
    assert found.var() == pytest.approx(1.0, rel=5e-3)


def test_work_done_again_takes_as_long_again_so_often():
    found = draw(repeated_row(lognormal_row(0.1), 0.3, 2))
    assert found.mean() == pytest.approx(1 + 0.3 + 0.09, rel=2e-3)
    shares = [np.mean(np.abs(found - times) < 0.5) for times in (1, 2, 3)]
    assert shares == pytest.approx([0.7, 0.21, 0.09], abs=0.02)


@given(st.floats(0.01, 1.5))
def test_quantiles_rise_with_their_level(cv):
    row = lognormal_row(cv)
    found = [_kernels.quantile(row, 0, u) for u in LEVELS[::2_000]]
    assert found == sorted(found)


@given(st.lists(st.floats(0.1, 10), min_size=2, max_size=60), st.floats(0.5, 3))
def test_what_was_observed_longer_by_a_factor_is_a_row_longer_by_it(ratios, factor):
    row = observed_row(ratios)
    assert mean_of(row) == pytest.approx(np.mean(ratios))
    assert observed_row([factor * each for each in ratios]) == pytest.approx(factor * row)
