"""What every quote book promises, in memory and on disk."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given

from store_fixtures import STORES, opened
from store_strategies import values
from unikat.capacity.model import Booking
from unikat.configure.model import Configuration, Price, PriceLine, Variant
from unikat.errors import UnknownQuote
from unikat.order.model import Quote
from unikat.promise.model import Promise, Reason
from unikat.rehearse import VirtualClock
from unikat.terms import DAY, HOUR

BOOKING = Booking("O-1", "print", "printer-1", 5, 10, 20, None, (), None, 5)
QUOTE = Quote(
    id="Q-1",
    order_id="O-1",
    picks={"cover": "leather", "sport": True},
    measurements={"length": 251.5},
    configuration=Configuration("insole", 1, frozenset({"cover"}), (), (), "abc"),
    variant=Variant("abc", (), ()),
    price=Price((PriceLine("insole", 5_900),), 5_900),
    promise=Promise(40, 20, 0.95, (BOOKING,), 3, (Reason("work", "printer-1", 20),)),
    asked_at=0,
    valid_until=HOUR,
)


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture(params=STORES)
def quotes(request, tmp_path, clock):
    with opened(request.param, tmp_path, clock) as store:
        yield store.quotes


def test_a_saved_quote_is_found_at_once(quotes):
    quotes.save(QUOTE)
    assert quotes.find("Q-1") == QUOTE


def test_a_quote_saved_again_replaces_the_earlier_one(quotes):
    quotes.save(QUOTE)
    held = replace(QUOTE, hold="H-1")
    quotes.save(held)
    assert quotes.find("Q-1") == held


def test_an_unknown_quote_says_what_to_do(quotes):
    with pytest.raises(UnknownQuote, match="ask for a new one"):
        quotes.find("Q-2")


def test_an_expired_quote_is_still_found_for_a_day_then_forgotten(quotes, clock):
    quotes.save(QUOTE)
    clock.instant = HOUR + DAY - 1
    quotes.save(replace(QUOTE, id="Q-2", valid_until=clock.now() + HOUR))
    assert quotes.find("Q-1") == QUOTE
    clock.instant += 2 * HOUR
    quotes.save(replace(QUOTE, id="Q-3", valid_until=clock.now() + HOUR))
    _wait_until_forgotten(quotes, "Q-1")
    assert quotes.find("Q-2").id == "Q-2"


def test_the_quotes_that_can_be_accepted_are_listed_by_id(quotes):
    for name, until in (("Q-3", HOUR), ("Q-1", 2 * HOUR), ("Q-2", HOUR - 1)):
        quotes.save(replace(QUOTE, id=name, valid_until=until))
    assert [quote.id for quote in quotes.list(valid_at=HOUR)] == ["Q-1", "Q-3"]
    assert quotes.list(valid_at=2 * HOUR + 1) == ()


def test_listed_are_also_those_on_disk_and_the_newest_of_each(tmp_path, clock):
    with opened("sqlite", tmp_path, clock) as store:
        store.quotes.save(QUOTE)
    with opened("sqlite", tmp_path, clock) as store:
        held = replace(QUOTE, hold="H-1", valid_until=2 * HOUR)
        store.quotes.save(held)
        store.quotes.save(replace(QUOTE, id="Q-2"))
        assert store.quotes.list(valid_at=HOUR) == (held, replace(QUOTE, id="Q-2"))


def test_quotes_of_many_threads_are_all_found(quotes):
    def ask(thread):
        for turn in range(50):
            quote = replace(QUOTE, id=f"Q-{thread}-{turn}")
            quotes.save(quote)
            assert quotes.find(quote.id) == quote

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    assert all(quotes.find(f"Q-{i}-{j}") for i in range(4) for j in range(50))


def test_quotes_on_disk_are_found_after_the_store_was_closed(tmp_path, clock):
    @given(values(Quote).map(lambda quote: replace(quote, valid_until=clock.now() + HOUR)))
    def stays(quote):
        with opened("sqlite", tmp_path, clock) as store:
            store.quotes.save(quote)
        with opened("sqlite", tmp_path, clock) as store:
            assert store.quotes.find(quote.id) == quote

    stays()


def _wait_until_forgotten(quotes, quote_id):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            quotes.find(quote_id)
        except UnknownQuote:
            return
        time.sleep(0.02)
    pytest.fail(f"{quote_id} is still there")
