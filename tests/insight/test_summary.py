"""The table of a month, from orders and events whose figures are known beforehand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import MONDAY_6, models, open_example, quote_for
from unikat.insight.summary import summarise
from unikat.insight.unit_cost import long_run_cents, material_cents
from unikat.order.model import OrderState
from unikat.order.order import place_order, read_order
from unikat.terms import HOUR, CustomerId, OrderId, UnitId

PLANT = models().plant
OFFER = quote_for(open_example().site, 0, Foam=True)
ORDER = read_order(place_order(OFFER, OFFER.promise, CustomerId("c"), now=MONDAY_6))
UNITS = dict.fromkeys(PLANT.units, 0)


def delivered(number: int, *, due: int, ended: int):
    return replace(
        ORDER,
        id=OrderId(f"O-{number}"),
        state=OrderState.DELIVERED,
        asked_at=MONDAY_6,
        due=MONDAY_6 + due,
        ended_at=MONDAY_6 + ended,
    )


def table(orders, *, busy=UNITS, open_s=UNITS):
    return summarise(
        PLANT,
        {order.id: order for order in orders},
        [],
        standard=ORDER.variant,
        busy=busy,
        open_s=open_s,
    )


def test_kept_lead_and_tardiness_are_of_the_delivered_orders() -> None:
    orders = [
        delivered(1, due=100, ended=100),
        delivered(2, due=200, ended=50),
        delivered(3, due=300, ended=340),
        delivered(4, due=400, ended=420),
        replace(ORDER, id=OrderId("O-5")),
    ]
    summary = table(orders)
    assert (summary.orders_accepted, summary.orders_shipped) == (5, 4)
    assert summary.promise_kept_percent == 50
    assert summary.mean_promised_lead_s == 250
    assert summary.mean_actual_lead_s == pytest.approx((100 + 50 + 340 + 420) / 4)
    assert (summary.mean_tardiness_s, summary.max_tardiness_s) == (15, 40)


def test_unit_cost_is_told_against_the_long_run() -> None:
    summary = table([delivered(1, due=100, ended=100), delivered(2, due=100, ended=100)])
    material = material_cents(PLANT, ORDER.variant.bom)
    long_run = long_run_cents(PLANT, ORDER.variant)
    assert summary.unit_cost_cents == pytest.approx(material)
    assert summary.standard_cost_cents == pytest.approx(long_run)
    assert summary.unit_cost_ratio == pytest.approx(material / long_run)
    assert summary.unit_cost_ratio_same_routing == pytest.approx(material / long_run)


def test_utilisation_is_work_over_open_time_of_a_work_center() -> None:
    center = PLANT.center_of(UnitId("M1"))
    open_s = {**UNITS, **dict.fromkeys(center.units, 10 * HOUR)}
    summary = table([], busy={UnitId("M1"): 5 * HOUR}, open_s=open_s)
    assert summary.utilisation_percent[center.id] == pytest.approx(50 / len(center.units))
    others = {c: u for c, u in summary.utilisation_percent.items() if c != center.id}
    assert set(others.values()) == {0}


def test_a_month_without_a_delivery_has_a_table_too() -> None:
    for orders in ([], [ORDER]):
        summary = table(orders)
        assert summary.orders_shipped == 0
        assert summary.promise_kept_percent == summary.mean_promised_lead_s == 0
        assert summary.unit_cost_ratio == summary.max_tardiness_s == 0


@given(
    st.lists(st.tuples(st.integers(1, 400_000), st.integers(1, 400_000)), min_size=1, max_size=20)
)
def test_the_yardstick_keeps_at_least_the_same_share(leads) -> None:
    summary = table([delivered(k, due=due, ended=ended) for k, (due, ended) in enumerate(leads)])
    assert summary.fixed_policy_kept_percent >= summary.promise_kept_percent - 1e-9
    late = [max(0, ended - due) for due, ended in leads]
    assert summary.max_tardiness_s == max(late)
    assert summary.promise_kept_percent == pytest.approx(100 * late.count(0) / len(late))
