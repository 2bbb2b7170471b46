"""The plant as columns: lanes, setups, travel, windows, counted resources and what holds them."""

from collections.abc import Mapping, Sequence

import numpy as np

from unikat.configure.model import Step
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.schedule.columns import Ints, ShopColumns, ints
from unikat.schedule.model import Progress, Running
from unikat.schedule.windows import Windows
from unikat.terms import Instant, SetupFamily


def shop_columns(
    plant: Plant,
    orders: Sequence[Order],
    done: Progress,
    windows: Sequence[Windows],
    now: Instant,
) -> tuple[ShopColumns, Mapping[SetupFamily, int]]:
    """Return the plant's columns as the floor stands now, and the index of each setup family."""
    names = dict.fromkeys(f for matrix in plant.setups.values() for f in matrix.families)
    families = {family: index for index, family in enumerate(names)}
    matrices = {name: index for index, name in enumerate(plant.setups)}
    setups = [plant.center_of(unit).setup for unit in plant.units]
    running = _running(orders, done)
    columns = ShopColumns(
        _lanes(plant, running, done, families, now),
        ints([-1 if name is None else matrices[name] for name in setups]),
        ints([plant.center_of(unit).is_interruptible for unit in plant.units]),
        _change(plant, families),
        ints([[plant.travel_s(a, b) for b in plant.units] for a in plant.units]),
        *_calendars(windows),
        ints([resource.count for resource in plant.resources.values()]),
        _held(plant, running, now),
    )
    return columns, families


def _running(orders: Sequence[Order], done: Progress) -> list[tuple[Running, Step]]:
    """Return what runs, a build once."""
    by_unit = {
        done.running[order.id, step.step].unit: (done.running[order.id, step.step], step)
        for order in orders
        for step in order.variant.steps
        if (order.id, step.step) in done.running
    }
    return list(by_unit.values())


def _lanes(
    plant: Plant,
    running: Sequence[tuple[Running, Step]],
    done: Progress,
    families: Mapping[SetupFamily, int],
    now: Instant,
) -> Ints:
    """Return from when each unit is free and what it is set up for then."""
    free = {unit: (now, done.families.get(unit)) for unit in plant.units}
    for run, step in running:
        free[run.unit] = (max(now, run.finish), step.setup or free[run.unit][1])
    return ints([(t, -1 if f is None else families[f]) for t, f in free.values()])


def _change(plant: Plant, families: Mapping[SetupFamily, int]) -> Ints:
    """Return the setup seconds of each matrix over all families; the last row is for the first."""
    num = len(families)
    change = np.zeros((len(plant.setups), num + 1, num), dtype=np.int64)
    for table, matrix in zip(change, plant.setups.values(), strict=True):
        idx = [families[family] for family in matrix.families]
        table[np.ix_(idx, idx)] = matrix.change
        table[num, idx] = matrix.first
    return change


def _calendars(windows: Sequence[Windows]) -> tuple[Ints, Ints]:
    """Return where each calendar's windows lie, and all windows."""
    spans = [span for calendar in windows for span in calendar.spans]
    ends = np.cumsum([len(calendar.spans) for calendar in windows], dtype=np.int64)
    firsts = ends - ints([len(calendar.spans) for calendar in windows])
    tails = ints([calendar.tail for calendar in windows])
    longest = ints([calendar.longest for calendar in windows])
    return np.column_stack((firsts, ends, tails, longest)), ints(spans).reshape(len(spans), 2)


def _held(plant: Plant, running: Sequence[tuple[Running, Step]], now: Instant) -> Ints:
    """Return which counted resources the running steps hold, and until when."""
    idx = {resource: index for index, resource in enumerate(plant.resources)}
    held = [
        (idx[resource], max(now, run.finish))
        for run, step in running
        for resource in plant.needs_of(step.capability)
    ]
    return ints(held).reshape(len(held), 2)
