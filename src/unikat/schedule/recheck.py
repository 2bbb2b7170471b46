"""The plain values the checker judges by: open steps, facts of the floor, and open hours."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.order.model import Order, OrderState
from unikat.plant.model import Plant
from unikat.schedule.model import Progress, StepKey
from unikat.terms import WEEK, BuildId, Capability, Instant, OrderId, Seconds, SetupFamily, UnitId

Span = tuple[Instant, Instant]
ENDED = (OrderState.FINISHED, OrderState.DELIVERED, OrderState.CANCELLED)


class Hours:
    """Open spans in increasing sequence, none touching the next."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = tuple(spans)
        self.opens = [opens for opens, _ in spans]

    def span_at(self, t: Instant) -> Span | None:
        """Return the open span that holds an instant."""
        k = bisect_right(self.opens, t) - 1
        return self.spans[k] if k >= 0 and t < self.spans[k][1] else None

    def between(self, a: Instant, b: Instant) -> Seconds:
        """Return the open seconds in [a, b)."""
        k = max(bisect_right(self.opens, a) - 1, 0)
        total = 0
        while k < len(self.spans) and self.spans[k][0] < b:
            total += max(0, min(b, self.spans[k][1]) - max(a, self.spans[k][0]))
            k += 1
        return total


@dataclass(frozen=True, slots=True)
class Facts:
    """What a schedule is judged by; `end` is the last instant the hours must reach."""

    plant: Plant
    orders: Mapping[str, Order]
    done: Progress
    now: Instant
    steps: Mapping[StepKey, Step]
    started_builds: frozenset[BuildId]
    free: Mapping[UnitId, Instant]
    families: Mapping[UnitId, SetupFamily]
    held: Sequence[tuple[Capability, Instant]]
    weights: Mapping[OrderId, int]
    _hours: dict[tuple[UnitId, Capability], tuple[Instant, Hours]] = field(default_factory=dict)

    def hours(self, unit: UnitId, capability: Capability, end: Instant) -> Hours:
        """Return when a unit works on a capability, from now to at least `end`."""
        until, hours = self._hours.get((unit, capability), (-1, Hours(())))
        if end >= until:
            until = max(end, self.now) + 5 * WEEK
            hours = Hours(_open_spans(self, unit, capability, until))
            self._hours[unit, capability] = (until, hours)
        return hours

    def release(self, key: StepKey) -> Instant:
        """Return when a step may start as far as orders, builds and purchases go."""
        order, old = self.orders[key[0]], self.done.bookings.get(key)
        if old:
            return max(self.now, old.not_before)
        leads = [
            self.plant.materials[item].lead_s
            for item in self.steps[key].items
            if item in self.plant.materials
        ]
        since = self.done.reopened.get(key, order.asked_at)
        return max(self.now, since + max(leads, default=0))

    def work(self, entry: Sequence[Booking]) -> Seconds:
        """Return the nominal work of a step or of the build it is in: its longest member's."""
        return max(self.steps[b.order, b.step].work for b in entry)

    def arrival(
        self, key: StepKey, unit: UnitId, booked: Mapping[StepKey, Booking]
    ) -> Instant | None:
        """Return when the predecessors of a step are at a unit; None if one is nowhere."""
        latest = 0
        for before in self.steps[key].after:
            source = (key[0], before)
            if source in self.done.finished:
                origin, finish = self.done.finished[source]
            elif source in self.done.running:
                run = self.done.running[source]
                origin, finish = run.unit, max(run.finish, self.now)
            elif source in booked:
                origin, finish = booked[source].unit, booked[source].finish
            else:
                return None
            latest = max(latest, finish + self.plant.travel_s(origin, unit))
        return latest


def find_facts(
    plant: Plant,
    orders: Sequence[Order],
    done: Progress,
    now: Instant,
    weights: Mapping[OrderId, int],
) -> Facts:
    """Return what is open, and what the running steps occupy."""
    all_steps = {(o.id, s.step): s for o in orders for s in o.variant.steps}
    ended = {order.id for order in orders if order.state in ENDED}
    begun = {*done.finished, *done.running}
    steps = {k: s for k, s in all_steps.items() if k[0] not in ended and k not in begun}
    free = dict.fromkeys(plant.units, now)
    families = dict(done.families)
    held: dict[UnitId, tuple[Capability, Instant]] = {}
    for key, run in done.running.items():
        free[run.unit] = max(free[run.unit], run.finish)
        if key in all_steps:
            step = all_steps[key]
            held[run.unit] = (step.capability, free[run.unit])
            if step.setup is not None:
                families[run.unit] = step.setup
    builds = {done.bookings[key].build for key in begun if key in done.bookings}
    return Facts(
        plant,
        {order.id: order for order in orders},
        done,
        now,
        steps,
        frozenset(build for build in builds if build is not None),
        free,
        families,
        tuple(held.values()),
        weights,
    )


def entries_of(bookings: Sequence[Booking]) -> list[tuple[Booking, ...]]:
    """Return steps and builds by time: what a unit does in one go."""
    groups: dict[object, list[Booking]] = {}
    for booking in bookings:
        name = (booking.order, booking.step) if booking.build is None else booking.build
        groups.setdefault(name, []).append(booking)
    return sorted(map(tuple, groups.values()), key=lambda e: (e[0].setup_start, e[0].finish))


def _open_spans(facts: Facts, unit: UnitId, capability: Capability, until: Instant) -> list[Span]:
    """Return where all calendars are open and no stop lies, by sweeping over all their edges."""
    names = [facts.plant.center_of(unit).calendar]
    names += [r.calendar for r in facts.plant.resources.values() if capability in r.needed_by]
    edges: list[tuple[Instant, int]] = []
    for name in names:
        for opens, close in _repeat(facts.plant.calendars[name].open, facts.now, until):
            edges += [(opens, 1), (close, -1)]
    for stop in facts.done.stops:
        if stop.unit == unit and stop.start < stop.finish:
            edges += [(stop.start, -len(names)), (stop.finish, len(names))]
    edges.sort()
    spans: list[Span] = []
    level = 0
    for k, (t, change) in enumerate(edges):
        level += change
        after = edges[k + 1][0] if k + 1 < len(edges) else t
        if level == len(names) and t < after:
            if spans and spans[-1][1] == t:
                spans[-1] = (spans[-1][0], after)
            else:
                spans.append((t, after))
    return spans


def _repeat(week: Sequence[Span], begin: Instant, end: Instant) -> Iterator[Span]:
    """Yield the week's spans from a week before `begin` until after `end`."""
    for turn in range(begin // WEEK - 1, end // WEEK + 2):
        for opens, close in week:
            yield turn * WEEK + opens, turn * WEEK + close
