"""Turn bookings into rows and uses: facts, not checked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from unikat.capacity.columns import Frame
from unikat.capacity.counted import Use
from unikat.capacity.lane import Lane
from unikat.capacity.model import Booking
from unikat.capacity.row import Row, make_row
from unikat.plant.model import Plant
from unikat.terms import Instant, ResourceId, SetupFamily, UnitId


def open_row(
    lane: Lane,
    frame: Frame,
    bookings: Iterable[Booking],
    now: Instant,
    family: SetupFamily | None,
) -> Row:
    """Sort a unit's bookings into a row; members of one build become one entry."""
    entries: dict[object, list[Booking]] = {}
    for booking in bookings:
        own: object = (booking.order, booking.step)
        key = own if booking.build is None else (booking.build, booking.setup_start, booking.finish)
        entries.setdefault(key, []).append(booking)
    sequence = sorted(entries.values(), key=lambda entry: (entry[0].setup_start, entry[0].finish))
    first = lane.family(family)
    for entry in sequence:
        if entry[0].finish <= now and family is None and entry[0].family is not None:
            first = lane.family(entry[0].family)
    live = [tuple(entry) for entry in sequence if entry[0].finish > now]
    return make_row(lane, frame, live, first)


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
    return {
        name: Use.of(plant.resources[name].count, sorted(step.items()))
        for name, step in steps.items()
    }
