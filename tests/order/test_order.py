"""The one table of legal states, and release by booked start under a WIP limit."""

import dataclasses
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import open_example, quote_for
from unikat.errors import IllegalState, QuoteExpired
from unikat.order.model import OrderState
from unikat.order.order import LEGAL_STATES, move_order, place_order, read_order
from unikat.terms import CustomerId, OrderId


@pytest.fixture(scope="module")
def offer():
    return quote_for(open_example().site)


@pytest.fixture(scope="module")
def order(offer):
    return read_order(place_order(offer, offer.promise, CustomerId("a"), now=offer.asked_at))


@pytest.mark.parametrize(("before", "after"), tuple(product(OrderState, OrderState)))
def test_an_order_moves_along_the_table_and_nowhere_else(order, before, after) -> None:
    standing = dataclasses.replace(order, state=before)
    if (before, after) in LEGAL_STATES:
        moved = move_order(standing, after, at=9)
        assert moved.state is after
        assert (moved.ended_at is not None) == (
            after in (OrderState.DELIVERED, OrderState.CANCELLED)
        )
    else:
        with pytest.raises(IllegalState, match=str(order.id)):
            move_order(standing, after, at=9)


@given(st.lists(st.sampled_from(OrderState), max_size=8))
def test_no_path_leaves_an_ended_order(path) -> None:
    state = OrderState.PLACED
    for wanted in path:
        ended = state in (OrderState.DELIVERED, OrderState.CANCELLED)
        if (state, wanted) in LEGAL_STATES:
            assert not ended
            state = wanted


def test_an_order_says_what_its_quote_said(offer, order) -> None:
    assert order.id == OrderId("O" + offer.id[1:])
    assert (order.due, order.finish) == (offer.promise.due, offer.promise.finish)
    assert order.price == offer.price
    assert order.variant == offer.variant


def test_a_quote_is_no_order_after_its_validity(offer) -> None:
    with pytest.raises(QuoteExpired, match=str(offer.id)):
        place_order(offer, offer.promise, CustomerId("a"), now=offer.valid_until + 1)
