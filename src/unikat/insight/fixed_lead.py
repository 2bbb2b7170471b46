"""The yardstick: an ERP with a fixed lead time a routing, tuned with hindsight.

Its lead times are the shortest that keep the same share of promises. It is given our planner, our
floor and the very same disturbances; only its dates differ. So what remains is the gain of
promising from real capacity alone, and a lower bound on the gain over such an ERP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unikat.order.model import Order
from unikat.terms import Instant, Seconds


@dataclass(frozen=True, slots=True)
class FixedLead:
    """The tuned policy: lead times by routing, their mean over the orders, the share it kept."""

    leads: Mapping[str, Seconds]
    mean_lead_s: float
    kept: float


def routing_of(order: Order) -> str:
    """Return the material number an ERP would plan by: the capability of the order's first step."""
    return order.variant.steps[0].capability


def tune_fixed_lead(orders: Sequence[Order], *, kept: float) -> FixedLead:
    """Return the shortest lead time of each routing that keeps the share `kept` of its orders.

    Parameters
    ----------
    orders
        Delivered orders; an order's actual lead time is its delivery less the time it was asked
        for.
    """
    actual: dict[str, list[Seconds]] = {}
    for order in orders:
        actual.setdefault(routing_of(order), []).append(_lead(order))
    leads = {routing: _quantile(sorted(values), kept) for routing, values in actual.items()}
    promised = [leads[routing_of(order)] for order in orders]
    num_kept = sum(_lead(order) <= lead for order, lead in zip(orders, promised, strict=True))
    count = max(1, len(orders))
    return FixedLead(leads, sum(promised) / count, num_kept / count)


def _lead(order: Order) -> Seconds:
    ended: Instant = order.ended_at if order.ended_at is not None else order.due
    return ended - order.asked_at


def _quantile(values: Sequence[Seconds], share: float) -> Seconds:
    """Return the smallest value that at least `share` of the values do not exceed."""
    rank = max(1, -int(-share * len(values) // 1))
    return values[min(rank, len(values)) - 1]
