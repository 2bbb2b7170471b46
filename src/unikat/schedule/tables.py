"""Fill the columns of a shop problem from the plant, the open steps and what the floor has done."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

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
    pointers,
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
    mode_of = {
        pair: mode
        for mode, pair in enumerate(zip(modes.load.tolist(), modes.unit.tolist(), strict=True))
    }

    def old_mode(row: int) -> int:
        old = steps[row].old
        return mode_of.get((load_of[row], unit_of[old.unit]), -1) if old else -1

    old_modes = [old_mode(row) for row in range(len(steps))]
    return Columns(
        now,
        StepColumns(
            ints(load_of),
            ints([job_idx[open_step.order.id] for open_step in steps]),
            ints([unit_of[s.old.unit] if s.old else -1 for s in steps]),
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
    sources = _sources(steps, loads, load_of, done, unit_of, now)
    tails = _tails(steps, loads, load_of, modes)
    old = [_old_of(steps, load, old_modes) for load in loads]
    needs_of = {
        c: [resource_of[r] for r in plant.needs_of(c)] for c in {lead.capability for lead in leads}
    }
    needs = [needs_of[lead.capability] for lead in leads]
    source_rows = [source for row in sources for source in row]
    return LoadColumns(
        ints([_ready(plant, steps, load, now) for load in loads]),
        ints([-1 if lead.setup is None else families[lead.setup] for lead in leads]),
        ints([min([steps[r].order.finish - tails[r] for r in load.rows]) for load in loads]),
        ints([mode for mode, _, _ in old]),
        ints([start for _, start, _ in old]),
        _frozen(loads, old, modes, (now, now + plant.frozen_s)),
        pointers(sources),
        ints(source_rows).reshape(len(source_rows), 3),
        *csr(_followers(sources)),
        *csr(needs),
    )


def _ready(plant: Plant, steps: Sequence[OpenStep], load: Load, now: Instant) -> Instant:
    """Return when a load may start as far as orders, builds and purchases go."""
    return max(now, *[steps[row].not_before(plant) for row in load.rows])


def _sources(
    steps: Sequence[OpenStep],
    loads: Sequence[Load],
    load_of: Sequence[int],
    done: Progress,
    unit_of: Mapping[UnitId, int],
    now: Instant,
) -> list[list[tuple[int, int, int]]]:
    """Return the predecessors of each load: (load, -1, -1), or (-1, unit, finish) once begun."""

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

    return [
        sources(load.rows[0])
        if len(load.rows) == 1 and len(steps[load.rows[0]].step.after) < 2
        else sorted({source for row in load.rows for source in sources(row)})
        for load in loads
    ]


def _followers(sources: Sequence[Sequence[tuple[int, int, int]]]) -> list[list[int]]:
    """Return the loads that wait for each load."""
    followers: list[list[int]] = [[] for _ in sources]
    for load, row in enumerate(sources):
        for before, _, _ in row:
            if before >= 0:
                followers[before].append(load)
    return followers


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
