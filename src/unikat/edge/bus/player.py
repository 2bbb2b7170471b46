"""Play the virtual floor behind a broker, as a process that stands for the equipment."""

import threading
import time as wall
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from unikat.capacity.model import Stop
from unikat.edge.bus.broker import Broker
from unikat.edge.bus.commands import (
    Tick,
    UnitWork,
    clock_topic,
    command_topic,
    floor_topic,
    read_release,
    read_tick,
    read_work,
    release_topic,
)
from unikat.edge.bus.mqtt import Inbound, MqttClient
from unikat.edge.bus.ndjson import write_line
from unikat.edge.times import PlantTime
from unikat.errors import UnikatError
from unikat.floor.model import Close, Command, Dispatch, Release, World
from unikat.floor.virtual import VirtualFloor, open_floor
from unikat.plant.model import Plant
from unikat.terms import Instant, UnitId

TURN_S = 0.05
"""Real seconds between two turns of the floor."""


@dataclass(slots=True)
class FollowedClock:
    """The site's clock as it was told: `at` at the wall's `unix`, `speed` times as fast."""

    at: Instant
    unix: float
    speed: float
    latest: Instant = 0

    def now(self) -> Instant:
        """Return the instant the site's clock shows; it never runs backwards."""
        shown = self.at + int((wall.time() - self.unix) * self.speed)
        self.latest = max(self.latest, shown)
        return self.latest


@dataclass(slots=True)
class FloorPlayer:
    """Obeys the commands of a site's topics and says there what happens.

    It plays from the moment the site's clock is known. Its epoch is the wall's seconds, so that it
    grows when the process is started again. `complain` is told of commands that cannot be read.
    """

    plant: Plant
    time: PlantTime
    broker: Broker
    name: str
    world: World
    seed: int
    complain: Callable[[str], None]
    epoch: int = field(default_factory=lambda: int(wall.time()))
    num_said: int = 0
    _inbox: SimpleQueue[Inbound] = field(default_factory=SimpleQueue)
    _closed: dict[UnitId, tuple[Stop, ...]] = field(default_factory=dict)
    _clock: FollowedClock | None = None
    _floor: VirtualFloor | None = None

    def play(self, stop: threading.Event) -> None:
        """Play until stopped."""
        topics = [
            (clock_topic(self.name), 1),
            (release_topic(self.name, "+"), 1),
            (command_topic(self.name, "+"), 1),
        ]
        client = MqttClient(self.broker, f"unikat-floor-{self.name}", topics, self._hear)
        client.start()
        try:
            while not stop.wait(TURN_S):
                self._turn(client)
        finally:
            client.stop()

    def _hear(self, batch: Sequence[Inbound]) -> None:
        for inbound in batch:
            if inbound.topic == clock_topic(self.name):
                self._follow(read_tick(inbound.payload))
            else:
                self._inbox.put(inbound)

    def _follow(self, tick: Tick) -> None:
        latest = 0 if self._clock is None else self._clock.latest
        self._clock = FollowedClock(self.time.read(tick.at), tick.unix, tick.speed, latest)

    def _turn(self, client: MqttClient) -> None:
        """Say what happened meanwhile, then obey what came."""
        if self._clock is None:
            return
        now = self._clock.now()
        if self._floor is None:
            self._floor = open_floor(self.plant, self.world, seed=self.seed, start=now)
        for message in self._floor.advance(now):
            own = replace(message, epoch=self.epoch)
            client.publish(floor_topic(self.name, own.source), write_line(own, self.time))
            self.num_said += 1
        for command in self._commands():
            self._floor.obey(command)

    def _commands(self) -> Sequence[Command]:
        """Return what came since the last turn: when units are closed, orders that may begin, and
        what is booked, as one command.
        """
        releases: list[Release] = []
        work: list[UnitWork] = []
        with suppress(Empty):
            while True:
                inbound = self._inbox.get_nowait()
                try:
                    if inbound.topic.startswith(release_topic(self.name, "")):
                        releases += [read_release(inbound.payload)] if inbound.payload else []
                    else:
                        work.append(read_work(inbound.payload, self.time))
                except UnikatError as fault:
                    self.complain(f"{inbound.topic}: {fault}")
        self._closed.update({each.unit: each.closed for each in work})
        if not work:
            return releases
        closed = Close(tuple(stop for stops in self._closed.values() for stop in stops))
        return (closed, *releases, Dispatch(tuple(b for each in work for b in each.bookings)))
