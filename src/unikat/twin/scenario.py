"""A what-if scenario, and the plant, progress and orders as they would be: plain replacements."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from unikat.capacity.model import Stop
from unikat.errors import InvalidScenario
from unikat.order.model import Order
from unikat.plant.model import Calendar, Plant, WorkUnit
from unikat.plant.week import merge
from unikat.schedule.model import Progress
from unikat.terms import DAY, WEEK, Instant, OrderId, Seconds, UnitId, WorkCenterId

LONGEST_STOP: Seconds = 60 * DAY
MOST_EXTRA = 20
PACES = range(100, 10_001)


class Priority(StrEnum):
    """What the schedule aims at for each order: its promised finish, its due date, or first come
    first served.
    """

    FINISH = "finish"
    DUE = "due"
    ARRIVAL = "arrival"


_AIMS: Mapping[Priority, Callable[[Order], Instant]] = MappingProxyType(
    {
        Priority.FINISH: lambda order: order.finish,
        Priority.DUE: lambda order: order.due,
        Priority.ARRIVAL: lambda order: order.asked_at,
    }
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What would be different; nothing, if no more than the name is given.

    A unit works in none of its `stops`: one that begins now holds up what runs, before a later one
    what runs is finished. `extra` are units more a work center, `paces` units at another
    pace_permille, `hours` more open hours of a calendar (seconds of the week, every week). Orders
    in `rush` are wanted at once. `robots` are so many more; `travel` seconds between two work
    centers, there and back, of another layout.
    """

    name: str
    stops: tuple[Stop, ...] = ()
    extra: tuple[tuple[WorkCenterId, int], ...] = ()
    paces: tuple[tuple[UnitId, int], ...] = ()
    hours: tuple[tuple[str, Seconds, Seconds], ...] = ()
    rush: tuple[OrderId, ...] = ()
    priority: Priority = Priority.FINISH
    robots: int = 0
    travel: tuple[tuple[WorkCenterId, WorkCenterId, Seconds], ...] = ()


def check_scenario(
    plant: Plant, orders: Collection[OrderId], scenario: Scenario, now: Instant
) -> None:
    """Refuse a scenario that names what the site does not have, or asks for what cannot be.

    Raises
    ------
    InvalidScenario
        With the value and what is possible.
    """
    _check_names("unit", (stop.unit for stop in scenario.stops), plant.units)
    _check_names("unit", (unit for unit, _ in scenario.paces), plant.units)
    _check_names("work center", (center for center, _ in scenario.extra), plant.work_centers)
    _check_names("calendar", (name for name, _, _ in scenario.hours), plant.calendars)
    _check_names("open order", scenario.rush, orders)
    _check_names(
        "work center", (name for a, b, _ in scenario.travel for name in (a, b)), plant.work_centers
    )
    _check_stops(scenario.stops, now)
    _check_amounts(scenario)
    _check_transport(plant, scenario)


def patch_plant(plant: Plant, scenario: Scenario) -> Plant:
    """Return the plant with the scenario's units, paces, hours, robots and ways."""
    units, centers, calendars = dict(plant.units), dict(plant.work_centers), dict(plant.calendars)
    for unit, pace in scenario.paces:
        units[unit] = replace(units[unit], pace_permille=pace)
    for center_id, count in scenario.extra:
        center = centers[center_id]
        added = tuple(UnitId(f"{center_id}+{k}") for k in range(1, count + 1))
        like = plant.units[center.units[0]]
        units |= {name: WorkUnit(name, center_id, 1000, like.reliability) for name in added}
        centers[center_id] = replace(center, units=(*plant.work_centers[center_id].units, *added))
    for name, start, finish in scenario.hours:
        spans = tuple(sorted((*calendars[name].open, (start, finish))))
        calendars[name] = Calendar(name, merge(spans))
    robots = (*plant.transporters, *(f"robot+{k + 1}" for k in range(scenario.robots)))
    travel = {name: dict(row) for name, row in plant.travel.items()}
    for a, b, seconds in scenario.travel:
        travel.setdefault(a, {})[b] = travel.setdefault(b, {})[a] = seconds
    return replace(
        plant,
        units=units,
        work_centers=centers,
        calendars=calendars,
        transporters=robots,
        travel=travel,
    )


def patch_progress(done: Progress, stops: Sequence[Stop], now: Instant) -> Progress:
    """Return what the floor has done, with units that also stop as the scenario says."""
    if not stops:
        return done
    back = {stop.unit: stop.finish for stop in done.stops}
    late: dict[UnitId, Seconds] = {}
    for stop in stops:
        if stop.start <= now:
            more = stop.finish - max(back.get(stop.unit, now), now)
            late[stop.unit] = max(late.get(stop.unit, 0), more)
    running = {
        key: replace(each, finish=each.finish + late.get(each.unit, 0))
        for key, each in done.running.items()
    }
    return replace(done, running=running, stops=(*done.stops, *stops))


def patch_orders(orders: Iterable[Order], scenario: Scenario, now: Instant) -> tuple[Order, ...]:
    """Return the orders with the finish the schedule shall aim at; what was promised stays."""
    aim = _AIMS[scenario.priority]
    return tuple(
        replace(order, finish=now if order.id in scenario.rush else aim(order)) for order in orders
    )


def _check_names(kind: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)[:40]) or "none"
            raise InvalidScenario(f"no {kind} is called {name[:60]!r}; there are: {listed}")


def _check_stops(stops: Iterable[Stop], now: Instant) -> None:
    for stop in stops:
        if not now <= stop.start < stop.finish <= now + LONGEST_STOP:
            raise InvalidScenario(
                f"a stop of {stop.unit} must begin now or later, and end after that and within"
                f" {LONGEST_STOP // DAY} days; it would begin in {stop.start - now} s and end in"
                f" {stop.finish - now} s"
            )


def _check_amounts(scenario: Scenario) -> None:
    for center, count in scenario.extra:
        if not 0 <= count <= MOST_EXTRA:
            raise InvalidScenario(f"{count} more units of {center}; give 0 to {MOST_EXTRA}")
    for unit, pace in scenario.paces:
        if pace not in PACES:
            raise InvalidScenario(f"{unit} at {pace / 10:g} % of its pace; give 10 % to 1000 %")
    for name, start, finish in scenario.hours:
        if not 0 <= start < finish <= WEEK:
            raise InvalidScenario(f"hours of {name} must lie within one week, start before finish")


def _check_transport(plant: Plant, scenario: Scenario) -> None:
    if not 0 <= scenario.robots <= MOST_EXTRA:
        raise InvalidScenario(f"{scenario.robots} more robots; give 0 to {MOST_EXTRA}")
    if scenario.robots and not plant.transporters:
        raise InvalidScenario(
            "the plant has no robots: loads move by themselves, more help nothing"
        )
    for a, b, seconds in scenario.travel:
        if a == b or not 0 <= seconds <= DAY:
            raise InvalidScenario(f"{seconds} s from {a} to {b}: give 0 to {DAY} between two")
