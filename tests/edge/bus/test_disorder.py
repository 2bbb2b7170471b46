"""The same messages in any disorder and by any way give the same floor, bit for bit."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brokers import Mosquitto, until
from floor_days import digest, floor_day, fuzzed, open_morning
from unikat.edge.bus.intake import take_in
from unikat.edge.bus.mapping import Rule
from unikat.edge.bus.mqtt import Inbound, MqttClient
from unikat.edge.bus.ndjson import read_lines, write_line
from unikat.edge.bus.remote_floor import RemoteFloor
from unikat.edge.bus.sparkplug import DATE_TIME, Metric, Payload, write_payload
from unikat.edge.bus.sparkplug_host import SparkplugHost

HEAD = ("source", "epoch", "seq", "at")


@pytest.fixture(scope="module")
def clean():
    day = floor_day()
    site = open_morning(day).site
    take_in(site, day.messages)
    assert len(site.state().ended) == 4
    assert site.quarantine.list() == ()
    return digest(site)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 60))
def test_batches_of_any_size_in_disorder(clean, seed, size):
    day = floor_day()
    site, messages = open_morning(day).site, fuzzed(day.messages, seed)
    for start in range(0, len(messages), size):
        take_in(site, messages[start : start + size])
    assert digest(site) == clean
    assert sum(r.stream == "floor/floor" for r in site.log.read()) == len(day.messages)


def test_as_lines_of_a_gzipped_batch(clean, time):
    day = floor_day()
    body = b"\n".join(write_line(message, time) for message in fuzzed(day.messages, 2))
    site = open_morning(day).site
    lines = read_lines(gzip.decompress(gzip.compress(body)), time, site.clock.now())
    results = take_in(site, [reading for _, reading in lines])
    assert results.count("recorded") == len(day.messages)
    assert digest(site) == clean


def test_over_mosquitto(clean, time, mosquitto: Mosquitto):
    day = floor_day()
    site = open_morning(day).site
    remote = RemoteFloor(site, time, mosquitto.broker, "works")
    remote.start()
    until(lambda: remote.client.is_ready)
    speaker = MqttClient(mosquitto.broker, "speaker", [], lambda _: None)
    speaker.start()
    for message in fuzzed(day.messages, 3):
        speaker.publish("unikat/works/floor/floor", write_line(message, time))
    until(lambda: sum(r.stream == "floor/floor" for r in site.log.read()) == len(day.messages))
    speaker.stop()
    remote.stop()
    assert digest(site) == clean


class FloorNode:
    """The floor as a Sparkplug node: each field of a message is a metric, known by alias."""

    def __init__(self, time, messages) -> None:
        self.epoch_ms = int(time.epoch.timestamp()) * 1_000
        fields = dict.fromkeys(name for message in messages for name in message.body)
        self.names = ("type", *HEAD, *(name for name in fields if name != "type"))
        self.seq, self.sent = 0, []

    def payload(self, kind: str, metrics: tuple[Metric, ...], at: int) -> Inbound:
        ms = self.epoch_ms + 1_000 * at
        inbound = Inbound(
            f"spBv1.0/works/{kind}/floor", write_payload(Payload(ms, metrics, self.seq))
        )
        self.seq = (self.seq + 1) % 256
        return inbound

    def birth(self, at: int) -> Inbound:
        self.seq = 0
        named = tuple(
            Metric(name, k, 0, DATE_TIME if name in ("until", "at") else 12)
            for k, name in enumerate(self.names)
        )
        return self.payload("NBIRTH", named, at)

    def data(self, message, at: int) -> Inbound:
        whole = {
            **dict.fromkeys(self.names),
            **message.body,
            "source": message.source,
            "epoch": message.epoch,
            "seq": message.seq,
            "at": self.epoch_ms + 1_000 * message.at,
        }
        if "until" in message.body:
            whole["until"] = self.epoch_ms + 1_000 * int(message.body["until"])
        # The type comes last: with it the message is whole.
        metrics = tuple(
            Metric(None, k, is_historical=True, value=whole[name])
            for k, name in sorted(enumerate(self.names), reverse=True)
            if name in whole
        )
        return self.payload("NDATA", metrics, at)


def test_as_sparkplug_with_a_lost_message_blind_born_again_and_healed(clean, time):
    day = floor_day()
    site, node, asked = open_morning(day).site, FloorNode(time, day.messages), []
    rule = Rule("type", None, {name: "{" + name + "}" for name in node.names})
    host = SparkplugHost([rule], time, lambda topic, _: asked.append(topic), lambda _: -1)
    take_in(site, host.read(node.birth(0), 0))
    lost: list = []
    for k, message in enumerate(fuzzed(day.messages, 4)):
        inbound = node.data(message, message.at)
        if k in (20, 40):
            lost.append(message)
            continue
        take_in(site, host.read(inbound, site.clock.now()))
        if asked:
            assert host.blind() == ("works/floor",)
            asked.clear()
            take_in(site, host.read(node.birth(message.at), site.clock.now()))
            assert host.blind() == ()
            for missed in lost:
                take_in(site, host.read(node.data(missed, message.at), site.clock.now()))
    assert len(lost) == 2
    assert site.quarantine.list() == ()
    assert digest(site) == clean
