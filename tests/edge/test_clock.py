"""Clocks go forward."""

from datetime import UTC, datetime, timedelta

import pytest

from unikat.edge.clock import ScaledClock, SystemClock


def test_the_system_clock_counts_from_its_epoch():
    epoch = datetime.now(UTC) - timedelta(days=3)
    assert abs(SystemClock(epoch).now() - 3 * 86_400) <= 60


def test_an_epoch_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        SystemClock(datetime(2026, 1, 5))  # noqa: DTZ001


def test_a_scaled_clock_begins_at_its_start_and_never_runs_back():
    clock = ScaledClock(speed=1e6, start=500)
    seen = [clock.now() for _ in range(1_000)]
    assert seen[0] >= 500
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_clock_that_would_not_run_forward_is_refused(speed):
    with pytest.raises(ValueError, match="above 0"):
        ScaledClock(speed=speed)
