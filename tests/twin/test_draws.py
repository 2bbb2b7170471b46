import numpy as np
import pytest

from unikat.twin.draws import delays, exponentials, lognormals, uniforms

N = 40_000


@pytest.mark.parametrize("seed", [0, 1, 2**62, 2**63, 2**63 + 1, 2**64])
def test_uniforms_have_the_moments_of_a_uniform_on_both_sides_of_2_to_the_63(seed):
    u = uniforms(N, seed, "O-1", "print")
    assert 0 < u.min() < u.max() < 1
    assert abs(u.mean() - 1 / 2) < 4 * (1 / 12 / N) ** 0.5
    assert abs(u.var() - 1 / 12) < 4 * (1 / 180 / N) ** 0.5


def test_the_same_key_gives_the_same_row_and_another_key_an_independent_one():
    u, again, v = (uniforms(N, 1, key) for key in ("O-1", "O-1", "O-2"))
    assert (u == again).all()
    assert abs(np.corrcoef(u, v)[0, 1]) < 4 / N**0.5
    assert (uniforms(10, 1, "O-1") == u[:10]).all()


def test_lognormals_have_the_stated_mean_and_variation():
    x = lognormals(3_600.0, 0.25, uniforms(N, 1, "a"))
    assert abs(x.mean() - 3_600) < 4 * 900 / N**0.5
    assert abs(x.std() / x.mean() - 0.25) < 0.01
    assert (lognormals(3_600.0, 0.0, uniforms(9, 1, "a")) == 3_600).all()


def test_given_that_they_exceed_something_they_are_the_tail_of_the_same_numbers():
    u, beyond = uniforms(N, 1, "a"), 4_000.0
    tail = lognormals(3_600.0, 0.25, u, beyond=beyond)
    whole = lognormals(3_600.0, 0.25, uniforms(N, 1, "b"))
    assert tail.min() >= beyond
    expected = whole[whole > beyond]
    assert abs(tail.mean() - expected.mean()) < 4 * expected.std() * (2 / len(expected)) ** 0.5
    assert np.isfinite(lognormals(3_600.0, 0.25, u, beyond=1e9)).all()


def test_breakdowns_delay_work_by_the_mean_repair_for_each_mean_time_between_failures():
    work = np.full(N, 7_200.0)
    lost = delays(work, 3_600.0, 600.0, uniforms(N, 1, "u"), uniforms(N, 1, "v"))
    # A compound Poisson sum of rate 2: mean 2 * 600, variance 2 * 2 * 600^2.
    assert abs(lost.mean() - 1_200) < 4 * (4 * 600**2 / N) ** 0.5
    assert abs((lost == 0).mean() - np.exp(-2)) < 4 * (0.12 / N) ** 0.5
    assert abs(exponentials(600.0, uniforms(N, 1, "e")).mean() - 600) < 4 * 600 / N**0.5
