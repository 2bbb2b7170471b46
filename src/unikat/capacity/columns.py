"""What the insertion kernel reads: the plant as columns, numbered once; made when calendars are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from threading import Lock
from typing import Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from unikat.capacity.lane import NO_FAMILY, Lane
from unikat.plant.model import Plant
from unikat.terms import Capability, ResourceId, SetupFamily, UnitId, WorkCenterId

Ints: TypeAlias = npt.NDArray[np.int64]

Modes: TypeAlias = Mapping[Capability, Sequence[tuple[Lane, tuple[ResourceId, ...]]]]
Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class Numbering(Generic[Named]):
    """Numbers names in the sequence they are met; what was met keeps its number."""

    known: dict[Named, int]
    lock: Lock = field(default_factory=Lock)

    def of(self, name: Named) -> int:
        """Return the number of a name, a new one if it was never met."""
        number = self.known.get(name)
        if number is None:
            with self.lock:
                number = self.known.setdefault(name, len(self.known))
        return number


@dataclass(frozen=True, slots=True)
class Frame:
    """The plant as the kernel sees it: what does not change when bookings come and go.

    `units`, `resources` and `capabilities` give the index of a name, `kinds` that of a setup family
    (None is one), `needs` that of the resources a step holds: `held` by capability. `masks` has a
    bit for each unit of a capability; its last is for unknown ones. `windows` are open, close and
    work before, int64 (3, W), of the units' own working times at `spans`. `plant` has everything as
    one int64 table: first where each column begins, then

    - lanes (R, 6): work center, pace, is interruptible, batch capacity (0: none), gather seconds,
      setup matrix (-1: none); windows, pointers (K + 1), longest window (K); which working time by
      unit and resources held (R, S);
    - setup seconds (M, F + 1, F), the last row the first setup; a family's index by matrix (M, G);
    - travel (C, C); modes by capability (pointers, units, resources held); resources by set.
    """

    units: Mapping[UnitId, int]
    unit_names: tuple[UnitId, ...]
    resources: Mapping[ResourceId, int]
    resource_names: tuple[ResourceId, ...]
    capabilities: Mapping[Capability, int]
    held: Mapping[Capability, tuple[ResourceId, ...]]
    kinds: Numbering[SetupFamily | None]
    needs: Numbering[tuple[ResourceId, ...]]
    masks: tuple[int, ...]
    windows: Mapping[UnitId, Ints]
    plant: Ints


def ints(values: object) -> Ints:
    """Return values as an int64 array."""
    return np.array(values, dtype=np.int64)


def make_frame(plant: Plant, lanes: Mapping[UnitId, Lane], modes: Modes) -> Frame:
    """Number the plant's names and fill the columns."""
    units = {unit: index for index, unit in enumerate(lanes)}
    resources = {name: index for index, name in enumerate(plant.resources)}
    held = [(), *(needs for lane in lanes.values() for needs in lane.hours)]
    sets = {needs: index for index, needs in enumerate(dict.fromkeys(held))}
    matrices = {name: index for index, name in enumerate(plant.setups)}
    families = [None, *(f for matrix in plant.setups.values() for f in matrix.families)]
    kinds: dict[SetupFamily | None, int] = {f: i for i, f in enumerate(dict.fromkeys(families))}
    centers = {name: index for index, name in enumerate(plant.work_centers)}
    needed = [[resources[name] for name in needs] for needs in sets]
    offered = [[units[lane.unit] for lane, _ in modes[capability]] for capability in modes]
    most = max((len(matrix.families) for matrix in plant.setups.values()), default=0)
    columns = (
        _lanes(plant, lanes.values(), centers, matrices),
        *_hours(lanes.values(), list(sets)),
        _change(plant, most),
        _known(plant, kinds),
        _travel(plant, centers),
        _pointers(offered),
        ints([unit for of in offered for unit in of]),
        ints([sets[plant.needs_of(capability)] for capability in modes]),
        _pointers(needed),
        ints([resource for of in needed for resource in of]),
    )
    counts = (len(sets), most, len(kinds), len(centers), len(units))
    return Frame(
        units=units,
        unit_names=tuple(units),
        resources=resources,
        resource_names=tuple(resources),
        capabilities={capability: index for index, capability in enumerate(modes)},
        held={capability: plant.needs_of(capability) for capability in modes},
        kinds=Numbering(kinds),
        needs=Numbering(sets),
        masks=(*(sum(1 << unit for unit in of) for of in offered), 0),
        windows=_own_windows(lanes),
        plant=_flatten(columns, counts),
    )


def _flatten(columns: Sequence[Ints], counts: Sequence[int]) -> Ints:
    """Return one table: where each column begins, the counts, the columns."""
    head = len(columns) + len(counts)
    begins = accumulate((column.size for column in columns[:-1]), initial=head)
    return np.concatenate((ints([*begins, *counts]), *(column.ravel() for column in columns)))


def _own_windows(lanes: Mapping[UnitId, Lane]) -> Mapping[UnitId, Ints]:
    times = {id(time): time for time in (lane.hours_of(()) for lane in lanes.values())}
    windows = {key: ints([time.open, time.close, time.work]) for key, time in times.items()}
    return {unit: windows[id(lane.hours_of(()))] for unit, lane in lanes.items()}


def work_before(unit: UnitId, frame: Frame, times: Ints) -> Ints:
    """Return the unit's working seconds before each of many instants, resources left aside."""
    opens, closes, work = frame.windows[unit]
    if not opens.size:
        return np.zeros_like(times)
    i = np.maximum(opens.searchsorted(times, side="right") - 1, 0)
    done: Ints = work[i] + np.clip(times - opens[i], 0, closes[i] - opens[i])
    return done


def _lanes(
    plant: Plant,
    lanes: Iterable[Lane],
    centers: Mapping[WorkCenterId, int],
    matrices: Mapping[str, int],
) -> Ints:
    rows = []
    for lane in lanes:
        center = plant.center_of(lane.unit)
        batch = (lane.batch.capacity, lane.batch.gather_s) if lane.batch else (0, 0)
        matrix = matrices.get(center.setup or "", NO_FAMILY)
        rows.append([centers[center.id], lane.pace_permille, lane.is_interruptible, *batch, matrix])
    return ints(rows)


def _hours(lanes: Iterable[Lane], sets: Sequence[tuple[ResourceId, ...]]) -> tuple[Ints, ...]:
    """Return open, close, work before, pointers, longest windows, which by unit and set."""
    rows = [[lane.hours_of(needs) for needs in sets] for lane in lanes]
    times = {id(time): time for row in rows for time in row}
    index = {key: k for k, key in enumerate(times)}
    return (
        ints([t for time in times.values() for t in time.open]),
        ints([t for time in times.values() for t in time.close]),
        ints([t for time in times.values() for t in time.work]),
        _pointers([time.open for time in times.values()]),
        ints([time.longest for time in times.values()]),
        ints([[index[id(time)] for time in row] for row in rows]),
    )


def _change(plant: Plant, most: int) -> Ints:
    change = np.zeros((len(plant.setups), most + 1, most), np.int64)
    for table, matrix in zip(change, plant.setups.values(), strict=True):
        size = len(matrix.families)
        table[:size, :size] = matrix.change
        table[-1, :size] = matrix.first
    return change


def _known(plant: Plant, kinds: Mapping[SetupFamily | None, int]) -> Ints:
    known = np.full((len(plant.setups), len(kinds)), NO_FAMILY, np.int64)
    for row, matrix in zip(known, plant.setups.values(), strict=True):
        row[[kinds[family] for family in matrix.families]] = range(len(matrix.families))
    return known


def _travel(plant: Plant, centers: Mapping[WorkCenterId, int]) -> Ints:
    return ints([[plant.travel.get(a, {}).get(b, 0) for b in centers] for a in centers])


def _pointers(lists: Sequence[Sequence[int]]) -> Ints:
    return ints([0, *accumulate(len(each) for each in lists)])
