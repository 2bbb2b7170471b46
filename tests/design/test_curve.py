import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from unikat.design.curve import interpolate, smoothstep

STEPS = st.lists(st.floats(0.01, 10.0), min_size=2, max_size=9)


@given(STEPS, st.data())
def test_the_monotone_cubic_is_that_of_scipy(steps, data):
    knots = np.concatenate(([0.0], np.cumsum(steps)))
    row = st.lists(st.floats(-50, 50), min_size=len(knots), max_size=len(knots))
    values = np.array([data.draw(row), data.draw(row)])
    # Rounding of values almost alike decides between a slope and none: keep them apart or equal.
    values = np.round(values, 2)
    x = np.linspace(0.0, knots[-1], 57)
    ours = interpolate(knots, values, x)
    theirs = PchipInterpolator(knots, values, axis=1)(x)
    assert ours == pytest.approx(theirs, abs=1e-9)


@given(STEPS, st.data())
def test_the_monotone_cubic_never_leaves_the_range_of_its_neighbours(steps, data):
    knots = np.concatenate(([0.0], np.cumsum(steps)))
    row = st.lists(st.floats(1.0, 50), min_size=len(knots), max_size=len(knots))
    values = np.array([data.draw(row)])
    curve = interpolate(knots, values, np.linspace(0.0, knots[-1], 200))
    assert curve.min() >= values.min() - 1e-9
    assert curve.max() <= values.max() + 1e-9


def test_smoothstep_is_symmetric_about_its_middle():
    x = np.linspace(0.0, 2.0, 21)
    assert smoothstep(0.5, 1.5, x) + smoothstep(0.5, 1.5, 2.0 - x) == pytest.approx(np.ones(21))
