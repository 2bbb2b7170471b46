"""The floor at any past instant, as the site knew it then: a checkpoint, and what followed it."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import Final

from unikat.events import OrderDelivered, Recorded
from unikat.plant.model import Plant
from unikat.ports import EventLog
from unikat.terms import Instant
from unikat.twin.state import FloorState, apply_events, empty_state

EVERY: Final = 2_000
"""Records between two checkpoints: what one look folds at most."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The floor after the first `seq` records; `at` is when the last of them was recorded.

    `latest` are the last records, oldest first; `num_shipped` counts all deliveries so far.
    """

    seq: int
    at: Instant
    floor: FloorState
    num_shipped: int
    latest: tuple[Recorded, ...]


@dataclass(slots=True)
class Replay:
    """Looks at the past of one log; thread-safe.

    `moments` are the checkpoints, made as the log grows; `keep` how many records a moment tells.
    """

    plant: Plant
    log: EventLog
    keep: int = 40
    moments: list[Moment] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def span(self) -> tuple[Instant, Instant] | None:
        """Return when the first and the last record were made; None for an empty log."""
        first = next(iter(self.log.read(limit=1)), None)
        if first is None:
            return None
        [last] = self.log.read(after=self.log.head() - 1, limit=1)
        return first.recorded_at, max(first.recorded_at, last.recorded_at)

    def at(self, instant: Instant) -> Moment:
        """Return the floor as it was known at an instant: all that was recorded by then."""
        with self.lock:
            self._extend()
            moments = self.moments
        start = moments[bisect_right(moments, instant, key=lambda moment: moment.at) - 1]
        fresh: list[Recorded] = []
        for record in self.log.read(after=start.seq):
            if record.recorded_at > instant:
                break
            fresh.append(record)
        return self._after(start, fresh)

    def _extend(self) -> None:
        """Make the checkpoints of what was recorded since."""
        if not self.moments:
            self.moments.append(Moment(0, -(1 << 62), empty_state(self.plant), 0, ()))
        while self.log.head() - self.moments[-1].seq >= EVERY:
            last = self.moments[-1]
            self.moments.append(self._after(last, islice(self.log.read(after=last.seq), EVERY)))

    def _after(self, start: Moment, records: Iterable[Recorded]) -> Moment:
        fresh = tuple(records)
        if not fresh:
            return start
        return Moment(
            seq=fresh[-1].seq,
            at=max(start.at, fresh[-1].recorded_at),
            floor=apply_events(start.floor, fresh),
            num_shipped=start.num_shipped
            + sum(isinstance(record.event, OrderDelivered) for record in fresh),
            latest=tuple(deque((*start.latest, *fresh), self.keep)),
        )
