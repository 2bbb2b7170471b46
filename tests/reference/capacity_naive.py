"""Capacity second by second: units, setups, calendars and counts, as plainly as can be."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from unikat.capacity import Booking, Stop
from unikat.plant import Plant
from unikat.terms import WEEK


class NaiveShop:
    """Answers by looking at every second in [0, end)."""

    def __init__(
        self, plant: Plant, bookings: Iterable[Booking], stops: Sequence[Stop], now: int, end: int
    ) -> None:
        self.plant, self.stops, self.now, self.end = plant, stops, now, end
        self.bookings = list(bookings)
        self._open = {}

    def is_open(self, unit, resources, second) -> bool:
        key = (unit, resources)
        if key not in self._open:
            self._open[key] = [self._look(unit, resources, t) for t in range(self.end + 1)]
        return self._open[key][second]

    def _look(self, unit, resources, second) -> bool:
        calendars = [self.plant.center_of(unit).calendar]
        calendars += [self.plant.resources[r].calendar for r in resources]
        for name in calendars:
            if not any(a <= second % WEEK < b for a, b in self.plant.calendars[name].open):
                return False
        return not any(s.unit == unit and s.start <= second < s.finish for s in self.stops)

    def num_open(self, unit, resources, start, finish) -> int:
        self.is_open(unit, resources, 0)
        return sum(self._open[unit, resources][start:finish])

    def is_clear(self, unit, start, finish) -> bool:
        return not any(
            b.unit == unit and max(b.setup_start, start) < min(b.finish, finish)
            for b in self.bookings
        )

    def family_before(self, unit, begin):
        before = [
            b
            for b in self.bookings
            if b.unit == unit and b.family is not None and b.finish <= begin
        ]
        return max(before, key=lambda b: b.finish).family if before else None

    def leaves_setup(self, unit, family, finish) -> bool:
        """The next setup, from the family left behind, still fits behind this step."""
        after = sorted(
            (b for b in self.bookings if b.unit == unit and b.setup_start >= finish),
            key=lambda b: b.start,
        )
        if family is None:
            return True
        for b in after:
            if b.family is not None:
                setup = self.plant.setup_s(unit, family, b.family)
                if self.plant.center_of(unit).is_interruptible:
                    return self.num_open(unit, b.resources, finish, b.start) >= setup
                begin = b.start - setup
                return begin >= finish and self.num_open(unit, b.resources, begin, b.start) == setup
            finish = b.finish
        return True

    def has_counts(self, resources, start, finish) -> bool:
        for r in resources:
            held = [b for b in self.bookings if r in b.resources]
            for second in range(start, finish):
                used = sum(b.start <= second < b.finish for b in held)
                if used >= self.plant.resources[r].count:
                    return False
        return True

    def spots(self, unit, resources, work, family, ready):
        """Yield every (setup_start, start, finish) at which a step may be done from `ready` on."""
        duration = self.plant.duration(unit, work)
        split = self.plant.center_of(unit).is_interruptible
        for start in range(ready, self.end):
            if split:
                begins = self._begins_split(unit, resources, family, start)
                finish = self._finish_split(unit, resources, start, duration)
            else:
                setup = self.plant.setup_s(unit, self.family_before(unit, start), family)
                begins, finish = [start - setup], start + duration
            for begin in begins:
                if finish is not None and self._is_spot(
                    unit, resources, family, begin, start, finish
                ):
                    yield begin, start, finish
                    break

    def _is_spot(self, unit, resources, family, begin, start, finish) -> bool:
        split = self.plant.center_of(unit).is_interruptible
        setup = self.plant.setup_s(unit, self.family_before(unit, begin), family)
        if begin < self.now or not self.is_clear(unit, begin, finish):
            return False
        worked = self.num_open(unit, resources, begin, start)
        if worked != setup or (not split and start - begin != setup):
            return False
        if not split and self.num_open(unit, resources, start, finish) != finish - start:
            return False
        return self.leaves_setup(unit, family, finish) and self.has_counts(resources, start, finish)

    def _begins_split(self, unit, resources, family, start):
        if not self.is_open(unit, resources, start):
            return []
        return range(start, self.now - 1, -1)

    def _finish_split(self, unit, resources, start, duration):
        done = 0
        for second in range(start, self.end):
            done += self.is_open(unit, resources, second)
            if done == duration:
                return second + 1
        return None


def overlaps(plant: Plant, bookings: Sequence[Booking]) -> list[str]:
    """Return where bookings share a unit, a build is too full, or too much is held."""
    faults = []
    for unit in plant.units:
        batch = plant.center_of(unit).batch
        spans = {}
        for b in bookings:
            if b.unit == unit:
                key = (b.build, b.setup_start, b.start, b.finish) if b.build else id(b)
                spans.setdefault(key, []).append(b)
        for members in spans.values():
            faults += [f"{unit}: {members}"] * (len(members) > (batch.capacity if batch else 1))
        entries = sorted((m[0].setup_start, m[0].finish) for m in spans.values())
        faults += [f"{unit}: {a} overlaps {b}" for a, b in pairwise(entries) if b[0] < a[1]]
    for name, resource in plant.resources.items():
        held = {
            (b.build or (b.order, b.step), b.start, b.finish)
            for b in bookings
            if name in b.resources
        }
        steps = sorted([(s, 1) for _, s, _ in held] + [(f, -1) for _, _, f in held])
        used = 0
        for at, by in steps:
            used += by
            if used > resource.count:
                faults.append(f"{name}: {used} held at {at}")
    return faults
