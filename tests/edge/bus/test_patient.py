"""What equipment says over the embedded broker is acknowledged only when it is recorded."""

import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from brokers import free_port, ids, open_client, recorded, recording, stop_line, until
from unikat.edge.bus.broker import Broker, read_broker
from unikat.edge.bus.embedded import EmbeddedBroker
from unikat.edge.bus.mqtt import Inbound, MqttClient

OURS = "unikat/works/floor/+"
TOPIC = "unikat/works/floor/edge"
REPLY = {1: "PUBACK", 2: "PUBREC"}


class Site:
    """The site's client, beside its embedded broker; it handles nothing until it may."""

    def __init__(self) -> None:
        broker = read_broker(f"embedded://127.0.0.1:{free_port()}")
        self.address = Broker(broker.host, broker.port, version=4)
        self.heard: list[Inbound] = []
        self.may = threading.Event()
        self.is_asked = threading.Event()
        topics = [(OURS, 1), ("spBv1.0/#", 1)]
        self.client = MqttClient(broker, "site", topics, self._hear, is_fed=True)
        self.broker = EmbeddedBroker(broker, self.client)

    def _hear(self, batch: Sequence[Inbound]) -> None:
        self.is_asked.set()
        self.may.wait(60)
        self.heard.extend(batch)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.broker.start()
    site.client.start()
    until(lambda: site.client.is_ready)
    yield site
    site.may.set()
    site.client.stop()
    site.broker.stop()


@pytest.mark.parametrize("qos", [1, 2])
def test_nothing_is_acknowledged_before_it_is_handled_however_much_comes(site: Site, qos: int):
    machine = open_client(site.address, "machine", lambda _: None)
    for k in range(300):
        machine.publish(TOPIC, b"%d" % k, qos=qos)
    machine.publish("elsewhere", b"", qos=1)
    assert site.is_asked.wait(60)
    unsaid = machine._client._out_messages
    until(lambda: len(unsaid) == 300)  # what came after them and is not the site's was
    assert len(site.broker._amqtt._waiting) == 300
    assert {each.state.name for each in unsaid.values()} == {f"MQTT_MS_WAIT_FOR_{REPLY[qos]}"}
    site.may.set()
    until(lambda: not unsaid)
    machine.stop()
    assert [int(each.payload) for each in site.heard] == list(range(300))


def test_other_listeners_hear_it_too_and_a_message_at_qos_0_waits_for_nobody(site: Site):
    heard: list[Inbound] = []
    other = open_client(site.address, "other", heard.extend, [(OURS, 1)])
    machine = open_client(site.address, "machine", lambda _: None)
    machine.publish(TOPIC, b"0", qos=0)
    until(lambda: heard)
    site.may.set()
    machine.publish(TOPIC, b"1")
    until(lambda: len(heard) == 2 and len(site.heard) == 2)
    machine.stop()
    other.stop()
    assert heard == site.heard


def test_the_will_of_equipment_that_is_gone_comes_to_the_site(site: Site):
    site.may.set()
    machine = MqttClient(site.address, "machine", [], lambda _: None)
    machine._client.will_set("spBv1.0/works/NDEATH/m1", b"dead")
    machine.start()
    until(lambda: machine.is_ready)
    machine._client.socket().shutdown(socket.SHUT_RDWR)
    until(lambda: site.heard)
    machine.stop()
    assert site.heard == [Inbound("spBv1.0/works/NDEATH/m1", b"dead")]


def test_what_was_on_its_way_when_equipment_was_killed_is_told_when_it_is_back(site: Site):
    heard: list[Inbound] = []
    is_back = threading.Event()

    def hear(batch: Sequence[Inbound]) -> None:
        heard.extend(batch)
        is_back.wait(60)

    machine = open_client(site.address, "machine", hear, [("unikat/works/command/+", 1)])
    site.client.publish("unikat/works/command/M1", b"work", is_kept=True)
    until(lambda: heard)
    machine._client.socket().shutdown(socket.SHUT_RDWR)  # it has acknowledged nothing
    until(lambda: machine.num_connections == 2)
    is_back.set()
    until(lambda: len(heard) > 1)
    machine.stop()
    assert set(heard) == {Inbound("unikat/works/command/M1", b"work")}


def test_a_server_that_is_killed_had_recorded_all_it_acknowledged(tmp_path: Path):
    """Broker and site are one process, killed (-9) while messages come."""
    count, database, port = 1_500, tmp_path / "site.db", free_port()
    speaker = MqttClient(Broker("127.0.0.1", port, version=4), "speaker", [], lambda _: None)
    unsaid = speaker._client._out_messages
    speaker.start()
    with recording(f"embedded://127.0.0.1:{port}", database) as server:
        until(lambda: speaker.is_ready)
        for seq in range(1, count + 1):
            speaker.publish(TOPIC, stop_line(seq))
        until(lambda: recorded(database) > 20)
        server.kill()
        server.wait()
    until(lambda: not speaker.is_ready)
    assert count - len(unsaid) <= recorded(database)
    with recording(f"embedded://127.0.0.1:{port}", database):
        until(lambda: not unsaid)
    speaker.stop()
    assert ids(database) == sorted(f"edge:1:{k}" for k in range(1, count + 1))
