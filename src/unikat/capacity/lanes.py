"""Compile the plant's units for insertion: setups by index, working time by what is held."""

from collections.abc import Iterable, Mapping, Sequence

from unikat.capacity.calendar import WorkingTime, expand
from unikat.capacity.lane import Lane
from unikat.capacity.model import Stop
from unikat.plant.model import Plant, WorkCenter
from unikat.plant.week import Span
from unikat.terms import Capability, Instant, ResourceId, UnitId


def compile_lanes(
    plant: Plant, stops: Iterable[Stop], *, start: Instant, finish: Instant
) -> Mapping[UnitId, Lane]:
    """Return every unit's lane; equal calendars and stops share one working time."""
    downs: dict[UnitId, list[Span]] = {}
    for stop in stops:
        downs.setdefault(stop.unit, []).append((stop.start, stop.finish))
    cache: dict[tuple[tuple[str, ...], tuple[Span, ...]], WorkingTime] = {}

    def hours(calendars: Iterable[str], down: Sequence[Span]) -> WorkingTime:
        key = (tuple(sorted(set(calendars))), tuple(down))
        if key not in cache:
            cache[key] = expand([plant.calendars[name] for name in key[0]], down, start, finish)
        return cache[key]

    lanes: dict[UnitId, Lane] = {}
    for center in plant.work_centers.values():
        held = {(), *(plant.needs_of(capability) for capability in center.capabilities)}
        for unit in center.units:
            down = sorted(downs.get(unit, ()))
            lanes[unit] = _lane(
                plant,
                center,
                unit,
                {
                    needs: hours((center.calendar, *_calendars(plant, needs)), down)
                    for needs in held
                },
            )
    return lanes


def modes_by_capability(
    plant: Plant, lanes: Mapping[UnitId, Lane]
) -> Mapping[Capability, tuple[tuple[Lane, tuple[ResourceId, ...]], ...]]:
    """Return for each capability its units and the counted resources held there."""
    capabilities = {c: None for center in plant.work_centers.values() for c in center.capabilities}
    return {
        capability: tuple(
            (lanes[unit], plant.needs_of(capability)) for unit in plant.eligible_units(capability)
        )
        for capability in capabilities
    }


def _calendars(plant: Plant, resources: Iterable[ResourceId]) -> Iterable[str]:
    return (plant.resources[resource].calendar for resource in resources)


def _lane(
    plant: Plant,
    center: WorkCenter,
    unit: UnitId,
    hours: Mapping[tuple[ResourceId, ...], WorkingTime],
) -> Lane:
    matrix = plant.setups.get(center.setup or "")
    return Lane(
        unit=unit,
        pace_permille=plant.units[unit].pace_permille,
        is_interruptible=center.is_interruptible,
        batch=center.batch,
        families={family: i for i, family in enumerate(matrix.families)} if matrix else {},
        change=(*matrix.change, matrix.first) if matrix else (),
        hours=hours,
    )
