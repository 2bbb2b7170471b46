"""A tag before a reader is one event; the table says which."""

import json

import pytest

from sites import MONDAY_6, open_example, quote_for
from unikat.edge.bus.mqtt import Inbound
from unikat.edge.bus.ndjson import Unreadable
from unikat.edge.bus.rfid import load_readers
from unikat.flow import accept
from unikat.terms import CustomerId

TABLE = """
repeat_s = 20
[tags]
E280 = "{order}"
[[reader]]
id = "gate"
type = "load_moved"
to = "buffer/mill"
[[reader]]
id = "mill-in"
type = "step_started"
unit = "{unit}"
"""


@pytest.fixture
def readers(time, tmp_path):
    site = open_example().site
    order = accept(site, quote_for(site, Foam=True).id, CustomerId("anna"))
    booked = min((b for b in site.state().bookings.values()), key=lambda b: b.start)
    path = tmp_path / "rfid.toml"
    path.write_text(TABLE.replace("{order}", order.id).replace("{unit}", booked.unit))
    found = load_readers(path, time, site.state)

    def read(reader: str, at: object, tag: str = "E280"):
        payload = json.dumps({"tag": tag, "at": at}).encode()
        return found.read(Inbound(f"unikat/works/rfid/{reader}", payload), MONDAY_6)

    read.order, read.booked = order.id, booked
    return read


def test_a_read_is_a_move_from_where_the_order_is(readers, time):
    [move] = readers("gate", time.write(MONDAY_6))
    assert move.body == {
        "type": "load_moved",
        "transporter": "",
        "order": readers.order,
        "from": "store",
        "to": "buffer/mill",
    }
    assert (move.source, move.at) == ("rfid/gate/E280", MONDAY_6)


def test_repeated_reads_are_one(readers):
    assert len(readers("gate", MONDAY_6)) == 1
    assert [readers("gate", MONDAY_6 + k) for k in (5, 15, 30, 12)] == [()] * 4
    assert len(readers("gate", MONDAY_6 + 60)) == 1
    assert len(readers("gate", MONDAY_6, tag=readers.order)) == 1


def test_a_read_at_a_unit_starts_the_step_booked_there(readers):
    [start] = readers("mill-in", MONDAY_6)
    booked = readers.booked
    assert start.body["step"] == booked.step
    assert start.body["until"] == MONDAY_6 + booked.finish - booked.start


def test_an_unknown_reader_and_no_read_are_kept_with_their_reason(readers):
    for reader, at in (("door", MONDAY_6), ("gate", "noon"), ("gate", None)):
        [found] = readers(reader, at)
        assert isinstance(found, Unreadable)
        assert found.message.source == f"rfid/{reader}"
