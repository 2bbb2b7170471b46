"""Windows: the same open hours as capacity counts, and the same week again behind them."""

from hypothesis import given
from hypothesis import strategies as st

from shop_strategies import example_plant, stops
from unikat.capacity.calendar import working_time
from unikat.schedule.windows import OPEN_END, expand, longest, weekly
from unikat.terms import DAY, HOUR, WEEK


def unrolled(windows, end):
    """Return the windows up to an instant, the tail repeated."""
    spans = list(windows.spans)
    while windows.tail and spans[-1][1] <= end:
        spans += [(a + WEEK, b + WEEK) for a, b in spans[-windows.tail :]]
    return spans


@given(st.data(), st.integers(0, 3 * WEEK))
def test_windows_are_the_working_time_of_capacity(data, now):
    plant = example_plant()
    drawn = data.draw(stops(plant, now))
    unit, capability = data.draw(
        st.sampled_from((("P1", "print"), ("M1", "mill"), ("B2", "glue"), ("O1", "cure")))
    )
    week = weekly(plant, unit, capability)
    mine = unrolled(
        expand(week, [(s.start, s.finish) for s in drawn if s.unit == unit], now), now + 6 * WEEK
    )
    end = now + 5 * WEEK
    own = [s for s in drawn if s.unit == unit]
    hours = working_time(plant, unit, capability, start=now, finish=end, stops=own)
    theirs = list(zip(hours.open, hours.close, strict=True))
    assert [(max(a, now), min(b, end)) for a, b in mine if b > now and a < end] == [
        (max(a, now), min(b, end)) for a, b in theirs if b > now and a < end
    ]


def test_the_longest_window_may_span_the_end_of_the_week():
    assert longest(((0, HOUR), (DAY, DAY + 2 * HOUR), (WEEK - 2 * HOUR, WEEK))) == 3 * HOUR
    assert longest(((0, WEEK),)) == OPEN_END
    assert longest(()) == 0
