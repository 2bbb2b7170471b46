"""Working time: when a unit and the people and fixtures it needs are there, and how to count in
it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from unikat.capacity.model import Stop
from unikat.plant.model import Calendar, Plant
from unikat.plant.week import Span, merge, subtract
from unikat.terms import WEEK, Capability, Instant, ResourceId, Seconds, UnitId

NEVER: Final[Instant] = 2**62
"""An instant beyond every horizon: the answer where nothing fits."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Open windows [open, close), merged and sorted, over one span of plant time.

    `work[i]` are the working seconds before window i, so that W(t) = work[i] + clamp(t - open[i]).
    `longest` is the length of the longest window.

    >>> time = WorkingTime.of(((0, 10), (20, 30)))
    >>> time.add(5, 5), time.add(5, 6), time.first_open(10), time.between(5, 25)
    (10, 21, 20, 10)
    """

    open: tuple[Instant, ...]
    close: tuple[Instant, ...]
    work: tuple[Seconds, ...]
    longest: Seconds

    @classmethod
    def of(cls, spans: Sequence[Span]) -> "WorkingTime":
        """Build the columns from merged, sorted spans."""
        work: list[Seconds] = []
        done = 0
        for start, finish in spans:
            work.append(done)
            done += finish - start
        return cls(
            open=tuple(start for start, _ in spans),
            close=tuple(finish for _, finish in spans),
            work=tuple(work),
            longest=max((finish - start for start, finish in spans), default=0),
        )

    def work_at(self, t: Instant) -> Seconds:
        """Return W(t): the working seconds before `t`."""
        i = bisect_right(self.open, t) - 1
        if i < 0:
            return 0
        return self.work[i] + min(t, self.close[i]) - self.open[i]

    def between(self, a: Instant, b: Instant) -> Seconds:
        """Return the working seconds in [a, b)."""
        return self.work_at(b) - self.work_at(a)

    def add(self, t: Instant, p: Seconds) -> Instant:
        """Return the earliest x with W(x) = W(t) + p, which is `t` itself for p = 0; or NEVER."""
        if p == 0:
            return t
        target = self.work_at(t) + p
        i = bisect_left(self.work, target) - 1
        if i < 0:
            return NEVER
        x = self.open[i] + target - self.work[i]
        return x if x <= self.close[i] else NEVER

    def back(self, t: Instant, p: Seconds) -> Instant:
        """Return the latest x <= t with W(x) = W(t) - p, an open instant unless p = 0.

        There must be `p` working seconds before `t`.
        """
        if p == 0:
            return t
        target = self.work_at(t) - p
        i = bisect_right(self.work, target) - 1
        return self.open[i] + target - self.work[i]

    def first_open(self, t: Instant) -> Instant:
        """Return the first open instant >= t, or NEVER."""
        return max(t, self.window_at(t)[0])

    def window_at(self, t: Instant) -> Span:
        """Return the window that contains `t`, else the next one, else (NEVER, NEVER)."""
        i = bisect_right(self.close, t)
        return (self.open[i], self.close[i]) if i < len(self.open) else (NEVER, NEVER)

    def first_fit(self, t: Instant, length: Seconds) -> Instant:
        """Return the first x >= t such that [x, x + length) lies inside one window, or NEVER."""
        if length > self.longest:
            return NEVER
        for i in range(bisect_right(self.close, t), len(self.open)):
            x = max(t, self.open[i])
            if x + length <= self.close[i]:
                return x
        return NEVER

    def contains(self, start: Instant, finish: Instant) -> bool:
        """Tell whether [start, finish) lies inside one window."""
        low, high = self.window_at(start)
        return low <= start and finish <= high


def working_time(
    plant: Plant,
    unit: UnitId,
    capability: Capability,
    *,
    start: Instant,
    finish: Instant,
    stops: Iterable[Stop] = (),
) -> WorkingTime:
    """Return when `unit` can work on steps of `capability` within [start, finish).

    That is the calendar of its work center, cut with those of the counted resources the capability
    needs, minus the stops of this unit.
    """
    return working_time_with(
        plant, unit, plant.needs_of(capability), start=start, finish=finish, stops=stops
    )


def working_time_with(
    plant: Plant,
    unit: UnitId,
    resources: Iterable[ResourceId],
    *,
    start: Instant,
    finish: Instant,
    stops: Iterable[Stop] = (),
) -> WorkingTime:
    """Return when `unit` can work on steps that hold `resources`, within [start, finish)."""
    names = {plant.center_of(unit).calendar, *(plant.resources[r].calendar for r in resources)}
    downs = [(stop.start, stop.finish) for stop in stops if stop.unit == unit]
    return expand([plant.calendars[name] for name in sorted(names)], downs, start, finish)


def expand(
    calendars: Sequence[Calendar], downs: Sequence[Span], start: Instant, finish: Instant
) -> WorkingTime:
    """Return the time in [start, finish) that is open in all weekly calendars and not down.

    The weekly pattern repeats from the site epoch.
    """
    week: tuple[Span, ...] = ((0, WEEK),)
    for calendar in calendars:
        week = subtract(week, _gaps(calendar.open))
    spans = [
        (max(monday + a, start), min(monday + b, finish))
        for monday in range(start // WEEK * WEEK, finish, WEEK)
        for a, b in week
        if monday + b > start and monday + a < finish
    ]
    return WorkingTime.of(subtract(merge(tuple(spans)), merge(tuple(sorted(downs)))))


def _gaps(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    return subtract(((0, WEEK),), spans)
