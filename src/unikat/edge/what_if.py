"""What-if questions and answers as people and programs write them: JSON shapes, hours, names."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import TYPE_CHECKING

import msgspec

from unikat.capacity.model import Stop
from unikat.errors import InvalidScenario
from unikat.plant.model import Plant
from unikat.plant.table import Faults, Table
from unikat.plant.week import read_calendar
from unikat.terms import HOUR, Instant, OrderId, Seconds, UnitId, WorkCenterId
from unikat.twin.scenario import Priority, Scenario

if TYPE_CHECKING:
    from unikat.twin.what_if import Comparison, Difference, Interval, Measure

MOST_HOURS = 10_000.0
LEAST_REPLICATIONS, MOST_REPLICATIONS = 20, 1_000
LONGEST_LIST = 200
LARGEST_SEED = 2**63 - 1


class StopWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit, or every unit of a work center, stops for some hours, now or later."""

    unit: str
    hours: float
    after_hours: float = 0.0


class WhatIfWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What would be different; nothing is published.

    `extra` are units more by work center, `pace` by unit (1.2: a fifth faster), `hours` more open
    hours by calendar ("sat 06:00-14:00", every week), `rush` orders that are wanted at once;
    `priority` is what the schedule aims at: finish (as promised), due, or arrival. `robots` are so
    many more; `travel` seconds between two work centers, both ways ("glue-oven": 15).
    """

    name: str = "what if"
    stops: tuple[StopWish, ...] = ()
    extra: Mapping[str, int] = {}
    pace: Mapping[str, float] = {}
    hours: Mapping[str, str] = {}
    rush: tuple[str, ...] = ()
    priority: Priority = Priority.FINISH
    seed: int = 1
    replications: int = 200
    robots: int = 0
    travel: Mapping[str, int] = {}


class IntervalReply(msgspec.Struct, frozen=True):
    """The mean of paired differences, and between what it lies with 99.7 %."""

    mean: float
    low: float
    high: float


class MeasureReply(msgspec.Struct, frozen=True):
    """A figure of both worlds, the mean over all orders and replications, and how it differs."""

    now: float
    then: float
    difference: IntervalReply


class DifferenceReply(msgspec.Struct, frozen=True):
    """One order: its median finish and P(on time) as now and in the scenario; delays in seconds."""

    order: str
    customer: str
    due: str
    p50_now: str
    p50_then: str
    p50_delay: Seconds
    p_on_time_now: float
    p_on_time_then: float
    delay: IntervalReply
    on_time: IntervalReply
    is_late_now: bool
    is_late_then: bool


class WhatIfReply(msgspec.Struct, frozen=True):
    """A scenario against going on as now, the most delayed order first; nothing was published.

    `delay` is the mean over all orders in seconds; it `is_sure` if its interval excludes 0. `kept`
    is the share of orders on time; `lead_s` runs from asking to the finish, `tardiness_s` from the
    promised date to a later finish.
    """

    name: str
    now: str
    replications: int
    seed: int
    delay: IntervalReply
    is_sure: bool
    kept: MeasureReply
    lead_s: MeasureReply
    tardiness_s: MeasureReply
    late_now: tuple[str, ...]
    late_then: tuple[str, ...]
    newly_late: tuple[str, ...]
    no_longer_late: tuple[str, ...]
    orders: tuple[DifferenceReply, ...]


def scenario_of(plant: Plant, now: Instant, wish: WhatIfWish) -> Scenario:
    """Return the scenario a wish means.

    Raises
    ------
    InvalidScenario
        A length, pace or weekly span is none, or there are too many.
    """
    for listed in (wish.stops, wish.extra, wish.pace, wish.hours, wish.rush, wish.travel):
        if len(listed) > LONGEST_LIST:
            raise InvalidScenario(f"{len(listed)} of a kind; give at most {LONGEST_LIST}")
    if not LEAST_REPLICATIONS <= wish.replications <= MOST_REPLICATIONS:
        raise InvalidScenario(
            f"replications = {wish.replications}; give {LEAST_REPLICATIONS} to {MOST_REPLICATIONS}"
        )
    if not 0 <= wish.seed <= LARGEST_SEED:
        raise InvalidScenario(f"seed = {wish.seed}; give 0 to {LARGEST_SEED}")
    return Scenario(
        name=wish.name.strip()[:80] or "what if",
        stops=tuple(stop for each in wish.stops for stop in _stops(plant, now, each)),
        extra=tuple((WorkCenterId(name), count) for name, count in wish.extra.items()),
        paces=tuple((UnitId(name), _permille(name, pace)) for name, pace in wish.pace.items()),
        hours=tuple(
            (name, *span) for name, words in wish.hours.items() for span in _week(name, words)
        ),
        rush=tuple(OrderId(name) for name in wish.rush),
        priority=wish.priority,
        robots=wish.robots,
        travel=tuple(_way(plant, name, seconds) for name, seconds in wish.travel.items()),
    )


def _way(plant: Plant, name: str, seconds: Seconds) -> tuple[WorkCenterId, WorkCenterId, Seconds]:
    """Return the two work centers of "glue-oven", whose own names may have a hyphen."""
    parts = name.split("-")
    for k in range(1, len(parts)):
        a, b = (WorkCenterId("-".join(each)) for each in (parts[:k], parts[k:]))
        if a in plant.work_centers and b in plant.work_centers:
            return a, b, seconds
    known = ", ".join(sorted(plant.work_centers))
    raise InvalidScenario(f"travel {name[:60]!r}: write glue-oven, of the work centers {known}")


def reply_of(
    comparison: "Comparison", customers: Mapping[OrderId, str], iso: Callable[[Instant], str]
) -> WhatIfReply:
    """Return a comparison as its JSON shape."""
    orders = sorted(comparison.orders, key=lambda each: (-each.delay.mean, each.order_id))
    return WhatIfReply(
        name=comparison.scenario.name,
        now=iso(comparison.now),
        replications=comparison.replications,
        seed=comparison.seed,
        delay=_rounded(comparison.delay, 1),
        is_sure=comparison.delay.is_sure,
        kept=_measured(comparison.kept, 4),
        lead_s=_measured(comparison.lead, 1),
        tardiness_s=_measured(comparison.tardiness, 1),
        late_now=tuple(each.order_id for each in orders if each.was_late),
        late_then=tuple(each.order_id for each in orders if each.is_late),
        newly_late=comparison.newly_late,
        no_longer_late=comparison.no_longer_late,
        orders=tuple(_difference(each, customers, iso) for each in orders),
    )


def _difference(
    each: "Difference", customers: Mapping[OrderId, str], iso: Callable[[Instant], str]
) -> DifferenceReply:
    return DifferenceReply(
        order=each.order_id,
        customer=customers.get(each.order_id, ""),
        due=iso(each.due),
        p50_now=iso(each.before.p50),
        p50_then=iso(each.after.p50),
        p50_delay=each.p50_delay,
        p_on_time_now=round(each.before.p_on_time, 4),
        p_on_time_then=round(each.after.p_on_time, 4),
        delay=_rounded(each.delay, 1),
        on_time=_rounded(each.on_time, 4),
        is_late_now=each.was_late,
        is_late_then=each.is_late,
    )


def _measured(measure: "Measure", digits: int) -> MeasureReply:
    return MeasureReply(
        round(measure.before, digits),
        round(measure.after, digits),
        _rounded(measure.difference, digits),
    )


def _rounded(interval: "Interval", digits: int) -> IntervalReply:
    values = (interval.mean, interval.low, interval.high)
    return IntervalReply(*(round(value, digits) for value in values))


def _stops(plant: Plant, now: Instant, wish: StopWish) -> tuple[Stop, ...]:
    """Return the stops of a unit, or of all units of a work center."""
    after, length = _seconds(wish.unit, wish.after_hours), _seconds(wish.unit, wish.hours)
    center = plant.work_centers.get(WorkCenterId(wish.unit))
    units = center.units if center is not None else (UnitId(wish.unit),)
    return tuple(Stop(unit, now + after, now + after + length) for unit in units)


def _seconds(name: str, hours: float) -> Seconds:
    if not isfinite(hours) or not 0 <= hours <= MOST_HOURS:
        raise InvalidScenario(f"{hours:g} hours for {name[:60]!r}; give 0 to {MOST_HOURS:g}")
    return round(hours * HOUR)


def _permille(name: str, pace: float) -> int:
    if not isfinite(pace) or not 0.1 <= pace <= 10:
        raise InvalidScenario(f"{pace:g} times the pace of {name[:60]!r}; give 0.1 to 10")
    return round(pace * 1000)


def _week(name: str, words: str) -> tuple[tuple[Seconds, Seconds], ...]:
    faults = Faults({})
    calendar = read_calendar(name, Table({"open": [words]}, ("hours", name), faults))
    if faults.found:
        fault = faults.found[0]
        raise InvalidScenario(f"hours of {name[:60]!r}: {fault.message[:200]}; {fault.remedy}")
    return calendar.open
