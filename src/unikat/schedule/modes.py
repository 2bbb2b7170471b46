"""Who can do a load: one mode a unit that has the capability, room, and windows long enough."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from unikat.errors import NoCapacity
from unikat.plant.model import Plant
from unikat.schedule.columns import ModeColumns, ints, pointers
from unikat.schedule.loads import Load, OpenStep
from unikat.schedule.model import Progress
from unikat.schedule.windows import OPEN_END, Windows, expand, longest, weekly
from unikat.terms import Capability, Instant, OrderId, Seconds, UnitId


@dataclass(frozen=True, slots=True)
class Seat:
    """A unit for one capability: its calendar, longest stay in one window, places of a build."""

    unit: UnitId
    idx: int
    calendar: int
    longest: Seconds
    places: int


Seats = Mapping[Capability, tuple[Seat, ...]]


def find_seats(
    plant: Plant, steps: Iterable[OpenStep], done: Progress, now: Instant
) -> tuple[Seats, tuple[Windows, ...]]:
    """Return the seats of each capability asked for, and the calendars they name."""
    windows: dict[object, tuple[int, Windows]] = {}
    idx = {unit: index for index, unit in enumerate(plant.units)}
    seats = {}
    for capability in dict.fromkeys(open_step.step.capability for open_step in steps):
        row = []
        for unit in plant.eligible_units(capability):
            week = weekly(plant, unit, capability)
            if not week:
                continue
            center = plant.center_of(unit)
            stops = tuple((s.start, s.finish) for s in done.stops if s.unit == unit)
            if (week, stops) not in windows:
                windows[week, stops] = (len(windows), expand(week, stops, now))
            row.append(
                Seat(
                    unit,
                    idx[unit],
                    windows[week, stops][0],
                    OPEN_END if center.is_interruptible else longest(week),
                    center.batch.capacity if center.batch else 1,
                )
            )
        seats[capability] = tuple(row)
    return seats, tuple(window for _, window in windows.values())


def mode_columns(
    plant: Plant,
    steps: Sequence[OpenStep],
    loads: Sequence[Load],
    seats: Seats,
    weights: Mapping[OrderId, int],
) -> ModeColumns:
    """Return the modes of all loads.

    The work of a build is the longest of its members. A mode is left out where the work fits into
    no window; whether its setup fits too depends on the sequence, and is left to the kernels.
    """
    rows = [_modes_of(plant, steps, load, seats) for load in loads]
    flat = [(load, *mode) for load, row in enumerate(rows) for mode in row]
    columns = [ints([mode[k] for mode in flat]) for k in range(4)]
    heavy = ints([sum(weights.get(steps[row].order.id, 1) for row in load.rows) for load in loads])
    merit = np.log(heavy[columns[0]] / np.maximum(columns[2], 1))
    return ModeColumns(pointers(rows), columns[0], columns[1], columns[2], columns[3], merit)


def _modes_of(
    plant: Plant, steps: Sequence[OpenStep], load: Load, seats: Seats
) -> list[tuple[int, int, int]]:
    """Return unit, seconds and calendar of each mode of a load."""
    lead = steps[load.rows[0]]
    work = max(steps[row].step.work for row in load.rows)
    modes = []
    for seat in seats[lead.step.capability]:
        seconds = plant.duration(seat.unit, work)
        if seconds <= seat.longest and len(load.rows) <= seat.places:
            modes.append((seat.idx, seconds, seat.calendar))
    if not modes:
        raise NoCapacity(
            f"step {lead.step.step} of order {lead.order.id} ({lead.step.capability}, {work} s of "
            "work) fits into no window of any unit; add a unit, a longer shift, or common hours "
            "with the resources it needs"
        )
    return modes
