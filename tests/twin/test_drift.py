from math import log, log1p, sqrt
from random import Random
from statistics import median

import pytest

from floor_strategies import CenterSpec, make_plant
from unikat.events import ModelRow
from unikat.twin.drift import LARGEST, Watch, detect_drift, look_p, residual, watch_step
from unikat.twin.model import PLAIN, TwinModel

PLANT = make_plant([CenterSpec("a", cv=0.25)])
KEY = ("a", "a1")
ROW = PLAIN.row(PLANT, *KEY)


def ratios(rng, num, factor=1.0):
    return [log(factor) + rng.gauss(ROW.mu, ROW.sigma) for _ in range(num)]


def watched(found, watch=None):
    watch = watch or Watch()
    for k, ratio in enumerate(found):
        watch = watch_step(watch, ROW, k, ratio)
    return watch


def test_the_row_of_plant_toml_is_a_lognormal_of_mean_one():
    assert ROW.sigma == pytest.approx(sqrt(log1p(0.25**2)))
    assert ROW.mu == pytest.approx(-(ROW.sigma**2) / 2)


def test_a_fifth_more_is_found_after_some_two_dozen_steps():
    delays = []
    for seed in range(40):
        watch, num = Watch(), 0
        for num, ratio in enumerate(ratios(Random(seed), 200, 1.2), start=1):
            watch = watch_step(watch, ROW, num, ratio)
            if watch.is_alarmed:
                break
        delays.append(num)
    assert 15 <= median(delays) <= 30


def test_the_alarm_says_since_when_and_by_how_much():
    rng = Random(7)
    watch = watched([*ratios(rng, 150), *ratios(rng, 60, 1.3)])
    [drift] = detect_drift(PLANT, PLAIN, {KEY: watch}, 999)
    assert (drift.at, drift.capability, drift.unit) == (999, "a", "a1")
    assert abs(drift.since - 150) < 15
    assert drift.factor == pytest.approx(1.3, rel=0.1)
    assert not detect_drift(PLANT, PLAIN, {KEY: watched(ratios(rng, 150))}, 999)


def test_faster_is_a_drift_too():
    watch = watched(ratios(Random(8), 60, 0.75))
    [drift] = detect_drift(PLANT, PLAIN, {KEY: watch}, 0)
    assert drift.factor == pytest.approx(0.75, rel=0.1)


def test_one_wild_step_is_no_drift():
    assert residual(ROW, 99.0) == LARGEST
    assert not watched([99.0]).is_alarmed


def test_another_spread_is_worth_a_look():
    rng = Random(9)
    assert look_p(ROW, ratios(rng, 99)) is None
    assert look_p(ROW, ratios(rng, 100)) > 0.01
    wide = [rng.gauss(ROW.mu, 3 * ROW.sigma) for _ in range(100)]
    assert look_p(ROW, wide) < 0.01
    assert look_p(ROW, [ROW.mu - 5] * 100) == pytest.approx(0, abs=1e-6)


def test_a_learnt_row_replaces_that_of_plant_toml():
    learnt = ModelRow("a", "a1", 40, 0.2, 0.1)
    assert TwinModel(1, 0, 0, (learnt,)).row(PLANT, *KEY) is learnt
