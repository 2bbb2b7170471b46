"""What is known about units, orders and sources: each fact is the latest event that says it.

The true sequence of events is (event time, source, epoch, seq), not that of their arrival: each
event has a `Rank`, and a fact is replaced only by one of higher rank. So the same events give the
same facts in any sequence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from unikat.terms import BuildId, EventId, Instant, OrderId, Seconds, SetupFamily, StepId, UnitId

Rank: TypeAlias = tuple[Instant, str, int, int]
"""(event time, source, epoch, seq)."""
NEVER: Rank = (-1, "", 0, 0)
NUM_STOPS = 8
"""How many stops of a unit are remembered, to know how much a running step lost by them."""


def rank_of(at: Instant, event_id: EventId) -> Rank:
    """Return an event's place in the true sequence; an id that is no message's counts as its own
    source.
    """
    parts = event_id.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal():
        return at, parts[0], int(parts[1]), int(parts[2])
    return at, event_id, 0, 0


@dataclass(frozen=True, slots=True)
class Work:
    """What a unit last did with a step: set up for it, start it, finish it."""

    rank: Rank = NEVER
    kind: str = "idle"
    order: OrderId | None = None
    step: StepId | None = None
    build: BuildId | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class UnitState:
    """One unit: its last work, what it is set up for, its last stops and restarts, and the loads
    that are in it.
    """

    work: Work = Work()
    family: SetupFamily | None = None
    family_rank: Rank = NEVER
    stops: tuple[tuple[Rank, Instant, str], ...] = ()
    restarts: tuple[Rank, ...] = ()
    orders: frozenset[OrderId] = frozenset()

    @property
    def is_down(self) -> bool:
        """Return whether it stopped and has not restarted."""
        return bool(self.stops) and (not self.restarts or self.restarts[-1] < self.stops[-1][0])

    @property
    def state(self) -> str:
        """Return idle, setup, busy, blocked (finished, the load still inside) or down."""
        if self.is_down:
            return "down"
        if self.work.kind == "idle":
            return "blocked" if self.orders else "idle"
        return self.work.kind

    @property
    def since(self) -> Instant:
        """Return since when it is in its state; -1 if nothing ever happened to it."""
        return self.stops[-1][0][0] if self.is_down else self.work.rank[0]

    @property
    def until(self) -> Instant | None:
        """Return when its work should finish, or when it should be back; None if it is idle."""
        return self.stops[-1][1] if self.is_down else self.work.until

    @property
    def reason(self) -> str:
        """Return why it is down, empty if it is not."""
        return self.stops[-1][2] if self.is_down else ""

    @property
    def order(self) -> OrderId | None:
        """Return the order it works on, or one of those in it."""
        return None if self.state == "idle" else self.work.order

    @property
    def step(self) -> StepId | None:
        """Return the step it works on, or has finished while the load is still inside."""
        return None if self.state == "idle" else self.work.step

    def lost_since(self, start: Rank, now: Instant) -> Seconds:
        """Return how long it has been down in [start, now), as far as its last stops are known; one
        that is said again while it lasts counts once.
        """
        lost = 0
        said = [rank for rank, _, _ in self.stops]
        for rank in said:
            if rank >= start:
                lost += max(
                    0,
                    min((r[0] for r in (*self.restarts, *said) if r > rank), default=now) - rank[0],
                )
        return lost


@dataclass(frozen=True, slots=True)
class Start:
    """A step that was started: on which unit, and when it should finish without stops."""

    rank: Rank
    unit: UnitId
    attempt: int
    build: BuildId | None
    until: Instant


@dataclass(frozen=True, slots=True)
class Finish:
    """A step that was finished, on which unit, and how many good parts came of it."""

    rank: Rank
    unit: UnitId
    attempt: int
    good: int = 1


@dataclass(frozen=True, slots=True)
class OrderTrack:
    """One open order on the floor: the place of its load, the steps started and finished (each at
    its last attempt), when its part was scrapped, and which steps were ordered again when.
    """

    place: str = "store"
    place_rank: Rank = NEVER
    started: Mapping[StepId, Start] = field(default_factory=dict)
    finished: Mapping[StepId, Finish] = field(default_factory=dict)
    scraps: tuple[Rank, ...] = ()
    reworks: tuple[tuple[Rank, tuple[StepId, ...]], ...] = ()

    @property
    def done(self) -> Mapping[StepId, Finish]:
        """Return the steps that are finished and need not be made again."""
        return {
            step: finish
            for step, finish in self.finished.items()
            if finish.good and finish.rank > self._void(step)
        }

    @property
    def running(self) -> Mapping[StepId, Start]:
        """Return the steps that were started and not finished since."""
        return {
            step: start
            for step, start in self.started.items()
            if (step not in self.finished or self.finished[step].rank < start.rank)
            and start.rank > self._void(step)
        }

    @property
    def reopened(self) -> Mapping[StepId, Instant]:
        """Return the steps that must be made again and have not begun to be, and since when."""
        done, running = self.done, self.running
        return {
            step: max(
                self._void(step), self.finished[step].rank if step in self.finished else NEVER
            )[0]
            for step in {**self.started, **self.finished}
            if step not in done and step not in running
        }

    def _void(self, step: StepId) -> Rank:
        """Return since when what was done of a step does not count."""
        again = (rank for rank, steps in self.reworks if step in steps)
        return max((*self.scraps[-1:], *again), default=NEVER)


@dataclass(frozen=True, slots=True)
class RobotState:
    """One transporter: where it put down its last load, and which."""

    rank: Rank
    at: str
    order: OrderId


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source in its present epoch: when its newest event happened, and which of its messages
    are here.

    `seen` are half-open ranges of seq, sorted and merged; seq counts from 1.
    """

    epoch: int
    last_seen: Instant
    seen: tuple[tuple[int, int], ...]

    @property
    def next_seq(self) -> int:
        """Return the seq after the highest that came."""
        return self.seen[-1][1] if self.seen else 1

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """Return the half-open ranges of seq that are missing."""
        ends = [1, *(high for _, high in self.seen)]
        return tuple(
            (end, low) for end, (low, _) in zip(ends, self.seen, strict=False) if end < low
        )

    @property
    def num_missing(self) -> int:
        """Return how many messages are missing."""
        return sum(high - low for low, high in self.gaps)

    @property
    def is_blind(self) -> bool:
        """Return whether a message is missing, so that what is known may be wrong."""
        return bool(self.gaps)
