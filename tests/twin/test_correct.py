from random import Random
from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from unikat.events import FORECAST_LEVELS, OrderForecast
from unikat.twin.correct import (
    LEAST,
    NO_CORRECTION,
    Correction,
    correct,
    followed_level,
    learn_correction,
)
from unikat.twin.score import P5, P50, P95, Foreseen, score_forecasts

HOUR = 3_600
LEVELS = len(FORECAST_LEVELS)


def sure(horizon, width=600):
    """What a twin plays that is much too sure."""
    return tuple(round(horizon + width * (level - 0.5)) for level in FORECAST_LEVELS)


def scored(rng, num, *, version=0, correction=NO_CORRECTION, spread=HOUR, first=0):
    """Orders whose finish strays by hours, twice as far beyond half a day."""
    found = []
    for k in range(first, first + num):
        horizon = rng.randrange(HOUR, 24 * HOUR)
        played = sure(horizon)
        said = correct(f"O-{k}", played, correction, now=0, due=10**9)
        finish = max(1, round(horizon + rng.gauss(0, spread * (2 if horizon > 12 * HOUR else 1))))
        found.append(score_forecasts(f"O-{k}", [Foreseen(0, version, said)], finish, 10**9))
    return found


def covered(scores):
    return fmean(check.covered for each in scores for check in each.checks)


def test_corrected_intervals_hold_nine_of_ten_however_sure_the_twin_is():
    rng = Random(1)
    first = scored(rng, 600)
    assert covered(first) < 0.2
    correction = learn_correction(first)
    assert correction.num_orders == 300
    assert len(correction.bounds) == 4
    assert abs(covered(scored(rng, 2_000, correction=correction)) - 0.9) < 0.03


def test_a_longer_horizon_has_its_own_correction():
    correction = learn_correction(scored(Random(2), 600))
    near, far = correction.at(HOUR), correction.at(23 * HOUR)
    assert far[P95] - far[P5] > 1.4 * (near[P95] - near[P5])


def test_too_few_orders_correct_nothing():
    assert learn_correction(scored(Random(3), LEAST - 1)) is NO_CORRECTION
    assert learn_correction(scored(Random(3), LEAST)).num_orders == LEAST


def test_each_order_counts_once_a_class_though_it_was_forecast_often():
    rng = Random(4)
    wild = score_forecasts(
        "O-x",
        [Foreseen(k, 0, OrderForecast("O-x", 0, 0, 0, 0, sure(9), sure(9))) for k in range(500)],
        10**8,
        0,
    )
    with_it = learn_correction([*scored(rng, 60), wild])
    assert with_it.shifts[0][P50] < HOUR


def test_when_the_shop_gets_wilder_the_intervals_follow():
    rng, told = Random(5), []

    def live(num, spread):
        """Learn anew every 20 orders, as the shop does."""
        first = len(told)
        while len(told) < first + num:
            told.extend(scored(rng, 20, correction=learn_correction(told), spread=spread))
        return told[first:]

    live(600, HOUR)
    assert abs(covered(live(300, HOUR)) - 0.9) < 0.04
    assert covered(live(60, 2 * HOUR)) < 0.85
    assert followed_level(told[-300:]) > 0.93
    live(120, 2 * HOUR)
    assert covered(live(300, 2 * HOUR)) > 0.87


@given(
    st.lists(st.integers(0, 10**6), min_size=LEVELS, max_size=LEVELS).map(sorted),
    st.lists(st.integers(-(10**6), 10**6), min_size=LEVELS, max_size=LEVELS),
    st.integers(-1000, 10**6),
    st.integers(0, 2 * 10**6),
)
def test_corrected_quantiles_rise_and_do_not_lie_before_now(played, shifts, now, due):
    correction = Correction((0,), (tuple(shifts),), 99)
    said = correct("O-1", tuple(played), correction, now=now, due=due)
    assert list(said.quantiles) == sorted(said.quantiles)
    assert said.quantiles[0] >= min(now + 1, played[0])
    assert said.p10 <= said.p50 == said.quantiles[P50] <= said.p90
    assert 0 <= said.p_on_time <= 1
    assert said.played == tuple(played)
