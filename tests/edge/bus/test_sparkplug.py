"""Sparkplug payloads come back as they were written; no bytes break the reader."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.edge.bus.sparkplug import (
    REBIRTH,
    Metric,
    Payload,
    read_payload,
    typed,
    write_payload,
    write_rebirth,
)
from unikat.errors import BadMessage

COUNTS = st.integers(0, 2**64 - 1)
FLOATS = {9: 32, 10: 64}


def values(datatype: int):
    if datatype <= 4:
        bits = 8 << (datatype - 1)
        return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if datatype <= 8:
        return st.integers(0, 2 ** (8 << (datatype - 5)) - 1)
    if datatype in FLOATS:
        return st.floats(width=FLOATS[datatype], allow_nan=False)
    return {11: st.booleans(), 13: COUNTS}.get(datatype, st.text(max_size=20))


@st.composite
def metrics(draw) -> Metric:
    datatype = draw(st.integers(1, 14))
    return Metric(
        draw(st.none() | st.text(min_size=1, max_size=10)),
        draw(st.none() | COUNTS),
        draw(st.none() | COUNTS),
        datatype,
        draw(st.booleans()),
        draw(st.none() | values(datatype)),
    )


PAYLOADS = st.builds(
    Payload,
    st.none() | COUNTS,
    st.lists(metrics(), max_size=4).map(tuple),
    st.none() | st.integers(0, 255),
)


@given(PAYLOADS)
def test_a_written_payload_is_read_back(payload):
    assert read_payload(write_payload(payload)) == payload


@given(PAYLOADS, st.data())
def test_a_payload_that_is_cut_or_garbled_is_read_or_refused(payload, data):
    whole = write_payload(payload)
    cut = whole[: data.draw(st.integers(0, len(whole)))] + data.draw(st.binary(max_size=5))
    with suppress(BadMessage):
        assert isinstance(read_payload(cut), Payload)


def test_bytes_of_another_writer_are_read():
    """Timestamp 1, seq 2, one metric: name "a", alias 3, Int32, -1 in two's complement."""
    metric = b"\x0a\x01a\x10\x03\x20\x03\x50\xff\xff\xff\xff\x0f"
    data = b"\x08\x01\x12" + bytes([len(metric)]) + metric + b"\x18\x02"
    assert read_payload(data) == Payload(1, (Metric("a", 3, None, 3, value=-1),), 2)


@pytest.mark.parametrize(("raw", "datatype", "value"), [(255, 1, -1), (255, 5, 255), (127, 1, 127)])
def test_a_value_that_came_by_alias_is_meant_as_its_birth_said(raw, datatype, value):
    assert typed(raw, datatype) == value


def test_numbers_that_json_lacks_come_through():
    payload = Payload(1, (Metric("a", None, 1, 10, value=math.inf),), 0)
    assert read_payload(write_payload(payload)).metrics[0].value == math.inf


def test_the_command_to_be_born_again_is_what_the_standard_names():
    [metric] = read_payload(write_rebirth(7)).metrics
    assert (metric.name, metric.datatype, metric.value) == (REBIRTH, 11, True)
