"""Turn bookings into rows and uses: facts, not checked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from unikat.capacity.counted import Use
from unikat.capacity.lane import Lane, Row
from unikat.capacity.model import Booking
from unikat.plant.model import Plant
from unikat.terms import Instant, ResourceId, SetupFamily, UnitId


def open_row(
    lane: Lane, bookings: Iterable[Booking], now: Instant, family: SetupFamily | None
) -> Row:
    """Sort a unit's bookings into a row; members of one build become one entry."""
    entries: dict[object, list[Booking]] = {}
    for booking in bookings:
        own: object = (booking.order, booking.step)
        key = own if booking.build is None else (booking.build, booking.setup_start, booking.finish)
        entries.setdefault(key, []).append(booking)
    sequence = sorted(entries.values(), key=lambda entry: (entry[0].setup_start, entry[0].finish))
    row = Row(lane.family(family))
    live: list[tuple[Booking, ...]] = []
    reach: list[Instant] = []
    for entry in sequence:
        if entry[0].finish > now:
            live.append(tuple(entry))
            reach.append(max(entry[0].finish, reach[-1] if reach else 0))
        elif family is None and entry[0].family is not None:
            row = Row(lane.family(entry[0].family))
    return Row(
        row.family,
        [entry[0].setup_start for entry in live],
        [entry[0].start for entry in live],
        reach,
        [lane.family(entry[0].family) for entry in live],
        live,
    )


def open_uses(plant: Plant, rows: Mapping[UnitId, Row]) -> dict[ResourceId, Use]:
    """Count what the entries of all rows hold, each build once."""
    steps: dict[ResourceId, dict[Instant, int]] = {
        name: defaultdict(int) for name in plant.resources
    }
    for row in rows.values():
        for first, *_ in row.entries:
            for resource in first.resources:
                if resource in steps and first.start < first.finish:
                    steps[resource][first.start] += 1
                    steps[resource][first.finish] -= 1
    return {name: _sum_up(plant.resources[name].count, step) for name, step in steps.items()}


def _sum_up(limit: int, steps: Mapping[Instant, int]) -> Use:
    at: list[Instant] = []
    used: list[int] = []
    held = 0
    for instant in sorted(steps):
        if steps[instant]:
            held += steps[instant]
            at.append(instant)
            used.append(held)
    return Use(limit, at, used)
