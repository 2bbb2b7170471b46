"""A message written as a line is read back; what is no message is kept with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.edge.bus.ndjson import Unreadable, read_line, read_lines, write_line
from unikat.events import Message
from unikat.terms import DAY

IDS = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=20)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
HEAD = ("v", "source", "epoch", "seq", "at", "until")
COUNTS = st.integers(0, 2**53)
INSTANTS = st.integers(0, 36_525 * DAY)


@st.composite
def messages(draw) -> Message:
    body = draw(st.dictionaries(IDS.filter(lambda name: name not in HEAD), SCALARS, max_size=6))
    if draw(st.booleans()):
        body["until"] = draw(INSTANTS)
    return Message(draw(IDS), draw(COUNTS), draw(COUNTS), draw(INSTANTS), body)


@given(messages())
def test_a_written_message_is_read_back(time, message):
    assert read_line(write_line(message, time), time, 0) == message


def test_times_may_be_seconds_of_plant_time_too(time):
    line = b'{"source":"a","epoch":1,"seq":2,"at":60,"type":"x","until":90}'
    assert read_line(line, time, 0) == Message("a", 1, 2, 60, {"type": "x", "until": 90})


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"no json", "JSON is malformed"),
        (b'{"epoch":1,"seq":2,"at":60}', "source is missing"),
        (b'{"source":"a","epoch":1.5,"seq":2,"at":60}', "1.5 is no whole number"),
        (b'{"source":7,"epoch":1,"seq":2,"at":60}', "7 is no text"),
        (b'{"source":"a","epoch":1,"seq":2,"at":"noon"}', "'noon' is no time"),
        (b'{"v":2,"source":"a","epoch":1,"seq":2,"at":60}', "must be 1"),
        (b'{"source":"a","epoch":1,"seq":2,"at":60,"deep":{}}', "got `object`"),
        (b'{"source":"a","epoch":1,"seq":2,"at":60,"until":true}', "True is no whole number"),
        (b'{"a":"\xff"}', "utf-8"),
    ],
)
def test_what_is_no_message_is_kept_with_its_reason(time, line, fault):
    found = read_line(line, time, 77)
    assert isinstance(found, Unreadable)
    assert fault in found.fault
    assert (found.message.source, found.message.at) == ("unreadable", 77)
    assert found.message.body["line"] == line.decode(errors="replace")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_without_an_error(time, line):
    read_lines(line, time, 0)


def test_lines_count_from_one_and_blank_ones_are_passed_over(time):
    assert [number for number, _ in read_lines(b"\nx\r\n \ny", time, 0)] == [2, 4]
