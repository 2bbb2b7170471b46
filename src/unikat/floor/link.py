"""The wire between a virtual floor and whoever listens: messages may come twice, late, or only
after a repetition.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush

from unikat.events import Event, Message
from unikat.floor.draws import uniform
from unikat.floor.messages import shift_message, write_message
from unikat.floor.model import World
from unikat.terms import MINUTE, Instant, Seconds, UnitId

SOURCE = "floor"
BEAT: Seconds = MINUTE
"""What was not acknowledged is said again at the next beat: a lost message is a late one."""

SWAP: Seconds = 5


@dataclass(slots=True)
class Link:
    """Messages under way, by the instant they arrive; `seq` counts them from 1 as they are said,
    `counts` by source.
    """

    world: World
    seed: int
    epoch: int = 1
    seq: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    under_way: list[tuple[Instant, int, Message]] = field(default_factory=list)

    def say(self, event: Event) -> None:
        """Send an event as a message."""
        self.seq += 1
        unit = getattr(event, "unit", UnitId(""))
        skew = self.world.clock_skew.get(unit)
        source = SOURCE if skew is None else f"{SOURCE}-{unit}"
        self.counts[source] = self.counts.get(source, 0) + 1
        message = write_message(event, source=source, epoch=self.epoch, seq=self.counts[source])
        if skew:
            message = shift_message(message, skew)
        heappush(self.under_way, (event.at + self._delay(event.at), self.seq, message))
        if self._happens(self.world.duplicated, "twice"):
            heappush(self.under_way, (event.at + self._delay(event.at) + 1, self.seq, message))

    def hear(self, until: Instant) -> tuple[Message, ...]:
        """Return all messages that have arrived by an instant, in the sequence of arrival."""
        heard: list[Message] = []
        while self.under_way and self.under_way[0][0] <= until:
            heard.append(heappop(self.under_way)[2])
        return tuple(heard)

    def next_at(self) -> Instant | None:
        """Return when the next message arrives, None if none is under way."""
        return self.under_way[0][0] if self.under_way else None

    def _delay(self, at: Instant) -> Seconds:
        """Return how late a message is, by the worst of its faults."""
        world = self.world
        since = at % world.outage_every_s
        waits = [max(0, world.outage_s - since)]
        if self._happens(world.lost, "lost"):
            waits.append(BEAT - at % BEAT)
        if self._happens(world.late, "late"):
            waits.append(1 + int(uniform(self.seed, "delay", self.seq) * (BEAT - 1)))
        if self._happens(world.swapped, "swapped"):
            waits.append(1 + int(uniform(self.seed, "swap", self.seq) * SWAP))
        return max(waits)

    def _happens(self, share: float, fault: str) -> bool:
        return share > 0 and uniform(self.seed, fault, self.seq) < share
