"""amqtt with patience: it acknowledges what is meant for the site only once that is recorded.

amqtt acknowledges a message as soon as it has read it. Here one of the site's topics goes to the
site's client at once, not over a subscription, and amqtt's own way (hand it to other subscribers,
acknowledge it) begins when that client has handled it. Each message waits by itself, so many may be
on their way. A sender whose message was not acknowledged sends it again on its next connection.

Imported inside functions only: it needs amqtt, and leans on three of its inner methods
(`RELIES_ON`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from amqtt.broker import Broker
from amqtt.mqtt.disconnect import DisconnectPacket
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import INCOMING, ApplicationMessage, Session
from paho.mqtt.client import topic_matches_sub

from unikat.edge.bus.mqtt import MqttClient

RELIES_ON: Final = (
    (Broker, "_initialize_client_session"),
    (Broker, "_handle_disconnect"),
    (BrokerProtocolHandler, "_handle_message_flow"),
)
Config: TypeAlias = Mapping[str, object]
_Ended: TypeAlias = "asyncio.Future[DisconnectPacket | None]"


def missing() -> Sequence[str]:
    """Return what this amqtt lacks of the methods that are replaced here."""
    return [f"{cls.__name__}.{name}" for cls, name in RELIES_ON if not hasattr(cls, name)]


class PatientBroker(Broker):  # type: ignore[misc]  # amqtt has no types
    """amqtt whose messages for `site` are acknowledged when that client has handled them."""

    def __init__(self, config: Config, site: MqttClient) -> None:
        super().__init__(dict(config))
        self._site = site
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._num_taken = 0

    async def keep(self, topic: str, payload: bytes, *, is_awaited: bool) -> None:
        """Hand a message over if it is the site's; wait until it is handled if so asked."""
        if not any(topic_matches_sub(each, topic) for each, _ in self._site.topics):
            return
        if not is_awaited:
            self._site.take(((0, topic, payload),), self._acknowledge)
            return
        self._num_taken += 1
        number = self._num_taken
        self._waiting[number] = self._loop.create_future()
        self._site.take(((number, topic, payload),), self._acknowledge)
        try:
            await self._waiting[number]
        finally:
            del self._waiting[number]

    def _acknowledge(self, numbers: Sequence[int]) -> None:
        """Let messages go on; called on the site's thread."""
        self._loop.call_soon_threadsafe(self._release, numbers)

    def _release(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            future = self._waiting.get(number)
            if future is not None and not future.done():
                future.set_result(None)

    # What amqtt calls.

    async def _initialize_client_session(
        self, *connection: object
    ) -> tuple[BrokerProtocolHandler, Session]:
        _, session = await super()._initialize_client_session(*connection)
        return _PatientHandler(self), session

    async def _handle_disconnect(
        self, session: Session, handler: BrokerProtocolHandler, ended: _Ended
    ) -> None:
        """Hand over the will of who went without a word: it comes as no message of a client."""
        if session.will_flag and not isinstance(ended.result(), DisconnectPacket):
            will = bytes(session.will_message or b"")
            await self.keep(session.will_topic, will, is_awaited=False)
        await super()._handle_disconnect(session, handler, ended)


class _PatientHandler(BrokerProtocolHandler):  # type: ignore[misc]
    """One client's connection; amqtt handles each of its messages on a task of its own."""

    def __init__(self, broker: PatientBroker) -> None:
        super().__init__(broker.plugins_manager)
        self._broker = broker

    async def _handle_message_flow(self, message: ApplicationMessage) -> None:
        if message.direction == INCOMING:
            await self._broker.keep(message.topic, bytes(message.data), is_awaited=message.qos > 0)
        await super()._handle_message_flow(message)
