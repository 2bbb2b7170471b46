"""The checker's law of the frozen horizon: what starts soon and can stay, stays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from unikat.capacity.model import Booking
from unikat.schedule.model import StepKey, Violation
from unikat.schedule.recheck import Facts, entries_of
from unikat.terms import Capability, Instant, SetupFamily, UnitId


def moved_frozen(facts: Facts, bookings: Sequence[Booking]) -> Iterator[Violation]:
    """Yield the old bookings that start within the frozen horizon, could stay, and moved."""
    new = {(b.order, b.step): b for b in bookings}
    for key, old in _kept(facts).items():
        if key in new and (new[key].unit, new[key].start) != (old.unit, old.start):
            yield Violation(
                "frozen",
                "/".join(key),
                f"moved from {old.unit} at {old.start} to {new[key].unit} at {new[key].start}",
            )


def _kept(facts: Facts) -> Mapping[StepKey, Booking]:
    """Return the frozen bookings that can stay.

    They are taken by start, work of no length first, then by place in the orders.
    """
    rows = {key: row for row, key in enumerate(facts.steps)}
    frozen = [entry for entry in _old_entries(facts, rows) if _is_frozen(facts, entry)]
    frozen.sort(
        key=lambda e: (e[0].start, facts.work(e) > 0, min(rows[b.order, b.step] for b in e))
    )
    kept: dict[StepKey, Booking] = {}
    free = dict(facts.free)
    families: dict[UnitId, SetupFamily | None] = {**facts.families}
    held = [(capability, facts.now, finish) for capability, finish in facts.held]
    for entry in frozen:
        finish = _finish(facts, entry, kept, free, families)
        unit, start = entry[0].unit, entry[0].start
        family = facts.steps[entry[0].order, entry[0].step].setup
        capability = facts.steps[entry[0].order, entry[0].step].capability
        if finish is None or not _has_resources(facts, capability, start, finish, held):
            continue
        held.append((capability, start, finish))
        free[unit] = finish
        families[unit] = family or families.get(unit)
        for booking in entry:
            kept[booking.order, booking.step] = replace(booking, finish=finish)
    return kept


def _old_entries(facts: Facts, rows: Mapping[StepKey, int]) -> list[tuple[Booking, ...]]:
    """Return the last bookings of the open steps, builds together."""
    return entries_of([facts.done.bookings[key] for key in rows if key in facts.done.bookings])


def _is_frozen(facts: Facts, entry: Sequence[Booking]) -> bool:
    """Tell whether a step, or a whole build that is still one, starts within the frozen horizon."""
    first = entry[0]
    steps = [facts.steps[b.order, b.step] for b in entry]
    batch = facts.plant.center_of(first.unit).batch
    return (
        facts.now <= first.start < facts.now + facts.plant.frozen_s
        and first.build not in facts.started_builds
        and len({(b.unit, b.start) for b in entry}) == 1
        and len({(step.capability, step.setup) for step in steps}) == 1
        and len(entry) <= (batch.capacity if batch else 1)
        and first.unit in facts.plant.eligible_units(steps[0].capability)
    )


def _finish(
    facts: Facts,
    entry: Sequence[Booking],
    kept: Mapping[StepKey, Booking],
    free: Mapping[UnitId, Instant],
    families: Mapping[UnitId, SetupFamily | None],
) -> Instant | None:
    """Return when frozen work would finish if it starts as booked; None if it can't."""
    first, unit = entry[0], entry[0].unit
    for booking in entry:
        key = (booking.order, booking.step)
        arrival = facts.arrival(key, unit, kept)
        if arrival is None or max(arrival, facts.release(key)) > first.start:
            return None
    step = facts.steps[first.order, first.step]
    setup = facts.plant.setup_s(unit, families.get(unit), step.setup)
    duration = facts.plant.duration(unit, facts.work(entry))
    finish = first.start + duration
    hours = facts.hours(unit, step.capability, finish)
    span = hours.span_at(first.start)
    if span is None or free[unit] > first.start:
        return None
    if not facts.plant.center_of(unit).is_interruptible:
        begin = first.start - setup
        return finish if begin >= max(span[0], free[unit]) and finish <= span[1] else None
    if hours.between(free[unit], first.start) < setup:
        return None
    return _paused_finish(facts, unit, step.capability, first.start, duration)


def _paused_finish(
    facts: Facts, unit: UnitId, capability: Capability, start: Instant, duration: int
) -> Instant:
    """Return the earliest instant by which `duration` seconds from start were open."""
    end = start + duration
    while (lacking := duration - facts.hours(unit, capability, end).between(start, end)) > 0:
        end += lacking
    return end


def _has_resources(
    facts: Facts,
    capability: Capability,
    start: Instant,
    finish: Instant,
    held: Sequence[tuple[Capability, Instant, Instant]],
) -> bool:
    """Tell whether one more of each counted resource is there over [start, finish)."""
    if start >= finish:
        return True
    for resource in facts.plant.resources.values():
        if capability not in resource.needed_by:
            continue
        others = [
            (a, b) for c, a, b in held if c in resource.needed_by and a < finish and b > start
        ]
        peaks = [start, *(a for a, _ in others if a > start)]
        if any(sum(a <= t < b for a, b in others) >= resource.count for t in peaks):
            return False
    return True
