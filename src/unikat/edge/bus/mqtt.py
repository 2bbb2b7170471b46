"""One connection to an MQTT broker: what comes is handled in batches and acknowledged after that.

The broker keeps what is not acknowledged, also while this process is away, for the client id is
fixed and its session outlives the connection. So nothing is lost, and what comes twice is known by
its id.
"""

import logging
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, TypeAlias

from unikat.edge.bus.broker import Broker

if TYPE_CHECKING:
    from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from unikat.edge.bus.bulk import BulkClient, Delivery

BATCH: Final = 2_000
"""A batch has no more messages; the broker may send as many before the first is acknowledged."""
WAIT_S: Final = 0.02
"""A batch waits no longer for more; it does not wait at all once nothing else is there."""
SESSION_S: Final = 7 * 86_400
"""How long a broker keeps the session of a client that is away (MQTT 5)."""
LARGEST: Final = 1_000_000
"""Bytes of the largest message accepted (MQTT 5)."""
RETRY_S: Final = (1, 30)
"""Seconds to the first and between later attempts to connect, and to handle what failed."""
MQTT_5: Final = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message as the broker delivers it."""

    topic: str
    payload: bytes


Handle: TypeAlias = Callable[[Sequence[Inbound]], None]
Acknowledge: TypeAlias = Callable[[Sequence[int]], None]
"""Tells who brought messages, by their numbers, that they were handled."""
_Arrived: TypeAlias = "tuple[Acknowledge, Sequence[Delivery]]"
"""Messages, and how they are acknowledged; one at QoS 0 has the number 0."""


class MqttClient:
    """A client with a fixed id that connects, and connects again, until it is stopped.

    `handle` is called on a thread of its own with batches in the sequence of arrival; when it
    returns they are acknowledged; while it raises they are handed to it again. `num_connections`
    counts how often a connection was made; `is_ready` while it stands and the broker has taken the
    topics. A client that `is_fed` does not ask the broker for them: the broker is in this process,
    and hands over what comes on them (`take`).
    """

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        topics: Sequence[tuple[str, int]],
        handle: Handle,
        *,
        is_fed: bool = False,
    ) -> None:
        self.num_connections = 0
        self.is_ready = False
        self.topics = list(topics)
        self._broker, self._handle, self._is_fed = broker, handle, is_fed
        self._queue: SimpleQueue[_Arrived | None] = SimpleQueue()
        self._stop = Event()
        self._thread = Thread(target=self._serve, name=f"mqtt {client_id}", daemon=True)
        self._client = self._make_client(client_id)
        self._reply: Acknowledge = partial(self._acknowledge, 0)

    def add_topics(self, topics: str) -> None:
        """Read more topics, by a filter; before the start."""
        self.topics.append((topics, 1))

    def start(self) -> None:
        """Connect in the background; a broker that is not there yet is waited for."""
        host, port = self._broker.host, self._broker.port
        self._thread.start()
        if self._broker.version == MQTT_5:
            properties = _session_properties()
            self._client.connect_async(host, port, 30, clean_start=False, properties=properties)
        else:
            self._client.connect_async(host, port, 30)
        self._client.loop_start()

    def stop(self) -> None:
        """Handle and acknowledge the present batch, and disconnect; the session stays."""
        self._stop.set()
        self._queue.put(None)
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()

    def take(self, deliveries: "Sequence[Delivery]", acknowledge: Acknowledge) -> None:
        """Let messages be handled; then `acknowledge` is called on the thread that did, once."""
        self._queue.put((acknowledge, deliveries))

    def publish(self, topic: str, payload: bytes, *, is_kept: bool = False, qos: int = 1) -> None:
        """Send a message; the broker keeps the last one of a topic if it `is_kept` (retained).

        At QoS 1 it is sent again until the broker has it, also over a new connection.
        """
        self._client.publish(topic, payload, qos=qos, retain=is_kept)

    def _make_client(self, client_id: str) -> "BulkClient":
        from paho.mqtt.enums import MQTTProtocolVersion

        from unikat.edge.bus.bulk import BulkClient

        broker = self._broker
        client = BulkClient(client_id, MQTTProtocolVersion(broker.version), self._bring)
        client.max_inflight_messages_set(BATCH)
        client.reconnect_delay_set(*RETRY_S)
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        if broker.has_tls:
            client.tls_set(broker.ca_file)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.on_socket_open = self._on_socket_open
        return client

    # What paho calls, on its own thread.

    def _on_socket_open(self, _client: "Client", _data: object, opened: object) -> None:
        """Let small packets go at once: waiting for more would cost 40 ms an acknowledgement."""
        self._client.begin()
        if isinstance(opened, socket.socket):
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_connect(
        self,
        client: "Client",
        _data: object,
        _flags: "ConnectFlags",
        reason: "ReasonCode",
        _properties: "Properties | None",
    ) -> None:
        if reason.is_failure:
            _log.error("the broker %s refuses us: %s", self._broker, reason)
            return
        self.num_connections += 1
        self._reply = partial(self._acknowledge, self.num_connections)
        self.is_ready = self._is_fed or not self.topics
        if not self.is_ready:
            client.subscribe(self.topics)

    def _on_disconnect(
        self,
        _client: "Client",
        _data: object,
        _flags: "DisconnectFlags",
        reason: "ReasonCode",
        _properties: "Properties | None",
    ) -> None:
        self.is_ready = False
        if not self._stop.is_set():
            _log.warning("the broker %s is gone (%s); trying again", self._broker, reason)

    def _on_subscribe(
        self,
        _client: "Client",
        _data: object,
        _mid: int,
        reasons: "list[ReasonCode]",
        _properties: "Properties | None",
    ) -> None:
        for (topic, _), reason in zip(self.topics, reasons, strict=False):
            if reason.is_failure:
                _log.error("the broker does not let us read %s: %s", topic, reason)
        self.is_ready = True

    def _on_message(self, _client: "Client", _data: object, message: "MQTTMessage") -> None:
        self._bring(((0, message.topic, bytes(message.payload)),))

    def _bring(self, deliveries: "Sequence[Delivery]") -> None:
        self.take(deliveries, self._reply)

    # The thread that handles and acknowledges.

    def _serve(self) -> None:
        while not self._stop.is_set():
            batch = self._gather()
            found = [Inbound(topic, body) for _, each in batch for _, topic, body in each]
            if found and self._handle_batch(found):
                _acknowledge(batch)

    def _acknowledge(self, connection: int, numbers: Sequence[int]) -> None:
        """Acknowledge what came over the present connection: a number means nothing on another."""
        if connection == self.num_connections:
            self._client.ack_all(numbers)

    def _gather(self) -> list[_Arrived]:
        """Wait for the first messages, and take what is there with them."""
        arrived = self._queue.get()
        batch: list[_Arrived] = []
        size, until = 0, time.monotonic() + WAIT_S
        while arrived is not None:
            batch.append(arrived)
            size += len(arrived[1])
            if size >= BATCH or time.monotonic() >= until:
                break
            try:
                arrived = self._queue.get_nowait()
            except Empty:
                break
        return batch

    def _handle_batch(self, batch: Sequence[Inbound]) -> bool:
        """Return whether a batch was handled; False if we were stopped before it could be."""
        pause, longest = RETRY_S
        while True:
            try:
                self._handle(batch)
            except Exception:
                _log.exception("%d messages could not be handled; trying again", len(batch))
                if self._stop.wait(pause):
                    return False
                pause = min(2 * pause, longest)
            else:
                return True


def _acknowledge(batch: Sequence[_Arrived]) -> None:
    """Tell each who brought messages all numbers of theirs at once."""
    found: dict[Acknowledge, list[int]] = {}
    for acknowledge, deliveries in batch:
        found.setdefault(acknowledge, []).extend(each[0] for each in deliveries if each[0])
    for acknowledge, numbers in found.items():
        if numbers:
            acknowledge(numbers)


def _session_properties() -> "Properties":
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_S
    properties.ReceiveMaximum = BATCH
    properties.MaximumPacketSize = LARGEST
    return properties
