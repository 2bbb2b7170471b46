"""The yardstick: an ERP with a fixed lead time a routing, tuned with hindsight.

Its lead times count the working hours of the factory calendar, as an ERP's do, and are the shortest
that keep the same share of promises. It is given our planner, our floor and the very same
disturbances; only its dates differ. So what remains is the gain of promising from real capacity
alone, and a lower bound on the gain over such an ERP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unikat.capacity.calendar import WorkingTime, working_time
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.terms import WEEK, Instant, Seconds


@dataclass(frozen=True, slots=True)
class FixedLead:
    """The tuned policy: working seconds by routing, the mean lead promised, the share kept.

    `mean_lead_s` is in seconds of the clock, like every lead time a customer sees.
    """

    leads: Mapping[str, Seconds]
    mean_lead_s: float
    kept: float


def routing_of(order: Order) -> str:
    """Return the material number an ERP would plan by: the capability of the first step."""
    return order.variant.steps[0].capability


def tune_fixed_lead(plant: Plant, orders: Sequence[Order], *, kept: float) -> FixedLead:
    """Return the shortest lead time of each routing that keeps the share `kept` of its orders.

    Parameters
    ----------
    plant
        Its factory calendar is that of the work center where an order ends.
    orders
        Delivered orders; the actual lead time is the delivery less the time it was asked for.
    """
    calendars = _factory_calendars(plant, orders)
    worked = [calendars[routing_of(o)].between(o.asked_at, ended_at(o)) for o in orders]
    by_routing: dict[str, list[Seconds]] = {}
    for order, lead in zip(orders, worked, strict=True):
        by_routing.setdefault(routing_of(order), []).append(lead)
    leads = {routing: _quantile(sorted(each), kept) for routing, each in by_routing.items()}
    fixed = [leads[routing_of(order)] for order in orders]
    promised = [
        calendars[routing_of(order)].add(order.asked_at, lead) - order.asked_at
        for order, lead in zip(orders, fixed, strict=True)
    ]
    num_kept = sum(lead <= limit for lead, limit in zip(worked, fixed, strict=True))
    count = max(1, len(orders))
    return FixedLead(leads, sum(promised) / count, num_kept / count)


def ended_at(order: Order) -> Instant:
    """Return when an order was delivered (its due date while it is not)."""
    return order.ended_at if order.ended_at is not None else order.due


def _factory_calendars(plant: Plant, orders: Sequence[Order]) -> Mapping[str, WorkingTime]:
    """Return the calendar of each routing's last work center over the span of the orders."""
    finish = max((ended_at(order) for order in orders), default=0) + 12 * WEEK
    calendars: dict[str, WorkingTime] = {}
    for order in orders:
        if routing_of(order) not in calendars:
            capability = order.variant.steps[-1].capability
            unit = plant.eligible_units(capability)[0]
            calendar = working_time(plant, unit, capability, start=0, finish=finish)
            calendars[routing_of(order)] = calendar
    return calendars


def _quantile(values: Sequence[Seconds], share: float) -> Seconds:
    """Return the smallest value that at least `share` of the values do not exceed."""
    rank = max(1, -int(-share * len(values) // 1))
    return values[min(rank, len(values)) - 1]
