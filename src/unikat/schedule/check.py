"""Check a schedule against every law of the plant, in plain Python from the values alone.

It shares no code with the solver and reads none of its columns: a fault there can't hide itself.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from unikat.capacity.model import Booking
from unikat.schedule.model import Schedule, Violation
from unikat.schedule.problem import ShopProblem
from unikat.schedule.recheck import Facts, entries_of, find_facts
from unikat.schedule.recheck_cost import wrong_cost
from unikat.schedule.recheck_frozen import moved_frozen
from unikat.terms import ResourceId, SetupFamily, UnitId

Rule = Callable[[Facts, Sequence[Booking]], Iterator[Violation]]


def check(problem: ShopProblem, schedule: Schedule) -> tuple[Violation, ...]:
    """Return every violation of a schedule, law by law; none means that it may be published.

    A booking that starts within the plant's frozen horizon must stay as it is if it can: taken by
    start, each is kept where the floor, the calendars and those kept before allow it to the second.
    """
    facts = find_facts(problem.plant, problem.orders, problem.done, problem.now, problem.weights)
    violations = list(_once(facts, schedule.bookings))
    known = [b for b in schedule.bookings if _is_eligible(facts, b)]
    for rule in RULES:
        violations.extend(rule(facts, known))
    return tuple(violations) or tuple(wrong_cost(facts, schedule))


def _name(booking: Booking) -> str:
    return f"{booking.order}/{booking.step}"


def _is_eligible(facts: Facts, booking: Booking) -> bool:
    step = facts.steps.get((booking.order, booking.step))
    return step is not None and booking.unit in facts.plant.eligible_units(step.capability)


def _once(facts: Facts, bookings: Sequence[Booking]) -> Iterator[Violation]:
    """Every open step is booked once, and nothing else, on a unit that offers its capability."""
    times = Counter((b.order, b.step) for b in bookings)
    for key in facts.steps:
        if times[key] != 1:
            yield Violation("complete", "/".join(key), f"booked {times[key]} times instead of once")
    for booking in bookings:
        if (booking.order, booking.step) not in facts.steps:
            yield Violation("complete", _name(booking), "is no open step")
        elif not _is_eligible(facts, booking):
            yield Violation("eligible", _name(booking), f"{booking.unit} can't do it")


def _labels(facts: Facts, bookings: Sequence[Booking]) -> Iterator[Violation]:
    """A booking names its setup family and resources, and a build exactly on a batch center."""
    for booking in bookings:
        step = facts.steps[booking.order, booking.step]
        needs = {r.id for r in facts.plant.resources.values() if step.capability in r.needed_by}
        if booking.family != step.setup:
            yield Violation("setup", _name(booking), f"family {booking.family}, not {step.setup}")
        if set(booking.resources) != needs:
            yield Violation("count", _name(booking), f"holds {booking.resources}, not {needs}")
        if (booking.build is None) != (facts.plant.center_of(booking.unit).batch is None):
            yield Violation("build", _name(booking), f"build {booking.build} on {booking.unit}")


def _times(facts: Facts, bookings: Sequence[Booking]) -> Iterator[Violation]:
    """Setup and work take their time and lie in working time, from now on."""
    for entry in entries_of(bookings):
        first = entry[0]
        if not facts.now <= first.setup_start <= first.start <= first.finish:
            yield Violation(
                "time", _name(first), "setup start, start, finish aren't in sequence from now"
            )
            continue
        capability = facts.steps[first.order, first.step].capability
        hours = facts.hours(first.unit, capability, first.finish)
        duration = facts.plant.duration(first.unit, facts.work(entry))
        if facts.plant.center_of(first.unit).is_interruptible:
            worked = hours.between(first.start, first.finish)
            is_open = hours.span_at(first.start) is not None and (
                duration == 0 or hours.span_at(first.finish - 1) is not None
            )
        else:
            worked = first.finish - first.start
            span = hours.span_at(first.setup_start)
            is_open = span is not None and first.finish <= span[1] and first.start < span[1]
        if not is_open:
            yield Violation(
                "calendar", _name(first), f"{first.unit} is closed or stopped meanwhile"
            )
        if worked != duration:
            yield Violation("duration", _name(first), f"works {worked} s instead of {duration} s")


def _lanes(facts: Facts, bookings: Sequence[Booking]) -> Iterator[Violation]:
    """A unit does one thing at a time, and is set up for it."""
    free = dict(facts.free)
    families: dict[UnitId, SetupFamily | None] = {**facts.families}
    for entry in entries_of(bookings):
        first = entry[0]
        unit = first.unit
        if first.setup_start < free[unit]:
            yield Violation("overlap", _name(first), f"{unit} is busy until {free[unit]}")
        needed = facts.plant.setup_s(unit, families.get(unit), first.family)
        capability = facts.steps[first.order, first.step].capability
        given = first.start - first.setup_start
        if facts.plant.center_of(unit).is_interruptible:
            given = facts.hours(unit, capability, first.start).between(
                first.setup_start, first.start
            )
        if given != needed:
            yield Violation("setup", _name(first), f"takes {given} s instead of {needed} s")
        free[unit] = max(free[unit], first.finish)
        families[unit] = first.family or families.get(unit)


def _builds(facts: Facts, bookings: Sequence[Booking]) -> Iterator[Violation]:
    """Members of a build share everything, there is room for all, and it hasn't started yet."""
    for entry in entries_of(bookings):
        first = entry[0]
        batch = facts.plant.center_of(first.unit).batch
        if first.build is None or batch is None:
            continue
        times = {(b.unit, b.setup_start, b.start, b.finish, b.family) for b in entry}
        kinds = {facts.steps[b.order, b.step].capability for b in entry}
        if len(times) + len(kinds) > 2:
            yield Violation("build", first.build, "its members differ")
        if len(entry) > batch.capacity:
            yield Violation("build", first.build, f"{len(entry)} members, {batch.capacity} places")
        if first.build in facts.started_builds:
            yield Violation("build", first.build, "has already started")


def _precedence(facts: Facts, bookings: Sequence[Booking]) -> Iterator[Violation]:
    """A step starts when it is released and its predecessors have arrived."""
    booked = {(b.order, b.step): b for b in bookings}
    for key, booking in booked.items():
        if booking.start < facts.release(key):
            yield Violation("release", _name(booking), f"starts before {facts.release(key)}")
        arrival = facts.arrival(key, booking.unit, booked)
        if arrival is None or booking.start < arrival:
            yield Violation("precedence", _name(booking), f"its part arrives at {arrival}")


def _counts(facts: Facts, bookings: Sequence[Booking]) -> Iterator[Violation]:
    """Never more of a resource is held than there is; a build holds it once."""
    edges: dict[ResourceId, list[tuple[int, int]]] = defaultdict(list)
    stays = [(facts.now, finish, capability) for capability, finish in facts.held]
    for first, *_ in entries_of(bookings):
        capability = facts.steps[first.order, first.step].capability
        stays.append((first.start, first.finish, capability))
    for resource in facts.plant.resources.values():
        for start, finish, capability in stays:
            if capability in resource.needed_by and start < finish:
                edges[resource.id] += [(start, 1), (finish, -1)]
        held = most = 0
        for _, change in sorted(edges[resource.id]):
            held += change
            most = max(most, held)
        if most > resource.count:
            yield Violation("count", resource.id, f"{most} held, {resource.count} there")


RULES: tuple[Rule, ...] = (
    _labels,
    _times,
    _lanes,
    _builds,
    _precedence,
    _counts,
    moved_frozen,
)
