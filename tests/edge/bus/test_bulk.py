"""Whole packets out of reads of any size; messages at QoS 1 with properties and without."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.edge.bus.bulk import BrokenPacket, read_delivery, split_packets

KINDS = st.sampled_from([0x20, 0x32, 0x3B, 0x40, 0x90, 0xD0])
CONTENTS = st.one_of(st.binary(max_size=40), st.integers(100, 20_000).map(bytes))


def packet(kind: int, content: bytes) -> bytes:
    size, length = len(content), bytearray()
    while size >= 0x80:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([kind, *length, size]) + content


def message(number: int, topic: str, payload: bytes, properties: bytes | None) -> bytes:
    name = topic.encode()
    head = len(name).to_bytes(2, "big") + name + number.to_bytes(2, "big")
    said = b"" if properties is None else packet(0, properties)[1:]
    return head + said + payload


@given(st.lists(st.tuples(KINDS, CONTENTS), max_size=6), st.data())
def test_packets_come_out_whole_however_the_wire_cuts_them(packets, data):
    wire = b"".join(packet(*each) for each in packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    rest, found = b"", []
    for start, end in pairwise([0, *cuts, len(wire)]):
        rest, new = split_packets(rest + wire[start:end])
        found.extend(new)
    assert (rest, found) == (b"", packets)


@given(
    st.integers(1, 65_535),
    st.text(max_size=30),
    st.binary(max_size=60),
    st.one_of(st.none(), st.binary(max_size=200)),
)
def test_a_message_is_read_with_and_without_properties(number, topic, payload, properties):
    content = message(number, topic, payload, properties)
    is_5 = properties is not None
    assert read_delivery(content, is_5=is_5) == (number, topic, payload)


def test_a_length_without_end_and_a_topic_longer_than_its_message_are_refused():
    with pytest.raises(BrokenPacket):
        split_packets(b"\x32\xff\xff\xff\xff\x01")
    with pytest.raises(BrokenPacket):
        read_delivery(b"\x00\x09abc", is_5=False)


def test_a_topic_that_is_no_text_is_read_all_the_same():
    assert read_delivery(b"\x00\x01\xff\x00\x07x", is_5=False) == (7, "\ufffd", b"x")
