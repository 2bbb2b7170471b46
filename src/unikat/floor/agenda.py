"""What happens next on a virtual floor, and which work centers must be looked at again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TypeAlias

from unikat.terms import Instant, WorkCenterId

Occurrence: TypeAlias = tuple[Instant, int, Callable[[], None]]


@dataclass(slots=True)
class Agenda:
    """Occurrences by instant, those of one instant in the sequence they were planned.

    `dirty` are the work centers where something changed; `starved` those that lacked a robot, a
    counted resource or the supervisor's leave.
    """

    now: Instant
    heap: list[Occurrence] = field(default_factory=list)
    count: int = 0
    dirty: set[WorkCenterId] = field(default_factory=set)
    starved: set[WorkCenterId] = field(default_factory=set)
    wakes: set[tuple[Instant, WorkCenterId]] = field(default_factory=set)

    def plan(self, at: Instant, action: Callable[[], None]) -> None:
        """Let something happen at an instant."""
        self.count += 1
        heappush(self.heap, (at, self.count, action))

    def next_at(self) -> Instant | None:
        """Return when the next occurrence is, None if there is none."""
        return self.heap[0][0] if self.heap else None

    def step(self) -> None:
        """Go to the next instant and let all happen that is planned for it."""
        self.now = self.heap[0][0]
        while self.heap and self.heap[0][0] == self.now:
            heappop(self.heap)[2]()

    def wake(self, center: WorkCenterId, at: Instant) -> None:
        """Look at a work center at an instant."""
        if (at, center) not in self.wakes:
            self.wakes.add((at, center))
            self.plan(at, lambda: self._awake(center, at))

    def rouse(self) -> None:
        """Look at the starved work centers again."""
        self.dirty |= self.starved
        self.starved.clear()

    def _awake(self, center: WorkCenterId, at: Instant) -> None:
        self.wakes.discard((at, center))
        self.dirty.add(center)
