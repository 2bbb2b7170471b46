"""Commands as they go over the wire come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import open_example, quote_for
from unikat.capacity.model import Booking, Stop
from unikat.edge.bus.commands import (
    read_release,
    read_tick,
    read_work,
    write_release,
    write_tick,
    write_work,
)
from unikat.errors import BadMessage
from unikat.floor.model import Release
from unikat.terms import DAY

IDS = st.text("abcXYZ0-/", min_size=1, max_size=8)
INSTANTS = st.integers(0, 36_525 * DAY)
BOOKINGS = st.builds(
    Booking,
    order=IDS,
    step=IDS,
    unit=st.just("M1"),
    setup_start=INSTANTS,
    start=INSTANTS,
    finish=INSTANTS,
    family=st.none() | IDS,
    resources=st.lists(IDS, max_size=2).map(tuple),
    build=st.none() | IDS,
    not_before=INSTANTS,
)


STOPS = st.builds(Stop, st.just("M1"), INSTANTS, INSTANTS)


@given(st.lists(BOOKINGS, max_size=4), st.lists(STOPS, max_size=2))
def test_the_work_of_a_unit_comes_back_in_the_published_sequence(time, bookings, closed):
    found = read_work(write_work("M1", bookings, closed, time), time)
    assert sorted(found.bookings, key=repr) == sorted(bookings, key=repr)
    assert [each.start for each in found.bookings] == sorted(each.start for each in bookings)
    assert found.closed == tuple(closed)


def test_a_release_comes_back_without_the_steps_that_are_done(time):
    variant = quote_for(open_example().site, Foam=True).variant
    release = Release("O-1", variant.steps)
    assert read_release(write_release(release, ())) == release
    done = [step.step for step in variant.steps[:1]]
    assert read_release(write_release(release, done)).steps == variant.steps[1:]


def test_the_clock_comes_back(time):
    tick = read_tick(write_tick(90_061, 12.5, 240.0, time))
    assert (time.read(tick.at), tick.unix, tick.speed) == (90_061, 12.5, 240.0)


@pytest.mark.parametrize("payload", [b"", b"{}", b"[1]", b"\xff", b'{"v":1,"unit":3,"work":[]}'])
def test_what_is_no_command_is_refused(time, payload):
    for read in (read_release, read_tick, lambda each: read_work(each, time)):
        with pytest.raises(BadMessage):
            read(payload)
