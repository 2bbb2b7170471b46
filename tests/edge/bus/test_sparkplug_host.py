"""Births name, seq counts, a gap makes blind, a birth heals; tables say what metrics mean."""

from pathlib import Path

import pytest

from sites import MONDAY_6
from unikat.edge.bus.mqtt import Inbound
from unikat.edge.bus.ndjson import Unreadable
from unikat.edge.bus.sparkplug import Metric, Payload, read_payload, write_payload
from unikat.edge.bus.sparkplug_host import SparkplugHost, load_rules
from unikat.errors import InvalidSite
from unikat.events import Message

TABLE = """
[[event]]
when = "State"
is = "RUNNING"
type = "step_started"
unit = "{device}"
order = "{Order}"
step = "mill"
attempt = 0
until = "{Until}"

[[event]]
when = "State"
is = "DOWN"
type = "unit_stopped"
unit = "{device}"
reason = "{Reason}"
until = "{Until}"
"""
NAMES = {"State": (1, 12), "Order": (2, 12), "Until": (3, 13), "Reason": (4, 12)}


class Node:
    """An edge node with one device: what it would send."""

    def __init__(self, host: SparkplugHost, ms: int) -> None:
        self.host, self.ms, self.seq = host, ms, 0

    def send(
        self, kind: str, metrics: tuple[Metric, ...], *, device: str = "", seq: int | None = None
    ):
        topic = "/".join(filter(None, ("spBv1.0", "works", kind, "cell", device)))
        payload = Payload(self.ms, metrics, self.seq if seq is None else seq)
        self.seq = ((self.seq if seq is None else seq) + 1) % 256
        return self.host.read(Inbound(topic, write_payload(payload)), MONDAY_6)

    def birth(self, bd_seq: int = 1):
        self.seq = 0
        self.send("NBIRTH", (Metric("bdSeq", None, self.ms, 8, value=bd_seq),))
        named = tuple(Metric(name, alias, self.ms, kind) for name, (alias, kind) in NAMES.items())
        return self.send("DBIRTH", named, device="M1")

    def data(self, **values: object):
        self.ms += 1_000
        metrics = tuple(
            Metric(None, NAMES[name][0], self.ms, None, value=value)
            for name, value in values.items()
        )
        return self.send("DDATA", metrics, device="M1")


@pytest.fixture
def node(time, tmp_path: Path):
    (tmp_path / "sparkplug.toml").write_text(TABLE)
    commands: list[str] = []
    host = SparkplugHost(
        load_rules(tmp_path / "sparkplug.toml"),
        time,
        lambda topic, _: commands.append(topic),
        lambda _: -1,
    )
    node = Node(host, int(time.epoch.timestamp() + MONDAY_6) * 1_000)
    node.commands = commands
    return node


def running(node: Node):
    return node.data(State="RUNNING", Order="O-1", Until=node.ms + 61_000)


def test_metrics_by_alias_become_the_message_of_the_table(node):
    assert node.birth() == ()
    [message] = running(node)
    assert isinstance(message, Message)
    assert (message.source, message.seq, message.at) == ("works/cell", 1, MONDAY_6 + 1)
    assert message.body == {
        "type": "step_started",
        "unit": "M1",
        "order": "O-1",
        "step": "mill",
        "attempt": 0,
        "until": MONDAY_6 + 61,
    }


def test_seq_wraps_without_a_gap(node):
    node.birth()
    for _ in range(600):
        node.data(Reason="x")
    assert node.host.blind() == ()
    assert node.commands == []


def test_a_lost_message_makes_blind_and_a_birth_heals(node):
    node.birth()
    node.seq += 1
    [message] = running(node)
    assert message.seq == 2  # the hole the twin sees
    assert node.host.blind() == ("works/cell",)
    assert node.commands == ["spBv1.0/works/NCMD/cell"]
    node.ms += 1
    node.birth()
    assert node.host.blind() == ()
    [after] = running(node)
    assert (after.epoch > message.epoch, after.seq) == (True, 1)


def test_a_node_nobody_saw_born_is_asked_to_be_once(node):
    assert node.data(State="DOWN") == ()
    assert node.data(State="DOWN") == ()
    assert node.commands == ["spBv1.0/works/NCMD/cell"]
    node.ms += 10_000
    node.data(State="DOWN")
    assert len(node.commands) == 2


def test_what_a_birth_says_again_is_not_said_twice(node):
    node.birth()
    assert len(running(node)) == 1
    stamp = node.ms
    node.ms, node.seq = node.ms + 5_000, 0
    node.send("NBIRTH", (Metric("bdSeq", None, node.ms, 8, value=1),))
    again = (
        Metric("State", 1, stamp, 12, value="RUNNING"),
        Metric("Order", 2, stamp, 12, value="O-1"),
        Metric("Until", 3, stamp, 13, value=stamp),
    )
    assert node.send("DBIRTH", again, device="M1") == ()


def test_old_data_and_wills_that_births_overtook_change_nothing(node):
    node.birth(bd_seq=2)
    born, seq = node.ms, node.seq
    node.ms -= 5_000
    assert (
        node.send("DDATA", (Metric(None, 1, node.ms, value="RUNNING"),), device="M1", seq=77) == ()
    )
    node.send("NDEATH", (Metric("bdSeq", None, None, 8, value=1),))
    assert node.host.blind() == ()
    node.ms, node.seq = born, seq
    node.send("NDEATH", (Metric("bdSeq", None, None, 8, value=2),))
    assert node.host.blind() == ("works/cell",)


def test_a_value_that_is_missing_or_garbled_is_kept_with_its_reason(node, time):
    node.birth()
    [found] = node.host.read(Inbound("spBv1.0/works/DDATA/cell/M1", b"\x12\x7f"), MONDAY_6)
    assert isinstance(found, Unreadable)
    assert found.message.source == "works/cell"
    assert node.host.read(Inbound("spBv1.0/STATE/us", b"ONLINE"), MONDAY_6) == ()
    assert read_payload(b"") == Payload()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("event = 1", "no table of plain values"),
        ("[[event]]\nwhen = 'a'", "lacks when or type"),
        ("[[event]]\nwhen = 'a'\ntype = 'b'\nx = [1]", "plain values"),
        ("", "has no row"),
        ("[[event]", "sparkplug.toml"),
    ],
)
def test_a_faulty_table_is_told(tmp_path, text, fault):
    path = tmp_path / "sparkplug.toml"
    path.write_text(text)
    with pytest.raises(InvalidSite, match=fault):
        load_rules(path)
