"""The fixed-lead yardstick: the shortest lead times that keep a share, by routing."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from sites import models, open_example, quote_for
from unikat.insight.fixed_lead import routing_of, tune_fixed_lead
from unikat.order.order import place_order, read_order
from unikat.terms import HOUR, CustomerId, OrderId

MONDAY_6 = 6 * HOUR


def orders_with(leads: list[tuple[int, int]]) -> list:
    """Orders asked for on Monday at six, when the shift begins, delivered some seconds later."""
    site = open_example().site
    offers = [quote_for(site, 0, Foam=True), quote_for(site, 0, Powder=True)]
    return [
        dataclasses.replace(
            read_order(place_order(offers[k], offers[k].promise, CustomerId("c"), now=0)),
            id=OrderId(f"O-{n}"),
            asked_at=MONDAY_6,
            ended_at=MONDAY_6 + lead,
        )
        for n, (k, lead) in enumerate(leads)
    ]


def test_the_published_quantile_by_hand() -> None:
    fixed = tune_fixed_lead(
        models().plant, orders_with([(0, lead) for lead in (10, 20, 30, 40)]), kept=0.75
    )
    assert fixed.leads == {"mill_foam": 30}
    assert (fixed.mean_lead_s, fixed.kept) == (30, 0.75)


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(1, 1_000)), min_size=1, max_size=30),
    st.floats(0.01, 1.0),
)
def test_it_keeps_the_share_and_a_second_less_would_not(leads, kept) -> None:
    orders = orders_with(leads)
    fixed = tune_fixed_lead(models().plant, orders, kept=kept)
    for routing, lead in fixed.leads.items():
        actual = [order.ended_at - MONDAY_6 for order in orders if routing_of(order) == routing]
        assert sum(value <= lead for value in actual) >= kept * len(actual) - 1e-9
        assert sum(value <= lead - 1 for value in actual) < kept * len(actual)


def test_a_night_is_no_lead_time() -> None:
    """Two hours of work over a night are 2 h for the ERP, and 10 h for its customer."""
    orders = orders_with([(0, 2 * HOUR)])
    evening = [
        dataclasses.replace(order, asked_at=21 * HOUR, ended_at=31 * HOUR) for order in orders
    ]
    fixed = tune_fixed_lead(models().plant, evening, kept=1.0)
    assert fixed.leads == {"mill_foam": 2 * HOUR}
    assert fixed.mean_lead_s == 10 * HOUR
