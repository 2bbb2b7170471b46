"""What is stored reads back as the same value."""

import math
from dataclasses import dataclass, replace
from types import MappingProxyType

import pytest
from hypothesis import given

from store_strategies import values
from unikat.edge.store.codec import decode_event, decode_quote, encode_event, encode_quote
from unikat.errors import StoreFailure
from unikat.events import EVENT_TYPES, ForecastMade, OrderForecast, OrderPlaced, OrderReleased
from unikat.order.model import Quote


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_event_reads_back_as_it_was_written(name):
    @given(values(EVENT_TYPES[name]))
    def reads_back(event):
        written = encode_event(event)
        assert written[0] == name
        assert repr(decode_event(*written)) == repr(event)

    reads_back()


@given(values(Quote))
def test_every_quote_reads_back_as_it_was_written(quote):
    assert decode_quote(encode_quote(quote)) == quote


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@given(event=values(OrderPlaced))
def test_a_number_that_is_not_finite_is_refused_before_it_is_stored(number, event):
    with pytest.raises(StoreFailure, match="finite"):
        encode_event(replace(event, measurements={"length": number}))


@given(event=values(OrderPlaced))
def test_any_kind_of_mapping_can_be_stored(event):
    frozen = replace(event, picks=MappingProxyType(event.picks))
    assert decode_event(*encode_event(frozen)) == event


def test_an_event_type_without_a_name_is_refused():
    @dataclass(frozen=True)
    class Unheard:
        at: int

    with pytest.raises(StoreFailure, match="Unheard is no event type"):
        encode_event(Unheard(1))


@pytest.mark.parametrize(
    ("name", "version", "body"),
    [
        ("OrderReleased", 2, '{"at":1,"order_id":"O-1"}'),
        ("OrderEaten", 1, "{}"),
        ("OrderReleased", 1, '{"at":1}'),
        ("OrderReleased", 1, '{"at":'),
    ],
)
def test_what_cannot_be_read_says_so(name, version, body):
    with pytest.raises(StoreFailure, match=name):
        decode_event(name, version, body)


def test_a_body_of_today_stays_readable():
    order = '{"order_id":"O-1","p10":1,"p50":2,"p90":3,"p_on_time":0.5}'
    stored = f'{{"at":5,"seed":1,"replications":2,"orders":[{order}]}}'
    forecast = ForecastMade(5, 1, 2, (OrderForecast("O-1", 1, 2, 3, 0.5),))
    assert decode_event("ForecastMade", 1, stored) == forecast
    assert decode_event("OrderReleased", 1, '{"at":1,"order_id":"O-1"}') == OrderReleased(1, "O-1")
