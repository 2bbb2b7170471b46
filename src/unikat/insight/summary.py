"""One table that says how a rehearsal or a month went: promises, leads, utilisation, unit cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unikat.configure.model import Variant
from unikat.events import Event
from unikat.insight.fixed_lead import routing_of, tune_fixed_lead
from unikat.insight.unit_cost import long_run_cents, made_cents
from unikat.order.model import Order, OrderState
from unikat.plant.model import Plant
from unikat.terms import OrderId, Seconds, UnitId, WorkCenterId


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of the delivered orders; seconds, cents and percent, nothing rounded.

    `fixed_policy_*` is the ERP yardstick of `insight.fixed_lead`. `unit_cost_ratio` is the mean
    cost as made over the standard product's in long runs; `unit_cost_ratio_same_routing` compares
    each order with a long run of its own routing, so that the choice of a dearer material does not
    count against lot size one.
    """

    orders_accepted: int
    orders_shipped: int
    promise_kept_percent: float
    mean_promised_lead_s: float
    mean_actual_lead_s: float
    mean_tardiness_s: float
    max_tardiness_s: Seconds
    fixed_policy_lead_s: float
    fixed_policy_kept_percent: float
    unit_cost_cents: float
    standard_cost_cents: float
    unit_cost_ratio: float
    unit_cost_ratio_same_routing: float
    utilisation_percent: Mapping[WorkCenterId, float]


def summarise(
    plant: Plant,
    orders: Mapping[OrderId, Order],
    events: Sequence[Event],
    *,
    standard: Variant,
    busy: Mapping[UnitId, Seconds],
    open_s: Mapping[UnitId, Seconds],
) -> Summary:
    """Fold delivered orders and the floor's events into one table.

    Parameters
    ----------
    standard
        The standard product of the family.
    busy, open_s
        Seconds each unit worked, and its working time in the same span.
    """
    shipped = [o for o in orders.values() if o.state is OrderState.DELIVERED]
    late = [max(0, (o.ended_at or 0) - o.due) for o in shipped]
    kept = _mean([lateness == 0 for lateness in late])
    fixed = tune_fixed_lead(plant, shipped, kept=kept)
    cents = made_cents(plant, {o.id: o for o in shipped}, events)
    standard_cents = long_run_cents(plant, standard)
    return Summary(
        orders_accepted=len(orders),
        orders_shipped=len(shipped),
        promise_kept_percent=100 * kept,
        mean_promised_lead_s=_mean([o.due - o.asked_at for o in shipped]),
        mean_actual_lead_s=_mean([(o.ended_at or 0) - o.asked_at for o in shipped]),
        mean_tardiness_s=_mean(late),
        max_tardiness_s=max(late, default=0),
        fixed_policy_lead_s=fixed.mean_lead_s,
        fixed_policy_kept_percent=100 * fixed.kept,
        unit_cost_cents=_mean(list(cents.values())),
        standard_cost_cents=standard_cents,
        unit_cost_ratio=_mean(list(cents.values())) / standard_cents,
        unit_cost_ratio_same_routing=_same_routing(plant, shipped, cents),
        utilisation_percent=_utilisation(plant, busy, open_s),
    )


def _same_routing(plant: Plant, orders: Sequence[Order], cents: Mapping[OrderId, float]) -> float:
    """Return the mean of cost as made over the long-run cost of the routing's own variants."""
    long_run: dict[str, list[float]] = {}
    for order in orders:
        long_run.setdefault(routing_of(order), []).append(long_run_cents(plant, order.variant))
    return _mean([cents[o.id] / _mean(long_run[routing_of(o)]) for o in orders])


def _utilisation(
    plant: Plant, busy: Mapping[UnitId, Seconds], open_s: Mapping[UnitId, Seconds]
) -> Mapping[WorkCenterId, float]:
    return {
        center.id: 100
        * sum(busy.get(unit, 0) for unit in center.units)
        / max(1, sum(open_s[unit] for unit in center.units))
        for center in plant.work_centers.values()
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
