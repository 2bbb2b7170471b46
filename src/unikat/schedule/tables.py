"""Fill the columns of a shop problem from the plant, the open steps and what the floor has done."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from unikat.capacity.model import Booking
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.schedule.columns import (
    Columns,
    Ints,
    JobColumns,
    LoadColumns,
    ModeColumns,
    StepColumns,
    csr,
    ints,
)
from unikat.schedule.loads import Load, OpenStep
from unikat.schedule.model import Progress, StepKey
from unikat.schedule.modes import find_seats, mode_columns
from unikat.schedule.shop import shop_columns
from unikat.terms import Instant, OrderId, Seconds, SetupFamily, UnitId


def fill_columns(  # noqa: PLR0917 - what it fills from
    plant: Plant,
    orders: Sequence[Order],
    steps: Sequence[OpenStep],
    loads: Sequence[Load],
    done: Progress,
    now: Instant,
    weights: Mapping[OrderId, int],
) -> Columns:
    """Return the columns of the loads, which are in topological sequence."""
    load_of = [0] * len(steps)
    for index, load in enumerate(loads):
        for row in load.rows:
            load_of[row] = index
    seats, windows = find_seats(plant, steps, done, now)
    modes = mode_columns(plant, steps, loads, seats, weights)
    shop, families = shop_columns(plant, orders, done, windows, now)
    jobs = {open_step.order.id: open_step.order for open_step in steps}
    job_idx = {order: index for index, order in enumerate(jobs)}
    unit_of = {unit: index for index, unit in enumerate(plant.units)}
    old_unit = ints([unit_of[s.old.unit] if s.old else -1 for s in steps])
    old_modes = _old_modes(ints(load_of), old_unit, modes)
    return Columns(
        now,
        StepColumns(
            ints(load_of),
            ints([job_idx[open_step.order.id] for open_step in steps]),
            old_unit,
            ints([open_step.old.start if open_step.old else -1 for open_step in steps]),
        ),
        _job_columns(jobs, done, now, weights),
        _load_columns(
            plant, steps, loads, done, now, (load_of, unit_of, families), modes, old_modes
        ),
        modes,
        shop,
    )


def _job_columns(
    jobs: Mapping[OrderId, Order], done: Progress, now: Instant, weights: Mapping[OrderId, int]
) -> JobColumns:
    """Return release, promised finish, due date and latest finish so far of each order."""
    ends = dict.fromkeys(jobs, 0)
    for (order, _), (_, finish) in done.finished.items():
        if order in ends:
            ends[order] = max(ends[order], finish)
    for (order, _), running in done.running.items():
        if order in ends:
            ends[order] = max(ends[order], running.finish, now)
    return JobColumns(
        ints([order.asked_at for order in jobs.values()]),
        ints([order.finish for order in jobs.values()]),
        ints([order.due for order in jobs.values()]),
        ints(list(ends.values())),
        ints([weights.get(order, 1) for order in jobs]),
    )


def _load_columns(  # noqa: PLR0917 - what it fills from
    plant: Plant,
    steps: Sequence[OpenStep],
    loads: Sequence[Load],
    done: Progress,
    now: Instant,
    idx: tuple[Sequence[int], Mapping[UnitId, int], Mapping[SetupFamily, int]],
    modes: ModeColumns,
    old_modes: Sequence[int],
) -> LoadColumns:
    """Return what holds for all steps of a load together."""
    load_of, unit_of, families = idx
    resource_of = {resource: index for index, resource in enumerate(plant.resources)}
    leads = [steps[load.rows[0]].step for load in loads]
    source_ptr, source = _sources(steps, loads, load_of, done, unit_of, now)
    tails = _tails(steps, loads, load_of, modes)
    old = [_old_of(steps, load, old_modes) for load in loads]
    needs_of = {
        c: [resource_of[r] for r in plant.needs_of(c)] for c in {lead.capability for lead in leads}
    }
    needs = [needs_of[lead.capability] for lead in leads]
    return LoadColumns(
        ints([_ready(plant, steps, load, now) for load in loads]),
        ints([-1 if lead.setup is None else families[lead.setup] for lead in leads]),
        ints([min([steps[r].order.finish - tails[r] for r in load.rows]) for load in loads]),
        ints([mode for mode, _, _ in old]),
        ints([start for _, start, _ in old]),
        _frozen(loads, old, modes, (now, now + plant.frozen_s)),
        source_ptr,
        source,
        *_followers(source_ptr, source),
        *csr(needs),
    )


def _ready(plant: Plant, steps: Sequence[OpenStep], load: Load, now: Instant) -> Instant:
    """Return when a load may start as far as orders, builds and purchases go."""
    return max(now, *[steps[row].not_before(plant) for row in load.rows])


def _old_modes(load_of: Ints, old_unit: Ints, modes: ModeColumns) -> list[int]:
    """Return the mode each step was booked in, -1 if there is none."""
    num_units = max(int(modes.unit.max(initial=0)), int(old_unit.max(initial=0))) + 1
    keys = modes.load * num_units + modes.unit
    order = np.argsort(keys)
    wanted = load_of * num_units + old_unit
    found = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), keys.size - 1)]
    is_mode = (keys[found] == wanted) & (old_unit >= 0)
    return np.where(is_mode, found, -1).tolist()  # type: ignore[no-any-return]


def _sources(
    steps: Sequence[OpenStep],
    loads: Sequence[Load],
    load_of: Sequence[int],
    done: Progress,
    unit_of: Mapping[UnitId, int],
    now: Instant,
) -> tuple[Ints, Ints]:
    """Return the predecessors of each load, CSR: (load, -1, -1), or (-1, unit, finish) once begun.

    Most loads are one step behind one open step: their entries are written without sorting them.
    """

    def begun(key: StepKey) -> tuple[int, int, int]:
        if key in done.finished:
            unit, finish = done.finished[key]
            return (-1, unit_of[unit], finish)
        running = done.running[key]
        return (-1, unit_of[running.unit], max(now, running.finish))

    def sources(row: int) -> list[tuple[int, int, int]]:
        step = steps[row]
        found = [(load_of[before], -1, -1) for before in step.before]
        if len(found) < len(step.step.after):
            names = {steps[before].step.step for before in step.before}
            found += [begun((step.order.id, b)) for b in step.step.after if b not in names]
        return found

    counts, flat = [0], list[int]()
    for load in loads:
        first = steps[load.rows[0]]
        if len(load.rows) == 1 and len(first.step.after) == len(first.before) < 2:
            counts.append(len(first.before))
            flat.extend([entry for row in first.before for entry in (load_of[row], -1, -1)])
            continue
        found = sorted({source for row in load.rows for source in sources(row)})
        counts.append(len(found))
        flat.extend([entry for source in found for entry in source])
    return np.cumsum(ints(counts), dtype=np.int64), ints(flat).reshape(len(flat) // 3, 3)


def _followers(source_ptr: Ints, source: Ints) -> tuple[Ints, Ints]:
    """Return the loads that wait for each load, CSR."""
    num = source_ptr.size - 1
    waiting = np.repeat(np.arange(num), np.diff(source_ptr))
    is_open = source[:, 0] >= 0
    before = source[is_open, 0]
    counts = np.bincount(before, minlength=num)
    behind = waiting[is_open][np.argsort(before, kind="stable")]
    return np.concatenate((ints([0]), np.cumsum(counts))), behind


def _tails(
    steps: Sequence[OpenStep], loads: Sequence[Load], load_of: Sequence[int], modes: ModeColumns
) -> list[Seconds]:
    """Return the shortest work of the longest chain of steps behind each step."""
    tails = [0] * len(steps)
    seconds = modes.seconds.tolist()
    bounds = modes.ptr.tolist()
    shortest = [min(seconds[a:b]) for a, b in pairwise(bounds)]
    for load in reversed(loads):
        for row in load.rows:
            for before in steps[row].before:
                tails[before] = max(tails[before], tails[row] + shortest[load_of[row]])
    return tails


def _old_of(
    steps: Sequence[OpenStep], load: Load, old_modes: Sequence[int]
) -> tuple[int, int, bool]:
    """Return mode and start of a load in the last schedule, and whether it was whole there."""
    olds: list[Booking] = [old for row in load.rows if (old := steps[row].old)]
    if not olds:
        return -1, -1, False
    is_whole = len(olds) == len(load.rows) and len({(old.unit, old.start) for old in olds}) == 1
    start, mode = max((old.start, old_modes[r]) for r in load.rows if (old := steps[r].old))
    return mode, start, is_whole and mode >= 0 and not load.is_new


def _frozen(
    loads: Sequence[Load],
    old: Sequence[tuple[int, int, bool]],
    modes: ModeColumns,
    span: tuple[Instant, Instant],
) -> Ints:
    """Return the loads that start within the frozen horizon as one, by start and first row.

    Work of no length goes before work that starts with it.
    """
    frozen = [
        (start, bool(modes.seconds[mode]), load.rows[0], index)
        for index, (load, (mode, start, is_whole)) in enumerate(zip(loads, old, strict=True))
        if is_whole and span[0] <= start < span[1]
    ]
    return ints([index for *_, index in sorted(frozen)])
