"""Listen to Sparkplug B nodes: the names of births, gaps in their seq, what their metrics mean.

Values come at QoS 0: a gap in `seq` means that something is lost. Then the node is blind for us
until it is born again, which we ask it to be: the seq of its messages has a hole, as the twin sees.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from unikat.edge.bus.mapping import Rule, Value, fill, message_of, read_table
from unikat.edge.bus.mqtt import Inbound
from unikat.edge.bus.ndjson import Reading, unreadable
from unikat.edge.bus.sparkplug import (
    DATE_TIME,
    Metric,
    Payload,
    metric_names,
    read_payload,
    typed,
    write_rebirth,
)
from unikat.edge.times import PlantTime
from unikat.errors import BadMessage
from unikat.terms import Instant

NAMESPACE = "spBv1.0"
PATIENCE_MS = 10_000
"""A node is asked again to be born after so long."""
WRAP = 256


@dataclass(slots=True)
class _Node:
    """One node since its birth: `number` counts its messages, holes included."""

    birth: int
    bd_seq: Value
    seq: int
    number: int = 0
    is_blind: bool = False
    names: dict[str, dict[int, tuple[str, int | None]]] = field(default_factory=dict)
    types: dict[str, dict[str, int | None]] = field(default_factory=dict)
    values: dict[str, dict[str, Value]] = field(default_factory=dict)


class SparkplugHost:
    """Reads the messages of all nodes.

    Parameters
    ----------
    publish
        Sends a command to a node: topic, payload.
    last_seen
        The instant up to which a source's events are recorded, -1 if there are none: what a birth
        says of older times is known.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        time: PlantTime,
        publish: Callable[[str, bytes], None],
        last_seen: Callable[[str], Instant],
    ) -> None:
        self._rules, self._time = tuple(rules), time
        self._publish, self._last_seen = publish, last_seen
        self._nodes: dict[str, _Node] = {}
        self._asked: dict[str, int] = {}
        self._said: dict[tuple[str, str, str], int] = {}
        self._epoch_ms = int(time.epoch.timestamp() * 1_000)

    def blind(self) -> tuple[str, ...]:
        """Return the nodes of which something is missing."""
        return tuple(name for name, node in self._nodes.items() if node.is_blind)

    def read(self, inbound: Inbound, now: Instant) -> Sequence[Reading]:
        """Read one message of a node or device."""
        levels = inbound.topic.split("/")
        if len(levels) not in (4, 5) or levels[0] != NAMESPACE or levels[2] not in _KINDS:
            return ()
        name, device = f"{levels[1]}/{levels[3]}", levels[4] if len(levels) == 5 else ""
        try:
            payload = read_payload(inbound.payload)
        except BadMessage as fault:
            return (unreadable(inbound.payload, str(fault), now, origin=name),)
        sent = payload.timestamp or self._epoch_ms + 1_000 * now
        if not self._follow(levels[2], name, device, payload, sent):
            return ()
        return tuple(self._mean(levels[1], levels[3], device, payload, sent, now))

    def _follow(self, kind: str, name: str, device: str, payload: Payload, sent: int) -> bool:
        """Keep up with a node's births, deaths and seq; return whether its metrics can be read."""
        node = self._nodes.get(name)
        if kind == "NBIRTH":
            if node is not None and sent < node.birth:
                return False
            self._nodes[name] = node = _Node(sent, _bd_seq(payload), payload.seq or 0)
            self._asked.pop(name, None)
        elif node is None:
            self._ask(name, sent)
            return False
        elif kind == "NDEATH":  # a will may come after the birth that replaced it
            node.is_blind = node.is_blind or _bd_seq(payload) == node.bd_seq
            return False
        elif sent < node.birth and not any(m.is_historical for m in payload.metrics):
            return False  # sent before the birth that overtook it: its aliases are void
        else:
            self._count(name, node, payload, sent)
        if kind in ("NBIRTH", "DBIRTH"):
            node.names[device] = metric_names(payload.metrics)
            node.types[device] = {m.name: m.datatype for m in payload.metrics if m.name}
            node.values[device] = {}
        if kind != "DDEATH" and device not in node.names:
            self._lose(name, node, sent)
            return False
        return kind != "DDEATH"

    def _count(self, name: str, node: _Node, payload: Payload, sent: int) -> None:
        if payload.seq is None:
            return
        if payload.seq != (node.seq + 1) % WRAP:
            self._lose(name, node, sent)
        node.seq = payload.seq

    def _lose(self, name: str, node: _Node, sent: int) -> None:
        if not node.is_blind:
            node.number += 1  # the hole that makes the source blind in the twin
            node.is_blind = True
        self._ask(name, sent)

    def _ask(self, name: str, sent: int) -> None:
        if sent - self._asked.get(name, -PATIENCE_MS) >= PATIENCE_MS:
            self._asked[name] = sent
            group, _, node = name.partition("/")
            self._publish(f"{NAMESPACE}/{group}/NCMD/{node}", write_rebirth(sent))

    def _mean(
        self, group: str, node_id: str, device: str, payload: Payload, sent: int, now: Instant
    ) -> Iterator[Reading]:
        """Yield the messages that a payload's metrics mean, once all of them are noted."""
        name = f"{group}/{node_id}"
        node = self._nodes[name]
        named = [(self._name(node, device, metric), metric) for metric in payload.metrics]
        values = node.values[device]
        for metric_name, metric in named:
            values[metric_name] = self._value(node, device, metric_name, metric)
        places = {"group": group, "node": node_id, "device": device}
        for metric_name, metric in named:
            if values[metric_name] is None:
                continue
            stamp = metric.timestamp or sent
            is_known = self._is_known(name, device, metric_name, stamp)
            self._said[name, device, metric_name] = stamp
            for rule in self._rules:
                if rule.when != metric_name or rule.is_ not in (None, values[metric_name]):
                    continue
                if "seq" in rule.fields or not is_known:
                    yield self._apply(rule, name, node, {**values, **places}, stamp, now)

    def _apply(
        self,
        rule: Rule,
        name: str,
        node: _Node,
        values: Mapping[str, Value],
        stamp: int,
        now: Instant,
    ) -> Reading:
        try:
            fields = fill(rule, values)
            if "seq" not in fields:
                node.number += 1
            return message_of(fields, name, node.birth, node.number, self._instant(stamp))
        except (KeyError, TypeError) as error:
            reason = f"{rule.when}: {error} of sparkplug.toml has no such value"
            return unreadable(repr(dict(values)).encode(), reason, now, origin=name)

    def _is_known(self, name: str, device: str, metric: str, stamp: int) -> bool:
        """Return whether a value was said before: a birth says all of them again."""
        said = self._said.get((name, device, metric))
        if said is not None:
            return stamp <= said
        return self._instant(stamp) < self._last_seen(name)

    @staticmethod
    def _name(node: _Node, device: str, metric: Metric) -> str:
        if metric.name:
            return metric.name
        found = node.names[device].get(-1 if metric.alias is None else metric.alias)
        return f"alias {metric.alias}" if found is None else found[0]

    def _value(self, node: _Node, device: str, name: str, metric: Metric) -> Value:
        datatype = metric.datatype or node.types[device].get(name)
        value = typed(metric.value, datatype)
        is_time = datatype == DATE_TIME and isinstance(value, int)
        return self._instant(int(value or 0)) if is_time else value

    def _instant(self, stamp_ms: int) -> Instant:
        return (stamp_ms - self._epoch_ms) // 1_000


def load_rules(path: Path) -> tuple[Rule, ...]:
    """Read sparkplug.toml: what the metrics of devices mean.

    Raises
    ------
    InvalidSite
        With every fault of the file.
    """
    return read_table(path, "event", "when")[1]


def _bd_seq(payload: Payload) -> Value:
    return next((m.value for m in payload.metrics if m.name == "bdSeq"), None)


_KINDS = ("NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH")
