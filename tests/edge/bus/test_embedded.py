"""The embedded broker: who may use it, what it keeps, and where it cannot be had."""

from collections.abc import Iterator

import pytest

from brokers import Mosquitto, free_port, open_client, until
from unikat.edge.bus import patient
from unikat.edge.bus.broker import Broker, read_broker
from unikat.edge.bus.embedded import BrokerFailed, EmbeddedBroker
from unikat.edge.bus.mqtt import Inbound, MqttClient

TOPICS = [("to/+", 1)]


def embed(address: str) -> EmbeddedBroker:
    broker = read_broker(address)
    return EmbeddedBroker(broker, MqttClient(broker, "site", [], lambda _: None))


@pytest.fixture(params=[("anna", "secret"), (None, None)], ids=["signed in", "open"])
def embedded(request) -> Iterator[Broker]:
    port, (user, password) = free_port(), request.param
    broker = embed(f"embedded://{f'{user}:{password}@' if user else ''}127.0.0.1:{port}")
    broker.start()
    yield Broker("127.0.0.1", port, user, password, version=4)
    broker.stop()


def test_messages_between_others_are_kept_while_one_is_away(embedded: Broker):
    heard: list[Inbound] = []
    client = open_client(embedded, "us", heard.extend, TOPICS)
    say(embedded, 0, 50)
    until(lambda: len(heard) == 50)
    client.stop()
    say(embedded, 50, 100)
    client = open_client(embedded, "us", heard.extend, TOPICS)
    until(lambda: len(heard) == 100)
    client.stop()
    assert [int(each.payload) for each in heard] == list(range(100))


def say(broker: Broker, first: int, end: int) -> None:
    client = open_client(broker, "speaker", lambda _: None)
    for k in range(first, end):
        client.publish("to/us", b"%d" % k)
    until(lambda: not client._client._out_messages)
    client.stop()


@pytest.mark.parametrize("embedded", [("anna", "secret")], indirect=True)
def test_only_those_who_sign_in_are_let_in(embedded: Broker, caplog):
    stranger = Broker(embedded.host, embedded.port, "anna", "wrong", version=4)
    client = MqttClient(stranger, "stranger", TOPICS, lambda _: None)
    client.start()
    until(lambda: "refuses us" in caplog.text)
    assert not client.is_ready
    client.stop()


def test_a_broker_open_to_everybody_stays_at_home():
    with pytest.raises(BrokerFailed, match="USER:PASSWORD"):
        embed("embedded://0.0.0.0:1883")


def test_a_taken_port_is_told(mosquitto: Mosquitto):
    with pytest.raises(BrokerFailed, match="take another port"):
        embed(f"embedded://127.0.0.1:{mosquitto.port}").start()


def test_an_amqtt_that_would_acknowledge_too_early_is_refused(monkeypatch):
    monkeypatch.setattr(patient, "RELIES_ON", (*patient.RELIES_ON, (patient.Broker, "_new_way")))
    with pytest.raises(BrokerFailed, match=r"no Broker\._new_way.*run a broker of its own"):
        embed(f"embedded://127.0.0.1:{free_port()}").start()
