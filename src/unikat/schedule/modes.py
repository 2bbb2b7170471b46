"""Who can do a load: one mode a unit that has the capability, room, and windows long enough."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from unikat.errors import NoCapacity
from unikat.plant.model import Plant
from unikat.schedule.columns import Ints, ModeColumns, ints
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


NO_MODES = np.empty((5, 0), dtype=np.int64)
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
    by_capability: dict[Capability, list[int]] = {}
    works, sizes = [], []
    for index, each in enumerate(loads):
        lead = steps[each.rows[0]].step
        by_capability.setdefault(lead.capability, []).append(index)
        sizes.append(len(each.rows))
        is_one = len(each.rows) == 1
        works.append(lead.work if is_one else max([steps[row].step.work for row in each.rows]))
    loaded = ints([sizes, works])
    found = [
        _modes_of(plant, ints(members), loaded[:, members], seats[capability])
        for capability, members in by_capability.items()
    ]
    load, place, unit, seconds, calendar = np.concatenate([NO_MODES, *found], axis=1)
    order = np.lexsort((place, load))
    load, unit, seconds, calendar = (each[order] for each in (load, unit, seconds, calendar))
    ptr = np.searchsorted(load, np.arange(len(loads) + 1))
    lacking = np.flatnonzero(np.diff(ptr) == 0)
    if lacking.size:
        raise _no_capacity(steps, loads[int(lacking[0])])
    heavy = ints([sum([weights.get(steps[r].order.id, 1) for r in each.rows]) for each in loads])
    merit = np.log(heavy[load] / np.maximum(seconds, 1))
    return ModeColumns(ptr, load, unit, seconds, calendar, merit)


def _modes_of(plant: Plant, members: Ints, loaded: Ints, seats: Sequence[Seat]) -> Ints:
    """Return the modes of the loads of one capability, shape (5, modes).

    `loaded` (2, members) has how many steps each has, and the work. The rows are load, place of the
    seat, unit, seconds and calendar.
    """
    sizes, works = loaded
    found = []
    for place, seat in enumerate(seats):
        seconds: Ints = plant.duration(seat.unit, works)  # type: ignore[assignment]
        rows = np.empty((5, members.size), dtype=np.int64)
        rows[0], rows[1], rows[2], rows[3] = members, place, seat.idx, seconds
        rows[4] = seat.calendar
        found.append(rows[:, (seconds <= seat.longest) & (sizes <= seat.places)])
    return np.concatenate([NO_MODES, *found], axis=1)


def _no_capacity(steps: Sequence[OpenStep], load: Load) -> NoCapacity:
    """Return the error of a load that no unit can do."""
    lead = steps[load.rows[0]]
    work = max(steps[row].step.work for row in load.rows)
    return NoCapacity(
        f"step {lead.step.step} of order {lead.order.id} ({lead.step.capability}, {work} s of "
        "work) fits into no window of any unit; add a unit, a longer shift, or common hours "
        "with the resources it needs"
    )
