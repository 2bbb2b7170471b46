"""Quotes, holds and orders over one capacity: no second is promised twice, nothing is lost."""

import contextlib
import dataclasses

import pytest

from sites import MONDAY_6, open_example, persons, quote_for
from unikat.capacity.model import Stop
from unikat.configure.choice import choose_all, complete
from unikat.errors import (
    CapacityTaken,
    IllegalState,
    InvalidMeasurements,
    QuoteExpired,
    UnknownOrder,
    UnknownQuote,
)
from unikat.events import HoldDropped, Message, OrderPlaced
from unikat.flow import accept, cancel, drop, hold, quote, record, what_if
from unikat.order.model import OrderState
from unikat.rehearse import VirtualClock
from unikat.shop import operate
from unikat.state import find_order
from unikat.terms import HOUR, CustomerId, OrderId, QuoteId, UnitId
from unikat.twin.scenario import Scenario

ANNA = CustomerId("anna")


def overlaps(bookings) -> list:
    by_unit: dict = {}
    for b in bookings:
        by_unit.setdefault(b.unit, {})[b.build or (b.order, b.step)] = (b.setup_start, b.finish)
    return [
        (unit, one, other)
        for unit, spans in by_unit.items()
        for one, other in zip(sorted(spans.values()), sorted(spans.values())[1:], strict=False)
        if other[0] < one[1]
    ]


def test_rival_quotes_never_get_the_same_seconds() -> None:
    site = open_example().site
    offers = [quote_for(site, person, Foam=True, FoamFirm=True) for person in range(12)]
    starts = {offer.promise.bookings[0].start for offer in offers}
    assert len(starts) == 1, "the rivals were promised the very same mill"
    accepted = []
    for offer in offers:
        with contextlib.suppress(CapacityTaken):
            accepted.append(accept(site, offer.id, ANNA))
    assert accepted
    assert overlaps(site.state().bookings.values()) == []


def test_a_moved_capacity_is_promised_again_and_keeps_the_date_the_shopper_saw() -> None:
    site = open_example().site
    slow, fast = quote_for(site, 0, Foam=True), quote_for(site, 1, Foam=True)
    accept(site, fast.id, ANNA)
    try:
        order = accept(site, slow.id, ANNA)
    except CapacityTaken:
        again = quote_for(site, 0, Foam=True)
        order = accept(site, again.id, ANNA)
        assert order.due == again.promise.due
    else:
        assert order.due == slow.promise.due
    assert overlaps(site.state().bookings.values()) == []


def test_accepting_a_quote_twice_is_one_order() -> None:
    site = open_example().site
    offer = quote_for(site)
    assert accept(site, offer.id, ANNA) == accept(site, offer.id, ANNA)
    assert sum(isinstance(e.event, OrderPlaced) for e in site.log.read()) == 1


def test_an_expired_quote_changes_nothing() -> None:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    offer = quote_for(site)
    clock.instant = offer.valid_until + 1
    with pytest.raises(QuoteExpired, match="ask for a new quote"):
        accept(site, offer.id, ANNA)
    assert site.log.head() == 0


def test_a_held_quote_keeps_its_seconds_from_rivals_until_dropped() -> None:
    site = open_example().site
    held = hold(site, quote_for(site, 0, Foam=True).id, seconds=7_200)
    rival = quote_for(site, 0, Foam=True)
    assert not set(rival.promise.bookings) & set(held.promise.bookings)
    assert rival.promise.finish > held.promise.finish
    drop(site, held.id)
    assert quote_for(site, 0, Foam=True).promise.finish == held.promise.finish


def test_a_hold_expires_and_its_seconds_come_back() -> None:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    held = hold(site, quote_for(site).id, seconds=600)
    assert site.state().holds
    clock.instant += 601
    operate(site)
    assert not site.state().holds
    assert not site.state().held
    with pytest.raises(QuoteExpired):
        accept(site, held.id, ANNA)


def test_a_hold_becomes_the_order_with_its_very_bookings() -> None:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    held = hold(site, quote_for(site).id, seconds=7_200)
    clock.instant += 3_600
    order = accept(site, held.id, ANNA)
    assert order.due == held.promise.due
    assert {b for (o, _), b in site.state().bookings.items() if o == order.id} == set(
        held.promise.bookings
    )
    assert any(isinstance(e.event, HoldDropped) for e in site.log.read())


def test_cancelling_frees_the_capacity_and_only_before_the_start() -> None:
    site = open_example().site
    offer = quote_for(site, Foam=True)
    order = accept(site, offer.id, ANNA)
    assert cancel(site, order.id, "changed her mind").state is OrderState.CANCELLED
    assert not site.state().bookings
    assert quote_for(site, Foam=True).promise.finish == offer.promise.finish
    with pytest.raises(IllegalState, match="cancelled"):
        cancel(site, order.id, "again")


def test_unknown_ids_are_named() -> None:
    site = open_example().site
    with pytest.raises(UnknownQuote, match="Q-nobody"):
        accept(site, QuoteId("Q-nobody"), ANNA)
    with pytest.raises(UnknownOrder, match="O-nobody"):
        find_order(site.state(), OrderId("O-nobody"))


@pytest.mark.parametrize("length", [float("nan"), float("inf"), 150.0, 999.0])
def test_a_foot_out_of_range_gets_no_quote(length: float) -> None:
    site = open_example().site
    configuration = complete(choose_all(site.family, {}))
    with pytest.raises(InvalidMeasurements, match="foot_length"):
        quote(site, configuration, {**persons()[0], "foot_length": length})
    assert site.log.head() == 0


def test_a_bad_message_is_quarantined_and_the_good_ones_are_recorded_once() -> None:
    site = open_example().site
    body = {"type": "unit_restarted", "unit": "M1"}
    good = Message("edge-1", 1, 1, MONDAY_6, body)
    bad = dataclasses.replace(good, seq=2, body={"type": "nonsense"})
    results = record(site, (good, bad, good))
    assert results[0] == "recorded"
    assert results[1].startswith("quarantined: ")
    assert results[2] == "duplicate"
    assert record(site, (good,)) == ("duplicate",)
    assert [message for message, _ in site.quarantine.list()] == [bad]
    assert site.log.head() == 1


def test_what_if_publishes_nothing_and_names_what_would_be_late() -> None:
    site = open_example().site
    for person in range(6):
        accept(site, quote_for(site, person, Foam=True).id, ANNA)
    hold(site, quote_for(site, 6, Foam=True).id, seconds=600)
    head, state, now = site.log.head(), site.state(), site.clock.now()
    stopped = Scenario("the mill stops", (Stop(UnitId("M1"), now, now + 48 * HOUR),))
    found = what_if(site, stopped, seed=1, replications=50)
    assert site.log.head() == head
    assert site.state() == state
    assert {each.order_id for each in found.orders} == set(state.orders)
    assert set(found.newly_late) == set(state.orders)
    assert found.delay.low > 24 * HOUR
    assert found == what_if(site, stopped, seed=1, replications=50)
    assert what_if(site, Scenario("nothing"), seed=1, replications=50).delay.high == 0
