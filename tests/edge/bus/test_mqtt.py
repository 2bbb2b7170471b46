"""Over a real broker: everything comes, once, in sequence, and is acknowledged only when kept."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from brokers import Mosquitto, free_port, until
from sites import MONDAY_6, open_example
from unikat.edge.bus.broker import Broker, read_broker
from unikat.edge.bus.embedded import BrokerFailed, EmbeddedBroker
from unikat.edge.bus.mqtt import Inbound, MqttClient

TOPICS = [("to/+", 1)]


def open_client(broker: Broker, name: str, handle, topics=TOPICS) -> MqttClient:
    client = MqttClient(broker, name, topics, handle)
    client.start()
    until(lambda: client.is_ready)
    return client


def say(broker: Broker, count: int, *, start: int = 0) -> None:
    client = open_client(broker, "speaker", lambda _: None, ())
    for k in range(start, start + count):
        client.publish("to/us", b"%d" % k)
    until(lambda: not client._client._out_messages)
    client.stop()


def test_messages_come_in_batches_and_in_sequence(mosquitto: Mosquitto):
    heard: list[Inbound] = []
    client = open_client(mosquitto.broker, "us", heard.extend)
    say(mosquitto.broker, 500)
    until(lambda: len(heard) == 500)
    client.stop()
    assert [int(each.payload) for each in heard] == list(range(500))
    assert {each.topic for each in heard} == {"to/us"}


def test_what_was_not_handled_comes_again_after_a_stop(mosquitto: Mosquitto):
    tried = threading.Event()

    def fail(_batch: Sequence[Inbound]) -> None:
        tried.set()
        raise OSError("the disk is full")

    client = open_client(mosquitto.broker, "us", fail)
    say(mosquitto.broker, 1)
    assert tried.wait(60)
    client.stop()
    heard: list[Inbound] = []
    client = open_client(mosquitto.broker, "us", heard.extend)
    until(lambda: heard)
    client.stop()
    assert heard[0].payload == b"0"
    heard.clear()
    open_client(mosquitto.broker, "us", heard.extend).stop()
    assert heard == []


def test_a_broker_that_is_killed_is_waited_for_and_nothing_is_lost(mosquitto: Mosquitto, caplog):
    heard: list[Inbound] = []
    client = open_client(mosquitto.broker, "us", heard.extend)
    say(mosquitto.broker, 3)
    until(lambda: len(heard) == 3)
    mosquitto.stop()
    until(lambda: not client.is_ready)
    mosquitto.start()
    until(lambda: client.is_ready)
    assert client.num_connections == 2
    say(mosquitto.broker, 3, start=3)
    until(lambda: {int(each.payload) for each in heard} == {0, 1, 2, 3, 4, 5})
    client.stop()  # what was not acknowledged when the broker ended came twice


def test_a_subscriber_that_is_killed_loses_and_doubles_nothing(mosquitto: Mosquitto, tmp_path):
    """A process of its own records on SQLite and is killed (-9) in the middle."""
    count = 1_500
    speaker = open_client(mosquitto.broker, "speaker", lambda _: None, ())
    database = tmp_path / "site.db"
    with running_child(mosquitto, database) as child:
        for seq in range(1, count + 1):
            speaker.publish("unikat/works/floor/edge", stop_line(seq))
        until(lambda: recorded(database) > 20)
        child.kill()
        child.wait()
    assert recorded(database) < count
    with running_child(mosquitto, database):
        until(lambda: recorded(database) >= count)
    speaker.stop()
    opened = open_example(database=f"sqlite:///{database}")
    ids = [record.id for record in opened.site.log.read() if record.stream == "floor/edge"]
    opened.close()
    assert sorted(ids) == sorted(f"edge:1:{k}" for k in range(1, count + 1))


def stop_line(seq: int) -> bytes:
    at = MONDAY_6 + seq
    return (
        b'{"source":"edge","epoch":1,"seq":%d,"at":%d,"type":"unit_stopped","unit":"M1",'
        b'"reason":"test","until":%d}' % (seq, at, at + 60)
    )


@contextmanager
def running_child(mosquitto: Mosquitto, database) -> Iterator[subprocess.Popen]:
    here = Path(__file__).parent
    path = os.pathsep.join([str(here.parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    program = here / "subscriber_child.py"
    child = subprocess.Popen(
        [sys.executable, program, mosquitto.address, str(database)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
    )
    try:
        with child.stdout:
            assert child.stdout.readline() == b"ready\n"
        yield child
        child.terminate()
        child.wait()
    finally:
        child.kill()


def recorded(database) -> int:
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        return connection.execute("SELECT count(*) FROM event").fetchone()[0]


@pytest.fixture
def embedded():
    port = free_port()
    broker = EmbeddedBroker(read_broker(f"embedded://anna:secret@127.0.0.1:{port}"))
    broker.start()
    yield Broker("127.0.0.1", port, "anna", "secret", version=4)
    broker.stop()


def test_the_embedded_broker_keeps_what_comes_while_we_are_away(embedded: Broker):
    heard: list[Inbound] = []
    client = open_client(embedded, "us", heard.extend)
    say(embedded, 50)
    until(lambda: len(heard) == 50)
    client.stop()
    say(embedded, 50, start=50)
    client = open_client(embedded, "us", heard.extend)
    until(lambda: len(heard) == 100)
    client.stop()
    assert [int(each.payload) for each in heard] == list(range(100))


def test_the_embedded_broker_lets_only_those_in_who_sign_in(embedded: Broker, caplog):
    stranger = Broker(embedded.host, embedded.port, "anna", "wrong", version=4)
    client = MqttClient(stranger, "stranger", TOPICS, lambda _: None)
    client.start()
    until(lambda: "refuses us" in caplog.text)
    assert not client.is_ready
    client.stop()


def test_an_embedded_broker_open_to_everybody_stays_at_home():
    with pytest.raises(BrokerFailed, match="USER:PASSWORD"):
        EmbeddedBroker(read_broker("embedded://0.0.0.0:1883"))


def test_a_taken_port_is_told(mosquitto: Mosquitto):
    broker = EmbeddedBroker(read_broker(f"embedded://127.0.0.1:{mosquitto.port}"))
    with pytest.raises(BrokerFailed, match="take another port"):
        broker.start()
