"""Working hours of a step on a work center: a weekly pattern that repeats from the site epoch, less
planned stops.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from unikat.plant.model import Plant
from unikat.plant.week import merge, subtract
from unikat.terms import WEEK, Capability, Instant, Seconds, WorkCenterId

Windows = tuple[tuple[Seconds, Seconds], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """Open windows of the week, sorted and merged; `before[i]` are the open seconds before window
    i; `closed` are spans of time, sorted and apart, that are no working hours all the same.
    """

    open: Windows
    before: tuple[Seconds, ...]
    per_week: Seconds
    closed: tuple[tuple[Instant, Instant], ...] = ()

    def without(self, stops: Sequence[tuple[Instant, Instant]]) -> "Hours":
        """Return these hours with other closed spans."""
        return replace(self, closed=merge(tuple(sorted(stops))))

    def worked(self, at: Instant) -> Seconds:
        """Return the open seconds in [0, at)."""
        lost = sum(
            self._weekly(min(finish, at)) - self._weekly(start)
            for start, finish in self.closed
            if start < at
        )
        return self._weekly(at) - lost

    def _weekly(self, at: Instant) -> Seconds:
        """Return the seconds in [0, at) that are open by the week."""
        weeks, second = divmod(at, WEEK)
        idx = bisect_right(self.open, (second, WEEK + 1)) - 1
        if idx < 0:
            return weeks * self.per_week
        start, finish = self.open[idx]
        return weeks * self.per_week + self.before[idx] + min(second, finish) - start

    def add(self, at: Instant, work: Seconds) -> Instant:
        """Return the earliest instant by which `work` open seconds have passed since `at`."""
        if work == 0 or (self.per_week == WEEK and not self.closed):
            return at + work
        done, target = self.worked(at), self._weekly(at) + work
        finish = self._reach(target)
        while (lacking := work - (self.worked(finish) - done)) > 0:
            target += lacking
            finish = self._reach(target)
        return finish

    def _reach(self, target: Seconds) -> Instant:
        """Return the earliest instant before which `target` seconds were open by the week."""
        weeks, left = divmod(target - 1, self.per_week)
        idx = bisect_right(self.before, left) - 1
        return weeks * WEEK + self.open[idx][0] + left - self.before[idx] + 1

    def fit(self, at: Instant, length: Seconds) -> Instant:
        """Return the earliest start >= `at` of `length` seconds inside one window.

        Where no window is that long, the next opening has to do: the work runs over.
        """
        if self.per_week == WEEK and not self.closed:
            return at
        first = at
        for start, finish in self._windows_from(at):
            begin = max(at, start)
            if first == at and begin > at:
                first = begin
            if begin + length <= finish:
                return begin
        return at if self.is_open(at) else first

    def is_open(self, at: Instant) -> bool:
        """Return whether `at` lies in a window."""
        return self.worked(at + 1) > self.worked(at)

    def _windows_from(self, at: Instant) -> list[tuple[Instant, Instant]]:
        """Return the windows of this week and the next two, and of as many after the last closed
        span, that end after `at`, joined across the week's end.
        """
        first = at // WEEK
        last = max([at, *(finish for _, finish in self.closed)]) // WEEK + 3
        spans: list[tuple[Instant, Instant]] = []
        for base in range(first * WEEK, last * WEEK, WEEK):
            for start, finish in self.open:
                if spans and spans[-1][1] == base + start:
                    spans[-1] = (spans[-1][0], base + finish)
                else:
                    spans.append((base + start, base + finish))
        return [span for span in subtract(tuple(spans), self.closed) if span[1] > at]


def hours_of(plant: Plant, center: WorkCenterId, capability: Capability) -> Hours:
    """Return when a capability can be worked on a work center: its own calendar and those of all it
    needs.
    """
    windows = plant.calendars[plant.work_centers[center].calendar].open
    for resource in plant.needs_of(capability):
        windows = _intersect(windows, plant.calendars[plant.resources[resource].calendar].open)
    before: list[Seconds] = []
    total = 0
    for start, finish in windows:
        before.append(total)
        total += finish - start
    return Hours(windows, tuple(before), total)


def _intersect(left: Windows, right: Windows) -> Windows:
    return tuple(
        sorted((max(a, c), min(b, d)) for a, b in left for c, d in right if max(a, c) < min(b, d))
    )
