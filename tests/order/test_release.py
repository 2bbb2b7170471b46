"""Release: the earliest booked start first, near its start, under the WIP limit."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from sites import open_example, quote_for
from unikat.order.model import OrderState
from unikat.order.order import place_order, read_order
from unikat.order.release import IN_SHOP, orders_to_release
from unikat.terms import CustomerId, OrderId

OFFER = quote_for(open_example().site)
ORDER = read_order(place_order(OFFER, OFFER.promise, CustomerId("a"), now=OFFER.asked_at))


@given(
    st.lists(st.tuples(st.sampled_from(OrderState), st.integers(0, 100)), max_size=12),
    st.integers(0, 100),
    st.integers(0, 30),
    st.integers(1, 8),
)
def test_release_keeps_the_limit_the_window_and_the_sequence(rows, now, ahead, limit) -> None:
    orders = [
        dataclasses.replace(ORDER, id=OrderId(f"O-{k:02d}"), state=state)
        for k, (state, _) in enumerate(rows)
    ]
    starts = {order.id: start for order, (_, start) in zip(orders, rows, strict=True)}
    released = orders_to_release(orders, starts, now=now, ahead_s=ahead, wip_limit=limit)
    states = {order.id: order.state for order in orders}
    in_shop = sum(state in IN_SHOP for state in states.values())
    assert all(states[o] is OrderState.PLACED and starts[o] <= now + ahead for o in released)
    assert not released or in_shop + len(released) <= limit
    assert [starts[o] for o in released] == sorted(starts[o] for o in released)
    waiting = [
        o
        for o, state in states.items()
        if state is OrderState.PLACED and starts[o] <= now + ahead and o not in released
    ]
    assert not waiting or in_shop + len(released) >= limit


def test_an_order_without_bookings_is_not_released() -> None:
    assert orders_to_release([ORDER], {}, now=10**9, ahead_s=0, wip_limit=5) == ()
