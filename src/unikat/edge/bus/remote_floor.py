"""A floor behind a broker: it is told commands by MQTT, and what it says is recorded."""

import time as wall
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from unikat.edge.bus.broker import Broker
from unikat.edge.bus.commands import (
    by_unit,
    clock_topic,
    command_topic,
    floor_topic,
    release_topic,
    write_release,
    write_tick,
    write_work,
)
from unikat.edge.bus.intake import take_in
from unikat.edge.bus.mqtt import Inbound, MqttClient
from unikat.edge.bus.ndjson import Reading, Unreadable, read_lines
from unikat.edge.times import PlantTime
from unikat.floor.model import Command, Release
from unikat.order.model import OrderState
from unikat.site import Site
from unikat.state import SiteState
from unikat.terms import Instant, OrderId

ON_THE_FLOOR = (OrderState.RELEASED, OrderState.STARTED)
NUM_ENDED = 200
"""Of so many orders that ended last it is told again, after a start, that they did."""

Reader: TypeAlias = Callable[[Inbound, Instant], Sequence[Reading]]
"""What reads the messages of a topic."""


class RemoteFloor:
    """Records what equipment says over a broker, and tells it the site's commands.

    A new connection is told everything anew: what was logged just before a crash, or while the
    broker was away, reaches the floor all the same.

    Parameters
    ----------
    name
        The site's level in the topics.
    speed
        How fast the site's clock runs.
    """

    def __init__(
        self,
        site: Site,
        time: PlantTime,
        broker: Broker,
        name: str,
        *,
        speed: float = 1.0,
    ) -> None:
        self._site, self._time, self._name, self._speed = site, time, name, speed
        self._own = floor_topic(name, "")
        self._readers: dict[str, Reader] = {}
        topics, is_fed = [(f"{self._own}+", 1)], broker.is_embedded
        self.client = MqttClient(broker, f"unikat-{name}", topics, self._hear, is_fed=is_fed)
        self._connection = 0
        self._released: set[OrderId] = set()
        self._units: dict[str, bytes] = {}

    def add_reader(self, topics: str, read: Reader) -> None:
        """Let messages of another kind (Sparkplug, RFID) be read, by a filter of their topics."""
        self._readers[topics.rstrip("#+")] = read
        self.client.add_topics(topics)

    def start(self) -> None:
        """Connect in the background."""
        self.client.start()

    def stop(self) -> None:
        """Record what has come, and disconnect."""
        self.client.stop()

    # What the site tells.

    def obey(self, command: Command) -> None:
        """Tell the floor a command; without a broker nothing, for it will be told everything."""
        if not self._connection:
            return
        state = self._site.state()
        if isinstance(command, Release):
            self._release(command, state)
        else:
            self._tell_units(state)

    def keep_up(self) -> None:
        """Tell a new connection everything; and of orders that ended since that they did."""
        state = self._site.state()
        if not self.client.is_ready:
            self._connection = 0
        elif self._connection != self.client.num_connections:
            self._connection = self.client.num_connections
            self._tell_all(state)
        for order in self._released - state.orders.keys():
            self._released.discard(order)
            self._forget(order)

    def _tell_all(self, state: SiteState) -> None:
        self._units.clear()
        tick = write_tick(self._site.clock.now(), wall.time(), self._speed, self._time)
        self.client.publish(clock_topic(self._name), tick, is_kept=True)
        for ended in tuple(state.ended)[-NUM_ENDED:]:
            self._forget(ended)
        for order in state.orders.values():
            if order.state in ON_THE_FLOOR:
                self._release(Release(order.id, order.variant.steps), state)
        self._tell_units(state)

    def _release(self, release: Release, state: SiteState) -> None:
        order = release.order_id
        track = state.floor.orders.get(order)
        done = () if track is None else tuple(track.finished)
        self._released.add(order)
        topic = release_topic(self._name, order)
        self.client.publish(topic, write_release(release, done), is_kept=True)

    def _forget(self, order: OrderId) -> None:
        self.client.publish(release_topic(self._name, order), b"", is_kept=True)

    def _tell_units(self, state: SiteState) -> None:
        """Tell each unit its work and when it is closed, if it is not what it was told last."""
        work = by_unit(state.bookings.values())
        for unit in self._site.plant.units:
            closed = [stop for stop in state.closed if stop.unit == unit]
            payload = write_work(unit, work.get(unit, ()), closed, self._time)
            if self._units.get(unit) != payload:
                self._units[unit] = payload
                self.client.publish(command_topic(self._name, unit), payload, is_kept=True)

    # What the floor says.

    def _hear(self, batch: Sequence[Inbound]) -> None:
        now = self._site.clock.now()
        take_in(self._site, tuple(reading for each in batch for reading in self._read(each, now)))

    def _read(self, inbound: Inbound, now: Instant) -> Sequence[Reading]:
        for prefix, read in self._readers.items():
            if inbound.topic.startswith(prefix):
                return read(inbound, now)
        source = inbound.topic.removeprefix(self._own)
        lines = read_lines(inbound.payload, self._time, now)
        return tuple(_of_source(source, reading) for _, reading in lines)


def _of_source(source: str, reading: Reading) -> Reading:
    """Return a reading, unless it speaks for somebody else: a broker's rights are by topic."""
    if isinstance(reading, Unreadable):
        return Unreadable(replace(reading.message, source=source), reading.fault)
    if reading.source != source:
        fault = f"source={reading.source} came on the topic of {source}; send it on its own"
        return Unreadable(reading, fault)
    return reading
