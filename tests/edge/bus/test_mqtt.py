"""Over a real broker: everything comes, once, in sequence, and is acknowledged only when kept."""

import threading
from collections.abc import Sequence

from brokers import Mosquitto, ids, open_client, recorded, recording, stop_line, until
from unikat.edge.bus.broker import Broker
from unikat.edge.bus.mqtt import Inbound

TOPICS = [("to/+", 1)]


def say(broker: Broker, count: int, *, start: int = 0) -> None:
    client = open_client(broker, "speaker", lambda _: None)
    for k in range(start, start + count):
        client.publish("to/us", b"%d" % k)
    until(lambda: not client._client._out_messages)
    client.stop()


def test_messages_come_in_batches_and_in_sequence(mosquitto: Mosquitto):
    heard: list[Inbound] = []
    client = open_client(mosquitto.broker, "us", heard.extend, TOPICS)
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

    client = open_client(mosquitto.broker, "us", fail, TOPICS)
    say(mosquitto.broker, 1)
    assert tried.wait(60)
    client.stop()
    heard: list[Inbound] = []
    client = open_client(mosquitto.broker, "us", heard.extend, TOPICS)
    until(lambda: heard)
    client.stop()
    assert heard[0].payload == b"0"
    heard.clear()
    open_client(mosquitto.broker, "us", heard.extend, TOPICS).stop()
    assert heard == []


def test_a_broker_that_is_killed_is_waited_for_and_nothing_is_lost(mosquitto: Mosquitto, caplog):
    heard: list[Inbound] = []
    client = open_client(mosquitto.broker, "us", heard.extend, TOPICS)
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
    speaker = open_client(mosquitto.broker, "speaker", lambda _: None)
    database = tmp_path / "site.db"
    with recording(mosquitto.address, database) as child:
        for seq in range(1, count + 1):
            speaker.publish("unikat/works/floor/edge", stop_line(seq))
        until(lambda: recorded(database) > 20)
        child.kill()
        child.wait()
    assert recorded(database) < count
    with recording(mosquitto.address, database):
        until(lambda: recorded(database) >= count)
    speaker.stop()
    assert ids(database) == sorted(f"edge:1:{k}" for k in range(1, count + 1))
