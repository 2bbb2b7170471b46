"""The open work of a floor as tasks: a step, or the open members of a build, each after others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.order.model import Order
from unikat.schedule.model import Progress, StepKey
from unikat.terms import Instant, Seconds


@dataclass(frozen=True, slots=True)
class Task:
    """Steps that are done together: one step, or all open members of a build."""

    keys: tuple[StepKey, ...]
    steps: tuple[Step, ...]
    after: tuple[StepKey, ...]
    start: Instant
    booking: Booking | None

    @property
    def work(self) -> Seconds:
        """Return the longest work of its members."""
        return max(step.work for step in self.steps)


def tasks_of(
    orders: Sequence[Order], bookings: Mapping[StepKey, Booking], progress: Progress
) -> list[Task]:
    """Return the open tasks; members of a build wait for the preceding steps of all."""
    groups: dict[object, list[tuple[StepKey, Step]]] = {}
    for order in orders:
        for step in order.variant.steps:
            key = (order.id, step.step)
            if key not in progress.finished and key not in progress.running:
                booking = bookings.get(key)
                build = None if booking is None else booking.build
                groups.setdefault(build or key, []).append((key, step))
    return [_task(members, bookings) for members in groups.values()]


def _task(members: list[tuple[StepKey, Step]], bookings: Mapping[StepKey, Booking]) -> Task:
    keys = tuple(key for key, _ in members)
    after = tuple((key[0], before) for key, step in members for before in step.after)
    booking = bookings.get(keys[0])
    start = 1 << 60 if booking is None else booking.start
    return Task(keys, tuple(step for _, step in members), after, start, booking)


Links = tuple[list[set[int]], dict[int, list[int]]]


def link(tasks: Sequence[Task]) -> Links:
    """Return which tasks each waits for, and which wait for each, by their index."""
    task_of: dict[StepKey, int] = {key: i for i, task in enumerate(tasks) for key in task.keys}
    waits = [
        {task_of[key] for key in task.after if key in task_of} - {i} for i, task in enumerate(tasks)
    ]
    followers: dict[int, list[int]] = {}
    for i, before in enumerate(waits):
        for j in before:
            followers.setdefault(j, []).append(i)
    return waits, followers


def release(waits: list[set[int]], followers: dict[int, list[int]], done: int) -> list[int]:
    """Take a task that is done out of what others wait for; return those that wait for no more."""
    freed = []
    for i in followers.get(done, ()):
        waits[i].discard(done)
        if not waits[i]:
            freed.append(i)
    return freed
